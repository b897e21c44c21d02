// What came of weakening scenarios action by action.

import type { Mutant } from "../check/mutants.ts";
import { escaped } from "./escaped.ts";
import { page, type Section, sheet } from "./html.ts";
import { scheduleHtml } from "./matrix.ts";
import { many } from "./numbers.ts";
import { chartOfRun } from "./schedule.ts";
import type { Style } from "./style.ts";
import { left, right, table } from "./table.ts";

const MARKS: Record<Mutant["standing"], string> = {
	needed: "",
	redundant: "",
	droppable: "NO",
	"wrongly redundant": "NO",
	undecided: "?",
};

/** One row for each action. */
export function mutantsTable(mutants: readonly Mutant[], style: Style, named: boolean): string[] {
	const columns = [
		left(""),
		left("row"),
		left("scenario"),
		left("without"),
		left(""),
		left("comes out"),
		...right("steps"),
	];
	const rows = mutants.map((mutant) => {
		const { row, scenario, action, way, run } = mutant;
		const steps = run.trace.length > 0 ? String(run.trace.length) : "";
		return [
			MARKS[mutant.standing],
			named ? (row ?? "") : "",
			named ? scenario : "",
			action,
			way,
			outcome(mutant),
			steps,
		];
	});
	return table(
		[...columns, left("on")],
		rows.map((cells, i) => [...cells, where(mutants[i]!)]),
		(text, row, column) => {
			if (row < 0) return style.dim(text);
			const mark = MARKS[mutants[row]!.standing];
			return mark === "NO" && column === 0 ? style.red(text) : mark === "NO" && column === 5 ? style.bold(text) : text;
		},
	);
}

export function outcome({ run, standing, tried }: Mutant): string {
	if (run.verdict === "HAZARD") return run.codes.join(" + ");
	if (run.verdict === "LATENT") return "LATENT";
	return `${standing}, ${many(tried, "run")}`;
}

function where({ run, standing }: Mutant): string {
	if (standing !== "needed" && standing !== "wrongly redundant") return "";
	return [run.profile === "abstract" ? undefined : run.profile, run.model].filter(Boolean).join(" ");
}

/** All mutants as a page by itself, each with its schedule. */
export function mutantsHtml(mutants: readonly Mutant[]): string {
	const { title, parts } = mutantsSection(mutants);
	return page(title, [], parts);
}

/** `prefix`: of the names of places in the page. */
export function mutantsSection(mutants: readonly Mutant[], prefix = "without"): Section {
	const charts = mutants.map(({ run }) => chartOfRun(run));
	const columns = ["row", "scenario", "without", "how", "comes out", "on", "why it is there"].map(left);
	const rows = mutants.map((mutant, i) => {
		const { row, scenario, action, way, run, redundant } = mutant;
		const params = Object.entries(run.params).map(([name, value]) => `${name}=${value}`);
		const told = escaped(outcome(mutant));
		return [
			row ?? "",
			scenario,
			action,
			way,
			{ html: charts[i] ? `<a href="#${prefix}-${i + 1}">${told}</a>` : told },
			[...params, run.profile, run.model].join(" "),
			redundant?.reason ?? "",
		];
	});
	const wrong = new Set(mutants.flatMap(({ standing }, i) => (MARKS[standing] === "" ? [] : [i])));
	const schedules = charts.flatMap((chart, i) => {
		if (!chart) return [];
		const { action, scenario } = mutants[i]!;
		return scheduleHtml(
			{ ...chart, title: `${scenario} without ${action}: ${chart.title}` },
			false,
			`${prefix}-${i + 1}`,
		);
	});
	const told = wrong.size === 0 ? "all as expected" : `${wrong.size} not as expected`;
	return {
		title: `${many(mutants.length, "action")} taken out in turn, ${told}`,
		parts: [sheet("Without each of them", { columns, rows, wrong }), ...schedules],
	};
}
