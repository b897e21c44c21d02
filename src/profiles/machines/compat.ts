import { merge } from "../merge.ts";
import type { CacheProfile, Profile } from "../types.ts";
import { abstract } from "./abstract.ts";
import { K, M, pipt, writeBack } from "./common.ts";

// Machines that agree count for count with other simulators. Their numbers are definitions, not findings: no provenance.

function lru(size: number, ways: number): CacheProfile {
	return { size, ways, line: 64, ...pipt, ...writeBack, replacement: "lru", sharedBy: 1 };
}

const outer = { sharedBy: 0 };

export const compatDineroB2 = (): Profile => ({
	...abstract(),
	id: "compat-dinero-b2",
	title: "as Dinero IV counts: 32 + 32 KB L1, 256 KB L2, 2 MB L3, LRU, demand-filled",
	caches: { L1I: lru(32 * K, 8), L1D: lru(32 * K, 8), L2: lru(256 * K, 8), L3: { ...lru(2 * M, 16), ...outer } },
	tlbs: {
		ITLB: { entries: 128, ways: 4, pages: [4 * K], replacement: "lru", sharedBy: 1 },
		DTLB: { entries: 64, ways: 4, pages: [4 * K], replacement: "lru", sharedBy: 1 },
		STLB: { entries: 1536, ways: 6, pages: [4 * K], replacement: "lru", sharedBy: 1 },
	},
});

export const compatBdw = (): Profile =>
	merge(compatDineroB2(), {
		id: "compat-bdw",
		title: "compat-dinero-b2 with an L3 of 2.5 MB, 20-way",
		caches: { L3: { size: 2.5 * M, ways: 20 } },
	});

const cachegrind = { writebacks: false } as const;

export const compatCachegrind = (): Profile => ({
	...abstract(),
	id: "compat-cachegrind",
	title: "as cachegrind counts: I1 and D1 of 32 KB, last level of 256 KB, all 8-way, no write-backs",
	caches: {
		L1I: { ...lru(32 * K, 8), ...cachegrind },
		L1D: { ...lru(32 * K, 8), ...cachegrind },
		L2: { ...lru(256 * K, 8), ...cachegrind, ...outer },
	},
	straddle: "once",
});
