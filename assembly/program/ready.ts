import { PENDING_ACTOR } from "../../bindings/layout/block";
import {
	CODE_AT,
	CODE_FLAGS,
	CODE_INDEX,
	CODE_KIND,
	CODE_LOOP,
	CODE_OP,
	CODE_TO,
	FLAG_BROADCAST,
	FLAG_OWN,
	FLAG_POSTED,
	HAS_ONE_PURGE,
	HAS_POSTED,
	HAS_STORES_FIRST,
	ON_NO_CPU,
	OP_AWAIT,
	OP_CLAIM,
	OP_EACH,
	OP_FENCE,
	OP_JOIN,
	OP_LOAD,
	OP_LOCAL_LAST,
	OP_LOCK,
	OP_MASK,
	OP_RMW,
	OP_STORE,
	OP_TLB_FLUSH,
	OP_TLB_SYNC,
	OP_UNLESS,
	RUNS_AS_THREAD,
	WHOSE_PENDING,
} from "../../bindings/layout/program";
import { counterOf, registersOf } from "../machine/block";
import { arePosted } from "../machine/posted";
import { read, visible } from "./access";
import { choose, codeOf, compare, isVisited, kindOf, lengthOf, p, value } from "./operands";
import { isAhead, isAwaited, isEmpty, isFree, isStoring, mayPass, pendingCode, weak } from "./pending";
import { pendingAt, pendingCount } from "./window";

// When an operation may run, become pending, or be performed.

/** Whether an actor's operation can run now. */
export function ready(actor: u32, cpu: u32, i: usize): bool {
	const op: u32 = load<u8>(i, CODE_OP);
	// Nothing holds a load up but a weak model.
	return (op == OP_LOAD && !weak()) || isReady(actor, cpu, i, op);
}

function isReady(actor: u32, cpu: u32, i: usize, op: u32): bool {
	if (cpu != <u32>ON_NO_CPU && p.window && op <= <u32>OP_LOCK) {
		if (weak()) {
			if (!isEmpty(cpu)) {
				if (!isFree(cpu, actor, load<u8>(i, CODE_TO)) || !mayPass(cpu, pendingCount(cpu), actor, i)) return false;
			}
		} else if (op == OP_STORE) return pendingCount(cpu) < p.window || (load<u8>(i, CODE_FLAGS) & FLAG_OWN) != 0;
		else if (op != OP_AWAIT && !isEmpty(cpu)) return false;
	}
	switch (op) {
		case OP_LOAD:
		case OP_STORE:
		case OP_RMW:
		case OP_FENCE:
		case OP_MASK:
			return true;
		case OP_AWAIT:
			return compare(load<u8>(i, CODE_KIND), visible(cpu, i), value(i, registersOf(actor)));
		case OP_LOCK:
			return read(cpu, i) == 0;
		case OP_JOIN: {
			const other: u32 = load<u8>(i, CODE_AT);
			return (
				load<u8>(counterOf(other)) == (kindOf(other) == RUNS_AS_THREAD ? lengthOf(other) + 1 : 0) && !isAhead(other)
			);
		}
		case OP_CLAIM:
			// What it rests on was loaded; its CPU's stores may still be on their way.
			if (isEmpty(cpu)) return true;
			for (let j: u32 = 0, count = pendingCount(cpu); j < count; j++) {
				if (load<u8>(pendingCode(pendingAt(cpu, j)), CODE_OP) != OP_STORE) return false;
			}
			return true;
		case OP_TLB_FLUSH:
			if (!mayFlush(cpu, i)) return false;
			break;
		case OP_TLB_SYNC:
			if (arePosted()) return false;
	}
	return isEmpty(cpu);
}

/** Whether nothing on other CPUs keeps an invalidation from being done, or posted. */
function mayFlush(cpu: u32, i: usize): bool {
	const flags: u32 = load<u8>(i, CODE_FLAGS);
	if (p.flags & HAS_ONE_PURGE && flags & (FLAG_POSTED | FLAG_BROADCAST) && arePosted()) return false;
	if (flags & FLAG_POSTED && p.flags & HAS_POSTED) return true;
	if (p.window == 0 || !(flags & FLAG_BROADCAST) || !(p.flags & HAS_STORES_FIRST)) return true;
	for (let other: u32 = 0; other < p.cpus; other++) {
		if (other != cpu && isStoring(other, load<u8>(i, CODE_KIND), load<u8>(i, CODE_AT))) return false;
	}
	return true;
}

/** Weak models: whether an actor's operation can become pending. */
export function mayDefer(actor: u32, cpu: u32, i: usize): bool {
	const op: u32 = load<u8>(i, CODE_OP);
	if (!weak() || cpu == <u32>ON_NO_CPU || op < <u32>OP_LOAD || op > <u32>OP_AWAIT) return false;
	if (pendingCount(cpu) >= p.window || !isFree(cpu, actor, load<u8>(i, CODE_TO))) return false;
	const index: u32 = load<u8>(i, CODE_INDEX);
	return index == 0 || !isAwaited(cpu, actor, index - 1);
}

/** Whether the branch that an actor stands at has to be guessed, and can be. */
export function mayGuess(actor: u32, cpu: u32, i: usize): bool {
	return load<u8>(i, CODE_OP) == OP_UNLESS && pendingCount(cpu) < p.window;
}

/** Whether the loop can go on to this CPU. */
export function mayVisit(actor: u32, cpu: u32, number: u32, other: u32): bool {
	const i = codeOf(actor, number);
	if (other == cpu || isVisited(other, <u32>load<u8>(i, CODE_LOOP) - 1)) return false;
	if (!beginsBody(actor, number)) return true;
	choose(other);
	const may = ready(actor, cpu, codeOf(actor, number + 1));
	choose(~0);
	return may;
}

/** Whether the choice of a CPU and the first operation there are one step. */
export function beginsBody(actor: u32, number: u32): bool {
	if (number + 1 >= lengthOf(actor)) return false;
	const op: u32 = load<u8>(codeOf(actor, number + 1), CODE_OP);
	return op > <u32>OP_LOCAL_LAST && op != OP_EACH;
}

/** Whether a pending operation may be performed now. */
export function mayPerform(cpu: u32, j: u32): bool {
	const entry = pendingAt(cpu, j);
	if (!weak()) return j == 0;
	const i = pendingCode(entry);
	const actor = load<u8>(entry, PENDING_ACTOR) & WHOSE_PENDING;
	const op: u32 = load<u8>(i, CODE_OP);
	if (op < <u32>OP_LOAD || op == OP_FENCE || !mayPass(cpu, j, actor, i)) return false;
	return op != OP_AWAIT || compare(load<u8>(i, CODE_KIND), read(cpu, i), value(i, registersOf(actor)));
}
