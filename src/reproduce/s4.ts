import type { ProgramCore } from "../../bindings/program-core.ts";
import { calibrate } from "../cost/calibrate.ts";
import type { Measurement } from "../cost/cost.ts";
import { syncConstants } from "../cost/mechanisms.ts";
import { type Cell, cell, type Grid, type Section } from "./cells.ts";
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
}

const way = (sync: string): Searched => ({ of: "sync-matrix", params: { sync } });

const VARIANTS: readonly Variant[] = [
	{ name: "copy", label: "copy_user (plain datapath)", search: null },
	{ name: "none", label: "none, freed without a wait", search: way("none") },
	{ name: "rcu", label: "RCU, synchronize_rcu", search: way("rcu") },
	{ name: "rcu-expedited", label: "RCU, expedited", search: way("rcu") },
	{ name: "srcu", label: "SRCU", search: way("srcu") },
	{ name: "seqlock", label: "seqlock", search: way("seqlock") },
	{ name: "seqcount", label: "sequence count, write barriers", search: way("seqcount-wmb") },
	{ name: "counter", label: "counter, release and acquire", search: way("counter") },
	{ name: "counter-full", label: "counter, full barriers", search: way("counter-full") },
	{
		name: "counter-no-barrier",
		label: "counter, full barriers but the writer's",
		search: way("counter-no-writer-barrier"),
	},
	{ name: "counter-relaxed", label: "counter, full barriers, relaxed end", search: way("counter-relaxed-end") },
	{
		name: "bitop",
		label: "bit operation",
		search: { of: "L26-bit-operation", params: { writer_fence: "full" } },
		but: { ...way("bit-operation"), where: "without the writer's full barrier" },
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
/** Packets of a round of the worker. */
const PACKETS = 10 * 64;
/** How often the notifier asks, ns: where it is watched, and where the rates are measured, as they were published, without it. */
const BUSY = 20_000;
const QUIET = 1e9;

export function s4(context: Context): Section {
	const profile = context.machine("broadwell");
	const measureIn =
		(where: Context) =>
		(variant: string, smap: boolean, cycles: number, more: object = {}): Measurement => {
			const machine = where.machine("broadwell");
			return where.cost("vhost-sync", {
				profile: withSmap(machine, smap && machine.smap),
				params: { variant, sections: 2 },
				iterations: 2,
				warmUp: 1,
				constants: syncConstants(machine, cycles, "actor" in more ? BUSY : QUIET, where.what.swap),
				...more,
			});
		};
	const measure = measureIn(context);
	const home = measureIn(context.home);
	const cells = Object.entries(PUBLISHED).flatMap(([variant, [on, off]]) => [
		{ id: `S4/${variant}/smap`, variant, smap: true, published: 1000 / on },
		{ id: `S4/${variant}/nosmap`, variant, smap: false, published: 1000 / off },
	]);
	const fit = calibrate({
		unknowns: [{ name: "packet", value: 300, range: [100, 1000] }],
		cells,
		simulate: ({ packet: cycles }) => cells.map(({ variant, smap }) => home(variant, smap, cycles!).ns / PACKETS),
	});
	const ids = cells.map(({ id }) => id);
	const cycles = fit.values.packet!;
	const rates: Cell[] = [];
	const waits: Cell[] = [];
	const mpps = (found: Measurement) => (1000 * PACKETS) / found.ns;
	const words = safety(context.core);
	for (const { name: variant, label } of VARIANTS) {
		const safe = words[variant]!;
		for (const smap of [true, false]) {
			const found = measure(variant, smap, cycles, {
				samples: PUBLISHED[variant] ? 0 : Math.ceil(context.samples / 2),
			});
			const published = PUBLISHED[variant]?.[smap ? 0 : 1] ?? null;
			const interval = found.interval?.ns.map((time) => (1000 * PACKETS) / time).reverse() as
				| [number, number]
				| undefined;
			rates.push(
				cell(`S4/${variant}/${smap ? "smap" : "nosmap"}`, {
					label: `${label}, SMAP ${smap ? "on" : "off"}`,
					unit: "Mpps",
					published,
					simulated: mpps(found),
					basis: published === null ? "predicted" : "calibrated",
					calibratedOn: ids,
					interval,
					note: safe,
				}),
			);
		}
		if (variant !== "copy")
			waits.push(...writer(variant, label, safe, ids, (more) => measure(variant, true, cycles, more)));
	}
	for (const variant of ["mutex", "flush-work"]) {
		const label = `${labelOf(variant)}, a page swapped out`;
		const more = { params: { variant, sections: 2, swap: "yes" } };
		waits.push(
			...writer(
				variant,
				label,
				"waits for the disk",
				ids,
				(rest) => measure(variant, true, cycles, { ...more, ...rest }),
				"-swap",
			),
		);
	}
	const once = [true, false].map((smap) => {
		const found = measure("srcu", smap, cycles, { params: { variant: "srcu", sections: 1 } });
		return cell(`S4/srcu-once/${smap ? "smap" : "nosmap"}`, {
			label: `SRCU, one section per packet, SMAP ${smap ? "on" : "off"}`,
			unit: "Mpps",
			simulated: mpps(found),
			basis: "predicted",
			calibratedOn: ids,
		});
	});
	rates.push(...once);
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
					"The notifier asks every 20 us while packets go through. Grace periods and time slices are estimates; what spins or waits for a lock is simulated.",
				],
			},
		],
	};
}

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
	const swapped = (["mutex", "flush-work"] as const).map((variant): [string, string, string] => [
		`${variant}-swap`,
		`${labelOf(variant)}, a page swapped out`,
		"waits for the disk",
	]);
	const plain = rate("copy");
	const ways = VARIANTS.map(({ name, label }): [string, string, string] => [name, label, words[name]!]);
	const rows = [...ways, ...swapped]
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
			];
			return {
				label,
				ids: ["smap", "nosmap", "writer/median", "writer/99.9 %"].map((what) => `S4/${variant}/${what}`),
				note: [safe, ...faults].join("; "),
			};
		});
	return { columns: ["Mpps, SMAP on", "off", "writer us, median", "99.9 %"], rows };
}

/** Median and 99.9th percentile of what the notifier takes. */
function writer(
	variant: string,
	label: string,
	safe: string,
	ids: string[],
	measure: (more: object) => Measurement,
	suffix = "",
): Cell[] {
	// What waits for time alone takes what its constant says; everybody else is watched.
	const alone = { rcu: "synchronizeRcu", preempt: "timeSlice" }[variant];
	const found = measure({
		actor: "notifier",
		jitter: 0.02,
		...(alone ? { iterations: 1, warmUp: 0 } : { iterations: 400 }),
	});
	const high = alone === undefined ? undefined : found.constants[alone]?.range?.[1];
	const make = (what: string, value: number) =>
		cell(`S4/${variant}${suffix}/writer/${what}`, {
			label: `${label}: ${what}`,
			unit: "us",
			simulated: value / 1000,
			basis: "predicted",
			calibratedOn: ids,
			note: safe,
		});
	return [make("median", found.median), make("99.9 %", high ?? found.p999)];
}
