// stalemate/sweep: the public names, and nothing else. For Node.

export type { WasmModule } from "../../bindings/source.ts";
export { type ErrorCode, type ErrorPlace, StalemateError } from "../errors.ts";
export type { MemoryModel, Profile, ProfileChanges } from "../profiles/types.ts";
export { axesOf } from "./axes.ts";
export type { Cell } from "./columns.ts";
export { type Difference, diffSweeps } from "./diff.ts";
export type { EngineOptions } from "./engine.ts";
export type { Shard } from "./folder.ts";
export { mergeSweeps } from "./merge.ts";
export type { Family, PassUnit, RunUnit, Unit } from "./plan.ts";
export { type CheckJob, type Job, MOST_POINTS, type Point, type TraceJob } from "./points.ts";
export { checkSpec, parseSpec, readSpec } from "./read.ts";
export { columnNames, PROVENANCE, RESULT_FORMATS, type ResultFormat, type Row } from "./results.ts";
export { type Schema, SWEEP_SCHEMA } from "./schema.ts";
export { columnOf, curve, heatMap, pareto, readRows, shown, valuesOf } from "./show.ts";
export {
	type Planned,
	type PlanOptions,
	planSweep,
	type RunSweepOptions,
	resumeSweep,
	runSweep,
	type SweepOptions,
	type SweepProgress,
	type SweepReport,
	sweep,
} from "./sweep.ts";
export type * from "./types.ts";
