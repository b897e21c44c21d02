import type { CoreExports } from "./exports.ts";
import { CORE_BYTES, CORE_BYTES_ORDER } from "./generated/core.ts";
import { type Core, type Embedded, loadCore, loadCoreSync } from "./instantiate.ts";
import type { WasmSource, WasmSourceSync } from "./source.ts";

const embedded: Embedded<CoreExports> = { bytes: CORE_BYTES, order: CORE_BYTES_ORDER, known: "consume" };

/** The core that simulates traces, from `source` or from inside this package. */
export function loadTraceCore(source?: WasmSource): Promise<Core> {
	return loadCore(embedded, source);
}

export function loadTraceCoreSync(source?: WasmSourceSync): Core {
	return loadCoreSync(embedded, source);
}
