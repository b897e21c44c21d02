import type {
	Compare,
	Fence,
	Instruction,
	Location,
	Operation,
	Operator,
	Program,
	Value,
} from "../../bindings/program.ts";
import { observedPlaces, placeName } from "./condition.ts";
import { type Encoding, encodingOf, isValued } from "./encode.ts";
import { isOneRegister, isZeroing, type Known, knownRegisters } from "./known.ts";
import type {
	Arithmetic,
	Destination,
	JumpCondition,
	Litmus,
	LitmusInstruction,
	LitmusThread,
	Memory,
	Operand,
	Place,
} from "./litmus.ts";
import { litmusError } from "./problem.ts";
import { accumulator } from "./registers.ts";
import { typed } from "./types.ts";

export interface CompiledLitmus {
	/** Its `observed` are the places that tell final states apart. */
	program: Program;
	/** Names of `program.observed`, as herd prints them: registers by thread, then variables. */
	observed: string[];
}

/** A litmus test as a program: a CPU for each thread, one step for each access to memory. */
export function compileLitmus(litmus: Litmus): CompiledLitmus {
	const { threads, variables } = litmus;
	const encoding = encodingOf(litmus);
	const names = [...variables.keys()];
	const places = observedPlaces(litmus);
	const compilers = threads.map((thread) => new ThreadCompiler(thread, litmus, encoding, names));
	const actors = compilers.map((compiler, cpu) => compiler.compile(cpu));
	const observe = (place: Place) =>
		"variable" in place
			? { var: names.indexOf(place.variable) }
			: {
					actor: threads.findIndex(({ number }) => number === place.thread),
					reg: compilers.find(({ thread }) => thread.number === place.thread)!.register(place.register),
				};
	const observed = places.map(observe);
	for (const [i, compiler] of compilers.entries()) Object.assign(actors[i]!, compiler.state());
	const program: Program = {
		name: litmus.name,
		cpus: threads.length,
		vars: [...variables].map(([name, { initial, type }]) => {
			return { name, initial: encoding.encode(typed(initial, type, litmus)), perCpu: false };
		}),
		frames: [],
		tables: [],
		mms: [],
		vas: [],
		actors,
		symmetric: [],
		observed,
	};
	return { program, observed: places.map(placeName) };
}

type Register = { reg: number };
type Actor = Program["actors"][number];

const NEGATED: Record<JumpCondition, Compare> = { "==": "!=", "!=": "==", "<": ">=", ">=": "<", "<=": ">", ">": "<=" };
const OPERATORS: Record<Arithmetic, Operator> = { ADD: "+", SUB: "-", AND: "&", OR: "|", XOR: "^" };
const KINDS = { ADD: "add", SUB: "sub", AND: "and", OR: "or", XOR: "xor" } as const;
const FENCES = { MFENCE: "full", LFENCE: "speculation", SFENCE: "store" } as const satisfies Record<string, Fence>;
const ZERO: Value = { constant: 0 };
const SIGN: Value = { constant: 128 };

class ThreadCompiler {
	readonly thread: LitmusThread;
	readonly #litmus: Litmus;
	readonly #encoding: Encoding;
	readonly #variables: string[];
	readonly #registers: string[] = [];
	readonly #code: Instruction[] = [];
	/** What the next operations belong to. */
	#from!: LitmusInstruction;
	#known: Known = new Map();
	/** Whether a jump may ask how its values compare. */
	#hasFlags = false;
	/** Where their code begins. */
	#start = 0;
	/** The last place that is jumped to. */
	#target = 0;
	/** Whether the first of them may be part of the step before. */
	#joins = false;

	constructor(thread: LitmusThread, litmus: Litmus, encoding: Encoding, variables: string[]) {
		this.thread = thread;
		this.#litmus = litmus;
		this.#encoding = encoding;
		this.#variables = variables;
	}

	compile(cpu: number): Actor {
		const { thread } = this;
		const known = knownRegisters(thread, accumulator(this.#litmus.architecture));
		const starts: number[] = [];
		const jumps: { jump: Instruction; label: string | undefined }[] = [];
		const labelled = new Set(thread.labels.values());
		for (const [i, instruction] of thread.code.entries()) {
			starts.push(this.#code.length);
			this.#from = instruction;
			this.#known = known[i]!;
			this.#hasFlags = flagsAsked(thread, i);
			this.#start = this.#code.length;
			// What is jumped to begins a step, and so does what follows a jump.
			if (labelled.has(i)) this.#target = this.#start;
			const last = this.#code.at(-1)?.op;
			this.#joins = this.#start > this.#target && last !== "jump" && last !== "unless";
			const { op } = instruction;
			if (op === "jump") jumps.push({ jump: this.#jump(instruction.when), label: instruction.label });
			else if (op === "return") jumps.push({ jump: this.#jump(undefined), label: undefined });
			else this.#instruction(instruction);
		}
		starts.push(this.#code.length);
		for (const { jump, label } of jumps) {
			const to = label === undefined ? thread.code.length : thread.labels.get(label)!;
			Object.assign(jump, { target: starts[to] });
		}
		return { name: `P${thread.number}`, cpu, kind: "thread", registers: [], code: this.#code };
	}

	/** Registers and their values at the start, once all are known. */
	state(): { registers: string[]; initial: number[] } {
		const { thread } = this;
		const initial = this.#registers.map((register) => {
			if (register.includes(" ") || !isValued(thread, register, this.#litmus)) return 0;
			const value = typed(thread.initial.get(register) ?? 0n, thread.types.get(register), this.#litmus);
			return this.#encoding.encode(value);
		});
		return { registers: this.#registers, initial };
	}

	register(name: string): number {
		const found = this.#registers.indexOf(name);
		return found < 0 ? this.#registers.push(name) - 1 : found;
	}

	#instruction(of: LitmusInstruction): void {
		switch (of.op) {
			case "fence":
				this.#emit({ op: "fence", kind: FENCES[of.kind] });
				return;
			case "move":
				if (isMemory(of.to)) this.#store(this.#memory(of.to), this.#value(of.from));
				else if (isMemory(of.from)) this.#load(this.#value(of.to), this.#memory(of.from));
				else this.#set(this.#value(of.to), this.#value(of.from));
				return;
			case "compare":
			case "test":
				this.#compare(of);
				return;
			case "ADD":
			case "SUB":
			case "AND":
			case "OR":
			case "XOR":
				this.#arithmetic(of);
				return;
			case "exchange":
				this.#exchange(of);
				return;
			case "exchange-add":
				this.#exchangeAdd(of);
				return;
			case "compare-exchange":
				this.#compareExchange(of);
				return;
		}
	}

	#compare(of: LitmusInstruction & { to: Operand; from: Operand }): void {
		const read = (operand: Operand): Value => {
			if (!isMemory(operand)) return this.#value(operand);
			this.#load(this.#temporary, this.#memory(operand));
			return this.#temporary;
		};
		const [left, right] = [read(of.to), read(of.from)];
		if (of.op === "compare") this.#flags(left, right);
		else if (isOneRegister(of)) this.#flags(left, this.#constant(0n));
		else {
			this.#set(this.#temporary, left, "&", right);
			this.#flags(this.#temporary, this.#constant(0n));
		}
	}

	#arithmetic(of: LitmusInstruction & { op: Arithmetic; to: Destination; from: Operand; lock: boolean }): void {
		const operator = OPERATORS[of.op];
		if (isMemory(of.to)) {
			const at = this.#memory(of.to);
			const value = this.#value(of.from);
			const rmw = { op: "rmw", kind: KINDS[of.op], at, value, order: "full" } as const;
			if (of.lock && !this.#hasFlags) {
				this.#emit(rmw);
				return;
			}
			const result = this.#temporary;
			if (of.lock) this.#emit({ ...rmw, to: result.reg });
			else this.#load(result, at);
			this.#set(result, result, operator, value);
			if (!of.lock) this.#store(at, result);
			this.#flags(result, this.#constant(0n));
			return;
		}
		const to = this.#value(of.to);
		if (isMemory(of.from)) {
			this.#load(this.#temporary, this.#memory(of.from));
			this.#set(to, to, operator, this.#temporary);
		} else if (isZeroing(of)) this.#set(to, this.#constant(0n));
		else this.#set(to, to, operator, this.#value(of.from));
		this.#flags(to, this.#constant(0n));
	}

	#exchange(of: { to: Destination; from: string; lock: boolean }): void {
		const from = this.#named(of.from);
		if (!isMemory(of.to)) {
			const to = this.#value(of.to);
			this.#set(this.#temporary, to);
			this.#set(to, from);
			this.#set(from, this.#temporary);
			return;
		}
		const at = this.#memory(of.to);
		if (of.lock) this.#emit({ op: "rmw", kind: "swap", to: from.reg, at, value: from, order: "full" });
		else {
			this.#load(this.#temporary, at);
			this.#store(at, from);
			this.#set(from, this.#temporary);
		}
	}

	#exchangeAdd(of: { to: Destination; from: string; lock: boolean }): void {
		const from = this.#named(of.from);
		const rmw = { op: "rmw", kind: "add", value: from, order: "full" } as const;
		if (isMemory(of.to) && of.lock && !this.#hasFlags) {
			this.#emit({ ...rmw, to: from.reg, at: this.#memory(of.to) });
			return;
		}
		const sum = this.#named("a sum");
		if (isMemory(of.to)) {
			const at = this.#memory(of.to);
			const old = this.#temporary;
			if (of.lock) this.#emit({ ...rmw, to: old.reg, at });
			else this.#load(old, at);
			this.#set(sum, old, "+", from);
			if (!of.lock) this.#store(at, sum);
			this.#set(from, old);
		} else {
			const to = this.#value(of.to);
			this.#set(sum, to, "+", from);
			this.#set(from, to);
			this.#set(to, sum);
		}
		this.#flags(sum, this.#constant(0n));
	}

	#compareExchange(of: { to: Destination; from: string; lock: boolean }): void {
		const from = this.#named(of.from);
		const expected = this.#named(accumulator(this.#litmus.architecture));
		const old = this.#temporary;
		const at = isMemory(of.to) ? this.#memory(of.to) : undefined;
		if (at && of.lock) {
			this.#emit({ op: "rmw", kind: "cas", to: old.reg, at, value: from, expected, order: "full" });
			this.#flags(old, expected);
			// Where it stored, this changes nothing.
			this.#set(expected, old);
			return;
		}
		if (at) this.#load(old, at);
		else this.#set(old, this.#value(of.to));
		this.#flags(old, expected);
		const differs = this.#emit({ op: "unless", left: old, test: "==", right: expected, target: 0 });
		if (at) this.#store(at, from);
		else this.#emit({ op: "set", to: this.#value(of.to).reg, left: from, operator: "+", right: ZERO });
		const end = this.#emit({ op: "jump", target: 0 });
		Object.assign(differs, { target: this.#code.length });
		this.#emit({ op: "set", to: expected.reg, left: old, operator: "+", right: ZERO });
		this.#target = this.#code.length;
		Object.assign(end, { target: this.#target });
	}

	#jump(when: JumpCondition | undefined): Instruction {
		if (!when) return this.#emit({ op: "jump", target: 0 });
		const [left, right] = [this.#named("left flag"), this.#named("right flag")];
		return this.#emit({ op: "unless", left, test: NEGATED[when], right, target: 0 });
	}

	/** Keeps what a conditional jump asks for, comparable as unsigned numbers. */
	#flags(left: Value, right: Value): void {
		if (!this.#hasFlags) return;
		for (const [flag, value] of [
			["left flag", left],
			["right flag", right],
		] as const) {
			if (this.#encoding.signed) this.#set(this.#named(flag), value, "^", SIGN);
			else this.#set(this.#named(flag), value);
		}
	}

	#load(to: Register, at: Location): void {
		this.#emit({ op: "load", to: to.reg, at, order: "plain" });
	}

	#store(at: Location, value: Value): void {
		this.#emit({ op: "store", at, value, order: "plain" });
	}

	/** Between registers, which nobody else sees: no step of its own where a step goes before. */
	#set(to: Register, left: Value, operator: Operator = "+", right: Value = ZERO): void {
		const instruction = this.#emit({ op: "set", to: to.reg, left, operator, right });
		if (this.#joins || this.#code.length - 1 > this.#start) instruction.joined = true;
	}

	#emit(operation: Operation): Instruction {
		const { at, text } = this.#from;
		const instruction: Instruction = { ...operation, line: at.line, text };
		this.#code.push(instruction);
		return instruction;
	}

	#memory(operand: Memory): Location {
		const name = operand.is === "variable" ? operand.name : this.#known.get(operand.register);
		if (typeof name === "string") return { in: "var", var: this.#variables.indexOf(name) };
		const register = operand.is === "pointer" ? operand.register : operand.name;
		const what = `${register} does not hold an address that is known before the test runs`;
		const hint = `The initial state says where registers point: ${this.thread.number}:${register}=x.`;
		throw litmusError("LITMUS_OPERAND", this.#litmus, this.#from.at, what, hint);
	}

	/** A register or a constant: the parser lets only one operand be memory. */
	#value(operand: Destination): Register;
	#value(operand: Operand): Value;
	#value(operand: Operand): Value {
		return operand.is === "constant" ? this.#constant(operand.value) : this.#named((operand as { name: string }).name);
	}

	#constant(value: bigint): Value {
		return { constant: this.#encoding.encode(typed(value, undefined, this.#litmus)) };
	}

	#named(name: string): Register {
		return { reg: this.register(name) };
	}

	get #temporary(): Register {
		return this.#named("a temporary");
	}
}

function isMemory(operand: Operand): operand is Memory {
	return operand.is === "variable" || operand.is === "pointer";
}

/** Whether a conditional jump may come before the next instruction that compares; if control goes elsewhere, it may. */
function flagsAsked({ code }: LitmusThread, from: number): boolean {
	for (const of of code.slice(from + 1)) {
		if (of.op === "jump") return true;
		if (of.op === "return" || !KEEP_FLAGS.has(of.op)) return false;
	}
	return false;
}

const KEEP_FLAGS = new Set(["nothing", "fence", "move", "exchange"]);
