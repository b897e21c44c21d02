import type { Stream } from "../../bindings/stack.ts";
import { StalemateError } from "../errors.ts";
import { quote } from "../profiles/nearest.ts";
import { formatBytes } from "../profiles/size.ts";

export function bad(path: string, reason: string): StalemateError {
	return new StalemateError("BAD_OPTION", `${path}: ${reason}`, { path });
}

/** Throws BAD_OPTION when there is an option that does not exist. */
export function checkNames(options: unknown, names: readonly string[], path = ""): void {
	if (typeof options !== "object" || options === null || Array.isArray(options)) {
		throw bad(path || "options", `must be an object with ${names.join(", ")}`);
	}
	for (const name of Object.keys(options)) {
		if (!names.includes(name))
			throw bad(path ? `${path}.${name}` : name, `no such option: there are ${names.join(", ")}`);
	}
}

/** A whole number from `least` to `most`. */
export function checkWhole(value: unknown, path: string, least: number, most: number): number {
	if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
	throw bad(path, `must be a whole number from ${least} to ${most}, not ${quote(value)}`);
}

/** A power of two from `least` to `most`. */
export function checkPower(value: unknown, path: string, least: number, most: number): number {
	const whole = typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
	if (whole && Number.isInteger(Math.log2(value))) return value;
	throw bad(path, `must be a power of two from ${least} to ${most}, not ${quote(value)}`);
}

/** A list of powers of two; ascending and each once, whatever the order they were given in. */
export function checkPowers(values: unknown, path: string, least: number, most: number): number[] {
	if (!Array.isArray(values) || values.length === 0) {
		throw bad(path, `must be a list of powers of two from ${least} to ${most}, not ${quote(values)}`);
	}
	const checked = values.map((value, i) => checkPower(value, `${path}.${i}`, least, most));
	return [...new Set(checked)].sort((a, b) => a - b);
}

export function checkStream(value: unknown, path: string): Stream {
	if (value === undefined) return "unified";
	if (value === "unified" || value === "fetch" || value === "data") return value;
	throw bad(path, `must be "unified", "fetch" or "data", not ${quote(value)}`);
}

/** Throws BAD_OPTION when more memory would be needed than is allowed. */
export function checkMemory(path: string, bytes: number, most: number, less: string): void {
	if (bytes <= most) return;
	throw bad(path, `would take ${formatBytes(bytes)}, and at most ${formatBytes(most)} are allowed: ${less}`);
}

/** Bytes of the longest line: a huge page. */
export const MOST_LINE = 2 ** 30;
