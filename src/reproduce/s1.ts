import { constantsOf, frequencyOf, inNs, missingConstant } from "../cost/constants.ts";
import { type Comparison, compare } from "../cost/statistics.ts";
import { type Cell, cell, type Section } from "./cells.ts";
import type { Context } from "./context.ts";

// S1: five runs before and after a change of a KVM test, seconds.

const TIMES: Record<string, { before: number[]; after: number[]; printed: [number, number, number] }> = {
	real: {
		before: [79.954, 80.918, 82.74, 81.146, 82.12],
		after: [79.507, 80.919, 81.436, 81.179, 80.293],
		printed: [81.376, 80.667, -0.6],
	},
	user: {
		before: [23.181, 23.55, 23.506, 23.41, 23.52],
		after: [22.595, 22.719, 22.484, 22.811, 22.467],
		printed: [23.433, 22.615, -3.5],
	},
	sys: {
		before: [49.087, 49.563, 51.758, 50.29, 51.047],
		after: [48.841, 49.929, 50.31, 49.813, 48.587],
		printed: [50.349, 49.496, -1.7],
	},
};

export function s1(context: Context): Section {
	const profile = context.machine("e500v2");
	const compared = Object.entries(TIMES).map(([name, { before, after, printed }]) => ({
		name,
		printed,
		comparison: compare(before, after),
	}));
	const cells = compared.flatMap(({ name, printed, comparison }) => rows(name, printed, comparison));
	const standing = compared.filter(({ comparison }) => comparison.stands).map(({ name }) => name);
	const calls = (["original", "simplified"] as const).map((variant) => ({
		variant,
		found: context.cost("classifier", { profile, params: { variant }, iterations: 100 }),
	}));
	const memory = constantsOf(profile).memory;
	if (!memory) throw missingConstant("memory", "an access that memory answers", profile);
	const miss = inNs(memory, frequencyOf(profile));
	const costs = calls.flatMap(({ variant, found }) => [
		cell(`S1/classifier/${variant}/hit`, {
			label: `${variant}, all in the first level`,
			unit: "ns",
			simulated: found.ns,
			basis: found.basis,
			note: found.standsIn.join("; ") || undefined,
		}),
		cell(`S1/classifier/${variant}/miss`, {
			label: `${variant}, struct page in memory`,
			unit: "ns",
			simulated: found.ns + miss,
			basis: "estimated",
		}),
	]);
	return {
		id: "S1",
		title: "KVM on e500: is a page frame memory?",
		profile: profile.id,
		tables: [
			{
				title: "five runs each, before and after, seconds",
				cells,
				notes: [
					...compared.map(({ name, comparison }) => `${name}: ${comparison.sentence}.`),
					`Only the change of ${standing.join(" and ")} time can be told from noise.`,
					"Derived: had all RAM become uncached, the runs would have been many times slower; these timings cannot price that.",
				],
			},
			{
				title: "the classifier per call (derived: loads, barrier, misses)",
				cells: costs,
				breakdown: { of: "original", shares: calls[0]!.found.breakdown },
				notes: [],
			},
		],
	};
}

function rows(
	name: string,
	[before, after, percent]: [number, number, number],
	{ change, t, ...of }: Comparison,
): Cell[] {
	const make = (id: string, label: string, unit: string, simulated: number, published: number | null, note?: string) =>
		cell(`S1/${name}/${id}`, { label: `${name}, ${label}`, unit, simulated, published, basis: "documented", note });
	const own = (after / before - 1) * 100;
	return [
		make("before", "mean before", "s", of.before.mean, before, `standard deviation ${of.before.deviation.toFixed(3)}`),
		make("after", "mean after", "s", of.after.mean, after, `standard deviation ${of.after.deviation.toFixed(3)}`),
		cell(`S1/${name}/change`, {
			label: `${name}, change`,
			unit: "%",
			published: own,
			printed: percent,
			simulated: change * 100,
			basis: "documented",
			note: Math.abs(own - percent) > 0.1 ? "its own numbers contradict what the thread prints" : undefined,
		}),
		make("t", "Welch t", "", t, null, of.p < 0.001 ? "p < 0.001" : `p ${of.p.toFixed(3)}`),
	];
}
