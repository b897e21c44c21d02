import { PENDING_ACTOR, PENDING_AT, PENDING_CODE, PENDING_VALUE } from "../../bindings/layout/block";
import {
	CODE_AT,
	CODE_FLAGS,
	CODE_OP,
	CODE_PLACE,
	CODE_TO,
	FLAG_VALUE_REGISTER,
	IN_PAGE,
	MODEL_ARM8,
	ON_NO_CPU,
	OP_FENCE,
	OP_LOAD,
	OP_SET,
	OP_STORE,
	OP_UNLESS,
	SCOPE_PAGE,
	WHOSE_PENDING,
} from "../../bindings/layout/program";
import { block, registersOf } from "../machine/block";
import { areTogether, frameFor, frameOfLine, lineOf } from "../machine/pages";
import { addressOf, codeOf, cpuOf, lineIn, p, value } from "./operands";
import { CAPTURED, CONDEMNED, ON_MAPPING, ON_PAGE, orders, pendingAt, pendingCount, readsRegister } from "./window";

// What is under way on a CPU: which operation each entry of its window is, what it reads and writes, what it keeps waiting.

export function weak(): bool {
	return p.model >= <u32>MODEL_ARM8;
}

export function isEmpty(cpu: u32): bool {
	return p.window == 0 || cpu == <u32>ON_NO_CPU || pendingCount(cpu) == 0;
}

export function pendingCode(entry: usize): usize {
	return codeOf(load<u8>(entry, PENDING_ACTOR) & WHOSE_PENDING, load<u8>(entry, PENDING_CODE));
}

/** What tells locations apart: an offset in the block, or a line of a page. ~0: not known before it is translated. */
function locationOf(cpu: u32, i: usize, registers: usize): u32 {
	if (load<u8>(i, CODE_PLACE) != IN_PAGE) return <u32>(addressOf(cpu, i) - block);
	const frame = frameFor(cpu, load<u8>(i, CODE_AT));
	const line = frame == ~0 ? ~0 : lineOf(frame, lineIn(i, registers));
	return line == ~0 ? ~0 : line | ON_PAGE;
}

function pendingLocation(cpu: u32, entry: usize): u32 {
	const at: u32 = load<u16>(entry, PENDING_AT);
	if ((at & (ON_PAGE | ON_MAPPING)) != ON_MAPPING) return at;
	const actor = load<u8>(entry, PENDING_ACTOR) & WHOSE_PENDING;
	return locationOf(cpu, pendingCode(entry), registersOf(actor));
}

function isKnown(cpu: u32, entry: usize): bool {
	if (load<u8>(entry, PENDING_ACTOR) & CAPTURED) return true;
	const i = pendingCode(entry);
	return !(load<u8>(i, CODE_FLAGS) & FLAG_VALUE_REGISTER);
}

export function storedValue(entry: usize): u32 {
	if (load<u8>(entry, PENDING_ACTOR) & CAPTURED) return load<u8>(entry, PENDING_VALUE);
	return value(pendingCode(entry), registersOf(load<u8>(entry, PENDING_ACTOR) & WHOSE_PENDING));
}

/** Index of the youngest of the first `before` pending stores to a location, or -1. */
export function forwarder(cpu: u32, before: u32, location: u32): i32 {
	for (let j = <i32>before - 1; j >= 0; j--) {
		const entry = pendingAt(cpu, j);
		if (load<u8>(pendingCode(entry), CODE_OP) == OP_STORE && <u32>load<u16>(entry, PENDING_AT) == location) return j;
	}
	return -1;
}

/** Weak models: whether an instruction may be performed although the first `before` pending ones have not been. */
export function mayPass(cpu: u32, before: u32, actor: u32, i: usize): bool {
	const op: u32 = load<u8>(i, CODE_OP);
	const memory = op != OP_FENCE && op != OP_SET && op != OP_UNLESS;
	const location = memory ? locationOf(cpu, i, registersOf(actor)) : ~0;
	const forwarded = op == OP_LOAD && location != ~0 ? forwarder(cpu, before, location) : -1;
	for (let j: u32 = 0; j < before; j++) {
		const entry = pendingAt(cpu, j);
		const other = pendingCode(entry);
		const sameActor = (load<u8>(entry, PENDING_ACTOR) & WHOSE_PENDING) == actor;
		const otherOp: u32 = load<u8>(other, CODE_OP);
		const otherMemory = otherOp != OP_FENCE && otherOp != OP_SET && otherOp != OP_UNLESS;
		let same = memory && otherMemory && (location == ~0 || pendingLocation(cpu, entry) == location);
		// A load may take what an earlier store of its CPU will write.
		if (same && otherOp == OP_STORE && forwarded >= 0 && <i32>j <= forwarded) {
			if (<i32>j == forwarded && !isKnown(cpu, entry)) return false;
			same = false;
		}
		if (orders(p.model, other, i, sameActor, same)) return false;
	}
	return true;
}

/** Whether something pending of this actor gives a register. */
export function isAwaited(cpu: u32, actor: u32, register: u32): bool {
	for (let j: u32 = 0, count = pendingCount(cpu); j < count; j++) {
		const entry = pendingAt(cpu, j);
		if ((load<u8>(entry, PENDING_ACTOR) & WHOSE_PENDING) != actor) continue;
		if (load<u8>(pendingCode(entry), CODE_TO) == register + 1) return true;
	}
	return false;
}

/** Weak models: whether a register may be written now: nothing pending gives or takes it. */
export function isFree(cpu: u32, actor: u32, to: u32): bool {
	if (to == 0) return true;
	for (let j: u32 = 0, count = pendingCount(cpu); j < count; j++) {
		const entry = pendingAt(cpu, j);
		if ((load<u8>(entry, PENDING_ACTOR) & WHOSE_PENDING) != actor) continue;
		const i = pendingCode(entry);
		if (load<u8>(i, CODE_TO) == to) return false;
		if (load<u8>(entry, PENDING_ACTOR) & CAPTURED) continue;
		if (readsRegister(i, to - 1)) return false;
	}
	return true;
}

/** Weak models: whether a computation changes a register that comes from what is pending, and that nothing else still takes. */
export function isRenewed(cpu: u32, actor: u32, i: usize): bool {
	const to: u32 = load<u8>(i, CODE_TO);
	if (!readsRegister(i, to - 1)) return false;
	for (let j: u32 = 0, count = pendingCount(cpu); j < count; j++) {
		const entry = pendingAt(cpu, j);
		if ((load<u8>(entry, PENDING_ACTOR) & WHOSE_PENDING) != actor) continue;
		// Who gives the register comes first, and so does what it takes from it.
		const other = pendingCode(entry);
		if (load<u8>(other, CODE_TO) == to || load<u8>(entry, PENDING_ACTOR) & CAPTURED) continue;
		if (readsRegister(other, to - 1)) return false;
	}
	return true;
}

/** Weak models: whether a value that an instruction takes is not there yet. */
export function waitsForValue(cpu: u32, actor: u32, i: usize): bool {
	for (let j: u32 = 0, count = pendingCount(cpu); j < count; j++) {
		const entry = pendingAt(cpu, j);
		if ((load<u8>(entry, PENDING_ACTOR) & WHOSE_PENDING) != actor) continue;
		const to: u32 = load<u8>(pendingCode(entry), CODE_TO);
		if (to && readsRegister(i, to - 1)) return true;
	}
	return false;
}

/** Whether a CPU has stores under way that were translated by what an invalidation removes: it is done when they are. */
export function isStoring(cpu: u32, scope: u32, at: u32): bool {
	if (p.window == 0) return false;
	for (let j: u32 = 0, count = pendingCount(cpu); j < count; j++) {
		const entry = pendingAt(cpu, j);
		if (!(<u32>load<u16>(entry, PENDING_AT) & ON_PAGE)) continue;
		const i = pendingCode(entry);
		if (load<u8>(i, CODE_OP) != OP_STORE) continue;
		if (scope != SCOPE_PAGE || areTogether(load<u8>(i, CODE_AT), at)) return true;
	}
	return false;
}

/** Whether something that an actor did is not visible to all yet. */
export function isAhead(actor: u32): bool {
	const cpu = cpuOf(actor);
	if (isEmpty(cpu)) return false;
	for (let j: u32 = 0, count = pendingCount(cpu); j < count; j++) {
		if ((load<u8>(pendingAt(cpu, j), PENDING_ACTOR) & WHOSE_PENDING) == actor) return true;
	}
	return false;
}

/** Stores to this frame that were translated before, and are not performed yet. */
export function condemnPending(frame: u32): void {
	if (p.window == 0) return;
	for (let cpu: u32 = 0; cpu < p.cpus; cpu++) {
		for (let j: u32 = 0, count = pendingCount(cpu); j < count; j++) {
			const entry = pendingAt(cpu, j);
			const at: u32 = load<u16>(entry, PENDING_AT);
			if (!(at & ON_PAGE) || frameOfLine(at & ~ON_PAGE) != frame) continue;
			store<u8>(entry, load<u8>(entry, PENDING_ACTOR) | <u8>CONDEMNED, PENDING_ACTOR);
		}
	}
}
