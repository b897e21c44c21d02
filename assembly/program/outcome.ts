import { EVENT_FAULT } from "../../bindings/layout/hold";
import { tell } from "../machine/events";
import { tallyFault, tallyLine } from "../machine/tally";

// How a step ended, besides what it did to the machine.

/** What was guessed turned out wrong: this was no execution. */
export let infeasible: bool = false;
/** Something faulted (fault). */
export let faulted: bool = false;
/** An actor ran in circles without a step. */
export let runaway: bool = false;

export function beginStep(): void {
	infeasible = false;
	faulted = false;
}

/** An operation found no translation that lets it through, or no line behind it: it did nothing. */
export function fault(cpu: u32, va: u32): void {
	faulted = true;
	tallyFault();
	tallyLine(~0);
	tell(EVENT_FAULT, cpu, va, 0);
}

/** A guess was wrong. */
export function refute(): void {
	infeasible = true;
}

/** An actor has run as many local instructions as it may. */
export function runAway(): void {
	runaway = true;
}
