import { loadPassCore } from "../bindings/pass-core.ts";
import type { WasmSource } from "../bindings/source.ts";
import {
	type MissRatioCurve,
	type MissRatioCurveOptions,
	missRatioCurve,
	type OnePass,
	type OnePassOptions,
	onePass,
} from "./curves/index.ts";
import type { Stalemate } from "./load.ts";
import { asTrace } from "./simulate/as-trace.ts";
import { convertTrace } from "./trace/convert.ts";
import { writeTrace } from "./trace/write.ts";

/** The part of Stalemate that is loaded with it. */
export interface Passes extends Pick<Stalemate, "convertTrace" | "writeTrace"> {
	onePass(options: OnePassOptions): OnePass;
	missRatioCurve(options: MissRatioCurveOptions): MissRatioCurve;
}

/** What goes over traces without a machine. */
export async function loadPasses(source?: WasmSource): Promise<Passes> {
	const core = await loadPassCore(source);
	return {
		onePass: (options) => onePass(core, options),
		missRatioCurve: (options) => missRatioCurve(core, options),
		convertTrace: (trace, sink, options) => convertTrace(core.instantiate().exports, asTrace(trace), sink, options),
		writeTrace: (items, sink) => writeTrace(core.instantiate().exports, items, sink),
	};
}
