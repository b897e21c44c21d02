import { expect, test } from "vitest";
import { parseScenario, printScenario, scenarioFromJson, scenarioToJson } from "../../src/scenario/index.ts";
import { readScenario } from "../../src/scenario/read.ts";
import fc from "../properties.ts";
import { scenarios } from "./arbitrary.ts";
import { EXAMPLE } from "./example.ts";

test("what is printed reads back as the same scenario", () => {
	fc.assert(
		fc.property(scenarios, (scenario) => {
			const text = printScenario(scenario);
			expect(readScenario(text), text).toEqual(scenario);
		}),
		{ numRuns: 300 },
	);
});

test("printing what was printed changes nothing", () => {
	fc.assert(
		fc.property(scenarios, (scenario) => {
			const text = printScenario(scenario);
			expect(printScenario(readScenario(text))).toBe(text);
		}),
		{ numRuns: 100 },
	);
});

test("comments stay with the line they stand behind or above", () => {
	const text = printScenario(parseScenario(EXAMPLE));
	expect(text).toContain("  # above the store\n    store x <- 1  # behind it\n");
	expect(text.match(/#/g)).toHaveLength(EXAMPLE.match(/#/g)!.length);
});

test("the JSON form reads back as the same scenario", () => {
	const scenario = parseScenario(EXAMPLE);
	const json = scenarioToJson(scenario);
	expect(scenarioFromJson(json)).toEqual(scenario);
	expect(scenarioFromJson(JSON.stringify(json))).toEqual(scenario);
});

test.each([
	["no JSON", "{", /this is no JSON/],
	["another thing", [], /must be an object/],
	["a missing part", { kind: "scenario", name: "x" }, /uses is missing/],
	[
		"a part nobody knows",
		{ ...scenarioToJson(parseScenario(EXAMPLE)), pagse: [] },
		/pagse is not known here: did you mean "pages"/,
	],
	[
		"a name with a line in it",
		{ ...scenarioToJson(parseScenario(EXAMPLE)), pages: [{ name: "P\n  story" }] },
		/pages\[0\]\.name must be a name/,
	],
])("JSON that is %s is refused with the place", (_, json, message) => {
	expect(() => scenarioFromJson(json)).toThrow(
		expect.objectContaining({ code: "SCENARIO_JSON", message: expect.stringMatching(message) }),
	);
});

test("whatever JSON comes in, nothing but a StalemateError comes out", () => {
	fc.assert(
		fc.property(fc.jsonValue(), (json) => {
			try {
				scenarioFromJson(json);
			} catch (error) {
				expect(error).toMatchObject({ name: "StalemateError" });
			}
		}),
	);
});
