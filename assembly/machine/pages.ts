import {
	HAZARD_CORRUPT,
	HAZARD_DIRTY,
	HAZARD_MEMTYPE,
	HAZARD_MISS,
	HAZARD_STALE,
	HAZARD_TLB,
	HAZARD_UAI,
	HAZARD_WALK,
} from "../../bindings/layout/explore";
import { EVENT_SNOOP, EVENT_TLB_DROP, EVENT_TLB_FILL, EVENT_TLB_HIT, EVENT_WALK } from "../../bindings/layout/hold";
import { AT_FETCH, AT_READ, AT_WRITE, CACHE_INDEX_VIRTUAL } from "../../bindings/layout/machine";
import {
	FRAME_FIRST,
	FRAME_LINES,
	FRAME_SIZE,
	HAS_AD_BITS,
	HAS_BREAK,
	HAS_FRAMES,
	HAS_MAY_HOLD,
	HAS_TLB,
	HAS_VALUES,
	HAS_WALKER,
	IS_RELEASED,
	IS_UNMAPPED,
	IS_WRITTEN,
	MAPPING_IS_INCOHERENT,
	MAPPING_IS_KERNEL,
	MAPPING_IS_LARGE,
	MAPPING_IS_PROTECTED,
	MAPPING_IS_UNCACHED,
	MAPPING_IS_WRITE_THROUGH,
	PTE_ACCESSED,
	PTE_CONDEMNED,
	PTE_DIRTY,
	PTE_FRAME,
	PTE_PRESENT,
	PTE_WRITABLE,
	TABLE_FREED,
	TABLE_LINKED,
	TRANSLATIONS_HELD,
	VA_COLOUR,
	VA_FLAGS,
	VA_HELD,
	VA_LARGE,
	VA_MM,
	VA_PART,
	VA_PTE,
	VA_SHARES,
	VA_SIZE,
	VA_TABLE,
} from "../../bindings/layout/program";
import { Program } from "../program/code";
import { atFrames, atMemory, atPtes, atTables, block, cpuAt, inMm, inTlb, inWalkCache } from "./block";
import { Cache, carried, flush, flushAmongPeers, flushAt, read, write } from "./cache";
import { tell } from "./events";
import { raise } from "./hazard";
import { isStale, Slots, stamp, valueIn } from "./slots";
import { tallyMemory, tallyWalk } from "./tally";

// Mappings of a machine that runs a program: what a load or store through one does, from the TLB to the line.
//
//   PTE, TLB entry, u8    7     4   3       2          1          0
//                         [ frame | dirty | accessed | writable | present ]
//
// In a TLB, where only accessed translations are, bit 2 says that a flush which ought to have removed it has returned.

let p: Program = changetype<Program>(0);
/** First-level data cache of each CPU: pointers. */
let caches: usize = 0;

export function setMachine(program: Program, firstCaches: usize): void {
	p = program;
	caches = firstCaches;
}

export function cacheOf(cpu: u32): Cache | null {
	return p.levelCount ? load<Cache>(caches + ((<usize>cpu) << 2)) : null;
}

/** A CPU's instruction cache, if it has one that does not follow what is written. */
function fetchCacheOf(cpu: u32): Cache | null {
	return p.fetchLevel == ~0 ? null : load<Cache>(caches + ((<usize>(p.fetchLevel * p.cpus + cpu)) << 2));
}

function record(va: u32): usize {
	return p.vas + <usize>va * VA_SIZE;
}

export function pteAt(va: u32): usize {
	return block + atPtes + <usize>load<u8>(record(va), VA_SHARES);
}

export function tlbAt(cpu: u32, va: u32): usize {
	return cpuAt(cpu) + inTlb + va;
}

export function colourOf(va: u32): u32 {
	return load<u8>(record(va), VA_COLOUR);
}

export function isKernel(va: u32): bool {
	return (load<u8>(record(va), VA_FLAGS) & MAPPING_IS_KERNEL) != 0;
}

// Large pages: a mapping may lie in another one, which maps as many frames, one after the other, as pages lie in it. Its
// entries, in the page table and in TLBs, are one each, and stand for all of them.

/** The large page that a mapping lies in, or ~0. */
function largeOf(va: u32): u32 {
	return <u32>load<u8>(record(va), VA_LARGE) - 1;
}

/** What an entry of the large page that a mapping lies in says of it; 0: nothing. */
function partOf(va: u32, entry: u32): u32 {
	const frame = (entry >> PTE_FRAME) + <u32>load<u8>(record(va), VA_PART);
	return entry && frame < p.frameCount ? (frame << PTE_FRAME) | (entry & 15) : 0;
}

/** Whether the page table maps a large page here, where a page lies in one. */
function isInLarge(va: u32): bool {
	const large = largeOf(va);
	return large != ~0 && (load<u8>(pteAt(large)) & PTE_PRESENT) != 0;
}

/** The mapping whose entry a walk for a page ends at: the large page that it lies in, unless the walker knows the table below. */
function leafOf(cpu: u32, va: u32): u32 {
	if (!isInLarge(va)) return va;
	const table = <u32>load<u8>(record(va), VA_TABLE);
	const knows =
		table != 0 && (p.flags & HAS_WALKER) != 0 && (load<u8>(cpuAt(cpu) + inWalkCache) >> <u8>(table - 1)) & 1;
	return knows ? va : largeOf(va);
}

/** Whether the page table leads to a mapping's entry; walkers may know a way of their own. */
function isLinked(va: u32): bool {
	const table = <u32>load<u8>(record(va), VA_TABLE);
	return table == 0 || (load<u8>(block + atTables + (table - 1)) & TABLE_LINKED) != 0;
}

function isFreed(table: u32): bool {
	return table != 0 && (load<u8>(block + atTables + (table - 1)) & TABLE_FREED) != 0;
}

/** What the page table says of a page. */
function mappedNow(va: u32): u32 {
	const leaf = isInLarge(va) ? largeOf(va) : va;
	if (!isLinked(leaf)) return 0;
	const pte = <u32>load<u8>(pteAt(leaf));
	return leaf == va ? pte : partOf(va, pte);
}

/** What a CPU's TLB says of a page, by an entry of its own or of the large page that it lies in; 0: nothing. */
export function heldFor(cpu: u32, va: u32): u32 {
	const own = <u32>load<u8>(tlbAt(cpu, va));
	const large = largeOf(va);
	return own || large == ~0 ? own : partOf(va, load<u8>(tlbAt(cpu, large)));
}

/** Whether an entry is a translation to a frame, perhaps among others. */
function covers(va: u32, entry: u32, frame: u32): bool {
	if (entry == 0) return false;
	if (entry >> PTE_FRAME == frame) return true;
	if (!(load<u8>(record(va), VA_FLAGS) & MAPPING_IS_LARGE)) return false;
	for (let part: u32 = 0; part < p.vaCount; part++) {
		if (largeOf(part) == va && partOf(part, entry) >> PTE_FRAME == frame) return true;
	}
	return false;
}

/** Number of a line of a frame; ~0: there is no such frame or line. */
export function lineOf(frame: u32, line: u32): u32 {
	if (frame >= p.frameCount) return ~0;
	const f = p.frames + <usize>frame * FRAME_SIZE;
	return line < load<u8>(f, FRAME_LINES) ? <u32>load<u8>(f, FRAME_FIRST) + line : ~0;
}

export function frameOfLine(line: u32): u32 {
	let frame: u32 = 0;
	for (; frame < p.frameCount; frame++) {
		const f = p.frames + <usize>frame * FRAME_SIZE;
		if (line - load<u8>(f, FRAME_FIRST) < <u32>load<u8>(f, FRAME_LINES)) break;
	}
	return frame;
}

/** Whether a mapping belongs to what the CPU has loaded. */
export function isLoaded(cpu: u32, va: u32): bool {
	const mm = load<u8>(record(va), VA_MM);
	return mm == 0 || load<u8>(cpuAt(cpu) + inMm) == mm;
}

/** Whether a walk for this mapping gets to its PTE: through the paging-structure cache or the table above. */
export function reaches(cpu: u32, va: u32): bool {
	const table = <u32>load<u8>(record(va), VA_TABLE);
	if (table == 0) return true;
	if (p.flags & HAS_WALKER && load<u8>(cpuAt(cpu) + inWalkCache) & (1 << (table - 1))) return true;
	return isLinked(va);
}

/** Whether a walk of its own accord would change anything. */
export function mayWalk(cpu: u32, va: u32): bool {
	// It is the large page's walk.
	if (p.large && leafOf(cpu, va) != va) return false;
	if (load<u8>(tlbAt(cpu, va))) return isInConflict(cpu, va);
	if (!isLoaded(cpu, va) || !reaches(cpu, va)) return false;
	if (load<u8>(pteAt(va)) & PTE_PRESENT) return true;
	const table = <u32>load<u8>(record(va), VA_TABLE);
	if (table == 0) return false;
	if (isFreed(table)) return true;
	return (load<u8>(cpuAt(cpu) + inWalkCache) & (1 << (table - 1))) == 0;
}

/** Whether a walk would put a translation to another frame beside one that was not broken before. */
function isInConflict(cpu: u32, va: u32): bool {
	if (!(p.flags & HAS_BREAK) || !isWalkable(cpu, va)) return false;
	const held: u32 = load<u8>(tlbAt(cpu, va));
	if (held != 0 && held >> PTE_FRAME != <u32>load<u8>(pteAt(va)) >> PTE_FRAME) return true;
	return p.large && isHeldInAnotherSize(cpu, va);
}

function isHeldInAnotherSize(cpu: u32, va: u32): bool {
	const large = largeOf(va);
	if (large != ~0 && load<u8>(tlbAt(cpu, large))) return true;
	if (!(load<u8>(record(va), VA_FLAGS) & MAPPING_IS_LARGE)) return false;
	for (let part: u32 = 0; part < p.vaCount; part++) if (largeOf(part) == va && load<u8>(tlbAt(cpu, part))) return true;
	return false;
}

/** The mapping whose entry the last walk, or look-up, ended at. */
let source: u32 = 0;

/** Walks the page table; the translation that the TLB has then, or 0: a fault. */
export function walk(cpu: u32, va: u32): u32 {
	source = p.large ? leafOf(cpu, va) : va;
	if (source == va) return walkTo(cpu, va);
	return isLoaded(cpu, va) ? partOf(va, walkTo(cpu, source)) : 0;
}

function walkTo(cpu: u32, va: u32): u32 {
	if (p.flags & HAS_TLB) tallyWalk();
	if (!isLoaded(cpu, va) || !reaches(cpu, va)) return 0;
	tell(EVENT_WALK, cpu, va, 0);
	if (isInConflict(cpu, va)) raise(HAZARD_TLB, va);
	const table = <u32>load<u8>(record(va), VA_TABLE);
	if (table) {
		if (isFreed(table)) {
			raise(HAZARD_WALK, table - 1);
			return 0;
		}
		if (p.flags & HAS_WALKER) {
			const at = cpuAt(cpu) + inWalkCache;
			store<u8>(at, load<u8>(at) | <u8>((<u32>1) << (table - 1)));
		}
	}
	const pte = pteAt(va);
	const found = <u32>load<u8>(pte);
	if ((found & PTE_PRESENT) == 0 || found >> PTE_FRAME >= p.frameCount) return 0;
	if (p.flags & HAS_AD_BITS) store<u8>(pte, <u8>(found | PTE_ACCESSED));
	const entry = found & ~PTE_CONDEMNED;
	if (p.flags & HAS_TLB) {
		store<u8>(tlbAt(cpu, va), <u8>entry);
		tell(EVENT_TLB_FILL, cpu, va, 0);
	}
	return entry;
}

// May-hold sets: where a walker can always fill an entry that is not there and an entry can always leave, what a TLB holds is
// no choice worth a state: it is the set of what it could hold. A byte for each CPU and mapping: bit k, it may hold the
// mapping's k-th translation; bit k + 4, that one condemned.

/** Of an access: the bit of the translation that it uses, + 1; 0: none, it faults. */
let selected: u32 = 0;

export function select(translation: u32): void {
	selected = translation;
}

/** What of a TLB entry must be that of its PTE. */
const TRANSLATION: u32 = 0xf0 | PTE_PRESENT | PTE_WRITABLE;

/** The k-th translation that a mapping can have. */
function heldAt(va: u32, k: u32): u32 {
	return load<u8>(record(va) + (k & 3), VA_HELD);
}

/** Whether a walk would find a translation now. */
export function isWalkable(cpu: u32, va: u32): bool {
	return isLoaded(cpu, va) && reaches(cpu, va) && (load<u8>(pteAt(va)) & PTE_PRESENT) != 0;
}

/** Adds to the sets what walkers can have found by now. */
export function saturate(): void {
	for (let cpu: u32 = 0; cpu < p.cpus; cpu++) {
		for (let va: u32 = 0; va < p.vaCount; va++) {
			if (!isLoaded(cpu, va) || !reaches(cpu, va)) continue;
			const table = <u32>load<u8>(record(va), VA_TABLE);
			if (table) {
				if (isFreed(table)) {
					raise(HAZARD_WALK, table - 1);
					continue;
				}
				const known = cpuAt(cpu) + inWalkCache;
				store<u8>(known, load<u8>(known) | <u8>((<u32>1) << (table - 1)));
			}
			const pte = <u32>load<u8>(pteAt(va));
			if (!(pte & PTE_PRESENT)) continue;
			const at = tlbAt(cpu, va);
			for (let k: u32 = 0; k < <u32>TRANSLATIONS_HELD; k++) {
				if (((heldAt(va, k) ^ pte) & TRANSLATION) == 0) store<u8>(at, load<u8>(at) | <u8>((<u32>1) << k));
			}
		}
	}
}

/** The selected translation, or 0: a fault. */
function heldTranslation(va: u32, writes: bool): u32 {
	if (selected == 0) return 0;
	const entry = heldAt(va, selected - 1);
	if (writes && !(entry & PTE_WRITABLE)) return 0;
	return (entry & ~PTE_CONDEMNED) | (selected > <u32>TRANSLATIONS_HELD ? PTE_CONDEMNED : 0);
}

/** Condemns what a set may hold: translations to that frame (`frame` not ~0), or those that are not the PTE's. */
function condemnHeld(cpu: u32, va: u32, frame: u32): void {
	const at = tlbAt(cpu, va);
	const now = mappedNow(va);
	for (let k: u32 = 0; k < <u32>TRANSLATIONS_HELD; k++) {
		if (!((load<u8>(at) >> <u8>k) & 1)) continue;
		const entry = heldAt(va, k);
		if (frame == ~0 ? ((entry ^ now) & TRANSLATION) == 0 : entry >> PTE_FRAME != frame) continue;
		store<u8>(at, (load<u8>(at) & ~(<u8>((<u32>1) << k))) | <u8>((<u32>16) << k));
	}
}

/** What the TLB says of a page that it has this entry of, or none. */
function lookUp(cpu: u32, va: u32, own: u32): u32 {
	const large = largeOf(va);
	source = own || large == ~0 || !(p.flags & HAS_TLB) ? va : large;
	return source == va ? own : partOf(va, load<u8>(tlbAt(cpu, large)));
}

/** The translation that an access uses, or 0: a fault. Sets what the walker sets in the PTE. */
export function translate(cpu: u32, va: u32, writes: bool): u32 {
	if (p.flags & HAS_MAY_HOLD) return heldTranslation(va, writes);
	let known = p.flags & HAS_TLB ? <u32>load<u8>(tlbAt(cpu, va)) : 0;
	if (p.large) known = lookUp(cpu, va, known);
	else source = va;
	let entry = known && isLoaded(cpu, va) ? known : walk(cpu, va);
	if (entry && entry == known) tell(EVENT_TLB_HIT, cpu, va, 0);
	if (entry == 0 || !writes) return entry;
	// An entry that forbids the write is looked up once more before the access faults.
	if (known && !(entry & PTE_WRITABLE)) entry = walk(cpu, va);
	if (!(entry & PTE_WRITABLE)) return 0;
	if (entry & PTE_DIRTY || !(p.flags & HAS_AD_BITS)) return entry;
	// The walker sets the dirty bit in the PTE as it is now, which must still allow the write.
	if (source != leafOf(cpu, va)) entry = walk(cpu, va);
	if (entry == 0) return 0;
	const pte = pteAt(source);
	const now = <u32>load<u8>(pte);
	const right = PTE_PRESENT | PTE_WRITABLE;
	if (!reaches(cpu, source) || (now & right) != right) {
		if (p.flags & HAS_TLB) store<u8>(tlbAt(cpu, source), 0);
		return 0;
	}
	if ((source == va ? now : partOf(va, now)) >> PTE_FRAME != entry >> PTE_FRAME) entry = walk(cpu, va);
	if (entry == 0) return 0;
	const table = <u32>load<u8>(record(source), VA_TABLE);
	if (isFreed(table)) {
		raise(HAZARD_WALK, table - 1);
		return 0;
	}
	store<u8>(pte, load<u8>(pte) | PTE_DIRTY);
	if (p.flags & HAS_TLB) store<u8>(tlbAt(cpu, source), load<u8>(tlbAt(cpu, source)) | PTE_DIRTY);
	return entry | PTE_DIRTY;
}

/** What the oracle says of an access to a frame through a translation. */
export function judge(frame: u32, condemned: bool, writes: bool, va: u32): void {
	if (condemned) raise(HAZARD_TLB, va);
	if (!(p.flags & HAS_FRAMES)) return;
	const at = block + atFrames + frame;
	const flags = load<u8>(at);
	if (flags & IS_RELEASED) raise(writes ? HAZARD_CORRUPT : HAZARD_UAI, frame);
	if (!writes) return;
	// It cannot be marked any more.
	if ((flags & (IS_UNMAPPED | IS_RELEASED)) == IS_UNMAPPED) raise(HAZARD_DIRTY, frame);
	store<u8>(at, flags | IS_WRITTEN);
}

/** Loads a line; returns its value. */
export function loadLine(cpu: u32, va: u32, line: u32): u32 {
	const c = cacheOf(cpu);
	if (!c) return p.flags & HAS_VALUES ? load<u8>(block + atMemory + line) : 0;
	const attributes: u32 = load<u8>(record(va), VA_FLAGS);
	if (attributes & MAPPING_IS_UNCACHED && bypasses(cpu, line)) changetype<Slots>(0).takeFromMemory(line);
	else {
		const asked = attributes & MAPPING_IS_INCOHERENT ? swapPeers(c, 0) : 0;
		read<Slots>(c, colourOf(va), line, AT_READ, false);
		if (asked) swapPeers(c, asked);
	}
	if (isStale(line)) raise(HAZARD_STALE, line);
	return valueIn(carried);
}

export function storeLine(cpu: u32, va: u32, line: u32, value: u32): void {
	const c = cacheOf(cpu);
	if (!c) {
		if (p.flags & HAS_VALUES) store<u8>(block + atMemory + line, <u8>value);
		return;
	}
	const attributes: u32 = load<u8>(record(va), VA_FLAGS);
	if (attributes & MAPPING_IS_UNCACHED && bypasses(cpu, line)) {
		stamp(line, value);
		changetype<Slots>(0).putInMemory(line);
		return;
	}
	const asked = attributes & MAPPING_IS_INCOHERENT ? swapPeers(c, 0) : 0;
	if (attributes & MAPPING_IS_WRITE_THROUGH) writeThrough(cpu, c, colourOf(va), line, value);
	else {
		stamp(line, value);
		write<Slots>(c, colourOf(va), line, AT_WRITE, 0);
	}
	if (asked) swapPeers(c, asked);
}

/** Fetches an instruction from a line; returns its value. */
export function fetchLine(cpu: u32, va: u32, line: u32): u32 {
	const c = fetchCacheOf(cpu);
	if (!c || load<u8>(record(va), VA_FLAGS) & MAPPING_IS_UNCACHED) return loadLine(cpu, va, line);
	read<Slots>(c, colourOf(va), line, AT_FETCH, false);
	if (isStale(line)) raise(HAZARD_STALE, line);
	return valueIn(carried);
}

/** A line, or (~0) all of them, leaves a CPU's instruction cache. */
export function flushFetched(cpu: u32, va: u32, line: u32): void {
	const c = fetchCacheOf(cpu);
	if (!c) return;
	if (line != ~0) {
		flushAt<Slots>(c, colourOf(va), line, true, true);
		return;
	}
	for (let each: u32 = 0; each < p.lines; each++) {
		for (let colour: u32 = 0; colour < p.colours; colour++) flushAt<Slots>(c, colour, each, true, true);
	}
}

/** Software writes a translation. */
export function writeTranslation(cpu: u32, va: u32, entry: u32): void {
	if (!(p.flags & HAS_TLB) || p.flags & HAS_MAY_HOLD) return;
	const present = (entry & PTE_PRESENT) != 0 && entry >> PTE_FRAME < p.frameCount;
	store<u8>(tlbAt(cpu, va), <u8>(present ? entry & ~PTE_CONDEMNED : 0));
	tell(present ? EVENT_TLB_FILL : EVENT_TLB_DROP, cpu, va, 0);
}

/** Software looks for a translation: the entry that an access would use, or 0. */
export function readTranslation(cpu: u32, va: u32): u32 {
	if (!(p.flags & HAS_TLB) || p.flags & HAS_MAY_HOLD) return 0;
	return heldFor(cpu, va) & ~PTE_CONDEMNED;
}

/** Whether a CPU's data caches have a line, of whatever colour; a dirty one, if asked. */
function isCached(cpu: u32, line: u32, dirtyOnly: bool): bool {
	let c = cacheOf(cpu);
	while (c) {
		for (let colour: u32 = 0; colour < p.colours; colour++) {
			const at = changetype<Slots>(0).row(c, colour, line);
			if (load<u16>(at) && (!dirtyOnly || changetype<Slots>(0).dirty(changetype<Slots>(0).state(at)))) return true;
		}
		c = c.next;
	}
	return false;
}

/** An access that bypasses the caches must not find its line there. It does so all the same, unless it was selected to hit. */
function bypasses(cpu: u32, line: u32): bool {
	tallyMemory();
	if (!isCached(cpu, line, false)) return true;
	raise(HAZARD_MEMTYPE, frameOfLine(line));
	return selected == 0;
}

/** Whether an access through this mapping ought to go round the caches, and finds its line there. */
export function mayHit(cpu: u32, va: u32, line: u32): bool {
	if (!p.levelCount || !(load<u8>(record(va), VA_FLAGS) & MAPPING_IS_UNCACHED)) return false;
	const frame = frameFor(cpu, va);
	const number = frame == ~0 ? ~0 : lineOf(frame, line);
	return number != ~0 && isCached(cpu, number, false);
}

/** A line is written to memory, too, and is clean. What was written before, and was not, must have been written back. */
function writeThrough(cpu: u32, c: Cache, colour: u32, line: u32, value: u32): void {
	if (isCached(cpu, line, true)) raise(HAZARD_MEMTYPE, frameOfLine(line));
	// A write that misses brings nothing in.
	const stays = isCached(cpu, line, false);
	stamp(line, value);
	write<Slots>(c, colour, line, AT_WRITE, 0);
	flushAmongPeers<Slots>(c, colour, line, true, !stays, ~0);
	tallyMemory();
}

/** A CPU asks the caches at `peers` from here on, 0 none. Gives those that it asked before. */
function swapPeers(c: Cache | null, peers: usize): usize {
	while (c) {
		if (c.peerCount) {
			const before = c.peers;
			c.peers = peers;
			return before;
		}
		c = c.next;
	}
	return 0;
}

/** A line comes in unasked, through a translation that is live. */
export function moveIn(cpu: u32, va: u32, line: u32): void {
	const c = cacheOf(cpu);
	if (!c) return;
	const asked = load<u8>(record(va), VA_FLAGS) & MAPPING_IS_INCOHERENT ? swapPeers(c, 0) : 0;
	read<Slots>(c, colourOf(va), line, AT_READ, false);
	if (asked) swapPeers(c, asked);
}

/**
 * Flushes, cleans or purges a line by virtual address: needs a translation, and does not make one. Whether anything dirty was
 * lost.
 */
export function flushLine(cpu: u32, va: u32, line: u32, keepsData: bool, removes: bool, levels: u32): bool {
	const c = cacheOf(cpu);
	const asked = load<u8>(record(va), VA_FLAGS) & MAPPING_IS_INCOHERENT ? swapPeers(c, 0) : 0;
	const lost = flushAmongPeers<Slots>(c, colourOf(va), line, keepsData, removes, levels);
	if (asked) swapPeers(c, asked);
	return lost;
}

/** The frame that a cache operation through this mapping reaches, or ~0: none. */
export function frameFor(cpu: u32, va: u32): u32 {
	const known = p.flags & HAS_TLB ? heldFor(cpu, va) : 0;
	if (known && isLoaded(cpu, va)) return known >> PTE_FRAME;
	const leaf = leafOf(cpu, va);
	if (!isLoaded(cpu, va) || !reaches(cpu, leaf)) return ~0;
	const pte = leaf == va ? <u32>load<u8>(pteAt(va)) : partOf(va, load<u8>(pteAt(leaf)));
	return pte & PTE_PRESENT ? pte >> PTE_FRAME : ~0;
}

/** A device reads a line: from memory, or (`snoops`) from where it is newest. */
export function deviceReads(line: u32, snoops: bool): u32 {
	if (p.levelCount == 0) return p.flags & HAS_VALUES ? load<u8>(block + atMemory + line) : 0;
	if (snoops) writeBackEverywhere(line, false);
	changetype<Slots>(0).takeFromMemory(line);
	if (isStale(line)) raise(HAZARD_STALE, line);
	return valueIn(carried);
}

export function deviceWrites(line: u32, value: u32, snoops: bool): void {
	if (p.levelCount == 0) {
		if (p.flags & HAS_VALUES) store<u8>(block + atMemory + line, <u8>value);
		return;
	}
	if (snoops) writeBackEverywhere(line, true);
	stamp(line, value);
	changetype<Slots>(0).putInMemory(line);
}

function writeBackEverywhere(line: u32, removes: bool): void {
	for (let cpu: u32 = 0; cpu < p.cpus; cpu++) {
		tell(EVENT_SNOOP, cpu, 0, line);
		for (let colour: u32 = 0; colour < p.colours; colour++) flush<Slots>(cacheOf(cpu), colour, line, true, removes, ~0);
	}
}

export function flushAll(cpu: u32): void {
	for (let line: u32 = 0; line < p.lines; line++) {
		for (let colour: u32 = 0; colour < p.colours; colour++) flush<Slots>(cacheOf(cpu), colour, line, true, true, ~0);
	}
}

/** Whether a virtually indexed cache holds a line of a frame as a mapping of that half put it there; a dirty one, if asked. */
export function isHeld(frame: u32, kernel: bool, dirtyOnly: bool): bool {
	for (let va: u32 = 0; va < p.vaCount; va++) {
		if (isKernel(va) != kernel || !mayHaveMapped(va, frame)) continue;
		for (let cpu: u32 = 0; cpu < p.cpus; cpu++) {
			let c = cacheOf(cpu);
			while (c) {
				if (c.flags & CACHE_INDEX_VIRTUAL && hasLineOf(c, colourOf(va), frame, dirtyOnly)) return true;
				c = c.next;
			}
		}
	}
	return false;
}

function hasLineOf(c: Cache, colour: u32, frame: u32, dirtyOnly: bool): bool {
	const f = p.frames + <usize>frame * FRAME_SIZE;
	for (let i: u32 = 0; i < <u32>load<u8>(f, FRAME_LINES); i++) {
		const row = changetype<Slots>(0).row(c, colour, <u32>load<u8>(f, FRAME_FIRST) + i);
		if (load<u16>(row) && (!dirtyOnly || changetype<Slots>(0).dirty(changetype<Slots>(0).state(row)))) return true;
	}
	return false;
}

/**
 * Whether lines of a frame may have come through a mapping: it maps the frame, or did at the start; or it maps nothing by now,
 * and no mapping of the other half could have brought lines of its colour.
 */
function mayHaveMapped(va: u32, frame: u32): bool {
	if (mapsOrMapped(va, frame)) return true;
	if (mappedNow(va) & PTE_PRESENT) return false;
	for (let other: u32 = 0; other < p.vaCount; other++) {
		if (isKernel(other) != isKernel(va) && colourOf(other) == colourOf(va) && mapsOrMapped(other, frame)) return false;
	}
	return true;
}

/** Whether a mapping is, or at the start was, one of this frame. */
function mapsOrMapped(va: u32, frame: u32): bool {
	const large = largeOf(va);
	const first = <u32>load<u8>(record(va), VA_PTE);
	const whole = large == ~0 ? 0 : partOf(va, load<u8>(record(large), VA_PTE));
	return isTo(mappedNow(va), frame) || isTo(first, frame) || isTo(whole, frame);
}

function isTo(entry: u32, frame: u32): bool {
	return (entry & PTE_PRESENT) != 0 && entry >> PTE_FRAME == frame;
}

/** From here on an access through a translation to this frame is one too many. */
export function condemnFrame(frame: u32): void {
	if (!(p.flags & HAS_TLB)) return;
	for (let cpu: u32 = 0; cpu < p.cpus; cpu++) {
		for (let va: u32 = 0; va < p.vaCount; va++) {
			const at = tlbAt(cpu, va);
			const entry = <u32>load<u8>(at);
			if (p.flags & HAS_MAY_HOLD) condemnHeld(cpu, va, frame);
			else if (covers(va, entry, frame)) store<u8>(at, <u8>(entry | PTE_CONDEMNED));
		}
	}
}

function isOld(cpu: u32, va: u32): bool {
	const entry = <u32>load<u8>(tlbAt(cpu, va));
	if (p.flags & HAS_MAY_HOLD) {
		for (let k: u32 = 0; k < <u32>TRANSLATIONS_HELD * 2; k++) {
			if ((entry >> k) & 1 && ((heldAt(va, k) ^ mappedNow(va)) & TRANSLATION) != 0) return true;
		}
		return false;
	}
	return entry != 0 && ((entry ^ mappedNow(va)) & TRANSLATION) != 0;
}

/** A flush of this mapping has returned. */
export function condemnOld(va: u32): void {
	if (!(p.flags & HAS_TLB)) return;
	for (let cpu: u32 = 0; cpu < p.cpus; cpu++) {
		if (p.flags & HAS_MAY_HOLD) condemnHeld(cpu, va, ~0);
		else {
			if (isOld(cpu, va)) condemn(cpu, va);
			const large = largeOf(va);
			if (large == ~0) continue;
			const entry = partOf(va, load<u8>(tlbAt(cpu, large)));
			if (entry && ((entry ^ mappedNow(va)) & TRANSLATION) != 0) condemn(cpu, large);
		}
	}
}

function condemn(cpu: u32, va: u32): void {
	store<u8>(tlbAt(cpu, va), load<u8>(tlbAt(cpu, va)) | PTE_CONDEMNED);
}

/** A CPU is said to hold none but current translations of an address space. */
export function claimUpToDate(cpu: u32, mm: u32): void {
	if (!(p.flags & HAS_TLB)) return;
	for (let va: u32 = 0; va < p.vaCount; va++) {
		if (load<u8>(record(va), VA_MM) == mm + 1 && isOld(cpu, va)) raise(HAZARD_MISS, va);
	}
}

/** Drops a CPU's translations: `mm` 0 of all address spaces, else of that one (+ 1). */
export function dropTranslations(cpu: u32, mm: u32, keepGlobal: bool): void {
	for (let va: u32 = 0; va < p.vaCount; va++) {
		if (isIn(va, mm, keepGlobal)) drop(cpu, va);
	}
	dropWalkCache(cpu);
}

export function drop(cpu: u32, va: u32): void {
	if (load<u8>(record(va), VA_FLAGS) & MAPPING_IS_PROTECTED) return;
	const at = tlbAt(cpu, va);
	if (load<u8>(at)) tell(EVENT_TLB_DROP, cpu, va, 0);
	store<u8>(at, 0);
}

export function dropTranslation(cpu: u32, va: u32): void {
	drop(cpu, va);
	const other = p.large ? sameAddress(va) : ~0;
	if (other != ~0) drop(cpu, other);
	dropWalkCache(cpu);
}

/** Whether two mappings are one, or one lies in the other. */
export function areTogether(a: u32, b: u32): bool {
	return a == b || largeOf(a) == b || largeOf(b) == a;
}

/** The other mapping whose entries are for an address: the large page around it, or the first page in it. ~0: none. */
export function sameAddress(va: u32): u32 {
	if (!(load<u8>(record(va), VA_FLAGS) & MAPPING_IS_LARGE)) return largeOf(va);
	for (let part: u32 = 0; part < p.vaCount; part++) {
		if (largeOf(part) == va && load<u8>(record(part), VA_PART) == 0) return part;
	}
	return ~0;
}

/** Whether an invalidation of an address space (0: of all) is about a mapping. */
export function isIn(va: u32, mm: u32, keepGlobal: bool): bool {
	const owner = <u32>load<u8>(record(va), VA_MM);
	return (mm == 0 || owner == mm || owner == 0) && !(owner == 0 && keepGlobal);
}

/** Every invalidation empties the paging-structure cache, as INVLPG does. */
export function dropWalkCache(cpu: u32): void {
	if (p.flags & HAS_WALKER && p.tableCount) store<u8>(cpuAt(cpu) + inWalkCache, 0);
}
