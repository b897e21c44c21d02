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
