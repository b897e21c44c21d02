// What came of weakening scenarios action by action.

import type { Mutant } from "../check/mutants.ts";
import { escaped } from "./escaped.ts";
import { page, schedule } from "./matrix.ts";
import { many } from "./numbers.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";

const MARKS: Record<Mutant["standing"], string> = {
	needed: "",
	redundant: "",
	droppable: "NO",
	"wrongly redundant": "NO",
	undecided: "?",
};

/** One row for each action. */
export function mutantsTable(mutants: readonly Mutant[], style: Style, named: boolean): string[] {
	const left = (title: string) => ({ title, align: "left" as const });
	const columns = [
		left(""),
		left("row"),
		left("scenario"),
		left("without"),
		left(""),
		left("comes out"),
		{ title: "steps" },
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
	const rows = mutants.map((mutant) => {
		const { row, scenario, action, way, run, redundant, standing } = mutant;
		const params = Object.entries(run.params).map(([name, value]) => `${name}=${value}`);
		const cells = [
			escaped(row ?? ""),
			escaped(scenario),
			escaped(action),
			escaped(way),
			schedule(outcome(mutant), run.trace),
			escaped([...params, run.profile, run.model].join(" ")),
			escaped(redundant?.reason ?? ""),
		];
		return { cells, wrong: MARKS[standing] !== "" };
	});
	const wrong = rows.filter((row) => row.wrong).length;
	const title = `${many(mutants.length, "action")} taken out in turn, ${wrong === 0 ? "all as expected" : `${wrong} not as expected`}`;
	return page(title, ["row", "scenario", "without", "", "comes out", "on", "why it is there"], rows);
}
