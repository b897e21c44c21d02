import { GROUP_BUCKETS, GROUP_COUNT, GROUP_FINENESS } from "../../bindings/layout/stack.ts";
import type { DistanceCounts, KindCounts, Stream } from "../../bindings/stack.ts";
import { optionsOf, whole } from "../input/options.ts";
import { number } from "../input/shape.ts";
import type { TraceInfo } from "../simulate/result.ts";

/** How a curve was sampled. */
export interface CurveSample {
	/** The part of all lines that was followed at the end. */
	rate: number;
	/** The most lines to follow at once, where there was a bound. */
	lines?: number;
	seed: number;
	/** Lines followed at the end. */
	followed: number;
}

/** One capacity of a fully associative LRU cache. */
export interface CurvePoint {
	/** Capacity in lines. */
	capacity: number;
	/** Capacity in bytes. */
	bytes: number;
	fetchMisses: number;
	readMisses: number;
	writeMisses: number;
	misses: number;
	/** misses / references; 0 without references. */
	missRatio: number;
	/** Bounds of the miss ratio (docs/one-pass.md, "The bound"); the ratio itself where nothing is sampled. */
	low: number;
	high: number;
}

/** A miss-ratio curve as JSON.stringify writes it. */
export interface CurveJson {
	kind: "miss-ratio-curve";
	/** As `trace curve --json` has it: the version that counted, what it read, and whether that was all of it. */
	stalemate?: string;
	trace?: Omit<TraceInfo, "bytes" | "warnings" | "notes">;
	complete?: boolean;
	line: number;
	of: Stream;
	references: KindCounts;
	footprint: number;
	sample: CurveSample | null;
	/** 16 capacities for each doubling. */
	points: CurvePoint[];
}

/**
 * The bounds are so many standard deviations wide: of the distance of a reference (by Bernstein's inequality at most
 * 2 exp(-8) of them are further off), and of what the choice of lines does to the misses.
 */
const DEVIATIONS = 4;

/** Capacities shown for each doubling. */
const PER_DOUBLING = 16;

export interface CurveFacts {
	/** Bytes of a line. */
	line: number;
	of: Stream;
	/** The rate at the start; 1: all lines. */
	rate: number;
	seed: number;
	/** The bound on lines; 0: none. */
	mostLines: number;
	/** false: nothing was asked to be sampled. */
	sampled: boolean;
}

/** Misses of a fully associative LRU cache of any capacity. */
export class CurveResult {
	/** Bytes of a line. */
	readonly line: number;
	readonly of: Stream;
	/** All references of the stream: exact even where lines are sampled. */
	readonly references: Readonly<KindCounts>;
	/** Different lines referenced; an estimate where lines are sampled. */
	readonly footprint: number;
	/** null: every line was followed, and all counts are exact. */
	readonly sample: Readonly<CurveSample> | null;
	readonly #rate: number;
	readonly #first: number;
	readonly #total: number;
	/** By kind (fetch, read, write): references at this distance or a greater one. */
	readonly #beyond: Float64Array[];
	/** For each bucket of distances: the variance of the misses at the distances from there on. */
	readonly #variance: Float64Array;

	constructor(facts: CurveFacts, counts: DistanceCounts) {
		const { line, of, seed, mostLines } = facts;
		this.line = line;
		this.of = of;
		this.references = counts.references;
		this.#total = counts.references.fetches + counts.references.reads + counts.references.writes;
		this.#first = facts.rate;
		this.#rate = facts.rate / 2 ** counts.halvings;
		this.#beyond = counts.distances.map((column, kind) => sumsFrom(column, counts.cold[kind]!, facts.rate));
		const cold = counts.cold.reduce((sum, count) => sum + count, 0);
		this.footprint = cold / facts.rate;
		this.sample = facts.sampled
			? { rate: this.#rate, ...(mostLines > 0 ? { lines: mostLines } : {}), seed, followed: counts.followed }
			: null;
		this.#variance =
			facts.sampled && this.#rate < 1 ? variances(counts.groups, facts.rate, this.#rate) : new Float64Array();
	}

	/** The misses of a cache of `capacity` lines (a whole number >= 1). Throws BAD_OPTION. */
	at(capacity: number): CurvePoint {
		whole("capacity", capacity, 1);
		const index = this.#distance(capacity);
		const [fetchMisses, readMisses, writeMisses] = this.#beyond.map((sums) => sums[Math.min(index, sums.length - 1)]!);
		const misses = fetchMisses! + readMisses! + writeMisses!;
		return {
			capacity,
			bytes: capacity * this.line,
			fetchMisses: fetchMisses!,
			readMisses: readMisses!,
			writeMisses: writeMisses!,
			misses,
			missRatio: this.#ratio(misses),
			...this.#bounds(capacity, this.#ratio(misses)),
		};
	}

	/** The smallest capacity, in lines, whose miss ratio is at most this; undefined where none is. Throws BAD_OPTION. */
	capacityFor(missRatio: number): number | undefined {
		optionsOf(number({ most: Number.MAX_SAFE_INTEGER, whole: false }), missRatio, "missRatio");
		let high = this.#largest();
		if (this.#ratio(this.#missesAt(high)) > missRatio) return undefined;
		let low = 0;
		while (high - low > 1) {
			const middle = Math.floor((low + high) / 2);
			if (this.#ratio(this.#missesAt(middle)) <= missRatio) high = middle;
			else low = middle;
		}
		return high;
	}

	/** The curve at 16 capacities for each doubling, from 1 line to the first that misses only what it has never seen. */
	points(): CurvePoint[] {
		const points: CurvePoint[] = [];
		const largest = this.#largest();
		for (let step = 0, last = 0; last < largest; step++) {
			const capacity = Math.min(largest, Math.round(2 ** (step / PER_DOUBLING)));
			if (capacity > last) points.push(this.at(capacity));
			last = capacity;
		}
		return points;
	}

	/** What JSON.stringify writes. */
	toJSON(): CurveJson {
		const { line, of, references, footprint, sample } = this;
		return {
			kind: "miss-ratio-curve",
			line,
			of,
			references: { ...references },
			footprint,
			sample: sample && { ...sample },
			points: this.points(),
		};
	}

	/** The smallest distance, among the lines followed, at which a cache of so many lines misses. */
	#distance(capacity: number): number {
		return Math.max(0, Math.ceil(capacity * this.#rate - 1e-9));
	}

	#missesAt(capacity: number): number {
		const index = this.#distance(capacity);
		return this.#beyond.reduce((sum, sums) => sum + sums[Math.min(index, sums.length - 1)]!, 0);
	}

	#ratio(misses: number): number {
		return this.#total > 0 ? Math.min(1, misses / this.#total) : 0;
	}

	/** The first capacity from which on nothing changes. */
	#largest(): number {
		// The sums of each kind end where only what was never seen is left.
		const index = Math.max(...this.#beyond.map((sums) => sums.length)) - 1;
		return Math.max(1, Math.floor(index / this.#rate));
	}

	#bounds(capacity: number, ratio: number): { low: number; high: number } {
		const rate = this.#rate;
		if (rate === 1 || this.#total === 0) return { low: ratio, high: ratio };
		if (this.sample!.followed < GROUP_COUNT) return { low: 0, high: 1 };
		const z = DEVIATIONS;
		const spread = z * Math.sqrt(((1 - rate) * capacity) / rate) + (z * z) / (3 * rate) + 1 / rate;
		const [more, less] = [capacity + spread, capacity - spread];
		return {
			low: Math.max(0, this.#ratio(this.#missesAt(more)) - this.#deviation(more)),
			high: less < 1 ? 1 : Math.min(1, this.#ratio(this.#missesAt(less)) + this.#deviation(less)),
		};
	}

	/** How far the choice of lines may have moved the miss ratio at this capacity. */
	#deviation(capacity: number): number {
		const variance = this.#variance[bucketOf(Math.floor(capacity * this.#first))]!;
		return (DEVIATIONS * Math.sqrt(variance)) / this.#total;
	}
}

/** Sums from each place to the end and beyond it, in references (a followed one stands for 1 / rate of them). */
function sumsFrom(column: Float64Array, cold: number, rate: number): Float64Array {
	let end = column.length;
	while (end > 0 && column[end - 1] === 0) end--;
	const sums = new Float64Array(end + 1);
	let sum = cold;
	sums[end] = cold / rate;
	for (let i = end - 1; i >= 0; i--) {
		sum += column[i]!;
		sums[i] = sum / rate;
	}
	return sums;
}

/** From the misses of GROUP_COUNT groups of lines: what the sum over all would vary by with another choice of lines. */
function variances(groups: Float64Array, first: number, rate: number): Float64Array {
	const result = new Float64Array(GROUP_BUCKETS);
	const sums = new Float64Array(GROUP_COUNT);
	for (let bucket = GROUP_BUCKETS - 1; bucket >= 0; bucket--) {
		let total = 0;
		for (let g = 0; g < GROUP_COUNT; g++) {
			sums[g]! += groups[g * GROUP_BUCKETS + bucket]! / first;
			total += sums[g]!;
		}
		const mean = total / GROUP_COUNT;
		let squares = 0;
		for (let g = 0; g < GROUP_COUNT; g++) squares += (sums[g]! - mean) ** 2;
		result[bucket] = (1 - rate) * squares * (GROUP_COUNT / (GROUP_COUNT - 1));
	}
	return result;
}

/** The bucket of a distance, as assembly/stack/curve.ts has it. */
function bucketOf(distance: number): number {
	if (distance < 2 ** GROUP_FINENESS) return distance;
	const octave = Math.floor(Math.log2(distance)) - GROUP_FINENESS;
	return Math.min(octave * 2 ** GROUP_FINENESS + Math.floor(distance / 2 ** octave), GROUP_BUCKETS - 2);
}
