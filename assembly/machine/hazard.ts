import { HAZARDS } from "../../bindings/layout/explore";
import { EVENT_HAZARD } from "../../bindings/layout/hold";
import { tell } from "./events";

// The oracle's ledger: what the rules have found wrong while one action was applied.

/** Bits 1 << HAZARD_*. */
export let hazards: u32 = 0;
/** What the last one was about: the number of a line, mapping, frame, table or actor. */
export let hazardAbout: u32 = 0;
/** What each was about the last time, u8 each. */
const abouts: usize = memory.data(HAZARDS);

export function raise(hazard: u32, about: u32): void {
	hazards |= (<u32>1) << hazard;
	hazardAbout = about;
	store<u8>(abouts + hazard, <u8>about);
	tell(EVENT_HAZARD, 0, hazard, about);
}

/** Takes back what only would be one. */
export function withdraw(which: u32): void {
	hazards &= ~which;
}

export function aboutOf(hazard: u32): u32 {
	return load<u8>(abouts + hazard);
}

export function clearHazards(): void {
	hazards = 0;
}
