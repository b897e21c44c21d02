// The byte of a page-table entry, as programs load and store it: [ frame : 4 ][ dirty ][ accessed ][ writable ][ present ].

export const PTE_PRESENT = 1;
export const PTE_WRITABLE = 2;
export const PTE_ACCESSED = 4;
export const PTE_DIRTY = 8;
/** Log2 of the frame's unit. */
export const PTE_FRAME = 4;
