import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { extend, packRecord, parseProfile, VERSION } from "../../src/index.ts";
import { bytes, core, countsOf, din, tiny } from "./traces.ts";

const TEXT = din(20_000);

describe("a result", () => {
	it("as JSON has the agreed keys, and no bigint", async () => {
		const simulation = core.simulator("broadwell", {
			classify: true,
			hot: { cache: "L1D", by: "line", top: 3 },
			seed: 5n,
		});
		const json = JSON.parse(JSON.stringify(await simulation.runTrace(bytes(TEXT), { every: 10_000 })));
		expect(Object.keys(json)).toEqual([
			"stalemate",
			"profile",
			"profileVersion",
			"parameters",
			"complete",
			"trace",
			"references",
			"caches",
			"tlbs",
			"walks",
			"cycles",
			"intervals",
			"hottest",
		]);
		expect(json.parameters).toEqual({ sets: [], cpus: 1, seed: "5", every: 10_000 });
		expect(json.references).toEqual({ total: 20_000, fetches: 10_000, reads: 7_500, writes: 2_500 });
		expect(json.caches.map(({ name }: { name: string }) => name)).toEqual(["L1I", "L1D", "L2", "L3"]);
		expect(Object.keys(json.caches[0]).sort()).toEqual(
			[
				..."name cpu accesses hits misses missRatio fetches fetchMisses reads readMisses writes writeMisses".split(" "),
				..."writeFills writeFillMisses walkReads walkReadMisses victims victimMisses".split(" "),
				..."fills evictions writebacks invalidations compulsory capacity conflict".split(" "),
			].sort(),
		);
		expect(json.hottest).toHaveLength(3);
		expect(json.hottest[0]).toEqual({
			cache: "L1D",
			by: "line",
			key: expect.stringMatching(/^0x[0-9a-f]+$/),
			misses: expect.any(Number),
		});
	});

	it("adds up", async () => {
		const result = await core.simulator("zen3", { classify: true }).runTrace(bytes(TEXT));
		for (const row of result.caches) {
			expect(row.accesses).toBe(row.fetches + row.reads + row.writes + row.walkReads);
			expect(row.hits + row.misses).toBe(row.accesses);
			expect(row.compulsory! + row.capacity! + row.conflict!).toBe(row.misses);
			expect(row.missRatio).toBe(row.misses / row.accesses);
		}
		for (const row of result.tlbs) expect(row.hits + row.misses).toBe(row.accesses);
	});

	it("survives being posted to another thread", async () => {
		const result = await core.simulator("broadwell").runTrace(bytes(TEXT));
		expect(countsOf(structuredClone(result))).toEqual(countsOf(result));
	});

	it("tells this package's version", () => {
		const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
		expect(VERSION).toBe(version);
		expect(core.simulator("abstract").result().stalemate).toBe(version);
	});

	it("says what to do it again with", async () => {
		const options = { sets: ["caches.L2.size=512K", "caches.L1D.replacement=random"], seed: 7, cpus: 2 };
		const first = await core.simulator("broadwell", options).runTrace(bytes(TEXT));
		expect(first).toMatchObject({ profile: "broadwell-custom", basedOn: "broadwell", definition: undefined });
		const again = core.simulator(first.basedOn as "broadwell", first.parameters);
		expect(countsOf(await again.runTrace(bytes(TEXT)))).toEqual(countsOf(first));
	});

	it("carries a profile that does not ship", async () => {
		const mine = extend("e500v2", { id: "mine", caches: { L2: { size: 1024 * 1024 } } });
		const first = await core.simulator(mine).runTrace(bytes(TEXT));
		const json = JSON.parse(JSON.stringify(first));
		const again = await core.simulator(parseProfile(json.definition)).runTrace(bytes(TEXT));
		expect(countsOf(again)).toEqual(countsOf(first));
	});
});

describe("rows", () => {
	it("are there for each CPU that appeared, and for no other", () => {
		const simulation = core.simulator("compat-bdw", { cpus: 4 });
		const records = BigUint64Array.from({ length: 100 }, (_, i) => packRecord("read", BigInt(i * 64)));
		simulation.runRecords(records, { cpu: 1 });
		simulation.runRecords(records, { cpu: 3 });
		const { caches, tlbs } = simulation.result();
		for (const name of ["L1I", "L1D", "L2", "L3"]) {
			expect(caches.filter((row) => row.name === name).map(({ cpu }) => cpu)).toEqual([1, 3]);
		}
		expect([...new Set(tlbs.map(({ cpu }) => cpu))]).toEqual([1, 3]);
		// The L3 is shared: what CPU 1 brought in, CPU 3 finds.
		const l3 = caches.filter(({ name }) => name === "L3");
		expect(l3.map(({ reads, readMisses }) => [reads, readMisses])).toEqual([
			[100, 100],
			[100, 0],
		]);
	});

	it("of nothing are those of CPU 0", () => {
		const { caches, references } = core.simulator("compat-bdw", { cpus: 4 }).result();
		expect(references.total).toBe(0);
		expect(caches.map(({ cpu, missRatio }) => [cpu, missRatio])).toEqual(new Array(4).fill([0, 0]));
	});
});

describe("the hottest", () => {
	it("are those that missed most, by line, page or set", () => {
		const run = (by: "line" | "page" | "set") => {
			const simulation = core.simulator(parseProfile(tiny), { hot: { cache: "L1", by, top: 2 } });
			const lines = [0n, 1n, 2n, 0n, 1n, 2n, 70n, 0n].map((line) => packRecord("read", 0x4000n + line * 64n));
			simulation.runRecords(BigUint64Array.from(lines));
			return simulation.result().toJSON().hottest;
		};
		expect(run("line")).toEqual([
			{ cache: "L1", by: "line", key: "0x4000", misses: 3 },
			{ cache: "L1", by: "line", key: "0x4040", misses: 2 },
		]);
		expect(run("page")).toEqual([
			{ cache: "L1", by: "page", key: "0x4000", misses: 7 },
			{ cache: "L1", by: "page", key: "0x5000", misses: 1 },
		]);
		expect(run("set")).toEqual([{ cache: "L1", by: "set", key: 0, misses: 8 }]);
	});
});
