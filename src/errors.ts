/** Stable codes of everything that can go wrong; messages may change, codes do not. */
export type ErrorCode =
	| "BAD_TRACE"
	| "BAD_FORMAT"
	| "BAD_COMPRESSION"
	| "BAD_PROFILE"
	| "UNKNOWN_PROFILE"
	| "BAD_OPTION"
	| "BAD_WASM"
	| "WASM_MISMATCH"
	| "OUT_OF_MEMORY"
	| "IO"
	| "CANCELLED"
	| "BAD_ACTION"
	| "REFUSED"
	| "UNMAPPED"
	| "ALREADY_MAPPED"
	| "FREED"
	| "BAD_SNAPSHOT";

/** Where in the input the error is, as far as it is known. */
export interface ErrorPlace {
	/** Name of the file, "-" for standard input. */
	file?: string;
	/** Byte offset from the start of the decompressed input, 0-based. */
	offset?: number;
	/** Line number, 1-based (text formats). */
	line?: number;
	/** Path in a profile or option, such as `caches.L2.ways`. */
	path?: string;
}

/** The one error type this package throws. `message` says what was wrong, where, and what to do. */
export class StalemateError extends Error {
	override readonly name = "StalemateError";
	readonly code: ErrorCode;
	readonly place: ErrorPlace;

	constructor(code: ErrorCode, message: string, place: ErrorPlace = {}, options?: ErrorOptions) {
		super(message, options);
		this.code = code;
		this.place = place;
	}
}
