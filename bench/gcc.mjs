// bench/c/trace.c, compiled for this processor.

import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { SCRATCH, SOURCES } from "./paths.mjs";

export const GCC_OPTIONS = ["-O3", "-march=native"];

/** Version of gcc, or undefined where there is none. */
export function gccVersion() {
	const { stdout, status } = spawnSync("gcc", ["--version"], { encoding: "utf8" });
	return status === 0 ? stdout.split("\n")[0] : undefined;
}

/** Path of the program. */
export function compile() {
	mkdirSync(SCRATCH, { recursive: true });
	const program = join(SCRATCH, "trace");
	const made = spawnSync("gcc", [...GCC_OPTIONS, join(SOURCES, "c/trace.c"), "-o", program], { stdio: "inherit" });
	if (made.status !== 0) throw new Error("gcc could not compile bench/c/trace.c");
	return program;
}
