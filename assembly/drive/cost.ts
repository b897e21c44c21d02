import { PENDING_AT } from "../../bindings/layout/block";
import {
	COST_CONTEXT_SWITCH,
	COST_INTERRUPT,
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
} from "../../bindings/layout/cost";
import { ACT_DELIVER, ACT_PERFORM, ACT_STEP } from "../../bindings/layout/explore";
import {
	CODE_AT,
	CODE_LOOP,
	CODE_OP,
	CODE_SIZE,
	ON_NO_CPU,
	OP_EACH,
	OP_JOIN,
	RUNS_AS_DEVICE,
	RUNS_AS_IRQ,
	RUNS_AS_THREAD,
} from "../../bindings/layout/program";
import {
	beginActors,
	canGo,
	DOER_CODE,
	DOER_COUNTER,
	DOER_CPU,
	DOER_FACTS,
	DOER_KIND,
	DOER_LANE,
	DOER_LENGTH,
	DOER_NEAR,
	DOER_WAITS,
	doerAt,
	FACT,
	FACT_COUNT,
	FACT_MOVES,
	FOR_STORES,
	release,
	resume,
	startActors,
	wait,
	waitOf,
	wake,
} from "../cost/actors";
import { Charge, locate, payWork } from "../cost/charges";
import { beginFlights } from "../cost/flights";
import {
	beginLanes,
	CURRENT,
	CUT,
	DRAIN,
	deliverable,
	EVENT,
	eventOf,
	first,
	firstBut,
	HANDLERS,
	HELD,
	IRQ,
	laneAt,
	lanes,
	NEXT,
	NMI,
	POSTED,
	REST_IRQ,
	REST_NMI,
	runs,
	SINCE,
	settle,
	startLanes,
	THREAD,
	THREADS,
	WAITS,
} from "../cost/lanes";
import { beginLines, sendOff, setReader, watch } from "../cost/lines";
import { beginPrices, forgetSpent, Price, setPayer, spent } from "../cost/prices";
import { aim, beginRounds, endRound, forgetRounds, isThere, measured, rounds } from "../cost/rounds";
import { NOWHERE, Run } from "../cost/run";
import { block, blockSize, counterOf, cpuAt, inFlags, work } from "../machine/block";
import { clearHazards, hazards } from "../machine/hazard";
import { allocate, status } from "../machine/heap";
import { clearTally, stamped, wentRound } from "../machine/tally";
import { MASKED_BY, ordinalOf } from "../program/interrupt";
import { irqHandler, NONE, nmiHandler, start, tidy } from "../program/machine";
import { addressOf, choose, isVisited, kindOf, p } from "../program/operands";
import { runaway } from "../program/outcome";
import { mayVisit, ready } from "../program/ready";
import { advance, perform, step } from "../program/step";
import { ON_PAGE, pendingAt, pendingCount } from "../program/window";
import { apply, enumerate } from "./actions";

// One schedule of a program on simulated clocks. Each CPU has a clock; what happens next is what happens first. What an action
// does is the same as when it is explored (actions.ts: apply); here it is only decided when it happens, and what it costs.
//
// An action has its effect when it begins, and its CPU goes on when its price is paid. A store that waits in a store buffer is
// performed when its line is there; who waits for a value, a lock or an end is woken by the write. Devices are lanes behind the
// CPUs.

const RECORD = memory.data(RAN_BYTES);

let state: usize = 0;
/** The actions from the start, u32 each. */
let log: usize = 0;
let mostLogged: u32 = 0;
let logged: u32 = 0;
let ran: u64 = 0;
let seen: u32 = 0;
/** The measured actor is at its end. */
let over: bool = false;
/** Events that this run may still see. */
let room: u32 = 0;

/** Sets up a run of the program that was built. `most`: actions that are logged. */
export function costBegin(setup: usize, most: u32): bool {
	Run.setup = setup;
	Run.missing = NOWHERE;
	let count = p.cpus;
	for (let actor: u32 = 0; actor < p.actorCount; actor++) if (kindOf(actor) == RUNS_AS_DEVICE) count++;
	state = allocate(blockSize);
	log = allocate((<u64>most) << 2);
	mostLogged = most;
	beginLanes(count);
	beginPrices(setup, count);
	beginLines(setup);
	beginFlights(setup, count);
	beginRounds(setup);
	if (status) return false;
	work(state);
	beginActors();
	if (status) return false;
	restart(0);
	return true;
}

/** The program begins anew; the clocks go on, and what is in caches stays. */
function restart(now: f64): void {
	memory.copy(state, start, blockSize);
	startActors();
	startLanes(now);
	over = false;
}

/** What was spent and counted so far is forgotten: the warm-up is over. */
export function costReset(): void {
	forgetSpent(lanes);
	forgetRounds();
}

/** Goes on until the measured actor has made `until` rounds, or `most` actions more have happened. */
export function costRun(until: u32, most: u32): usize {
	work(state);
	clearHazards();
	aim(until);
	room = most;
	const end = run();
	if (p.locks) enumerate(); // Who waits in a circle is found where it is listed what can happen.
	seen |= hazards;
	store<u32>(RECORD, end, RAN_END);
	store<u32>(RECORD, Run.missing, RAN_MISSING);
	store<u32>(RECORD, seen, RAN_HAZARDS);
	store<u32>(RECORD, logged, RAN_LOGGED);
	store<u64>(RECORD, ran, RAN_ACTIONS);
	store<u32>(RECORD, <u32>spent, RAN_SPENT);
	store<u32>(RECORD, <u32>rounds, RAN_ACTORS);
	store<u32>(RECORD, <u32>log, RAN_LOG);
	store<u32>(RECORD, lanes, RAN_LANES);
	store<f64>(RECORD, Run.t, RAN_TIME);
	return RECORD;
}

/** Returns RAN_*: why it ends. */
function run(): u32 {
	while (!isThere()) {
		if (room == 0) return RAN_PAUSED;
		const n = first();
		const at = laneAt(n);
		const now = load<f64>(at, EVENT);
		if (now == Infinity) return RAN_STUCK;
		Run.who = n;
		Run.at = at;
		Run.t = now;
		Run.horizon = firstBut(n);
		setPayer(n);
		setReader(n);
		Run.stops = false;
		goOn();
		if (over) restart(Run.t);
		else settle(n);
		if (Run.missing != NOWHERE) return RAN_NO_PRICE;
		if (status) return RAN_NO_MEMORY;
		if (runaway) return RAN_RUNAWAY;
	}
	return RAN_DONE;
}

/** The lane that acts goes on for as long as it comes first. */
function goOn(): void {
	const n = Run.who;
	const at = Run.at;
	for (;;) {
		const now = Run.t;
		room--;
		if (load<f64>(at, DRAIN) <= now) drain(n, at, now);
		else if (load<u32>(at, POSTED) && deliverable(n) <= now) deliver(n, at, now);
		else takeSteps(n, at);
		const event = eventOf(n, at);
		store<f64>(at, event, EVENT);
		// Who comes first stays first until another one does.
		if (event >= Run.horizon || Run.stops || room == 0 || runaway) return;
		Run.t = event;
	}
}

function beginAct(action: u32): void {
	if (logged < mostLogged) {
		store<u32>(log + ((<usize>logged) << 2), action);
		logged++;
	}
	ran++;
	clearTally();
}

/** The oldest store of a CPU is seen by all. */
function drain(n: u32, at: usize, now: f64): void {
	const where: u32 = load<u16>(pendingAt(n, 0), PENDING_AT);
	beginAct(((<u32>ACT_PERFORM) << 24) | (n << 16));
	perform(n, 0);
	if (stamped) tidy();
	if (!(where & ON_PAGE)) wake(where, now);
	sendOff(now);
	if (load<u32>(at, HELD)) release(now);
}

function deliver(n: u32, at: usize, now: f64): void {
	const isNmi = load<f64>(at, NMI) < Infinity;
	store<f64>(at + <usize>(isNmi ? NMI : IRQ), Infinity);
	store<u32>(at, isNmi && load<f64>(at, IRQ) < Infinity ? 1 : 0, POSTED);
	const next = load<f64>(at, NEXT);
	const rest = next < Infinity ? max(next - now, 0) : 0;
	resume(n, now);
	const handler = isNmi ? nmiHandler(n) : irqHandler(n);
	const action = ((<u32>ACT_DELIVER) << 24) | (n << 16) | (handler << 8);
	beginAct(action);
	apply(action);
	store<f64>(at, Run.t, CUT);
	payWork();
	if (runs(handler)) store<f64>(at + <usize>(isNmi ? REST_NMI : REST_IRQ), rest);
	else {
		Price.pay(COST_INTERRUPT);
		store<f64>(at, Run.t, CUT);
		Run.t += rest;
	}
	store<f64>(at, Run.t, NEXT);
}

/** Who has the lane takes steps, until something else comes first, or it waits. */
function takeSteps(n: u32, at: usize): void {
	const alone = load<u32>(at, THREADS) < 2;
	const actor = chooseActor(n, at);
	let stays = actor == NONE;
	if (!stays) {
		const doer = doerAt(actor);
		// What would be chosen again goes on at once.
		for (;;) {
			stepOf(actor, doer, at);
			if (!alone || Run.t >= Run.horizon || Run.t >= load<f64>(at, DRAIN) || load<u32>(at, POSTED)) break;
			if (load<u32>(doer, DOER_WAITS) != NOWHERE) break;
			if (!Step.isUnderWay(doer)) break;
			if (Run.stops || room == 0 || runaway) break;
			room--;
		}
		// Where there are others, they may have the CPU while one waits.
		stays = alone && load<u32>(doer, DOER_WAITS) != NOWHERE;
	}
	store<f64>(at, stays ? Infinity : Run.t, NEXT);
	if (stays) {
		store<f64>(at, Run.t, SINCE);
		store<u32>(at, waitOf(at), WAITS);
	}
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
	if (count == 1) {
		const only = load<u32>(at, THREAD);
		return canGo(doerAt(only)) ? only : NONE;
	}
	const current = load<u32>(at, CURRENT);
	const by = n < p.cpus ? <u32>load<u8>(cpuAt(n) + inFlags) >> MASKED_BY : 0;
	if (current != NONE && canGo(doerAt(current))) return current;
	// What is pending of one thread holds the others up.
	if (n < p.cpus && p.window && pendingCount(n)) return NONE;
	const from = current == NONE ? 0 : current + 1;
	for (let i: u32 = 0; i < p.actorCount; i++) {
		const actor = (from + i) % p.actorCount;
		const doer = doerAt(actor);
		if (load<u32>(doer, DOER_LANE) != n || load<u32>(doer, DOER_KIND) != RUNS_AS_THREAD) continue;
		if (!canGo(doer) || (by && by != ordinalOf(actor) + 1)) continue;
		if (current != NONE && current != actor) Price.pay(COST_CONTEXT_SWITCH);
		store<u32>(at, actor, CURRENT);
		return actor;
	}
	return NONE;
}

// biome-ignore lint/complexity/noStaticOnlyClass: only methods can be written out where they are called.
class Step {
	/** Whether an actor has something to do: it neither is at its end nor waits in a handler to be called. */
	@inline static isUnderWay(doer: usize): bool {
		return <u32>load<u8>(<usize>load<u32>(doer, DOER_COUNTER)) - 1 < load<u32>(doer, DOER_LENGTH);
	}

	/** What was done on the way, and where it has led. */
	@inline static end(actor: u32, doer: usize, at: usize, now: f64): void {
		Charge.way();
		if (Run.t == now) Run.t += NOTHING;
		if (wentRound || !Step.isUnderWay(doer)) arrive(actor, doer, at, now);
	}
}

/** So that time goes on through steps that cost nothing: ns. */
const NOTHING: f64 = 0.001;

function stepOf(actor: u32, doer: usize, at: usize): void {
	const cpu = load<u32>(doer, DOER_CPU);
	const number = <u32>load<u8>(<usize>load<u32>(doer, DOER_COUNTER)) - 1;
	const i = <usize>load<u32>(doer, DOER_CODE) + <usize>number * CODE_SIZE;
	if (load<u8>(i, CODE_OP) == OP_EACH) {
		stepIntoLoop(actor, doer, at, cpu, number);
		return;
	}
	if (!ready(actor, cpu, i)) {
		hold(actor, cpu, i);
		return;
	}
	const now = Run.t;
	const fact = <usize>load<u32>(doer, DOER_FACTS) + <usize>number * FACT;
	const count: u32 = load<u8>(fact, FACT_COUNT);
	const moves = load<u8>(fact, FACT_MOVES) != 0;
	if (moves) locate(count, cpu, i, fact);
	beginAct(((<u32>ACT_STEP) << 24) | (actor << 16));
	advance(actor, cpu, i, number);
	if (stamped) tidy();
	Charge.step(count, moves, i, fact, now);
	Step.end(actor, doer, at, now);
}

/** The same at a loop over CPUs: the choice of one, and what the loop's body begins with. */
function stepIntoLoop(actor: u32, doer: usize, at: usize, cpu: u32, number: u32): void {
	const now = Run.t;
	const other = nextCpu(actor, doer, cpu, number);
	const i = <usize>load<u32>(doer, DOER_CODE) + <usize>(number + 1) * CODE_SIZE;
	const fact = <usize>load<u32>(doer, DOER_FACTS) + <usize>(number + 1) * FACT;
	if (other == p.cpus) {
		waitForAny(actor, cpu, <u32>load<u8>(i - CODE_SIZE, CODE_LOOP) - 1, i);
		return;
	}
	// A loop that begins with something local, or with another loop, is a step by itself.
	const count: u32 = load<u8>(i, CODE_OP) == OP_EACH ? 0 : <u32>load<u8>(fact, FACT_COUNT);
	const moves = load<u8>(fact, FACT_MOVES) != 0;
	if (count && moves) {
		choose(other);
		locate(count, cpu, i, fact);
		choose(~0);
	}
	beginAct(((<u32>ACT_STEP) << 24) | (actor << 16) | ((other + 1) << 8));
	step(actor, other + 1);
	if (stamped) tidy();
	Charge.step(count, moves, i, fact, now);
	Step.end(actor, doer, at, now);
}

/** An actor has stepped to its end, or went round. */
function arrive(actor: u32, doer: usize, at: usize, now: f64): void {
	if (wentRound) endRound(actor);
	const counter: u32 = load<u8>(<usize>load<u32>(doer, DOER_COUNTER));
	if (counter == 0) {
		Price.pay(COST_INTERRUPT);
		store<f64>(at, Run.t, CUT);
		Run.t += load<f64>(at + <usize>(load<u32>(doer, DOER_KIND) == RUNS_AS_IRQ ? REST_IRQ : REST_NMI));
	} else if (counter > load<u32>(doer, DOER_LENGTH)) {
		wake(<u32>(counterOf(actor) - block), now);
		if (actor == measured) {
			endRound(actor);
			over = true;
			Run.stops = true;
		}
	}
}

/** What an actor that cannot go on waits for. */
function hold(actor: u32, cpu: u32, i: usize): void {
	if (cpu != <u32>ON_NO_CPU && p.window && pendingCount(cpu)) {
		wait(actor, FOR_STORES);
		return;
	}
	if (load<u8>(i, CODE_OP) == OP_JOIN) {
		wait(actor, <u32>(counterOf(load<u8>(i, CODE_AT)) - block));
		return;
	}
	const location = <u32>(addressOf(cpu, i) - block);
	watch(location);
	wait(actor, location);
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
