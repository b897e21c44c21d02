// All final states of a Program that a litmus test compiles to, the slow obvious way: every interleaving, states as text.
// SC: stores go to memory at once. TSO (Owens, Sarkar, Sewell 2009): a FIFO of stores for each CPU, loads read the newest
// store of their own, read-modify-writes and full fences wait until it is empty.

import type { Compare, Instruction, Location, Operator, Program, Value } from "../../bindings/program.ts";

export type Model = "sc" | "tso";

interface Cpu {
	at: number;
	registers: number[];
	buffer: [number, number][];
}

interface State {
	memory: number[];
	cpus: Cpu[];
}

const COMPARE: Record<Compare, (a: number, b: number) => boolean> = {
	"==": (a, b) => a === b,
	"!=": (a, b) => a !== b,
	"<": (a, b) => a < b,
	"<=": (a, b) => a <= b,
	">": (a, b) => a > b,
	">=": (a, b) => a >= b,
	odd: (a) => a % 2 === 1,
	even: (a) => a % 2 === 0,
};

function compute(operator: Operator | "add" | "sub" | "and" | "or" | "xor", a: number, b: number): number {
	switch (operator) {
		case "+":
		case "add":
			return (a + b) & 255;
		case "-":
		case "sub":
			return (a - b) & 255;
		case "&":
		case "and":
			return a & b;
		case "|":
		case "or":
			return a | b;
		case "^":
		case "xor":
			return a ^ b;
		default:
			throw new Error(`a litmus test has no ${operator}`);
	}
}

/** Rows of bytes, in the order of `observed`, without repetition. */
export function finalStates(program: Program, model: Model, limit = 2_000_000): number[][] {
	const start: State = {
		memory: program.vars.map(({ initial }) => initial),
		cpus: program.actors.map(({ registers, initial }) => ({
			at: 0,
			registers: registers.map((_, i) => initial?.[i] ?? 0),
			buffer: [],
		})),
	};
	const seen = new Set([JSON.stringify(start)]);
	const queue = [start];
	const finals = new Map<string, number[]>();
	while (queue.length > 0) {
		const state = queue.pop()!;
		const successors = [...program.actors.keys()].flatMap((cpu) => steps(program, model, state, cpu));
		for (const next of successors) {
			const key = JSON.stringify(next);
			if (seen.has(key)) continue;
			seen.add(key);
			if (seen.size > limit) throw new Error("too many states");
			queue.push(next);
		}
		const ended = state.cpus.every(({ at, buffer }, i) => at === program.actors[i]!.code.length && buffer.length === 0);
		if (!ended) continue;
		const row = program.observed!.map((of) =>
			"var" in of ? state.memory[of.var]! : state.cpus[of.actor]!.registers[of.reg]!,
		);
		finals.set(row.join(), row);
	}
	return [...finals.values()];
}

function steps(program: Program, model: Model, state: State, index: number): State[] {
	const found: State[] = [];
	if (state.cpus[index]!.buffer.length > 0) {
		const next = structuredClone(state);
		const [variable, value] = next.cpus[index]!.buffer.shift()!;
		next.memory[variable] = value;
		found.push(next);
	}
	const { code } = program.actors[index]!;
	const first = code[state.cpus[index]!.at];
	const empty = state.cpus[index]!.buffer.length === 0;
	if (first && (empty || !(first.op === "rmw" || (first.op === "fence" && first.kind === "full")))) {
		const next = structuredClone(state);
		const cpu = next.cpus[index]!;
		do execute(code[cpu.at]!, model, next, cpu);
		while (code[cpu.at]?.joined);
		found.push(next);
	}
	return found;
}

function execute(instruction: Instruction, model: Model, { memory }: State, cpu: Cpu): void {
	const value = (of: Value) => ("reg" in of ? cpu.registers[of.reg]! : of.constant);
	const variable = (at: Location): number => {
		if (at.in !== "var" || at.var < 0 || at.var >= memory.length) throw new Error("not a variable");
		return at.var;
	};
	cpu.at++;
	switch (instruction.op) {
		case "load": {
			const at = variable(instruction.at);
			const own = cpu.buffer.findLast(([where]) => where === at);
			cpu.registers[instruction.to!] = own ? own[1] : memory[at]!;
			break;
		}
		case "store":
			if (model === "sc") memory[variable(instruction.at)] = value(instruction.value);
			else cpu.buffer.push([variable(instruction.at), value(instruction.value)]);
			break;
		case "rmw": {
			const at = variable(instruction.at);
			const old = memory[at]!;
			const operand = value(instruction.value);
			if (instruction.kind === "swap") memory[at] = operand;
			else if (instruction.kind === "cas") memory[at] = old === value(instruction.expected!) ? operand : old;
			else memory[at] = compute(instruction.kind, old, operand);
			if (instruction.to !== undefined) cpu.registers[instruction.to] = old;
			break;
		}
		case "fence":
			break;
		case "set":
			cpu.registers[instruction.to] = compute(instruction.operator, value(instruction.left), value(instruction.right));
			break;
		case "unless":
			if (!COMPARE[instruction.test](value(instruction.left), value(instruction.right))) cpu.at = instruction.target;
			break;
		case "jump":
			cpu.at = instruction.target;
			break;
		default:
			throw new Error(`a litmus test has no ${instruction.op}`);
	}
}
