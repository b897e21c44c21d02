import type { Stream } from "../../bindings/stack.ts";
import { leaf, list, must, number, type Rule, word } from "../input/shape.ts";

const LEAST_LINE = 8;
/** Bytes of the longest line: a huge page. */
const MOST_LINE = 2 ** 30;

/** A power of two. */
export function power(least: number, most: number): Rule<number> {
	const what = "a power of two";
	const plain = number({ least, most, what });
	return leaf((value, path) => {
		const read = plain.read(value, path);
		must(Number.isInteger(Math.log2(read)), path, `must be ${what} from ${least} to ${most}`);
		return read;
	});
}

/** Bytes of a line. */
export function lineBytes(): Rule<number> {
	return power(LEAST_LINE, MOST_LINE);
}

/** Several, ascending and each once, in whatever order they are given. */
export function ascending(of: Rule<number>): Rule<number[]> {
	const all = list(of, 10_000, 1);
	return { ...all, read: (value, path) => [...new Set(all.read(value, path))].sort((a, b) => a - b) };
}

/** Which references are seen. */
export function stream(): Rule<Stream> {
	return word("unified", "fetch", "data");
}
