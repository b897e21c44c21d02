// stalemate/sweep: the public names, and nothing else. For Node; browsers have stalemate/sweep/browser.

export type { WasmModule } from "../../bindings/source.ts";
export { type ErrorCode, type ErrorPlace, StalemateError } from "../errors.ts";
export type { MemoryModel, Profile, ProfileChanges } from "../profiles/types.ts";
export { axesOf } from "./axes.ts";
export type { Cell } from "./columns.ts";
export { type Difference, diffSweeps } from "./diff.ts";
export type { EngineOptions } from "./engine.ts";
export { readSpec } from "./node/files.ts";
export { readRows } from "./node/folder.ts";
export { mergeSweeps } from "./node/merge.ts";
export type { RemoteOptions, WorkOptions } from "./node/redis.ts";
export {
	type PlanOptions,
	planSweep,
	type RunSweepOptions,
	resumeSweep,
	runSweep,
	type SweepOptions,
	type SweepProgress,
	type SweepReport,
	sweep,
	workSweeps,
} from "./node/run.ts";
export { type SubmitArrayOptions, type SubmittedArray, submitArray } from "./node/slurm.ts";
export type { Family, PassUnit, RunUnit, Shard, Unit } from "./plan.ts";
export { MOST_POINTS, type Point } from "./points.ts";
export { checkSpec, parseSpec } from "./read.ts";
export { columnNames, decodeResults, PROVENANCE, RESULT_FORMATS, type ResultFormat, type Row } from "./results.ts";
export { type Schema, SWEEP_SCHEMA } from "./schema.ts";
export { columnOf, curve, heatMap, pareto, shown, valuesOf } from "./show.ts";
export type { LimitOptions, Planned } from "./sweep.ts";
export type * from "./types.ts";
export type { CheckJob, CostJob, Job, TraceJob } from "./verbs/jobs.ts";
