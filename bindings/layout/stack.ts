// What the one-pass engine (assembly/stack/) and JavaScript both touch. Offsets in bytes; every field is u32 unless its
// comment says u64. assembly/check/layout.ts holds the core's classes to these numbers.

// A family: all geometries of one line size. JavaScript writes the first three fields, the core the others.

export const FAMILY_LINE = 0; // log2
export const FAMILY_WAYS = 4; // the most that are asked for
export const FAMILY_SETS = 8; // bit k: 2^k sets are asked for
export const FAMILY_COUNTS = 12; // address of the GEOMETRY records: by set count, then by ways from 1 on
export const FAMILY_READS = 16; // u64
export const FAMILY_WRITES = 24; // u64
export const FAMILY_FETCHES = 32; // u64
export const FAMILY_SIZE = 40;

// What one geometry counted, as settleStacks() leaves it. All u64.

export const GEOMETRY_READ_MISSES = 0;
export const GEOMETRY_WRITE_MISSES = 8;
export const GEOMETRY_FETCH_MISSES = 16;
export const GEOMETRY_EVICTIONS = 24;
export const GEOMETRY_WRITEBACKS = 32;
export const GEOMETRY_SIZE = 40;

/** Most ways: a set is searched from one end to the other. */
export const STACK_MOST_WAYS = 1024;
/** log2 of the most sets. */
export const STACK_MOST_SETS = 24;

// The stack distances of all references, under one line size. JavaScript writes the fields down to CURVE_SEED.

export const CURVE_LINE = 0; // log2
export const CURVE_OF = 4; // SERVES_* of machine.ts
export const CURVE_MOST_LINES = 8; // lines followed at once; when there are more, half of them go. 0: no end
export const CURVE_THRESHOLD = 16; // u64: a line is followed while its hash is at most this
export const CURVE_SEED = 24; // u64
export const CURVE_READS = 32; // u64: all references of the stream, followed or not
export const CURVE_WRITES = 40; // u64
export const CURVE_FETCHES = 48; // u64
export const CURVE_LIVE = 56; // u64: lines followed now
export const CURVE_HALVINGS = 64; // how often half of the lines went
export const CURVE_DISTANCES = 68; // address of the DISTANCE records, from distance 0 on
export const CURVE_DISTANCE_COUNT = 72;
export const CURVE_GROUPS = 76; // address of the groups' buckets (u64 each, group by group); 0: nothing is sampled
export const CURVE_COLD = 80; // u64: three of them, by kind: references to lines not seen before, weighted
export const CURVE_SIZE = 104;

// How many references found their line below so many others, by kind. All u64. A reference weighs 2^halvings of its time.

export const DISTANCE_READS = 0;
export const DISTANCE_WRITES = 8;
export const DISTANCE_FETCHES = 16;
export const DISTANCE_SIZE = 24;

/** Lines are put into so many groups, by their hash, to see how much the choice of lines matters. */
export const GROUP_COUNT = 64;
/** log2 of the buckets that each doubling of the distance has in a group. */
export const GROUP_FINENESS = 4;
/** Buckets of a group, by distance times 2^halvings (the lines that the rate at the start would have followed). The last
 * one is for lines not seen before. */
export const GROUP_BUCKETS = 1024;
