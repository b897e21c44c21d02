import { type ScenarioErrorCode, StalemateError } from "../errors.ts";
import { placeIn, type Source, spanOf } from "./source.ts";

const WIDTH = 120;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal would not print
const CONTROLS = /[\x00-\x1f\x7f]/g;

/** What is wrong, and where: the file, the line with a mark under the place, and what to do about it. */
export function problemAt(
	source: Source,
	offset: number,
	code: ScenarioErrorCode,
	message: string,
	hint?: string,
	length = 1,
): StalemateError {
	const { line, column, text } = placeIn(source, offset);
	const { file } = source;
	// Only the part of a long line around the place.
	const from = Math.max(0, column - 1 - WIDTH / 2);
	const part = text.slice(from, from + WIDTH);
	const marks = "^".repeat(Math.max(1, Math.min(length, from + part.length - column + 1)));
	const shown = [part.replace(CONTROLS, " "), " ".repeat(column - 1 - from) + marks].map((row) => `  ${row}`);
	const full = [`${file ?? "scenario"}:${line}:${column}: ${message}`, ...shown, ...(hint ? [hint] : [])].join("\n");
	return new StalemateError(code, full, { ...(file !== undefined && { file }), offset, line, column });
}

/** The same for a part of the scenario, in whichever text it stands; the mark goes under `word` where the part's text has it. */
export function problemIn(
	source: Source,
	part: object | undefined,
	code: ScenarioErrorCode,
	message: string,
	{ word, hint }: { word?: string | undefined; hint?: string | undefined } = {},
): StalemateError {
	const span = part && spanOf(part);
	if (!span) return problemAt(source, 0, code, message, hint);
	const { text: all } = span.source;
	const text = all.slice(span.from, span.to);
	const found = word === undefined ? -1 : wordIn(text, word);
	if (found >= 0) return problemAt(span.source, span.from + found, code, message, hint, word!.length);
	return problemAt(span.source, span.from, code, message, hint, text.split("\n", 1)[0]!.length);
}

const LETTER = /[\w-]/;

/** Where a word stands alone in a text; -1: nowhere. */
function wordIn(text: string, word: string): number {
	for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
		const before = at > 0 && LETTER.test(text[at - 1]!);
		const after = at + word.length < text.length && LETTER.test(text[at + word.length]!);
		if (!before && !after) return at;
	}
	return -1;
}
