import type { ProgramCore } from "../../bindings/program-core.ts";
import { calibrate } from "../cost/calibrate.ts";
import { type Constant, type Constants, constantsOf, PAUSE } from "../cost/constants.ts";
import { drawnFrom, type Measurement } from "../cost/cost.ts";
import { syncConstants } from "../cost/mechanisms.ts";
import { randomFrom } from "../cost/random.ts";
import { quantile } from "../cost/statistics.ts";
import { type Cell, cell, type Grid, type Section } from "./cells.ts";
import { consistentMachines } from "./consistent.ts";
import type { Context } from "./context.ts";
import { withSmap } from "./s3.ts";
import { type Searched, safetyOf } from "./safety.ts";

// S4: what each way to synchronise the notifier with the accessors costs both.

interface Variant {
	name: string;
	label: string;
	/** What is searched to say whether it is safe. copy_user has no mapping that a notifier could take away. */
	search: Searched | null;
	/** What is different where something is done otherwise. */
	but?: Searched & { where: string };
	/** The notifier waits for a flag that an accessor holds who may be switched out. */
	spins?: boolean;
}

const way = (sync: string): Searched => ({ of: "sync-matrix", params: { sync } });

const VARIANTS: readonly Variant[] = [
	{ name: "copy", label: "copy_user (plain datapath)", search: null },
	{ name: "none", label: "none, freed without a wait", search: way("none") },
	{ name: "rcu", label: "RCU, synchronize_rcu", search: way("rcu") },
	{ name: "rcu-expedited", label: "RCU, expedited", search: way("rcu") },
	{ name: "srcu", label: "SRCU", search: way("srcu") },
	{ name: "seqlock", label: "seqlock", search: way("seqlock") },
	{ name: "seqcount", label: "sequence count, write barriers", search: way("seqcount-wmb"), spins: true },
	{ name: "counter", label: "counter, release and acquire", search: way("counter"), spins: true },
	{ name: "counter-full", label: "counter, full barriers", search: way("counter-full"), spins: true },
	{
		name: "counter-no-barrier",
		label: "counter, full barriers but the writer's",
		search: way("counter-no-writer-barrier"),
		spins: true,
	},
	{
		name: "counter-relaxed",
		label: "counter, full barriers, relaxed end",
		search: way("counter-relaxed-end"),
		spins: true,
	},
	{
		name: "bitop",
		label: "bit operation",
		search: { of: "L26-bit-operation", params: { writer_fence: "full" } },
		but: { ...way("bit-operation"), where: "without the writer's full barrier" },
		spins: true,
	},
	{ name: "spinlock", label: "spinlock", search: way("spinlock") },
	{
		name: "mutex",
		label: "vq mutex",
		search: way("mutex"),
		but: { of: "L28-mutex-page-lock", params: { worker: "faults" }, where: "where the worker faults" },
	},
	{
		name: "flush-work",
		label: "vhost_flush_work",
		search: way("flush-work"),
		but: { of: "L30-flush-work-own-fault", params: { fault: "own" }, where: "where the worker faults" },
	},
	{
		name: "preempt",
		label: "preempt notifier",
		search: way("preempt-notifier"),
		but: {
			of: "L31-preempt-notifier",
			params: { accessor: "not-preemptible", wait: "no" },
			where: "without a wait for the switch",
		},
	},
	{ name: "ipi", label: "interrupts off, IPI", search: way("kick") },
];

/** Whether a way is safe, as searches of all schedules find. */
export function safety(core: ProgramCore): Record<string, string> {
	return Object.fromEntries(
		VARIANTS.map(({ name, search, but }) => [
			name,
			(search ? safetyOf(core, search) : "safe") + (but ? `; ${but.where} ${safetyOf(core, but)}` : ""),
		]),
	);
}

const PUBLISHED: Record<string, [on: number, off: number]> = { copy: [5.0, 6.6], none: [6.1, 7.4] };
/** Rates are published to 0.1 Mpps. */
const ROUNDED = 0.05;
/** Packets of a round of the worker. */
const PACKETS = 10 * 64;
/** How often the notifier asks, ns, where the rates are measured: as they were published, without it. */
const QUIET = 1e9;
/**
 * How often it asks where it is watched, on average: so that it comes at any phase of what keeps it out, which is a packet, or
 * a batch of packets.
 */
const BY_PACKETS = 2_000;
const BY_BATCHES = 20_000;
const HOLDS_BATCHES = ["mutex", "flush-work"];
/** What is waited for by the clock alone. */
const BY_CLOCK: Readonly<Record<string, string>> = {
	rcu: "synchronizeRcu",
	"rcu-expedited": "synchronizeRcuExpedited",
	srcu: "srcuGrace",
	preempt: "timeSlice",
};
/** Waits of the notifier, and on each machine that is drawn: enough for a percentile of a thousand. */
const WAITS = 3000;
const WAITS_DRAWN = 1000;

/** Where the worker waits for something itself while it keeps the notifier out. */
const STALLED = [
	{
		variant: "mutex",
		id: "mutex-swap",
		by: "swapIn",
		param: "swap",
		label: "a page swapped out",
		note: "waits for the disk",
	},
	{
		variant: "flush-work",
		id: "flush-work-swap",
		by: "swapIn",
		param: "swap",
		label: "a page swapped out",
		note: "waits for the disk",
	},
	{
		variant: "counter-full",
		id: "counter-full-preempted",
		by: "timeSlice",
		param: "preempted",
		label: "its holder switched out",
		note: "no bound but the scheduler's",
	},
] as const;

/** How something is measured: `smap` as asked for, constants beside those that are fitted. */
interface Way {
	variant: string;
	smap: boolean;
	pause?: number;
	params?: Record<string, string>;
	more?: object;
	/** Constants of a machine that was drawn. */
	drawn?: Constants;
	/** Packets that one stands for. */
	pace?: number;
}

function measureIn(context: Context, cycles: number) {
	const machine = context.machine("broadwell");
	return ({ variant, smap, pause = QUIET, params = {}, more = {}, drawn = {}, pace = 1 }: Way): Measurement => {
		const constants = { ...syncConstants(machine, cycles, pause, context.what.swap), ...drawn };
		const packet = constants.packet!;
		// Without SMAP there is nothing to draw.
		const { userAccessPair, ...rest } = constants;
		return context.cost("vhost-sync", {
			profile: withSmap(machine, smap && machine.smap),
			params: { variant, sections: 2, ...params },
			iterations: 2,
			warmUp: 1,
			constants: {
				...rest,
				...(smap && machine.smap && userAccessPair && { userAccessPair }),
				packet: { ...packet, value: packet.value * pace },
			},
			...more,
		});
	};
}

export function s4(context: Context): Section {
	const profile = context.machine("broadwell");
	const cells = Object.entries(PUBLISHED).flatMap(([variant, rates]) =>
		rates.map((rate, i) => ({
			id: `S4/${variant}/${i === 0 ? "smap" : "nosmap"}`,
			variant,
			smap: i === 0,
			rate,
			published: 1000 / rate,
		})),
	);
	const home = (cycles: number) => {
		const measure = measureIn(context.home, cycles);
		return cells.map(({ variant, smap }) => measure({ variant, smap }).ns / PACKETS);
	};
	const fit = calibrate({
		unknowns: [{ name: "packet", value: 300, range: [100, 1000] }],
		cells,
		simulate: ({ packet }) => home(packet!),
	});
	const ids = cells.map(({ id }) => id);
	const cycles = fit.values.packet!;
	const measure = measureIn(context, cycles);
	const machines = drawnMachines(context, cycles, cells);
	// Percentiles take long: half of them.
	const watched = machines.filter((_, i) => i % 2 === 0);
	const mpps = (found: Measurement) => (1000 * PACKETS) / found.ns;
	const words = safety(context.core);
	const rateOf = (id: string, label: string, smap: boolean, how: Way, note?: string): Cell => {
		const published = PUBLISHED[id]?.[smap ? 0 : 1] ?? null;
		const all = published === null ? machines.map((drawn) => mpps(measure({ ...how, drawn }))) : [];
		return cell(`S4/${id}/${smap ? "smap" : "nosmap"}`, {
			label: `${label}, SMAP ${smap ? "on" : "off"}`,
			unit: "Mpps",
			published,
			simulated: mpps(measure(how)),
			basis: published === null ? "predicted" : "calibrated",
			calibratedOn: ids,
			interval: most(all),
			note,
		});
	};
	const rates = VARIANTS.flatMap(({ name, label }) =>
		[true, false].map((smap) => rateOf(name, label, smap, { variant: name, smap }, words[name])),
	);
	const once = [true, false].map((smap) =>
		rateOf("srcu-once", "SRCU, one section per packet", smap, { variant: "srcu", smap, params: { sections: "1" } }),
	);
	rates.push(...once);

	/** Median and 99.9th percentile of what the notifier takes. */
	const writer = (id: string, label: string, note: string, how: Way): Cell[] => {
		const waits = (drawn?: Constants, i = 0) =>
			measure({
				...how,
				...(drawn && { drawn }),
				more: {
					actor: "notifier",
					iterations: drawn ? WAITS_DRAWN : WAITS,
					warmUp: 10,
					seed: ((context.what.seed ?? 1) + i) >>> 0,
				},
			});
		const found = waits();
		// Other waits on each machine: so the interval also has what so many of them leave open.
		const all = watched.map((drawn, i) => waits(drawn, i + 1));
		const make = (what: string, of: (found: Measurement) => number) =>
			cell(`S4/${id}/writer/${what}`, {
				label: `${label}: ${what}`,
				unit: "us",
				simulated: of(found) / 1000,
				basis: "predicted",
				calibratedOn: ids,
				interval: most(all.map((one) => of(one) / 1000)),
				note,
			});
		return [make("median", ({ median }) => median), make("99.9 %", ({ p999 }) => p999)];
	};
	const constants = { ...constantsOf(profile), ...syncConstants(profile, cycles, QUIET, context.what.swap) };
	const nsOf = (name: string) => constants[name]?.value ?? 0;
	const waits = VARIANTS.filter(({ search }) => search !== null).flatMap(({ name: variant, label, spins }) => {
		const clock = BY_CLOCK[variant];
		const pause = HOLDS_BATCHES.includes(variant) ? BY_BATCHES : BY_PACKETS;
		// A long wait does not depend on the packets that go by, and takes less to simulate where they are few.
		const pace = clock === undefined ? 1 : Math.max(1, nsOf(clock) / pause);
		const note = spins ? `${words[variant]}; ${UNBOUNDED}` : words[variant]!;
		return writer(variant, label, note, { variant, smap: true, pause, pace });
	});
	for (const { variant, id, by, param, label, note } of STALLED) {
		const how = { variant, smap: true, pause: nsOf(by), params: { [param]: "yes" } };
		waits.push(...writer(id, `${labelOf(variant)}, ${label}`, note, how));
	}
	const spin = (smap: string) => rates.find(({ id }) => id === `S4/spinlock/${smap}`)!.simulated.toFixed(1);
	return {
		id: "S4",
		title: "vhost: ways to keep the MMU notifier and the accessors apart",
		profile: profile.id,
		tables: [
			{
				title: "what each way costs the reader and the writer, two sections per packet",
				cells: [...rates.sort((a, b) => b.simulated - a.simulated), ...waits],
				grid: gridOf(rates, waits, words),
				notes: [
					`${fit.sentence}, in ns: the rest of a packet is ${cycles.toFixed(1)} cycles. Barriers, locks and SMAP pairs are the profile's.`,
					`Spinlock: ${spin("nosmap")} Mpps with SMAP off against 6.6 of the plain datapath, the thread's "0 performance improvement"; ` +
						`with SMAP on ${spin("smap")} against 5.0. The thread does not say which it measured.`,
					'SRCU in two sections per packet eats the gain, in one it does not: "little improvement" goes with either.',
					`The notifier asks at any phase of what keeps it out, ${WAITS} times, while packets go through. Grace periods, time slices and disks ` +
						"take another time of their range each time, and are estimates; what spins or waits for a lock is simulated.",
					"A page swapped out, a holder switched out: once after each batch of 64 packets.",
					...(machines.length > 0
						? [
								`Intervals (in the JSON and in reports): ${machines.length} machines (${watched.length} for the notifier's waits) drawn from the constants' ranges that give the four published rates as they are rounded.`,
							]
						: []),
				],
			},
		],
	};
}

/** What 90 % of the machines give. */
function most(values: readonly number[]): [number, number] | undefined {
	return values.length > 0 ? [quantile(values, 0.05), quantile(values, 0.95)] : undefined;
}

/** What the published rates say something about. */
const TOLD = ["packet", "userAccessPair", "speculationBarrier", "accessOk"];

/**
 * Constants of machines drawn from the ranges. Those that the published rates tell something about are such that the machine
 * that was measured gives these rates; another machine has them where it has the same constant.
 */
function drawnMachines(
	context: Context,
	cycles: number,
	cells: readonly { variant: string; smap: boolean; rate: number }[],
): Constants[] {
	const count = Math.ceil(context.samples / 2);
	if (count === 0) return [];
	const constantsIn = (where: Context): Constants => {
		const machine = where.machine("broadwell");
		return { ...constantsOf(machine), ...syncConstants(machine, cycles, QUIET, where.what.swap) };
	};
	const own = constantsIn(context.home);
	const told = TOLD.filter((name) => own[name]);
	const varied = told.map((name) => {
		const { value, range } = own[name]!;
		// The rest of a packet is anything that the rates allow; without a range an estimate may be off by half.
		return {
			value,
			range:
				name === "packet" ? ([value * 0.95, value * 1.05] as const) : (range ?? ([value / 2, value * 1.5] as const)),
		};
	});
	const home = measureIn(context.home, cycles);
	const rates = cells.map(({ variant, smap, rate }) => {
		const ns = (drawn: Constants = {}) => home({ variant, smap, drawn }).ns / PACKETS;
		const base = ns();
		const slopes = told.map((name) => (ns({ [name]: { ...own[name]!, value: own[name]!.value + 10 } }) - base) / 10);
		return { published: rate, ns: base, slopes };
	});
	const random = randomFrom(context.what.seed ?? 1);
	const here = constantsIn(context);
	return consistentMachines(varied, rates, ROUNDED, count, random).map((values) => {
		const machine: Constants = {};
		for (const [name, constant] of Object.entries(here)) {
			const of = told.indexOf(name);
			if (of >= 0 && isSame(constant, own[name]!)) machine[name] = { ...constant, value: values[of]! };
			else if (constant.range && name !== PAUSE)
				machine[name] = { ...constant, value: drawnFrom(constant, constant.range, random()) };
		}
		return machine;
	});
}

function isSame(a: Constant, b: Constant): boolean {
	return a.value === b.value && a.unit === b.unit && a.range?.[0] === b.range?.[0] && a.range?.[1] === b.range?.[1];
}

const UNBOUNDED = "no bound where its holder is switched out";

function labelOf(variant: string): string {
	return VARIANTS.find(({ name }) => name === variant)!.label;
}

/** Part of the gain over the plain datapath that a quick reader keeps, SMAP off. */
const QUICK = 0.5;
/** A slow writer waits longer than this, now and then: us. */
const SLOW = 50;

/** Unsafe, slow for the reader, slow for the writer: side by side, the quickest reader first. */
function gridOf(rates: readonly Cell[], waits: readonly Cell[], words: Readonly<Record<string, string>>): Grid {
	const all = new Map([...rates, ...waits].map((cell) => [cell.id, cell]));
	const rate = (variant: string, smap = "nosmap") => all.get(`S4/${variant}/${smap}`)?.simulated ?? 0;
	const stalled = STALLED.map(({ variant, id, label, note }): [string, string, string] => [
		id,
		`${labelOf(variant)}, ${label}`,
		note,
	]);
	const plain = rate("copy");
	const ways = VARIANTS.map(({ name, label }): [string, string, string] => [name, label, words[name]!]);
	const rows = [...ways, ...stalled]
		.sort(([a], [b]) => rate(b) - rate(a))
		.map(([variant, label, safe]) => {
			const late = all.get(`S4/${variant}/writer/99.9 %`)?.simulated ?? 0;
			const kept = (rate(variant) - plain) / (rate("none") - plain);
			const faults = [
				...(safe.startsWith("UNSAFE")
					? []
					: rate(variant) > 0 && variant !== "copy" && kept < QUICK
						? ["slow reader"]
						: []),
				...(late > SLOW ? ["slow writer"] : []),
				...(VARIANTS.find(({ name }) => name === variant)?.spins ? [UNBOUNDED] : []),
			];
			return {
				label,
				ids: ["smap", "nosmap", "writer/median", "writer/99.9 %"].map((what) => `S4/${variant}/${what}`),
				note: [safe, ...faults].join("; "),
			};
		});
	return { columns: ["Mpps, SMAP on", "off", "writer us, median", "99.9 %"], rows };
}
