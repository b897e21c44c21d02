import { describe, test } from "vitest";
import {
	actionsOf,
	loadCheckSync,
	mechanisms,
	parseLitmus,
	parseScenario,
	plan,
	printScenario,
	StalemateError,
} from "../../src/check/index.ts";
import { calibrate, compare, loadCostSync } from "../../src/cost/index.ts";
import { loadSync, openTrace, profile, runTogether } from "../../src/index.ts";
import { toBeSafeOn } from "../../src/matcher/index.ts";
import fc, { RUNS } from "../properties.ts";

// What people pass who do not write TypeScript: each option of each function in turn is something else.

const core = loadSync();
const check = loadCheckSync();
const cost = loadCostSync();
const trace = () => new TextEncoder().encode("0 1000\n1 2000\n2 40\n");
const sink = () => new WritableStream<Uint8Array>({ write() {} });
const scenario = () => mechanisms.kmap();
const text = printScenario(scenario());

const SB = `X86 SB
{ x=0; y=0; }
 P0          | P1          ;
 MOV [x],$1  | MOV [y],$1  ;
 MOV EAX,[y] | MOV EAX,[x] ;
exists (0:EAX=0 /\\ 1:EAX=0)
`;

type Given = Record<string, unknown>;

const calls: Record<string, [Given, (options: never) => unknown]> = {
	simulator: [
		{
			sets: ["caches.L2.size=512K"],
			cpus: 2,
			seed: 1,
			classify: true,
			aliases: true,
			hot: { cache: "L1D", by: "line", top: 3 },
			sharing: { top: 3 },
		},
		(options) => core.simulator("broadwell", options),
	],
	runTrace: [
		{
			onProgress: () => {},
			signal: new AbortController().signal,
			every: 1,
			onInterval: () => {},
			onError: "skip",
			warmup: 1,
		},
		(options) => core.simulator("e500v2").runTrace(trace(), options),
	],
	runTogether: [
		{ every: 1, warmup: 1 },
		(options) => runTogether([core.simulator("e500v2"), core.simulator("broadwell")], trace(), options),
	],
	runRecords: [{ cpu: 0, asid: 1 }, (options) => core.simulator("e500v2").runRecords(new BigUint64Array(2), options)],
	operate: [
		{ operation: "map", cpu: 0, asid: 1, address: 4096n, length: 4096n, object: 1, offset: 0n },
		(options) => core.simulator("e500v2").operate(options),
	],
	openTrace: [
		{ format: "din", onError: "skip", name: "x" },
		(options) => core.simulator("e500v2").runTrace(openTrace(trace(), options)),
	],
	onePass: [
		{ lines: [32, 64], sets: [1, 2], ways: 2, of: "data" },
		async (options) => (await core.onePass(options)).runTrace(trace()),
	],
	missRatioCurve: [
		{ line: 64, of: "data", sample: { rate: 0.5, lines: 256, seed: 1 } },
		async (options) => (await core.missRatioCurve(options)).runTrace(trace()),
	],
	"onePass, running": [
		{ onProgress: () => {}, signal: new AbortController().signal },
		async (options) => (await core.onePass({ lines: [32], sets: [1], ways: 2 })).runTrace(trace(), options),
	],
	convertTrace: [
		{
			skip: 1,
			take: 1,
			sample: { keep: 1, every: 2 },
			cpus: 1,
			signal: new AbortController().signal,
			progress: () => {},
		},
		(options) => core.convertTrace(trace(), sink(), options),
	],
	writeTrace: [
		{ kind: "read", address: 4096n, size: 4, cpu: 0, asid: 1 },
		(options) => core.writeTrace([options], sink()),
	],
	machine: [
		{
			cpus: 2,
			pages: {
				U: { frame: "P", colour: 1, half: "user", writable: true, space: "A", table: "T", bound: 1 },
				K: { entryOf: "U", noMoveIn: true, uncached: true, writeThrough: true, incoherent: true, pinned: true },
				L: { within: "U", protected: true },
			},
			frames: { P: { kind: "ram", lines: 2, references: 1 }, Q: {} },
			spaces: ["A"],
			tables: ["T"],
			variables: { x: { initial: 1, perCpu: true } },
			irq: [{ do: "load", page: "U" }],
			nmi: [{ do: "store", variable: "x", value: 1 }],
			model: "tso",
			caches: "all",
			speculativeMoveIn: true,
			dmaSnoops: true,
			coherence: "mesi",
			window: 2,
			evictions: true,
			fetches: true,
		},
		(options) => core.machine("broadwell", options),
	],
	check: [
		{
			params: {},
			profile: "abstract",
			profiles: [profile("broadwell")],
			model: "tso",
			caches: "all",
			window: 2,
			mayHold: true,
			without: [],
			bounds: { states: 100, depth: 100, time: 1 },
			allHazards: true,
			symmetry: true,
			liveness: false,
			compact: false,
			walks: { count: 2, steps: 10, seed: 1n },
			signal: new AbortController().signal,
			onProgress: () => {},
		},
		(options) => check.check(scenario(), options),
	],
	checkSync: [{ params: {}, profile: "pa8800" }, (options) => check.checkSync(text, options)],
	weaken: [
		{ profile: "pa8800", bounds: { states: 1000 } },
		(options) => check.weaken(scenario(), actionsOf(scenario())[0]!.action, options),
	],
	replay: [
		{ params: {}, profile: "abstract", model: "tso", caches: "all", window: 2, mayHold: true, without: [] },
		(options) => check.replay(scenario(), [], options),
	],
	cost: [
		{
			profile: "broadwell",
			params: {},
			threads: 1,
			iterations: 5,
			warmUp: 1,
			constants: { atomic: { value: 3, unit: "ns", basis: "given", range: [2, 4], source: "x", cells: [] } },

			jitter: 0.1,
			seed: 1,
			samples: 2,
			flushesInFlight: 1,
			cpusPerSocket: 1,
			pti: false,
			logged: 3,
			swap: "hdd",
		},
		(options) => cost.cost("shootdown", options),
	],
	"core.cost": [{ threads: [1, 2], iterations: 5 }, (options) => core.cost("shootdown", options)],
	reproduce: [
		{ profile: "haswell-ep", sets: [], pti: false, swap: "nvme", threads: [8], lines: [32], samples: 2, seed: 1 },
		(options) => cost.reproduce(["S0"], options),
	],
	calibrate: [
		{
			unknowns: [{ name: "a", value: 1, range: [0, 2] }],
			cells: [{ id: "c", published: 3 }],
			simulate: ({ a }: { a: number }) => [a * 2],
			force: false,
		},
		calibrate,
	],
	compare: [
		{ before: [1, 2, 3], after: [2, 3, 4], seed: 1 },
		(given: { before: []; after: []; seed: number } | null) =>
			compare(given?.before as [], given?.after as [], given?.seed),
	],
	toBeSafeOn: [
		{ params: {}, model: "tso", bounds: { states: 100 } },
		(options) => toBeSafeOn.call(undefined, text, "abstract", options),
	],
	parseScenario: [{ file: "x.scn" }, (options) => parseScenario(text, options)],
	parseLitmus: [{ file: "x.litmus" }, (options) => parseLitmus(SB, options)],
	"texts of scenarios": [{ text }, (given: { text: string } | null) => parseScenario(given?.text as string)],
	"texts of litmus tests": [{ text: SB }, (given: { text: string } | null) => parseLitmus(given?.text as string)],
	plan: [
		{ params: {}, allParams: true, profiles: ["broadwell"], models: ["sc"] },
		(options) => plan(scenario(), options),
	],
	kmap: [{ age: "k2020", access: "read" }, (options) => mechanisms.kmap(options)],
};

const number = fc.constantFrom(
	-1,
	-0,
	0,
	1,
	2,
	3,
	0.5,
	2.5,
	1e-9,
	2 ** 53,
	1e300,
	Number.NaN,
	Number.POSITIVE_INFINITY,
);
const anything = fc.anything({
	values: [
		number,
		fc.string(),
		fc.boolean(),
		fc.constant(null),
		fc.constant(undefined),
		fc.constantFrom(-1n, 1n, 1n << 70n),
	],
	withNullPrototype: true,
	withDate: true,
	withTypedArray: true,
	withBigInt: true,
});
const wrong = fc.oneof(
	anything,
	number,
	fc.constantFrom(Symbol("x"), () => 1, { toString: 0 }, [], {}, [[]], [null], "", "x"),
);

function paths(of: unknown, at: readonly (string | number)[] = []): (readonly (string | number)[])[] {
	if (typeof of !== "object" || of === null || of instanceof AbortSignal) return [at];
	return [at, ...Object.entries(of).flatMap(([name, value]) => paths(value, [...at, name]))];
}

function changed(of: unknown, [name, ...rest]: readonly (string | number)[], value: unknown): unknown {
	if (name === undefined) return value;
	const copy: Record<string, unknown> = Array.isArray(of) ? ([...of] as never) : { ...(of as Given) };
	copy[name] = changed(copy[name], rest, value);
	return copy;
}

describe.each(Object.entries(calls))("%s", (_, [usual, call]) => {
	test("takes its options", async () => {
		await call(usual as never);
	});

	test("takes what any of them may be, or says with a code what is wrong", async () => {
		const where = fc.constantFrom(...paths(usual));
		const property = fc.asyncProperty(where, wrong, async (path, value) => {
			try {
				await call(changed(usual, path, value) as never);
			} catch (error) {
				if (!(error instanceof StalemateError)) throw error;
			}
		});
		await fc.assert(property, { numRuns: 60 * RUNS });
	});
});
