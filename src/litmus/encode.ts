// Registers and variables of a Program hold bytes; a test's values are of 64 bits. Few of them occur, so they fit.

import { observedPlaces } from "./condition.ts";
import { isOneRegister, isZeroing, knownRegisters } from "./known.ts";
import type { Constant, Litmus, LitmusInstruction, LitmusThread, Operand } from "./litmus.ts";
import { litmusError } from "./problem.ts";
import { accumulator } from "./registers.ts";
import { typed } from "./types.ts";

export interface Encoding {
	encode(value: Constant): number;
	decode(byte: number): Constant;
	/** Bytes are two's complement: compared with the sign bit inverted. */
	signed: boolean;
}

const BYTES = 256;

/**
 * Without arithmetic, any 256 values in any order-keeping way; themselves if they are 0 to 255. With arithmetic, which
 * is modulo 256, only themselves (0 to 255, or -128 to 127), and only if no result can leave that range.
 */
export function encodingOf(litmus: Litmus): Encoding {
	const values = constantsOf(litmus);
	const numbers = [...values].filter((value) => typeof value === "bigint");
	const symbols = [...values].filter((value) => typeof value === "string");
	let [low, high] = [min(numbers), max(numbers)];
	checkWidths(litmus, low, high);
	const sums = litmus.threads.flatMap((thread) => arithmeticOf(thread, litmus));
	if (sums.length > 0) {
		if (symbols.length > 0) {
			throw valuesError(litmus, sums[0]!.instruction, `arithmetic beside the address of ${symbols[0]} used as a value`);
		}
		[low, high] = boundsOf(litmus, sums, low, high);
	}
	if (symbols.length === 0 && low >= 0n && high <= 255n) {
		return { encode: (value) => Number(value), decode: (byte) => BigInt(byte), signed: false };
	}
	if (sums.length > 0) {
		return {
			encode: (value) => Number(BigInt.asUintN(8, value as bigint)),
			decode: (byte) => BigInt.asIntN(8, BigInt(byte)),
			signed: true,
		};
	}
	const table: Constant[] = [...sorted(numbers), ...symbols.sort()];
	if (table.length > BYTES) {
		const what = `${table.length} different values; there is room for ${BYTES}`;
		throw litmusError("LITMUS_TOO_LARGE", litmus, { line: 1, column: 1 }, what);
	}
	const bytes = new Map(table.map((value, byte) => [value, byte]));
	return { encode: (value) => bytes.get(value)!, decode: (byte) => table[byte]!, signed: false };
}

/** Registers that hold nothing but an address that is only gone through need no value. */
export function isValued(thread: LitmusThread, register: string, litmus: Litmus): boolean {
	if (typeof thread.initial.get(register) !== "string") return true;
	const isRead = (operand: Operand | string) =>
		typeof operand === "string" ? operand === register : operand.is === "register" && operand.name === register;
	return (
		thread.code.some((of) => "to" in of && (isRead(of.from) || (of.op !== "move" && isRead(of.to)))) ||
		thread.code.some((of) => of.op === "compare-exchange" && register === accumulator(litmus.architecture)) ||
		observedPlaces(litmus).some(
			(place) => "register" in place && place.thread === thread.number && place.register === register,
		)
	);
}

/** Everything that a place can hold unless it is computed; always 0. */
function constantsOf(litmus: Litmus): Set<Constant> {
	const values = new Set<Constant>([0n]);
	for (const { initial, type } of litmus.variables.values()) values.add(typed(initial, type, litmus));
	for (const thread of litmus.threads) {
		for (const [register, value] of thread.initial) {
			if (!isValued(thread, register, litmus)) continue;
			values.add(typed(value, thread.types.get(register), litmus));
		}
		for (const of of thread.code) {
			for (const operand of "to" in of ? [of.to, of.from] : []) {
				if (typeof operand === "string" || operand.is !== "constant") continue;
				values.add(typed(operand.value, undefined, litmus));
			}
		}
	}
	return values;
}

/** A place is one value, so that accesses of different widths must not make a difference. */
function checkWidths(litmus: Litmus, low: bigint, high: bigint): void {
	for (const thread of litmus.threads) {
		for (const instruction of thread.code) {
			const { bits } = instruction;
			if (bits === undefined) continue;
			const half = 1n << BigInt(bits - 1);
			const wide = low < -half ? low : high >= (low < 0n ? half : 2n * half) ? high : undefined;
			if (wide !== undefined) {
				throw valuesError(litmus, instruction, `an access of ${bits} bits in a test where ${wide} occurs`);
			}
		}
	}
	if (low >= 0n) return;
	const widths = new Map<string, number>();
	for (const [i, thread] of litmus.threads.entries()) {
		for (const instruction of thread.code) {
			if (!("to" in instruction) || instruction.bits === undefined) continue;
			const { to, from, bits } = instruction;
			for (const operand of [to, typeof from === "string" ? { is: "register" as const, name: from } : from]) {
				if (operand.is !== "register" && operand.is !== "variable") continue;
				const place = operand.is === "register" ? `${i}:${operand.name}` : operand.name;
				if ((widths.get(place) ?? bits) !== bits) {
					const what = `${operand.name} is accessed with different widths in a test with negative values`;
					throw valuesError(litmus, instruction, what);
				}
				widths.set(place, bits);
			}
		}
	}
}

interface Sum {
	thread: LitmusThread;
	/** Where in its code. */
	index: number;
	instruction: LitmusInstruction;
	/** What is added, or undefined: any value of the test. */
	adds: bigint | undefined;
	bitwise: boolean;
}

function arithmeticOf(thread: LitmusThread, litmus: Litmus): Sum[] {
	const known = knownRegisters(thread, accumulator(litmus.architecture));
	return thread.code.flatMap((instruction, i): Sum[] => {
		const { op } = instruction;
		const computes =
			op === "exchange-add" ||
			op === "ADD" ||
			op === "SUB" ||
			op === "AND" ||
			op === "OR" ||
			op === "XOR" ||
			op === "test";
		if (!computes || isZeroing(instruction)) return [];
		const from =
			typeof instruction.from === "string" ? ({ is: "register", name: instruction.from } as const) : instruction.from;
		if (op === "test" && isOneRegister(instruction)) return [];
		const bitwise = op === "AND" || op === "OR" || op === "XOR" || op === "test";
		const value = from.is === "constant" ? from.value : from.is === "register" ? known[i]!.get(from.name) : undefined;
		const adds = typeof value === "bigint" ? (typed(value, undefined, litmus) as bigint) : undefined;
		return [{ thread, index: i, instruction, bitwise, adds: op === "SUB" && adds !== undefined ? -adds : adds }];
	});
}

/** Between which numbers everything stays, each computation being done once, in the worst order. */
function boundsOf(litmus: Litmus, sums: Sum[], low: bigint, high: bigint): [bigint, bigint] {
	for (const thread of litmus.threads) {
		for (const [i, of] of thread.code.entries()) {
			if (of.op !== "jump") continue;
			const target = thread.labels.get(of.label)!;
			const again = sums.find((sum) => sum.thread === thread && !sum.bitwise && sum.index >= target && sum.index <= i);
			if (again) throw valuesError(litmus, again.instruction, "arithmetic in a loop, whose values have no bound");
		}
	}
	const bitwise = sums.some((sum) => sum.bitwise);
	// Bits can turn anything into all ones of its length.
	const round = () => {
		if (!bitwise) return;
		const length = BigInt(max([high, -low - 1n]).toString(2).length);
		high = (1n << length) - 1n;
		if (low < 0n) low = -(1n << length);
	};
	round();
	for (const { adds } of sums.filter((sum) => !sum.bitwise && sum.adds !== undefined)) {
		if (adds! > 0n) high += bitwise ? max([high, adds!]) : adds!;
		else low += bitwise ? min([low, adds!]) : adds!;
		round();
	}
	for (const { instruction } of sums.filter((sum) => !sum.bitwise && sum.adds === undefined)) {
		[low, high] = instruction.op === "SUB" ? [low - high, high - low] : [2n * low, 2n * high];
		round();
	}
	const fits = low >= 0n ? high <= 255n : low >= -128n && high <= 127n;
	if (!fits) {
		const what = `with this arithmetic, values may reach from ${low} to ${high}; there is room for 0 to 255 or -128 to 127`;
		throw valuesError(litmus, sums[0]!.instruction, what);
	}
	return [low, high];
}

function valuesError(litmus: Litmus, { at }: LitmusInstruction, what: string) {
	return litmusError("LITMUS_VALUES", litmus, at, what, "Smaller constants keep the shape of a test and fit.");
}

function sorted(numbers: bigint[]): bigint[] {
	return numbers.toSorted((a, b) => (a < b ? -1 : 1));
}

function min(numbers: bigint[]): bigint {
	return sorted(numbers)[0]!;
}

function max(numbers: bigint[]): bigint {
	return sorted(numbers).at(-1)!;
}
