import { SLOT_SECOND, SLOT_SIZE, SLOT_VALUE } from "../../bindings/layout/machine";
import { allocate } from "./heap";

// A hash table from a pair of u64 to a u64 that grows as it fills: page tables, seen lines, counts per key. Open
// addressing, linear probing, nothing is ever taken out.
//
//   slot, 24 bytes   [ first key ][ second key ][ value ]
//
// A slot is free while its second key is FREE, which no user of a table passes.

export const FREE: u64 = ~0;

@unmanaged
export class Table {
	slots: usize;
	/** Number of slots less one. */
	mask: u64;
	used: u64;
}

export function setUpTable(t: Table, slots: u64): void {
	t.slots = allocate(slots * SLOT_SIZE);
	t.mask = slots - 1;
	clearTable(t);
}

export function clearTable(t: Table): void {
	t.used = 0;
	if (t.slots) memory.fill(t.slots, 0xff, <usize>(t.mask + 1) * SLOT_SIZE);
}

function hash(first: u64, second: u64): u64 {
	let h = (first ^ (second << 57) ^ second) * 0x9e3779b97f4a7c15;
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93;
	return h ^ (h >> 32);
}

/** Address of the value under a pair of keys, which is entered with `initial` if it is not there; `entered` tells. 0 when
 * memory has run out. */
export function lookUp(t: Table, first: u64, second: u64, initial: u64): usize {
	entered = false;
	if (t.slots == 0) return 0;
	let i = hash(first, second) & t.mask;
	let p: usize;
	while (true) {
		p = t.slots + <usize>i * SLOT_SIZE;
		const have = load<u64>(p, SLOT_SECOND);
		if (have == FREE) break;
		if (have == second && load<u64>(p) == first) return p + SLOT_VALUE;
		i = (i + 1) & t.mask;
	}
	if (t.used * 2 > t.mask) {
		grow(t);
		return lookUp(t, first, second, initial);
	}
	t.used++;
	store<u64>(p, first);
	store<u64>(p, second, SLOT_SECOND);
	store<u64>(p, initial, SLOT_VALUE);
	entered = true;
	return p + SLOT_VALUE;
}

/** Address of the value under a pair of keys, or 0. */
export function entryFor(t: Table, first: u64, second: u64): usize {
	if (t.used == 0) return 0;
	let i = hash(first, second) & t.mask;
	while (true) {
		const p = t.slots + <usize>i * SLOT_SIZE;
		const have = load<u64>(p, SLOT_SECOND);
		if (have == FREE) return 0;
		if (have == second && load<u64>(p) == first) return p + SLOT_VALUE;
		i = (i + 1) & t.mask;
	}
}

/** Writes the first keys in [from, to] that are there with this second one to `keys`, in order. Returns how many they are. */
export function keysBetween(t: Table, from: u64, to: u64, second: u64, keys: usize): u32 {
	let count: u32 = 0;
	for (let i: u64 = 0; i <= t.mask; i++) {
		const p = t.slots + <usize>i * SLOT_SIZE;
		const first = load<u64>(p);
		if (load<u64>(p, SLOT_SECOND) != second || first < from || first > to) continue;
		store<u64>(keys + ((<usize>count) << 3), first);
		count++;
	}
	for (let i = count >> 1; i-- > 0; ) sink(keys, i, count);
	for (let end = count; end-- > 1; ) {
		const last = load<u64>(keys + ((<usize>end) << 3));
		store<u64>(keys + ((<usize>end) << 3), load<u64>(keys));
		store<u64>(keys, last);
		sink(keys, 0, end);
	}
	return count;
}

/** Of a heap: the key at `i` goes down to where both below it are less. */
function sink(keys: usize, i: u32, count: u32): void {
	const key = load<u64>(keys + ((<usize>i) << 3));
	while (true) {
		let child: u32 = 2 * i + 1;
		if (child >= count) break;
		const other = child + 1 < count ? child + 1 : child;
		if (load<u64>(keys + ((<usize>other) << 3)) > load<u64>(keys + ((<usize>child) << 3))) child = other;
		const below = load<u64>(keys + ((<usize>child) << 3));
		if (below <= key) break;
		store<u64>(keys + ((<usize>i) << 3), below);
		i = child;
	}
	store<u64>(keys + ((<usize>i) << 3), key);
}

/** Whether the last lookUp() entered a new key. */
export let entered: bool = false;

function grow(t: Table): void {
	const old = t.slots;
	const end = old + <usize>(t.mask + 1) * SLOT_SIZE;
	setUpTable(t, (t.mask + 1) << 1);
	for (let p = old; p < end && t.slots; p += SLOT_SIZE) {
		if (load<u64>(p, SLOT_SECOND) != FREE) lookUp(t, load<u64>(p), load<u64>(p, SLOT_SECOND), load<u64>(p, SLOT_VALUE));
	}
}
