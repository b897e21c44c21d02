import { describe, expect, test } from "vitest";
import { StalemateError } from "../../src/errors.ts";
import { extend, parseProfile, profileNames, profiles, resolve } from "../../src/profiles/index.ts";
import fc from "../properties.ts";
import { consistent } from "./consistent.ts";
import { thrown } from "./thrown.ts";

/** The code, path and message of what parseProfile says about JSON. */
function refused(json: unknown): [code: string, path: string | undefined, message: string] {
	const { code, place, message } = thrown(() => parseProfile(json));
	return [code, place.path, message];
}

test("a profile of one's own needs no more than its caches", () => {
	const own = parseProfile({ caches: { L1: { size: "32K", ways: 8, line: 64 } } });
	const { caches, tlbs } = resolve(own);
	expect(caches).toMatchObject([{ name: "L1", sets: 64, ways: 8, serves: "both", next: -1, replacement: "lru" }]);
	expect(tlbs).toEqual([]);
	expect(own.id).toBe("custom");
});

test("a profile that extends a shipped one takes over what it does not say", () => {
	const own = parseProfile({ extends: "broadwell", id: "mine", caches: { L2: { size: "512K" } } });
	const sourced = { value: "512K", range: ["256K", "1M"], basis: "estimated", source: "a guess" };
	const other = parseProfile({ extends: "broadwell", id: "other", caches: { L2: { size: sourced } } });
	expect(other.caches.L2!.size).toEqual({ ...sourced, value: 2 ** 19, range: [2 ** 18, 2 ** 20] });
	expect(own).toMatchObject({ id: "mine", basedOn: "broadwell", smap: true });
	expect(own.caches.L2).toMatchObject({ size: 512 * 1024, ways: profiles.broadwell.caches.L2!.ways });
	expect(own.caches.L3).toEqual(profiles.broadwell.caches.L3);
});

test("a changed profile is not called what its base is called", () => {
	expect(extend("zen3", { smap: false })).toMatchObject({ id: "zen3-custom", basedOn: "zen3" });
	expect(extend(extend("zen3", {}), {})).toMatchObject({ id: "zen3-custom", basedOn: "zen3" });
});

test("a level that is null is taken out and its neighbours are linked", () => {
	const { caches } = resolve(extend("broadwell", { caches: { L2: null } }));
	expect(caches.map(({ name, next }) => [name, next])).toEqual([
		["L1I", 2],
		["L1D", 2],
		["L3", -1],
	]);
	const { tlbs } = resolve(extend("broadwell", { tlbs: { STLB: null } }));
	expect(tlbs.map(({ next }) => next)).toEqual([[-1], [-1]]);
});

test("links that a profile states are redirected when their level is taken out", () => {
	const chain = parseProfile({
		caches: {
			A: { size: "4K", ways: 1, line: 64, next: "B" },
			B: { size: "8K", ways: 1, line: 64, next: "C" },
			C: { size: "16K", ways: 1, line: 64 },
		},
		tlbs: { T: { entries: 4, ways: 4, pages: ["4K"], next: "U" }, U: { entries: 8, ways: "full", pages: [4096] } },
		walk: { enabled: true, enters: "B" },
	});
	const machine = resolve(extend(chain, { caches: { B: null }, tlbs: { U: null } }));
	expect(machine.caches.map(({ name, next }) => [name, next])).toEqual([
		["A", 1],
		["C", -1],
	]);
	expect(machine.tlbs).toMatchObject([{ name: "T", next: [-1] }]);
	expect(machine.walk.enters).toBe(1);
});

test("a number with provenance is replaced as a whole", () => {
	expect(extend("broadwell", { frequency: 3 }).frequency).toBe(3);
	const guess = { value: 3, basis: "estimated", source: "a guess" } as const;
	expect(extend("broadwell", { frequency: guess }).frequency).toEqual(guess);
});

test("the base of extend stays as it was", () => {
	const base = extend("broadwell", {});
	const before = structuredClone(base);
	extend(base, { caches: { L3: null, L2: { ways: 4 } }, notes: [] });
	expect(base).toEqual(before);
});

describe("refuses, by path,", () => {
	test.each<[string, unknown, string, string, RegExp]>([
		["what is no object", [], "BAD_PROFILE", "", /must be an object, found \[\]/],
		["a list of caches", { caches: [] }, "BAD_PROFILE", "caches", /must be an object/],
		["an unknown key", { memry: {} }, "BAD_PROFILE", "memry", /did you mean "memory"\?/],
		["an unknown key below", { caches: { L1: { szie: 1 } } }, "BAD_PROFILE", "caches.L1.szie", /did you mean "size"\?/],
		["an unknown cost", { costs: { lineFlush: 1 } }, "BAD_PROFILE", "costs.lineFlush", /did you mean "lineFlush/],
		["a wrong type", { smap: 1 }, "BAD_PROFILE", "smap", /true or false, found 1/],
		["an unknown word", { caches: { L1: { write: "around" } } }, "BAD_PROFILE", "caches.L1.write", /back, through/],
		["no ways", { caches: { L1: { ways: 0 } } }, "BAD_PROFILE", "caches.L1.ways", /from 1 to 65535, found 0/],
		["half a way", { caches: { L1: { ways: 0.5 } } }, "BAD_PROFILE", "caches.L1.ways", /whole number/],
		["a size that is none", { caches: { L1: { size: "32X" } } }, "BAD_PROFILE", "caches.L1.size", /found "32X"/],
		["an absurd clock", { frequency: 1e9 }, "BAD_PROFILE", "frequency", /GHz from 0.001 to 100/],
		["infinity", { costs: { atomic: Infinity } }, "BAD_PROFILE", "costs.atomic", /from 0 to/],
		["a missing source", { frequency: { value: 1, basis: "known" } }, "BAD_PROFILE", "frequency.source", /missing/],
		["a missing line", { caches: { L1: { size: 64, ways: 1 } } }, "BAD_PROFILE", "caches.L1.line", /missing/],
		["a missing size", { caches: { L1: { line: 64, ways: 1 } } }, "BAD_PROFILE", "caches.L1.size", /missing/],
		["missing pages", { tlbs: { TLB: { entries: 4, ways: 4 } } }, "BAD_PROFILE", "tlbs.TLB.pages", /missing/],
		["a name of every object", JSON.parse('{"caches":{"__proto__":{}}}'), "BAD_PROFILE", "caches", /capital letter/],
		[
			"a key near no other",
			{ caches: { L1: { nope: 1 } } },
			"BAD_PROFILE",
			"caches.L1.nope",
			/unknown: there is size, sets, ways/,
		],
		["an unknown base", { extends: "pa88000" }, "UNKNOWN_PROFILE", "extends", /did you mean "pa8800"\?/],
	])("%s", (_, json, code, path, message) => {
		expect(refused(json)).toEqual([code, path, expect.stringMatching(message)]);
	});

	test("a value outside its range", () => {
		const [code, path] = refused({ frequency: { value: 3, range: [1, 2], basis: "known", source: "somewhere" } });
		expect([code, path]).toEqual(["BAD_PROFILE", "frequency"]);
	});
});

// Keys and values that lead deep into the schema, mixed with ones that do not.
const word = fc.constantFrom(
	...[
		"L1",
		"L1I",
		"L1D",
		"L2",
		"L3",
		"ITLB",
		"DTLB",
		"STLB",
		"caches",
		"tlbs",
		"walk",
		"translation",
		"cpus",
		"extends",
	],
	...[
		"size",
		"sets",
		"ways",
		"line",
		"entries",
		"pages",
		"next",
		"serves",
		"sharedBy",
		"inclusion",
		"replacement",
		"huge",
	],
	...[
		"levels",
		"entry",
		"enters",
		"enabled",
		"policy",
		"page",
		"frames",
		"value",
		"basis",
		"source",
		"range",
		"constructor",
	],
);
const leaf = fc.oneof(
	fc.constantFrom(0, 1, 2, 3, 4, 8, 12, 64, 512, 4096, 32768, 2 ** 21, 2 ** 40, -1, 0.5, true, false, null),
	fc.constantFrom(
		"full",
		"memory",
		"none",
		"walk",
		"both",
		"fetch",
		"exclusive",
		"inclusive",
		"plru",
		"random",
		"4K",
		"1G",
	),
	fc.constantFrom("0x7f0000000000-0x7f0040000000:2M", "identity", "broadwell", "known"),
	word,
	fc.double(),
	fc.string(),
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
	json: fc.oneof(
		{ depthSize: "small", withCrossShrink: true },
		leaf,
		fc.array(tie("json"), { maxLength: 4 }),
		fc.dictionary(word, tie("json"), { maxKeys: 4 }),
	),
}));

function surviving(input: unknown): void {
	try {
		const own = parseProfile(input);
		expect(parseProfile(JSON.parse(JSON.stringify(own)))).toEqual(own);
		consistent(own, resolve(own, { cpus: 2 }));
	} catch (error) {
		if (!(error instanceof StalemateError)) throw error;
		expect(["BAD_PROFILE", "UNKNOWN_PROFILE", "BAD_OPTION"]).toContain(error.code);
		expect(error.place.path).toBeTypeOf("string");
	}
}

test("no JSON makes parseProfile throw another error than its own, and what resolves is consistent", () => {
	fc.assert(fc.property(fc.oneof(json, fc.jsonValue(), fc.anything()), surviving), { numRuns: 2000 });
});

const power = (from: number, to: number) => fc.integer({ min: from, max: to }).map((n) => 2 ** n);
/** Usually left out. */
function some<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
	return fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

/** Mostly legal caches, so that many of them resolve. */
const cache = fc
	.record({
		sets: fc.integer({ min: 1, max: 300 }),
		ways: fc.integer({ min: 1, max: 20 }),
		line: fc.oneof({ weight: 7, arbitrary: fc.constant(64) }, { weight: 1, arbitrary: power(5, 7) }),
		inclusion: some(fc.constantFrom("nine", "inclusive", "exclusive")),
		replacement: some(fc.constantFrom("lru", "plru", "fifo", "random", "srrip")),
		index: some(fc.constantFrom("virtual", "physical")),
		next: some(fc.constantFrom("L2", "L3", "memory")),
		sharedBy: some(fc.constantFrom(0, 1, 2)),
	})
	.map(({ sets, ...rest }) => ({ ...rest, size: sets * rest.ways * rest.line }));
const tlb = fc
	.record({
		sets: fc.integer({ min: 1, max: 64 }),
		ways: fc.integer({ min: 1, max: 8 }),
		pages: fc.constantFrom(["4K"], ["4K", "2M"], [4096, 2 ** 21, 2 ** 30]),
		next: some(fc.constantFrom("STLB", "walk", ["STLB"])),
	})
	.map(({ sets, ...rest }) => ({ ...rest, entries: sets * rest.ways }));
const machine = fc.record({
	caches: fc.record({ L1I: cache, L1D: cache, L2: cache, L3: cache }, { requiredKeys: ["L1I", "L1D"] }),
	tlbs: fc.oneof(fc.constant({}), fc.record({ ITLB: tlb, DTLB: tlb, STLB: tlb }, { requiredKeys: ["ITLB", "DTLB"] })),
	walk: fc.record({ enabled: fc.boolean(), enters: some(fc.constantFrom("L1D", "L2", "none")) }),
});

/** As JSON would have it: without what is undefined. */
function plain(thing: unknown): unknown {
	return JSON.parse(JSON.stringify(thing));
}

test("machines made at random are refused by path or are consistent, and many are not refused", () => {
	let resolved = 0;
	fc.assert(
		fc.property(machine, (drawn) => {
			const own = parseProfile(plain(drawn));
			try {
				consistent(own, resolve(own, { cpus: 2 }));
				resolved++;
			} catch (error) {
				if (!(error instanceof StalemateError)) throw error;
				expect(error.code).toBe("BAD_PROFILE");
				expect(error.place.path).toMatch(/^(caches|tlbs|walk)\./);
			}
		}),
		{ numRuns: 500, seed: 1 },
	);
	expect(resolved).toBeGreaterThan(50);
});

test("every shipped profile can be the base of another", () => {
	for (const id of profileNames()) expect(parseProfile({ extends: id, id })).toEqual({ ...profiles[id], basedOn: id });
});
