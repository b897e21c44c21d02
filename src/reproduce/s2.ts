import { calibrate, type Fit, type Unknown } from "../cost/calibrate.ts";
import type { Constants } from "../cost/constants.ts";
import { constantsOf } from "../cost/constants.ts";
import { cpusOfProfile, type Measurement } from "../cost/cost.ts";
import { applySets } from "../profiles/sets.ts";
import type { Profile } from "../profiles/types.ts";
import { type Cell, cell, type Section, type Table } from "./cells.ts";
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

const cellId = (flavour: Flavour, n: number) => `S2/${flavour}/${n}`;
const allCells = () =>
	FLAVOURS.flatMap((flavour) =>
		[1, 2, 4].map((n) => ({ id: cellId(flavour, n), flavour, n, published: PUBLISHED[flavour][n]! })),
	);

/** The handshake's lines are inside the fitted constants; what a line from another socket costs more is not. */
function constantsWith(profile: Profile, values: Record<string, number>): Constants {
	const own = constantsOf(profile);
	const fitted = Object.entries(values).map(([name, value]) => {
		const range: [number, number] = name === "ipiSend" ? [70, 100] : [value * 0.9, value * 1.1];
		return [name, { value, unit: "ns" as const, basis: "calibrated" as const, range }] as const;
	});
	const more = (own.atomicRemoteSocket?.value ?? 0) - (own.atomicRemoteCore?.value ?? 0);
	return {
		...Object.fromEntries(fitted),
		lineCore: { value: 0, unit: "cycles", basis: "calibrated" },
		// Compare-and-swap under contention, which this is not: half of it.
		lineSocket: { value: Math.max(0, more / 2), unit: "cycles", basis: "estimated", range: [0, Math.max(0, more)] },
	};
}

export function s2(context: Context): Section {
	const profile = context.machine("haswell-ep");
	const measure = (flavour: Flavour, n: number, values: Record<string, number>, more = {}): Measurement =>
		context.cost("shootdown", {
			profile,
			params: { flavour },
			threads: n,
			iterations: 20,
			warmUp: 5,
			constants: constantsWith(profile, values),
			...more,
		});
	const cells = allCells();
	const simulate = (values: Record<string, number>) => cells.map(({ flavour, n }) => measure(flavour, n, values).ns);
	const full = calibrate({ unknowns: UNKNOWNS, cells, simulate });
	// Fewer constants: a single target is like several, and a target costs the same whatever the flavour.
	const reducedTo = UNKNOWNS.filter(({ name }) => name !== "stackCsd" && name !== "csdLine");
	const reduced = calibrate({
		unknowns: reducedTo,
		cells,
		simulate: (values) => simulate({ stackCsd: 0, csdLine: 0, ...values }),
	});
	return {
		id: "S2",
		title: "TLB shootdown: one thread gives a page back and touches it, the others hold its translation",
		profile: profile.id,
		tables: [
			published(context, full, reduced, cells, measure, profile),
			percentages(full),
			unmeasured(full, measure),
			predictions(context, full, profile, measure),
		],
	};
}

type Measure = (flavour: Flavour, n: number, values: Record<string, number>, more?: object) => Measurement;

function published(
	context: Context,
	full: Fit,
	reduced: Fit,
	cells: ReturnType<typeof allCells>,
	measure: Measure,
	profile: Profile,
): Table {
	const ids = cells.map(({ id }) => id);
	const constants = Object.entries(full.values).map(([name, value]) => `${name} ${value.toFixed(1)}`);
	const rows = cells.map(({ id, flavour, n, published }, i) =>
		cell(id, {
			label: `${flavour}, ${n} ${n === 1 ? "thread" : "threads"}`,
			unit: "ns",
			published,
			simulated: full.rows[i]!.simulated,
			basis: "calibrated",
			calibratedOn: ids,
			leaveOneOut: reduced.rows[i]!.leaveOneOut,
		}),
	);
	const shares = measure("before", 4, full.values).breakdown;
	const machine = context.asPublished ? "" : ` on ${profile.id} as it was asked for`;
	return {
		title: `ns per iteration${machine}`,
		cells: rows,
		breakdown: { of: "before, 4 threads", shares },
		notes: [
			`${full.sentence}: ${constants.join(", ")} ns.`,
			"With one thread two builds of the same code differ by 2 ns, which no model of the shootdown can give.",
			`Reduced (no cost of a single target, a target costs the same in all flavours): ${reduced.sentence}.`,
		],
	};
}

/** Changes in per cent: as the thread prints them, from its own numbers, and simulated. */
function percentages(full: Fit): Table {
	const simulated = (flavour: Flavour, n: number) => full.rows.find(({ id }) => id === cellId(flavour, n))!.simulated;
	const ids = full.rows.map(({ id }) => id);
	const cells = Object.entries(PRINTED).map(([key, printed]): Cell => {
		const [flavour, n] = key.split("/") as [Flavour, string];
		const from = (of: (flavour: Flavour, n: number) => number) => (of(flavour, +n) / of("before", +n) - 1) * 100;
		const own = from((f, k) => PUBLISHED[f][k]!);
		return cell(`S2/change/${key}`, {
			label: `${flavour} against before, ${n} threads`,
			unit: "%",
			published: own,
			simulated: from(simulated),
			basis: "calibrated",
			calibratedOn: ids,
			note: `the thread prints ${printed} %`,
		});
	});
	return { title: "change, from the thread's own numbers", cells, notes: [] };
}

function unmeasured(full: Fit, measure: Measure): Table {
	const ids = full.rows.map(({ id }) => id);
	const gain = (n: number, local: "yes" | "no") => {
		const of = (flavour: Flavour) => measure(flavour, n, full.values, { params: { flavour, local } }).ns;
		return of("concurrent") - of("async");
	};
	const cells = [2, 4].flatMap((n) => {
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
		title: "without a local flush (kswapd)",
		cells,
		notes: [
			"The thread expects a larger gain of async where the initiator does not flush. In this fit the remote side always takes " +
				"longer than the local flush, which is hidden behind it either way: the gain is the same. Fit and thread disagree.",
		],
	};
}

function predictions(context: Context, full: Fit, base: Profile, measure: Measure): Table {
	const ids = full.rows.map(({ id }) => id);
	const threads = context.what.threads ?? [8, 12, 16, 24, 48];
	const most = cpusOfProfile(base) ?? 64;
	const wide =
		threads.some((n) => n > most) && context.what.threads === undefined ? applySets(base, ["cpus.threads=2"]) : base;
	const series: NonNullable<Table["series"]> = [];
	const cells = FLAVOURS.flatMap((flavour) => {
		const points: [number, number][] = [1, 2, 4].map((n) => [n, measure(flavour, n, full.values).ns]);
		const rows = threads.map((n) => {
			const profile = n > most ? wide : base;
			const found = measure(flavour, n, full.values, { profile, samples: context.samples, iterations: 20 });
			points.push([n, found.ns]);
			return cell(cellId(flavour, n), {
				label: `${flavour}, ${n} threads`,
				unit: "ns",
				simulated: found.ns,
				basis: "predicted",
				calibratedOn: ids,
				interval: found.interval?.ns,
				note: n > most ? "two threads per core" : undefined,
			});
		});
		series.push({ name: flavour, points });
		return rows;
	});
	return {
		title: "predictions for more CPUs",
		cells,
		series,
		axes: ["threads", "ns per iteration"],
		notes: [
			"Sends follow one another, so a target adds its send; answers overlap. Threads fill one socket first: a target on the " +
				"other one adds two transfers of its line, which nobody measured here (from nothing to what contended compare-and-swap takes; half of that is the value).",
		],
	};
}
