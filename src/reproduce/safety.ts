import type { ProgramCore } from "../../bindings/program-core.ts";
import { finish } from "../check/drive.ts";
import { checkScenario } from "../check/run.ts";
import type { MemoryModel } from "../profiles/types.ts";
import type { Scenario } from "../scenario/ast.ts";
import type { Params } from "../scenario/params.ts";
import { readScenario } from "../scenario/read.ts";
import { searched } from "./generated/searched.ts";

/** A scenario of the catalogue with parameters, searched under every memory model. */
export interface Searched {
	of: string;
	params: Params;
}

const MODELS: Record<MemoryModel, string> = { sc: "SC", tso: "TSO", arm8: "ARM8", rcpc: "RCpc" };
/** Data that nobody touches too late may still have to be waited for. */
const LOCKS: Record<string, string> = {
	ABBA: "may deadlock",
	SELF: "may wait for itself",
	SWAPDEP: "may deadlock with reclaim",
};

const scenarios = new Map<string, Scenario>();
const known = new WeakMap<ProgramCore, Map<string, string>>();

/** What a search of all schedules finds, in words: safe, or under which models not, or what it may wait for. */
export function safetyOf(core: ProgramCore, { of, params }: Searched): string {
	const words = known.get(core) ?? new Map<string, string>();
	known.set(core, words);
	const key = `${of} ${JSON.stringify(params)}`;
	const found = words.get(key) ?? search(core, scenarioOf(of), params);
	words.set(key, found);
	return found;
}

function scenarioOf(name: string): Scenario {
	const found = scenarios.get(name) ?? readScenario(searched[name]!, { file: `scenarios/sync/${name}.scn` });
	scenarios.set(name, found);
	return found;
}

function search(core: ProgramCore, scenario: Scenario, params: Params): string {
	const broken: string[] = [];
	const waits = new Set<string>();
	for (const [model, name] of Object.entries(MODELS) as [MemoryModel, string][]) {
		const { run } = finish(checkScenario(core, scenario, { params, profile: "abstract", model }));
		if (run.verdict === "INCOMPLETE") throw new Error(`${scenario.name}: the search did not end`);
		if (run.verdict !== "HAZARD") continue;
		const locks = run.codes.flatMap((code) => LOCKS[code] ?? []);
		for (const lock of locks) waits.add(lock);
		if (locks.length < run.codes.length) broken.push(name);
	}
	return [...(broken.length > 0 || waits.size === 0 ? [wordsOf(broken)] : []), ...waits].join(", ");
}

function wordsOf(broken: readonly string[]): string {
	const all = Object.values(MODELS);
	if (broken.length === 0) return "safe";
	if (broken.length === all.length) return "UNSAFE";
	const left = all.filter((name) => !broken.includes(name));
	return left.length === 1 ? `UNSAFE but on ${left[0]}` : `UNSAFE on ${broken.join(", ")}`;
}
