// A reference in memory: one u64.
//
//   63                                        3   2    1 0
//   [ address, bits 63..3                      | part | kind ]
//
// The low three bits of the address are not kept: no cache line is shorter than 8 bytes, so no rule can see them.
// part: this reference and the next are one access (only in batches packed for straddle "once").

export const KIND_READ = 0;
export const KIND_WRITE = 1;
export const KIND_FETCH = 2;
export const KIND_MASK = 3;
export const RECORD_PART = 4;
export const RECORD_SIZE = 8;

// A run: consecutive references of one CPU and address space, or one maintenance operation. Two u32 words:
//
//   word 0: number of references (operation 0), or the number of the operation in the batch (layout/trace.ts)
//   word 1: [ operation : 8 ][ cpu : 8 ][ asid : 16 ]

export const RUN_SIZE = 8;
export const RUN_REFERENCES = 0;
/** The argument is a number of fetches, each from the line that was fetched last: they change nothing but counts. */
export const RUN_REFETCHES = 1;
