import { StalemateError } from "../src/errors.ts";
import type { MachineConfig } from "./config.ts";
import type { Counts, Hot, SharedLine } from "./counts.ts";
import type { CoreExports } from "./exports.ts";
import type { Core, Instance } from "./instantiate.ts";
import { STATUS_NO_CPU, STATUS_NO_FRAMES, STATUS_NO_MEMORY, STATUS_OK } from "./layout/machine.ts";
import { RECORD_SIZE } from "./layout/records.ts";
import { BATCH_FULL, TRACE_RECORDS } from "./layout/trace.ts";
import { coded, type Operation } from "./operations.ts";
import { packMachine, type Questions } from "./pack.ts";
import { Reader, type TraceFormat } from "./reader.ts";
import { unpackCounts, unpackHottest, unpackShared } from "./unpack.ts";

export interface ReadOptions {
	/** Bad items are skipped and counted. */
	skip?: boolean;
	/** References until the first stop, where `stopped` is called; it says how many until the next one. undefined: no more. */
	first?: number | undefined;
	stopped?: () => number | undefined;
	/** Called after each batch: time to take what was recorded (Questions). */
	recorded?: (exports: CoreExports) => void;
}

/** A budget that is never used up. */
const ENDLESS = 0xffff_ffff_ffff_ffffn;

/** One machine in one Wasm instance, fed in batches. */
export class Simulator {
	readonly config: MachineConfig;
	readonly #instance: Instance;
	readonly #records: number;

	constructor(core: Core, config: MachineConfig, questions: Questions = {}) {
		this.config = config;
		this.#instance = core.instantiate();
		const { exports } = this.#instance;
		// Asked for room at 0, the batch tells how much it takes.
		const batch = exports.allocate(BigInt(exports.placeBatch(0)));
		exports.placeBatch(batch);
		this.#records = new DataView(exports.memory.buffer).getUint32(exports.traceState() + TRACE_RECORDS, true);
		const at = exports.describe(config.caches.length, config.tlbs.length, config.translation.huge.length);
		this.#check(exports.machineStatus());
		packMachine(exports.memory, at, config, questions);
		this.#check(exports.build());
	}

	/** Runs packed references (layout/records.ts) of one CPU and address space, in their order. */
	runRecords(records: BigUint64Array, cpu = 0, asid = 0): void {
		const { exports } = this.#instance;
		const once = this.config.straddle === "once";
		for (let done = 0; done < records.length; ) {
			let part = records.subarray(done, done + BATCH_FULL);
			// The two records of a straddling access stay together.
			if (once && part.length === BATCH_FULL && (part[BATCH_FULL - 1]! & 4n) !== 0n) part = part.subarray(0, -1);
			new BigUint64Array(exports.memory.buffer, this.#records, part.length).set(part);
			this.#check((once ? exports.runStraddling : exports.run)(cpu, asid, this.#records, part.length));
			done += part.length;
		}
	}

	/** Does what a trace says between references. */
	operate(operation: Operation): void {
		const { exports } = this.#instance;
		const { code, cpu, asid, address, length, what, object, offset } = coded(operation);
		exports.operate(code, cpu, asid, address, length, what, object, offset);
		this.#check(exports.machineStatus());
	}

	/** A reader that simulates what it reads. */
	reader(format: TraceFormat, options: ReadOptions = {}): Reader {
		const { exports } = this.#instance;
		const { caches, straddle, translation } = this.config;
		const log = (side: "fetch" | "data") => {
			const first = caches.find(({ serves }) => serves === side || serves === "both");
			return first ? Math.log2(first.line) : translation.page;
		};
		const smallest = Math.min(translation.page, ...caches.map(({ line }) => Math.log2(line)));
		const setBudget = (references: number | undefined) =>
			exports.setBudget(references === undefined ? ENDLESS : BigInt(references));
		setBudget(options.first);
		return new Reader(exports, format, {
			skip: options.skip ?? false,
			cpus: this.config.cpus,
			straddle: { mode: straddle, fetch: log("fetch"), data: log("data"), smallest },
			step: exports.consume,
			batch: () => {
				this.#check(exports.machineStatus());
				if (exports.budgetLeft() === 0n) setBudget(options.stopped?.());
				options.recorded?.(exports);
			},
		});
	}

	/** Counts since the start or the last reset. */
	counts(): Counts {
		const { exports } = this.#instance;
		return unpackCounts(exports.memory, exports.countsAt(), this.config);
	}

	/** Sets all counts to 0; caches and TLBs keep what they hold (the end of a warm-up). */
	resetCounts(): void {
		this.#instance.exports.resetCounts();
	}

	/** The k worst keys, most misses first; ties by smaller key. Empty unless asked for at construction. */
	hottest(k: number): Hot[] {
		const { exports } = this.#instance;
		return unpackHottest(exports.memory, exports.hotSlots(), exports.hotSlotCount(), k);
	}

	/** The k lines that CPUs took from each other most often. Empty unless asked for at construction. */
	shared(k: number): SharedLine[] {
		const { exports } = this.#instance;
		return unpackShared(exports.memory, exports.sharedSlots(), exports.sharedSlotCount(), k);
	}

	#check(status: number): void {
		if (status === STATUS_OK) return;
		const { translation, cpus } = this.config;
		switch (status) {
			case STATUS_NO_MEMORY:
				throw new StalemateError(
					"OUT_OF_MEMORY",
					"The machine and the tables it keeps need more than the 4 GiB of a Wasm memory (or than the host gives): " +
						"use smaller caches, or leave out classification and hot keys",
				);
			case STATUS_NO_FRAMES:
				throw new StalemateError(
					"OUT_OF_MEMORY",
					`The trace touches more pages than memory has frames (2^${translation.frames} of 2^${translation.page} bytes): ` +
						"raise translation.frames",
					{ path: "translation.frames" },
				);
			case STATUS_NO_CPU:
				throw new StalemateError(
					"BAD_TRACE",
					`The trace has references of a CPU that the machine lacks: it has CPUs 0 to ${cpus - 1}; raise cpus`,
					{ path: "cpus" },
				);
			default:
				throw new StalemateError("WASM_MISMATCH", `The core answers with the unknown status ${status}`);
		}
	}
}

/** Bytes of one packed reference. */
export const BYTES_PER_RECORD = RECORD_SIZE;
