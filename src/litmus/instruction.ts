import type { Lexer } from "./lexer.ts";
import type {
	Architecture,
	Arithmetic,
	Destination,
	JumpCondition,
	LitmusInstruction,
	LitmusOperation,
	Operand,
} from "./litmus.ts";
import { registerOf } from "./registers.ts";

const WIDTHS: Record<string, number> = { B: 8, W: 16, L: 32, Q: 64 };

const FENCES = ["MFENCE", "LFENCE", "SFENCE"] as const;
const ARITHMETIC: readonly string[] = ["ADD", "SUB", "AND", "OR", "XOR"] satisfies Arithmetic[];
// What herd takes for no operation, whatever its operands are.
const NOTHING = ["NOP", "NOPL", "NOPW", "ENDBR64"];
const TWO = { CMP: "compare", TEST: "test" } as const;
const EXCHANGES = { XCHG: "exchange", UXCH: "exchange", XADD: "exchange-add", CMPXCHG: "compare-exchange" } as const;
const STEPS = { INC: "ADD", DEC: "SUB" } as const;
const JUMPS: Record<string, JumpCondition> = {
	JE: "==",
	JZ: "==",
	JNE: "!=",
	JNZ: "!=",
	JL: "<",
	JLT: "<",
	JS: "<",
	JGE: ">=",
	JNS: ">=",
	JLE: "<=",
	JG: ">",
	JGT: ">",
};
const SIZED = ["MOV", ...ARITHMETIC, ...Object.keys(TWO), ...Object.keys(EXCHANGES), ...Object.keys(STEPS)];
const KNOWN = `Instructions that are read: ${[...SIZED, ...FENCES, ...Object.keys(JUMPS), "JMP, RET, NOP"].join(", ")}.`;

export interface Surroundings {
	architecture: Architecture;
	/** Makes a variable known. */
	variable(name: string): void;
}

type Wide = { operand: Operand; bits: number | undefined; at: number };

/** One instruction of a cell, without its labels. */
export function parseInstruction(lexer: Lexer, around: Surroundings): LitmusInstruction {
	const first = lexer.peek();
	const lock = lexer.take("lock", "LOCK", "Lock");
	if (lock) lexer.take(";");
	const mnemonic = lexer.name("an instruction", KNOWN);
	const { operation, bits } = parseOperation(lexer, around, mnemonic.text.toUpperCase(), mnemonic.at, lock);
	const text = lexer.since(first.at).replace(/\s+/g, " ").trim();
	return { ...operation, bits, at: lexer.position(first.at), text };
}

function parseOperation(lexer: Lexer, around: Surroundings, name: string, at: number, lock: boolean) {
	const plain = (operation: LitmusOperation) => {
		if (lock) throw lexer.error("LITMUS_INSTRUCTION", at, `LOCK does not go with ${name}`, LOCKABLE);
		return { operation, bits: undefined };
	};
	if (NOTHING.includes(name)) {
		while (!lexer.is(";", "|") && lexer.peek().kind !== "end") lexer.next();
		return plain({ op: "nothing" });
	}
	if (name === "RET") return plain({ op: "return" });
	const fence = FENCES.find((known) => known === name);
	if (fence) return plain({ op: "fence", kind: fence });
	if (name === "JMP") return plain({ op: "jump", label: lexer.name("a label").text });
	const when = Object.hasOwn(JUMPS, name) ? JUMPS[name] : undefined;
	if (when) return plain({ op: "jump", label: lexer.name("a label").text, when });

	const { base, suffix } = split(name);
	if (base === undefined) {
		throw lexer.error("LITMUS_INSTRUCTION", at, `the instruction ${name} is not among those that are read`, KNOWN);
	}
	const width = (...operands: Wide[]): number | undefined => suffix ?? operands.find(({ bits }) => bits)?.bits;
	const check = (operation: LitmusOperation, ...operands: Wide[]) => {
		const memory = operands.filter(({ operand }) => isMemory(operand));
		if (memory.length > 1) {
			throw lexer.error("LITMUS_OPERAND", memory[1]!.at, `${name} can reach memory only once`);
		}
		if (lock && (memory.length === 0 || !isMemory(operands[0]!.operand) || !("lock" in operation))) {
			throw lexer.error("LITMUS_INSTRUCTION", at, `LOCK does not go with this ${name}`, LOCKABLE);
		}
		return { operation, bits: width(...operands) };
	};

	const step = STEPS[base as keyof typeof STEPS];
	if (step) {
		const to = parseOperand(lexer, around);
		return check({ op: step, to: writable(lexer, to, around), from: { is: "constant", value: 1n }, lock }, to);
	}
	const left = parseOperand(lexer, around);
	lexer.expect(",", `${name} takes two operands.`);
	const right = parseOperand(lexer, around);
	// Intel's order in X86, AT&T's in X86_64.
	let [to, from] = around.architecture === "X86" ? [left, right] : [right, left];
	const exchange = EXCHANGES[base as keyof typeof EXCHANGES];
	// herd writes these in either order; only one of the operands can be memory.
	if ((exchange || base === "TEST") && isMemory(from.operand)) [to, from] = [from, to];
	if (exchange) {
		const destination = writable(lexer, to, around);
		if (from.operand.is !== "register") {
			throw lexer.error("LITMUS_OPERAND", from.at, `${name} takes a register here`);
		}
		// XCHG with memory is atomic by itself; herd's UXCH is XCHG if it were not.
		const atomic = lock || (base === "XCHG" && isMemory(to.operand));
		return check({ op: exchange, to: destination, from: from.operand.name, lock: atomic }, to, from);
	}
	const two = TWO[base as keyof typeof TWO];
	if (two) return check({ op: two, to: to.operand, from: from.operand }, to, from);
	const destination = writable(lexer, to, around);
	if (base === "MOV") return check({ op: "move", to: destination, from: from.operand }, to, from);
	return check({ op: base as Arithmetic, to: destination, from: from.operand, lock }, to, from);
}

const LOCKABLE = "LOCK goes with ADD, SUB, AND, OR, XOR, INC, DEC, XADD, XCHG and CMPXCHG that write memory.";

/** MOVL is MOV with a width; SUB is not SU with one. */
function split(name: string): { base?: string; suffix?: number } {
	if (SIZED.includes(name)) return { base: name };
	const suffix = WIDTHS[name.at(-1) ?? ""];
	const base = name.slice(0, -1);
	return suffix !== undefined && SIZED.includes(base) ? { base, suffix } : {};
}

function isMemory(operand: Operand): boolean {
	return operand.is === "variable" || operand.is === "pointer";
}

function writable(lexer: Lexer, { operand, at }: Wide, { architecture }: Surroundings): Destination {
	if (operand.is !== "constant") return operand;
	const order = architecture === "X86" ? "X86 names the destination first" : "X86_64 names the destination last";
	throw lexer.error("LITMUS_OPERAND", at, "a constant cannot be written to", `${order}.`);
}

/** A register, a constant, or memory: [x], (x), [EAX], (%rdi), 0(%rdi), x(%rip). */
function parseOperand(lexer: Lexer, around: Surroundings): Wide {
	const { at, kind, text } = lexer.peek();
	if (lexer.take("$")) return { at, bits: undefined, operand: { is: "constant", value: parseNumber(lexer) } };
	if (kind === "number") {
		const value = parseNumber(lexer);
		if (!lexer.is("(", "[")) return { at, bits: undefined, operand: { is: "constant", value } };
		if (value !== 0n) {
			throw lexer.error("LITMUS_OPERAND", at, `the offset ${value}: each variable is one whole value`);
		}
		return { at, bits: undefined, operand: parseMemory(lexer, around) };
	}
	if (lexer.is("(", "[")) return { at, bits: undefined, operand: parseMemory(lexer, around) };
	if (lexer.take("%")) return parseRegister(lexer, around);
	if (kind !== "name") throw lexer.unexpected("an operand: a register, $1, [x] or (x)");
	if (registerOf(text, around.architecture)) return parseRegister(lexer, around);
	lexer.next();
	if (!lexer.is("(")) {
		throw lexer.error("LITMUS_OPERAND", at, `${text} is no register of ${around.architecture}`, MEMORY);
	}
	lexer.next();
	lexer.take("%");
	lexer.expect("rip", MEMORY);
	lexer.expect(")");
	around.variable(text);
	return { at, bits: undefined, operand: { is: "variable", name: text } };
}

const MEMORY = "Memory is written [x] or (x), or through a register [EAX] or (%rdi).";

function parseRegister(lexer: Lexer, { architecture }: Surroundings): Wide {
	const { at, text } = lexer.name("a register");
	const register = registerOf(text, architecture);
	if (!register) throw lexer.error("LITMUS_OPERAND", at, `${text} is no register of ${architecture}`);
	return { at, bits: register.bits, operand: { is: "register", name: register.name } };
}

function parseMemory(lexer: Lexer, around: Surroundings): Operand {
	const close = lexer.next().text === "(" ? ")" : "]";
	const marked = lexer.take("%");
	const { at, text } = lexer.name("a variable or a register", MEMORY);
	const register = registerOf(text, around.architecture);
	if (!lexer.take(close)) {
		throw lexer.unexpected(`"${close}"`, "Each variable is one whole value: there is no indexing.");
	}
	// Nothing points with 16 or 8 bits, so that [al] and [cx] are variables.
	if (register && (marked || register.bits >= 32)) return { is: "pointer", register: register.name };
	if (marked) throw lexer.error("LITMUS_OPERAND", at, `${text} is no register of ${around.architecture}`);
	around.variable(text);
	return { is: "variable", name: text };
}

/** A number after its sign, if it has one. */
export function parseNumber(lexer: Lexer): bigint {
	const { kind, text, at } = lexer.peek();
	if (kind !== "number") throw lexer.unexpected("a number");
	lexer.next();
	// No longer than a number of 64 bits, so that reading it takes no time.
	const size = text.length > 24 ? undefined : BigInt(text.replace("-", ""));
	const value = size !== undefined && text.startsWith("-") ? -size : size;
	if (value === undefined || value >= 1n << 64n || value < -(1n << 63n)) {
		throw lexer.error("LITMUS_VALUES", at, "a number of more than 64 bits");
	}
	return value;
}
