// Records that JavaScript and the core both touch. Offsets in bytes; every field is u32 unless its comment says u64.
// assembly/check/layout.ts holds the core's classes to these numbers.

// The machine as JavaScript writes it (bindings/pack.ts) and configure() reads it (assembly/machine/configure.ts):
// MachineSpec, then its cache specs, TLB specs and huge ranges, in that order.

export const MACHINE_CPUS = 0;
export const MACHINE_CACHES = 4;
export const MACHINE_TLBS = 8;
export const MACHINE_RANGES = 12;
export const MACHINE_SEED = 16; // u64
export const MACHINE_POLICY = 24; // TRANSLATE_*
export const MACHINE_PAGE = 28; // log2 of the base page
export const MACHINE_COLOURS = 32;
export const MACHINE_FRAMES = 36; // log2 of the number of frames
export const MACHINE_WALK = 40; // WALK_*: bit 0 enabled
export const MACHINE_WALK_ENTRY = 44; // bytes
export const MACHINE_WALK_ENTERS = 48; // cache number + 1, 0: none
export const MACHINE_WALK_DEPTH = 52; // number of levels, at most WALK_MOST
export const MACHINE_WALK_BITS = 56; // WALK_MOST x u32: index bits per level
export const MACHINE_WALK_CACHES = 88; // WALK_MOST x u32: entries of the paging-structure cache per level
export const MACHINE_CLASSIFY = 120; // 1: class every miss
export const MACHINE_HOT = 124; // cache number + 1 whose misses are counted per key, 0: none
export const MACHINE_HOT_BY = 128; // HOT_*
export const MACHINE_COHERENCE = 132; // PROTOCOL_*
export const MACHINE_COHERENT_FETCHES = 136; // 1: instruction caches are kept coherent, too
export const MACHINE_ALIASES = 140; // 1: count synonyms and homonyms
export const MACHINE_SHARING = 144; // 1: watch who uses which parts of a line
export const MACHINE_TAGGED = 148; // 1: translations survive a context switch
export const MACHINE_RECORDED = 152; // cache number + 1 whose accesses are recorded in their order, 0: none
export const MACHINE_SIZE = 160;

/** Accesses that are recorded between two times that they are taken. */
export const RECORDED_ROOM = 131072;

export const WALK_MOST = 8;
/** Different page sizes one machine may have; a TLB's `next` and a CPU's first TLBs are tables of this length. */
export const PAGE_SIZES = 8;

export const SPEC_SETS = 0;
export const SPEC_WAYS = 4;
export const SPEC_LINE = 8; // log2 (caches)
export const SPEC_REPLACEMENT = 12; // REPLACE_*
export const SPEC_FLAGS = 16; // CACHE_*
export const SPEC_SERVES = 20; // bit 0 fetch, bit 1 data
export const SPEC_NEXT = 24; // cache number + 1, 0: memory
export const SPEC_SHARED_BY = 28; // 0: all CPUs
export const SPEC_SIZE = 32;

// A TLB spec: the four fields it shares with a cache's, then its page sizes.
export const TLB_SERVES = 16;
export const TLB_SHARED_BY = 20;
export const TLB_PAGES = 24; // PAGE_SIZES x u8: log2 of a page size, 0: none
export const TLB_NEXT = 32; // PAGE_SIZES x u8: TLB number + 1 asked on a miss of that size, 0: walk
export const TLB_SIZE = 40;

export const RANGE_START = 0; // u64
export const RANGE_LAST = 8; // u64, the last byte
export const RANGE_PAGE = 16; // log2
export const RANGE_SIZE = 24;

export const SERVES_FETCH = 1;
export const SERVES_DATA = 2;

// How private caches of several CPUs follow each other (assembly/machine/coherence.ts).
export const PROTOCOL_NONE = 0;
export const PROTOCOL_MESI = 1;
export const PROTOCOL_MESIF = 2;
export const PROTOCOL_MOESI = 3;

export const CACHE_INDEX_VIRTUAL = 1;
export const CACHE_TAG_VIRTUAL = 2;
export const CACHE_WRITE_THROUGH = 4;
export const CACHE_ALLOCATE = 8;
export const CACHE_INCLUSIVE = 16;
export const CACHE_EXCLUSIVE = 32;
export const CACHE_NEVER_DIRTY = 64;
/** Clean victims of the level above are written into this one. */
export const CACHE_TAKES_CLEAN = 128;

export const REPLACE_LRU = 0;
export const REPLACE_FIFO = 1;
export const REPLACE_PLRU = 2;
export const REPLACE_SRRIP = 3;
export const REPLACE_RANDOM = 4;

export const TRANSLATE_IDENTITY = 0;
export const TRANSLATE_FIRST_TOUCH = 1;
export const TRANSLATE_COLOURED = 2;
export const TRANSLATE_RANDOM = 3;

export const HOT_LINE = 0;
export const HOT_PAGE = 1;
export const HOT_SET = 2;

// Counts, all fields u64: totals over the whole machine; then a record per cache and CPU (cache-major), a record per TLB and
// CPU, a record per CPU for walks.

export const TOTAL_READS = 0;
export const TOTAL_WRITES = 8;
export const TOTAL_FETCHES = 16;
export const TOTAL_SWITCHES = 24;
export const TOTAL_MAPS = 32;
export const TOTAL_UNMAPS = 40;
export const TOTAL_FLUSHES = 48;
export const TOTAL_SHOOTDOWNS = 56;
export const TOTAL_SIZE = 64;

// Of a cache and CPU: accesses and misses are tables over the kinds below.

export const COUNT_ACCESSES = 0;
export const COUNT_MISSES = 72;
export const COUNT_FILLS = 144;
export const COUNT_EVICTIONS = 152;
export const COUNT_WRITEBACKS = 160;
export const COUNT_INVALIDATIONS = 168;
export const COUNT_COMPULSORY = 176;
export const COUNT_CAPACITY = 184;
export const COUNT_CONFLICT = 192;
export const COUNT_COHERENCE_MISSES = 200;
export const COUNT_LOST = 208;
export const COUNT_INTERVENTIONS = 216;
export const COUNT_UPGRADES = 224;
export const COUNT_SYNONYMS = 232;
export const COUNT_HOMONYMS = 240;
export const COUNT_FLUSHED = 248;
export const COUNT_SIZE = 256;

// What a reference is to the level it reaches; 0..2 are those of layout/records.ts.
export const AT_READ = 0;
export const AT_WRITE = 1;
export const AT_FETCH = 2;
export const AT_WALK = 3;
export const AT_WRITE_FILL = 4;
/** A fill for a write that no CPU waits for: a write-through, or the write-back of a part of a line. */
export const AT_POSTED_FILL = 5;
export const AT_WRITE_BACK = 6;
export const AT_WRITE_THROUGH = 7;
/** So many kinds are observed (assembly/machine/observe.ts): all but this one. */
export const AT_VICTIM = 8;

export const TLB_COUNT_ACCESSES = 0;
export const TLB_COUNT_MISSES = 8;
export const TLB_COUNT_FILLS = 16;
export const TLB_COUNT_EVICTIONS = 24;
export const TLB_COUNT_SHOT = 32;
export const TLB_COUNT_REFILLS = 40;
export const TLB_COUNT_SIZE = 48;

export const WALK_COUNT_WALKS = 0;
export const WALK_COUNT_READS = 8;
export const WALK_COUNT_CACHE_HITS = 16;
export const WALK_COUNT_SIZE = 24;

// A slot of a hash table (assembly/machine/table.ts), all u64: two keys and a value. A slot with SLOT_SECOND all ones is free.

export const SLOT_FIRST = 0;
export const SLOT_SECOND = 8;
export const SLOT_VALUE = 16;
export const SLOT_SIZE = 24;

// What a CPU did with a line that it shares (assembly/machine/sharing.ts). Masks have a bit for each part of the line.

export const SHARER_READS = 0; // u64
export const SHARER_WRITES = 8; // u64
export const SHARER_CHANGED = 16; // u64: written by others since
export const SHARER_MISSES = 24; // u64
export const SHARER_FALSE = 32; // u64: of them those of parts that nobody had written
export const SHARER_VIRTUAL = 40; // u64: of the line
export const SHARER_CPU = 48;
export const SHARER_NEXT = 52; // address of the next CPU's, 0: none
export const SHARER_SIZE = 56;

/** Status codes that the core returns. */
export const STATUS_OK = 0;
export const STATUS_NO_MEMORY = 1;
export const STATUS_NO_FRAMES = 2;
/** A run of a CPU that the machine does not have. */
export const STATUS_NO_CPU = 3;
