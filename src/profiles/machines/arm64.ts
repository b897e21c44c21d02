import { merge } from "../merge.ts";
import { borrowed, documented, estimated } from "../quantity.ts";
import type { CacheProfile, Profile } from "../types.ts";
import { broadwell } from "./broadwell.ts";
import { G, K, M, pipt, writeBack } from "./common.ts";

const TYPICAL = "typical of 64-bit Arm server cores; stands for no particular part";

function level(size: number, ways: number, latency: number, sharedBy: number): CacheProfile {
	return {
		size: estimated(size, TYPICAL),
		ways: estimated(ways, TYPICAL),
		line: estimated(64, TYPICAL),
		...pipt,
		...writeBack,
		replacement: "plru",
		latency: estimated(latency, TYPICAL),
		sharedBy,
	};
}

const l1 = () => level(64 * K, 4, 4, 1);
const tlb = { replacement: "lru", sharedBy: 1 } as const;
const pages = [4 * K, 2 * M, G];

/** A machine under the Armv8 memory model, whose TLB purges are broadcast. */
export const arm64Generic = (): Profile => ({
	id: "arm64-generic",
	title: "a 64-bit Arm server, 4 cores, PIPT caches, broadcast TLB purges",
	version: 1,
	notes: ["No particular part: a contrast in memory model and in how TLBs are purged."],
	caches: { L1I: l1(), L1D: l1(), L2: level(M, 8, 11, 1), L3: level(8 * M, 16, 40, 0) },
	tlbs: {
		ITLB: { entries: estimated(48, TYPICAL), ways: "full", pages, ...tlb },
		DTLB: { entries: estimated(48, TYPICAL), ways: "full", pages, ...tlb },
		STLB: {
			entries: estimated(1280, TYPICAL),
			ways: estimated(5, TYPICAL),
			pages: [4 * K, 2 * M],
			...tlb,
			latency: estimated(6, TYPICAL),
		},
	},
	walk: {
		enabled: true,
		software: false,
		breakBeforeMake: true,
		levels: Array.from({ length: 4 }, () => documented(9, "Armv8 with pages of 4 KiB: tables of 512 entries")),
		entry: estimated(8, "Armv8 long descriptors"),
		enters: "L1D",
		caches: [estimated(4, TYPICAL), estimated(8, TYPICAL), estimated(32, TYPICAL)],
		latency: estimated(30, TYPICAL, [20, 60]),
		walkers: estimated(2, TYPICAL),
	},
	translation: { policy: "first-touch" },
	straddle: "split",
	memoryModel: "arm8",
	speculativeMoveIn: true,
	smap: true,
	pcid: true,
	asids: estimated(65536, "16-bit address-space numbers"),
	frequency: estimated(2.6, TYPICAL),
	cpus: { sockets: 1, cores: estimated(4, TYPICAL), threads: 1 },
	memory: { ns: estimated(100, TYPICAL, [80, 140]) },
	coherence: { protocol: "moesi", instructions: false },
	tlbPurge: { by: "broadcast" },
	costs: borrowed(broadwell().costs, "broadwell"),
});

/** The same machine under the weakest model, whose TLB purges need interrupts. */
export const weakGeneric = (): Profile =>
	merge(arm64Generic(), {
		id: "weak-generic",
		title: "a weakly ordered machine (RCpc), 4 cores, PIPT caches, TLB purges by interrupt",
		memoryModel: "rcpc",
		walk: { breakBeforeMake: false },
		tlbPurge: { by: "ipi" },
	});
