import { TRANSLATE_IDENTITY } from "../../bindings/layout/machine";
import { KIND_FETCH, KIND_MASK, KIND_WRITE, RECORD_SIZE } from "../../bindings/layout/records";
import { Cache, canBeDirty } from "../machine/cache";
import { Cpu } from "../machine/cpu";
import { frameAt, keyOf, Tlb } from "../machine/tlb";
import { basePage, policy } from "../machine/translate";
import { CLEAN, DIRTY, EMPTY, HELD, INVALID, STATES, Ways } from "../machine/ways";

// The sieve. Most references are to the line last touched in its set, through the page last touched in its TLB set: they
// change nothing and need only be counted. Most others find line and page in the first levels and change no more than their
// order. Only what is left goes the whole way by the machine's rules (trace.ts).
//
// Which words to compare, and what a touch is, is a matter of geometry and policy, known at compile time for the common
// ones: sieve() is compiled once for each L and P, with the methods of changetype<L>(0) folded into it.
//
// It calls nothing: around a call V8 keeps every variable in memory, for all of the function. For the same reason the inner
// loop and what follows it share as little as they can, through a fixed place.

/** One side of a CPU, fetch or data. In a fixed place: a constant address takes no register. */
@unmanaged
class Side {
	/** First row or peek of the first-level cache; AnyLines: its Ways. */
	lines: usize;
	/** log2 of a line less 3, the number of sets less 1 shifted by 3, and the bits of an address that a line's key keeps. */
	shift: u64;
	sets: usize;
	keys: u64;
	ways: Ways;
	/** A write that hits marks its line dirty and does nothing else. */
	dirties: bool;
	/** First peek of the first-level TLB; AnyPages: its Ways. */
	pages: usize;
	/** The number of its sets less 1, shifted by 3. */
	pageSets: usize;
	pageWays: Ways;

	/** A reference to a line that belongs in this row: where its entry is, after the touch, or 0. */
	@inline touch<T extends Touch>(row: usize, physical: u64, write: u64): usize {
		if (write && !this.dirties) return 0;
		const ways = this.ways;
		const key = physical & this.keys;
		const found = ways.find(row, key, 0);
		if (found == 0) {
			MISSED.at = physical;
			return 0;
		}
		// The others have to be told first.
		if (changetype<T>(0).tells() && write && (load<u64>(found) & STATES) > CLEAN) return 0;
		const at = changetype<T>(0).touch(ways, row, found);
		if (write) store<u64>(at, key | DIRTY);
		return at;
	}

	/** touch(), where the row has a peek, at `peek`. */
	@inline touchPeeked<T extends Touch>(peek: usize, virtual: u64, physical: u64, write: u64): bool {
		const at = this.touch<T>(this.ways.entries + (peek - this.lines) * this.ways.ways, physical, write);
		if (at == 0) return false;
		store<u64>(peek, (virtual & this.keys) | (load<u64>(at) & STATES));
		return true;
	}
}

const FETCH = changetype<Side>(memory.data(offsetof<Side>(), 8));
const DATA = changetype<Side>(memory.data(offsetof<Side>(), 8));

/** Variables of the loop, while something longer than it is done. */
@unmanaged
class Parked {
	p: usize;
	end: usize;
}

const PARKED = changetype<Parked>(memory.data(offsetof<Parked>(), 8));

/** The address space of the records. */
let asid: u32 = 0;

/** Fetches and writes seen since prepare(), the records handed back included. */
export let fetches: u64 = 0;
export let writes: u64 = 0;

/** No address. */
export const NOWHERE: u64 = ~0;

/** What became of the record handed back, if its line was looked for and not found. */
@unmanaged
class Missed {
	/** Its physical address. NOWHERE: nothing has happened yet that would not happen again. */
	at: u64;
	/** What the line has pushed out, if it has taken its place in its row. */
	pushed: u64;
}

export const MISSED = changetype<Missed>(memory.data(offsetof<Missed>(), 8));

/** Before the sieve is given records of this CPU. */
export function prepare<L extends Lines, P extends Pages>(cpu: Cpu): void {
	describe<L, P>(FETCH, cpu.fetch, cpu.fetchTlbs);
	describe<L, P>(DATA, cpu.data, cpu.dataTlbs);
	asid = cpu.asid;
	fetches = 0;
	writes = 0;
}

function describe<L extends Lines, P extends Pages>(side: Side, c: Cache | null, tlbs: usize): void {
	side.lines = changetype<L>(0).from(c);
	if (c) {
		side.ways = c.lines;
		side.shift = c.lines.shift - 3;
		side.sets = (<usize>c.lines.mask) << 3;
		side.keys = ~(c.line - 1);
		side.dirties = canBeDirty(c);
	}
	side.pages = changetype<P>(0).from(tlbs);
	if (tlbs) {
		side.pageWays = load<Tlb>(tlbs).pages;
		side.pageSets = (<usize>side.pageWays.mask) << 3;
	}
}

/** Runs records, as far as the sieve can. Returns the first that it cannot run, or `end`. */
export function sieve<L extends Lines, P extends Pages>(p: usize, end: usize): usize {
	const lines = changetype<L>(0);
	const pages = changetype<P>(0);
	const parks = lines.long() || pages.kept();
	let f: u64 = 0;
	let w: u64 = 0;
	MISSED.at = NOWHERE;
	for (; p <= end; p += RECORD_SIZE) {
		let x: u64;
		let at: usize;
		// Two arms and nothing else, so that V8 unrolls it: what this loop costs is what a trace costs.
		for (; ; p += RECORD_SIZE) {
			if (p >= end) return leave(p, f, w);
			x = load<u64>(p);
			if ((<u32>x & KIND_MASK) == KIND_FETCH) {
				f++;
				at = lines.at(FETCH, x);
				if ((load<u64>(at) ^ lines.key(FETCH, x)) >= INVALID) break;
				if (!pages.same(FETCH, x)) break;
			} else {
				w += x & KIND_WRITE;
				at = lines.at(DATA, x);
				// A line that is to be written must be dirty already for the write to change nothing.
				const limit = select<u64>(CLEAN, INVALID, <u32>x & KIND_WRITE);
				if ((load<u64>(at) ^ lines.key(DATA, x)) >= limit) break;
				if (!pages.same(DATA, x)) break;
			}
		}
		if (!lines.serves() || !pages.serves()) break;
		if (parks) {
			PARKED.p = p;
			PARKED.end = end;
			x = load<u64>(p);
		}
		const side = (<u32>x & KIND_MASK) == KIND_FETCH ? FETCH : DATA;
		if (parks) at = lines.at(side, x);
		const virtual = x & ~7;
		let physical = virtual;
		if (pages.kept()) {
			const entry = pages.serve(side, virtual);
			if (entry == 0) return leave(parks ? PARKED.p : p, f, w);
			if (policy != TRANSLATE_IDENTITY) physical = (frameAt(side.pageWays, entry) << 12) | (virtual & 4095);
		}
		if (!lines.serve(side, at, virtual, physical, x & KIND_WRITE)) return leave(parks ? PARKED.p : p, f, w);
		if (parks) {
			p = PARKED.p;
			end = PARKED.end;
		}
	}
	return leave(p, f, w);
}

function leave(p: usize, f: u64, w: u64): usize {
	fetches += f;
	writes += w;
	return p;
}

/** Where the key 0 is always found, and where it never is. */
const ALWAYS: usize = memory.data<u64>([CLEAN]);
const NEVER: usize = memory.data<u64>([EMPTY]);

/** A first-level cache. */
export interface Lines {
	/** Side.lines */
	from(c: Cache | null): usize;
	/** Where the entry last touched in the set of record `x` is. */
	at(side: Side, x: u64): usize;
	/** What it is when it is the line of `x`, but for the state. */
	key(side: Side, x: u64): u64;
	/** Whether serve() takes so many registers that the loop's variables are better parked. */
	long(): bool;
	/** Whether serve() may be asked. */
	serves(): bool;
	/**
	 * The reference touches its line and true is returned, if the line is there and that is all there is to do. `at`: what
	 * at() gave.
	 */
	serve(side: Side, at: usize, virtual: u64, physical: u64, write: u64): bool;
}

/**
 * A plain cache of 64 sets of 8 ways of 64 bytes: in LRU order and tagged with the addresses of the records, so that the
 * first way is the last line touched.
 */
export class Rows64x8 implements Lines {
	@inline from(c: Cache | null): usize {
		return c!.lines.entries;
	}
	@inline at(side: Side, x: u64): usize {
		return side.lines + (<usize>x & 0xfc0);
	}
	@inline key(side: Side, x: u64): u64 {
		return x & ~63;
	}
	@inline long(): bool {
		return false;
	}
	@inline serves(): bool {
		return true;
	}
	@inline serve(side: Side, at: usize, virtual: u64, physical: u64, write: u64): bool {
		const out = Ways.bring(at, 64, (virtual & ~63) | (write ? DIRTY : CLEAN));
		if (out == HELD) return true;
		MISSED.pushed = out;
		MISSED.at = physical;
		return false;
	}
}

/** The same in a coherent machine, whose lines may have to be asked for. */
export class Rows64x8Coherent implements Lines {
	@inline from(c: Cache | null): usize {
		return c!.lines.entries;
	}
	@inline at(side: Side, x: u64): usize {
		return side.lines + (<usize>x & 0xfc0);
	}
	@inline key(side: Side, x: u64): u64 {
		return x & ~63;
	}
	@inline long(): bool {
		return true;
	}
	@inline serves(): bool {
		return true;
	}
	@inline serve(side: Side, at: usize, virtual: u64, physical: u64, write: u64): bool {
		if (write && !side.dirties) return false;
		const key = virtual & ~63;
		let here = load<u64>(at);
		let p = at;
		for (; (here ^ key) >= INVALID; here = load<u64>(p)) {
			p += 8;
			if (p == at + 64) {
				MISSED.at = physical;
				return false;
			}
		}
		if (write) {
			// The others have to be told first.
			if ((here & STATES) > CLEAN) return false;
			here = key | DIRTY;
		}
		for (; p > at; p -= 8) store<u64>(p, load<u64>(p - 8));
		store<u64>(at, here);
		return true;
	}
}

/** 64 sets of 64-byte lines with peeks (ways.ts) and physical tags. */
export class Peeks64<T extends Touch> implements Lines {
	@inline from(c: Cache | null): usize {
		return c!.lines.peeks;
	}
	@inline at(side: Side, x: u64): usize {
		return side.lines + (<usize>(x >> 3) & 0x1f8);
	}
	@inline long(): bool {
		return true;
	}
	@inline key(side: Side, x: u64): u64 {
		return x & ~63;
	}
	@inline serves(): bool {
		return true;
	}
	@inline serve(side: Side, at: usize, virtual: u64, physical: u64, write: u64): bool {
		return side.touchPeeked<T>(this.at(side, virtual), virtual, physical, write);
	}
}

/** Any power of two of sets with peeks and physical tags. */
export class Peeks<T extends Touch> implements Lines {
	@inline from(c: Cache | null): usize {
		return c!.lines.peeks;
	}
	@inline at(side: Side, x: u64): usize {
		return side.lines + (<usize>(x >> side.shift) & side.sets);
	}
	@inline long(): bool {
		return true;
	}
	@inline key(side: Side, x: u64): u64 {
		return x & side.keys;
	}
	@inline serves(): bool {
		return true;
	}
	@inline serve(side: Side, at: usize, virtual: u64, physical: u64, write: u64): bool {
		return side.touchPeeked<T>(this.at(side, virtual), virtual, physical, write);
	}
}

/** A power of two of sets which the physical address decides, without peeks: what was touched last is not known. */
export class Unpeeked<T extends Touch> implements Lines {
	@inline from(c: Cache | null): usize {
		return 0;
	}
	@inline at(side: Side, x: u64): usize {
		return NEVER;
	}
	@inline key(side: Side, x: u64): u64 {
		return 0;
	}
	@inline long(): bool {
		return true;
	}
	@inline serves(): bool {
		return true;
	}
	@inline serve(side: Side, at: usize, virtual: u64, physical: u64, write: u64): bool {
		const row = side.ways.entries + (<usize>(physical >> side.shift) & side.sets) * side.ways.ways;
		return side.touch<T>(row, physical, write) != 0;
	}
}

/** Any geometry, read from the cache's description; or no cache at all. */
export class AnyLines implements Lines {
	@inline from(c: Cache | null): usize {
		return c ? changetype<usize>(c.lines) : 0;
	}
	@inline at(side: Side, x: u64): usize {
		return side.lines ? lastInSet(changetype<Ways>(side.lines), x) : ALWAYS;
	}
	@inline long(): bool {
		return true;
	}
	@inline key(side: Side, x: u64): u64 {
		return side.lines ? x & side.keys : 0;
	}
	@inline serves(): bool {
		return false;
	}
	@inline serve(side: Side, at: usize, virtual: u64, physical: u64, write: u64): bool {
		return false;
	}
}

function lastInSet(lines: Ways, x: u64): usize {
	const row = lines.row(x >> lines.shift);
	return lines.peeks ? lines.peekOf(row) : row;
}

/** Ways.touch(), for a policy known at compile time. */
export interface Touch {
	touch(a: Ways, row: usize, at: usize): usize;
	/** The machine is coherent: only a line that nobody else has is written without more ado. */
	tells(): bool;
}

export class TouchLru implements Touch {
	@inline touch(a: Ways, row: usize, at: usize): usize {
		return a.rise(row, at);
	}
	@inline tells(): bool {
		return false;
	}
}

export class TouchPlru implements Touch {
	@inline touch(a: Ways, row: usize, at: usize): usize {
		return a.point(row, at);
	}
	@inline tells(): bool {
		return false;
	}
}

export class TouchAny implements Touch {
	@inline touch(a: Ways, row: usize, at: usize): usize {
		return a.touch(row, at);
	}
	@inline tells(): bool {
		return false;
	}
}

export class TouchPlruCoherent implements Touch {
	@inline touch(a: Ways, row: usize, at: usize): usize {
		return a.point(row, at);
	}
	@inline tells(): bool {
		return true;
	}
}

export class TouchCoherent implements Touch {
	@inline touch(a: Ways, row: usize, at: usize): usize {
		return a.touch(row, at);
	}
	@inline tells(): bool {
		return true;
	}
}

/** A first-level TLB. */
export interface Pages {
	/** false: this machine has no TLBs. */
	kept(): bool;
	/** Side.pages */
	from(tlbs: usize): usize;
	/** Whether record `x` is on the page last touched in its set. */
	same(side: Side, x: u64): bool;
	/** Whether serve() may be asked. */
	serves(): bool;
	/** The reference touches its page, if that is there: where its entry is now, or 0. */
	serve(side: Side, virtual: u64): usize;
}

export class NoPages implements Pages {
	@inline kept(): bool {
		return false;
	}
	@inline from(tlbs: usize): usize {
		return 0;
	}
	@inline same(side: Side, x: u64): bool {
		return true;
	}
	@inline serves(): bool {
		return true;
	}
	@inline serve(side: Side, virtual: u64): usize {
		return 0;
	}
}

/** A power of two of sets of 4 KiB pages in LRU order. */
export class Pages4K implements Pages {
	@inline kept(): bool {
		return true;
	}
	@inline from(tlbs: usize): usize {
		return load<Tlb>(tlbs).pages.peeks;
	}
	@inline same(side: Side, x: u64): bool {
		return load<u64>(side.pages + (<usize>(x >> 9) & side.pageSets)) == (x & ~4095);
	}
	@inline serves(): bool {
		return true;
	}
	@inline serve(side: Side, virtual: u64): usize {
		const ways = side.pageWays;
		const peek = side.pages + (<usize>(virtual >> 9) & side.pageSets);
		const row = ways.entries + (peek - side.pages) * ways.ways;
		if (load<u64>(peek) == (virtual & ~4095)) return row;
		const at = ways.useOrdered(row, keyOf(virtual, asid, 0, 12), asid);
		if (at == 0) return 0;
		store<u64>(peek, virtual & ~4095);
		return at;
	}
}

/** Any base page, any sets; or no TLB on this side. */
export class AnyPages implements Pages {
	@inline kept(): bool {
		return true;
	}
	@inline from(tlbs: usize): usize {
		return tlbs ? changetype<usize>(load<Tlb>(tlbs).pages) : 0;
	}
	@inline same(side: Side, x: u64): bool {
		return side.pages == 0 || samePage(changetype<Ways>(side.pages), x);
	}
	@inline serves(): bool {
		return false;
	}
	@inline serve(side: Side, virtual: u64): usize {
		return 0;
	}
}

function samePage(pages: Ways, x: u64): bool {
	const number = x >> basePage;
	return load<u64>(pages.peekOf(pages.row(number))) == number << basePage;
}
