import { StalemateError } from "../errors.ts";
import { costs } from "../profiles/costs.ts";
import { amount } from "../profiles/quantity.ts";
import { profileNames, profile as shipped } from "../profiles/shipped.ts";
import type { Basis, CostName, Profile, Quantity } from "../profiles/types.ts";

/** A number that prices are made of. */
export interface Constant {
	value: number;
	unit: "cycles" | "ns";
	/** Lowest and highest value that is allowed. */
	range?: [number, number];
	/** Another one of its range each time, half of them below `value`: what a `work` of this name takes. */
	varies?: boolean;
	/** How it is known; "given": the question says it; "calibrated": a fit chose it. */
	basis: Basis | "given" | "calibrated";
	source?: string;
	/** Published figures that a fit chose it by. */
	cells?: readonly string[];
	/** Constants of the profile that it is made of. */
	of?: readonly string[];
}

/** Work that passes the time between rounds: part of no figure, and no property of a machine. */
export const PAUSE = "pause";

/** Constants by name: costs of profiles/costs.ts, `level1`, `level2`, ..., `memory`, `walk`, and what the question adds. */
export type Constants = Record<string, Constant>;

function constantOf(quantity: Quantity, unit: Constant["unit"]): Constant {
	if (typeof quantity === "number") return { value: quantity, unit, basis: "given" };
	const { value, range, basis, source } = quantity;
	return { value, unit, basis, source, ...(range && { range }) };
}

/** Caches that a load goes through, from the CPU outwards, by name. */
export function dataPath(profile: Profile): string[] {
	const names = Object.keys(profile.caches).filter((name) => !/I$/.test(name));
	return names.sort((a, b) => (a.match(/\d+/)?.[0] ?? "").localeCompare(b.match(/\d+/)?.[0] ?? ""));
}

/** All that a profile says about what things cost. */
export function constantsOf(profile: Profile): Constants {
	const all: Constants = {};
	for (const [name, cost] of Object.entries(profile.costs))
		if (cost !== undefined) all[name] = constantOf(cost, costs[name as CostName].unit);
	dataPath(profile).forEach((name, i) => {
		const latency = profile.caches[name]?.latency;
		if (latency !== undefined) all[`level${i + 1}`] = constantOf(latency, "cycles");
	});
	const { memory, walk } = profile;
	if (memory?.ns !== undefined) all.memory = constantOf(memory.ns, "ns");
	else if (memory?.cycles !== undefined) all.memory = constantOf(memory.cycles, "cycles");
	if (walk.latency !== undefined) all.walk = constantOf(walk.latency, "cycles");
	// A core that has no such check has nothing to open and close.
	if (!profile.smap)
		all.userAccessPair = { value: 0, unit: "cycles", basis: "documented", source: "there is no SMAP, or it is off" };
	return all;
}

/** Something that a machine has no price for, or that it does not have. */
export class Inapplicable extends StalemateError {
	constructor(message: string, path: string) {
		super("BAD_PROFILE", message, { path });
	}
}

/** Made of a constant that the profile does not have: whoever needs it is told that one. */
export function lacking(name: string): Constant {
	return { value: Number.NaN, unit: "cycles", basis: "given", of: [name] };
}

/** What to say where a constant is missing: its name, the profile, and what could stand in. */
export function missingConstant(name: string, what: string, profile: Profile): Inapplicable {
	const others = profileNames().flatMap((id) => {
		if (id === profile.id) return [];
		const found = constantsOf(shipped(id))[name];
		return found && found.value > 0 ? [{ id, told: `${id} (${found.value} ${found.unit}, ${found.basis})` }] : [];
	});
	const told = others.map(({ told }) => told).slice(0, 4);
	const stand =
		others.length > 0
			? `the number of another machine could stand in: ${told.join(", ")}; or ask for another machine: --profile ${others[0]!.id}`
			: `give one: constants: { ${name}: { value, unit } }`;
	const path = pathOf(name);
	const message = `profile ${profile.id} does not say what ${what} costs (${path}): ${stand}`;
	return new Inapplicable(message, path);
}

/** Where a profile would say it. */
export function pathOf(name: string): string {
	return Object.hasOwn(costs, name) ? `costs.${name}` : name;
}

/** GHz; where a profile has no clock, cycles are counted as ns. */
export function frequencyOf(profile: Profile): number {
	return profile.frequency === undefined ? 1 : amount(profile.frequency);
}

export function inNs({ value, unit }: Pick<Constant, "value" | "unit">, frequency: number): number {
	return unit === "ns" ? value : value / frequency;
}
