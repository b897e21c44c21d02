import type { CheckRun } from "../../check/index.ts";
import { type MemoryModel, StalemateError } from "../../index.ts";
import type { Columns } from "../columns.ts";
import type { CheckJob } from "./jobs.ts";
import type { Verb } from "./verb.ts";

export const check: Verb<CheckJob> = {
	usual: ["verdict", "codes", "ok", "complete", "states", "transitions", "depth", "observation"],
	file: "scenario",
	inputs: ["profile", "sets", "model", "params", "states", "depth", "allHazards"],
	varied: ["profile", "model", "states", "depth"],
	job: (place) => ({
		verb: "check",
		scenario: place.file(),
		profile:
			place.named() ??
			(place.inputs.profile === undefined && place.value("profile") === undefined ? undefined : place.profile()),
		model: place.value("model") as MemoryModel | undefined,
		params: place.params,
		states: place.value("states") === undefined ? undefined : place.whole("states", 0, 1),
		depth: place.value("depth") === undefined ? undefined : place.whole("depth", 0, 1),
		allHazards: place.flag("allHazards", false),
	}),
	runner: (tools) => async (job, signal) => {
		const { profile, model, params, states, depth, allHazards } = job;
		const checking = await tools.check();
		const { run } = await checking.check(await tools.text(job.scenario), {
			params,
			allHazards,
			...(profile !== undefined && { profile }),
			...(model !== undefined && { model }),
			bounds: { ...(states !== undefined && { states }), ...(depth !== undefined && { depth }) },
			...(signal && { signal }),
		});
		if (signal?.aborted) throw new StalemateError("CANCELLED", "cancelled");
		return columnsOf(run);
	},
};

/** What a check came to. */
function columnsOf(run: CheckRun): Columns {
	const { verdict, codes, expected, ok, complete, states, transitions, depth, model, profile } = run;
	return {
		verdict,
		codes: codes.join(" + "),
		expected,
		ok,
		complete,
		states,
		transitions,
		depth,
		on: `${profile}, ${model}`,
		observation: run.observation ?? null,
		positive: run.positive ?? null,
		negative: run.negative ?? null,
	};
}
