// What makes searches small changes no verdict: interchangeable CPUs taken for one another, TLBs searched as the sets of what they
// could hold. Here as far as it is quick; all of it: npm run test:reductions.

import { describe, expect, test } from "vitest";
import { loadProgramCoreSync } from "../../bindings/program-core.ts";
import { catalogue, catalogueRuns } from "../../src/catalogue/catalogue.ts";
import { finish } from "../../src/check/drive.ts";
import type { Planned } from "../../src/check/plan.ts";
import { type Checked, checkScenario } from "../../src/check/run.ts";
import type { Scenario } from "../../src/scenario/index.ts";

const FULL = process.env.STALEMATE_TESTS === "full";
/** Of a search without reductions; what takes more is left out. */
const STATES = FULL ? 100_000 : 10_000;
const MOST_CPUS = FULL ? 4 : 3;
/** Runs of one scenario. */
const MOST_RUNS = FULL ? 24 : 6;

const core = loadProgramCoreSync();

function check(scenario: Scenario, planned: Planned, reductions: { symmetry?: boolean; mayHold?: boolean }): Checked {
	return finish(
		checkScenario(core, scenario, { ...planned, ...reductions, allHazards: true, bounds: { states: STATES } }),
	);
}

/** Verdict and codes; undefined: too many states. */
function outcome({ run }: Checked): string | undefined {
	return run.complete ? [run.verdict, ...[...run.codes].sort()].join(" ") : undefined;
}

/** Some of a list, evenly. */
function some<T>(list: T[]): T[] {
	const step = Math.max(1, list.length / MOST_RUNS);
	return list.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
}

const WAYS = [{ symmetry: false, mayHold: false }, { symmetry: false }, { mayHold: false }];

describe.each(catalogue())("$file", ({ scenario }) => {
	const runs = catalogueRuns(scenario).filter(({ params }) => Number(params.cpus ?? 0) <= MOST_CPUS);

	test("comes out the same, however it is searched", { timeout: FULL ? 3_600_000 : 60_000 }, () => {
		for (const planned of some(runs)) {
			const reduced = check(scenario, planned, {});
			// Nothing was reduced.
			if (reduced.run.reductions.length === 0) continue;
			for (const way of WAYS) {
				const { run } = reduced;
				if (way.symmetry === undefined && !run.reductions.includes("may-hold TLBs")) continue;
				if (way.mayHold === undefined && !run.reductions.includes("CPU symmetry")) continue;
				const other = check(scenario, planned, way);
				const [here, there] = [outcome(reduced), outcome(other)];
				if (there === undefined || here === undefined) continue;
				expect(here, `${run.id} without ${JSON.stringify(way)}`).toBe(there);
				expect(run.states).toBeLessThanOrEqual(other.run.states);
			}
		}
	});
});

test("and both reductions are at work in many of them", () => {
	const at = (name: string) =>
		catalogue().filter(({ scenario }) => {
			const planned = catalogueRuns(scenario).find(({ params }) => (params.cpus ?? 3) === 3);
			return planned && check(scenario, planned, {}).run.reductions.includes(name);
		}).length;
	expect(at("CPU symmetry")).toBeGreaterThan(8);
	expect(at("may-hold TLBs")).toBeGreaterThan(8);
});
