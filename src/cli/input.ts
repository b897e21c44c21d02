import { stat, writeFile } from "node:fs/promises";
import { type ErrorCode, openTrace, StalemateError, type Trace, type TraceOptions } from "../index.ts";
import { fileBytes, standardInput } from "../trace/node.ts";

/** A trace, and how large its file is, if that is known. */
export interface Input {
	trace: Trace;
	size: number | undefined;
}

const REASONS: Record<string, string> = {
	ENOENT: "there is no such file",
	EACCES: "it may not be read",
	ENOTDIR: "there is no such file",
	ENAMETOOLONG: "there is no such file",
};

/** Opens a file, or standard input for "-". */
export async function openInput(path: string, options: TraceOptions): Promise<Input> {
	const size = path === "-" ? undefined : await sizeOf(path);
	return { trace: openTrace(path, { name: nameOf(path), ...options }), size };
}

async function sizeOf(path: string, wanted = "trace"): Promise<number | undefined> {
	const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
		throw inputError(path, REASONS[cause.code ?? ""] ?? cause.message, "IO", cause);
	});
	if (found.isDirectory()) throw inputError(path, `it is a directory, not a ${wanted}`, "IO");
	return found.isFile() ? found.size : undefined;
}

/** Files of text that people write are never so long. */
const LONGEST_TEXT = 4 * 2 ** 20;

/** The text of a file, or of standard input for "-". */
export async function readText(path: string): Promise<string> {
	const bytes = await readBytes(path, LONGEST_TEXT, "nothing that can be checked is");
	return new TextDecoder().decode(bytes);
}

/** Texts of JavaScript cannot be longer. */
const LONGEST_RESULT = 2 ** 29 - 2 ** 10;

/** All of a file, or of standard input for "-". */
export async function readBytes(path: string, most = LONGEST_RESULT, why = "no page could be"): Promise<Uint8Array> {
	if (path !== "-") await sizeOf(path, "text");
	const parts: Uint8Array[] = [];
	let length = 0;
	for await (const bytes of path === "-" ? standardInput() : fileBytes(path)) {
		parts.push(bytes.slice());
		length += bytes.length;
		if (length > most) throw inputError(nameOf(path), `it is longer than ${most} bytes, and ${why}`, "IO");
	}
	return Buffer.concat(parts);
}

/** Writes a file, over what it held. */
export async function writeText(file: string, text: string): Promise<void> {
	await writeFile(file, text).catch((cause: NodeJS.ErrnoException) => {
		throw inputError(file, `it cannot be written: ${cause.message}`, "IO", cause);
	});
}

/** What a file is called in messages. */
export function nameOf(path: string): string {
	return path === "-" ? "standard input" : path;
}

export function inputError(file: string, what: string, code: ErrorCode, cause?: unknown): StalemateError {
	return new StalemateError(code, `${file}: ${what}`, { file }, { cause });
}
