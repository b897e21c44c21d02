import * as B from "./layout/block.ts";
import * as L from "./layout/program.ts";

// The bits of a machine's block (assembly/machine/block.ts, slots.ts, pages.ts, program/window.ts): what its smallest parts say.

export interface RawLine {
	value: number;
	version: number;
	/** STATE_* of layout/block.ts. */
	state: number;
}

export interface RawEntry {
	frame: number;
	writable: boolean;
	accessed: boolean;
	dirty: boolean;
	/** Of a TLB entry: a flush that ought to have removed it has returned. */
	condemned: boolean;
}

export function bitsIn(byte: number) {
	return {
		frame: byte >> L.PTE_FRAME,
		writable: (byte & L.PTE_WRITABLE) !== 0,
		accessed: (byte & L.PTE_ACCESSED) !== 0,
		dirty: (byte & L.PTE_DIRTY) !== 0,
	};
}

/** An entry of a page table. */
export function entryIn(byte: number): RawEntry | null {
	return byte & L.PTE_PRESENT ? { ...bitsIn(byte), condemned: false } : null;
}

/** An entry of a TLB. */
export function translationIn(byte: number): RawEntry | null {
	// What was accessed is all that is there, and its bit says something else.
	return byte & L.PTE_PRESENT ? { ...bitsIn(byte), accessed: true, condemned: (byte & L.PTE_CONDEMNED) !== 0 } : null;
}

/** Whether a TLB's entry is not what the page table says. */
export function isOld(byte: number, now: number): boolean {
	return ((byte ^ now) & (((0xff << L.PTE_FRAME) & 0xff) | L.PTE_PRESENT | L.PTE_WRITABLE)) !== 0;
}

/** A line in memory. */
export function contentsIn(word: number): { value: number; version: number } {
	return { value: word >> B.LINE_VALUE_SHIFT, version: (word >> B.LINE_VERSION_SHIFT) & B.LINE_VERSIONS };
}

/** A line in a cache. */
export function lineIn(word: number): RawLine | null {
	return word ? { ...contentsIn(word), state: (word & B.LINE_STATE) - 1 } : null;
}

/** Modified and owned lines are. */
export function isDirty(state: number): boolean {
	return state === B.STATE_DIRTY || state === B.STATE_OWNED;
}

/** A CPU's flags. */
export function flagsIn(byte: number) {
	return {
		irqMasked: (byte & B.CPU_IRQ_MASKED) !== 0,
		preemptMasked: (byte & B.CPU_PREEMPT_MASKED) !== 0,
		irqPending: (byte & B.CPU_IRQ_PENDING) !== 0,
		nmiPending: (byte & B.CPU_NMI_PENDING) !== 0,
	};
}

/** A table page. */
export function tableIn(byte: number): { linked: boolean; freed: boolean } {
	return { linked: (byte & L.TABLE_LINKED) !== 0, freed: (byte & L.TABLE_FREED) !== 0 };
}

/** A frame's flags. */
export function frameIn(byte: number) {
	return {
		released: (byte & L.IS_RELEASED) !== 0,
		dirty: (byte & L.IS_DIRTY) !== 0,
		written: (byte & L.IS_WRITTEN) !== 0,
		unmapped: (byte & L.IS_UNMAPPED) !== 0,
	};
}

/** A pending operation. `value`: where it is known; `line`: where what it is bound for is one. */
export function pendingIn(byte: (at: number) => number, at: number) {
	const by = byte(at + B.PENDING_ACTOR);
	const bound = byte(at + B.PENDING_AT) | (byte(at + B.PENDING_AT + 1) << 8);
	return {
		actor: by & L.WHOSE_PENDING,
		code: byte(at + B.PENDING_CODE),
		value: byte(at + B.PENDING_VALUE),
		known: (by & B.PENDING_IS_CAPTURED) !== 0,
		line: bound & B.PENDING_IS_ON_PAGE ? bound & ~B.PENDING_IS_ON_PAGE : null,
		condemned: (by & B.PENDING_IS_CONDEMNED) !== 0,
	};
}

/** Whether a mapping's bit is set among those of a CPU. */
export function isIn(byte: (at: number) => number, at: number, mapping: number): boolean {
	return ((byte(at + (mapping >> 3)) >> (mapping & 7)) & 1) === 1;
}
