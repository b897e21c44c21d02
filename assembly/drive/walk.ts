import { HAZARD_LIVE } from "../../bindings/layout/explore";
import { blockSize, work } from "../machine/block";
import { clearHazards, hazardAbout, hazards, raise } from "../machine/hazard";
import { allocate, status } from "../machine/heap";
import { start } from "../program/machine";
import { beginStep, infeasible } from "../program/outcome";
import { actionCount, actions, apply, enumerate, isStuck } from "./actions";

// Schedules at random, for programs that have too many states: what they find is real, what they do not find says nothing.

let now: usize = 0;
let tried: usize = 0;
let random: u64 = 0;
/** Actions of the walk that is under way, and how many. */
export let steps: usize = 0;
export let stepCount: u32 = 0;
/** Hazards of the last walk's last action, and what that was about. */
export let walkHazards: u32 = 0;
export let walkAbout: u32 = 0;

export function beginWalks(seed: u64, mostSteps: u32): bool {
	now = allocate(blockSize);
	tried = allocate(blockSize);
	steps = allocate((<u64>mostSteps) << 2);
	random = seed;
	return status == 0;
}

function below(limit: u32): u32 {
	random = random * 6364136223846793005 + 1442695040888963407;
	return <u32>(((random >> 32) * limit) >> 32);
}

/** One walk of at most `mostSteps` actions. Returns whether it met a hazard that is not among those `known`. */
export function walkOnce(mostSteps: u32, known: u32): bool {
	memory.copy(now, start, blockSize);
	stepCount = 0;
	while (stepCount < mostSteps) {
		work(now);
		clearHazards();
		enumerate();
		if (isStuck()) raise(HAZARD_LIVE, 0);
		if (met(known)) return true;
		if (actionCount == 0) return false;
		const action = load<u32>(actions + ((<usize>below(actionCount)) << 2));
		memory.copy(tried, now, blockSize);
		work(tried);
		clearHazards();
		beginStep();
		apply(action);
		if (infeasible) return false;
		store<u32>(steps + ((<usize>stepCount) << 2), action);
		stepCount++;
		if (met(known)) return true;
		memory.copy(now, tried, blockSize);
	}
	return false;
}

function met(known: u32): bool {
	walkHazards = hazards;
	walkAbout = hazardAbout;
	return (hazards & ~known) != 0;
}
