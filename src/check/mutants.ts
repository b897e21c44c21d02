// Whether a scenario needs each of its barriers, flushes, waits and checks: all of them, on all machines on which it is safe.

import type { Scenario } from "../scenario/ast.ts";
import type { Planned } from "./plan.ts";
import type { CheckRun } from "./run.ts";
import { type Action, actionsOf } from "./weaken.ts";

/** A scenario without one of its actions. */
export interface Mutant extends Action {
	scenario: string;
	row: string | null;
	/** How it was weakened in `run`; where nothing went wrong: all ways. */
	way: string;
	/** The first that goes wrong, with a shortest schedule; else the one that came closest. */
	run: CheckRun;
	/** Machines and parameters that it was tried with. */
	tried: number;
	/**
	 * "needed": something goes wrong without it. "redundant": nothing does, and the file or its library says why. "droppable": nothing
	 * does, and neither says so. "wrongly redundant": something does though the file denies it. "undecided": a bound was hit.
	 */
	standing: "needed" | "redundant" | "droppable" | "wrongly redundant" | "undecided";
}

/** Makes a run: of the scenario as it is, or without an action, weakened in the way that does the most harm. */
export type Make = (planned: Planned, action?: string) => Promise<{ run: CheckRun; way?: string }>;

/** The mutants of a scenario in these runs, where it is SAFE; none: it never is. */
export async function mutantsOf(
	scenario: Scenario,
	runs: readonly Planned[],
	make: Make,
	only: (action: Action) => boolean = () => true,
): Promise<Mutant[]> {
	const made = await Promise.all(runs.map(async (planned) => ({ planned, run: (await make(planned)).run })));
	const safe = made.filter(({ run }) => run.verdict === "SAFE");
	// What goes wrong mostly does so at once: the cheapest runs come first.
	safe.sort((a, b) => a.run.states - b.run.states);
	const found = new Map<string, { action: Action; runs: Planned[] }>();
	for (const { planned, run } of safe) {
		for (const action of actionsOf(scenario, planned.params, run.model)) {
			if (!only(action)) continue;
			const entry = found.get(action.action) ?? { action, runs: [] };
			entry.runs.push(planned);
			found.set(action.action, entry);
		}
	}
	// Where it is not known whether it is safe, it is not known either what keeps it so.
	const open = made.some(({ run }) => run.verdict === "INCOMPLETE");
	return Promise.all([...found.values()].map((entry) => tried(scenario, entry.action, entry.runs, open, make)));
}

async function tried(scenario: Scenario, action: Action, runs: Planned[], open: boolean, make: Make): Promise<Mutant> {
	let worst: { run: CheckRun; way: string } | undefined;
	let count = 0;
	let incomplete = open;
	for (const planned of runs) {
		const { run, way = "" } = await make(planned, action.action);
		count++;
		incomplete ||= run.verdict === "INCOMPLETE";
		if (!worst || harm(run) > harm(worst.run)) worst = { run, way };
		if (run.verdict === "HAZARD") break;
	}
	const { run, way } = worst!;
	const wrong = harm(run) > HARM.indexOf("INCOMPLETE");
	const standing = standingOf(action, wrong, incomplete);
	const how = wrong ? way : action.ways.join(" or ");
	return { ...action, scenario: scenario.name, row: scenario.row ?? null, way: how, run, tried: count, standing };
}

function standingOf({ redundant }: Action, wrong: boolean, incomplete: boolean): Mutant["standing"] {
	if (wrong) return redundant?.own ? "wrongly redundant" : "needed";
	if (incomplete) return "undecided";
	return redundant ? "redundant" : "droppable";
}

const HARM = ["SAFE", "INCOMPLETE", "LATENT", "HAZARD"];

function harm({ verdict }: CheckRun): number {
	return HARM.indexOf(verdict);
}
