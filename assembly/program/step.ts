import { PENDING_ACTOR, PENDING_AT } from "../../bindings/layout/block";
import {
	CODE_AT,
	CODE_FLAGS,
	CODE_LOOP,
	CODE_OP,
	CODE_PLACE,
	CODE_SIZE,
	CODE_TARGET,
	FLAG_JOINED,
	IN_PAGE,
	ON_NO_CPU,
	OP_EACH,
	OP_LOCAL_LAST,
	OP_RMW,
	OP_STORE,
	OP_UNLESS,
	WHOSE_PENDING,
} from "../../bindings/layout/program";
import { block, counterOf, registersOf } from "../machine/block";
import { tallyLine } from "../machine/tally";
import { lineWritten, performLoad, performRmw, THROUGH_CONDEMNED, write, writeLine } from "./access";
import { execute } from "./execute";
import { resolve, settle } from "./local";
import { addressOf, codeOf, cpuOf, lengthOf, stand, value } from "./operands";
import { pendingCode, storedValue, waitsForValue, weak } from "./pending";
import { beginsBody, ready } from "./ready";
import { CAPTURED, CONDEMNED, ON_MAPPING, ON_PAGE, pend, pendingAt, unpend } from "./window";

// One atomic step: of an actor, or of an operation that is under way. When it may be is in ready.ts, what an operation does in
// execute.ts; local instructions, which nobody else can see, run at once after it (local.ts).

/** An actor's step. `choice`: 0, or of a loop the CPU + 1, or of a guess 1 (falls through) or 2 (jumps). */
export function step(actor: u32, choice: u32): void {
	const cpu = cpuOf(actor);
	let number = <u32>load<u8>(counterOf(actor)) - 1;
	let i = codeOf(actor, number);
	const op: u32 = load<u8>(i, CODE_OP);
	if (op == OP_UNLESS) {
		pend(cpu, actor | CAPTURED, number, choice, 0);
		settle(actor, choice == 1 ? number + 1 : load<u16>(i, CODE_TARGET));
		return;
	}
	if (op == OP_EACH) {
		stand(choice - 1, <u32>load<u8>(i, CODE_LOOP) - 1);
		const begins = beginsBody(actor, number);
		i = codeOf(actor, ++number);
		if (!begins) {
			settle(actor, number);
			return;
		}
	}
	advance(actor, cpu, i, number);
}

/** The operations that an actor takes in one step, from instruction `number` on. */
export function advance(actor: u32, cpu: u32, i: usize, number: u32): void {
	execute(actor, cpu, i, number);
	const length = lengthOf(actor);
	while (++number < length) {
		i += CODE_SIZE;
		if (!(<u32>load<u8>(i, CODE_FLAGS) & FLAG_JOINED) || load<u8>(i, CODE_OP) <= <u32>OP_LOCAL_LAST) break;
		if (!ready(actor, cpu, i)) break;
		execute(actor, cpu, i, number);
	}
	settle(actor, number);
	if (weak() && cpu != <u32>ON_NO_CPU) resolve(cpu);
}

/** An actor's operation becomes pending. */
export function defer(actor: u32): void {
	const cpu = cpuOf(actor);
	const number = <u32>load<u8>(counterOf(actor)) - 1;
	issue(actor, cpu, codeOf(actor, number), number);
	settle(actor, number + 1);
	resolve(cpu);
}

/** An operation becomes pending. */
export function issue(actor: u32, cpu: u32, i: usize, number: u32): void {
	const registers = registersOf(actor);
	const op: u32 = load<u8>(i, CODE_OP);
	const isStore = op == OP_STORE;
	let by = actor;
	let written: u32 = 0;
	if (isStore && !(weak() && waitsForValue(cpu, actor, i))) {
		by |= CAPTURED;
		written = value(i, registers);
	}
	if (load<u8>(i, CODE_PLACE) != IN_PAGE) {
		pend(cpu, by, number, written, <u32>(addressOf(cpu, i) - block));
		return;
	}
	const va: u32 = load<u8>(i, CODE_AT);
	if (!isStore) {
		pend(cpu, by, number, 0, ON_MAPPING | va);
		return;
	}
	const found = lineWritten(cpu, i, registers);
	if (found == ~0) return;
	const line = found & ~THROUGH_CONDEMNED;
	tallyLine(line);
	pend(cpu, found & THROUGH_CONDEMNED ? by | CONDEMNED : by, number, written, line | ON_PAGE);
}

/** A pending operation is performed: all see it from now on. */
export function perform(cpu: u32, j: u32): void {
	const entry = pendingAt(cpu, j);
	const i = pendingCode(entry);
	const by: u32 = load<u8>(entry, PENDING_ACTOR);
	const actor = by & WHOSE_PENDING;
	switch (<u32>load<u8>(i, CODE_OP)) {
		case OP_STORE: {
			const at: u32 = load<u16>(entry, PENDING_AT);
			const written = storedValue(entry);
			if (at & ON_PAGE) writeLine(cpu, load<u8>(i, CODE_AT), at & ~ON_PAGE, (by & CONDEMNED) != 0, written);
			else write(block + at, i, written);
			break;
		}
		case OP_RMW:
			performRmw(actor, cpu, i);
			break;
		default:
			performLoad(actor, cpu, i, j);
	}
	unpend(cpu, j);
	if (weak()) resolve(cpu);
}
