// Sweeps over many hosts: a queue of BullMQ's for each sweep. Who submits one puts jobs in, takes results out and keeps the
// journal; workers on any number of hosts plan the same points from the specification and are told keys alone.

import { setTimeout as sleep } from "node:timers/promises";
import type { Queue, Job as QueuedJob, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { StalemateError, VERSION } from "../../index.ts";
import { chooser } from "../columns.ts";
import { type Crew, crewOf } from "../engine.ts";
import { type Outcome, reasonOf } from "../execute.ts";
import type { Shard, Unit } from "../plan.ts";
import type { Point } from "../points.ts";
import { planOn } from "../sweep.ts";
import type { SweepSpec } from "../types.ts";
import { VERBS } from "../verbs/index.ts";
import type { Setup } from "./folder.ts";
import { specHash } from "./folder.ts";
import { digest, nodeHost } from "./host.ts";

/** What a host needs to plan a sweep. */
interface Announced {
	stalemate: string;
	spec: SweepSpec;
	inputs: string;
	shard: Shard;
}

/** What a worker is told. */
interface Told {
	how: Unit["how"];
	/** Points by their content keys. */
	keys: string[];
}

/** A hash of sweeps that are at work, by id. */
const SWEEPS = "stalemate:sweeps";
const queueOf = (id: string) => `stalemate-${id}`;
/** Points of a job that are run one by one. */
const MOST = 32;
/** Jobs that results are taken of at once. */
const PAGE = 64;
/** Milliseconds: between two looks, and between two looks whether jobs are there still. */
const LOOK = 100;
const CHECK = 2000;

async function connected(
	url: string,
	onNote: (text: string) => void,
): Promise<{ bull: typeof import("bullmq"); redis: Redis }> {
	const [bull, ioredis] = await Promise.all([import("bullmq"), import("ioredis")]).catch((cause) => {
		throw new StalemateError(
			"IO",
			"sweeps over Redis need two packages more: npm install bullmq ioredis",
			{},
			{ cause },
		);
	});
	let redis: Redis;
	let reached = false;
	let why = "";
	try {
		redis = new ioredis.Redis(url, {
			lazyConnect: true,
			connectTimeout: 5000,
			maxRetriesPerRequest: null,
			// Once it was there, it is waited for.
			retryStrategy: (times) => (reached ? Math.min(times * 200, 2000) : null),
		});
		redis.on("error", (error: NodeJS.ErrnoException) => {
			why = error.message || error.code || String(error);
		});
		await redis.connect();
		await redis.ping();
	} catch (cause) {
		throw new StalemateError(
			"IO",
			`${url}: there is no Redis to be reached: ${why || (cause as Error).message}`,
			{},
			{ cause },
		);
	}
	reached = true;
	redis.on("close", () => onNote("the connection to Redis is lost: waiting for it"));
	return { bull, redis };
}

/** Where points are run that others work on. */
export interface RemoteOptions {
	signal?: AbortSignal | undefined;
	onNote?: ((text: string) => void) | undefined;
}

/** Has units run by workers, and tells outcomes as they come, each once. What it has told is removed when more is asked for. */
export async function* outcomesOver(
	url: string,
	{ spec, inputs, shard }: Setup,
	units: readonly Unit[],
	{ signal, onNote = () => {} }: RemoteOptions,
): AsyncGenerator<Outcome[], void, undefined> {
	const { bull, redis } = await connected(url, onNote);
	const id = digest(JSON.stringify([VERSION, specHash(spec), inputs, shard])).slice(0, 24);
	const announced: Announced = { stalemate: VERSION, spec, inputs, shard };
	const queue: Queue<Told, Outcome[]> = new bull.Queue(queueOf(id), { connection: redis });
	queue.on("error", () => {});
	const left = new Map<string, Told>();
	const put = async (told: Told[]) => {
		const jobs = told.map((data) => {
			const jobId = `j${digest(data.keys.join())}`;
			left.set(jobId, data);
			return { name: "points", data, opts: { jobId, attempts: 2 } };
		});
		for (let at = 0; at < jobs.length; at += 1000) await queue.addBulk(jobs.slice(at, at + 1000));
	};
	let ended = false;
	try {
		await redis.hset(SWEEPS, id, JSON.stringify(announced));
		await put(toldOf(units));
		let checked = performance.now();
		while (left.size > 0) {
			if (signal?.aborted) throw new StalemateError("CANCELLED", "cancelled; what was finished is kept");
			const completed = await queue.getCompleted(0, PAGE - 1);
			const failed = await queue.getFailed(0, PAGE - 1);
			for (const job of completed) {
				const data = left.get(job.id!);
				if (data) yield job.returnvalue;
				left.delete(job.id!);
				await job.remove();
				const there = new Set(job.returnvalue.map(({ key }) => key));
				// A pass that could not count them.
				const more = data?.keys.filter((key) => !there.has(key)) ?? [];
				if (more.length > 0) await put(more.map((key) => ({ how: "run", keys: [key] })));
			}
			for (const job of failed) {
				const data = left.get(job.id!);
				left.delete(job.id!);
				await job.remove();
				if (!data) continue;
				if (data.keys.length > 1) await put(data.keys.map((key) => ({ how: "run", keys: [key] })));
				else yield [{ key: data.keys[0]!, error: `CRASHED: ${job.failedReason}`, milliseconds: 0, how: "run" }];
			}
			if (completed.length + failed.length > 0) continue;
			await sleep(LOOK);
			if (performance.now() - checked < CHECK) continue;
			// A Redis that was started again may have forgotten all of it.
			await redis.hset(SWEEPS, id, JSON.stringify(announced));
			for (const [jobId, data] of left) {
				if ((await queue.getJobState(jobId)) === "unknown") await put([data]);
			}
			checked = performance.now();
		}
		ended = true;
	} finally {
		if (ended || signal?.aborted) {
			await redis.hdel(SWEEPS, id);
			await queue.obliterate({ force: true }).catch(() => {});
		}
		await queue.close();
		redis.disconnect();
	}
}

/** Small enough that many hosts have something to do, and large enough that it is worth the way. */
function toldOf(units: readonly Unit[]): Told[] {
	const told: Told[] = [];
	const points = units.reduce((sum, unit) => sum + (unit.how === "run" ? unit.points.length : 0), 0);
	const room = Math.max(1, Math.min(MOST, Math.floor(points / 100)));
	let last: string[] | undefined;
	for (const { how, points } of units) {
		const keys = points.map(({ key }) => key);
		if (how === "one-pass") {
			told.push({ how, keys });
			continue;
		}
		for (const key of keys) {
			if (!last || last.length >= room) {
				last = [];
				told.push({ how, keys: last });
			}
			last.push(key);
		}
	}
	return told;
}

/** How one works for sweeps of others. */
export interface WorkOptions extends RemoteOptions {
	/** Threads. Default: as many as the machine has CPUs. */
	workers?: number | undefined;
	/** Seconds that a point may take. */
	timeout?: number | undefined;
	/** End when there is no sweep left. */
	drain?: boolean | undefined;
	/** Told after each few points. */
	onProgress?: ((done: number) => void) | undefined;
	/** The module that threads load. */
	worker?: URL | undefined;
}

/** Runs points of all sweeps that are submitted to a Redis, until `signal`. Throws IO where it cannot be reached. */
export async function workOver(url: string, options: WorkOptions = {}): Promise<{ done: number }> {
	const { signal, onNote = () => {}, drain } = options;
	const { bull, redis } = await connected(url, onNote);
	const taking = new Map<string, Part | undefined>();
	const report = { done: 0 };
	try {
		while (!signal?.aborted) {
			const sweeps = await redis.hgetall(SWEEPS);
			for (const [id, text] of Object.entries(sweeps)) {
				if (taking.has(id)) continue;
				const announced = JSON.parse(text) as Announced;
				const part = await takePart(bull, redis, id, announced, options, report).catch((cause) => {
					onNote(`takes no part in sweep ${announced.spec.name ?? id}: ${reasonOf(cause)}`);
					return undefined;
				});
				taking.set(id, part);
			}
			for (const [id, part] of taking) {
				if (id in sweeps) continue;
				await part?.close();
				taking.delete(id);
			}
			if (drain && Object.keys(sweeps).length === 0) break;
			await sleep(500, undefined, signal ? { signal } : {}).catch(() => {});
		}
	} finally {
		for (const part of taking.values()) await part?.close();
		redis.disconnect();
	}
	return report;
}

interface Part {
	close(): Promise<void>;
}

async function takePart(
	bull: typeof import("bullmq"),
	redis: Redis,
	id: string,
	{ stalemate, spec, inputs, shard }: Announced,
	{ workers, timeout, signal, worker: module, onProgress }: WorkOptions,
	report: { done: number },
): Promise<Part> {
	if (stalemate !== VERSION) {
		throw new StalemateError("BAD_JOURNAL", `it is of stalemate ${stalemate}, this is ${VERSION}: they do not mix`);
	}
	const host = nodeHost(inputs, module);
	const { units } = await planOn(host, spec, { shard, limit: Number.POSITIVE_INFINITY });
	const points = new Map<string, Point>();
	const passes = new Map<string, Unit>();
	for (const unit of units) {
		for (const point of unit.points) {
			points.set(point.key, point);
			if (unit.how === "one-pass") passes.set(point.key, unit);
		}
	}
	// Never in this thread: it has to say in time that jobs are at work still.
	const crew: Crew = await crewOf(units, host, { workers: Math.max(1, workers ?? host.cpus), timeout, signal });
	const choose = chooser(spec.outputs ?? VERBS[spec.verb].usual);
	const process = async ({ data }: QueuedJob<Told, Outcome[]>) => {
		const outcomes: Outcome[] = [];
		for await (const some of crew.run([unitOf(data, points, passes)], 1)) {
			for (const { columns, ...outcome } of some)
				outcomes.push({ ...outcome, ...(columns && { columns: choose(columns) }) });
		}
		report.done += outcomes.length;
		onProgress?.(report.done);
		return outcomes;
	};
	const worker: Worker<Told, Outcome[]> = new bull.Worker(queueOf(id), process, {
		connection: redis,
		concurrency: crew.threads,
		// Jobs of a host that went away are another's after so long.
		lockDuration: 6000,
		stalledInterval: 2000,
		maxStalledCount: 3,
	});
	worker.on("error", () => {});
	return {
		async close() {
			await worker.close(true);
			await crew.close();
		},
	};
}

function unitOf({ how, keys }: Told, points: ReadonlyMap<string, Point>, passes: ReadonlyMap<string, Unit>): Unit {
	const found = keys.map((key) => {
		const point = points.get(key);
		if (point) return point;
		throw new StalemateError("BAD_JOURNAL", "this host has other input files than the one that submitted the sweep");
	});
	const pass = how === "one-pass" ? passes.get(keys[0]!) : undefined;
	return pass ? { ...pass, points: found } : { how: "run", points: found };
}
