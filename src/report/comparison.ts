import type { Comparison } from "../cost/statistics.ts";
import { paragraph, type Section, sheet } from "./html.ts";
import { left, right } from "./table.ts";

/** Two samples, before and after a change, as a part of a page. */
export function comparisonSection({ before, after, change, interval, t, degrees, p, sentence }: Comparison): Section {
	const digits = (value: number) => value.toPrecision(4);
	const percent = (value: number) => `${(value * 100).toFixed(2)} %`;
	const samples = Object.entries({ before, after }).map(([name, { mean, deviation, n }]) => [
		name,
		digits(mean),
		digits(deviation),
		String(n),
	]);
	const facts = [
		["change", percent(change)],
		["95 % of resampled changes", `${percent(interval[0])} to ${percent(interval[1])}`],
		["Welch's t", digits(t)],
		["degrees of freedom", digits(degrees)],
		["p", digits(p)],
	];
	return {
		title: "Before and after",
		parts: [
			paragraph(sentence),
			sheet("Samples", { columns: [left("sample"), ...right("mean", "standard deviation", "values")], rows: samples }),
			sheet("The difference", { columns: [left("what"), ...right("value")], rows: facts }),
		],
	};
}
