import { quote, suggestion } from "../input/words.ts";
import { profileNames } from "../profiles/index.ts";
import type { Outcome, ProfileName, Scenario } from "./ast.ts";
import { compileResolved } from "./compile.ts";
import { LIMITS } from "./limits.ts";
import { paramSpace, type ResolvedParams, resolveParams } from "./params.ts";
import { problemIn } from "./problem.ts";
import { type Source, sourceOf } from "./source.ts";
import { OUTCOMES } from "./vocabulary.ts";

/** Programs that are written out to see whether they can be. */
const MOST_TRIED = 64;

/** Refuses a scenario that cannot run, or expects what cannot be. */
export function checkScenario(scenario: Scenario): void {
	const source = sourceOf(scenario)!;
	checkParams(scenario, source);
	checkExpectations(scenario, source);
	if (scenario.profile) checkProfile(scenario.profile, scenario, source);
	if (scenario.kind === "library") return;
	if (scenario.actors.length === 0) {
		const hint = "add one: actor NAME on cpu 0, and its statements indented under it";
		throw problemIn(source, scenario, "SCENARIO_SYNTAX", `${scenario.name} has no actors`, { hint });
	}
	for (const params of tried(scenario)) compileResolved(scenario, params);
}

/** The defaults, each other value alone, and what the expectations are about: few, where all combinations may be many. */
function tried(scenario: Scenario): ResolvedParams[] {
	const usual = resolveParams(scenario);
	const all = [usual];
	for (const { name, values } of scenario.params) for (const value of values) all.push({ ...usual, [name]: value });
	for (const { when } of scenario.expects) {
		const chosen = Object.entries(when ?? {}).map(([name, values]) => [name, values[0]!] as const);
		all.push({ ...usual, ...Object.fromEntries(chosen) });
	}
	const different = new Map(all.map((one) => [JSON.stringify(one), one]));
	return [...different.values()].slice(0, MOST_TRIED);
}

function checkParams(scenario: Scenario, source: Source): void {
	const seen = new Set<string>();
	for (const param of scenario.params) {
		if (seen.has(param.name))
			throw problemIn(source, param, "SCENARIO_NAME", `there are two parameters ${param.name}`, { word: param.name });
		seen.add(param.name);
		if (new Set(param.values).size < param.values.length)
			throw problemIn(source, param, "SCENARIO_PARAM", `${param.name} has a value twice`);
		if (param.name === "cpus" && param.values.some((value) => typeof value !== "number"))
			throw problemIn(source, param, "SCENARIO_TYPE", "cpus is a number of CPUs", { word: "cpus" });
		if (param.name === "cpus" && param.values.some((value) => Number(value) > LIMITS.cpus || Number(value) < 1))
			throw problemIn(source, param, "SCENARIO_LIMIT", `there are 1 to ${LIMITS.cpus} CPUs`);
	}
	paramSpace(scenario);
}

function checkExpectations(scenario: Scenario, source: Source): void {
	for (const expect of scenario.expects) {
		for (const [name, values] of Object.entries(expect.when ?? {})) {
			const param = scenario.params.find((one) => one.name === name);
			if (!param) {
				const names = scenario.params.map((one) => one.name);
				const message = `there is no parameter ${name}`;
				throw problemIn(source, expect, "SCENARIO_EXPECT", message, { word: name, hint: suggestion(name, names) });
			}
			for (const value of values) {
				if (param.values.includes(value)) continue;
				const message = `${name} is never ${value}: no run can meet this`;
				const hint = `${name} is ${param.values.join(" | ")}`;
				throw problemIn(source, expect, "SCENARIO_EXPECT", message, { word: String(value), hint });
			}
		}
		for (const outcome of expect.outcomes) checkOutcome(outcome, source);
	}
}

function checkOutcome(outcome: Outcome, source: Source): void {
	for (const word of outcome.any.flat()) {
		if (OUTCOMES.includes(word)) continue;
		const hint = `${suggestion(word, OUTCOMES)} An expectation ends with a verdict or the codes of hazards.`;
		throw problemIn(source, outcome, "SCENARIO_EXPECT", `${quote(word)} is no verdict`, { word, hint });
	}
	if (outcome.profile) checkProfile(outcome.profile, outcome, source);
}

function checkProfile({ profile: name }: ProfileName, part: object, source: Source): void {
	const known: readonly string[] = profileNames();
	if (known.includes(name)) return;
	throw problemIn(source, part, "SCENARIO_EXPECT", `there is no profile or memory model ${name}`, {
		word: name,
		hint: suggestion(name, known),
	});
}
