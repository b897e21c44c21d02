import { describe, expect, test } from "vitest";
import { calibrate } from "../../src/cost/calibrate.ts";
import { loadCostSync, type PriceOptions } from "../../src/cost/load.ts";
import type { Priceable } from "../../src/cost/program.ts";
import { compare } from "../../src/cost/statistics.ts";
import { StalemateError } from "../../src/errors.ts";
import { load } from "../../src/load.ts";
import { applySets, profile } from "../../src/profiles/index.ts";

const cost = loadCostSync();

function refused(call: () => unknown): StalemateError {
	try {
		call();
	} catch (error) {
		if (error instanceof StalemateError) return error;
		throw error;
	}
	throw new Error("nothing was wrong");
}

const priced = (what: Priceable, options?: PriceOptions) => refused(() => cost.cost(what, options));

describe("what cannot be priced is refused, with its path and what could be done", () => {
	test("a constant that the profile does not have: its name, the profile, and what could stand in", () => {
		const { code, message, place } = priced("shootdown", { profile: "pa8800", threads: 2 });
		expect(code).toBe("BAD_PROFILE");
		expect(message).toContain("pa8800");
		expect(message).toContain("could stand in");
		expect(place.path).toMatch(/^costs\.|^[a-z]/);
	});

	test("a work that nobody has a price for", () => {
		const text =
			"scenario s\n  profile broadwell\n  var x = 0\n  actor a on cpu 0\n    repeat:\n      load r0 <- x\n      work lookup\n";
		const { message, place } = priced(text);
		expect(place.path).toBe("lookup");
		expect(message).toContain("constants: { lookup");
	});

	test.each([
		[{ value: -1, unit: "ns" }, "from 0 to"],
		[{ value: Number.NaN, unit: "ns" }, "found NaN"],
		[{ value: Number.POSITIVE_INFINITY, unit: "cycles" }, "found Infinity"],
		[{ value: 1e15, unit: "ns" }, "to 1000000000000"],
		[{ value: 5, unit: "ns", range: [9, 1] }, "[lowest, highest]"],
		[{ value: 500, unit: "ns", range: [600, 700] }, "must be in its range, 600 to 700, found 500"],
		[{ value: 5, unit: "ns", varies: true }, "needs a range"],
	])("a cost of %o", (constant, wanted) => {
		const constants = { iteration: { basis: "given", ...constant } } as unknown as NonNullable<
			PriceOptions["constants"]
		>;
		const { message, place } = priced("shootdown", { constants, threads: 2 });
		expect(place.path).toMatch(/^constants\.iteration/);
		expect(message).toContain(wanted);
	});

	test.each([
		["vhost-sync", { params: { variant: "spinlock" }, profile: "e500mc" }, "costs.spinlockPair", "e500mc"],
		["vhost-sync", { params: { variant: "srcu" }, profile: "e500mc" }, "costs.srcuPair", "e500mc"],
		[
			"vhost-sync",
			{ params: { variant: "mutex", swap: "yes" }, profile: "e500v2", swap: "nvme" },
			"costs.swapInNvme",
			"e500v2",
		],
	])("a constant that %s is made of with %o", (what, options, path, id) => {
		const constants = {
			atomicRemoteCore: { value: 100, unit: "cycles", basis: "given" },
			mutexPair: { value: 40, unit: "cycles", basis: "given" },
		} as const;
		const { message, place } = priced(what, { iterations: 2, constants, ...options } as PriceOptions);
		expect(place.path).toBe(path);
		expect(message).toContain(`profile ${id}`);
		expect(message).toContain("could stand in: broadwell");
	});

	test("what stands in is said, with the constant and the profile that lacks it", () => {
		const { atomicRemoteCore: _, atomicRemoteSocket: __, ...costs } = profile("haswell-ep").costs;
		const without = { ...profile("haswell-ep"), id: "mine", costs };
		const { standsIn, ns } = cost.cost("shootdown", { profile: without, threads: 24, iterations: 5 });
		expect(standsIn).toEqual([
			"a line from another socket as one from memory (profile mine has no costs.atomicRemoteSocket)",
		]);
		expect(ns).toBeGreaterThan(cost.cost("shootdown", { threads: 12, iterations: 5 }).ns * 1.5);
		const { frequency: ___, ...slow } = profile("broadwell");
		const found = cost.cost("vhost-packet", { profile: { ...slow, id: "mine" }, iterations: 5 });
		expect(found.standsIn).toEqual(["a clock of 1 GHz (profile mine has no frequency)"]);
	});

	test.each([
		["shootdown", { itteration: 1 }, "constants.itteration", 'did you mean "iteration"'],
		["shootdown", { ipisend: 1 }, "constants.ipisend", 'did you mean "ipiSend"'],
		["vhost-packet", { lockRest: 1 }, "constants.lockRest", "is no cost of vhost-packet"],
	])("a constant that nothing of %s is made of: %o", (what, names, path, wanted) => {
		const constants = Object.fromEntries(
			Object.entries(names).map(([name, value]) => [name, { value, unit: "ns", basis: "given" } as const]),
		);
		const { message, place } = priced(what, { constants });
		expect(place.path).toBe(path);
		expect(message).toContain(wanted);
	});

	test("a constant of another choice of parameters is taken, and said to be unused", () => {
		const stackCsd = { value: 9, unit: "ns", basis: "given" } as const;
		const of = (flavour: string) =>
			cost.cost("shootdown", { params: { flavour }, threads: 2, iterations: 5, constants: { stackCsd } });
		expect(of("before").unused).toBeUndefined();
		expect(of("async").unused).toEqual(["stackCsd"]);
	});

	test("a device where no page is swapped in", () => {
		expect(priced("vhost-packet", { swap: "nvme" }).place.path).toBe("swap");
		expect(priced("vhost-sync", { swap: "nvme" }).message).toContain("swap=yes");
		const options = { swap: "nvme", params: { variant: "mutex", swap: "yes" }, iterations: 2 } as const;
		expect(cost.cost("vhost-sync", options).constants.swapIn!.value).toBe(30_000);
	});

	test("what locks take is the profile's, or what is given instead", () => {
		const of = (variant: string, constants: PriceOptions["constants"] = {}) =>
			cost.cost("vhost-sync", { params: { variant }, iterations: 2, constants }).ns;
		const dear = (name: string) => ({ [name]: { value: 5000, unit: "cycles", basis: "given" } as const });
		expect(of("mutex", dear("mutexPair"))).toBeGreaterThan(of("mutex") * 1.1);
		expect(of("spinlock", dear("spinlockPair"))).toBeGreaterThan(of("spinlock") * 1.1);
		expect(of("srcu", dear("srcuPair"))).toBeGreaterThan(of("srcu") * 1.1);
	});

	test("more threads than the profile has CPUs", () => {
		const { message, place } = priced("shootdown", { threads: 48 });
		expect(place.path).toBe("threads");
		expect(message).toContain("haswell-ep has 24 CPUs");
		expect(cost.cost("shootdown", { threads: 48, profile: "haswell-ep-64", iterations: 5 }).threads).toBe(48);
	});

	test.each([
		[{ threads: 0 }, "threads"],
		[{ threads: 2.5 }, "threads"],
		[{ iterations: 0 }, "iterations"],
		[{ jitter: 1 }, "jitter"],
		[{ jitter: Number.NaN }, "jitter"],
		[{ seed: -1 }, "seed"],
		[{ samples: 1e9 }, "samples"],
		[{ flushesInFlight: 99 }, "flushesInFlight"],
		[{ actor: "initiater" }, "actor"],
	])("%o", (options, path) => {
		expect(priced("shootdown", options as PriceOptions).place.path).toBe(path);
	});

	test("a mechanism that there is not, with the nearest name", () => {
		expect(priced("shotdown").message).toContain('did you mean "shootdown"');
	});

	test("a thread that waits for ever is told, not waited for", () => {
		const text = "scenario s\n  profile broadwell\n  var x = 0\n  actor a on cpu 0\n    repeat: await x == 1\n";
		expect(priced(text).message).toContain("everybody waits for ever");
	});

	test("what is asked of reproduce", () => {
		expect(refused(() => cost.reproduce(["S9" as "S0"])).message).toContain("S0");
		expect(refused(() => cost.reproduce(["S2"], { threads: [65] })).place.path).toBe("threads.0");
		expect(refused(() => cost.reproduce(["S0"], { lines: [48] })).place.path).toBe("lines.0");
	});
});

describe("calibrate", () => {
	const line = (values: Record<string, number>) => [1, 2, 3, 4].map((x) => values.a! + values.b! * x);
	const unknowns = [
		{ name: "a", value: 1, range: [0, 10] as [number, number] },
		{ name: "b", value: 1, range: [0, 10] as [number, number] },
	];
	const cells = [5.1, 6.9, 9, 11].map((published, i) => ({ id: `c${i}`, published }));

	test("finds least squares, says what was fitted to what, and how well each cell is foretold by the others", () => {
		const fit = calibrate({ unknowns, cells, simulate: line });
		expect(fit.values.a).toBeCloseTo(3.05, 3);
		expect(fit.values.b).toBeCloseTo(1.98, 3);
		expect([fit.rank, fit.identifiable]).toEqual([2, true]);
		expect(fit.sentence).toMatch(/^2 constants fitted to 4 cells: residual .*, leave-one-out/);
		for (const { leaveOneOut, residual } of fit.rows)
			expect(Math.abs(leaveOneOut!)).toBeGreaterThanOrEqual(Math.abs(residual));
	});

	test("stays in the ranges", () => {
		const fit = calibrate({ unknowns: [{ ...unknowns[0]!, range: [0, 2] }, unknowns[1]!], cells, simulate: line });
		expect(fit.values.a).toBe(2);
		expect(fit.atBounds).toEqual(["a"]);
	});

	test("says that two unknowns that change everything alike are not identifiable", () => {
		const fit = calibrate({ unknowns, cells, simulate: ({ a, b }) => cells.map(() => a! + b!) });
		expect([fit.rank, fit.identifiable, fit.leaveOneOut]).toEqual([1, false, null]);
		expect(fit.sentence).toContain("not identifiable (rank 1 for 2 unknowns");
	});

	test("refuses more unknowns than cells, unless it is asked for, and says so then", () => {
		const one = {
			unknowns,
			cells: cells.slice(0, 1),
			simulate: (values: Record<string, number>) => line(values).slice(0, 1),
		};
		expect(refused(() => calibrate(one)).message).toContain("cannot be told from 1 cells");
		expect(calibrate({ ...one, force: true }).sentence).toContain("MORE UNKNOWNS THAN CELLS");
	});

	test("refuses a start outside the range, and a cell that is no number", () => {
		expect(
			refused(() => calibrate({ unknowns: [{ ...unknowns[0]!, value: 11 }], cells, simulate: line })).place.path,
		).toBe("unknowns.a");
		const wrong = [{ id: "c0", published: Number.NaN }, ...cells.slice(1)];
		expect(refused(() => calibrate({ unknowns, cells: wrong, simulate: line })).place.path).toBe("cells.0.published");
	});
});

describe("compare", () => {
	test("Welch's t, its degrees and p, as tables have them", () => {
		const { t, degrees, p, stands, interval, change } = compare([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]);
		expect(t).toBeCloseTo(-5, 10);
		expect(degrees).toBeCloseTo(8, 10);
		expect(p).toBeCloseTo(0.001053, 5);
		expect(stands).toBe(true);
		expect(change).toBeCloseTo(8 / 3 - 1, 10);
		expect(interval[0]).toBeLessThan(change);
		expect(interval[1]).toBeGreaterThan(change);
	});

	test("says in a sentence whether a change stands out of the noise", () => {
		expect(compare([10, 12, 11], [11, 10.5, 12]).sentence).toContain("cannot be told from noise");
		expect(compare([10, 10.1, 9.9], [9, 9.1, 8.9]).sentence).toContain("-10.0 % stands out of the noise");
	});

	test("refuses a sample of one, and what is no number", () => {
		expect(refused(() => compare([1], [1, 2])).place.path).toBe("before");
		expect(refused(() => compare([1, 2], [1, Number.NaN])).place.path).toBe("after[1]");
	});

	test.each([
		[[0, 0], [1, 1], "before", "only zeros"],
		[[1, -1], [2, 3], "before", "from -1 to 1"],
		[[1e308, 1e308], [1e308, 1e308], "before[0]", "from -1e100 to 1e100"],
		[[1, 1], [2, 2], "before", "no spread"],
		[[0, 0, 0, 1], [1, 2], "before", "too near to 0"],
	])("refuses %o against %o, of which no change in per cent can be told", (before, after, path, why) => {
		const { code, message, place } = refused(() => compare(before, after));
		expect([code, place.path]).toEqual(["BAD_OPTION", path]);
		expect(message).toContain(why);
	});

	test("is the same for the same seed, and finite where nothing differs", () => {
		const of = (seed: number) => compare([10, 12, 11], [11, 10.5, 12], seed);
		expect(of(3)).toEqual(of(3));
		expect(of(3).interval).not.toEqual(of(4).interval);
		expect(compare([5, 5], [5, 5])).toMatchObject({ change: 0, t: 0, p: 1, degrees: 2, stands: false });
		expect(compare([1e-90, 2e-90, 3e-90], [6e-90, 7e-90, 8e-90]).p).toBeCloseTo(compare([1, 2, 3], [6, 7, 8]).p, 12);
	});
});

describe("core.cost", () => {
	test("measures shipped mechanisms and scenarios, once or for several numbers of CPUs", async () => {
		const core = await load();
		const several = await core.cost("shootdown", { threads: [1, 2, 4], params: { flavour: "async" } });
		expect(several.map(({ ns }) => Math.round(ns))).toEqual([662, 1115, 1289]);
		const one = await core.cost("vhost-packet", { profile: profile("broadwell"), params: { method: "vmap" } });
		expect((1000 / one.ns).toFixed(1)).toBe("6.1");
		expect(one.basis).toBe("calibrated");
		expect(one.calibratedOn).toContain("S3/vmap/smap");
		expect(one.breakdown[0]!.what).toBe("packet");
		expect(one.steady).toBe(true);
	});

	test("a figure that constants were fitted to is calibrated; whatever is not as it was published is predicted", () => {
		const bases = (what: string, ...all: PriceOptions[]) =>
			all.map((options) => cost.cost(what, { iterations: 10, ...options }).basis);
		const flavour = { params: { flavour: "concurrent" } };
		expect(
			bases("shootdown", { threads: 4 }, { ...flavour, threads: 2 }, { ...flavour, threads: 1, samples: 2 }),
		).toEqual(["calibrated", "calibrated", "calibrated"]);
		const iteration = { value: 480, unit: "ns", basis: "given" } as const;
		expect(
			bases(
				"shootdown",
				{ threads: 3 },
				{ threads: 4, params: { local: "no" } },
				{ threads: 4, profile: "broadwell" },
				{ threads: 4, profile: applySets(profile("haswell-ep"), ["costs.tlbPurgePage=200"]) },
				{ threads: 4, jitter: 0.1 },
				{ threads: 4, pti: true },
				{ threads: 4, constants: { iteration } },
			),
		).toEqual(Array(7).fill("predicted"));
		const off = applySets(profile("broadwell"), ["smap=false"]);
		const dependency = { params: { method: "dependency" } };
		expect(bases("vhost-packet", {}, { profile: off }, { ...dependency, profile: off }, dependency)).toEqual([
			"calibrated",
			"calibrated",
			"calibrated",
			"predicted",
		]);
	});

	test("an interval is made of machines from the constants' ranges, the same for the same seed", async () => {
		const core = await load();
		const of = (seed: number) => core.cost("shootdown", { threads: 4, samples: 30, seed, iterations: 20 });
		const [first, again, other] = [await of(3), await of(3), await of(4)];
		expect(first.interval).toEqual(again.interval);
		expect(first.interval!.ns).not.toEqual(other.interval!.ns);
		expect(first.interval!.ns[0]).toBeLessThan(first.ns);
		expect(first.interval!.ns[1]).toBeGreaterThan(first.ns);
	});
});
