import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileLitmus } from "../../src/litmus/compile.ts";
import { parseLitmus } from "../../src/litmus/parse.ts";
import { judgeLitmus, type Observation } from "../../src/litmus/result.ts";
import { finalStates, type Model } from "./reference.ts";

const FOLDER = new URL("x86/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, FOLDER), "utf8");
const expected: Record<string, Record<Model, Observation>> = JSON.parse(read("expected.json"));
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".litmus"));

it("every test has an expected observation", () => {
	expect(files.map((file) => file.replace(".litmus", "")).sort()).toEqual(Object.keys(expected).sort());
});

describe.each(["sc", "tso"] as const)("under %s", (model) => {
	it.each(files)("%s is observed as the literature says", (file) => {
		const litmus = parseLitmus(read(file), { file });
		const { program } = compileLitmus(litmus);
		const judgement = judgeLitmus(litmus, finalStates(program, model));
		expect(judgement.states.length).toBeGreaterThan(0);
		expect(judgement.observation).toBe(expected[litmus.name]![model]);
		expect(judgement.ok).toBe(judgement.observation !== "Never" || litmus.quantifier === "~exists");
	});
});
