import { calibrate } from "../cost/calibrate.ts";
import { type Constants, constantsOf, frequencyOf, inNs } from "../cost/constants.ts";
import { drawn, type Measurement } from "../cost/cost.ts";
import { packetConstants, SECTIONS } from "../cost/mechanisms.ts";
import { randomFrom } from "../cost/random.ts";
import { quantile } from "../cost/statistics.ts";
import { merge } from "../profiles/merge.ts";
import type { Profile } from "../profiles/types.ts";
import { cell, type Section } from "./cells.ts";
import type { Context } from "./context.ts";

// S3: packets per second of vhost, by how it reaches the metadata of a queue, with SMAP on and off.

type Method = "before" | "dependency" | "vmap";

const CELLS: { method: Method; smap: boolean; published: number | null }[] = [
	{ method: "before", smap: true, published: 5.0 },
	{ method: "before", smap: false, published: 6.6 },
	{ method: "vmap", smap: true, published: 6.1 },
	{ method: "vmap", smap: false, published: 7.4 },
	{ method: "dependency", smap: false, published: 7.2 },
	{ method: "dependency", smap: true, published: null },
];

/** Cycles of a packet apart from what the methods differ in. */
function fitPacket(context: Context, profile: Profile) {
	const measured = CELLS.filter(({ published }) => published !== null);
	const cells = measured.map((one) => ({ id: idOf(one), published: 1000 / one.published! }));
	const simulate = (values: Record<string, number>) =>
		measured.map(({ method, smap }) => measure(context, profile, method, smap, values.packet!).ns);
	return calibrate({ unknowns: [{ name: "packet", value: 300, range: [100, 1000] }], cells, simulate });
}

/** The machine with SMAP turned off. */
export function withSmap(profile: Profile, smap: boolean): Profile {
	return smap ? profile : merge(profile, { smap: false });
}

function idOf({ method, smap }: { method: Method; smap: boolean }): string {
	return `S3/${method}/${smap ? "smap" : "nosmap"}`;
}

function measure(
	context: Context,
	profile: Profile,
	method: Method,
	smap: boolean,
	cycles: number,
	constants: Constants = {},
): Measurement {
	return context.cost("vhost-packet", {
		profile: withSmap(profile, smap && profile.smap),
		params: { method, ...SECTIONS },
		iterations: 64,
		warmUp: 4,
		constants: { ...packetConstants(cycles), ...constants },
	});
}

export function s3(context: Context): Section {
	const profile = context.machine("broadwell");
	const fit = fitPacket(context.home, context.home.machine("broadwell"));
	const ids = fit.rows.map(({ id }) => id);
	const cycles = fit.values.packet!;
	const mpps = (ns: number) => 1000 / ns;
	const resultsOf = (where: Context, machine: Profile): Result[] =>
		CELLS.map((one) => ({ ...one, found: measure(where, machine, one.method, one.smap, cycles) }));
	const results = resultsOf(context, profile);
	const isHome = context.home === context;
	const homeProfile = isHome ? profile : context.home.machine("broadwell");
	const homeResults = isHome ? results : resultsOf(context.home, homeProfile);
	const consistent = consistentWith(context, cycles, [profile, results], [homeProfile, homeResults]);
	const cells = results.map(({ found, published, ...one }) => {
		const row = fit.rows.find(({ id }) => id === idOf(one));
		const interval = row ? undefined : consistent.interval;
		return cell(idOf(one), {
			label: `${one.method}, SMAP ${one.smap ? "on" : "off"}`,
			unit: "Mpps",
			published,
			simulated: mpps(found.ns),
			basis: row ? "calibrated" : "predicted",
			calibratedOn: ids,
			interval,
			...(row && {
				leaveOneOut: row.leaveOneOut === null ? null : mpps(row.published + row.leaveOneOut) - mpps(row.published),
			}),
			note: published === null ? "never measured" : undefined,
		});
	});
	const ns = (method: Method, smap: boolean): number =>
		results.find((one) => one.method === method && one.smap === smap)!.found.ns;
	const gain = (from: number, to: number) => ((from / to - 1) * 100).toFixed(0);
	const before = results.find(({ method, smap }) => method === "before" && smap)!.found;
	return {
		id: "S3",
		title: "vhost: metadata by copy_user, with a data dependency for the barrier, and through vmap",
		profile: profile.id,
		tables: [
			{
				title: "packets per second",
				cells,
				breakdown: { of: "a packet before, SMAP on", shares: before.breakdown },
				series: [
					{
						name: "SMAP on",
						points: ["before", "dependency", "vmap"].map((method, i) => [i, mpps(ns(method as Method, true))]),
					},
					{
						name: "SMAP off",
						points: ["before", "dependency", "vmap"].map((method, i) => [i, mpps(ns(method as Method, false))]),
					},
				],
				axes: ["before, dependency, vmap", "Mpps"],
				notes: [
					`${fit.sentence}, in ns: the rest of a packet is ${cycles.toFixed(0)} cycles. Barrier, range check and SMAP pairs are the profile's.`,
					`vmap gains ${gain(ns("before", true), ns("vmap", true))} % with SMAP on and ${gain(ns("before", false), ns("vmap", false))} % with it off (published: 22, 12); ` +
						`over the dependency ${((ns("dependency", false) / ns("vmap", false) - 1) * 100).toFixed(1)} % (the thread says up to 3).`,
					`The interval: ${consistent.kept} of ${consistent.drawn} machines drawn from the ranges of ${homeProfile.id}'s constants give all five published rates as they are rounded` +
						`${isHome ? "" : `; those of ${profile.id} are taken to be as high in their ranges`}.`,
					`${SECTIONS.payload} sections of payload and ${SECTIONS.metadata} of metadata per packet are derived, not stated. Rates are quoted to 0.1 Mpps: a difference carries 2 ns (SMAP off) to 3 ns (on).`,
				],
			},
		],
	};
}

const VARIED = ["userAccessPair", "speculationBarrier", "accessOk"];
/** Machines that give the published rates are few: so many of them are wanted, and no more are drawn for it. */
const WANTED = 2000;
const MOST_DRAWN = 400_000;
/**
 * Part of a metadata pair that may be hidden where no barrier follows it, as in the cell that nobody measured: where pairs were
 * measured, a barrier did. The value takes them as dear.
 */
const HIDDEN = 0.5;
/** Rates are published to 0.1 Mpps. */
const ROUNDED = 0.05;
/** Part of a packet's time that the rest of it may be off by, at either side. */
const REST = 0.05;

type Result = { method: Method; smap: boolean; published: number | null; found: Measurement };

/** One thread's time is linear in the constants, so machines need not be run one by one. */
function linear(context: Context, profile: Profile, cycles: number, results: readonly Result[]) {
	const own = constantsOf(profile);
	const slopes = results.map(({ method, smap, found }) =>
		VARIED.map((name) => {
			const constant = own[name];
			if (!constant || (name === "userAccessPair" && !(smap && profile.smap))) return 0;
			const more = { [name]: { ...constant, value: constant.value + 10 } };
			return (measure(context, profile, method, smap, cycles, more).ns - found.ns) / 10;
		}),
	);
	const frequency = frequencyOf(profile);
	const pair = VARIED.indexOf("userAccessPair");
	return {
		frequency,
		/** How far constants are off their values on a machine that is so high in their ranges. */
		off: (high: readonly number[]) =>
			VARIED.map((name, j) => {
				const constant = own[name];
				// What the question says is known; without a range an estimate may be off by half.
				if (!constant || (constant.basis === "given" && !constant.range)) return 0;
				const { value, range = [value / 2, value * 1.5] } = constant;
				return drawn(value, range, high[j]!) - value;
			}),
		time: (k: number, off: readonly number[]) =>
			off.reduce((sum, by, j) => sum + by * slopes[k]![j]!, results[k]!.found.ns),
		/** ns of the pairs around metadata. */
		pairs: (off: readonly number[]) =>
			inNs({ value: (own.userAccessPair?.value ?? 0) + off[pair]!, unit: "cycles" }, frequency) * SECTIONS.metadata,
	};
}

/**
 * The rate of the cell that nobody measured, over machines that give the published ones. Of another machine than the measured
 * one: over those whose constants are as high in their ranges as on such a machine.
 */
function consistentWith(
	context: Context,
	cycles: number,
	[profile, results]: [Profile, readonly Result[]],
	[homeProfile, homeResults]: [Profile, readonly Result[]],
): { interval: [number, number] | undefined; kept: number; drawn: number } {
	const home = linear(context.home, homeProfile, cycles, homeResults);
	const asked = profile === homeProfile ? home : linear(context, profile, cycles, results);
	const random = randomFrom(context.what.seed ?? 1);
	const unmeasured = results.findIndex(({ published }) => published === null);
	// ns that a packet may take for its rate to be rounded to the published one.
	const bounds = homeResults.flatMap(({ published }, k) =>
		published === null ? [] : [{ k, low: 1000 / (published + ROUNDED), high: 1000 / (published - ROUNDED) }],
	);
	const widest = Math.min(...bounds.map(({ low, high }) => high - low));
	const most = REST * Math.min(...homeResults.map(({ found }) => found.ns));
	const rates: number[] = [];
	let all = 0;
	for (; all < MOST_DRAWN && rates.length < WANTED; all++) {
		const at = VARIED.map(() => random());
		const off = home.off(at);
		// The rest of a packet is anything that the rates allow; machines count by how much that is.
		const times = bounds.map(({ k }) => home.time(k, off));
		const from = Math.max(-most, ...bounds.map(({ low }, i) => low - times[i]!));
		const to = Math.min(most, ...bounds.map(({ high }, i) => high - times[i]!));
		if (to - from <= random() * widest) continue;
		const rest = from + random() * (to - from);
		const hidden = drawn(0, [0, HIDDEN], random());
		const there = asked.off(at);
		const time = asked.time(unmeasured, there) + (rest * home.frequency) / asked.frequency;
		rates.push(1000 / (time - hidden * asked.pairs(there)));
	}
	const interval: [number, number] | undefined =
		rates.length > 100 ? [quantile(rates, 0.05), quantile(rates, 0.95)] : undefined;
	return { interval, kept: rates.length, drawn: all };
}
