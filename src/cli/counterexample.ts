// Files that a counterexample is written to.

import type { ArgsDef } from "citty";
import type { CheckOptions } from "../check/index.ts";
import { type Given, one } from "./arguments.ts";
import { checking, type Ran } from "./checking.ts";
import { writeText } from "./input.ts";
import { note } from "./terminal.ts";

export const fileOptions = {
	svg: { type: "string", valueHint: "FILE", description: "draw the schedule that goes wrong as a picture" },
	mermaid: { type: "string", valueHint: "FILE", description: "write it as a sequence diagram in Mermaid's notation" },
	test: { type: "string", valueHint: "FILE", description: "write it as a test for vitest that replays it" },
} as const satisfies ArgsDef;

/** Writes the files that were asked for. Of several runs, of the first that is not as expected, else of the first hazard. */
export async function writeFiles(given: Given, ran: Ran[], options: CheckOptions): Promise<void> {
	const names = ["svg", "mermaid", "test"] as const;
	if (!names.some((name) => given.has(name))) return;
	const shown = ran.filter(({ checked }) => checked.schedule);
	const found =
		shown.find(({ checked }) => !checked.run.ok) ??
		shown.find(({ checked }) => checked.run.codes.length > 0) ??
		shown[0];
	if (!found) return note("no run went wrong: there is nothing to draw, and no file was written");
	const { scheduleMermaid, scheduleSvg, scheduleTest } = await checking();
	const make = {
		svg: () => scheduleSvg(found.checked),
		mermaid: () => scheduleMermaid(found.checked),
		test: () => scheduleTest(found.checked, found.test.text, options),
	};
	for (const name of names) {
		const file = one(given, name);
		if (file === undefined) continue;
		await writeText(file, make[name]());
	}
}
