// A check as programs: with what was taken out of the scenario, and on a machine of one's own.

import type { Checked, MachineOptions } from "../../src/check/run.ts";
import { literal, machineText } from "../../src/report/schedule-test.ts";

type Machine = Pick<MachineOptions, "profile" | "without">;

export function checkCode({ run }: Checked, text: string, options: Machine): string {
	const { before, machine } = machineText(run, options);
	return [
		'import { loadCheck, scheduleText } from "stalemate/check";',
		"",
		`const scenario = ${literal(text)};`,
		"",
		...before,
		"const check = await loadCheck();",
		`const checked = await check.check(scenario, ${machine});`,
		"console.log(checked.run.verdict, checked.run.codes.join());",
		"if (checked.schedule) console.log(scheduleText(checked));",
		"",
	].join("\n");
}

/** That there is no schedule that goes wrong. */
export function verdictTest({ run }: Checked, text: string, options: Machine): string {
	const { before, machine } = machineText(run, options);
	return [
		'import { loadCheckSync } from "stalemate/check";',
		'import { expect, test } from "vitest";',
		"",
		`const scenario = ${literal(text)};`,
		"",
		...before,
		`test(${JSON.stringify(`${run.scenario} on ${run.profile} (${run.model}): ${run.verdict}`)}, () => {`,
		`\tconst { run } = loadCheckSync().checkSync(scenario, ${machine});`,
		`\texpect(run.verdict).toBe(${JSON.stringify(run.verdict)});`,
		"});",
		"",
	].join("\n");
}
