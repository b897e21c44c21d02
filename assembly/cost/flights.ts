import { COST_STEP, COST_WAIT_FLUSHES, COST_WAIT_PURGE, RUN_FLUSHES, RUN_PURGES } from "../../bindings/layout/cost";
import { allocate } from "../machine/heap";
import { Price } from "./prices";
import { Run } from "./run";

// What is under way beside what its CPU does, so many at a time: flushes of lines, and purges that go to all CPUs on one bus.
// A slot is the time when what is in it is done, f64.

const MOST: u32 = 16;

let flights: usize = 0;
/** Flushes that a CPU may have in flight, 0: it waits for each. */
let flying: u32 = 0;
let bus: usize = 0;
/** Purges on the bus at a time, 0: there is no bus. */
let seats: u32 = 0;

export function beginFlights(setup: usize, lanes: u32): void {
	const flushes = load<u32>(setup, RUN_FLUSHES);
	flying = flushes > 1 ? min(flushes, MOST) : 0;
	flights = allocate((<u64>lanes * MOST) << 3);
	seats = min(load<u32>(setup, RUN_PURGES), MOST);
	bus = allocate(MOST << 3);
}

function slotsOf(n: u32): usize {
	return flights + ((<usize>(n * MOST)) << 3);
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

/** A flush holds up the one that finds no room, and fences. */
export function takeOff(kind: u32): void {
	if (flying == 0) {
		Price.pay(kind);
		return;
	}
	const slot = firstFree(slotsOf(Run.who), flying);
	Price.waitUntil(COST_WAIT_FLUSHES, load<f64>(slot));
	const time = Price.of(kind);
	Price.note(kind, 0);
	Price.pay(COST_STEP);
	store<f64>(slot, Run.t + time);
}

/** The lane that acts waits for all of its flushes. */
export function waitForFlights(): void {
	for (let slot: u32 = 0; slot < flying; slot++) {
		Price.waitUntil(COST_WAIT_FLUSHES, load<f64>(slotsOf(Run.who) + ((<usize>slot) << 3)));
	}
}

/** A purge that goes to all waits until there is room for it on the bus. */
export function purge(kind: u32, everywhere: bool): void {
	if (!everywhere || seats == 0) {
		Price.pay(kind);
		return;
	}
	const slot = firstFree(bus, seats);
	Price.waitUntil(COST_WAIT_PURGE, load<f64>(slot));
	Price.pay(kind);
	store<f64>(slot, Run.t);
}
