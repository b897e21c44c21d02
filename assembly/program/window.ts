import {
	PENDING_ACTOR,
	PENDING_AT,
	PENDING_CODE,
	PENDING_IS_CAPTURED,
	PENDING_IS_CONDEMNED,
	PENDING_IS_ON_PAGE,
	PENDING_VALUE,
} from "../../bindings/layout/block";
import {
	CODE_EXPECTED,
	CODE_FLAGS,
	CODE_INDEX,
	CODE_KIND,
	CODE_LEFT,
	CODE_OP,
	CODE_ORDER,
	CODE_TO,
	CODE_VALUE,
	FENCE_FULL,
	FENCE_RELEASE,
	FENCE_SPECULATION,
	FENCE_STORE,
	FLAG_EXPECTED_REGISTER,
	FLAG_LEFT_REGISTER,
	FLAG_VALUE_REGISTER,
	MODEL_ARM8,
	OP_AWAIT,
	OP_FENCE,
	OP_LOAD,
	OP_LOCK,
	OP_RMW,
	OP_SET,
	OP_STORE,
	OP_UNLESS,
	ORDER_ACQUIRE,
	ORDER_FULL,
	ORDER_RELEASE,
	RUNS_AS_THREAD,
	WHOSE_PENDING,
} from "../../bindings/layout/program";
import { counterOf, cpuAt, inWindow, PENDING_BYTES } from "../machine/block";
import { codeOf, cpuOf, kindOf, lengthOf, p } from "./operands";

// What a CPU has issued and not yet performed, oldest first: under TSO its store buffer, under the weak models loads and
// read-modify-writes too, with the fences, computations and guessed branches between them. Under SC it is empty.
//
// The weak models are "multi-copy-atomic weak": what is performed is visible to all at once. A branch on a value that is not
// there yet is guessed; a guess that turns out wrong was no execution, since the right one is searched as well. Loads run ahead
// of it: what is wrong with them counts when the guess turns out right, and is kept with it until then.

// The value of a guessed branch: 1 falls through, 2 jumps; from SUSPECTS on the hazards of loads behind it, a bit each, and where
// others have a line what these are about.
export const SUSPECTS: u32 = 2; // shift

export const CAPTURED: u32 = PENDING_IS_CAPTURED;
export const CONDEMNED: u32 = PENDING_IS_CONDEMNED;
export const ON_PAGE: u32 = PENDING_IS_ON_PAGE;
/** A load from a page, translated when it is performed. */
export const ON_MAPPING: u32 = 0x4000;

export function pendingCount(cpu: u32): u32 {
	return load<u8>(cpuAt(cpu) + inWindow);
}

export function pendingAt(cpu: u32, i: u32): usize {
	return cpuAt(cpu) + inWindow + 2 + <usize>i * PENDING_BYTES;
}

export function pend(cpu: u32, actor: u32, code: u32, value: u32, at: u32): void {
	const window = cpuAt(cpu) + inWindow;
	const count = <u32>load<u8>(window);
	const entry = pendingAt(cpu, count);
	store<u8>(entry, <u8>code, PENDING_CODE);
	store<u8>(entry, <u8>actor, PENDING_ACTOR);
	store<u8>(entry, <u8>value, PENDING_VALUE);
	store<u16>(entry, <u16>at, PENDING_AT);
	store<u8>(window, <u8>(count + 1));
}

/** Takes an entry out; what is free is zero, so that equal windows are equal bytes. */
export function unpend(cpu: u32, i: u32): void {
	const window = cpuAt(cpu) + inWindow;
	const count = <u32>load<u8>(window) - 1;
	store<u8>(window, <u8>count);
	const last = pendingAt(cpu, count);
	let at = pendingAt(cpu, i);
	for (; at < last; at += PENDING_BYTES) {
		store<u32>(at, load<u32>(at + PENDING_BYTES));
		store<u16>(at, load<u16>(at + PENDING_BYTES, 4), 4);
	}
	store<u32>(last, 0);
	store<u16>(last, 0, 4);
}

function loads(op: u32): bool {
	return op == OP_LOAD || op == OP_RMW || op == OP_AWAIT || op == OP_LOCK;
}

function stores(op: u32): bool {
	return op == OP_STORE || op == OP_RMW || op == OP_LOCK;
}

/** Whether an instruction takes a register that another one gives. */
export function readsRegister(i: usize, register: u32): bool {
	const flags = load<u8>(i, CODE_FLAGS);
	if (flags & FLAG_LEFT_REGISTER && load<u8>(i, CODE_LEFT) == register) return true;
	if (flags & FLAG_VALUE_REGISTER && load<u8>(i, CODE_VALUE) == register) return true;
	if (flags & FLAG_EXPECTED_REGISTER && load<u8>(i, CODE_EXPECTED) == register) return true;
	return load<u8>(i, CODE_INDEX) == register + 1;
}

/** Whether `later` has to wait until `earlier`, of the same CPU, is performed. `same`: they touch the same location. */
export function orders(model: u32, earlier: usize, later: usize, sameActor: bool, same: bool): bool {
	const first: u32 = load<u8>(earlier, CODE_OP);
	const second: u32 = load<u8>(later, CODE_OP);
	const to: u32 = load<u8>(earlier, CODE_TO);
	if (sameActor && to && readsRegister(later, to - 1)) return true;
	if (first == OP_FENCE) {
		const kind: u32 = load<u8>(earlier, CODE_KIND);
		if (kind == FENCE_STORE || kind == FENCE_RELEASE) return stores(second);
		return kind != FENCE_SPECULATION || loads(second);
	}
	if (second == OP_FENCE) {
		const kind: u32 = load<u8>(later, CODE_KIND);
		if (kind == FENCE_FULL || kind == FENCE_RELEASE) return true;
		return kind == FENCE_STORE ? stores(first) : loads(first) || first == OP_UNLESS;
	}
	if (second == OP_SET || second == OP_UNLESS || first == OP_SET) return false;
	// A control dependency holds back stores.
	if (first == OP_UNLESS) return stores(second);
	if (first == OP_AWAIT && stores(second)) return true;
	const firstOrder: u32 = load<u8>(earlier, CODE_ORDER);
	const secondOrder: u32 = load<u8>(later, CODE_ORDER);
	if (firstOrder == ORDER_FULL || secondOrder == ORDER_FULL) return true;
	if (firstOrder == ORDER_ACQUIRE && loads(first)) return true;
	if (secondOrder == ORDER_RELEASE && stores(second)) return true;
	// Store-release to load-acquire: what tells ARM8 from RCpc.
	if (model == MODEL_ARM8 && firstOrder == ORDER_RELEASE && secondOrder == ORDER_ACQUIRE) return true;
	return same;
}

/** Whether something runs ahead of what is not decided yet: of a branch, or of a value that another thread of its CPU may give. */
export function runsAhead(): bool {
	if (p.window == 0) return false;
	for (let cpu: u32 = 0; cpu < p.cpus; cpu++) {
		for (let j: u32 = 0, count = pendingCount(cpu); j < count; j++) {
			const entry = pendingAt(cpu, j);
			const actor: u32 = load<u8>(entry, PENDING_ACTOR) & WHOSE_PENDING;
			const op: u32 = load<u8>(codeOf(actor, load<u8>(entry, PENDING_CODE)), CODE_OP);
			if (op == OP_UNLESS || (op == OP_AWAIT && keepsOut(cpu, actor))) return true;
		}
	}
	return false;
}

/** Whether a CPU has another thread that is not at its end: as long as something is pending, there is no switch to it. */
function keepsOut(cpu: u32, actor: u32): bool {
	for (let other: u32 = 0; other < p.actorCount; other++) {
		if (other == actor || cpuOf(other) != cpu || kindOf(other) != RUNS_AS_THREAD) continue;
		if (load<u8>(counterOf(other)) <= lengthOf(other)) return true;
	}
	return false;
}
