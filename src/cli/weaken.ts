// check --weaken: what goes wrong without each of the actions that keep a scenario right.

import type { CheckOptions, CheckRun, Scenario, WeakAction } from "../check/index.ts";
import { verdictOf } from "../report/matrix.ts";
import { many } from "../report/numbers.ts";
import { PAGE, table, wrap } from "../report/table.ts";
import { flag, type Given, wrongCall } from "./arguments.ts";
import { checking, runPooled, rowOf, type Test, type Wanted } from "./checking.ts";
import type { Done } from "./pool.ts";
import { note, out, print } from "./terminal.ts";

/** States of one weakened run, unless --states says more. */
const MOST_STATES = 300_000;
const WRONG = 1;
const INCOMPLETE = 3;

/** What came of one action of one file. */
interface Outcome {
	test: Test;
	action: WeakAction;
	way: string;
	/** The run that went wrong, else the last. */
	run: CheckRun;
	/** Machines and parameters that it was tried with. */
	tried: number;
	incomplete: boolean;
}

export async function weaken(wanted: Wanted[], options: CheckOptions, given: Given): Promise<void> {
	const { actionsOf, isLitmus } = await checking();
	if (wanted.some(({ test }) => isLitmus(test.source)))
		throw wrongCall("--weaken is about scenarios: a litmus test has no claim that could be broken", "--weaken");
	const bounds = { states: MOST_STATES, ...options.bounds };
	const safe: { one: Wanted; done: Done }[] = [];
	const first = await runPooled(wanted, options, (one, done) => {
		if (done.run.verdict === "SAFE") safe.push({ one, done });
	});
	if (safe.length === 0) throw wrongCall("there is no run that is SAFE, so nothing can be found that keeps it so", "--weaken");
	// Cheap runs first: most actions are missed at once.
	safe.sort((a, b) => a.done.run.states - b.done.run.states);
	const actions = new Map<string, { action: WeakAction; runs: Wanted[] }>();
	for (const { one, done } of safe) {
		for (const action of actionsOf(one.test.source as Scenario, one.planned.params, done.run.model)) {
			const key = `${one.test.file}\0${action.action}`;
			const found = actions.get(key) ?? { action, runs: [] };
			found.runs.push({ ...one, action: action.action });
			actions.set(key, found);
		}
	}
	const outcomes: Outcome[] = [];
	let left = [...actions.values()].map((entry) => ({ ...entry, at: 0, outcome: undefined as Outcome | undefined }));
	let stopped = first.stopped;
	while (left.length > 0 && !stopped) {
		const round = new Map(left.map((entry) => [entry.runs[entry.at]!, entry]));
		({ stopped } = await runPooled([...round.keys()], { ...options, bounds }, (one, { run, weakened }) => {
			const entry = round.get(one)!;
			const { outcome } = entry;
			const incomplete = run.verdict === "INCOMPLETE" || outcome?.incomplete === true;
			const worse = !outcome || run.verdict === "HAZARD" || (run.verdict === "LATENT" && outcome.run.verdict !== "LATENT");
			const told = worse ? { test: one.test, action: weakened!, way: weakened!.way, run } : outcome;
			entry.outcome = { ...told, tried: entry.at + 1, incomplete };
			entry.at++;
		}));
		left = left.filter((entry) => entry.at < entry.runs.length && entry.outcome?.run.verdict !== "HAZARD");
	}
}
