import { merge } from "../merge.ts";
import { computed, documented, estimated, known, measured } from "../quantity.ts";
import type { CacheProfile, Profile } from "../types.ts";
import { K, M, pipt, vipt, writeBack } from "./common.ts";
import { pa2Pages, pariscOrder, softwareWalk, unifiedTlb } from "./parisc.ts";

const PA8800 = "PA-8800 documentation";

const l1 = (): CacheProfile => ({
	size: documented(768 * K, PA8800),
	ways: estimated(6, "768 KB does not divide otherwise into ways of a power of two that is plausible"),
	line: documented(128, PA8800),
	...vipt,
	...writeBack,
	// Round-robin, as in the PA-8600: an estimate.
	replacement: "fifo",
	latency: estimated(3, "the PA-8600's pipeline", [2, 3]),
	sharedBy: 1,
});

export const pa8800 = (): Profile => ({
	id: "pa8800",
	title: "HP PA-8800, 2 cores, 32 MB external L2 filled by clean victims",
	version: 1,
	notes: [
		"That the L2 takes clean victims rests on one developer's statement: caches.L2.fillOnCleanVictim turns it off.",
		"The trace simulator models the L2 as neither inclusive nor exclusive, whatever the toggle says.",
	],
	caches: {
		L1I: l1(),
		L1D: l1(),
		L2: {
			size: documented(32 * M, PA8800),
			ways: documented(4, PA8800),
			line: documented(128, PA8800),
			...pipt,
			...writeBack,
			replacement: "lru",
			latency: documented(40, PA8800),
			sharedBy: 2,
			fillOnCleanVictim: true,
		},
	},
	tlbs: { TLB: unifiedTlb(documented(240, PA8800), pa2Pages()) },
	walk: softwareWalk(),
	...pariscOrder(),
	speculativeMoveIn: true,
	frequency: estimated(1, "chosen from the documented 0.8 to 1.1 GHz of PA-8800 and PA-8900", [0.8, 1.1]),
	cpus: { sockets: 1, cores: documented(2, PA8800), threads: 1 },
	memory: { ns: known(110, "depends on the chipset", [80, 330]) },
	alias: {
		architected: documented(16 * M, "PA-RISC architecture: aliases that far apart are equivalent"),
		implemented: documented(4 * M, "what the processors implement"),
	},
	costs: {
		lineFlushAbsent: computed(39, "from third-party measurements", [19, 60]),
		lineFlushClean: estimated(45, "a little more than an absent line", [39, 80]),
		lineFlushDirty: estimated(120, "an absent line and the write-back", [60, 250]),
		cacheFlush: measured(2.7e6, "third-party measurement of the whole-cache flush"),
		tlbPurgePage: computed(439, "from a boot log: data and instruction purge and the lock around them", [200, 900]),
		tlbPurgeAll: measured(30877, "third-party measurement of a purge of the whole TLB"),
		interruptMask: estimated(5, "RSM or SSM and the instructions that must pass before it holds", [1, 10]),
	},
});

export const pa8900 = (): Profile =>
	merge(pa8800(), {
		id: "pa8900",
		title: "HP PA-8900, 2 cores, 64 MB external L2 filled by clean victims",
		caches: { L2: { size: documented(64 * M, "PA-8900 documentation") } },
		frequency: estimated(1.1, "chosen from the documented 0.8 to 1.1 GHz of PA-8800 and PA-8900", [0.8, 1.1]),
	});
