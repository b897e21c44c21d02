// What only some processors have, priced: fetches, software-written translations, accesses that go round the caches.

import { expect, test } from "vitest";
import { loadCostSync } from "../../src/cost/load.ts";
import { StalemateError } from "../../src/errors.ts";

const { cost } = loadCostSync();

/** Cycles of a round of the first actor beyond an empty one's. */
function cycles(profile: string, ...lines: string[]): number {
	const round = (body: string[]) => {
		const text = [
			"scenario priced",
			`  profile ${profile}`,
			"  page P",
			"  map C -> P",
			"  map I -> P uncached",
			"  map W -> P write-through",
			"  var own = 0",
			"  actor a on cpu 0",
			"    repeat:",
			"      load r9 <- own",
			"      work nothing",
			...body.map((line) => `      ${line}`),
			"  actor b on cpu 1",
			"    preempt off",
			"",
		].join("\n");
		const constants = { nothing: { value: 1, unit: "ns" as const, basis: "given" as const } };
		return cost(text, { constants, warmUp: 4, iterations: 16 }).cycles;
	};
	return Math.round(round(lines) - round([]));
}

const MEMORY = 188;

test("a fetch is priced by the cache that answers it", () => {
	expect(cycles("e500v2", "fetch C")).toBe(3);
	expect(cycles("e500v2", "fetch C", "icache.flush C")).toBeGreaterThan(22);
	expect(cycles("e500v2", "icache.flush C")).toBeLessThan(MEMORY);
});

test("what goes round the caches, or through them, is as long on its way as memory takes", () => {
	expect(cycles("e500v2", "load r0 <- C")).toBe(3);
	expect(cycles("e500v2", "load r0 <- I")).toBe(MEMORY);
	expect(cycles("e500v2", "store W <- 1")).toBe(MEMORY);
});

test("a translation that software writes costs a miss handler, one that it looks for a step", () => {
	expect(cycles("e500v2", "tlb.write C <- P writable")).toBe(40);
	expect(cycles("e500v2", "tlb.read r0 <- C", "set r1 <- r0")).toBeLessThan(3);
});

test("an invalidation that is posted is priced as one that is waited for", () => {
	const waited = cycles("e500v2", "tlb.purge C");
	expect(cycles("e500v2", "tlb.purge.posted C", "tlb.sync")).toBe(waited);
});

test("what a profile has no price for is refused by its name", () => {
	try {
		cycles("e500v2", "icache.flush all");
		expect.unreachable();
	} catch (error) {
		expect(error).toBeInstanceOf(StalemateError);
		expect((error as Error).message).toMatch(/e500v2 .*costs\.cacheFlush.*could stand in/);
	}
});
