import { isPlain } from "../input/plain.ts";
import type { Basis, Quantity, Sourced } from "./types.ts";

/** The number itself, whatever is known about it. */
export function amount(quantity: Quantity): number {
	return typeof quantity === "number" ? quantity : quantity.value;
}

/** Whether something claims to be a number with provenance. */
export function isSourced(thing: unknown): thing is Sourced {
	return isPlain(thing) && Object.hasOwn(thing, "value");
}

function as(basis: Basis) {
	return (value: number, source: string, range?: [number, number]): Sourced =>
		range ? { value, range, basis, source } : { value, basis, source };
}

/** From a manual, kernel source or a commit. */
export const documented = /* @__PURE__ */ as("documented");
/** Measured by a third party. */
export const measured = /* @__PURE__ */ as("measured");
/** Follows from measured or documented numbers. */
export const computed = /* @__PURE__ */ as("computed");
/** Common knowledge, not checked again. */
export const known = /* @__PURE__ */ as("known");
/** A guess. */
export const estimated = /* @__PURE__ */ as("estimated");

/** Another machine's numbers for one that nobody measured: all of them become estimates, with their ranges kept. */
export function borrowed<K extends string>(costs: { [P in K]?: Quantity }, from: string): { [P in K]?: Quantity } {
	const result: { [P in K]?: Quantity } = {};
	for (const name of Object.keys(costs) as K[]) {
		const cost = costs[name]!;
		const range = typeof cost === "number" ? undefined : cost.range;
		result[name] = estimated(amount(cost), `the number of ${from}, not measured on this machine`, range);
	}
	return result;
}
