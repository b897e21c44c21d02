import type { ArgsDef } from "citty";

export const FORMATS = ["din", "lackey", "champsim", "packed"] as const;

/** The options that say how a trace is read. */
export const formatOptions = {
	format: {
		type: "string",
		valueHint: FORMATS.join("|"),
		description: "format of the trace (default: told by its content)",
	},
	"on-error": {
		type: "string",
		valueHint: "stop|skip",
		description: "at a bad line or record: stop (the default), or skip and count it",
	},
} as const satisfies ArgsDef;
