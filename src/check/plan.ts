import { optionsOf } from "../input/options.ts";
import { flag, list, object, type Rule, text, word } from "../input/shape.ts";
import type { Litmus } from "../litmus/litmus.ts";
import { profileNames } from "../profiles/shipped.ts";
import type { MemoryModel } from "../profiles/types.ts";
import type { Outcome, Scenario } from "../scenario/ast.ts";
import { type Params, parameters, paramSpace, type ResolvedParams, resolveParams } from "../scenario/params.ts";
import { profileName } from "../scenario/print.ts";
import { MODELS } from "../scenario/vocabulary.ts";
import { isLitmus } from "./source.ts";

/** Which runs are wanted of a file. */
export interface Choice {
	params?: Params;
	/** Every combination of the parameters that `params` does not give. */
	allParams?: boolean;
	/** Default: those that the expectations name, else the scenario's own. */
	profiles?: readonly string[] | "all";
	models?: readonly MemoryModel[] | "all";
}

/** One run of a plan: what `check` is called with. */
export interface Planned {
	params: ResolvedParams;
	/** Left out: the scenario's own. */
	profile?: string;
	/** Left out: the scenario's or the profile's. */
	model?: MemoryModel;
}

/** "all", or some of them. */
function someOf<T>(of: Rule<T>): Rule<T[] | "all"> {
	const some = list(of, 10_000);
	return { ...some, read: (value, path) => (value === "all" ? value : some.read(value, path)) };
}

/** Of Choice. */
const choiceOptions = () =>
	object({ params: parameters(), allParams: flag(), profiles: someOf(text()), models: someOf(word(...MODELS)) });

/** The runs that a choice comes to: what a file expects something of, unless told otherwise. */
export function plan(source: Scenario | Litmus, given: Choice = {}): Planned[] {
	const choice = optionsOf(choiceOptions(), given);
	const models = choice.models === "all" ? MODELS : choice.models;
	const profiles = choice.profiles === "all" ? allProfiles(source) : choice.profiles;
	if (isLitmus(source)) {
		const all = (profiles ?? [undefined]).flatMap((profile) => (models ?? ["tso"]).map((model) => [profile, model]));
		return distinct(all as [string | undefined, MemoryModel][]).map((machine) => ({ params: {}, ...machine }));
	}
	const all = resolveParams(source, choice.params);
	const fixed = Object.keys(choice.params ?? {});
	const space = choice.allParams
		? paramSpace(source).filter((params) => fixed.every((name) => params[name] === all[name]))
		: [all];
	return space.flatMap((params) => {
		return distinct(machinesOf(source, params, profiles, models)).map((machine) => ({ params, ...machine }));
	});
}

type Machine = [profile: string | undefined, model: MemoryModel | undefined];

function machinesOf(
	scenario: Scenario,
	params: ResolvedParams,
	profiles: readonly string[] | undefined,
	models: readonly MemoryModel[] | undefined,
): Machine[] {
	const named = outcomesOf(scenario, params).map(({ profile, model }): Machine => {
		return [profile && profileName(profile), model];
	});
	if (profiles && models) return profiles.flatMap((profile) => models.map((model): Machine => [profile, model]));
	if (profiles) {
		return profiles.flatMap((profile) => {
			const own = named.filter(([other]) => other === undefined || other === profile);
			return own.length > 0 ? own.map(([, model]): Machine => [profile, model]) : [[profile, undefined] as Machine];
		});
	}
	if (models) {
		return models.flatMap((model) => {
			const own = named.filter(([, other]) => other === undefined || other === model);
			return own.length > 0 ? own.map(([profile]): Machine => [profile, model]) : [[undefined, model] as Machine];
		});
	}
	return named.length > 0 ? named : [[undefined, undefined]];
}

/** What is said about runs with these parameters. */
function outcomesOf(scenario: Scenario, params: ResolvedParams): Outcome[] {
	return scenario.expects
		.filter(({ when }) => Object.entries(when ?? {}).every(([name, values]) => values.includes(params[name]!)))
		.flatMap(({ outcomes }) => outcomes);
}

function allProfiles(source: Scenario | Litmus): string[] {
	const changed = isLitmus(source)
		? []
		: source.expects.flatMap(({ outcomes }) => outcomes.flatMap(({ profile }) => (profile?.options ? [profile] : [])));
	return [...new Set([...profileNames(), ...changed.map(profileName)])];
}

function distinct(machines: Machine[]): Omit<Planned, "params">[] {
	const seen = new Map(machines.map((machine) => [JSON.stringify(machine), machine]));
	return [...seen.values()].map(([profile, model]) => ({
		...(profile !== undefined && { profile }),
		...(model !== undefined && { model }),
	}));
}
