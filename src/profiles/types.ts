/** How a number is known, from the surest to the least sure. */
export type Basis = "documented" | "measured" | "computed" | "known" | "estimated";

/** A number with its provenance. */
export interface Sourced {
	value: number;
	/** Lowest and highest value that the source allows; what a sweep varies. */
	range?: [number, number];
	basis: Basis;
	/** Where the number comes from, one sentence. */
	source: string;
}

/** Every number of a profile: plain, or with its provenance. */
export type Quantity = number | Sourced;

/** Which address a cache uses. */
export type Addressing = "virtual" | "physical";
/** Which line a full set gives up. */
export type Replacement = "lru" | "plru" | "fifo" | "random" | "srrip";
/** What an outer cache owes to the inner ones; nine: nothing. */
export type Inclusion = "nine" | "inclusive" | "exclusive";
/** Which references of a CPU enter a cache or TLB first. */
export type Serves = "fetch" | "data" | "both" | "none";
/**
 * Which operations of a CPU others may see out of order: sequential consistency, total store order, Armv8, and
 * release consistency with processor-consistent releases.
 */
export type MemoryModel = "sc" | "tso" | "arm8" | "rcpc";

/** One level of cache. Has `size` or `sets`; what is left out is filled in by resolve(). */
export interface CacheProfile {
	/** Bytes of one instance. */
	size?: Quantity;
	/** Number of sets, for those who would rather not state `size`; need not be a power of two. */
	sets?: Quantity;
	/** Associativity; "full": one set. */
	ways: Quantity | "full";
	/** Bytes of a line, a power of two. */
	line: Quantity;
	/** Address that selects the set (default physical). */
	index?: Addressing;
	/** Address that is compared (default physical). Virtual index and physical tag: VIPT. */
	tag?: Addressing;
	/** What this level owes to the levels above it (default nine: neither inclusive nor exclusive). */
	inclusion?: Inclusion;
	/** Default lru. */
	replacement?: Replacement;
	/** Write policy (default back). */
	write?: "back" | "through";
	/** Whether a write miss allocates (default true). */
	allocate?: boolean;
	/** false: lines never become dirty (cachegrind's model; default true). */
	writebacks?: boolean;
	/** Cycles from load to use when this level answers; not to be added to those of other levels. */
	latency?: Quantity;
	/** The level asked on a miss, or "memory". Default: the nearest level with a higher number in its name. */
	next?: string;
	/** Whose references enter here. Default: none where another level asks this one; else by name, L1I fetch, L1D data, others both. */
	serves?: Serves;
	/** CPUs that share one instance; 0: all (default 1). */
	sharedBy?: Quantity;
	/** Clean lines evicted from the level above are written into this one, over what it holds (not in the trace simulator). */
	fillOnCleanVictim?: boolean;
}

/** One TLB. */
export interface TlbProfile {
	entries: Quantity;
	/** Associativity; "full": one set. */
	ways: Quantity | "full";
	/** Page sizes held, bytes. */
	pages: number[];
	/** Default lru. */
	replacement?: Replacement;
	/** TLBs asked on a miss, each for the page sizes it holds, or "walk". Default of an ITLB or DTLB: the STLB of that size. */
	next?: string | string[];
	/** Which references look here first. Default: none where another TLB asks this one; else by name, ITLB fetch, DTLB data, others both. */
	serves?: Serves;
	/** CPUs that share one instance; 0: all (default 1). */
	sharedBy?: Quantity;
	/** Cycles that a hit here adds to an access. */
	latency?: Quantity;
}

/** What happens when every TLB misses. */
export interface WalkProfile {
	/** false: misses are counted, nothing is read. */
	enabled: boolean;
	/** true: the operating system's miss handler walks. */
	software?: boolean;
	/** true: an entry that is live must not become one of another page before it is invalid and its translations are gone. */
	breakBeforeMake?: boolean;
	/** Index bits of each level of the page table, root first. */
	levels?: Quantity[];
	/** Bytes of a page-table entry, 4 or 8. */
	entry?: Quantity;
	/** The cache that walk reads enter, or "none". Default: the one that serves data. */
	enters?: string;
	/** Entries of the paging-structure cache of each table level except the last; 0: none. */
	caches?: Quantity[];
	/** Cycles of a walk, or of the miss handler, apart from the cache misses of its reads. */
	latency?: Quantity;
	/** Walks that one core can do at a time. */
	walkers?: Quantity;
}

/** How virtual pages get their frames. */
export interface TranslationProfile {
	policy: "identity" | "first-touch" | "coloured" | "random";
	/** Bytes of a base page (default 4096). */
	page?: Quantity;
	/** Page colours of policy "coloured" (default 1). */
	colours?: Quantity;
	/** Base-page frames of memory, a power of two (default 2^24: 64 GiB of 4 KiB pages). */
	frames?: Quantity;
	/** Virtual ranges mapped by larger pages: "start-end:page", for example "0x7f0000000000-0x7f0040000000:2M". */
	huge?: string[];
}

/** Logical CPUs = sockets * cores * threads. */
export interface CpusProfile {
	sockets?: Quantity;
	/** Per socket. */
	cores?: Quantity;
	/** Per core. */
	threads?: Quantity;
}

/** How caches of several CPUs, instruction caches and devices are kept coherent. */
export interface CoherenceProfile {
	protocol: "none" | "mesi" | "mesif" | "moesi";
	/** Whether instruction caches follow other CPUs' writes. */
	instructions?: boolean;
	/** Whether devices see the caches (default true). */
	dma?: boolean;
}

/** How a CPU removes translations from the TLBs of others. */
export interface TlbPurgeProfile {
	by: "ipi" | "broadcast";
	/** Purges that may be under way on the bus at a time; 0: any number. */
	inFlight?: Quantity;
}

/** Latency of memory: in ns, or in cycles where a model has no clock. */
export interface MemoryProfile {
	ns?: Quantity;
	cycles?: Quantity;
}

/** A machine as data: survives JSON, names every number's source. */
export interface Profile {
	id: string;
	title: string;
	/** Goes up whenever a number of the profile changes. */
	version: number;
	/** The profile that this one was made from by changes. */
	basedOn?: string;
	/** What a user of the numbers has to know. */
	notes?: string[];
	caches: Record<string, CacheProfile>;
	tlbs: Record<string, TlbProfile>;
	walk: WalkProfile;
	translation: TranslationProfile;
	/** An access over several lines is one reference per line ("split") or one reference ("once"). */
	straddle: "split" | "once";
	memoryModel: MemoryModel;
	/** Lines may enter a cache unasked while a translation that permits it is live. */
	speculativeMoveIn: boolean;
	/** Supervisor access to user pages has to be opened and closed. */
	smap: boolean;
	/** Translations carry an address-space number and survive a switch. */
	pcid: boolean;
	/** Address-space numbers that the operating system, or the hardware where it limits them, has. */
	asids?: Quantity;
	/** GHz. Cycle counts hold at any frequency; times in ns do not follow it. */
	frequency?: Quantity;
	/** Left out: as many CPUs as a trace uses. */
	cpus?: CpusProfile;
	memory?: MemoryProfile;
	coherence: CoherenceProfile;
	tlbPurge?: TlbPurgeProfile;
	/** Virtual aliases this many bytes apart fall on the same lines. */
	alias?: { architected?: Quantity; implemented?: Quantity };
	/** Optional line-flush instructions. */
	instructions?: { clflushopt?: boolean; clwb?: boolean };
	/** Page attributes that decide about caching. */
	attributes?: "wimge";
	/** TLBs that a hypervisor shows to a guest. */
	shadowTlbs?: Record<string, { entries: Quantity; ways: Quantity }>;
	/** What single operations cost; names, units and meanings are in costs.ts. */
	costs: Partial<Record<CostName, Quantity>>;
}

/** Names of costs.ts. */
export type CostName = keyof typeof import("./costs.ts").costs;

type Change<V> = V extends number | string | boolean | readonly unknown[] | Sourced
	? V
	: V extends object
		? Changes<V>
		: V;

/** The same shape with everything optional; numbers and lists are replaced as wholes. */
export type Changes<T> = { [K in keyof T]?: Change<T[K]> };

/** What makes one profile from another: a level that is null is taken out and its neighbours are linked. */
export interface ProfileChanges extends Changes<Omit<Profile, "caches" | "tlbs" | "shadowTlbs">> {
	/** The shipped profile to start from (default: `abstract`, which has no caches and no TLBs). */
	extends?: string;
	caches?: Record<string, Changes<CacheProfile> | null>;
	tlbs?: Record<string, Changes<TlbProfile> | null>;
	shadowTlbs?: Record<string, { entries: Quantity; ways: Quantity }>;
}
