// A program as JavaScript writes it (bindings/assemble.ts) and the core reads it (assembly/program/code.ts): the header, then
// the tables in the order of their counts in it, one after the other. Offsets in bytes; u8 unless a comment says more.

// Header, u32 each.
export const PROGRAM_CPUS = 0;
export const PROGRAM_MODEL = 4; // MODEL_*
export const PROGRAM_FLAGS = 8; // HAS_*
export const PROGRAM_WINDOW = 12; // pending operations that a CPU may have
export const PROGRAM_COLOURS = 16;
export const PROGRAM_LINES = 20; // of all frames
export const PROGRAM_LOOPS = 24; // "each" loops
export const PROGRAM_MMS = 28;
export const PROGRAM_REGISTERS = 32; // bytes of the table of initial registers
export const PROGRAM_VARS = 36; // u8 each: initial value
export const PROGRAM_CPU_VARS = 40; // u8 each
export const PROGRAM_FRAMES = 44;
export const PROGRAM_TABLES = 48; // u8 each: TABLE_*
export const PROGRAM_VAS = 52;
export const PROGRAM_LEVELS = 56;
export const PROGRAM_ACTORS = 60;
export const PROGRAM_GROUPS = 64; // u8 each: bit mask of CPUs that may be permuted
export const PROGRAM_INSTRUCTIONS = 68;
export const PROGRAM_SIZE = 72;

export const MODEL_SC = 0;
export const MODEL_TSO = 1;
export const MODEL_ARM8 = 2;
export const MODEL_RCPC = 3;

// What the machine has, as far as the program can tell.
export const HAS_TLB = 1; // translations are kept
export const HAS_WALKER = 2; // a hardware walker, which speculates, and its paging-structure caches
export const HAS_MOVE_IN = 4; // lines enter caches through live translations
export const HAS_AD_BITS = 8; // the walker sets accessed and dirty bits
export const HAS_VALUES = 16; // loads from pages matter beyond their hazards
export const HAS_BROADCAST = 32; // TLB flushes reach all CPUs
export const HAS_DMA_SNOOP = 64; // devices see caches
export const HAS_REFERENCES = 128; // reference counts of frames
export const HAS_FRAMES = 256; // flags of frames
export const HAS_BREAK = 512; // a live entry must be broken before another is made
export const HAS_POSTED = 4096; // invalidations that are posted, and done later
export const HAS_ONE_PURGE = 8192; // one of them at a time
export const HAS_STORES_FIRST = 16384; // an invalidation everywhere waits for stores by what it removes
export const HAS_MAY_HOLD = 2048; // TLBs are the sets of what they could hold
export const HAS_EVICTIONS = 1024; // entries and lines may leave by themselves

/** PROTOCOL_* of layout/machine.ts: how private caches of the CPUs follow each other. */
export const HAS_COHERENCE = 16; // shift

export const TABLE_LINKED = 1;
export const TABLE_FREED = 2;

export const PTE_PRESENT = 1;
export const PTE_WRITABLE = 2;
export const PTE_ACCESSED = 4;
export const PTE_DIRTY = 8;
export const PTE_FRAME = 4; // shift
/** In a TLB, where PTE_ACCESSED always holds: a flush that ought to have removed this entry has returned. */
export const PTE_CONDEMNED = 4;

export const FRAME_KIND = 0; // PAGE_*
export const FRAME_LINES = 1;
export const FRAME_FIRST = 2; // number of its first line
export const FRAME_REFERENCES = 3;
export const FRAME_FLAGS = 4; // IS_*, at the start
export const FRAME_SIZE = 8;

export const PAGE_RAM = 0;
export const PAGE_HOLE = 1;
export const PAGE_NO_STRUCT = 2;
export const PAGE_DRIVER = 3;
export const PAGE_ZERO = 4;
export const PAGE_ZONE_DEVICE = 5;
export const PAGE_TAIL = 6;
export const PAGE_COMPOUND_HEAD = 7;
export const PAGE_COMPOUND_TAIL = 8;
export const PAGE_KINDS = 9;

// Flags of a frame, part of the state.
export const IS_RELEASED = 1;
export const IS_DIRTY = 2;
/** Written since it was last marked dirty. */
export const IS_WRITTEN = 4;
/** Unmapped: marking it dirty now is too late. */
export const IS_UNMAPPED = 8;
/** Marked dirty at least once since it was last clean at its unmapping. */
export const IS_MARKED = 16;

export const VA_PTE = 0; // initial
export const VA_SHARES = 1; // number of the mapping whose PTE this is
export const VA_MM = 2; // number + 1; 0: all
export const VA_COLOUR = 3;
export const VA_TABLE = 4; // number + 1; 0: always there
export const VA_FLAGS = 5; // MAPPING_IS_*
export const VA_BOUND = 6; // lines
export const VA_LARGE = 7; // number + 1 of the large page that it lies in; 0: none
export const VA_HELD = 8; // TRANSLATIONS_HELD x u8: the PTEs that there can be, for HAS_MAY_HOLD; 0: no more
export const VA_PART = 12; // which of the large page's pages it is
export const VA_SIZE = 16;
export const TRANSLATIONS_HELD = 4;

export const MAPPING_IS_KERNEL = 1;
export const MAPPING_IS_UNCACHED = 2;
export const MAPPING_IS_QUIET = 4; // never moved in through
export const MAPPING_IS_PINNED = 8; // its translations do not leave by themselves
export const MAPPING_IS_PROTECTED = 16; // nor when they are invalidated
export const MAPPING_IS_LARGE = 32; // others lie in it
export const MAPPING_IS_WRITE_THROUGH = 64;
export const MAPPING_IS_INCOHERENT = 128; // accesses through it do not ask other CPUs

export const LEVEL_FLAGS = 0; // u32, CACHE_* of layout/machine.ts
export const LEVEL_SHARED = 4; // 1: one for all CPUs
export const LEVEL_NEXT = 5; // number + 1, 0: memory
export const LEVEL_FETCHES = 6; // 1: only instructions come in here, and nobody tells it of writes; the last level
export const LEVEL_SIZE = 8;

export const ACTOR_CPU = 0; // ON_NO_CPU: a device
export const ACTOR_KIND = 1; // RUNS_AS_*
export const ACTOR_SPONTANEOUS = 2;
export const ACTOR_REGISTERS = 3; // number of them
export const ACTOR_INITIAL = 4; // u16, where its initial registers begin
export const ACTOR_CODE = 6; // u16, its first instruction
export const ACTOR_LENGTH = 8; // u16
export const ACTOR_MM = 10; // number + 1, 0: none
export const ACTOR_SIZE = 12;

export const ON_NO_CPU = 255;
export const RUNS_AS_THREAD = 0;
export const RUNS_AS_IRQ = 1;
export const RUNS_AS_NMI = 2;
export const RUNS_AS_DEVICE = 3;

// An instruction.
export const CODE_OP = 0; // OP_*
export const CODE_FLAGS = 1; // FLAG_*
export const CODE_KIND = 2; // of the op: RMW_*, TEST_*, FENCE_*, CLAIM_*, ALU_*, ...
export const CODE_ORDER = 3; // ORDER_*
export const CODE_PLACE = 4; // IN_*
export const CODE_AT = 5; // number of the variable, mapping, table, frame, CPU, actor
export const CODE_LINE = 6; // of the page
export const CODE_INDEX = 7; // register added to it + 1
export const CODE_TO = 8; // register + 1 that takes the result
export const CODE_LEFT = 9;
export const CODE_VALUE = 10;
export const CODE_EXPECTED = 11;
export const CODE_TARGET = 12; // u16, number within the actor's instructions
export const CODE_LOOP = 14; // the "each" loop around it + 1
export const CODE_SIZE = 16;

export const FLAG_LEFT_REGISTER = 1;
export const FLAG_VALUE_REGISTER = 2;
export const FLAG_EXPECTED_REGISTER = 4;
export const FLAG_JOINED = 8;
export const FLAG_SPECULATES = 16; // of a branch
export const FLAG_ITERATES = 16; // of a jump: it closes a loop that has no end
export const FLAG_OWN = 16; // of a store: only this CPU ever looks there
export const FLAG_POSTED = 16; // of an invalidation: done later, at the latest when OP_TLB_SYNC waits for it
export const FLAG_KEEPS_GLOBAL = 32;
export const FLAG_BROADCAST = 64;
export const FLAG_RECLAIM = 128;

export const IN_NOTHING = 0;
export const IN_VAR = 1;
export const IN_OWN_VAR = 2;
export const IN_TARGET_VAR = 3;
export const IN_PTE = 4;
export const IN_TABLE = 5;
export const IN_PAGE = 6;

export const ORDER_PLAIN = 0;
export const ORDER_ACQUIRE = 1;
export const ORDER_RELEASE = 2;
export const ORDER_FULL = 3;

// Local: nobody else can tell when they happen.
export const OP_JUMP = 1;
export const OP_UNLESS = 2;
export const OP_SET = 3;
export const OP_NEXT = 4;
export const OP_WORK = 5; // CODE_AT: number of what is done, CODE_VALUE: how often; costs time, does nothing
export const OP_LOCAL_LAST = 5;
// Waits for memory order: these may be pending (assembly/program/window.ts).
export const OP_LOAD = 6;
export const OP_STORE = 7;
export const OP_RMW = 8;
export const OP_AWAIT = 9;
export const OP_FENCE = 10;
export const OP_PENDING_LAST = 10;
export const OP_LOCK = 11;
export const OP_JOIN = 12;
export const OP_EACH = 13;
export const OP_TLB_FLUSH = 14; // CODE_KIND: SCOPE_*, CODE_AT
export const OP_TLB_INSERT = 15;
export const OP_SWITCH = 16; // CODE_AT: mm; CODE_KIND 1: flush
export const OP_CACHE = 17; // CODE_KIND: CACHE_OP_*; CODE_VALUE: of so many levels, or ALL_LEVELS
export const OP_CACHE_ALL = 18;
export const OP_INTERRUPT = 19; // CODE_KIND: RUNS_AS_IRQ / NMI; CODE_PLACE: TO_*; CODE_AT: CPU
export const OP_MASK = 20; // CODE_KIND: MASK_*, CODE_VALUE: 1 on
export const OP_TABLE_FREE = 21;
export const OP_PAGE = 22; // CODE_KIND: 0 mark dirty, 1 clean
export const OP_REF = 23; // CODE_KIND: 0 get, 1 put
export const OP_STRUCT_PAGE = 24;
export const OP_MAP_AS = 25; // CODE_KIND: 0 RAM, 1 device
export const OP_DMA = 26; // CODE_KIND: 0 read, 1 write
export const OP_CLAIM = 27; // CODE_KIND: CLAIM_*
export const OP_FETCH = 28; // of an instruction
export const OP_FETCH_FLUSH = 29; // CODE_KIND: 0 a line of the instruction cache, 1 all of it
export const OP_TLB_WRITE = 30; // CODE_VALUE: the entry, PTE_*; 0: none
export const OP_TLB_READ = 31; // CODE_TO: the entry, PTE_*; 0: none
export const OP_TLB_SYNC = 32; // waits for invalidations that were posted
export const OP_LAST = 32;

/** Of the byte that says whose a pending operation is; its other bits are flags (assembly/program/window.ts). */
export const WHOSE_PENDING = 0x3f;

export const RMW_SWAP = 0;
export const RMW_ADD = 1;
export const RMW_SUB = 2;
export const RMW_AND = 3;
export const RMW_OR = 4;
export const RMW_XOR = 5;
export const RMW_CAS = 6;

export const TEST_EQUAL = 0;
export const TEST_NOT_EQUAL = 1;
export const TEST_BELOW = 2;
export const TEST_AT_MOST = 3;
export const TEST_ABOVE = 4;
export const TEST_AT_LEAST = 5;
export const TEST_ODD = 6;
export const TEST_EVEN = 7;

export const ALU_ADD = 0;
export const ALU_SUB = 1;
export const ALU_AND = 2;
export const ALU_OR = 3;
export const ALU_XOR = 4;
export const ALU_CLAMP = 5;

export const FENCE_FULL = 0;
export const FENCE_STORE = 1;
export const FENCE_LOAD = 2;
export const FENCE_ACQUIRE = 3;
export const FENCE_RELEASE = 4;
export const FENCE_COMPILER = 5;
export const FENCE_SPECULATION = 6;

export const SCOPE_ALL = 0;
export const SCOPE_MM = 1;
export const SCOPE_PAGE = 2;

export const CACHE_OP_FLUSH = 0;
export const CACHE_OP_CLEAN = 1;
export const CACHE_OP_PURGE = 2;
export const ALL_LEVELS = 255;

export const TO_TARGET = 0;
export const TO_OTHERS = 1;
export const TO_CPU = 2;

export const MASK_IRQ = 1;
export const MASK_PREEMPT = 2;

export const CLAIM_RELEASED = 0; // CODE_AT: frame
export const CLAIM_RECYCLED = 1; // frame
export const CLAIM_FLUSHED = 2; // mapping
export const CLAIM_HANDED_OVER = 3; // frame
export const CLAIM_GAINED = 4; // frame; CODE_VALUE 1: it will be written
export const CLAIM_UP_TO_DATE = 5; // mm; CODE_VALUE 1: of the target
export const CLAIM_UNMAPPED = 6; // frame
export const CLAIM_BALANCED = 7; // frame
