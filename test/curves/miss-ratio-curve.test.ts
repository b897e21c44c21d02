import { describe, expect, it } from "vitest";
import { KIND_FETCH, KIND_READ, KIND_WRITE } from "../../bindings/layout/records.ts";
import type { Stream } from "../../bindings/stack.ts";
import { type CurveResult, type MissRatioCurveOptions, missRatioCurve, onePass } from "../../src/curves/index.ts";
import { StalemateError } from "../../src/errors.ts";
import { traceOf } from "../oracle/arbitrary.ts";
import { cache, machine } from "../oracle/machines.ts";
import { recordOf } from "../oracle/trace.ts";
import fc, { RUNS } from "../properties.ts";
import { core, countsOf, generated, isIn, longTrace, randomOf, simulatorOf } from "./common.ts";

function curveOf(records: BigUint64Array, options: MissRatioCurveOptions): CurveResult {
	const curve = missRatioCurve(core, options);
	curve.runRecords(records);
	return curve.result();
}

/** The stack as a list, searched from its top: at each distance the references of a kind; no distance: the last place. */
function naive(records: BigUint64Array, line: number, of: Stream) {
	const stack: bigint[] = [];
	const found: { kind: number; distance: number }[] = [];
	for (const record of records) {
		if (!isIn(of, record)) continue;
		const number = record / BigInt(line);
		const distance = stack.indexOf(number);
		if (distance >= 0) stack.splice(distance, 1);
		stack.unshift(number);
		found.push({ kind: Number(record & 3n), distance: distance < 0 ? Number.POSITIVE_INFINITY : distance });
	}
	const misses = (kind: number, capacity: number) =>
		found.filter((each) => each.kind === kind && each.distance >= capacity).length;
	return { misses, footprint: stack.length, references: found.length };
}

function expectLikeNaive(records: BigUint64Array, line: number, of: Stream): void {
	const result = curveOf(records, { line, of });
	const expected = naive(records, line, of);
	const { fetches, reads, writes } = result.references;
	expect(fetches + reads + writes).toBe(expected.references);
	expect(result.footprint).toBe(expected.footprint);
	for (let capacity = 1; capacity <= expected.footprint + 2; capacity++) {
		const { fetchMisses, readMisses, writeMisses, missRatio, low, high } = result.at(capacity);
		const byKind = [KIND_FETCH, KIND_READ, KIND_WRITE].map((kind) => expected.misses(kind, capacity));
		expect([fetchMisses, readMisses, writeMisses]).toEqual(byKind);
		expect(low).toBe(missRatio);
		expect(high).toBe(missRatio);
	}
}

describe("an exact curve", () => {
	it("is that of a naive stack on random traces", { timeout: 120_000 }, () => {
		const given = fc.record({
			line: fc.integer({ min: 3, max: 8 }).map((bits) => 2 ** bits),
			of: fc.constantFrom<Stream>("unified", "fetch", "data"),
			trace: traceOf(machine({ caches: [cache({ serves: "both" })] }), { stretches: 12 }),
		});
		fc.assert(
			fc.property(given, ({ line, of, trace }) => {
				expectLikeNaive(BigUint64Array.from(trace, recordOf), line, of);
			}),
			{ numRuns: 60 * RUNS },
		);
	});

	// The first room is for 4096 moments: this fills it several times, with few lines and with more than fit.
	it.each([20, 700, 3000])(
		"is that of a naive stack when %d lines use up all moments",
		{ timeout: 60_000 },
		(lines) => {
			const random = randomOf(lines);
			const records = BigUint64Array.from({ length: 20_000 }, () => BigInt(Math.floor(random() ** 2 * lines) * 64));
			const result = curveOf(records, { line: 64 });
			const expected = naive(records, 64, "unified");
			expect(result.footprint).toBe(expected.footprint);
			for (let capacity = 1; capacity <= expected.footprint; capacity += 1 + (capacity >> 3)) {
				expect(result.at(capacity).misses).toBe(expected.misses(KIND_READ, capacity));
			}
		},
	);

	it("has the misses of the Simulator with one set, on a long trace", { timeout: 60_000 }, () => {
		const records = longTrace().subarray(0, 500_000);
		const result = curveOf(records, { line: 64, of: "unified" });
		for (const ways of [1, 7, 64, 200]) {
			const simulator = simulatorOf({ line: 64, sets: 1, ways }, "unified");
			simulator.runRecords(records);
			const { fetchMisses, readMisses, writeMisses } = countsOf(simulator);
			expect(result.at(ways)).toMatchObject({ fetchMisses, readMisses, writeMisses });
		}
	});

	it("has the misses of a pass with one set, for every number of ways of it", () => {
		const records = generated(60_000);
		const pass = onePass(core, { lines: [128], sets: [1], ways: 100, of: "data" });
		pass.runRecords(records);
		const result = curveOf(records, { line: 128, of: "data" });
		for (const { ways, bytes, readMisses, writeMisses } of pass.result().geometries) {
			expect(result.at(ways)).toMatchObject({ capacity: ways, bytes, readMisses, writeMisses });
		}
	});

	it("of a cyclic walk falls from everything to nothing at once", () => {
		const records = BigUint64Array.from({ length: 5000 }, (_, i) => BigInt((i % 1000) * 64));
		const result = curveOf(records, { line: 64 });
		expect(result.at(999).missRatio).toBe(1);
		expect(result.at(1000).missRatio).toBe(0.2);
		expect(result.capacityFor(0.5)).toBe(1000);
		expect(result.capacityFor(1)).toBe(1);
		expect(result.capacityFor(0.1)).toBeUndefined();
		expect(result.points().at(-1)).toMatchObject({ capacity: 1000, misses: 1000 });
	});

	it("does not depend on where the references are cut into batches, nor on earlier results", () => {
		const records = generated(50_000);
		const parts = missRatioCurve(core, { line: 64 });
		for (let at = 0; at < records.length; at += 7919) {
			parts.runRecords(records.subarray(at, at + 7919));
			parts.result();
		}
		expect(parts.result().toJSON()).toEqual(curveOf(records, { line: 64 }).toJSON());
	});

	it("reads a trace, and cuts accesses where its lines begin", () => {
		const curve = missRatioCurve(core, { line: 32 });
		const reader = curve.reader("lackey");
		reader.write(new TextEncoder().encode(" L 1c,8\n M 20,4\nI  40,32\n"));
		expect(reader.end()).toBeUndefined();
		expect(curve.result().references).toEqual({ fetches: 1, reads: 3, writes: 1 });
		expect(curve.result().at(2)).toMatchObject({ readMisses: 2, writeMisses: 0, fetchMisses: 1 });
	});

	it("is empty before the first reference", () => {
		const result = missRatioCurve(core, { line: 64 }).result();
		expect(result.at(1)).toMatchObject({ misses: 0, missRatio: 0 });
		expect(result.footprint).toBe(0);
		expect(result.points()).toHaveLength(1);
	});
});

describe("a sampled curve", () => {
	const random = randomOf(7);
	/** Working sets of several sizes, and a tail. */
	const records = BigUint64Array.from({ length: 400_000 }, (_, i) => {
		const set = random();
		const place = set < 0.5 ? random() * 2000 : set < 0.8 ? 1e6 + random() * 20_000 : 2e6 + ((i * 7) % 60_000);
		return (BigInt(Math.floor(place)) << 6n) | (random() < 0.3 ? 1n : 0n);
	});
	const exact = curveOf(records, { line: 64 });
	const capacities = exact.points().map(({ capacity }) => capacity);

	it.each([
		["a rate of 0.1", { rate: 0.1 }],
		["a rate of 0.02", { rate: 0.02 }],
		["at most 4096 lines", { lines: 4096 }],
		["at most 1000 lines of a tenth", { rate: 0.1, lines: 1000 }],
	])("keeps the exact one within its bounds, with %s and any seed", (_, sample) => {
		for (let seed = 0; seed < 12; seed++) {
			const result = curveOf(records, { line: 64, sample: { ...sample, seed } });
			expect(result.references).toEqual(exact.references);
			for (const capacity of capacities) {
				const { low, high, missRatio } = result.at(capacity);
				const truth = exact.at(capacity).missRatio;
				expect(low, `seed ${seed}, ${capacity} lines`).toBeLessThanOrEqual(truth);
				expect(high, `seed ${seed}, ${capacity} lines`).toBeGreaterThanOrEqual(truth);
				expect(low).toBeLessThanOrEqual(missRatio);
				expect(high).toBeGreaterThanOrEqual(missRatio);
			}
		}
	});

	it("has bounds that say something: from 1000 lines on they are 0.15 apart on average, at a rate of 0.1", () => {
		const result = curveOf(records, { line: 64, sample: { rate: 0.1 } });
		const widths = capacities.filter((capacity) => capacity >= 1000).map((capacity) => result.at(capacity));
		const mean = widths.reduce((sum, { low, high }) => sum + high - low, 0) / widths.length;
		expect(mean).toBeLessThan(0.15);
	});

	it("keeps the exact one of a real trace within its bounds", { timeout: 60_000 }, () => {
		const real = longTrace();
		for (const of of ["data", "unified"] as const) {
			const truth = curveOf(real, { line: 64, of });
			for (let seed = 0; seed < 6; seed++) {
				const result = curveOf(real, { line: 64, of, sample: { rate: 0.2, seed } });
				for (const { capacity, missRatio } of truth.points()) {
					const { low, high } = result.at(capacity);
					expect(low, `${of}, seed ${seed}, ${capacity} lines`).toBeLessThanOrEqual(missRatio);
					expect(high, `${of}, seed ${seed}, ${capacity} lines`).toBeGreaterThanOrEqual(missRatio);
				}
			}
		}
	});

	it("is the same for the same seed, and another for another", () => {
		const sample = { rate: 0.05, seed: 3 };
		const once = curveOf(records, { line: 64, sample }).toJSON();
		expect(curveOf(records, { line: 64, sample }).toJSON()).toEqual(once);
		expect(curveOf(records, { line: 64, sample: { rate: 0.05, seed: 4 } }).toJSON()).not.toEqual(once);
	});

	it("is exact as long as all lines are followed", () => {
		const all = curveOf(records, { line: 64, sample: { lines: 2 ** 17 } });
		expect(all.points()).toEqual(exact.points());
		expect(all.sample).toMatchObject({ rate: 1, lines: 2 ** 17, followed: exact.footprint });
	});

	it("never follows more lines than it may, and says at which rate it ended", () => {
		const { sample } = curveOf(records, { line: 64, sample: { lines: 500 } });
		expect(sample!.followed).toBeLessThanOrEqual(500);
		expect(sample!.rate).toBeLessThan(500 / 60_000);
		expect(Number.isInteger(Math.log2(sample!.rate))).toBe(true);
	});

	it("has bounds that say nothing where too few lines were followed", () => {
		const few = BigUint64Array.from({ length: 100 }, (_, i) => BigInt(i * 64));
		expect(curveOf(few, { line: 64, sample: { rate: 0.1 } }).at(10)).toMatchObject({ low: 0, high: 1 });
	});

	it("becomes JSON and is the same afterwards", () => {
		const result = curveOf(records, { line: 64, sample: { rate: 0.1, lines: 1000 } });
		expect(JSON.parse(JSON.stringify(result))).toEqual(result.toJSON());
	});
});

describe("options that cannot be are refused with their path", () => {
	it.each<[string, unknown]>([
		["options", undefined],
		["line", {}],
		["line", { line: 65 }],
		["of", { line: 64, of: "both" }],
		["ways", { line: 64, ways: 3 }],
		["sample", { line: 64, sample: {} }],
		["sample", { line: 64, sample: 0.1 }],
		["sample.rate", { line: 64, sample: { rate: 0 } }],
		["sample.rate", { line: 64, sample: { rate: 1.5 } }],
		["sample.lines", { line: 64, sample: { lines: 255 } }],
		["sample.seed", { line: 64, sample: { rate: 0.1, seed: -1 } }],
		["sample.size", { line: 64, sample: { size: 10 } }],
	])("%s", (path, options) => {
		try {
			missRatioCurve(core, options as MissRatioCurveOptions);
		} catch (error) {
			expect(error).toBeInstanceOf(StalemateError);
			expect(error).toMatchObject({ code: "BAD_OPTION", place: { path } });
			return;
		}
		expect.fail("nothing was thrown");
	});

	it("a capacity that is no whole number of lines", () => {
		const result = missRatioCurve(core, { line: 64 }).result();
		expect(() => result.at(0)).toThrow(StalemateError);
		expect(() => result.at(1.5)).toThrow(StalemateError);
		expect(() => result.capacityFor(Number.NaN)).toThrow(StalemateError);
	});
});
