import type { Constant, LitmusInstruction, LitmusThread, Operand } from "./litmus.ts";

export type Known = ReadonlyMap<string, Constant>;

/**
 * What is known about registers before each instruction without running anything: constants moved into them and not
 * overwritten. This is how an access through a register gets its variable.
 */
export function knownRegisters(thread: LitmusThread, accumulator: string): Known[] {
	const targets = new Set(thread.code.map((of) => (of.op === "jump" ? thread.labels.get(of.label) : undefined)));
	const changing = new Set(thread.code.flatMap((instruction) => written(instruction, accumulator)));
	const known = new Map(thread.initial);
	return thread.code.map((instruction, i) => {
		// Where control comes from elsewhere, only what never changes is known.
		if (targets.has(i)) for (const register of changing) known.delete(register);
		const before = new Map(known);
		for (const register of written(instruction, accumulator)) known.delete(register);
		const value = result(instruction, before);
		if (value !== undefined && "to" in instruction && instruction.to.is === "register") {
			known.set(instruction.to.name, value);
		}
		return before;
	});
}

/** XOR EAX,EAX and SUB EAX,EAX, which are how programs write 0. */
export function isZeroing(of: LitmusInstruction): boolean {
	return (of.op === "XOR" || of.op === "SUB") && isOneRegister(of);
}

export function isOneRegister({ to, from }: { to: Operand; from: Operand }): boolean {
	return to.is === "register" && from.is === "register" && to.name === from.name;
}

function result(of: LitmusInstruction, known: Known): Constant | undefined {
	if (isZeroing(of)) return 0n;
	if (of.op !== "move") return undefined;
	if (of.from.is === "constant") return of.from.value;
	return of.from.is === "register" ? (known.get(of.from.name) ?? undefined) : undefined;
}

function written(of: LitmusInstruction, accumulator: string): string[] {
	if (!("to" in of) || of.op === "compare" || of.op === "test") return [];
	const registers = of.to.is === "register" ? [of.to.name] : [];
	if (of.op === "exchange" || of.op === "exchange-add") registers.push(of.from);
	if (of.op === "compare-exchange") registers.push(accumulator);
	return registers;
}
