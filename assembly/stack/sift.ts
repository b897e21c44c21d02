import { KIND_MASK, KIND_WRITE, RECORD_SIZE } from "../../bindings/layout/records";
import { Family, Level, levelAt, TALLY_SHIFT, TALLY_WRITEBACKS } from "./family";

// References through the stacks of a family, one number of sets after the other, smallest first. A line that is on top of
// its stack is on top with more sets, too: fewer lines compete there (set refinement: Hill & Smith 1989). So a reference that
// changes nothing here changes nothing further on, and each number of sets passes on only what was not on top. Most
// references go no further than the first.

/** Depths searched one by one before the others are in fours. */
const NEAR: usize = 4;

/** Runs a list of records, and uses it up. */
export function siftAll(f: Family, list: usize, end: usize): void {
	for (let i: u32 = 0; i < f.levelCount && end > list; i++) end = sift(f, levelAt(f, i), list, end);
}

/** Runs the records in [list, end) through one number of sets; those that go on are moved to the front. Returns their end. */
function sift(f: Family, level: Level, list: usize, end: usize): usize {
	const rows = level.rows;
	const mask = level.mask;
	const tallies = level.tallies;
	const shift = f.shift;
	const keys = f.keys;
	const ways: u64 = f.ways;
	const stride = (<usize>ways) << 3;
	let kept = list;
	for (let p = list; p < end; p += RECORD_SIZE) {
		const x = load<u64>(p);
		const key = x & keys;
		const row = rows + <usize>((x >> shift) & mask) * stride;
		const top = load<u64>(row);
		// A write changes something unless the line on top is dirty for any number of ways.
		if ((top ^ key) <= (x & KIND_WRITE ? 0 : ways)) continue;
		store<u64>(kept, x);
		kept += RECORD_SIZE;
		if ((top ^ key) <= ways) {
			store<u64>(row, key);
			continue;
		}

		// What is passed on the way down moves one down.
		const rowEnd = row + stride;
		const near = min(rowEnd, row + (NEAR << 3));
		let before = top;
		let entry = top;
		let at = row + 8;
		for (; at < near; at += 8) {
			entry = load<u64>(at);
			store<u64>(at, before);
			if ((entry ^ key) <= ways) break;
			before = entry;
		}
		if (at == near) {
			const wanted = i64x2.splat(key);
			const keyBits = i64x2.splat(keys);
			let passed = i64x2.splat(before);
			for (; at + 32 <= rowEnd; at += 32) {
				const first = v128.load(at);
				const second = v128.load(at, 16);
				const found = v128.or(i64x2.eq(v128.and(first, keyBits), wanted), i64x2.eq(v128.and(second, keyBits), wanted));
				if (v128.any_true(found)) break;
				v128.store(at, v128.shuffle<u64>(passed, first, 1, 2));
				v128.store(at, v128.shuffle<u64>(first, second, 1, 2), 16);
				passed = second;
			}
			before = i64x2.extract_lane(passed, 1);
			for (; at < rowEnd; at += 8) {
				entry = load<u64>(at);
				store<u64>(at, before);
				if ((entry ^ key) <= ways) break;
				before = entry;
			}
		}

		const depth = <u64>((at - row) >> 3);
		const tally = tallies + ((<usize>depth) << TALLY_SHIFT);
		const count = tally + ((<usize>x & KIND_MASK) << 3);
		store<u64>(count, load<u64>(count) + 1);
		// Found, it is written back where it was dirty and has gone since. Not found, another line has sunk out of all ways.
		const dirtyDepth = (at < rowEnd ? entry : before) & ~keys;
		if (dirtyDepth < depth) {
			const from = tallies + ((<usize>dirtyDepth) << TALLY_SHIFT) + (1 << TALLY_SHIFT);
			const to = tally + (1 << TALLY_SHIFT);
			store<u64>(from, load<u64>(from, TALLY_WRITEBACKS) + 1, TALLY_WRITEBACKS);
			store<u64>(to, load<u64>(to, TALLY_WRITEBACKS) - 1, TALLY_WRITEBACKS);
		}
		store<u64>(row, key | (x & KIND_WRITE ? 0 : at < rowEnd ? max(dirtyDepth, depth) : ways));
	}
	return kept;
}
