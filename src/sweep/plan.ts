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
	/** The outermost cache, which alone is different, by its index; undefined: the machines have nothing but single caches. */
	outer?: number;
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
		else runs.set(name, machineOf(machine, machines, [point]));
	}
	const groups = new Map<string, Machine[]>();
	for (const run of runs.values()) {
		const job = run.points[0]!.job as TraceJob;
		const { families, outer, inner } = run;
		if (!families || job.warmup > 0 || job.classify) {
			units.push({ how: "run", points: run.points });
			continue;
		}
		const name = JSON.stringify([job.trace, job.onError, outer, inner, families.map(({ of, line }) => [of, line])]);
		groups.set(name, [...(groups.get(name) ?? []), run]);
	}
	for (const group of groups.values()) units.push(...passes(group));
	return units;
}

interface Machine {
	machine: MachineConfig;
	points: Point[];
	/** What the one-pass engine would need to count for it; undefined: it cannot. */
	families?: Family[];
	outer?: number;
	/** Tells apart what is inside the outermost cache. */
	inner?: number;
}

function machineOf(machine: MachineConfig, machines: Machines, points: Point[]): Machine {
	const families = familiesOf(machine);
	if (families) return { machine, points, families };
	const outer = outerOf(machine);
	if (outer === undefined) return { machine, points };
	const { line, sets, ways } = machine.caches[outer]!;
	const rest = machine.caches.map((cache, i) => (i === outer ? { ...cache, sets: 0, ways: 0 } : cache));
	const inner = machines.number({ ...machine, caches: rest });
	return { machine, points, families: [{ of: "unified", line, sets: [sets], ways }], outer, inner };
}

/** As few passes as memory allows; what is not worth one is run by itself. */
function passes(group: Machine[]): Unit[] {
	const alone = (some: Machine[]): Unit[] => some.map(({ points }) => ({ how: "run", points }));
	if (group.length < FEWEST) return alone(group);
	const families = joined(group);
	// What the stacks of these ways cannot hold beside so few sets goes by itself.
	const unfit = group.filter(({ families }) => !families!.every(({ line, sets, ways }) => ways + 2 <= line * sets[0]!));
	if (unfit.length > 0) return [...alone(unfit), ...passes(group.filter((one) => !unfit.includes(one)))];
	const bytes = families.reduce(
		(sum, { sets, ways }) => sum + sets.reduce((all, count) => all + count, 0) * ways * 8,
		0,
	);
	if (bytes <= ONE_PASS_MOST_BYTES && families.every(({ line, sets, ways }) => ways + 2 <= line * sets[0]!)) {
		const { outer } = group[0]!;
		const points = group.flatMap(({ points }) => points);
		return [{ how: "one-pass", ...(outer !== undefined && { outer }), families, points }];
	}
	// The larger half of the sets, and the smaller.
	const size = ({ machine }: Machine) => machine.caches.reduce((sum, { sets }) => sum + sets, 0);
	const ordered = [...group].sort((a, b) => size(a) - size(b));
	const half = Math.floor(ordered.length / 2);
	return [...passes(ordered.slice(0, half)), ...passes(ordered.slice(half))];
}

function joined(group: Machine[]): Family[] {
	const all = group.map(({ families }) => families!);
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

/**
 * The outermost cache of a machine, if nothing inside depends on it and it is one that the one-pass engine counts: LRU,
 * written back and allocated in, neither inclusive nor exclusive.
 */
function outerOf({ cpus, caches, straddle }: MachineConfig): number | undefined {
	if (cpus !== 1 || straddle !== "split") return undefined;
	const last = caches.flatMap(({ next }, i) => (next === -1 ? [i] : []));
	const [outer] = last;
	if (last.length !== 1 || caches.length < 2) return undefined;
	const { replacement, write, allocate, writebacks, inclusion, serves, sets, ways, tag, index } = caches[outer!]!;
	const policies = replacement === "lru" && write === "back" && allocate && writebacks && inclusion === "nine";
	const small = Number.isInteger(Math.log2(sets)) && sets <= MOST_SETS && ways <= MOST_WAYS;
	return policies && small && serves === "none" && tag === index ? outer : undefined;
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

/** One of several parts of a sweep. */
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
