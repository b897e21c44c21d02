import { estimated, known, measured } from "../quantity.ts";
import type { Profile } from "../types.ts";
import {
	innerCaches,
	innerTlbs,
	largeTlb,
	memory,
	replacementNote,
	sharedTlb,
	slicedL3,
	walker,
	xeonAsids,
	xeonCosts,
} from "./x86-xeon.ts";

/** One socket of a 2.6 GHz Broadwell server, one thread per core. */
export const broadwell = (): Profile => ({
	id: "broadwell",
	title: "Intel Broadwell server, 14 cores at 2.6 GHz, 35 MB L3",
	version: 1,
	notes: [replacementNote],
	caches: { ...innerCaches(), L3: slicedL3(14, 0) },
	tlbs: { ...innerTlbs(), STLB: sharedTlb(1536, 6), STLB1G: largeTlb() },
	walk: walker(2),
	translation: { policy: "first-touch" },
	straddle: "split",
	memoryModel: "tso",
	speculativeMoveIn: true,
	smap: true,
	pcid: true,
	asids: xeonAsids(),
	frequency: known(2.6, "stated by the developers who published the per-packet costs"),
	cpus: { sockets: 1, cores: estimated(14, "a common part of that clock rate"), threads: 1 },
	memory: memory(),
	coherence: { protocol: "mesif", instructions: true },
	tlbPurge: { by: "ipi" },
	instructions: { clflushopt: false, clwb: false },
	costs: {
		...xeonCosts(),
		lineFlushAbsent: measured(85, "third-party measurement of CLFLUSH", [56, 106]),
		userAccessPair: estimated(25, "two pairs make up a published difference of 51 cycles per packet", [15, 50]),
	},
});
