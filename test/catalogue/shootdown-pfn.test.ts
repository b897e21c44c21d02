import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadProgramCoreSync } from "../../bindings/program-core.ts";
import { finish } from "../../src/check/drive.ts";
import { checkScenario } from "../../src/check/run.ts";
import type { Scenario } from "../../src/scenario/ast.ts";
import { paramSpace, parseScenario } from "../../src/scenario/index.ts";
import { profileName } from "../../src/scenario/print.ts";

const core = loadProgramCoreSync();
const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const files = ["scenarios/shootdown", "scenarios/pfn"].flatMap((folder) =>
	readdirSync(at(folder))
		.filter((name) => name.endsWith(".scn"))
		.map((name) => ({ name, text: readFileSync(at(`${folder}/${name}`), "utf8") })),
);

/** The profiles and models that a scenario is about: its own, and those that its expectations name. */
function machines({ expects, profile }: Scenario) {
	const outcomes = expects.flatMap((one) => one.outcomes);
	const profiles = outcomes.flatMap((one) => (one.profile ? [profileName(one.profile)] : []));
	const models = outcomes.some((one) => one.model) ? (["sc", "tso", "arm8", "rcpc"] as const) : [undefined];
	return [profile && profileName(profile), ...new Set(profiles)].flatMap((name) =>
		models.map((model) => ({ ...(name && { profile: name }), ...(model && { model }) })),
	);
}

describe.each(files)("$name", ({ name, text }) => {
	const scenario = parseScenario(text, { file: name });

	// What is no row is for measuring, too, and larger. All of the rows: page.test.ts.
	const most = /^ {2}row L/m.test(text) ? 3 : 2;

	test(`is what it expects, for all its parameters, with at most ${most} CPUs`, { timeout: 60_000 }, () => {
		for (const params of paramSpace(scenario)) {
			if (Number(params.cpus ?? 0) > most) continue;
			for (const machine of machines(scenario)) {
				const { run } = finish(checkScenario(core, scenario, { params, ...machine }));
				expect(run.ok, `${run.id}: ${run.verdict} ${run.codes.join(" + ")}, not ${run.expected}`).toBe(true);
			}
		}
	});
});

test("every row of the catalogue from L39 to L61 and from L64 to L66 has one scenario, named after it", () => {
	const rows = files.flatMap(({ name, text }) =>
		[...text.matchAll(/^ {2}row (L\d+)$/gm)].map(([, row]) => ({ row, name })),
	);
	const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => `L${first + i}`);
	expect(rows.map(({ row }) => row).sort()).toEqual([...from(39, 61), ...from(64, 66)]);
	for (const { row, name } of rows) expect(name.startsWith(`${row}-`), name).toBe(true);
});

describe("the matrix of predicates and kinds of page", () => {
	const matrix = parseScenario(files.find(({ name }) => name === "classifier-matrix.scn")!.text);
	const values = (name: string) => matrix.params.find((param) => param.name === name)!.values.map(String);
	const classifiers = values("classifier");
	const kinds = values("kind");
	const cell = (classifier: string, kind: string, decision: "memory-type" | "reference") =>
		finish(checkScenario(core, matrix, { params: { classifier, kind, decision }, allHazards: true })).run.codes.join(
			" + ",
		);
	const cells = new Map(
		classifiers.flatMap((classifier) =>
			kinds.map((kind): [string, [string, string]] => [
				`${classifier} ${kind}`,
				[cell(classifier, kind, "memory-type"), cell(classifier, kind, "reference")],
			]),
		),
	);

	test.each([
		["original", "ram", "", ""],
		["original", "hole", "", ""],
		["original", "no-struct-page", "", ""],
		["original", "compound-head", "", ""],
		["original", "compound-tail", "", ""],
		["ifdef-posted", "ram", "MEMTYPE", "REFLEAK"],
		["ifdef-posted", "compound-tail", "MEMTYPE", "REFLEAK"],
		["ifdef-moved", "hole", "MEMTYPE", "REFUNDER"],
		["ifdef-moved", "no-struct-page", "", ""],
		["simplified", "ram", "", ""],
		["simplified", "hole", "", ""],
		["simplified", "no-struct-page", "", ""],
		["simplified", "zero", "MEMTYPE", "REFLEAK"],
		["simplified", "zone-device", "", "REFLEAK"],
		["simplified", "tail", "", "REFUNDER"],
		["zero-exempt", "zero", "", ""],
		["zero-exempt", "zone-device", "", "REFLEAK"],
	])("%s on %s: memory type '%s', reference '%s'", (classifier, kind, type, reference) => {
		expect(cells.get(`${classifier} ${kind}`)).toEqual([type, reference]);
	});

	test("only a predicate that asks for no struct page first crashes, and only where there is none", () => {
		const crashes = [...cells].filter(([, codes]) => codes.join().includes("BADPFN")).map(([key]) => key);
		expect(crashes).toEqual(["no-pfn-valid no-struct-page"]);
	});

	test("what get_user_pages gave, carried along, is right of every kind", () => {
		for (const kind of kinds) expect(cells.get(`carried ${kind}`), kind).toEqual(["", ""]);
	});

	test("the simplified predicate answers as the original one wherever nothing is split", () => {
		for (const kind of kinds) expect(cells.get(`simplified ${kind}`), kind).toEqual(cells.get(`original ${kind}`));
	});

	test("the page about the thread shows it", () => {
		const page = readFileSync(at("docs/threads/pfn.md"), "utf8");
		const says = (codes: string) => codes || "right";
		const rows = classifiers.flatMap((classifier) =>
			([0, 1] as const).map((decision) => {
				const codes = kinds.map((kind) => says(cells.get(`${classifier} ${kind}`)![decision]));
				return `| ${classifier} | ${decision === 0 ? "memory type" : "reference"} | ${codes.join(" | ")} |`;
			}),
		);
		expect(page).toContain(
			[`| | | ${kinds.join(" | ")} |`, `|---|---${"|---".repeat(kinds.length)}|`, ...rows].join("\n"),
		);
	});
});
