// The scenario language: the public names, and nothing else.

import type { Scenario } from "./ast.ts";
import { checkScenario } from "./check.ts";
import { type ReadOptions, readScenario } from "./read.ts";

export type * from "./ast.ts";
export { type CodeBuilder, type ScenarioBuilder, scenarioBuilder } from "./builder.ts";
export { compileScenario } from "./compile.ts";
export { type Expected, expectation, meets } from "./expectation.ts";
export { scenarioFromJson, scenarioToJson } from "./json.ts";
export { libraryNames, libraryText } from "./libraries.ts";
export { LIMITS } from "./limits.ts";
export { type Params, paramSpace, type ResolvedParams, resolveParams } from "./params.ts";
export { printScenario } from "./print.ts";
export type { ReadOptions } from "./read.ts";

/** A text as a scenario that can run; else a StalemateError that says where it is wrong and what to do. */
export function parseScenario(text: string, options?: ReadOptions): Scenario {
	const scenario = readScenario(text, options);
	checkScenario(scenario);
	return scenario;
}
