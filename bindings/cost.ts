import { type Assembled, assemble, type Hardware } from "./assemble.ts";
import type { ProgramExports } from "./exports.ts";
import { HAZARD_CODES, type HazardCode } from "./hazards.ts";
import type { Instance } from "./instantiate.ts";
import * as C from "./layout/cost.ts";
import { LOADED_OK } from "./layout/explore.ts";
import type { Program } from "./program.ts";
import type { ProgramCore } from "./program-core.ts";

/** Classes of what takes time, in the core's order; the works of a program follow. */
export const COST_NAMES = [
	"step",
	"level1",
	"level2",
	"level3",
	"memory",
	"lineShared",
	"lineCore",
	"lineSocket",
	"store",
	"walk",
	"fault",
	"atomic",
	"fenceFull",
	"fenceSpeculation",
	"fenceOrder",
	"flushAbsent",
	"flushClean",
	"flushDirty",
	"flushAll",
	"tlbPage",
	"tlbAll",
	"switch",
	"ipiSend",
	"ipiDeliver",
	"interrupt",
	"contextSwitch",
	"mask",
	"wait",
	"waitStores",
	"waitLine",
	"waitPurge",
	"waitFlushes",
] as const;

export type CostClass = (typeof COST_NAMES)[number];

/** What a run is about. Times are in ns; undefined: not known, which is an error only if it is needed. */
export interface CostSetup {
	prices: Partial<Record<CostClass, number>>;
	works: Record<string, number | undefined>;
	/** Works that take another time each time: from the first to the second ns, half of them below what `works` says. */
	ranges?: Record<string, readonly [number, number]>;
	/** Line flushes that a CPU may have in flight. */
	flushesInFlight: number;
	/** TLB purges on the bus at a time, 0: any number. */
	purgesInFlight: number;
	cpusPerSocket: number;
	/** Number of the actor whose rounds are counted. */
	actor: number;
	seed: number;
	/** A price is off by at most this part of it. */
	jitter: number;
	/** Actions that are logged, from the start. */
	logged?: number;
}

export type CostEnd = "done" | "paused" | "stuck" | "no price" | "runaway" | "memory";

const ENDS: CostEnd[] = ["done", "paused", "stuck", "no price", "runaway", "memory"];

export interface CostProgress {
	end: CostEnd;
	/** The class without a price. */
	missing: string | undefined;
	hazards: HazardCode[];
	actions: number;
	/** ns. */
	time: number;
}

export interface Rounds {
	rounds: number;
	/** ns of all rounds together, without what is not measured. */
	time: number;
	/** ns of each of the first rounds. */
	samples: Float64Array;
}

/** A program with a price for everything, on clocks. The work called "pause" is not measured. */
export class CostRun {
	readonly assembled: Assembled;
	readonly #instance: Instance<ProgramExports>;
	readonly #names: string[];
	#record = 0;

	constructor(core: ProgramCore, program: Program, hardware: Hardware, setup: CostSetup) {
		// Entries come and go as the program makes them; who is interchangeable does not matter here.
		this.assembled = assemble(
			{ ...program, symmetric: [] },
			{ ...hardware, evictions: false },
			{ mayHold: false, posted: false },
		);
		this.#instance = core.instantiate();
		const { exports } = this.#instance;
		const { bytes, works } = this.assembled;
		this.#names = [...COST_NAMES, ...works];
		const at = exports.allocate(BigInt(bytes.length));
		new Uint8Array(exports.memory.buffer, at, bytes.length).set(bytes);
		const built = exports.exploreBuild(at, bytes.length);
		const [status, refused] = new Uint32Array(exports.memory.buffer, built, 2);
		if (status !== LOADED_OK) throw new Error(`the core refuses the program: status ${status} at ${refused}`);
		const from = exports.allocate(BigInt(C.RUN_SIZE));
		const view = new DataView(exports.memory.buffer, from, C.RUN_SIZE);
		view.setUint32(C.RUN_FLUSHES, setup.flushesInFlight, true);
		view.setUint32(C.RUN_PURGES, setup.purgesInFlight, true);
		view.setUint32(C.RUN_SOCKET, setup.cpusPerSocket, true);
		view.setUint32(C.RUN_ACTOR, setup.actor, true);
		view.setUint32(C.RUN_WORKS, works.length, true);
		view.setUint32(C.RUN_PAUSE, works.indexOf("pause") >>> 0, true);
		view.setBigUint64(C.RUN_SEED, BigInt(setup.seed), true);
		view.setFloat64(C.RUN_JITTER, setup.jitter, true);
		const price = (name: string, i: number) =>
			i < C.COST_CLASSES
				? setup.prices[name as CostClass]
				: Object.hasOwn(setup.works, name)
					? setup.works[name]
					: undefined;
		for (const [i, name] of this.#names.entries())
			view.setFloat64(C.RUN_PRICES + i * 8, price(name, i) ?? Number.NaN, true);
		for (const [i, name] of works.entries()) {
			const [low, high] = (setup.ranges && Object.hasOwn(setup.ranges, name) && setup.ranges[name]) || [0, 0];
			view.setFloat64(C.RUN_RANGES + i * 16, low, true);
			view.setFloat64(C.RUN_RANGES + i * 16 + 8, high, true);
		}
		if (!exports.costBegin(from, setup.logged ?? 0)) throw new Error("no memory for the run");
	}

	/** Goes on until the measured actor has made `until` rounds, or `most` actions more have happened. */
	run(until: number, most = 0xffffffff): CostProgress {
		const { exports } = this.#instance;
		this.#record = exports.costRun(until >>> 0, most >>> 0);
		const view = this.#view();
		const hazards = view.getUint32(C.RAN_HAZARDS, true);
		return {
			end: ENDS[view.getUint32(C.RAN_END, true)] ?? "memory",
			missing: this.#names[view.getUint32(C.RAN_MISSING, true)],
			hazards: HAZARD_CODES.filter((_, bit) => hazards & (1 << bit)),
			actions: Number(view.getBigUint64(C.RAN_ACTIONS, true)),
			time: view.getFloat64(C.RAN_TIME, true),
		};
	}

	/** Forgets what was measured so far; the machine stays as it is. */
	reset(): void {
		this.#instance.exports.costReset();
	}

	#view(): DataView {
		return new DataView(this.#instance.exports.memory.buffer, this.#record, C.RAN_BYTES);
	}

	/** What each CPU (and device) spent its time on, ns by class. */
	spent(): Record<string, number>[] {
		return this.#table(0);
	}

	/** How often each CPU did what. */
	counts(): Record<string, number>[] {
		return this.#table(1);
	}

	/** Of each CPU, the first or second of the two numbers that are kept of each class. */
	#table(which: 0 | 1): Record<string, number>[] {
		const view = this.#view();
		const lanes = view.getUint32(C.RAN_LANES, true);
		const width = this.#names.length;
		const all = new Float64Array(view.buffer, view.getUint32(C.RAN_SPENT, true), 2 * lanes * width);
		return Array.from({ length: lanes }, (_, lane) => {
			const row = this.#names.map((name, i) => [name, all[2 * (lane * width + i) + which] ?? 0] as const);
			return Object.fromEntries(row.filter(([, value]) => value !== 0));
		});
	}

	rounds(actor: number): Rounds {
		const record = this.#view();
		const at = record.getUint32(C.RAN_ACTORS, true) + actor * C.ROUND_SIZE;
		const view = new DataView(record.buffer, at, C.ROUND_SIZE);
		const samples = view.getUint32(C.ROUND_SAMPLES, true);
		const paused = view.getFloat64(C.ROUND_PAUSED_BEFORE, true);
		return {
			rounds: view.getUint32(C.ROUND_COUNT, true),
			time: view.getFloat64(C.ROUND_LAST, true) - view.getFloat64(C.ROUND_FIRST, true) - paused,
			samples: new Float64Array(record.buffer, view.getUint32(C.ROUND_SAMPLES_AT, true), samples).slice(),
		};
	}

	/** The actions from the start, as the explorer numbers them. */
	log(): number[] {
		const view = this.#view();
		const count = view.getUint32(C.RAN_LOGGED, true);
		return [...new Uint32Array(view.buffer, view.getUint32(C.RAN_LOG, true), count)];
	}
}
