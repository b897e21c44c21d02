import type { MachineConfig } from "../../bindings/config.ts";
import type { Counts } from "../../bindings/counts.ts";
import { latencies } from "../profiles/latencies.ts";
import type { Basis, Profile, Quantity } from "../profiles/types.ts";

/** What was answered at one place, and what that cost. */
export interface LevelCycles {
	/** A cache, "memory", a TLB or "walk". */
	level: string;
	/** Demand references that a cache or memory answered; hits of a TLB; walks. */
	references: number;
	/** Page-walk reads that a cache or memory answered. */
	walkReads?: number;
	cycles: number;
}

/** See `cyclesOf` for how they are computed. */
export interface Cycles {
	/** CPU cycles of all references together. */
	total: number;
	/** Average memory access time: total / references. */
	perReference: number;
	byLevel: LevelCycles[];
	/** How the latencies are known: "documented" or "measured" where all that were used are (at least) that, else "estimated". */
	basis: Basis;
}

/**
 * Cycles of all references, from the profile's latencies.
 *
 * Latencies of caches and memory are load-to-use, so they are not added up: a reference costs the latency of the one place
 * that answered it. The total is the sum over all caches of (demand references answered there x its latency), and the same
 * for memory. Demand references are the CPU's own at first levels, and the fetches and reads that their misses cause at outer
 * ones, fills for writes included. Page-walk reads cost likewise; a hit in a TLB adds that TLB's latency, a walk the walk's.
 *
 * Nothing waits for write-backs, write-throughs and writes that do not allocate, nor for what these fill further out: they cost
 * what their first level costs.
 * Where a fill takes several lines of the next level, each counts as its part. All overlap (several misses at a time,
 * out-of-order execution, prefetching) and all queueing is ignored: this is the time of references made one after the other.
 *
 * undefined: a latency that was needed is not in the profile, or there were no references.
 */
export function cyclesOf(profile: Profile, machine: MachineConfig, counts: Counts): Cycles | undefined {
	const { total: references } = counts.references;
	if (references === 0) return undefined;
	const { demand, walkReads } = answeredIn(machine, counts);
	const known = latencies(profile, machine);
	const bases: (Basis | undefined)[] = [];
	const byLevel: LevelCycles[] = [];
	let missing = false;
	const add = (level: LevelCycles, each: number | undefined, from: (Quantity | undefined)[]) => {
		const events = level.references + (level.walkReads ?? 0);
		if (events > 0 && each === undefined) missing = true;
		if (events > 0) bases.push(...from.flatMap((quantity) => (quantity === undefined ? [] : [basisOf(quantity)])));
		byLevel.push({ ...level, cycles: events * (each ?? 0) });
	};
	const place = (i: number) => ({ references: demand[i]!, walkReads: walkReads[i]!, cycles: 0 });

	machine.caches.forEach(({ name }, i) => {
		add({ level: name, ...place(i) }, known.caches[i], [profile.caches[name]?.latency]);
	});
	const memory = profile.memory?.cycles ?? profile.memory?.ns;
	const clock = profile.memory?.cycles === undefined ? profile.frequency : undefined;
	add({ level: "memory", ...place(machine.caches.length) }, known.memory, [memory, clock]);
	machine.tlbs.forEach(({ name }, i) => {
		const hits = counts.tlbs.reduce((sum, row) => sum + (row.tlb === i ? row.accesses - row.misses : 0), 0);
		add({ level: name, references: hits, cycles: 0 }, known.tlbs[i], [profile.tlbs[name]?.latency]);
	});
	const walks = counts.walks.reduce((sum, row) => sum + row.walks, 0);
	const each = machine.walk.enabled ? known.walk : (known.walk ?? 0);
	if (machine.tlbs.length > 0) {
		add({ level: "walk", references: walks, cycles: 0 }, each, [profile.walk.latency]);
	}
	if (missing) return undefined;
	const total = byLevel.reduce((sum, { cycles }) => sum + cycles, 0);
	return { total, perReference: total / references, byLevel, basis: weakest(bases) };
}

function basisOf(quantity: Quantity): Basis | undefined {
	return typeof quantity === "number" ? undefined : quantity.basis;
}

function weakest(bases: (Basis | undefined)[]): Basis {
	if (bases.length > 0 && bases.every((basis) => basis === "documented")) return "documented";
	const sure = bases.length > 0 && bases.every((basis) => basis === "documented" || basis === "measured");
	return sure ? "measured" : "estimated";
}

/** References answered at each cache and, last, at memory. */
function answeredIn(machine: MachineConfig, counts: Counts): { demand: number[]; walkReads: number[] } {
	const { caches, walk } = machine;
	const memory = caches.length;
	const demand: number[] = new Array(memory + 1).fill(0);
	const walkReads: number[] = new Array(memory + 1).fill(0);
	const sum = (cache: number, of: (row: Counts["caches"][number]) => number) => {
		return counts.caches.reduce((total, row) => total + (row.cache === cache ? of(row) : 0), 0);
	};
	/** From a cache outwards to memory, with the part of a reference that each look-up is. */
	const follow = (
		first: number,
		visit: (cache: number, part: number, inner: number) => [found: number, lost: number],
		to: number[],
	) => {
		let part = 1;
		let inner = -1;
		for (let at = first; at >= 0; inner = at, at = caches[at]!.next) {
			if (inner >= 0) part *= Math.min(1, caches[at]!.line / caches[inner]!.line);
			const [found, lost] = visit(at, part, inner);
			to[at]! += found * part;
			if (caches[at]!.next < 0) to[memory]! += lost * part;
		}
	};
	const { fetches, reads, writes } = counts.references;
	const entry = (side: "fetch" | "data") => caches.findIndex(({ serves }) => serves === side || serves === "both");

	if (memory === 0) demand[memory] = fetches + reads + writes;
	follow(
		entry("fetch"),
		(at) => {
			const lost = sum(at, (row) => row.fetchMisses);
			return [sum(at, (row) => row.fetches) - lost, lost];
		},
		demand,
	);
	follow(
		entry("data"),
		(at, _, inner) => {
			const readsLost = sum(at, (row) => row.readMisses - row.postedFillMisses);
			const readsFound = sum(at, (row) => row.reads - row.postedFills) - readsLost;
			// Where lines are never dirty, the writes that arrive at an outer level are misses of the CPU's writes.
			const waited = inner < 0 || !caches[inner]!.writebacks;
			if (!waited) return [readsFound, readsLost];
			const all = sum(at, (row) => row.writes);
			const lost = caches[at]!.allocate ? sum(at, (row) => row.writeMisses) : 0;
			return [readsFound + all - lost, readsLost + lost];
		},
		demand,
	);
	if (walk.enters < 0) walkReads[memory] = counts.walks.reduce((total, row) => total + row.reads, 0);
	follow(
		walk.enters,
		(at) => {
			const lost = sum(at, (row) => row.walkReadMisses);
			return [sum(at, (row) => row.walkReads) - lost, lost];
		},
		walkReads,
	);
	return { demand, walkReads };
}
