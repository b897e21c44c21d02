import { callable, seconds, signal } from "../input/options.ts";
import { flag, leaf, list, must, number, object, type Rule, text, word } from "../input/shape.ts";
import type { RunSweepOptions } from "./node/run.ts";
import type { Shard } from "./plan.ts";
import { RESULT_FORMATS } from "./results.ts";

// What may be said beside a specification, which has a schema of its own.

/** Threads of one host, at most. */
const MOST_WORKERS = 1024;
const path = () => text(100_000);

function shard(): Rule<Shard> {
	const parts = object({ index: number({ least: 1, most: 1e9 }), count: number({ least: 1, most: 1e9 }) }, [
		"index",
		"count",
	]);
	return {
		...parts,
		read: (value, at) => {
			const { index, count } = parts.read(value, at);
			must(index <= count, at, "must be one of count parts, from 1 on");
			return { index, count };
		},
	};
}

/** Threads, and how long a point may take. */
export const engineRules = () => ({
	workers: number({ most: MOST_WORKERS }),
	timeout: seconds(),
	signal: signal(),
});

/** Points that there may be; more than all is all. */
export const limit = () =>
	leaf((value, at) => {
		must(typeof value === "number" && value >= 1, at, "must be a number of points, from 1 on");
		return value;
	});

/** Of LimitOptions. */
export const limitRules = () => ({ limit: limit(), shard: shard() });

/** Where a module of threads is, or what makes them. */
export const worker = <T>() =>
	leaf((value, at): T => {
		must(
			(typeof value === "object" && value !== null) || typeof value === "function",
			at,
			"must be a URL or a function",
		);
		return value as T;
	});

export const formats = () => list(word(...RESULT_FORMATS), 10, 1);

/** Of PlanOptions, SweepOptions, RunSweepOptions in Node. */
export const planOptions = () => object({ ...limitRules(), inputs: path() });
export const sweepRules = () => ({ ...limitRules(), ...engineRules(), inputs: path(), worker: worker<URL>() });
export const runOptions = () =>
	object({
		...sweepRules(),
		formats: formats(),
		onProgress: callable<NonNullable<RunSweepOptions["onProgress"]>>(),
		onNote: callable<(note: string) => void>(),
		retryFailed: flag(),
		redis: path(),
	});
/** Of WorkOptions. */
export const workOptions = () =>
	object({
		...engineRules(),
		worker: worker<URL>(),
		drain: flag(),
		onProgress: callable<(done: number) => void>(),
		onNote: callable<(note: string) => void>(),
	});
/** Of SubmitArrayOptions. */
export const arrayOptions = () =>
	object(
		{
			inputs: path(),
			limit: limit(),
			tasks: number({ least: 1, most: 100_000 }),
			workers: number({ most: MOST_WORKERS }),
			formats: formats(),
			sbatch: list(path(), 1000),
			command: list(path(), 1000, 1),
			dry: flag(),
		},
		["command"],
	);
