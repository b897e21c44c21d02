import { EVENT_SNOOP, EVENT_SUPPLY, EVENT_WRITE_BACK } from "../../bindings/layout/hold";
import {
	COUNT_INTERVENTIONS,
	COUNT_LOST,
	COUNT_SIZE,
	COUNT_UPGRADES,
	COUNT_WRITEBACKS,
} from "../../bindings/layout/machine";
import {
	Cache,
	Caches,
	canBeDirty,
	carried,
	carry,
	count,
	cpuCounts,
	invalidateAbove,
	isWriteFill,
	readBelow,
	setLeaving,
	writeBack,
} from "./cache";
import { after, does, OTHER_READ, OTHER_WRITE, OWN_READ, OWN_READ_SHARED, SUPPLIES, WRITES_DOWN } from "./coherence";
import { lookUp } from "./table";
import { CLEAN, DIRTY, INVALID } from "./ways";

// How CPUs' own caches are kept coherent: docs/simulation.md, "Coherence". Where the next level has more CPUs than this one, or
// is memory, the caches of those (`peers`) are asked before it is. What becomes of their copies is declared in coherence.ts.
// Lines are looked for by physical address, of whatever colour.

/** What ask() found out: a copy remains elsewhere; the state of the one that supplied the line, or INVALID. */
let kept: bool = false;
let supplied: u64 = INVALID;
/** What was written elsewhere came along and is for the one that asked to write back. */
let handed: bool = false;

/**
 * Tells the peers of a level of an event (OTHER_READ, OTHER_WRITE) of a line, given its addresses. `takesDirty`: who asks may
 * be handed what was written there; else it is written back. `wants`: who asks does not have the line.
 */
export function ask<C extends Caches>(
	c: Cache,
	virtual: u64,
	physical: u64,
	event: u32,
	takesDirty: bool,
	wants: bool,
): void {
	const before = carried;
	let giver: Cache | null = null;
	let written = false;
	let from = virtual;
	let was = INVALID;
	kept = false;
	supplied = INVALID;
	handed = false;
	for (let n = changetype<C>(0).nextPeer(c, physical, 0); n != ~0; n = changetype<C>(0).nextPeer(c, physical, n + 1)) {
		const peer = load<Cache>(c.peers + <usize>n * sizeof<usize>());
		const rows = changetype<C>(0).rows(peer);
		for (let number: u32 = 0; number < rows; number++) {
			const row = changetype<C>(0).rowAt(peer, virtual, physical, number);
			let at = changetype<C>(0).copyIn(peer, row, physical, row);
			while (at) {
				const state = changetype<C>(0).state(at);
				const next = after(event, state);
				changetype<C>(0).tell(EVENT_SNOOP, peer, virtual, physical);
				const dirty = changetype<C>(0).dirty(state);
				if (does(event, state, SUPPLIES) && (dirty ? !written : wants && giver == null)) {
					giver = peer;
					was = state;
					written = dirty;
					from = changetype<C>(0).virtualAt(peer, virtual, at, physical);
					changetype<C>(0).take(at);
					changetype<C>(0).tell(EVENT_SUPPLY, peer, from, physical);
				} else if (written) changetype<C>(0).put(at, false, physical);
				if (next == INVALID) {
					changetype<C>(0).remove(peer, row, at);
					lose<C>(peer, virtual, physical);
					at = changetype<C>(0).copyIn(peer, row, physical, at);
				} else {
					kept = true;
					if (next != state) changetype<C>(0).setState(peer, row, at, next);
					at = changetype<C>(0).copyIn(peer, row, physical, at + 8);
				}
			}
		}
	}
	supplied = wants ? was : INVALID;
	handed = written && event == OTHER_WRITE && takesDirty;
	if (giver) {
		const counts = giver.counts + <usize>giver.firstCpu * COUNT_SIZE;
		if (wants && !changetype<C>(0).carries()) count(counts + COUNT_INTERVENTIONS);
		if (written && !handed && (event == OTHER_WRITE || does(event, was, WRITES_DOWN))) {
			if (!changetype<C>(0).carries()) count(counts + COUNT_WRITEBACKS);
			changetype<C>(0).tell(EVENT_WRITE_BACK, giver, from, physical);
			setLeaving(c, was);
			writeBack<C>(c.next, from, physical, c.line);
		}
	}
	if (!wants) carry(before);
}

/** A copy is gone because another CPU writes. */
function lose<C extends Caches>(c: Cache, virtual: u64, physical: u64): void {
	if (c.aboveCount) invalidateAbove<C>(c, virtual, physical);
	if (changetype<C>(0).carries()) return;
	count(c.counts + <usize>c.firstCpu * COUNT_SIZE + COUNT_LOST);
	const mark = lookUp(c.lost!, physical, 0, 1);
	if (mark) store<u64>(mark, 1);
}

/** readNext() where CPUs meet behind this level: another one's cache supplies the line, or the next level does. */
export function readAround<C extends Caches>(c: Cache, virtual: u64, physical: u64, kind: u32, takesDirty: bool): u64 {
	const writes = isWriteFill(kind);
	ask<C>(c, virtual, physical, writes ? OTHER_WRITE : OTHER_READ, takesDirty, true);
	const from = supplied;
	const shared = kept;
	let dirty = handed;
	let state = CLEAN;
	if (from == INVALID || c.asksNext) {
		const given = carried;
		state = readBelow<C>(c, virtual, physical, kind, takesDirty && !shared);
		if (from != INVALID) carry(given);
	} else if (writes && from > CLEAN && own<C>(c.next, virtual, physical, takesDirty)) dirty = true;
	if (dirty) return DIRTY;
	if (shared) return after(OWN_READ_SHARED, INVALID);
	return state == CLEAN ? after(OWN_READ, INVALID) : state;
}

/**
 * From a level outwards a line becomes this CPU's alone. Whether it was handed what another one had written, which it is where
 * it `takesDirty`.
 */
function own<C extends Caches>(first: Cache | null, virtual: u64, physical: u64, takesDirty: bool): bool {
	let dirty = false;
	let c = first;
	while (c) {
		if (!c.coherent) break;
		const row = changetype<C>(0).row(c, virtual, physical);
		const at = changetype<C>(0).find(c, row, virtual, physical);
		if (at) {
			const state = changetype<C>(0).state(at);
			if (state > CLEAN) changetype<C>(0).setState(c, row, at, changetype<C>(0).dirty(state) ? DIRTY : CLEAN);
		}
		if (c.peers) {
			ask<C>(c, virtual, physical, OTHER_WRITE, takesDirty, false);
			if (handed) dirty = true;
		}
		c = c.next;
	}
	return dirty;
}

/** A line that others may have, too, is to be written. */
export function upgrade<C extends Caches>(c: Cache, row: usize, virtual: u64, physical: u64): void {
	if (!changetype<C>(0).carries()) count(c.counts + cpuCounts + COUNT_UPGRADES);
	if (!own<C>(c, virtual, physical, canBeDirty(c))) return;
	const at = changetype<C>(0).find(c, row, virtual, physical);
	if (at) changetype<C>(0).setState(c, row, at, DIRTY);
}
