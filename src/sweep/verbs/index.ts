import type { SweepVerb } from "../types.ts";
import { type CheckJob, check } from "./check.ts";
import { type TraceJob, trace } from "./trace.ts";
import type { Verb } from "./verb.ts";

/** What a point runs, whole: nothing else decides its result. */
export type Job = TraceJob | CheckJob;
export type { CheckJob, TraceJob };

/** A verb that can be swept has its place here, and its inputs in types.ts and schema.ts. */
export const VERBS: { [V in SweepVerb]: Verb<Extract<Job, { verb: V }>> } = { trace, check };
