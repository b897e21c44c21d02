import { Explorer } from "../../bindings/explorer.ts";
import type { HazardCode } from "../../bindings/hazards.ts";
import type { Program } from "../../bindings/program.ts";
import type { ProgramCore } from "../../bindings/program-core.ts";
import type { MachineState } from "../../bindings/unpack-state.ts";
import { StalemateError } from "../errors.ts";
import { quote } from "../input/words.ts";
import type { Litmus } from "../litmus/litmus.ts";
import type { Scenario } from "../scenario/ast.ts";
import { litmusOn, type MachineOptions, scenarioOn } from "./run.ts";
import { type ScheduleStep, stepsOf } from "./schedule.ts";
import { isLitmus } from "./source.ts";
import { editOf } from "./weaken.ts";

/** What actions came to. */
export interface Replay {
	program: Program;
	start: MachineState;
	steps: ScheduleStep[];
	/** All hazards on the way. */
	hazards: HazardCode[];
}

export function replay(
	core: ProgramCore,
	source: Scenario | Litmus,
	actions: Iterable<number>,
	options: MachineOptions = {},
): Replay {
	const edit = editOf(source, options);
	const { program, hardware } = isLitmus(source) ? litmusOn(source, options) : scenarioOn(source, options, edit);
	const explorer = new Explorer(core, program, hardware, { mayHold: options.mayHold === true });
	let at = -1;
	function* numbers() {
		for (const action of actions) {
			at++;
			if (!Number.isInteger(action) || action < 0 || action > 0xffffffff)
				throw wrong(`is ${quote(action)}, not an action's number`);
			yield action;
		}
	}
	const wrong = (what: string, cause?: unknown) =>
		new StalemateError("BAD_OPTION", `actions[${at}] ${what}`, { path: `actions[${at}]` }, { cause });
	try {
		const { start, steps } = stepsOf(explorer, numbers());
		return { program, start, steps, hazards: [...new Set(steps.flatMap(({ hazards }) => hazards))] };
	} catch (cause) {
		if (cause instanceof StalemateError) throw cause;
		throw wrong(
			"cannot happen there: the scenario, its parameters or the machine are not those it was made with",
			cause,
		);
	}
}
