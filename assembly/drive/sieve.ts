import { Cache } from "../machine/cache";
import { Tlb } from "../machine/tlb";
import { basePage } from "../machine/translate";
import { Ways } from "../machine/ways";

// The sieve: is this reference to the line last touched in its set, through the page last touched in its TLB set? Then it
// changes nothing and need only be counted. Which words to compare is a matter of geometry, known at compile time for the
// common ones: a loop over `changetype<L>(0).at(…)` is compiled once for each L, with these methods folded into it. They
// return words, not answers: an answer that passes through a variable costs a second branch.

/** Where a side without a cache or TLB finds what it always matches. */
const NOTHING: usize = memory.data(8, 8);

/** The last line touched in each set of a first-level cache. */
export interface Lines {
	/** What at() and key() are to be given for a cache. */
	from(c: Cache | null): usize;
	/** Where the entry last touched in the set of record `x` is. */
	at(from: usize, x: u64): usize;
	/** What it is when it is the line of `x`, but for the state. */
	key(from: usize, x: u64): u64;
	/** Whether the entry is the first of a row in LRU order, and how long that row is: then hits in it can be served here. */
	ordered(): bool;
	bytes(): usize;
}

/** 64 sets of 8 ways of 64 bytes in LRU order, tagged with the addresses of the records: the first way is the last line
 * touched. */
export class Rows64x8 implements Lines {
	@inline from(c: Cache | null): usize {
		return c!.lines.entries;
	}
	@inline at(from: usize, x: u64): usize {
		return from + (<usize>x & 0xfc0);
	}
	@inline key(from: usize, x: u64): u64 {
		return x & ~63;
	}
	@inline ordered(): bool {
		return true;
	}
	@inline bytes(): usize {
		return 64;
	}
}

/** 64 sets of 64-byte lines with peeks (ways.ts). */
export class Peeks64 implements Lines {
	@inline from(c: Cache | null): usize {
		return c!.lines.peeks;
	}
	@inline at(from: usize, x: u64): usize {
		return from + (<usize>(x >> 3) & 0x1f8);
	}
	@inline key(from: usize, x: u64): u64 {
		return x & ~63;
	}
	@inline ordered(): bool {
		return false;
	}
	@inline bytes(): usize {
		return 0;
	}
}

/** Any geometry, read from the cache's description; or no cache at all. */
export class AnyLines implements Lines {
	@inline from(c: Cache | null): usize {
		return c ? changetype<usize>(c.lines) : 0;
	}
	@inline at(from: usize, x: u64): usize {
		return from ? lastInSet(changetype<Ways>(from), x) : NOTHING;
	}
	@inline key(from: usize, x: u64): u64 {
		return from ? x & ~((<u64>1 << changetype<Ways>(from).shift) - 1) : 0;
	}
	@inline ordered(): bool {
		return false;
	}
	@inline bytes(): usize {
		return 0;
	}
}

function lastInSet(lines: Ways, x: u64): usize {
	const row = lines.row(x >> lines.shift);
	return lines.peeks ? lines.peeks + ((row - lines.entries) / lines.stride << 3) : row;
}

/** The last page touched in each set of a first-level TLB. */
export interface Pages {
	/** false: this machine has no TLBs. */
	kept(): bool;
	/** What same() is to be given for the first-level TLBs of a side. */
	from(tlbs: usize): usize;
	mask(tlbs: usize): usize;
	/** Whether record `x` is on the page last touched in its set. */
	same(from: usize, mask: usize, x: u64): bool;
}

export class NoPages implements Pages {
	@inline kept(): bool {
		return false;
	}
	@inline from(tlbs: usize): usize {
		return 0;
	}
	@inline mask(tlbs: usize): usize {
		return 0;
	}
	@inline same(from: usize, mask: usize, x: u64): bool {
		return true;
	}
}

/** 4 KiB pages, a power of two of sets. */
export class Pages4K implements Pages {
	@inline kept(): bool {
		return true;
	}
	@inline from(tlbs: usize): usize {
		return load<Tlb>(tlbs).pages.peeks;
	}
	@inline mask(tlbs: usize): usize {
		return <usize>load<Tlb>(tlbs).pages.mask << 3;
	}
	@inline same(from: usize, mask: usize, x: u64): bool {
		return load<u64>(from + (<usize>(x >> 9) & mask)) == (x & ~4095);
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
	@inline mask(tlbs: usize): usize {
		return 0;
	}
	@inline same(from: usize, mask: usize, x: u64): bool {
		return from == 0 || samePage(changetype<Ways>(from), x);
	}
}

function samePage(pages: Ways, x: u64): bool {
	const number = x >> basePage;
	const at = pages.onePeek ? pages.peeks : pages.peeks + ((pages.row(number) - pages.entries) / pages.stride << 3);
	return load<u64>(at) == number << basePage;
}
