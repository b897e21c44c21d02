import type { MemoryModel, Profile } from "../../index.ts";
import type { Value } from "../types.ts";

/** What a point runs, whole: nothing else decides its result. */
export type Job = TraceJob | CheckJob | CostJob;

/** What a point of a sweep simulates: data that decides the result. */
export interface TraceJob {
	verb: "trace";
	/** The file. */
	trace: string;
	profile: Profile;
	cpus: number;
	seed: number;
	warmup: number;
	classify: boolean;
	onError: "stop" | "skip";
}

/** What a point of a sweep checks: data that decides the result. */
export interface CheckJob {
	verb: "check";
	/** The file. */
	scenario: string;
	/** undefined: the scenario's own. */
	profile: Profile | string | undefined;
	model: MemoryModel | undefined;
	params: Record<string, Value>;
	states: number | undefined;
	depth: number | undefined;
	allHazards: boolean;
}

/** What a point of a sweep prices: data that decides the result. */
export interface CostJob {
	verb: "cost";
	/** The file. */
	scenario: string;
	profile: Profile;
	params: Record<string, Value>;
	/** undefined: the scenario's own number. */
	threads: number | undefined;
	iterations: number;
	warmUp: number;
	/** undefined: the first thread. */
	actor: string | undefined;
	jitter: number;
	seed: number;
	samples: number;
	pti: boolean;
	flushesInFlight: number;
}
