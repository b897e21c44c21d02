import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compileLitmus, parseLitmus } from "../../src/check/index.ts";
import { finalStates } from "../litmus/reference.ts";
import { check, explored } from "./core.ts";

const FOLDER = new URL("../litmus/x86/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, FOLDER), "utf8");
const expected: Record<string, Record<"sc" | "tso", string>> = JSON.parse(read("expected.json"));
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".litmus"));

describe.each(["tso", "sc"] as const)("explored under %s", (model) => {
	test.each(files)("%s is observed as the literature says", (file) => {
		const litmus = parseLitmus(read(file), { file });
		const { run } = check.checkSync(litmus, { model });
		expect(run.complete).toBe(true);
		expect(run.observation).toBe(expected[litmus.name]![model]);
		expect(run.finalStates).toHaveLength(run.positive! + run.negative!);
	});

	test.each(files)("%s ends as a plain enumeration of it does", (file) => {
		const { program } = compileLitmus(parseLitmus(read(file), { file }));
		const rows = finalStates(program, model).map((row) => row.join());
		expect(explored(program, model)).toEqual(rows.sort());
	});
});

test("a litmus test is checked under TSO unless told otherwise", () => {
	expect(check.checkSync(read("SB.litmus")).run).toMatchObject({ model: "tso", observation: "Sometimes" });
});
