/** Stable codes of everything that can go wrong; messages may change, codes do not. */
export type ErrorCode =
	| "BAD_TRACE"
	| "BAD_FORMAT"
	| "BAD_COMPRESSION"
	| "BAD_PROFILE"
	| "UNKNOWN_PROFILE"
	| "BAD_OPTION"
	| "LITMUS_SYNTAX"
	| "LITMUS_ARCHITECTURE"
	| "LITMUS_INSTRUCTION"
	| "LITMUS_OPERAND"
	| "LITMUS_NAME"
	| "LITMUS_VALUES"
	| "LITMUS_TOO_LARGE"
	| "BAD_WASM"
	| "WASM_MISMATCH"
	| "OUT_OF_MEMORY"
	| "IO"
	| "CANCELLED"
	/** A sweep specification, or an axis of it, is wrong. */
	| "BAD_SWEEP"
	/** The folder of a sweep is not one, is another's, or lacks what it should have. */
	| "BAD_JOURNAL"
	/** A file that is to be reported is no result, or not a whole one. */
	| "BAD_RESULT"
	| ScenarioErrorCode;

/** What can be wrong with a scenario. */
export type ScenarioErrorCode =
	/** The text is no sentence of the language. */
	| "SCENARIO_SYNTAX"
	/** A name that stands for nothing, or for two things. */
	| "SCENARIO_NAME"
	/** A thing of one kind where another is needed. */
	| "SCENARIO_TYPE"
	/** Statements that can never make a step, or never an end. */
	| "SCENARIO_LOOP"
	/** An expectation that no run can meet. */
	| "SCENARIO_EXPECT"
	/** A parameter or a value of it that the scenario does not have. */
	| "SCENARIO_PARAM"
	/** More than the stated limits. */
	| "SCENARIO_LIMIT"
	/** JSON that is not the form of a scenario. */
	| "SCENARIO_JSON"
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
	/** Bytes of the compressed input that were read before the error was found, where it is compressed. */
	compressed?: number;
	/** Line number, 1-based (text formats). */
	line?: number;
	/** Column in that line, 1-based (scenarios, litmus files). */
	column?: number;
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
