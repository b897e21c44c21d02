import { loadProgramCore, loadProgramCoreSync, type ProgramCore } from "../../bindings/program-core.ts";
import type { WasmModule, WasmSource, WasmSourceSync } from "../../bindings/source.ts";
import { StalemateError } from "../errors.ts";
import { optionsOf } from "../input/options.ts";
import { parseScenario, type Scenario } from "../scenario/index.ts";
import { type DriveOptions, drive, finish } from "./drive.ts";
import { checkOptions, machineOptions } from "./options.ts";
import { type Replay, replay } from "./replay.ts";
import { type Checked, type CheckOptions, checkLitmus, checkScenario, type MachineOptions } from "./run.ts";
import type { Running } from "./search.ts";
import { type Checkable, isLitmus, sourceOf } from "./source.ts";
import { checkWeakened, editOf, type Weakened } from "./weaken.ts";

/** Where the core that checks comes from (default: inside the JavaScript). */
export interface LoadCheckOptions {
	/** Where the core comes from: bytes, a compiled Module, a URL or a Response. Left out: from inside this package. */
	wasm?: WasmSource;
}

/** The same without waiting: bytes or a compiled module. */
export interface LoadCheckSyncOptions {
	/** The core as bytes or as a compiled Module. Left out: from inside this package. */
	wasm?: WasmSourceSync;
}

/** The compiled core that runs programs. */
export interface Check {
	/** To give to workers: `loadCheck({ wasm: module })` there compiles nothing again. */
	readonly module: WasmModule;
	/**
	 * Explores all schedules of a scenario or litmus test on one machine; other work goes on meanwhile. Aborting `signal` does
	 * not reject: what was covered comes back as INCOMPLETE. Throws StalemateErrors that say where a text is wrong.
	 */
	check(source: Checkable, options?: CheckOptions & DriveOptions): Promise<Checked>;
	/** The same without pauses. */
	checkSync(source: Checkable, options?: CheckOptions): Checked;
	/**
	 * Checks a scenario without one of its barriers, flushes, waits or checks (`actionsOf` lists them), which it was safe with:
	 * what goes wrong then?
	 */
	weaken(source: string | Scenario, action: string, options?: CheckOptions & DriveOptions): Promise<Weakened>;
	/**
	 * Lets exactly these actions happen (`schedule.actions` of a check with the same options) and tells which hazards they
	 * are. Throws BAD_OPTION at an action that cannot happen.
	 */
	replay(source: Checkable, actions: Iterable<number>, options?: MachineOptions): Replay;
}

/** Compiles the core. Nothing happens before this is called: importing does no work. */
export async function loadCheck(options: LoadCheckOptions = {}): Promise<Check> {
	return over(await loadProgramCore(options.wasm));
}

/** `loadCheck` without waiting. */
export function loadCheckSync(options: LoadCheckSyncOptions = {}): Check {
	return over(loadProgramCoreSync(options.wasm));
}

function scenarioOf(from: string | Scenario): Scenario {
	const source = typeof from === "string" ? parseScenario(from) : sourceOf(from);
	if (!isLitmus(source)) return source;
	throw new StalemateError("BAD_OPTION", `${source.name} is a litmus test: there are no verdicts to compare`, {
		path: "source",
	});
}

function over(core: ProgramCore): Check {
	const begin = (from: Checkable, given: CheckOptions = {}): Running<Checked> => {
		const source = sourceOf(from);
		const options = optionsOf(checkOptions(), given);
		const edit = editOf(source, options);
		return isLitmus(source) ? checkLitmus(core, source, options) : checkScenario(core, source, options, edit);
	};
	return {
		module: core.module,
		check: async (source, options) => drive(begin(source, options), options),
		checkSync: (source, options) => finish(begin(source, options)),
		weaken: async (source, action, given = {}) => {
			const options = optionsOf(checkOptions(), given);
			return drive(checkWeakened(core, scenarioOf(source), action, options), options);
		},
		replay: (source, actions, options = {}) =>
			replay(core, sourceOf(source), actions, optionsOf(machineOptions(), options)),
	};
}
