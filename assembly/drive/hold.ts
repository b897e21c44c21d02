import { PENDING_ACTOR, PENDING_CODE } from "../../bindings/layout/block";
import { HAZARDS } from "../../bindings/layout/explore";
import {
	ANSWER_ABOUTS,
	ANSWER_HAZARDS,
	ANSWER_REASON,
	ANSWER_SIZE,
	ANSWER_VALUE,
	COMMAND_ACTION,
	COMMAND_ACTOR,
	COMMAND_CODE,
	COMMAND_HOW,
	COMMAND_SIZE,
	HOLD_DEFER,
	HOLD_HAPPEN,
	HOLD_HIT,
	HOLD_LAST,
	HOLD_MAP,
	HOLD_TRANSIENT,
	HOLD_UNMAP,
	REFUSED_FREED_FRAME,
	REFUSED_FREED_TABLE,
	REFUSED_FULL,
	REFUSED_IN_ORDER,
	REFUSED_INFEASIBLE,
	REFUSED_INTERRUPTED,
	REFUSED_LIVE,
	REFUSED_LOCKED,
	REFUSED_NO_LINE,
	REFUSED_NOT,
	REFUSED_NOT_ENABLED,
	REFUSED_READ_ONLY,
	REFUSED_UNMAPPED,
	REFUSED_UNSOUND,
	REFUSED_WAITS,
} from "../../bindings/layout/hold";
import {
	CODE_AT,
	CODE_OP,
	CODE_PLACE,
	CODE_SIZE,
	CODE_TO,
	CODE_VALUE,
	HAS_FRAMES,
	IN_PAGE,
	IN_PTE,
	IS_RELEASED,
	OP_EACH,
	OP_FENCE,
	OP_JOIN,
	OP_LOAD,
	OP_LOCAL_LAST,
	OP_LOCK,
	OP_STORE,
	PTE_FRAME,
	PTE_PRESENT,
	RUNS_AS_DEVICE,
	RUNS_AS_THREAD,
	TABLE_FREED,
	VA_SIZE,
	VA_TABLE,
	WHOSE_PENDING,
} from "../../bindings/layout/program";
import { atFrames, atTables, block, blockSize, registersOf, work } from "../machine/block";
import { beginTelling, tellOf } from "../machine/events";
import { aboutOf, clearHazards, hazards } from "../machine/hazard";
import { allocate, status } from "../machine/heap";
import { frameFor, lineOf, mayHit, select } from "../machine/pages";
import { visible } from "../program/access";
import { isSound } from "../program/code";
import { execute } from "../program/execute";
import { isPassed, loadTransiently, resolve } from "../program/local";
import { start, tidy } from "../program/machine";
import { actorRecord, addressOf, codeOf, cpuOf, kindOf, lengthOf, lineIn, p, setProgram } from "../program/operands";
import { beginStep, faulted, infeasible } from "../program/outcome";
import { weak } from "../program/pending";
import { mayDefer, ready } from "../program/ready";
import { issue } from "../program/step";
import { pendingAt, pendingCount } from "../program/window";
import { actionCount, actions, apply, enumerate, isCurrent } from "./actions";
import { isState } from "./state";

// A machine that somebody holds: operations are given to it one by one instead of by a program.
//
// Each CPU (and the devices) has a driver: an actor without a program. Behind its code of length 0 it has slots: an operation
// is written into a free one, checked as any instruction is, asked whether it may run, and executed, all by the rules that
// programs run by. It stays in its slot as long as it is pending.
//
//   held   [ block | code of all actors, slots included ]     one block of bytes: snapshot is copy
//
// A batch is all or nothing: where a command is refused, the machine is as it was before the first.

/** The machine, and what it was before the batch under way. */
export let held: usize = 0;
export let heldSize: usize = 0;
let before: usize = 0;
/** Operations that a driver can have in hand: as many as can be pending, and one. */
export let slots: u32 = 0;

/** Whether an actor does what it is told. */
export function isDriver(actor: u32): bool {
	const kind = kindOf(actor);
	return lengthOf(actor) == 0 && (kind == RUNS_AS_THREAD || kind == RUNS_AS_DEVICE);
}

/** Takes hold of the machine just built, at its start. Every driver has one slot more than a window. Whether there was memory. */
export function takeHold(): bool {
	slots = p.window + 1;
	const code = <usize>p.codeCount * CODE_SIZE;
	heldSize = blockSize + code;
	held = allocate(heldSize);
	before = allocate(heldSize);
	if (status) return false;
	memory.copy(held, start, blockSize);
	memory.copy(held + blockSize, p.code, code);
	p.code = held + blockSize;
	setProgram(p);
	// Commands may be any operation.
	p.locks = true;
	work(held);
	return true;
}

/** Does `count` commands; returns the number of the one that was refused, or `count`. Answers are in `to`. */
export function command(from: usize, count: u32, to: usize): u32 {
	work(held);
	beginTelling();
	memory.copy(before, held, heldSize);
	for (let i: u32 = 0; i < count; i++, from += COMMAND_SIZE, to += ANSWER_SIZE) {
		tellOf(i);
		clearHazards();
		beginStep();
		store<u32>(to, 0, ANSWER_VALUE);
		const reason = obey(from, to);
		store<u32>(to, reason, ANSWER_REASON);
		store<u32>(to, hazards, ANSWER_HAZARDS);
		for (let hazard: u32 = 0; hazard < <u32>HAZARDS; hazard++) {
			store<u8>(to + hazard, <u8>aboutOf(hazard), ANSWER_ABOUTS);
		}
		if (reason == REFUSED_NOT) continue;
		memory.copy(held, before, heldSize);
		beginTelling();
		return i;
	}
	return count;
}

function obey(at: usize, answer: usize): u32 {
	const how: u32 = load<u8>(at, COMMAND_HOW);
	if (how > <u32>HOLD_LAST) return REFUSED_UNSOUND;
	if (how == HOLD_HAPPEN) return happen(load<u32>(at, COMMAND_ACTION));
	const actor: u32 = load<u8>(at, COMMAND_ACTOR);
	if (actor >= p.actorCount || !isDriver(actor)) return REFUSED_UNSOUND;
	select(how == HOLD_HIT ? 1 : 0);
	const number = freeSlot(actor);
	const i = codeOf(actor, number);
	memory.copy(i, at + COMMAND_CODE, CODE_SIZE);
	const op: u32 = load<u8>(i, CODE_OP);
	if (op <= <u32>OP_LOCAL_LAST || op == OP_JOIN || op == OP_EACH) return REFUSED_UNSOUND;
	if (!isSound(p, actorRecord(actor), i, 0)) return REFUSED_UNSOUND;
	const cpu = cpuOf(actor);
	if (kindOf(actor) != RUNS_AS_DEVICE && !isCurrent(actor, cpu, RUNS_AS_THREAD)) return REFUSED_INTERRUPTED;
	const reason = run(how, actor, cpu, i, number, answer);
	if (reason) return reason;
	if (faulted && hazards == 0) return whyFaulted(cpu, i, registersOf(actor));
	const to: u32 = load<u8>(i, CODE_TO);
	if (to) store<u32>(answer, load<u8>(registersOf(actor) + to - 1), ANSWER_VALUE);
	clearSlots();
	if (p.levelCount) tidy();
	return REFUSED_NOT;
}

function run(how: u32, actor: u32, cpu: u32, i: usize, number: u32, answer: usize): u32 {
	const op: u32 = load<u8>(i, CODE_OP);
	if (how == HOLD_TRANSIENT) {
		if (op != OP_LOAD || load<u8>(i, CODE_PLACE) != IN_PAGE) return REFUSED_UNSOUND;
		loadTransiently(i, registersOf(actor));
		return REFUSED_NOT;
	}
	if (how == HOLD_MAP || how == HOLD_UNMAP) {
		const reason = whyNotMapped(how, cpu, i);
		if (reason) return reason;
	}
	if (how == HOLD_HIT && !hitsWrongly(cpu, i)) return REFUSED_NOT_ENABLED;
	if (how == HOLD_DEFER) {
		if (!mayDefer(actor, cpu, i)) return weak() ? whyNot(cpu, op) : REFUSED_IN_ORDER;
		issue(actor, cpu, i, number);
	} else if (op != OP_FENCE || !isPassed(actor, cpu, i, number)) {
		if (!ready(actor, cpu, i)) {
			if (op != OP_LOCK || load<u8>(addressOf(cpu, i)) == 0) return whyNot(cpu, op);
			store<u32>(answer, load<u8>(addressOf(cpu, i)), ANSWER_VALUE);
			return REFUSED_LOCKED;
		}
		execute(actor, cpu, i, number);
	}
	if (weak() && kindOf(actor) != RUNS_AS_DEVICE) resolve(cpu);
	return REFUSED_NOT;
}

/** Whether an access ought to go round the caches, and may hit there. */
function hitsWrongly(cpu: u32, i: usize): bool {
	const op: u32 = load<u8>(i, CODE_OP);
	if ((op != OP_LOAD && op != OP_STORE) || load<u8>(i, CODE_PLACE) != IN_PAGE) return false;
	return mayHit(cpu, load<u8>(i, CODE_AT), lineIn(i, registersOf(0)));
}

/** Why an operation cannot run or become pending. */
function whyNot(cpu: u32, op: u32): u32 {
	return pendingCount(cpu) == p.window && (weak() || op == OP_STORE) ? REFUSED_FULL : REFUSED_WAITS;
}

/** Why an access did nothing. */
function whyFaulted(cpu: u32, i: usize, registers: usize): u32 {
	const frame = frameFor(cpu, load<u8>(i, CODE_AT));
	if (frame >= p.frameCount) return REFUSED_UNMAPPED;
	return lineOf(frame, lineIn(i, registers)) == ~0 ? REFUSED_NO_LINE : REFUSED_READ_ONLY;
}

/** What a mapping asks beyond what a store to its PTE does: nothing is mapped twice, and nothing that is freed. */
function whyNotMapped(how: u32, cpu: u32, i: usize): u32 {
	if (load<u8>(i, CODE_OP) != OP_STORE || load<u8>(i, CODE_PLACE) != IN_PTE) return REFUSED_UNSOUND;
	const isLive = (visible(cpu, i) & PTE_PRESENT) != 0;
	if (how == HOLD_UNMAP) return isLive ? REFUSED_NOT : REFUSED_UNMAPPED;
	if (isLive) return REFUSED_LIVE;
	const table: u32 = load<u8>(p.vas + <usize>load<u8>(i, CODE_AT) * VA_SIZE, VA_TABLE);
	if (table && load<u8>(block + atTables + table - 1) & TABLE_FREED) return REFUSED_FREED_TABLE;
	const frame = <u32>load<u8>(i, CODE_VALUE) >> PTE_FRAME;
	if (frame >= p.frameCount) return REFUSED_UNSOUND;
	return p.flags & HAS_FRAMES && load<u8>(block + atFrames + frame) & IS_RELEASED ? REFUSED_FREED_FRAME : REFUSED_NOT;
}

function happen(action: u32): u32 {
	enumerate();
	clearHazards();
	for (let a: u32 = 0; a < actionCount; a++) {
		if (load<u32>(actions + ((<usize>a) << 2)) != action) continue;
		apply(action);
		if (infeasible) return REFUSED_INFEASIBLE;
		clearSlots();
		return REFUSED_NOT;
	}
	return REFUSED_NOT_ENABLED;
}

function isPending(actor: u32, number: u32): bool {
	if (p.window == 0 || kindOf(actor) == RUNS_AS_DEVICE) return false;
	const cpu = cpuOf(actor);
	for (let j: u32 = 0, count = pendingCount(cpu); j < count; j++) {
		const entry = pendingAt(cpu, j);
		if ((load<u8>(entry, PENDING_ACTOR) & WHOSE_PENDING) == actor && load<u8>(entry, PENDING_CODE) == number)
			return true;
	}
	return false;
}

function freeSlot(actor: u32): u32 {
	let number: u32 = 0;
	while (number + 1 < slots && isPending(actor, number)) number++;
	return number;
}

/** What is in no one's hand is zero, so that equal machines are equal bytes. */
function clearSlots(): void {
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		if (!isDriver(actor)) continue;
		for (let number: u32 = 0; number < slots; number++) {
			if (!isPending(actor, number)) memory.fill(codeOf(actor, number), 0, CODE_SIZE);
		}
	}
}

/** Puts the bytes of a machine like this one in its place, if they are such. */
export function putBack(from: usize): bool {
	memory.copy(before, held, heldSize);
	memory.copy(held, from, heldSize);
	work(held);
	if (isState(before, slots)) return true;
	memory.copy(held, before, heldSize);
	return false;
}
