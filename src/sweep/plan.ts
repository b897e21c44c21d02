import type { CacheConfig, MachineConfig } from "../../bindings/config.ts";
import type { Stream } from "../../bindings/stack.ts";
import { ONE_PASS_MOST_BYTES } from "../curves/one-pass.ts";
import { Machines } from "./machines.ts";
import type { Point } from "./points.ts";
import type { TraceJob } from "./verbs/jobs.ts";

/** LRU stacks that one pass over a trace keeps: a line size, its numbers of sets, the most ways. */
export interface Family {
	of: Stream;
	line: number;
	sets: number[];
	ways: number;
}

/** Points of which all counts come from one reading of a trace by the one-pass engine. */
export interface PassUnit {
	how: "one-pass";
	families: Family[];
	points: Point[];
}

/** Points whose machines differ in no more than what they cost: one run has the counts of all. */
export interface RunUnit {
	how: "run";
	points: Point[];
}

/** What a worker does at once. */
export type Unit = PassUnit | RunUnit;

/** A pass is worth its stacks from so many different machines on. */
const FEWEST = 3;

/** Groups points into units, in an order that depends on nothing but the points. */
export function planOf(points: readonly Point[]): Unit[] {
	const runs = new Map<string, Machine>();
	const units: Unit[] = [];
	const machines = new Machines();
	for (const point of points) {
		if (point.job.verb !== "trace") {
			units.push({ how: "run", points: [point] });
			continue;
		}
		const { trace, profile, cpus, seed, warmup, classify } = point.job;
		const machine = machines.of(profile, cpus, seed);
		const name = JSON.stringify([trace, warmup, classify, machines.number(machine)]);
		const run = runs.get(name);
		if (run) run.points.push(point);
		else runs.set(name, { machine, points: [point] });
	}
	const groups = new Map<string, Machine[]>();
	for (const run of runs.values()) {
		const job = run.points[0]!.job as TraceJob;
		const families = job.warmup === 0 && !job.classify ? familiesOf(run.machine) : undefined;
		if (!families) {
			units.push({ how: "run", points: run.points });
			continue;
		}
		const name = JSON.stringify([job.trace, families.map(({ of, line }) => [of, line])]);
		groups.set(name, [...(groups.get(name) ?? []), run]);
	}
	for (const group of groups.values()) units.push(...passes(group));
	return units;
}

interface Machine {
	machine: MachineConfig;
	points: Point[];
}

/** As few passes as memory allows; what is not worth one is run by itself. */
function passes(group: Machine[]): Unit[] {
	const alone = (some: Machine[]): Unit[] => some.map(({ points }) => ({ how: "run", points }));
	if (group.length < FEWEST) return alone(group);
	const families = joined(group);
	// What the stacks of these ways cannot hold beside so few sets goes by itself.
	const unfit = group.filter(
		({ machine }) => !familiesOf(machine)!.every(({ line, sets, ways }) => ways + 2 <= line * sets[0]!),
	);
	if (unfit.length > 0) return [...alone(unfit), ...passes(group.filter((one) => !unfit.includes(one)))];
	const bytes = families.reduce(
		(sum, { sets, ways }) => sum + sets.reduce((all, count) => all + count, 0) * ways * 8,
		0,
	);
	if (bytes <= ONE_PASS_MOST_BYTES && families.every(({ line, sets, ways }) => ways + 2 <= line * sets[0]!)) {
		return [{ how: "one-pass", families, points: group.flatMap(({ points }) => points) }];
	}
	// The larger half of the sets, and the smaller.
	const size = ({ machine }: Machine) => machine.caches.reduce((sum, { sets }) => sum + sets, 0);
	const ordered = [...group].sort((a, b) => size(a) - size(b));
	const half = Math.floor(ordered.length / 2);
	return [...passes(ordered.slice(0, half)), ...passes(ordered.slice(half))];
}

function joined(group: Machine[]): Family[] {
	const all = group.map(({ machine }) => familiesOf(machine)!);
	return all[0]!.map(({ of, line }, i) => {
		const same = all.map((families) => families[i]!);
		const sets = [...new Set(same.flatMap((family) => family.sets))].sort((a, b) => a - b);
		return { of, line, sets, ways: Math.max(...same.map(({ ways }) => ways)) };
	});
}

/**
 * What the one-pass engine would need to count for a machine; undefined: it cannot. It can where every reference meets one
 * LRU cache, written back and allocated in, before memory, under its own address.
 */
export function familiesOf(machine: MachineConfig): Family[] | undefined {
	const { cpus, caches, tlbs, translation, straddle } = machine;
	const plain = cpus === 1 && tlbs.length === 0 && translation.policy === "identity" && straddle === "split";
	if (!plain || caches.length === 0 || !caches.every(isSingle)) return undefined;
	const families = caches.map(({ serves, line, sets, ways }): Family => {
		return { of: serves === "both" ? "unified" : (serves as "fetch" | "data"), line, sets: [sets], ways };
	});
	const served = families.map(({ of }) => of);
	if (new Set(served).size < served.length || (served.length > 1 && served.includes("unified"))) return undefined;
	// What no cache serves is counted all the same, cut where pages begin.
	for (const of of ["fetch", "data"] as const) {
		if (served.includes("unified") || served.includes(of)) continue;
		families.push({ of, line: 2 ** translation.page, sets: [1], ways: 1 });
	}
	return families;
}

const MOST_WAYS = 1024;
const MOST_SETS = 2 ** 24;

function isSingle(cache: CacheConfig): boolean {
	const { replacement, write, allocate, writebacks, next, serves, sets, ways, tag, index } = cache;
	const policies = replacement === "lru" && write === "back" && allocate && writebacks;
	const physical = tag === "physical" && (index === "physical" || index === "virtual");
	const small = Number.isInteger(Math.log2(sets)) && sets <= MOST_SETS && ways <= MOST_WAYS;
	return policies && physical && small && next === -1 && serves !== "none";
}

export interface Shard {
	/** From 1. */
	index: number;
	count: number;
}

export const WHOLE: Shard = { index: 1, count: 1 };

/** The part of the units that a shard runs. */
export function shardOf(units: readonly Unit[], { index, count }: Shard): Unit[] {
	return units.filter((_, i) => i % count === index - 1);
}
