import { worksOf } from "../../bindings/assemble.ts";
import { COST_NAMES } from "../../bindings/cost.ts";
import type { Program } from "../../bindings/program.ts";

/** Some price for everything, no two alike. */
export const anyPrices = Object.fromEntries(COST_NAMES.map((name, i) => [name, 5 + i * 1.7]));

export function anyWorks(program: Program): Record<string, number> {
	return Object.fromEntries(worksOf(program).map((name, i) => [name, 40 + i * 13]));
}
