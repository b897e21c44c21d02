import type { Condition, Expression, ParameterValue, Test } from "./ast.ts";
import { problemIn } from "./problem.ts";
import type { Scope } from "./scope.ts";
import type { Source } from "./source.ts";

/** What is needed to work out an expression before the run. */
export interface Given {
	params: Readonly<Record<string, ParameterValue>>;
	source: Source;
	/** The part of the scenario that errors point to. */
	part: object;
	scope?: Scope | undefined;
	/** In code a name that is no parameter may be a register; elsewhere, and in braces, it is a word. */
	code?: boolean;
}

export type Constant = ParameterValue | boolean;

/** What is known before the run; undefined: nothing is. */
export function evaluate(condition: Condition, given: Given): Constant | undefined {
	if (typeof condition === "number") return condition;
	if (typeof condition === "string") return ofName(condition, given);
	if ("given" in condition) return evaluate(condition.given, { ...given, code: false });
	if ("of" in condition) return undefined;
	if ("if" in condition) {
		const test = evaluate(condition.if, given);
		return test === undefined ? undefined : evaluate(isTrue(test, given) ? condition.yes : condition.no, given);
	}
	if ("not" in condition) {
		const inner = evaluate(condition.not, given);
		return inner === undefined ? undefined : !isTrue(inner, given);
	}
	if ("both" in condition || "either" in condition) {
		const [first, second] = "both" in condition ? condition.both : condition.either;
		const ends = "either" in condition;
		const one = evaluate(first, given);
		if (one !== undefined && isTrue(one, given) === ends) return ends;
		const other = evaluate(second, given);
		if (other !== undefined && isTrue(other, given) === ends) return ends;
		return one === undefined || other === undefined ? undefined : !ends;
	}
	let left = evaluate(condition.left, given);
	if ("operator" in condition) {
		const right = evaluate(condition.right, given);
		if (left === undefined || right === undefined) return undefined;
		return arithmetic(number(left, given), condition.operator, number(right, given));
	}
	let right = condition.right === undefined ? 0 : evaluate(condition.right, given);
	// What is compared with a word is a word.
	if (typeof left === "string") right ??= evaluate(condition.right!, { ...given, code: false });
	else if (typeof right === "string") left ??= evaluate(condition.left, { ...given, code: false });
	if (left === undefined || right === undefined) return undefined;
	return compare(left, condition.test, right, given);
}

function ofName(name: string, given: Given): Constant | undefined {
	const argument = given.scope?.args.get(name);
	if (argument) return evaluate(argument.expression, { ...given, scope: argument.scope });
	if (Object.hasOwn(given.params, name)) return given.params[name];
	return given.code ? undefined : name;
}

export function arithmetic(left: number, operator: (Expression & { operator: unknown })["operator"], right: number) {
	switch (operator) {
		case "+":
			return left + right;
		case "-":
			return left - right;
		case "&":
			return left & right;
		case "|":
			return left | right;
		case "^":
			return left ^ right;
		case "clamp":
			return left < right ? left : 0;
	}
}

function compare(left: Constant, test: Test, right: Constant, given: Given): boolean {
	if (test === "==") return String(left) === String(right);
	if (test === "!=") return String(left) !== String(right);
	const a = number(left, given);
	const b = test === "odd" || test === "even" ? 0 : number(right, given);
	switch (test) {
		case "<":
			return a < b;
		case "<=":
			return a <= b;
		case ">":
			return a > b;
		case ">=":
			return a >= b;
		case "odd":
			return a % 2 !== 0;
		case "even":
			return a % 2 === 0;
	}
}

function number(value: Constant, given: Given): number {
	if (typeof value === "number") return value;
	const word = String(value);
	throw problemIn(given.source, given.part, "SCENARIO_TYPE", `${word} is not a number`, { word });
}

/** yes and no, true and false, a number other than 0. */
export function isTrue(value: Constant, given: Given): boolean {
	if (typeof value === "boolean") return value;
	if (typeof value === "number") return value !== 0;
	if (value === "yes" || value === "no") return value === "yes";
	const hint = `compare it: ${value} == ...`;
	throw problemIn(given.source, given.part, "SCENARIO_TYPE", `${value} is neither yes nor no`, { word: value, hint });
}

/** A number that must be known before the run. */
export function constant(
	expression: Expression | undefined,
	otherwise: number,
	least: number,
	most: number,
	what: string,
	given: Given,
): number {
	if (expression === undefined) return otherwise;
	const value = evaluate(expression, given);
	if (value === undefined || (typeof value !== "number" && typeof value !== "boolean")) {
		const word = typeof value === "string" ? value : undefined;
		throw problemIn(given.source, given.part, "SCENARIO_TYPE", `${what} must be a number`, { word });
	}
	const found = Number(value);
	if (found >= least && found <= most) return found;
	const code = found > most ? "SCENARIO_LIMIT" : "SCENARIO_TYPE";
	throw problemIn(given.source, given.part, code, `${what} must be from ${least} to ${most}, and is ${found}`);
}
