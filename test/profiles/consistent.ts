import { expect } from "vitest";
import type { MachineConfig } from "../../bindings/config.ts";
import { amount, type Profile } from "../../src/profiles/index.ts";

/** Expects of a resolved machine what the core takes for granted. */
export function consistent(profile: Profile, machine: MachineConfig): void {
	const { caches, tlbs, walk, translation } = machine;
	for (const [number, cache] of caches.entries()) {
		const { size } = profile.caches[cache.name]!;
		if (size !== undefined) expect(cache.sets * cache.ways * cache.line).toBe(amount(size));
		expect(Number.isInteger(cache.sets) && cache.sets >= 1).toBe(true);
		expect(cache.ways).toBeLessThanOrEqual(cache.replacement === "plru" ? 64 : 65535);
		expect(Number.isInteger(Math.log2(cache.line)) && cache.line >= 8).toBe(true);
		expect(cache.next === -1 || (cache.next > number && cache.next < caches.length)).toBe(true);
		if (cache.serves === "none") expect(caches.some(({ next }) => next === number)).toBe(true);
		if (cache.inclusion === "exclusive") {
			expect(cache.serves).toBe("none");
			for (const inner of caches) if (inner.next === number) expect(inner.line).toBe(cache.line);
		}
		const outer = caches[cache.next];
		if (outer && outer.sharedBy !== 0) expect(cache.sharedBy !== 0 && outer.sharedBy % cache.sharedBy === 0).toBe(true);
	}
	const inUse = [translation.page, ...translation.huge.map(({ page }) => page)];
	for (const side of ["fetch", "data"] as const) {
		const first = caches.filter(({ serves }) => serves === side || serves === "both");
		expect(first.length).toBe(caches.length ? 1 : 0);
		for (const page of inUse) {
			const holders = tlbs.filter(
				({ serves, pages }) => (serves === side || serves === "both") && pages.includes(page),
			);
			expect(holders.length).toBe(tlbs.length ? 1 : 0);
		}
	}
	for (const [number, tlb] of tlbs.entries()) {
		expect(tlb.sets * tlb.ways).toBe(amount(profile.tlbs[tlb.name]!.entries));
		expect(tlb.pages.length).toBeGreaterThan(0);
		expect(tlb.next.length).toBe(tlb.pages.length);
		for (const [i, next] of tlb.next.entries()) {
			expect(inUse).toContain(tlb.pages[i]);
			expect(next === -1 || (next > number && tlbs[next]!.pages.includes(tlb.pages[i]!))).toBe(true);
		}
	}
	expect(walk.caches.length).toBe(walk.levels.length - 1);
	expect(walk.enters).toBeLessThan(caches.length);
	expect(walk.enabled && tlbs.length === 0).toBe(false);
	let end = 0n;
	for (const range of translation.huge) {
		const size = 1n << BigInt(range.page);
		expect(range.start >= end && range.start < range.end && range.end >> 64n === 0n).toBe(true);
		expect([range.start % size, range.end % size]).toEqual([0n, 0n]);
		end = range.end;
	}
}
