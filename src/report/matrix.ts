// Many runs at a glance: the catalogue, and one scenario on many machines.

import type { CheckRun } from "../check/run.ts";
import { escaped } from "./escaped.ts";
import { many, short } from "./numbers.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";

export interface MatrixRun {
	/** Of the catalogue. */
	row: string | null;
	run: CheckRun;
	milliseconds: number;
}

export function verdictOf({ verdict, codes }: CheckRun): string {
	return verdict === "HAZARD" ? codes.join(" + ") : verdict;
}

/** A line for each scenario and verdict: how many runs, on which machines. */
export function matrixTable(runs: readonly MatrixRun[], style: Style): string[] {
	const groups = new Map<string, MatrixRun[]>();
	for (const one of runs) {
		const { run } = one;
		const key = [run.scenario, verdictOf(run), run.ok, run.ok || run.expected].join("\0");
		groups.set(key, [...(groups.get(key) ?? []), one]);
	}
	const all = [...groups.values()];
	const left = (title: string) => ({ title, align: "left" as const });
	const columns = [left(""), left("row"), left("scenario"), left("verdict"), left("expected"), { title: "runs" }];
	columns.push({ title: "states" } as never, { title: "ms" } as never, left("machines"));
	const rows = all.map((group) => {
		const [{ row, run }] = group as [MatrixRun];
		const sum = (of: (one: MatrixRun) => number) => group.reduce((total, one) => total + of(one), 0);
		return [
			run.ok ? "ok" : run.verdict === "INCOMPLETE" ? "?" : "NO",
			row ?? "",
			run.scenario,
			verdictOf(run),
			run.ok ? "" : (run.expected ?? "SAFE"),
			String(group.length),
			short(sum((one) => one.run.states)),
			String(Math.round(sum((one) => one.milliseconds))),
			machinesText(group.map((one) => one.run)),
		];
	});
	return table(columns, rows, (text, row, column) => {
		if (row < 0) return style.dim(text);
		const ok = all[row]![0]!.run.ok;
		return ok ? text : column === 0 ? style.red(text) : column === 3 ? style.bold(text) : text;
	});
}

const MOST_MACHINES = 3;

function machinesText(runs: readonly CheckRun[]): string {
	const names = [...new Set(runs.map(machineText))];
	const more = names.length - MOST_MACHINES;
	return more > 0 ? `${names.slice(0, MOST_MACHINES).join(", ")}, ${more} more` : names.join(", ");
}

function machineText({ profile, model }: CheckRun): string {
	return profile === "abstract" ? model : `${profile} ${model}`;
}

/** Which machines show it: profiles down, memory models across. Undefined where there are not enough of them for that. */
export function machinesTable(runs: readonly CheckRun[], style: Style): string[] | undefined {
	const distinct = (of: (run: CheckRun) => string) => [...new Set(runs.map(of))];
	const models = distinct(({ model }) => model);
	const heads = distinct(headOf);
	if (heads.length < 2 || models.length < 2 || runs.length < heads.length * models.length) return undefined;
	const params = distinct(paramsOf);
	const left = (title: string) => ({ title, align: "left" as const });
	const columns = [left("scenario"), left("parameters"), left("profile"), ...models.map(left)];
	const rows = heads.map((head) => {
		const own = runs.filter((run) => headOf(run) === head);
		const { scenario, profile } = own[0]!;
		const given = params.length > 1 ? paramsOf(own[0]!) : "";
		return [scenario, given, profile, ...models.map((model) => cell(own.find((run) => run.model === model)))];
	});
	const shown = runs.filter(({ codes }) => codes.length > 0).length;
	const wrong = runs.filter(({ expected, ok }) => expected !== null && !ok).length;
	return [
		...table(columns, rows, (text, row) => (row < 0 ? style.dim(text) : text)),
		"",
		`${shown} of ${many(runs.length, "machine")} show a hazard${wrong > 0 ? `; ! ${wrong} not as expected` : ""}`,
	];
}

function headOf(run: CheckRun): string {
	return [run.scenario, paramsOf(run), run.profile].join("\0");
}

function paramsOf({ params }: CheckRun): string {
	return Object.entries(params)
		.map(([name, value]) => `${name}=${value}`)
		.join(" ");
}

function cell(run: CheckRun | undefined): string {
	return run ? `${verdictOf(run)}${run.expected !== null && !run.ok ? " !" : ""}` : "";
}

/** All runs as a page by itself, each hazard with its schedule. */
export function matrixHtml(runs: readonly MatrixRun[]): string {
	const wrong = runs.filter(({ run }) => !run.ok).length;
	const rows = runs.map(({ row, run, milliseconds }) => {
		const cells = [
			escaped(row ?? ""),
			escaped(run.scenario),
			escaped(paramsOf(run)),
			escaped(run.profile),
			run.model,
			schedule(verdictOf(run), run.trace),
			escaped(run.expected ?? ""),
			String(run.states),
			milliseconds.toFixed(1),
		];
		return { cells, wrong: !run.ok };
	});
	const titles = ["row", "scenario", "parameters", "profile", "model", "verdict", "expected", "states", "ms"];
	return page(
		`${many(runs.length, "run")}, ${wrong === 0 ? "all as expected" : `${wrong} not as expected`}`,
		titles,
		rows,
	);
}

/** A verdict that opens to the schedule that leads there. */
export function schedule(verdict: string, trace: CheckRun["trace"]): string {
	if (trace.length === 0) return escaped(verdict);
	const steps = trace.map(({ actor, cpu, text, hazards }) => {
		const who = [cpu === null ? undefined : `CPU${cpu}`, actor].filter(Boolean).join(" ");
		return `<li>${escaped(who)}: ${escaped(text)}${hazards.length > 0 ? ` <b>${escaped(hazards.join(" + "))}</b>` : ""}</li>`;
	});
	return `<details><summary>${escaped(verdict)}</summary><ol>${steps.join("")}</ol></details>`;
}

/** A table as a page that needs nothing else. */
export function page(
	title: string,
	titles: readonly string[],
	rows: readonly { cells: readonly string[]; wrong: boolean }[],
): string {
	const body = rows.map(({ cells, wrong }) => {
		return `<tr${wrong ? ' class="wrong"' : ""}>${cells.map((text) => `<td>${text}</td>`).join("")}</tr>`;
	});
	return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>stalemate: ${escaped(title)}</title>
<style>
body { font: 14px/1.4 system-ui, sans-serif; margin: 2em; }
table { border-collapse: collapse; }
th, td { padding: 0.2em 0.8em; text-align: left; vertical-align: top; border-bottom: 1px solid #8884; }
.wrong { background: #f002; }
@media (prefers-color-scheme: dark) { body { background: #111; color: #ddd; } }
</style>
<h1>${escaped(title)}</h1>
<table>
<thead><tr>${titles.map((one) => `<th>${one}</th>`).join("")}</tr></thead>
<tbody>
${body.join("\n")}
</tbody>
</table>
</html>
`;
}
