import { COST_WAIT, COST_WAIT_STORES } from "../../bindings/layout/cost";
import {
	CODE_FLAGS,
	CODE_OP,
	CODE_PLACE,
	CODE_SIZE,
	FLAG_JOINED,
	IN_PAGE,
	IN_TARGET_VAR,
	OP_CACHE,
	OP_FENCE,
	OP_FETCH,
	OP_FETCH_FLUSH,
	OP_INTERRUPT,
	OP_LOAD,
	OP_LOCAL_LAST,
	OP_LOCK,
	RUNS_AS_DEVICE,
	RUNS_AS_THREAD,
} from "../../bindings/layout/program";
import { block, blockSize, counterOf } from "../machine/block";
import { allocate } from "../machine/heap";
import { addressOf, codeOf, cpuOf, kindOf, lengthOf, p } from "../program/operands";
import { HANDLERS, HELD, laneAt, MEMBERS, NEXT, refresh, SINCE, THREAD, THREADS, WAITS } from "./lanes";
import { noteOf } from "./prices";
import { keepSamples } from "./rounds";
import { NOWHERE, Run } from "./run";

// Actors: what is always the same of them and their code, and what they wait for.
//
//   doer    an actor: where it keeps its counter, its code and what is known of that, what it waits for
//   facts   of each instruction: how many operations its step has, and which location it reaches where that is always the same
//   watched of each byte of the block, u8: who waits there, an actor + 1, SEVERAL, or nobody

export const DOER_COUNTER = 0; // u32 address
export const DOER_CODE = 4; // u32 address
export const DOER_FACTS = 8; // u32 address
export const DOER_LENGTH = 12; // u32
export const DOER_CPU = 16; // u32
export const DOER_LANE = 20; // u32
export const DOER_WAITS = 24; // u32: an offset in the block, FOR_STORES, or NOWHERE: it does not wait
export const DOER_NEAR = 28; // u32: the CPU that a loop over CPUs looks at first
export const DOER_NEXT = 32; // u32: another actor of the lane + 1
export const DOER_KIND = 36; // u32
const DOER: usize = 40;

export const FACT_PLACE = 0; // u32: NOWHERE, or where it reaches
export const FACT_COUNT = 4; // u8: operations in the step that begins here, 0: a local instruction
export const FACT_MOVES = 5; // u8: some of them reach now here, now there
export const FACT_MOVED = 6; // u8: this one does
export const FACT: usize = 8;
/** Operations of a step that are told apart. */
export const MOST_JOINED: u32 = 32;

/** What an actor waits for that is no address: its CPU's stores. */
export const FOR_STORES: u32 = ~1;
const SEVERAL: u8 = 255;

let doers: usize = 0;
let watched: usize = 0;

export function doerAt(actor: u32): usize {
	return doers + <usize>actor * DOER;
}

export function beginActors(): void {
	doers = allocate(<u64>p.actorCount * DOER);
	// Lines of pages behind the block, where nobody waits.
	watched = allocate(<u64>blockSize + p.lines);
	const facts = allocate(<u64>p.codeCount * FACT);
	let device = p.cpus;
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		const kind = kindOf(actor);
		const n = kind == RUNS_AS_DEVICE ? device++ : cpuOf(actor);
		learn(actor, kind, n, facts);
		const at = laneAt(n);
		if (kind != RUNS_AS_THREAD && kind != RUNS_AS_DEVICE) {
			store<u32>(at, 1, HANDLERS);
			continue;
		}
		if (load<u32>(at, THREADS) == 0) store<u32>(at, actor, THREAD);
		store<u32>(at, load<u32>(at, THREADS) + 1, THREADS);
		keepSamples(actor);
	}
}

/** What stays the same of an actor and its code. */
function learn(actor: u32, kind: u32, n: u32, facts: usize): void {
	const doer = doerAt(actor);
	const cpu = cpuOf(actor);
	const length = lengthOf(actor);
	const code = codeOf(actor, 0);
	const known = facts + ((code - p.code) / CODE_SIZE) * FACT;
	store<u32>(doer, <u32>counterOf(actor), DOER_COUNTER);
	store<u32>(doer, <u32>code, DOER_CODE);
	store<u32>(doer, <u32>known, DOER_FACTS);
	store<u32>(doer, length, DOER_LENGTH);
	store<u32>(doer, cpu, DOER_CPU);
	store<u32>(doer, n, DOER_LANE);
	store<u32>(doer, kind, DOER_KIND);
	const lane = laneAt(n);
	store<u32>(doer, load<u32>(lane, MEMBERS), DOER_NEXT);
	store<u32>(lane, actor + 1, MEMBERS);
	// From the end, so that what follows is known.
	for (let number = <i32>length - 1; number >= 0; number--) {
		const i = code + <usize>number * CODE_SIZE;
		const fact = known + <usize>number * FACT;
		const op: u32 = load<u8>(i, CODE_OP);
		if (op <= <u32>OP_LOCAL_LAST) continue;
		const reaches = op >= <u32>OP_LOAD && op <= <u32>OP_LOCK && op != OP_FENCE;
		const place: u32 = load<u8>(i, CODE_PLACE);
		const inPage = isOfLine(op) || (reaches && place == IN_PAGE);
		const moved = op == OP_INTERRUPT || (reaches && place == IN_TARGET_VAR);
		let count: u32 = 1;
		let moves = moved;
		if (number + 1 < <i32>length && load<u8>(i + CODE_SIZE, CODE_FLAGS) & FLAG_JOINED) {
			const next = fact + FACT;
			const more: u32 = load<u8>(next, FACT_COUNT);
			if (more) {
				count = min(1 + more, MOST_JOINED);
				moves = moves || load<u8>(next, FACT_MOVES) != 0;
			}
		}
		store<u32>(fact, reaches && !moved && !inPage ? <u32>(addressOf(cpu, i) - block) : NOWHERE, FACT_PLACE);
		store<u8>(fact, <u8>count, FACT_COUNT);
		store<u8>(fact, <u8>moves, FACT_MOVES);
		store<u8>(fact, <u8>moved, FACT_MOVED);
	}
}

/** Whether an operation is of a line of a page, by what it is. */
export function isOfLine(op: u32): bool {
	return op == OP_CACHE || op == OP_FETCH || op == OP_FETCH_FLUSH;
}

/** Nobody waits. */
export function startActors(): void {
	for (let actor: u32 = 0; actor < p.actorCount; actor++) store<u32>(doerAt(actor), NOWHERE, DOER_WAITS);
	memory.fill(watched, 0, blockSize);
}

export function canGo(doer: usize): bool {
	return (
		load<u32>(doer, DOER_WAITS) == NOWHERE &&
		<u32>load<u8>(<usize>load<u32>(doer, DOER_COUNTER)) <= load<u32>(doer, DOER_LENGTH)
	);
}

export function wait(actor: u32, on: u32): void {
	const doer = doerAt(actor);
	store<u32>(doer, on, DOER_WAITS);
	if (on == FOR_STORES) store<u32>(laneAt(load<u32>(doer, DOER_LANE)), 1, HELD);
	else store<u8>(watched + on, load<u8>(watched + on) ? SEVERAL : <u8>(actor + 1));
}

/** What the waiting of a lane is charged to; 0: it is idle. */
export function waitOf(at: usize): u32 {
	let found: u32 = 0;
	for (let actor = load<u32>(at, MEMBERS); actor; actor = load<u32>(doerAt(actor - 1), DOER_NEXT)) {
		const on = load<u32>(doerAt(actor - 1), DOER_WAITS);
		if (on == FOR_STORES) return COST_WAIT_STORES;
		if (on != NOWHERE) found = COST_WAIT;
	}
	return found;
}

/** A lane that waited goes on. */
export function resume(n: u32, now: f64): void {
	const at = laneAt(n);
	if (load<f64>(at, NEXT) < Infinity) return;
	const kind = load<u32>(at, WAITS);
	if (kind) noteOf(n, kind, now - load<f64>(at, SINCE));
	store<u32>(at, 0, WAITS);
	store<f64>(at, now, NEXT);
}

/** The stores of the CPU that acts are seen: who waits for them goes on. */
export function release(now: f64): void {
	store<u32>(Run.at, 0, HELD);
	for (let actor = load<u32>(Run.at, MEMBERS); actor; actor = load<u32>(doerAt(actor - 1), DOER_NEXT)) {
		const doer = doerAt(actor - 1);
		if (load<u32>(doer, DOER_WAITS) != FOR_STORES) continue;
		store<u32>(doer, NOWHERE, DOER_WAITS);
		resume(Run.who, now);
	}
}

/** Something was written: who waits for it looks again. */
export function wake(on: u32, now: f64): void {
	const waits = load<u8>(watched + on);
	if (waits == 0) return;
	store<u8>(watched + on, 0);
	if (waits != SEVERAL) {
		rouse(<u32>waits - 1, now);
		return;
	}
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		if (load<u32>(doerAt(actor), DOER_WAITS) == on) rouse(actor, now);
	}
}

function rouse(actor: u32, now: f64): void {
	const doer = doerAt(actor);
	store<u32>(doer, NOWHERE, DOER_WAITS);
	const n = load<u32>(doer, DOER_LANE);
	resume(n, now);
	if (n != Run.who) refresh(n);
}
