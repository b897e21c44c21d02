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
import { allocate, fail, status } from "./heap";
import { entered, entryFor, keysBetween, lookUp, setUpTable, Table } from "./table";

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
	freeFrames = allocate((<u64>PAGE_SIZES + colourCount) << 2);
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
	if (entered || load<u64>(at) == UNMAPPED) {
		const region = shared ? regionOf(asid, page << bits, bits) : 0;
		if (region) store<u64>(at, sharedFrame(region, size, page) | SHARED);
		else store<u64>(at, reused(size, page) ? freed : newFrame(size, page));
	}
	return (load<u64>(at) << basePage) | (virtual & (((<u64>1) << bits) - 1));
}

function newFrame(size: u32, page: u64): u64 {
	return size ? hugeFrame(pageBits(size)) : baseFrame(page);
}

// Ranges that are mapped to objects, the last one first, and what was mapped over them since: a list.
//
//   node, 48 bytes   [ first address | last address | address space | object, 0: none | offset | next node ]

const REGION_LAST = 8;
const REGION_ASID = 16;
const REGION_OBJECT = 24;
const REGION_OFFSET = 32;
const REGION_NEXT = 40;
/** In `pages`: the frame belongs to an object. (Gone when it is shifted to an address.) */
const SHARED: u64 = 1 << 63;
let shared: usize = 0;
/** (object << 8 | page size, page of the object) -> frame. */
let objects: Table = changetype<Table>(0);

/** From here on the pages of an address space that touch [first, last] are those of an object, or (0) nobody else's. */
export function share(asid: u32, first: u64, last: u64, object: u32, offset: u64): void {
	if (policy == TRANSLATE_IDENTITY || (object == 0 && shared == 0)) return;
	if (shared == 0) {
		objects = changetype<Table>(allocate(offsetof<Table>()));
		if (status) return;
		setUpTable(objects, 64);
	}
	const node = allocate(48);
	if (node == 0) return;
	store<u64>(node, first);
	store<u64>(node, last, REGION_LAST);
	store<u64>(node, asid, REGION_ASID);
	store<u64>(node, object, REGION_OBJECT);
	store<u64>(node, offset, REGION_OFFSET);
	store<usize>(node, shared, REGION_NEXT);
	shared = node;
}

/** The range that a page was last mapped by, if it is one of an object; or 0. */
function regionOf(asid: u32, address: u64, bits: u32): usize {
	const last = address + (((<u64>1) << bits) - 1);
	for (let node = shared; node; node = load<usize>(node, REGION_NEXT)) {
		if (load<u64>(node, REGION_ASID) != asid) continue;
		if (load<u64>(node) <= last && load<u64>(node, REGION_LAST) >= address)
			return load<u64>(node, REGION_OBJECT) ? node : 0;
	}
	return 0;
}

function sharedFrame(region: usize, size: u32, page: u64): u64 {
	const bits = pageBits(size);
	const index = ((page << bits) - load<u64>(region) + load<u64>(region, REGION_OFFSET)) >> bits;
	const at = lookUp(objects, index, (load<u64>(region, REGION_OBJECT) << 8) | size, 0);
	if (at == 0) return 0;
	if (entered) store<u64>(at, newFrame(size, page));
	return load<u64>(at);
}

/** Physical address of a virtual one, or ~0: its page is not mapped, and stays so. */
export function translationOf(virtual: u64, asid: u32): u64 {
	if (policy == TRANSLATE_IDENTITY) return virtual;
	const size = pageSizeOf(virtual);
	const bits = pageBits(size);
	const at = entryFor(pages, virtual >> bits, ((<u64>asid) << 8) | size);
	if (at == 0 || load<u64>(at) == UNMAPPED) return ~0;
	return (load<u64>(at) << basePage) | (virtual & (((<u64>1) << bits) - 1));
}

// Frames that were released are used again, the last one first: a list for each colour of base pages, and one for each size
// of others.
//
//   node, 16 bytes   [ frame | next node ]

/** No frame, in `pages`: the page was unmapped. */
const UNMAPPED: u64 = ~0;
let freeFrames: usize = 0;
let freeNodes: usize = 0;
let freed: u64 = 0;
/** For release(). */
let keys: usize = 0;
let keysRoom: u64 = 0;

function freeListOf(size: u32, page: u64): usize {
	const colour = policy == TRANSLATE_COLOURED && size == 0 ? <usize>(page % colours) : 0;
	return freeFrames + ((size ? <usize>size : <usize>PAGE_SIZES + colour) << 2);
}

/** Whether there is a released frame for a page: `freed`. */
function reused(size: u32, page: u64): bool {
	const list = freeListOf(size, page);
	const node = load<usize>(list);
	if (node == 0) return false;
	freed = load<u64>(node);
	store<usize>(list, load<usize>(node, 8));
	store<usize>(node, freeNodes, 8);
	freeNodes = node;
	return true;
}

/** The pages of an address space that touch [first, last] have no frames any more, lower ones first. */
export function release(asid: u32, first: u64, last: u64): void {
	if (policy == TRANSLATE_IDENTITY) return;
	for (let size: u32 = 0; size < sizeCount; size++) {
		const bits = pageBits(size);
		const second = ((<u64>asid) << 8) | size;
		const end = last >> bits;
		if (end - (first >> bits) <= pages.used) {
			for (let page = first >> bits; page <= end; page++) releaseAt(entryFor(pages, page, second), size, page);
			continue;
		}
		// More pages than there are.
		if (pages.used > keysRoom) {
			keysRoom = 2 * pages.used;
			keys = allocate(keysRoom << 3);
			if (keys == 0) return;
		}
		const count = keysBetween(pages, first >> bits, end, second, keys);
		for (let i: usize = 0; i < <usize>count; i++) {
			const page = load<u64>(keys + (i << 3));
			releaseAt(entryFor(pages, page, second), size, page);
		}
	}
}

function releaseAt(at: usize, size: u32, page: u64): void {
	if (at == 0 || load<u64>(at) == UNMAPPED) return;
	if (load<u64>(at) & SHARED) {
		store<u64>(at, UNMAPPED);
		return;
	}
	if (freeNodes == 0) {
		freeNodes = allocate(16);
		if (freeNodes == 0) return;
	}
	const node = freeNodes;
	freeNodes = load<usize>(node, 8);
	const list = freeListOf(size, page);
	store<u64>(node, load<u64>(at));
	store<usize>(node, load<usize>(list), 8);
	store<usize>(list, node);
	store<u64>(at, UNMAPPED);
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
