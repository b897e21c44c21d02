// A machine's block (assembly/machine/block.ts): what the bits of its smallest parts say.

// Flags of a CPU. Above them: the actor + 1 (among those of its CPU) that masked interrupts or preemption.
export const CPU_IRQ_MASKED = 1;
export const CPU_PREEMPT_MASKED = 2;
export const CPU_IRQ_PENDING = 4;
export const CPU_NMI_PENDING = 8;

// A pending operation (assembly/program/window.ts): bytes, offsets, flags.
export const PENDING_SIZE = 6;
export const PENDING_CODE = 0; // number of the instruction among its actor's
export const PENDING_ACTOR = 1; // | PENDING_IS_* (WHOSE_PENDING of program.ts: the actor)
export const PENDING_VALUE = 2; // what a store will write; of a guessed branch see window.ts
export const PENDING_AT = 4; // u16: offset in the block, or a line of a page | PENDING_IS_ON_PAGE
/** The value is there already; else it is in a register when the store is performed. */
export const PENDING_IS_CAPTURED = 0x40;
/** The translation that the store used has been flushed meanwhile. */
export const PENDING_IS_CONDEMNED = 0x80;
export const PENDING_IS_ON_PAGE = 0x8000;

// A line, u16 (assembly/machine/slots.ts): value, version, state + 1 (in memory 0).
export const LINE_STATE = 7;
export const LINE_VERSION_SHIFT = 3;
export const LINE_VERSIONS = 31;
export const LINE_VALUE_SHIFT = 8;

// States of a line (assembly/machine/ways.ts).
export const STATE_DIRTY = 0;
export const STATE_CLEAN = 1;
export const STATE_SHARED = 2;
export const STATE_OWNED = 3;
export const STATE_FORWARD = 4;
