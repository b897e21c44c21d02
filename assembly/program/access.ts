import { PENDING_ACTOR, PENDING_AT, PENDING_VALUE } from "../../bindings/layout/block";
import { HAZARD_OVERMAP, HAZARD_STALE, HAZARD_TLB, HAZARD_UAI } from "../../bindings/layout/explore";
import {
	CODE_AT,
	CODE_OP,
	CODE_PLACE,
	CODE_TO,
	IN_PAGE,
	IN_TABLE,
	ON_NO_CPU,
	OP_UNLESS,
	PTE_CONDEMNED,
	PTE_FRAME,
	TABLE_FREED,
	TABLE_LINKED,
	VA_BOUND,
	VA_SIZE,
	WHOSE_PENDING,
} from "../../bindings/layout/program";
import { block, registersOf } from "../machine/block";
import { aboutOf, hazards, raise, withdraw } from "../machine/hazard";
import { frameOfLine, judge, lineOf, loadLine, storeLine, translate } from "../machine/pages";
import { tallyLine } from "../machine/tally";
import { addressOf, lineIn, modified, p } from "./operands";
import { fault } from "./outcome";
import { forwarder, isEmpty, pendingCode, storedValue, weak } from "./pending";
import { ON_PAGE, pendingAt, pendingCount, SUSPECTS } from "./window";

// Loads, stores and what both do at once: of variables, and of pages through a translation.

export function read(cpu: u32, i: usize): u32 {
	const at = addressOf(cpu, i);
	const found: u32 = load<u8>(at);
	return load<u8>(i, CODE_PLACE) == IN_TABLE ? found & TABLE_LINKED : found;
}

export function write(at: usize, i: usize, written: u32): void {
	if (load<u8>(i, CODE_PLACE) == IN_TABLE) written = (load<u8>(at) & TABLE_FREED) | (written & TABLE_LINKED);
	store<u8>(at, <u8>written);
}

/** What a load sees: its CPU's own youngest pending store, or memory. */
export function visible(cpu: u32, i: usize): u32 {
	if (!isEmpty(cpu)) {
		const j = forwarder(cpu, pendingCount(cpu), <u32>(addressOf(cpu, i) - block));
		if (j >= 0) return storedValue(pendingAt(cpu, j));
	}
	return read(cpu, i);
}

export function setRegister(i: usize, registers: usize, to: u32): void {
	const register: u32 = load<u8>(i, CODE_TO);
	if (register) store<u8>(registers + register - 1, <u8>to);
}

export function isInBounds(i: usize, registers: usize): bool {
	const va: u32 = load<u8>(i, CODE_AT);
	if (lineIn(i, registers) < <u32>load<u8>(p.vas + <usize>va * VA_SIZE, VA_BOUND)) return true;
	raise(HAZARD_OVERMAP, va);
	return false;
}

/** A load is performed. `before`: pending operations that come before it. */
export function performLoad(actor: u32, cpu: u32, i: usize, before: u32): void {
	const guess = before ? guessAmong(actor, cpu, before) : -1;
	const known = hazards;
	loadNow(actor, cpu, i, before);
	if (guess < 0) return;
	for (let k: u32 = 0; k < 4; k++) {
		const hazard = suspect(k);
		if (!(hazards & ~known & ((<u32>1) << hazard))) continue;
		withdraw((<u32>1) << hazard);
		keepSuspects(pendingAt(cpu, guess), (<u32>1) << k, aboutOf(hazard));
	}
}

/** What a load can do wrong that does not matter if it is not executed. A walk does matter. */
function suspect(k: u32): u32 {
	return k == 0 ? HAZARD_STALE : k == 1 ? HAZARD_UAI : k == 2 ? HAZARD_TLB : HAZARD_OVERMAP;
}

/** Index of the youngest branch that an actor has guessed, among the first `before` pending, or -1. */
function guessAmong(actor: u32, cpu: u32, before: u32): i32 {
	if (!weak() || cpu == <u32>ON_NO_CPU) return -1;
	for (let j = <i32>before - 1; j >= 0; j--) {
		const entry = pendingAt(cpu, j);
		if ((load<u8>(entry, PENDING_ACTOR) & WHOSE_PENDING) != actor) continue;
		if (load<u8>(pendingCode(entry), CODE_OP) == OP_UNLESS) return j;
	}
	return -1;
}

function keepSuspects(entry: usize, which: u32, about: u32): void {
	store<u8>(entry, load<u8>(entry, PENDING_VALUE) | <u8>(which << SUSPECTS), PENDING_VALUE);
	store<u16>(entry, <u16>(about | ON_PAGE), PENDING_AT);
}

/** A guess was right: what was done wrong behind it was done, unless that hangs on another one. */
export function settleSuspects(actor: u32, cpu: u32, j: u32): void {
	const entry = pendingAt(cpu, j);
	const which = <u32>load<u8>(entry, PENDING_VALUE) >> SUSPECTS;
	if (which == 0) return;
	const about = <u32>load<u16>(entry, PENDING_AT) & ~ON_PAGE;
	const older = guessAmong(actor, cpu, j);
	if (older >= 0) keepSuspects(pendingAt(cpu, older), which, about);
	else for (let k: u32 = 0; k < 4; k++) if ((which >> k) & 1) raise(suspect(k), about);
}

export function loadNow(actor: u32, cpu: u32, i: usize, before: u32): void {
	const registers = registersOf(actor);
	if (load<u8>(i, CODE_PLACE) != IN_PAGE) {
		const j = before ? forwarder(cpu, before, <u32>(addressOf(cpu, i) - block)) : -1;
		setRegister(i, registers, j >= 0 ? storedValue(pendingAt(cpu, j)) : read(cpu, i));
		return;
	}
	const line = lineRead(cpu, i, registers);
	if (line == ~0) return;
	const j = before ? forwarder(cpu, before, line | ON_PAGE) : -1;
	const found = j >= 0 ? storedValue(pendingAt(cpu, j)) : loadLine(cpu, load<u8>(i, CODE_AT), line);
	setRegister(i, registers, found);
}

/** The line that a load or fetch of a page reads; ~0: it faulted, and gives 0. */
export function lineRead(cpu: u32, i: usize, registers: usize): u32 {
	const va: u32 = load<u8>(i, CODE_AT);
	const entry = isInBounds(i, registers) ? translate(cpu, va, false) : 0;
	const line = entry ? lineOf(entry >> PTE_FRAME, lineIn(i, registers)) : ~0;
	if (line == ~0) {
		setRegister(i, registers, 0);
		fault(cpu, va);
		return ~0;
	}
	tallyLine(line);
	judge(entry >> PTE_FRAME, (entry & PTE_CONDEMNED) != 0, false, va);
	return line;
}

/** Of a line to be written: through a translation that was to be dropped. */
export const THROUGH_CONDEMNED: u32 = 1 << 31;

/** The line that a store to a page writes, perhaps THROUGH_CONDEMNED; ~0: it faulted. */
export function lineWritten(cpu: u32, i: usize, registers: usize): u32 {
	const va: u32 = load<u8>(i, CODE_AT);
	const entry = isInBounds(i, registers) ? translate(cpu, va, true) : 0;
	const line = entry ? lineOf(entry >> PTE_FRAME, lineIn(i, registers)) : ~0;
	if (line == ~0) {
		fault(cpu, va);
		return ~0;
	}
	return entry & PTE_CONDEMNED ? line | THROUGH_CONDEMNED : line;
}

/** A store is performed that was translated to a line when it was issued. */
export function writeLine(cpu: u32, va: u32, line: u32, condemned: bool, written: u32): void {
	tallyLine(line);
	judge(frameOfLine(line), condemned, true, va);
	storeLine(cpu, va, line, written);
}

export function performRmw(actor: u32, cpu: u32, i: usize): void {
	const registers = registersOf(actor);
	const at = addressOf(cpu, i);
	const old = read(cpu, i);
	write(at, i, modified(i, old, registers));
	setRegister(i, registers, old);
}
