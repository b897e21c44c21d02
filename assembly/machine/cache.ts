import { EVENT_SNOOP, EVENT_SUPPLY, EVENT_VICTIM, EVENT_WRITE_BACK } from "../../bindings/layout/hold";
import {
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
	COUNT_EVICTIONS,
	COUNT_FILLS,
	COUNT_INVALIDATIONS,
	COUNT_MISSES,
	COUNT_SIZE,
	COUNT_WRITEBACKS,
	SERVES_FETCH,
	TRANSLATE_IDENTITY,
} from "../../bindings/layout/machine";
import { ASKS_READ, ASKS_WRITE, answer, forInner, granted, leavesNothing, SUPPLIES, WRITES_DOWN } from "./coherence";
import { missed, Observer, seen } from "./observe";
import { policy } from "./translate";
import { CLEAN, DIRTY, EMPTY, find, HELD, INVALID, out, outAside, remove, STATES, Ways } from "./ways";

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
	/** Private caches of several CPUs follow each other. */
	coherent(): bool;
	/** Whether a line in this state has to be written down when it leaves, and its state once it was. */
	dirty(state: u64): bool;
	cleaned(state: u64): u64;
	/** Lines have contents: `carried` is that of the line under way. Nothing is counted, and nothing leaves to make room. */
	carries(): bool;
	/** The row where a line belongs, given its addresses. */
	row(c: Cache, virtual: u64, physical: u64): usize;
	/** Where the line's entry is in that row, touched, or 0. `dirties`: it is dirty afterwards. */
	hit(c: Cache, row: usize, virtual: u64, physical: u64, dirties: bool): usize;
	/** Where the line's entry is in that row, or 0. */
	find(c: Cache, row: usize, virtual: u64, physical: u64): usize;
	/** The line enters. What it pushes out is in `out` and `outAside`. */
	place(c: Cache, row: usize, virtual: u64, physical: u64, state: u64): void;
	state(at: usize): u64;
	setState(at: usize, state: u64): void;
	remove(c: Cache, row: usize, at: usize): void;
	/** Contents: of an entry, and of memory. `over`: an older line may not overwrite a newer one. */
	take(at: usize): void;
	put(at: usize, over: bool, physical: u64): void;
	takeFromMemory(physical: u64): void;
	putInMemory(physical: u64): void;
	/** Tells whoever watches what happened to a line: EVENT_*. */
	tell(kind: u32, c: Cache, virtual: u64, physical: u64): void;
}

export class PlainCaches implements Caches {
	@inline plain(): bool {
		return true;
	}
	@inline coherent(): bool {
		return false;
	}
	@inline dirty(state: u64): bool {
		return state == DIRTY;
	}
	@inline cleaned(state: u64): u64 {
		return CLEAN;
	}
	@inline carries(): bool {
		return false;
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
	}
	@inline state(at: usize): u64 {
		return load<u64>(at) & STATES;
	}
	@inline setState(at: usize, state: u64): void {
		store<u64>(at, (load<u64>(at) & ~STATES) | state);
	}
	@inline remove(c: Cache, row: usize, at: usize): void {
		remove(c.lines, row, at);
	}
	@inline take(at: usize): void {}
	@inline put(at: usize, over: bool, physical: u64): void {}
	@inline takeFromMemory(physical: u64): void {}
	@inline putInMemory(physical: u64): void {}
	@inline tell(kind: u32, c: Cache, virtual: u64, physical: u64): void {}
}

export class AnyCaches implements Caches {
	@inline plain(): bool {
		return false;
	}
	@inline coherent(): bool {
		return false;
	}
	@inline dirty(state: u64): bool {
		return state == DIRTY;
	}
	@inline cleaned(state: u64): u64 {
		return CLEAN;
	}
	@inline carries(): bool {
		return false;
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
	}
	@inline state(at: usize): u64 {
		return load<u64>(at) & STATES;
	}
	@inline setState(at: usize, state: u64): void {
		store<u64>(at, (load<u64>(at) & ~STATES) | state);
	}
	@inline remove(c: Cache, row: usize, at: usize): void {
		remove(c.lines, row, at);
	}
	@inline take(at: usize): void {}
	@inline put(at: usize, over: bool, physical: u64): void {}
	@inline takeFromMemory(physical: u64): void {}
	@inline putInMemory(physical: u64): void {}
	@inline tell(kind: u32, c: Cache, virtual: u64, physical: u64): void {}
}

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
	/** The first CPU of those that share this instance. */
	firstCpu: u32;
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
	/** Private caches of the other CPUs, inner levels first, and what they answer by; 0: it is nobody's peer. */
	peers: usize;
	peerCount: u32;
	protocol: u32;

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
let cpuCounts: usize = 0;

export function chargeTo(cpu: u32): void {
	cpuCounts = <usize>cpu * COUNT_SIZE;
}

function count(at: usize): void {
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

/** The address that is not the tag. */
function asideOf(c: Cache, virtual: u64, physical: u64): u64 {
	return c.flags & CACHE_TAG_VIRTUAL ? physical : virtual;
}

export function canBeDirty(c: Cache): bool {
	return (c.flags & (CACHE_WRITE_THROUGH | CACHE_NEVER_DIRTY)) == 0 && c.serves != SERVES_FETCH;
}

/**
 * A read of the line at these addresses: fetch, read, walk read, or fill for a write. Returns the state in which the line
 * may enter the level that asked: DIRTY if an exclusive level gave up its dirty copy, which it does where that level
 * `takesDirty`, else CLEAN.
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
	if (!changetype<C>(0).carries() && c.observer) seen(c.observer!, tagOf(c, virtual, physical));
	const at = changetype<C>(0).hit(c, row, virtual, physical, false);
	if (at == 0) return readMissed<C>(c, row, virtual, physical, kind, takesDirty);
	changetype<C>(0).take(at);
	if (changetype<C>(0).coherent() && c.peers) entering = forInner(changetype<C>(0).state(at));
	if (c.flags & CACHE_EXCLUSIVE) return giveUp<C>(c, row, at, virtual, physical, takesDirty);
	return CLEAN;
}

/** A reference to a line of a plain cache, of any kind: `entry` is what it is afterwards, unless it was dirty before. */
function bring(c: Cache, entry: u64, kind: u32): void {
	countAccess(c, kind);
	const lines = c.lines;
	const pushed = Ways.bring(lines.row(entry >> lines.shift), lines.stride, entry);
	if (pushed != HELD) settle(c, entry & ~STATES, kind, pushed);
}

/**
 * What a miss in a plain cache brings with it. The line is in its place already and has pushed out `pushed`: in a plain cache
 * nobody can tell whether it entered before or after the next level was read.
 */
export function settle(c: Cache, line: u64, kind: u32, pushed: u64): void {
	countMiss(c, kind);
	const next = c.next;
	if (next && kind != AT_WRITE_BACK) bring(next, line | CLEAN, kind == AT_WRITE ? AT_WRITE_FILL : kind);
	const counts = c.counts + cpuCounts;
	count(counts + COUNT_FILLS);
	if (pushed == EMPTY) return;
	count(counts + COUNT_EVICTIONS);
	if ((pushed & STATES) != DIRTY) return;
	count(counts + COUNT_WRITEBACKS);
	if (next) bring(next, pushed, AT_WRITE_BACK);
}

/** A miss is counted, and classed where that was asked for. */
function noteMiss<C extends Caches>(c: Cache, row: usize, virtual: u64, physical: u64, kind: u32): void {
	if (changetype<C>(0).carries()) return;
	countMiss(c, kind);
	if (c.observer) missed(c.observer!, c.counts + cpuCounts, tagOf(c, virtual, physical), row, c.lines);
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
	if (changetype<C>(0).coherent() && c.peers) return readAmongPeers<C>(c, row, virtual, physical, kind, takesDirty);
	if (c.flags & CACHE_EXCLUSIVE) return readNext<C>(c, virtual, physical, kind, takesDirty);
	enter<C>(c, row, virtual, physical, readNext<C>(c, virtual, physical, kind, canBeDirty(c)));
	return CLEAN;
}

/** The state in which a line that was read may enter a level whose CPU has peers. */
let entering: u64 = CLEAN;

/** readMissed() in a private cache of one of several CPUs: where the caches of its own CPU end, the others' are asked. */
function readAmongPeers<C extends Caches>(
	c: Cache,
	row: usize,
	virtual: u64,
	physical: u64,
	kind: u32,
	takesDirty: bool,
): u64 {
	const asks = c.next == null || c.next!.peers == 0;
	const supplied = asks && ask<C>(c, virtual, physical, ASKS_READ);
	let state = CLEAN;
	if (!supplied) {
		const mine = entering;
		state = readNext<C>(c, virtual, physical, kind, c.flags & CACHE_EXCLUSIVE ? takesDirty : canBeDirty(c));
		if (asks) entering = mine;
	}
	if (c.flags & CACHE_EXCLUSIVE) return state;
	enter<C>(c, row, virtual, physical, changetype<C>(0).dirty(state) ? state : entering);
	entering = forInner(entering);
	return CLEAN;
}

/**
 * Asks the caches of other CPUs for a line, and sets the state in which it may enter. Whether one of them supplied it: then
 * `carried` is its contents.
 */
function ask<C extends Caches>(c: Cache, virtual: u64, physical: u64, request: u32): bool {
	let supplied = false;
	let elsewhere = false;
	let contents: u32 = 0;
	for (let i: u32 = 0; i < c.peerCount; i++) {
		const peer = load<Cache>(c.peers + <usize>i * sizeof<usize>());
		const row = changetype<C>(0).row(peer, virtual, physical);
		const at = changetype<C>(0).find(peer, row, virtual, physical);
		if (at == 0) continue;
		elsewhere = true;
		const answered = answer(c.protocol, request, changetype<C>(0).state(at));
		changetype<C>(0).tell(EVENT_SNOOP, peer, virtual, physical);
		changetype<C>(0).take(at);
		// What an inner cache of a CPU has is newer than what those behind it have.
		if (answered & SUPPLIES && !supplied) {
			supplied = true;
			contents = carried;
			changetype<C>(0).tell(EVENT_SUPPLY, peer, virtual, physical);
		}
		if (leavesNothing(answered)) changetype<C>(0).remove(peer, row, at);
		else changetype<C>(0).setState(at, answered & STATES);
		if (answered & WRITES_DOWN) {
			wrote<C>(peer, virtual, physical, DIRTY);
			writeBack<C>(peer.next, virtual, physical, peer.line);
		}
	}
	if (supplied) carried = contents;
	entering = request == ASKS_WRITE ? CLEAN : granted(c.protocol, elsewhere);
	return supplied;
}

/** Before a CPU writes a line that it has: nobody else may have it then. */
function claim<C extends Caches>(c: Cache, virtual: u64, physical: u64): void {
	const at = changetype<C>(0).find(c, changetype<C>(0).row(c, virtual, physical), virtual, physical);
	if (at == 0 || changetype<C>(0).state(at) <= CLEAN) return;
	const contents = carried;
	ask<C>(c, virtual, physical, ASKS_WRITE);
	carried = contents;
}

/** A line of an exclusive level moves up. */
function giveUp<C extends Caches>(c: Cache, row: usize, at: usize, virtual: u64, physical: u64, takesDirty: bool): u64 {
	const state = changetype<C>(0).state(at);
	changetype<C>(0).remove(c, row, at);
	if (!changetype<C>(0).dirty(state) || takesDirty) return state;
	wrote<C>(c, virtual, physical, state);
	writeBack<C>(c.next, virtual, physical, c.line);
	return CLEAN;
}

/** Reads one of this level's lines from the next level: in several pieces where that has shorter lines. */
function readNext<C extends Caches>(c: Cache, virtual: u64, physical: u64, kind: u32, takesDirty: bool): u64 {
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
	if (!changetype<C>(0).carries() && c.observer) seen(c.observer!, tagOf(c, lineVirtual, linePhysical));
	if (changetype<C>(0).coherent() && c.peers && kind == AT_WRITE) claim<C>(c, lineVirtual, linePhysical);
	const at = changetype<C>(0).hit(c, row, lineVirtual, linePhysical, canBeDirty(c));
	if (at) {
		changetype<C>(0).put(at, kind == AT_WRITE_BACK, linePhysical);
		if (changetype<C>(0).coherent() && c.peers && kind == AT_WRITE_BACK) changetype<C>(0).setState(at, written);
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
	// What is written stays, whatever the fill brings.
	const contents = carried;
	let supplied = false;
	if (changetype<C>(0).coherent() && c.peers && kind == AT_WRITE) {
		supplied = ask<C>(c, lineVirtual, linePhysical, ASKS_WRITE);
		carried = contents;
	}
	// An exclusive level takes whatever leaves the levels above it, and nothing else.
	const allocates = flags & CACHE_EXCLUSIVE ? whole : (flags & CACHE_ALLOCATE) != 0;
	if (!allocates) {
		pass<C>(c, virtual, physical, kind, bytes);
		return;
	}
	let state = CLEAN;
	if (flags & CACHE_NEVER_DIRTY) {
		// No traffic but demand: the miss looks the next level up as what it is, a write.
		pass<C>(c, virtual, physical, kind, bytes);
	} else if (!whole || bytes < c.line) {
		if (!supplied) state = readNext<C>(c, lineVirtual, linePhysical, AT_WRITE_FILL, canBeDirty(c));
	}
	if (changetype<C>(0).carries()) carried = contents;
	if (changetype<C>(0).coherent() && c.peers && whole) state = written;
	else if (canBeDirty(c)) state = DIRTY;
	enter<C>(c, row, lineVirtual, linePhysical, state);
	if ((flags & (CACHE_WRITE_THROUGH | CACHE_NEVER_DIRTY)) == CACHE_WRITE_THROUGH)
		pass<C>(c, virtual, physical, kind, bytes);
}

/**
 * What follows when a CPU's reference (AT_FETCH, AT_READ, AT_WRITE) was looked for in its first-level cache, and counted, and
 * not found.
 */
export function miss(c: Cache, virtual: u64, physical: u64, kind: u32): void {
	const row = rowOf(c, virtual, physical);
	if (kind == AT_WRITE) writeMissed<AnyCaches>(c, row, virtual, physical, kind, 0);
	else readMissed<AnyCaches>(c, row, virtual & ~(c.line - 1), physical & ~(c.line - 1), kind, false);
}

/** A write goes on to the next level. */
function pass<C extends Caches>(c: Cache, virtual: u64, physical: u64, kind: u32, bytes: u64): void {
	if (kind == AT_WRITE_BACK) writeBack<C>(c.next, virtual, physical, bytes);
	else if (c.next) write<C>(c.next!, virtual, physical, c.flags & CACHE_NEVER_DIRTY ? kind : AT_WRITE_THROUGH, 0);
	else changetype<C>(0).putInMemory(physical);
}

/** The write-back of a line of `bytes` bytes reaches a level (or memory): in pieces where its lines are shorter. */
function writeBack<C extends Caches>(c: Cache | null, virtual: u64, physical: u64, bytes: u64): void {
	if (!c) {
		changetype<C>(0).putInMemory(physical);
		return;
	}
	for (let piece: u64 = 0; piece < bytes; piece += c.line) {
		write<C>(c, virtual + piece, physical + piece, AT_WRITE_BACK, min(bytes, c.line));
	}
}

/** The state that a line under way to the next level had: one that others have too is not this CPU's alone there either. */
let written: u64 = DIRTY;

/** A line of this level, in this state, goes down to the next one. */
function wrote<C extends Caches>(c: Cache, virtual: u64, physical: u64, state: u64): void {
	if (changetype<C>(0).coherent()) written = state;
	if (!changetype<C>(0).carries()) count(c.counts + cpuCounts + COUNT_WRITEBACKS);
	changetype<C>(0).tell(EVENT_WRITE_BACK, c, virtual, physical);
}

/** A clean line that left the level above, in this state, is offered to one that takes such victims. */
function offer<C extends Caches>(c: Cache, virtual: u64, physical: u64, state: u64): void {
	if (!changetype<C>(0).carries()) countAccess(c, AT_VICTIM);
	changetype<C>(0).tell(EVENT_VICTIM, c, virtual, physical);
	const row = changetype<C>(0).row(c, virtual, physical);
	const at = changetype<C>(0).hit(c, row, virtual, physical, false);
	if (at) {
		// The victim's contents replace what is here, older ones too; a dirty line is not given up for a clean one.
		if (!changetype<C>(0).dirty(changetype<C>(0).state(at))) changetype<C>(0).put(at, false, physical);
		return;
	}
	if (!changetype<C>(0).carries()) countMiss(c, AT_VICTIM);
	enter<C>(c, row, virtual, physical, changetype<C>(0).coherent() && c.peers ? state : CLEAN);
}

/** A line enters a level; the one it pushes out leaves. */
function enter<C extends Caches>(c: Cache, row: usize, virtual: u64, physical: u64, state: u64): void {
	changetype<C>(0).place(c, row, virtual, physical, state);
	if (changetype<C>(0).carries()) return;
	const counts = c.counts + cpuCounts;
	count(counts + COUNT_FILLS);
	const old = out;
	if ((old & STATES) == INVALID) return;
	count(counts + COUNT_EVICTIONS);
	const tag = old & ~STATES;
	const other = c.lines.aside ? outAside : tag;
	if (c.flags & CACHE_TAG_VIRTUAL) leave<C>(c, tag, other, old & STATES);
	else leave<C>(c, other, tag, old & STATES);
}

/** A line has left a level; its contents are `carried`. */
function leave<C extends Caches>(c: Cache, virtual: u64, physical: u64, state: u64): void {
	if (c.aboveCount && invalidateAbove(c, virtual, physical)) state = DIRTY;
	if (changetype<C>(0).dirty(state)) {
		wrote<C>(c, virtual, physical, state);
		writeBack<C>(c.next, virtual, physical, c.line);
		return;
	}
	const next = c.next;
	if (next && next.flags & (CACHE_EXCLUSIVE | CACHE_TAKES_CLEAN)) offer<C>(next, virtual, physical, state);
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
	const at = changetype<C>(0).find(c, changetype<C>(0).row(c, virtual, physical), virtual, physical);
	if (at == 0 || !changetype<C>(0).dirty(changetype<C>(0).state(at))) return;
	const state = changetype<C>(0).state(at);
	changetype<C>(0).take(at);
	changetype<C>(0).setState(at, changetype<C>(0).cleaned(state));
	wrote<C>(c, virtual, physical, state);
	writeBack<C>(c.next, virtual, physical, c.line);
}

/**
 * A line is written back where it is dirty (`keepsData`; else what is dirty is lost: a purge), and leaves this level and all
 * below it (`removes`; else it stays, clean). Whether something dirty was lost.
 */
export function flush<C extends Caches>(
	c: Cache | null,
	virtual: u64,
	physical: u64,
	keepsData: bool,
	removes: bool,
): bool {
	let lost = false;
	while (c) {
		if (flushAt<C>(c, virtual, physical, keepsData, removes)) lost = true;
		c = c.next;
	}
	return lost;
}

/** flush() in the caches of all CPUs that follow each other. */
export function flushAmongPeers<C extends Caches>(
	c: Cache | null,
	virtual: u64,
	physical: u64,
	keepsData: bool,
	removes: bool,
): bool {
	let lost = false;
	for (let i: u32 = 0, count = c ? c.peerCount : 0; i < count; i++) {
		const peer = load<Cache>(c!.peers + <usize>i * sizeof<usize>());
		if (flushAt<C>(peer, virtual, physical, keepsData, removes)) lost = true;
	}
	return flush<C>(c, virtual, physical, keepsData, removes) || lost;
}

/** flush() in one level. */
function flushAt<C extends Caches>(c: Cache, virtual: u64, physical: u64, keepsData: bool, removes: bool): bool {
	const row = changetype<C>(0).row(c, virtual, physical);
	const at = changetype<C>(0).find(c, row, virtual, physical);
	if (at == 0) return false;
	const state = changetype<C>(0).state(at);
	const dirty = changetype<C>(0).dirty(state);
	changetype<C>(0).take(at);
	if (removes) changetype<C>(0).remove(c, row, at);
	else if (dirty) changetype<C>(0).setState(at, changetype<C>(0).cleaned(state));
	if (!dirty) return false;
	if (!keepsData) return true;
	wrote<C>(c, virtual, physical, state);
	writeBack<C>(c.next, virtual, physical, c.line);
	return false;
}

/** Removes every part of a line from all levels above; true if one of them was dirty. */
function invalidateAbove(c: Cache, virtual: u64, physical: u64): bool {
	let dirty = false;
	for (let i: u32 = 0; i < c.aboveCount; i++) {
		const inner = load<Cache>(c.above + <usize>i * sizeof<usize>());
		for (let part: u64 = 0; part < c.line; part += inner.line) {
			if (invalidateLine(inner, virtual + part, physical + part)) dirty = true;
		}
	}
	return dirty;
}

/** Removes all copies of a physical line, of whatever colour; true if one was dirty. */
function invalidateLine(c: Cache, virtual: u64, physical: u64): bool {
	const lines = c.lines;
	if (lines.identity) return invalidateAliases(c, physical);
	const key = tagOf(c, virtual, physical) & ~(c.line - 1);
	let dirty = false;
	if (!(c.flags & CACHE_INDEX_VIRTUAL) || policy == TRANSLATE_IDENTITY)
		return invalidateAt(c, lines.row(key >> lines.shift), key);
	// Virtually indexed: below the page offset the index is known, above it the line may be in a set of any colour.
	const span = (<u64>lines.sets) << lines.shift;
	if (!lines.mask && lines.sets > 1) {
		for (let row = lines.entries, end = row + <usize>lines.sets * lines.stride; row < end; row += lines.stride) {
			if (invalidateAt(c, row, key)) dirty = true;
		}
		return dirty;
	}
	let colour = physical & (c.page - 1);
	do {
		if (invalidateAt(c, lines.row(colour >> lines.shift), key)) dirty = true;
		colour += c.page;
	} while (colour < span);
	return dirty;
}

function invalidateAt(c: Cache, row: usize, key: u64): bool {
	const at = find(c.lines, row, key, 0);
	if (at == 0) return false;
	return invalidateEntry(c, row, at);
}

/** Virtual tags: any line anywhere whose physical address aside is this one. */
function invalidateAliases(c: Cache, physical: u64): bool {
	const lines = c.lines;
	physical &= ~(c.line - 1);
	let dirty = false;
	for (let row = lines.entries, end = row + <usize>lines.sets * lines.stride; row < end; row += lines.stride) {
		for (let at = row; at < row + lines.stride; at += 8) {
			while ((load<u64>(at) & STATES) != INVALID && load<u64>(at + lines.aside) == physical) {
				if (invalidateEntry(c, row, at)) dirty = true;
			}
		}
	}
	return dirty;
}

function invalidateEntry(c: Cache, row: usize, at: usize): bool {
	const dirty = (load<u64>(at) & STATES) == DIRTY;
	remove(c.lines, row, at);
	count(c.counts + <usize>c.firstCpu * COUNT_SIZE + COUNT_INVALIDATIONS);
	return dirty;
}

/**
 * One access that touches two lines, counted once at each level (cachegrind's semantics; for hierarchies without
 * write-backs): both halves are looked up and allocated here, and both go on if either missed.
 */
export function straddle(c: Cache, kind: u32, virtual: u64, physical: u64, virtual2: u64, physical2: u64): void {
	countAccess(c, kind);
	const first = present(c, kind, virtual, physical, true);
	const second = (virtual ^ virtual2) < c.line ? true : present(c, kind, virtual2, physical2, first);
	if (first && second) return;
	countMiss(c, kind);
	if (c.next) straddle(c.next!, kind, virtual, physical, virtual2, physical2);
}

/** Looks a line up and allocates it; whether it was there. A miss is classed if `classed`. */
function present(c: Cache, kind: u32, virtual: u64, physical: u64, classed: bool): bool {
	virtual &= ~(c.line - 1);
	physical &= ~(c.line - 1);
	const row = rowOf(c, virtual, physical);
	const key = tagOf(c, virtual, physical);
	if (c.observer) seen(c.observer!, key);
	if (c.hit(row, virtual, physical, false)) return true;
	if (c.observer && classed) missed(c.observer!, c.counts + cpuCounts, key, row, c.lines);
	if (kind != AT_WRITE || c.flags & CACHE_ALLOCATE) enter<AnyCaches>(c, row, virtual, physical, CLEAN);
	return false;
}
