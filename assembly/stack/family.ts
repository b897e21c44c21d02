import { KIND_FETCH, KIND_READ, KIND_WRITE } from "../../bindings/layout/records";
import {
	FAMILY_COUNTS,
	FAMILY_FETCHES,
	FAMILY_LINE,
	FAMILY_READS,
	FAMILY_SETS,
	FAMILY_SIZE,
	FAMILY_WAYS,
	FAMILY_WRITES,
	GEOMETRY_EVICTIONS,
	GEOMETRY_FETCH_MISSES,
	GEOMETRY_READ_MISSES,
	GEOMETRY_SIZE,
	GEOMETRY_WRITE_MISSES,
	GEOMETRY_WRITEBACKS,
} from "../../bindings/layout/stack";
import { allocate, status } from "../machine/heap";

// All geometries of one line size at once. For each number of sets one stack per set: what a set of any number of ways
// holds under LRU is the top of its stack (Mattson, Gecsei, Slutz, Traiger 1970), so the depth at which a reference finds
// its line says for which numbers of ways it hits. A stack ends at the most ways that are asked for.
//
//   row of a set   [ entry at depth 0 ][ depth 1 ] … [ depth ways - 1 ]
//   entry, u64     [ key: the line's address | dirty depth ]
//
// A line is dirty in a set of w ways when it was written while there and has not left since: when w is greater than every
// depth at which it was found after it was last written. The greatest of those is its dirty depth (the dirty level of
// Thompson & Smith 1989 and Wang & Baer 1991): 0 just after a write, `ways` when no number of ways has it dirty. When the
// line is found at depth d, or has sunk there, sets of dirtyDepth < w <= d ways have written it back.
//
// The key leaves as many low bits to the dirty depth as the smallest number of sets and the line have: a set's number tells
// the others. All of them set: an empty entry, whose key is that of the highest line.

export const EMPTY: u64 = ~0;

/** log2 of the bytes of a tally, the counts of one depth. */
export const TALLY_SHIFT: usize = 5;
/** Where a tally has the difference, from the number of ways before, of the write-backs. Before it: references by kind. */
export const TALLY_WRITEBACKS: usize = 24;

/** One number of sets. */
@unmanaged
export class Level {
	/** The row of set 0. */
	rows: usize;
	/** Sets less one. */
	mask: u64;
	/** Tallies of the depths 0 (not used: those are hits anyway) to `ways` (not found), and one for what ends there. */
	tallies: usize;
}

@unmanaged
export class Family {
	/** FAMILY_*. */
	described: usize;
	levels: usize;
	levelCount: u32;
	ways: u32;
	/** log2 of the line. */
	shift: u64;
	/** Bits of an address that are a key. */
	keys: u64;
	/** The reference before: its line, bit 0: written. LAST_NONE: there was none. */
	last: u64;
	scratch: usize;
}

export const LAST_NONE: u64 = 4;

let descriptions: usize = 0;
let families: usize = 0;
export let familyCount: u32 = 0;

const LEVEL_BYTES: usize = offsetof<Level>();
const FAMILY_BYTES: usize = offsetof<Family>();

export function familyAt(i: u32): Family {
	return changetype<Family>(families + <usize>i * FAMILY_BYTES);
}

export function levelAt(f: Family, i: u32): Level {
	return changetype<Level>(f.levels + <usize>i * LEVEL_BYTES);
}

/** Makes room for the descriptions (layout/stack.ts) of `count` families; JavaScript writes them there. 0: no memory. */
export function describeStacks(count: u32): usize {
	familyCount = count;
	descriptions = allocate(<u64>count * FAMILY_SIZE);
	return descriptions;
}

/** Empty stacks as described. Returns a status. */
export function buildStacks(): u32 {
	families = allocate(<u64>familyCount * FAMILY_BYTES);
	for (let i: u32 = 0; i < familyCount && status == 0; i++)
		buildFamily(familyAt(i), descriptions + <usize>i * FAMILY_SIZE);
	return status;
}

function buildFamily(f: Family, at: usize): void {
	const sets = load<u32>(at, FAMILY_SETS);
	f.described = at;
	f.ways = load<u32>(at, FAMILY_WAYS);
	f.shift = load<u32>(at, FAMILY_LINE);
	f.keys = ~(<u64>0) << (f.shift + ctz(sets));
	f.last = LAST_NONE;
	f.levelCount = popcnt(sets);
	f.levels = allocate(<u64>f.levelCount * LEVEL_BYTES);
	f.scratch = allocate((<u64>f.ways) << 4);
	store<u32>(at, <u32>allocate(<u64>f.levelCount * f.ways * GEOMETRY_SIZE), FAMILY_COUNTS);
	if (status) return;
	let i: u32 = 0;
	for (let rest = sets; rest; rest &= rest - 1, i++) {
		const level = levelAt(f, i);
		const bytes = ((<u64>f.ways) << 3) << ctz(rest);
		level.mask = ((<u64>1) << ctz(rest)) - 1;
		level.tallies = allocate((<u64>f.ways + 2) << TALLY_SHIFT);
		level.rows = allocate(bytes);
		if (status) return;
		memory.fill(level.rows, 0xff, <usize>bytes);
	}
}

/** Counts for each geometry so far, into its GEOMETRY record. May be called again later. */
export function settleStacks(): void {
	for (let i: u32 = 0; i < familyCount; i++) {
		const f = familyAt(i);
		let at: usize = load<u32>(f.described, FAMILY_COUNTS);
		for (let k: u32 = 0; k < f.levelCount; k++, at += <usize>f.ways * GEOMETRY_SIZE) settle(f, levelAt(f, k), at);
	}
}

function settle(f: Family, level: Level, counts: usize): void {
	standing(f, level);
	const last = level.tallies + ((<usize>f.ways) << TALLY_SHIFT);
	let reads: u64 = 0;
	let writes: u64 = 0;
	let fetches: u64 = 0;
	// What is found at depth w or deeper, or nowhere, misses in w ways.
	let at = counts + <usize>f.ways * GEOMETRY_SIZE;
	for (let tally = last; tally > level.tallies; tally -= (<usize>1) << TALLY_SHIFT) {
		at -= GEOMETRY_SIZE;
		reads += load<u64>(tally, KIND_READ << 3);
		writes += load<u64>(tally, KIND_WRITE << 3);
		fetches += load<u64>(tally, KIND_FETCH << 3);
		store<u64>(at, reads, GEOMETRY_READ_MISSES);
		store<u64>(at, writes, GEOMETRY_WRITE_MISSES);
		store<u64>(at, fetches, GEOMETRY_FETCH_MISSES);
	}
	let held: u64 = 0;
	let writebacks: u64 = 0;
	let depth = f.scratch;
	for (let tally = level.tallies + (1 << TALLY_SHIFT); tally <= last; tally += (<usize>1) << TALLY_SHIFT) {
		held += load<u64>(depth);
		writebacks += load<u64>(tally, TALLY_WRITEBACKS) + load<u64>(depth, 8);
		const misses =
			load<u64>(at, GEOMETRY_READ_MISSES) + load<u64>(at, GEOMETRY_WRITE_MISSES) + load<u64>(at, GEOMETRY_FETCH_MISSES);
		// Every miss brings a line in, and what came in and is not there was pushed out.
		store<u64>(at, misses - held, GEOMETRY_EVICTIONS);
		store<u64>(at, writebacks, GEOMETRY_WRITEBACKS);
		depth += 16;
		at += GEOMETRY_SIZE;
	}
}

/**
 * What the lines still in the stacks say, into the scratch: for each depth how many sets have a line there; and for each
 * number of ways, as a difference from the one before, how many lines have sunk out of it dirty.
 */
function standing(f: Family, level: Level): void {
	const scratch = f.scratch;
	memory.fill(scratch, 0, (<usize>f.ways) << 4);
	let row = level.rows;
	for (let set: u64 = 0; set <= level.mask; set++) {
		for (let depth: u64 = 0; depth < f.ways; depth++) {
			const entry = load<u64>(row + ((<usize>depth) << 3));
			if (entry == EMPTY) break;
			const at = scratch + ((<usize>depth) << 4);
			store<u64>(at, load<u64>(at) + 1);
			const dirtyDepth = entry & ~f.keys;
			if (dirtyDepth >= depth) continue;
			// From dirtyDepth + 1 ways on, up to `depth` ways.
			const from = scratch + ((<usize>dirtyDepth) << 4);
			store<u64>(from, load<u64>(from, 8) + 1, 8);
			store<u64>(at, load<u64>(at, 8) - 1, 8);
		}
		row += (<usize>f.ways) << 3;
	}
}

/** Adds to how many references of each kind a family saw. */
export function addReferences(f: Family, reads: u64, writes: u64, fetches: u64): void {
	const at = f.described;
	store<u64>(at, load<u64>(at, FAMILY_READS) + reads, FAMILY_READS);
	store<u64>(at, load<u64>(at, FAMILY_WRITES) + writes, FAMILY_WRITES);
	store<u64>(at, load<u64>(at, FAMILY_FETCHES) + fetches, FAMILY_FETCHES);
}
