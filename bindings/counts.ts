/** Plain counts as they come out of the core. All are numbers of events (exact up to 2^53). */

/** One row per cache and CPU: what that CPU's references (and what they caused) did at this level. */
export interface CacheCounts {
	/** Index into MachineConfig.caches. */
	cache: number;
	cpu: number;
	/** Instruction fetches that looked here, and those not found. At outer levels: fills of instruction caches. */
	fetches: number;
	fetchMisses: number;
	/** Data reads, fills for writes included, page-walk reads not. */
	reads: number;
	readMisses: number;
	/** The part of reads that filled an inner level for a write miss. */
	writeFills: number;
	writeFillMisses: number;
	/** Writes by the CPU, and at outer levels write-backs and write-throughs arriving. */
	writes: number;
	writeMisses: number;
	/** Page-walk reads. */
	walkReads: number;
	walkReadMisses: number;
	/** Clean lines offered by an inner level to this exclusive one; misses: those it did not hold yet. */
	victims: number;
	victimMisses: number;
	/** Lines brought into this level, however it came. */
	fills: number;
	/** Lines pushed out by fills, clean or dirty. */
	evictions: number;
	/** Dirty lines written to the next level when they left (evicted or, dirty, back-invalidated lines of an inclusive
	 * level's victim are merged and count once, at the outer level). Write-throughs are not write-backs. */
	writebacks: number;
	/** Lines removed because an inclusive outer level lost theirs. */
	invalidations: number;
	/** Misses (fetch, read, write, walk; not victims) by class; all 0 unless classification was asked for. */
	compulsory: number;
	capacity: number;
	conflict: number;
}

export interface TlbCounts {
	/** Index into MachineConfig.tlbs. */
	tlb: number;
	cpu: number;
	accesses: number;
	misses: number;
	fills: number;
	evictions: number;
}

export interface WalkCounts {
	cpu: number;
	/** Translations that missed every TLB. */
	walks: number;
	/** Page-table entries read. */
	reads: number;
	/** Walks that started below the root thanks to a paging-structure cache. */
	cacheHits: number;
}

export interface Counts {
	/** References simulated. */
	references: { total: number; fetches: number; reads: number; writes: number };
	caches: CacheCounts[];
	tlbs: TlbCounts[];
	walks: WalkCounts[];
}

/** One of the K worst: misses at a cache, by line address, page address or set number. */
export interface Hot {
	key: bigint;
	misses: number;
}
