// What `check` prints of runs, one row each.

import type { Checked, CheckRun } from "../check/run.ts";
import { many, short } from "./numbers.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";

/** A verdict as people read it: SAFE never without its bounds. */
export function verdictText({ run, result }: Checked): string {
	if (run.verdict === "HAZARD") return run.codes.join(" + ");
	if (run.verdict !== "INCOMPLETE") return run.verdict;
	return result.stoppedBy === null ? "INCOMPLETE" : `INCOMPLETE (${result.stoppedBy})`;
}

/** How far a run looked: "all 120 states", "41 transitions" and so on. */
export function coverage({ complete, states, transitions, depth, bounds, reductions }: CheckRun): string[] {
	return [
		`${complete ? "all " : ""}${many(states, "state")}`,
		many(transitions, "transition"),
		`schedules of up to ${many(depth, "step")}`,
		...(bounds.pending > 0 ? [`at most ${many(bounds.pending, "pending operation")} per CPU`] : []),
		...reductions,
	];
}

/** "SAFE within bounds: all 120 states, 41 transitions, ..." */
export function covered({ run, result }: Checked): string {
	const { bounds } = run;
	const parts = coverage(run);
	const why = {
		states: `stopped at the bound of ${many(bounds.states, "state")}`,
		depth: `stopped at the bound of ${many(bounds.depth ?? 0, "step")}`,
		time: `stopped after ${bounds.time} s`,
		memory: "stopped for want of memory",
		edges: "too many steps between states to look for starvation",
		compaction: "no hazard was found, which is not to say that there is none",
		walks: "which say nothing about those not taken",
		cancelled: "stopped on request",
	};
	if (result.stoppedBy !== null) parts.push(why[result.stoppedBy]);
	else if (!run.complete) parts.push("stopped at what was looked for");
	return parts.join(", ");
}

export function paramsText(run: Checked["run"]): string {
	return Object.entries(run.params)
		.map(([name, value]) => `${name}=${value}`)
		.join(" ");
}

/** One row for each run. */
export function checksTable(all: Checked[], style: Style): string[] {
	const columns = [
		{ title: "", align: "left" as const },
		{ title: "scenario", align: "left" as const },
		{ title: "parameters", align: "left" as const },
		{ title: "profile", align: "left" as const },
		{ title: "model", align: "left" as const },
		{ title: "verdict", align: "left" as const },
		{ title: "expected", align: "left" as const },
		{ title: "states" },
	];
	const rows = all.map((checked) => {
		const { run } = checked;
		const expected = run.ok ? "" : (run.expected ?? "");
		const states = short(run.states);
		return [
			run.ok ? "ok" : run.verdict === "INCOMPLETE" ? "?" : "NO",
			run.scenario,
			paramsText(run),
			run.profile,
			run.model,
			verdictText(checked),
			expected,
			states,
		];
	});
	return table(columns, rows, (text, row, column) => {
		if (row < 0) return style.dim(text);
		const { run } = all[row]!;
		if (column === 0) return run.ok ? text : run.verdict === "INCOMPLETE" ? style.yellow(text) : style.red(text);
		return column === 5 && !run.ok ? style.bold(text) : text;
	});
}
