import type { MachineConfig } from "../../bindings/config.ts";
import type { Counts } from "../../bindings/counts.ts";
import { load, type OnePassResult, StalemateError } from "../index.ts";
import { cyclesOf } from "../simulate/cycles.ts";
import { rowsOf } from "../simulate/result.ts";
import { type Columns, countColumns, cycleColumns, NO_CACHE_COUNTS, NO_OPERATIONS } from "./columns.ts";
import type { Common } from "./host.ts";
import { Machines } from "./machines.ts";
import type { PassUnit, RunUnit } from "./plan.ts";
import type { Point } from "./points.ts";
import { VERBS } from "./verbs/index.ts";
import type { Job, TraceJob } from "./verbs/jobs.ts";
import { opened } from "./verbs/trace.ts";
import type { Tools, Verb } from "./verbs/verb.ts";

/** What came of a point. */
export interface Outcome {
	key: string;
	/** Everything that can be told; undefined: it failed. */
	columns?: Columns;
	/** Why it failed. */
	error?: string;
	/** Its part of the time. */
	milliseconds: number;
	/** How it was run. */
	how: "one-pass" | "run";
}

/** A thread needs no more of a point. */
export type Bare = Pick<Point, "key" | "job">;
export type Task = (Omit<PassUnit, "points"> | Omit<RunUnit, "points">) & { points: Bare[] };

/** Runs tasks in this thread. */
export class Executor {
	readonly #tools: Tools;
	readonly #runners = new Map<string, (job: Job, signal: AbortSignal | undefined) => Promise<Columns>>();

	constructor(common: Common = {}) {
		const core = once(() => load(common.module ? { wasm: common.module } : {}));
		const check = once(async () => {
			const { loadCheck } = await import("../check/index.ts");
			return loadCheck(common.programs ? { wasm: common.programs } : {});
		});
		this.#tools = {
			common,
			core,
			check,
			text: async (place) => {
				const text = common.texts?.get(place);
				if (text === undefined) throw new StalemateError("IO", `${place}: it was not read`, { file: place });
				return text;
			},
		};
	}

	/** What came of the points; those that a pass cannot count after all are left out. */
	async run(task: Task, signal?: AbortSignal): Promise<Outcome[]> {
		if (task.how === "one-pass") return this.#pass(task, signal);
		const outcomes: Outcome[] = [];
		for (const { key, job } of task.points) {
			const begun = performance.now();
			const told = await this.#columns(job, signal).then(
				(columns) => ({ columns }),
				(cause) => ({ error: reasonOf(cause) }),
			);
			outcomes.push({ key, ...told, milliseconds: performance.now() - begun, how: "run" });
		}
		return outcomes;
	}

	#columns(job: Job, signal: AbortSignal | undefined): Promise<Columns> {
		let runner = this.#runners.get(job.verb);
		if (!runner) {
			runner = (VERBS[job.verb] as Verb<Job>).runner(this.#tools);
			this.#runners.set(job.verb, runner);
		}
		return runner(job, signal);
	}

	/**
	 * All points from passes over the trace. One of them is run by itself, too: should it differ, as with a trace of several CPUs
	 * that a pass does not tell apart, there are none.
	 */
	async #pass(unit: Task & { how: "one-pass" }, signal: AbortSignal | undefined): Promise<Outcome[]> {
		const begun = performance.now();
		const { points } = unit;
		const jobs = points.map(({ job }) => job as TraceJob);
		try {
			const counted = await (unit.outer === undefined ? this.#single(unit, signal) : this.#outer(unit, signal));
			const trusted = await this.#columns(jobs[0]!, signal);
			const machines = new Machines();
			const all = jobs.map(({ profile, cpus, seed }) => {
				const machine = machines.of(profile, cpus, seed);
				const counts = counted(machine);
				const cycles = cyclesOf(profile, machine, counts);
				return {
					...countColumns(rowsOf(machine, counts, { classify: false, aliases: false })),
					...cycleColumns(cycles),
				};
			});
			if (JSON.stringify(all[0]) !== JSON.stringify(trusted)) return [];
			const milliseconds = (performance.now() - begun) / points.length;
			return points.map(({ key }, i) => ({ key, columns: all[i]!, milliseconds, how: "one-pass" }));
		} catch (cause) {
			if (signal?.aborted) throw cause;
			return [];
		}
	}

	/** Machines of single caches. */
	async #single({ families, points }: Task & { how: "one-pass" }, signal: AbortSignal | undefined): Promise<Counted> {
		const core = await this.#tools.core();
		const grids: OnePassResult[] = [];
		for (const { of, line, sets, ways } of families) {
			const pass = await core.onePass({ of, lines: [line], sets, ways });
			const trace = opened(points[0]!.job as TraceJob, this.#tools.common);
			grids.push(await pass.runTrace(trace, signal ? { signal } : {}));
		}
		return (machine) => {
			const counts: Counts = {
				references: { total: 0, fetches: 0, reads: 0, writes: 0 },
				operations: NO_OPERATIONS,
				caches: [],
				tlbs: [],
				walks: [{ cpu: 0, walks: 0, reads: 0, cacheHits: 0 }],
			};
			for (const [i, grid] of grids.entries()) {
				const cache = machine.caches[i];
				const found = cache ? grid.at(cache.line, cache.sets, cache.ways)! : grid.geometries[0]!;
				const { fetches, reads, writes } = found;
				counts.references.fetches += fetches;
				counts.references.reads += reads;
				counts.references.writes += writes;
				counts.references.total += fetches + reads + writes;
				if (cache) counts.caches.push({ ...NO_CACHE_COUNTS, ...only(found), cache: i });
			}
			return counts;
		};
	}

	/** Machines that differ in their outermost cache. */
	async #outer(unit: Task & { how: "one-pass" }, signal: AbortSignal | undefined): Promise<Counted> {
		const { countOuter } = await import("./outer.ts");
		return countOuter(unit, this.#tools.common, signal);
	}
}

/** The counts of a machine that came out of a pass. */
export type Counted = (machine: MachineConfig) => Counts;

function once<T>(make: () => Promise<T>): () => Promise<T> {
	let made: Promise<T> | undefined;
	return () => {
		made ??= make();
		return made;
	};
}

/** Of what a pass tells of a geometry what a simulator counts, too. */
function only<T extends { line: number; sets: number; ways: number; bytes: number }>(found: T) {
	const { line: _, sets: __, ways: ___, bytes: ____, ...counts } = found;
	return counts;
}

export function reasonOf(cause: unknown): string {
	if (cause instanceof StalemateError) return `${cause.code}: ${cause.message.split("\n")[0]}`;
	return `INTERNAL: ${cause instanceof Error ? cause.message : String(cause)}`;
}
