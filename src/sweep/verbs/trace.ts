import type { Counts } from "../../../bindings/counts.ts";
import type { Trace } from "../../index.ts";
import { openTrace } from "../../index.ts";
import { cyclesOf } from "../../simulate/cycles.ts";
import { type Columns, countColumns, countsOf, cycleColumns } from "../columns.ts";
import type { Common } from "../host.ts";
import { Machines } from "../machines.ts";
import type { TraceJob } from "./jobs.ts";
import type { Verb } from "./verb.ts";

export const trace: Verb<TraceJob> = {
	usual: ["references.total", "*.accesses", "*.misses", "*.missRatio", "*.writebacks", "cycles.perReference"],
	file: "trace",
	inputs: ["profile", "sets", "cpus", "seed", "warmup", "classify", "onError"],
	varied: ["profile", "cpus", "seed", "warmup", "classify"],
	job: (place) => ({
		verb: "trace",
		trace: place.file(),
		profile: place.profile(),
		cpus: place.whole("cpus", 1, 1),
		seed: place.whole("seed", 0),
		warmup: place.whole("warmup", 0),
		classify: place.flag("classify", false),
		onError: place.inputs.onError ?? "stop",
	}),
	runner: (tools) => {
		const machines = new Machines();
		/** The last run: the next points may differ only in what things cost. */
		let last: { name: string; counts: Counts; columns: Columns } | undefined;
		return async (job, signal) => {
			const { profile, cpus, seed, warmup, classify } = job;
			const machine = machines.of(profile, cpus, seed);
			const name = JSON.stringify([job.trace, warmup, classify, machines.number(machine)]);
			if (last?.name !== name) {
				const core = await tools.core();
				const simulation = core.simulator(profile, { cpus, seed, classify });
				const rows = await simulation.runTrace(opened(job, tools.common), { warmup, ...(signal && { signal }) });
				const names = (of: { name: string }[]) => of.map((one) => one.name);
				const counts = countsOf(rows, names(machine.caches), names(machine.tlbs));
				last = { name, counts, columns: countColumns(rows) };
			}
			return { ...last.columns, ...cycleColumns(cyclesOf(profile, machine, last.counts)) };
		};
	},
};

export function opened({ trace, onError }: TraceJob, { traces }: Common): Trace {
	return openTrace(traces?.get(trace) ?? trace, { name: trace, onError });
}
