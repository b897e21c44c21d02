import { StalemateError } from "../errors.ts";
import { explain, Fault, leaf, must, number, type Rule } from "./shape.ts";

/** An option that cannot be: the message is its path and `what`. */
export function badOption(path: string, what: string, cause?: unknown): StalemateError {
	return new StalemateError("BAD_OPTION", `${path} ${what}`, { path }, { cause });
}

/** What a rule makes of options, or of the one that `path` names; else BAD_OPTION. */
export function optionsOf<T>(rule: Rule<T>, given: unknown, path = ""): T {
	try {
		return rule.read(given, []);
	} catch (cause) {
		if (!(cause instanceof Fault)) throw cause;
		const whole = path || "options";
		throw new StalemateError("BAD_OPTION", explain(cause, given, rule, whole), { path: cause.path.join(".") || whole });
	}
}

/** The same, where all may be left out: no rule is made then, which a first run would wait for. */
export function optional<T>(rule: () => Rule<T>, given: unknown): T {
	return given === undefined ? ({} as T) : optionsOf(rule(), given);
}

/** A whole number from `least` to `most`, else BAD_OPTION. */
export function whole(path: string, value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): number {
	// Traces of one's own are checked number by number: a rule is only made to say what is wrong.
	if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
	return optionsOf(number({ least, most }), value, path);
}

/** A function. */
export function callable<F>(): Rule<F> {
	return leaf((value, path) => {
		must(typeof value === "function", path, "must be a function");
		return value as F;
	});
}

/** A time limit. */
export function seconds(): Rule<number> {
	return leaf((value, path) => {
		must(typeof value === "number" && value > 0, path, "must be a number of seconds above 0");
		return value;
	});
}

/** An AbortSignal, of whatever realm. */
export function signal(): Rule<AbortSignal> {
	return leaf((value, path) => {
		const aborted = typeof value === "object" && value !== null && "aborted" in value;
		must(aborted, path, "must be an AbortSignal");
		return value as unknown as AbortSignal;
	});
}

/** What makes chance repeat itself: a number or bigint from 0 on. */
export function seed(): Rule<bigint> {
	const plain = number({ most: Number.MAX_SAFE_INTEGER });
	return leaf((value, path) => {
		if (typeof value !== "bigint") return BigInt(plain.read(value, path));
		must(value >= 0n && value >> 64n === 0n, path, "must be from 0 to 2^64 - 1");
		return value;
	});
}
