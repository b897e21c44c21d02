import { PENDING_ACTOR, PENDING_CODE } from "../../bindings/layout/block";
import {
	ACT_DEFER,
	ACT_DELIVER,
	ACT_EVICT,
	ACT_MOVE_IN,
	ACT_PERFORM,
	ACT_PSC_EVICT,
	ACT_PURGE,
	ACT_STEP,
	ACT_TLB_EVICT,
	ACT_WALK,
	ACT_WRITE_BACK,
	HAZARD_ABBA,
	HAZARD_SELF,
	HAZARD_SWAPDEP,
} from "../../bindings/layout/explore";
import { EVENT_DELIVER, EVENT_TLB_EVICT } from "../../bindings/layout/hold";
import { CACHE_INDEX_VIRTUAL } from "../../bindings/layout/machine";
import {
	CODE_AT,
	CODE_FLAGS,
	CODE_OP,
	CODE_PLACE,
	FLAG_RECLAIM,
	FRAME_FIRST,
	FRAME_LINES,
	FRAME_SIZE,
	HAS_EVICTIONS,
	HAS_MAY_HOLD,
	HAS_MOVE_IN,
	HAS_POSTED,
	HAS_TLB,
	HAS_WALKER,
	IN_PAGE,
	LEVEL_FLAGS,
	LEVEL_SHARED,
	LEVEL_SIZE,
	MAPPING_IS_LARGE,
	MAPPING_IS_PINNED,
	MAPPING_IS_QUIET,
	MAPPING_IS_UNCACHED,
	OP_EACH,
	OP_JOIN,
	OP_LOAD,
	OP_LOCK,
	OP_STORE,
	OP_UNLESS,
	PTE_FRAME,
	RUNS_AS_DEVICE,
	RUNS_AS_THREAD,
	SCOPE_PAGE,
	VA_FLAGS,
	VA_SIZE,
	WHOSE_PENDING,
} from "../../bindings/layout/program";
import {
	block,
	counterOf,
	cpuAt,
	inFlags,
	inWalkCache,
	LINE_BYTES,
	registersOf,
	spontaneousOf,
} from "../machine/block";
import { clean, evict, flushAt } from "../machine/cache";
import { tell } from "../machine/events";
import { raise } from "../machine/hazard";
import {
	cacheOf,
	colourOf,
	heldFor,
	isLoaded,
	isWalkable,
	mayHit,
	mayWalk,
	moveIn,
	saturate,
	select,
	tlbAt,
	walk,
} from "../machine/pages";
import { dropPosted, isPosted } from "../machine/posted";
import { Slots } from "../machine/slots";
import { IRQ_MASKED, IRQ_PENDING, MASKED_BY, NMI_PENDING, ordinalOf } from "../program/interrupt";
import { settle } from "../program/local";
import { cacheAt, irqHandler, NONE, nmiHandler, tidy } from "../program/machine";
import { addressOf, codeOf, cpuOf, kindOf, lengthOf, lineIn, p } from "../program/operands";
import { isStoring } from "../program/pending";
import { mayDefer, mayGuess, mayPerform, mayVisit, ready } from "../program/ready";
import { defer, perform, step } from "../program/step";
import { pendingAt, pendingCount, runsAhead } from "../program/window";

// What can happen next to the machine in `block`, and making one of it happen.

/** Of 8 CPUs: evictions and write-backs in 4 levels of 256 lines, lines that move in by 64 mappings, and what TLBs can do. */
const MOST: u32 = 65536;
/** u32 each: ACT_* << 24 | who << 16 | x << 8 | y. */
export const actions: usize = memory.data(MOST << 2);
export let actionCount: u32 = 0;
/** Whether any of them is of the program, not of the hardware alone. */
export let goesOn: bool = false;
/** Whether some of them wait for each other in a circle. */
let isCircle: bool = false;
/** Whether every thread is at its end. */
export let isOver: bool = false;

function offer(kind: u32, who: u32, x: u32, y: u32): void {
	if (actionCount == MOST) return;
	store<u32>(actions + ((<usize>actionCount) << 2), (kind << 24) | (who << 16) | (x << 8) | y);
	actionCount++;
}

/** Lists what can happen. */
export function enumerate(): void {
	actionCount = 0;
	goesOn = false;
	isCircle = false;
	isOver = true;
	for (let actor: u32 = 0; actor < p.actorCount; actor++) offerSteps(actor);
	for (let cpu: u32 = 0; cpu < p.cpus; cpu++) {
		for (let i: u32 = 0, count = p.window ? pendingCount(cpu) : 0; i < count; i++) {
			isOver = false;
			if (!mayPerform(cpu, i)) continue;
			goesOn = true;
			offer(ACT_PERFORM, cpu, i, 0);
			if (p.bypasses && mayPendingHit(cpu, i)) offer(ACT_PERFORM, cpu, i, 1);
		}
		offerInterrupts(cpu);
		offerTranslations(cpu);
	}
	for (let level: u32 = 0; level < p.levelCount; level++) offerEvictions(level);
	if (p.locks) lookForCycles();
}

/** Whether somebody is not at its end and nobody can go on, and no circle says why. */
export function isStuck(): bool {
	return !goesOn && !isOver && !isCircle && !runsAhead();
}

function runs(actor: u32): bool {
	return actor != NONE && load<u8>(counterOf(actor)) != 0;
}

/** Whether an actor has its CPU: handlers go before threads, and a thread may keep others out. */
export function isCurrent(actor: u32, cpu: u32, kind: u32): bool {
	const nmi = nmiHandler(cpu);
	if (actor == nmi) return true;
	if (runs(nmi)) return false;
	const irq = irqHandler(cpu);
	if (actor == irq) return true;
	if (runs(irq)) return false;
	const flags: u32 = load<u8>(cpuAt(cpu) + inFlags);
	if (flags >> MASKED_BY && flags >> MASKED_BY != ordinalOf(actor) + 1) return false;
	if (p.window == 0) return true;
	// A switch between threads waits for what is pending.
	for (let i: u32 = 0, count = pendingCount(cpu); i < count; i++) {
		const other = load<u8>(pendingAt(cpu, i), PENDING_ACTOR) & WHOSE_PENDING;
		if (other != actor && kindOf(other) == RUNS_AS_THREAD) return false;
	}
	return true;
}

function offerSteps(actor: u32): void {
	const counter: u32 = load<u8>(counterOf(actor));
	if (counter == 0) return;
	const kind = kindOf(actor);
	if (counter > lengthOf(actor)) return;
	isOver = false;
	const cpu = cpuOf(actor);
	if (kind != RUNS_AS_DEVICE && !isCurrent(actor, cpu, kind)) return;
	const i = codeOf(actor, counter - 1);
	const op: u32 = load<u8>(i, CODE_OP);
	const had = actionCount;
	if (op == OP_EACH) {
		for (let other: u32 = 0; other < p.cpus; other++) {
			if (mayVisit(actor, cpu, counter - 1, other)) offer(ACT_STEP, actor, other + 1, 0);
		}
	} else if (op == OP_UNLESS) {
		if (mayGuess(actor, cpu, i)) {
			offer(ACT_STEP, actor, 1, 0);
			offer(ACT_STEP, actor, 2, 0);
		}
	} else {
		if (ready(actor, cpu, i)) offerStep(actor, cpu, i, op);
		if (mayDefer(actor, cpu, i)) offer(ACT_DEFER, actor, 0, 0);
	}
	if (actionCount > had) goesOn = true;
}

/** A step, through each translation that the CPU may hold. */
function offerStep(actor: u32, cpu: u32, i: usize, op: u32): void {
	if (!(p.flags & HAS_MAY_HOLD) || load<u8>(i, CODE_PLACE) != IN_PAGE || (op != OP_LOAD && op != OP_STORE)) {
		offer(ACT_STEP, actor, 0, 0);
		if (p.bypasses && mayInstructionHit(actor, cpu, i)) offer(ACT_STEP, actor, 0, 1);
		return;
	}
	const va: u32 = load<u8>(i, CODE_AT);
	const held: u32 = isLoaded(cpu, va) ? load<u8>(tlbAt(cpu, va)) : 0;
	for (let k: u32 = 0; k < 8; k++) if ((held >> k) & 1) offer(ACT_STEP, actor, 0, k + 1);
	if (!isWalkable(cpu, va)) offer(ACT_STEP, actor, 0, 0);
}

/** Whether an access that ought to go round the caches may hit in them. */
function mayInstructionHit(actor: u32, cpu: u32, i: usize): bool {
	if (load<u8>(i, CODE_PLACE) != IN_PAGE) return false;
	return mayHit(cpu, load<u8>(i, CODE_AT), lineIn(i, registersOf(actor)));
}

function mayPendingHit(cpu: u32, j: u32): bool {
	const entry = pendingAt(cpu, j);
	const actor = load<u8>(entry, PENDING_ACTOR) & WHOSE_PENDING;
	return mayInstructionHit(actor, cpu, codeOf(actor, load<u8>(entry, PENDING_CODE)));
}

function offerInterrupts(cpu: u32): void {
	const flags: u32 = load<u8>(cpuAt(cpu) + inFlags);
	const nmi = nmiHandler(cpu);
	const irq = irqHandler(cpu);
	if (nmi != NONE) {
		if (runs(nmi)) return;
		if (flags & NMI_PENDING) {
			goesOn = true;
			isOver = false;
			offer(ACT_DELIVER, cpu, nmi, 0);
		}
		const left = spontaneousOf(nmi);
		if (left != block && load<u8>(left)) offer(ACT_DELIVER, cpu, nmi, 1);
	}
	if (irq == NONE || !(flags & IRQ_PENDING)) return;
	isOver = false;
	if (flags & IRQ_MASKED || runs(irq)) return;
	goesOn = true;
	offer(ACT_DELIVER, cpu, irq, 0);
}

function offerTranslations(cpu: u32): void {
	if (!(p.flags & HAS_TLB) || p.flags & HAS_MAY_HOLD) return;
	const evictions = p.flags & HAS_EVICTIONS;
	const walker = p.flags & HAS_WALKER;
	const posted = p.flags & HAS_POSTED;
	const moves = p.flags & HAS_MOVE_IN && p.levelCount;
	const large = p.large;
	for (let va: u32 = 0; va < p.vaCount; va++) {
		const entry: u32 = load<u8>(tlbAt(cpu, va));
		if (walker && mayWalk(cpu, va)) offer(ACT_WALK, cpu, va, 0);
		if (posted && isPosted(cpu, va) && !isStoring(cpu, SCOPE_PAGE, va)) {
			goesOn = true;
			offer(ACT_PURGE, cpu, va, 0);
		}
		if (entry == 0 && !large) continue;
		const flags: u32 = load<u8>(p.vas + <usize>va * VA_SIZE, VA_FLAGS);
		if (entry && evictions && !(flags & MAPPING_IS_PINNED)) offer(ACT_TLB_EVICT, cpu, va, 0);
		if (!moves || flags & MAPPING_IS_LARGE) continue;
		const held = entry ? entry : heldFor(cpu, va);
		if (held) offerMoveIns(cpu, va, held);
	}
	if (!walker || !evictions) return;
	for (let table: u32 = 0; table < p.tableCount; table++) {
		if (load<u8>(cpuAt(cpu) + inWalkCache) & (1 << table)) offer(ACT_PSC_EVICT, cpu, table, 0);
	}
}

function offerMoveIns(cpu: u32, va: u32, entry: u32): void {
	const record = p.vas + <usize>va * VA_SIZE;
	if (load<u8>(record, VA_FLAGS) & (MAPPING_IS_QUIET | MAPPING_IS_UNCACHED) || !isLoaded(cpu, va)) return;
	const frame = p.frames + <usize>(entry >> PTE_FRAME) * FRAME_SIZE;
	const c = cacheOf(cpu)!;
	for (let i: u32 = 0; i < <u32>load<u8>(frame, FRAME_LINES); i++) {
		const line = <u32>load<u8>(frame, FRAME_FIRST) + i;
		if (!load<u16>(changetype<Slots>(0).row(c, colourOf(va), line))) offer(ACT_MOVE_IN, cpu, va, line);
	}
}

function offerEvictions(level: u32): void {
	const record = p.levels + <usize>level * LEVEL_SIZE;
	const colours = load<u32>(record, LEVEL_FLAGS) & CACHE_INDEX_VIRTUAL ? p.colours : 1;
	const cpus: u32 = load<u8>(record, LEVEL_SHARED) ? 1 : p.cpus;
	for (let cpu: u32 = 0; cpu < cpus; cpu++) {
		const slots = block + cacheAt(level, cpu).slots;
		for (let slot: u32 = 0; slot < colours * p.lines; slot++) {
			const at = slots + <usize>slot * LINE_BYTES;
			if (!load<u16>(at)) continue;
			offer(ACT_EVICT, cpu, level, slot);
			if (changetype<Slots>(0).dirty(changetype<Slots>(0).state(at))) offer(ACT_WRITE_BACK, cpu, level, slot);
		}
	}
}

/** Makes an action happen that enumerate() listed for this block. */
export function apply(action: u32): void {
	const kind = action >> 24;
	const who = (action >> 16) & 255;
	const x = (action >> 8) & 255;
	const y = action & 255;
	switch (kind) {
		case ACT_STEP:
			select(y);
			step(who, x);
			break;
		case ACT_DEFER:
			defer(who);
			break;
		case ACT_PERFORM:
			select(y);
			perform(who, x);
			break;
		case ACT_DELIVER: {
			if (y) {
				const left = spontaneousOf(x);
				store<u8>(left, load<u8>(left) - 1);
			} else {
				const flags = cpuAt(who) + inFlags;
				const bit = x == nmiHandler(who) ? NMI_PENDING : IRQ_PENDING;
				store<u8>(flags, load<u8>(flags) & ~(<u8>bit));
			}
			tell(EVENT_DELIVER, who, x == nmiHandler(who) ? 1 : 0, 0);
			settle(x, 0);
			break;
		}
		case ACT_WALK:
			walk(who, x);
			break;
		case ACT_TLB_EVICT:
			store<u8>(tlbAt(who, x), 0);
			tell(EVENT_TLB_EVICT, who, x, 0);
			break;
		case ACT_PURGE:
			dropPosted(who, x);
			break;
		case ACT_PSC_EVICT: {
			const at = cpuAt(who) + inWalkCache;
			store<u8>(at, load<u8>(at) & ~(<u8>((<u32>1) << x)));
			break;
		}
		case ACT_MOVE_IN:
			moveIn(who, x, y);
			break;
		case ACT_EVICT:
			// What was only read to be executed is offered to nobody.
			if (x == p.fetchLevel) flushAt<Slots>(cacheAt(x, who), y / p.lines, y % p.lines, true, true);
			else evict<Slots>(cacheAt(x, who), y / p.lines, y % p.lines);
			break;
		case ACT_WRITE_BACK:
			clean<Slots>(cacheAt(x, who), y / p.lines, y % p.lines);
			break;
	}
	if (p.levelCount) tidy();
	if (p.flags & HAS_MAY_HOLD) saturate();
}

/** Actors that wait for each other in a circle. */
function lookForCycles(): void {
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		let at = actor;
		let reclaim = false;
		for (let length: u32 = 1; length <= p.actorCount; length++) {
			const counter: u32 = load<u8>(counterOf(at));
			if (counter == 0 || counter > lengthOf(at)) break;
			const i = codeOf(at, counter - 1);
			const op: u32 = load<u8>(i, CODE_OP);
			let other: u32 = NONE;
			if (op == OP_LOCK) {
				const owner: u32 = load<u8>(addressOf(cpuOf(at), i));
				if (owner && owner <= p.actorCount) other = owner - 1;
			} else if (op == OP_JOIN) {
				other = load<u8>(i, CODE_AT);
				const end = kindOf(other) == RUNS_AS_THREAD ? lengthOf(other) + 1 : 0;
				if (load<u8>(counterOf(other)) == end) break;
			}
			if (other == NONE) break;
			if (load<u8>(i, CODE_FLAGS) & FLAG_RECLAIM) reclaim = true;
			if (other == actor) {
				isCircle = true;
				raise(length == 1 ? HAZARD_SELF : reclaim ? HAZARD_SWAPDEP : HAZARD_ABBA, actor);
				return;
			}
			at = other;
		}
	}
}
