import {
	HAZARD_BADPFN,
	HAZARD_DIRTY,
	HAZARD_LATEDIRTY,
	HAZARD_LATENT,
	HAZARD_LOSTW,
	HAZARD_MEMTYPE,
	HAZARD_OVERMAP,
	HAZARD_REFLEAK,
	HAZARD_REFUNDER,
	HAZARD_SPEC,
	HAZARD_STALE,
	HAZARD_TLB,
	HAZARD_UAI,
} from "../../bindings/layout/explore";
import { EVENT_FAULT } from "../../bindings/layout/hold";
import {
	ACTOR_REGISTERS,
	CACHE_OP_CLEAN,
	CACHE_OP_PURGE,
	CLAIM_BALANCED,
	CLAIM_FLUSHED,
	CLAIM_GAINED,
	CLAIM_HANDED_OVER,
	CLAIM_RECYCLED,
	CLAIM_RELEASED,
	CLAIM_UP_TO_DATE,
	CODE_AT,
	CODE_FLAGS,
	CODE_INDEX,
	CODE_KIND,
	CODE_LOOP,
	CODE_OP,
	CODE_PLACE,
	CODE_SIZE,
	CODE_TARGET,
	CODE_TO,
	CODE_VALUE,
	FENCE_FULL,
	FENCE_SPECULATION,
	FLAG_BROADCAST,
	FLAG_ITERATES,
	FLAG_JOINED,
	FLAG_KEEPS_GLOBAL,
	FLAG_OWN,
	FLAG_POSTED,
	FLAG_SPECULATES,
	FLAG_VALUE_REGISTER,
	FRAME_KIND,
	FRAME_REFERENCES,
	FRAME_SIZE,
	HAS_DMA_SNOOP,
	HAS_ONE_PURGE,
	HAS_POSTED,
	HAS_STORES_FIRST,
	HAS_TLB,
	IN_PAGE,
	IN_TABLE,
	IS_DIRTY,
	IS_MARKED,
	IS_RELEASED,
	IS_UNMAPPED,
	IS_WRITTEN,
	MASK_IRQ,
	MODEL_ARM8,
	MODEL_SC,
	MODEL_TSO,
	ON_NO_CPU,
	OP_AWAIT,
	OP_CACHE,
	OP_CACHE_ALL,
	OP_CLAIM,
	OP_DMA,
	OP_EACH,
	OP_FENCE,
	OP_FETCH,
	OP_FETCH_FLUSH,
	OP_INTERRUPT,
	OP_JOIN,
	OP_JUMP,
	OP_LOAD,
	OP_LOCAL_LAST,
	OP_LOCK,
	OP_MAP_AS,
	OP_MASK,
	OP_NEXT,
	OP_PAGE,
	OP_REF,
	OP_RMW,
	OP_SET,
	OP_STORE,
	OP_STRUCT_PAGE,
	OP_SWITCH,
	OP_TABLE_FREE,
	OP_TLB_FLUSH,
	OP_TLB_INSERT,
	OP_TLB_READ,
	OP_TLB_SYNC,
	OP_TLB_WRITE,
	OP_UNLESS,
	OP_WORK,
	PAGE_COMPOUND_HEAD,
	PAGE_COMPOUND_TAIL,
	PAGE_DRIVER,
	PAGE_NO_STRUCT,
	PAGE_RAM,
	PAGE_TAIL,
	PAGE_ZERO,
	PTE_CONDEMNED,
	PTE_FRAME,
	RUNS_AS_IRQ,
	RUNS_AS_THREAD,
	SCOPE_ALL,
	SCOPE_PAGE,
	TABLE_FREED,
	TABLE_LINKED,
	TO_CPU,
	TO_OTHERS,
	VA_BOUND,
	VA_SIZE,
	WHOSE_PENDING,
} from "../../bindings/layout/program";
import {
	atFrames,
	atReferences,
	atTables,
	block,
	counterOf,
	cpuAt,
	inFlags,
	inMm,
	registersOf,
} from "../machine/block";
import { tell } from "../machine/events";
import { aboutOf, hazards, raise, withdraw } from "../machine/hazard";
import {
	areTogether,
	claimUpToDate,
	condemnFrame,
	condemnOld,
	deviceReads,
	deviceWrites,
	dropTranslation,
	dropTranslations,
	fetchLine,
	flushAll,
	flushFetched,
	flushLine,
	frameFor,
	frameOfLine,
	isHeld,
	judge,
	lineOf,
	loadLine,
	readTranslation,
	storeLine,
	translate,
	walk,
	writeTranslation,
} from "../machine/pages";
import { arePosted, postAll, postOne } from "../machine/posted";
import { tallyFault, tallyFence, tallyLine, tallyRound, tallyWork } from "../machine/tally";
import {
	actorRecord,
	addressOf,
	choose,
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
	modified,
	p,
	stand,
	targetOf,
	value,
} from "./operands";
import {
	CAPTURED,
	CONDEMNED,
	ON_MAPPING,
	ON_PAGE,
	orders,
	PENDING_ACTOR,
	PENDING_AT,
	PENDING_CODE,
	PENDING_VALUE,
	pend,
	pendingAt,
	pendingCount,
	readsRegister,
	SUSPECTS,
	unpend,
} from "./window";

// One atomic step of an actor: when it may run (ready), and what it does (step). Local instructions, which nobody else can
// see, run at once after the step before them (settle).

// Flags of a CPU; above them, the actor + 1 (among those of its CPU) that masked interrupts or preemption.
export const IRQ_MASKED: u32 = 1;
export const PREEMPT_MASKED: u32 = 2;
export const IRQ_PENDING: u32 = 4;
export const NMI_PENDING: u32 = 8;
export const MASKED_BY: u32 = 4; // shift

/** What was guessed turned out wrong: this was no execution. */
export let infeasible: bool = false;
/** Something faulted (fault). */
export let faulted: bool = false;
/** An actor ran in circles without a step. */
export let runaway: bool = false;

/** Local instructions that an actor may run at a time. */
const MOST_LOCAL: u32 = 4096;
/** Instructions that run transiently on the wrong side of a branch. */
const TRANSIENT: u32 = 24;

export function beginStep(): void {
	infeasible = false;
	faulted = false;
}

/** An operation found no translation that lets it through, or no line behind it: it did nothing. */
function fault(cpu: u32, va: u32): void {
	faulted = true;
	tallyFault();
	tallyLine(~0);
	tell(EVENT_FAULT, cpu, va, 0);
}

export function weak(): bool {
	return p.model >= <u32>MODEL_ARM8;
}

function isEmpty(cpu: u32): bool {
	return p.window == 0 || cpu == <u32>ON_NO_CPU || pendingCount(cpu) == 0;
}

function pendingCode(entry: usize): usize {
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

function storedValue(entry: usize): u32 {
	if (load<u8>(entry, PENDING_ACTOR) & CAPTURED) return load<u8>(entry, PENDING_VALUE);
	return value(pendingCode(entry), registersOf(load<u8>(entry, PENDING_ACTOR) & WHOSE_PENDING));
}

/** Index of the youngest of the first `before` pending stores to a location, or -1. */
function forwarder(cpu: u32, before: u32, location: u32): i32 {
	for (let j = <i32>before - 1; j >= 0; j--) {
		const entry = pendingAt(cpu, j);
		if (load<u8>(pendingCode(entry), CODE_OP) == OP_STORE && <u32>load<u16>(entry, PENDING_AT) == location) return j;
	}
	return -1;
}

/** Weak models: whether an instruction may be performed although the first `before` pending ones have not been. */
function mayPass(cpu: u32, before: u32, actor: u32, i: usize): bool {
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
function isAwaited(cpu: u32, actor: u32, register: u32): bool {
	for (let j: u32 = 0, count = pendingCount(cpu); j < count; j++) {
		const entry = pendingAt(cpu, j);
		if ((load<u8>(entry, PENDING_ACTOR) & WHOSE_PENDING) != actor) continue;
		if (load<u8>(pendingCode(entry), CODE_TO) == register + 1) return true;
	}
	return false;
}

/** Weak models: whether a register may be written now: nothing pending gives or takes it. */
function isFree(cpu: u32, actor: u32, to: u32): bool {
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
function isRenewed(cpu: u32, actor: u32, i: usize): bool {
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
function waitsForValue(cpu: u32, actor: u32, i: usize): bool {
	for (let j: u32 = 0, count = pendingCount(cpu); j < count; j++) {
		const entry = pendingAt(cpu, j);
		if ((load<u8>(entry, PENDING_ACTOR) & WHOSE_PENDING) != actor) continue;
		const to: u32 = load<u8>(pendingCode(entry), CODE_TO);
		if (to && readsRegister(i, to - 1)) return true;
	}
	return false;
}

function read(cpu: u32, i: usize): u32 {
	const at = addressOf(cpu, i);
	const found: u32 = load<u8>(at);
	return load<u8>(i, CODE_PLACE) == IN_TABLE ? found & TABLE_LINKED : found;
}

function write(at: usize, i: usize, written: u32): void {
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
	if (flags & FLAG_POSTED && p.flags & HAS_POSTED) return !(p.flags & HAS_ONE_PURGE) || !arePosted();
	if (p.window == 0 || !(flags & FLAG_BROADCAST) || !(p.flags & HAS_STORES_FIRST)) return true;
	for (let other: u32 = 0; other < p.cpus; other++) {
		if (other != cpu && isStoring(other, load<u8>(i, CODE_KIND), load<u8>(i, CODE_AT))) return false;
	}
	return true;
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
function isAhead(actor: u32): bool {
	const cpu = cpuOf(actor);
	if (isEmpty(cpu)) return false;
	for (let j: u32 = 0, count = pendingCount(cpu); j < count; j++) {
		if ((load<u8>(pendingAt(cpu, j), PENDING_ACTOR) & WHOSE_PENDING) == actor) return true;
	}
	return false;
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
function beginsBody(actor: u32, number: u32): bool {
	if (number + 1 >= lengthOf(actor)) return false;
	const op: u32 = load<u8>(codeOf(actor, number + 1), CODE_OP);
	return op > <u32>OP_LOCAL_LAST && op != OP_EACH;
}

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
	const entry = isInBounds(i, registers) ? translate(cpu, va, true) : 0;
	const line = entry ? lineOf(entry >> PTE_FRAME, lineIn(i, registers)) : ~0;
	if (line == ~0) {
		fault(cpu, va);
		return;
	}
	tallyLine(line);
	pend(cpu, entry & PTE_CONDEMNED ? by | CONDEMNED : by, number, written, line | ON_PAGE);
}

function setRegister(i: usize, registers: usize, to: u32): void {
	const register: u32 = load<u8>(i, CODE_TO);
	if (register) store<u8>(registers + register - 1, <u8>to);
}

function isInBounds(i: usize, registers: usize): bool {
	const va: u32 = load<u8>(i, CODE_AT);
	if (lineIn(i, registers) < <u32>load<u8>(p.vas + <usize>va * VA_SIZE, VA_BOUND)) return true;
	raise(HAZARD_OVERMAP, va);
	return false;
}

/** A load is performed. `before`: pending operations that come before it. */
function performLoad(actor: u32, cpu: u32, i: usize, before: u32): void {
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
function settleSuspects(actor: u32, cpu: u32, j: u32): void {
	const entry = pendingAt(cpu, j);
	const which = <u32>load<u8>(entry, PENDING_VALUE) >> SUSPECTS;
	if (which == 0) return;
	const about = <u32>load<u16>(entry, PENDING_AT) & ~ON_PAGE;
	const older = guessAmong(actor, cpu, j);
	if (older >= 0) keepSuspects(pendingAt(cpu, older), which, about);
	else for (let k: u32 = 0; k < 4; k++) if ((which >> k) & 1) raise(suspect(k), about);
}

function loadNow(actor: u32, cpu: u32, i: usize, before: u32): void {
	const registers = registersOf(actor);
	if (load<u8>(i, CODE_PLACE) != IN_PAGE) {
		const j = before ? forwarder(cpu, before, <u32>(addressOf(cpu, i) - block)) : -1;
		setRegister(i, registers, j >= 0 ? storedValue(pendingAt(cpu, j)) : read(cpu, i));
		return;
	}
	const va: u32 = load<u8>(i, CODE_AT);
	const entry = isInBounds(i, registers) ? translate(cpu, va, false) : 0;
	const line = entry ? lineOf(entry >> PTE_FRAME, lineIn(i, registers)) : ~0;
	if (line == ~0) {
		setRegister(i, registers, 0);
		fault(cpu, va);
		return;
	}
	tallyLine(line);
	judge(entry >> PTE_FRAME, (entry & PTE_CONDEMNED) != 0, false, va);
	const j = before ? forwarder(cpu, before, line | ON_PAGE) : -1;
	setRegister(i, registers, j >= 0 ? storedValue(pendingAt(cpu, j)) : loadLine(cpu, va, line));
}

/** A store is performed that was translated to a line when it was issued. */
function writeLine(cpu: u32, va: u32, line: u32, condemned: bool, written: u32): void {
	tallyLine(line);
	judge(frameOfLine(line), condemned, true, va);
	storeLine(cpu, va, line, written);
}

function performRmw(actor: u32, cpu: u32, i: usize): void {
	const registers = registersOf(actor);
	const at = addressOf(cpu, i);
	const old = read(cpu, i);
	write(at, i, modified(i, old, registers));
	setRegister(i, registers, old);
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
			if (falls != ((load<u8>(entry, PENDING_VALUE) & 3) == 1)) infeasible = true;
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
			runaway = true;
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

/** A load that no program sees, but that leaves its trace in the caches: it may not leave its mapping object. */
export function loadTransiently(i: usize, registers: usize): void {
	const va: u32 = load<u8>(i, CODE_AT);
	if (lineIn(i, registers) >= <u32>load<u8>(p.vas + <usize>va * VA_SIZE, VA_BOUND)) raise(HAZARD_SPEC, va);
}

/** Registers of a transient run. */
const SCRATCH: usize = memory.data(16);

/** What an operation does, at once. */
export function execute(actor: u32, cpu: u32, i: usize, number: u32): void {
	const op: u32 = load<u8>(i, CODE_OP);
	const at: u32 = load<u8>(i, CODE_AT);
	const kind: u32 = load<u8>(i, CODE_KIND);
	const registers = registersOf(actor);
	switch (op) {
		case OP_LOAD:
		case OP_AWAIT:
			if (weak()) performLoad(actor, cpu, i, isEmpty(cpu) ? 0 : pendingCount(cpu));
			else loadNow(actor, cpu, i, isEmpty(cpu) ? 0 : pendingCount(cpu));
			break;
		case OP_STORE:
			// Where nobody else looks there, nobody can tell when a store is performed.
			if (p.model == <u32>MODEL_TSO && cpu != <u32>ON_NO_CPU && !(load<u8>(i, CODE_FLAGS) & FLAG_OWN)) {
				issue(actor, cpu, i, number);
			} else if (load<u8>(i, CODE_PLACE) == IN_PAGE) {
				const entry = isInBounds(i, registers) ? translate(cpu, at, true) : 0;
				const line = entry ? lineOf(entry >> PTE_FRAME, lineIn(i, registers)) : ~0;
				if (line == ~0) fault(cpu, at);
				else writeLine(cpu, at, line, (entry & PTE_CONDEMNED) != 0, value(i, registers));
			} else write(addressOf(cpu, i), i, value(i, registers));
			break;
		case OP_RMW:
			performRmw(actor, cpu, i);
			break;
		case OP_LOCK:
			store<u8>(addressOf(cpu, i), <u8>(actor + 1));
			break;
		case OP_TLB_FLUSH:
			flushTranslations(cpu, i, kind, at);
			break;
		case OP_TLB_INSERT:
			if (p.flags & HAS_TLB && walk(cpu, at) == 0) fault(cpu, at);
			break;
		case OP_TLB_WRITE:
			writeTranslation(cpu, at, value(i, registers));
			break;
		case OP_TLB_READ:
			setRegister(i, registers, readTranslation(cpu, at));
			break;
		case OP_FETCH: {
			const entry = isInBounds(i, registers) ? translate(cpu, at, false) : 0;
			const line = entry ? lineOf(entry >> PTE_FRAME, lineIn(i, registers)) : ~0;
			if (line == ~0) {
				setRegister(i, registers, 0);
				fault(cpu, at);
				break;
			}
			tallyLine(line);
			judge(entry >> PTE_FRAME, (entry & PTE_CONDEMNED) != 0, false, at);
			setRegister(i, registers, fetchLine(cpu, at, line));
			break;
		}
		case OP_FETCH_FLUSH: {
			const frame = kind ? ~0 : frameFor(cpu, at);
			const line = frame == ~0 ? ~0 : lineOf(frame, lineIn(i, registers));
			if (line == ~0 && kind == 0) {
				fault(cpu, at);
				break;
			}
			tallyLine(line);
			for (let other: u32 = 0; other < p.cpus; other++) {
				if (other == cpu || load<u8>(i, CODE_FLAGS) & FLAG_BROADCAST) flushFetched(other, at, line);
			}
			break;
		}
		case OP_SWITCH:
			if (kind && p.flags & HAS_TLB) dropTranslations(cpu, load<u8>(cpuAt(cpu) + inMm), true);
			store<u8>(cpuAt(cpu) + inMm, <u8>(at + 1));
			break;
		case OP_CACHE: {
			const frame = frameFor(cpu, at);
			const line = frame == ~0 ? ~0 : lineOf(frame, lineIn(i, registers));
			if (line == ~0) {
				fault(cpu, at);
				break;
			}
			tallyLine(line);
			const levels: u32 = load<u8>(i, CODE_VALUE);
			const lost = flushLine(cpu, at, line, kind != CACHE_OP_PURGE, kind != CACHE_OP_CLEAN, levels);
			if (lost) raise(HAZARD_LOSTW, line);
			break;
		}
		case OP_CACHE_ALL:
			flushAll(cpu);
			break;
		case OP_INTERRUPT: {
			const bit = kind == RUNS_AS_IRQ ? IRQ_PENDING : NMI_PENDING;
			const to: u32 = load<u8>(i, CODE_PLACE);
			if (to != TO_OTHERS) {
				request(to == TO_CPU ? at : targetOf(cpu, i), bit);
				break;
			}
			for (let other: u32 = 0; other < p.cpus; other++) if (other != cpu) request(other, bit);
			break;
		}
		case OP_MASK: {
			const flags = cpuAt(cpu) + inFlags;
			const bit = kind == MASK_IRQ ? IRQ_MASKED : PREEMPT_MASKED;
			const masked = (<u32>load<u8>(flags) & ~bit) | (load<u8>(i, CODE_VALUE) ? bit : 0);
			// Who masked is the one thread that may run meanwhile.
			const by = masked & (IRQ_MASKED | PREEMPT_MASKED) && kindOf(actor) == RUNS_AS_THREAD ? ordinalOf(actor) + 1 : 0;
			store<u8>(flags, <u8>((masked & 15) | (by << MASKED_BY)));
			break;
		}
		case OP_TABLE_FREE:
			store<u8>(block + atTables + at, load<u8>(block + atTables + at) | TABLE_FREED);
			break;
		case OP_PAGE:
			if (kind) clean(at);
			else markDirty(at);
			break;
		case OP_REF:
			refer(at, kind != 0);
			break;
		case OP_STRUCT_PAGE:
			if (load<u8>(p.frames + <usize>at * FRAME_SIZE, FRAME_KIND) == PAGE_NO_STRUCT) raise(HAZARD_BADPFN, at);
			break;
		case OP_MAP_AS:
			if (isRam(at) != (kind == 0)) raise(HAZARD_MEMTYPE, at);
			break;
		case OP_DMA: {
			const line = lineOf(at, lineIn(i, registers));
			const snoops = (p.flags & HAS_DMA_SNOOP) != 0;
			if (kind) deviceWrites(line, value(i, registers), snoops);
			else setRegister(i, registers, deviceReads(line, snoops));
			break;
		}
		case OP_CLAIM:
			claim(actor, cpu, i, kind, at);
			break;
	}
}

/** An interrupt is on its way to a CPU. */
function request(cpu: u32, bit: u32): void {
	const flags = cpuAt(cpu) + inFlags;
	store<u8>(flags, load<u8>(flags) | <u8>bit);
}

/** Position of an actor among those of its CPU. */
export function ordinalOf(actor: u32): u32 {
	let ordinal: u32 = 0;
	for (let other: u32 = 0; other < actor; other++) if (cpuOf(other) == cpuOf(actor)) ordinal++;
	return ordinal;
}

function flushTranslations(cpu: u32, i: usize, scope: u32, at: u32): void {
	if (!(p.flags & HAS_TLB)) return;
	const flags: u32 = load<u8>(i, CODE_FLAGS);
	const everywhere = (flags & FLAG_BROADCAST) != 0;
	const posted = (flags & FLAG_POSTED) != 0 && (p.flags & HAS_POSTED) != 0;
	const keeps = (flags & FLAG_KEEPS_GLOBAL) != 0;
	const mm = scope == SCOPE_ALL ? 0 : at + 1;
	const end = everywhere ? p.cpus : cpu + 1;
	for (let c: u32 = everywhere ? 0 : cpu; c < end; c++) {
		if (scope == SCOPE_PAGE) {
			if (posted) postOne(c, at);
			else dropTranslation(c, at);
		} else if (posted) postAll(c, mm, keeps);
		else dropTranslations(c, mm, keeps);
	}
}

/** Whether a frame is memory, for the purpose of caching. */
function isRam(frame: u32): bool {
	const kind: u32 = load<u8>(p.frames + <usize>frame * FRAME_SIZE, FRAME_KIND);
	return (
		kind == PAGE_RAM ||
		kind == PAGE_DRIVER ||
		kind == PAGE_ZERO ||
		kind == PAGE_TAIL ||
		kind == PAGE_COMPOUND_HEAD ||
		kind == PAGE_COMPOUND_TAIL
	);
}

function frameFlags(frame: u32): usize {
	return block + atFrames + frame;
}

function markDirty(frame: u32): void {
	const at = frameFlags(frame);
	const flags: u32 = load<u8>(at);
	if (flags & IS_UNMAPPED) raise(HAZARD_LATEDIRTY, frame);
	store<u8>(at, <u8>((flags & ~IS_WRITTEN) | IS_DIRTY | IS_MARKED));
}

/** Writes the page out: what was marked is safe, what is written later needs a new mark. */
function clean(frame: u32): void {
	const at = frameFlags(frame);
	store<u8>(at, load<u8>(at) & ~(IS_DIRTY | IS_MARKED));
}

/** The page loses its last mapping: all that was written must have been marked since. */
function unmap(frame: u32): void {
	const at = frameFlags(frame);
	const flags: u32 = load<u8>(at);
	if (flags & IS_WRITTEN) raise(flags & IS_MARKED ? HAZARD_LATEDIRTY : HAZARD_DIRTY, frame);
	store<u8>(at, <u8>(flags | IS_UNMAPPED));
}

function refer(frame: u32, put: bool): void {
	const at = block + atReferences + frame;
	const count: u32 = load<u8>(at);
	const first: u32 = load<u8>(p.frames + <usize>frame * FRAME_SIZE, FRAME_REFERENCES);
	// A put that leaves fewer references than others hold, or takes the last one of a page that is in use.
	if (put && (count <= first || count == 1)) raise(HAZARD_REFUNDER, frame);
	store<u8>(at, <u8>(put ? (count ? count - 1 : 0) : min(count + 1, 255)));
}

function claim(actor: u32, cpu: u32, i: usize, kind: u32, at: u32): void {
	switch (kind) {
		case CLAIM_RELEASED:
			store<u8>(frameFlags(at), load<u8>(frameFlags(at)) | IS_RELEASED);
			break;
		case CLAIM_RECYCLED:
			condemnFrame(at);
			condemnPending(at);
			break;
		case CLAIM_FLUSHED:
			condemnOld(at);
			break;
		case CLAIM_HANDED_OVER:
			if (isHeld(at, true, false)) raise(HAZARD_LATENT, at);
			break;
		case CLAIM_GAINED:
			if (isHeld(at, false, load<u8>(i, CODE_VALUE) == 0)) raise(HAZARD_LATENT, at);
			break;
		case CLAIM_UP_TO_DATE:
			claimUpToDate(load<u8>(i, CODE_VALUE) ? targetOf(cpu, i) : cpu, at);
			break;
		case CLAIM_BALANCED:
			if (load<u8>(block + atReferences + at) > load<u8>(p.frames + <usize>at * FRAME_SIZE, FRAME_REFERENCES)) {
				raise(HAZARD_REFLEAK, at);
			}
			break;
		default:
			unmap(at);
	}
}

/** Stores to this frame that were translated before, and are not performed yet. */
function condemnPending(frame: u32): void {
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
