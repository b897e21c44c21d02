// Ways for a notifier to wait for accessors, under four memory models.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { check } from "./core.ts";

const MODELS = ["sc", "tso", "arm8", "rcpc"] as const;
const SAFE = "SAFE SAFE SAFE SAFE";
const NEVER = "CORRUPT CORRUPT CORRUPT CORRUPT";
const ONLY_SC = "SAFE CORRUPT CORRUPT CORRUPT";

const ROWS: [file: string, params: Record<string, string>, verdicts: string][] = [
	["none", {}, NEVER],
	["rcu", {}, SAFE],
	["srcu", {}, SAFE],
	["seqlock", {}, NEVER],
	["seqcount-wmb", {}, ONLY_SC],
	["spinlock", {}, SAFE],
	["mutex", {}, SAFE],
	["bitop", { writer_fence: "compiler" }, ONLY_SC],
	["bitop", { writer_fence: "full" }, SAFE],
	["counter", { reader_fence: "none", writer_fence: "none" }, ONLY_SC],
	["counter", { reader_fence: "none", writer_fence: "full" }, "SAFE CORRUPT SAFE CORRUPT"],
	["counter", { reader_fence: "full", writer_fence: "none" }, ONLY_SC],
	["counter", { reader_fence: "full", writer_fence: "full" }, SAFE],
	["counter", { reader_fence: "full", writer_fence: "full", end: "relaxed" }, "SAFE SAFE CORRUPT CORRUPT"],
];

describe.each(ROWS)("map-%s %j", (file, params, verdicts) => {
	const text = readFileSync(new URL(`../../scenarios/sync/map-${file}.scn`, import.meta.url), "utf8");
	const cells = verdicts.split(" ").map((verdict, i) => [MODELS[i]!, verdict] as const);

	test.each(cells)("under %s is %s", (model, verdict) => {
		const { run } = check.checkSync(text, { params, model, allHazards: true });
		expect(run.complete).toBe(true);
		expect(run.codes.join("+") || run.verdict).toBe(verdict);
	});
});
