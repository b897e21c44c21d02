// The public names, and nothing else.

export type { WasmModule, WasmResponse, WasmSource, WasmSourceSync, WasmUrl } from "../bindings/source.ts";
export type { ErrorCode, ErrorPlace } from "./errors.ts";
export { StalemateError } from "./errors.ts";
export type { LoadOptions, LoadSyncOptions, Stalemate } from "./load.ts";
export { load, loadSync } from "./load.ts";
