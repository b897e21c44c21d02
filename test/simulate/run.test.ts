import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { extend, openTrace, type Progress, packRecord, runTogether, StalemateError } from "../../src/index.ts";
import { bytes, chunks, core, countsOf, din } from "./traces.ts";

const LENGTH = 100_000;
const TEXT = din(LENGTH);

async function rejected(promise: Promise<unknown>): Promise<StalemateError> {
	const error = await promise.then(
		() => undefined,
		(cause) => cause,
	);
	expect(error).toBeInstanceOf(StalemateError);
	return error;
}

describe("running a trace", () => {
	it("gives the same counts however the bytes come", async () => {
		const whole = await core.simulator("broadwell").runTrace(bytes(TEXT));
		expect(whole.references.total).toBe(LENGTH);
		for (const source of [chunks(TEXT, 1000), new Blob([TEXT]), openTrace(gzipSync(TEXT))]) {
			const result = await core.simulator("broadwell").runTrace(source);
			expect(countsOf(result)).toEqual(countsOf(whole));
		}
	});

	it("gives the same counts as records in memory", async () => {
		const kinds = ["read", "write", "fetch"] as const;
		const lines = TEXT.trimEnd().split("\n");
		const records = BigUint64Array.from(lines, (line) => {
			const [label = "", address = ""] = line.split(" ");
			return packRecord(kinds[Number(label)]!, BigInt(`0x${address}`));
		});
		const simulation = core.simulator("zen3");
		simulation.runRecords(records.subarray(0, 777));
		simulation.runRecords(records.subarray(777));
		const traced = await core.simulator("zen3").runTrace(bytes(TEXT));
		expect(countsOf(simulation.result())).toEqual(countsOf(traced));
	});

	it("goes on where the last run ended", async () => {
		const simulation = core.simulator("compat-bdw");
		const first = await simulation.runTrace(bytes(TEXT));
		const second = await simulation.runTrace(bytes(TEXT));
		expect(second.references.total).toBe(2 * LENGTH);
		expect(second.caches[3]!.misses).toBe(first.caches[3]!.misses);
	});

	it("tells how far it is, at the end at the latest", async () => {
		const seen: Progress[] = [];
		await core.simulator("compat-bdw").runTrace(chunks(TEXT, 5000), { onProgress: (progress) => seen.push(progress) });
		expect(seen.at(-1)).toEqual({ references: LENGTH, bytes: TEXT.length });
		expect(seen.map(({ bytes }) => bytes)).toEqual(seen.map(({ bytes }) => bytes).sort((a, b) => a - b));
	});

	it("tells where the references came from", async () => {
		const trace = openTrace(gzipSync(TEXT), { name: "a name" });
		const result = await core.simulator("compat-bdw").runTrace(trace);
		expect(result.trace).toEqual({ name: "a name", format: "din", compression: "gzip", bytes: TEXT.length });
		expect(result.complete).toBe(true);
	});

	it("repeats itself exactly, and another seed is another run", async () => {
		const random = extend("compat-bdw", { caches: { L1D: { replacement: "random" } } });
		const run = async (seed: number) => countsOf(await core.simulator(random, { seed }).runTrace(bytes(TEXT)));
		expect(await run(1)).toEqual(await run(1));
		expect(await run(1)).not.toEqual(await run(2));
	});
});

describe("several machines on one trace", () => {
	it("each count what they would count alone", async () => {
		const ids = ["broadwell", "e500v2", "compat-cachegrind"] as const;
		const together = await runTogether(
			ids.map((id) => core.simulator(id)),
			chunks(TEXT, 30_000),
		);
		for (const [i, id] of ids.entries()) {
			expect(countsOf(together[i]!)).toEqual(countsOf(await core.simulator(id).runTrace(bytes(TEXT))));
		}
	});

	it("are told apart by what is told of intervals", async () => {
		const seen: number[] = [];
		const simulations = [core.simulator("compat-bdw"), core.simulator("zen3")];
		await runTogether(simulations, bytes(TEXT), { every: LENGTH / 2, onInterval: (_, i) => seen.push(i) });
		expect(seen.sort()).toEqual([0, 0, 1, 1]);
	});

	it("are refused when one stands there twice", async () => {
		const simulation = core.simulator("compat-bdw");
		expect((await rejected(runTogether([simulation, simulation], bytes(TEXT)))).code).toBe("BAD_OPTION");
	});
});

describe("intervals", () => {
	it.each([1, 7, 1000, 30_000, LENGTH, 2 * LENGTH])("of %i references add up to the whole", async (every) => {
		const text = every < 100 ? din(2000) : TEXT;
		const { intervals = [], ...result } = await core
			.simulator("broadwell", { classify: true })
			.runTrace(bytes(text), { every });
		expect(intervals).toHaveLength(Math.ceil(result.references.total / every));
		expect(intervals.map(({ start }) => start)).toEqual(intervals.map((_, i) => i * every));
		for (const kind of ["caches", "tlbs", "walks"] as const) {
			for (const [i, row] of result[kind].entries()) {
				for (const [key, value] of Object.entries(row)) {
					if (typeof value !== "number" || key === "cpu" || key === "missRatio") continue;
					const sum = intervals.reduce(
						(all, one) => all + (one[kind][i] as unknown as Record<string, number>)[key]!,
						0,
					);
					expect(sum, `${kind} ${i} ${key}`).toBe(value);
				}
			}
		}
	});

	it("do not change what is counted", async () => {
		const whole = await core.simulator("broadwell").runTrace(bytes(TEXT));
		const cut = await core.simulator("broadwell").runTrace(bytes(TEXT), { every: 999 });
		expect(countsOf(cut)).toEqual(countsOf(whole));
	});

	it("are not kept when they are told as they end", async () => {
		const seen: number[] = [];
		const simulation = core.simulator("compat-bdw");
		const result = await simulation.runTrace(bytes(TEXT), {
			every: 40_000,
			onInterval: ({ start }) => seen.push(start),
		});
		expect(seen).toEqual([0, 40_000, 80_000]);
		expect(result.intervals).toBeUndefined();
	});

	it("may be refused by who is told: the run ends with that error", async () => {
		const simulation = core.simulator("compat-bdw");
		const run = simulation.runTrace(bytes(TEXT), {
			every: 10_000,
			onInterval: () => {
				throw new RangeError("enough");
			},
		});
		await expect(run).rejects.toThrow(new RangeError("enough"));
		expect(simulation.result().complete).toBe(false);
		simulation.resetCounts();
		expect((await simulation.runTrace(bytes(TEXT))).references.total).toBe(LENGTH);
	});
});

describe("a warm-up", () => {
	it.each([1, 999, 65_536, 65_537])("of %i references is run and not counted", async (warmup) => {
		const lines = TEXT.split("\n");
		const reference = core.simulator("broadwell");
		await reference.runTrace(bytes(lines.slice(0, warmup).join("\n")));
		reference.resetCounts();
		const expected = await reference.runTrace(bytes(lines.slice(warmup).join("\n")));
		const result = await core.simulator("broadwell").runTrace(bytes(TEXT), { warmup });
		expect(countsOf(result)).toEqual(countsOf(expected));
		expect(result.parameters.warmup).toBe(warmup);
	});

	it("ends before the first interval begins", async () => {
		const { intervals = [], references } = await core
			.simulator("compat-bdw")
			.runTrace(bytes(TEXT), { warmup: 12_345, every: 50_000 });
		expect(references.total).toBe(LENGTH - 12_345);
		expect(intervals.map(({ start, references }) => [start, references.total])).toEqual([
			[0, 50_000],
			[50_000, LENGTH - 62_345],
		]);
	});

	it("as long as the trace leaves nothing to count, which is an error", async () => {
		const error = await rejected(core.simulator("compat-bdw").runTrace(bytes(TEXT), { warmup: LENGTH }));
		expect(error).toMatchObject({ code: "BAD_OPTION", place: { path: "warmup" } });
	});

	it("longer than the trace is an error that tells both lengths", async () => {
		const simulation = core.simulator("compat-bdw");
		const error = await rejected(simulation.runTrace(bytes(TEXT), { warmup: LENGTH + 1 }));
		expect(error).toMatchObject({ code: "BAD_OPTION", place: { path: "warmup" } });
		expect(error.message).toContain(String(LENGTH));
		expect(simulation.result().references.total).toBe(0);
	});
});

describe("a run that ends early", () => {
	it("by its signal keeps the counts so far", async () => {
		const controller = new AbortController();
		const simulation = core.simulator("compat-bdw");
		let read = 0;
		async function* source() {
			for await (const chunk of chunks(TEXT, 10_000)) {
				read += chunk.length;
				if (read > TEXT.length / 2) controller.abort();
				yield chunk;
			}
		}
		const error = await rejected(simulation.runTrace(source(), { signal: controller.signal }));
		expect(error.code).toBe("CANCELLED");
		const { references, complete } = simulation.result();
		expect(complete).toBe(false);
		expect(references.total).toBeGreaterThan(LENGTH / 3);
		expect(references.total).toBeLessThan(LENGTH);
	});

	it("can be ended by a timer although all of it is in memory", async () => {
		const long = bytes(TEXT.repeat(200));
		const signal = AbortSignal.timeout(20);
		const error = await rejected(core.simulator("broadwell", { classify: true }).runTrace(long, { signal }));
		expect(error.code).toBe("CANCELLED");
	});

	it("does not begin when it was cancelled before", async () => {
		const simulation = core.simulator("compat-bdw");
		const error = await rejected(simulation.runTrace(bytes(TEXT), { signal: AbortSignal.abort() }));
		expect(error.code).toBe("CANCELLED");
		expect(simulation.result().references.total).toBe(0);
	});

	it("at a bad line keeps the counts of all lines before it", async () => {
		const lines = TEXT.split("\n");
		lines.splice(70_000, 0, "no reference");
		const simulation = core.simulator("compat-bdw");
		const error = await rejected(simulation.runTrace(bytes(lines.join("\n")), { every: 30_000 }));
		expect(error).toMatchObject({ code: "BAD_TRACE", place: { line: 70_001 } });
		const { references, intervals = [] } = simulation.result();
		expect(references.total).toBe(70_000);
		expect(intervals.map((interval) => interval.references.total)).toEqual([30_000, 30_000, 10_000]);
	});

	it("at the end of a truncated file has counted all whole lines, and not half an address", async () => {
		const packed = gzipSync(TEXT);
		const simulation = core.simulator("compat-bdw");
		const error = await rejected(simulation.runTrace(packed.subarray(0, packed.length - 2000)));
		expect(error.code).toBe("BAD_COMPRESSION");
		const before = error.place.offset!;
		const whole = TEXT.slice(0, before).split("\n").length - 1;
		expect(simulation.result().references.total).toBe(whole);
		expect(error.place).toMatchObject({ line: whole + 1, compressed: packed.length - 2000 });
	});

	it("can skip bad lines instead, and says how many", async () => {
		const lines = TEXT.split("\n");
		lines.splice(10, 0, "3 x", "no reference");
		const result = await core.simulator("compat-bdw").runTrace(bytes(lines.join("\n")), { onError: "skip" });
		expect(result.skipped).toBe(2);
		expect(result.references.total).toBe(LENGTH);
		expect(result.parameters.onError).toBe("skip");
	});

	it("says how many lines were skipped where no good one was among them", async () => {
		const trace = openTrace(bytes("a\nb\nc\n"), { format: "din", onError: "skip" });
		const simulation = core.simulator("broadwell");
		await expect(simulation.runTrace(trace)).rejects.toThrow(/there is no reference in it; 3 bad ones were skipped$/);
		expect(simulation.result().skipped).toBe(3);
	});

	it("is an error where there is no reference at all", async () => {
		const text = "==1== Lackey, an example Valgrind tool\n==1== \n";
		const error = await rejected(core.simulator("compat-bdw").runTrace(bytes(text)));
		expect(error.code).toBe("BAD_TRACE");
		expect(error.message).toContain("--trace-mem=yes");
		const simulation = core.simulator("compat-bdw");
		await simulation.runTrace(bytes(TEXT));
		expect((await rejected(simulation.runTrace(bytes(text)))).code).toBe("BAD_TRACE");
	});
});

describe("what is asked wrongly", () => {
	it.each([
		[{ every: 0 }, "every"],
		[{ every: 1.5 }, "every"],
		[{ warmup: -1 }, "warmup"],
		[{ onError: "never" as "stop" }, "onError"],
	])("%o is refused before anything is read", async (options, path) => {
		const trace = openTrace("no-such-file.din");
		expect(await rejected(core.simulator("compat-bdw").runTrace(trace, options))).toMatchObject({
			code: "BAD_OPTION",
			place: { path },
		});
	});

	it("a second run at the same time is refused, and does not disturb the first", async () => {
		const simulation = core.simulator("compat-bdw");
		const first = simulation.runTrace(chunks(TEXT, 100_000));
		expect((await rejected(simulation.runTrace(bytes(TEXT)))).code).toBe("BAD_OPTION");
		expect(() => simulation.runRecords(new BigUint64Array(1))).toThrow(StalemateError);
		expect((await first).references.total).toBe(LENGTH);
	});

	it.each([
		["cpu", { cpu: 1 }],
		["cpu", { cpu: -1 }],
		["asid", { asid: 65_536 }],
	])("records of a %s that is not there", (path, place) => {
		const simulation = core.simulator("compat-bdw");
		expect(() => simulation.runRecords(new BigUint64Array(1), place)).toThrow(
			expect.objectContaining({ code: "BAD_OPTION", place: { path } }),
		);
	});

	it.each([
		["seed", { seed: -1 }],
		["seed", { seed: 2n ** 64n }],
		["cpus", { cpus: 0 }],
		["hot.cache", { hot: { cache: "L9", by: "line" as const } }],
		["hot.by", { hot: { cache: "L2", by: "word" as "line" } }],
		["hot.top", { hot: { cache: "L2", by: "line" as const, top: 0 } }],
		["caches.L2.wayz", { sets: ["caches.L2.wayz=3"] }],
	])("a simulator with a bad %s", (path, options) => {
		expect(() => core.simulator("broadwell", options)).toThrow(
			expect.objectContaining({ code: "BAD_OPTION", place: { path } }),
		);
	});

	it("a profile that is misspelt", () => {
		expect(() => core.simulator("brodwell" as "broadwell")).toThrow(/did you mean "broadwell"/);
	});
});
