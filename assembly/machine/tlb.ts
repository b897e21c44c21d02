import {
	TLB_COUNT_ACCESSES,
	TLB_COUNT_EVICTIONS,
	TLB_COUNT_FILLS,
	TLB_COUNT_MISSES,
	TLB_COUNT_REFILLS,
	TLB_COUNT_SIZE,
	TRANSLATE_IDENTITY,
} from "../../bindings/layout/machine";
import { entryFor, Table } from "./table";
import { basePage, mapped, pageBits, pageSizeOf, policy } from "./translate";
import { Walker, walk } from "./walk";
import { INVALID, out, STATES, CLEAN as VALID, Ways } from "./ways";

// Translation lookaside buffers: docs/simulation.md, "TLBs and translation". A TLB is a set-associative array whose lines
// are pages and whose next level is another TLB or the walker.
//
//   entry, u64   63                     12 11      6 5    3 2     0
//                [ virtual page address   | asid low | size | state ]
//   aside, u64   63                     16 15                     0
//                [ physical frame         | asid                    ]
//
// Pages are at least 4 KiB, so the low twelve bits of a key are free: the size keeps pages of different sizes apart, the
// low bits of the ASID spare most look-ups the word aside.

@unmanaged
export class Tlb {
	pages: Ways;
	/** Counts of this TLB's CPU 0; the others' follow, TLB_COUNT_SIZE apart. */
	counts: usize;
	/** The first CPU of those that share this instance. */
	firstCpu: u32;
	/** Pages (key and ASID) that were removed by an operation (1) and have not been here since. */
	shot: Table;
	/** For each page size number the TLB asked on a miss, or null: walk. PAGE_SIZES pointers. */
	next: usize;
}

const ASID_LOW: u32 = 63;

/** First frame of the page whose entry is at `at`. */
export function frameAt(pages: Ways, at: usize): u64 {
	return load<u64>(at + pages.aside) >> 16;
}

/** The key of the page of `bits` (log2), which is size number `size`, that holds an address. */
export function keyOf(virtual: u64, asid: u32, size: u32, bits: u32): u64 {
	return ((virtual >> bits) << bits) | ((<u64>(asid & ASID_LOW)) << 6) | ((<u64>size) << 3);
}

function count(t: Tlb, cpu: u32, field: usize): void {
	const at = t.counts + <usize>cpu * TLB_COUNT_SIZE + field;
	store<u64>(at, load<u64>(at) + 1);
}

/** First frame of the page of `bits` (log2) that holds an address. Under identity it is not asked for. */
function frameOf(virtual: u64, asid: u32, size: u32, bits: u32): u64 {
	if (policy == TRANSLATE_IDENTITY) return 0;
	return mapped((virtual >> bits) << bits, asid, size) >> basePage;
}

/**
 * The first frame of the page that holds an address, through a TLB (null: none), its outer TLBs and the walker. Every TLB
 * that missed holds the page afterwards, the outermost first.
 */
function frameThrough(t: Tlb | null, w: Walker, cpu: u32, asid: u32, virtual: u64, size: u32, bits: u32): u64 {
	if (!t) {
		walk(w, asid, virtual, bits);
		return frameOf(virtual, asid, size, bits);
	}
	const pages = t.pages;
	const row = pages.row(virtual >> bits);
	const key = keyOf(virtual, asid, size, bits);
	const peeked = (virtual >> basePage) << basePage;
	count(t, cpu, TLB_COUNT_ACCESSES);
	const at = pages.use(row, key, asid);
	if (at) {
		if (pages.peeks) pages.peek(row, at, peeked);
		return frameAt(pages, at);
	}
	count(t, cpu, TLB_COUNT_MISSES);
	const mark = entryFor(t.shot, key, asid);
	if (mark && load<u64>(mark)) {
		count(t, cpu, TLB_COUNT_REFILLS);
		store<u64>(mark, 0);
	}
	const outer = load<Tlb | null>(t.next + <usize>size * sizeof<usize>());
	const frame = frameThrough(outer, w, cpu, asid, virtual, size, bits);
	const placed = pages.place(row, key | VALID, (frame << 16) | asid);
	if (pages.peeks) pages.peek(row, placed, peeked);
	count(t, cpu, TLB_COUNT_FILLS);
	if ((out & STATES) != INVALID) count(t, cpu, TLB_COUNT_EVICTIONS);
	return frame;
}

/**
 * Physical address of a virtual one. `first` is the table of a side's first-level TLBs by page size number, or 0 where that
 * side has no TLB at all.
 */
export function translate(first: usize, w: Walker, cpu: u32, asid: u32, virtual: u64): u64 {
	if (first == 0 && policy == TRANSLATE_IDENTITY) return virtual;
	const size = pageSizeOf(virtual);
	if (first == 0) return mapped(virtual, asid, size);
	const bits = pageBits(size);
	const frame = frameThrough(
		load<Tlb | null>(first + <usize>size * sizeof<usize>()),
		w,
		cpu,
		asid,
		virtual,
		size,
		bits,
	);
	return policy == TRANSLATE_IDENTITY ? virtual : (frame << basePage) + (virtual & (((<u64>1) << bits) - 1));
}
