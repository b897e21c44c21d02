import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { compileScenario, paramSpace, parseScenario, printScenario } from "../../src/scenario/index.ts";

const FOLDER = fileURLToPath(new URL("../../scenarios", import.meta.url));

const files = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
	.filter((entry) => entry.name.endsWith(".scn"))
	.map((entry) => relative(FOLDER, join(entry.parentPath, entry.name)))
	.sort();

describe.each(files)("%s", (file) => {
	const text = readFileSync(join(FOLDER, file), "utf8");

	test("compiles for every choice of its parameters", () => {
		const scenario = parseScenario(text, { file });
		for (const params of paramSpace(scenario)) expect(compileScenario(scenario, params).name).toBe(scenario.name);
	});

	test("reads back as itself once it is printed", () => {
		const scenario = parseScenario(text, { file });
		expect(parseScenario(printScenario(scenario))).toEqual(scenario);
	});

	test("is called like its file and says what it expects", () => {
		const { name, expects, story } = parseScenario(text, { file });
		expect(file.endsWith(`${name}.scn`)).toBe(true);
		expect(expects).not.toEqual([]);
		expect(story).toBeTypeOf("string");
	});
});
