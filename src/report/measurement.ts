import type { Measurement } from "../cost/cost.ts";
import { breakdownText } from "./breakdown.ts";
import { plain, type Style } from "./style.ts";
import { PAGE, table, wrap } from "./table.ts";

/** Measurements of one program, a row each, and what the time of the last goes to. */
export function measurementText(all: readonly Measurement[], style: Style = plain, width = PAGE): string[] {
	const rows = all.map((one) => [
		String(one.threads),
		one.ns.toFixed(1),
		one.cycles.toFixed(1),
		one.perSecond.toExponential(3),
		one.interval ? `${one.interval.ns[0].toFixed(1)} to ${one.interval.ns[1].toFixed(1)}` : "",
		one.basis,
	]);
	const last = all.at(-1)!;
	const params = Object.entries(last.params).filter(([name]) => name !== "cpus");
	const told = params.map(([name, value]) => `${name}=${value}`).join(" ");
	const lines = [
		style.bold(`${last.name} on ${last.profile}${told === "" ? "" : `, ${told}`}: rounds of ${last.actor}`),
		"",
	];
	lines.push(
		...table(
			[
				{ title: "CPUs" },
				{ title: "ns" },
				{ title: "cycles" },
				{ title: "per second" },
				{ title: "90 % of machines" },
				{ title: "basis", align: "left" },
			],
			rows,
		),
		"",
		`Where the time goes${all.length > 1 ? `, ${last.threads} CPUs` : ""}:`,
		...breakdownText(last.breakdown, width),
	);
	for (const other of last.others)
		lines.push(
			"",
			`${other.actor}: ${other.ns.toFixed(1)} ns a round, median ${other.median.toFixed(1)}, 99.9 % ${other.p999.toFixed(1)}`,
		);
	const notes = [
		...(last.calibratedOn.length > 0
			? [`Constants fitted to ${last.calibratedOn.join(", ")} are in it: a prediction.`]
			: []),
		...last.standsIn.map((why) => `Stands in: ${why}.`),
		...(last.steady ? [] : ["Not steady: the second half of the rounds took longer or shorter than the first."]),
		...(last.hazards.length > 0
			? [`On this schedule it ran into ${last.hazards.join(" + ")}: stalemate check shows how.`]
			: []),
	];
	for (const note of notes) lines.push("", ...wrap(note, Math.min(width, PAGE)).map(style.dim));
	return lines;
}
