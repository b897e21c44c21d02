import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const SOURCES = dirname(fileURLToPath(import.meta.url));
export const ROOT = join(SOURCES, "..");
/** What the benchmarks make, and may be thrown away. */
export const SCRATCH = join(SOURCES, ".build");
