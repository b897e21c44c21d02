import { readFile } from "node:fs/promises";
import type { CacheCounts, Counts } from "../../bindings/counts.ts";
import type { Check } from "../check/index.ts";
import {
	load,
	type OnePassResult,
	openTrace,
	type Stalemate,
	StalemateError,
	type TraceSource,
	type WasmModule,
} from "../index.ts";
import { resolve } from "../profiles/resolve.ts";
import { cyclesOf } from "../simulate/cycles.ts";
import { type Rows, rowsOf } from "../simulate/result.ts";
import { type Columns, checkColumns, countsOf, traceColumns } from "./columns.ts";
import type { PassUnit, Unit } from "./plan.ts";
import type { CheckJob, Point, TraceJob } from "./points.ts";

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

/** A worker needs no more of a point. */
export type Task = Unit & { points: Pick<Point, "key" | "job">[] };

/** What is made once for all workers. */
export interface Common {
	module?: WasmModule;
	/** Decoded traces by path; others are read from their files. */
	traces?: ReadonlyMap<string, Uint8Array>;
}

/** Runs units in this thread. */
export class Executor {
	readonly #common: Common;
	#core: Promise<Stalemate> | undefined;
	#check: Promise<Check> | undefined;
	readonly #scenarios = new Map<string, Promise<string>>();
	/** The last run: the next points may differ only in what things cost. */
	#last: { name: string; rows: Rows } | undefined;

	constructor(common: Common = {}) {
		this.#common = common;
	}

	async run({ points, ...unit }: Task, signal?: AbortSignal): Promise<Outcome[]> {
		if (unit.how === "one-pass") {
			const outcomes = await this.#pass(unit as PassUnit, points as Point[], signal);
			if (outcomes) return outcomes;
		}
		const outcomes: Outcome[] = [];
		for (const { key, job } of points) {
			const begun = performance.now();
			const told = await this.#columns(job, signal).then(
				(columns) => ({ columns }),
				(cause) => ({ error: reasonOf(cause) }),
			);
			outcomes.push({ key, ...told, milliseconds: performance.now() - begun, how: "run" });
		}
		return outcomes;
	}

	#columns(job: Point["job"], signal: AbortSignal | undefined): Promise<Columns> {
		return job.verb === "trace" ? this.#trace(job, signal) : this.#checked(job, signal);
	}

	async #trace(job: TraceJob, signal: AbortSignal | undefined): Promise<Columns> {
		const { profile, cpus, seed, warmup, classify } = job;
		const machine = resolve(profile, { cpus, seed: BigInt(seed) });
		const name = JSON.stringify([job.trace, warmup, classify, machine], (_, value) =>
			typeof value === "bigint" ? String(value) : value,
		);
		if (this.#last?.name !== name) {
			const core = await this.#loaded();
			const simulation = core.simulator(profile, { cpus, seed, classify });
			const result = await simulation.runTrace(this.#opened(job), { warmup, ...(signal && { signal }) });
			this.#last = { name, rows: result };
		}
		const { rows } = this.#last;
		const names = (of: { name: string }[]) => of.map((one) => one.name);
		const counts = countsOf(rows, names(machine.caches), names(machine.tlbs));
		return traceColumns(rows, cyclesOf(profile, machine, counts));
	}

	/**
	 * All points from passes over the trace. One of them is run by itself, too: should it differ, as with a trace of several CPUs
	 * that a pass does not tell apart, all are (undefined).
	 */
	async #pass(unit: PassUnit, points: Point[], signal: AbortSignal | undefined): Promise<Outcome[] | undefined> {
		const begun = performance.now();
		const jobs = points.map(({ job }) => job as TraceJob);
		let trusted: Columns;
		try {
			trusted = await this.#trace(jobs[0]!, signal);
			const core = await this.#loaded();
			const grids: OnePassResult[] = [];
			for (const { of, line, sets, ways } of unit.families) {
				const pass = core.onePass({ of, lines: [line], sets, ways });
				grids.push(await pass.runTrace(this.#opened(jobs[0]!), signal ? { signal } : {}));
			}
			const all = jobs.map(({ profile, seed }) => {
				const machine = resolve(profile, { seed: BigInt(seed) });
				const counts: Counts = {
					references: { total: 0, fetches: 0, reads: 0, writes: 0 },
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
					if (cache) counts.caches.push({ ...NOTHING, ...only(found), cache: i });
				}
				return traceColumns(rowsOf(machine, counts, false), cyclesOf(profile, machine, counts));
			});
			if (JSON.stringify(all[0]) !== JSON.stringify(trusted)) return undefined;
			const milliseconds = (performance.now() - begun) / points.length;
			return points.map(({ key }, i) => ({ key, columns: all[i]!, milliseconds, how: "one-pass" }));
		} catch (cause) {
			if (signal?.aborted) throw cause;
			return undefined;
		}
	}

	async #checked(job: CheckJob, signal: AbortSignal | undefined): Promise<Columns> {
		this.#check ??= import("../check/index.ts").then(({ loadCheck }) => loadCheck());
		const check = await this.#check;
		let text = this.#scenarios.get(job.scenario);
		if (!text) {
			text = readFile(job.scenario, "utf8");
			this.#scenarios.set(job.scenario, text);
		}
		const { profile, model, params, states, depth, allHazards } = job;
		const { run } = await check.check(await text, {
			params,
			allHazards,
			...(profile !== undefined && { profile }),
			...(model !== undefined && { model }),
			bounds: { ...(states !== undefined && { states }), ...(depth !== undefined && { depth }) },
			...(signal && { signal }),
		});
		if (signal?.aborted) throw new StalemateError("CANCELLED", "cancelled");
		return checkColumns(run);
	}

	#loaded(): Promise<Stalemate> {
		const { module } = this.#common;
		this.#core ??= load(module ? { wasm: module } : {});
		return this.#core;
	}

	#opened({ trace, onError }: TraceJob) {
		const source: TraceSource = this.#common.traces?.get(trace) ?? trace;
		return openTrace(source, { name: trace, onError });
	}
}

const NOTHING: Omit<CacheCounts, "cache"> = {
	cpu: 0,
	fetches: 0,
	fetchMisses: 0,
	reads: 0,
	readMisses: 0,
	writeFills: 0,
	writeFillMisses: 0,
	writes: 0,
	writeMisses: 0,
	walkReads: 0,
	walkReadMisses: 0,
	victims: 0,
	victimMisses: 0,
	fills: 0,
	evictions: 0,
	writebacks: 0,
	invalidations: 0,
	compulsory: 0,
	capacity: 0,
	conflict: 0,
};

/** Of what a pass tells of a geometry what a simulator counts, too. */
function only<T extends { line: number; sets: number; ways: number; bytes: number }>(found: T) {
	const { line: _, sets: __, ways: ___, bytes: ____, ...counts } = found;
	return counts;
}

export function reasonOf(cause: unknown): string {
	if (cause instanceof StalemateError) return `${cause.code}: ${cause.message.split("\n")[0]}`;
	return `INTERNAL: ${cause instanceof Error ? cause.message : String(cause)}`;
}
