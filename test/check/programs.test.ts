// Random small programs: the explorer against a plain enumeration, and models against each other.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fence, Instruction, Operation, Program, Value } from "../../bindings/program.ts";
import { finalStates } from "../litmus/reference.ts";
import { explored } from "./core.ts";

const REGISTERS = 2;
const VARS = 2;
const RUNS = 150;

const reg = fc.nat(REGISTERS - 1);
const at = fc.nat(VARS - 1).map((number) => ({ in: "var" as const, var: number }));
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
		{ weight: 4, arbitrary: fc.record({ op: fc.constant("load" as const), to: reg, at, order: load }) },
		{ weight: 4, arbitrary: fc.record({ op: fc.constant("store" as const), at, value, order: store }) },
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
		{ weight: 2, arbitrary: kinds.map((kind) => ({ op: "fence" as const, kind })) },
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
	const body = fc.array(operation(weak), { minLength: 1, maxLength: longest });
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
	const two = fc.tuple(thread(weak, 4), thread(weak, 4));
	const three = fc.tuple(thread(weak, 3), thread(weak, 2), thread(weak, 2));
	return fc.oneof<fc.Arbitrary<Operation[][]>[]>(two, three);
}

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
	test.each(["sc", "tso"] as const)("under %s", (model) => {
		const property = fc.property(programs(), (threads) => {
			const program = programOf(threads);
			const rows = finalStates(program, model).map((row) => row.join());
			expect(explored(program, model)).toEqual(rows.sort());
		});
		fc.assert(property, { numRuns: RUNS });
	});
});

test("what happens under SC may happen under TSO, what happens under TSO may happen under ARM8", () => {
	const property = fc.property(programs(), (threads) => {
		const program = programOf(threads);
		const tso = explored(program, "tso");
		subset(explored(program, "sc"), tso);
		subset(tso, explored(program, "arm8"));
	});
	fc.assert(property, { numRuns: RUNS });
});

test("what happens under ARM8 may happen under RCpc, also with acquire and release", () => {
	const property = fc.property(programs(true), (threads) => {
		const program = programOf(threads);
		const arm8 = explored(program, "arm8");
		subset(explored(program, "sc"), arm8);
		subset(arm8, explored(program, "rcpc"));
	});
	fc.assert(property, { numRuns: RUNS });
});

test.each(["sc", "tso", "arm8", "rcpc"] as const)("a fence more adds no behaviour under %s", (model) => {
	const kinds = fc.constantFrom<Fence[]>("full", "store", "load", "acquire", "release", "compiler", "speculation");
	const property = fc.property(programs(true), fc.nat(2), fc.nat(4), kinds, (threads, thread, where, kind) => {
		const number = Math.min(thread, threads.length - 1);
		const more = threads.map((code, i) => (i === number ? fenced(code, where, kind) : code));
		subset(explored(programOf(more), model), explored(programOf(threads), model));
	});
	fc.assert(property, { numRuns: RUNS });
});
