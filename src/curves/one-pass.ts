import { STACK_MOST_SETS, STACK_MOST_WAYS } from "../../bindings/layout/stack.ts";
import type { PassCore } from "../../bindings/pass-core.ts";
import type { Reader, TraceFormat } from "../../bindings/reader.ts";
import { type GeometryCounts, type StackReadOptions, Stacks, type Stream } from "../../bindings/stack.ts";
import { badOption, optionsOf } from "../input/options.ts";
import { number, object } from "../input/shape.ts";
import { formatBytes } from "../profiles/size.ts";
import type { TraceSource } from "../trace/source.ts";
import type { Trace } from "../trace/trace.ts";
import { ascending, lineBytes, power, stream } from "./options.ts";
import { type CurveRunOptions, runThrough } from "./run.ts";

/** Which geometries one pass counts: every combination. */
export interface OnePassOptions {
	/** Bytes of a line: powers of two from 8 to 2^30. */
	lines: readonly number[];
	/** Numbers of sets: powers of two up to 2^24. */
	sets: readonly number[];
	/** The most ways: every number of ways from 1 to this is counted. At most 1024. */
	ways: number;
	/** Which references the caches see. Default: "unified", all of them. */
	of?: Stream;
}

const onePassOptions = () =>
	object(
		{
			lines: ascending(lineBytes()),
			sets: ascending(power(1, 2 ** STACK_MOST_SETS)),
			ways: number({ least: 1, most: STACK_MOST_WAYS }),
			of: stream(),
		},
		["lines", "sets", "ways"],
	);

/** Bytes that all stacks together may take. */
export const ONE_PASS_MOST_BYTES = 2 ** 30;

/** What a pass counted, for every geometry. */
export class OnePassResult {
	readonly of: Stream;
	/** By line, then by sets, then by ways, ascending. */
	readonly geometries: readonly GeometryCounts[];
	readonly #ways: number;
	readonly #lines: readonly number[];
	readonly #sets: readonly number[];

	constructor(config: Stacks["config"], geometries: readonly GeometryCounts[]) {
		this.of = config.of;
		this.geometries = geometries;
		this.#lines = config.lines;
		this.#sets = config.sets;
		this.#ways = config.ways;
	}

	/** The counts of one geometry; undefined if it was not asked for. */
	at(line: number, sets: number, ways: number): GeometryCounts | undefined {
		const i = this.#lines.indexOf(line);
		const k = this.#sets.indexOf(sets);
		if (i < 0 || k < 0 || !Number.isInteger(ways) || ways < 1 || ways > this.#ways) return undefined;
		return this.geometries[(i * this.#sets.length + k) * this.#ways + ways - 1];
	}

	/** What JSON.stringify writes. */
	toJSON(): OnePassJson {
		return { kind: "one-pass", of: this.of, geometries: this.geometries.map((each) => ({ ...each })) };
	}
}

/** The counts of one pass as JSON.stringify writes them. */
export interface OnePassJson {
	kind: "one-pass";
	of: Stream;
	geometries: GeometryCounts[];
}

/** Caches of many geometries, fed at once. */
export class OnePass {
	readonly #stacks: Stacks;

	constructor(stacks: Stacks) {
		this.#stacks = stacks;
	}

	/**
	 * Runs a whole trace, once, and gives the result. Throws BAD_TRACE, BAD_FORMAT, BAD_COMPRESSION and IO where the trace is
	 * bad, CANCELLED after `signal`; what ran before is in result().
	 */
	async runTrace(trace: Trace | TraceSource, options: CurveRunOptions = {}): Promise<OnePassResult> {
		await runThrough((format, how) => this.reader(format, how), trace, options);
		return this.result();
	}

	/** A reader that runs what it reads: write() it the trace, then end(). */
	reader(format: TraceFormat, options: StackReadOptions = {}): Reader {
		return this.#stacks.reader(format, options);
	}

	/**
	 * Runs packed references (one u64 each: address | kind) in their order. Each is one reference for every line size;
	 * a reader cuts an access where the lines of each size begin.
	 */
	runRecords(records: BigUint64Array): void {
		this.#stacks.runRecords(records);
	}

	/** The counts so far. */
	result(): OnePassResult {
		return new OnePassResult(this.#stacks.config, this.#stacks.counts());
	}
}

/**
 * Counts, in one pass over a trace, what a single LRU, write-back, write-allocate cache of each geometry
 * lines x sets x (1, 2, …, ways) would: exactly the counts of as many separate runs (docs/one-pass.md).
 *
 * Stacks take 8 bytes for each line of the largest number of ways: lines x (sum of all sets) x ways x 8, at most 1 GiB.
 * Throws BAD_OPTION, with the path of what is wrong, and OUT_OF_MEMORY.
 */
export function onePass(core: PassCore, options: OnePassOptions): OnePass {
	const { lines, sets, ways, of = "unified" } = optionsOf(onePassOptions(), options);
	const [line, fewest] = [lines[0]!, sets[0]!];
	// The bits that tell apart the bytes of a line and the smallest number of sets hold a depth, or "nothing here".
	if (ways + 2 > line * fewest) {
		throw badOption(
			"ways",
			`are ${ways}, and so many of ${line}-byte lines take at least ${2 ** Math.ceil(Math.log2((ways + 2) / line))} sets: ` +
				`leave out ${fewest === 1 ? "1 set" : `${fewest} sets`}, or take longer lines (or missRatioCurve for one set)`,
		);
	}
	const bytes = lines.length * sets.reduce((sum, count) => sum + count, 0) * ways * 8;
	if (bytes > ONE_PASS_MOST_BYTES) {
		const most = formatBytes(ONE_PASS_MOST_BYTES);
		throw badOption(
			"sets",
			`would take ${formatBytes(bytes)}, and at most ${most} are allowed: ask for fewer sets, ways or line sizes at once`,
		);
	}
	return new OnePass(new Stacks(core, { lines, sets, ways, of }));
}
