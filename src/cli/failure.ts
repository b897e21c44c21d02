import { StalemateError } from "../index.ts";
import { err, note } from "./terminal.ts";

/** Exit codes: the call or its input is wrong, and what shells give a program that Ctrl-C ended. */
export const WRONG = 2;
const INTERRUPTED = 130;

/** Tells an error on standard error, in one line or as JSON, and sets the exit code. */
export function fail(error: unknown, json: boolean): void {
	if (isBrokenPipe(error)) return;
	const told = asStalemateError(error);
	process.exitCode = told?.code === "CANCELLED" ? INTERRUPTED : WRONG;
	const message = told ? oneLine(told.message) : "";
	if (told && json) note(JSON.stringify({ error: { code: told.code, message, place: told.place } }));
	// A mark under the place is in its own line.
	else if (told) note(`${err.red(`error[${told.code}]:`)} ${told.place.column === undefined ? message : told.message}`);
	else if (json) note(JSON.stringify({ error: { code: "INTERNAL", message: String(error), place: {} } }));
	// A fault of this program: whoever reports it needs all of it.
	else
		note(`${err.red("error[INTERNAL]:")} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}

function asStalemateError(error: unknown): StalemateError | undefined {
	if (error instanceof StalemateError) return error;
	// citty's own complaints: an argument that is missing.
	if (error instanceof Error && error.name === "CLIError") return new StalemateError("BAD_OPTION", error.message);
	return undefined;
}

function oneLine(text: string): string {
	return text.replace(/\s*\n\s*/g, " ");
}

function isBrokenPipe(error: unknown): boolean {
	for (let cause = error; cause instanceof Error; cause = cause.cause) {
		if ((cause as NodeJS.ErrnoException).code === "EPIPE") return true;
	}
	return false;
}
