import {
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
} from "../../bindings/layout/cost";
import { allocate } from "../machine/heap";
import { p } from "../program/operands";
import { Run } from "./run";

// How long actors take to go round: ROUND_* of each (bindings/layout/cost.ts).

export let rounds: usize = 0;
/** The actor that a run is about, and how many rounds of it. */
export let measured: u32 = 0;
let goal: u32 = 0;

export function beginRounds(setup: usize): void {
	rounds = allocate(<u64>p.actorCount * ROUND_SIZE);
	measured = load<u32>(setup, RUN_ACTOR);
}

function roundsOf(actor: u32): usize {
	return rounds + <usize>actor * ROUND_SIZE;
}

/** There is room for what this one takes, round by round. */
export function keepSamples(actor: u32): void {
	store<u32>(roundsOf(actor), <u32>allocate(ROUND_MOST_SAMPLES << 3), ROUND_SAMPLES_AT);
}

export function forgetRounds(): void {
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		const at = roundsOf(actor);
		store<u32>(at, 0, ROUND_COUNT);
		store<u32>(at, 0, ROUND_SAMPLES);
		store<f64>(at, load<f64>(at, ROUND_LAST), ROUND_FIRST);
		store<f64>(at, 0, ROUND_PAUSED);
		store<f64>(at, 0, ROUND_PAUSED_BEFORE);
	}
}

export function aim(rounds: u32): void {
	goal = rounds;
}

export function isThere(): bool {
	return load<u32>(roundsOf(measured), ROUND_COUNT) >= goal;
}

export function addPause(actor: u32, time: f64): void {
	const at = roundsOf(actor);
	store<f64>(at, load<f64>(at, ROUND_PAUSED) + time, ROUND_PAUSED);
}

export function endRound(actor: u32): void {
	const at = roundsOf(actor);
	const kept = load<u32>(at, ROUND_SAMPLES);
	const paused = load<f64>(at, ROUND_PAUSED);
	const count = load<u32>(at, ROUND_COUNT) + 1;
	const samples = load<u32>(at, ROUND_SAMPLES_AT);
	if (samples && kept < <u32>ROUND_MOST_SAMPLES) {
		const time = Run.t - load<f64>(at, ROUND_LAST) - (paused - load<f64>(at, ROUND_PAUSED_BEFORE));
		store<f64>(<usize>samples + ((<usize>kept) << 3), time);
		store<u32>(at, kept + 1, ROUND_SAMPLES);
	}
	store<f64>(at, Run.t, ROUND_LAST);
	store<f64>(at, paused, ROUND_PAUSED_BEFORE);
	store<u32>(at, count, ROUND_COUNT);
	if (actor == measured && count >= goal) Run.stops = true;
}
