// Many runs at a glance: the catalogue, and one scenario on many machines.

import type { CheckRun } from "../check/run.ts";
import { coverage } from "./checks.ts";
import { escaped } from "./escaped.ts";
import { folded, type Html, page, paragraph, picture, type Section, sheet } from "./html.ts";
import { many, short, whole } from "./numbers.ts";
import { type Chart, chartOfRun } from "./schedule.ts";
import { schedulePicture } from "./schedule-svg.ts";
import type { Style } from "./style.ts";
import { left, right, type Sheet, table } from "./table.ts";

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
	const columns = [left(""), left("row"), left("scenario"), left("verdict"), left("expected")];
	columns.push(...right("runs", "states", "ms"), left("machines"));
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

export function machinesTable(runs: readonly CheckRun[], style: Style): string[] | undefined {
	const found = machinesSheet(runs);
	if (!found) return undefined;
	return [
		...table(found.columns, found.rows, (text, row) => (row < 0 ? style.dim(text) : text)),
		"",
		machinesLine(runs),
	];
}

/** Which machines show it: profiles down, memory models across. Undefined where there are not enough of them for that. */
function machinesSheet(runs: readonly CheckRun[]): Sheet | undefined {
	const distinct = (of: (run: CheckRun) => string) => [...new Set(runs.map(of))];
	const models = distinct(({ model }) => model);
	const heads = distinct(headOf);
	if (heads.length < 2 || models.length < 2 || runs.length < heads.length * models.length) return undefined;
	const params = distinct(paramsOf);
	const columns = [left("scenario"), left("parameters"), left("profile"), ...models.map(left)];
	const rows = heads.map((head) => {
		const own = runs.filter((run) => headOf(run) === head);
		const { scenario, profile } = own[0]!;
		const given = params.length > 1 ? paramsOf(own[0]!) : "";
		return [scenario, given, profile, ...models.map((model) => cell(own.find((run) => run.model === model)))];
	});
	return { columns, rows };
}

function machinesLine(runs: readonly CheckRun[]): string {
	const shown = runs.filter(({ codes }) => codes.length > 0).length;
	const wrong = runs.filter(({ expected, ok }) => expected !== null && !ok).length;
	return `${shown} of ${many(runs.length, "machine")} show a hazard${wrong > 0 ? `; ! ${wrong} not as expected` : ""}`;
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
	const section = matrixSection(runs);
	return page(section.title, [], section.parts);
}

/** What JSON does not have may be missing. */
export type AnyRun = Pick<MatrixRun, "run"> & Partial<MatrixRun>;

/** So many schedules are shown at once; of more, those that are opened. */
const MOST_OPEN = 2;

/** `prefix`: of the names of places in the page. */
export function matrixSection(runs: readonly AnyRun[], prefix = "run"): Section {
	const wrong = new Set(runs.flatMap(({ run }, i) => (run.ok ? [] : [i])));
	const charts = runs.map(({ run }) => chartOfRun(run));
	const drawn = charts.filter(Boolean).length;
	const columns = [left("row"), left("scenario"), left("parameters"), left("profile"), left("model"), left("verdict")];
	columns.push(left("observed"), left("expected"), ...right("states", "transitions", "steps", "ms"));
	const rows = runs.map(({ row, run, milliseconds }, i) => {
		const verdict = escaped(verdictOf(run));
		return [
			row ?? "",
			run.scenario,
			paramsOf(run),
			run.profile,
			run.model,
			{ html: charts[i] && runs.length > 1 ? `<a href="#${prefix}-${i + 1}">${verdict}</a>` : verdict },
			run.observation ?? "",
			run.expected ?? "",
			whole(run.states),
			whole(run.transitions),
			whole(run.depth),
			milliseconds?.toFixed(1) ?? "",
		];
	});
	const machines = machinesSheet(runs.map(({ run }) => run));
	const parts: Html[] = [];
	if (machines) parts.push(paragraph(machinesLine(runs.map(({ run }) => run))), sheet("Machines", machines));
	parts.push(sheet("Runs", { columns, rows, wrong }));
	for (const [i, chart] of charts.entries())
		if (chart) parts.push(scheduleHtml(chart, drawn <= MOST_OPEN, `${prefix}-${i + 1}`));
	const [first] = runs;
	if (runs.length === 1 && first) parts.push(paragraph(coverage(first.run).join(", "), "dim"));
	for (const { run } of runs) {
		if (!run.finalStates) continue;
		const states = run.finalStates.map(({ text, satisfies }) => [text, satisfies ? "yes" : "no"]);
		parts.push(
			sheet(`Final states of ${run.scenario} on ${run.profile} (${run.model})`, {
				columns: [left("state"), left("satisfies the condition")],
				rows: states,
			}),
		);
	}
	const told = wrong.size === 0 ? "all as expected" : `${wrong.size} not as expected`;
	const title =
		first && runs.length === 1
			? `${first.run.scenario}: ${verdictOf(first.run)}`
			: `${many(runs.length, "run")}, ${told}`;
	return { title, parts };
}

/** A schedule in its lanes, to be opened. */
export function scheduleHtml(chart: Chart, open: boolean, id: string): Html {
	return folded(chart.title, [picture(schedulePicture(chart))], { id, open });
}
