import { loadProgramCore, loadProgramCoreSync, type ProgramCore } from "../../bindings/program-core.ts";
import type { WasmModule, WasmSource, WasmSourceSync } from "../../bindings/source.ts";
import { optionsOf } from "../input/options.ts";
import type { WhatIf } from "../reproduce/context.ts";
import { type Reproduction, reproduce, type SectionId } from "../reproduce/reproduce.ts";
import { type CostOptions, cost, type Measurement, theProfile } from "./cost.ts";
import type { SwapDevice } from "./mechanisms.ts";
import { priceOptions } from "./options.ts";
import { type Priceable, programOf } from "./program.ts";

/** Where the core that prices comes from (default: inside the JavaScript). */
export interface LoadCostOptions {
	/** Where the core comes from: bytes, a compiled Module, a URL or a Response. Left out: from inside this package. */
	wasm?: WasmSource;
}

/** The same without waiting: bytes or a compiled module. */
export interface LoadCostSyncOptions {
	/** The core as bytes or as a compiled Module. Left out: from inside this package. */
	wasm?: WasmSourceSync;
}

/** How something is priced: CostOptions with one number of CPUs or several. */
export interface PriceOptions extends Omit<CostOptions, "threads"> {
	/** CPUs: the parameter `cpus` of the scenario. Several: a measurement of each. */
	threads?: number | readonly number[];
	/** Device that pages are swapped in from (default hdd). */
	swap?: SwapDevice;
}

type Priced<O extends PriceOptions> = O extends { threads: readonly number[] } ? Measurement[] : Measurement;

/** The compiled core that prices programs. */
export interface Cost {
	/** To give to workers: `loadCost({ wasm: module })` there compiles nothing again. */
	readonly module: WasmModule;
	/**
	 * What a mechanism costs on a machine, per round of one of its actors. Throws BAD_OPTION and BAD_PROFILE with the path of
	 * what is wrong or missing, and what a scenario's text throws.
	 */
	cost<const O extends PriceOptions>(what: Priceable, options?: O): Priced<O>;
	/** The published tables beside simulated ones; all of them, or those named. */
	reproduce(which?: readonly SectionId[], what?: WhatIf): Reproduction;
}

/** Compiles the core. Nothing happens before this is called: importing does no work. */
export async function loadCost(options: LoadCostOptions = {}): Promise<Cost> {
	return over(await loadProgramCore(options.wasm));
}

/** `loadCost` without waiting. */
export function loadCostSync(options: LoadCostSyncOptions = {}): Cost {
	return over(loadProgramCoreSync(options.wasm));
}

function over(core: ProgramCore): Cost {
	return {
		module: core.module,
		cost: (what, options) => price(core, what, options) as Priced<NonNullable<typeof options>>,
		reproduce: (which, what) => reproduce(core, which, what),
	};
}

function price(core: ProgramCore, what: Priceable, options: PriceOptions = {}): Measurement | Measurement[] {
	const { threads, swap, ...rest } = optionsOf(priceOptions(), options);
	const { scenario, mechanism } = programOf(what);
	const given: CostOptions = { ...rest };
	if (mechanism) {
		given.profile = theProfile(rest, mechanism.profile);
		given.params = { ...mechanism.params, ...rest.params };
		given.constants = { ...mechanism.constants(given.profile, swap === undefined ? {} : { swap }), ...rest.constants };
	}
	const one = (count: number | undefined) =>
		cost(core, scenario, { ...given, ...(count !== undefined && { threads: count }) });
	return typeof threads === "object" ? threads.map(one) : one(threads);
}

/** What `core.cost` loads: the core from `source`, or that which this package carries. */
export async function openCost(
	source: WasmSource | undefined,
	what: Priceable,
	options?: PriceOptions,
): Promise<Measurement | Measurement[]> {
	return price(await loadProgramCore(source), what, options);
}
