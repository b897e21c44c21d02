import { describe, expect, it } from "vitest";
import { extend, type Profile, packRecord, parseProfile, profileNames } from "../../src/index.ts";
import { bytes, core, din, tiny } from "./traces.ts";

const TEXT = din(50_000);

function reads(...lines: number[]): BigUint64Array {
	return BigUint64Array.from(lines, (line) => packRecord("read", BigInt(line * 64)));
}

describe("cycles", () => {
	it("are each reference times the latency of who answered it", () => {
		const simulation = core.simulator(parseProfile(tiny));
		simulation.runRecords(reads(0, 0, 1, 0, 2));
		const { cycles } = simulation.result();
		// Three lines from memory at 100, two hits at 1: nothing is added up.
		expect(cycles).toEqual({
			total: 302,
			perReference: 302 / 5,
			byLevel: [
				{ level: "L1", references: 2, walkReads: 0, cycles: 2 },
				{ level: "memory", references: 3, walkReads: 0, cycles: 300 },
			],
			basis: "estimated",
		});
	});

	it.each(profileNames())("on %s every reference is answered exactly once", async (id) => {
		// Latencies for the profiles that have none.
		const { caches, tlbs } = core.simulator(id).profile;
		const give = (levels: object) => Object.fromEntries(Object.keys(levels).map((name) => [name, { latency: 1 }]));
		const changes = { caches: give(caches), tlbs: give(tlbs), walk: { latency: 1 }, memory: { cycles: 1 } };
		const { cycles, references, walks } = await core.simulator(extend(id, changes)).runTrace(bytes(TEXT));
		const sum = (key: "references" | "walkReads") =>
			cycles!.byLevel.reduce((all, level) => all + ("walkReads" in level ? level[key]! : 0), 0);
		expect(sum("references")).toBe(references.total);
		expect(sum("walkReads")).toBe(walks.reduce((all, row) => all + row.reads, 0));
	});

	it("count a fill that takes several lines of the next level once", async () => {
		const profile = parseProfile({
			caches: {
				L1: { size: "8K", ways: 2, line: 128, latency: 1 },
				L2: { size: "64K", ways: 4, line: 32, latency: 10 },
			},
			memory: { cycles: 100 },
		});
		const { cycles, references } = await core.simulator(profile).runTrace(bytes(TEXT));
		const answered = cycles!.byLevel.reduce((all, level) => all + level.references, 0);
		expect(answered).toBeCloseTo(references.total, 6);
	});

	const answered = (profile: Profile, records: BigUint64Array) => {
		const simulation = core.simulator(profile);
		simulation.runRecords(records);
		const { byLevel } = simulation.result().cycles!;
		return Object.fromEntries(byLevel.map(({ level, references }) => [level, references]));
	};
	const outer = { L2: { sets: 8, ways: 2, line: 64, latency: 10 }, L3: { sets: 64, ways: 2, line: 64, latency: 30 } };

	it("are none of the fills that a write-through brings about further out", () => {
		const caches = { L1: { sets: 4, ways: 2, line: 64, latency: 1, write: "through", allocate: false }, ...outer };
		const writes = BigUint64Array.from([1, 2, 3, 4], (line) => packRecord("write", BigInt(line * 64)));
		const found = answered(parseProfile({ caches, memory: { cycles: 100 } }), writes);
		expect(found).toEqual({ L1: 4, L2: 0, L3: 0, memory: 0 });
	});

	it("are none of the fills that a write-back of a shorter line brings about further out", () => {
		const caches = {
			L1: { sets: 1, ways: 1, line: 32, latency: 1 },
			L2: { sets: 1, ways: 1, line: 64, latency: 10 },
			L3: { sets: 64, ways: 2, line: 64, latency: 30 },
		};
		// The read pushes the written line out of both; its write-back to L2 then fetches it from L3 again.
		const records = BigUint64Array.from([packRecord("write", 0n), packRecord("read", 0x40n)]);
		const found = answered(parseProfile({ caches, memory: { cycles: 100 } }), records);
		expect(found).toEqual({ L1: 0, L2: 0, L3: 0, memory: 2 });
	});

	it("of translation are added: a hit in an outer TLB, a walk and its reads", () => {
		const profile = parseProfile({
			...tiny,
			tlbs: { TLB: { entries: 1, ways: 1, pages: [4096] }, STLB: { entries: 8, ways: 8, pages: [4096], latency: 7 } },
			walk: { enabled: true, levels: [10, 10], entry: 4, enters: "none", latency: 30 },
		});
		profile.tlbs.TLB!.next = "STLB";
		const simulation = core.simulator(profile);
		simulation.runRecords(reads(0, 64, 0));
		const { byLevel } = simulation.result().cycles!;
		expect(byLevel.find(({ level }) => level === "STLB")).toEqual({ level: "STLB", references: 1, cycles: 7 });
		expect(byLevel.find(({ level }) => level === "walk")).toEqual({ level: "walk", references: 2, cycles: 60 });
		expect(byLevel.find(({ level }) => level === "memory")).toMatchObject({ walkReads: 4 });
	});

	it("are not told where a latency is missing that was needed", async () => {
		expect((await core.simulator("compat-bdw").runTrace(bytes(TEXT))).cycles).toBeUndefined();
		const { latency: _, ...cache } = tiny.caches.L1;
		const simulation = core.simulator(parseProfile({ ...tiny, caches: { L1: cache } }));
		simulation.runRecords(reads(0));
		expect(simulation.result().cycles?.total).toBe(100);
		simulation.runRecords(reads(0));
		expect(simulation.result().cycles).toBeUndefined();
	});

	it("say how their latencies are known", () => {
		const known = (basis: string, value: number) => ({ value, basis, source: "a test" });
		const basisOf = (cache: unknown, memory: unknown) => {
			const profile = parseProfile({
				caches: { L1: { ...tiny.caches.L1, latency: cache } },
				memory: { cycles: memory },
			});
			const simulation = core.simulator(profile);
			simulation.runRecords(reads(0, 0));
			return simulation.result().cycles?.basis;
		};
		expect(basisOf(known("documented", 1), known("documented", 9))).toBe("documented");
		expect(basisOf(known("documented", 1), known("measured", 9))).toBe("measured");
		expect(basisOf(known("documented", 1), known("known", 9))).toBe("estimated");
		expect(basisOf(known("documented", 1), 9)).toBe("estimated");
	});
});
