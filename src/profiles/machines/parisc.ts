import { computed, documented, estimated } from "../quantity.ts";
import type { Profile, TlbProfile, TlbPurgeProfile } from "../types.ts";
import { K, M, powersOfFour } from "./common.ts";

// What every PA-RISC profile has in common: one unified TLB per CPU, filled by the operating system's miss handler, purged by
// broadcasts that follow one another on the bus.

/** PA-RISC 2.0: pages of 4 KiB and up in powers of four. */
export const pa2Pages = () => powersOfFour(4 * K, 64 * M);

export function unifiedTlb(entries: TlbProfile["entries"], pages: number[]): TlbProfile {
	return { entries, ways: "full", pages, replacement: "lru", serves: "both", sharedBy: 1 };
}

/** The handler reads the page table through the data cache, as any other code does. */
export const softwareWalk = (): Profile["walk"] => ({
	enabled: true,
	software: true,
	levels: Array.from({ length: 3 }, () => estimated(10, "the kernel's tables vary with its configuration")),
	entry: estimated(8, "entry of a 64-bit kernel"),
	enters: "L1D",
	latency: computed(110, "the kernel's miss handler, its reads hitting", [60, 250]),
	walkers: documented(1, "a miss handler is ordinary code: one at a time"),
});

export const pariscPurge = (): TlbPurgeProfile => ({
	by: "broadcast",
	inFlight: documented(1, "kernel source: a lock keeps purges on the bus one at a time"),
});

/** Strongly ordered, no translation of its own for the kernel's copies, no SMAP. */
export const pariscOrder = () =>
	({
		straddle: "split",
		memoryModel: "sc",
		smap: false,
		pcid: false,
		coherence: { protocol: "mesi", instructions: false, dma: false },
		tlbPurge: pariscPurge(),
		translation: { policy: "first-touch" },
	}) satisfies Partial<Profile>;
