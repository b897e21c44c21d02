import { describe, expect, it } from "vitest";
import { parseProfile } from "../../src/index.ts";
import type { Rows } from "../../src/simulate/result.ts";
import type { TraceItem } from "../../src/trace/items.ts";
import { packedOnCpu } from "./packed-cpu.ts";
import { bytes, core, countsOf, din } from "./traces.ts";

const TEXT = bytes(din(5000));

describe("a packed trace of CPU 2", () => {
	it("needs a machine with three CPUs, and is told so", async () => {
		const simulation = core.simulator("broadwell", { cpus: 2 });
		await expect(simulation.runTrace(await packedOnCpu(TEXT, 2))).rejects.toMatchObject({
			code: "BAD_TRACE",
			place: { path: "cpus" },
			message: expect.stringContaining("CPUs 0 to 1"),
		});
		expect(simulation.result().complete).toBe(false);
	});

	it("has the counts of CPU 0, under its own number", async () => {
		const two = await core.simulator("broadwell", { cpus: 3 }).runTrace(await packedOnCpu(TEXT, 2));
		const zero = await core.simulator("broadwell").runTrace(TEXT);
		expect(two.caches.map(({ cpu }) => cpu)).toEqual(zero.caches.map(() => 2));
		const { references, caches } = countsOf(two);
		expect({ references, caches: caches.map((row) => ({ ...row, cpu: 0 })) }).toMatchObject({
			references: zero.references,
			caches: zero.caches,
		});
	});
});

describe("what one CPU's references do to another's caches", () => {
	async function packed(items: TraceItem[]): Promise<Uint8Array> {
		const parts: Uint8Array[] = [];
		await core.writeTrace(items, new WritableStream({ write: (part) => void parts.push(part) }));
		return new Uint8Array(Buffer.concat(parts));
	}
	const oneLine = (sharedBy: number) =>
		parseProfile({
			caches: {
				L1: { sets: 4, ways: 1, line: 64, sharedBy },
				L2: { sets: 1, ways: 1, line: 64, sharedBy: 0, inclusion: "inclusive" },
			},
		});
	const twoReads = (first: number): TraceItem[] => [
		{ kind: "read", address: 0n, cpu: first },
		{ kind: "read", address: 0x40n, cpu: 1 },
	];
	const invalidations = ({ caches }: Rows) => caches.reduce((sum, row) => sum + row.invalidations, 0);

	it("is counted in the interval in which it happened", async () => {
		const trace = await packed(twoReads(0));
		const result = await core.simulator(oneLine(1), { cpus: 2 }).runTrace(trace, { every: 1 });
		expect(invalidations(result)).toBe(1);
		expect(result.intervals!.map(invalidations)).toEqual([0, 1]);
	});

	it("is counted after a warm-up in which that CPU referred to something for the last time", async () => {
		const trace = await packed(twoReads(0));
		const result = await core.simulator(oneLine(1), { cpus: 2 }).runTrace(trace, { warmup: 1 });
		expect(invalidations(result)).toBe(1);
	});

	it("is counted for the first CPU of a shared cache, which may never have referred to anything", async () => {
		const result = await core.simulator(oneLine(2), { cpus: 2 }).runTrace(await packed(twoReads(1)));
		expect(invalidations(result)).toBe(1);
	});

	it("adds up over intervals: lines lost and supplied", async () => {
		const write = (cpu: number): TraceItem => ({ kind: "write", address: 0n, cpu });
		const trace = await packed([write(0), write(1), write(1), write(0)]);
		const result = await core.simulator("broadwell", { cpus: 2 }).runTrace(trace, { every: 1 });
		const moved = ({ caches }: Rows) => caches.reduce((sum, row) => sum + row.lost! + row.interventions!, 0);
		expect(moved(result)).toBeGreaterThan(0);
		expect(result.intervals!.reduce((sum, interval) => sum + moved(interval), 0)).toBe(moved(result));
	});

	it("adds up over intervals: what was shot, and is missed later", async () => {
		const read: TraceItem = { kind: "read", address: 0n };
		const trace = await packed([read, { operation: "shootdown" }, read, read, { operation: "shootdown" }]);
		const result = await core.simulator("broadwell").runTrace(trace, { every: 1 });
		const told = ({ tlbs }: Rows) => tlbs.reduce((sum, row) => sum + (row.shot ?? 0) + (row.refills ?? 0), 0);
		expect(result.intervals!.reduce((sum, interval) => sum + told(interval), 0)).toBe(told(result));
		expect(result.intervals!.reduce((sum, { operations }) => sum + (operations?.shootdowns ?? 0), 0)).toBe(2);

		const warm = await packed([read, { operation: "shootdown" }, read]);
		const after = await core.simulator("broadwell").runTrace(warm, { warmup: 1 });
		expect(after.tlbs.some(({ refills }) => refills! > 0)).toBe(true);
	});
});
