import { PENDING_ACTOR, PENDING_VALUE } from "../../bindings/layout/block";
import { HAZARD_SPEC } from "../../bindings/layout/explore";
import {
	ACTOR_REGISTERS,
	CODE_AT,
	CODE_FLAGS,
	CODE_KIND,
	CODE_LOOP,
	CODE_OP,
	CODE_PLACE,
	CODE_TARGET,
	CODE_TO,
	FENCE_FULL,
	FENCE_SPECULATION,
	FLAG_ITERATES,
	FLAG_SPECULATES,
	IN_PAGE,
	MODEL_SC,
	ON_NO_CPU,
	OP_EACH,
	OP_FENCE,
	OP_JUMP,
	OP_LOAD,
	OP_LOCAL_LAST,
	OP_LOCK,
	OP_NEXT,
	OP_SET,
	OP_UNLESS,
	OP_WORK,
	RUNS_AS_THREAD,
	VA_BOUND,
	VA_SIZE,
	WHOSE_PENDING,
} from "../../bindings/layout/program";
import { counterOf, registersOf } from "../machine/block";
import { raise } from "../machine/hazard";
import { tallyFence, tallyRound, tallyWork } from "../machine/tally";
import { setRegister, settleSuspects } from "./access";
import {
	actorRecord,
	codeOf,
	compare,
	compute,
	cpuOf,
	forget,
	isVisited,
	kindOf,
	leaveBehind,
	left,
	lengthOf,
	lineIn,
	p,
	targetOf,
	value,
} from "./operands";
import { refute, runAway } from "./outcome";
import { isFree, isRenewed, mayPass, pendingCode, waitsForValue, weak } from "./pending";
import { pend, pendingAt, pendingCount, unpend } from "./window";

// Local instructions, which nobody else can see: they run at once after the step before them.

/** Local instructions that an actor may run at a time. */
const MOST_LOCAL: u32 = 4096;
/** Instructions that run transiently on the wrong side of a branch. */
const TRANSIENT: u32 = 24;

/** Weak models: what needs nothing but a value that is there now. */
export function resolve(cpu: u32): void {
	for (let j: u32 = 0; j < pendingCount(cpu); j++) {
		const entry = pendingAt(cpu, j);
		const i = pendingCode(entry);
		const op: u32 = load<u8>(i, CODE_OP);
		if (op != OP_SET && op != OP_UNLESS && op != OP_FENCE) continue;
		const actor = load<u8>(entry, PENDING_ACTOR) & WHOSE_PENDING;
		if (!mayPass(cpu, j, actor, i)) continue;
		const registers = registersOf(actor);
		if (op == OP_SET)
			setRegister(i, registers, compute(load<u8>(i, CODE_KIND), left(i, registers), value(i, registers)));
		else if (op == OP_UNLESS) {
			const falls = compare(load<u8>(i, CODE_KIND), left(i, registers), value(i, registers));
			if (falls != ((load<u8>(entry, PENDING_VALUE) & 3) == 1)) refute();
			else settleSuspects(actor, cpu, j);
		}
		unpend(cpu, j);
		j = ~0;
	}
	// A value that an actor waited for at a local instruction may be there now.
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		if (cpuOf(actor) != cpu) continue;
		const counter: u32 = load<u8>(counterOf(actor));
		if (counter && counter <= lengthOf(actor) && <u32>load<u8>(codeOf(actor, counter - 1), CODE_OP) <= <u32>OP_FENCE) {
			settle(actor, counter - 1);
		}
	}
}

/** Whether a fence of this kind does nothing here, by itself. */
function isIdle(cpu: u32, i: usize): bool {
	const kind: u32 = load<u8>(i, CODE_KIND);
	if (kind > <u32>FENCE_FULL && (!weak() || kind > 4)) return true;
	return cpu == <u32>ON_NO_CPU || p.model == <u32>MODEL_SC;
}

/** Whether an actor goes on after a fence at once: it does nothing, or is performed when what it waits for is. */
export function isPassed(actor: u32, cpu: u32, i: usize, number: u32): bool {
	if (isIdle(cpu, i)) return true;
	if (!weak()) return false;
	if (pendingCount(cpu) && !mayPass(cpu, pendingCount(cpu), actor, i)) {
		if (pendingCount(cpu) == p.window) return false;
		pend(cpu, actor, number, 0, 0);
	}
	return true;
}

/** Whether an instruction may run by itself after the step before it: nobody else can see it, or it does nothing here. */
function mayBeLocal(op: u32): bool {
	return ((MAY_BE_LOCAL >> op) & 1) != 0;
}

/** A bit each. */
const MAY_BE_LOCAL: u64 = (((<u64>2) << OP_LOCAL_LAST) - 1) | ((<u64>1) << OP_EACH) | ((<u64>1) << OP_FENCE);

/** Runs local instructions from `number` on, and stops at the next operation, or the end. */
export function settle(actor: u32, number: u32): void {
	// Most often there is none.
	if (number < lengthOf(actor) && !mayBeLocal(load<u8>(codeOf(actor, number), CODE_OP))) {
		store<u8>(counterOf(actor), <u8>(number + 1));
	} else runLocal(actor, number);
}

function runLocal(actor: u32, number: u32): void {
	const cpu = cpuOf(actor);
	const registers = registersOf(actor);
	const length = lengthOf(actor);
	const isWeak = weak() && cpu != <u32>ON_NO_CPU;
	let ran: u32 = 0;
	for (; number < length; ran++) {
		if (ran == MOST_LOCAL) {
			runAway();
			break;
		}
		const i = codeOf(actor, number);
		const op: u32 = load<u8>(i, CODE_OP);
		if (!mayBeLocal(op)) break;
		if (op == OP_JUMP) {
			if (load<u8>(i, CODE_FLAGS) & FLAG_ITERATES) tallyRound();
			number = load<u16>(i, CODE_TARGET);
		} else if (op == OP_WORK) {
			tallyWork(load<u8>(i, CODE_AT), value(i, registers));
			number++;
		} else if (op == OP_SET) {
			if (isWeak && pendingCount(cpu)) {
				if (!isFree(cpu, actor, load<u8>(i, CODE_TO)) && !isRenewed(cpu, actor, i)) break;
				if (waitsForValue(cpu, actor, i)) {
					if (pendingCount(cpu) == p.window) break;
					pend(cpu, actor, number++, 0, 0);
					continue;
				}
			}
			setRegister(i, registers, compute(load<u8>(i, CODE_KIND), left(i, registers), value(i, registers)));
			number++;
		} else if (op == OP_UNLESS) {
			if (isWeak && waitsForValue(cpu, actor, i)) break;
			const target: u32 = load<u16>(i, CODE_TARGET);
			const falls = compare(load<u8>(i, CODE_KIND), left(i, registers), value(i, registers));
			if (load<u8>(i, CODE_FLAGS) & FLAG_SPECULATES) runTransiently(actor, falls ? target : number + 1);
			number = falls ? number + 1 : target;
		} else if (op == OP_NEXT) {
			leaveBehind(targetOf(cpu, i), <u32>load<u8>(i, CODE_LOOP) - 1);
			number = load<u16>(i, CODE_TARGET);
		} else if (op == OP_EACH) {
			const loop = <u32>load<u8>(i, CODE_LOOP) - 1;
			// From the end: who goes through them in order is there last.
			let other = p.cpus;
			do other--;
			while (other != ~0 && (other == cpu || isVisited(other, loop)));
			if (other != ~0) break;
			forget(loop);
			number = load<u16>(i, CODE_TARGET);
		} else if (op == OP_FENCE && isPassed(actor, cpu, i, number)) {
			tallyFence(load<u8>(i, CODE_KIND));
			number++;
		} else break;
	}
	const ended = number >= length;
	store<u8>(counterOf(actor), <u8>(ended ? (kindOf(actor) == RUNS_AS_THREAD ? length + 1 : 0) : number + 1));
}

/** The wrong side of a branch, as far as loads go: no register changes, no store is seen. */
function runTransiently(actor: u32, number: u32): void {
	const registers = registersOf(actor);
	memory.copy(SCRATCH, registers, load<u8>(actorRecord(actor), ACTOR_REGISTERS));
	for (let ran: u32 = 0; ran < TRANSIENT && number < lengthOf(actor); ran++) {
		const i = codeOf(actor, number);
		const op: u32 = load<u8>(i, CODE_OP);
		if (op == OP_FENCE) {
			const kind: u32 = load<u8>(i, CODE_KIND);
			if (kind == FENCE_SPECULATION || kind == FENCE_FULL) return;
		} else if (op == OP_JUMP) {
			number = load<u16>(i, CODE_TARGET);
			continue;
		} else if (op == OP_UNLESS) {
			if (!compare(load<u8>(i, CODE_KIND), left(i, SCRATCH), value(i, SCRATCH))) {
				number = load<u16>(i, CODE_TARGET);
				continue;
			}
		} else if (op == OP_SET) {
			setRegister(i, SCRATCH, compute(load<u8>(i, CODE_KIND), left(i, SCRATCH), value(i, SCRATCH)));
		} else if (op == OP_LOAD && load<u8>(i, CODE_PLACE) == IN_PAGE) {
			loadTransiently(i, SCRATCH);
		} else if (op > <u32>OP_LOCK) return;
		number++;
	}
}

/** A load that no program sees: it may not leave its mapping object. What it brings in may come in by itself at any time. */
export function loadTransiently(i: usize, registers: usize): void {
	const va: u32 = load<u8>(i, CODE_AT);
	if (lineIn(i, registers) >= <u32>load<u8>(p.vas + <usize>va * VA_SIZE, VA_BOUND)) raise(HAZARD_SPEC, va);
}

/** Registers of a transient run. */
const SCRATCH: usize = memory.data(16);
