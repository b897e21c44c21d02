// Scenarios of what only some processors have: instruction caches that do not follow, translations that software writes, large
// pages, memory attributes, invalidations that are posted. Each says itself what comes of it.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadCheckSync } from "../../src/check/index.ts";
import { paramSpace, parseScenario } from "../../src/scenario/index.ts";

const folder = new URL("scenarios/operations/", import.meta.url);
const { checkSync } = loadCheckSync();

const PROFILES: Record<string, string[]> = {
	"patched-code": ["e500v2", "pa8800", "arm64-generic", "broadwell"],
	"copied-code": ["e500v2", "broadwell", "pa8800{caches.L2.fillOnCleanVictim=no}"],
	"large-split": ["broadwell", "arm64-generic", "e500v2"],
	"large-collapse": ["broadwell", "arm64-generic", "e500v2"],
	"posted-purge": ["arm64-generic", "e500v2", "pa8800", "weak-generic"],
	attributes: ["e500v2", "e500mc"],
	unsnooped: ["e500v2", "e500mc"],
};

describe.each(readdirSync(folder).map((file) => [file.replace(".scn", ""), file]))("%s", (name, file) => {
	const scenario = parseScenario(readFileSync(new URL(file, folder), "utf8"), { file });
	test.each(PROFILES[name] ?? [undefined])("comes out as it says, on %s", (profile) => {
		for (const params of paramSpace(scenario)) {
			const { run } = checkSync(scenario, { params, allHazards: true, ...(profile && { profile }) });
			expect(run.complete, run.id).toBe(true);
			expect(run.ok, `${run.id}: ${run.verdict} ${run.codes}, not ${run.expected}`).toBe(true);
			if (!("cpus" in params)) continue;
			const apart = checkSync(scenario, { params, allHazards: true, symmetry: false, ...(profile && { profile }) });
			expect(apart.run.codes, run.id).toEqual(run.codes);
		}
	});
});

test("a wrong memory type is told of the mapping that gives it, or of the access that does not fit", () => {
	const ends = (text: string, profile?: string) => {
		const scenario = parseScenario(text);
		const all = [...paramSpace(scenario)].map((params) => checkSync(scenario, { params, ...(profile && { profile }) }));
		return new Set(all.flatMap(({ schedule }) => (schedule?.code === "MEMTYPE" ? [schedule.ends] : [])));
	};
	const attributes = ends(readFileSync(new URL("attributes.scn", folder), "utf8"), "e500v2");
	expect(attributes.size).toBeGreaterThan(0);
	for (const said of attributes) expect(said).toMatch(/^\w+ accesses .* in a way that does not fit what a cache holds/);
	const mapped = ends("scenario s\n  page f ram\n  actor a on cpu 0\n    map-as f device\n  expect MEMTYPE\n");
	expect([...mapped]).toEqual(["f gets the wrong memory type"]);
});
