import { expect } from "vitest";
import type { MachineConfig } from "../../bindings/config.ts";
import type { CacheCounts, Counts } from "../../bindings/counts.ts";

/** What holds of the counts of every machine since it was empty, whatever the rules in between. */
export function areConsistent(counts: Counts, config: MachineConfig): void {
	const { references, caches, tlbs, walks } = counts;
	expect(references.total, "references").toBe(references.fetches + references.reads + references.writes);
	for (const row of caches) {
		const { name } = config.caches[row.cache]!;
		expect(row.fetchMisses, `${name} fetches`).toBeLessThanOrEqual(row.fetches);
		expect(row.readMisses, `${name} reads`).toBeLessThanOrEqual(row.reads);
		expect(row.writeMisses, `${name} writes`).toBeLessThanOrEqual(row.writes);
		expect(row.walkReadMisses, `${name} walk reads`).toBeLessThanOrEqual(row.walkReads);
		expect(row.victimMisses, `${name} victims`).toBeLessThanOrEqual(row.victims);
		expect(row.writeFills, `${name} fills for writes`).toBeLessThanOrEqual(row.reads);
		expect(row.writeFillMisses, `${name} fills for writes`).toBeLessThanOrEqual(row.readMisses);
		expect(row.evictions, `${name} evictions`).toBeLessThanOrEqual(row.fills);
	}
	for (const [cache, each] of config.caches.entries()) {
		const sum = total(caches.filter((row) => row.cache === cache));
		const instances = each.sharedBy === 0 ? 1 : Math.ceil(config.cpus / each.sharedBy);
		const capacity = instances * each.sets * each.ways;
		const misses = sum.fetchMisses + sum.readMisses + sum.writeMisses + sum.walkReadMisses;
		const readHits = sum.fetches + sum.reads + sum.walkReads + sum.writeMisses - misses;
		const movedUp = each.inclusion === "exclusive" ? readHits : 0;
		const held = sum.fills - sum.evictions - sum.invalidations - sum.lost - movedUp;
		if (sum.flushed > 0) continue;
		expect(held, `lines left in ${each.name}`).toBeGreaterThanOrEqual(0);
		expect(held, `lines left in ${each.name}`).toBeLessThanOrEqual(capacity);
		const classed = sum.compulsory + sum.capacity + sum.conflict;
		expect([0, misses], `${each.name} classes`).toContain(classed);
		if (!each.writebacks || each.write === "through") {
			const merges = each.inclusion === "inclusive" ? Number.POSITIVE_INFINITY : 0;
			expect(sum.writebacks, `${each.name} write-backs`).toBeLessThanOrEqual(merges);
		}
		if (each.inclusion !== "exclusive") expect(sum.victims, `${each.name} victims`).toBe(0);
		if (each.serves !== "none") continue;
		expect(sum.invalidations, `${each.name} invalidations`).toBeLessThanOrEqual(
			config.caches.some(({ inclusion }) => inclusion === "inclusive") ? Number.POSITIVE_INFINITY : 0,
		);
	}
	for (const row of tlbs) {
		const { name } = config.tlbs[row.tlb]!;
		expect(row.misses, `${name} misses`).toBeLessThanOrEqual(row.accesses);
		expect(row.fills, `${name} fills`).toBe(row.misses);
		expect(row.evictions, `${name} evictions`).toBeLessThanOrEqual(row.fills);
	}
	for (const row of walks) {
		expect(row.cacheHits, "paging-structure cache hits").toBeLessThanOrEqual(row.walks);
		const depth = config.walk.levels.length;
		expect(row.reads, "walk reads").toBeLessThanOrEqual(row.walks * depth);
		expect(row.reads, "walk reads").toBeGreaterThanOrEqual(config.walk.enabled ? row.walks : 0);
	}
}

function total(rows: CacheCounts[]): CacheCounts {
	const sum = { ...rows[0]! };
	for (const row of rows.slice(1)) for (const key of Object.keys(sum) as (keyof CacheCounts)[]) sum[key] += row[key];
	return sum;
}
