import {
	END_MEMORY,
	FIRST_ACTION,
	FIRST_SIZE,
	PLACES_ACTOR_PLACES,
	PLACES_BYTES,
	PLACES_CPU_BYTES,
	PLACES_CPU_FLAGS,
	PLACES_CPU_MM,
	PLACES_CPU_PURGES,
	PLACES_CPU_TLB,
	PLACES_CPU_VARS,
	PLACES_CPU_VISITS,
	PLACES_CPU_WALK_CACHE,
	PLACES_CPU_WINDOW,
	PLACES_FRAMES,
	PLACES_LATEST,
	PLACES_LEVEL_PLACES,
	PLACES_MEMORY,
	PLACES_PTES,
	PLACES_REFERENCES,
	PLACES_SHARED_BYTES,
	PLACES_TABLES,
	PLACES_VARS,
} from "../../bindings/layout/explore";
import {
	actorPlaces,
	atFrames,
	atLatest,
	atMemory,
	atPtes,
	atReferences,
	atTables,
	atVars,
	blockSize,
	cpuSize,
	inFlags,
	inMm,
	inPurges,
	inTlb,
	inVars,
	inVisits,
	inWalkCache,
	inWindow,
	levelPlaces,
	sharedSize,
	work,
} from "../machine/block";
import { told, watch } from "../machine/events";
import { clearHazards, hazardAbout, hazards } from "../machine/hazard";
import { allocate, status } from "../machine/heap";
import { refused } from "../program/code";
import { buildMachine, start } from "../program/machine";
import { beginStep, infeasible } from "../program/outcome";
import { actionCount, actions, apply, enumerate, goesOn, isOver } from "./actions";
import {
	actionOf,
	begin,
	depth,
	expanded,
	finalCount,
	finals,
	firsts,
	found,
	NO_ACTION,
	parentOf,
	search,
	stateCount,
	transitions,
} from "./explore";
import { command, held, heldSize, putBack, takeHold } from "./hold";
import { lookForStarvation, round, roundLength } from "./liveness";
import { beginRenaming, canonize, changePlaces, permutes, renamed, setUpSymmetry } from "./symmetry";
import { beginWalks, stepCount, steps, walkAbout, walkHazards, walkOnce } from "./walk";

// What JavaScript asks of a program: build its machine, search it, step through it. Answers are numbers, u32 each, in a
// record that stays where it is.

const RECORD = memory.data(96);

/** Builds the machine of the program in `bytes` bytes at `from`. The record: status, what was refused, the start. */
export function exploreBuild(from: usize, bytes: u32): usize {
	store<u32>(RECORD, buildMachine(from, bytes));
	store<u32>(RECORD, refused, 4);
	store<u32>(RECORD, <u32>start, 8);
	return RECORD;
}

/** Offsets of the parts of a block: BLOCK_* of layout/explore.ts. */
export function exploreLayout(): usize {
	store<u32>(RECORD, <u32>atVars, PLACES_VARS);
	store<u32>(RECORD, <u32>atPtes, PLACES_PTES);
	store<u32>(RECORD, <u32>atTables, PLACES_TABLES);
	store<u32>(RECORD, <u32>atFrames, PLACES_FRAMES);
	store<u32>(RECORD, <u32>atReferences, PLACES_REFERENCES);
	store<u32>(RECORD, <u32>atMemory, PLACES_MEMORY);
	store<u32>(RECORD, <u32>atLatest, PLACES_LATEST);
	store<u32>(RECORD, <u32>inFlags, PLACES_CPU_FLAGS);
	store<u32>(RECORD, <u32>inMm, PLACES_CPU_MM);
	store<u32>(RECORD, <u32>inVisits, PLACES_CPU_VISITS);
	store<u32>(RECORD, <u32>inWalkCache, PLACES_CPU_WALK_CACHE);
	store<u32>(RECORD, <u32>inTlb, PLACES_CPU_TLB);
	store<u32>(RECORD, <u32>inPurges, PLACES_CPU_PURGES);
	store<u32>(RECORD, <u32>inVars, PLACES_CPU_VARS);
	store<u32>(RECORD, <u32>inWindow, PLACES_CPU_WINDOW);
	store<u32>(RECORD, <u32>actorPlaces, PLACES_ACTOR_PLACES);
	store<u32>(RECORD, <u32>levelPlaces, PLACES_LEVEL_PLACES);
	store<u32>(RECORD, <u32>sharedSize, PLACES_SHARED_BYTES);
	store<u32>(RECORD, <u32>cpuSize, PLACES_CPU_BYTES);
	store<u32>(RECORD, <u32>blockSize, PLACES_BYTES);
	return RECORD;
}

/** Begins a search. `stop`: hazards that end it. `compact`: states are told apart by their hashes alone. */
export function explore(stop: u32, symmetric: bool, compact: bool, observed: usize, observedCount: u32): bool {
	setUpSymmetry(symmetric);
	return begin(stop, compact, observed, observedCount);
}

/** Goes on with it. The record: why it stopped, states, expanded, depth, transitions (u64), hazards, finals. */
export function exploreRun(budget: u32, mostStates: u32, mostDepth: u32): usize {
	const end = search(budget, mostStates, mostDepth);
	store<u32>(RECORD, status ? END_MEMORY : end);
	store<u32>(RECORD, stateCount, 4);
	store<u32>(RECORD, expanded(), 8);
	store<u32>(RECORD, depth, 12);
	store<u64>(RECORD, transitions, 16);
	store<u32>(RECORD, found, 24);
	store<u32>(RECORD, <u32>firsts, 28);
	store<u32>(RECORD, <u32>finals, 32);
	store<u32>(RECORD, finalCount, 36);
	return RECORD;
}

/**
 * Actions from the start to the first occurrence of a hazard, in `to`, at most `most`; returns how many there are. Of a
 * search among canonical states this is made a real execution.
 */
export function exploreTrace(hazard: u32, to: usize, most: u32): u32 {
	const first = firsts + <usize>hazard * FIRST_SIZE;
	let count: u32 = 0;
	for (let id = load<u32>(first); actionOf(id) != NO_ACTION; id = parentOf(id)) count++;
	const last = load<u32>(first, FIRST_ACTION);
	const total = count + <u32>(last != NO_ACTION);
	if (total > most) return total;
	let id = load<u32>(first);
	for (let i = count; i-- > 0; id = parentOf(id)) store<u32>(to + ((<usize>i) << 2), actionOf(id));
	if (last != NO_ACTION) store<u32>(to + ((<usize>count) << 2), last);
	if (permutes) makeReal(to, total);
	return total;
}

/** Makes the steps between canonical states those of one execution: as they are called before anybody changed places. */
function makeReal(to: usize, total: u32): void {
	const then = allocate(blockSize);
	if (status) return;
	memory.copy(then, start, blockSize);
	beginRenaming();
	for (let place = to, end = to + ((<usize>total) << 2); place < end; place += 4) {
		const action = load<u32>(place);
		work(then);
		store<u32>(place, renamed(action));
		beginStep();
		apply(action);
		canonize(then);
		changePlaces();
	}
}

/** Takes hold of the machine just built. The record: whether there was memory, where it is, its bytes. */
export function hold(): usize {
	store<u32>(RECORD, <u32>takeHold());
	store<u32>(RECORD, <u32>held, 4);
	store<u32>(RECORD, <u32>heldSize, 8);
	return RECORD;
}

/** Gives it `count` commands (layout/hold.ts). The record: how many were done, how many events there were. */
export function holdCommand(from: usize, count: u32, to: usize): usize {
	store<u32>(RECORD, command(from, count, to));
	store<u32>(RECORD, told, 4);
	return RECORD;
}

/** Puts `heldSize` bytes in its place; whether they are a state of it. */
export function holdRestore(from: usize): bool {
	return putBack(from);
}

/** Events go to `at` from now on, `most` of them for each batch; 0: nobody watches. */
export function holdWatch(at: usize, most: u32): void {
	watch(at, most);
}

/** A block of its own for a machine that is stepped through, at its start. */
export function machineStart(): usize {
	const at = allocate(blockSize);
	if (at) memory.copy(at, start, blockSize);
	return at;
}

/** Lists the actions that can happen to a block. The record: their number, their address, whether the program goes on or is over, hazards. */
export function machineEnumerate(state: usize): usize {
	work(state);
	clearHazards();
	enumerate();
	store<u32>(RECORD, actionCount);
	store<u32>(RECORD, <u32>actions, 4);
	store<u32>(RECORD, <u32>goesOn, 8);
	store<u32>(RECORD, <u32>isOver, 12);
	store<u32>(RECORD, hazards, 16);
	return RECORD;
}

/** Makes an action happen, if it can. The record: whether it did, hazards, what the last one was about. */
export function machineApply(state: usize, action: u32): usize {
	work(state);
	clearHazards();
	enumerate();
	let listed = false;
	for (let a: u32 = 0; a < actionCount; a++) if (load<u32>(actions + ((<usize>a) << 2)) == action) listed = true;
	clearHazards();
	beginStep();
	if (listed) apply(action);
	store<u32>(RECORD, listed ? (infeasible ? 2 : 1) : 0);
	store<u32>(RECORD, hazards, 4);
	store<u32>(RECORD, hazardAbout, 8);
	return RECORD;
}

/**
 * Looks for starvation once a search has seen all states. The record: 0 none, 1 found, 2 too many edges; the actions of one
 * round of it, from the state at the end of the trace of LIVE: how many, where.
 */
export function exploreLive(mostEdges: u32): usize {
	store<u32>(RECORD, lookForStarvation(mostEdges));
	store<u32>(RECORD, roundLength, 4);
	store<u32>(RECORD, <u32>round, 8);
	return RECORD;
}

/** Begins walks at random. */
export function walksBegin(seed: u64, mostSteps: u32): bool {
	return beginWalks(seed, mostSteps);
}

/** At most `walks` walks, until one meets a hazard that is not in `known`. The record: walks done, whether one did, hazards, about, steps, their address. */
export function walksRun(walks: u32, mostSteps: u32, known: u32): usize {
	let done: u32 = 0;
	let taken: u32 = 0;
	let found = false;
	while (done < walks && !found) {
		found = walkOnce(mostSteps, known);
		taken += stepCount;
		done++;
	}
	store<u32>(RECORD, done);
	store<u32>(RECORD, <u32>found, 4);
	store<u32>(RECORD, walkHazards, 8);
	store<u32>(RECORD, walkAbout, 12);
	store<u32>(RECORD, stepCount, 16);
	store<u32>(RECORD, <u32>steps, 20);
	store<u32>(RECORD, taken, 24);
	return RECORD;
}
