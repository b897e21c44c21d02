import type { PassExports } from "./exports.ts";
import { PASSES_BYTES, PASSES_BYTES_ORDER } from "./generated/passes.ts";
import { type Core, type Embedded, loadCore, loadCoreSync } from "./instantiate.ts";
import type { WasmSource } from "./source.ts";

export type PassCore = Core<PassExports>;

const embedded: Embedded<PassExports> = { bytes: PASSES_BYTES, order: PASSES_BYTES_ORDER, known: "passStatus" };

/** The core that goes through traces without a machine. */
export function loadPassCore(source?: WasmSource): Promise<PassCore> {
	return loadCore(embedded, source);
}

export function loadPassCoreSync(): PassCore {
	return loadCoreSync(embedded);
}
