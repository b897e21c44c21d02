// What a litmus file says, as data.

import type { Position, Text } from "./problem.ts";

export type Architecture = "X86" | "X86_64";

/** A number, or the address of a variable: its name. */
export type Constant = bigint | string;

/** What has a value at the end: a register of a thread (its number, as in P0), or a variable. */
export type Place = { thread: number; register: string } | { variable: string };

export type Proposition =
	| { is: "constant"; value: boolean }
	| { is: "equal"; left: Place; right: Place | Constant }
	| { is: "not"; of: Proposition }
	| { is: "and" | "or"; of: Proposition[] }
	| { is: "implies"; left: Proposition; right: Proposition };

export type Operand =
	| { is: "register"; name: string }
	| { is: "constant"; value: bigint }
	/** Memory: a variable, or where the register points. */
	| { is: "variable"; name: string }
	| { is: "pointer"; register: string };

export type Memory = Extract<Operand, { is: "variable" | "pointer" }>;

/** What can be written to. */
export type Destination = Exclude<Operand, { is: "constant" }>;

export type Arithmetic = "ADD" | "SUB" | "AND" | "OR" | "XOR";

/** Conditions of jumps, on the two values last compared (a result is compared with 0). */
export type JumpCondition = "==" | "!=" | "<" | "<=" | ">" | ">=";

export type LitmusOperation =
	| { op: "nothing" }
	| { op: "return" }
	| { op: "fence"; kind: "MFENCE" | "LFENCE" | "SFENCE" }
	| { op: "jump"; label: string; when?: JumpCondition }
	| { op: "move"; to: Destination; from: Operand }
	| { op: "compare" | "test"; to: Operand; from: Operand }
	| { op: Arithmetic; to: Destination; from: Operand; lock: boolean }
	| { op: "exchange" | "exchange-add" | "compare-exchange"; to: Destination; from: string; lock: boolean };

export type LitmusInstruction = LitmusOperation & {
	/** Width of the access; undefined where nothing says it. */
	bits: number | undefined;
	at: Position;
	text: string;
};

export interface LitmusThread {
	number: number;
	/** Registers at the start, where the file says so. */
	initial: Map<string, Constant>;
	/** Types of registers, where the file says so. */
	types: Map<string, string>;
	code: LitmusInstruction[];
	/** Labels: the instruction they stand at (the length of `code`: the end). */
	labels: Map<string, number>;
}

/** A litmus test of herd's for x86, parsed. */
export interface Litmus extends Text {
	architecture: Architecture;
	name: string;
	/** The quoted line of the header. */
	info: string | undefined;
	/** The "Key=value" lines of the header. */
	keys: Map<string, string>;
	/** In the order they are first named. */
	variables: Map<string, { initial: Constant; type: string | undefined }>;
	threads: LitmusThread[];
	/** What `locations` adds to the states shown. */
	locations: Place[];
	filter: Proposition | undefined;
	quantifier: "exists" | "~exists" | "forall";
	condition: Proposition;
}
