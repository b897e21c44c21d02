import type { ProgramExports } from "./exports.ts";
import { PROGRAMS_BYTES } from "./generated/programs.ts";
import type { Core, Embedded } from "./instantiate.ts";

/** The core that runs programs. */
export const programCore: Embedded<ProgramExports> = { bytes: PROGRAMS_BYTES, known: "exploreBuild" };

export type ProgramCore = Core<ProgramExports>;
