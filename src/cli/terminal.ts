import { type Style, styleOf } from "../report/style.ts";

/** Styles of the two outputs: each may be a terminal or not. */
export const out: Style = styleOf(process.stdout.isTTY, process.env);
export const err: Style = styleOf(process.stderr.isTTY, process.env);

/** A result, to standard output. */
export function print(text: string): void {
	process.stdout.write(`${text}\n`);
}

/** A word to the person, to standard error. */
export function note(text: string): void {
	process.stderr.write(`${text}\n`);
}

/** Who reads our output may stop (head, less): that is no failure. Bad news of other kinds is. */
export function quietPipes(): void {
	for (const stream of [process.stdout, process.stderr]) {
		stream.on("error", (error: NodeJS.ErrnoException) => {
			if (error.code === "EPIPE") process.exit();
			throw error;
		});
	}
}
