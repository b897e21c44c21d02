import { describe, expect, it } from "vitest";
import { Explorer } from "../../bindings/explorer.ts";
import { loadProgramCoreSync } from "../../bindings/program-core.ts";
import { catalogue, shippedText } from "../../src/catalogue/catalogue.ts";
import { finish } from "../../src/check/drive.ts";
import { plan } from "../../src/check/plan.ts";
import { type CheckOptions, checkScenario, scenarioOn } from "../../src/check/run.ts";
import { stepsOf } from "../../src/check/schedule.ts";
import { nextSteps, plainWalk } from "../../src/check/walk.ts";
import { actionsOf, editOf } from "../../src/check/weaken.ts";
import type { Scenario } from "../../src/scenario/ast.ts";
import { parseScenario } from "../../src/scenario/index.ts";

const core = loadProgramCoreSync();

function explorerOf(scenario: Scenario, options: CheckOptions = {}): Explorer {
	const { program, hardware } = scenarioOn(scenario, options);
	return new Explorer(core, program, hardware, { mayHold: false });
}

describe("schedules chosen step by step", () => {
	it("the plain schedule of a scenario that is SAFE comes to no hazard", () => {
		const rows = catalogue().filter(({ row }) => row !== null);
		for (const { scenario, row } of rows) {
			const [options] = plan(scenario);
			const { run } = finish(checkScenario(core, scenario, options));
			if (run.verdict !== "SAFE") continue;
			const explorer = explorerOf(scenario, options);
			const { steps } = stepsOf(explorer, plainWalk(explorer, 60));
			expect(steps.length, row!).toBeGreaterThan(0);
			expect(
				steps.flatMap(({ hazards }) => hazards).filter((code) => code !== "LATENT"),
				row!,
			).toEqual([]);
		}
	});

	it("what can happen next can be chosen, and says which hazard it would be", () => {
		const scenario = parseScenario(shippedText("L02")!.text);
		const { schedule } = finish(checkScenario(core, scenario));
		const explorer = explorerOf(scenario);
		for (let i = 0; i < schedule!.actions.length; i++) {
			const next = nextSteps(explorer, schedule!.actions.slice(0, i));
			const chosen = next.find(({ action }) => action === schedule!.actions[i]);
			expect(chosen?.step.text).toBe(schedule!.steps[i]!.text);
			expect(chosen?.step.hazards).toEqual(schedule!.steps[i]!.hazards);
		}
		expect(() => nextSteps(explorer, [0x7f000000])).toThrow("cannot happen");
	});
});

describe("several actions taken out at once", () => {
	const scenario = parseScenario(shippedText("L06")!.text);

	it("breaks what each of them alone breaks", () => {
		const removed = actionsOf(scenario)
			.filter(({ kind }) => kind === "flush")
			.map(({ action, ways }) => ({ action, way: ways[0]! }));
		expect(removed.length).toBeGreaterThan(1);
		const { run } = finish(checkScenario(core, scenario, {}, editOf(scenario, { without: removed })));
		expect(run.verdict).toBe("HAZARD");
		expect(run.expected).toBe(null);
	});

	it("are refused where they are not there", () => {
		const without = [{ action: "nobody: fence full", way: "dropped" }];
		expect(() => editOf(scenario, { without })).toThrow("has no action");
	});
});
