// The exports of the core that goes through traces without a machine: it packs them, and counts stack distances.
// bindings/exports.ts says the same for TypeScript.

import { ABI_VERSION } from "../bindings/layout/abi";
import { status } from "./machine/heap";

export { allocate } from "./machine/heap";
export { buildCurve, describeCurve, runCurve } from "./stack/curve";
export { consumeCurve, consumeStacks, consumeStacksOfAll, openStacks, runStacks } from "./stack/drive";
export { buildStacks, describeStacks, settleStacks } from "./stack/family";
export {
	beginPack,
	beginTrace,
	pack,
	packEnd,
	packFull,
	packHeader,
	packOutput,
	packRest,
	parse,
	parseAccesses,
	placeAccesses,
	placeBatch,
	placePacker,
	setStraddle,
	setThreads,
	traceState,
} from "./trace/batch";

export function abiVersion(): u32 {
	return ABI_VERSION;
}

/** What went wrong so far: STATUS_* of layout/machine.ts. */
export function passStatus(): u32 {
	return status;
}
