// The public names, and nothing else.

export type { TraceFormat } from "../bindings/reader.ts";
export type { WasmModule, WasmResponse, WasmSource, WasmSourceSync, WasmUrl } from "../bindings/source.ts";
export { type ErrorCode, type ErrorPlace, StalemateError } from "./errors.ts";
export { type LoadOptions, type LoadSyncOptions, load, loadSync, type Stalemate } from "./load.ts";
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
export type { Compression } from "./trace/decompress.ts";
export type { TraceSource } from "./trace/source.ts";
export { openTrace, type Trace, type TraceOptions } from "./trace/trace.ts";
