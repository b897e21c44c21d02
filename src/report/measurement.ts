import type { Measurement } from "../cost/cost.ts";
import { breakdownText, shareBars } from "./breakdown.ts";
import { type Html, paragraph, picture, pictures, type Section, sheet } from "./html.ts";
import { barsPicture, linesPicture } from "./plot-svg.ts";
import type { Series } from "./plot-text.ts";
import { plain, type Style } from "./style.ts";
import { type Picture, svgDocument } from "./svg.ts";
import { left, PAGE, right, type Sheet, table, wrap } from "./table.ts";

/** Measurements of one program, a row each, and what the time of the last goes to. */
export function measurementText(all: readonly Measurement[], style: Style = plain, width = PAGE): string[] {
	const { columns, rows } = measurementSheet(all);
	const last = all.at(-1)!;
	const lines = [style.bold(titleOf(last)), "", ...table(columns, rows), "", `${breakdownTitle(all)}:`];
	lines.push(...breakdownText(last.breakdown, width));
	for (const text of othersOf(last)) lines.push("", text);
	for (const note of notesOf(last)) lines.push("", ...wrap(note, Math.min(width, PAGE)).map(style.dim));
	return lines;
}

/** What is drawn of measurements, as a document: of several, the curve; else what the time goes to. */
export function measurementSvg(all: readonly Measurement[]): string {
	return svgDocument(measurementPicture(all));
}

function measurementPicture(all: readonly Measurement[]): Picture {
	const last = all.at(-1)!;
	const name = `${last.name} on ${last.profile}`;
	if (all.length === 1) return barsPicture(`${name}: ${last.ns.toFixed(1)} ns`, shareBars(last.breakdown));
	const points = all.map(({ threads, ns }): [number, number] => [threads, ns]);
	const ends = (end: 0 | 1) =>
		all.flatMap(({ threads, interval }): [number, number][] => (interval ? [[threads, interval.ns[end]]] : []));
	const series: Series[] = [{ name: last.actor, points }];
	if (ends(0).length > 0)
		series.push({ name: "5 % of machines", points: ends(0) }, { name: "95 % of machines", points: ends(1) });
	return linesPicture(name, series, { axes: ["CPUs", "ns per round"] });
}

/** Everything there is to see of measurements of one program. */
export function measurementSection(all: readonly Measurement[]): Section {
	const last = all.at(-1)!;
	const parts: Html[] = [sheet("Measurements", measurementSheet(all))];
	if (all.length > 1) {
		const rates = all.map(({ threads, perSecond }): [number, number] => [threads, perSecond]);
		parts.push(
			...pictures([
				measurementPicture(all),
				linesPicture(`${last.name}: rounds per second`, [{ name: last.actor, points: rates }], {
					axes: ["CPUs", "rounds per second"],
				}),
			]),
		);
	}
	parts.push(picture(barsPicture(breakdownTitle(all), shareBars(last.breakdown))));
	parts.push(...[...othersOf(last), ...notesOf(last)].map((text) => paragraph(text)));
	parts.push(sheet("Constants that it is made of", constantsSheet(last)));
	return { title: titleOf(last), parts };
}

function constantsSheet({ constants }: Measurement): Sheet {
	const columns = [left("constant"), ...right("value"), left(""), ...right("range"), left("known as"), left("source")];
	const rows = Object.entries(constants).map(([name, { value, unit, range, basis, source }]) => [
		name,
		String(value),
		unit,
		range ? range.map((end) => +end.toPrecision(5)).join(" to ") : "",
		basis ?? "",
		source ?? "",
	]);
	return { columns, rows };
}

function measurementSheet(all: readonly Measurement[]): Sheet {
	const rows = all.map((one) => [
		String(one.threads),
		one.ns.toFixed(1),
		one.cycles.toFixed(1),
		one.perSecond.toExponential(3),
		one.interval ? `${one.interval.ns[0].toFixed(1)} to ${one.interval.ns[1].toFixed(1)}` : "",
		one.basis,
	]);
	const columns = [...right("CPUs", "ns", "cycles", "per second", "90 % of machines"), left("basis")];
	return { columns, rows };
}

function titleOf({ name, profile, params, actor }: Measurement): string {
	const told = Object.entries(params)
		.filter(([name]) => name !== "cpus")
		.map(([name, value]) => `${name}=${value}`)
		.join(" ");
	return `${name} on ${profile}${told === "" ? "" : `, ${told}`}: rounds of ${actor}`;
}

function breakdownTitle(all: readonly Measurement[]): string {
	return `Where the time goes${all.length > 1 ? `, ${all.at(-1)!.threads} CPUs` : ""}`;
}

function othersOf({ others }: Measurement): string[] {
	return others.map(({ actor, ns, median, p999 }) => {
		return `${actor}: ${ns.toFixed(1)} ns a round, median ${median.toFixed(1)}, 99.9 % ${p999.toFixed(1)}`;
	});
}

function notesOf(last: Measurement): string[] {
	return [
		...(last.calibratedOn.length > 0
			? [
					`Constants fitted to ${last.calibratedOn.join(", ")} are in it: ${last.basis === "calibrated" ? "it is one of them" : "a prediction"}.`,
				]
			: []),
		...last.standsIn.map((why) => `Stands in: ${why}.`),
		...(last.unused ? [`Given, but nothing here takes it: ${last.unused.join(", ")}.`] : []),
		...(last.steady ? [] : ["Not steady: the second half of the rounds took longer or shorter than the first."]),
		...(last.hazards.length > 0
			? [`On this schedule it ran into ${last.hazards.join(" + ")}: stalemate check shows how.`]
			: []),
	];
}
