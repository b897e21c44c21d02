// What everything about a run on clocks shares: which lane acts, when, and why the run ends.

/** Nothing, nobody, nowhere. */
export const NOWHERE: u32 = ~0;

// biome-ignore lint/complexity/noStaticOnlyClass: unlike variables, static fields can be written from other files.
export class Run {
	/** RUN_*: what was asked for. */
	static setup: usize = 0;
	/** The lane that acts, where it is, and its clock, ns. */
	static who: u32 = 0;
	static at: usize = 0;
	static t: f64 = 0;
	/** When the first of the other lanes acts. */
	static horizon: f64 = 0;
	/** It need not go on, or cannot: rounds enough, the measured actor at its end, a price that nobody gave. */
	static stops: bool = false;
	/** The class that has no price. */
	static missing: u32 = NOWHERE;
}
