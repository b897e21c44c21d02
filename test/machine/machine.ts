import { loadProgramCoreSync, type ProgramCore } from "../../bindings/program-core.ts";
import type { ProfileId } from "../../src/index.ts";
import { Machine, type MachineOptions, type Outcome } from "../../src/machine/index.ts";
import type { Profile } from "../../src/profiles/types.ts";

export type { Action, Happening, MachineEvent } from "../../src/machine/index.ts";

const core: ProgramCore = loadProgramCoreSync();

/** A machine for a test. */
export function machine(profile: Profile | ProfileId, options: MachineOptions): Machine {
	return new Machine(core, profile, options);
}
machine.core = core;

export function hazardsOf(outcomes: Outcome | Outcome[]): string[] {
	return [outcomes].flat().flatMap(({ hazards }) => hazards.map(({ code }) => code));
}

/** Code and message of what is thrown. */
export function thrown(run: () => unknown): { code: string; message: string } {
	try {
		run();
	} catch (error) {
		return error as { code: string; message: string };
	}
	throw new Error("nothing was thrown");
}
