/** Configurations for tests: everything that a test does not name has a plain default. */

import type { CacheConfig, MachineConfig, TlbConfig } from "../../bindings/config.ts";

/** A private, physically addressed, write-back, write-allocate LRU cache of one set and one way in front of memory. */
export function cache(different: Partial<CacheConfig> = {}): CacheConfig {
	return {
		name: "cache",
		sets: 1,
		ways: 1,
		line: 64,
		index: "physical",
		tag: "physical",
		inclusion: "nine",
		replacement: "lru",
		write: "back",
		allocate: true,
		writebacks: true,
		serves: "none",
		next: -1,
		sharedBy: 1,
		...different,
	};
}

/** An LRU TLB of 4 KiB pages, one set and one way, in front of the walker. */
export function tlb(different: Partial<TlbConfig> = {}): TlbConfig {
	const pages = different.pages ?? [12];
	return {
		name: "tlb",
		sets: 1,
		ways: 1,
		replacement: "lru",
		pages,
		serves: "both",
		next: pages.map(() => -1),
		sharedBy: 1,
		...different,
	};
}

/** One CPU, identity translation of 4 KiB pages, no TLBs. The parts of `walk` and `translation` are defaulted too. */
export function machine(
	different: Partial<Omit<MachineConfig, "walk" | "translation">> & {
		walk?: Partial<MachineConfig["walk"]>;
		translation?: Partial<MachineConfig["translation"]>;
	} = {},
): MachineConfig {
	const { walk, translation, ...rest } = different;
	return {
		cpus: 1,
		caches: [cache({ serves: "both" })],
		tlbs: [],
		straddle: "split",
		coherence: { protocol: "none", instructions: true },
		tagged: true,
		seed: 1n,
		...rest,
		walk: { enabled: false, levels: [9, 9, 9, 9], entry: 8, enters: -1, caches: [0, 0, 0], ...walk },
		translation: { policy: "identity", page: 12, colours: 1, frames: 20, huge: [], ...translation },
	};
}

/** Names to the levels, each pointing to the one after it. The first one serves everything. */
export function chain(...levels: Partial<CacheConfig>[]): CacheConfig[] {
	return levels.map((level, i) =>
		cache({
			name: `L${i + 1}`,
			serves: i === 0 ? "both" : "none",
			next: i + 1 < levels.length ? i + 1 : -1,
			...level,
		}),
	);
}

function sized(name: string, bytes: number, ways: number, different: Partial<CacheConfig>): CacheConfig {
	return cache({ name, sets: bytes / ways / 64, ways, ...different });
}

const KIB = 1024;

/** Dinero IV's counts are known for this one. */
export function b2(): MachineConfig {
	return machine({
		caches: [
			sized("L1I", 32 * KIB, 8, { serves: "fetch", next: 2 }),
			sized("L1D", 32 * KIB, 8, { serves: "data", next: 2 }),
			sized("L2", 256 * KIB, 8, { next: 3 }),
			sized("L3", 2048 * KIB, 16, {}),
		],
	});
}

/** b2 with an L3 of 2.5 MiB and 20 ways. */
export function bdw(): MachineConfig {
	const config = b2();
	config.caches[3] = sized("L3", 2560 * KIB, 20, {});
	return config;
}

/** drcachesim's counts are known for these TLBs. */
export function tlbs(): MachineConfig {
	return machine({
		caches: [],
		tlbs: [
			tlb({ name: "ITLB", sets: 32, ways: 4, serves: "fetch", next: [2] }),
			tlb({ name: "DTLB", sets: 16, ways: 4, serves: "data", next: [2] }),
			tlb({ name: "STLB", sets: 256, ways: 6, serves: "none" }),
		],
	});
}

/** cachegrind's caches. */
export function cachegrind(): MachineConfig {
	const compat = { writebacks: false };
	return machine({
		straddle: "once",
		caches: [
			sized("I1", 32 * KIB, 8, { ...compat, serves: "fetch", next: 2 }),
			sized("D1", 32 * KIB, 8, { ...compat, serves: "data", next: 2 }),
			sized("LL", 256 * KIB, 8, compat),
		],
	});
}
