import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type Params, type Planned, paramSpace, parseScenario, plan, type Scenario } from "../../src/check/index.ts";
import { check } from "./core.ts";

const FOLDER = fileURLToPath(new URL("../../scenarios", import.meta.url));
const BOUNDS = { states: 300_000 };
/** More combinations of parameters are not all tried. */
const MOST = 24;

const files = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
	.filter((entry) => entry.name.endsWith(".scn"))
	.map((entry) => relative(FOLDER, join(entry.parentPath, entry.name)))
	.sort();

/** All choices of parameters; of many, the defaults and those that an expectation is about. */
function choices(scenario: Scenario): Params[] {
	const space = paramSpace(scenario);
	if (space.length <= MOST) return space;
	const about = scenario.expects.flatMap(({ when }) => {
		return Object.entries(when ?? {}).reduce<Params[]>(
			(all, [name, values]) => all.flatMap((params) => values.map((value) => ({ ...params, [name]: value }))),
			[{}],
		);
	});
	return [{}, ...about];
}

function runsOf(scenario: Scenario): [string, Planned][] {
	const runs = choices(scenario).flatMap((params) => plan(scenario, { params }));
	const named = runs.map((one): [string, Planned] => [
		[...Object.entries(one.params).map((pair) => pair.join("=")), one.profile, one.model].filter(Boolean).join(" "),
		one,
	]);
	return [...new Map(named)];
}

describe.each(files)("%s", (file) => {
	const text = readFileSync(join(FOLDER, file), "utf8");
	const scenario = parseScenario(text, { file });

	test.for(runsOf(scenario))("is as it expects: %s", ([, planned], { skip }) => {
		const { run, schedule, result } = check.checkSync(scenario, { ...planned, bounds: BOUNDS });
		skip(result.stoppedBy !== null, `INCOMPLETE at ${run.states} states`);
		expect(`${run.verdict} ${run.codes.join("+")}, expected ${run.expected}: ${run.ok}`).toMatch(/true$/);
		if (!schedule) return;
		const { hazards } = check.replay(scenario, schedule.actions, { ...planned, mayHold: schedule.mayHold });
		expect(hazards).toContain(schedule.code);
	});
});
