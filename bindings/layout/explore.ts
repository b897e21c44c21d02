// Hazards, actions and results of an exploration, as the core numbers them.

// Hazards, bits of a mask.
export const HAZARD_STALE = 0;
export const HAZARD_LOSTW = 1;
export const HAZARD_UAI = 2;
export const HAZARD_CORRUPT = 3;
export const HAZARD_DIRTY = 4;
export const HAZARD_LATEDIRTY = 5;
export const HAZARD_TLB = 6;
export const HAZARD_WALK = 7;
export const HAZARD_MEMTYPE = 8;
export const HAZARD_REFLEAK = 9;
export const HAZARD_REFUNDER = 10;
export const HAZARD_BADPFN = 11;
export const HAZARD_ABBA = 12;
export const HAZARD_SELF = 13;
export const HAZARD_SWAPDEP = 14;
export const HAZARD_LIVE = 15;
export const HAZARD_SPEC = 16;
export const HAZARD_MISS = 17;
export const HAZARD_OVERMAP = 18;
/** A claim's contract is broken; not a hazard by itself: LATENT. */
export const HAZARD_LATENT = 19;
export const HAZARDS = 20;

// An action: kind << 24 | CPU or actor << 16 | x << 8 | y.
export const ACT_STEP = 0; // actor; x: CPU chosen by an "each" + 1, or 1 / 2 a guess that a branch falls through / jumps; y: the translation used + 1,
// or 1: an access that should go round the caches hits in them
export const ACT_DEFER = 1; // actor: its operation becomes pending
export const ACT_PERFORM = 2; // CPU; x: which of the pending operations; y: as above
export const ACT_DELIVER = 3; // CPU; x: actor number of the handler; y: 1 by itself
export const ACT_WALK = 4; // CPU; x: mapping
export const ACT_TLB_EVICT = 5; // CPU; x: mapping
export const ACT_PSC_EVICT = 6; // CPU; x: table
export const ACT_MOVE_IN = 7; // CPU; x: mapping, y: line
export const ACT_EVICT = 8; // CPU; x: level, y: slot
export const ACT_WRITE_BACK = 9; // CPU; x: level, y: slot
export const ACT_PURGE = 10; // CPU; x: mapping: an invalidation that was posted is done
export const ACT_KINDS = 11;

/** Where a hazard was found first: state u32, action u32, what it was about u32. */
export const FIRST_SIZE = 12;
export const FIRST_ACTION = 4;
export const FIRST_ABOUT = 8;

/** Why an exploration stopped. */
export const END_DONE = 0;
export const END_HAZARD = 1;
export const END_STATES = 2;
export const END_DEPTH = 3;
export const END_PAUSE = 4;
export const END_MEMORY = 5;

/** Why a program was refused. */
export const LOADED_OK = 0;
export const LOADED_BAD_HEADER = 1;
export const LOADED_BAD_TABLE = 2;
export const LOADED_BAD_CODE = 3;
export const LOADED_TOO_LARGE = 4;

// Where the parts of a machine's block are, as exploreLayout() says, u32 each: offsets in the block, in a CPU's part of it,
// addresses of tables, and sizes.
export const PLACES_VARS = 0;
export const PLACES_PTES = 4;
export const PLACES_TABLES = 8;
export const PLACES_FRAMES = 12;
export const PLACES_REFERENCES = 16;
export const PLACES_MEMORY = 20;
export const PLACES_LATEST = 24;
export const PLACES_CPU_FLAGS = 28;
export const PLACES_CPU_MM = 32;
export const PLACES_CPU_VISITS = 36;
export const PLACES_CPU_WALK_CACHE = 40;
export const PLACES_CPU_TLB = 44;
export const PLACES_CPU_VARS = 48;
export const PLACES_CPU_WINDOW = 52;
export const PLACES_ACTOR_PLACES = 56;
export const PLACES_LEVEL_PLACES = 60;
export const PLACES_SHARED_BYTES = 64;
export const PLACES_CPU_BYTES = 68;
export const PLACES_BYTES = 72;
export const PLACES_CPU_PURGES = 76;
export const PLACES_SIZE = 80;
