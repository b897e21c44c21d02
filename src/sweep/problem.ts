import { StalemateError } from "../index.ts";

/** A specification that cannot be swept, with the place in it. */
export function badSweep(path: string, what: string, cause?: unknown): StalemateError {
	return new StalemateError("BAD_SWEEP", path ? `${path}: ${what}` : what, path ? { path } : {}, { cause });
}

/** A folder of a sweep that cannot be gone on with. */
export function badJournal(file: string, what: string): StalemateError {
	return new StalemateError("BAD_JOURNAL", `${file}: ${what}`, { file });
}

/** What fails while a file is read or written, in one line; a full disk is told as what it is. */
export function ioError(file: string, cause: unknown): StalemateError {
	if (cause instanceof StalemateError) return cause;
	const { code, message } = cause as NodeJS.ErrnoException;
	const reasons: Record<string, string> = {
		ENOENT: "there is no such file",
		EACCES: "it may not be opened",
		EISDIR: "it is a folder",
		ENOSPC: "the disk is full; what was finished is kept: make room, then go on with sweep resume",
	};
	return new StalemateError("IO", `${file}: ${reasons[code ?? ""] ?? message ?? String(cause)}`, { file }, { cause });
}
