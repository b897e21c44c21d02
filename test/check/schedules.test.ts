import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
	chartOf,
	parseScenario,
	plan,
	scheduleMermaid,
	scheduleSvg,
	scheduleText,
	stepText,
} from "../../src/check/index.ts";
import { check } from "./core.ts";

const FOLDER = fileURLToPath(new URL("../../scenarios", import.meta.url));
const BOUNDS = { states: 300_000 };

const files = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
	.filter((entry) => entry.name.endsWith(".scn"))
	.map((entry) => relative(FOLDER, join(entry.parentPath, entry.name)))
	.sort();

describe.each(files)("%s", (file) => {
	const scenario = parseScenario(readFileSync(join(FOLDER, file), "utf8"), { file });
	const runs = plan(scenario).map(
		(one) => [[one.profile, one.model].filter(Boolean).join(" ") || "as it is", one] as const,
	);

	test.for(runs)("is as it expects, and its schedule replays and can be shown: %s", ([, planned], { skip }) => {
		const checked = check.checkSync(scenario, { ...planned, bounds: BOUNDS });
		const { run, schedule, result } = checked;
		skip(result.stoppedBy !== null, `INCOMPLETE at ${run.states} states`);
		expect(`${run.verdict} ${run.codes.join("+")}, expected ${run.expected}: ${run.ok}`).toMatch(/true$/);
		if (!schedule) return;
		const { hazards } = check.replay(scenario, schedule.actions, { ...planned, mayHold: schedule.mayHold });
		expect(hazards).toContain(schedule.code);
		const chart = chartOf(checked);
		expect(chart.causes.at(-1)).toEqual({ step: schedule.steps.length, what: schedule.ends });
		for (const { step } of chart.causes) expect(step).toBeLessThanOrEqual(schedule.steps.length);
		const forms = [scheduleText(checked, { width: 80 }), scheduleSvg(checked), scheduleMermaid(checked)];
		const steps = chart.rows.map((_, i) => stepText(checked, chart, i).join("\n"));
		for (const text of [...forms, ...steps]) expect(text).not.toMatch(/undefined|NaN|\[object/);
	});
});
