import { describe, expect, test } from "vitest";
import { CostRun, type CostSetup } from "../../bindings/cost.ts";
import { loadProgramCoreSync } from "../../bindings/program-core.ts";
import { drawnFrom } from "../../src/cost/cost.ts";
import { loadCostSync } from "../../src/cost/load.ts";
import { hardwareOf } from "../../src/hardware.ts";
import { applySets, profile } from "../../src/profiles/index.ts";
import { compileScenario, parseScenario } from "../../src/scenario/index.ts";
import fc from "../properties.ts";
import { anyPrices, anyWorks } from "./any-prices.ts";

const core = loadProgramCoreSync();
const cost = loadCostSync();

/** Statements of one thread; the other CPU works and looks at the same variables now and then. */
const statement = fc.constantFrom(
	"work w",
	"work w 3",
	"load r0 <- x",
	"load r1 <- own",
	"load r2 <- M",
	"store own <- 1",
	"store M <- 1",
	"fence full",
	"rmw.add.full own, 1",
	"tlb.flush M",
	"cache.flush M",
);
const body = fc.array(statement, { minLength: 1, maxLength: 8 });

function program(lines: string[], work: number) {
	const text = [
		"scenario made",
		"  profile broadwell",
		"  page P",
		"  map M -> P kernel",
		"  var x = 0, y = 0, own = 0",
		"  actor a on cpu 0",
		"    repeat:",
		"      load r3 <- own",
		...lines.map((line) => `      ${line}`),
		...Array.from({ length: work }, () => "      work more"),
		"  actor b on cpu 1",
		"    repeat:",
		"      load r0 <- y",
		"      work w 2",
		"",
	].join("\n");
	return compileScenario(parseScenario(text));
}

const hardware = hardwareOf(profile("broadwell"));
/** Rounds after which everything is where it stays. */
const WARM = 8;

function begun(lines: string[], setup: Partial<CostSetup> = {}, work = 0): CostRun {
	const compiled = program(lines, work);
	return new CostRun(core, compiled, hardware, {
		prices: anyPrices,
		works: anyWorks(compiled),
		flushesInFlight: 1,
		purgesInFlight: 0,
		cpusPerSocket: 4,
		actor: 0,
		seed: 1,
		jitter: 0,
		...setup,
	});
}

function result(run: CostRun, slice = 1_000_000, rounds = 30) {
	let progress = run.run(rounds, slice);
	while (progress.end === "paused") progress = run.run(rounds, slice);
	const { samples, ...of } = run.rounds(0);
	return { progress, of, samples: [...samples], spent: run.spent(), counts: run.counts() };
}

describe("the cost of any small program", () => {
	test("does not become less with more work", () => {
		fc.assert(
			fc.property(body, fc.integer({ min: 1, max: 4 }), (lines, work) => {
				const [less, more] = [0, work].map((extra) => result(begun(lines, {}, extra)).of.time);
				expect(more!).toBeGreaterThanOrEqual(less!);
			}),
			{ numRuns: 40 },
		);
	});

	test("does not become less when a price goes up, once caches are warm", () => {
		fc.assert(
			fc.property(body, fc.constantFrom(...Object.keys(anyPrices)), (lines, name) => {
				const dearer = { ...anyPrices, [name]: anyPrices[name as keyof typeof anyPrices]! * 2 };
				// Once caches are warm: before, both CPUs miss, and when a miss takes longer the other one's wait may be over sooner.
				const [less, more] = [anyPrices, dearer].map((prices) => {
					const { samples } = result(begun(lines, { prices }));
					return samples.slice(WARM).reduce((sum, time) => sum + time, 0);
				});
				expect(more!).toBeGreaterThanOrEqual(less! - 1e-6);
			}),
			{ numRuns: 40 },
		);
	});

	// The largest is the first: its lines come from memory.
	test("is the same for the same seed, and does not depend on how many actions a call makes", () => {
		fc.assert(
			fc.property(body, fc.integer({ min: 1, max: 60 }), fc.nat(100), (lines, slice, seed) => {
				const setup = { seed, jitter: 0.2 };
				const whole = result(begun(lines, setup));
				expect(result(begun(lines, setup))).toEqual(whole);
				const { progress: _, ...pieces } = result(begun(lines, setup), slice);
				const { progress: __, ...other } = whole;
				expect(pieces).toEqual(other);
			}),
			{ numRuns: 30 },
		);
	});

	test("is spent in classes that add up to the rounds", () => {
		fc.assert(
			fc.property(body, (lines) => {
				const { of, spent } = result(begun(lines));
				const sum = Object.values(spent[0]!).reduce((all, ns) => all + ns, 0);
				expect(sum).toBeCloseTo(of.time, 0);
			}),
			{ numRuns: 30 },
		);
	});
});

describe("frequency", () => {
	const at = (ghz: number) =>
		cost.cost("vhost-packet", {
			profile: applySets(profile("broadwell"), [`frequency=${ghz}`]),
			params: { method: "before" },
			iterations: 50,
		});

	test("the part in cycles goes with it, and stays the same in cycles", () => {
		const [slow, fast] = [at(1.3), at(2.6)];
		expect(slow.ns / fast.ns).toBeCloseTo(2, 6);
		expect(slow.cycles).toBeCloseTo(fast.cycles, 6);
	});

	test("the part in ns does not", () => {
		const calls = (ghz: number) =>
			cost.cost("shootdown", {
				profile: applySets(profile("haswell-ep"), [`frequency=${ghz}`]),
				threads: 2,
				iterations: 50,
			});
		const [slow, fast] = [calls(1.25), calls(2.5)];
		const part = (found: typeof slow, what: string) => found.breakdown.find((share) => share.what === what)!.ns;
		expect(part(slow, "ipiSend")).toBeCloseTo(part(fast, "ipiSend"), 6);
		expect(part(slow, "tlbPage")).toBeCloseTo(2 * part(fast, "tlbPage"), 6);
		expect(slow.ns / fast.ns).toBeGreaterThan(1.1);
		expect(slow.ns / fast.ns).toBeLessThan(1.9);
	});
});

describe("what overlaps", () => {
	const rounds = (lines: string[], setup: Partial<CostSetup> = {}) => {
		const { of } = result(begun(lines, setup));
		return of.time / of.rounds;
	};

	test("a store is on its way while its CPU works; a full fence waits for it", () => {
		const fenced = rounds(["store own <- 1", "fence full", "work w 10"]);
		const later = rounds(["store own <- 1", "work w 10", "fence full"]);
		expect(later).toBeLessThanOrEqual(fenced);
	});

	test("flushes that may be in flight together take less than one after the other", () => {
		const lines = Array.from({ length: 6 }, () => "cache.flush M");
		const one = rounds([...lines, "fence full"]);
		const four = rounds([...lines, "fence full"], { flushesInFlight: 4 });
		expect(four).toBeLessThan(one);
	});
});

describe("a work that takes another time each time", () => {
	const took = (seed: number, range: [number, number] = [10, 1000]) => {
		const of = new CostRun(core, compileScenario(parseScenario(VARYING)), hardware, {
			...{ flushesInFlight: 1, purgesInFlight: 0, cpusPerSocket: 4, actor: 0, seed, jitter: 0 },
			...{ prices: { ...anyPrices, step: 0, level1: 0 }, works: { w: 100 }, ranges: { w: range } },
		});
		of.run(2000);
		return [...of.rounds(0).samples].sort((a, b) => a - b);
	};
	const VARYING = [
		...["scenario varies", "  profile broadwell", "  var x = 0", "  actor a on cpu 0", "    repeat:"],
		...["      load r0 <- x", "      work w", ""],
	].join("\n");

	test("stays in its range, and is as often below what is stated as above", () => {
		const all = took(1).slice(0, -1);
		expect(all[0]).toBeGreaterThanOrEqual(10);
		expect(all.at(-1)).toBeLessThanOrEqual(1000);
		expect(all.at(-1)).toBeGreaterThan(900);
		const below = all.filter((time) => time < 100).length / all.length;
		expect(Math.abs(below - 0.5)).toBeLessThan(0.05);
	});

	test("is drawn by the core as machines are for an interval", () => {
		const all = took(2).slice(0, -1);
		for (const u of [0.1, 0.25, 0.5, 0.75, 0.9]) {
			const expected = drawnFrom({ value: 100, unit: "ns", basis: "estimated", varies: true }, [10, 1000], u);
			expect(Math.abs(all[Math.floor(u * all.length)]! / expected - 1)).toBeLessThan(0.1);
		}
	});

	test("is the same for the same seed, another one for another, and always the same without a range", () => {
		expect(took(3)).toEqual(took(3));
		expect(took(3)).not.toEqual(took(4));
		for (const time of took(3, [0, 0]).slice(0, -1)) expect(time).toBeCloseTo(100, 6);
	});
});

describe("who waits for a value", () => {
	const lineCore = (body: string[], awaited: string[], price: number) => {
		const text = [
			"scenario waits",
			"  profile broadwell",
			"  var x = 0, y = 0",
			"  actor a on cpu 0",
			"    repeat:",
			...body,
		];
		const compiled = compileScenario(
			parseScenario([...text, "  actor b on cpu 1", "    repeat:", ...awaited, ""].join("\n")),
		);
		const setup = { flushesInFlight: 1, purgesInFlight: 0, cpusPerSocket: 4, actor: 0, seed: 1, jitter: 0 };
		const prices = { ...anyPrices, lineCore: price };
		const { of, counts } = result(new CostRun(core, compiled, hardware, { ...setup, prices, works: { w: 100 } }));
		return { ns: of.time / of.rounds, times: (counts[0]!.lineCore ?? 0) / of.rounds };
	};

	test("looks for nothing while it waits, and gets the line once when it was written", () => {
		const awaited = ["      await.acquire x == 1", "      store x <- 0"];
		const [short, long] = [1, 100].map((times) =>
			lineCore([`      work w ${times}`, "      store x <- 1", "      await.acquire x == 0"], awaited, 50),
		);
		expect(short!.times).toBeCloseTo(1, 1);
		expect(long!.times).toBeCloseTo(1, 1);
		expect(long!.ns - short!.ns).toBeCloseTo(99 * 100, 6);
	});

	test("has the line meanwhile, which its next writer has to ask for", () => {
		const alone = lineCore(["      rmw.or.full x, 1"], ["      load r0 <- y"], 50);
		const watched = lineCore(["      rmw.or.full x, 1"], ["      await.acquire x == 2"], 50);
		expect(alone.times).toBe(0);
		expect(watched.times).toBeCloseTo(1, 1);
		expect(watched.ns).toBeGreaterThan(alone.ns);
	});
});

test("what goes round the caches is memory's to answer, and nothing else is", () => {
	const text = [
		"scenario round",
		"  profile e500v2",
		"  page P, Q",
		"  map M -> P kernel uncached",
		"  map N -> Q kernel",
	];
	const actor = ["  actor a on cpu 0", "    repeat:", "      load r0 <- N", "      load r1 <- M", ""];
	const compiled = compileScenario(parseScenario([...text, ...actor].join("\n")));
	const setup = { flushesInFlight: 1, purgesInFlight: 0, cpusPerSocket: 2, actor: 0, seed: 1, jitter: 0 };
	const machine = hardwareOf(profile("e500v2"), { caches: "all" });
	const run = new CostRun(core, compiled, machine, { ...setup, prices: anyPrices, works: {} });
	run.run(1);
	run.reset();
	const { counts } = result(run);
	expect([counts[0]!.memory, counts[0]!.level1]).toEqual([30, 30]);
});
