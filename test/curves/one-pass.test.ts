import { describe, expect, it } from "vitest";
import type { Reader } from "../../bindings/reader.ts";
import type { Stream } from "../../bindings/stack.ts";
import { type OnePassOptions, onePass } from "../../src/curves/index.ts";
import { StalemateError } from "../../src/errors.ts";
import { traceOf } from "../oracle/arbitrary.ts";
import { cache, machine } from "../oracle/machines.ts";
import { recordOf } from "../oracle/trace.ts";
import { trustedTrace } from "../oracle/traces.ts";
import fc, { RUNS } from "../properties.ts";
import { core, countsOf, generated, isIn, longTrace, simulatorOf } from "./common.ts";

const TEN_SETS = Array.from({ length: 10 }, (_, k) => 2 ** (k + 4));

/** Each geometry of a pass beside a Simulator of its own; a list of those that differ. */
function differences(options: OnePassOptions, records: BigUint64Array): string[] {
	const pass = onePass(core, options);
	pass.runRecords(records);
	const of = options.of ?? "unified";
	const seen = records.filter((record) => isIn(of, record));
	return pass.result().geometries.flatMap((geometry) => {
		const simulator = simulatorOf(geometry, of);
		simulator.runRecords(seen);
		return compared(geometry, countsOf(simulator));
	});
}

function compared(geometry: { line: number; sets: number; ways: number }, expected: object): string[] {
	const { line, sets, ways } = geometry;
	return Object.entries(expected)
		.filter(([name, count]) => geometry[name as "line"] !== count)
		.map(([name, count]) => `${line} x ${sets} x ${ways}: ${name} ${geometry[name as "line"]} instead of ${count}`);
}

describe("one pass over a long trace has the counts of as many separate runs", () => {
	const records = longTrace();

	it("for 300 geometries that see the data: 1 line size x 10 numbers of sets x 30 numbers of ways", {
		timeout: 120_000,
	}, () => {
		const options = { lines: [64], sets: TEN_SETS, ways: 30, of: "data" } as const;
		expect(onePass(core, options).result().geometries).toHaveLength(300);
		expect(differences(options, records)).toEqual([]);
	});

	it("for caches that see everything, from one set on", { timeout: 120_000 }, () => {
		expect(differences({ lines: [64], sets: [1, 2, 64, 2048], ways: 12 }, records)).toEqual([]);
	});

	it("for caches that see the fetches, of three line sizes", { timeout: 120_000 }, () => {
		expect(differences({ lines: [16, 64, 256], sets: [8, 256], ways: 6, of: "fetch" }, records)).toEqual([]);
	});
});

describe("reading a trace has the counts of as many Simulators that read it", () => {
	const trace = trustedTrace("gzip_20k.lackey.gz");

	it.runIf(trace)(
		"on the accesses of gzip, each cut where lines of 32, 64 and 128 bytes begin",
		{
			timeout: 120_000,
		},
		() => {
			const read = ({ reader }: { reader(format: "lackey"): Reader }, bytes: Uint8Array) => {
				const reading = reader("lackey");
				expect(reading.write(bytes)).toBeUndefined();
				expect(reading.end()).toBeUndefined();
			};
			const bytes = trace!.text.subarray(0, trace!.text.lastIndexOf("\n", 12_000_000) + 1);
			const pass = onePass(core, { lines: [32, 64, 128], sets: [32, 512], ways: 3, of: "data" });
			read({ reader: (format) => pass.reader(format) }, bytes);
			const found = pass.result().geometries.flatMap((geometry) => {
				const simulator = simulatorOf(geometry, "data");
				read({ reader: (format) => simulator.reader(format) }, bytes);
				return compared(geometry, countsOf(simulator));
			});
			expect(found).toEqual([]);
		},
	);

	const access = fc.record({
		kind: fc.constantFrom("I  ", " L ", " S ", " M "),
		address: fc.oneof(
			fc.nat(0x3ff),
			fc.nat(0xffff).map((n) => 0x7ffd_0000 + n),
		),
		size: fc.oneof(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 600 }), fc.constant(65536)),
	});

	it("on random accesses of up to 65536 bytes", { timeout: 120_000 }, () => {
		fc.assert(
			fc.property(
				fc.array(access, { maxLength: 60, size: "max" }),
				fc.uniqueArray(fc.constantFrom(8, 16, 64, 256, 4096), { minLength: 1, maxLength: 3 }),
				fc.constantFrom<Stream>("unified", "fetch", "data"),
				(accesses, lines, of) => {
					const text = accesses.map(({ kind, address, size }) => `${kind}${address.toString(16)},${size}\n`).join("");
					const bytes = new TextEncoder().encode(text);
					const pass = onePass(core, { lines, sets: [4, 16], ways: 2, of });
					const reader = pass.reader("lackey");
					reader.write(bytes);
					reader.end();
					const found = pass.result().geometries.flatMap((geometry) => {
						const simulator = simulatorOf(geometry, of);
						const simulating = simulator.reader("lackey");
						simulating.write(bytes);
						simulating.end();
						return compared(geometry, countsOf(simulator));
					});
					expect(found).toEqual([]);
				},
			),
			{ numRuns: 60 * RUNS },
		);
	});

	it("skips bad lines when told to, and stops at them otherwise", () => {
		const bytes = new TextEncoder().encode("0 40\n0 what\n1 80\n");
		const stopped = onePass(core, { lines: [64], sets: [4], ways: 1 }).reader("din");
		stopped.write(bytes);
		expect(stopped.end()).toMatchObject({ line: 2 });
		const pass = onePass(core, { lines: [64], sets: [4], ways: 1 });
		const skipping = pass.reader("din", { skip: true });
		skipping.write(bytes);
		expect(skipping.end()).toBeUndefined();
		expect(skipping.skipped).toBe(1);
		expect(pass.result().at(64, 4, 1)).toMatchObject({ reads: 1, writes: 1, fills: 2 });
	});
});

describe("random geometries on random traces", () => {
	const geometries = fc
		.record({
			line: fc.integer({ min: 3, max: 7 }).map((bits) => 2 ** bits),
			more: fc.uniqueArray(
				fc.integer({ min: 3, max: 9 }).map((bits) => 2 ** bits),
				{ maxLength: 1 },
			),
			sets: fc.uniqueArray(
				fc.integer({ min: 0, max: 6 }).map((bits) => 2 ** bits),
				{ minLength: 1, maxLength: 3 },
			),
			ways: fc.oneof(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 8, max: 21 })),
			of: fc.constantFrom<Stream>("unified", "fetch", "data"),
		})
		.map(({ line, more, sets, ways, of }) => {
			const lines = [...new Set([line, ...more])];
			return { lines, sets, ways: Math.min(ways, Math.min(...lines) * Math.min(...sets) - 2), of };
		});

	it("have the counts of a Simulator each, up to the last address there is", { timeout: 300_000 }, () => {
		const given = geometries.chain((options) =>
			fc.record({
				options: fc.constant(options),
				trace: traceOf(
					machine({
						caches: [
							cache({ serves: "both", line: options.lines[0]!, sets: options.sets[0]!, ways: options.ways }),
							cache({ line: options.lines.at(-1)!, sets: options.sets.at(-1)! }),
						],
					}),
					{ stretches: 16 },
				),
			}),
		);
		fc.assert(
			fc.property(given, ({ options, trace }) => {
				expect(differences(options, BigUint64Array.from(trace, recordOf))).toEqual([]);
			}),
			{ numRuns: 80 * RUNS },
		);
	});
});

describe("a result", () => {
	const records = generated(50_000);

	it("does not depend on where the references are cut into batches, nor on earlier results", () => {
		const options: OnePassOptions = { lines: [32, 64], sets: [1, 16, 64], ways: 5 };
		const whole = onePass(core, options);
		whole.runRecords(records);
		const parts = onePass(core, options);
		for (let at = 0; at < records.length; at += 7919) {
			parts.runRecords(records.subarray(at, at + 7919));
			parts.result();
		}
		expect(parts.result().geometries).toEqual(whole.result().geometries);
	});

	it("is before the first reference a list of zeros", () => {
		const [first] = onePass(core, { lines: [64], sets: [1], ways: 4 }).result().geometries;
		expect(first).toEqual({
			line: 64,
			sets: 1,
			ways: 1,
			bytes: 64,
			fetches: 0,
			fetchMisses: 0,
			reads: 0,
			readMisses: 0,
			writes: 0,
			writeMisses: 0,
			fills: 0,
			evictions: 0,
			writebacks: 0,
		});
	});

	it("finds a geometry, and none that was not asked for", () => {
		const result = onePass(core, { lines: [64, 32], sets: [16, 4], ways: 3, of: "data" }).result();
		expect(result.geometries.map(({ line, sets, ways }) => result.at(line, sets, ways))).toEqual(result.geometries);
		expect(result.at(32, 16, 3)).toMatchObject({ line: 32, sets: 16, ways: 3, bytes: 1536 });
		for (const [line, sets, ways] of [
			[16, 16, 1],
			[32, 8, 1],
			[32, 16, 4],
			[32, 16, 0],
			[32, 16, 1.5],
		] as const) {
			expect(result.at(line, sets, ways)).toBeUndefined();
		}
	});

	it("becomes JSON and is the same afterwards", () => {
		const pass = onePass(core, { lines: [64], sets: [4], ways: 2, of: "fetch" });
		pass.runRecords(records);
		const json = JSON.parse(JSON.stringify(pass.result()));
		expect(json).toEqual({ kind: "one-pass", of: "fetch", geometries: [...pass.result().geometries] });
	});

	it("is of all CPUs and address spaces together, as if they shared the cache", () => {
		const simulator = simulatorOf({ line: 64, sets: 16, ways: 2 }, "unified", 2);
		const half = records.length / 2;
		simulator.runRecords(records.subarray(0, half), 0, 1);
		simulator.runRecords(records.subarray(half), 1, 2);
		const pass = onePass(core, { lines: [64], sets: [16], ways: 2 });
		pass.runRecords(records);
		expect(compared(pass.result().at(64, 16, 2)!, countsOf(simulator))).toEqual([]);
	});
});

describe("options that cannot be are refused with their path", () => {
	const good: OnePassOptions = { lines: [64], sets: [64], ways: 4 };
	it.each<[string, unknown]>([
		["lines", { ...good, lines: [] }],
		["lines", { ...good, lines: 64 }],
		["lines.1", { ...good, lines: [64, 48] }],
		["lines.0", { ...good, lines: [4] }],
		["sets.0", { ...good, sets: [0] }],
		["sets.1", { ...good, sets: [1, 3] }],
		["sets.0", { ...good, sets: [2 ** 25] }],
		["sets", { ...good, sets: [2 ** 24], ways: 30 }],
		["ways", { ...good, ways: 0 }],
		["ways", { ...good, ways: 1025 }],
		["ways", { ...good, ways: 2.5 }],
		["ways", { lines: [8], sets: [1], ways: 7 }],
		["of", { ...good, of: "writes" }],
		["line", { ...good, line: 64 }],
	])("%s", (path, options) => {
		try {
			onePass(core, options as OnePassOptions);
		} catch (error) {
			expect(error).toBeInstanceOf(StalemateError);
			expect(error).toMatchObject({ code: "BAD_OPTION", place: { path } });
			return;
		}
		expect.fail("nothing was thrown");
	});
});
