import { counterOf, cpuAt, inFlags } from "../machine/block";
import { allocate } from "../machine/heap";
import { IRQ_MASKED } from "../program/interrupt";
import { irqHandler, NONE, nmiHandler } from "../program/machine";
import { Run } from "./run";

// Clocks: one of each CPU and each device, and which of them comes first.
//
//   lane    NEXT   when its thread or handler goes on, Infinity: it waits
//           DRAIN  when its oldest pending store is performed
//           IRQ, NMI  when an interrupt reaches it
//   tree    over the lanes, u8 each: which comes first. The leaves are the lanes themselves.

export const NEXT = 0; // f64
export const DRAIN = 8; // f64
export const EVENT = 16; // f64: the first of all that can happen
export const SINCE = 24; // f64: since when it waits
export const CUT = 32; // f64: from when on an interrupt may come in: work that follows a step does not hold it up
export const POSTED = 40; // u32: an interrupt is on its way
export const WAITS = 44; // u32: COST_WAIT*, or 0: it is idle, or runs
export const HELD = 48; // u32: somebody waits for its stores
export const THREADS = 52; // u32: threads, or the device
export const THREAD = 56; // u32: the first of them
export const HANDLERS = 60; // u32: whether there are handlers
export const IRQ = 64; // f64
export const NMI = 72; // f64
export const REST_IRQ = 80; // f64: what was left of the work that the interrupt came into
export const REST_NMI = 88; // f64
export const CURRENT = 96; // u32: the thread that ran last, or NONE
export const MEMBERS = 100; // u32: the first actor of the lane + 1, handlers too
const LANE_SHIFT: usize = 7;

export let lanes: u32 = 0;
let lane: usize = 0;
let tree: usize = 0;
let leaves: u32 = 0;

export function beginLanes(count: u32): void {
	lanes = count;
	leaves = 1;
	while (leaves < lanes) leaves <<= 1;
	lane = allocate((<u64>leaves) << LANE_SHIFT);
	tree = allocate(leaves);
}

export function laneAt(n: u32): usize {
	return lane + ((<usize>n) << LANE_SHIFT);
}

/** All of them begin now. */
export function startLanes(now: f64): void {
	for (let n: u32 = 0; n < leaves; n++) {
		const at = laneAt(n);
		// Leaves that are no lanes never come first.
		const from = n < lanes ? now : Infinity;
		store<f64>(at, from, NEXT);
		store<f64>(at, from, EVENT);
		store<f64>(at, Infinity, DRAIN);
		store<f64>(at, Infinity, IRQ);
		store<f64>(at, Infinity, NMI);
		store<u32>(at, NONE, CURRENT);
		store<u32>(at, 0, WAITS);
		store<u32>(at, 0, POSTED);
		store<u32>(at, 0, HELD);
		store<f64>(at, now, CUT);
	}
	for (let node = leaves - 1; node; node--) decide(node);
}

/** When something happens next in a lane. */
export function eventOf(n: u32, at: usize): f64 {
	let event = load<f64>(at, NEXT);
	if (load<f64>(at, DRAIN) < event) event = load<f64>(at, DRAIN);
	return load<u32>(at, POSTED) ? min(event, deliverable(n)) : event;
}

/** Something of a lane has changed that does not act now. */
export function refresh(n: u32): void {
	const at = laneAt(n);
	const event = eventOf(n, at);
	store<f64>(at, event, EVENT);
	if (event < Run.horizon) Run.horizon = event;
	settle(n);
}

/** The event of a lane has changed. */
export function settle(n: u32): void {
	for (let node = (leaves + n) >> 1; node; node >>= 1) {
		const before: u32 = load<u8>(tree + node);
		// Who came first and comes first still is known further up.
		if (decide(node) == before && before != n) return;
	}
}

/** Which of the two below comes first; the left one where both do. */
function decide(node: u32): u32 {
	const left = winner(node << 1);
	const right = winner((node << 1) + 1);
	const first = load<f64>(laneAt(right), EVENT) < load<f64>(laneAt(left), EVENT) ? right : left;
	store<u8>(tree + node, <u8>first);
	return first;
}

function winner(node: u32): u32 {
	return node < leaves ? <u32>load<u8>(tree + node) : node - leaves;
}

export function first(): u32 {
	return leaves > 1 ? load<u8>(tree, 1) : 0;
}

/** When the first of all lanes but one acts. */
export function firstBut(n: u32): f64 {
	let found: f64 = Infinity;
	for (let node = leaves + n; node > 1; node >>= 1) {
		const event = load<f64>(laneAt(winner(node ^ 1)), EVENT);
		if (event < found) found = event;
	}
	return found;
}

export function runs(handler: u32): bool {
	return handler != NONE && load<u8>(counterOf(handler)) != 0;
}

/** When the next interrupt of a CPU is taken; Infinity: not as things are. */
export function deliverable(n: u32): f64 {
	const at = laneAt(n);
	if (runs(nmiHandler(n))) return Infinity;
	const from = load<f64>(at, NEXT) < Infinity ? load<f64>(at, CUT) : 0;
	const nmi = load<f64>(at, NMI);
	if (nmi < Infinity) return max(nmi, from);
	if (load<u8>(cpuAt(n) + inFlags) & IRQ_MASKED || runs(irqHandler(n))) return Infinity;
	return max(load<f64>(at, IRQ), from);
}
