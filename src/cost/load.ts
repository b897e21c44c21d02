import { worksOf } from "../../bindings/assemble.ts";
import { loadProgramCore, loadProgramCoreSync, type ProgramCore } from "../../bindings/program-core.ts";
import type { WasmModule, WasmSource, WasmSourceSync } from "../../bindings/source.ts";
import { badOption, optionsOf } from "../input/options.ts";
import { quote, suggestion } from "../input/words.ts";
import type { WhatIf } from "../reproduce/context.ts";
import { type Reproduction, reproduce, type SectionId } from "../reproduce/reproduce.ts";
import type { Scenario } from "../scenario/ast.ts";
import { compileScenario } from "../scenario/compile.ts";
import { resolveParams } from "../scenario/params.ts";
import { type Constants, constantsOf, PAUSE } from "./constants.ts";
import { type CostOptions, cost, type Measurement, theProfile } from "./cost.ts";
import { type SwapDevice, swapConstant } from "./mechanisms.ts";
import { priceOptions } from "./options.ts";
import { priceNames } from "./prices.ts";
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
	const profile = theProfile(rest, mechanism?.profile ?? scenario.profile?.profile);
	const given: CostOptions = { ...rest, profile, params: { ...mechanism?.params, ...rest.params } };
	const own = mechanism?.constants(profile, {
		...(swap !== undefined && { swap }),
		...(rest.constants && { given: rest.constants }),
	});
	if (swap !== undefined || rest.constants) {
		const works = worksOf(compileScenario(scenario, given.params));
		if (rest.constants)
			checkNames(rest.constants, scenario.name, [
				...works,
				...worksIn(scenario),
				...priceNames(profile),
				...Object.entries(own ?? {}).flatMap(([name, { of = [] }]) => [name, ...of]),
				...(rest.pti ? ["ptiSwitch"] : []),
			]);
		if (swap !== undefined && swap !== "hdd" && !works.includes("swapIn"))
			throw badOption(
				"swap",
				`is ${quote(swap)}, and nothing of ${scenario.name} waits for a page of a device${own?.swapIn ? ": with the parameter swap=yes it does" : ""}`,
			);
	}
	given.constants = {
		...own,
		...(!own && swap !== undefined && { swapIn: swapConstant(constantsOf(profile), swap) }),
		...rest.constants,
	};
	// What is asked for beside the program and the machine makes another figure of it.
	const { jitter = 0, warmUp = 1, pti, actor, flushesInFlight, cpusPerSocket, constants = {} } = rest;
	const plain = !jitter && warmUp > 0 && !pti && !actor && !flushesInFlight && !cpusPerSocket;
	const isFitted = (count: number | undefined) => {
		if (!plain || Object.keys(constants).length > 0) return false;
		const params = resolveParams(scenario, { ...given.params, ...(count !== undefined && { cpus: count }) });
		return mechanism?.cell?.(params, profile) !== undefined;
	};
	const one = (count: number | undefined) => {
		const measured = cost(core, scenario, { ...given, ...(count !== undefined && { threads: count }) });
		const found = { ...measured, basis: isFitted(count) ? ("calibrated" as const) : measured.basis };
		const unused = unusedOf(rest, found);
		return unused.length > 0 ? { ...found, unused } : found;
	};
	return typeof threads === "object" ? threads.map(one) : one(threads);
}

/** Names of the works of a scenario, for whatever parameters. */
function worksIn(scenario: Scenario): string[] {
	const found = new Set<string>();
	const look = (part: unknown): void => {
		if (typeof part !== "object" || part === null) return;
		if ("do" in part && part.do === "work" && "args" in part) found.add(String((part.args as unknown[])[0]));
		for (const inner of Object.values(part)) look(inner);
	};
	look(scenario);
	return [...found];
}

/** A name that nothing can be made of changes nothing: it is a slip. */
function checkNames(constants: Constants, program: string, names: readonly string[]): void {
	for (const name of Object.keys(constants))
		if (!names.includes(name))
			throw badOption(`constants.${name}`, `is no cost of ${program}: ${suggestion(name, names)}`);
}

/** Constants that were given, and that no time was spent on. */
function unusedOf({ constants = {}, pti }: PriceOptions, { constants: used }: Measurement): string[] {
	const taken = new Set(Object.entries(used).flatMap(([name, { of = [] }]) => [name, ...of]));
	if (pti) taken.add("ptiSwitch");
	// What costs nothing takes no time.
	return Object.entries(constants).flatMap(([name, { value }]) =>
		value > 0 && name !== PAUSE && !taken.has(name) ? [name] : [],
	);
}

/** What `core.cost` loads: the core from `source`, or that which this package carries. */
export async function openCost(
	source: WasmSource | undefined,
	what: Priceable,
	options?: PriceOptions,
): Promise<Measurement | Measurement[]> {
	return price(await loadProgramCore(source), what, options);
}
