import type { Checked, MachineOptions } from "../check/run.ts";
import { chartOf } from "./schedule.ts";

/**
 * A test for vitest that replays a schedule without searching: it fails once the scenario, or this package, no longer leads
 * from these actions to the hazard. `text` is the scenario; `options` are those of the check, as far as they changed the machine.
 */
export function scheduleTest(
	checked: Checked,
	text: string,
	options: Pick<MachineOptions, "caches" | "window"> = {},
): string {
	const { title, rows, lanes } = chartOf(checked);
	const { run, schedule } = checked;
	const { code, actions, mayHold, repeatsFrom } = schedule!;
	const { caches, window } = options;
	const machine = { params: run.params, profile: run.profile, model: run.model };
	const all = { ...machine, ...(caches && { caches }), ...(window && { window }), ...(mayHold && { mayHold }) };
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
		"const actions = [",
		...numbers,
		"];",
		"",
		`test(${JSON.stringify(title)}, () => {`,
		...(repeatsFrom === null
			? [
					`\tconst { hazards } = loadCheckSync().replay(scenario, actions, ${JSON.stringify(all)});`,
					`\texpect(hazards).toContain(${JSON.stringify(code)});`,
				]
			: [
					`\tconst { start, steps } = loadCheckSync().replay(scenario, actions, ${JSON.stringify(all)});`,
					"\tconst states = [start, ...steps.map(({ state }) => state)];",
					`\t// ${code}: from step ${repeatsFrom} on it goes round.`,
					`\texpect(states.at(-1)).toEqual(states[${repeatsFrom - 1}]);`,
				]),
		"});",
		"",
	].join("\n");
}

/** A text over several lines that a program can hold. */
function literal(text: string): string {
	return `\`${text.replace(/[\\`]|\$\{/g, "\\$&").replaceAll("\r", "\\r")}\``;
}
