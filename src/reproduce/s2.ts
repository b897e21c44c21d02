import { calibrate, type Fit, type Unknown } from "../cost/calibrate.ts";
import { Inapplicable } from "../cost/constants.ts";
import { cpusOfProfile, type Measurement } from "../cost/cost.ts";
import { machineNamed, shootdownConstants } from "../cost/mechanisms.ts";
import { amount } from "../profiles/quantity.ts";
import { applySets } from "../profiles/sets.ts";
import type { Profile } from "../profiles/types.ts";
import { type Cell, cell, decimalsWithin, type Section, type Table, tableOr } from "./cells.ts";
import type { Context } from "./context.ts";

// S2: TLB shootdowns, ns per iteration of the initiating thread on a Haswell.

type Flavour = "before" | "concurrent" | "async";

const FLAVOURS: Flavour[] = ["before", "concurrent", "async"];
const PUBLISHED: Record<Flavour, Record<number, number>> = {
	before: { 1: 661, 2: 1436, 4: 1571 },
	concurrent: { 1: 663, 2: 1225, 4: 1421 },
	async: { 1: 663, 2: 1115, 4: 1289 },
};
/** Per cent that the thread prints. */
const PRINTED: Record<string, number> = { "concurrent/2": -14, "concurrent/4": -10, "async/2": -22, "async/4": -18 };

const UNKNOWNS: Unknown[] = [
	{ name: "iteration", value: 500, range: [200, 900] },
	{ name: "localFlush", value: 50, range: [0, 300] },
	{ name: "stackCsd", value: 50, range: [0, 200] },
	{ name: "ipiSend", value: 85, range: [70, 100] },
	{ name: "ipiDeliver", value: 400, range: [200, 1200] },
	{ name: "remoteFlush", value: 20, range: [0, 200] },
	{ name: "csdLine", value: 5, range: [0, 50] },
];

const CHANGE = "change, from the thread's own numbers";
const NO_LOCAL = "without a local flush (kswapd)";
const MORE_CPUS = "predictions for more CPUs";
const CEILING = "pages given back at a time, and the ceiling of 33 (L52)";
const MASKED = "a target that keeps interrupts off half of the time (L45)";

const cellId = (flavour: Flavour, n: number) => `S2/${flavour}/${n}`;
const allCells = () =>
	FLAVOURS.flatMap((flavour) =>
		[1, 2, 4].map((n) => ({ id: cellId(flavour, n), flavour, n, published: PUBLISHED[flavour][n]! })),
	);

export function s2(context: Context): Section {
	const profile = context.machine("haswell-ep");
	const measureIn =
		(where: Context, machine: Profile): Measure =>
		(flavour, n, values, more = {}) =>
			where.cost("shootdown", {
				profile: machine,
				params: { flavour },
				threads: n,
				iterations: 20,
				warmUp: 5,
				constants: shootdownConstants(machine, values),
				...more,
			});
	// What was fitted to the published figures is that of the machine that they are of, whatever is asked for.
	const home = measureIn(context.home, context.home.machine("haswell-ep"));
	const measure = measureIn(context, profile);
	const cells = allCells();
	const simulate = (values: Record<string, number>) => cells.map(({ flavour, n }) => home(flavour, n, values).ns);
	const full = calibrate({ unknowns: UNKNOWNS, cells, simulate });
	// Fewer constants: a single target is like several, and a target costs the same whatever the flavour.
	const reducedTo = UNKNOWNS.filter(({ name }) => name !== "stackCsd" && name !== "csdLine");
	const reduced = calibrate({
		unknowns: reducedTo,
		cells,
		simulate: (values) => simulate({ stackCsd: 0, csdLine: 0, ...values }),
	});
	const most = Math.min(64, cpusOfProfile(profile) ?? 64);
	const run = cells.filter(({ n }) => n <= most);
	const simulated = run.map(({ flavour, n }) => measure(flavour, n, full.values));
	const among = (cpus: number, title: string, make: () => Table) =>
		tableOr(title, () => {
			if (most >= cpus) return make();
			const has = most === 1 ? "1 CPU" : `${most} CPUs`;
			throw new Inapplicable(`profile ${profile.id} has ${has}, and this is about ${cpus} or more`, "cpus");
		});
	return {
		id: "S2",
		title: "TLB shootdown: one thread gives a page back and touches it, the others hold its translation",
		profile: profile.id,
		tables: [
			published(full, reduced, run, simulated),
			among(2, CHANGE, () => percentages(run, simulated)),
			among(2, NO_LOCAL, () => unmeasured(full, measure, most)),
			// Whoever names a number of CPUs is told where there are not as many.
			among(context.what.threads ? 1 : 8, MORE_CPUS, () => predictions(context, full, profile, measure)),
			among(2, CEILING, () => ceiling(full, measure)),
			among(2, MASKED, () => masked(context, profile, full)),
		],
	};
}

type Measure = (flavour: Flavour, n: number, values: Record<string, number>, more?: object) => Measurement;

type Cells = ReturnType<typeof allCells>;

function published(full: Fit, reduced: Fit, cells: Cells, simulated: Measurement[]): Table {
	const ids = cells.map(({ id }) => id);
	const constants = Object.entries(full.values).map(([name, value]) => `${name} ${value.toFixed(1)}`);
	const leftOut = new Map(reduced.rows.map(({ id, leaveOneOut }) => [id, leaveOneOut]));
	const rows = cells.map(({ id, flavour, n, published }, i) =>
		cell(id, {
			label: `${flavour}, ${n} ${n === 1 ? "thread" : "threads"}`,
			unit: "ns",
			published,
			simulated: simulated[i]!.ns,
			basis: "calibrated",
			calibratedOn: ids,
			leaveOneOut: leftOut.get(id) ?? null,
		}),
	);
	const most = cells.findLastIndex(({ flavour }) => flavour === "before");
	return {
		title: "ns per iteration",
		cells: rows,
		breakdown: { of: rows[most]!.label, shares: simulated[most]!.breakdown },
		notes: [
			`${full.sentence}: ${constants.join(", ")} ns.`,
			"With one thread two builds of the same code differ by 2 ns, which no model of the shootdown can give.",
			`Reduced (no cost of a single target, a target costs the same in all flavours): ${reduced.sentence}; the leave-one-out errors beside the cells are those of this fit.`,
		],
	};
}

/** Changes in per cent: as the thread prints them, from its own numbers, and simulated. */
function percentages(all: Cells, measured: Measurement[]): Table {
	const simulated = (flavour: Flavour, n: number) => measured[all.findIndex(({ id }) => id === cellId(flavour, n))]!.ns;
	const ids = all.map(({ id }) => id);
	const cells = Object.entries(PRINTED).flatMap(([key, printed]): Cell[] => {
		const [flavour, n] = key.split("/") as [Flavour, string];
		if (!all.some(({ id }) => id === cellId(flavour, +n))) return [];
		const from = (of: (flavour: Flavour, n: number) => number) => (of(flavour, +n) / of("before", +n) - 1) * 100;
		const own = from((f, k) => PUBLISHED[f][k]!);
		const change = cell(`S2/change/${key}`, {
			label: `${flavour} against before, ${n} threads`,
			unit: "%",
			published: own,
			printed,
			simulated: from(simulated),
			basis: "calibrated",
			calibratedOn: ids,
		});
		return [change];
	});
	return { title: CHANGE, cells, notes: [] };
}

function unmeasured(full: Fit, measure: Measure, most: number): Table {
	const ids = full.rows.map(({ id }) => id);
	const gain = (n: number, local: "yes" | "no") => {
		const of = (flavour: Flavour) => measure(flavour, n, full.values, { params: { flavour, local } }).ns;
		return of("concurrent") - of("async");
	};
	const cells = [2, 4].flatMap((n) => {
		if (n > most) return [];
		const ns = measure("async", n, full.values, { params: { flavour: "async", local: "no" } }).ns;
		return [
			cell(`S2/async-no-local/${n}`, {
				label: `async, no local flush, ${n} threads`,
				unit: "ns",
				simulated: ns,
				basis: "predicted",
				calibratedOn: ids,
			}),
			cell(`S2/async-no-local/${n}/gain`, {
				label: `gain of async there, ${n} threads`,
				unit: "ns",
				simulated: gain(n, "no"),
				basis: "predicted",
				calibratedOn: ids,
				note: `with a local flush ${gain(n, "yes").toFixed(0)} ns`,
			}),
		];
	});
	return {
		title: NO_LOCAL,
		cells,
		notes: [
			"The thread expects a larger gain of async where the initiator does not flush. In this fit the remote side always takes " +
				"longer than the local flush, which is hidden behind it either way: the gain is the same. Fit and thread disagree.",
		],
	};
}

function predictions(context: Context, full: Fit, base: Profile, measure: Measure): Table {
	const ids = full.rows.map(({ id }) => id);
	const { threads: asked, profile: named = "haswell-ep", sets = [] } = context.what;
	const most = cpusOfProfile(base) ?? 64;
	// Of the measured machine two threads per core make 48 CPUs; beyond that one with more cores stands in, changed as it is.
	const wider = (): Profile[] =>
		named === "haswell-ep"
			? [applySets(base, ["cpus.threads=2"]), applySets(machineNamed("haswell-ep-64"), [...sets])]
			: [];
	const wide = (n: number) => [base, ...(n > most ? wider() : [])].find((one) => n <= (cpusOfProfile(one) ?? 64));
	const threads = asked ?? [8, 12, 16, 24, 48].filter((n) => wide(n));
	const series: NonNullable<Table["series"]> = [];
	const cells = FLAVOURS.flatMap((flavour) => {
		const points: [number, number][] = [1, 2, 4].map((n) => [n, measure(flavour, n, full.values).ns]);
		const rows = threads.map((n) => {
			const profile = wide(n) ?? base;
			// Also as many on each socket: so a scheduler spreads threads that are not tied to CPUs.
			const sockets = amount(profile.cpus?.sockets ?? 1);
			const found = measure(flavour, n, full.values, { profile, samples: context.samples, iterations: 20 });
			const apart = measure(flavour, n, full.values, {
				profile,
				samples: sockets > 1 ? context.samples : 0,
				iterations: 20,
				cpusPerSocket: Math.ceil(n / sockets),
			});
			const ends = [found, apart].flatMap(({ interval }) => interval?.ns ?? []);
			points.push([n, found.ns]);
			return cell(cellId(flavour, n), {
				label: `${flavour}, ${n} threads`,
				unit: "ns",
				simulated: found.ns,
				basis: "predicted",
				calibratedOn: ids,
				interval: ends.length > 0 ? [Math.min(...ends), Math.max(...ends)] : undefined,
				note: noteOf(profile, base),
			});
		});
		series.push({ name: flavour, points });
		return rows;
	});
	return {
		title: MORE_CPUS,
		cells,
		series,
		axes: ["threads", "ns per iteration"],
		notes: [
			"Sends follow one another, so a target adds its send; answers overlap. Threads fill one socket first: a target on the " +
				"other one adds two transfers of its line, which nobody measured here (from nothing to what contended compare-and-swap takes; half of that is the value). " +
				"The interval also covers threads spread over both sockets, as a scheduler does with threads that are tied to none.",
		],
	};
}

function noteOf(profile: Profile, base: Profile): string | undefined {
	if (profile === base) return undefined;
	return profile.id.startsWith("haswell-ep-64") ? `on ${profile.id}` : "two threads per core";
}

/** L52: up to the ceiling page by page, beyond it everything. */
function ceiling(full: Fit, measure: Measure): Table {
	const ids = full.rows.map(({ id }) => id);
	const points = [1, 2, 4, 8, 16, 32, 33, 34, 64].map((pages) => {
		const found = measure("concurrent", 2, full.values, { params: { flavour: "concurrent", pages } });
		return { pages, ns: found.ns };
	});
	return {
		title: CEILING,
		cells: points.map(({ pages, ns }) =>
			cell(`L52/${pages}`, {
				label: `${pages} ${pages === 1 ? "page" : "pages"}, concurrent, 2 threads`,
				unit: "ns",
				simulated: ns,
				basis: "predicted",
				calibratedOn: ids,
				note: pages > 33 ? "all translations at once" : undefined,
			}),
		),
		series: [{ name: "concurrent, 2 threads", points: points.map(({ pages, ns }) => [pages, ns]) }],
		axes: ["pages", "ns per iteration"],
		notes: [
			"The step down at 34 is what the flush itself saves. What it costs afterwards, a walk for each translation that is needed again, is not in it.",
		],
	};
}

/** Rounds of which a mean is taken, and on each machine that is drawn. */
const ROUNDS = 16_000;
const ROUNDS_DRAWN = 1000;

/** L45: targets that keep interrupts off answer late. */
function masked(context: Context, profile: Profile, full: Fit): Table {
	const ids = full.rows.map(({ id }) => id);
	const measure = (flavour: Flavour, us: number, more: object) =>
		context.cost("shootdown-masked", {
			profile,
			params: { flavour },
			threads: 2,
			warmUp: 10,
			constants: {
				...shootdownConstants(profile, full.values),
				// Not zero, so that the target goes on.
				masked: { value: Math.max(us * 1000, 1), unit: "ns", basis: "given" },
				// Up to six periods of the target: the next one begins anywhere in a period.
				pause: { value: us * 6000, unit: "ns", basis: "given", range: [0, us * 12_000], varies: true },
			},
			...more,
		});
	const cells = [0, 1, 10, 100, 1000].flatMap((us) => {
		// The same pauses are drawn for both: which of them is dearer is known better than what either costs.
		const samples = Math.ceil(context.samples / 2);
		const found = (["concurrent", "async"] as const).map((flavour) => ({
			flavour,
			...measure(flavour, us, { iterations: ROUNDS }),
			interval: measure(flavour, us, { iterations: ROUNDS_DRAWN, samples }).interval?.ns,
		}));
		const decimals = Math.min(...found.map(({ interval }) => decimalsWithin(interval)));
		return found.map(({ flavour, ns, median, p999, interval }) =>
			cell(`L45/${flavour}/${us}`, {
				label: `${flavour}, interrupts off for ${us} us at a time`,
				unit: "ns",
				simulated: ns,
				basis: "predicted",
				calibratedOn: ids,
				interval,
				decimals,
				note: `median ${median.toFixed(0)} ns, 99.9 % ${p999.toFixed(0)} ns`,
			}),
		);
	});
	return {
		title: MASKED,
		cells,
		notes: [
			"The answer waits for as long as interrupts are off, async or not: there is no bound but theirs.",
			`Means of ${ROUNDS} rounds that begin anywhere in the target's period. An interval is of machines drawn from the constants' ranges, ${ROUNDS_DRAWN} rounds on each.`,
		],
	};
}
