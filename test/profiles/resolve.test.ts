import { describe, expect, test } from "vitest";
import { applySets, extend, parseProfile, profiles, resolve } from "../../src/profiles/index.ts";
import { thrown } from "./thrown.ts";

const cache = { size: "32K", ways: 8, line: 64 };

/** The path and message of what resolve() says about a machine with these caches or TLBs. */
function refused(json: object): [path: string | undefined, message: string] {
	const error = thrown(() => resolve(parseProfile(json)));
	expect(error.code).toBe("BAD_PROFILE");
	return [error.place.path, error.message];
}

test("cpus and seed are passed on, by default one CPU and seed 0", () => {
	expect(resolve(profiles.broadwell)).toMatchObject({ cpus: 1, seed: 0n });
	expect(resolve(profiles.broadwell, { cpus: 14, seed: 7n })).toMatchObject({ cpus: 14, seed: 7n });
});

test("a trace with more CPUs than the machine is refused, unless the profile leaves their number open", () => {
	const error = thrown(() => resolve(profiles.broadwell, { cpus: 15 }));
	expect([error.code, error.place.path]).toEqual(["BAD_OPTION", "cpus"]);
	expect(resolve(profiles.compatDineroB2, { cpus: 200 }).cpus).toBe(200);
	expect(thrown(() => resolve(profiles.compatDineroB2, { cpus: 257 })).code).toBe("BAD_OPTION");
	expect(thrown(() => resolve(profiles.abstract, { cpus: 0.5 })).code).toBe("BAD_OPTION");
	expect(thrown(() => resolve(profiles.abstract, { seed: -1n })).place.path).toBe("seed");
});

test("the default chain goes by the numbers in names and skips what is not there", () => {
	const { caches } = resolve(parseProfile({ caches: { L3: cache, L1D: cache, L1I: cache } }));
	expect(caches.map(({ name, next, serves }) => [name, next, serves])).toEqual([
		["L1D", 2, "data"],
		["L1I", 2, "fetch"],
		["L3", -1, "none"],
	]);
});

test("split second levels stay on their own sides", () => {
	const { caches } = resolve(parseProfile({ caches: { L1I: cache, L1D: cache, L2I: cache, L2D: cache, L3: cache } }));
	expect(caches.map(({ next }) => caches[next]?.name)).toEqual(["L2I", "L2D", "L3", "L3", undefined]);
});

test("inner levels come first whatever their order in the profile", () => {
	const { caches } = resolve(parseProfile({ caches: { Outer: cache, Inner: { ...cache, next: "Outer" } } }));
	expect(caches.map(({ name, next }) => [name, next])).toEqual([
		["Inner", 1],
		["Outer", -1],
	]);
});

test("an inclusive level smaller than the one above it is legal", () => {
	const json = { caches: { L1: cache, L2: { ...cache, size: "4K", inclusion: "inclusive" } } };
	expect(resolve(parseProfile(json)).caches[1]!.inclusion).toBe("inclusive");
});

test("a fully associative cache is one set", () => {
	expect(resolve(parseProfile({ caches: { L1: { ...cache, ways: "full" } } })).caches[0]).toMatchObject({
		sets: 1,
		ways: 512,
	});
});

test("a number of sets need not be a power of two", () => {
	const json = { caches: { L1: { sets: 3, ways: 2, line: 64 } } };
	expect(resolve(parseProfile(json)).caches[0]).toMatchObject({ sets: 3, ways: 2 });
});

test("where walks enter is the cache that serves data, unless stated", () => {
	const enters = (set: string[]) => {
		const { caches, walk } = resolve(applySets(profiles.broadwell, set));
		return caches[walk.enters]?.name;
	};
	expect(enters([])).toBe("L1D");
	expect(enters(["walk.enters=L2"])).toBe("L2");
	expect(enters(["walk.enters=none"])).toBeUndefined();
	expect(enters(["tlbs=none"])).toBeUndefined();
});

test("huge ranges come out as numbers, in order", () => {
	const huge = ["0x7f0000000000-0x7f0040000000:2M", "1073741824-0x80000000:1G"];
	const { translation } = resolve(extend("broadwell", { translation: { huge } }));
	expect(translation.huge).toEqual([
		{ start: 0x40000000n, end: 0x80000000n, page: 30 },
		{ start: 0x7f0000000000n, end: 0x7f0040000000n, page: 21 },
	]);
});

test("page sizes below the base page are not kept", () => {
	const { tlbs } = resolve(applySets(profiles.pa8800, ["translation.page=16K"]));
	expect(tlbs[0]!.pages).toEqual([14]);
});

describe("refuses, by path,", () => {
	const two = { L1: cache, L2: cache };
	test.each<[string, object, string, RegExp]>([
		["a line that is no power of two", { L1: { ...cache, line: 48 } }, "caches.L1.line", /power of two from 8 to 4096/],
		[
			"a size that does not divide",
			{ L1: { ...cache, size: 33000 } },
			"caches.L1.size",
			/32K and 33280 would be valid/,
		],
		["a size below one set", { L1: { ...cache, size: 8 } }, "caches.L1.size", /: 512 would be valid/],
		["size and sets at odds", { L1: { ...cache, sets: 65 } }, "caches.L1.size", /leave one of size and sets out/],
		["too many ways", { L1: { ...cache, size: "8M", ways: "full" } }, "caches.L1.ways", /at most 65535/],
		["plru beyond 64 ways", { L1: { ...cache, ways: 128, replacement: "plru" } }, "caches.L1.ways", /at most 64/],
		["a next that is not there", { L1: { ...cache, next: "L2" } }, "caches.L1.next", /no level: L2; there is memory$/],
		["a level after itself", { ...two, L2: { ...cache, next: "L2" } }, "caches.L2.next", /leads back to L2/],
		["a cycle", { ...two, L2: { ...cache, next: "L1" } }, "caches.L1.next", /leads back/],
		["a side without a cache", { L1D: cache, L2: cache }, "caches.L1D.serves", /no cache serves fetches/],
		["two first levels", { A: cache, B: cache }, "caches.B.serves", /A and B the first level of fetches/],
		[
			"a level never asked",
			{ ...two, L3: { ...cache, serves: "none" }, L2: { ...cache, next: "memory" } },
			"caches.L3.serves",
			/never be used/,
		],
		["an exclusive first level", { L1: { ...cache, inclusion: "exclusive" } }, "caches.L1.inclusion", /first level/],
		[
			"exclusive lines of another size",
			{ L1: cache, L2: { ...cache, line: 128, inclusion: "exclusive" } },
			"caches.L2.line",
			/must be equal/,
		],
		[
			"a virtual tag under a physical index",
			{ L1: { ...cache, tag: "virtual" } },
			"caches.L1.tag",
			/VIVT, VIPT and PIPT/,
		],
		[
			"an outer level shared by fewer",
			{ L1: { ...cache, sharedBy: 4 }, L2: { ...cache, sharedBy: 2 } },
			"caches.L2.sharedBy",
			/multiple/,
		],
	])("%s", (_, caches, path, message) => {
		expect(refused({ caches })).toEqual([path, expect.stringMatching(message)]);
	});

	const tlb = { entries: 64, ways: 4, pages: ["4K"] };
	test.each<[string, object, string, RegExp]>([
		["entries that do not divide", { TLB: { ...tlb, entries: 63 } }, "tlbs.TLB.entries", /60 and 64 would be valid/],
		["a page that is no power of two", { TLB: { ...tlb, pages: [5000] } }, "tlbs.TLB.pages", /powers of two from 4K/],
		["a page named twice", { TLB: { ...tlb, pages: ["4K", 4096] } }, "tlbs.TLB.pages", /twice/],
		["a side without a TLB", { DTLB: tlb }, "tlbs.DTLB.serves", /fetches of pages of 4K without a first TLB/],
		["no TLB for the base page", { TLB: { ...tlb, pages: ["2M"] } }, "tlbs.TLB.pages", /add 4K/],
		["two first TLBs of a size", { A: tlb, B: tlb }, "tlbs.B.pages", /A and B the first TLBs/],
		[
			"a next that is not there",
			{ TLB: { ...tlb, next: "STBL" }, STLB: tlb },
			"tlbs.TLB.next",
			/did you mean "STLB"\?/,
		],
		[
			"a next without a common size",
			{ A: { ...tlb, next: "B" }, B: { ...tlb, pages: ["2M"] } },
			"tlbs.A.next",
			/none of A's/,
		],
		["two nexts of a size", { A: { ...tlb, next: ["B", "C"] }, B: tlb, C: tlb }, "tlbs.A.next", /two TLBs/],
		["a cycle", { A: { ...tlb, next: "B" }, B: { ...tlb, next: "A" } }, "tlbs.A.next", /leads back/],
	])("%s", (_, tlbs, path, message) => {
		expect(refused({ tlbs })).toEqual([path, expect.stringMatching(message)]);
	});

	test.each<[string, string[], string, RegExp]>([
		["sharing that does not divide", ["caches.L2.sharedBy=3"], "caches.L2.sharedBy", /1, 2, 7, 14 are valid/],
		["more CPUs than a trace can name", ["cpus.cores=256", "cpus.sockets=2"], "cpus", /at most 256/],
		["an absurd cache", ["caches.L3.size=20G"], "caches.L3", /beyond 67108864/],
		["a base page that no TLB holds", ["translation.page=16K"], "tlbs.ITLB.pages", /16K/],
		["a base page that is none", ["translation.page=5000"], "translation.page", /power of two/],
		["frames that are no power of two", ["translation.frames=1000"], "translation.frames", /power of two/],
		["memory beyond addresses", ["translation.frames=1T", "translation.page=1M"], "translation.frames", /at most/],
		[
			"more colours than frames",
			["translation.frames=16", "translation.colours=32"],
			"translation.colours",
			/16 frames/,
		],
		["a huge range that is none", ["translation.huge=all:2M"], "translation.huge", /start-end:page is valid/],
		["a huge range off its pages", ["translation.huge=0x1000-0x400000:2M"], "translation.huge", /0x0-0x400000:2M is/],
		[
			"huge ranges that overlap",
			["translation.huge=0-0x400000:2M,0x200000-0x600000:2M"],
			"translation.huge",
			/overlap/,
		],
		["an empty huge range", ["translation.huge=0x400000-0x400000:2M"], "translation.huge", /ends before/],
		["a huge range beyond 64 bits", ["translation.huge=0-0x10000000000000000:2M"], "translation.huge", /64 bits/],
		[
			"huge pages as small as base pages",
			["translation.huge=0-0x400000:4K"],
			"translation.huge",
			/above the base page/,
		],
		["huge pages that no TLB holds", ["translation.huge=0-0x400000:4M"], "tlbs.ITLB.pages", /4M/],
		["too many address bits", ["walk.levels=24,24,24"], "walk.levels", /at most 64/],
		["walk caches of another depth", ["walk.caches=1,2"], "walk.caches", /3, one for each level/],
		["an odd page-table entry", ["walk.entry=6"], "walk.entry", /4 and 8/],
		["walks into nowhere", ["walk.enters=L4"], "walk.enters", /names no cache: L4; did you mean "L[123]/],
	])("%s", (_, sets, path, message) => {
		const error = thrown(() => resolve(applySets(profiles.broadwell, sets)));
		expect([error.code, error.place.path]).toEqual(["BAD_PROFILE", path]);
		expect(error.message).toMatch(message);
	});
});
