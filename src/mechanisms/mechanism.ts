import { optionsOf } from "../input/options.ts";
import { flag, number, object, type Rule, word } from "../input/shape.ts";
import type { Expectation, ParameterValue, Scenario } from "../scenario/ast.ts";
import { files } from "../scenario/generated/catalogue.ts";
import { parseScenario } from "../scenario/index.ts";
import { printScenario } from "../scenario/print.ts";
import { readScenario } from "../scenario/read.ts";

/** An option: the parameter of the scenario that it sets, and what it may be. The first word is the default. */
export interface Words<W extends string = string> {
	readonly param: string;
	readonly words: readonly W[];
}

/** An option that is a whole number. */
export interface Count {
	readonly param: string;
	readonly least: number;
	/** More than the scenario's own list may have: that is what is checked with the catalogue. */
	readonly most: number;
}

/** An option that is yes or no. */
export interface YesNo {
	readonly param: string;
	/** The default. */
	readonly usual: boolean;
}

/** An option of a mechanism: words, a number, or yes and no. */
export type Option = Words | Count | YesNo;

/** What may be given for the options of a mechanism. */
export type Given<O> = {
	readonly [Name in keyof O]?: O[Name] extends Words<infer W> ? W : O[Name] extends Count ? number : boolean;
};

/** Gives the scenario of a mechanism with these options, the others as usual. It is new each time: change it as you like. */
export interface Mechanism<O extends Record<string, Option> = Record<string, Option>> {
	(options?: Given<O>): Scenario;
	/** Its file under scenarios/, without the ending. */
	readonly file: string;
	readonly options: O;
}

export function words<const W extends string>(param: string, ...all: W[]): Words<W> {
	return { param, words: all };
}

export function count(param: string, least: number, most: number): Count {
	return { param, least, most };
}

export function yesNo(param: string, usual = false): YesNo {
	return { param, usual };
}

export function mechanism<const O extends Record<string, Option>>(file: string, options: O): Mechanism<O> {
	const make = (given: Given<O> = {}) => {
		const rules = Object.fromEntries(Object.entries<Option>(options).map(([name, option]) => [name, ruleOf(option)]));
		const values: Record<string, ParameterValue> = {};
		for (const [name, value] of Object.entries(optionsOf(object(rules), given)))
			values[options[name]!.param] = typeof value === "boolean" ? (value ? "yes" : "no") : value!;
		return fixed(readScenario(files[`${file}.scn`]!), values);
	};
	return Object.assign(make, { file, options });
}

function ruleOf(option: Option): Rule<ParameterValue | boolean> {
	if ("words" in option) return word(...option.words);
	return "usual" in option ? flag() : number({ least: option.least, most: option.most });
}

/** A scenario in which these parameters have one value each. */
function fixed(scenario: Scenario, values: Record<string, ParameterValue>): Scenario {
	const params = scenario.params.map((param) =>
		Object.hasOwn(values, param.name) ? Object.assign(param, { values: [values[param.name]!] }) : param,
	);
	const expects = scenario.expects.flatMap((expect): Expectation[] => {
		const about = Object.entries(expect.when ?? {});
		if (about.some(([name, wanted]) => Object.hasOwn(values, name) && !wanted.includes(values[name]!))) return [];
		const left = about.filter(([name]) => !Object.hasOwn(values, name));
		delete expect.when;
		return [Object.assign(expect, left.length > 0 && { when: Object.fromEntries(left) })];
	});
	const { row: _, ...rest } = scenario;
	// With a text of its own, so that hazards and errors point into it.
	return parseScenario(printScenario({ ...rest, params, expects }));
}
