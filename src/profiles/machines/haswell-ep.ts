import { documented, estimated, measured } from "../quantity.ts";
import type { Profile } from "../types.ts";
import {
	innerCaches,
	innerTlbs,
	memory,
	replacementNote,
	sharedTlb,
	slicedL3,
	walker,
	xeonAsids,
	xeonCosts,
} from "./x86-xeon.ts";

/** Two sockets, one thread per core; no SMAP, one page walker, no second-level TLB for pages of 1 GiB. */
export const haswellEp = (): Profile => ({
	id: "haswell-ep",
	title: "Intel Haswell-EP, 2 x 12 cores at 2.5 GHz, 30 MB L3 each",
	version: 1,
	notes: [replacementNote],
	caches: { ...innerCaches(), L3: slicedL3(12, 12) },
	tlbs: { ...innerTlbs(), STLB: sharedTlb(1024, 8) },
	walk: walker(1),
	translation: { policy: "first-touch" },
	straddle: "split",
	memoryModel: "tso",
	speculativeMoveIn: true,
	smap: false,
	pcid: true,
	asids: xeonAsids(),
	frequency: estimated(2.5, "a common part with twelve cores"),
	cpus: { sockets: 2, cores: 12, threads: 1 },
	memory: memory(),
	coherence: { protocol: "mesif", instructions: true },
	tlbPurge: { by: "ipi" },
	instructions: { clflushopt: false, clwb: false },
	costs: {
		...xeonCosts(),
		lineFlushAbsent: measured(100, "third-party measurement of CLFLUSH", [82, 208]),
		userAccessPair: documented(0, "the core has no SMAP"),
	},
});
