// What the cost driver (assembly/cost/, assembly/drive/cost.ts) and JavaScript say to each other: classes of what takes time, and where
// numbers lie.

/** A step that nothing below prices. */
export const COST_STEP = 0;
/** Load to use, by the level that answers: a level's number is added. */
export const COST_LEVEL1 = 1;
export const COST_LEVEL2 = 2;
export const COST_LEVEL3 = 3;
export const COST_MEMORY = 4;
/** A line that other CPUs hold: clean, written by another core, by another socket. */
export const COST_LINE_SHARED = 5;
export const COST_LINE_CORE = 6;
export const COST_LINE_SOCKET = 7;
export const COST_STORE = 8;
export const COST_WALK = 9;
export const COST_FAULT = 10;
export const COST_ATOMIC = 11;
export const COST_FENCE_FULL = 12;
export const COST_FENCE_SPECULATION = 13;
/** A fence that orders some of what it stands between, under the weak models. */
export const COST_FENCE_ORDER = 14;
export const COST_FLUSH_ABSENT = 15;
export const COST_FLUSH_CLEAN = 16;
export const COST_FLUSH_DIRTY = 17;
export const COST_FLUSH_ALL = 18;
export const COST_TLB_PAGE = 19;
export const COST_TLB_ALL = 20;
export const COST_SWITCH = 21;
export const COST_IPI_SEND = 22;
/** From sending to the handler: nobody's time. */
export const COST_IPI_DELIVER = 23;
export const COST_INTERRUPT = 24;
export const COST_CONTEXT_SWITCH = 25;
/** Interrupts are turned off or on. */
export const COST_MASK = 26;
/** Waiting has no price; it takes as long as it takes: for a value or a lock, for stores to be seen, for a line that somebody
 * else is getting, for a purge on the bus, for flushes under way. */
export const COST_WAIT = 27;
export const COST_WAIT_STORES = 28;
export const COST_WAIT_LINE = 29;
export const COST_WAIT_PURGE = 30;
export const COST_WAIT_FLUSHES = 31;
export const COST_CLASSES = 32;
/** The works of the program follow. */
export const COST_MOST_WORKS = 64;

// What a run is about, u32 each unless a comment says more.
export const RUN_FLUSHES = 0; // line flushes that a CPU may have in flight
export const RUN_PURGES = 4; // TLB purges on the bus at a time, 0: any number
export const RUN_SOCKET = 8; // CPUs of a socket
export const RUN_ACTOR = 12; // whose rounds are counted
export const RUN_WORKS = 16;
export const RUN_PAUSE = 20; // number of the work that is not measured, ~0: none
export const RUN_SEED = 24; // u64
export const RUN_JITTER = 32; // f64: a price is off by at most this part of it
export const RUN_PRICES = 40; // f64 each, ns, by class; NaN: not known
export const RUN_RANGES = 40 + (32 + 64) * 8; // of each work: f64 lowest and highest ns, where it is another time each time; 0, 0: it is not
export const RUN_SIZE = RUN_RANGES + 64 * 16;

// How far a run got: a record.
export const RAN_END = 0; // RAN_*
export const RAN_MISSING = 4; // the class without a price
export const RAN_HAZARDS = 8;
export const RAN_LOGGED = 12;
export const RAN_ACTIONS = 16; // u64
export const RAN_SPENT = 24; // address: per lane and class f64 ns, f64 how often
export const RAN_ACTORS = 32; // address: ROUND_* of each actor
export const RAN_LOG = 36; // address: actions as the explorer numbers them
export const RAN_LANES = 40; // CPUs and devices
export const RAN_TIME = 48; // f64: the clock of the last event
export const RAN_BYTES = 56;

export const RAN_DONE = 0;
export const RAN_PAUSED = 1;
/** Everybody waits for ever. */
export const RAN_STUCK = 2;
export const RAN_NO_PRICE = 3;
export const RAN_RUNAWAY = 4;
export const RAN_NO_MEMORY = 5;

// Of each actor.
export const ROUND_COUNT = 0; // u32 rounds
export const ROUND_SAMPLES = 4; // u32 durations kept
export const ROUND_SAMPLES_AT = 8; // u32 address, f64 each
export const ROUND_FIRST = 16; // f64: when the first began that is counted
export const ROUND_LAST = 24; // f64: when the last ended
export const ROUND_PAUSED = 32; // f64: time between them that is not measured
export const ROUND_PAUSED_BEFORE = 40; // f64: the same at the end of the last round
export const ROUND_SIZE = 48;
/** Durations that are kept of each actor. */
export const ROUND_MOST_SAMPLES = 16384;
