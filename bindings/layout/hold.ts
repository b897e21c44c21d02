// A machine that is held: commands to it, its answers, and what it tells of what happened, as the core numbers them.

// A command: how, by whom, and the instruction (layout/program.ts) or action (layout/explore.ts).
export const COMMAND_HOW = 0; // u8, HOLD_*
export const COMMAND_ACTOR = 1; // u8
export const COMMAND_ACTION = 4; // u32
export const COMMAND_CODE = 8; // CODE_SIZE bytes
export const COMMAND_SIZE = 24;

/** An operation is executed; becomes pending (weak models); executed transiently, on the wrong side of a branch. */
export const HOLD_EXECUTE = 0;
export const HOLD_DEFER = 1;
export const HOLD_TRANSIENT = 2;
/** A store to a PTE that must not be, or must be, present. */
export const HOLD_MAP = 3;
export const HOLD_UNMAP = 4;
/** One of the actions that can happen by themselves. */
export const HOLD_HAPPEN = 5;
/** An access that ought to go round the caches hits there. */
export const HOLD_HIT = 6;
export const HOLD_LAST = 6;

// An answer, u32 each.
export const ANSWER_REASON = 0; // REFUSED_*
export const ANSWER_HAZARDS = 4; // bits
export const ANSWER_VALUE = 8; // what the register of the result holds; of a refused lock its owner + 1
export const ANSWER_ABOUTS = 12; // u8 each: what each hazard was about
export const ANSWER_SIZE = 32;

/** Why a command was refused. */
export const REFUSED_NOT = 0;
/** No such operation, or it names what is not there. */
export const REFUSED_UNSOUND = 1;
/** A handler has the CPU. */
export const REFUSED_INTERRUPTED = 2;
/** As many operations are pending as the CPU can have. */
export const REFUSED_FULL = 3;
/** Waits for operations that are pending. */
export const REFUSED_WAITS = 4;
export const REFUSED_LOCKED = 5;
/** The memory model keeps no such operation pending. */
export const REFUSED_IN_ORDER = 6;
export const REFUSED_UNMAPPED = 7;
export const REFUSED_READ_ONLY = 8;
export const REFUSED_NO_LINE = 9;
export const REFUSED_LIVE = 10;
export const REFUSED_FREED_FRAME = 11;
export const REFUSED_FREED_TABLE = 12;
/** Cannot happen by itself now. */
export const REFUSED_NOT_ENABLED = 13;
/** A guess that turned out wrong. */
export const REFUSED_INFEASIBLE = 14;

// What happened, 8 bytes each.
export const TOLD_KIND = 0; // u8, EVENT_*
export const TOLD_WHERE = 1; // u8, of a cache level << 4 | CPU, of others the CPU
export const TOLD_WHAT = 2; // u8: colour, mapping, hazard, table
export const TOLD_ABOUT = 3; // u8: line, or what a hazard is about
export const TOLD_COMMAND = 4; // u32, number of the command in its batch
export const TOLD_SIZE = 8;

// Of caches: colour, line.
export const EVENT_HIT = 0;
export const EVENT_FILL = 1;
export const EVENT_WRITE_BACK = 2; // from here to the next level
export const EVENT_REMOVE = 3;
export const EVENT_VICTIM = 4; // a clean line of the level above is offered
export const EVENT_SNOOP = 5; // another CPU, or a device, asked
export const EVENT_SUPPLY = 6; // and got it from here
// Of memory: line.
export const EVENT_MEMORY_READ = 7;
export const EVENT_MEMORY_WRITE = 8;
// Of translations: mapping.
export const EVENT_TLB_HIT = 9;
export const EVENT_TLB_FILL = 10;
export const EVENT_TLB_EVICT = 11;
export const EVENT_TLB_DROP = 12; // an invalidation removes it
export const EVENT_WALK = 13;
export const EVENT_FAULT = 14;
// Of CPUs: which interrupt (0, or 1 for an NMI); the address space; the mapping, or EVENT_ALL.
export const EVENT_INTERRUPT = 15; // is on its way there
export const EVENT_DELIVER = 16;
export const EVENT_SWITCH = 17;
export const EVENT_SHOOTDOWN = 18; // another CPU tells it to drop translations; about: 1, when it comes to it
export const EVENT_HAZARD = 19; // hazard, about
export const EVENT_ALL = 255;
