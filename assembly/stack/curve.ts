import { SERVES_DATA, SERVES_FETCH, STATUS_NO_MEMORY } from "../../bindings/layout/machine";
import { KIND_FETCH, KIND_MASK, RECORD_SIZE } from "../../bindings/layout/records";
import {
	CURVE_COLD,
	CURVE_DISTANCE_COUNT,
	CURVE_DISTANCES,
	CURVE_FETCHES,
	CURVE_GROUPS,
	CURVE_HALVINGS,
	CURVE_LINE,
	CURVE_LIVE,
	CURVE_MOST_LINES,
	CURVE_OF,
	CURVE_READS,
	CURVE_SEED,
	CURVE_SIZE,
	CURVE_THRESHOLD,
	CURVE_WRITES,
	DISTANCE_SIZE,
	GROUP_BUCKETS,
	GROUP_COUNT,
	GROUP_FINENESS,
} from "../../bindings/layout/stack";
import { allocate, fail, status } from "../machine/heap";

// How deep each reference finds its line in one LRU stack of all lines: what a fully associative cache of any capacity
// misses. The stack is not kept in order. Each line has the number of the moment it was last referenced, and how many lines
// lie above it is how many moments after it are still somebody's last: a tree over the moments counts them in O(log n)
// (Bennett & Kruskal 1975, Olken 1981).
//
//   moments   bits, one each: is it some line's last? In words of 64
//   lines     for each moment the line that was referenced (its key), stale where the bit is 0
//   table     from the hash of a line to its moment: open addressing, u32; the key to compare with is in `lines`
//   tree      Fenwick's, over the words that no more moments are added to: its node i counts the set bits of the
//             words (i - lowest set bit of i) to i - 1
//
// When the moments are used up, those that count are moved together in their order, and everything is made anew; there is
// room for at least as many again.
//
// Sampling (SHARDS: Waldspurger, Park, Garthwaite, Ahmad 2015) follows only the lines whose hash is at most a threshold. All
// references to a line are kept or none, and the distance among the lines followed is the true one times the rate. With a
// bound on the lines, half of them go when there are more: the threshold, and with it all distances so far, is halved, and a
// reference counts twice as much from then on.

/** log2 of the moments at the start. */
const FIRST_MOMENTS: u32 = 12;
/** Words that are counted one by one before the tree is asked. */
const NEAR: u32 = 12;
const FREE: u32 = ~0;
const NO_LINE: u64 = ~0;

let curve: usize = 0;

let moments: u32 = 0;
let bits: usize = 0;
let lines: usize = 0;
let table: usize = 0;
let tree: usize = 0;
/** Moments used. */
let now: u32 = 0;
/** Lines in the stack. */
let live: u32 = 0;
/** What a reference counts. */
let weight: u64 = 1;
/** The line of the reference before. */
let previous: u64 = NO_LINE;

/** Room for the description of a curve (CURVE_*); JavaScript writes it there. 0: no memory. */
export function describeCurve(): usize {
	curve = allocate(CURVE_SIZE);
	return curve;
}

/** An empty stack as described. Returns a status. */
export function buildCurve(): u32 {
	const most = load<u32>(curve, CURVE_MOST_LINES);
	let log = FIRST_MOMENTS;
	while (most && (<u64>1) << log < <u64>most * 2) log++;
	makeRoom(1 << log);
	if (status) return status;
	const distances = <u64>(most ? most + 1 : moments >> 1);
	store<u32>(curve, <u32>allocate(distances * DISTANCE_SIZE), CURVE_DISTANCES);
	store<u32>(curve, <u32>distances, CURVE_DISTANCE_COUNT);
	const sampled = most || load<u64>(curve, CURVE_THRESHOLD) != ~(<u64>0);
	if (sampled) store<u32>(curve, <u32>allocate(GROUP_COUNT * GROUP_BUCKETS * 8), CURVE_GROUPS);
	return status;
}

/** Runs the `n` records at `records`. Returns a status. */
export function runCurve(records: usize, n: u32): u32 {
	if (status) return status;
	const stream = load<u32>(curve, CURVE_OF);
	const fetches: u32 = 1 << KIND_FETCH;
	const others = (stream & SERVES_FETCH ? 0 : fetches) | (stream & SERVES_DATA ? 0 : 15 ^ fetches);
	const shift = <u64>load<u32>(curve, CURVE_LINE);
	let seen: u64 = 0;
	let writes: u64 = 0;
	let fetched: u64 = 0;
	let before = previous;
	for (let p = records, end = records + <usize>n * RECORD_SIZE; p < end; p += RECORD_SIZE) {
		const x = load<u64>(p);
		const kind = <u32>x & KIND_MASK;
		if ((others >> kind) & 1) continue;
		seen++;
		writes += <u64>(kind & 1);
		fetched += <u64>(kind >> 1);
		const line = x >> shift;
		// Followed or not: the same line again changes nothing.
		if (line == before) continue;
		before = line;
		const hash = hashOf(line);
		if (hash > load<u64>(curve, CURVE_THRESHOLD)) continue;
		reference(line, hash, kind);
		if (status) break;
	}
	previous = before;
	add(curve + CURVE_READS, seen - writes - fetched);
	add(curve + CURVE_WRITES, writes);
	add(curve + CURVE_FETCHES, fetched);
	store<u64>(curve, live, CURVE_LIVE);
	return status;
}

function reference(line: u64, hash: u64, kind: u32): void {
	const mask = (moments << 1) - 1;
	let slot = <u32>hash & mask;
	let moment: u32;
	while (true) {
		moment = load<u32>(table + ((<usize>slot) << 2));
		if (moment == FREE || load<u64>(lines + ((<usize>moment) << 3)) == line) break;
		slot = (slot + 1) & mask;
	}
	if (moment == FREE) {
		live++;
		if (live > load<u32>(curve, CURVE_DISTANCE_COUNT)) lengthenDistances();
		if (status) return;
		add(curve + CURVE_COLD + ((<usize>kind) << 3), weight);
		countInGroup(hash, GROUP_BUCKETS - 1);
	} else {
		const distance = above(moment);
		add(<usize>load<u32>(curve, CURVE_DISTANCES) + <usize>distance * DISTANCE_SIZE + ((<usize>kind) << 3), weight);
		countInGroup(hash, bucketOf(<u64>distance * weight));
		forget(moment);
	}
	store<u32>(table + ((<usize>slot) << 2), now);
	store<u64>(lines + ((<usize>now) << 3), line);
	const word = bits + ((<usize>(now >> 6)) << 3);
	store<u64>(word, load<u64>(word) | ((<u64>1) << (now & 63)));
	now++;
	if ((now & 63) == 0) completeWord(now >> 6);
	if (now == moments || (live > load<u32>(curve, CURVE_MOST_LINES) && load<u32>(curve, CURVE_MOST_LINES))) renew();
}

/** How many lines were referenced after `moment`. */
function above(moment: u32): u32 {
	const first = moment >> 6;
	const at = bits + ((<usize>first) << 3);
	const last = (now - 1) >> 6;
	const word = load<u64>(at) >> (moment & 63);
	if (last - first <= NEAR) {
		let count = <u32>popcnt(word) - 1;
		const end = bits + ((<usize>last) << 3);
		for (let p = at + 8; p <= end; p += 8) count += <u32>popcnt(load<u64>(p));
		return count;
	}
	// All lines, less those up to the end of this word, and the later ones of this word again.
	let upTo: u32 = 0;
	for (let i = first + 1; i; i &= i - 1) upTo += load<u32>(tree + ((<usize>i) << 2));
	return live - upTo + <u32>popcnt(word) - 1;
}

/** `moment` is no line's last any more. */
function forget(moment: u32): void {
	const word = bits + ((<usize>(moment >> 6)) << 3);
	store<u64>(word, load<u64>(word) & ~((<u64>1) << (moment & 63)));
	for (let i = (moment >> 6) + 1, complete = now >> 6; i <= complete; i += i & (0 - i)) {
		const node = tree + ((<usize>i) << 2);
		store<u32>(node, load<u32>(node) - 1);
	}
}

/** The first `count` words are full: the last of them enters the tree. */
function completeWord(count: u32): void {
	let sum = <u32>popcnt(load<u64>(bits + ((<usize>(count - 1)) << 3)));
	for (let step: u32 = 1; (count & step) == 0; step <<= 1) sum += load<u32>(tree + ((<usize>(count - step)) << 2));
	store<u32>(tree + ((<usize>count) << 2), sum);
}

/** Moves the moments that count together, in more room if there are many; with a bound on the lines, half of them go. */
function renew(): void {
	const oldBits = bits;
	const oldLines = lines;
	const end = now;
	const most = load<u32>(curve, CURVE_MOST_LINES);
	if (most && live > most) halve();
	else if (live > moments >> 1) {
		makeRoom(moments << 1);
		if (status) return;
	}
	const threshold = load<u64>(curve, CURVE_THRESHOLD);
	const mask = (moments << 1) - 1;
	memory.fill(table, 0xff, (<usize>moments) << 3);
	now = 0;
	for (let at: u32 = 0; at < end; at += 64) {
		// In the same room, what is written never is ahead of what is read.
		const word = oldBits + ((<usize>(at >> 6)) << 3);
		let rest = load<u64>(word);
		store<u64>(word, 0);
		for (; rest; rest &= rest - 1) {
			const line = load<u64>(oldLines + ((<usize>(at + <u32>ctz(rest))) << 3));
			const hash = hashOf(line);
			if (hash > threshold) continue;
			let slot = <u32>hash & mask;
			while (load<u32>(table + ((<usize>slot) << 2)) != FREE) slot = (slot + 1) & mask;
			store<u32>(table + ((<usize>slot) << 2), now);
			store<u64>(lines + ((<usize>now) << 3), line);
			now++;
		}
	}
	live = now;
	const full = now >> 6;
	memory.fill(bits, 0xff, (<usize>full) << 3);
	store<u64>(bits + ((<usize>full) << 3), ((<u64>1) << (now & 63)) - 1);
	for (let count: u32 = 1; count <= full; count++) completeWord(count);
	// Unlikely, but nothing says that half of the lines have the upper half of the hashes.
	if (most && live > most) renew();
}

/** Half the rate: the distances so far are twice as large among half as many lines, and count half as much. */
function halve(): void {
	store<u64>(curve, load<u64>(curve, CURVE_THRESHOLD) >> 1, CURVE_THRESHOLD);
	store<u32>(curve, load<u32>(curve, CURVE_HALVINGS) + 1, CURVE_HALVINGS);
	weight <<= 1;
	const distances: usize = load<u32>(curve, CURVE_DISTANCES);
	const count = load<u32>(curve, CURVE_DISTANCE_COUNT);
	for (let i: u32 = 1; i < count; i++) {
		const from = distances + <usize>i * DISTANCE_SIZE;
		const to = distances + <usize>(i >> 1) * DISTANCE_SIZE;
		for (let kind: usize = 0; kind < <usize>DISTANCE_SIZE; kind += 8) {
			const moved = load<u64>(from + kind);
			store<u64>(from + kind, 0);
			add(to + kind, moved);
		}
	}
}

/** Moments, and all that goes with them. One word more than they fill: renew() begins the next one. */
function makeRoom(count: u32): void {
	if (count == 0 || count > 1 << 29) {
		fail(STATUS_NO_MEMORY);
		return;
	}
	moments = count;
	lines = allocate((<u64>count) << 3);
	table = allocate((<u64>count) << 3);
	bits = allocate((<u64>count >> 3) + 8);
	tree = allocate((<u64>count >> 4) + 4);
	if (status == 0) memory.fill(table, 0xff, (<usize>count) << 3);
}

function lengthenDistances(): void {
	const count = load<u32>(curve, CURVE_DISTANCE_COUNT);
	const longer = allocate(((<u64>count) << 1) * DISTANCE_SIZE);
	if (status) return;
	memory.copy(longer, load<u32>(curve, CURVE_DISTANCES), <usize>count * DISTANCE_SIZE);
	store<u32>(curve, <u32>longer, CURVE_DISTANCES);
	store<u32>(curve, count << 1, CURVE_DISTANCE_COUNT);
}

function countInGroup(hash: u64, bucket: u32): void {
	const groups: usize = load<u32>(curve, CURVE_GROUPS);
	if (groups == 0) return;
	// Bits that neither the threshold nor (but in the largest tables) the slot depends on.
	const group = <u32>(hash >> 32) & (GROUP_COUNT - 1);
	add(groups + ((<usize>(group * GROUP_BUCKETS + bucket)) << 3), weight);
}

/** GROUP_FINENESS buckets' worth of bits below the highest one; small numbers have a bucket of their own. */
function bucketOf(x: u64): u32 {
	const fine: u64 = (<u64>1) << GROUP_FINENESS;
	if (x < fine) return <u32>x;
	const octave = 63 - clz(x) - GROUP_FINENESS;
	return min<u32>(<u32>((octave << GROUP_FINENESS) + (x >> octave)), GROUP_BUCKETS - 2);
}

/** splitmix64's finaliser (Steele, Lea, Flood 2014): every bit of the line changes every bit of the hash. */
function hashOf(line: u64): u64 {
	let h = line + load<u64>(curve, CURVE_SEED);
	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9;
	h = (h ^ (h >> 27)) * 0x94d049bb133111eb;
	return h ^ (h >> 31);
}

function add(at: usize, n: u64): void {
	store<u64>(at, load<u64>(at) + n);
}
