import {
	COST_ATOMIC,
	COST_CLASSES,
	COST_FAULT,
	COST_FENCE_FULL,
	COST_FENCE_ORDER,
	COST_FENCE_SPECULATION,
	COST_FLUSH_ABSENT,
	COST_FLUSH_ALL,
	COST_FLUSH_CLEAN,
	COST_FLUSH_DIRTY,
	COST_IPI_DELIVER,
	COST_IPI_SEND,
	COST_LEVEL1,
	COST_MASK,
	COST_MEMORY,
	COST_STEP,
	COST_STORE,
	COST_SWITCH,
	COST_TLB_ALL,
	COST_TLB_PAGE,
	COST_WALK,
	RUN_PAUSE,
} from "../../bindings/layout/cost";
import {
	CODE_AT,
	CODE_FLAGS,
	CODE_KIND,
	CODE_OP,
	CODE_PLACE,
	CODE_SIZE,
	FENCE_COMPILER,
	FENCE_FULL,
	FENCE_SPECULATION,
	FLAG_BROADCAST,
	FLAG_OWN,
	IN_PAGE,
	LEVEL_NEXT,
	LEVEL_SIZE,
	MASK_IRQ,
	MODEL_ARM8,
	MODEL_TSO,
	OP_AWAIT,
	OP_CACHE,
	OP_CACHE_ALL,
	OP_FENCE,
	OP_FETCH,
	OP_FETCH_FLUSH,
	OP_INTERRUPT,
	OP_LOAD,
	OP_LOCK,
	OP_MASK,
	OP_REF,
	OP_RMW,
	OP_STORE,
	OP_SWITCH,
	OP_TLB_FLUSH,
	OP_TLB_WRITE,
	RUNS_AS_IRQ,
	SCOPE_PAGE,
	TO_CPU,
	TO_OTHERS,
} from "../../bindings/layout/program";
import { block, blockSize } from "../machine/block";
import {
	FENCE_TALLY,
	faults,
	foundClean,
	foundDirty,
	isTold,
	lineCount,
	misses,
	touched,
	walks,
	workCount,
	works,
} from "../machine/tally";
import { addressOf, p, targetOf } from "../program/operands";
import { DOER_NEXT, doerAt, FACT, FACT_MOVED, FACT_PLACE, isOfLine, wake } from "./actors";
import { purge, takeOff, waitForFlights } from "./flights";
import { CUT, DRAIN, IRQ, laneAt, MEMBERS, NMI, POSTED, refresh } from "./lanes";
import { flushed, Line, sendOff } from "./lines";
import { Price, timeOfWork } from "./prices";
import { addPause } from "./rounds";
import { NOWHERE, Run } from "./run";

// What the operations of a step cost, by what they are and by what the rules found on the way.

/** Locations that the operations of a step reach, u32: MOST_JOINED of them. */
const places: usize = memory.data(32 << 2);
/** Lines of pages that were priced in this step. */
let tallied: u32 = 0;

/** Where the operations of a step reach, before they do. */
export function locate(count: u32, cpu: u32, i: usize, fact: usize): void {
	for (let k: u32 = 0; k < count; k++) {
		store<u32>(places + ((<usize>k) << 2), load<u8>(fact, FACT_MOVED) ? placeOf(cpu, i) : load<u32>(fact, FACT_PLACE));
		i += CODE_SIZE;
		fact += FACT;
	}
}

function placeOf(cpu: u32, i: usize): u32 {
	if (load<u8>(i, CODE_OP) != OP_INTERRUPT) return <u32>(addressOf(cpu, i) - block);
	const to: u32 = load<u8>(i, CODE_PLACE);
	if (to == TO_OTHERS) return NOWHERE;
	return to == TO_CPU ? <u32>load<u8>(i, CODE_AT) : targetOf(cpu, i);
}

// biome-ignore lint/complexity/noStaticOnlyClass: only methods can be written out where they are called.
export class Charge {
	/** The operations of a step that was done. `moves`: where they reach was asked before (locate). */
	@inline static step(count: u32, moves: bool, i: usize, fact: usize, now: f64): void {
		tallied = 0;
		if (count == 1 && !moves) charge(i, load<u32>(fact, FACT_PLACE), now);
		else chargeSeveral(count, moves, i, fact, now);
	}

	/** What was done on the way: what the rules did, then what was passed between operations. */
	@inline static way(): void {
		if (isTold) payRules();
		store<f64>(Run.at, Run.t, CUT);
		if (workCount) payWork();
	}
}

function chargeSeveral(count: u32, moves: bool, i: usize, fact: usize, now: f64): void {
	for (let k: u32 = 0; k < count; k++) {
		charge(i, moves ? load<u32>(places + ((<usize>k) << 2)) : load<u32>(fact, FACT_PLACE), now);
		i += CODE_SIZE;
		fact += FACT;
	}
}

/** What an operation costs, apart from what its rules did on the way. */
function charge(i: usize, place: u32, now: f64): void {
	const op: u32 = load<u8>(i, CODE_OP);
	const inPage = load<u8>(i, CODE_PLACE) == IN_PAGE;
	// Of a line of a page: the rules found it.
	if ((inPage || isOfLine(op)) && tallied < lineCount) {
		place = load<u32>(touched + ((<usize>tallied) << 2));
		tallied++;
		if (place != NOWHERE) place += <u32>blockSize;
	}
	switch (op) {
		case OP_LOAD:
		case OP_AWAIT:
			if (place == NOWHERE) break;
			if (inPage && p.levelCount) payLevel();
			else Line.access(place, false, COST_LEVEL1);
			break;
		case OP_STORE:
			if (place == NOWHERE) break;
			if (p.model == <u32>MODEL_TSO && !(load<u8>(i, CODE_FLAGS) & FLAG_OWN) && Run.who < p.cpus) {
				Price.pay(COST_STORE);
				// Not when the work that follows is done, too.
				if (load<f64>(Run.at, DRAIN) == Infinity) sendOff(Run.t);
			} else if (inPage && p.levelCount) {
				if (misses) payLevel();
				else Price.pay(COST_STORE);
			} else {
				Line.access(place, true, COST_STORE);
				if (!inPage) wake(place, now);
			}
			break;
		case OP_RMW:
		case OP_LOCK:
			Line.access(place, true, COST_ATOMIC);
			wake(place, now);
			break;
		case OP_FENCE:
			payFence(load<u8>(i, CODE_KIND));
			break;
		case OP_TLB_FLUSH: {
			const what: u32 = load<u8>(i, CODE_KIND) == SCOPE_PAGE ? COST_TLB_PAGE : COST_TLB_ALL;
			purge(what, (load<u8>(i, CODE_FLAGS) & FLAG_BROADCAST) != 0);
			break;
		}
		case OP_SWITCH:
			Price.pay(COST_SWITCH);
			break;
		case OP_CACHE:
			takeOff(kindOfFlush(place));
			break;
		case OP_CACHE_ALL:
			Price.pay(COST_FLUSH_ALL);
			break;
		case OP_FETCH:
			if (place == NOWHERE) break;
			if (p.levelCount) payFetch();
			else Line.access(place, false, COST_LEVEL1);
			break;
		case OP_FETCH_FLUSH:
			if (load<u8>(i, CODE_KIND)) Price.pay(COST_FLUSH_ALL);
			else takeOff(foundClean ? COST_FLUSH_CLEAN : COST_FLUSH_ABSENT);
			break;
		// As what it is the end of: a miss handler's work.
		case OP_TLB_WRITE:
			Price.pay(COST_WALK);
			break;
		case OP_INTERRUPT: {
			const kind: u32 = load<u8>(i, CODE_KIND);
			if (place != NOWHERE) interrupt(place, kind);
			else for (let n: u32 = 0; n < p.cpus; n++) if (n != Run.who) interrupt(n, kind);
			break;
		}
		case OP_MASK:
			// Preemption is off where a counter of the CPU says so.
			Price.pay(load<u8>(i, CODE_KIND) == MASK_IRQ ? COST_MASK : COST_STEP);
			break;
		case OP_REF:
			Price.pay(COST_ATOMIC);
			break;
	}
}

/** One target after the other. */
function interrupt(n: u32, kind: u32): void {
	Price.pay(COST_IPI_SEND);
	const lane = laneAt(n);
	const at = lane + <usize>(kind == RUNS_AS_IRQ ? IRQ : NMI);
	store<f64>(at, min(load<f64>(at), Run.t + Price.of(COST_IPI_DELIVER)));
	store<u32>(lane, 1, POSTED);
	if (n != Run.who) refresh(n);
}

/** The rules found the line in a cache; where there are none, who had it says. */
function kindOfFlush(place: u32): u32 {
	if (p.levelCount == 0 && place != NOWHERE) return flushed(place);
	return foundDirty ? COST_FLUSH_DIRTY : foundClean ? COST_FLUSH_CLEAN : COST_FLUSH_ABSENT;
}

/** The level of the machine's caches that answered. */
function payLevel(): void {
	payFrom(misses);
}

/** The same of a fetch: behind the instruction cache, what that reads from. */
function payFetch(): void {
	if (p.fetchLevel == ~0 || misses == 0) {
		payFrom(misses);
		return;
	}
	const next: u32 = load<u8>(p.levels + <usize>p.fetchLevel * LEVEL_SIZE, LEVEL_NEXT);
	payFrom(next ? next + misses - 2 : ~0);
}

/** A data cache by its number, or memory. */
function payFrom(level: u32): void {
	const levels = p.fetchLevel == ~0 ? p.levelCount : p.fetchLevel;
	Price.pay(level >= levels ? COST_MEMORY : <u32>COST_LEVEL1 + level);
}

/** What the rules did on the way. */
function payRules(): void {
	for (let k: u32 = 0; k < walks; k++) Price.pay(COST_WALK);
	for (let k: u32 = 0; k < faults; k++) Price.pay(COST_FAULT);
}

/** What was passed between operations: works and fences. */
export function payWork(): void {
	for (let k: u32 = 0; k < workCount; k++) {
		const at = works + ((<usize>k) << 3);
		const what = load<u32>(at);
		if (what >= FENCE_TALLY) {
			payFence(what - FENCE_TALLY);
			continue;
		}
		const times: f64 = load<u32>(at, 4);
		const time = timeOfWork(what) * times;
		Price.spend(<u32>COST_CLASSES + what, time);
		if (what == load<u32>(Run.setup, RUN_PAUSE)) pauseLane(time);
	}
}

/** The work called "pause": time that is not measured, of nobody in this lane. */
function pauseLane(time: f64): void {
	for (let actor = load<u32>(Run.at, MEMBERS); actor; actor = load<u32>(doerAt(actor - 1), DOER_NEXT)) {
		addPause(actor - 1, time);
	}
}

function payFence(kind: u32): void {
	if (kind == FENCE_COMPILER) return;
	if (kind == FENCE_SPECULATION) {
		Price.pay(COST_FENCE_SPECULATION);
		return;
	}
	waitForFlights();
	if (kind == FENCE_FULL) Price.pay(COST_FENCE_FULL);
	else if (p.model >= <u32>MODEL_ARM8) Price.pay(COST_FENCE_ORDER);
}
