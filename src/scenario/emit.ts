import type { Instruction, Operation } from "../../bindings/program.ts";
import { quote, suggestion } from "../input/words.ts";
import { LIMITS } from "./limits.ts";
import { problemIn } from "./problem.ts";
import type { Labels } from "./scope.ts";
import type { Source } from "./source.ts";

/** A place in code that is not known yet; its number stands for it until the code is complete. */
export type Label = number;

/** What an instruction comes from. */
export interface Origin {
	line: number;
	text: string;
	/** The part of the scenario that errors point to. */
	part: object;
}

/** Instructions of one actor as they are written out, and the places that jumps go to. */
export class Emitter {
	readonly #source: Source;
	readonly #code: Instruction[] = [];
	readonly #parts: object[] = [];
	/** Where the labels are. */
	readonly #labels: number[] = [];
	readonly #jumps: { label: Label; name: string; scope: Labels; part: object }[] = [];
	/** Jumps of loops that are counted, so that they end. */
	readonly #bounded = new Set<number>();
	readonly #registers: string[] = [];
	#room: number;

	constructor(source: Source, room: number) {
		this.#source = source;
		this.#room = room;
	}

	get length(): number {
		return this.#code.length;
	}

	last(): Instruction | undefined {
		return this.#code.at(-1);
	}

	register(name: string, part: object): number {
		const known = this.#registers.indexOf(name);
		if (known >= 0) return known;
		if (this.#registers.length >= LIMITS.registers)
			throw problemIn(this.#source, part, "SCENARIO_LIMIT", `more than ${LIMITS.registers} registers`, { word: name });
		return this.#registers.push(name) - 1;
	}

	emit(operation: Operation, { line, text, part }: Origin): Instruction {
		if (this.#room-- <= 0)
			throw problemIn(this.#source, part, "SCENARIO_LIMIT", `more than ${LIMITS.instructions} instructions`);
		const instruction: Instruction = { ...operation, line, text };
		this.#code.push(instruction);
		this.#parts.push(part);
		return instruction;
	}

	newLabel(): Label {
		return this.#labels.push(-1) - 1;
	}

	/** Puts a label here. */
	place(label: Label): void {
		this.#labels[label] = this.#code.length;
	}

	/** The last instruction closes a loop that ends by itself. */
	bound(): void {
		this.#bounded.add(this.#code.length - 1);
	}

	/** A label with a name of the scenario's. */
	name(name: string, scope: Labels, part: object): void {
		if (scope.known.has(name))
			throw problemIn(this.#source, part, "SCENARIO_NAME", `there are two labels ${name}`, { word: name });
		const label = this.newLabel();
		this.place(label);
		scope.known.set(name, label);
	}

	goto(name: string, scope: Labels, origin: Origin): void {
		const label = this.newLabel();
		this.emit({ op: "jump", target: label }, origin);
		this.#jumps.push({ label, name, scope, part: origin.part });
	}

	finish(): { code: Instruction[]; registers: string[] } {
		for (const { label, name, scope, part } of this.#jumps) {
			const known: string[] = [];
			let target: Label | undefined;
			for (let at: Labels | undefined = scope; at && target === undefined; at = at.outer) {
				target = at.known.get(name);
				known.push(...at.known.keys());
			}
			if (target === undefined) {
				const hint = known.length > 0 ? suggestion(name, known) : `write a line: label ${name}`;
				throw problemIn(this.#source, part, "SCENARIO_NAME", `there is no label ${quote(name)}`, { word: name, hint });
			}
			this.#labels[label] = this.#labels[target]!;
		}
		for (const instruction of this.#code)
			if ("target" in instruction) instruction.target = this.#labels[instruction.target]!;
		this.#checkLoops();
		return { code: this.#code, registers: this.#registers };
	}

	/** Statements that cost no step must not be able to go round for ever: the step they belong to would never end. */
	#checkLoops(): void {
		const state = new Uint8Array(this.#code.length + 1);
		for (let start = 0; start < this.#code.length; start++) {
			// Depth first, without recursion: a program may be long.
			const path: { at: number; next: number[] }[] = [];
			const enter = (at: number) => {
				state[at] = 1;
				path.push({ at, next: this.#after(at) });
			};
			if (state[start] === 0) enter(start);
			for (let top = path.at(-1); top; top = path.at(-1)) {
				const next = top.next.pop();
				if (next === undefined) {
					state[top.at] = 2;
					path.pop();
				} else if (state[next] === 1) {
					const message = "nothing in this loop makes a step: it would go round for ever";
					const hint = "load from memory in it, use await, or repeat it a number of times";
					throw problemIn(this.#source, this.#parts[next], "SCENARIO_LOOP", message, { hint });
				} else if (state[next] === 0) enter(next);
			}
		}
	}

	/** Where a statement that costs no step may go on. */
	#after(at: number): number[] {
		const instruction = this.#code[at];
		if (!instruction || this.#bounded.has(at)) return [];
		switch (instruction.op) {
			case "set":
			case "work":
				return [at + 1];
			case "jump":
				return [instruction.target];
			case "unless":
				return [at + 1, instruction.target];
			// Each CPU once, so a loop over them ends; what follows it is looked at from its other side.
			case "each":
				return [instruction.target];
			case "next":
				return [];
		}
		return [];
	}
}
