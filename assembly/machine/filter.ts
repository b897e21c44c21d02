import { Cache } from "./cache";
import { allocate, status } from "./heap";

// Which caches can have copies of a line, so that most need not be looked at: of all lines with the same low bits, the number
// of copies in each cache that is kept coherent. A count that was 255 stays.

let table: usize = 0;
let mask: u64 = 0;
let shift: u64 = 0;
/** Counts of a bucket, one for each cache: a multiple of 8. */
let stride: usize = 0;

const LEAST: u64 = 256;
const MOST_BYTES: u64 = 1 << 22;

/** For `lines` lines of 2^lineShift bytes, in `caches` caches. */
export function setUpFilter(lines: u64, lineShift: u32, caches: u32): void {
	stride = (<usize>caches + 7) & ~7;
	let buckets = LEAST;
	while (buckets * 2 < lines && buckets * stride < MOST_BYTES) buckets <<= 1;
	table = allocate(buckets * stride);
	if (status) return;
	mask = buckets - 1;
	shift = lineShift;
}

function bucketOf(physical: u64): usize {
	return table + <usize>((physical >> shift) & mask) * stride;
}

/** A line entered a cache. */
export function noteEntry(c: Cache, physical: u64): void {
	const at = bucketOf(physical) + c.number;
	const count = <u32>load<u8>(at);
	if (count < 255) store<u8>(at, <u8>(count + 1));
}

/** A line left it. */
export function noteExit(c: Cache, physical: u64): void {
	const at = bucketOf(physical) + c.number;
	const count = <u32>load<u8>(at);
	if (count < 255) store<u8>(at, <u8>(count - 1));
}

/** The next of the caches that a level asks, from `from` on, that can have a line; or ~0. */
export function nextHolder(c: Cache, physical: u64, from: u32): u32 {
	const bucket = bucketOf(physical);
	let word = <usize>(from & ~7);
	let skipped = (<u64>(from & 7)) << 3;
	for (; word < stride; word += 8, skipped = 0) {
		let counts = (load<u64>(bucket + word) >> skipped) << skipped;
		while (counts) {
			const low = ctz(counts) & 56;
			const number = <u32>word + <u32>(low >> 3);
			const peer = load<Cache>(c.peers + <usize>number * sizeof<usize>());
			const end = peer.firstCpu + peer.cpus;
			// Of those that meet behind this level, not those above or beside it that its own CPUs use.
			const meets = end > c.meetsFrom && peer.firstCpu < c.meetsTo;
			if (meets && (peer.firstCpu >= c.firstCpu + c.cpus || end <= c.firstCpu)) return number;
			counts &= ~((<u64>255) << low);
		}
	}
	return ~0;
}
