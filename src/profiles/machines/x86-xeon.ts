import { computed, documented, estimated, known, measured } from "../quantity.ts";
import type { CacheProfile, MemoryProfile, Profile, TlbProfile } from "../types.ts";
import { deviceCosts, G, K, M, pipt, vipt, writeBack, x86Walk } from "./common.ts";

// What Haswell-EP and Broadwell have in common: the same core but for details, the same ring and L3 slices.

const BENCH = "third-party microbenchmarks of the core";

const l1 = (): CacheProfile => ({
	size: measured(32 * K, BENCH),
	ways: measured(8, BENCH),
	line: measured(64, BENCH),
	...vipt,
	...writeBack,
	replacement: "plru",
	latency: measured(4, BENCH),
	sharedBy: 1,
});

/** Private caches; L3 slices are added by each machine. */
export const innerCaches = (): Record<string, CacheProfile> => ({
	L1I: l1(),
	L1D: l1(),
	L2: {
		size: measured(256 * K, BENCH),
		ways: measured(8, BENCH),
		line: measured(64, BENCH),
		...pipt,
		...writeBack,
		replacement: "plru",
		latency: measured(12, BENCH),
		sharedBy: 1,
	},
});

/** Inclusive, hashed over slices of 2.5 MB per core; the hash spreads lines evenly and is modelled as plain indexing. */
export function slicedL3(cores: number, sharedBy: number): CacheProfile {
	return {
		size: estimated(cores * 2.5 * M, `slices of 2.5 MB (measured) for ${cores} cores (a guess at the part)`),
		ways: measured(20, BENCH),
		line: measured(64, BENCH),
		...pipt,
		...writeBack,
		inclusion: "inclusive",
		replacement: "srrip",
		latency: measured(54, `${BENCH}; depends on the distance to the slice`, [49, 65]),
		sharedBy,
	};
}

/** How the TLBs evict is not documented: LRU, as other simulators take it. */
const tlb = { replacement: "lru", sharedBy: 1 } as const;

/** First-level TLBs, and the second level for pages of 1 GiB where there is one. */
export const innerTlbs = (): Record<string, TlbProfile> => ({
	ITLB: {
		entries: measured(
			64,
			`${BENCH}, per thread; Intel's tables say 128 entries, 4-way, shared by two threads`,
			[64, 128],
		),
		ways: measured(8, BENCH),
		pages: [4 * K],
		...tlb,
	},
	ITLB2M: {
		entries: known(8, "Intel's tables: 8 entries per thread for large pages of code; 1 GiB pages are taken as one"),
		ways: "full",
		pages: [2 * M, G],
		...tlb,
	},
	DTLB: { entries: measured(64, BENCH), ways: measured(4, BENCH), pages: [4 * K], ...tlb },
	DTLB2M: { entries: measured(32, BENCH), ways: measured(4, BENCH), pages: [2 * M], ...tlb },
	DTLB1G: { entries: measured(4, BENCH), ways: measured(4, BENCH), pages: [G], ...tlb },
});

/** The second-level TLB of 4 KiB and 2 MiB pages. */
export function sharedTlb(entries: number, ways: number): TlbProfile {
	return {
		entries: measured(entries, BENCH),
		ways: measured(ways, BENCH),
		pages: [4 * K, 2 * M],
		...tlb,
		latency: estimated(7, "penalty of a first-level miss that the second level answers"),
	};
}

export const largeTlb = (): TlbProfile => ({
	entries: measured(16, BENCH),
	ways: measured(4, BENCH),
	pages: [G],
	...tlb,
	latency: estimated(7, "penalty of a first-level miss that the second level answers"),
});

const REVERSED = "of the order that reverse engineering of Intel cores reports, not checked again";

export function walker(walkers: number): Profile["walk"] {
	return {
		...x86Walk(),
		caches: [estimated(2, REVERSED, [0, 4]), estimated(4, REVERSED, [3, 4]), estimated(24, REVERSED, [16, 32])],
		latency: estimated(30, "a walk whose reads hit close by", [25, 40]),
		walkers: documented(walkers, "the maker's description of the core"),
	};
}

/** Memory and everything between sockets keeps its own time: 250 cycles [221-277] were measured at 2.6 GHz. */
export const memory = (): MemoryProfile => ({
	ns: computed(96.2, "250 cycles [221-277] measured at 2.6 GHz", [85, 106.5]),
});

const IPI = "from a kernel developers' comparison of shootdowns";

/** Costs common to both; line flush, SMAP and barriers differ. */
export const xeonCosts = (): Profile["costs"] => ({
	...deviceCosts(),
	lineFlushDirty: estimated(200, "a flush that waits for the write-back", [100, 350]),
	cacheFlush: measured(2.49e6, "third-party measurement of WBINVD"),
	tlbPurgePage: measured(216, "third-party measurement of INVLPG", [96, 366]),
	tlbPurgeAll: measured(960, "third-party measurement of toggling CR4.PGE"),
	addressSpaceSwitch: measured(124, "third-party measurement of a CR3 write", [96, 251]),
	ptiSwitch: estimated(125, "reports on page-table isolation", [100, 150]),
	accessOk: estimated(10, "a compare and a branch, one access per packet assumed"),
	speculationBarrier: computed(
		33,
		"from per-packet costs that kernel developers published, LFENCE in its context",
		[10, 40],
	),
	indexMask: estimated(3, "a compare, a subtract with borrow and an AND"),
	retpoline: estimated(25, "reports on retpolines, per indirect branch"),
	fullFence: measured(33, "third-party measurement of MFENCE"),
	atomic: measured(19, "third-party measurement of LOCK-prefixed operations"),
	atomicRemoteCore: measured(214, "third-party measurement of compare-and-swap on another core's line"),
	atomicRemoteSocket: measured(930, "third-party measurement of compare-and-swap on another socket's line"),
	spinlockPair: measured(32, "third-party measurement", [23, 40]),
	mutexPair: estimated(45, "two atomic operations and the call around them"),
	srcuPair: computed(60, "from measured parts of the path", [45, 90]),
	minorFault: estimated(1500, "reports on fault latency", [1000, 3200]),
	interruptMask: estimated(5, "CLI or STI, a few micro-operations; a pair took 16 cycles on a Pentium", [2, 10]),
	interrupt: estimated(500, "entry, exit and what the kernel does between them"),
	contextSwitch: measured(2500, "third-party measurement"),
	ipiRoundTrip: computed(714, `${IPI}; includes the remote flush`, [600, 1500]),
	ipiPerCpu: computed(85, IPI, [70, 100]),
	ipiFlush: estimated(100, "the part of the round trip taken for the flush"),
	ipiSend: estimated(100, "a split of the round trip"),
	ipiDeliver: estimated(300, "a split of the round trip"),
	ipiQueue: estimated(265, "a split of the round trip"),
});

export const xeonAsids = () => documented(6, "Linux keeps six address-space numbers per CPU");
export const replacementNote =
	"Replacement is estimated: tree-PLRU in L1 and L2, SRRIP for the L3's quad-age policy, LRU in the TLBs.";
