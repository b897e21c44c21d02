import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadCheckSync, parseScenario } from "../../src/check/index.ts";
import { VARIANTS } from "../../src/reproduce/s4.ts";

const check = loadCheckSync();
const matrix = parseScenario(readFileSync("scenarios/sync/sync-matrix.scn", "utf8"));

/** Ways of the table by their names in the matrix; copy_user synchronises nothing, and is none of them. */
const NAMES: Record<string, string> = {
	"rcu-expedited": "rcu",
	seqcount: "seqcount-wmb",
	"counter-no-barrier": "counter-no-writer-barrier",
	"counter-relaxed": "counter-relaxed-end",
	bitop: "bit-operation",
	"flush-work": "flush-work",
	preempt: "preempt-notifier",
	ipi: "kick",
};
const MODELS = ["sc", "tso", "arm8", "rcpc"] as const;
const SAID: Record<string, string> = { sc: "SC", tso: "TSO", arm8: "ARM8", rcpc: "RCpc" };

describe("what the table of synchronisations calls unsafe is what a search finds to be", () => {
	test.each(VARIANTS.filter(([variant]) => variant !== "copy"))("%s", (variant, _, said) => {
		const sync = NAMES[variant] ?? variant;
		const broken = MODELS.filter((model) => {
			const { run } = check.checkSync(matrix, { params: { sync }, profile: "abstract", model });
			expect(run.verdict).not.toBe("INCOMPLETE");
			return run.verdict === "HAZARD";
		});
		const names = broken.map((model) => SAID[model]).join(", ");
		const words = {
			0: [said.startsWith("UNSAFE") ? "safe" : said],
			4: ["UNSAFE"],
		}[broken.length] ?? [
			`UNSAFE on ${names}`,
			...(names === "TSO, ARM8, RCpc" ? ["UNSAFE but on SC", "safe with a full barrier in the writer"] : []),
		];
		expect(words).toContain(said);
	});
});
