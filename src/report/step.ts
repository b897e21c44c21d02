// One step of a schedule and the state after it, for whoever goes through them one by one.

import type { Checked } from "../check/run.ts";
import type { Chart } from "./schedule.ts";
import { fold } from "./schedule.ts";
import { stateChanges } from "./state.ts";
import { plain, type Style } from "./style.ts";
import { PAGE } from "./table.ts";

const SECTIONS = [
	"actors",
	"variables",
	"page tables",
	"pages",
	"memory",
	"caches",
	"TLBs",
	"pending",
	"CPUs",
] as const;

/** Columns of the names of sections. */
const LABEL = 12;

/** `step` 0 is the start. What the step changed is lit. */
export function stepText(checked: Checked, chart: Chart, step: number, style: Style = plain, width = PAGE): string[] {
	const { program, schedule } = checked;
	const { start, steps } = schedule!;
	const row = chart.rows[step - 1];
	const lane = row && chart.lanes[row.lane];
	const mark = row?.spontaneous ? "~ " : "";
	const head = row
		? `step ${step} of ${steps.length}  ${lane?.name}  ${mark}${row.text}`
		: `start (${steps.length} steps)`;
	const out = fold(head, width).map(style.bold);
	for (const hazard of row?.hazards ?? []) out.push(style.red(`*** ${hazard}`));
	for (const { what } of chart.causes.filter((cause) => step > 0 && cause.step === step))
		out.push(...fold(`! ${what}`, width).map(style.cyan));
	const state = step === 0 ? start : steps[step - 1]!.state;
	const before = step === 0 ? undefined : step === 1 ? start : steps[step - 2]!.state;
	const items = stateChanges(program, state, before);
	for (const section of SECTIONS) {
		let label = section.padEnd(LABEL);
		for (const { text, stale, change } of items.filter((item) => item.section === section)) {
			const sign = { same: " ", new: "+", gone: "-" }[change];
			for (const [i, line] of fold(text, width - LABEL - 2).entries()) {
				const shown = `${i === 0 ? sign : " "} ${line}`;
				const lit = change === "new" ? style.bold(shown) : change === "gone" ? style.dim(shown) : shown;
				out.push(style.dim(label) + (stale && change !== "gone" ? style.red(lit) : lit));
				label = " ".repeat(LABEL);
			}
		}
	}
	return out;
}
