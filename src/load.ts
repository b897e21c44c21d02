import type { Core } from "../bindings/instantiate.ts";
import type { WasmModule, WasmSource, WasmSourceSync } from "../bindings/source.ts";
import { loadTraceCore, loadTraceCoreSync } from "../bindings/trace-core.ts";
import type { Measurement } from "./cost/cost.ts";
import type { PriceOptions } from "./cost/load.ts";
import type { Priceable } from "./cost/program.ts";
import { type MissRatioCurve, type MissRatioCurveOptions, missRatioCurve } from "./curves/miss-ratio-curve.ts";
import { type OnePass, type OnePassOptions, onePass } from "./curves/one-pass.ts";
import type { Machine, MachineOptions } from "./machine/index.ts";
import type { ProfileId } from "./profiles/shipped.ts";
import type { Profile } from "./profiles/types.ts";
import { asTrace } from "./simulate/as-trace.ts";
import { Simulation, type SimulatorOptions } from "./simulate.ts";
import { type ConvertOptions, type ConvertReport, convertTrace } from "./trace/convert.ts";
import type { TraceSource } from "./trace/source.ts";
import type { Trace } from "./trace/trace.ts";

export interface LoadOptions {
	/** Where the core comes from: bytes, a compiled Module, a URL or a Response. Left out: from inside this package. */
	wasm?: WasmSource;
}

export interface LoadSyncOptions {
	/** The core as bytes or as a compiled Module. Left out: from inside this package. */
	wasm?: WasmSourceSync;
}

/** The compiled core, from which simulators are made. */
export interface Stalemate {
	/** The compiled core, to give to workers: `load({ wasm: module })` there compiles nothing again. */
	readonly module: WasmModule;
	/**
	 * A machine as a profile describes it: `core.simulator("broadwell", { sets: ["caches.L3.size=2M"] })`. Throws
	 * UNKNOWN_PROFILE, BAD_PROFILE and BAD_OPTION with the path of what is wrong.
	 */
	simulator(profile: Profile | ProfileId, options?: SimulatorOptions): Simulation;
	/**
	 * A small machine to hold in the hand: a few pages, their mappings, lines and translations, on the hardware of a profile, told
	 * what to do action by action. Throws UNKNOWN_PROFILE, BAD_PROFILE and BAD_OPTION with the path of what is wrong.
	 */
	machine(profile: Profile | ProfileId, options: MachineOptions): Promise<Machine>;
	/**
	 * What a mechanism costs on a machine, on simulated clocks: a shipped one by its name, or a scenario. More of this is in
	 * stalemate/cost. Throws BAD_OPTION and BAD_PROFILE with the path of what is wrong or missing.
	 */
	cost(what: Priceable, options: PriceOptions & { threads: readonly number[] }): Promise<Measurement[]>;
	cost(what: Priceable, options?: PriceOptions & { threads?: number }): Promise<Measurement>;
	/**
	 * The counts of many single LRU caches, all numbers of ways of many numbers of sets, from one pass over a trace: exact.
	 * Throws BAD_OPTION with the path of what is wrong.
	 */
	onePass(options: OnePassOptions): OnePass;
	/** Misses of a fully associative LRU cache of every capacity from one pass, exact or from a sample with bounds. */
	missRatioCurve(options: MissRatioCurveOptions): MissRatioCurve;
	/**
	 * Writes a trace in the packed form, to a stream or (in Node) a file, "-" being standard output: about a tenth of the size
	 * of text, and quicker to read. Throws what reading throws, and IO; a file begun is removed then.
	 */
	convertTrace(
		trace: Trace | TraceSource,
		sink: WritableStream<Uint8Array> | string,
		options?: ConvertOptions,
	): Promise<ConvertReport>;
}

/** Compiles the core. Nothing happens before this is called: importing the package does no work. */
export async function load(options: LoadOptions = {}): Promise<Stalemate> {
	return over(await loadTraceCore(options.wasm));
}

/** `load` without waiting: for scripts, and for workers that were given the Module. */
export function loadSync(options: LoadSyncOptions = {}): Stalemate {
	return over(loadTraceCoreSync(options.wasm));
}

function over(core: Core): Stalemate {
	return {
		module: core.module,
		simulator: (profile, options) => new Simulation(core, profile, options),
		// In a file of its own, with the core that runs programs: who simulates traces does not wait for it.
		machine: async (profile, options) => (await import("./machine/open.ts")).openMachine(profile, options),
		cost: async (what: Priceable, options?: PriceOptions) =>
			(await import("./cost/load.ts")).openCost(what, options) as Promise<Measurement & Measurement[]>,
		onePass: (options) => onePass(core, options),
		missRatioCurve: (options) => missRatioCurve(core, options),
		convertTrace: (trace, sink, options) => {
			return convertTrace(core.instantiate().exports, asTrace(trace), sink, options);
		},
	};
}
