import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { loadProgramCore } from "../../bindings/program-core.ts";
import { cost } from "../../src/cost/cost.ts";
import { applySets, loadSync, profile } from "../../src/index.ts";
import { readScenario } from "../../src/scenario/read.ts";
import { chooser, countColumns, cycleColumns } from "../../src/sweep/columns.ts";
import { outcomesOf } from "../../src/sweep/engine.ts";
import { diffSweeps, planSweep, runSweep, type SweepSpec, sweep } from "../../src/sweep/index.ts";
import { nodeHost } from "../../src/sweep/node/host.ts";
import { planOf } from "../../src/sweep/plan.ts";
import { trustedTrace } from "../oracle/traces.ts";
import { all, folder, GEOMETRIES, ROOT, SAMPLE, SINGLE } from "./common.ts";

const failure = (promise: Promise<unknown>) =>
	promise.then(
		() => expect.unreachable(),
		(cause) => cause,
	);

/** A point as a run of its own has it. */
async function alone(spec: SweepSpec, sets: string[]) {
	const core = loadSync();
	const { trace, profile, sets: fixed = [] } = spec.inputs!;
	const result = await core.simulator(profile as "zen3", { sets: [...fixed, ...sets] }).runTrace(trace!);
	return chooser(spec.outputs!)({ ...countColumns(result), ...cycleColumns(result.cycles) });
}

describe("a sweep of traces", () => {
	test("has the results of single runs, point by point, from one pass over the trace", async () => {
		const { units } = await planSweep(GEOMETRIES);
		expect(units.map(({ how, points }) => [how, points.length])).toEqual([["one-pass", 28]]);
		const rows = await all(sweep(GEOMETRIES, { workers: 0 }));
		expect(rows).toHaveLength(28);
		for (const row of rows) {
			const ways = row["profile.caches.L1D.ways"];
			const size = row["profile.caches.L1D.size"];
			const sets = [`caches.L1D.size=${size}`, `caches.L1D.ways=${ways}`];
			expect(row, `${size}, ${ways} ways`).toMatchObject(await alone(GEOMETRIES, sets));
		}
	});

	test("has them for machines that no pass can count, too", async () => {
		const spec: SweepSpec = {
			verb: "trace",
			inputs: { trace: SAMPLE, profile: "e500v2" },
			axes: [{ path: "profile.caches.L2.size", list: ["256K", "512K"] }],
			outputs: ["*"],
		};
		const { units } = await planSweep(spec);
		expect(units.map(({ how }) => how)).toEqual(["run", "run"]);
		const rows = await all(sweep(spec, { workers: 0 }));
		for (const row of rows) {
			expect(row).toMatchObject(await alone(spec, [`caches.L2.size=${row["profile.caches.L2.size"]}`]));
		}
	});

	test("is one run where machines differ in what they cost", async () => {
		const spec: SweepSpec = {
			verb: "trace",
			inputs: { trace: SAMPLE, profile: "broadwell" },
			axes: [{ sample: { paths: ["profile.memory.ns"], count: 20 } }],
			outputs: ["*"],
		};
		const { units } = await planSweep(spec);
		expect(units.map(({ points }) => points.length)).toEqual([20]);
		const rows = await all(sweep(spec, { workers: 0 }));
		for (const row of rows.slice(0, 3)) {
			expect(row).toMatchObject(await alone(spec, [`memory.ns=${row["profile.memory.ns"]}`]));
		}
		expect(new Set(rows.map((row) => row["cycles.total"])).size).toBe(20);
	});

	test("counts 300 geometries of a real trace as 300 runs do", async () => {
		const file = join(folder(), "trace.din");
		const real = trustedTrace("ls.mix.2M.din.gz");
		// The first part: every geometry is run by itself, too.
		if (real) writeFileSync(file, real.text.slice(0, real.text.lastIndexOf("\n", 600_000) + 1));
		const spec: SweepSpec = {
			verb: "trace",
			inputs: {
				trace: real ? file : SAMPLE,
				profile: "broadwell",
				sets: [...SINGLE, "caches.L1I=none", "caches.L1D.serves=both"],
			},
			axes: [
				{ path: "profile.caches.L1D.line", list: [32, 64, 128] },
				{ path: "profile.caches.L1D.size", list: [] },
			],
			outputs: ["L1D.*", "references.*"],
		};
		const cells = [32, 64, 128].flatMap((line) => {
			return [16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192].flatMap((sets) => {
				return [1, 2, 3, 4, 5, 6, 8, 10, 12, 16].map((ways) => ({ line, ways, size: line * sets * ways }));
			});
		});
		const list = (of: "line" | "ways" | "size") => ({
			path: `profile.caches.L1D.${of}`,
			list: cells.map((cell) => cell[of]),
		});
		spec.axes = [{ zip: [list("line"), list("ways"), list("size")] }];
		const { units } = await planSweep(spec);
		expect(units.map(({ how, points }) => [how, points.length])).toEqual(Array(3).fill(["one-pass", 100]));
		const rows = await all(sweep(spec, { workers: 0 }));
		expect(rows).toHaveLength(300);
		const core = loadSync();
		for (const row of rows) {
			const sets = ["line", "ways", "size"].map((of) => `caches.L1D.${of}=${row[`profile.caches.L1D.${of}`]}`);
			const simulation = core.simulator("broadwell", { sets: [...spec.inputs!.sets!, ...sets] });
			const result = await simulation.runTrace(spec.inputs!.trace!);
			expect(row).toMatchObject(chooser(spec.outputs!)(countColumns(result)));
		}
	}, 300_000);

	describe("of outermost caches behind the same inner ones", () => {
		const outermost = (name: string, sets: string[], profile = "broadwell"): SweepSpec => ({
			verb: "trace",
			inputs: { trace: SAMPLE, profile, sets },
			axes: [
				{ path: `profile.caches.${name}.sets`, log: { from: 16, to: 1024, factor: 4 } },
				{ path: `profile.caches.${name}.ways`, list: [1, 3, 8, 16] },
			],
			outputs: ["*"],
		});
		const plain = (name: string) => [`caches.${name}.replacement=lru`, `caches.${name}.inclusion=nine`];

		test.each<[string, string, SweepSpec]>([
			["L2", "TLBs and walks before it", outermost("L2", ["caches.L3=none", ...plain("L2")])],
			["L3", "two levels before it", outermost("L3", [...plain("L3"), "caches.L1D.replacement=random"])],
			["L2", "random frames", outermost("L2", ["caches.L3=none", ...plain("L2"), "translation.policy=random"])],
			[
				"L2",
				"longer lines than those before it",
				outermost("L2", ["caches.L3=none", ...plain("L2"), "caches.L2.line=256"]),
			],
			["L2", "shorter ones", outermost("L2", ["caches.L3=none", ...plain("L2"), "caches.L2.line=32"])],
			[
				"L2",
				"a cache before it that writes through",
				outermost("L2", ["caches.L3=none", ...plain("L2"), "caches.L1D.write=through"]),
			],
			[
				"L2",
				"one that does not allocate",
				outermost("L2", ["caches.L3=none", ...plain("L2"), "caches.L1D.write=through", "caches.L1D.allocate=no"]),
			],
		])("has the results of single runs from one: %s, with %s", async (_, __, spec) => {
			const { units } = await planSweep(spec);
			expect(units.map(({ how, points }) => [how, points.length])).toEqual([["one-pass", 16]]);
			const outcomes: string[] = [];
			const host = nodeHost(".");
			for await (const some of outcomesOf(units, host, { workers: 0 })) outcomes.push(...some.map(({ how }) => how));
			expect(new Set(outcomes)).toEqual(new Set(["one-pass"]));
			const rows = await all(sweep(spec, { workers: 0 }));
			for (const row of rows) {
				const sets = Object.keys(row)
					.filter((path) => path.startsWith("profile."))
					.map((path) => `${path.slice("profile.".length)}=${row[path]}`);
				expect(row, sets.join()).toMatchObject(await alone(spec, sets));
			}
		});

		test("only where nothing inside depends on them", async () => {
			const how = async (...sets: string[]) => {
				const { units } = await planSweep(outermost("L2", ["caches.L3=none", ...plain("L2"), ...sets]));
				return units[0]!.how;
			};
			expect(await how()).toBe("one-pass");
			expect(await how("caches.L2.inclusion=inclusive")).toBe("run");
			expect(await how("caches.L2.inclusion=exclusive")).toBe("run");
			expect(await how("caches.L2.replacement=plru")).toBe("run");
			expect(await how("caches.L2.write=through")).toBe("run");
			expect(await how("caches.L2.tag=physical", "caches.L2.index=virtual")).toBe("run");
		});

		test("runs every point by itself where the trace flushes lines", async () => {
			const core = loadSync();
			const file = join(folder(), "flushing.packed");
			const items = Array.from({ length: 4000 }, (_, i) => {
				const address = BigInt((i * 64) % 65_536);
				return i % 500 === 499
					? { operation: "flush" as const, address, length: 4096n }
					: { kind: i % 3 ? ("read" as const) : ("write" as const), address, size: 8 };
			});
			await core.writeTrace(items, file);
			const spec = outermost("L2", ["caches.L3=none", ...plain("L2")]);
			spec.inputs!.trace = file;
			const rows = await all(sweep(spec, { workers: 0 }));
			for (const row of rows) {
				const sets = ["sets", "ways"].map((of) => `caches.L2.${of}=${row[`profile.caches.L2.${of}`]}`);
				expect(row, sets.join()).toMatchObject(await alone(spec, sets));
			}
		});
	});

	test("computes a point once, however it is written", async () => {
		const spec: SweepSpec = {
			...GEOMETRIES,
			axes: [{ path: "profile.caches.L1D.size", list: ["32K", 32768, "0x8000"] }],
		};
		const { total, repeated } = await planSweep(spec);
		expect([total, repeated]).toEqual([1, 2]);
	});

	test("runs in shards what it runs whole, every point in one of them", async () => {
		const spec: SweepSpec = { ...GEOMETRIES, axes: [...GEOMETRIES.axes!, { path: "warmup", list: [0, 1000, 2000] }] };
		const keys = async (shard?: { index: number; count: number }) => {
			const { units } = await planSweep(spec, shard ? { shard } : {});
			return units.flatMap(({ points }) => points.map(({ key }) => key));
		};
		const parts = await Promise.all([1, 2, 3].map((index) => keys({ index, count: 3 })));
		expect(parts.flat().sort()).toEqual((await keys()).sort());
		expect(parts.every((part) => part.length > 0)).toBe(true);
	});
});

describe("a plan", () => {
	const single = async (sets: string[], more: object = {}) => {
		const spec = { ...GEOMETRIES, inputs: { ...GEOMETRIES.inputs, sets: [...SINGLE, ...sets], ...more } };
		return [...new Set((await planSweep(spec)).units.map(({ how }) => how))];
	};

	test("takes one pass only where it is exact", async () => {
		expect(await single([])).toEqual(["one-pass"]);
		expect(await single(["caches.L1D.replacement=fifo"])).toEqual(["run"]);
		expect(await single(["caches.L1D.write=through"])).toEqual(["run"]);
		expect(await single(["caches.L1D.allocate=false"])).toEqual(["run"]);
		expect(await single(["translation.policy=random"])).toEqual(["run"]);
		expect(await single(["straddle=once", "caches.L1D.writebacks=false", "caches.L1I.writebacks=false"])).toEqual([
			"run",
		]);
		expect(await single([], { cpus: 2 })).toEqual(["run"]);
		expect(await single([], { classify: true })).toEqual(["run"]);
		expect(await single([], { warmup: 10 })).toEqual(["run"]);
		expect(await single([], { seed: 7 })).toEqual(["one-pass"]);
	});

	test("leaves out of a pass what its stacks cannot hold, and is the same every time", async () => {
		const spec: SweepSpec = {
			...GEOMETRIES,
			inputs: { ...GEOMETRIES.inputs!, sets: [...SINGLE, "caches.L1D.line=8"] },
			axes: [{ path: "profile.caches.L1D.ways", list: [1, 2, 4, 8, 512] }],
		};
		const { units } = await planSweep(spec);
		expect(units.map(({ how, points }) => [how, points.length])).toEqual(
			[
				["one-pass", 4],
				["run", 1],
			].reverse(),
		);
		expect(planOf(units.flatMap(({ points }) => points)).length).toBe(2);
	});
});

describe("a sweep of checks", () => {
	const scenario = join(ROOT, "scenarios/shootdown");
	test("has a verdict for every point", async () => {
		const { readdirSync } = await import("node:fs");
		const file = join(scenario, readdirSync(scenario).find((name) => name.endsWith(".scn"))!);
		const spec: SweepSpec = {
			verb: "check",
			inputs: { scenario: file, states: 2000 },
			axes: [{ path: "model", list: ["sc", "tso"] }],
		};
		const rows = await all(sweep(spec, { workers: 0 }));
		expect(rows.map(({ status }) => status)).toEqual(["ok", "ok"]);
		expect(rows.every(({ verdict }) => ["SAFE", "LATENT", "HAZARD", "INCOMPLETE"].includes(String(verdict)))).toBe(
			true,
		);
	});

	test("tells of a point that cannot be why it failed, and runs the others", async () => {
		const file = join(folder(), "one.scn");
		writeFileSync(
			file,
			await readFile(
				join(
					ROOT,
					"scenarios/sync",
					"../sync",
					(await import("node:fs")).readdirSync(join(ROOT, "scenarios/sync")).find((name) => name.endsWith(".scn"))!,
				),
				"utf8",
			),
		);
		const spec: SweepSpec = {
			verb: "check",
			inputs: { scenario: file, states: 1000 },
			axes: [{ path: "profile", list: ["abstract", "nonsense"] }],
		};
		const error = await failure(all(sweep(spec, { workers: 0 })));
		expect(error.code).toBe("UNKNOWN_PROFILE");
	});
});

describe("a sweep of costs", () => {
	const file = join(folder(), "unmap.scn");
	const text = [
		"scenario unmap",
		"  page P",
		"  map U -> P user",
		"  param flush = yes | no",
		"  actor one on cpu 0",
		"    repeat:",
		"      pte.clear U",
		"      if flush == yes: tlb.flush U",
		"      pte.set.full U <- P writable",
		"      load r0 <- U",
		"",
	].join("\n");
	beforeAll(() => writeFileSync(file, text));

	test("has the results of single runs on machines drawn from the documented ranges", async () => {
		const spec: SweepSpec = {
			verb: "cost",
			inputs: { scenario: file, profile: "broadwell", iterations: 20, warmUp: 2 },
			axes: [
				{ path: "param.flush", list: ["yes", "no"] },
				{ sample: { paths: ["profile.costs.*", "profile.memory.*", "profile.caches.*.latency"], count: 25 } },
			],
			outputs: ["*"],
		};
		const rows = await all(sweep(spec, { workers: 0 }));
		expect(rows.filter(({ status }) => status === "ok")).toHaveLength(50);
		expect(new Set(rows.map(({ ns }) => ns)).size).toBeGreaterThan(25);
		const core = await loadProgramCore();
		const changed = Object.keys(rows[0]!).filter((name) => name.startsWith("profile."));
		for (const row of rows.filter((_, i) => i % 7 === 0)) {
			const sets = changed.map((path) => `${path.slice("profile.".length)}=${row[path]}`);
			const single = cost(core, readScenario(text, { file }), {
				profile: applySets(profile("broadwell"), sets),
				params: { flush: String(row["param.flush"]) },
				iterations: 20,
				warmUp: 2,
			});
			expect([row.ns, row.median, row.actions, row.basis]).toEqual([
				single.ns,
				single.median,
				single.actions,
				single.basis,
			]);
		}
	});

	test("tells of a point why it has no price", async () => {
		const spec: SweepSpec = {
			verb: "cost",
			inputs: { scenario: file, iterations: 5 },
			axes: [{ path: "profile", list: ["broadwell", "abstract"] }],
		};
		const rows = await all(sweep(spec, { workers: 0 }));
		expect(rows.map(({ status, base, error }) => [base, status, error?.split(":")[0]]).sort()).toEqual([
			["abstract", "failed", "BAD_PROFILE"],
			["broadwell", "ok", undefined],
		]);
	});
});

describe("bad input", () => {
	test.each<[string, SweepSpec, string]>([
		[
			"a profile's path that is none",
			{ ...GEOMETRIES, axes: [{ path: "profile.caches.L1D.wais", list: [1] }] },
			"ways",
		],
		["an empty product", { ...GEOMETRIES, filters: ["profile.caches.L1D.ways > 99"] }, "leave nothing of 28 points"],
		[
			"a trace that is not there",
			{ ...GEOMETRIES, inputs: { ...GEOMETRIES.inputs!, trace: "nowhere" } },
			"no such file",
		],
		[
			"an axis of another verb",
			{ ...GEOMETRIES, axes: [{ path: "model", list: ["sc"] }] },
			'nothing called "model" to vary',
		],
		[
			"an input of another verb",
			{ ...GEOMETRIES, inputs: { ...GEOMETRIES.inputs!, params: {} } },
			"nothing that trace has",
		],
		["an axis twice", { ...GEOMETRIES, axes: [...GEOMETRIES.axes!, ...GEOMETRIES.axes!] }, "is on two axes"],
	])("%s is one clear error", async (_, spec, what) => {
		const error = await failure(planSweep(spec));
		expect(error.name).toBe("StalemateError");
		expect(error.message).toContain(what);
	});

	test("more points than the limit are asked for with their number", async () => {
		const spec: SweepSpec = { ...GEOMETRIES, axes: [{ path: "seed", range: { from: 1, to: 1e6 } }] };
		expect((await failure(planSweep(spec))).message).toMatch(/1000000 points.*--yes/);
		expect((await failure(planSweep(GEOMETRIES, { limit: 27 }))).message).toContain("28 points");
	});

	test("a trace that is no trace is told before anything runs, and the folder can be gone on with", async () => {
		const here = folder();
		writeFileSync(join(here, "bad"), "this is\nno trace at all\n".repeat(30));
		const spec = { ...GEOMETRIES, inputs: { ...GEOMETRIES.inputs!, trace: join(here, "bad") } };
		const error = await failure(runSweep(spec, join(here, "out"), { workers: 0 }));
		expect(error.code).toMatch(/^BAD_/);
	});
});

test("a diff tells which points differ and how", async () => {
	const axes = ["profile.caches.L1D.size"];
	const spec = (line: number): SweepSpec => ({
		...GEOMETRIES,
		inputs: { ...GEOMETRIES.inputs!, sets: [...SINGLE, `caches.L1D.line=${line}`] },
		axes: [{ path: axes[0]!, list: ["4K", "8K"] }],
		outputs: ["L1D.misses"],
	});
	const first = await all(sweep(spec(64), { workers: 0 }));
	expect(diffSweeps(first, first, axes)).toEqual([]);
	const second = await all(sweep(spec(32), { workers: 0 }));
	const found = diffSweeps(first, second.slice(0, 1), axes);
	expect(found).toHaveLength(2);
	expect(found.filter(({ only }) => only === "first")).toHaveLength(1);
	expect(Object.keys(found.find(({ columns }) => columns)!.columns!)).toEqual(["L1D.misses"]);
});
