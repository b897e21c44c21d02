// The exports of the core that runs programs, and nothing else. bindings/exports.ts says the same for TypeScript.

import { ABI_VERSION } from "../bindings/layout/abi";

export { costBegin, costReset, costRun } from "./drive/cost";
export {
	explore,
	exploreBuild,
	exploreLayout,
	exploreLive,
	exploreRun,
	exploreTrace,
	hold,
	holdCommand,
	holdRestore,
	holdWatch,
	machineApply,
	machineEnumerate,
	machineStart,
	walksBegin,
	walksRun,
} from "./drive/verbs";
export { allocate } from "./machine/heap";

export function abiVersion(): u32 {
	return ABI_VERSION;
}
