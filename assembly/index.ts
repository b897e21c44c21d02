// The exports of the core that simulates traces, and nothing else. bindings/exports.ts says the same for TypeScript.

import { ABI_VERSION } from "../bindings/layout/abi";
import { counts } from "./machine/configure";
import { status } from "./machine/heap";
import { hot } from "./machine/observe";
import { sharedLines } from "./machine/sharing";

export { budgetLeft, consume, setBudget } from "./drive/stream";
export { run, runStraddling } from "./drive/trace";
export { build, describe, resetCounts } from "./machine/configure";
export { allocate } from "./machine/heap";
export { operate } from "./machine/maintain";
export { recordedAt, takeRecorded } from "./machine/observe";
export { beginTrace, placeBatch, setStraddle, setThreads, traceState } from "./trace/batch";

export function abiVersion(): u32 {
	return ABI_VERSION;
}

/** What went wrong in the machine so far: STATUS_* of layout/machine.ts. */
export function machineStatus(): u32 {
	return status;
}

/** Address of the counts (layout/machine.ts). */
export function countsAt(): usize {
	return counts;
}

/** Slots of the table of shared lines, and how many there are. 0: nobody asks. */
export function sharedSlots(): usize {
	const table = sharedLines;
	return table ? table.slots : 0;
}

export function sharedSlotCount(): u32 {
	const table = sharedLines;
	return table ? <u32>(table.mask + 1) : 0;
}

/** Slots of the table of hot keys (assembly/machine/table.ts), and how many there are. 0: nothing is counted. */
export function hotSlots(): usize {
	const table = hot;
	return table ? table.slots : 0;
}

export function hotSlotCount(): u32 {
	const table = hot;
	return table ? <u32>(table.mask + 1) : 0;
}
