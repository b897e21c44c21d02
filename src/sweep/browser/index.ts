// stalemate/sweep/browser: sweeps in the workers of a page. The public names, and nothing else.

export type { WasmModule } from "../../../bindings/source.ts";
export { type ErrorCode, type ErrorPlace, StalemateError } from "../../errors.ts";
export type { MemoryModel, Profile, ProfileChanges } from "../../profiles/types.ts";
export { axesOf } from "../axes.ts";
export type { Cell } from "../columns.ts";
export { type Difference, diffSweeps } from "../diff.ts";
export type { EngineOptions } from "../engine.ts";
export type { Family, PassUnit, RunUnit, Shard, Unit } from "../plan.ts";
export { MOST_POINTS, type Point } from "../points.ts";
export { checkSpec, parseSpec } from "../read.ts";
export {
	columnNames,
	encoded as encodeRows,
	PROVENANCE,
	RESULT_FORMATS,
	type ResultFormat,
	type Row,
} from "../results.ts";
export { type Schema, SWEEP_SCHEMA } from "../schema.ts";
export { columnOf, curve, heatMap, pareto, shown, valuesOf } from "../show.ts";
export type { LimitOptions, Planned } from "../sweep.ts";
export type * from "../types.ts";
export type { CheckJob, CostJob, Job, TraceJob } from "../verbs/jobs.ts";
export type { Inputs, MakeWorker } from "./host.ts";
export { planSweep, type SweepOptions, sweep } from "./sweep.ts";
