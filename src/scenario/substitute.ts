import type { Expression, ParameterValue, Step } from "./ast.ts";
import type { Scope } from "./scope.ts";

/** A statement as it is after parameters and the operands of macros are put in: what a counterexample shows. */
export function substituteStep(
	step: Step,
	word: string,
	scope: Scope,
	params: Readonly<Record<string, ParameterValue>>,
): Step {
	const put = (expression: Expression, inside: Scope): Expression => {
		if (typeof expression === "string") {
			const argument = inside.args.get(expression);
			if (argument) return put(argument.expression, argument.scope);
			return Object.hasOwn(params, expression) ? params[expression]! : expression;
		}
		if (typeof expression === "number") return expression;
		if ("at" in expression) {
			const of = put(expression.of, inside);
			return typeof of === "string" ? { of, at: put(expression.at, inside) } : expression;
		}
		if ("part" in expression) {
			const of = put(expression.of, inside);
			return typeof of === "string" ? { ...expression, of } : expression;
		}
		if ("operator" in expression)
			return { ...expression, left: put(expression.left, inside), right: put(expression.right, inside) };
		return expression;
	};
	const list = (all: readonly Expression[]) => all.map((one) => put(one, scope));
	return {
		...step,
		do: word,
		...(step.args && { args: list(step.args) }),
		...(step.from && { from: list(step.from) }),
		...(step.test && {
			test: {
				test: step.test.test,
				...(step.test.right !== undefined && { right: put(step.test.right, scope) }),
			},
		}),
	};
}
