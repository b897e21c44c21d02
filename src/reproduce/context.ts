import type { Program } from "../../bindings/program.ts";
import type { ProgramCore } from "../../bindings/program-core.ts";
import { constantsOf, missingConstant } from "../cost/constants.ts";
import { type CostOptions, cost, type Measurement } from "../cost/cost.ts";
import { machineNamed, type SwapDevice } from "../cost/mechanisms.ts";
import { profileFrom } from "../profiles/parse.ts";
import { applySets } from "../profiles/sets.ts";
import type { Profile } from "../profiles/types.ts";
import type { Scenario } from "../scenario/ast.ts";
import { compileScenario } from "../scenario/compile.ts";
import type { Params } from "../scenario/params.ts";
import { readScenario } from "../scenario/read.ts";
import { programs } from "./generated/programs.ts";

/** What is asked for beside the tables as they were published. */
export interface WhatIf {
	/** Another machine, by id or whole. */
	profile?: string | Profile;
	/** Changes of it: `costs.atomic=30`, `smap=false`. */
	sets?: readonly string[];
	pti?: boolean;
	/** Device that pages come from. */
	swap?: SwapDevice;
	/** CPUs that predictions are made for. */
	threads?: readonly number[];
	/** Bytes of a line, for S0. */
	lines?: readonly number[];
	/** Machines drawn for intervals (default 40; 0: none). */
	samples?: number;
	seed?: number;
}

/** What the tables are made with. */
export class Context {
	readonly core: ProgramCore;
	readonly what: WhatIf;
	/** The same as it was published: what is fitted is fitted there. */
	readonly home: Context;
	/** What stood in for what a profile does not say, since this was emptied. */
	readonly standsIn = new Set<string>();
	readonly #scenarios = new Map<string, Scenario>();
	readonly #programs = new Map<string, Program>();

	constructor(core: ProgramCore, what: WhatIf) {
		this.core = core;
		this.what = what;
		const { profile, sets, pti, swap, ...rest } = what;
		const isHome = profile === undefined && !sets?.length && !pti && (swap ?? "hdd") === "hdd";
		// Its figures stand beside without their intervals.
		this.home = isHome ? this : new Context(core, { ...rest, samples: 0 });
	}

	/** The machine of a table, unless another one was asked for. */
	machine(id: string): Profile {
		const { profile, sets = [], pti } = this.what;
		const base = typeof profile === "object" ? profileFrom(profile) : machineNamed(profile ?? id);
		const machine = sets.length > 0 ? applySets(base, [...sets]) : base;
		if (pti && !constantsOf(machine).ptiSwitch) throw missingConstant("ptiSwitch", "page-table isolation", machine);
		return machine;
	}

	scenario(name: string): Scenario {
		let found = this.#scenarios.get(name);
		if (!found) {
			found = readScenario(programs[name]!, { file: `${name}.scn` });
			this.#scenarios.set(name, found);
		}
		return found;
	}

	/** The program of a scenario; written out once for each choice of parameters. */
	#program(name: string, params: Params): Program {
		const key = `${name} ${JSON.stringify(params)}`;
		let found = this.#programs.get(key);
		if (!found) {
			found = compileScenario(this.scenario(name), params);
			this.#programs.set(key, found);
		}
		return found;
	}

	cost(name: string, { threads, params = {}, ...options }: CostOptions): Measurement {
		const { pti, seed } = this.what;
		const found = cost(this.core, this.#program(name, { ...params, ...(threads !== undefined && { cpus: threads }) }), {
			...(pti !== undefined && { pti }),
			...(seed !== undefined && { seed }),
			...options,
		});
		for (const why of found.standsIn) this.standsIn.add(why);
		return found;
	}

	get samples(): number {
		return this.what.samples ?? 40;
	}
}
