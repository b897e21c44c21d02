import { allocate, status } from "./heap";

// Which CPUs can have copies of a line, so that most questions among them need not be asked: of all lines with the same low
// bits, the number of copies in the caches that begin with each CPU. A count that was 255 stays.

let table: usize = 0;
let mask: u64 = 0;
let shift: u64 = 0;
/** Counts of a bucket, a multiple of 8. */
let stride: usize = 0;

const LEAST: u64 = 1024;
const MOST: u64 = 1 << 16;

/** For `lines` lines of 2^lineShift bytes, in the caches of `cpus` CPUs. */
export function setUpFilter(lines: u64, lineShift: u32, cpus: u32): void {
	let buckets = LEAST;
	while (buckets < lines && buckets < MOST) buckets <<= 1;
	stride = (<usize>cpus + 7) & ~7;
	table = allocate(buckets * stride);
	if (status) return;
	mask = buckets - 1;
	shift = lineShift;
}

function bucketOf(physical: u64): usize {
	return table + <usize>((physical >> shift) & mask) * stride;
}

/** A line entered a cache whose first CPU is this one. */
export function noteEntry(cpu: u32, physical: u64): void {
	const at = bucketOf(physical) + cpu;
	const count = <u32>load<u8>(at);
	if (count < 255) store<u8>(at, <u8>(count + 1));
}

/** A line left it. */
export function noteExit(cpu: u32, physical: u64): void {
	const at = bucketOf(physical) + cpu;
	const count = <u32>load<u8>(at);
	if (count < 255) store<u8>(at, <u8>(count - 1));
}

/** Whether a cache with that first CPU can have the line. */
export function mayHave(cpu: u32, physical: u64): bool {
	return load<u8>(bucketOf(physical) + cpu) != 0;
}

/** Whether one can whose first CPU is not among the `count` from `first` on. */
export function othersMayHave(first: u32, count: u32, physical: u64): bool {
	const bucket = bucketOf(physical);
	for (let word: usize = 0; word < stride; word += 8) {
		let counts = load<u64>(bucket + word);
		if (counts == 0) continue;
		for (let cpu = <u32>word; counts; cpu++, counts >>= 8) {
			if (counts & 255 && cpu - first >= count) return true;
		}
	}
	return false;
}
