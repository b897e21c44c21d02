import { describe, expect, it } from "vitest";
import type { MachineConfig } from "../../bindings/config.ts";
import { EVERYTHING } from "../oracle/arbitrary.ts";
import { cache, chain, machine } from "../oracle/machines.ts";
import { Oracle, type OracleOptions } from "../oracle/oracle.ts";
import { parseTrace, run } from "../oracle/trace.ts";
import { agrees, simulate } from "./harness.ts";
import { areConsistent } from "./invariants.ts";

const oracle = (...given: ConstructorParameters<typeof Oracle>) => new Oracle(...given);

describe.each([
	["core", simulate],
	["oracle", oracle],
] as const)("misses are classed by the %s", (_, make) => {
	/** [compulsory, capacity, conflict] of each cache. */
	function classes(config: MachineConfig, trace: string): number[][] {
		const runner = make(config, { classify: true });
		run(runner, parseTrace(trace));
		return runner.counts().caches.map((row) => [row.compulsory, row.capacity, row.conflict]);
	}
	const twoSets = machine({ caches: chain({ sets: 2 }, { ways: 4 }) });

	it("as compulsory at the first reference to a line", () => {
		expect(classes(twoSets, "read 0x00, read 0x08, write 0x40, fetch 0x80")[0]).toEqual([3, 0, 0]);
	});

	it("as conflict where a fully associative cache of the same size would hit", () => {
		expect(classes(twoSets, "read 0x00, read 0x80, read 0x00")[0]).toEqual([2, 0, 1]);
	});

	it("as capacity where it would miss too", () => {
		expect(classes(twoSets, "read 0x00, read 0x80, read 0x100, read 0x00")[0]).toEqual([3, 1, 0]);
	});

	it("at each level by the references that reach it", () => {
		expect(classes(twoSets, "read 0x00, read 0x80, read 0x00, read 0x80")).toEqual([
			[2, 0, 2],
			[2, 0, 0],
		]);
	});

	it("not at all for victims, which leave no trace in the fully associative cache either", () => {
		const config = machine({ caches: chain({}, { ways: 2, inclusion: "exclusive" }) });
		expect(classes(config, "read 0x00, read 0x40, read 0x80, read 0x00")).toEqual([
			[3, 1, 0],
			[3, 0, 0],
		]);
	});

	it("for each physical line where the tags are virtual", () => {
		const config = machine({
			caches: [cache({ sets: 2, ways: 2, serves: "both", index: "virtual", tag: "virtual" })],
			translation: { policy: "first-touch" },
		});
		const runner = make(config, { classify: true });
		for (const asid of [0, 1, 2, 0]) run(runner, [{ kind: "read", address: 0x1000n, cpu: 0, asid }]);
		const [row] = runner.counts().caches;
		// The fully associative cache of four lines would still have held the first.
		expect([row!.compulsory, row!.capacity, row!.conflict]).toEqual([3, 0, 1]);
	});

	it("with write-backs arriving as references", () => {
		const config = machine({ caches: chain({ replacement: "fifo", ways: 2 }, {}) });
		// L2: fill 0, fill 1, read 2, write-back 0 (capacity: it held 2)
		expect(classes(config, "write 0x00, write 0x40, read 0x80")[1]).toEqual([3, 1, 0]);
	});
});

describe.each([
	["core", simulate],
	["oracle", oracle],
] as const)("the hottest keys are named by the %s", (_, make) => {
	function hottest(by: "line" | "page" | "set", k: number, cpus = 1) {
		const config = machine({ cpus, caches: [cache({ sets: 4, line: 32, serves: "both" })] });
		const runner = make(config, { hot: { cache: 0, by } } satisfies OracleOptions);
		run(runner, parseTrace("read 0x10f8, read 0x2078, write 0x10f8, fetch 0x2078, read 0x2040, read 0x3000"));
		return runner.hottest(k);
	}

	it("by line, most misses first, ties by smaller key", () => {
		expect(hottest("line", 10)).toEqual([
			{ key: 0x10e0n, misses: 2 },
			{ key: 0x2060n, misses: 2 },
			{ key: 0x2040n, misses: 1 },
			{ key: 0x3000n, misses: 1 },
		]);
	});

	it("by page", () => {
		expect(hottest("page", 2)).toEqual([
			{ key: 0x2000n, misses: 3 },
			{ key: 0x1000n, misses: 2 },
		]);
	});

	it("by set", () => {
		expect(hottest("set", 1)).toEqual([{ key: 3n, misses: 4 }]);
	});

	it("for all CPUs together", () => {
		expect(hottest("set", 10, 2)).toEqual([
			{ key: 3n, misses: 4 },
			{ key: 0n, misses: 1 },
			{ key: 2n, misses: 1 },
		]);
	});

	it("and there are none before a miss, or when nobody asked", () => {
		const config = machine();
		expect(make(config, { hot: { cache: 0, by: "line" } }).hottest(3)).toEqual([]);
		const runner = make(config);
		run(runner, parseTrace("read 0x0"));
		expect(runner.hottest(3)).toEqual([]);
	});
});

describe("classes and hottest keys", () => {
	agrees(
		"agree with the oracle for plain caches",
		{ replacement: EVERYTHING.replacement },
		{ runs: 150, options: () => ({ classify: true }), check: areConsistent },
	);
	agrees("agree with the oracle for every machine", EVERYTHING, {
		runs: 300,
		options: ({ caches, seed }) => ({
			classify: seed % 2n === 0n,
			hot: { cache: Number(seed % BigInt(caches.length)), by: (["line", "page", "set"] as const)[Number(seed % 3n)]! },
		}),
		check: areConsistent,
	});
});
