import { type Core, loadCore, loadCoreSync } from "../bindings/instantiate.ts";
import type { WasmModule, WasmSource, WasmSourceSync } from "../bindings/source.ts";

export interface LoadOptions {
	/** Where the core comes from: bytes, a compiled Module, a URL or a Response. Left out: from inside this package. */
	wasm?: WasmSource;
}

export interface LoadSyncOptions {
	/** The core as bytes or as a compiled Module. Left out: from inside this package. */
	wasm?: WasmSourceSync;
}

/** The compiled core, from which simulators are made. */
export interface Stalemate {
	/** The compiled core, to give to workers: `load({ wasm: module })` there compiles nothing again. */
	readonly module: WasmModule;
}

/** Compiles the core. Nothing happens before this is called: importing the package does no work. */
export async function load(options: LoadOptions = {}): Promise<Stalemate> {
	return over(await loadCore(options.wasm));
}

/** `load` without waiting: for scripts, and for workers that were given the Module. */
export function loadSync(options: LoadSyncOptions = {}): Stalemate {
	return over(loadCoreSync(options.wasm));
}

function over(core: Core): Stalemate {
	return { module: core.module };
}
