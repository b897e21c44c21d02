import { Outer } from "../../bindings/outer.ts";
import { loadPassCore } from "../../bindings/pass-core.ts";
import { loadTraceCore } from "../../bindings/trace-core.ts";
import { runThrough } from "../curves/run.ts";
import { StalemateError } from "../errors.ts";
import type { Counted, Task } from "./execute.ts";
import type { Common } from "./host.ts";
import { Machines } from "./machines.ts";
import type { TraceJob } from "./verbs/jobs.ts";
import { opened } from "./verbs/trace.ts";

/** Runs the first machine of a unit once, with stacks in place of its outermost cache. */
export async function countOuter(
	{ outer, families, points }: Task & { how: "one-pass" },
	common: Common,
	signal: AbortSignal | undefined,
): Promise<Counted> {
	const job = points[0]!.job as TraceJob;
	const machine = new Machines().of(job.profile, job.cpus, job.seed);
	const { sets, ways } = families[0]!;
	const pass = new Outer(await loadTraceCore(common.module), await loadPassCore(), machine, {
		cache: outer!,
		sets,
		ways,
	});
	await runThrough((format, how) => pass.reader(format, how), opened(job, common), signal ? { signal } : {});
	const { own, at } = pass.counts();
	const { flushes, unmaps, shootdowns } = own.operations;
	// Lines that are flushed leave caches, and not stacks.
	if (flushes + unmaps + shootdowns > 0) throw new StalemateError("BAD_TRACE", "the trace has flushes");
	return ({ caches }) => ({
		...own,
		caches: own.caches.map((row) => (row.cache === outer ? at(caches[outer]!.sets, caches[outer]!.ways) : row)),
	});
}
