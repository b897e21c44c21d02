import type { Constant, Litmus, Place } from "./litmus.ts";

const WIDTHS: Record<string, number> = { char: 8, short: 16, int: 32, unsigned: 32, long: 64 };

/** A value as its type has it, or as a signed number of the machine's width: 0xffffffff is -1 in X86. */
export function typed(value: Constant, type: string | undefined, { architecture }: Litmus): Constant {
	if (typeof value === "string") return value;
	const [, unsigned, digits] = /^(u?)int(8|16|32|64)_t$/.exec(type ?? "") ?? [];
	const named = type !== undefined && Object.hasOwn(WIDTHS, type) ? WIDTHS[type] : undefined;
	const bits = digits === undefined ? (named ?? (architecture === "X86" ? 32 : 64)) : Number(digits);
	return unsigned || type === "unsigned" ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value);
}

/** The type that the file gives a place. */
export function typeOf(place: Place, { variables, threads }: Litmus): string | undefined {
	if ("variable" in place) return variables.get(place.variable)?.type;
	return threads.find(({ number }) => number === place.thread)?.types.get(place.register);
}
