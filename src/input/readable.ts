import { optionsOf } from "./options.ts";
import { object, text } from "./shape.ts";

/** A text that is to be read, and the file that errors name. Throws BAD_OPTION. */
export function readable(given: unknown, options: unknown): { text: string; file: string | undefined } {
	const { file } = optionsOf(object({ file: text(100_000) }), options);
	return { text: optionsOf(text(Number.POSITIVE_INFINITY), given, "text"), file };
}
