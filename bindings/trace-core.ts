import type { CoreExports } from "./exports.ts";
import { CORE_BYTES } from "./generated/core.ts";
import type { Embedded } from "./instantiate.ts";

/** The core that simulates traces. */
export const traceCore: Embedded<CoreExports> = { bytes: CORE_BYTES, known: "consume" };
