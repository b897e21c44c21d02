import { readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadProgramCoreSync } from "../../bindings/program-core.ts";
import { finish } from "../../src/check/drive.ts";
import { type Planned, plan } from "../../src/check/plan.ts";
import { type CheckRun, checkScenario } from "../../src/check/run.ts";
import { expectation, parseScenario, type Scenario } from "../../src/scenario/index.ts";
import { MODELS } from "../../src/scenario/vocabulary.ts";

const FOLDER = fileURLToPath(new URL("../../scenarios", import.meta.url));
/** Rows that are there; the others are those of the page tables and of KVM. */
const ROWS = [...Array.from({ length: 38 }, (_, i) => i + 1), 62, 63].map(nameOf);
const ALL = Array.from({ length: 66 }, (_, i) => nameOf(i + 1));
/** More take longer than a test may. */
const MOST_CPUS = 4;

const core = loadProgramCoreSync();

const catalogue = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
	.filter((entry) => entry.name.endsWith(".scn"))
	.map((entry) => join(entry.parentPath, entry.name))
	.sort()
	.map((path) => {
		const file = relative(FOLDER, path);
		return { file, scenario: parseScenario(readFileSync(path, "utf8"), { file }) };
	});
const ours = catalogue.filter(({ file }) => /^(parisc|sync|access)\//.test(file));

function nameOf(row: number): string {
	return `L${String(row).padStart(2, "0")}`;
}

function check(scenario: Scenario, planned: Planned): CheckRun {
	return finish(checkScenario(core, scenario, { ...planned, allHazards: true })).run;
}

/** Every run that a file says something of. What is about the order of memory accesses alone: on every model. */
function runs(scenario: Scenario): Planned[] {
	const isAbstract = (scenario.profile?.profile ?? "abstract") === "abstract";
	return plan(scenario, { allParams: true, ...(isAbstract && { models: MODELS }) }).filter(
		({ params, model }) => Number(params.cpus ?? 0) <= MOST_CPUS && (params.readers !== 2 || model === "tso"),
	);
}

/** Whether nothing but what was expected was found: no code more. */
function isExact(scenario: Scenario, run: CheckRun): boolean {
	const { any } = expectation(scenario, run.params, run.profile, run.model)!;
	const allowed = any.flat();
	return run.codes.every((code) => allowed.includes(code));
}

describe("the catalogue", () => {
	test("has each row in one file, which is named by it", () => {
		const found = catalogue.filter(({ scenario: { row } }) => row !== undefined && ROWS.includes(row));
		expect(found.map(({ scenario }) => scenario.row).sort()).toEqual(ROWS);
		for (const { file, scenario } of found) expect(basename(file)).toBe(`${scenario.row}-${scenario.name}.scn`);
	});

	test.each(ours)("$file has a story, a basis and rows to read beside it", ({ file, scenario }) => {
		expect(scenario.story).toMatch(/\w/);
		expect(scenario.basis).not.toHaveLength(0);
		if (file.includes("matrix-")) return;
		expect(scenario.contrasts).not.toHaveLength(0);
		for (const other of scenario.contrasts ?? []) expect(ALL).toContain(other);
		expect(scenario.contrasts).not.toContain(scenario.row);
	});

	test.each(ours)("$file comes out as it says, in every run", ({ scenario }) => {
		const wrong = runs(scenario)
			.map((planned) => check(scenario, planned))
			.filter((run) => run.expected === null || !run.ok || !run.complete || !isExact(scenario, run))
			.map(({ id, verdict, codes, expected }) => `${id}: ${verdict} ${codes.join(" + ")}, expected ${expected}`);
		expect(wrong).toEqual([]);
	});
});

describe("the matrix of nine programs on five machines", () => {
	const machines = [
		"vipt-generic{speculativeMoveIn=no}",
		"vipt-generic{speculativeMoveIn=yes}",
		"vipt-l3-nonvictim{speculativeMoveIn=no}",
		"pa8800{speculativeMoveIn=no}",
		"pa8800",
	];
	test.each([
		["a", "ok", "ok", "ok", "STALE", "STALE"],
		["b", "STALE", "STALE", "STALE", "STALE", "STALE"],
		["c", "ok", "ok", "ok", "STALE", "STALE"],
		["d", "ok", "STALE", "ok", "ok", "STALE"],
		["e", "ok", "ok", "ok", "ok", "ok"],
		["f", "STALE", "STALE", "STALE", "STALE", "STALE"],
		["g", "ok", "ok", "ok", "STALE", "STALE"],
		["h", "STALE", "STALE", "STALE", "STALE", "STALE"],
		["i", "STALE", "STALE", "STALE", "STALE", "STALE"],
	])("program %s", (program, ...expected) => {
		const { scenario } = catalogue.find(({ scenario: { name } }) => name === `matrix-${program}`)!;
		const found = machines.map((profile) => {
			const { verdict, codes } = check(scenario, { params: {}, profile });
			return codes.join(" + ") || (verdict === "SAFE" || verdict === "LATENT" ? "ok" : verdict);
		});
		expect(found).toEqual(expected);
	});
});
