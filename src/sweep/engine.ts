import { availableParallelism } from "node:os";
import { load, openTrace, type Stalemate, StalemateError } from "../index.ts";
import { type Common, Executor, type Outcome, reasonOf, type Task } from "./execute.ts";
import type { Unit } from "./plan.ts";
import type { Pool } from "./pool.ts";

export interface EngineOptions {
	/** Threads; 0: none but this one. Default: as many as the machine has CPUs. */
	workers?: number | undefined;
	/** Seconds that a point may take; a unit of several has as many times that. */
	timeout?: number | undefined;
	signal?: AbortSignal | undefined;
	/** The module that the threads load. */
	worker?: URL | undefined;
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
export async function* outcomesOf(units: readonly Unit[], options: EngineOptions = {}): AsyncGenerator<Outcome[]> {
	const { workers = availableParallelism(), signal } = options;
	const cancelled = () => new StalemateError("CANCELLED", "cancelled; what was finished is kept");
	if (signal?.aborted) throw cancelled();
	const common = await commonOf(units, signal);
	if (workers === 0) {
		const executor = new Executor(common);
		for (const unit of units) {
			const outcomes = await executor.run(bare(unit), signal);
			if (signal?.aborted) throw cancelled();
			yield outcomes;
		}
		return;
	}
	const { openPool } = await import("./pool.ts");
	const pool = openPool(Math.min(workers, units.length), common, options.worker);
	const queue = new Queue(units);
	const flying = new Map<number, Promise<Landed>>();
	const aborted = new Promise<"aborted">((resolve) => {
		if (signal) signal.addEventListener("abort", () => resolve("aborted"), { once: true });
	});
	try {
		for (let id = 0; ; ) {
			while (flying.size < workers) {
				const tasks = queue.next();
				if (!tasks) break;
				const flight = id++;
				flying.set(
					flight,
					fly(pool, tasks, options.timeout).then((landed) => ({ ...landed, flight })),
				);
			}
			if (flying.size === 0) return;
			const landed = await Promise.race([...flying.values(), aborted]);
			if (landed === "aborted") throw cancelled();
			flying.delete(landed.flight);
			if (landed.outcomes) {
				queue.learn(landed.tasks, landed.milliseconds);
				yield landed.outcomes;
			} else {
				const failed = queue.retry(landed.tasks, landed.reason!);
				if (failed) yield [failed];
			}
		}
	} finally {
		await pool.close();
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

/** A worker needs the key and the job of a point, and a unit of many points is handed on in parts. */
function bare({ points, ...unit }: Unit): Task {
	return { ...unit, points: points.map(({ key, job }) => ({ key, job })) } as Task;
}

interface Queued {
	task: Task;
	/** It was begun before, and whoever ran it did not come back. */
	again: boolean;
}

/** What is to be done; small units are handed on together. */
class Queue {
	readonly #units: readonly Unit[];
	/** Points that are run by themselves after something went wrong. */
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

	learn(tasks: Queued[], milliseconds: number): void {
		if (tasks.some(({ task }) => task.how === "one-pass")) return;
		const each = milliseconds / tasks.reduce((sum, { task }) => sum + task.points.length, 0);
		this.#pace = (this.#pace + each) / 2;
	}

	/** Points of tasks that did not come back are tried once more, one by one; one that was is told as failed. */
	retry(tasks: Queued[], { text, final }: Reason): Outcome | undefined {
		const points = tasks.flatMap(({ task }) => task.points);
		if (points.length === 1 && (final || tasks[0]!.again)) {
			return { key: points[0]!.key, error: text, milliseconds: 0, how: "run" };
		}
		for (const point of points) this.#again.push({ task: { how: "run", points: [point] } as Task, again: true });
		return undefined;
	}
}

/** The compiled core, and traces decoded once into memory that all workers see. */
async function commonOf(units: readonly Unit[], signal: AbortSignal | undefined): Promise<Common> {
	const jobs = units.flatMap(({ points }) => points.flatMap(({ job }) => (job.verb === "trace" ? [job] : [])));
	if (jobs.length === 0) return {};
	const core = await load();
	const traces = new Map<string, Uint8Array>();
	for (const { trace, onError } of new Map(jobs.map((job) => [job.trace, job])).values()) {
		const bytes = await decoded(core, trace, onError, signal);
		if (bytes) traces.set(trace, bytes);
	}
	return { module: core.module, traces };
}

/** A trace in the packed form, which is read quickest; undefined: it is too long to be kept. */
async function decoded(
	core: Stalemate,
	file: string,
	onError: "stop" | "skip",
	signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
	const parts: Uint8Array[] = [];
	let length = 0;
	const tooLong = new Error("too long");
	const sink = new WritableStream<Uint8Array>({
		write(bytes) {
			length += bytes.length;
			if (length > MOST_DECODED) throw tooLong;
			parts.push(bytes.slice());
		},
	});
	try {
		await core.convertTrace(openTrace(file, { onError }), sink, signal ? { signal } : {});
	} catch (cause) {
		if ((cause as Error).cause === tooLong) return undefined;
		throw cause;
	}
	const bytes = new Uint8Array(new SharedArrayBuffer(length));
	let at = 0;
	for (const part of parts) {
		bytes.set(part, at);
		at += part.length;
	}
	return bytes;
}
