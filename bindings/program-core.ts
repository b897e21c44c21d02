import type { ProgramExports } from "./exports.ts";
import { PROGRAMS_BYTES, PROGRAMS_BYTES_ORDER } from "./generated/programs.ts";
import { type Core, type Embedded, loadCore, loadCoreSync } from "./instantiate.ts";
import type { WasmSource, WasmSourceSync } from "./source.ts";

export type ProgramCore = Core<ProgramExports>;

const embedded: Embedded<ProgramExports> = {
	bytes: PROGRAMS_BYTES,
	order: PROGRAMS_BYTES_ORDER,
	known: "exploreBuild",
};

/** The core that runs programs, from `source` or from inside this package. */
export function loadProgramCore(source?: WasmSource): Promise<ProgramCore> {
	return loadCore(embedded, source);
}

export function loadProgramCoreSync(source?: WasmSourceSync): ProgramCore {
	return loadCoreSync(embedded, source);
}
