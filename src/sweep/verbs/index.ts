import type { SweepVerb } from "../types.ts";
import { check } from "./check.ts";
import { cost } from "./cost.ts";
import type { Job } from "./jobs.ts";
import { trace } from "./trace.ts";
import type { Verb } from "./verb.ts";

/** A verb that can be swept has its place here, and its inputs in types.ts and schema.ts. */
export const VERBS: { [V in SweepVerb]: Verb<Extract<Job, { verb: V }>> } = { trace, check, cost };
