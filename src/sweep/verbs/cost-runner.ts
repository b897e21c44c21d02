import type { Program } from "../../../bindings/program.ts";
import { loadProgramCore } from "../../../bindings/program-core.ts";
import { constantsOf } from "../../cost/constants.ts";
import { cost as costOf, type Measurement } from "../../cost/cost.ts";
import type { Profile } from "../../index.ts";
import type { Scenario } from "../../scenario/ast.ts";
import { compileScenario } from "../../scenario/compile.ts";
import { readScenario } from "../../scenario/read.ts";
import type { Columns } from "../columns.ts";
import { sameParts } from "../machines.ts";
import type { Value } from "../types.ts";
import type { CostJob } from "./jobs.ts";
import type { Tools } from "./verb.ts";

/** Runs cost jobs one after the other; what points have in common is made once. */
export function costRunner({ common, text }: Tools): (job: CostJob) => Promise<Columns> {
	const core = loadProgramCore(common.programs);
	const scenarios = new Map<string, Scenario>();
	const programs = new Map<string, Program>();
	/** A machine that others differ from in no more than what things cost. */
	let like: Profile | undefined;
	return async (job) => {
		const {
			scenario: file,
			profile,
			threads,
			iterations,
			warmUp,
			actor,
			jitter,
			seed,
			samples,
			pti,
			flushesInFlight,
		} = job;
		let scenario = scenarios.get(file);
		if (!scenario) {
			scenario = readScenario(await text(file), { file });
			scenarios.set(file, scenario);
		}
		const params: Record<string, Value> = { ...job.params, ...(threads !== undefined && { cpus: threads }) };
		const name = JSON.stringify([file, params]);
		let program = programs.get(name);
		if (!program) {
			program = compileScenario(scenario, params as Record<string, string | number>);
			programs.set(name, program);
		}
		if (!like || like.frequency !== profile.frequency || !sameParts(like, profile)) like = profile;
		return columnsOf(
			costOf(await core, program, {
				profile: like,
				constants: constantsOf(profile),
				...(threads !== undefined && { threads }),
				...(actor !== undefined && { actor }),
				iterations,
				warmUp,
				jitter,
				seed,
				samples,
				pti,
				flushesInFlight,
			}),
		);
	};
}

/** What a measurement came to. */
function columnsOf(found: Measurement): Columns {
	const { ns, cycles, perSecond, median, p999, interval, basis, breakdown, hazards, actions, steady, threads, actor } =
		found;
	const columns: Columns = {
		ns,
		cycles,
		perSecond,
		median,
		p999,
		"interval.low": interval?.ns[0] ?? null,
		"interval.high": interval?.ns[1] ?? null,
		basis,
		steady,
		hazards: hazards.join(" + "),
		actions,
		threads,
		actor,
	};
	for (const { what, ns, share, times } of breakdown) {
		columns[`${what}.ns`] = ns;
		columns[`${what}.share`] = share;
		columns[`${what}.times`] = times;
	}
	return columns;
}
