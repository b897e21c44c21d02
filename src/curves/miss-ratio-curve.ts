import type { PassCore } from "../../bindings/pass-core.ts";
import type { Reader, TraceFormat } from "../../bindings/reader.ts";
import { Distances, type StackReadOptions, type Stream } from "../../bindings/stack.ts";
import { badOption, optionsOf } from "../input/options.ts";
import { number, object } from "../input/shape.ts";
import type { TraceSource } from "../trace/source.ts";
import type { Trace } from "../trace/trace.ts";
import { type CurveFacts, CurveResult } from "./curve.ts";
import { lineBytes, stream } from "./options.ts";
import { type CurveRunOptions, runThrough } from "./run.ts";

/** Which lines are followed where not all are. */
export interface SampleOptions {
	/** Follow this part of all lines: from 2^-20 to 1. Default, where `lines` is given: 1 at the start. */
	rate?: number;
	/** Follow at most so many lines (256 to 2^24) at once: with more, half of them go, and so does half the rate. */
	lines?: number;
	/** Chooses the lines: a whole number from 0 on. Default 0. */
	seed?: number;
}

/** Which references a curve is of, and whether it follows all lines. */
export interface MissRatioCurveOptions {
	/** Bytes of a line: a power of two from 8 to 2^30. */
	line: number;
	/** Which references the cache sees. Default: "unified", all of them. */
	of?: Stream;
	/** Left out: every line is followed, and the curve is exact. */
	sample?: SampleOptions;
}

const SMALLEST_RATE = 2 ** -20;

const curveOptions = () =>
	object(
		{
			line: lineBytes(),
			of: stream(),
			sample: object({
				rate: number({ least: SMALLEST_RATE, most: 1, whole: false }),
				lines: number({ least: 256, most: 2 ** 24 }),
				seed: number({ most: Number.MAX_SAFE_INTEGER }),
			}),
		},
		["line"],
	);

/** The stack distances of a trace, as they are counted. */
export class MissRatioCurve {
	readonly #distances: Distances;
	readonly #facts: CurveFacts;

	constructor(distances: Distances, facts: CurveFacts) {
		this.#distances = distances;
		this.#facts = facts;
	}

	/**
	 * Runs a whole trace, once, and gives the result. Throws BAD_TRACE, BAD_FORMAT, BAD_COMPRESSION and IO where the trace is
	 * bad, CANCELLED after `signal`; what ran before is in result().
	 */
	async runTrace(trace: Trace | TraceSource, options: CurveRunOptions = {}): Promise<CurveResult> {
		await runThrough((format, how) => this.reader(format, how), trace, options);
		return this.result();
	}

	/** A reader that runs what it reads: write() it the trace, then end(). */
	reader(format: TraceFormat, options: StackReadOptions = {}): Reader {
		return this.#distances.reader(format, options);
	}

	/** Runs packed references (one u64 each: address | kind) in their order. */
	runRecords(records: BigUint64Array): void {
		this.#distances.runRecords(records);
	}

	/** The curve so far. */
	result(): CurveResult {
		return new CurveResult(this.#facts, this.#distances.counts());
	}
}

/**
 * The misses of a fully associative LRU cache of any capacity, from one pass over a trace: exact, or from a sample of the
 * lines, with bounds (docs/one-pass.md).
 *
 * Memory grows with the number of different lines followed: 80 to 230 bytes for each, in a Wasm memory of at most 4 GiB
 * (OUT_OF_MEMORY beyond it: about 2^25 lines). With `sample.lines` it is bounded: 90 bytes for each of them and 3 MiB.
 * Throws BAD_OPTION with the path of what is wrong.
 */
export function missRatioCurve(core: PassCore, options: MissRatioCurveOptions): MissRatioCurve {
	const { line, of = "unified", sample } = optionsOf(curveOptions(), options);
	if (sample && sample.rate === undefined && sample.lines === undefined)
		throw badOption("sample", "needs a rate (the part of the lines to follow) or lines (the most to follow), or both");
	const { rate = 1, lines: mostLines = 0, seed = 0 } = sample ?? {};
	const threshold = rate === 1 ? 2n ** 64n - 1n : BigInt(Math.round(rate * 2 ** 53)) * 2n ** 11n - 1n;
	const distances = new Distances(core, { line, of, threshold, seed: spread(seed), mostLines });
	const sampled = sample !== undefined;
	return new MissRatioCurve(distances, { line, of, rate: (Number(threshold) + 1) / 2 ** 64, seed, mostLines, sampled });
}

/** Seeds next to each other must not choose lines next to each other: the golden ratio keeps them apart. */
function spread(seed: number): bigint {
	return BigInt.asUintN(64, (BigInt(seed) + 1n) * 0x9e3779b97f4a7c15n);
}
