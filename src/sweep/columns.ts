import type { CacheCounts, Counts } from "../../bindings/counts.ts";
import type { Cycles } from "../simulate/cycles.ts";
import type { Rows } from "../simulate/result.ts";
import { patternOf } from "./axes.ts";

/** A value in a row of results. */
export type Cell = number | string | boolean | null;
export type Columns = Record<string, Cell>;

/** Of all columns those that are wanted, in the order in which they are there. */
export function chooser(outputs: readonly string[]): (all: Columns) => Columns {
	const patterns = outputs.map(patternOf);
	const wanted = new Map<string, boolean>();
	return (all) => {
		const chosen: Columns = {};
		for (const name in all) {
			let is = wanted.get(name);
			if (is === undefined) {
				is = patterns.some((pattern) => pattern.test(name));
				wanted.set(name, is);
			}
			if (is) chosen[name] = all[name]!;
		}
		return chosen;
	};
}

/** Everything counted, over all CPUs: `L1D.misses`, `DTLB.missRatio`, `walks.reads`. */
export function countColumns({ references, operations, caches, tlbs, walks }: Rows): Columns {
	const columns: Columns = {};
	for (const [name, value] of Object.entries(references)) columns[`references.${name}`] = value;
	for (const [name, value] of Object.entries(operations ?? {})) columns[`operations.${name}`] = value;
	for (const row of [...caches, ...tlbs]) {
		for (const [field, value] of Object.entries(row)) {
			if (typeof value !== "number" || field === "cpu") continue;
			const name = `${row.name}.${field}`;
			columns[name] = ((columns[name] as number | undefined) ?? 0) + value;
		}
	}
	for (const { name } of [...caches, ...tlbs]) {
		const [accesses, misses] = [columns[`${name}.accesses`] as number, columns[`${name}.misses`] as number];
		columns[`${name}.missRatio`] = accesses > 0 ? misses / accesses : 0;
	}
	for (const field of ["walks", "reads", "cacheHits"] as const) {
		columns[`walks.${field}`] = walks.reduce((sum, row) => sum + row[field], 0);
	}
	return columns;
}

/** What the counts cost; null where the profile has no latencies. */
export function cycleColumns(cycles: Cycles | undefined): Columns {
	return {
		"cycles.total": cycles?.total ?? null,
		"cycles.perReference": cycles?.perReference ?? null,
		"cycles.basis": cycles?.basis ?? null,
	};
}

export const NO_OPERATIONS: Counts["operations"] = { switches: 0, maps: 0, unmaps: 0, flushes: 0, shootdowns: 0 };

/** What rows leave out where there is none of it. */
export const NO_CACHE_COUNTS: Omit<CacheCounts, "cache"> = {
	cpu: 0,
	fetches: 0,
	fetchMisses: 0,
	reads: 0,
	readMisses: 0,
	writeFills: 0,
	writeFillMisses: 0,
	postedFills: 0,
	postedFillMisses: 0,
	writes: 0,
	writeMisses: 0,
	walkReads: 0,
	walkReadMisses: 0,
	victims: 0,
	victimMisses: 0,
	fills: 0,
	evictions: 0,
	writebacks: 0,
	invalidations: 0,
	compulsory: 0,
	capacity: 0,
	conflict: 0,
	coherenceMisses: 0,
	lost: 0,
	interventions: 0,
	upgrades: 0,
	synonyms: 0,
	homonyms: 0,
	flushed: 0,
};

/** The counters that rows were made of. */
export function countsOf(rows: Rows, caches: readonly string[], tlbs: readonly string[]): Counts {
	return {
		references: rows.references,
		operations: rows.operations ?? NO_OPERATIONS,
		caches: rows.caches.map(({ name, ...row }) => ({ ...NO_CACHE_COUNTS, ...row, cache: caches.indexOf(name) })),
		tlbs: rows.tlbs.map(({ name, ...row }) => ({ shot: 0, refills: 0, ...row, tlb: tlbs.indexOf(name) })),
		walks: rows.walks,
	};
}
