import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { FRAME_KINDS } from "../../bindings/program.ts";
import {
	compileScenario,
	LIMITS,
	libraryNames,
	libraryText,
	paramSpace,
	parseScenario,
} from "../../src/scenario/index.ts";
import { verbs } from "../../src/scenario/verbs.ts";
import { HAZARDS } from "../../src/scenario/vocabulary.ts";

const page = readFileSync(new URL("../../docs/scenarios.md", import.meta.url), "utf8");
const examples = [...page.matchAll(/^```scenario\n(.*?)^```$/gms)].map(([, text]) => text!);

describe("docs/scenarios.md", () => {
	test.each(examples.map((text) => [text.split("\n")[0]!, text]))("has an example that compiles: %s", (_, text) => {
		const scenario = parseScenario(text);
		for (const params of paramSpace(scenario)) expect(compileScenario(scenario, params).actors).not.toEqual([]);
	});

	test.each(verbs().map(({ name, form, what }) => [name, form, what]))("has the statement %s", (_, form, what) => {
		expect(page.replaceAll("\\|", "|")).toContain(`| \`${form}\` | ${what}.`);
	});

	test("has every library and macro", () => {
		for (const name of libraryNames()) {
			expect(page).toContain(`| \`${name}\` |`);
			if (name === "rcu" || name === "srcu") continue;
			for (const [, macro] of libraryText(name)!.matchAll(/^ {2}macro (\S+)/gm)) expect(page).toContain(`\`${macro}`);
		}
	});

	test("has every hazard, page kind and limit", () => {
		for (const word of [...HAZARDS, ...FRAME_KINDS]) expect(page).toContain(word);
		for (const limit of Object.values(LIMITS)) expect(page.replace(/(\d) (?=\d{3}\b)/g, "$1")).toContain(String(limit));
	});
});
