// stalemate/core.wasm and its like, as edge runtimes import them: compiled before the program begins.

import type { WasmModule } from "./source.ts";

declare const module: WasmModule;
export default module;
