import type { Checked, CheckRun, MachineOptions } from "../check/run.ts";
import { chartOf } from "./schedule.ts";

/**
 * A test for vitest that replays a schedule without searching: it fails once the scenario, or this package, no longer leads
 * from these actions to the hazard. `text` is the scenario; `options` are those of the check, as far as they changed the machine.
 */
export function scheduleTest(
	checked: Checked,
	text: string,
	options: Pick<MachineOptions, "caches" | "window" | "without" | "profile"> = {},
): string {
	const { title, rows, lanes } = chartOf(checked);
	const { run, schedule } = checked;
	const { code, actions, mayHold, repeatsFrom } = schedule!;
	const { caches, window } = options;
	const { before, machine } = machineText(run, options, {
		...(caches && { caches }),
		...(window && { window }),
		...(mayHold && { mayHold }),
	});
	const numbers = actions.map((action, i) => {
		const row = rows[i];
		const what = row ? ` // ${row.step}. ${lanes[row.lane]!.name}: ${row.text}` : "";
		return `\t0x${action.toString(16).padStart(8, "0")},${what}`;
	});
	return [
		'import { loadCheckSync } from "stalemate/check";',
		'import { expect, test } from "vitest";',
		"",
		`const scenario = ${literal(text)};`,
		"",
		...before,
		"const actions = [",
		...numbers,
		"];",
		"",
		`test(${JSON.stringify(title)}, () => {`,
		...(repeatsFrom === null
			? [
					`\tconst { hazards } = loadCheckSync().replay(scenario, actions, ${machine});`,
					`\texpect(hazards).toContain(${JSON.stringify(code)});`,
				]
			: [
					`\tconst { start, steps } = loadCheckSync().replay(scenario, actions, ${machine});`,
					"\tconst states = [start, ...steps.map(({ state }) => state)];",
					`\t// ${code}: from step ${repeatsFrom} on it goes round.`,
					`\texpect(states.at(-1)).toEqual(states[${repeatsFrom - 1}]);`,
				]),
		"});",
		"",
	].join("\n");
}

/** The machine of a run as a program names it; a profile of one's own stands before, as data. */
export function machineText(
	run: CheckRun,
	{ profile, without = [] }: Pick<MachineOptions, "profile" | "without">,
	more: MachineOptions = {},
): { before: string[]; machine: string } {
	const { params, model } = run;
	const rest = { model, ...(without.length > 0 && { without }), ...more };
	if (typeof profile !== "object")
		return { before: [], machine: JSON.stringify({ params, profile: run.profile, ...rest }) };
	const before = [`const profile = ${JSON.stringify(profile, undefined, "\t")};`, ""];
	return { before, machine: `{ profile, ...${JSON.stringify({ params, ...rest })} }` };
}

/** A text over several lines that a program can hold. */
export function literal(text: string): string {
	return `\`${text.replace(/[\\`]|\$\{/g, "\\$&").replaceAll("\r", "\\r")}\``;
}
