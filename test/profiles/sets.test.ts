import { describe, expect, test } from "vitest";
import { StalemateError } from "../../src/errors.ts";
import { amount, applySets, profile, profileNames, profiles, resolve } from "../../src/profiles/index.ts";
import fc from "../properties.ts";
import { consistent } from "./consistent.ts";
import { thrown } from "./thrown.ts";

const { compatDineroB2: b2, broadwell } = profiles;

test("changing a cache's size keeps its ways and its line", () => {
	const { caches } = resolve(applySets(b2, ["caches.L3.size=4M"]));
	expect(caches[3]).toMatchObject({ name: "L3", sets: 4096, ways: 16, line: 64 });
});

test("changing the number of sets changes the size with it, and the other way round", () => {
	const sets = applySets(b2, ["caches.L3.sets=100"]);
	expect(resolve(sets).caches[3]).toMatchObject({ sets: 100, ways: 16 });
	const size = applySets(sets, ["caches.L3.size=2M"]);
	expect(resolve(size).caches[3]).toMatchObject({ sets: 2048, ways: 16 });
});

test("numbers may be hexadecimal, fractions, or have a suffix", () => {
	const size = (text: string) => amount(applySets(b2, [`caches.L2.size=${text}`]).caches.L2!.size!);
	expect([size("0x40000"), size("262144"), size("256K"), size("256KiB"), size("0.25m")]).toEqual(Array(5).fill(262144));
});

test("flags, words and lists are read as what their place takes", () => {
	const changed = applySets(broadwell, [
		"smap=off",
		"caches.L1D.write=through",
		"tlbs.DTLB.pages=4K, 64K",
		"walk.levels=[9,9,9,9,9]",
		"caches.L2.ways=full",
		"translation.huge=0x200000-0x400000:2M,0x400000-0x600000:2M",
		"tlbs.ITLB2M.next=STLB,STLB1G",
		"title=on",
	]);
	expect(changed).toMatchObject({
		smap: false,
		title: "on",
		caches: { L1D: { write: "through" }, L2: { ways: "full" } },
		tlbs: { DTLB: { pages: [4096, 65536] }, ITLB2M: { next: ["STLB", "STLB1G"] } },
		walk: { levels: [9, 9, 9, 9, 9] },
		translation: { huge: ["0x200000-0x400000:2M", "0x400000-0x600000:2M"] },
	});
});

test("none takes a level out and links its neighbours", () => {
	const { caches } = resolve(applySets(b2, ["caches.L2=none"]));
	expect(caches.map(({ name, next }) => [name, next])).toEqual([
		["L1I", 2],
		["L1D", 2],
		["L3", -1],
	]);
	expect(resolve(applySets(b2, ["caches.L3=none", "caches.L2=none"])).caches.map(({ next }) => next)).toEqual([-1, -1]);
});

test("caches=none and tlbs=none leave memory alone", () => {
	expect(resolve(applySets(broadwell, ["caches=none", "tlbs=none"]))).toMatchObject({ caches: [], tlbs: [] });
});

test("without first levels of its own, a cache serves both sides", () => {
	const { caches } = resolve(applySets(b2, ["caches.L1I=none", "caches.L1D=none"]));
	expect(caches).toMatchObject([{ name: "L2", serves: "both" }, { name: "L3" }]);
});

test("a plain number replaces one with provenance", () => {
	expect(applySets(broadwell, ["costs.fullFence=50"]).costs.fullFence).toBe(50);
});

test("later sets see what earlier ones did, and the profile itself stays", () => {
	const before = JSON.stringify(b2);
	expect(thrown(() => applySets(b2, ["caches.L3=none", "caches.L3.size=2M"])).code).toBe("BAD_OPTION");
	expect(JSON.stringify(b2)).toBe(before);
});

describe("refuses, as a bad option,", () => {
	test.each<[string, string, RegExp]>([
		["a level that is not there", "caches.L4.size=2M", /no "L4" in caches: did you mean "L[123]/],
		["a name that objects have", "caches.__proto__.size=2M", /no "__proto__" in caches: there is L1I, L1D, L2, L3$/],
		["a key that is not there", "caches.L3.sice=2M", /did you mean "size"\?/],
		["a group that is not there", "cache.L3.size=2M", /did you mean "caches"\?/],
		["extends, which a file says", "extends=zen3", /no "extends"/],
		["a path without a value", "caches.L3", /write path=value/],
		["a level for a number", "caches.L3=5", /L3 has parts/],
		["a part of a number", "costs.atomic.value=2", /costs\.atomic is set as a whole$/],
		["an entry of a list", "walk.levels.0=9", /walk\.levels is set as a whole: walk\.levels=a,b$/],
		["a word for a number", "caches.L3.ways=many", /must be "full" or a whole number from 1 to 65535, found "many"/],
		["a number below its limit", "caches.L3.ways=-1", /found "-1"/],
		["a word for a flag", "smap=maybe", /must be true or false/],
		["a list with a stranger", "walk.levels=9,x", /whole number from 1 to 24/],
		["a word of every object", "caches.constructor=none", /no "constructor" in caches/],
		["nothing at all", "", /no value/],
		["a value alone", "=5", /there is no ""/],
	])("%s", (_, set, message) => {
		const error = thrown(() => applySets(broadwell, [set]));
		expect([error.code, error.place.path]).toEqual(["BAD_OPTION", set.split("=")[0]]);
		expect(error.message).toMatch(message);
	});
});

const step = fc.constantFrom(
	...[
		"caches",
		"tlbs",
		"walk",
		"translation",
		"costs",
		"L1I",
		"L1D",
		"L2",
		"L3",
		"ITLB",
		"DTLB",
		"STLB",
		"TLB",
		"size",
	],
	...[
		"ways",
		"line",
		"sets",
		"next",
		"serves",
		"entries",
		"pages",
		"levels",
		"enters",
		"huge",
		"page",
		"sharedBy",
		"cpus",
	],
	...["inclusion", "replacement", "index", "value", "__proto__", "constructor", "cores", "smap", ""],
);
const value = fc.oneof(
	fc.constantFrom(
		"none",
		"full",
		"4K",
		"2M",
		"64K",
		"1G",
		"0x40",
		"8",
		"12",
		"4K,2M",
		"exclusive",
		"plru",
		"true",
		"L3",
	),
	fc.constantFrom("memory", "walk", "both", "0x200000-0x400000:2M", "9,9,9", "1e9", "-1", "0.5", "1T"),
	fc.string(),
);
const deep = fc.constantFrom(
	...["caches.L1D.size", "caches.L2.size", "caches.L2.ways", "caches.L2.line", "caches.L2.inclusion", "caches.L2.next"],
	...[
		"caches.L1I",
		"caches.L2",
		"caches.L1D.replacement",
		"tlbs.DTLB.entries",
		"tlbs.DTLB",
		"tlbs.STLB",
		"tlbs.TLB.pages",
	],
	...["translation.huge", "translation.page", "walk.enters", "walk.levels", "caches.L2.sharedBy", "cpus.cores"],
);
const set = fc.oneof(
	fc.tuple(fc.array(step, { maxLength: 4 }), value).map(([path, to]) => `${path.join(".")}=${to}`),
	fc.tuple(deep, value).map(([path, to]) => `${path}=${to}`),
	fc.string(),
);

test("no text makes applySets throw another error than its own, and what resolves is consistent", () => {
	const base = fc.constantFrom(...profileNames()).map((id) => profile(id));
	fc.assert(
		fc.property(base, fc.array(set, { maxLength: 3 }), (from, sets) => {
			try {
				const changed = applySets(from, sets);
				consistent(changed, resolve(changed));
			} catch (error) {
				if (!(error instanceof StalemateError)) throw error;
				expect(["BAD_OPTION", "BAD_PROFILE"]).toContain(error.code);
				expect(error.place.path).toBeTypeOf("string");
			}
		}),
		{ numRuns: 1500 },
	);
});
