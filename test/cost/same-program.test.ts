import { describe, expect, test } from "vitest";
import { CostRun } from "../../bindings/cost.ts";
import { loadProgramCoreSync } from "../../bindings/program-core.ts";
import { catalogue } from "../../src/catalogue/catalogue.ts";
import { loadCheckSync } from "../../src/check/load.ts";
import { scenarioOn } from "../../src/check/run.ts";
import { mechanisms } from "../../src/cost/mechanisms.ts";
import { programs } from "../../src/reproduce/generated/programs.ts";
import {
	paramSpace,
	parseScenario,
	type ResolvedParams,
	resolveParams,
	type Scenario,
} from "../../src/scenario/index.ts";
import { anyPrices, anyWorks } from "./any-prices.ts";

const core = loadProgramCoreSync();
const check = loadCheckSync();

/** What happened on the clocks until the first actor had gone round, and which hazards that was. */
function priced(scenario: Scenario, params: ResolvedParams, rounds: number) {
	const { program, hardware } = scenarioOn(scenario, { params });
	const actor = Math.max(
		0,
		program.actors.findIndex(({ kind }) => kind === "thread"),
	);
	const run = new CostRun(core, program, hardware, {
		prices: anyPrices,
		works: anyWorks(program),
		flushesInFlight: 2,
		purgesInFlight: 1,
		cpusPerSocket: 2,
		actor,
		seed: 7,
		jitter: 0.3,
		logged: 5000,
	});
	// A program that ends begins anew: what follows is another execution.
	const { end, hazards } = run.run(rounds, 4000);
	return { end, hazards, actions: run.log(), program };
}

function admits(scenario: Scenario, params: ResolvedParams, rounds: number) {
	const { actions, hazards } = priced(scenario, params, rounds);
	expect(actions.length).toBeGreaterThan(0);
	const replayed = check.replay(scenario, actions, { params });
	expect(replayed.steps).toHaveLength(actions.length);
	expect([...hazards].sort()).toEqual([...replayed.hazards].sort());
	return hazards;
}

describe("what happens on clocks is what the explorer admits, and its hazards are the explorer's", () => {
	const cases = Object.entries(programs).flatMap(([name, text]) => {
		const own = mechanisms[name]?.params ?? {};
		const scenario = parseScenario(text, { file: `${name}.scn` });
		return paramSpace(scenario)
			.filter(({ cpus, pages, sections, payload, metadata, twice }) =>
				[cpus ?? 2, pages ?? 1, sections ?? 2, payload ?? 3, metadata ?? 2, twice ?? "no"].every(
					(value, i) => value === [Number(cpus ?? 2) <= 4 ? (cpus ?? 2) : -1, 1, 2, 3, 2, twice ?? "no"][i],
				),
			)
			.map((params) => ({ name, scenario, params: resolveParams(scenario, { ...own, ...params }) }));
	});

	test.each(cases)("$name $params", ({ scenario, params }) => {
		admits(scenario, params, 3);
	});

	const rows = catalogue().filter(({ row }) => row !== null);
	test.each(rows)("$row $name", ({ scenario }) => {
		const met = admits(scenario, resolveParams(scenario), 1);
		// A contract that was broken is a verdict, no code.
		const codes = met.filter((code) => code !== "LATENT");
		if (codes.length > 0)
			expect(check.checkSync(scenario, { allHazards: true }).run.codes).toEqual(expect.arrayContaining(codes));
	});
});
