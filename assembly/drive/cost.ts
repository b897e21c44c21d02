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
	CODE_SIZE,
	FENCE_COMPILER,
	FENCE_FULL,
	FENCE_SPECULATION,
	FLAG_BROADCAST,
	FLAG_JOINED,
	FLAG_OWN,
	HAS_TLB,
	IN_PAGE,
	IN_TARGET_VAR,
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
import { block, blockSize, counterOf, cpuAt, inFlags, work } from "../machine/block";
import { clearHazards, hazards } from "../machine/hazard";
import { allocate, status } from "../machine/heap";
import { select } from "../machine/pages";
import {
	clearTally,
	FENCE_TALLY,
	faults,
	foundClean,
	foundDirty,
	lineCount,
	misses,
	stamped,
	touched,
	walks,
	wentRound,
	workCount,
	works,
} from "../machine/tally";
import { irqHandler, NONE, nmiHandler, start, tidy } from "../program/machine";
import { addressOf, choose, codeOf, cpuOf, isVisited, kindOf, lengthOf, p, targetOf } from "../program/operands";
import { beginStep, IRQ_MASKED, MASKED_BY, mayVisit, ordinalOf, perform, ready, runaway, step } from "../program/step";
import { ON_PAGE, PENDING_AT, pendingAt, pendingCount } from "../program/window";
import { apply, enumerate } from "./actions";

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
//   doer    an actor: where it keeps its counter, its code and what is known of that, what it waits for
//   facts   of each instruction: how many operations its step has, and which location it reaches where that is always the same
//   line    who wrote it last, who has read it since, until when it is on its way: [ readers u64 | busy f64 | writer + 1 u32 ]

const NEXT = 0; // f64
const DRAIN = 8; // f64
const IRQ = 16; // f64
const NMI = 24; // f64
const EVENT = 32; // f64: the first of these that can happen
const SINCE = 40; // f64: since when it waits
const CURRENT = 48; // u32: the thread that ran last, or NONE
const WAITS = 52; // u32: COST_WAIT*, or 0: it is idle, or runs
const POSTED = 56; // u32: an interrupt is on its way
const HELD = 60; // u32: somebody waits for its stores
const THREADS = 64; // u32: threads, or the device
const THREAD = 68; // u32: the first of them
const MEMBERS = 72; // u32: the first actor of the lane + 1, handlers too
const HANDLERS = 76; // u32: whether there are handlers
const CUT = 80; // f64: from when on an interrupt may come in: work that follows a step does not hold it up
const REST_IRQ = 88; // f64: what was left of the work that the interrupt came into
const REST_NMI = 96; // f64
const LANE: usize = 104;

const DOER_COUNTER = 0; // u32 address
const DOER_CODE = 4; // u32 address
const DOER_FACTS = 8; // u32 address
const DOER_LENGTH = 12; // u32
const DOER_CPU = 16; // u32
const DOER_LANE = 20; // u32
const DOER_WAITS = 24; // u32: an offset in the block, FOR_STORES, or NOWHERE: it does not wait
const DOER_NEAR = 28; // u32: the CPU that a loop over CPUs looks at first
const DOER_NEXT = 32; // u32: another actor of the lane + 1
const DOER_KIND = 36; // u32
const DOER: usize = 40;

const FACT_PLACE = 0; // u32: NOWHERE, or where it reaches
const FACT_COUNT = 4; // u8: operations in the step that begins here, 0: a local instruction
const FACT_MOVES = 5; // u8: some of them reach now here, now there
const FACT_MOVED = 6; // u8: this one does
const FACT: usize = 8;

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
/** Who waits at each byte of the block, u8: an actor + 1, SEVERAL, or nobody. */
let watched: usize = 0;
const SEVERAL: u8 = 255;
let doers: usize = 0;
let flights: usize = 0;
/** Flushes that a CPU may have in flight beside what it does, 0: it waits for each. */
let flying: u32 = 0;
let purges: usize = 0;
/** Of each lane and class: f64 ns, f64 how often. */
let spent: usize = 0;
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
/** When the first of the other lanes acts. */
let horizon: f64 = 0;
/** Rounds that a run goes on to, and how many events more it may see. */
let goal: u32 = 0;
let room: u32 = 0;

function laneAt(n: u32): usize {
	return lane + <usize>n * LANE;
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
	doers = allocate(<u64>p.actorCount * DOER);
	const facts = allocate(<u64>p.codeCount * FACT);
	flights = allocate((<u64>lanes * MOST_FLUSHES) << 3);
	purges = allocate(MOST_FLUSHES << 3);
	spent = allocate((<u64>lanes * classes) << 4);
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
	flying = load<u32>(from, RUN_FLUSHES) > 1 ? min(load<u32>(from, RUN_FLUSHES), MOST_FLUSHES) : 0;
	measured = load<u32>(from, RUN_ACTOR);
	pause = load<u32>(from, RUN_PAUSE);
	if (status) return false;
	work(state);
	let device = p.cpus;
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		const kind = kindOf(actor);
		const n = kind == RUNS_AS_DEVICE ? device++ : cpuOf(actor);
		learn(actor, kind, n, facts);
		if (kind != RUNS_AS_THREAD && kind != RUNS_AS_DEVICE) {
			store<u32>(laneAt(n), 1, HANDLERS);
			continue;
		}
		const at = laneAt(n);
		if (load<u32>(at, THREADS) == 0) store<u32>(at, actor, THREAD);
		store<u32>(at, load<u32>(at, THREADS) + 1, THREADS);
		store<u32>(actors + <usize>actor * ROUND_SIZE, <u32>allocate(ROUND_MOST_SAMPLES << 3), ROUND_SAMPLES_AT);
	}
	if (status) return false;
	restart(0);
	return true;
}

/** What stays the same of an actor and its code. */
function learn(actor: u32, kind: u32, n: u32, facts: usize): void {
	const doer = doerAt(actor);
	const cpu = cpuOf(actor);
	const length = lengthOf(actor);
	const code = codeOf(actor, 0);
	const known = facts + ((code - p.code) / CODE_SIZE) * FACT;
	store<u32>(doer, <u32>counterOf(actor), DOER_COUNTER);
	store<u32>(doer, <u32>code, DOER_CODE);
	store<u32>(doer, <u32>known, DOER_FACTS);
	store<u32>(doer, length, DOER_LENGTH);
	store<u32>(doer, cpu, DOER_CPU);
	store<u32>(doer, n, DOER_LANE);
	store<u32>(doer, kind, DOER_KIND);
	const lane = laneAt(n);
	store<u32>(doer, load<u32>(lane, MEMBERS), DOER_NEXT);
	store<u32>(lane, actor + 1, MEMBERS);
	// From the end, so that what follows is known.
	for (let number = <i32>length - 1; number >= 0; number--) {
		const i = code + <usize>number * CODE_SIZE;
		const fact = known + <usize>number * FACT;
		const op: u32 = load<u8>(i, CODE_OP);
		if (op <= <u32>OP_LOCAL_LAST) continue;
		const reaches = op >= <u32>OP_LOAD && op <= <u32>OP_LOCK && op != OP_FENCE;
		const place: u32 = load<u8>(i, CODE_PLACE);
		const inPage = op == OP_CACHE || (reaches && place == IN_PAGE);
		const moved = op == OP_INTERRUPT || (reaches && place == IN_TARGET_VAR);
		let count: u32 = 1;
		let moves = moved;
		if (number + 1 < <i32>length && load<u8>(i + CODE_SIZE, CODE_FLAGS) & FLAG_JOINED) {
			const next = fact + FACT;
			const more: u32 = load<u8>(next, FACT_COUNT);
			if (more) {
				count = min(1 + more, MOST_JOINED);
				moves = moves || load<u8>(next, FACT_MOVES) != 0;
			}
		}
		store<u32>(fact, reaches && !moved && !inPage ? <u32>(addressOf(cpu, i) - block) : NOWHERE, FACT_PLACE);
		store<u8>(fact, <u8>count, FACT_COUNT);
		store<u8>(fact, <u8>moves, FACT_MOVES);
		store<u8>(fact, <u8>moved, FACT_MOVED);
	}
}

function doerAt(actor: u32): usize {
	return doers + <usize>actor * DOER;
}

/** The program begins anew; the clocks go on, and what is in caches stays. */
function restart(now: f64): void {
	memory.copy(state, start, blockSize);
	work(state);
	for (let actor: u32 = 0; actor < p.actorCount; actor++) store<u32>(doerAt(actor), NOWHERE, DOER_WAITS);
	memory.fill(watched, 0, blockSize);
	horizon = Infinity;
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
		store<u32>(at, 0, POSTED);
		store<u32>(at, 0, HELD);
		store<f64>(at, now, CUT);
		refresh(n);
	}
	over = false;
}

/** What was spent and counted so far is forgotten: the warm-up is over. */
export function costReset(): void {
	memory.fill(spent, 0, (<usize>(lanes * classes)) << 4);
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
	goal = until;
	room = most;
	let n = first();
	let at = laneAt(n);
	horizon = firstBut(n);
	for (;;) {
		if (load<u32>(actors + <usize>measured * ROUND_SIZE, ROUND_COUNT) >= until) {
			end = RAN_DONE;
			break;
		}
		if (room == 0) break;
		const now = load<f64>(at, EVENT);
		if (now == Infinity) {
			end = RAN_STUCK;
			break;
		}
		who = n;
		t = now;
		happen(n, at, now);
		if (over) restart(t);
		const event = eventOf(n, at);
		store<f64>(at, event, EVENT);
		// Who comes first stays first until another one does.
		if (event >= horizon) {
			settle(n);
			n = first();
			at = laneAt(n);
			horizon = firstBut(n);
		}
		if (missing != NOWHERE || runaway || status) {
			end = missing != NOWHERE ? RAN_NO_PRICE : status ? RAN_NO_MEMORY : RAN_RUNAWAY;
			break;
		}
	}
	settle(n);
	if (p.locks) {
		// Who waits in a circle: found where it is listed what can happen.
		clearHazards();
		enumerate();
		seen |= hazards;
	}
	store<u32>(RECORD, end, RAN_END);
	store<u32>(RECORD, missing, RAN_MISSING);
	store<u32>(RECORD, seen, RAN_HAZARDS);
	store<u32>(RECORD, logged, RAN_LOGGED);
	store<u64>(RECORD, ran, RAN_ACTIONS);
	store<u32>(RECORD, <u32>spent, RAN_SPENT);
	store<u32>(RECORD, <u32>actors, RAN_ACTORS);
	store<u32>(RECORD, <u32>log, RAN_LOG);
	store<u32>(RECORD, lanes, RAN_LANES);
	store<f64>(RECORD, t, RAN_TIME);
	return RECORD;
}

// Which lane comes first.

function eventOf(n: u32, at: usize): f64 {
	const event = min(load<f64>(at, NEXT), load<f64>(at, DRAIN));
	return load<u32>(at, POSTED) ? min(event, deliverable(n)) : event;
}

function refresh(n: u32): void {
	const at = laneAt(n);
	const event = eventOf(n, at);
	store<f64>(at, event, EVENT);
	if (event < horizon) horizon = event;
	settle(n);
}

function settle(n: u32): void {
	for (let node = (leaves + n) >> 1; node; node >>= 1) {
		const left = winner(node << 1);
		const right = winner((node << 1) + 1);
		const isRight = load<f64>(laneAt(right), EVENT) < load<f64>(laneAt(left), EVENT);
		store<u8>(tree + node, <u8>(isRight ? right : left));
	}
}

function winner(node: u32): u32 {
	return node < leaves ? <u32>load<u8>(tree + node) : node - leaves;
}

function first(): u32 {
	return leaves > 1 ? load<u8>(tree, 1) : 0;
}

/** When the first of all lanes but one acts. */
function firstBut(n: u32): f64 {
	let found: f64 = Infinity;
	for (let node = leaves + n; node > 1; node >>= 1) {
		const event = load<f64>(laneAt(winner(node ^ 1)), EVENT);
		if (event < found) found = event;
	}
	return found;
}

function runs(actor: u32): bool {
	return actor != NONE && load<u8>(counterOf(actor)) != 0;
}

/** When the next interrupt of a CPU is taken; Infinity: not as things are. */
function deliverable(n: u32): f64 {
	const at = laneAt(n);
	const nmi = nmiHandler(n);
	if (runs(nmi)) return Infinity;
	const from = load<f64>(at, NEXT) < Infinity ? load<f64>(at, CUT) : 0;
	const first = load<f64>(at, NMI);
	if (first < Infinity) return max(first, from);
	if (load<u8>(cpuAt(n) + inFlags) & IRQ_MASKED || runs(irqHandler(n))) return Infinity;
	return max(load<f64>(at, IRQ), from);
}

// Time and money.

// Lines that CPUs share.

function lineAt(location: u32): usize {
	return lines + <usize>location * LINE;
}

let reachedAt: f64 = 0;

/** What nearly every action goes through. */
// biome-ignore lint/complexity/noStaticOnlyClass: only methods can be written out where they are called.
class Clock {
	@inline static priceOf(kind: u32): f64 {
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

	@inline static note(n: u32, kind: u32, time: f64): void {
		const at = spent + ((<usize>(n * classes + kind)) << 4);
		store<f64>(at, load<f64>(at) + time);
		store<f64>(at, load<f64>(at, 8) + 1, 8);
	}

	/** The lane that acts spends what something costs. */
	@inline static pay(kind: u32): void {
		Clock.spend(kind, Clock.priceOf(kind));
	}

	@inline static spend(kind: u32, time: f64): void {
		if (time == 0) return;
		Clock.note(who, kind, time);
		t += time;
	}

	@inline static waitUntil(kind: u32, until: f64): void {
		if (until > t) Clock.spend(kind, until - t);
	}

	/**
	 * A CPU gets a line, to read or to write it: what it is, and from when on it is on its way. What of it was anybody's before
	 * comes from memory.
	 */
	@inline static reach(n: u32, location: u32, writes: bool, now: f64): u32 {
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
	@inline static access(location: u32, writes: bool, held: u32): void {
		const kind = Clock.reach(who, location, writes, t);
		Clock.waitUntil(COST_WAIT_LINE, reachedAt);
		if (kind != COST_LEVEL1) Clock.pay(kind);
		if (kind == COST_LEVEL1 || held == COST_ATOMIC) Clock.pay(held);
	}
}

/** The oldest store of a CPU sets out. */
function sendOff(n: u32, now: f64): void {
	const at = laneAt(n);
	if (pendingCount(n) == 0) {
		store<f64>(at, Infinity, DRAIN);
		return;
	}
	const where: u32 = load<u16>(pendingAt(n, 0), PENDING_AT);
	const kind = Clock.reach(n, where & ON_PAGE ? <u32>blockSize + (where & ~ON_PAGE) : where, true, now);
	store<f64>(at, reachedAt + Clock.priceOf(kind == COST_LEVEL1 ? COST_STORE : kind), DRAIN);
}

// Waiting.

function wait(actor: u32, on: u32): void {
	const doer = doerAt(actor);
	store<u32>(doer, on, DOER_WAITS);
	if (on == FOR_STORES) store<u32>(laneAt(load<u32>(doer, DOER_LANE)), 1, HELD);
	else store<u8>(watched + on, load<u8>(watched + on) ? SEVERAL : <u8>(actor + 1));
}

/** What the waiting of a lane is charged to; 0: it is idle. */
function waitOf(at: usize): u32 {
	let found: u32 = 0;
	for (let actor = load<u32>(at, MEMBERS); actor; actor = load<u32>(doerAt(actor - 1), DOER_NEXT)) {
		const on = load<u32>(doerAt(actor - 1), DOER_WAITS);
		if (on == FOR_STORES) return COST_WAIT_STORES;
		if (on != NOWHERE) found = COST_WAIT;
	}
	return found;
}

/** A lane that waited goes on. */
function resume(n: u32, now: f64): void {
	const at = laneAt(n);
	if (load<f64>(at, NEXT) < Infinity) return;
	const kind = load<u32>(at, WAITS);
	if (kind) Clock.note(n, kind, now - load<f64>(at, SINCE));
	store<u32>(at, 0, WAITS);
	store<f64>(at, now, NEXT);
}

/** Something was written: who waits for it looks again. */
function wake(on: u32, now: f64): void {
	if (on >= <u32>blockSize) return;
	const waits = load<u8>(watched + on);
	if (waits == 0) return;
	store<u8>(watched + on, 0);
	if (waits != SEVERAL) {
		rouse(<u32>waits - 1, now);
		return;
	}
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		if (load<u32>(doerAt(actor), DOER_WAITS) == on) rouse(actor, now);
	}
}

function rouse(actor: u32, now: f64): void {
	const doer = doerAt(actor);
	store<u32>(doer, NOWHERE, DOER_WAITS);
	const n = load<u32>(doer, DOER_LANE);
	resume(n, now);
	if (n != who) refresh(n);
}

function offsetOf(actor: u32): u32 {
	return <u32>(counterOf(actor) - block);
}

// What happens.

function beginAct(action: u32): void {
	if (logged < mostLogged) {
		store<u32>(log + ((<usize>logged) << 2), action);
		logged++;
	}
	ran++;
	clearTally();
	clearHazards();
	beginStep();
}

function happen(n: u32, at: usize, now: f64): void {
	room--;
	if (load<f64>(at, DRAIN) <= now) {
		drain(n, at, now);
		return;
	}
	if (load<u32>(at, POSTED) && deliverable(n) <= now) {
		deliver(n, at, now);
		return;
	}
	const threads = load<u32>(at, THREADS);
	const alone = threads < 2;
	const only = load<u32>(at, THREAD);
	const actor = threads == 1 && !load<u32>(at, HANDLERS) && canGo(only) ? only : chooseActor(n, at);
	let stays = actor == NONE;
	if (!stays) {
		const doer = doerAt(actor);
		// What would be chosen again goes on at once.
		for (;;) {
			stepOf(actor, doer, at);
			if (!alone || t >= horizon || t >= load<f64>(at, DRAIN) || load<u32>(at, POSTED)) break;
			if (load<u32>(doer, DOER_WAITS) != NOWHERE) break;
			if (<u32>load<u8>(<usize>load<u32>(doer, DOER_COUNTER)) - 1 >= load<u32>(doer, DOER_LENGTH)) break;
			if (room == 0 || runaway || missing != NOWHERE) break;
			if (load<u32>(actors + <usize>measured * ROUND_SIZE, ROUND_COUNT) >= goal) break;
			room--;
		}
		// Where there are others, they may have the CPU while one waits.
		stays = alone && load<u32>(doer, DOER_WAITS) != NOWHERE;
	}
	store<f64>(at, stays ? Infinity : t, NEXT);
	if (stays) {
		store<f64>(at, t, SINCE);
		store<u32>(at, waitOf(at), WAITS);
	}
}

function drain(n: u32, at: usize, now: f64): void {
	const where: u32 = load<u16>(pendingAt(n, 0), PENDING_AT);
	beginAct(((<u32>ACT_PERFORM) << 24) | (n << 16));
	perform(n, 0);
	if (stamped) tidy();
	seen |= hazards;
	if (!(where & ON_PAGE)) wake(where, now);
	sendOff(n, now);
	if (load<u32>(at, HELD) == 0) return;
	store<u32>(at, 0, HELD);
	for (let actor = load<u32>(at, MEMBERS); actor; actor = load<u32>(doerAt(actor - 1), DOER_NEXT)) {
		const doer = doerAt(actor - 1);
		if (load<u32>(doer, DOER_WAITS) != FOR_STORES) continue;
		store<u32>(doer, NOWHERE, DOER_WAITS);
		resume(n, now);
	}
}

function deliver(n: u32, at: usize, now: f64): void {
	const isNmi = load<f64>(at, NMI) < Infinity;
	store<f64>(at + <usize>(isNmi ? NMI : IRQ), Infinity);
	store<u32>(at, isNmi && load<f64>(at, IRQ) < Infinity ? 1 : 0, POSTED);
	const next = load<f64>(at, NEXT);
	const rest = next < Infinity ? max(next - now, 0) : 0;
	resume(n, now);
	const action = ((<u32>ACT_DELIVER) << 24) | (n << 16) | ((isNmi ? nmiHandler(n) : irqHandler(n)) << 8);
	beginAct(action);
	apply(action);
	seen |= hazards;
	store<f64>(at, t, CUT);
	payWork();
	if (runs(isNmi ? nmiHandler(n) : irqHandler(n))) store<f64>(at + <usize>(isNmi ? REST_NMI : REST_IRQ), rest);
	else {
		Clock.pay(COST_INTERRUPT);
		store<f64>(at, t, CUT);
		t += rest;
	}
	store<f64>(at, t, NEXT);
}

/** Who has the lane: a handler, the thread that had it, or another one that can go on. */
function chooseActor(n: u32, at: usize): u32 {
	if (load<u32>(at, HANDLERS)) {
		const nmi = nmiHandler(n);
		if (runs(nmi)) return nmi;
		const irq = irqHandler(n);
		if (runs(irq)) return irq;
	}
	const count = load<u32>(at, THREADS);
	if (count == 0) return NONE;
	const only = load<u32>(at, THREAD);
	if (count == 1) return canGo(only) ? only : NONE;
	const current = load<u32>(at, CURRENT);
	const by = n < p.cpus ? <u32>load<u8>(cpuAt(n) + inFlags) >> MASKED_BY : 0;
	if (current != NONE && canGo(current)) return current;
	// What is pending of one thread holds the others up.
	if (n < p.cpus && p.window && pendingCount(n)) return NONE;
	const from = current == NONE ? 0 : current + 1;
	for (let i: u32 = 0; i < p.actorCount; i++) {
		const actor = (from + i) % p.actorCount;
		const doer = doerAt(actor);
		if (load<u32>(doer, DOER_LANE) != n || load<u32>(doer, DOER_KIND) != RUNS_AS_THREAD) continue;
		if (!canGo(actor) || (by && by != ordinalOf(actor) + 1)) continue;
		if (current != NONE && current != actor) Clock.pay(COST_CONTEXT_SWITCH);
		store<u32>(at, actor, CURRENT);
		return actor;
	}
	return NONE;
}

function canGo(actor: u32): bool {
	const doer = doerAt(actor);
	return (
		load<u32>(doer, DOER_WAITS) == NOWHERE &&
		<u32>load<u8>(<usize>load<u32>(doer, DOER_COUNTER)) <= load<u32>(doer, DOER_LENGTH)
	);
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

function stepOf(actor: u32, doer: usize, at: usize): void {
	const cpu = load<u32>(doer, DOER_CPU);
	const number = <u32>load<u8>(<usize>load<u32>(doer, DOER_COUNTER)) - 1;
	let i = <usize>load<u32>(doer, DOER_CODE) + <usize>number * CODE_SIZE;
	let fact = <usize>load<u32>(doer, DOER_FACTS) + <usize>number * FACT;
	let choice: u32 = 0;
	let count: u32 = load<u8>(fact, FACT_COUNT);
	if (load<u8>(i, CODE_OP) == OP_EACH) {
		const other = nextCpu(actor, doer, cpu, number);
		i += CODE_SIZE;
		fact += FACT;
		if (other == p.cpus) {
			waitForAny(actor, cpu, <u32>load<u8>(i - CODE_SIZE, CODE_LOOP) - 1, i);
			return;
		}
		choice = other + 1;
		// A loop that begins with something local, or with another loop, is a step by itself.
		count = load<u8>(i, CODE_OP) == OP_EACH ? 0 : <u32>load<u8>(fact, FACT_COUNT);
		choose(other);
	} else if (!ready(actor, cpu, i)) {
		hold(actor, cpu, i);
		return;
	}
	const now = t;
	// Where the operations of this step reach, before they do.
	if (count && load<u8>(fact, FACT_MOVES)) {
		for (let k: u32 = 0; k < count; k++) locate(k, cpu, i + <usize>k * CODE_SIZE, fact + <usize>k * FACT);
	}
	choose(~0);
	beginAct(((<u32>ACT_STEP) << 24) | (actor << 16) | (choice << 8));
	select(0);
	step(actor, choice);
	if (stamped) tidy();
	seen |= hazards;
	tallied = 0;
	for (let k: u32 = 0; k < count; k++) {
		const moves = load<u8>(fact, FACT_MOVES);
		charge(i, moves ? load<u32>(places + ((<usize>k) << 2)) : load<u32>(fact, FACT_PLACE), now);
		i += CODE_SIZE;
		fact += FACT;
	}
	if (walks | faults) payRules();
	store<f64>(at, t, CUT);
	if (workCount) payWork();
	if (t == now) t += NOTHING;
	if (wentRound) endRound(actor);
	const counter: u32 = load<u8>(<usize>load<u32>(doer, DOER_COUNTER));
	if (counter == 0) {
		Clock.pay(COST_INTERRUPT);
		store<f64>(at, t, CUT);
		t += load<f64>(at + <usize>(load<u32>(doer, DOER_KIND) == RUNS_AS_IRQ ? REST_IRQ : REST_NMI));
	} else if (counter > load<u32>(doer, DOER_LENGTH)) {
		wake(offsetOf(actor), now);
		if (actor == measured) {
			endRound(actor);
			over = true;
		}
	}
}

/** The CPU that a loop visits next: the first that it may, from the one after the last on; all of them: none. */
function nextCpu(actor: u32, doer: usize, cpu: u32, number: u32): u32 {
	let other = load<u32>(doer, DOER_NEAR);
	for (let left = p.cpus; left; left--) {
		if (other >= p.cpus) other = 0;
		if (mayVisit(actor, cpu, number, other)) {
			store<u32>(doer, other + 1, DOER_NEAR);
			return other;
		}
		other++;
	}
	return p.cpus;
}

/** Of the CPUs that a loop has not visited, none is ready: it waits for the first. */
function waitForAny(actor: u32, cpu: u32, loop: u32, body: usize): void {
	let other: u32 = 0;
	while (other < p.cpus && (other == cpu || isVisited(other, loop))) other++;
	choose(other);
	hold(actor, cpu, body);
	choose(~0);
}

/** So that time goes on through steps that cost nothing: ns. */
const NOTHING: f64 = 0.001;
const MOST_JOINED: u32 = 32;
/** Locations that the operations of a step reach, u32. */
const places: usize = memory.data(32 << 2);

/** Lines of pages that were priced in this step. */
let tallied: u32 = 0;

function locate(k: u32, cpu: u32, i: usize, fact: usize): void {
	let place = load<u32>(fact, FACT_PLACE);
	if (load<u8>(fact, FACT_MOVED)) {
		const op: u32 = load<u8>(i, CODE_OP);
		if (op == OP_INTERRUPT) {
			const to: u32 = load<u8>(i, CODE_PLACE);
			if (to != TO_OTHERS) place = to == TO_CPU ? <u32>load<u8>(i, CODE_AT) : targetOf(cpu, i);
		} else place = <u32>(addressOf(cpu, i) - block);
	}
	store<u32>(places + ((<usize>k) << 2), place);
}

/** What an operation costs, apart from what its rules did on the way. */
function charge(i: usize, place: u32, now: f64): void {
	const op: u32 = load<u8>(i, CODE_OP);
	const kind: u32 = load<u8>(i, CODE_KIND);
	const inPage = load<u8>(i, CODE_PLACE) == IN_PAGE;
	// Of a line of a page: the rules found it.
	if ((inPage || op == OP_CACHE) && tallied < lineCount) {
		place = load<u32>(touched + ((<usize>tallied) << 2));
		tallied++;
		if (place != NOWHERE) place += <u32>blockSize;
	}
	switch (op) {
		case OP_LOAD:
		case OP_AWAIT:
			if (place == NOWHERE) break;
			if (inPage && p.levelCount) payLevel();
			else Clock.access(place, false, COST_LEVEL1);
			break;
		case OP_STORE:
			if (place == NOWHERE) break;
			if (p.model == <u32>MODEL_TSO && !(load<u8>(i, CODE_FLAGS) & FLAG_OWN) && who < p.cpus) {
				Clock.pay(COST_STORE);
				// Not when the work that follows is done, too.
				if (load<f64>(laneAt(who), DRAIN) == Infinity) sendOff(who, t);
			} else if (inPage && p.levelCount) {
				if (misses) payLevel();
				else Clock.pay(COST_STORE);
			} else {
				Clock.access(place, true, COST_STORE);
				if (!inPage) wake(place, now);
			}
			break;
		case OP_RMW:
		case OP_LOCK:
			Clock.access(place, true, COST_ATOMIC);
			wake(place, now);
			break;
		case OP_FENCE:
			payFence(kind);
			break;
		case OP_TLB_FLUSH:
			purge(kind == SCOPE_PAGE ? COST_TLB_PAGE : COST_TLB_ALL, (load<u8>(i, CODE_FLAGS) & FLAG_BROADCAST) != 0);
			break;
		case OP_SWITCH:
			Clock.pay(COST_SWITCH);
			break;
		case OP_CACHE:
			flush(place);
			break;
		case OP_CACHE_ALL:
			Clock.pay(COST_FLUSH_ALL);
			break;
		case OP_INTERRUPT:
			for (let n: u32 = 0; n < p.cpus; n++) {
				if (place == NOWHERE ? n == who : n != place) continue;
				Clock.pay(COST_IPI_SEND);
				const at = laneAt(n) + <usize>(kind == RUNS_AS_IRQ ? IRQ : NMI);
				store<f64>(at, min(load<f64>(at), t + Clock.priceOf(COST_IPI_DELIVER)));
				store<u32>(laneAt(n), 1, POSTED);
				if (n != who) refresh(n);
			}
			break;
		case OP_REF:
			Clock.pay(COST_ATOMIC);
			break;
	}
}

/** The level of the machine's caches that answered. */
function payLevel(): void {
	Clock.pay(misses >= p.levelCount ? COST_MEMORY : <u32>COST_LEVEL1 + misses);
}

function payRules(): void {
	if (p.flags & HAS_TLB) for (let k: u32 = 0; k < walks; k++) Clock.pay(COST_WALK);
	for (let k: u32 = 0; k < faults; k++) Clock.pay(COST_FAULT);
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
		const time = Clock.priceOf(<u32>COST_CLASSES + what) * times;
		Clock.spend(<u32>COST_CLASSES + what, time);
		if (what == pause) addPause(time);
	}
}

function payFence(kind: u32): void {
	if (kind == FENCE_COMPILER) return;
	if (kind == FENCE_SPECULATION) {
		Clock.pay(COST_FENCE_SPECULATION);
		return;
	}
	for (let slot: usize = 0; slot < flying; slot++) {
		Clock.waitUntil(COST_WAIT_FLUSHES, load<f64>(flights + ((<usize>(who * MOST_FLUSHES) + slot) << 3)));
	}
	if (kind == FENCE_FULL) Clock.pay(COST_FENCE_FULL);
	else if (p.model >= <u32>MODEL_ARM8) Clock.pay(COST_FENCE_ORDER);
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
		Clock.pay(kind);
		return;
	}
	const slot = firstFree(purges, min(room, MOST_FLUSHES));
	Clock.waitUntil(COST_WAIT_PURGE, load<f64>(slot));
	Clock.pay(kind);
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
	if (flying == 0) {
		Clock.pay(kind);
		return;
	}
	const slot = firstFree(flights + ((<usize>(who * MOST_FLUSHES)) << 3), flying);
	Clock.waitUntil(COST_WAIT_FLUSHES, load<f64>(slot));
	const time = Clock.priceOf(kind);
	Clock.note(who, kind, 0);
	Clock.pay(COST_STEP);
	store<f64>(slot, t + time);
}

// Rounds.

function addPause(time: f64): void {
	for (let actor = load<u32>(laneAt(who), MEMBERS); actor; actor = load<u32>(doerAt(actor - 1), DOER_NEXT)) {
		const at = actors + <usize>(actor - 1) * ROUND_SIZE;
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
