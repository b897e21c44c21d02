import { load, openTrace, type Stalemate, StalemateError, type TraceSource } from "../index.ts";
import { Executor, type Outcome, reasonOf, type Task } from "./execute.ts";
import type { Common, Host, Pool } from "./host.ts";
import type { Unit } from "./plan.ts";

/** How points are run: on how many threads, for how long, and what ends it early. */
export interface EngineOptions {
	/** Threads; 0: none but this one. Default: as many as the machine has CPUs. */
	workers?: number | undefined;
	/** Seconds that a point may take; a unit of several has as many times that. */
	timeout?: number | undefined;
	signal?: AbortSignal | undefined;
}

/** A task is to take about so long, in milliseconds: much longer than it takes to hand it on. */
const TASK = 40;
/** The most points of a task. */
const MOST = 256;
/** Decoded traces larger than this are read from their files by each worker. */
const MOST_DECODED = 2 ** 30;

/**
 * Runs units and tells outcomes as they come, in no particular order. Nothing more is begun while nobody asks. Throws
 * CANCELLED after `signal`, and what a trace that cannot be read throws.
 */
export async function* outcomesOf(
	units: readonly Unit[],
	host: Host,
	options: EngineOptions = {},
): AsyncGenerator<Outcome[], void, undefined> {
	if (options.signal?.aborted) throw cancelled();
	const crew = await crewOf(units, host, options);
	try {
		yield* crew.run(units);
	} finally {
		await crew.close();
	}
}

function cancelled(): StalemateError {
	return new StalemateError("CANCELLED", "cancelled; what was finished is kept");
}

/** Threads with everything they need for some units. */
export interface Crew {
	threads: number;
	/** `threads`: how many of them, at most. */
	run(units: readonly Unit[], threads?: number): AsyncGenerator<Outcome[], void, undefined>;
	close(): Promise<void>;
}

export async function crewOf(units: readonly Unit[], host: Host, options: EngineOptions): Promise<Crew> {
	const { workers = host.cpus, signal } = options;
	const common = await commonOf(units, host, signal);
	if (workers === 0) {
		const executor = new Executor(common);
		return { threads: 0, run: (some) => runHere(executor, some, signal), close: async () => {} };
	}
	const points = units.reduce((sum, unit) => sum + unit.points.length, 0);
	const threads = Math.min(workers, points);
	const pool = await host.pool(threads, common);
	return {
		threads,
		run: (some, most = threads) => runThere(pool, some, most, options),
		close: () => pool.close(),
	};
}

async function* runHere(executor: Executor, units: readonly Unit[], signal: AbortSignal | undefined) {
	const queue = new Queue(units);
	for (let tasks = queue.next(); tasks; tasks = queue.next()) {
		const begun = performance.now();
		const outcomes: Outcome[] = [];
		for (const { task } of tasks) outcomes.push(...(await executor.run(task, signal)));
		if (signal?.aborted) throw cancelled();
		queue.done(tasks, outcomes, performance.now() - begun);
		yield outcomes;
	}
}

async function* runThere(pool: Pool, units: readonly Unit[], threads: number, { signal, timeout }: EngineOptions) {
	const queue = new Queue(units);
	const flying = new Map<number, Promise<Landed>>();
	let abort = () => {};
	const aborted = new Promise<"aborted">((resolve) => {
		abort = () => resolve("aborted");
	});
	signal?.addEventListener("abort", abort);
	try {
		for (let id = 0; ; ) {
			while (flying.size < threads) {
				const tasks = queue.next();
				if (!tasks) break;
				const flight = id++;
				flying.set(
					flight,
					fly(pool, tasks, timeout).then((landed) => ({ ...landed, flight })),
				);
			}
			if (flying.size === 0) return;
			const landed = signal?.aborted ? "aborted" : await Promise.race([...flying.values(), aborted]);
			if (landed === "aborted") throw cancelled();
			flying.delete(landed.flight);
			if (landed.outcomes) {
				queue.done(landed.tasks, landed.outcomes, landed.milliseconds);
				yield landed.outcomes;
			} else {
				const failed = queue.retry(landed.tasks, landed.reason!);
				if (failed) yield [failed];
			}
		}
	} finally {
		signal?.removeEventListener("abort", abort);
	}
}

interface Landed {
	flight: number;
	tasks: Queued[];
	milliseconds: number;
	/** undefined: the worker did not come back. */
	outcomes?: Outcome[];
	reason?: Reason;
}

interface Reason {
	text: string;
	/** It would be the same again. */
	final: boolean;
}

async function fly(pool: Pool, tasks: Queued[], timeout: number | undefined): Promise<Omit<Landed, "flight">> {
	const controller = new AbortController();
	const points = tasks.reduce((sum, { task }) => sum + task.points.length, 0);
	const timer = timeout === undefined ? undefined : setTimeout(() => controller.abort(), timeout * 1000 * points);
	const begun = performance.now();
	try {
		const outcomes = await pool.run(
			tasks.map(({ task }) => task),
			controller.signal,
		);
		return { tasks, outcomes, milliseconds: performance.now() - begun };
	} catch (cause) {
		const reason = controller.signal.aborted
			? { text: `TIMEOUT: not done after ${timeout} s`, final: points === 1 }
			: {
					text: `CRASHED: ${cause instanceof StalemateError ? reasonOf(cause) : (cause as Error).message}`,
					final: false,
				};
		return { tasks, reason, milliseconds: performance.now() - begun };
	} finally {
		clearTimeout(timer);
	}
}

function bare(unit: Unit): Task {
	return { ...unit, points: unit.points.map(({ key, job }) => ({ key, job })) };
}

interface Queued {
	task: Task;
	/** It was begun before, and whoever ran it did not come back. */
	again: boolean;
}

/** What is to be done; small units are handed on together. */
class Queue {
	readonly #units: readonly Unit[];
	/** What is run by itself after something went wrong. */
	readonly #again: Queued[] = [];
	#at = 0;
	/** In the unit there, points handed on. */
	#within = 0;
	/** Milliseconds of a point that is run: what the last ones took. */
	#pace = TASK;

	constructor(units: readonly Unit[]) {
		this.#units = units;
	}

	next(): Queued[] | undefined {
		const again = this.#again.shift();
		if (again) return [again];
		const room = Math.min(MOST, Math.max(1, Math.floor(TASK / this.#pace)));
		const tasks: Queued[] = [];
		for (let points = 0; points < room && this.#at < this.#units.length; ) {
			const unit = this.#units[this.#at]!;
			if (unit.how === "one-pass") {
				if (tasks.length > 0) break;
				this.#at++;
				return [{ task: bare(unit), again: false }];
			}
			const end = Math.min(unit.points.length, this.#within + room - points);
			const part = { ...unit, points: unit.points.slice(this.#within, end) };
			tasks.push({ task: bare(part), again: false });
			points += part.points.length;
			if (end < unit.points.length) this.#within = end;
			else {
				this.#at++;
				this.#within = 0;
			}
		}
		return tasks.length > 0 ? tasks : undefined;
	}

	/** Tasks came back. */
	done(tasks: Queued[], outcomes: readonly Outcome[], milliseconds: number): void {
		const [first] = tasks;
		if (first?.task.how === "one-pass") {
			const there = new Set(outcomes.map(({ key }) => key));
			for (const point of first.task.points) {
				if (!there.has(point.key)) this.#again.push({ task: { how: "run", points: [point] }, again: false });
			}
			return;
		}
		const each = milliseconds / tasks.reduce((sum, { task }) => sum + task.points.length, 0);
		this.#pace = (this.#pace + each) / 2;
	}

	/** Points of tasks that did not come back are tried once more, one by one; one that was is told as failed. */
	retry(tasks: Queued[], { text, final }: Reason): Outcome | undefined {
		const points = tasks.flatMap(({ task }) => task.points);
		if (points.length === 1 && (final || tasks[0]!.again)) {
			return { key: points[0]!.key, error: text, milliseconds: 0, how: "run" };
		}
		for (const point of points) this.#again.push({ task: { how: "run", points: [point] }, again: true });
		return undefined;
	}
}

/** The compiled cores, scenarios, and traces decoded once into memory that all threads see, where there is such memory. */
async function commonOf(units: readonly Unit[], host: Host, signal: AbortSignal | undefined): Promise<Common> {
	const jobs = units.flatMap(({ points }) => points.map(({ job }) => job));
	const common: { -readonly [K in keyof Common]: Common[K] } = {};
	const traced = new Map(jobs.flatMap((job) => (job.verb === "trace" ? [[job.trace, job.onError]] : [])));
	if (traced.size > 0) {
		const core = await load();
		common.module = core.module;
		const traces = new Map<string, TraceSource>();
		for (const [place, onError] of traced)
			traces.set(place, await decoded(core, host.sourceOf(place), place, onError, signal));
		common.traces = traces;
	}
	const read = new Set(jobs.flatMap((job) => (job.verb === "trace" ? [] : [job.scenario])));
	if (read.size > 0) {
		const { loadCheck } = await import("../check/index.ts");
		common.programs = (await loadCheck()).module;
		const texts = new Map<string, string>();
		for (const place of read) texts.set(place, await host.textOf(place));
		common.texts = texts;
	}
	return common;
}

/** A trace in the packed form, which is read quickest; one that is too long to be kept stays what it is. */
async function decoded(
	core: Stalemate,
	source: TraceSource,
	name: string,
	onError: "stop" | "skip",
	signal: AbortSignal | undefined,
): Promise<TraceSource> {
	const parts: Uint8Array[] = [];
	let length = 0;
	const keep = (bytes: Uint8Array) => {
		length += bytes.length;
		if (length <= MOST_DECODED) parts.push(bytes.slice());
		return length <= MOST_DECODED;
	};
	const trace = openTrace(source, { name, onError });
	if ((await trace.format()) === "packed") {
		for await (const bytes of trace) if (!keep(bytes) || signal?.aborted) break;
	} else {
		const tooLong = new Error("too long");
		const sink = new WritableStream<Uint8Array>({
			write(bytes) {
				if (!keep(bytes)) throw tooLong;
			},
		});
		await core.convertTrace(trace, sink, signal ? { signal } : {}).catch((cause) => {
			if ((cause as Error).cause !== tooLong) throw cause;
		});
	}
	if (length > MOST_DECODED) return source;
	const shared = typeof SharedArrayBuffer === "function" ? new SharedArrayBuffer(length) : new ArrayBuffer(length);
	const bytes = new Uint8Array(shared);
	let at = 0;
	for (const part of parts) {
		bytes.set(part, at);
		at += part.length;
	}
	return bytes;
}
