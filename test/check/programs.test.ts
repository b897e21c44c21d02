// Random small programs: the explorer against a plain enumeration, and models against each other.

import { describe, expect, test } from "vitest";
import type { Fence, Instruction, Operation, Program, Value } from "../../bindings/program.ts";
import { finalStates } from "../litmus/reference.ts";
import fc from "../properties.ts";
import { explored } from "./core.ts";

const REGISTERS = 3;
const VARS = 3;
const RUNS = 300;
const TIMEOUT = 60_000;

const reg = fc.nat(REGISTERS - 1);
/** The third variable is for cycles. */
const at = fc.nat(VARS - 2).map((number) => ({ in: "var" as const, var: number }));
const value: fc.Arbitrary<Value> = fc.oneof(
	{ weight: 3, arbitrary: fc.integer({ min: 1, max: 2 }).map((constant) => ({ constant })) },
	{ weight: 1, arbitrary: reg.map((number) => ({ reg: number })) },
);

/** `weak`: also loads and stores that are ordered by themselves. */
function operation(weak: boolean): fc.Arbitrary<Operation> {
	const load = weak ? fc.constantFrom("plain" as const, "acquire" as const) : fc.constant("plain" as const);
	const store = weak ? fc.constantFrom("plain" as const, "release" as const) : fc.constant("plain" as const);
	const rmw = weak
		? fc.constantFrom("plain" as const, "acquire" as const, "release" as const, "full" as const)
		: fc.constant("full" as const);
	const kinds = fc.constantFrom<Fence[]>("full", "store", "load", "acquire", "release", "compiler");
	return fc.oneof(
		{ weight: 9, arbitrary: fc.record({ op: fc.constant("load" as const), to: reg, at, order: load }) },
		{ weight: 9, arbitrary: fc.record({ op: fc.constant("store" as const), at, value, order: store }) },
		{
			weight: 1,
			arbitrary: fc.record({
				op: fc.constant("rmw" as const),
				kind: fc.constantFrom("swap" as const, "add" as const, "xor" as const),
				to: reg,
				at,
				value,
				order: rmw,
			}),
		},
		{
			weight: 1,
			arbitrary: fc.record({
				op: fc.constant("rmw" as const),
				kind: fc.constant("cas" as const),
				to: reg,
				at,
				value,
				expected: fc.integer({ min: 0, max: 1 }).map((constant) => ({ constant })),
				order: rmw,
			}),
		},
		{ weight: 1, arbitrary: kinds.map((kind) => ({ op: "fence" as const, kind })) },
		{
			weight: 1,
			arbitrary: fc.record({
				op: fc.constant("set" as const),
				to: reg,
				left: value,
				operator: fc.constant("+" as const),
				right: value,
			}),
		},
	);
}

/** Straight code, some of it under a condition on a register. */
function thread(weak: boolean, longest: number): fc.Arbitrary<Operation[]> {
	const body = fc.array(operation(weak), { minLength: 2, maxLength: longest, size: "max" });
	const guarded = fc
		.tuple(body, reg, fc.nat(longest), fc.integer({ min: 1, max: 2 }))
		.map(([code, left, where, length]) => {
			const from = Math.min(where, code.length - 1);
			const target = Math.min(from + 1 + length, code.length + 1);
			const branch: Operation = { op: "unless", left: { reg: left }, test: "==", right: { constant: 1 }, target };
			return [...code.slice(0, from), branch, ...code.slice(from)];
		});
	return fc.oneof({ weight: 2, arbitrary: body }, { weight: 1, arbitrary: guarded });
}

function programOf(threads: Operation[][]): Program {
	const registers = Array.from({ length: REGISTERS }, (_, i) => `r${i}`);
	return {
		name: "random",
		cpus: threads.length,
		vars: Array.from({ length: VARS }, (_, i) => ({ name: `v${i}`, initial: 0, perCpu: false })),
		frames: [],
		tables: [],
		mms: [],
		vas: [],
		actors: threads.map((code, cpu) => ({
			name: `P${cpu}`,
			cpu,
			kind: "thread" as const,
			registers,
			code: code.map((one, i): Instruction => ({ ...one, line: i + 1, text: one.op })),
		})),
		symmetric: [],
		observed: [
			...threads.flatMap((_, actor) => registers.map((_, number) => ({ actor, reg: number }))),
			...Array.from({ length: VARS }, (_, number) => ({ var: number })),
		],
	};
}

function programs(weak = false): fc.Arbitrary<Operation[][]> {
	const two = fc.tuple(thread(weak, 5), thread(weak, 4));
	const three = fc.tuple(thread(weak, 3), thread(weak, 3), thread(weak, 2));
	const cycles = fc.oneof(cycle(weak, 2), cycle(weak, 3));
	return fc
		.oneof(
			{ weight: 1, arbitrary: two as fc.Arbitrary<Operation[][]> },
			{ weight: 1, arbitrary: three as fc.Arbitrary<Operation[][]> },
			{ weight: 3, arbitrary: cycles },
		)
		.map((all) => all.map(apart));
}

/** As diy makes them: each thread goes from one variable to the next one's, perhaps with a fence between. */
function cycle(weak: boolean, length: number): fc.Arbitrary<Operation[][]> {
	const access = operation(weak).filter((one) => one.op === "load" || one.op === "store" || one.op === "rmw");
	const fence = fc.option(
		operation(weak).filter(({ op }) => op === "fence"),
		{ freq: 3 },
	);
	const one = fc.tuple(access, fence, access);
	return fc
		.array(one, { minLength: length, maxLength: length })
		.map((threads) =>
			threads.map(([first, between, second], i) => [
				{ ...first, at: { in: "var", var: i } } as Operation,
				...(between ? [between] : []),
				{ ...second, at: { in: "var", var: (i + 1) % length } } as Operation,
			]),
		);
}

/** Loads into registers of their own, so that what they read is seen at the end. */
function apart(code: Operation[]): Operation[] {
	let loads = 0;
	return code.map((one) => (one.op === "load" ? { ...one, to: loads++ % REGISTERS } : one));
}

test(
	"some of these programs tell the models apart",
	() => {
		const different: Record<string, number> = { "sc tso": 0, "tso arm8": 0, "arm8 rcpc": 0 };
		for (const threads of fc.sample(programs(true), { numRuns: 300, seed: 1 })) {
			const program = programOf(threads);
			for (const pair of Object.keys(different)) {
				const [one, other] = pair.split(" ") as ["sc", "tso"];
				if (explored(program, one).length !== explored(program, other).length) different[pair]!++;
			}
		}
		for (const [pair, count] of Object.entries(different)) expect(count, pair).toBeGreaterThan(0);
	},
	TIMEOUT,
);

function subset(few: string[], many: string[]): void {
	const all = new Set(many);
	expect(few.filter((row) => !all.has(row))).toEqual([]);
}

/** With a fence at a place; targets of branches beyond it move on. */
function fenced(code: Operation[], where: number, kind: Fence): Operation[] {
	const from = Math.min(where, code.length);
	const moved = code.map((one) =>
		one.op === "unless" && one.target > from ? { ...one, target: one.target + 1 } : one,
	);
	return [...moved.slice(0, from), { op: "fence", kind }, ...moved.slice(from)];
}

describe("the explorer finds the final states that a plain enumeration finds", () => {
	test.each(["sc", "tso"] as const)(
		"under %s",
		(model) => {
			const property = fc.property(programs(), (threads) => {
				const program = programOf(threads);
				const rows = finalStates(program, model).map((row) => row.join());
				expect(explored(program, model)).toEqual(rows.sort());
			});
			fc.assert(property, { numRuns: RUNS });
		},
		TIMEOUT,
	);
});

test(
	"what happens under SC may happen under TSO, what happens under TSO may happen under ARM8",
	() => {
		const property = fc.property(programs(), (threads) => {
			const program = programOf(threads);
			const tso = explored(program, "tso");
			subset(explored(program, "sc"), tso);
			subset(tso, explored(program, "arm8"));
		});
		fc.assert(property, { numRuns: RUNS });
	},
	TIMEOUT,
);

test(
	"what happens under ARM8 may happen under RCpc, also with acquire and release",
	() => {
		const property = fc.property(programs(true), (threads) => {
			const program = programOf(threads);
			const arm8 = explored(program, "arm8");
			subset(explored(program, "sc"), arm8);
			subset(arm8, explored(program, "rcpc"));
		});
		fc.assert(property, { numRuns: RUNS });
	},
	TIMEOUT,
);

test.each(["sc", "tso", "arm8", "rcpc"] as const)(
	"a fence more adds no behaviour under %s",
	(model) => {
		const kinds = fc.constantFrom<Fence[]>("full", "store", "load", "acquire", "release", "compiler", "speculation");
		const property = fc.property(programs(true), fc.nat(2), fc.nat(4), kinds, (threads, thread, where, kind) => {
			const number = Math.min(thread, threads.length - 1);
			const more = threads.map((code, i) => (i === number ? fenced(code, where, kind) : code));
			subset(explored(programOf(more), model), explored(programOf(threads), model));
		});
		fc.assert(property, { numRuns: RUNS });
	},
	TIMEOUT,
);
