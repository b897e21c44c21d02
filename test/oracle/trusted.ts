/** The trusted counts in the words of expected.json, to be compared with any simulator's. */

import type { Counts } from "../../bindings/counts.ts";
import type { TrustedCounts } from "./traces.ts";

/** Instruction and data fills of an outer level are one number there. */
export function asHierarchy({ caches }: Counts): TrustedCounts["ls.mix.2M"]["b2"] {
	const [l1i, l1d, l2, l3] = caches.map((row) => ({
		rd: row.fetches + row.reads,
		rdm: row.fetchMisses + row.readMisses,
		wr: row.writes,
		wrm: row.writeMisses,
		wb: row.writebacks,
	}));
	return { L1D: l1d!, L1I: { rd: l1i!.rd, rdm: l1i!.rdm }, L2: l2!, L3: l3! };
}

export function asTlbs({ tlbs }: Counts): TrustedCounts["ls.mix.2M"]["tlb"] {
	const [ITLB, DTLB, STLB] = tlbs.map((row) => ({ acc: row.accesses, miss: row.misses }));
	return { ITLB: ITLB!, DTLB: DTLB!, STLB: STLB! };
}

export function asCachegrind({ caches }: Counts): TrustedCounts["cachegrind_gzip_20k"] {
	const [i1, d1, ll] = caches;
	return {
		Irefs: i1!.fetches,
		I1m: i1!.fetchMisses,
		LLim: ll!.fetchMisses,
		Dr: d1!.reads,
		D1mr: d1!.readMisses,
		LLdmr: ll!.readMisses,
		Dw: d1!.writes,
		D1mw: d1!.writeMisses,
		LLdmw: ll!.writeMisses,
	};
}
