// What the page and the worker that simulates tell each other.

import type { MachineConfig } from "../../bindings/config.ts";
import type { TraceFormat } from "../../bindings/reader.ts";
import type { CurvePoint } from "../../src/curves/curve.ts";
import type { References } from "../../src/simulate/result.ts";

/** A machine to simulate: one that ships, or the text of a profile. */
export type Chosen = { id: string } | { text: string };

export interface Setup {
	machines: Chosen[];
	sets: string[];
	/** CPUs that the trace is of. */
	cpus: number;
}

/** What is known of a machine before anything runs. */
export interface Described {
	id: string;
	title: string;
	machine: Omit<MachineConfig, "seed">;
}

export interface TraceWanted extends Setup {
	file: Blob;
	name: string;
	format: TraceFormat | null;
	/** Bad lines are skipped and counted. */
	skip: boolean;
	/** Cache of which the misses are counted by set; null: of none. */
	pressure: string | null;
	/** Misses of lines that a cache holds under another address are counted. */
	aliases: boolean;
}

/** Misses by set, as far as they were counted. */
export interface Pressure {
	cache: string;
	sets: number;
	misses: Float64Array;
}

/** Miss ratios over time, one point for each stretch of the run. */
export interface Curve {
	name: string;
	references: Float64Array;
	ratios: Float32Array;
}

/** A cache or TLB; null: nothing was counted yet. */
export interface Level {
	name: string;
	size: string;
	misses: number | null;
	missRatio: number | null;
}

/** One machine's counts so far. */
export interface Counted {
	id: string;
	caches: Level[];
	tlbs: Level[];
	/** null: the profile has no latencies. */
	cyclesPerReference: number | null;
	curves: Curve[];
	pressure: Pressure | null;
}

export interface Counting {
	/** References simulated, and decompressed bytes read. */
	progress: { references: number; bytes: number };
	milliseconds: number;
	/** Left out where only the progress is news. */
	machines?: Counted[];
}

export interface Ran extends Required<Counting> {
	references: References;
	format: string;
	compression: string;
	skipped: number;
	warnings: string[];
	notes: string[];
	/** Ended before the trace did: the counts are of what was read. */
	stopped: string | null;
}

export interface MissCurve {
	points: CurvePoint[];
	footprint: number;
	line: number;
	/** The part of the lines that was followed; 1: all. */
	rate: number;
}

export type TraceMethods = {
	profiles(argument: null): { id: string; title: string }[];
	describe(argument: Setup): Described[];
	run(argument: TraceWanted): Ran;
	/** Progress: decompressed bytes read. */
	curve(argument: { file: Blob; name: string; format: TraceFormat | null; skip: boolean }): MissCurve;
};
