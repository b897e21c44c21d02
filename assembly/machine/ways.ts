import { STATE_CLEAN, STATE_DIRTY, STATE_FORWARD, STATE_OWNED, STATE_SHARED } from "../../bindings/layout/block";
import { REPLACE_FIFO, REPLACE_LRU, REPLACE_PLRU, REPLACE_SRRIP } from "../../bindings/layout/machine";
import { allocate } from "./heap";
import { plruTouched, plruVictim, randomVictim, srripVictim } from "./replacement";

// The set-associative array under every cache and TLB.
//
//   entry, u64   63                                  3 2     0
//                [ key: address of the line or page   | state ]
//
// A key has its low bits clear (a line is at least 8 bytes long), so an entry and a key with the same address differ by
// the state alone: (entry ^ key) < INVALID says "this line, and valid", in one comparison.
//
// LRU and FIFO keep a set's entries in order of age, youngest first: the order is the replacement state, and the state
// bits travel with the entry. The other policies keep entries where they were put, with a word of their own per set.
// A second array of u64, `aside`, moves along with the entries of arrays that need more than a key (see cache.ts, tlb.ts).

/** Modified: may be written again without anybody noticing. */
export const DIRTY: u64 = STATE_DIRTY;
export const CLEAN: u64 = STATE_CLEAN;
/** Of lines that other CPUs may have, too (coherence.ts). Without them a clean line is CLEAN, a dirty one DIRTY. */
export const SHARED: u64 = STATE_SHARED;
/** Shared, and dirty. */
export const OWNED: u64 = STATE_OWNED;
/** Shared, and the one that answers. */
export const FORWARD: u64 = STATE_FORWARD;
export const LAST_STATE: u64 = FORWARD;
/** Any greater state would be invalid too; nothing between LAST_STATE and INVALID is in use yet. */
export const INVALID: u64 = 7;
export const STATES: u64 = 7;
/** No entry, but the answer of bring() that there was one. */
export const HELD: u64 = 5;
/** An empty way. Its key is that of the highest line, which is why a match also asks for the state. */
export const EMPTY: u64 = ~0;

@unmanaged
export class Ways {
	/** First entry; a set takes `stride` bytes. */
	entries: usize;
	stride: usize;
	/** Distance from an entry to its word aside; 0: there is none. */
	aside: usize;
	sets: u32;
	/** sets - 1 where that is a power of two less one, else 0 (and the set is a remainder). */
	mask: u32;
	ways: u32;
	/** log2 of the bytes that share an index: a line or page. */
	shift: u32;
	policy: u32;
	/** LRU order, nothing aside, no peeks: a set is its entries and nothing else. The common case, and the fast one. */
	plain: bool;
	/** 2^32 / ways, rounded up: what a row's place is multiplied by instead of divided, to get the number of its set. */
	inverse: u64;
	/** PLRU: a u64 of tree bits per set. SRRIP: a byte per way. */
	history: usize;
	/** PLRU: for each way, what a touch of it leaves of the tree bits, and what it sets. */
	masks: usize;
	/** Random: the generator. */
	random: u64;
	/** Bits of the word aside that belong to an entry's identity. */
	identity: u64;
	/** For each set the virtual address of what a CPU touched last in it (| state), or EMPTY: see peek(). 0: not kept. */
	peeks: usize;
	/** One peek for all sets (a TLB whose sets do not follow from the base page alone). */
	onePeek: bool;
	/** CPU and address space whose peeks these are: cpu << 16 | asid. */
	peeksOf: u32;

	// The verbs are methods because asc inlines methods where they are marked: a call costs V8 more than what most of them
	// do, and the sieve (drive/sieve.ts) must not call anything.

	/** Address of the first entry of the set that line or page `number` belongs to. */
	@inline row(number: u64): usize {
		const set = this.mask || this.sets == 1 ? <u32>number & this.mask : <u32>(number % this.sets);
		return this.entries + <usize>set * this.stride;
	}

	/**
	 * Looks for a key in a row and, where it is there, makes it the youngest of its set. Returns where the entry is now, or
	 * 0.
	 */
	@inline use(row: usize, key: u64, aside: u64): usize {
		if (!this.plain) return findAndTouch(this, row, key, aside);
		return useInRow(row, row + this.stride, key) ? row : 0;
	}

	/** The valid entry with this key (and identity aside) in a row, or 0. */
	@inline find(row: usize, key: u64, aside: u64): usize {
		const end = row + this.stride;
		let p = row;
		if (this.ways > 8) {
			const keys = i64x2.splat(key >> 3);
			for (const last = end - 32; p <= last; p += 32) {
				const low = i64x2.eq(i64x2.shr_u(v128.load(p), 3), keys);
				const high = i64x2.eq(i64x2.shr_u(v128.load(p, 16), 3), keys);
				if (v128.any_true(v128.or(low, high))) break;
			}
		}
		for (; p < end; p += 8) {
			if ((load<u64>(p) ^ key) < INVALID) {
				if (this.identity == 0 || ((load<u64>(p + this.aside) ^ aside) & this.identity) == 0) break;
			}
		}
		return p < end ? p : 0;
	}

	/** use() for an array in LRU order: half of the hits that are not in the first way are in the second. */
	@inline useOrdered(row: usize, key: u64, aside: u64): usize {
		const second = row + 8;
		const beside = this.aside;
		if (this.ways > 1 && (load<u64>(second) ^ key) < INVALID) {
			const other = load<u64>(second + beside);
			if (((other ^ aside) & this.identity) == 0) {
				const entry = load<u64>(second);
				store<u64>(second, load<u64>(row));
				store<u64>(row, entry);
				if (beside) {
					store<u64>(second + beside, load<u64>(row + beside));
					store<u64>(row + beside, other);
				}
				return row;
			}
		}
		const at = this.find(row, key, aside);
		return at ? this.rise(row, at) : 0;
	}

	/** Something found at `at` is used: it becomes the youngest of its set. Returns where it is now. */
	@inline touch(row: usize, at: usize): usize {
		if (this.peeks) store<u64>(this.peekOf(row), EMPTY);
		let now = at;
		if (this.policy == REPLACE_LRU) now = this.rise(row, at);
		else if (this.policy == REPLACE_PLRU) this.point(row, at);
		else if (this.policy == REPLACE_SRRIP) store<u8>(this.history + ((at - this.entries) >> 3), 0);
		return now;
	}

	/** touch() in LRU order. */
	@inline rise(row: usize, at: usize): usize {
		if (at != row) this.moveDown(row, at, load<u64>(at), this.aside ? load<u64>(at + this.aside) : 0);
		return row;
	}

	/** touch() under PLRU. */
	@inline point(row: usize, at: usize): usize {
		const tree = this.historyOf(row);
		const masks = this.masks + ((at - row) << 1);
		store<u64>(tree, (load<u64>(tree) & load<u64>(masks)) | load<u64>(masks, 8));
		return at;
	}

	/** Puts an entry in front of a row; those before `at` move one down, over what is there. */
	@inline moveDown(row: usize, at: usize, entry: u64, aside: u64): void {
		for (let p = at; p > row; p -= 8) store<u64>(p, load<u64>(p - 8));
		store<u64>(row, entry);
		const beside = this.aside;
		if (beside) {
			for (let p = at + beside; p > row + beside; p -= 8) store<u64>(p, load<u64>(p - 8));
			store<u64>(row + beside, aside);
		}
	}

	/** Number of the set whose row this is. */
	@inline setOf(row: usize): usize {
		return <usize>((<u64>((row - this.entries) >> 3) * this.inverse) >> 32);
	}

	/** Where the peek of a row is. */
	@inline peekOf(row: usize): usize {
		return this.onePeek ? this.peeks : this.peeks + (this.setOf(row) << 3);
	}

	@inline historyOf(row: usize): usize {
		return this.history + (this.setOf(row) << 3);
	}

	/**
	 * Notes that a CPU's reference touched what is at `at`, by virtual address `address` (| state). As long as nothing else
	 * in the set is touched, the same reference again changes nothing at all: that is what the sieve (drive/sieve.ts) rests
	 * on. (It would under SRRIP, where a line just filled is less recent than one hit: no peek then.)
	 */
	@inline peek(row: usize, at: usize, address: u64): void {
		const recent = this.policy != REPLACE_SRRIP || load<u8>(this.history + ((at - this.entries) >> 3)) == 0;
		store<u64>(this.peekOf(row), recent ? address : EMPTY);
	}

	/**
	 * use() and place() in one pass over a row, of `bytes` bytes, of a plain array: `entry` is first in it afterwards. Returns
	 * HELD if its line was there (and was dirty: it stays so); else what it pushed out.
	 */
	@inline static bring(row: usize, bytes: usize, entry: u64): u64 {
		const kept = entry | ~CLEAN;
		let here = load<u64>(row);
		if ((here ^ entry) < INVALID) {
			store<u64>(row, here & kept);
			return HELD;
		}
		// Half of the hits that are not in the first way are in the second.
		if (bytes > 8) {
			const first = here;
			here = load<u64>(row, 8);
			store<u64>(row, first, 8);
			if ((here ^ entry) < INVALID) {
				store<u64>(row, here & kept);
				return HELD;
			}
		}
		const end = row + bytes;
		let at = row + 16;
		for (; at < end; at += 8) {
			const before = here;
			here = load<u64>(at);
			store<u64>(at, before);
			if ((here ^ entry) < INVALID) break;
		}
		if (at < end) {
			store<u64>(row, here & kept);
			return HELD;
		}
		store<u64>(row, entry);
		return here;
	}

	/** A new entry enters a set, pushing out `out` / `outAside` when no way is free. Returns where it is. */
	@inline place(row: usize, entry: u64, aside: u64): usize {
		if (!this.plain) return placeByPolicy(this, row, entry, aside);
		out = push(row, row + this.stride - 8, entry);
		return row;
	}
}

export const WAYS_SIZE: usize = offsetof<Ways>();

/** What place() pushed out: an entry (EMPTY if a way was free) and its word aside. */
export let out: u64 = EMPTY;
export let outAside: u64 = 0;

export function setUpWays(a: Ways, sets: u32, ways: u32, shift: u32, policy: u32, seed: u64): void {
	const entries = <u64>sets * ways;
	a.sets = sets;
	a.mask = (sets & (sets - 1)) == 0 ? sets - 1 : 0;
	a.ways = ways;
	a.inverse = ((<u64>1) << 32) / ways + 1;
	a.shift = shift;
	a.policy = policy;
	a.plain = policy == REPLACE_LRU;
	a.random = seed;
	a.stride = (<usize>ways) << 3;
	a.entries = allocate(entries << 3);
	if (a.entries) memory.fill(a.entries, 0xff, (<usize>entries) << 3);
	if (policy == REPLACE_PLRU) {
		a.history = allocate((<u64>sets) << 3);
		a.masks = allocate((<u64>ways) << 4);
		for (let way: u32 = 0; way < ways && a.masks; way++) {
			const at = a.masks + ((<usize>way) << 4);
			store<u64>(at, plruTouched(~0, ways, way));
			store<u64>(at, plruTouched(0, ways, way), 8);
		}
	}
	if (policy == REPLACE_SRRIP) a.history = allocate(entries);
}

/** Gives every entry a word aside; the bits in `identity` must be equal for an entry to match. */
export function keepAside(a: Ways, identity: u64): void {
	const at = allocate((<u64>a.sets * a.ways) << 3);
	a.aside = at - a.entries;
	a.identity = identity;
	a.plain = false;
}

/** Keeps peeks: for arrays that a CPU's references enter. */
export function keepPeeks(a: Ways, one: bool): void {
	const count = one ? 1 : a.sets;
	a.onePeek = one;
	a.peeks = allocate((<u64>count) << 3);
	a.peeksOf = ~0;
	a.plain = false;
}

/** Ways.find(), called. */
export function find(a: Ways, row: usize, key: u64, aside: u64): usize {
	return a.find(row, key, aside);
}

/** Peeks are by virtual address: they hold for one CPU and address space at a time. */
export function peeksFor(a: Ways, cpu: u32, asid: u32): void {
	const context = (cpu << 16) | asid;
	if (a.peeks == 0 || a.peeksOf == context) return;
	a.peeksOf = context;
	memory.fill(a.peeks, 0xff, (<usize>(a.onePeek ? 1 : a.sets)) << 3);
}

function findAndTouch(a: Ways, row: usize, key: u64, aside: u64): usize {
	const at = a.find(row, key, aside);
	return at ? a.touch(row, at) : 0;
}

/** use() for a row of a plain array: whether the key is there, and first now. */
function useInRow(row: usize, end: usize, key: u64): bool {
	for (let at = row; at < end; at += 8) {
		const entry = load<u64>(at);
		if ((entry ^ key) >= INVALID) continue;
		for (; at > row; at -= 8) store<u64>(at, load<u64>(at - 8));
		store<u64>(row, entry);
		return true;
	}
	return false;
}

/** place() for a row of a plain array; returns what was in the last way. */
function push(row: usize, last: usize, entry: u64): u64 {
	const pushed = load<u64>(last);
	for (let p = last; p > row; p -= 8) store<u64>(p, load<u64>(p - 8));
	store<u64>(row, entry);
	return pushed;
}

function placeByPolicy(a: Ways, row: usize, entry: u64, aside: u64): usize {
	if (a.peeks) store<u64>(a.peekOf(row), EMPTY);
	if (ordered(a)) {
		const last = row + a.stride - 8;
		out = load<u64>(last);
		if (a.aside) outAside = load<u64>(last + a.aside);
		a.moveDown(row, last, entry, aside);
		return row;
	}
	const at = freeWay(a, row) || row + ((<usize>victim(a, row)) << 3);
	out = load<u64>(at);
	store<u64>(at, entry);
	if (a.aside) {
		outAside = load<u64>(at + a.aside);
		store<u64>(at + a.aside, aside);
	}
	if (a.policy == REPLACE_PLRU) a.point(row, at);
	else if (a.policy == REPLACE_SRRIP) store<u8>(a.history + ((at - a.entries) >> 3), 2);
	return at;
}

/** The entry at `at` goes; its way is the next to be used. */
export function remove(a: Ways, row: usize, at: usize): void {
	if (a.peeks) store<u64>(a.peekOf(row), EMPTY);
	if (!ordered(a)) {
		store<u64>(at, EMPTY);
		return;
	}
	const last = row + a.stride - 8;
	memory.copy(at, at + 8, last - at);
	store<u64>(last, EMPTY);
	if (a.aside) memory.copy(at + a.aside, at + a.aside + 8, last - at);
}

/** Whether a set's entries stand in order of age. */
function ordered(a: Ways): bool {
	return a.policy == REPLACE_LRU || a.policy == REPLACE_FIFO;
}

function freeWay(a: Ways, row: usize): usize {
	for (let p = row, end = row + a.stride; p < end; p += 8) if ((load<u64>(p) & STATES) == INVALID) return p;
	return 0;
}

function victim(a: Ways, row: usize): u32 {
	if (a.policy == REPLACE_PLRU) return plruVictim(a.historyOf(row), a.ways);
	if (a.policy == REPLACE_SRRIP) return srripVictim(a.history + ((row - a.entries) >> 3), a.ways);
	a.random = a.random * 6364136223846793005 + 1442695040888963407;
	return randomVictim(a.random, a.ways);
}
