import { EVENT_VICTIM, EVENT_WRITE_BACK } from "../../bindings/layout/hold";
import {
	AT_POSTED_FILL,
	AT_VICTIM,
	AT_WRITE,
	AT_WRITE_BACK,
	AT_WRITE_FILL,
	AT_WRITE_THROUGH,
	CACHE_ALLOCATE,
	CACHE_EXCLUSIVE,
	CACHE_INDEX_VIRTUAL,
	CACHE_NEVER_DIRTY,
	CACHE_TAG_VIRTUAL,
	CACHE_TAKES_CLEAN,
	CACHE_WRITE_THROUGH,
	COUNT_ACCESSES,
	COUNT_COHERENCE_MISSES,
	COUNT_EVICTIONS,
	COUNT_FILLS,
	COUNT_HOMONYMS,
	COUNT_INVALIDATIONS,
	COUNT_MISSES,
	COUNT_SIZE,
	COUNT_SYNONYMS,
	COUNT_WRITEBACKS,
	SERVES_DATA,
	SERVES_FETCH,
	TRANSLATE_IDENTITY,
} from "../../bindings/layout/machine";
import { does, OTHER_WRITE, OWN_WRITE, TELLS } from "./coherence";
import { nextHolder, noteEntry, noteExit } from "./filter";
import { missed, Observer, seen } from "./observe";
import { ask, readAround, upgrade } from "./snoop";
import { entryFor, Table } from "./table";
import { policy } from "./translate";
import { CLEAN, DIRTY, EMPTY, find, HELD, INVALID, OWNED, out, outAside, remove, SHARED, STATES, Ways } from "./ways";

// What a reference does to the caches: docs/simulation.md, "Caches", as code. A reference goes down by recursion; each
// level knows only the next one, and an inclusive one those above it.
//
// Addresses travel in pairs, virtual and physical: a level may index and tag by either. A level whose tag is the one and
// that (or whose outer levels) needs the other keeps it aside with each line.

// The rules are generic over what is known of all caches when compiling: nothing (AnyCaches), that they are plain, which
// most machines that traces are compared on are, or that their lines lie in the block of a machine that is explored (Slots,
// slots.ts). Then most questions below are answered before the code runs.

/** What is known of every cache of a machine, and how their lines are kept. */
export interface Caches {
	/** LRU, neither inclusive nor exclusive, write-back, write-allocate, the same line size; physical is virtual; nothing is
	 * observed. */
	plain(): bool;
	/** Lines have contents: `carried` is that of the line under way. Nothing is counted, and nothing leaves to make room. */
	carries(): bool;
	/** Several CPUs have caches of their own that are kept coherent (coherence.ts, snoop.ts). */
	coherent(): bool;
	/** Whether a line in this state has to be written down when it leaves. */
	dirty(state: u64): bool;
	/** The row where a line belongs, given its addresses. */
	row(c: Cache, virtual: u64, physical: u64): usize;
	/** Where the line's entry is in that row, touched, or 0. `dirties`: it is dirty afterwards. */
	hit(c: Cache, row: usize, virtual: u64, physical: u64, dirties: bool): usize;
	/** Where the line's entry is in that row, or 0. */
	find(c: Cache, row: usize, virtual: u64, physical: u64): usize;
	/** The line enters. What it pushes out is in `out` and `outAside`. */
	place(c: Cache, row: usize, virtual: u64, physical: u64, state: u64): void;
	state(at: usize): u64;
	setState(c: Cache, row: usize, at: usize, state: u64): void;
	remove(c: Cache, row: usize, at: usize): void;
	/** The next of the caches that a level asks, from number `from` on, that can have a line; or ~0. */
	nextPeer(c: Cache, physical: u64, from: u32): u32;
	/** In how many rows a physical line may be, under any virtual address; the number-th of them. */
	rows(c: Cache): u32;
	rowAt(c: Cache, virtual: u64, physical: u64, number: u32): usize;
	/** The first entry of that line in such a row at `from` or after it, or 0; and its virtual address (`virtual`: who asks). */
	copyIn(c: Cache, row: usize, physical: u64, from: usize): usize;
	virtualAt(c: Cache, virtual: u64, at: usize, physical: u64): u64;
	/** Contents: of an entry, and of memory. `over`: an older line may not overwrite a newer one. */
	take(at: usize): void;
	put(at: usize, over: bool, physical: u64): void;
	takeFromMemory(physical: u64): void;
	putInMemory(physical: u64): void;
	/** Tells whoever watches what happened to a line: EVENT_*. */
	tell(kind: u32, c: Cache, virtual: u64, physical: u64): void;
}

/** What can be known of caches whose lines lie in sets and ways (ways.ts). */
class Plain {}
class Nothing {}
class Coherent {}

class WayCaches<Known> implements Caches {
	@inline plain(): bool {
		return idof<Known>() == idof<Plain>();
	}
	@inline carries(): bool {
		return false;
	}
	@inline coherent(): bool {
		return idof<Known>() == idof<Coherent>();
	}
	@inline dirty(state: u64): bool {
		return this.coherent() ? isDirtyState(state) : state == DIRTY;
	}
	@inline row(c: Cache, virtual: u64, physical: u64): usize {
		return rowOf(c, virtual, physical);
	}
	@inline hit(c: Cache, row: usize, virtual: u64, physical: u64, dirties: bool): usize {
		return c.hit(row, virtual, physical, dirties);
	}
	@inline find(c: Cache, row: usize, virtual: u64, physical: u64): usize {
		return find(c.lines, row, tagOf(c, virtual, physical), asideOf(c, virtual, physical));
	}
	@inline place(c: Cache, row: usize, virtual: u64, physical: u64, state: u64): void {
		c.place(row, virtual, physical, state);
		if (this.coherent() && c.coherent) {
			noteEntry(c, physical);
			if ((out & STATES) != INVALID) noteExit(c, physicalOf(c, out, outAside));
		}
	}
	@inline state(at: usize): u64 {
		return load<u64>(at) & STATES;
	}
	@inline setState(c: Cache, row: usize, at: usize, state: u64): void {
		c.setState(row, at, state);
	}
	@inline remove(c: Cache, row: usize, at: usize): void {
		if (this.coherent() && c.coherent) noteExit(c, physicalOf(c, load<u64>(at), load<u64>(at + c.lines.aside)));
		remove(c.lines, row, at);
	}
	@inline nextPeer(c: Cache, physical: u64, from: u32): u32 {
		return this.coherent() ? nextHolder(c, physical, from) : ~0;
	}
	@inline rows(c: Cache): u32 {
		return c.rows;
	}
	@inline rowAt(c: Cache, virtual: u64, physical: u64, number: u32): usize {
		return rowOfColour(c, physical, number);
	}
	@inline copyIn(c: Cache, row: usize, physical: u64, from: usize): usize {
		return copyIn(c, row, physical, from);
	}
	@inline virtualAt(c: Cache, virtual: u64, at: usize, physical: u64): u64 {
		return virtualAt(c, at, physical);
	}
	@inline take(at: usize): void {}
	@inline put(at: usize, over: bool, physical: u64): void {}
	@inline takeFromMemory(physical: u64): void {}
	@inline putInMemory(physical: u64): void {}
	@inline tell(kind: u32, c: Cache, virtual: u64, physical: u64): void {}
}

export type PlainCaches = WayCaches<Plain>;
export type AnyCaches = WayCaches<Nothing>;
export type CoherentCaches = WayCaches<Coherent>;

@unmanaged
export class Cache {
	lines: Ways;
	/** The next level, or null: memory. */
	next: Cache | null;
	/** CACHE_*. */
	flags: u32;
	/** SERVES_*. */
	serves: u32;
	/** Bytes. */
	line: u64;
	/** Counts of this cache's CPU 0; the others' follow, COUNT_SIZE apart. */
	counts: usize;
	/** The first CPU of those that share this instance, and how many they are. */
	firstCpu: u32;
	cpus: u32;
	/** It is kept coherent with those of other CPUs. */
	coherent: bool;
	/** A level from the next one on is inclusive: it is asked even for a line that another CPU supplied. */
	asksNext: bool;
	/** Its number among the instances that are kept coherent, inner levels first. */
	number: u32;
	/** Instances that may have to be asked before the next level is, by number; 0: none. peerCount: where all of them are. */
	peers: usize;
	peerCount: u32;
	/** The CPUs that meet behind this level: from and to (exclusive). */
	meetsFrom: u32;
	meetsTo: u32;
	/** In how many rows a physical line may be. */
	rows: u32;
	/** Physical lines that were lost by another CPU's write (1) and have not been here since. */
	lost: Table | null;
	/** Inclusive levels: a list of `aboveCount` instances whose lines this one must hold. */
	above: usize;
	aboveCount: u32;
	/** Bytes of a base page: where virtual and physical index may part. */
	page: u64;
	/** Where its lines are in the block of a machine that is explored; its level << 4 | CPU. */
	slots: usize;
	name: u32;
	/** Classification and hot keys, or null. */
	observer: Observer | null;

	/**
	 * Looks for a line, given its addresses, in the row where it belongs and touches it; where its entry is now, or 0.
	 * `dirties`: it is dirty afterwards.
	 */
	@inline hit(row: usize, virtual: u64, physical: u64, dirties: bool): usize {
		const lines = this.lines;
		const key = tagOf(this, virtual, physical);
		const at = lines.use(row, key, asideOf(this, virtual, physical));
		if (at) {
			if (dirties) store<u64>(at, key | DIRTY);
			if (lines.peeks) lines.peek(row, at, virtual | (load<u64>(at) & STATES));
		}
		return at;
	}

	@inline place(row: usize, virtual: u64, physical: u64, state: u64): void {
		const lines = this.lines;
		const at = lines.place(row, tagOf(this, virtual, physical) | state, asideOf(this, virtual, physical));
		if (lines.peeks) lines.peek(row, at, virtual | state);
	}

	/** A reference to a plain cache, as far as this level goes: what it pushed out, or HELD. See bring(). */
	@inline meet(entry: u64, kind: u32): u64 {
		countAccess(this, kind);
		const lines = this.lines;
		return Ways.bring(lines.row(entry >> lines.shift), lines.stride, entry);
	}

	@inline setState(row: usize, at: usize, state: u64): void {
		const lines = this.lines;
		store<u64>(at, (load<u64>(at) & ~STATES) | state);
		if (lines.peeks) store<u64>(lines.peekOf(row), EMPTY);
	}
}

/**
 * The contents of the line under way, where lines have any (Caches.carries): what a level that holds it, or memory, gave, or
 * what a CPU or an evicted line puts.
 */
export let carried: u32 = 0;

export function carry(contents: u32): void {
	carried = contents;
}

/** Offset of the current CPU's counts from those of CPU 0. */
export let cpuCounts: usize = 0;

export function chargeTo(cpu: u32): void {
	cpuCounts = <usize>cpu * COUNT_SIZE;
}

export function count(at: usize): void {
	store<u64>(at, load<u64>(at) + 1);
}

function countAccess(c: Cache, kind: u32): void {
	count(c.counts + cpuCounts + COUNT_ACCESSES + ((<usize>kind) << 3));
}

function countMiss(c: Cache, kind: u32): void {
	count(c.counts + cpuCounts + COUNT_MISSES + ((<usize>kind) << 3));
}

function indexOf(c: Cache, virtual: u64, physical: u64): u64 {
	return c.flags & CACHE_INDEX_VIRTUAL ? virtual : physical;
}

function tagOf(c: Cache, virtual: u64, physical: u64): u64 {
	return c.flags & CACHE_TAG_VIRTUAL ? virtual : physical;
}

function rowOf(c: Cache, virtual: u64, physical: u64): usize {
	return c.lines.row(indexOf(c, virtual, physical) >> c.lines.shift);
}

/** The physical address of an entry, given the word aside. */
function physicalOf(c: Cache, entry: u64, aside: u64): u64 {
	return (c.flags & CACHE_TAG_VIRTUAL && c.lines.aside ? aside : entry) & ~STATES;
}

/** The address that is not the tag. */
function asideOf(c: Cache, virtual: u64, physical: u64): u64 {
	return c.flags & CACHE_TAG_VIRTUAL ? physical : virtual;
}

/** A reference to a line reaches a level that is observed. */
function observe(c: Cache, virtual: u64, physical: u64, kind: u32): void {
	seen(c.observer!, tagOf(c, virtual, physical), c.flags & CACHE_TAG_VIRTUAL ? physical : 0, kind);
}

export function canBeDirty(c: Cache): bool {
	return (c.flags & (CACHE_WRITE_THROUGH | CACHE_NEVER_DIRTY)) == 0 && c.serves != SERVES_FETCH;
}

/** Modified, or owned: what was written in this state is nowhere else. */
function isDirtyState(state: u64): bool {
	return state == DIRTY || state == OWNED;
}

/** How a copy above a level may be held that has the line in `state`. */
export function permitted(state: u64): u64 {
	return state > CLEAN ? SHARED : CLEAN;
}

/** Coherence: the state of the line that is leaving a level, for the one that it enters. */
let leaving: u64 = DIRTY;

/** A line in `state` leaves a level for the next one. */
export function setLeaving(c: Cache, state: u64): void {
	const next = c.next;
	const dirty = isDirtyState(state);
	if (next == null || !next.coherent) leaving = dirty ? DIRTY : CLEAN;
	else if (c.peers && !dirty) leaving = permitted(state);
	else leaving = state;
}

/**
 * A read of the line at these addresses: fetch, read, walk read, or fill for a write (posted or not). Returns the state in
 * which the line may enter the level that asked: DIRTY if an exclusive level gave up its dirty copy, which it does where that level
 * `takesDirty`, else CLEAN; with coherence, SHARED and others, too.
 */
export function read<C extends Caches>(c: Cache, virtual: u64, physical: u64, kind: u32, takesDirty: bool): u64 {
	virtual &= ~(c.line - 1);
	physical &= ~(c.line - 1);
	if (changetype<C>(0).plain()) {
		bring(c, virtual | CLEAN, kind);
		return CLEAN;
	}
	if (!changetype<C>(0).carries()) countAccess(c, kind);
	const row = changetype<C>(0).row(c, virtual, physical);
	if (!changetype<C>(0).carries() && c.observer) observe(c, virtual, physical, kind);
	if (changetype<C>(0).coherent() && isWriteFill(kind)) own<C>(c, row, virtual, physical);
	const at = changetype<C>(0).hit(c, row, virtual, physical, false);
	if (at == 0) return readMissed<C>(c, row, virtual, physical, kind, takesDirty);
	changetype<C>(0).take(at);
	if (c.flags & CACHE_EXCLUSIVE) return giveUp<C>(c, row, at, virtual, physical, takesDirty);
	return changetype<C>(0).coherent() ? permitted(changetype<C>(0).state(at)) : CLEAN;
}

/** Of the kinds of reads: whether it is for a write, and the line is not to be anywhere else. */
export function isWriteFill(kind: u32): bool {
	return kind >= <u32>AT_WRITE_FILL;
}

/** Before a line is written, or read to be written, the others must not have it. */
function own<C extends Caches>(c: Cache, row: usize, virtual: u64, physical: u64): void {
	if (!c.coherent) return;
	const at = changetype<C>(0).find(c, row, virtual, physical);
	if (at && does(OWN_WRITE, changetype<C>(0).state(at), TELLS)) upgrade<C>(c, row, virtual, physical);
}

/** A reference to a line of a plain cache, of any kind: `entry` is what it is afterwards, unless it was dirty before. */
function bring(c: Cache, entry: u64, kind: u32): void {
	const pushed = c.meet(entry, kind);
	if (pushed != HELD) settle(c, entry & ~STATES, kind, pushed);
}

/**
 * What a miss in a plain cache brings with it. The line is in its place already and has pushed out `pushed`: in a plain cache
 * nobody can tell whether it entered before or after the next level was read.
 */
export function settle(c: Cache, line: u64, kind: u32, pushed: u64): void {
	// On to the next level in a loop; a call is made only where a dirty line follows the one that is read.
	while (true) {
		countMiss(c, kind);
		const counts = c.counts + cpuCounts;
		count(counts + COUNT_FILLS);
		const next = c.next;
		let entry = line | CLEAN;
		let asks = kind == AT_WRITE ? AT_WRITE_FILL : kind;
		let goesOn = kind != AT_WRITE_BACK;
		if (pushed != EMPTY) count(counts + COUNT_EVICTIONS);
		if ((pushed & STATES) == DIRTY) {
			count(counts + COUNT_WRITEBACKS);
			if (next && goesOn) bring(next, entry, asks);
			entry = pushed;
			asks = AT_WRITE_BACK;
			goesOn = true;
		}
		if (!next || !goesOn) return;
		c = next;
		line = entry & ~STATES;
		kind = asks;
		pushed = c.meet(entry, kind);
		if (pushed == HELD) return;
	}
}

/** A miss is counted, and classed where that was asked for. */
function noteMiss<C extends Caches>(c: Cache, row: usize, virtual: u64, physical: u64, kind: u32): void {
	if (changetype<C>(0).carries()) return;
	countMiss(c, kind);
	if (c.observer) missed(c.observer!, c.counts + cpuCounts, tagOf(c, virtual, physical), row, c.lines);
	if (c.observer && c.observer!.aliases) noteAliases(c, row, virtual, physical);
	if (!changetype<C>(0).coherent() || !c.lost) return;
	const at = entryFor(c.lost!, physical, 0);
	if (at == 0 || load<u64>(at) == 0) return;
	count(c.counts + cpuCounts + COUNT_COHERENCE_MISSES);
	if (c.serves & SERVES_DATA) tookLost = true;
}

/** A first-level data cache missed a line that another CPU's write took from it. */
let tookLost: bool = false;

/** Whether that was so since it was asked last. */
export function takesLost(): bool {
	const was = tookLost;
	tookLost = false;
	return was;
}

/** A line was missed: it may be here under another address, and another line under its virtual address. */
function noteAliases(c: Cache, row: usize, virtual: u64, physical: u64): void {
	const counts = c.counts + cpuCounts;
	const rows = c.rows;
	for (let number: u32 = 0; number < rows; number++) {
		const other = rowOfColour(c, physical, number);
		if (copyIn(c, other, physical, other) == 0) continue;
		count(counts + COUNT_SYNONYMS);
		break;
	}
	if (!(c.flags & CACHE_TAG_VIRTUAL)) return;
	for (let at = row; at < row + c.lines.stride; at += 8) {
		if ((load<u64>(at) ^ virtual) >= INVALID) continue;
		count(counts + COUNT_HOMONYMS);
		break;
	}
}

/** A read that did not find its line in the row where it belongs. Addresses are those of the line. */
function readMissed<C extends Caches>(
	c: Cache,
	row: usize,
	virtual: u64,
	physical: u64,
	kind: u32,
	takesDirty: bool,
): u64 {
	noteMiss<C>(c, row, virtual, physical, kind);
	if (c.flags & CACHE_EXCLUSIVE) return readNext<C>(c, virtual, physical, kind, takesDirty);
	const state = readNext<C>(c, virtual, physical, kind, canBeDirty(c));
	enter<C>(c, row, virtual, physical, state);
	return changetype<C>(0).coherent() ? permitted(state) : CLEAN;
}

/** A line of an exclusive level moves up. */
function giveUp<C extends Caches>(c: Cache, row: usize, at: usize, virtual: u64, physical: u64, takesDirty: bool): u64 {
	const state = changetype<C>(0).state(at);
	changetype<C>(0).remove(c, row, at);
	if (!changetype<C>(0).dirty(state) || takesDirty) return state;
	writeDown<C>(c, virtual, physical, state);
	return changetype<C>(0).coherent() ? permitted(state) : CLEAN;
}

/** Reads one of this level's lines from other CPUs' caches, where these are closer than the next level, or from there. */
function readNext<C extends Caches>(c: Cache, virtual: u64, physical: u64, kind: u32, takesDirty: bool): u64 {
	if (changetype<C>(0).coherent() && c.peers) return readAround<C>(c, virtual, physical, kind, takesDirty);
	return readBelow<C>(c, virtual, physical, kind, takesDirty);
}

/** Reads one of this level's lines from the next level: in several pieces where that has shorter lines. */
export function readBelow<C extends Caches>(c: Cache, virtual: u64, physical: u64, kind: u32, takesDirty: bool): u64 {
	const next = c.next;
	if (!next) {
		changetype<C>(0).takeFromMemory(physical);
		return CLEAN;
	}
	if (next.line >= c.line) return read<C>(next, virtual, physical, kind, takesDirty);
	let state = CLEAN;
	for (let piece: u64 = 0; piece < c.line; piece += next.line) {
		if (read<C>(next, virtual + piece, physical + piece, kind, takesDirty) == DIRTY) state = DIRTY;
	}
	return state;
}

/**
 * A write: the CPU's own (AT_WRITE), a write-through from the level above, or the write-back of a whole line of `bytes`
 * bytes from there. Only the last may be longer than a line here, and comes through writeBack().
 */
export function write<C extends Caches>(c: Cache, virtual: u64, physical: u64, kind: u32, bytes: u64): void {
	const lineVirtual = virtual & ~(c.line - 1);
	const linePhysical = physical & ~(c.line - 1);
	if (changetype<C>(0).plain()) {
		bring(c, lineVirtual | DIRTY, kind);
		return;
	}
	if (!changetype<C>(0).carries()) countAccess(c, kind);
	const row = changetype<C>(0).row(c, lineVirtual, linePhysical);
	if (!changetype<C>(0).carries() && c.observer) observe(c, lineVirtual, linePhysical, kind);
	let dirties = canBeDirty(c);
	let stays = false;
	if (changetype<C>(0).coherent()) {
		if (kind != AT_WRITE_BACK) own<C>(c, row, lineVirtual, linePhysical);
		else if (leaving == OWNED && c.coherent && dirties) {
			// Others may have what was written: it is for this CPU to write back, and not to write.
			const found = changetype<C>(0).find(c, row, lineVirtual, linePhysical);
			stays = found != 0 && changetype<C>(0).state(found) > CLEAN;
			dirties = !stays;
		}
	}
	const at = changetype<C>(0).hit(c, row, lineVirtual, linePhysical, dirties);
	if (at) {
		if (changetype<C>(0).coherent() && stays) changetype<C>(0).setState(c, row, at, OWNED);
		changetype<C>(0).put(at, kind == AT_WRITE_BACK, linePhysical);
		if (c.flags & CACHE_WRITE_THROUGH) pass<C>(c, virtual, physical, kind, bytes);
		return;
	}
	writeMissed<C>(c, row, virtual, physical, kind, bytes);
}

/** A write that did not find its line in the row where it belongs. */
function writeMissed<C extends Caches>(c: Cache, row: usize, virtual: u64, physical: u64, kind: u32, bytes: u64): void {
	const flags = c.flags;
	const lineVirtual = virtual & ~(c.line - 1);
	const linePhysical = physical & ~(c.line - 1);
	noteMiss<C>(c, row, lineVirtual, linePhysical, kind);
	const whole = kind == AT_WRITE_BACK;
	// An exclusive level takes whatever leaves the levels above it, and nothing else.
	const allocates = flags & CACHE_EXCLUSIVE ? whole : (flags & CACHE_ALLOCATE) != 0;
	const came = leaving;
	if (changetype<C>(0).coherent() && !whole && c.peers && (!allocates || flags & CACHE_NEVER_DIRTY))
		ask<C>(c, lineVirtual, linePhysical, OTHER_WRITE, false, false);
	if (!allocates) {
		pass<C>(c, virtual, physical, kind, bytes);
		return;
	}
	let state = CLEAN;
	// What is written stays, whatever the fill brings.
	const written = carried;
	if (flags & CACHE_NEVER_DIRTY) {
		// No traffic but demand: the miss looks the next level up as what it is, a write.
		pass<C>(c, virtual, physical, kind, bytes);
	} else if (!whole || bytes < c.line) {
		const fill: u32 = kind == AT_WRITE ? AT_WRITE_FILL : AT_POSTED_FILL;
		state = readNext<C>(c, lineVirtual, linePhysical, fill, canBeDirty(c));
	}
	if (changetype<C>(0).carries()) carried = written;
	let dirty = DIRTY;
	if (changetype<C>(0).coherent() && whole && c.coherent && came == OWNED) {
		dirty = OWNED;
		state = SHARED;
	}
	enter<C>(c, row, lineVirtual, linePhysical, canBeDirty(c) ? dirty : state);
	if (changetype<C>(0).coherent()) leaving = came;
	if ((flags & (CACHE_WRITE_THROUGH | CACHE_NEVER_DIRTY)) == CACHE_WRITE_THROUGH)
		pass<C>(c, virtual, physical, kind, bytes);
}

/**
 * What follows when a CPU's reference (AT_FETCH, AT_READ, AT_WRITE) was looked for in its first-level cache, and counted, and
 * not found.
 */
export function miss<C extends Caches>(c: Cache, virtual: u64, physical: u64, kind: u32): void {
	const row = rowOf(c, virtual, physical);
	if (kind == AT_WRITE) writeMissed<C>(c, row, virtual, physical, kind, 0);
	else readMissed<C>(c, row, virtual & ~(c.line - 1), physical & ~(c.line - 1), kind, false);
}

/** A write goes on to the next level. */
function pass<C extends Caches>(c: Cache, virtual: u64, physical: u64, kind: u32, bytes: u64): void {
	if (kind == AT_WRITE_BACK) writeBack<C>(c.next, virtual, physical, bytes);
	else if (c.next) write<C>(c.next!, virtual, physical, c.flags & CACHE_NEVER_DIRTY ? kind : AT_WRITE_THROUGH, 0);
	else changetype<C>(0).putInMemory(physical);
}

/** The write-back of a line of `bytes` bytes reaches a level (or memory): in pieces where its lines are shorter. */
export function writeBack<C extends Caches>(c: Cache | null, virtual: u64, physical: u64, bytes: u64): void {
	if (!c) {
		changetype<C>(0).putInMemory(physical);
		return;
	}
	const came = leaving;
	for (let piece: u64 = 0; piece < bytes; piece += c.line) {
		if (changetype<C>(0).coherent()) leaving = came;
		write<C>(c, virtual + piece, physical + piece, AT_WRITE_BACK, min(bytes, c.line));
	}
}

/** What was written in this state goes down from a level to the next one. */
function writeDown<C extends Caches>(c: Cache, virtual: u64, physical: u64, state: u64): void {
	if (!changetype<C>(0).carries()) count(c.counts + cpuCounts + COUNT_WRITEBACKS);
	changetype<C>(0).tell(EVENT_WRITE_BACK, c, virtual, physical);
	if (changetype<C>(0).coherent()) setLeaving(c, state);
	writeBack<C>(c.next, virtual, physical, c.line);
}

/** A clean line that left the level above is offered to one that takes such victims. */
function offer<C extends Caches>(c: Cache, virtual: u64, physical: u64): void {
	if (!changetype<C>(0).carries()) countAccess(c, AT_VICTIM);
	changetype<C>(0).tell(EVENT_VICTIM, c, virtual, physical);
	const row = changetype<C>(0).row(c, virtual, physical);
	const state = changetype<C>(0).coherent() ? leaving : CLEAN;
	const at = changetype<C>(0).hit(c, row, virtual, physical, false);
	if (at) {
		// The victim's contents replace what is here, older ones too; a dirty line is not given up for a clean one.
		if (!changetype<C>(0).dirty(changetype<C>(0).state(at))) changetype<C>(0).put(at, false, physical);
		return;
	}
	if (!changetype<C>(0).carries()) countMiss(c, AT_VICTIM);
	enter<C>(c, row, virtual, physical, state);
}

/** A line enters a level; the one it pushes out leaves. */
function enter<C extends Caches>(c: Cache, row: usize, virtual: u64, physical: u64, state: u64): void {
	changetype<C>(0).place(c, row, virtual, physical, state);
	if (changetype<C>(0).carries()) return;
	const counts = c.counts + cpuCounts;
	count(counts + COUNT_FILLS);
	if (changetype<C>(0).coherent() && c.lost) {
		const mark = entryFor(c.lost!, physical, 0);
		if (mark) store<u64>(mark, 0);
	}
	const old = out;
	if ((old & STATES) == INVALID) return;
	count(counts + COUNT_EVICTIONS);
	const tag = old & ~STATES;
	const other = c.lines.aside ? outAside : tag;
	if (c.flags & CACHE_TAG_VIRTUAL) leave<C>(c, tag, other, old & STATES);
	else leave<C>(c, other, tag, old & STATES);
}

/** A line has left a level; its contents are `carried`. */
export function leave<C extends Caches>(c: Cache, virtual: u64, physical: u64, state: u64): void {
	if (c.aboveCount) {
		const above = invalidateAbove<C>(c, virtual, physical);
		if (changetype<C>(0).dirty(above) && state != DIRTY) state = above;
	}
	if (changetype<C>(0).dirty(state)) {
		writeDown<C>(c, virtual, physical, state);
		return;
	}
	const next = c.next;
	if (!next || !(next.flags & (CACHE_EXCLUSIVE | CACHE_TAKES_CLEAN))) return;
	// Nobody has told a cache that is not kept coherent that its line is outdated.
	if (changetype<C>(0).coherent() && next.coherent && !c.coherent) return;
	if (changetype<C>(0).coherent()) setLeaving(c, state);
	offer<C>(next, virtual, physical);
}

/** A line leaves by itself. */
export function evict<C extends Caches>(c: Cache, virtual: u64, physical: u64): void {
	const row = changetype<C>(0).row(c, virtual, physical);
	const at = changetype<C>(0).find(c, row, virtual, physical);
	if (at == 0) return;
	const state = changetype<C>(0).state(at);
	changetype<C>(0).take(at);
	changetype<C>(0).remove(c, row, at);
	leave<C>(c, virtual, physical, state);
}

/** A dirty line is written back by itself, and stays. */
export function clean<C extends Caches>(c: Cache, virtual: u64, physical: u64): void {
	const row = changetype<C>(0).row(c, virtual, physical);
	const at = changetype<C>(0).find(c, row, virtual, physical);
	if (at == 0) return;
	const state = changetype<C>(0).state(at);
	if (!changetype<C>(0).dirty(state)) return;
	changetype<C>(0).take(at);
	changetype<C>(0).setState(c, row, at, permitted(state));
	writeDown<C>(c, virtual, physical, state);
}

/**
 * A line is written back where it is dirty (`keepsData`; else what is dirty is lost: a purge), and leaves this level and all
 * below it, or `levels` in all (`removes`; else it stays, clean). Whether something dirty was lost.
 */
export function flush<C extends Caches>(
	c: Cache | null,
	virtual: u64,
	physical: u64,
	keepsData: bool,
	removes: bool,
	levels: u32,
): bool {
	let lost = false;
	for (; c && levels; levels--) {
		if (flushAt<C>(c, virtual, physical, keepsData, removes)) lost = true;
		c = c.next;
	}
	return lost;
}

/** flush() in the caches of all CPUs that are kept coherent, in so many levels of each. */
export function flushAmongPeers<C extends Caches>(
	c: Cache | null,
	virtual: u64,
	physical: u64,
	keepsData: bool,
	removes: bool,
	levels: u32,
): bool {
	let lost = false;
	let level = c;
	while (level) {
		let n = level.peers ? changetype<C>(0).nextPeer(level, physical, 0) : ~0;
		for (; n != ~0; n = changetype<C>(0).nextPeer(level, physical, n + 1)) {
			const peer = load<Cache>(level.peers + <usize>n * sizeof<usize>());
			if (peer.name >> 4 < levels && flushAt<C>(peer, virtual, physical, keepsData, removes)) lost = true;
		}
		level = level.next;
	}
	return flush<C>(c, virtual, physical, keepsData, removes, levels) || lost;
}

/** flush() in one level. */
export function flushAt<C extends Caches>(c: Cache, virtual: u64, physical: u64, keepsData: bool, removes: bool): bool {
	const row = changetype<C>(0).row(c, virtual, physical);
	const at = changetype<C>(0).find(c, row, virtual, physical);
	return at != 0 && flushEntry<C>(c, row, at, virtual, physical, keepsData, removes) == FLUSH_LOST;
}

/** What flushEntry() did: nothing, since there was nothing to do; what it was asked to; or it lost what had been written. */
export const FLUSH_IDLE: u32 = 0;
export const FLUSH_DONE: u32 = 1;
export const FLUSH_LOST: u32 = 2;

/** What flush() does to the entry of one level, and to the levels above that an inclusive one speaks for. */
export function flushEntry<C extends Caches>(
	c: Cache,
	row: usize,
	at: usize,
	virtual: u64,
	physical: u64,
	keepsData: bool,
	removes: bool,
): u32 {
	let state = changetype<C>(0).state(at);
	if (!removes && !changetype<C>(0).dirty(state)) return FLUSH_IDLE;
	changetype<C>(0).take(at);
	if (!removes) changetype<C>(0).setState(c, row, at, permitted(state));
	else {
		changetype<C>(0).remove(c, row, at);
		if (c.aboveCount) {
			const above = invalidateAbove<C>(c, virtual, physical);
			if (changetype<C>(0).dirty(above) && state != DIRTY) state = above;
		}
	}
	if (!changetype<C>(0).dirty(state)) return FLUSH_DONE;
	if (!keepsData) return FLUSH_LOST;
	writeDown<C>(c, virtual, physical, state);
	return FLUSH_DONE;
}

/** Removes every part of a line from all levels above. Returns the state of one that was dirty, where one was, else CLEAN. */
export function invalidateAbove<C extends Caches>(c: Cache, virtual: u64, physical: u64): u64 {
	let state = CLEAN;
	for (let i: u32 = 0; i < c.aboveCount; i++) {
		const inner = load<Cache>(c.above + <usize>i * sizeof<usize>());
		for (let part: u64 = 0; part < c.line; part += inner.line) {
			const was = invalidateLine<C>(inner, virtual, physical + part);
			if (changetype<C>(0).dirty(was) && state != DIRTY) state = was;
		}
	}
	return state;
}

/** Removes all copies of a physical line, of whatever colour. Returns as invalidateAbove(). */
function invalidateLine<C extends Caches>(c: Cache, virtual: u64, physical: u64): u64 {
	const line = physical & ~(c.line - 1);
	const rows = changetype<C>(0).rows(c);
	let state = CLEAN;
	for (let number: u32 = 0; number < rows; number++) {
		const row = changetype<C>(0).rowAt(c, virtual, line, number);
		for (let at = changetype<C>(0).copyIn(c, row, line, row); at; at = changetype<C>(0).copyIn(c, row, line, at)) {
			const was = changetype<C>(0).state(at);
			if (changetype<C>(0).dirty(was) && state != DIRTY) state = was;
			changetype<C>(0).remove(c, row, at);
			count(c.counts + <usize>c.firstCpu * COUNT_SIZE + COUNT_INVALIDATIONS);
		}
	}
	return state;
}

// Where a physical line may be. Physical index: in one row. Virtual index: below the page offset the index is known, above it
// the line may be in a set of any colour. Virtual tags: anywhere.

export function rowsOf(c: Cache): u32 {
	const lines = c.lines;
	if (lines.identity) return lines.sets;
	if (!(c.flags & CACHE_INDEX_VIRTUAL) || policy == TRANSLATE_IDENTITY) return 1;
	if (!lines.mask && lines.sets > 1) return lines.sets;
	return <u32>max<u64>(1, ((<u64>lines.sets) << lines.shift) / c.page);
}

function rowOfColour(c: Cache, physical: u64, number: u32): usize {
	const lines = c.lines;
	if (!lines.identity) {
		if (!(c.flags & CACHE_INDEX_VIRTUAL) || policy == TRANSLATE_IDENTITY) return lines.row(physical >> lines.shift);
		if (lines.mask || lines.sets == 1)
			return lines.row(((physical & (c.page - 1)) + <u64>number * c.page) >> lines.shift);
	}
	return lines.entries + <usize>number * lines.stride;
}

function copyIn(c: Cache, row: usize, physical: u64, from: usize): usize {
	const lines = c.lines;
	const end = row + lines.stride;
	if (lines.identity) {
		for (let at = from; at < end; at += 8) {
			if ((load<u64>(at) & STATES) != INVALID && load<u64>(at + lines.aside) == physical) return at;
		}
	} else {
		for (let at = from; at < end; at += 8) if ((load<u64>(at) ^ physical) < INVALID) return at;
	}
	return 0;
}

function virtualAt(c: Cache, at: usize, physical: u64): u64 {
	if (c.flags & CACHE_TAG_VIRTUAL) return load<u64>(at) & ~STATES;
	return c.lines.aside ? load<u64>(at + c.lines.aside) : physical;
}

/**
 * One access counted once at each level, whichever lines it touches there (cachegrind's semantics; for hierarchies without
 * write-backs): its two ends, the same ones perhaps, are looked up and allocated here, and both go on if either missed.
 */
export function accessOnce(c: Cache, kind: u32, virtual: u64, physical: u64, virtual2: u64, physical2: u64): void {
	countAccess(c, kind);
	const first = present(c, kind, virtual, physical, true);
	const second = (virtual ^ virtual2) < c.line ? true : present(c, kind, virtual2, physical2, first);
	if (first && second) return;
	countMiss(c, kind);
	if (c.next) accessOnce(c.next!, kind, virtual, physical, virtual2, physical2);
}

/** Looks a line up and allocates it; whether it was there. A miss is classed if `classed`. */
function present(c: Cache, kind: u32, virtual: u64, physical: u64, classed: bool): bool {
	virtual &= ~(c.line - 1);
	physical &= ~(c.line - 1);
	const row = rowOf(c, virtual, physical);
	const key = tagOf(c, virtual, physical);
	if (c.observer) observe(c, virtual, physical, kind);
	if (c.hit(row, virtual, physical, false)) return true;
	if (c.observer && classed) missed(c.observer!, c.counts + cpuCounts, key, row, c.lines);
	if (kind != AT_WRITE || c.flags & CACHE_ALLOCATE) enter<AnyCaches>(c, row, virtual, physical, CLEAN);
	return false;
}
