import type { Columns } from "../columns.ts";
import type { CostJob } from "./jobs.ts";
import type { Verb } from "./verb.ts";

export const cost: Verb<CostJob> = {
	usual: ["ns", "cycles", "median", "p999", "interval.*", "basis"],
	file: "scenario",
	inputs: [
		"profile",
		"sets",
		"params",
		"threads",
		"iterations",
		"warmUp",
		"actor",
		"jitter",
		"seed",
		"samples",
		"pti",
		"flushesInFlight",
	],
	varied: [
		"profile",
		"threads",
		"iterations",
		"warmUp",
		"actor",
		"jitter",
		"seed",
		"samples",
		"pti",
		"flushesInFlight",
	],
	job: (place) => ({
		verb: "cost",
		scenario: place.file(),
		profile: place.profile(),
		params: place.params,
		threads: place.value("threads") === undefined ? undefined : place.whole("threads", 1, 1),
		iterations: place.whole("iterations", 1000, 1),
		warmUp: place.whole("warmUp", 100),
		actor: place.value("actor") as string | undefined,
		jitter: (place.value("jitter") as number | undefined) ?? 0,
		seed: place.whole("seed", 1),
		samples: place.whole("samples", 0),
		pti: place.flag("pti", false),
		flushesInFlight: place.whole("flushesInFlight", 1, 1),
	}),
	runner: (tools) => {
		// What it takes is loaded when there is something to run.
		let runner: Promise<(job: CostJob) => Promise<Columns>> | undefined;
		return async (job) => {
			runner ??= import("./cost-runner.ts").then(({ costRunner }) => costRunner(tools));
			return (await runner)(job);
		};
	},
};
