// stalemate/cost: the public names, and nothing else.

export type { HazardCode } from "../../bindings/hazards.ts";
export type { WasmModule, WasmResponse, WasmSource, WasmSourceSync, WasmUrl } from "../../bindings/source.ts";
export { type ErrorCode, type ErrorPlace, StalemateError } from "../errors.ts";
export type { Basis, Profile } from "../profiles/types.ts";
export { breakdownText, shareBars } from "../report/breakdown.ts";
export { measurementSvg, measurementText } from "../report/measurement.ts";
export { barsSvg, linesSvg } from "../report/plot-svg.ts";
export { barsText, linesText, type Series } from "../report/plot-text.ts";
export { reproductionText, tableSvgs } from "../report/reproduction.ts";
export type { Cell, Grid, Section, Table } from "../reproduce/cells.ts";
export type { WhatIf } from "../reproduce/context.ts";
export { type Reproduction, SECTION_IDS, type SectionId } from "../reproduce/reproduce.ts";
export { type ParameterValue, type Params, parseScenario, type Scenario } from "../scenario/index.ts";
export { type CalibrateOptions, type Cell as FitCell, calibrate, type Fit, type Unknown } from "./calibrate.ts";
export type { Constant, Constants } from "./constants.ts";
export type { FigureBasis, Measurement, Share } from "./cost.ts";
export {
	type Cost,
	type LoadCostOptions,
	type LoadCostSyncOptions,
	loadCost,
	loadCostSync,
	type PriceOptions,
} from "./load.ts";
export {
	derivedNames,
	type Mechanism as PricedMechanism,
	machineNamed,
	mechanisms as pricedMechanisms,
	type SwapDevice,
} from "./mechanisms.ts";
export type { Priceable } from "./program.ts";
export { type Comparison, compare } from "./statistics.ts";
