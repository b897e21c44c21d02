import { stat } from "node:fs/promises";
import { type ErrorCode, openTrace, StalemateError, type Trace, type TraceOptions } from "../index.ts";
import { fileBytes, standardInput } from "../trace/node.ts";

/** A trace, how large its file is (if that is known) and how much of that was read. */
export interface Input {
	trace: Trace;
	size: number | undefined;
	read(): number;
}

const REASONS: Record<string, string> = {
	ENOENT: "there is no such file",
	EACCES: "it may not be read",
	ENOTDIR: "there is no such file",
	ENAMETOOLONG: "there is no such file",
};

/** Opens a file, or standard input for "-". */
export async function openInput(path: string, options: TraceOptions): Promise<Input> {
	let read = 0;
	const size = path === "-" ? undefined : await sizeOf(path);
	async function* counted() {
		for await (const bytes of path === "-" ? standardInput() : fileBytes(path)) {
			read += bytes.length;
			yield bytes;
		}
	}
	const name = path === "-" ? "standard input" : path;
	return { trace: openTrace(counted(), { name, ...options }), size, read: () => read };
}

async function sizeOf(path: string): Promise<number | undefined> {
	const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
		throw inputError(path, REASONS[cause.code ?? ""] ?? cause.message, "IO", cause);
	});
	if (found.isDirectory()) throw inputError(path, "it is a directory, not a trace", "IO");
	return found.isFile() ? found.size : undefined;
}

export function inputError(file: string, what: string, code: ErrorCode, cause?: unknown): StalemateError {
	return new StalemateError(code, `${file}: ${what}`, { file }, { cause });
}
