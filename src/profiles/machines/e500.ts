import { merge } from "../merge.ts";
import { documented, estimated, known } from "../quantity.ts";
import type { CacheProfile, Profile, TlbProfile } from "../types.ts";
import { G, K, M, pipt, powersOfFour, writeBack } from "./common.ts";

// Freescale's e500 cores. Each side has a small first-level MMU kept by hardware (fixed 4 KiB pages, and variable sizes); behind
// them TLB0 (4 KiB) and TLB1 (variable) are filled by software.

const MANUAL = "e500 core reference manual";

function variable(entries: number, most: number, latency?: TlbProfile["latency"]): TlbProfile {
	const pages = powersOfFour(16 * K, most);
	const tlb: TlbProfile = {
		entries: documented(entries, MANUAL),
		ways: "full",
		pages,
		replacement: "lru",
		sharedBy: 1,
	};
	return latency === undefined ? tlb : { ...tlb, latency };
}

function fixed(entries: number, ways: number): TlbProfile {
	return {
		entries: documented(entries, MANUAL),
		ways: documented(ways, MANUAL),
		pages: [4 * K],
		replacement: "lru",
		sharedBy: 1,
	};
}

const outer = () => estimated(5, "a look-up in the second-level MMU", [3, 10]);

function tlbs(tlb0: [entries: number, ways: number], tlb1: number, most: number): Record<string, TlbProfile> {
	return {
		ITLB: { ...fixed(64, 4), next: "TLB0" },
		DTLB: { ...fixed(64, 4), next: "TLB0" },
		ITLBV: { ...variable(4, most), next: "TLB1" },
		DTLBV: { ...variable(4, most), next: "TLB1" },
		TLB0: { ...fixed(...tlb0), latency: outer() },
		TLB1: variable(tlb1, most, outer()),
	};
}

/** Way size and page size are equal: the index lies within the page, so there are no virtual aliases. */
function l1(line: number): CacheProfile {
	return {
		size: documented(32 * K, MANUAL),
		ways: documented(8, MANUAL),
		line: documented(line, MANUAL),
		...pipt,
		...writeBack,
		replacement: "plru",
		latency: documented(3, MANUAL),
		sharedBy: 1,
	};
}

function outerCache(size: number, ways: number, line: number, latency: number, sharedBy: number): CacheProfile {
	return {
		size: estimated(size, "usual size in parts with this core"),
		ways: estimated(ways, "usual associativity in parts with this core"),
		line: estimated(line, "as in the first level"),
		...pipt,
		...writeBack,
		replacement: "plru",
		latency: estimated(latency, "a guess between the core's manual and measurements of similar parts"),
		sharedBy,
	};
}

export const e500v1 = (): Profile => ({
	id: "e500v1",
	title: "Freescale e500v1, 1 core at 1 GHz, 256 KB L2",
	version: 1,
	notes: [
		"The instruction cache is not snooped.",
		"Memory attributes (WIMGE) decide about caching: W with I is not supported, and changing I or W needs a flush first.",
		"The memory model is weak and multi-copy atomic: the arm8 model stands in for it.",
	],
	caches: { L1I: l1(32), L1D: l1(32), L2: outerCache(256 * K, 8, 32, 22, 0) },
	tlbs: tlbs([256, 2], 16, 256 * M),
	walk: {
		enabled: true,
		software: true,
		levels: Array.from({ length: 2 }, () => estimated(10, "tables of a 32-bit kernel with entries of 4 bytes")),
		entry: estimated(4, "entry of a 32-bit kernel"),
		enters: "L1D",
		latency: estimated(40, "the miss handler, its reads hitting", [25, 80]),
		walkers: documented(1, "a miss handler is ordinary code: one at a time"),
	},
	translation: { policy: "first-touch" },
	straddle: "split",
	memoryModel: "rcpc",
	speculativeMoveIn: true,
	smap: false,
	pcid: true,
	asids: documented(256, "the PID register has 8 bits"),
	frequency: estimated(1, "a usual clock rate"),
	cpus: { sockets: 1, cores: known(1, "parts with this core have one"), threads: 1 },
	memory: { ns: estimated(125, "embedded boards with DDR memory", [100, 150]) },
	coherence: { protocol: "mesi", instructions: false },
	tlbPurge: { by: "broadcast" },
	attributes: "wimge",
	shadowTlbs: {
		TLB0: {
			entries: documented(128, "KVM source: the guest's TLB0"),
			ways: documented(2, "KVM source: the guest's TLB0"),
		},
		TLB1: {
			entries: documented(16, "KVM source: the guest's TLB1"),
			ways: documented(16, "KVM source: the guest's TLB1"),
		},
	},
	costs: {
		lineFlushAbsent: estimated(4, "dcbf of a line that is not there"),
		lineFlushBroadcast: estimated(20, "where the M attribute is set"),
		lineFlushDirty: estimated(60, "dcbf of a dirty line, to which the memory's latency is added"),
		tlbPurgePage: estimated(150, "tlbivax, which is broadcast and snooped, then tlbsync", [80, 400]),
		fullFence: estimated(40, "msync"),
		atomic: estimated(15, "lwarx and stwcx. of a line held"),
		interruptMask: estimated(4, "wrteei, which waits for what was issued before it", [2, 10]),
	},
});

export const e500v2 = (): Profile =>
	merge(e500v1(), {
		id: "e500v2",
		title: "Freescale e500v2 (MPC8572), 2 cores at 1.5 GHz, 512 KB L2",
		caches: { L2: outerCache(512 * K, 8, 32, 22, 0) },
		tlbs: tlbs([512, 4], 16, 4 * G),
		frequency: estimated(1.5, "a usual clock rate"),
		cpus: { cores: known(2, "the MPC8572") },
	});

export const e500mc = (): Profile =>
	merge(e500v1(), {
		id: "e500mc",
		title: "Freescale e500mc (P4080), 8 cores at 1.5 GHz, 128 KB L2 each, 2 MB L3",
		caches: {
			L1I: l1(64),
			L1D: l1(64),
			L2: outerCache(128 * K, 8, 64, 11, 1),
			L3: outerCache(2 * M, 32, 64, 50, 0),
		},
		tlbs: tlbs([512, 4], 64, 4 * G),
		frequency: estimated(1.5, "a usual clock rate"),
		cpus: { cores: known(8, "the P4080") },
	});
