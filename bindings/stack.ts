import { StalemateError } from "../src/errors.ts";
import type { PassExports } from "./exports.ts";
import { SERVES_DATA, SERVES_FETCH, STATUS_OK } from "./layout/machine.ts";
import {
	CURVE_COLD,
	CURVE_DISTANCE_COUNT,
	CURVE_DISTANCES,
	CURVE_FETCHES,
	CURVE_GROUPS,
	CURVE_HALVINGS,
	CURVE_LINE,
	CURVE_LIVE,
	CURVE_MOST_LINES,
	CURVE_OF,
	CURVE_READS,
	CURVE_SEED,
	CURVE_THRESHOLD,
	CURVE_WRITES,
	DISTANCE_FETCHES,
	DISTANCE_READS,
	DISTANCE_SIZE,
	DISTANCE_WRITES,
	FAMILY_COUNTS,
	FAMILY_FETCHES,
	FAMILY_LINE,
	FAMILY_READS,
	FAMILY_SETS,
	FAMILY_SIZE,
	FAMILY_WAYS,
	FAMILY_WRITES,
	GEOMETRY_EVICTIONS,
	GEOMETRY_FETCH_MISSES,
	GEOMETRY_READ_MISSES,
	GEOMETRY_SIZE,
	GEOMETRY_WRITE_MISSES,
	GEOMETRY_WRITEBACKS,
	GROUP_BUCKETS,
	GROUP_COUNT,
} from "./layout/stack.ts";
import { BATCH_FULL, TRACE_RECORDS } from "./layout/trace.ts";
import type { PassCore } from "./pass-core.ts";
import { Reader, type Step, type TraceFormat } from "./reader.ts";

// The one-pass engine's side of the boundary. Options were checked before (src/curves/).

/** Which references are looked at: all, instruction fetches, or reads and writes. */
export type Stream = "unified" | "fetch" | "data";

const STREAMS: Record<Stream, number> = {
	unified: SERVES_FETCH | SERVES_DATA,
	fetch: SERVES_FETCH,
	data: SERVES_DATA,
};

export interface StackReadOptions {
	/** Bad items are skipped and counted. */
	skip?: boolean;
}

/** References by kind. */
export interface KindCounts {
	fetches: number;
	reads: number;
	writes: number;
}

/** What one geometry counted: the numbers that a `Simulator` of this one cache would give (docs/one-pass.md). */
export interface GeometryCounts extends KindCounts {
	/** Bytes of a line. */
	line: number;
	sets: number;
	ways: number;
	/** Capacity: line * sets * ways. */
	bytes: number;
	fetchMisses: number;
	readMisses: number;
	writeMisses: number;
	/** Lines brought in: one for each miss. */
	fills: number;
	/** Lines pushed out by fills, clean or dirty. */
	evictions: number;
	/** Dirty lines pushed out. Those that are dirty at the end and still there do not count. */
	writebacks: number;
}

/** What is fed like a Simulator: an instance of its own with room for a batch. */
abstract class Fed {
	readonly #exports: PassExports;
	readonly #records: number;

	/** `accesses`: room for those, too. */
	constructor(core: PassCore, accesses: boolean) {
		const { exports } = core.instantiate();
		this.#exports = exports;
		const place = (base: number) => {
			const end = exports.placeBatch(base);
			return accesses ? exports.placeAccesses(end) : end;
		};
		// Asked for room at 0, the batch tells how much it takes.
		place(exports.allocate(BigInt(place(0))));
		this.#records = this.view().getUint32(exports.traceState() + TRACE_RECORDS, true);
	}

	/** Runs packed references (layout/records.ts) in their order; each is one reference whatever the line size. */
	runRecords(records: BigUint64Array): void {
		for (let done = 0; done < records.length; done += BATCH_FULL) {
			const part = records.subarray(done, done + BATCH_FULL);
			new BigUint64Array(this.#exports.memory.buffer, this.#records, part.length).set(part);
			this.run(this.#exports, this.#records, part.length);
			this.check();
		}
	}

	/** A reader that runs what it reads. */
	reader(format: TraceFormat, options: StackReadOptions = {}): Reader {
		const log = Math.log2(this.cutAt());
		return new Reader(this.#exports, format, {
			skip: options.skip ?? false,
			straddle: { mode: "split", fetch: log, data: log, smallest: log },
			step: this.step(this.#exports),
			batch: () => this.check(),
		});
	}

	protected abstract run(exports: PassExports, records: number, count: number): void;
	protected abstract step(exports: PassExports): Step;
	/** Bytes of the lines that the readers cut accesses at. */
	protected abstract cutAt(): number;

	protected get exports(): PassExports {
		return this.#exports;
	}

	/** Made anew each time: growing memory detaches older views. */
	protected view(): DataView {
		return new DataView(this.#exports.memory.buffer);
	}

	protected check(): void {
		if (this.#exports.passStatus() === STATUS_OK) return;
		throw new StalemateError(
			"OUT_OF_MEMORY",
			"The stacks need more than the 4 GiB of a Wasm memory (or than the host gives): ask for fewer sets and ways at " +
				"once, or for a sampled curve with a bound on its lines (sample.lines)",
		);
	}
}

export interface StacksConfig {
	/** Bytes, powers of two >= 8, ascending. */
	lines: number[];
	/** Powers of two, ascending. */
	sets: number[];
	/** The most; ways + 1 < smallest line * smallest number of sets. */
	ways: number;
	of: Stream;
}

/** LRU stacks of every geometry lines x sets x (1 .. ways), in one Wasm instance. */
export class Stacks extends Fed {
	readonly config: StacksConfig;
	readonly #families: number;

	constructor(core: PassCore, config: StacksConfig) {
		super(core, config.lines.length > 1);
		this.config = config;
		const { exports } = this;
		this.#families = exports.describeStacks(config.lines.length);
		this.check();
		const view = this.view();
		const sets = config.sets.reduce((bits, count) => bits + count, 0);
		config.lines.forEach((line, i) => {
			const at = this.#families + i * FAMILY_SIZE;
			view.setUint32(at + FAMILY_LINE, Math.log2(line), true);
			view.setUint32(at + FAMILY_WAYS, config.ways, true);
			view.setUint32(at + FAMILY_SETS, sets, true);
		});
		exports.buildStacks();
		exports.openStacks(STREAMS[config.of]);
		this.check();
	}

	/** Counts so far: by line, then by sets, then by ways, ascending. */
	counts(): GeometryCounts[] {
		this.exports.settleStacks();
		const view = this.view();
		const u64 = (at: number) => Number(view.getBigUint64(at, true));
		const { lines, sets, ways } = this.config;
		const all: GeometryCounts[] = [];
		lines.forEach((line, i) => {
			const at = this.#families + i * FAMILY_SIZE;
			const [fetches, reads, writes] = [u64(at + FAMILY_FETCHES), u64(at + FAMILY_READS), u64(at + FAMILY_WRITES)];
			let row = view.getUint32(at + FAMILY_COUNTS, true);
			for (const setCount of sets) {
				for (let wayCount = 1; wayCount <= ways; wayCount++, row += GEOMETRY_SIZE) {
					const fetchMisses = u64(row + GEOMETRY_FETCH_MISSES);
					const readMisses = u64(row + GEOMETRY_READ_MISSES);
					const writeMisses = u64(row + GEOMETRY_WRITE_MISSES);
					all.push({
						line,
						sets: setCount,
						ways: wayCount,
						bytes: line * setCount * wayCount,
						fetches,
						fetchMisses,
						reads,
						readMisses,
						writes,
						writeMisses,
						fills: fetchMisses + readMisses + writeMisses,
						evictions: u64(row + GEOMETRY_EVICTIONS),
						writebacks: u64(row + GEOMETRY_WRITEBACKS),
					});
				}
			}
		});
		return all;
	}

	protected run(exports: PassExports, records: number, count: number): void {
		exports.runStacks(records, count);
	}

	protected step(exports: PassExports): Step {
		return this.config.lines.length > 1 ? exports.consumeStacksOfAll : exports.consumeStacks;
	}

	protected cutAt(): number {
		return this.config.lines[0]!;
	}
}

export interface DistancesConfig {
	/** Bytes, a power of two >= 8. */
	line: number;
	of: Stream;
	/** A line is followed while its hash, evenly spread over u64, is at most this. */
	threshold: bigint;
	seed: bigint;
	/** Lines followed at once; with more, the threshold is halved. 0: no end. */
	mostLines: number;
}

/** What the core knows of stack distances. Counts of kinds are in the order fetch, read, write. */
export interface DistanceCounts {
	/** All references of the stream, whether their lines are followed or not. */
	references: KindCounts;
	/** Lines followed at the end. */
	followed: number;
	/** How often the threshold was halved. A reference counted 2^(halvings at that time). */
	halvings: number;
	/** For each distance how many references of a kind had it. */
	distances: [Float64Array, Float64Array, Float64Array];
	/** References to lines not seen before. */
	cold: [number, number, number];
	/** GROUP_COUNT tables of GROUP_BUCKETS counts (layout/stack.ts); empty unless something is sampled. */
	groups: Float64Array;
}

/** The distances in one LRU stack of all lines, in one Wasm instance. */
export class Distances extends Fed {
	readonly config: DistancesConfig;
	readonly #curve: number;

	constructor(core: PassCore, config: DistancesConfig) {
		super(core, false);
		this.config = config;
		const { exports } = this;
		this.#curve = exports.describeCurve();
		this.check();
		const view = this.view();
		const at = this.#curve;
		view.setUint32(at + CURVE_LINE, Math.log2(config.line), true);
		view.setUint32(at + CURVE_OF, STREAMS[config.of], true);
		view.setUint32(at + CURVE_MOST_LINES, config.mostLines, true);
		view.setBigUint64(at + CURVE_THRESHOLD, config.threshold, true);
		view.setBigUint64(at + CURVE_SEED, config.seed, true);
		exports.buildCurve();
		this.check();
	}

	counts(): DistanceCounts {
		const view = this.view();
		const at = this.#curve;
		const u64 = (offset: number) => Number(view.getBigUint64(offset, true));
		const first = view.getUint32(at + CURVE_DISTANCES, true);
		// No line is deeper than there are lines.
		const count = view.getUint32(at + CURVE_DISTANCE_COUNT, true);
		const kinds = [DISTANCE_FETCHES, DISTANCE_READS, DISTANCE_WRITES] as const;
		const groups = view.getUint32(at + CURVE_GROUPS, true);
		return {
			references: {
				fetches: u64(at + CURVE_FETCHES),
				reads: u64(at + CURVE_READS),
				writes: u64(at + CURVE_WRITES),
			},
			followed: u64(at + CURVE_LIVE),
			halvings: view.getUint32(at + CURVE_HALVINGS, true),
			distances: kinds.map((kind) => this.#column(first + kind, count, DISTANCE_SIZE)) as DistanceCounts["distances"],
			cold: kinds.map((kind) => u64(at + CURVE_COLD + kind)) as DistanceCounts["cold"],
			groups: groups ? this.#column(groups, GROUP_COUNT * GROUP_BUCKETS, 8) : new Float64Array(),
		};
	}

	/** `count` u64 as numbers, `stride` bytes apart. In halves: there may be millions, and bigints are slow. */
	#column(at: number, count: number, stride: number): Float64Array<ArrayBuffer> {
		const words = new Uint32Array(this.exports.memory.buffer);
		const column = new Float64Array(count);
		for (let i = 0, word = at >>> 2; i < count; i++, word += stride >> 2) {
			column[i] = words[word]! + words[word + 1]! * 2 ** 32;
		}
		return column;
	}

	protected run(exports: PassExports, records: number, count: number): void {
		exports.runCurve(records, count);
	}

	protected step(exports: PassExports): Step {
		return exports.consumeCurve;
	}

	protected cutAt(): number {
		return this.config.line;
	}
}
