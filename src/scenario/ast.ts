// A scenario as plain data, which is also its JSON form. Where in the text a part stood is kept beside it (source.ts).

import type { FrameKind } from "../../bindings/program.ts";

/** A value of a parameter: a word or a number. */
export type ParameterValue = string | number;

export type Expression =
	| number
	/** A name: of a variable, mapping, register, parameter, page, ... */
	| string
	/** One line of a mapping or page, one CPU's copy of a variable: `U[1]`, `queue[c]`. */
	| { of: string; at: Expression }
	/** The page-table entry of a mapping, the link to a table: `U.pte`, `T.link`. */
	| { of: string; part: string }
	/** Worked out before the run: `{cpus - 1}`. */
	| { given: Condition }
	| { left: Expression; operator: Operator; right: Expression };

export type Operator = "+" | "-" | "&" | "|" | "^" | "clamp";
export type Test = "==" | "!=" | "<" | "<=" | ">" | ">=" | "odd" | "even";

export type Condition =
	| Expression
	/** "odd" and "even" have no right side. */
	| { left: Expression; test: Test; right?: Expression }
	| { both: [Condition, Condition] }
	| { either: [Condition, Condition] }
	| { not: Condition }
	| { if: Condition; yes: Condition; no: Condition };

/** `do args <- from test or fault`. */
export interface Step {
	/** Words joined by dots; a word in braces is a parameter's: `store.{end}`. */
	do: string;
	args?: Expression[];
	from?: Expression[];
	test?: { test: Test; right?: Expression };
	orFault?: true;
}

export type Statement =
	| Step
	/** Several on one line: one atomic step. */
	| { joined: Step[] }
	/** `predict`: the processor may run ahead on the wrong side. */
	| { if: Condition; predict?: true; body: Statement[]; else?: Statement[] }
	| { while: Condition; body: Statement[] }
	/** Without a number: for ever. */
	| { repeat: Expression | null; body: Statement[] }
	/** The body, for every other CPU in any order; the name stands for that CPU. */
	| { each: string; body: Statement[] };

export interface Param {
	name: string;
	/** The first is the default. */
	values: ParameterValue[];
}

export interface Table {
	name: string;
	unlinked?: true;
}

export interface AddressSpace {
	name: string;
}

export interface Page {
	name: string;
	/** Left out: RAM. */
	kind?: FrameKind;
	/** Lines that matter. Left out: 1. */
	lines?: Expression;
	/** References at the start. Left out: 1. */
	refs?: Expression;
	owner?: string;
	dirty?: true;
}

export interface Mapping {
	name: string;
	page: string;
	/** Left out: user. */
	half?: "user" | "kernel";
	colour?: Expression;
	via?: string;
	mm?: string;
	/** Another mapping whose page-table entry this one shares. */
	shares?: string;
	bound?: Expression;
	global?: true;
	readOnly?: true;
	/** Not present at the start. */
	unmapped?: true;
	uncached?: true;
	writeThrough?: true;
	incoherent?: true;
	pinned?: true;
	protected?: true;
	/** A large page. */
	within?: string;
	noMoveIn?: true;
	accessed?: true;
	dirty?: true;
}

export interface Variable {
	name: string;
	/** Left out: 0. */
	initial?: Expression;
	perCpu?: true;
	lock?: true;
}

export interface Macro {
	name: string;
	params: string[];
	body: Statement[];
}

export interface Actor {
	name: string;
	kind: "thread" | "irq" | "nmi" | "device";
	/** Left out: a device. */
	on?: { cpu: Expression } | "each" | "each-other";
	/** Address space loaded at the start. */
	mm?: string;
	/** NMIs that may come by themselves. */
	spontaneous?: Expression;
	body: Statement[];
}

/** A profile, perhaps with options changed: `vipt-generic{speculativeMoveIn=yes}`. */
export interface ProfileName {
	profile: string;
	options?: Record<string, ParameterValue>;
}

export interface Outcome {
	profile?: ProfileName;
	model?: Model;
	/** One of these: all of its codes, or its verdict. */
	any: string[][];
}

export interface Expectation {
	/** Parameters, each with the values that the line is about. */
	when?: Record<string, ParameterValue[]>;
	outcomes: Outcome[];
}

/** Actions that nothing depends on, each by itself, and why. In a library: where nothing does. */
export interface Redundant {
	/** As `check --weaken` names them: `MACRO: STATEMENT`. */
	actions: string[];
	reason: string;
}

export type Model = "sc" | "tso" | "arm8" | "rcpc";

/** A scenario, parsed: what parseScenario gives and printScenario writes. docs/scenarios.md is about the language. */
export interface Scenario {
	kind: "scenario" | "library";
	name: string;
	story?: string;
	basis?: string[];
	/** The row of the catalogue that it is. */
	row?: string;
	/** Rows to read beside it: what is different there. */
	contrasts?: string[];
	redundant?: Redundant[];
	/** What it is checked on if nothing else is said. */
	profile?: ProfileName;
	model?: Model;
	uses: string[];
	params: Param[];
	tables: Table[];
	mms: AddressSpace[];
	pages: Page[];
	maps: Mapping[];
	vars: Variable[];
	macros: Macro[];
	actors: Actor[];
	expects: Expectation[];
}

/** A scenario of which nothing has been said but its name. */
export function emptyScenario(kind: Scenario["kind"], name: string): Scenario {
	const lists = { uses: [], params: [], tables: [], mms: [], pages: [], maps: [], vars: [], macros: [] };
	return { kind, name, ...lists, actors: [], expects: [] };
}
