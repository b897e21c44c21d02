import type { Checked } from "../check/run.ts";
import { chartOf, fold, laneTitle } from "./schedule.ts";

/** A schedule as a sequence diagram in Mermaid's notation, which many web pages draw. */
export function scheduleMermaid(checked: Checked): string {
	const { title, lanes, rows, story } = chartOf(checked);
	const { schedule } = checked;
	const id = (lane: number) => `L${lane}`;
	const first = id(0);
	const last = id(lanes.length - 1);
	const all = lanes.length > 1 ? `${first},${last}` : first;
	const out = ["sequenceDiagram", `  title ${escaped(title)}`];
	for (const [i, lane] of lanes.entries()) out.push(`  participant ${id(i)} as ${escaped(laneTitle(lane))}`);
	const { repeatsFrom } = schedule!;
	for (const row of rows) {
		if (row.step === repeatsFrom) out.push("  loop for ever");
		const own = id(row.lane);
		const text = escaped(`${row.step}. ${row.text}`);
		const { action } = schedule!.steps[row.step - 1]!;
		// An interrupt comes from who sent one last, if anybody did.
		const sender =
			action.kind === "deliver" && !action.spontaneous
				? rows
						.slice(0, row.step - 1)
						.reverse()
						.find(({ step, lane }) => lane !== row.lane && sends(checked, step))
				: undefined;
		if (sender) out.push(`  ${id(sender.lane)}-)${own}: ${text}`);
		else if (row.spontaneous) out.push(`  Note over ${own}: ~ ${text}`);
		else out.push(`  ${own}->>${own}: ${text}`);
		if (row.hazards.length > 0) out.push(`  Note over ${own}: *** ${row.hazards.join(" + ")} ***`);
		if (row.stale !== null) {
			const now = row.stale.length > 0 ? `stale now: ${row.stale.join(", ")}` : "nothing is stale any more";
			out.push(`  Note over ${all}: ${lines(now)}`);
		}
	}
	if (repeatsFrom !== null) out.push("  end");
	out.push(`  Note over ${all}: ${lines(story)}`);
	return `${out.join("\n")}\n`;
}

/** Whether a step marked an interrupt pending. */
function sends({ schedule }: Checked, step: number): boolean {
	const pending = (state: { cpus: { irqPending: boolean; nmiPending: boolean }[] } | undefined) =>
		(state?.cpus ?? []).filter(({ irqPending, nmiPending }) => irqPending || nmiPending).length;
	const before = step === 1 ? schedule!.start : schedule!.steps[step - 2]?.state;
	return pending(schedule!.steps[step - 1]?.state) > pending(before);
}

const WIDTH = 60;

/** In several lines: a note is as wide as its text, and pushes lanes apart. */
function lines(text: string): string {
	return fold(text, WIDTH).map(escaped).join("<br/>");
}

/** What would end a line or begin markup. */
function escaped(text: string): string {
	return text.replace(/[#;<>"{}%]/g, (sign) => `#${sign.charCodeAt(0)};`);
}
