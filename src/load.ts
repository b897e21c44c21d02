import type { Core } from "../bindings/instantiate.ts";
import type { WasmModule, WasmSource, WasmSourceSync } from "../bindings/source.ts";
import { loadTraceCore, loadTraceCoreSync } from "../bindings/trace-core.ts";
import type { Measurement } from "./cost/cost.ts";
import type { PriceOptions } from "./cost/load.ts";
import type { Priceable } from "./cost/program.ts";
import type { MissRatioCurve, MissRatioCurveOptions } from "./curves/miss-ratio-curve.ts";
import type { OnePass, OnePassOptions } from "./curves/one-pass.ts";
import type { Machine, MachineOptions } from "./machine/index.ts";
import type { Passes } from "./passes.ts";
import type { ProfileId } from "./profiles/shipped.ts";
import type { Profile } from "./profiles/types.ts";
import { Simulation, type SimulatorOptions } from "./simulate.ts";
import type { ConvertOptions, ConvertReport } from "./trace/convert.ts";
import type { TraceItem } from "./trace/items.ts";
import type { TraceSource } from "./trace/source.ts";
import type { Trace } from "./trace/trace.ts";

/** Where the core comes from (default: inside the JavaScript). */
export interface LoadOptions {
	/** Where the core comes from: bytes, a compiled Module, a URL or a Response. Left out: from inside this package. */
	wasm?: WasmSource;
	/** The core behind `onePass`, `missRatioCurve`, `convertTrace` and `writeTrace`, in the same way: stalemate/passes.wasm. */
	passes?: WasmSource;
	/** The core behind `machine`, in the same way: stalemate/programs.wasm. */
	programs?: WasmSource;
}

/** The same without waiting: bytes or a compiled module. */
export interface LoadSyncOptions {
	/** The core as bytes or as a compiled Module. Left out: from inside this package. */
	wasm?: WasmSourceSync;
	/** As of `load`: these are loaded when they are first needed. */
	passes?: WasmSource;
	programs?: WasmSource;
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
	onePass(options: OnePassOptions): Promise<OnePass>;
	/** Misses of a fully associative LRU cache of every capacity from one pass, exact or from a sample with bounds. */
	missRatioCurve(options: MissRatioCurveOptions): Promise<MissRatioCurve>;
	/**
	 * Writes a trace in the packed form, to a stream or (in Node) a file, "-" being standard output: about a tenth of the size
	 * of text, and quicker to read. Throws what reading throws, and IO; a file begun is removed then.
	 */
	convertTrace(
		trace: Trace | TraceSource,
		sink: WritableStream<Uint8Array> | string,
		options?: ConvertOptions,
	): Promise<ConvertReport>;
	/**
	 * Writes accesses and operations (mappings, flushes, shootdowns, context switches) of your own as a packed trace. Returns
	 * the bytes written. Throws BAD_OPTION for what is none, and IO.
	 */
	writeTrace(
		items: Iterable<TraceItem> | AsyncIterable<TraceItem>,
		sink: WritableStream<Uint8Array> | string,
	): Promise<number>;
}

/** Compiles the core. Nothing happens before this is called: importing the package does no work. */
export async function load(options: LoadOptions = {}): Promise<Stalemate> {
	return over(await loadTraceCore(options.wasm), options);
}

/** `load` without waiting: for scripts, and for workers that were given the Module. */
export function loadSync(options: LoadSyncOptions = {}): Stalemate {
	return over(loadTraceCoreSync(options.wasm), options);
}

function over(core: Core, sources: Pick<LoadOptions, "passes" | "programs">): Stalemate {
	let loaded: Promise<Passes> | undefined;
	const passes = () => {
		loaded ??= import("./passes.ts").then(({ loadPasses }) => loadPasses(sources.passes));
		return loaded;
	};
	return {
		module: core.module,
		simulator: (profile, options) => new Simulation(core, profile, options),
		// In files of their own: who simulates traces does not wait for them.
		machine: async (profile, options) =>
			(await import("./machine/open.ts")).openMachine(sources.programs, profile, options),
		cost: async (what: Priceable, options?: PriceOptions) =>
			(await import("./cost/load.ts")).openCost(sources.programs, what, options) as Promise<
				Measurement & Measurement[]
			>,
		onePass: async (options) => (await passes()).onePass(options),
		missRatioCurve: async (options) => (await passes()).missRatioCurve(options),
		convertTrace: async (trace, sink, options) => (await passes()).convertTrace(trace, sink, options),
		writeTrace: async (items, sink) => (await passes()).writeTrace(items, sink),
	};
}
