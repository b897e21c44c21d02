import { type ErrorCode, type ErrorPlace, StalemateError } from "../errors.ts";

/** A place in the text, from 1. */
export interface Position {
	line: number;
	column: number;
}

export interface Text {
	text: string;
	file: string | undefined;
}

const WIDTH = 100;

export type LitmusCode = Extract<ErrorCode, `LITMUS_${string}`>;

/** An error that shows the line it is about with a caret under the place. */
export function litmusError(code: LitmusCode, source: Text, at: Position, what: string, hint?: string): StalemateError {
	const place: ErrorPlace = { line: at.line, column: at.column };
	if (source.file !== undefined) place.file = source.file;
	const where = `${source.file ?? "litmus test"}, line ${at.line}, column ${at.column}`;
	const line = source.text.split("\n")[at.line - 1] ?? "";
	// Only the part of a long line around the place.
	const from = Math.max(0, at.column - 1 - WIDTH / 2);
	const shown = line.slice(from, from + WIDTH).replace(/\r$/, "");
	const before = shown.slice(0, at.column - 1 - from).replace(/[^\t]/g, " ");
	// What was found may be as long as the file.
	const told = what.length > 2 * WIDTH ? `${what.slice(0, 2 * WIDTH)}…` : what;
	const lines = [`${where}: ${told}`, shown, `${before}^`];
	if (hint !== undefined) lines.push(hint);
	return new StalemateError(code, lines.join("\n"), place);
}
