export type { Action, ClaimKind, Doing, FenceKind, Happening, Place } from "./action.ts";
export type { Change } from "./diff.ts";
export type { MachineEvent } from "./event.ts";
export type {
	CachedTranslation,
	CacheLevel,
	CpuState,
	FrameState,
	LineCopy,
	LineState,
	MachineState,
	PendingOperation,
	Translation,
} from "./inspect.ts";
export { Machine, type Outcome } from "./machine.ts";
export type { FrameOptions, MachineOptions, PageOptions, VariableOptions } from "./options.ts";
