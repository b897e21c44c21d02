import { constantsOf, frequencyOf, missingConstant } from "../cost/constants.ts";
import { type CostOptions, cpusOfProfile, drawn, type Measurement } from "../cost/cost.ts";
import { resolve } from "../profiles/resolve.ts";
import { applySets } from "../profiles/sets.ts";
import type { Profile } from "../profiles/types.ts";
import { type Cell, cell, type Section, type Table } from "./cells.ts";
import type { Context } from "./context.ts";

// S0: what flushing a page costs on PA-RISC, and what it buys.

const PAGE = 4096;
/** Lines that the program flushes. */
const FLUSHED = 16;
/** Cycles of finding one more mapping of a page in the tree of its mappings. */
const TREE_STEP = 50;

export function s0(context: Context): Section {
	const profile = context.machine("pa8800");
	return {
		id: "S0",
		title: "PA-RISC: flushing a page of the kernel's alias",
		profile: profile.id,
		tables: [
			pages(context, profile),
			second(context, profile),
			inFlight(context, profile),
			purges(context, profile),
			aliases(context, profile),
			crossovers(profile),
			forgotten(profile),
		],
	};
}

const STATES = ["absent", "clean", "dirty"] as const;

/** Cycles of flushing one line, simulated: the flushes of the program alone. */
function perLine(
	context: Context,
	profile: Profile,
	state: (typeof STATES)[number],
	more: CostOptions = {},
): { cycles: number; found: Measurement } {
	const found = context.cost("flush-page", { profile, params: { state }, iterations: 50, warmUp: 5, ...more });
	const flushes = found.breakdown.filter(({ what }) => /^(flush(Absent|Clean|Dirty)|waitFlushes)$/.test(what));
	return { cycles: flushes.reduce((sum, { cycles }) => sum + cycles, 0) / FLUSHED, found };
}

const CONSTANTS = { absent: "lineFlushAbsent", clean: "lineFlushClean", dirty: "lineFlushDirty" } as const;

/** Where 90 % of the machines drawn from the ranges lie, of flushes one after the other; a range goes with its constant. */
function between(
	profile: Profile,
	states: readonly (typeof STATES)[number][],
	flushes: number,
): [number, number] | undefined {
	const own = constantsOf(profile);
	const ends = states.map((state) => own[CONSTANTS[state]]);
	if (ends.some((constant) => !constant?.range)) return undefined;
	const end = (u: number) =>
		ends.reduce((sum, constant) => sum + drawn(constant!.value, constant!.range!, u), 0) * flushes;
	return [end(0.05), end(0.95)];
}

function pages(context: Context, profile: Profile): Table {
	const cells: Cell[] = [];
	const sizes = context.what.lines ?? [16, 32, 64, 128];
	const cost = Object.fromEntries(STATES.map((state) => [state, perLine(context, profile, state)]));
	const purge = constantsOf(profile).tlbPurgePage;
	for (const line of sizes) {
		const flushes = PAGE / line;
		const synthetic = line === 16 ? "synthetic: no such part is known" : undefined;
		cells.push(
			cell(`S0/flushes/${line}`, {
				label: `flushes per page, ${line} B lines`,
				unit: "",
				published: line === 32 ? 128 : null,
				simulated: flushes,
				basis: "documented",
				note: synthetic,
			}),
		);
		for (const state of STATES) {
			const { cycles, found } = cost[state]!;
			const label = state === "absent" ? "no-op" : state;
			cells.push(
				cell(`S0/page/${line}/${state}`, {
					label: `page flush, ${label}, ${line} B lines`,
					unit: "cycles",
					simulated: flushes * cycles,
					basis: found.basis,
					interval: between(profile, [state], flushes),
					note: synthetic,
				}),
			);
		}
		const dirty = cost.dirty!.cycles;
		const absent = cost.absent!.cycles;
		cells.push(
			cell(`S0/page/${line}/double`, {
				label: `flushed twice, dirty, ${line} B lines`,
				unit: "cycles",
				simulated: flushes * (dirty + absent),
				basis: "estimated",
				interval: between(profile, ["dirty", "absent"], flushes),
				note: `elimination saves ${Math.round((absent / (dirty + absent)) * 100)} %`,
			}),
		);
	}
	return {
		title: "per page of 4 KiB",
		cells,
		series: STATES.map((state) => ({
			name: state,
			points: sizes.map((line) => [line, (PAGE / line) * cost[state]!.cycles] as [number, number]),
		})),
		axes: ["bytes of a line", "cycles per page"],
		notes: [
			`A flush costs ${STATES.map((state) => `${cost[state]!.cycles.toFixed(0)} (${state})`).join(", ")} cycles whatever the line's length; ` +
				`the purge of the page's translation before it ${purge?.value ?? "?"}, one at a time on the bus.`,
			"The thread's 128 flushes are for lines of 32 B; the PA-8800's have 128 B.",
		],
	};
}

/** L16: the page is flushed twice, and the second flush finds nothing. */
function second(context: Context, profile: Profile): Table {
	const count = PAGE / lineOf(profile);
	const cycles = (twice: "yes" | "no") =>
		perLine(context, profile, "dirty", { params: { state: "dirty", twice } }).cycles * count;
	const [once, both] = [cycles("no"), cycles("yes")];
	const make = (id: string, label: string, simulated: number, note?: string) =>
		cell(`L16/${id}`, { label, unit: "cycles", simulated, basis: "estimated", note });
	return {
		title: "flushed twice: by its user and by kunmap (L16)",
		cells: [
			make("once", "one flush, dirty", once),
			make("both", "two flushes", both),
			make(
				"second",
				"the second flush",
				both - once,
				`${count} flushes that find nothing; eliminated they cost nothing`,
			),
		],
		notes: [],
	};
}

/** How much of a no-op flush is hidden where several may be under way at a time. */
function inFlight(context: Context, profile: Profile): Table {
	const count = PAGE / lineOf(profile);
	const points = [1, 2, 4, 8].map((flushesInFlight): [number, number] => {
		const { found } = perLine(context, profile, "absent", { flushesInFlight });
		const cycles = found.breakdown
			.filter(({ what }) => /^(step|flush.*|waitFlushes)$/.test(what))
			.reduce((sum, { cycles }) => sum + cycles, 0);
		return [flushesInFlight, (cycles / FLUSHED) * count];
	});
	return {
		title: "no-op flush of a page by the flushes that may be in flight",
		cells: points.map(([flights, cycles]) =>
			cell(`S0/in-flight/${flights}`, {
				label: `${flights} in flight`,
				unit: "cycles",
				simulated: cycles,
				basis: "predicted",
			}),
		),
		notes: [
			'A no-op flush is "highly pipelineable", the thread says, and 128 of them are not: how many are is not documented.',
		],
	};
}

/** Purges go to all CPUs, one at a time: what CPUs that give mappings back at the same time wait for each other. */
function purges(context: Context, profile: Profile): Table {
	const wait: [number, number][] = [];
	const cells = [1, 2, 4, 8].flatMap((cpus) => {
		const machine = (cpusOfProfile(profile) ?? 64) < cpus ? applySets(profile, [`cpus.cores=${cpus}`]) : profile;
		const found = context.cost("kunmap", { profile: machine, threads: cpus, iterations: 200, warmUp: 20 });
		const waited = found.breakdown.find(({ what }) => what === "waitPurge")?.cycles ?? 0;
		wait.push([cpus, found.cycles]);
		return cell(`S0/kunmap/${cpus}`, {
			label: `${cpus} ${cpus === 1 ? "CPU" : "CPUs at the same time"}`,
			unit: "cycles",
			simulated: found.cycles,
			basis: "predicted",
			note: `${waited.toFixed(0)} of them waiting for the bus${machine === profile ? "" : "; a machine with more cores"}`,
		});
	});
	return {
		title: `kunmap of ${FLUSHED} lines that are not cached: purge, then flush`,
		cells,
		series: [{ name: "kunmap", points: wait }],
		axes: ["CPUs", "cycles"],
		notes: ["From where the purges of all CPUs together take longer than a round of one, each CPU more costs a purge."],
	};
}

/** flush_dcache_page against flush_kernel_dcache_page. */
function aliases(context: Context, profile: Profile): Table {
	const line = lineOf(profile);
	const dirty = perLine(context, profile, "dirty").cycles * (PAGE / line);
	const absent = perLine(context, profile, "absent").cycles * (PAGE / line);
	const counts = [0, 1, 2, 4, 8, 16];
	const all = counts.map((count) => [count, dirty + count * (absent + TREE_STEP)] as [number, number]);
	const cells = all.map(([count, cycles]) =>
		cell(`S0/flush_dcache_page/${count}`, {
			label: `flush_dcache_page, ${count} user aliases`,
			unit: "cycles",
			simulated: cycles,
			basis: "estimated",
			note: count === 0 ? "as flush_kernel_dcache_page" : `${(cycles / dirty).toFixed(1)} x flush_kernel_dcache_page`,
		}),
	);
	return {
		title: "flush_dcache_page as user aliases grow",
		cells,
		series: [{ name: "flush_dcache_page", points: all }],
		axes: ["user aliases", "cycles"],
		notes: [
			"The kernel's alias is dirty, the users' were flushed by GUP: their flushes find nothing. Equivalent aliases count once.",
		],
	};
}

function lineOf(profile: Profile): number {
	return resolve(profile).caches.find(({ serves }) => serves === "data" || serves === "both")!.line;
}

function crossovers(profile: Profile): Table {
	const constants = constantsOf(profile);
	const of = (name: string, what: string) => {
		const found = constants[name];
		if (!found) throw missingConstant(name, what, profile);
		return found.value;
	};
	const line = lineOf(profile);
	const whole = of("cacheFlush", "a flush of the whole cache");
	const size = (perLine: number) => ((whole / perLine) * line) / 2 ** 20;
	const make = (id: string, label: string, unit: string, value: number, note?: string) =>
		cell(`S0/crossover/${id}`, { label, unit, simulated: value, basis: "estimated", note });
	return {
		title: "beyond which all is flushed at once",
		cells: [
			make(
				"absent",
				"absent lines",
				"MiB",
				size(of("lineFlushAbsent", "the flush of an absent line")),
				"the kernel measures about 0.5 MB for itself",
			),
			make(
				"dirty",
				"dirty lines",
				"MiB",
				size(of("lineFlushDirty", "the flush of a dirty line")),
				"the kernel measures about 0.5 MB for itself",
			),
			make("tlb", "translations", "pages", of("tlbPurgeAll", "a flush of the TLB") / of("tlbPurgePage", "a purge")),
		],
		notes: [
			`At ${frequencyOf(profile)} GHz a flush of the whole cache takes ${(whole / frequencyOf(profile) / 1e6).toFixed(2)} ms.`,
		],
	};
}

/** The share of maps of the same colour that still find a line whose flush was forgotten. */
function forgotten(profile: Profile): Table {
	const cache = resolve(profile).caches.find(({ serves }) => serves === "data" || serves === "both")!;
	const points = [0.25, 0.5, 0.75, 1, 1.5, 2, 3].map((part): [number, number] => {
		const lines = Math.round(part * cache.sets * cache.ways);
		return [lines, 100 * survives(lines, cache.sets, cache.ways)];
	});
	return {
		title: "a forgotten flush: maps that still find the stale line",
		cells: points.map(([lines, share]) =>
			cell(`S0/forgotten/${lines}`, {
				label: `after ${lines} new lines (${(lines / cache.sets / cache.ways).toFixed(2)} of the cache)`,
				unit: "%",
				simulated: share,
				basis: "predicted",
			}),
		),
		series: [{ name: cache.name, points }],
		axes: ["new lines in between", "per cent"],
		notes: [
			"A line leaves when as many new ones as there are ways have come to its set; sets are taken as equally likely (derived). " +
				'Once the cache has been filled twice the stale line is gone almost surely: the thread\'s "almost never seen".',
		],
	};
}

/** Fewer than `ways` of `lines` new lines came to the set of one. */
function survives(lines: number, sets: number, ways: number): number {
	let term = (1 - 1 / sets) ** lines;
	let sum = 0;
	for (let k = 0; k < ways; k++) {
		sum += term;
		term *= (lines - k) / (k + 1) / (sets - 1);
	}
	return sum;
}
