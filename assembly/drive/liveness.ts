import { ACT_DEFER, ACT_DELIVER, ACT_PERFORM, ACT_PURGE, ACT_STEP, HAZARD_LIVE } from "../../bindings/layout/explore";
import {
	CODE_OP,
	CODE_TARGET,
	OP_EACH,
	OP_JUMP,
	OP_NEXT,
	OP_UNLESS,
	RUNS_AS_THREAD,
} from "../../bindings/layout/program";
import { blockSize, counterOf, work } from "../machine/block";
import { clearHazards } from "../machine/hazard";
import { allocate, status } from "../machine/heap";
import { codeOf, kindOf, lengthOf, p } from "../program/operands";
import { beginStep, infeasible } from "../program/outcome";
import { actionCount, actions, apply, enumerate } from "./actions";
import { lookUp, noteState, stateAt, stateCount } from "./explore";

// Starvation: a thread that has an end and does not come to it, although everybody who could go on all the time did. Searched
// among all states, as they are: a strongly connected set of them is such a schedule if whoever can act in each of its states
// acts in one of them (weak fairness), the program acts at all, and some thread is not at its end. Deadlocks are found by the
// search itself. A thread that loops for ever on purpose has no end to come to.

/** Labels of edges: 0 hardware, by itself; then actors' steps; by CPU pending operations, interrupts, posted invalidations. */
const BY_ACTOR: u32 = 1;
const BY_WINDOW: u32 = 33;
const BY_INTERRUPT: u32 = 41;
const BY_PURGE: u32 = 49;
const LABELS: u32 = 57;

/** Edges: the states they go to, and labels; and where those of a state begin. */
let targets: usize = 0;
let labels: usize = 0;
let firsts: usize = 0;
let edgeCount: u32 = 0;
let most: u32 = 0;

function labelOf(action: u32): u32 {
	const who = (action >> 16) & 255;
	switch (action >> 24) {
		case ACT_STEP:
		case ACT_DEFER:
			return BY_ACTOR + who;
		case ACT_PERFORM:
			return BY_WINDOW + who;
		case ACT_DELIVER:
			return BY_INTERRUPT + who;
		case ACT_PURGE:
			return BY_PURGE + who;
	}
	return 0;
}

/** All edges among the states found. False: there are too many. */
function link(): bool {
	const to = allocate(blockSize);
	if (status) return false;
	edgeCount = 0;
	for (let id: u32 = 0; id < stateCount; id++) {
		store<u32>(firsts + ((<usize>id) << 2), edgeCount);
		work(stateAt(id));
		clearHazards();
		enumerate();
		const count = actionCount;
		for (let i: u32 = 0; i < count; i++) {
			const action = load<u32>(actions + ((<usize>i) << 2));
			memory.copy(to, stateAt(id), blockSize);
			work(to);
			clearHazards();
			beginStep();
			apply(action);
			if (infeasible) continue;
			if (edgeCount == most) return false;
			store<u32>(targets + ((<usize>edgeCount) << 2), lookUp(to));
			store<u8>(labels + edgeCount, <u8>labelOf(action));
			edgeCount++;
		}
	}
	store<u32>(firsts + ((<usize>stateCount) << 2), edgeCount);
	return true;
}

/** Whether a thread's program has an end that it can come to. */
function hasEnd(actor: u32, seen: usize): bool {
	const length = lengthOf(actor);
	memory.fill(seen, 0, length + 1);
	store<u8>(seen, 1);
	for (let changed = true; changed; ) {
		changed = false;
		for (let number: u32 = 0; number < length; number++) {
			if (load<u8>(seen + number) != 1) continue;
			store<u8>(seen + number, 2);
			changed = true;
			const i = codeOf(actor, number);
			const op: u32 = load<u8>(i, CODE_OP);
			const jumps = op == OP_JUMP || op == OP_UNLESS || op == OP_NEXT || op == OP_EACH;
			if (jumps && load<u8>(seen + load<u16>(i, CODE_TARGET)) == 0) store<u8>(seen + load<u16>(i, CODE_TARGET), 1);
			if (op != OP_JUMP && op != OP_NEXT && load<u8>(seen + number + 1) == 0) store<u8>(seen + number + 1, 1);
		}
	}
	return load<u8>(seen + length) != 0;
}

/** The thread that does not come to its end. */
let starved: u32 = 0;

/** Whether some thread that has an end is not at it. */
function isWaited(ends: usize): bool {
	for (starved = 0; starved < p.actorCount; starved++) {
		if (load<u8>(ends + starved) && load<u8>(counterOf(starved)) <= lengthOf(starved)) return true;
	}
	return false;
}

/**
 * Looks for starvation among the states of a search that has seen all of them, at most `mostEdges` edges. Returns 0: none;
 * 1: some, noted as a hazard at a state of such a schedule; 2: too many edges.
 */
export function lookForStarvation(mostEdges: u32): u32 {
	most = mostEdges;
	targets = allocate((<u64>most) << 2);
	labels = allocate(most);
	firsts = allocate((<u64>stateCount + 1) << 2);
	// Tarjan's algorithm: order of discovery, lowest one reachable, the two stacks.
	const order = allocate((<u64>stateCount) << 2);
	const low = allocate((<u64>stateCount) << 2);
	const stack = allocate((<u64>stateCount) << 2);
	const path = allocate((<u64>stateCount) << 3);
	const inSet = allocate(stateCount);
	const ends = allocate(p.actorCount);
	const seen = allocate(256);
	if (status || !link()) return 2;
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		store<u8>(ends + actor, kindOf(actor) == RUNS_AS_THREAD && hasEnd(actor, seen) ? 1 : 0);
	}
	let next: u32 = 1;
	let depth: u32 = 0;
	let height: u32 = 0;
	for (let root: u32 = 0; root < stateCount; root++) {
		if (load<u32>(order + ((<usize>root) << 2))) continue;
		store<u32>(path, root);
		store<u32>(path, load<u32>(firsts + ((<usize>root) << 2)), 4);
		store<u32>(order + ((<usize>root) << 2), next);
		store<u32>(low + ((<usize>root) << 2), next);
		next++;
		store<u32>(stack + ((<usize>height) << 2), root);
		height++;
		store<u8>(inSet + root, 1);
		depth = 1;
		while (depth) {
			const frame = path + ((<usize>(depth - 1)) << 3);
			const id = load<u32>(frame);
			const edge = load<u32>(frame, 4);
			const lowOfId = low + ((<usize>id) << 2);
			if (edge < load<u32>(firsts + ((<usize>id) << 2), 4)) {
				store<u32>(frame, edge + 1, 4);
				const to = load<u32>(targets + ((<usize>edge) << 2));
				const found = load<u32>(order + ((<usize>to) << 2));
				if (found == 0) {
					store<u32>(order + ((<usize>to) << 2), next);
					store<u32>(low + ((<usize>to) << 2), next);
					next++;
					store<u32>(stack + ((<usize>height) << 2), to);
					height++;
					store<u8>(inSet + to, 1);
					store<u32>(path + ((<usize>depth) << 3), to);
					store<u32>(path + ((<usize>depth) << 3), load<u32>(firsts + ((<usize>to) << 2)), 4);
					depth++;
				} else if (load<u8>(inSet + to) == 1 && found < load<u32>(lowOfId)) store<u32>(lowOfId, found);
				continue;
			}
			depth--;
			if (depth) {
				const above = low + ((<usize>load<u32>(path + ((<usize>(depth - 1)) << 3))) << 2);
				if (load<u32>(lowOfId) < load<u32>(above)) store<u32>(above, load<u32>(lowOfId));
			}
			if (load<u32>(lowOfId) != load<u32>(order + ((<usize>id) << 2))) continue;
			let begin = height;
			do begin--;
			while (load<u32>(stack + ((<usize>begin) << 2)) != id);
			if (isStarving(stack, begin, height, inSet, ends)) {
				goRound(id);
				clearHazards();
				noteState(id, HAZARD_LIVE, starved);
				return status ? 2 : 1;
			}
			for (; height > begin; height--) store<u8>(inSet + load<u32>(stack + ((<usize>(height - 1)) << 2)), 2);
		}
	}
	return 0;
}

const always = memory.data(64);
const taken = memory.data(64);

/** Whether the strongly connected states on the stack from `begin` to `end` are a fair schedule in which somebody waits. */
function isStarving(stack: usize, begin: u32, end: u32, inSet: usize, ends: usize): bool {
	work(stateAt(load<u32>(stack + ((<usize>begin) << 2))));
	if (!isWaited(ends)) return false;
	for (let i = begin; i < end; i++) store<u8>(inSet + load<u32>(stack + ((<usize>i) << 2)), 3);
	memory.fill(always, 1, LABELS);
	memory.fill(taken, 0, LABELS);
	let acts = false;
	for (let i = begin; i < end; i++) {
		const id = load<u32>(stack + ((<usize>i) << 2));
		let here: u64 = 0;
		const last = load<u32>(firsts + ((<usize>id) << 2), 4);
		for (let edge = load<u32>(firsts + ((<usize>id) << 2)); edge < last; edge++) {
			const label: u32 = load<u8>(labels + edge);
			here |= (<u64>1) << label;
			if (load<u8>(inSet + load<u32>(targets + ((<usize>edge) << 2))) != 3) continue;
			store<u8>(taken + label, 1);
			if (label) acts = true;
		}
		for (let label: u32 = 1; label < LABELS; label++) if (!((here >> label) & 1)) store<u8>(always + label, 0);
	}
	let fair = acts;
	for (let label: u32 = 1; label < LABELS; label++)
		if (load<u8>(always + label) && !load<u8>(taken + label)) fair = false;
	if (fair) members = inSet;
	else for (let i = begin; i < end; i++) store<u8>(inSet + load<u32>(stack + ((<usize>i) << 2)), 1);
	return fair;
}

/** Where 3 stands for a state of the schedule that was found. */
let members: usize = 0;
/** The edges of one round, u32 each, then their actions; at most MOST_ROUND. */
export let round: usize = 0;
export let roundLength: u32 = 0;
const MOST_ROUND: u32 = 65536;

/** What can happen in a state, by label. */
function labelsAt(id: u32): u64 {
	let here: u64 = 0;
	const last = load<u32>(firsts + ((<usize>id) << 2), 4);
	for (let edge = load<u32>(firsts + ((<usize>id) << 2)); edge < last; edge++)
		here |= (<u64>1) << load<u8>(labels + edge);
	return here;
}

/**
 * One round from a state back to it, through all that makes it fair: everything that is ever done is done, and everything
 * else is impossible at some time.
 */
function goRound(home: u32): void {
	const before = allocate((<u64>stateCount) << 2);
	const by = allocate((<u64>stateCount) << 2);
	const queue = allocate((<u64>stateCount) << 2);
	round = allocate((<u64>MOST_ROUND) << 2);
	if (status) return;
	let toDo: u64 = 0;
	let toMiss: u64 = 0;
	for (let label: u32 = 1; label < LABELS; label++) {
		if (load<u8>(taken + label)) toDo |= (<u64>1) << label;
		else toMiss |= (<u64>1) << label;
	}
	roundLength = 0;
	let at = home;
	toMiss &= labelsAt(at);
	while (roundLength < MOST_ROUND) {
		const left = (toDo | toMiss) != 0;
		if (!left && at == home) break;
		// The nearest edge that does something of what is left to do, or leads to where something is impossible, or home.
		memory.fill(by, 0xff, (<usize>stateCount) << 2);
		store<u32>(queue, at);
		let last: u32 = NO_EDGE;
		for (let head: usize = 0, tail: usize = 1; head < tail && last == NO_EDGE; head++) {
			const id = load<u32>(queue + (head << 2));
			const end = load<u32>(firsts + ((<usize>id) << 2), 4);
			for (let edge = load<u32>(firsts + ((<usize>id) << 2)); edge < end && last == NO_EDGE; edge++) {
				const to = load<u32>(targets + ((<usize>edge) << 2));
				if (load<u8>(members + to) != 3) continue;
				const does = (toDo & ((<u64>1) << load<u8>(labels + edge))) != 0;
				const wanted = left ? does || (toMiss & ~labelsAt(to)) != 0 : to == home;
				if (!wanted && load<u32>(by + ((<usize>to) << 2)) != NO_EDGE) continue;
				if (!wanted) {
					store<u32>(by + ((<usize>to) << 2), edge);
					store<u32>(before + ((<usize>to) << 2), id);
					store<u32>(queue + (tail++ << 2), to);
				} else {
					last = edge;
					let length: u32 = 1;
					for (let back = id; back != at; back = load<u32>(before + ((<usize>back) << 2))) length++;
					if (roundLength + length > MOST_ROUND) return;
					let place = round + ((<usize>(roundLength + length - 1)) << 2);
					store<u32>(place, edge);
					for (let back = id; back != at; back = load<u32>(before + ((<usize>back) << 2))) {
						place -= 4;
						store<u32>(place, load<u32>(by + ((<usize>back) << 2)));
					}
					for (let i = roundLength; i < roundLength + length; i++) {
						const done = load<u32>(round + ((<usize>i) << 2));
						toDo &= ~((<u64>1) << load<u8>(labels + done));
						toMiss &= labelsAt(load<u32>(targets + ((<usize>done) << 2)));
					}
					roundLength += length;
					at = to;
				}
			}
		}
		if (last == NO_EDGE) break;
	}
	let id = home;
	for (let i: u32 = 0; i < roundLength; i++) {
		const place = round + ((<usize>i) << 2);
		const edge = load<u32>(place);
		store<u32>(place, actionOfEdge(id, edge));
		id = load<u32>(targets + ((<usize>edge) << 2));
	}
}

const NO_EDGE: u32 = ~0;

/** Edges are in the order in which actions that can happen are listed. */
function actionOfEdge(id: u32, edge: u32): u32 {
	const to = allocate(blockSize);
	if (status) return 0;
	work(stateAt(id));
	clearHazards();
	enumerate();
	let number = load<u32>(firsts + ((<usize>id) << 2));
	for (let i: u32 = 0; i < actionCount; i++) {
		const action = load<u32>(actions + ((<usize>i) << 2));
		memory.copy(to, stateAt(id), blockSize);
		work(to);
		beginStep();
		apply(action);
		if (!infeasible && number++ == edge) return action;
	}
	return 0;
}
