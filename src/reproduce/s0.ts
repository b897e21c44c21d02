import type { CacheConfig } from "../../bindings/config.ts";
import { type Constant, constantsOf, frequencyOf, Inapplicable, missingConstant } from "../cost/constants.ts";
import { type CostOptions, cpusOfProfile, drawn, type Measurement } from "../cost/cost.ts";
import { randomFrom } from "../cost/random.ts";
import { amount } from "../profiles/quantity.ts";
import { resolve } from "../profiles/resolve.ts";
import { applySets } from "../profiles/sets.ts";
import type { Profile } from "../profiles/types.ts";
import { type Cell, cell, type Grid, type Section, type Table, tableOr } from "./cells.ts";
import type { Context } from "./context.ts";

// S0: what flushing a page costs on PA-RISC, and what it buys.

const PAGE = 4096;
/** Lines that the program flushes. */
const FLUSHED = 16;
/** Cycles of finding one more mapping of a page in the tree of its mappings. */
const TREE_STEP = 50;

const PER_PAGE = "per page of 4 KiB";
const TWICE = "flushed twice: by its user and by kunmap (L16)";
const IN_FLIGHT = "no-op flush of a page by the flushes that may be in flight";
const KUNMAP = `kunmap of ${FLUSHED} lines that are not cached: purge, then flush`;
const ALIASES = "flush_dcache_page as user aliases grow";
const WHOLE_CACHE = "line by line against the whole cache";
const WHOLE_TLB = "page by page against all translations";
const LEFT_BEHIND = "a forgotten flush: maps that still find the stale line";

export function s0(context: Context): Section {
	const profile = context.machine("pa8800");
	return {
		id: "S0",
		title: "PA-RISC: flushing a page of the kernel's alias",
		profile: profile.id,
		tables: [
			tableOr(PER_PAGE, () => pages(context, profile)),
			tableOr(TWICE, () => second(context, profile)),
			tableOr(IN_FLIGHT, () => inFlight(context, profile)),
			tableOr(KUNMAP, () => purges(context, profile)),
			tableOr(ALIASES, () => aliases(context, profile)),
			tableOr(WHOLE_CACHE, () => crossovers(context, profile)),
			tableOr(WHOLE_TLB, () => translations(context, profile)),
			tableOr(LEFT_BEHIND, () => forgotten(context, profile)),
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

/** The lines that were asked for, else the machine's own. */
function lengths(context: Context, profile: Profile): { line: number; tag: string; said: string }[] {
	const { lines } = context.what;
	if (!lines) return [{ line: lineOf(profile), tag: "", said: "" }];
	return lines.map((line) => ({ line, tag: `/${line}B`, said: `, ${line} B lines` }));
}

const CONSTANTS = { absent: "lineFlushAbsent", clean: "lineFlushClean", dirty: "lineFlushDirty" } as const;

/**
 * Where 90 % of the machines drawn from the ranges lie, of flushes one after the other; a range goes with its constant. `each`:
 * cycles of one, whatever else is in it.
 */
function between(
	profile: Profile,
	states: readonly (typeof STATES)[number][],
	flushes: number,
	each: number,
): [number, number] | undefined {
	const own = constantsOf(profile);
	const ends = states.map((state) => own[CONSTANTS[state]]);
	if (ends.some((constant) => !constant?.range)) return undefined;
	const end = (u: number) =>
		ends.reduce((sum, constant) => sum + drawn(constant!.value, constant!.range!, u) - constant!.value, each) * flushes;
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
					interval: between(profile, [state], flushes, cycles),
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
				interval: between(profile, ["dirty", "absent"], flushes, dirty + absent),
				note: `elimination saves ${Math.round((absent / (dirty + absent)) * 100)} %`,
			}),
		);
	}
	return {
		title: PER_PAGE,
		cells,
		series: STATES.map((state) => ({
			name: state,
			points: sizes.map((line) => [line, (PAGE / line) * cost[state]!.cycles] as [number, number]),
		})),
		axes: ["bytes of a line", "cycles per page"],
		notes: [
			`A flush costs ${STATES.map((state) => `${cost[state]!.cycles.toFixed(0)} (${state})`).join(", ")} cycles whatever the line's length; ` +
				`the purge of the page's translation before it ${purge?.value ?? "?"}${oneBus(profile) ? ", one at a time on the bus" : ""}.`,
			`The thread's 128 flushes are for lines of 32 B; those of ${profile.id} have ${lineOf(profile)} B.`,
		],
	};
}

/** L16: the page is flushed twice, and the second flush finds nothing. */
function second(context: Context, profile: Profile): Table {
	const cycles = (twice: "yes" | "no") =>
		perLine(context, profile, "dirty", { params: { state: "dirty", twice } }).cycles;
	const [once, both] = [cycles("no"), cycles("yes")];
	const cells = lengths(context, profile).flatMap(({ line, tag, said }) => {
		const count = PAGE / line;
		const make = (id: string, label: string, each: number, note?: string) =>
			cell(`L16${tag}/${id}`, {
				label: `${label}${said}`,
				unit: "cycles",
				simulated: each * count,
				basis: "estimated",
				note,
			});
		return [
			make("once", "one flush, dirty", once),
			make("both", "two flushes", both),
			make(
				"second",
				"the second flush",
				both - once,
				`${count} flushes that find nothing; eliminated they cost nothing`,
			),
		];
	});
	return { title: TWICE, cells, notes: [] };
}

/** How much of a no-op flush is hidden where several may be under way at a time. */
function inFlight(context: Context, profile: Profile): Table {
	const each = [1, 2, 4, 8].map((flushesInFlight): [number, number] => {
		const { found } = perLine(context, profile, "absent", { flushesInFlight });
		const cycles = found.breakdown
			.filter(({ what }) => /^(step|flush.*|waitFlushes)$/.test(what))
			.reduce((sum, { cycles }) => sum + cycles, 0);
		return [flushesInFlight, cycles / FLUSHED];
	});
	return {
		title: IN_FLIGHT,
		cells: lengths(context, profile).flatMap(({ line, tag, said }) =>
			each.map(([flights, cycles]) =>
				cell(`S0/in-flight${tag}/${flights}`, {
					label: `${flights} in flight${said}`,
					unit: "cycles",
					simulated: (cycles * PAGE) / line,
					basis: "predicted",
				}),
			),
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
			note: [
				...(oneBus(profile) ? [`${waited.toFixed(0)} of them waiting for the bus`] : []),
				...(machine === profile ? [] : ["a machine with more cores"]),
			].join("; "),
		});
	});
	return {
		title: KUNMAP,
		cells,
		series: [{ name: "kunmap", points: wait }],
		axes: ["CPUs", "cycles"],
		notes: [
			oneBus(profile)
				? "From where the purges of all CPUs together take longer than a round of one, each CPU more costs a purge."
				: `Purges of ${profile.id} do not wait for each other.`,
		],
	};
}

/** flush_dcache_page against flush_kernel_dcache_page. */
function aliases(context: Context, profile: Profile): Table {
	const one = perLine(context, profile, "dirty").cycles;
	const none = perLine(context, profile, "absent").cycles;
	const counts = [0, 1, 2, 4, 8, 16];
	const all = lengths(context, profile).map(({ line, tag, said }) => {
		const [dirty, absent] = [(one * PAGE) / line, (none * PAGE) / line];
		const points = counts.map((count): [number, number] => [count, dirty + count * (absent + TREE_STEP)]);
		return { points, dirty, tag, said };
	});
	const cells = all.flatMap(({ points, dirty, tag, said }) =>
		points.map(([count, cycles]) =>
			cell(`S0/flush_dcache_page${tag}/${count}`, {
				label: `flush_dcache_page, ${count} user aliases${said}`,
				unit: "cycles",
				simulated: cycles,
				basis: "estimated",
				note: count === 0 ? "as flush_kernel_dcache_page" : `${(cycles / dirty).toFixed(1)} x flush_kernel_dcache_page`,
			}),
		),
	);
	return {
		title: ALIASES,
		cells,
		series: all.map(({ points, said }) => ({ name: `flush_dcache_page${said}`, points })),
		axes: ["user aliases", "cycles"],
		notes: [
			"The kernel's alias is dirty, the users' were flushed by GUP: their flushes find nothing. Equivalent aliases count once.",
		],
	};
}

/** Whether purges of several CPUs follow one another. */
function oneBus({ tlbPurge }: Profile): boolean {
	return tlbPurge?.inFlight !== undefined && amount(tlbPurge.inFlight) > 0;
}

function lineOf(profile: Profile): number {
	return resolve(profile).caches.find(({ serves }) => serves === "data" || serves === "both")!.line;
}

/** Sizes at which flushing line by line is set beside flushing everything, KiB. */
const SIZES = [64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384];
/** Where the kernel's own measurement at boot puts the change from one to the other, MiB. */
const MEASURED = 0.5;

/** Ends of what 90 % of machines have of a constant; itself where it has no range. */
function endsOf({ value, range }: Constant): [number, number] {
	return range ? [drawn(value, range, 0.05), drawn(value, range, 0.95)] : [value, value];
}

/** Where `each` times a number reaches `all`, over the ranges of both. */
function crossing(each: Constant, all: Constant, by = 1): [number, number] | undefined {
	if (!each.range && !all.range) return undefined;
	const [one, whole] = [endsOf(each), endsOf(all)];
	return [(whole[0] / one[1]) * by, (whole[1] / one[0]) * by];
}

/** Cycles of a class in a round in which everything is flushed, and all translations are purged. */
function wholesale(context: Context, profile: Profile, what: "flushAll" | "tlbAll"): number {
	const found = context.cost("flush-page", { profile, params: { how: "all" }, iterations: 50, warmUp: 5 });
	return found.breakdown.find((share) => share.what === what)!.cycles;
}

/** A constant that no other may stand in for. */
function needed(profile: Profile, name: string, what: string): Constant {
	const found = constantsOf(profile)[name];
	if (!found) throw missingConstant(name, what, profile);
	return found;
}

/** Line by line against the whole cache. */
function crossovers(context: Context, profile: Profile): Table {
	const all = needed(profile, "cacheFlush", "a flush of the whole cache");
	const whole = wholesale(context, profile, "flushAll");
	const states = ["absent", "dirty"] as const;
	const perState = states.map((state) => ({ state, each: perLine(context, profile, state).cycles }));
	const cells: Cell[] = [];
	const rows: Grid["rows"] = [];
	const series: NonNullable<Table["series"]> = [];
	for (const { line, tag, said } of lengths(context, profile)) {
		for (const size of SIZES) {
			const count = (size * 1024) / line;
			const ids = perState.map(({ state, each }) => {
				const id = `S0/flush${tag}/${size}/${state}`;
				cells.push(
					cell(id, {
						label: `${size} KiB of ${state} lines${said}`,
						unit: "cycles",
						simulated: count * each,
						basis: "estimated",
						interval: between(profile, [state], count, each),
					}),
				);
				return id;
			});
			const id = `S0/flush${tag}/${size}/all`;
			const what = `the whole cache instead of ${size} KiB${said}`;
			cells.push(cell(id, { label: what, unit: "cycles", simulated: whole, basis: "estimated" }));
			rows.push({ label: `${size} KiB${said}`, ids: [...ids, id] });
		}
		for (const { state, each } of perState) {
			const size = ((whole / each) * line) / 2 ** 20;
			const own = needed(profile, CONSTANTS[state], `the flush of a ${state} line`);
			const id = `S0/crossover${tag}/${state}`;
			cells.push(
				cell(id, {
					label: `crossover, ${state} lines${said}`,
					unit: "MiB",
					published: line === lineOf(profile) ? MEASURED : null,
					simulated: size,
					basis: "estimated",
					interval: crossing(own, all, line / 2 ** 20),
					note: context.home === context ? "published: what the kernel measures for itself at boot" : undefined,
				}),
			);
			rows.push({ label: `crossover, MiB, ${state}${said}`, ids: state === "absent" ? [id] : ["", id] });
			series.push({
				name: `${state}, line by line${said}`,
				points: SIZES.map((kib) => [kib, ((kib * 1024) / line) * each]),
			});
		}
	}
	series.push({ name: "the whole cache", points: SIZES.map((kib) => [kib, whole]) });
	return {
		title: WHOLE_CACHE,
		cells,
		grid: { columns: ["absent lines", "dirty lines", "whole cache"], rows },
		series,
		axes: ["KiB to be flushed", "cycles"],
		notes: [
			`Cycles; at ${frequencyOf(profile)} GHz a flush of the whole cache takes ${(whole / frequencyOf(profile) / 1e6).toFixed(2)} ms. ` +
				"What is fetched again afterwards is not in it: it is more after the whole cache.",
			...(context.home === context
				? [
						`The kernel measures about ${MEASURED} MiB for itself: that is far less than either, so a line costs it more than here, or the whole cache less.`,
					]
				: []),
		],
	};
}

const PURGED = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** Page by page against all translations. */
function translations(context: Context, profile: Profile): Table {
	const each = needed(profile, "tlbPurgePage", "a purge of one page's translations");
	const all = needed(profile, "tlbPurgeAll", "a purge of all translations");
	const { found } = perLine(context, profile, "absent");
	const one = found.breakdown.find(({ what }) => what === "tlbPage")!.cycles;
	const whole = wholesale(context, profile, "tlbAll");
	const cells = PURGED.flatMap((pages) => {
		const [low, high] = endsOf(each);
		const label = pages === 1 ? "1 page" : `${pages} pages`;
		return [
			cell(`S0/purge/${pages}/each`, {
				label,
				unit: "cycles",
				simulated: pages * one,
				basis: "estimated",
				interval: each.range && [pages * (one - each.value + low), pages * (one - each.value + high)],
			}),
			cell(`S0/purge/${pages}/all`, {
				label: `all instead of ${label}`,
				unit: "cycles",
				simulated: whole,
				basis: "estimated",
			}),
		];
	});
	const crossover = cell("S0/crossover/tlb", {
		label: "crossover",
		unit: "pages",
		simulated: whole / one,
		basis: "estimated",
		interval: crossing(each, all),
	});
	const rows = PURGED.map((pages) => ({
		label: pages === 1 ? "1 page" : `${pages} pages`,
		ids: [`S0/purge/${pages}/each`, `S0/purge/${pages}/all`],
	}));
	return {
		title: WHOLE_TLB,
		cells: [...cells, crossover],
		grid: { columns: ["page by page", "all"], rows: [...rows, { label: "crossover, pages", ids: [crossover.id] }] },
		series: [
			{ name: "page by page", points: PURGED.map((pages) => [pages, pages * one]) },
			{ name: "all", points: PURGED.map((pages) => [pages, whole]) },
		],
		axes: ["pages", "cycles"],
		notes: ["Cycles. What is walked again afterwards is not in it."],
	};
}

/** Caches in which a line can stand twice, under two virtual addresses, from the CPU outwards. */
function aliasing(profile: Profile): CacheConfig[] {
	const { caches } = resolve(profile);
	const path: CacheConfig[] = [];
	let at = caches.findIndex(({ serves }) => serves === "data" || serves === "both");
	for (; at >= 0; at = caches[at]!.next) path.push(caches[at]!);
	// Where all that chooses the set is the same in all addresses of a page, its aliases meet in one set.
	return path.filter(({ index, tag, sets, line }) => index === "virtual" && (tag === "virtual" || sets * line > PAGE));
}

/** References in between, in parts of the lines of the largest cache; working sets likewise. */
const IN_BETWEEN = [0.25, 0.5, 1, 2, 4, 8];
const WORKING_SETS = [1, 2, 8];
/** Forgotten lines that a share is of, at least. */
const FORGOTTEN = 8192;

/** The share of maps of the same colour that still find a line whose flush was forgotten. */
function forgotten(context: Context, profile: Profile): Table {
	const caches = aliasing(profile);
	const names = caches.map(({ name }) => name).join(" or ");
	if (caches.length === 0)
		throw new Inapplicable(`no cache of profile ${profile.id} can hold a line twice, under two addresses`, "caches");
	const capacity = Math.max(...caches.map(({ sets, ways }) => sets * ways));
	const at = IN_BETWEEN.map((part) => Math.round(part * capacity));
	const random = randomFrom(context.what.seed ?? 1);
	const found = WORKING_SETS.map((part) => ({
		part,
		shares: survivors(caches, Math.round(part * capacity), at, random),
	}));
	const rows = found.flatMap(({ part, shares }) =>
		at.map((references, i) =>
			cell(`S0/forgotten/${part}/${references}`, {
				label: `after ${references} references, working set ${part} x the cache`,
				unit: "%",
				simulated: 100 * shares[i]!,
				basis: "predicted",
			}),
		),
	);
	const sentences = found.map(({ part, shares }) => {
		const gone = shares.findIndex((share) => share < 0.01);
		const last = at.length - 1;
		return gone >= 0
			? `${part} x the cache: under 1 % after ${at[gone]} references`
			: `${part} x the cache: still ${(100 * shares[last]!).toFixed(1)} % after ${at[last]}`;
	});
	return {
		title: LEFT_BEHIND,
		cells: rows,
		grid: {
			columns: WORKING_SETS.map((part) => `working set ${part} x`),
			rows: at.map((references) => ({
				label: `%, after ${references} references`,
				ids: WORKING_SETS.map((part) => `S0/forgotten/${part}/${references}`),
			})),
		},
		series: found.map(({ part, shares }) => ({
			name: `working set ${part} x the cache`,
			points: at.map((references, i): [number, number] => [references, 100 * shares[i]!]),
		})),
		axes: ["references in between", "per cent"],
		notes: [
			`Simulated: a line that nobody uses any more stays in ${names} of ${profile.id} until others push it out (${capacity} lines; ` +
				"references anywhere in a working set, each line as likely as the other). " +
				`${sentences.join("; ")}. The thread's "almost never seen" is what is left where programs have moved on.`,
			...(resolve(profile).caches.some(({ name }) => profile.caches[name]?.fillOnCleanVictim)
				? ["An outer level takes clean victims: pushed out, the stale line is there, in front of memory (L02)."]
				: []),
		],
	};
}

/** Of lines that were the last to come into their sets, how many are in one of the caches still, after so many references. */
function survivors(
	caches: readonly CacheConfig[],
	lines: number,
	at: readonly number[],
	random: () => number,
): number[] {
	const [first] = caches;
	const capacity = Math.max(...caches.map(({ sets, ways }) => sets * ways));
	const unit = first!.line;
	const left = at.map(() => 0);
	let all = 0;
	while (all < FORGOTTEN) {
		const levels = caches.map((cache) => new Level(cache));
		const refer = (address: number) => {
			for (const level of levels) if (level.touch(address)) return;
		};
		const anywhere = () => refer(Math.floor(random() * lines) * unit);
		for (let i = 0; i < 4 * capacity; i++) anywhere();
		// One line for each set of the first level, elsewhere than the working set.
		const old = Array.from({ length: first!.sets }, (_, i) => (lines + i) * unit);
		for (const address of old) refer(address);
		let made = 0;
		for (const [k, until] of at.entries()) {
			for (; made < until; made++) anywhere();
			left[k]! += old.filter((address) => levels.some((level) => level.has(address))).length;
		}
		all += old.length;
	}
	return left.map((count) => count / all);
}

/** A cache's lines alone: what comes in, and what it pushes out (round-robin, else the least recently used). */
class Level {
	readonly #ways: number;
	readonly #sets: number;
	readonly #line: number;
	readonly #moves: boolean;
	/** Each set's lines, the next to leave first. */
	readonly #lines: Float64Array;

	constructor({ sets, ways, line, replacement }: CacheConfig) {
		this.#ways = ways;
		this.#sets = sets;
		this.#line = line;
		this.#moves = replacement !== "fifo";
		this.#lines = new Float64Array(sets * ways).fill(-1);
	}

	has(address: number): boolean {
		return this.#find(address) >= 0;
	}

	/** Whether it was there; it is now. */
	touch(address: number): boolean {
		const found = this.#find(address);
		if (found >= 0 && !this.#moves) return true;
		const line = Math.floor(address / this.#line);
		const begin = (line % this.#sets) * this.#ways;
		this.#lines.copyWithin(found >= 0 ? found : begin, (found >= 0 ? found : begin) + 1, begin + this.#ways);
		this.#lines[begin + this.#ways - 1] = line;
		return found >= 0;
	}

	#find(address: number): number {
		const line = Math.floor(address / this.#line);
		const begin = (line % this.#sets) * this.#ways;
		for (let i = begin; i < begin + this.#ways; i++) if (this.#lines[i] === line) return i;
		return -1;
	}
}
