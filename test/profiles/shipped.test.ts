import { describe, expect, test } from "vitest";
import { StalemateError } from "../../src/errors.ts";
import {
	costs,
	extend,
	latencies,
	listProfiles,
	parseProfile,
	profile,
	profileNames,
	profiles,
	provenance,
	resolve,
} from "../../src/profiles/index.ts";
import { thrown } from "./thrown.ts";

const compat = ["compat-dinero-b2", "compat-bdw", "compat-cachegrind"];
const hardware = profileNames().filter((id) => id !== "abstract" && !compat.includes(id));

describe("every shipped profile", () => {
	test.each(profileNames())("%s has its own id and resolves", (id) => {
		expect(profile(id).id).toBe(id);
		const cpus = 1;
		expect(resolve(profile(id), { cpus }).cpus).toBe(cpus);
	});

	test.each(profileNames())("%s survives JSON", (id) => {
		expect(parseProfile(JSON.parse(JSON.stringify(profile(id))))).toEqual(profile(id));
	});

	test.each(profileNames())("%s cannot be changed in place", (id) => {
		expect(Object.isFrozen(profile(id))).toBe(true);
		expect(() => {
			profile(id).translation.policy = "random";
		}).toThrow(TypeError);
	});

	test.each(hardware)("%s says of every number how it is known, unless the number is a choice of the model", (id) => {
		const choice = /^version$|sharedBy$|\.pages\.\d+$|^cpus\./;
		const bare = provenance(profile(id)).filter(({ value, basis, path }) => {
			return typeof value === "number" && basis === undefined && !choice.test(path);
		});
		expect(bare.map(({ path }) => path)).toEqual([]);
	});

	test.each(hardware)("%s gives every quantity a unit", (id) => {
		const dimensionless = /^version$|^asids$|^cpus\.|walkers$|inFlight$/;
		const bare = provenance(profile(id)).filter(({ value, unit, path }) => {
			return typeof value === "number" && unit === "" && !dimensionless.test(path);
		});
		expect(bare.map(({ path }) => path)).toEqual([]);
	});

	test.each(hardware)("%s says what every level, a walk and memory cost", (id) => {
		const known = latencies(profile(id), resolve(profile(id)));
		expect([...known.caches, ...known.tlbs, known.walk, known.memory]).not.toContain(undefined);
	});
});

test("profiles are found by id and by the id in camel case, and are listed once", () => {
	expect(profiles["compat-bdw"]).toBe(profile("compat-bdw"));
	expect(profiles.compatBdw).toBe(profiles["compat-bdw"]);
	expect(profiles.pariscP9xxx.id).toBe("parisc-p9xxx");
	expect(Object.keys(profiles)).toEqual(profileNames());
	expect(listProfiles().map(({ id }) => id)).toEqual(profileNames());
});

test("an unknown profile is refused with the nearest name", () => {
	const error = thrown(() => profile("brodwel"));
	expect(error).toBeInstanceOf(StalemateError);
	expect(error.code).toBe("UNKNOWN_PROFILE");
	expect(error.message).toContain('did you mean "broadwell"?');
});

test("words that every object has are no profiles", () => {
	expect(thrown(() => profile("constructor")).code).toBe("UNKNOWN_PROFILE");
	expect(thrown(() => profile("__proto__")).code).toBe("UNKNOWN_PROFILE");
});

test("broadwell has an L3 of 28672 sets, inclusive, shared by all", () => {
	const { caches } = resolve(profiles.broadwell, { cpus: 14 });
	expect(caches.map(({ name, sets, ways }) => [name, sets, ways])).toEqual([
		["L1I", 64, 8],
		["L1D", 64, 8],
		["L2", 512, 8],
		["L3", 28672, 20],
	]);
	expect(caches[3]).toMatchObject({ inclusion: "inclusive", replacement: "srrip", sharedBy: 0, next: -1 });
	expect(caches[0]).toMatchObject({ index: "virtual", tag: "physical", replacement: "plru", serves: "fetch", next: 2 });
});

test("broadwell holds pages of each size in TLBs of their own", () => {
	const huge = ["0x40000000-0x80000000:1G", "0x80000000-0xc0000000:2M"];
	const { tlbs } = resolve(extend("broadwell", { translation: { huge } }));
	const named = Object.fromEntries(tlbs.map((tlb) => [tlb.name, tlb]));
	expect(Object.keys(named).sort()).toEqual(["DTLB", "DTLB1G", "DTLB2M", "ITLB", "ITLB2M", "STLB", "STLB1G"]);
	expect(named.STLB).toMatchObject({ sets: 256, ways: 6, pages: [12, 21], next: [-1, -1], serves: "none" });
	expect(tlbs[named.DTLB2M!.next[0]!]!.name).toBe("STLB");
	expect(tlbs[named.DTLB1G!.next[0]!]!.name).toBe("STLB1G");
	expect(named.ITLB2M!.next.map((next) => tlbs[next]!.name)).toEqual(["STLB", "STLB1G"]);
});

test("TLBs of page sizes that nothing uses are left out of the machine", () => {
	const { tlbs } = resolve(profiles.broadwell);
	expect(tlbs.map(({ name, pages }) => [name, pages])).toEqual([
		["ITLB", [12]],
		["DTLB", [12]],
		["STLB", [12]],
	]);
});

test("haswell-ep has one L3 per socket", () => {
	expect(resolve(profiles.haswellEp, { cpus: 24 }).caches.find(({ name }) => name === "L3")!.sharedBy).toBe(12);
});

test("the PA-8800 is told from the P9xxx by its line, and both take clean victims", () => {
	expect(resolve(profiles.pa8800).caches.map(({ line }) => line)).toEqual([128, 128, 128]);
	expect(resolve(profiles.pariscP9xxx).caches.map(({ line }) => line)).toEqual([32, 32, 32, 32]);
	expect(profiles.pa8800.caches.L2).toMatchObject({ inclusion: "nine", fillOnCleanVictim: true, index: "physical" });
	expect(profiles.pariscP9xxx.caches.L3).toMatchObject({
		inclusion: "nine",
		fillOnCleanVictim: true,
		index: "physical",
	});
	expect(profiles.viptL3Nonvictim.caches.L3!.fillOnCleanVictim).toBe(false);
	expect(profiles.pa8800.speculativeMoveIn).toBe(true);
});

test("the PA-8800's unified TLB serves both sides, and its misses walk in software through the data cache", () => {
	const { tlbs, walk, caches } = resolve(profiles.pa8800);
	expect(tlbs).toEqual([
		{ name: "TLB", sets: 1, ways: 240, replacement: "lru", pages: [12], serves: "both", next: [-1], sharedBy: 1 },
	]);
	expect(caches[walk.enters]!.name).toBe("L1D");
	expect(profiles.pa8800.walk.software).toBe(true);
});

test("compat-dinero-b2 is the machine of the trusted counts", () => {
	const { caches, tlbs, walk, translation } = resolve(profiles.compatDineroB2);
	const lru = { line: 64, inclusion: "nine", replacement: "lru", write: "back", allocate: true, writebacks: true };
	expect(caches).toMatchObject([
		{ name: "L1I", sets: 64, ways: 8, serves: "fetch", next: 2, ...lru },
		{ name: "L1D", sets: 64, ways: 8, serves: "data", next: 2, ...lru },
		{ name: "L2", sets: 512, ways: 8, serves: "none", next: 3, ...lru },
		{ name: "L3", sets: 2048, ways: 16, serves: "none", next: -1, ...lru },
	]);
	expect(tlbs).toMatchObject([
		{ name: "ITLB", sets: 32, ways: 4, serves: "fetch", next: [2] },
		{ name: "DTLB", sets: 16, ways: 4, serves: "data", next: [2] },
		{ name: "STLB", sets: 256, ways: 6, serves: "none", next: [-1] },
	]);
	expect(walk.enabled).toBe(false);
	expect(translation).toMatchObject({ policy: "identity", page: 12 });
});

test("compat-bdw differs from compat-dinero-b2 in its L3 alone", () => {
	const b2 = resolve(profiles.compatDineroB2);
	const bdw = resolve(profiles.compatBdw);
	expect(bdw.caches[3]).toMatchObject({ sets: 2048, ways: 20 });
	expect({ ...bdw, caches: bdw.caches.slice(0, 3) }).toEqual({ ...b2, caches: b2.caches.slice(0, 3) });
});

test("compat-cachegrind counts straddling accesses once and writes nothing back", () => {
	const machine = resolve(profiles.compatCachegrind);
	expect(machine.straddle).toBe("once");
	expect(machine.tlbs).toEqual([]);
	expect(machine.caches.map(({ sets, ways, writebacks }) => [sets, ways, writebacks])).toEqual([
		[64, 8, false],
		[64, 8, false],
		[512, 8, false],
	]);
});

test("abstract is an empty machine", () => {
	expect(resolve(profiles.abstract)).toMatchObject({ caches: [], tlbs: [], walk: { enabled: false, enters: -1 } });
});

test("memory keeps its time in ns: its cycles follow the clock", () => {
	const at = (ghz: number) => {
		const changed = extend("broadwell", { frequency: ghz });
		return latencies(changed, resolve(changed)).memory!;
	};
	expect(at(2.6)).toBeCloseTo(250, 0);
	expect(at(1.3)).toBeCloseTo(125, 0);
});

test("costs have a unit and a meaning, and no profile has others", () => {
	for (const id of profileNames()) {
		for (const name of Object.keys(profile(id).costs)) expect(Object.keys(costs)).toContain(name);
	}
	expect(costs.ipiRoundTrip.unit).toBe("ns");
	expect(costs.lineFlushDirty.unit).toBe("cycles");
});

test("a number's provenance is one row with value, unit, range, basis and source", () => {
	const row = provenance(profiles.broadwell).find(({ path }) => path === "caches.L3.latency");
	expect(row).toMatchObject({ value: 54, unit: "cycles", range: [49, 65], basis: "measured" });
	expect(row!.source).toBeTruthy();
});

test("a machine borrowed from another has no number that claims to be measured", () => {
	const rows = provenance(profiles.zen3).filter(({ path }) => path.startsWith("costs."));
	expect(rows.length).toBeGreaterThan(10);
	expect(new Set(rows.map(({ basis }) => basis))).toEqual(new Set(["estimated"]));
});
