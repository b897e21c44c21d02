import { merge } from "../merge.ts";
import { documented, estimated } from "../quantity.ts";
import type { CacheProfile, Profile } from "../types.ts";
import { K, M, pipt, vipt, writeBack } from "./common.ts";
import { pa2Pages, pariscOrder, softwareWalk, unifiedTlb } from "./parisc.ts";

// The machine of a mailing-list statement, taken to the letter, and two controls that differ from it in one thing each. Its
// numbers are not those of any real part: none is taken from the PA-8800.

const GUESS = "chosen: the statement gives no size";
const LINE = "the statement: lines of about 32 bytes, 128 flushes per page";

function level(size: number, ways: number, latency: number): CacheProfile {
	return {
		size: estimated(size, GUESS),
		ways: estimated(ways, GUESS),
		line: estimated(32, LINE, [16, 64]),
		...writeBack,
		replacement: "lru",
		latency: estimated(latency, GUESS),
		sharedBy: 1,
	};
}

const l1 = () => ({ ...level(64 * K, 2, 2), ...vipt });

export const pariscP9xxx = (): Profile => ({
	id: "parisc-p9xxx",
	title: "the P9xxx of the statement: L1 and L2 VIPT, L3 PIPT filled by clean victims",
	version: 1,
	notes: [
		"No such part number exists; the pa8800 and pa8900 profiles are the hardware that was most likely meant.",
		"That clean victims fill the L3 is the statement itself: caches.L3.fillOnCleanVictim turns it off.",
		"The trace simulator models the L3 as neither inclusive nor exclusive, whatever the toggle says.",
	],
	caches: {
		L1I: l1(),
		L1D: l1(),
		L2: { ...level(M, 4, 10), ...vipt },
		L3: { ...level(8 * M, 4, 30), ...pipt, fillOnCleanVictim: true },
	},
	tlbs: { TLB: unifiedTlb(estimated(160, GUESS, [96, 240]), pa2Pages()) },
	walk: { ...softwareWalk(), latency: estimated(100, GUESS, [50, 300]) },
	...pariscOrder(),
	speculativeMoveIn: false,
	frequency: estimated(1, GUESS),
	cpus: { sockets: 1, cores: estimated(2, GUESS), threads: 1 },
	memory: { ns: estimated(150, GUESS, [80, 400]) },
	alias: { architected: documented(16 * M, "PA-RISC architecture: aliases that far apart are equivalent") },
	costs: {
		lineFlushAbsent: estimated(2, "the statement: a no-op that pipelines well, though not wholly free", [1, 20]),
		lineFlushClean: estimated(10, GUESS, [4, 40]),
		lineFlushDirty: estimated(100, "the statement: the time goes into writing back to memory", [40, 300]),
		tlbPurgePage: estimated(300, GUESS, [100, 900]),
		interruptMask: estimated(5, GUESS, [1, 10]),
	},
});

/** VIPT caches alone: a clean alias left behind is harmless until its colour is used again. */
export const viptGeneric = (): Profile =>
	merge(pariscP9xxx(), {
		id: "vipt-generic",
		title: "control: VIPT L1 and L2, no physically indexed level",
		notes: ["A control for the alias matrix, not a real part. Speculative move-in is a toggle: speculativeMoveIn."],
		caches: { L3: null },
	});

/** The physically indexed L3 is there, but clean victims are dropped. */
export const viptL3Nonvictim = (): Profile =>
	merge(pariscP9xxx(), {
		id: "vipt-l3-nonvictim",
		title: "control: VIPT L1 and L2, PIPT L3 that clean victims do not fill",
		notes: ["A control for the alias matrix, not a real part."],
		caches: { L3: { fillOnCleanVictim: false } },
	});
