import type { MachineConfig } from "../bindings/config.ts";
import type { Core } from "../bindings/instantiate.ts";
import { KIND_FETCH, KIND_READ, KIND_WRITE, RECORD_SIZE } from "../bindings/layout/records.ts";
import type { Operation } from "../bindings/operations.ts";
import type { TraceFormat } from "../bindings/reader.ts";
import { Simulator } from "../bindings/simulator.ts";
import { StalemateError } from "./errors.ts";
import { badOption, optional, optionsOf } from "./input/options.ts";
import { number, object } from "./input/shape.ts";
import { profileFrom } from "./profiles/parse.ts";
import { resolve } from "./profiles/resolve.ts";
import { applySets } from "./profiles/sets.ts";
import { isShipped, type ProfileId } from "./profiles/shipped.ts";
import type { Profile } from "./profiles/types.ts";
import { asTrace } from "./simulate/as-trace.ts";
import { cyclesOf } from "./simulate/cycles.ts";
import {
	checkHot,
	checkSharing,
	type HotOptions,
	runOptions,
	type SharingOptions,
	simulatorOptions,
} from "./simulate/options.ts";
import {
	type Asked,
	difference,
	type Interval,
	type RunParameters,
	rowsOf,
	SimulationResult,
	type TraceInfo,
} from "./simulate/result.ts";
import { type Feed, feedAll, type Progress } from "./simulate/run.ts";
import { sharingRow } from "./simulate/sharing.ts";
import { VERSION } from "./simulate/version.ts";
import { checkOperation } from "./trace/items.ts";
import type { TraceSource } from "./trace/source.ts";
import type { Trace } from "./trace/trace.ts";

/** How a machine is simulated, and what is counted besides hits and misses. */
export interface SimulatorOptions {
	/** Changes of the profile as `path=value`, in order: `caches.L3.size=2M`. */
	sets?: readonly string[];
	/** How many CPUs, from 0 on, the references may be of (default 1). */
	cpus?: number;
	/** Of random replacement and random frames: 0 to 2^64 - 1 (default 0). */
	seed?: number | bigint;
	/** Class every miss as compulsory, capacity or conflict: slower, and memory grows with the footprint. */
	classify?: boolean;
	/** Count the misses at one cache per line, page or set. */
	hot?: HotOptions;
	/**
	 * Count misses of lines that a virtually indexed or tagged cache holds under another address (synonyms), and of virtual
	 * tags under which it holds another line (homonyms). Slower.
	 */
	aliases?: boolean;
	/** Tell which lines several CPUs take from each other most often, and which parts of them each uses. Slower. */
	sharing?: SharingOptions;
}

/** How a trace is run: what is left out, what is told meanwhile, what ends it early. */
export interface RunOptions {
	/** Told about 20 times a second, and at the end. */
	onProgress?: (progress: Progress) => void;
	/** Ends the run with CANCELLED; result() then has the counts so far. */
	signal?: AbortSignal;
	/** Keep the counts of every so many references, too: the result's intervals. The last one may be shorter. */
	every?: number;
	/** Told the intervals as they end, and of `runTogether` which simulation's; they are not kept then. */
	onInterval?: (interval: Interval, simulation: number) => void;
	/** A bad line or record: stop with an error, or skip and count it. Default: what the trace was opened with. */
	onError?: "stop" | "skip";
	/** References run before the counts begin, from 0: caches and TLBs are warm by then. */
	warmup?: number;
}

/** One machine: caches and TLBs keep what they hold from run to run, and counts go on. Made by `core.simulator()`. */
export class Simulation {
	/** The profile with its changes. */
	readonly profile: Profile;
	/** The machine it describes, every default filled in. */
	readonly machine: MachineConfig;
	readonly #simulator: Simulator;
	/** The profile before `sets`, where it is not a shipped one. */
	readonly #definition: Profile | undefined;
	readonly #asked: Asked;
	readonly #sharing: Required<SharingOptions> | undefined;
	readonly #hot: Required<HotOptions> | undefined;
	#parameters: RunParameters;
	#running = false;
	#complete = true;
	#intervals: Interval[] | undefined;
	#skipped = () => 0;
	#trace: TraceInfo | undefined;

	/** @internal */
	constructor(core: Core, profile: Profile | ProfileId, options?: SimulatorOptions) {
		const checked = optional(simulatorOptions, options);
		const { sets = [], cpus = 1, seed = 0n, classify = false, aliases = false, hot, sharing } = checked;
		const base = profileFrom(profile);
		this.profile = sets.length > 0 ? applySets(base, sets) : base;
		this.machine = resolve(this.profile, { cpus, seed });
		this.#definition = isShipped(base) ? undefined : base;
		this.#asked = { classify, aliases };
		this.#sharing = sharing && checkSharing(sharing, this.machine);
		this.#hot = hot && checkHot(hot, this.machine);
		this.#parameters = { sets: [...sets], cpus, seed: this.machine.seed };
		this.#simulator = new Simulator(core, this.machine, {
			classify,
			aliases,
			sharing: sharing !== undefined,
			hot: hot && { cache: this.machine.caches.findIndex(({ name }) => name === hot.cache), by: hot.by },
		});
	}

	/**
	 * Runs a whole trace and gives all counts. Throws BAD_TRACE, BAD_FORMAT, BAD_COMPRESSION and IO where the trace is bad,
	 * CANCELLED after `signal`, BAD_OPTION for bad options. What ran before is counted: result() tells it.
	 */
	async runTrace(trace: Trace | TraceSource, options?: RunOptions): Promise<SimulationResult> {
		const [result] = await Simulation.together([this], trace, options);
		return result!;
	}

	/**
	 * Runs references in memory, in their order, all of one CPU and address space; `packRecord` makes them. Where the
	 * profile's straddle is "once", bit 2 (4) of a record says that it and the next are one access over two lines.
	 */
	runRecords(records: BigUint64Array, options: { cpu?: number; asid?: number } = {}): void {
		this.#mustBeIdle();
		const place = object({ cpu: number({ most: this.machine.cpus - 1 }), asid: number({ most: 0xffff }) });
		const { cpu = 0, asid = 0 } = optionsOf(place, options);
		if (Object.prototype.toString.call(records) !== "[object BigUint64Array]")
			throw badOption("records", "must be a BigUint64Array");
		this.#simulator.runRecords(records, cpu, asid);
	}

	/** Does what a trace may say between references: docs/simulation.md, "Operations". Throws BAD_OPTION. */
	operate(operation: Operation): void {
		this.#mustBeIdle();
		checkOperation(operation, this.machine.cpus - 1);
		this.#simulator.operate(operation);
	}

	/** Sets all counts to 0; caches and TLBs keep what they hold. */
	resetCounts(): void {
		this.#mustBeIdle();
		this.#simulator.resetCounts();
		this.#complete = true;
		this.#intervals = undefined;
		this.#skipped = () => 0;
	}

	/** All counts so far. May be asked at any time, from the callbacks of a run, too. */
	result(): SimulationResult {
		const { profile, machine } = this;
		const counts = this.#simulator.counts();
		const hot = this.#hot;
		const sharing = this.#sharing;
		return new SimulationResult({
			stalemate: VERSION,
			profile: profile.id,
			profileVersion: profile.version,
			basedOn: profile.basedOn,
			definition: this.#definition,
			parameters: { ...this.#parameters },
			complete: this.#complete && !this.#running,
			...rowsOf(machine, counts, this.#asked),
			cycles: cyclesOf(profile, machine, counts),
			intervals: this.#intervals && [...this.#intervals],
			hottest: hot && this.#simulator.hottest(hot.top).map((row) => ({ cache: hot.cache, by: hot.by, ...row })),
			sharing: sharing && this.#simulator.shared(sharing.top).map((row) => sharingRow(row, this.#dataLine())),
			skipped: this.#skipped() || undefined,
			trace: this.#trace && { ...this.#trace },
		});
	}

	/** @internal `runTogether` */
	static async together(
		simulations: readonly Simulation[],
		source: Trace | TraceSource,
		given: RunOptions | undefined,
	): Promise<SimulationResult[]> {
		const options = optional(runOptions, given);
		if (!simulations.every?.((one) => one instanceof Simulation))
			throw badOption("simulations", "must be a list of simulations");
		if (simulations.length === 0) throw badOption("simulations", "are none: give at least one");
		if (new Set(simulations).size < simulations.length) throw badOption("simulations", "name one of them twice");
		for (const simulation of simulations) simulation.#mustBeIdle();
		const trace = asTrace(source);
		for (const simulation of simulations) simulation.#running = true;
		const begun: Begun[] = [];
		try {
			const format = await trace.format();
			for (const simulation of simulations) begun.push(simulation.#begin(trace, format, options, begun.length));
			await feedAll(
				begun.map(({ feed }) => feed),
				trace,
				format,
				{
					...options,
					references: () => simulations[0]!.#simulator.counts().references.total,
				},
			);
			for (const { finish } of begun) finish(true);
		} catch (cause) {
			for (const { finish } of begun) finish(false);
			for (const simulation of simulations) simulation.#complete = false;
			throw cause;
		} finally {
			await trace.close();
			for (const simulation of simulations) simulation.#running = false;
		}
		return simulations.map((simulation) => simulation.result());
	}

	#begin(trace: Trace, format: TraceFormat, options: RunOptions, number: number): Begun {
		const { every, onInterval, warmup = 0 } = options;
		const onError = options.onError ?? trace.onError;
		const simulator = this.#simulator;
		let warming = warmup > 0;
		let before = simulator.counts();
		let earlier = before.references.total;
		let thrown: { cause: unknown } | undefined;
		if (every !== undefined && !onInterval) this.#intervals ??= [];
		this.#parameters = {
			...this.#parameters,
			...(warming && { warmup }),
			...(every !== undefined && { every }),
			...(onError === "skip" && { onError }),
		};
		this.#trace = { name: trace.name, format, compression: trace.compression ?? "none", bytes: 0 };

		const endInterval = () => {
			const counts = simulator.counts();
			const interval = {
				start: before.references.total,
				...rowsOf(this.machine, difference(counts, before), this.#asked),
			};
			before = counts;
			// Operations may follow the last reference.
			if ((interval.references.total === 0 && !interval.operations) || thrown) return;
			if (!onInterval) this.#intervals?.push(interval);
			else {
				// Thrown from here, it would leave the reader in the middle of a batch.
				try {
					onInterval(interval, number);
				} catch (cause) {
					thrown = { cause };
				}
			}
		};
		const stopped = () => {
			if (warming) {
				warming = false;
				simulator.resetCounts();
				before = simulator.counts();
				earlier = 0;
			} else endInterval();
			return every;
		};
		const reader = simulator.reader(format, { skip: onError === "skip", first: warming ? warmup : every, stopped });
		const skippedBefore = this.#skipped();
		this.#skipped = () => skippedBefore + reader.skipped;
		const rethrow = <T>(given: T): T => {
			if (thrown) throw thrown.cause;
			return given;
		};
		return {
			feed: {
				write: (bytes) => rethrow(reader.write(bytes)),
				end: () => rethrow(reader.end()),
				cut: () => rethrow(reader.cut()),
				line: () => reader.line,
				room: () => reader.room(),
				told: (bytes) => {
					this.#trace = { ...this.#trace!, bytes };
				},
			},
			finish: (whole) => {
				const { skipped } = reader;
				this.#skipped = () => skippedBefore + skipped;
				const { threads } = reader;
				if (threads > 0) this.#trace = { ...this.#trace!, notes: [notesOn(threads, this.machine.cpus)] };
				if (trace.warnings.length > 0) this.#trace = { ...this.#trace!, warnings: [...trace.warnings] };
				const ran = simulator.counts().references.total - earlier;
				if (warming) simulator.resetCounts();
				else if (every !== undefined) endInterval();
				if (!whole) return;
				if (warming || (ran === 0 && warmup > 0)) {
					const length = warming ? ran : warmup;
					throw badOption("warmup", `is ${warmup}, and ${trace.name} has ${length} references: nothing was counted`);
				}
				if (ran === 0) throw noReferences(trace.name, format, skipped);
				rethrow(undefined);
			},
		};
	}

	/** Bytes of a line of the first-level data cache. */
	#dataLine(): number {
		return this.machine.caches.find(({ serves }) => serves === "data" || serves === "both")?.line ?? 64;
	}

	#mustBeIdle(): void {
		if (this.#running) throw badOption("simulation", "is running a trace: wait for it, or make another");
	}
}

/** A simulation in the middle of a trace. */
interface Begun {
	feed: Feed;
	/** `whole`: the trace was read to its end without an error. */
	finish(whole: boolean): void;
}

/** Of a trace that tells when threads are switched. */
function notesOn(threads: number, cpus: number): string {
	const which = threads > cpus && cpus > 1 ? "in turn, in order of appearance" : "in order of appearance";
	const where = cpus > 1 ? `they run on ${Math.min(threads, cpus)} CPUs, ${which}` : "all run on one CPU: give more";
	return (
		`${threads} threads were traced, one at a time for long stretches; ${where}. On a real machine they would run at the ` +
		"same time and take lines from each other more often"
	);
}

function noReferences(name: string, format: TraceFormat, skipped: number): StalemateError {
	const lackey = format === "lackey" ? "; was valgrind run with --trace-mem=yes?" : "";
	const why = skipped > 0 ? `; ${skipped} bad ones were skipped` : lackey;
	return new StalemateError("BAD_TRACE", `${name}: read to its end, and there is no reference in it${why}`, {
		file: name,
	});
}

/**
 * Runs one trace through several simulations, reading it once. Results come in the order of the simulations. Progress tells the
 * references of the first.
 */
export function runTogether(
	simulations: readonly Simulation[],
	trace: Trace | TraceSource,
	options?: RunOptions,
): Promise<SimulationResult[]> {
	return Simulation.together(simulations, trace, options);
}

const KINDS = { read: KIND_READ, write: KIND_WRITE, fetch: KIND_FETCH };

/** A reference as runRecords() takes it. The low three bits of the address are not kept: no cache has so short lines. */
export function packRecord(kind: "fetch" | "read" | "write", address: bigint): bigint {
	return BigInt.asUintN(64, address & -BigInt(RECORD_SIZE)) | BigInt(KINDS[kind]);
}
