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
	/** The part of these that no CPU waited for: for write-throughs and write-backs that missed the inner level. */
	postedFills: number;
	postedFillMisses: number;
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
	/** Misses of lines that another CPU's write took from this cache, and that have not been here since. */
	coherenceMisses: number;
	/** Lines that other CPUs' writes took from this cache. */
	lost: number;
	/** Lines that this cache supplied to other CPUs. */
	interventions: number;
	/** Writes of lines that other CPUs might have, too. */
	upgrades: number;
	/** Misses of lines that the cache held under another address; 0 unless asked for. */
	synonyms: number;
	/** Misses of virtual addresses under which the cache held another line; 0 unless asked for. */
	homonyms: number;
	/** Lines that flushes wrote back or removed. */
	flushed: number;
}

export interface TlbCounts {
	/** Index into MachineConfig.tlbs. */
	tlb: number;
	cpu: number;
	accesses: number;
	misses: number;
	fills: number;
	evictions: number;
	/** Entries that shootdowns and context switches removed. */
	shot: number;
	/** Misses of pages whose entry one of these removed, and that have not been here since. */
	refills: number;
}

/** Page walks of one CPU: how many, what they read, and what the paging-structure caches spared. */
export interface WalkCounts {
	cpu: number;
	/** Translations that missed every TLB. */
	walks: number;
	/** Page-table entries read. */
	reads: number;
	/** Walks that started below the root thanks to a paging-structure cache. */
	cacheHits: number;
}

/** What a trace said between references, in numbers of operations. */
export interface OperationCounts {
	switches: number;
	maps: number;
	unmaps: number;
	flushes: number;
	shootdowns: number;
}

export interface Counts {
	/** References simulated. */
	references: { total: number; fetches: number; reads: number; writes: number };
	/** What the trace had besides references. */
	operations: OperationCounts;
	caches: CacheCounts[];
	tlbs: TlbCounts[];
	walks: WalkCounts[];
}

/** What one CPU did with a line that others used, too. */
export interface Sharer {
	cpu: number;
	/** Misses because another CPU had written, and those of parts that no other had written. */
	misses: number;
	falseMisses: number;
	/** Which parts it read and wrote: one bit each. */
	reads: bigint;
	writes: bigint;
}

/** A line that CPUs took from each other. */
export interface SharedLine {
	physical: bigint;
	/** As the CPU that used it first sees it. */
	virtual: bigint;
	misses: number;
	falseMisses: number;
	sharers: Sharer[];
}

/** One of the K worst: misses at a cache, by line address, page address or set number. */
export interface Hot {
	key: bigint;
	misses: number;
}
