import type { MemoryModel, ProfileChanges } from "../profiles/types.ts";

/** What an axis gives a point. */
export type Value = string | number | boolean;

/** What is run at every point. */
export type SweepVerb = "trace" | "check" | "cost";

/** From `from` to `to`, both included if `step` meets it. */
export interface RangeAxis {
	path: string;
	range: { from: number | string; to: number | string; step?: number | string };
}

/** From `from` on, times `factor` (default 2) up to `to`; or `count` numbers, evenly spaced in their logarithms. */
export interface LogAxis {
	path: string;
	log: { from: number | string; to: number | string; factor?: number; count?: number };
}

/** These values. */
export interface ListAxis {
	path: string;
	list: Value[];
}

/** Constants drawn at random from their documented ranges. */
export interface SampleAxis {
	sample: {
		/** Numbers of the profile; `*` stands for any step: `profile.costs.*` is every cost that has a range. */
		paths: string[];
		count: number;
		/** Default latin-hypercube: each constant meets each of `count` equal parts of its range once. */
		method?: "latin-hypercube" | "random";
		/** Default 0. */
		seed?: number;
		/** Ranges of one's own, by path. */
		ranges?: Record<string, [number, number]>;
	};
}

/** Axes of equal lengths, side by side. */
export interface ZipAxis {
	zip: Axis[];
}

/** Every combination. */
export interface CrossAxis {
	cross: Axis[];
}

/** One axis of a sweep: values of one path, or several axes joined. */
export type Axis = ListAxis | RangeAxis | LogAxis | SampleAxis | ZipAxis | CrossAxis;

/** What all points have in common. */
export interface SweepInputs {
	/** Verb trace: the file. */
	trace?: string;
	/** Verb trace: bad lines or records are an error, or skipped. */
	onError?: "stop" | "skip";
	/** Verbs check and cost: the file of a scenario; check reads litmus tests, too. */
	scenario?: string;
	/** Id of a shipped profile, or a profile as JSON. */
	profile?: string | ProfileChanges;
	/** `path=value` changes of the profile, before those of the axes. */
	sets?: string[];
	cpus?: number;
	seed?: number;
	warmup?: number;
	classify?: boolean;
	/** Parameters of the scenario. */
	params?: Record<string, Value>;
	model?: MemoryModel;
	/** States that a check may look at. */
	states?: number;
	/** Steps of a schedule. */
	depth?: number;
	allHazards?: boolean;
	/** Verb cost: CPUs, the parameter `cpus` of the scenario. */
	threads?: number;
	/** Rounds that are measured (default 1000), and rounds before (100). */
	iterations?: number;
	warmUp?: number;
	/** Whose rounds are measured; default: the first thread. */
	actor?: string;
	/** A price is off by at most this part of it (default 0). */
	jitter?: number;
	/** Machines with constants drawn from their ranges, for an interval (default 0: none). */
	samples?: number;
	/** Page-table isolation. */
	pti?: boolean;
	/** Line flushes that a CPU may have in flight (default 1). */
	flushesInFlight?: number;
}

/** A sweep as it is written: an object, JSON or YAML. Its schema is in dist/sweep.schema.json. */
export interface SweepSpec {
	$schema?: string;
	/** What the sweep is called. */
	name?: string;
	verb: SweepVerb;
	inputs?: SweepInputs;
	/** Crossed with each other; the last changes fastest. */
	axes?: Axis[];
	/** Expressions over paths: `profile.caches.L1D.ways <= 8`. Points where one is not true are left out. */
	filters?: string[];
	/** Columns wanted, `*` standing for anything: `L1D.*`, `cycles.perReference`. Default: what people look at first. */
	outputs?: string[];
}
