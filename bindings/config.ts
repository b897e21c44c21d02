/**
 * What the core is configured with: plain, resolved, already validated numbers and words. `src/profiles` makes one from a
 * profile; `pack.ts` writes it into Wasm memory. Nothing here is checked again.
 */

export type Addressing = "virtual" | "physical";
export type Replacement = "lru" | "plru" | "fifo" | "random" | "srrip";
export type Inclusion = "nine" | "inclusive" | "exclusive";
export type Serves = "fetch" | "data" | "both" | "none";

export interface CacheConfig {
	name: string;
	/** Number of sets; need not be a power of two. */
	sets: number;
	ways: number;
	/** Bytes, a power of two >= 8. */
	line: number;
	index: Addressing;
	tag: Addressing;
	inclusion: Inclusion;
	replacement: Replacement;
	write: "back" | "through";
	/** Allocate on write misses. */
	allocate: boolean;
	/** false: lines never become dirty and write misses look up the next level as writes (cachegrind). */
	writebacks: boolean;
	/** Which of a CPU's references enter the hierarchy here ("none": an outer level). */
	serves: Serves;
	/** Index into `caches` of the next level; -1: memory. */
	next: number;
	/** CPUs that share one instance: 1 private, n groups of n, 0 all. */
	sharedBy: number;
}

export interface TlbConfig {
	name: string;
	sets: number;
	ways: number;
	replacement: Replacement;
	/** log2 of the page sizes held. */
	pages: number[];
	/** Which references look here first ("none": an outer TLB). */
	serves: Serves;
	/** For each entry of `pages`, the index into `tlbs` of the TLB asked on a miss; -1: walk. */
	next: number[];
	sharedBy: number;
}

export interface WalkConfig {
	/** false: TLB misses are counted, nothing is read. */
	enabled: boolean;
	/** Index bits of each page-table level from the root; the last level's entries map base pages. */
	levels: number[];
	/** Bytes of a page-table entry: 4 or 8. */
	entry: number;
	/** Index into `caches` where walk reads enter; -1: they are counted, no cache sees them. */
	enters: number;
	/** Paging-structure caches, one per table level except the last: entries (fully associative, LRU), 0: none. */
	caches: number[];
}

export interface TranslationConfig {
	policy: "identity" | "first-touch" | "coloured" | "random";
	/** log2 of the base page size. */
	page: number;
	/** Number of page colours (policy "coloured"). */
	colours: number;
	/** log2 of the number of base-page frames of memory (policy "random" permutes them; others stop there). */
	frames: number;
	/** Virtual ranges [start, end) mapped by pages of 2^page bytes; sorted, disjoint, aligned. */
	huge: { start: bigint; end: bigint; page: number }[];
}

export interface CoherenceConfig {
	/** How the caches of several CPUs are kept coherent. */
	protocol: "none" | "mesi" | "mesif" | "moesi";
	/** Whether caches that serve fetches alone are, too. */
	instructions: boolean;
}

/**
 * A machine as the core takes it: every default of its profile filled in. `resolve` makes it; a simulation shows it
 * as `machine`.
 */
export interface MachineConfig {
	cpus: number;
	/** Inner levels before outer ones: `next` always points forwards. */
	caches: CacheConfig[];
	tlbs: TlbConfig[];
	walk: WalkConfig;
	translation: TranslationConfig;
	straddle: "split" | "once";
	coherence: CoherenceConfig;
	/** Translations carry their address space and survive a context switch. */
	tagged: boolean;
	seed: bigint;
}
