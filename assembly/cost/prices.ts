import { COST_CLASSES, RUN_JITTER, RUN_PRICES, RUN_RANGES, RUN_SEED, RUN_WORKS } from "../../bindings/layout/cost";
import { allocate } from "../machine/heap";
import { Run } from "./run";

// What things cost, and what everybody has spent.
//
//   prices  of each class: f64 ns, NaN: not known
//   ranges  of each work: [ f64 lowest ns | f64 highest ns ], 0, 0: it always takes the same time
//   spent   of each lane and class: [ f64 ns | f64 how often ]

let prices: usize = 0;
let ranges: usize = 0;
export let spent: usize = 0;
let classes: u32 = 0;
let jitter: f64 = 0;
let random: u64 = 0;
/** Where the lane that acts has its part of `spent`. */
let account: usize = 0;

const SPENT_SHIFT: usize = 4;

export function beginPrices(setup: usize, lanes: u32): void {
	prices = setup + RUN_PRICES;
	ranges = setup + RUN_RANGES;
	classes = <u32>COST_CLASSES + load<u32>(setup, RUN_WORKS);
	spent = allocate((<u64>lanes * classes) << SPENT_SHIFT);
	jitter = load<f64>(setup, RUN_JITTER);
	random = load<u64>(setup, RUN_SEED) * 0x9e3779b97f4a7c15 + 0x1234567;
	if (random == 0) random = 1;
}

export function forgetSpent(lanes: u32): void {
	memory.fill(spent, 0, (<usize>(lanes * classes)) << SPENT_SHIFT);
}

function accountOf(lane: u32): usize {
	return spent + ((<usize>(lane * classes)) << SPENT_SHIFT);
}

/** From now on this lane pays. */
export function setPayer(lane: u32): void {
	account = accountOf(lane);
}

/** What a lane has waited, which its clock has passed already. */
export function noteOf(lane: u32, kind: u32, time: f64): void {
	Price.book(accountOf(lane), kind, time);
}

/** From 0 to below 1. */
function draw(): f64 {
	random ^= random << 13;
	random ^= random >> 7;
	random ^= random << 17;
	return <f64>(random >> 11) / 9007199254740992.0;
}

function withJitter(price: f64): f64 {
	return price * (1 + jitter * (draw() * 2 - 1));
}

/** What a work takes this time. Where it has a range: as often less as more than is stated, the likelier the nearer to it. */
export function timeOfWork(number: u32): f64 {
	const stated = Price.of(<u32>COST_CLASSES + number);
	const range = ranges + ((<usize>number) << 4);
	const high = load<f64>(range, 8);
	if (high == 0) return stated;
	const middle = Price.stated(<u32>COST_CLASSES + number);
	const low = load<f64>(range);
	const part = draw();
	return part < 0.5 ? low + sqrt<f64>(2 * part) * (middle - low) : high - sqrt<f64>(2 - 2 * part) * (high - middle);
}

function withoutPrice(kind: u32): f64 {
	Run.missing = kind;
	Run.stops = true;
	return 0;
}

/** What nearly every action goes through. */
// biome-ignore lint/complexity/noStaticOnlyClass: only methods can be written out where they are called.
export class Price {
	/** Without jitter. */
	@inline static stated(kind: u32): f64 {
		return load<f64>(prices + ((<usize>kind) << 3));
	}

	@inline static of(kind: u32): f64 {
		const price = Price.stated(kind);
		// biome-ignore lint/suspicious/noGlobalIsNan: of a number, in AssemblyScript.
		if (isNaN(price)) return withoutPrice(kind);
		return jitter == 0 ? price : withJitter(price);
	}

	/** The lane that acts spends what something costs. */
	@inline static pay(kind: u32): void {
		Price.spend(kind, Price.of(kind));
	}

	@inline static spend(kind: u32, time: f64): void {
		if (time == 0) return;
		Price.note(kind, time);
		Run.t += time;
	}

	@inline static note(kind: u32, time: f64): void {
		Price.book(account, kind, time);
	}

	@inline static book(account: usize, kind: u32, time: f64): void {
		const at = account + ((<usize>kind) << SPENT_SHIFT);
		store<f64>(at, load<f64>(at) + time);
		store<f64>(at, load<f64>(at, 8) + 1, 8);
	}

	@inline static waitUntil(kind: u32, until: f64): void {
		if (until > Run.t) Price.spend(kind, until - Run.t);
	}
}
