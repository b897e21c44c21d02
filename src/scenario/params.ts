import { leaf, must, type Rule, record } from "../input/shape.ts";
import { quote, suggestion } from "../input/words.ts";
import type { ParameterValue, Scenario } from "./ast.ts";
import { LIMITS } from "./limits.ts";
import { problemIn } from "./problem.ts";
import { type Source, sourceOf } from "./source.ts";

/** A value of each parameter. `true` and `false` may be given for yes and no, digits for a number. */
export type Params = Record<string, ParameterValue | boolean>;
/** Parameters of a scenario with their values, defaults included. */
export type ResolvedParams = Record<string, ParameterValue>;

const NO_SOURCE: Source = { file: undefined, text: "" };

/** Values by parameter; which there are, and what they may be, is for the scenario to say. */
export function parameters(): Rule<Record<string, ParameterValue | boolean>> {
	const one = leaf((value, path) => {
		must(["string", "number", "boolean"].includes(typeof value), path, "must be text, a number, true or false");
		return value as ParameterValue | boolean;
	});
	return record(one);
}

/** The parameters given, and the defaults of the others. */
export function resolveParams(scenario: Scenario, given: Params = {}): ResolvedParams {
	const source = sourceOf(scenario) ?? NO_SOURCE;
	const result: ResolvedParams = {};
	for (const { name, values } of scenario.params) result[name] = values[0]!;
	for (const [name, value] of Object.entries(given)) {
		const param = scenario.params.find((one) => one.name === name);
		if (!param) {
			const names = scenario.params.map((one) => one.name);
			const message = `${scenario.name} has no parameter ${quote(name)}`;
			throw problemIn(source, scenario, "SCENARIO_PARAM", message, { hint: suggestion(name, names) });
		}
		const wanted = typeof value === "boolean" ? (value ? "yes" : "no") : value;
		const found = param.values.find((one) => one === wanted || String(one) === String(wanted));
		if (found === undefined) {
			const message = `${name} is never ${quote(value)}: it is ${param.values.join(" | ")}`;
			throw problemIn(source, param, "SCENARIO_PARAM", message);
		}
		result[name] = found;
	}
	return result;
}

/** Every combination of the parameters' values; the defaults come first, the last parameter changes fastest. */
export function paramSpace(scenario: Scenario): ResolvedParams[] {
	const size = scenario.params.reduce((product, { values }) => product * values.length, 1);
	if (size > LIMITS.combinations) {
		const message = `${size} combinations of parameters; at most ${LIMITS.combinations}`;
		throw problemIn(sourceOf(scenario) ?? NO_SOURCE, scenario, "SCENARIO_LIMIT", message);
	}
	let space: ResolvedParams[] = [{}];
	for (const { name, values } of scenario.params) {
		space = space.flatMap((one) => values.map((value) => ({ ...one, [name]: value })));
	}
	return space;
}
