// The oracle's ledger: what the rules have found wrong while one action was applied.

/** Bits 1 << HAZARD_*. */
export let hazards: u32 = 0;
/** What the last one was about: the number of a line, mapping, frame, table or actor. */
export let hazardAbout: u32 = 0;

export function raise(hazard: u32, about: u32): void {
	hazards |= (<u32>1) << hazard;
	hazardAbout = about;
}

export function clearHazards(): void {
	hazards = 0;
}
