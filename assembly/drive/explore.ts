import {
	END_DEPTH,
	END_DONE,
	END_HAZARD,
	END_MEMORY,
	END_PAUSE,
	END_STATES,
	FIRST_ABOUT,
	FIRST_ACTION,
	FIRST_SIZE,
	HAZARD_LATENT,
	HAZARD_LIVE,
	HAZARDS,
} from "../../bindings/layout/explore";
import { blockSize, work } from "../machine/block";
import { aboutOf, clearHazards, hazards, raise } from "../machine/hazard";
import { allocate, status } from "../machine/heap";
import { start } from "../program/machine";
import { beginStep, infeasible, runaway } from "../program/outcome";
import { actionCount, actions, apply, enumerate, isOver, isStuck } from "./actions";
import { canonize, permutes } from "./symmetry";

// All interleavings of a program on its machine, level by level: the first state with a hazard is one of those nearest to the
// start. States are kept whole and compared whole.
//
//   states   chunks of 2^CHUNK blocks, in the order found
//   origins  where each came from
//   table    open addressing, u64: upper half of the hash, which says where, and number of the state + 1
//
// Compact, the table has whole hashes instead, and states are kept until they have been expanded: two states of one hash are
// taken for one, so that a hazard found is one, and none found says little.
//
// Successors are collected and looked up a batch at a time: the table's slots, and then the states they name, are fetched
// from memory for the whole batch before the first of them is needed.

const CHUNK: u32 = 14;
const IN_CHUNK: u32 = (1 << CHUNK) - 1;
const CHUNKS: u32 = 1 << 16;
const BATCH: u32 = 256;
/** Bytes of a state's origin: parent u32, action u32, context switches u16, who acted u16. */
const ORIGIN: usize = 12;

let chunks: usize = 0;
let origins: usize = 0;
let table: usize = 0;
let mask: u32 = 0;
/** States are told apart by their hashes alone. */
let compact = false;
/** Chunks whose states have all been expanded and are not needed again: each begins with where the next one is. */
let spare: usize = 0;

export let stateCount: u32 = 0;
export let transitions: u64 = 0;
export let depth: u32 = 0;
/** The state to be expanded next, and where the level after its own begins. */
let next: u32 = 0;
let levelEnd: u32 = 0;

let batch: usize = 0;
let batchHashes: usize = 0;
let batchOrigins: usize = 0;
let batched: u32 = 0;
let _sink: u64 = 0;

/** Hazards found so far, and for each the first state and action that led to it (u32, u32, and what it was about). */
export let found: u32 = 0;
export let firsts: usize = 0;
/** Hazards that end the search. */
let stopAt: u32 = 0;

/** Values that tell final states apart: u16 offsets in the block. */
export let observed: usize = 0;
export let observedCount: u32 = 0;
export let finals: usize = 0;
export let finalCount: u32 = 0;
const MOST_FINALS: u32 = 65536;
let tooManyFinals = false;

export const NO_ACTION: u32 = ~0;

export function stateAt(id: u32): usize {
	return load<usize>(chunks + ((<usize>(id >> CHUNK)) << 2)) + <usize>(id & IN_CHUNK) * blockSize;
}

function originOf(id: u32): usize {
	return load<usize>(origins + ((<usize>(id >> CHUNK)) << 2)) + <usize>(id & IN_CHUNK) * ORIGIN;
}

export function parentOf(id: u32): u32 {
	return load<u32>(originOf(id));
}

export function actionOf(id: u32): u32 {
	return load<u32>(originOf(id), 4);
}

function copy(to: usize, from: usize): void {
	for (let end = from + blockSize; from < end; from += 16, to += 16) v128.store(to, v128.load(from));
}

function same(a: usize, b: usize): bool {
	for (let end = a + blockSize; a < end; a += 16, b += 16) {
		if (v128.any_true(v128.xor(v128.load(a), v128.load(b)))) return false;
	}
	return true;
}

/** What the word at an offset adds to the hash: the sum is made anew only where a step has changed something. */
function wordHash(word: u64, offset: usize): u64 {
	let hash = (word ^ (<u64>offset * 0x9e3779b97f4a7c15)) * 0xff51afd7ed558ccd;
	hash = (hash ^ (hash >> 32)) * 0xc4ceb9fe1a85ec53;
	hash = (hash ^ (hash >> 29)) * 0x9fb21c651e98df25;
	return hash ^ (hash >> 32);
}

function hashOf(at: usize): u64 {
	let sum: u64 = 0x9fb21c651e98df25;
	for (let offset: usize = 0; offset < blockSize; offset += 8) sum += wordHash(load<u64>(at + offset), offset);
	return sum;
}

let changed = false;

/** What a step from one state to another adds to the hash. Says in `changed` whether it has done anything. */
function hashStep(from: usize, to: usize): u64 {
	let sum: u64 = 0;
	changed = false;
	for (let offset: usize = 0; offset < blockSize; offset += 16) {
		if (!v128.any_true(v128.xor(v128.load(from + offset), v128.load(to + offset)))) continue;
		changed = true;
		sum += wordHash(load<u64>(to + offset), offset) - wordHash(load<u64>(from + offset), offset);
		sum += wordHash(load<u64>(to + offset, 8), offset + 8) - wordHash(load<u64>(from + offset, 8), offset + 8);
	}
	return sum;
}

/** Begins a search from the machine's start. `observe`: u16 offsets. Returns whether there was memory for it. */
export function begin(stop: u32, byHash: bool, observe: usize, observeCount: u32): bool {
	compact = byHash;
	spare = 0;
	chunks = allocate((<u64>CHUNKS) << 2);
	origins = allocate((<u64>CHUNKS) << 2);
	batch = allocate(<u64>BATCH * 2 * blockSize);
	batchHashes = allocate((<u64>BATCH) << 4);
	batchOrigins = allocate(<u64>BATCH * 2 * ORIGIN);
	firsts = allocate(<u64>HAZARDS * FIRST_SIZE);
	observed = observe;
	observedCount = observeCount;
	finals = observeCount ? allocate(<u64>observeCount * MOST_FINALS) : 0;
	mask = (1 << 12) - 1;
	table = allocate((<u64>mask + 1) << 3);
	stateCount = 0;
	transitions = 0;
	depth = 0;
	next = 0;
	found = 0;
	stopAt = stop;
	finalCount = 0;
	tooManyFinals = false;
	if (status) return false;
	work(start);
	if (permutes) canonize(start);
	insert(start, hashOf(start), 0, NO_ACTION, 0, 0);
	levelEnd = stateCount;
	return status == 0;
}

/** A new state. */
function insert(from: usize, hash: u64, parent: u32, action: u32, switches: u32, who: u32): void {
	const id = stateCount;
	if ((id & IN_CHUNK) == 0) {
		if (id >> CHUNK == CHUNKS) return;
		const states = takeSpare() || allocate((<u64>blockSize) << CHUNK);
		const born = allocate((<u64>ORIGIN) << CHUNK);
		if (status) return;
		store<usize>(chunks + ((<usize>(id >> CHUNK)) << 2), states);
		store<usize>(origins + ((<usize>(id >> CHUNK)) << 2), born);
	}
	if (id >= (mask + 1) >> 1) {
		widen();
		if (status) return;
	}
	place(compact ? fingerprint(hash) : ((hash >> 32) << 32) | (id + 1));
	copy(stateAt(id), from);
	const origin = originOf(id);
	store<u32>(origin, parent);
	store<u32>(origin, action, 4);
	store<u16>(origin, <u16>switches, 8);
	store<u16>(origin, <u16>who, 10);
	stateCount = id + 1;
}

function takeSpare(): usize {
	const chunk = spare;
	if (chunk) spare = load<usize>(chunk);
	return chunk;
}

function giveBack(chunk: usize): void {
	store<usize>(chunk, spare);
	spare = chunk;
}

/** A hash as the table has it, where 0 is an empty slot. */
function fingerprint(hash: u64): u64 {
	return hash ? hash : 1;
}

/** Where to look first for a state of a hash. */
function slotOf(hash: u64): usize {
	return table + ((<usize>(<u32>(hash >> 32) & mask)) << 3);
}

function place(entry: u64): void {
	let slot = <u32>(entry >> 32) & mask;
	while (load<u64>(table + ((<usize>slot) << 3))) slot = (slot + 1) & mask;
	store<u64>(table + ((<usize>slot) << 3), entry);
}

/** A table of twice the size. */
function widen(): void {
	const wide = allocate((<u64>mask + 1) << 4);
	if (status) return;
	const narrow = table;
	const end = narrow + ((<usize>mask + 1) << 3);
	table = wide;
	mask = mask * 2 + 1;
	for (let at = narrow; at < end; at += 8) {
		const entry = load<u64>(at);
		if (entry) place(entry);
	}
}

function note(from: u32, action: u32): void {
	const fresh = hazards & ~found;
	if (fresh == 0) return;
	found |= hazards;
	for (let hazard: u32 = 0; hazard < <u32>HAZARDS; hazard++) {
		if (!(fresh & ((<u32>1) << hazard))) continue;
		const first = firsts + <usize>hazard * FIRST_SIZE;
		store<u32>(first, from);
		store<u32>(first, action, FIRST_ACTION);
		store<u32>(first, aboutOf(hazard), FIRST_ABOUT);
	}
}

/** Who acts: actor steps and all that happens on a CPU count as that CPU's. */
function actorOf(action: u32): u32 {
	return (action >> 16) & 0xffff;
}

function expand(id: u32): void {
	const from = stateAt(id);
	work(from);
	clearHazards();
	enumerate();
	if (isStuck()) raise(HAZARD_LIVE, 0);
	if (hazards) note(id, NO_ACTION);
	if (isOver && observedCount) keepFinal(from);
	const count = actionCount;
	const hash = hashOf(from);
	const who = <u32>load<u16>(originOf(id), 10);
	const switches = <u32>load<u16>(originOf(id), 8);
	for (let i: u32 = 0; i < count; i++) {
		const action = load<u32>(actions + ((<usize>i) << 2));
		const to = batch + <usize>batched * blockSize;
		copy(to, from);
		work(to);
		clearHazards();
		beginStep();
		apply(action);
		if (infeasible) continue;
		transitions++;
		if (hazards) note(id, action);
		let step = hashStep(from, to);
		if (!changed) continue;
		if (permutes) {
			canonize(to);
			step = hashStep(from, to);
		}
		store<u64>(batchHashes + ((<usize>batched) << 3), hash + step);
		const origin = batchOrigins + <usize>batched * ORIGIN;
		store<u32>(origin, id);
		store<u32>(origin, action, 4);
		store<u16>(origin, <u16>(switches + <u32>(actorOf(action) != who)), 8);
		store<u16>(origin, <u16>actorOf(action), 10);
		if (++batched == BATCH * 2) settleBatch();
	}
}

/** Looks the batch up and inserts what is new, in order. */
function settleBatch(): void {
	let touched: u64 = 0;
	for (let i: usize = 0; i < <usize>batched; i++) touched += load<u64>(slotOf(load<u64>(batchHashes + (i << 3))));
	if (!compact) {
		for (let i: usize = 0; i < <usize>batched; i++) {
			const hash = load<u64>(batchHashes + (i << 3));
			const entry = load<u64>(slotOf(hash));
			if (entry && <u32>(entry >> 32) == <u32>(hash >> 32)) touched += load<u64>(stateAt(<u32>entry - 1));
		}
	}
	_sink = touched;
	for (let i: u32 = 0; i < batched && status == 0; i++) settleOne(i);
	batched = 0;
}

function settleOne(i: u32): void {
	const hash = load<u64>(batchHashes + ((<usize>i) << 3));
	const state = batch + <usize>i * blockSize;
	const origin = batchOrigins + <usize>i * ORIGIN;
	const switches: u32 = load<u16>(origin, 8);
	const entry = entryOf(state, hash);
	if (entry == 0) insert(state, hash, load<u32>(origin), load<u32>(origin, 4), switches, load<u16>(origin, 10));
	if (entry == 0 || compact) return;
	// Among the shortest ways here, that with the fewest changes of who acts.
	const id = <u32>entry - 1;
	const known = originOf(id);
	if (id >= levelEnd && switches < <u32>load<u16>(known, 8)) memory.copy(known, origin, ORIGIN);
}

/** The table's entry for a state, 0: it is new. */
function entryOf(state: usize, hash: u64): u64 {
	let slot = <u32>(hash >> 32) & mask;
	while (true) {
		const entry = load<u64>(table + ((<usize>slot) << 3));
		if (entry == 0) return 0;
		if (compact) {
			if (entry == fingerprint(hash)) return entry;
		} else if (<u32>(entry >> 32) == <u32>(hash >> 32) && same(stateAt(<u32>entry - 1), state)) return entry;
		slot = (slot + 1) & mask;
	}
}

/** The number of a state that was found, of a search that is not compact. */
export function lookUp(state: usize): u32 {
	const entry = entryOf(state, hashOf(state));
	return entry ? <u32>entry - 1 : 0;
}

/** A state is found to be a hazard by itself. */
export function noteState(id: u32, hazard: u32, about: u32): void {
	raise(hazard, about);
	note(id, NO_ACTION);
}

function keepFinal(from: usize): void {
	if (finalCount == MOST_FINALS) {
		tooManyFinals = true;
		return;
	}
	const to = finals + <usize>finalCount * observedCount;
	for (let i: u32 = 0; i < observedCount; i++) {
		store<u8>(to + i, load<u8>(from + <usize>load<u16>(observed + ((<usize>i) << 1))));
	}
	for (let other = finals; other < to; other += observedCount)
		if (memory.compare(other, to, observedCount) == 0) return;
	finalCount++;
}

/**
 * Goes on with the search: for at most `budget` states more, up to `mostStates` states and `mostDepth` levels. Returns END_*;
 * after END_PAUSE it may go on.
 */
export function search(budget: u32, mostStates: u32, mostDepth: u32): u32 {
	const until = budget > ~next ? ~0 : next + budget;
	while (next < stateCount) {
		if (next == until) return END_PAUSE;
		if (next == levelEnd) {
			if (depth + 1 > mostDepth) return END_DEPTH;
			depth++;
			levelEnd = stateCount;
		}
		if (stateCount >= mostStates) return END_STATES;
		expand(next++);
		if (compact && (next & IN_CHUNK) == 0) giveBack(stateAt(next - IN_CHUNK - 1));
		if (found & stopAt) {
			settleBatch();
			return END_HAZARD;
		}
		if (batched >= BATCH || next == levelEnd || next == stateCount) settleBatch();
		if (status || tooManyFinals) return END_MEMORY;
		if (runaway) return END_HAZARD;
	}
	return END_DONE;
}

/** Number of states that have been expanded. */
export function expanded(): u32 {
	return next;
}

/** Whether the search has found anything that is more than LATENT. */
export function isBroken(): bool {
	return (found & ~((<u32>1) << HAZARD_LATENT)) != 0;
}
