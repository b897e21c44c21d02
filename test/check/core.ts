import type { Program } from "../../bindings/program.ts";
import { loadProgramCoreSync } from "../../bindings/program-core.ts";
import { finish } from "../../src/check/drive.ts";
import { loadCheckSync, type MemoryModel } from "../../src/check/index.ts";
import { search } from "../../src/check/search.ts";
import { hardwareOf } from "../../src/hardware.ts";
import { profile } from "../../src/profiles/index.ts";

export const check = loadCheckSync();
const core = loadProgramCoreSync();

/** Final states of a program on a machine without caches, as sorted rows of text. */
export function explored(program: Program, model: MemoryModel): string[] {
	const hardware = hardwareOf(profile("abstract"), { model });
	const result = finish(search(core, program, hardware, { allHazards: true }));
	if (!result.complete) throw new Error(`not explored to its end: ${result.stoppedBy}`);
	return result.finals.map((row) => row.join()).sort();
}
