import { suggestion } from "../input/words.ts";
import type { Macro, Scenario, Variable } from "./ast.ts";
import { libraries } from "./generated/macros.ts";
import { problemIn } from "./problem.ts";
import { readScenario } from "./read.ts";
import { type Source, sourceOf } from "./source.ts";

const read = new Map<string, Scenario>();

export function libraryNames(): string[] {
	return Object.keys(libraries);
}

/** The text of a library of macros. */
export function libraryText(name: string): string | undefined {
	return Object.hasOwn(libraries, name) ? libraries[name] : undefined;
}

function library(name: string): Scenario | undefined {
	let found = read.get(name);
	const text = libraryText(name);
	if (found || text === undefined) return found;
	found = readScenario(text, { file: `${name}.scn` });
	read.set(name, found);
	return found;
}

/** Why an action may be there though nothing depends on it. */
export interface Reason {
	reason: string;
	/** The scenario itself says so, and so it holds here. A library says where it does. */
	own: boolean;
}

/** What a scenario and its libraries call redundant, by the action. */
export function redundantIn(scenario: Scenario): Map<string, Reason> {
	const reasons = new Map<string, Reason>();
	const add = (part: Scenario, own: boolean) => {
		for (const { actions, reason } of part.redundant ?? [])
			for (const action of actions) reasons.set(action, { reason, own });
	};
	const seen = new Set<string>();
	const take = (name: string) => {
		const found = seen.has(name) ? undefined : library(name);
		seen.add(name);
		found?.uses.forEach(take);
		if (found) add(found, false);
	};
	scenario.uses.forEach(take);
	add(scenario, true);
	return reasons;
}

export interface Library {
	macros: Map<string, { macro: Macro; source: Source }>;
	vars: Map<string, { variable: Variable; source: Source }>;
}

/** The macros and variables of a scenario's libraries, under its own: a macro of its own replaces one of a library. */
export function librariesOf(scenario: Scenario, source: Source): Library {
	const result: Library = { macros: new Map(), vars: new Map() };
	const seen = new Set<string>();
	const take = (name: string, by: Scenario) => {
		if (seen.has(name)) return;
		seen.add(name);
		const found = library(name);
		if (!found) {
			const message = `there is no library ${name}`;
			throw problemIn(source, by, "SCENARIO_NAME", message, { hint: suggestion(name, libraryNames()) });
		}
		for (const used of found.uses) take(used, found);
		const origin = sourceOf(found)!;
		for (const variable of found.vars) result.vars.set(variable.name, { variable, source: origin });
		for (const macro of found.macros) result.macros.set(macro.name, { macro, source: origin });
	};
	for (const name of scenario.uses) take(name, scenario);
	const own = new Set<string>();
	for (const macro of scenario.macros) {
		if (own.has(macro.name))
			throw problemIn(source, macro, "SCENARIO_NAME", `there are two macros ${macro.name}`, { word: macro.name });
		own.add(macro.name);
		result.macros.set(macro.name, { macro, source });
	}
	return result;
}
