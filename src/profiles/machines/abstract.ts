import type { Profile } from "../types.ts";

/** No caches and no TLBs: for what depends on the order of memory accesses alone, and the root of every other profile. */
export const abstract = (): Profile => ({
	id: "abstract",
	title: "memory alone: no caches, no TLBs",
	version: 1,
	caches: {},
	tlbs: {},
	walk: { enabled: false },
	translation: { policy: "identity" },
	straddle: "split",
	memoryModel: "tso",
	speculativeMoveIn: false,
	smap: false,
	pcid: false,
	coherence: { protocol: "none" },
	costs: {},
});
