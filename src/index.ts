// The public names, and nothing else.

export type { MachineConfig } from "../bindings/config.ts";
export type { OperationCounts, WalkCounts } from "../bindings/counts.ts";
export type { Operation } from "../bindings/operations.ts";
export type { TraceFormat } from "../bindings/reader.ts";
export type { WasmModule, WasmResponse, WasmSource, WasmSourceSync, WasmUrl } from "../bindings/source.ts";
export type { Constant, Constants } from "./cost/constants.ts";
export type { FigureBasis, Measurement, Share } from "./cost/cost.ts";
export type { PriceOptions } from "./cost/load.ts";
export type { Priceable } from "./cost/program.ts";
export type {
	CurveJson,
	CurvePoint,
	CurveResult,
	CurveRunOptions,
	CurveSample,
	GeometryCounts,
	KindCounts,
	MissRatioCurve,
	MissRatioCurveOptions,
	OnePass,
	OnePassJson,
	OnePassOptions,
	OnePassResult,
	SampleOptions,
	Stream,
} from "./curves/index.ts";
export { type ErrorCode, type ErrorPlace, StalemateError } from "./errors.ts";
export { type LoadOptions, type LoadSyncOptions, load, loadSync, type Stalemate } from "./load.ts";
export type * from "./machine/index.ts";
export {
	amount,
	applySets,
	extend,
	listProfiles,
	type ProfileId,
	type ProfileRow,
	type Profiles,
	type ProvenanceRow,
	parseProfile,
	profile,
	profileNames,
	profiles,
	provenance,
} from "./profiles/index.ts";
export type * from "./profiles/types.ts";
export type { Cycles, LevelCycles } from "./simulate/cycles.ts";
export type { HotOptions, SharingOptions } from "./simulate/options.ts";
export type {
	CacheRow,
	HotRow,
	Interval,
	References,
	Rows,
	RunParameters,
	SimulationJson,
	SimulationResult,
	TlbRow,
	TraceInfo,
} from "./simulate/result.ts";
export type { Progress } from "./simulate/run.ts";
export type { Bytes, SharingCpu, SharingRow } from "./simulate/sharing.ts";
export { VERSION } from "./simulate/version.ts";
export { packRecord, type RunOptions, runTogether, type Simulation, type SimulatorOptions } from "./simulate.ts";
export type { Compression } from "./trace/compression.ts";
export type { ConvertOptions, ConvertReport } from "./trace/convert.ts";
export type { TraceAccess, TraceItem } from "./trace/items.ts";
export type { TraceSource } from "./trace/source.ts";
export { openTrace, type Trace, type TraceOptions } from "./trace/trace.ts";
