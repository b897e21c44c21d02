import {
	COST_ATOMIC,
	COST_CLASSES,
	COST_CONTEXT_SWITCH,
	COST_FAULT,
	COST_FENCE_FULL,
	COST_FENCE_ORDER,
	COST_FENCE_SPECULATION,
	COST_FLUSH_ABSENT,
	COST_FLUSH_ALL,
	COST_FLUSH_CLEAN,
	COST_FLUSH_DIRTY,
	COST_INTERRUPT,
	COST_IPI_DELIVER,
	COST_IPI_SEND,
	COST_LEVEL1,
	COST_LINE_CORE,
	COST_LINE_SHARED,
	COST_LINE_SOCKET,
	COST_MEMORY,
	COST_STEP,
	COST_STORE,
	COST_SWITCH,
	COST_TLB_ALL,
	COST_TLB_PAGE,
	COST_WAIT,
	COST_WAIT_FLUSHES,
	COST_WAIT_LINE,
	COST_WAIT_PURGE,
	COST_WAIT_STORES,
	COST_WALK,
	RAN_ACTIONS,
	RAN_ACTORS,
	RAN_BYTES,
	RAN_COUNTS,
	RAN_DONE,
	RAN_END,
	RAN_HAZARDS,
	RAN_LANES,
	RAN_LOG,
	RAN_LOGGED,
	RAN_MISSING,
	RAN_NO_MEMORY,
	RAN_NO_PRICE,
	RAN_PAUSED,
	RAN_RUNAWAY,
	RAN_SPENT,
	RAN_STUCK,
	RAN_TIME,
	ROUND_COUNT,
	ROUND_FIRST,
	ROUND_LAST,
	ROUND_MOST_SAMPLES,
	ROUND_PAUSED,
	ROUND_PAUSED_BEFORE,
	ROUND_SAMPLES,
	ROUND_SAMPLES_AT,
	ROUND_SIZE,
	RUN_ACTOR,
	RUN_FLUSHES,
	RUN_JITTER,
	RUN_PAUSE,
	RUN_PRICES,
	RUN_PURGES,
	RUN_SEED,
	RUN_SOCKET,
	RUN_WORKS,
} from "../../bindings/layout/cost";
import { ACT_DELIVER, ACT_PERFORM, ACT_STEP } from "../../bindings/layout/explore";
import {
	CODE_AT,
	CODE_FLAGS,
	CODE_KIND,
	CODE_LOOP,
	CODE_OP,
	CODE_PLACE,
	FENCE_COMPILER,
	FENCE_FULL,
	FENCE_SPECULATION,
	FLAG_BROADCAST,
	FLAG_JOINED,
	FLAG_OWN,
	HAS_TLB,
	IN_PAGE,
	MODEL_ARM8,
	MODEL_TSO,
	ON_NO_CPU,
	OP_AWAIT,
	OP_CACHE,
	OP_CACHE_ALL,
	OP_EACH,
	OP_FENCE,
	OP_INTERRUPT,
	OP_JOIN,
	OP_LOAD,
	OP_LOCAL_LAST,
	OP_LOCK,
	OP_REF,
	OP_RMW,
	OP_STORE,
	OP_SWITCH,
	OP_TLB_FLUSH,
	RUNS_AS_DEVICE,
	RUNS_AS_IRQ,
	RUNS_AS_THREAD,
	SCOPE_PAGE,
	TO_CPU,
	TO_OTHERS,
} from "../../bindings/layout/program";
import { block, blockSize, counterOf, cpuAt, inFlags, registersOf, work } from "../machine/block";
import { clearHazards, hazards } from "../machine/hazard";
import { allocate, status } from "../machine/heap";
import { frameFor, lineOf } from "../machine/pages";
import {
	clearTally,
	FENCE_TALLY,
	faults,
	foundClean,
	foundDirty,
	misses,
	rounds,
	walks,
	workCount,
	works,
} from "../machine/tally";
import { irqHandler, NONE, nmiHandler, start } from "../program/machine";
import {
	addressOf,
	choose,
	codeOf,
	cpuOf,
	isVisited,
	kindOf,
	lengthOf,
	lineIn,
	p,
	targetOf,
} from "../program/operands";
import { beginStep, IRQ_MASKED, MASKED_BY, mayVisit, ordinalOf, ready, runaway } from "../program/step";
import { ON_PAGE, PENDING_AT, pendingAt, pendingCount } from "../program/window";
import { apply } from "./actions";

// One schedule of a program on simulated clocks. Each CPU has a clock; what happens next is what happens first. What an action
// does is the same as when it is explored (actions.ts: apply); here it is only decided when it happens, and what it costs.
//
// An action has its effect when it begins, and its CPU goes on when its price is paid. A store that waits in a store buffer is
// performed when its line is there; who waits for a value, a lock or an end is woken by the write. Devices are lanes behind the
// CPUs.
//
//   lane    NEXT   when its thread or handler goes on, Infinity: it waits
//           DRAIN  when its oldest pending store is performed
//           IRQ, NMI  when an interrupt reaches it
//   line    who wrote it last, who has read it since, until when it is on its way: [ readers u64 | busy f64 | writer + 1 u32 ]

const NEXT = 0; // f64
const DRAIN = 8; // f64
const IRQ = 16; // f64
const NMI = 24; // f64
const EVENT = 32; // f64: the first of these that can happen
const SINCE = 40; // f64: since when it waits
const CURRENT = 48; // u32: the thread that ran last, or NONE
const WAITS = 52; // u32: COST_WAIT*, or 0: it is idle, or runs
const LANE: usize = 56;

const READERS = 0;
const BUSY = 8;
const WRITER = 16;
const LINE: usize = 24;

const MOST_FLUSHES: u32 = 16;
const NOWHERE: u32 = ~0;
/** What an actor waits for that is no address: its CPU's stores. */
const FOR_STORES: u32 = ~1;

const RECORD = memory.data(RAN_BYTES);

let state: usize = 0;
let setup: usize = 0;
let prices: usize = 0;
let classes: u32 = 0;
let lanes: u32 = 0;
let lane: usize = 0;
/** A tree over the lanes, u8 each: which comes first. The leaves are the lanes themselves. */
let tree: usize = 0;
let leaves: u32 = 0;
let lines: usize = 0;
/** Whether somebody waits at each byte of the block, u8, and what each actor waits for, u32. */
let watched: usize = 0;
let waitsFor: usize = 0;
/** Threads of each lane, u8, and the first of them. */
let threads: usize = 0;
let flights: usize = 0;
let purges: usize = 0;
let spent: usize = 0;
let counts: usize = 0;
let actors: usize = 0;
let log: usize = 0;
let mostLogged: u32 = 0;
let logged: u32 = 0;
let ran: u64 = 0;
let seen: u32 = 0;
let jitter: f64 = 0;
let random: u64 = 0;
let missing: u32 = NOWHERE;
let measured: u32 = 0;
let pause: u32 = 0;
let over: bool = false;

/** The clock of the lane that acts. */
let t: f64 = 0;
let who: u32 = 0;

function laneAt(n: u32): usize {
	return lane + <usize>n * LANE;
}

function laneOf(actor: u32): u32 {
	if (kindOf(actor) != RUNS_AS_DEVICE) return cpuOf(actor);
	let n = p.cpus;
	for (let other: u32 = 0; other < actor; other++) if (kindOf(other) == RUNS_AS_DEVICE) n++;
	return n;
}

/** Sets up a run of the program that was built. `most`: actions that are logged. */
export function costBegin(from: usize, most: u32): bool {
	setup = from;
	prices = from + RUN_PRICES;
	classes = <u32>COST_CLASSES + load<u32>(from, RUN_WORKS);
	lanes = p.cpus;
	for (let actor: u32 = 0; actor < p.actorCount; actor++) if (kindOf(actor) == RUNS_AS_DEVICE) lanes++;
	leaves = 1;
	while (leaves < lanes) leaves <<= 1;
	state = allocate(blockSize);
	lane = allocate(<u64>leaves * LANE);
	tree = allocate(leaves);
	lines = allocate(<u64>(blockSize + p.lines) * LINE);
	watched = allocate(blockSize);
	waitsFor = allocate((<u64>p.actorCount) << 2);
	threads = allocate((<u64>lanes) << 1);
	flights = allocate((<u64>lanes * MOST_FLUSHES) << 3);
	purges = allocate(MOST_FLUSHES << 3);
	spent = allocate((<u64>lanes * classes) << 3);
	counts = allocate((<u64>lanes * classes) << 3);
	actors = allocate(<u64>p.actorCount * ROUND_SIZE);
	log = allocate((<u64>most) << 2);
	mostLogged = most;
	logged = 0;
	ran = 0;
	seen = 0;
	missing = NOWHERE;
	over = false;
	jitter = load<f64>(from, RUN_JITTER);
	random = load<u64>(from, RUN_SEED) * 0x9e3779b97f4a7c15 + 0x1234567;
	if (random == 0) random = 1;
	measured = load<u32>(from, RUN_ACTOR);
	pause = load<u32>(from, RUN_PAUSE);
	if (status) return false;
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		const kind = kindOf(actor);
		if (kind != RUNS_AS_THREAD && kind != RUNS_AS_DEVICE) continue;
		const at = threads + ((<usize>laneOf(actor)) << 1);
		if (load<u8>(at) == 0) store<u8>(at, <u8>actor, 1);
		store<u8>(at, load<u8>(at) + 1);
		store<u32>(actors + <usize>actor * ROUND_SIZE, <u32>allocate(ROUND_MOST_SAMPLES << 3), ROUND_SAMPLES_AT);
	}
	if (status) return false;
	memory.fill(rounds, 0, 64 << 2);
	restart(0);
	return true;
}

/** The program begins anew; the clocks go on, and what is in caches stays. */
function restart(now: f64): void {
	memory.copy(state, start, blockSize);
	work(state);
	memory.fill(waitsFor, 0xff, (<usize>p.actorCount) << 2);
	memory.fill(watched, 0, blockSize);
	// Leaves that are no lanes never come first.
	for (let n = lanes; n < leaves; n++) {
		store<f64>(laneAt(n), Infinity, EVENT);
		settle(n);
	}
	for (let n: u32 = 0; n < lanes; n++) {
		const at = laneAt(n);
		store<f64>(at, now, NEXT);
		store<f64>(at, Infinity, DRAIN);
		store<f64>(at, Infinity, IRQ);
		store<f64>(at, Infinity, NMI);
		store<u32>(at, NONE, CURRENT);
		store<u32>(at, 0, WAITS);
		refresh(n);
	}
	over = false;
}

/** What was spent and counted so far is forgotten: the warm-up is over. */
export function costReset(): void {
	memory.fill(spent, 0, (<usize>(lanes * classes)) << 3);
	memory.fill(counts, 0, (<usize>(lanes * classes)) << 3);
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		const at = actors + <usize>actor * ROUND_SIZE;
		store<u32>(at, 0, ROUND_COUNT);
		store<u32>(at, 0, ROUND_SAMPLES);
		store<f64>(at, load<f64>(at, ROUND_LAST), ROUND_FIRST);
		store<f64>(at, 0, ROUND_PAUSED);
		store<f64>(at, 0, ROUND_PAUSED_BEFORE);
	}
}

/** Goes on until the measured actor has made `until` rounds, or `most` actions more have happened. */
export function costRun(until: u32, most: u32): usize {
	work(state);
	let end: u32 = RAN_PAUSED;
	const rounded = actors + <usize>measured * ROUND_SIZE;
	for (let i: u32 = 0; ; i++) {
		if (load<u32>(rounded, ROUND_COUNT) >= until) {
			end = RAN_DONE;
			break;
		}
		if (i == most) break;
		const n: u32 = leaves > 1 ? load<u8>(tree, 1) : 0;
		const now = load<f64>(laneAt(n), EVENT);
		if (now == Infinity) {
			end = RAN_STUCK;
			break;
		}
		who = n;
		t = now;
		happen(n, now);
		if (over) restart(t);
		else refresh(n);
		if (missing != NOWHERE || runaway || status) {
			end = missing != NOWHERE ? RAN_NO_PRICE : status ? RAN_NO_MEMORY : RAN_RUNAWAY;
			break;
		}
	}
	store<u32>(RECORD, end, RAN_END);
	store<u32>(RECORD, missing, RAN_MISSING);
	store<u32>(RECORD, seen, RAN_HAZARDS);
	store<u32>(RECORD, logged, RAN_LOGGED);
	store<u64>(RECORD, ran, RAN_ACTIONS);
	store<u32>(RECORD, <u32>spent, RAN_SPENT);
	store<u32>(RECORD, <u32>counts, RAN_COUNTS);
	store<u32>(RECORD, <u32>actors, RAN_ACTORS);
	store<u32>(RECORD, <u32>log, RAN_LOG);
	store<u32>(RECORD, lanes, RAN_LANES);
	store<f64>(RECORD, t, RAN_TIME);
	return RECORD;
}

// Which lane comes first.

function refresh(n: u32): void {
	const at = laneAt(n);
	const next = load<f64>(at, NEXT);
	let event = min(next, load<f64>(at, DRAIN));
	if (load<f64>(at, IRQ) < Infinity || load<f64>(at, NMI) < Infinity) event = min(event, deliverable(n));
	store<f64>(at, event, EVENT);
	settle(n);
}

function settle(n: u32): void {
	for (let node = (leaves + n) >> 1; node; node >>= 1) {
		const left = node << 1 < leaves ? <u32>load<u8>(tree + (node << 1)) : (node << 1) - leaves;
		const right = node << 1 < leaves ? <u32>load<u8>(tree + (node << 1), 1) : left + 1;
		const isRight = load<f64>(laneAt(right), EVENT) < load<f64>(laneAt(left), EVENT);
		store<u8>(tree + node, <u8>(isRight ? right : left));
	}
}

function runs(actor: u32): bool {
	return actor != NONE && load<u8>(counterOf(actor)) != 0;
}

/** When the next interrupt of a CPU is taken; Infinity: not as things are. */
function deliverable(n: u32): f64 {
	const at = laneAt(n);
	const nmi = nmiHandler(n);
	if (runs(nmi)) return Infinity;
	const busy = load<f64>(at, NEXT);
	const from = busy < Infinity ? busy : 0;
	const first = load<f64>(at, NMI);
	if (first < Infinity) return max(first, from);
	if (load<u8>(cpuAt(n) + inFlags) & IRQ_MASKED || runs(irqHandler(n))) return Infinity;
	return max(load<f64>(at, IRQ), from);
}

// Time and money.

function priceOf(kind: u32): f64 {
	const price = load<f64>(prices + ((<usize>kind) << 3));
	// biome-ignore lint/suspicious/noGlobalIsNan: of a number, in AssemblyScript.
	if (isNaN(price)) {
		missing = kind;
		return 0;
	}
	if (jitter == 0) return price;
	random ^= random << 13;
	random ^= random >> 7;
	random ^= random << 17;
	return price * (1 + jitter * ((<f64>(random >> 11) * 2) / 9007199254740992.0 - 1));
}

function note(n: u32, kind: u32, time: f64): void {
	const at = (<usize>(n * classes + kind)) << 3;
	store<f64>(spent + at, load<f64>(spent + at) + time);
	store<f64>(counts + at, load<f64>(counts + at) + 1);
}

/** The lane that acts spends what something costs. */
function pay(kind: u32): void {
	spend(kind, priceOf(kind));
}

function spend(kind: u32, time: f64): void {
	if (time == 0) return;
	note(who, kind, time);
	t += time;
}

function waitUntil(kind: u32, until: f64): void {
	if (until > t) spend(kind, until - t);
}

// Lines that CPUs share.

function lineAt(location: u32): usize {
	return lines + <usize>location * LINE;
}

let reachedAt: f64 = 0;

/**
 * A CPU gets a line, to read or to write it: what it is, and from when on it is on its way. What of it was anybody's before
 * comes from memory.
 */
function reach(n: u32, location: u32, writes: bool, now: f64): u32 {
	reachedAt = now;
	if (n >= p.cpus) return COST_MEMORY;
	const at = lineAt(location);
	const me = (<u64>1) << n;
	const readers = load<u64>(at, READERS);
	const writer = load<u32>(at, WRITER);
	if (writer == n + 1) return COST_LEVEL1;
	if (!writes && readers & me) return COST_LEVEL1;
	let kind: u32 = COST_LINE_SHARED;
	if (writer || (writes && (readers & ~me) != 0)) {
		const holder = writer ? writer - 1 : <u32>ctz(readers & ~me);
		const socket = load<u32>(setup, RUN_SOCKET);
		kind = holder / socket == n / socket ? COST_LINE_CORE : COST_LINE_SOCKET;
		const busy = load<f64>(at, BUSY);
		if (busy > now) reachedAt = busy;
		store<f64>(at, reachedAt + load<f64>(prices + ((<usize>kind) << 3)), BUSY);
	} else if (readers == 0) kind = COST_MEMORY;
	else if (writes) kind = COST_LEVEL1;
	if (writes) {
		store<u32>(at, n + 1, WRITER);
		store<u64>(at, me, READERS);
	} else {
		store<u64>(at, readers | me | (writer ? (<u64>1) << (writer - 1) : 0), READERS);
		store<u32>(at, 0, WRITER);
	}
	return kind;
}

/** The lane that acts reads or writes a location: `held` is what it pays where it has the line. */
function access(location: u32, writes: bool, held: u32): void {
	const kind = reach(who, location, writes, t);
	waitUntil(COST_WAIT_LINE, reachedAt);
	if (kind != COST_LEVEL1) pay(kind);
	if (kind == COST_LEVEL1 || held == COST_ATOMIC) pay(held);
}

/** The oldest store of a CPU sets out. */
function sendOff(n: u32, now: f64): void {
	const at = laneAt(n);
	if (pendingCount(n) == 0) {
		store<f64>(at, Infinity, DRAIN);
		return;
	}
	const where: u32 = load<u16>(pendingAt(n, 0), PENDING_AT);
	const kind = reach(n, where & ON_PAGE ? <u32>blockSize + (where & ~ON_PAGE) : where, true, now);
	store<f64>(at, reachedAt + priceOf(kind == COST_LEVEL1 ? COST_STORE : kind), DRAIN);
}

// Waiting.

function wait(actor: u32, on: u32): void {
	store<u32>(waitsFor + ((<usize>actor) << 2), on);
	if (on < FOR_STORES) store<u8>(watched + on, 1);
}

/** What the waiting of a lane is charged to; 0: it is idle. */
function waitOf(n: u32): u32 {
	let found: u32 = 0;
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		const on = load<u32>(waitsFor + ((<usize>actor) << 2));
		if (on == NOWHERE || laneOf(actor) != n) continue;
		if (on == FOR_STORES) return COST_WAIT_STORES;
		found = COST_WAIT;
	}
	return found;
}

function isWaiting(actor: u32): bool {
	return load<u32>(waitsFor + ((<usize>actor) << 2)) != NOWHERE;
}

/** A lane that waited goes on. */
function resume(n: u32, now: f64): void {
	const at = laneAt(n);
	if (load<f64>(at, NEXT) < Infinity) return;
	const kind = load<u32>(at, WAITS);
	if (kind) note(n, kind, now - load<f64>(at, SINCE));
	store<u32>(at, 0, WAITS);
	store<f64>(at, now, NEXT);
}

/** Something was written: who waits for it looks again. */
function wake(on: u32, now: f64): void {
	if (on >= <u32>blockSize || load<u8>(watched + on) == 0) return;
	store<u8>(watched + on, 0);
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		const at = waitsFor + ((<usize>actor) << 2);
		if (load<u32>(at) != on) continue;
		store<u32>(at, NOWHERE);
		const n = laneOf(actor);
		resume(n, now);
		if (n != who) refresh(n);
	}
}

function offsetOf(actor: u32): u32 {
	return <u32>(counterOf(actor) - block);
}

// What happens.

function act(action: u32): void {
	if (logged < mostLogged) {
		store<u32>(log + ((<usize>logged) << 2), action);
		logged++;
	}
	ran++;
	clearTally();
	clearHazards();
	beginStep();
	apply(action);
	seen |= hazards;
}

function happen(n: u32, now: f64): void {
	const at = laneAt(n);
	if (load<f64>(at, DRAIN) <= now) {
		drain(n, now);
		return;
	}
	if (load<f64>(at, IRQ) < Infinity || load<f64>(at, NMI) < Infinity) {
		if (deliverable(n) <= now) {
			deliver(n, now);
			return;
		}
	}
	const actor = chooseActor(n);
	if (actor != NONE) stepOf(actor);
	// Where there are others, they may have the CPU while one waits.
	const alone = load<u8>(threads + ((<usize>n) << 1)) < 2;
	const stays = actor == NONE || (alone && isWaiting(actor));
	store<f64>(at, stays ? Infinity : t, NEXT);
	if (stays) {
		store<f64>(at, t, SINCE);
		store<u32>(at, waitOf(n), WAITS);
	}
}

function drain(n: u32, now: f64): void {
	const where: u32 = load<u16>(pendingAt(n, 0), PENDING_AT);
	act(((<u32>ACT_PERFORM) << 24) | (n << 16));
	wake(where & ON_PAGE ? NOWHERE : where, now);
	sendOff(n, now);
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		if (load<u32>(waitsFor + ((<usize>actor) << 2)) != FOR_STORES || cpuOf(actor) != n) continue;
		store<u32>(waitsFor + ((<usize>actor) << 2), NOWHERE);
		resume(n, now);
	}
}

function deliver(n: u32, now: f64): void {
	const at = laneAt(n);
	const isNmi = load<f64>(at, NMI) < Infinity;
	store<f64>(at + <usize>(isNmi ? NMI : IRQ), Infinity);
	resume(n, now);
	act(((<u32>ACT_DELIVER) << 24) | (n << 16) | ((isNmi ? nmiHandler(n) : irqHandler(n)) << 8));
	payWork();
	if (!runs(isNmi ? nmiHandler(n) : irqHandler(n))) pay(COST_INTERRUPT);
	store<f64>(at, t, NEXT);
}

/** Who has the lane: a handler, the thread that had it, or another one that can go on. */
function chooseActor(n: u32): u32 {
	if (n < p.cpus) {
		const nmi = nmiHandler(n);
		if (runs(nmi)) return nmi;
		const irq = irqHandler(n);
		if (runs(irq)) return irq;
	}
	const at = laneAt(n);
	const have = threads + ((<usize>n) << 1);
	const count: u32 = load<u8>(have);
	if (count == 0) return NONE;
	if (count == 1) return canGo(load<u8>(have, 1)) ? <u32>load<u8>(have, 1) : NONE;
	const current = load<u32>(at, CURRENT);
	const by = n < p.cpus ? <u32>load<u8>(cpuAt(n) + inFlags) >> MASKED_BY : 0;
	if (current != NONE && canGo(current)) return current;
	// What is pending of one thread holds the others up.
	if (n < p.cpus && p.window && pendingCount(n)) return NONE;
	const from = current == NONE ? 0 : current + 1;
	for (let i: u32 = 0; i < p.actorCount; i++) {
		const actor = (from + i) % p.actorCount;
		if (laneOf(actor) != n || (kindOf(actor) != RUNS_AS_THREAD && kindOf(actor) != RUNS_AS_DEVICE)) continue;
		if (!canGo(actor) || (by && by != ordinalOf(actor) + 1)) continue;
		if (current != NONE && current != actor) pay(COST_CONTEXT_SWITCH);
		store<u32>(at, actor, CURRENT);
		return actor;
	}
	return NONE;
}

function canGo(actor: u32): bool {
	return !isWaiting(actor) && <u32>load<u8>(counterOf(actor)) <= lengthOf(actor);
}

/** What an actor that cannot go on waits for. */
function hold(actor: u32, cpu: u32, i: usize): void {
	if (cpu != <u32>ON_NO_CPU && p.window && pendingCount(cpu)) {
		wait(actor, FOR_STORES);
		return;
	}
	const op: u32 = load<u8>(i, CODE_OP);
	const on = op == OP_JOIN ? offsetOf(load<u8>(i, CODE_AT)) : <u32>(addressOf(cpu, i) - block);
	wait(actor, on);
}

function stepOf(actor: u32): void {
	const cpu = cpuOf(actor);
	const number = <u32>load<u8>(counterOf(actor)) - 1;
	let i = codeOf(actor, number);
	let choice: u32 = 0;
	let first = number;
	if (load<u8>(i, CODE_OP) == OP_EACH) {
		const loop = <u32>load<u8>(i, CODE_LOOP) - 1;
		let other: u32 = 0;
		while (other < p.cpus && !mayVisit(actor, cpu, number, other)) other++;
		const body = codeOf(actor, number + 1);
		const begins = <u32>load<u8>(body, CODE_OP) > <u32>OP_LOCAL_LAST && load<u8>(body, CODE_OP) != OP_EACH;
		if (other == p.cpus) {
			other = 0;
			while (other < p.cpus && (other == cpu || isVisited(other, loop))) other++;
			choose(other);
			hold(actor, cpu, body);
			choose(~0);
			return;
		}
		choice = other + 1;
		if (begins) {
			i = body;
			first = number + 1;
		} else i = 0;
		choose(other);
	} else if (!ready(actor, cpu, i)) {
		hold(actor, cpu, i);
		return;
	}
	const now = t;
	// Where the operations of this step reach, before they do.
	let count: u32 = 0;
	if (i) {
		do {
			locate(count++, cpu, actor, i);
			if (first + count >= lengthOf(actor)) break;
			i = codeOf(actor, first + count);
		} while (
			(<u32>load<u8>(i, CODE_FLAGS) & FLAG_JOINED) != 0 &&
			<u32>load<u8>(i, CODE_OP) > <u32>OP_LOCAL_LAST &&
			count < MOST_JOINED
		);
	}
	choose(~0);
	const before = load<u32>(rounds + ((<usize>actor) << 2));
	act(((<u32>ACT_STEP) << 24) | (actor << 16) | (choice << 8));
	for (let k: u32 = 0; k < count; k++) charge(codeOf(actor, first + k), load<u32>(places + ((<usize>k) << 2)), now);
	payRules();
	payWork();
	if (t == now) t += NOTHING;
	const counter: u32 = load<u8>(counterOf(actor));
	const kind = kindOf(actor);
	if (counter == 0) {
		pay(COST_INTERRUPT);
	} else if (counter > lengthOf(actor)) {
		wake(offsetOf(actor), now);
		if (actor == measured) {
			endRound(actor);
			over = true;
		}
	} else if (kind == RUNS_AS_THREAD || kind == RUNS_AS_DEVICE) {
		if (load<u32>(rounds + ((<usize>actor) << 2)) != before) endRound(actor);
	}
}

/** So that time goes on through steps that cost nothing: ns. */
const NOTHING: f64 = 0.001;
const MOST_JOINED: u32 = 32;
/** Locations that the operations of a step reach, u32. */
const places: usize = memory.data(32 << 2);

function locate(k: u32, cpu: u32, actor: u32, i: usize): void {
	const op: u32 = load<u8>(i, CODE_OP);
	let place = NOWHERE;
	if (op == OP_CACHE || (op >= <u32>OP_LOAD && op <= <u32>OP_LOCK && op != OP_FENCE)) {
		if (op == OP_CACHE || load<u8>(i, CODE_PLACE) == IN_PAGE) {
			const frame = frameFor(cpu, load<u8>(i, CODE_AT));
			const line = frame == ~0 ? ~0 : lineOf(frame, lineIn(i, registersOf(actor)));
			if (line != ~0) place = <u32>blockSize + line;
		} else place = <u32>(addressOf(cpu, i) - block);
	} else if (op == OP_INTERRUPT && load<u8>(i, CODE_PLACE) != TO_OTHERS) {
		place = load<u8>(i, CODE_PLACE) == TO_CPU ? <u32>load<u8>(i, CODE_AT) : targetOf(cpu, i);
	}
	store<u32>(places + ((<usize>k) << 2), place);
}

/** What an operation costs, apart from what its rules did on the way. */
function charge(i: usize, place: u32, now: f64): void {
	const op: u32 = load<u8>(i, CODE_OP);
	const kind: u32 = load<u8>(i, CODE_KIND);
	const inPage = load<u8>(i, CODE_PLACE) == IN_PAGE;
	switch (op) {
		case OP_LOAD:
		case OP_AWAIT:
			if (place == NOWHERE) break;
			if (inPage && p.levelCount) payLevel();
			else access(place, false, COST_LEVEL1);
			break;
		case OP_STORE:
			if (place == NOWHERE) break;
			if (p.model == <u32>MODEL_TSO && !(load<u8>(i, CODE_FLAGS) & FLAG_OWN) && who < p.cpus) {
				pay(COST_STORE);
				// Not when the work that follows is done, too.
				if (load<f64>(laneAt(who), DRAIN) == Infinity) sendOff(who, t);
			} else if (inPage && p.levelCount) {
				if (misses) payLevel();
				else pay(COST_STORE);
			} else {
				access(place, true, COST_STORE);
				if (!inPage) wake(place, now);
			}
			break;
		case OP_RMW:
		case OP_LOCK:
			access(place, true, COST_ATOMIC);
			wake(place, now);
			break;
		case OP_FENCE:
			payFence(kind);
			break;
		case OP_TLB_FLUSH:
			purge(kind == SCOPE_PAGE ? COST_TLB_PAGE : COST_TLB_ALL, (load<u8>(i, CODE_FLAGS) & FLAG_BROADCAST) != 0);
			break;
		case OP_SWITCH:
			pay(COST_SWITCH);
			break;
		case OP_CACHE:
			flush(place);
			break;
		case OP_CACHE_ALL:
			pay(COST_FLUSH_ALL);
			break;
		case OP_INTERRUPT:
			for (let n: u32 = 0; n < p.cpus; n++) {
				if (place == NOWHERE ? n == who : n != place) continue;
				pay(COST_IPI_SEND);
				const at = laneAt(n) + <usize>(kind == RUNS_AS_IRQ ? IRQ : NMI);
				store<f64>(at, min(load<f64>(at), t + priceOf(COST_IPI_DELIVER)));
				if (n != who) refresh(n);
			}
			break;
		case OP_REF:
			pay(COST_ATOMIC);
			break;
	}
}

/** The level of the machine's caches that answered. */
function payLevel(): void {
	pay(misses >= p.levelCount ? COST_MEMORY : <u32>COST_LEVEL1 + misses);
}

function payRules(): void {
	if (p.flags & HAS_TLB) for (let k: u32 = 0; k < walks; k++) pay(COST_WALK);
	for (let k: u32 = 0; k < faults; k++) pay(COST_FAULT);
}

function payWork(): void {
	for (let k: u32 = 0; k < workCount; k++) {
		const at = works + ((<usize>k) << 3);
		const what = load<u32>(at);
		if (what >= FENCE_TALLY) {
			payFence(what - FENCE_TALLY);
			continue;
		}
		const times: f64 = load<u32>(at, 4);
		const time = priceOf(<u32>COST_CLASSES + what) * times;
		spend(<u32>COST_CLASSES + what, time);
		if (what == pause) addPause(time);
	}
}

function payFence(kind: u32): void {
	if (kind == FENCE_COMPILER) return;
	if (kind == FENCE_SPECULATION) {
		pay(COST_FENCE_SPECULATION);
		return;
	}
	for (let slot: usize = 0; slot < MOST_FLUSHES; slot++) {
		waitUntil(COST_WAIT_FLUSHES, load<f64>(flights + ((<usize>(who * MOST_FLUSHES) + slot) << 3)));
	}
	if (kind == FENCE_FULL) pay(COST_FENCE_FULL);
	else if (p.model >= <u32>MODEL_ARM8) pay(COST_FENCE_ORDER);
}

/** The first of some slots to be free. */
function firstFree(slots: usize, count: u32): usize {
	let best = slots;
	for (let k: u32 = 1; k < count; k++) {
		const at = slots + ((<usize>k) << 3);
		if (load<f64>(at) < load<f64>(best)) best = at;
	}
	return best;
}

/** A purge that goes to all waits until there is room for it on the bus. */
function purge(kind: u32, everywhere: bool): void {
	const room = load<u32>(setup, RUN_PURGES);
	if (!everywhere || room == 0) {
		pay(kind);
		return;
	}
	const slot = firstFree(purges, min(room, MOST_FLUSHES));
	waitUntil(COST_WAIT_PURGE, load<f64>(slot));
	pay(kind);
	store<f64>(slot, t);
}

/** Several flushes may be under way at a time: then a flush holds up the one that finds no room, and fences. */
function flush(place: u32): void {
	let kind: u32 = foundDirty ? COST_FLUSH_DIRTY : foundClean ? COST_FLUSH_CLEAN : COST_FLUSH_ABSENT;
	if (p.levelCount == 0 && place != NOWHERE) {
		const at = lineAt(place);
		kind = load<u32>(at, WRITER) ? COST_FLUSH_DIRTY : load<u64>(at, READERS) ? COST_FLUSH_CLEAN : COST_FLUSH_ABSENT;
		store<u32>(at, 0, WRITER);
		store<u64>(at, 0, READERS);
	}
	const room = min(load<u32>(setup, RUN_FLUSHES), MOST_FLUSHES);
	if (room <= 1) {
		pay(kind);
		return;
	}
	const slot = firstFree(flights + ((<usize>(who * MOST_FLUSHES)) << 3), room);
	waitUntil(COST_WAIT_FLUSHES, load<f64>(slot));
	const time = priceOf(kind);
	note(who, kind, 0);
	pay(COST_STEP);
	store<f64>(slot, t + time);
}

// Rounds.

function addPause(time: f64): void {
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		if (laneOf(actor) != who || load<u32>(actors + <usize>actor * ROUND_SIZE, ROUND_SAMPLES_AT) == 0) continue;
		const at = actors + <usize>actor * ROUND_SIZE;
		store<f64>(at, load<f64>(at, ROUND_PAUSED) + time, ROUND_PAUSED);
	}
}

function endRound(actor: u32): void {
	const at = actors + <usize>actor * ROUND_SIZE;
	const kept = load<u32>(at, ROUND_SAMPLES);
	const paused = load<f64>(at, ROUND_PAUSED);
	if (kept < <u32>ROUND_MOST_SAMPLES) {
		const time = t - load<f64>(at, ROUND_LAST) - (paused - load<f64>(at, ROUND_PAUSED_BEFORE));
		store<f64>(<usize>load<u32>(at, ROUND_SAMPLES_AT) + ((<usize>kept) << 3), time);
		store<u32>(at, kept + 1, ROUND_SAMPLES);
	}
	store<f64>(at, t, ROUND_LAST);
	store<f64>(at, paused, ROUND_PAUSED_BEFORE);
	store<u32>(at, load<u32>(at, ROUND_COUNT) + 1, ROUND_COUNT);
}
