import {
	PAGE_SIZES,
	RANGE_LAST,
	RANGE_PAGE,
	RANGE_SIZE,
	RANGE_START,
	STATUS_NO_FRAMES,
	TRANSLATE_COLOURED,
	TRANSLATE_IDENTITY,
	TRANSLATE_RANDOM,
} from "../../bindings/layout/machine";
import { allocate, fail } from "./heap";
import { entered, lookUp, setUpTable, Table } from "./table";

// Which physical page a virtual page is mapped to. Pages get their frames on first use, by one of four policies; base pages
// take frames 0 .. 2^frames - 1, huge pages aligned runs above those, page tables (walk.ts) lie above both.

export let policy: u32 = TRANSLATE_IDENTITY;
/** log2 of the base page. */
export let basePage: u32 = 12;
let frames: u32 = 0;
let colours: u32 = 1;
let seed: u64 = 0;
let pages: Table = changetype<Table>(0);
/** Frames taken: by base pages, by huge pages, and per colour. */
let taken: u64 = 0;
let takenHuge: u64 = 0;
let takenOfColour: usize = 0;

let ranges: usize = 0;
let rangesEnd: usize = 0;

/** log2 of each page size in use; number 0 is the base page. */
const sizes: usize = memory.data(PAGE_SIZES, 8);
let sizeCount: u32 = 0;

export function setUpTranslation(how: u32, page: u32, frameBits: u32, colourCount: u32, withSeed: u64): void {
	policy = how;
	basePage = page;
	frames = frameBits;
	colours = colourCount;
	seed = withSeed;
	sizeCount = 0;
	sizeNumber(page);
	if (how == TRANSLATE_IDENTITY) return;
	pages = changetype<Table>(allocate(offsetof<Table>()));
	setUpTable(pages, 4096);
	if (how == TRANSLATE_COLOURED) takenOfColour = allocate((<u64>colourCount) << 3);
}

/** Huge ranges as bindings/pack.ts wrote them. */
export function setUpRanges(at: usize, count: u32): void {
	ranges = at;
	rangesEnd = at + <usize>count * RANGE_SIZE;
	for (let p = at; p < rangesEnd; p += RANGE_SIZE) sizeNumber(load<u32>(p, RANGE_PAGE));
}

/** The number of a page size (log2), which is given one if it is new; PAGE_SIZES when there are too many. */
export function sizeNumber(page: u32): u32 {
	for (let i: u32 = 0; i < sizeCount; i++) if (load<u8>(sizes + i) == page) return i;
	if (sizeCount == PAGE_SIZES) return PAGE_SIZES;
	store<u8>(sizes + sizeCount, <u8>page);
	return sizeCount++;
}

/** log2 of page size `number`. */
export function pageBits(number: u32): u32 {
	return load<u8>(sizes + number);
}

/** Number of the size of the page that holds an address. */
export function pageSizeOf(virtual: u64): u32 {
	for (let p = ranges; p < rangesEnd; p += RANGE_SIZE) {
		if (virtual < load<u64>(p, RANGE_START)) break;
		if (virtual <= load<u64>(p, RANGE_LAST)) return sizeNumber(load<u32>(p, RANGE_PAGE));
	}
	return 0;
}

/** Physical address that a virtual one is mapped to, without any TLB. */
export function mapped(virtual: u64, asid: u32, size: u32): u64 {
	if (policy == TRANSLATE_IDENTITY) return virtual;
	const bits = pageBits(size);
	const page = virtual >> bits;
	const at = lookUp(pages, page, ((<u64>asid) << 8) | size, 0);
	if (at == 0) return virtual;
	if (entered) store<u64>(at, size ? hugeFrame(bits) : baseFrame(page));
	return (load<u64>(at) << basePage) | (virtual & (((<u64>1) << bits) - 1));
}

function hugeFrame(bits: u32): u64 {
	const run = (<u64>1) << (bits - basePage);
	const frame = (takenHuge + run - 1) & ~(run - 1);
	takenHuge = frame + run;
	if (takenHuge >> frames) fail(STATUS_NO_FRAMES);
	return ((<u64>1) << frames) + frame;
}

function baseFrame(page: u64): u64 {
	let frame = taken++;
	if (policy == TRANSLATE_COLOURED) {
		const colour = page % colours;
		const p = takenOfColour + ((<usize>colour) << 3);
		const n = load<u64>(p);
		store<u64>(p, n + 1);
		frame = colour + n * colours;
	}
	if (frame >> frames) fail(STATUS_NO_FRAMES);
	else if (policy == TRANSLATE_RANDOM) frame = permuted(frame);
	return frame;
}

/** Frame number n of a seeded permutation: a four-round Feistel network, walked until it lands inside memory. */
function permuted(n: u64): u64 {
	const half = max<u32>(1, (frames + 1) >> 1);
	const low = ((<u64>1) << half) - 1;
	do {
		let left = n >> half;
		let right = n & low;
		for (let round: u64 = 0; round < 4; round++) {
			const mixed = left ^ (mix(right + seed * 0x9e3779b97f4a7c15 + round * 0xbf58476d1ce4e5b9) & low);
			left = right;
			right = mixed;
		}
		n = (left << half) | right;
	} while (n >> frames);
	return n;
}

/** The finaliser of splitmix64. */
function mix(z: u64): u64 {
	z ^= z >> 30;
	z *= 0xbf58476d1ce4e5b9;
	z ^= z >> 27;
	z *= 0x94d049bb133111eb;
	return z ^ (z >> 31);
}
