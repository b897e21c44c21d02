// stalemate/check: the public names, and nothing else.

export type { Action } from "../../bindings/actions.ts";
export type { SearchProgress } from "../../bindings/explorer.ts";
export type { HazardCode } from "../../bindings/hazards.ts";
export type * from "../../bindings/program.ts";
export type { WasmModule, WasmResponse, WasmSource, WasmSourceSync, WasmUrl } from "../../bindings/source.ts";
export type { MachineState } from "../../bindings/unpack-state.ts";
export { type CatalogueEntry, catalogue, catalogueRuns, shippedNames, shippedText } from "../catalogue/catalogue.ts";
export { type ErrorCode, type ErrorPlace, StalemateError } from "../errors.ts";
export { compileLitmus } from "../litmus/compile.ts";
export type { Litmus } from "../litmus/litmus.ts";
export { parseLitmus } from "../litmus/parse.ts";
export {
	judgeLitmus,
	type LitmusJudgement,
	type LitmusState,
	type Observation,
	printJudgement,
} from "../litmus/result.ts";
export * as mechanisms from "../mechanisms/index.ts";
export type { MemoryModel, Profile } from "../profiles/types.ts";
export { checksTable, covered, verdictText } from "../report/checks.ts";
export { type Chart, chartOf, scheduleJson } from "../report/schedule.ts";
export { scheduleMermaid } from "../report/schedule-mermaid.ts";
export { scheduleSvg } from "../report/schedule-svg.ts";
export { scheduleTest } from "../report/schedule-test.ts";
export { type ScheduleTextOptions, scheduleText } from "../report/schedule-text.ts";
export { type StateChange, type StateItem, stateChanges, stateItems } from "../report/state.ts";
export { stepText } from "../report/step.ts";
export {
	type CodeBuilder,
	compileScenario,
	type ParameterValue,
	type Params,
	paramSpace,
	parseScenario,
	printScenario,
	type ReadOptions,
	type ResolvedParams,
	resolveParams,
	type Scenario,
	type ScenarioBuilder,
	scenarioBuilder,
	scenarioFromJson,
	scenarioToJson,
} from "../scenario/index.ts";
export type { DriveOptions } from "./drive.ts";
export { type Check, type LoadCheckOptions, type LoadCheckSyncOptions, loadCheck, loadCheckSync } from "./load.ts";
export { type Make, type Mutant, mutantsOf } from "./mutants.ts";
export { type Choice, type Planned, plan } from "./plan.ts";
export type { Replay } from "./replay.ts";
export type { Checked, CheckOptions, CheckRun, MachineOptions } from "./run.ts";
export type { Schedule, ScheduleStep } from "./schedule.ts";
export { type Bounds, DEFAULT_STATES, type Hazard, type SearchResult, type Verdict } from "./search.ts";
export { type Checkable, isLitmus, parseSource } from "./source.ts";
export { type Cause, type Story, storyOf } from "./story.ts";
export { type Action as WeakAction, type ActionKind, actionsOf, type Removal, type Weakened } from "./weaken.ts";
