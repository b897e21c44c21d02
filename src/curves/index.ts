export type { GeometryCounts, KindCounts, StackReadOptions, Stream } from "../../bindings/stack.ts";
export type { CurveJson, CurvePoint, CurveResult, CurveSample } from "./curve.ts";
export {
	type MissRatioCurve,
	type MissRatioCurveOptions,
	missRatioCurve,
	type SampleOptions,
} from "./miss-ratio-curve.ts";
export { type OnePass, type OnePassJson, type OnePassOptions, type OnePassResult, onePass } from "./one-pass.ts";
export type { CurveRunOptions } from "./run.ts";
