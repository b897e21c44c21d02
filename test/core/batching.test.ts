import { describe, expect, it } from "vitest";
import { BATCH_FULL } from "../../bindings/layout/trace.ts";
import { EVERYTHING } from "../oracle/arbitrary.ts";
import { b2, cachegrind, chain, machine, tlb } from "../oracle/machines.ts";
import { Oracle } from "../oracle/oracle.ts";
import { differences } from "../oracle/print.ts";
import { type Access, parseTrace, recordOf, run } from "../oracle/trace.ts";
import { agrees, longTrace, simulate } from "./harness.ts";

describe("batches", () => {
	agrees("of any size give the same counts", EVERYTHING, {
		runs: 200,
		feed: (runner, trace) => run(runner, trace, runner instanceof Oracle ? undefined : 1 + (trace.length % 5)),
	});
	agrees(
		"of any size never part a pair",
		{ straddle: "once", tlbs: true, noAllocate: true },
		{
			runs: 100,
			feed: (runner, trace) => run(runner, trace, runner instanceof Oracle ? undefined : 1 + (trace.length % 5)),
		},
	);

	it("may be empty", () => {
		const simulator = simulate(b2());
		simulator.runRecords(new BigUint64Array());
		expect(simulator.counts()).toEqual(new Oracle(b2()).counts());
	});

	it("may be longer than what the core takes at once", () => {
		const config = machine({
			caches: chain({ sets: 8, ways: 4 }, { sets: 37, ways: 8, replacement: "random" }),
			tlbs: [tlb({ sets: 4, ways: 4 })],
			translation: { policy: "first-touch" },
		});
		const records = longTrace(2 * BATCH_FULL + 100, 500);
		const [oracle, simulator] = [new Oracle(config), simulate(config)];
		oracle.runRecords(records);
		simulator.runRecords(records);
		expect(differences(oracle.counts(), simulator.counts(), config)).toEqual([]);
	});

	it("may have a pair across what the core takes at once", () => {
		const single = recordOf({ kind: "read", address: 0n, cpu: 0, asid: 0 });
		const pair = parseTrace("write 0x78 with, write 0x80").map(recordOf);
		const records = BigUint64Array.from([...Array.from({ length: BATCH_FULL - 1 }, () => single), ...pair]);
		const simulator = simulate(cachegrind());
		simulator.runRecords(records);
		const { references, caches } = simulator.counts();
		expect(references).toEqual({ total: BATCH_FULL, fetches: 0, reads: BATCH_FULL - 1, writes: 1 });
		expect(caches[1]).toMatchObject({ readMisses: 1, writes: 1, writeMisses: 1, fills: 3 });
	});

	it.each(["line", "page"] as const)("may make every table grow (hottest by %s)", { timeout: 60_000 }, (by) => {
		const config = machine({
			caches: chain(
				{ sets: 16, ways: 2, index: "virtual", tag: "virtual" },
				{ sets: 64, ways: 16, replacement: "srrip" },
			),
			tlbs: [tlb({ sets: 16, ways: 4, next: [1] }), tlb({ sets: 12, ways: 12, serves: "none" })],
			walk: { enabled: true, levels: [9, 9, 9, 9], enters: 0, caches: [2, 4, 16] },
			translation: { policy: "random", frames: 22 },
		});
		const options = { classify: true, hot: { cache: 1, by } };
		const records = longTrace(80_000, 0x3fffff);
		const [oracle, simulator] = [new Oracle(config, options), simulate(config, options)];
		oracle.runRecords(records);
		simulator.runRecords(records);
		expect(differences(oracle.counts(), simulator.counts(), config)).toEqual([]);
		expect(simulator.hottest(1000)).toEqual(oracle.hottest(1000));
	});
});

describe("resetCounts", () => {
	agrees("keeps what caches, TLBs, tables and shadows hold", EVERYTHING, {
		runs: 200,
		options: ({ caches, seed }) => ({
			classify: true,
			hot: { cache: Number(seed % BigInt(caches.length)), by: "line" },
		}),
		feed: (runner, trace) => {
			const half = middleOf(trace);
			run(runner, trace.slice(0, half));
			runner.resetCounts();
			run(runner, trace.slice(half));
		},
	});

	it("leaves no count behind", () => {
		const simulator = simulate(b2(), { classify: true, hot: { cache: 1, by: "line" } });
		simulator.runRecords(longTrace(10_000, 100));
		simulator.resetCounts();
		expect(simulator.counts()).toEqual(new Oracle(b2()).counts());
		expect(simulator.hottest(10)).toEqual([]);
	});
});

describe("simulators", () => {
	it("share nothing", () => {
		const [one, other] = [simulate(b2()), simulate(b2())];
		run(one, parseTrace("read 0x0, write 0x40"));
		expect(other.counts()).toEqual(new Oracle(b2()).counts());
		run(other, parseTrace("read 0x0"));
		expect(other.counts().caches[1]).toMatchObject({ reads: 1, readMisses: 1, writes: 0 });
	});
});

function middleOf(trace: Access[]): number {
	const half = Math.floor(trace.length / 2);
	return trace[half - 1]?.part ? half - 1 : half;
}
