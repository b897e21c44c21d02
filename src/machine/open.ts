import { loadProgramCore } from "../../bindings/program-core.ts";
import type { WasmSource } from "../../bindings/source.ts";
import type { ProfileId } from "../profiles/shipped.ts";
import type { Profile } from "../profiles/types.ts";
import { Machine } from "./machine.ts";
import type { MachineOptions } from "./options.ts";

/** A machine in the core from `source`, or in that which this package carries. */
export async function openMachine(
	source: WasmSource | undefined,
	profile: Profile | ProfileId,
	options: MachineOptions,
): Promise<Machine> {
	return new Machine(await loadProgramCore(source), profile, options);
}
