import { dirname } from "node:path";
import { type ArgsDef, defineCommand } from "citty";
import { many, whole } from "../report/numbers.ts";
import type { Unit } from "../sweep/index.ts";
import { flag, type Given, one } from "./arguments.ts";
import type { Command } from "./help.ts";
import { limitOf, limitOptions, sweeping } from "./sweeping.ts";
import { print } from "./terminal.ts";

const args: ArgsDef = {
	spec: { type: "positional", required: true, description: "specification of a sweep, JSON or YAML" },
	...limitOptions,
	json: { type: "boolean", description: "print the plan as JSON" },
};

export const plan: Command = {
	def: defineCommand({
		meta: {
			name: "plan",
			description: "Says what a sweep would run, and which points come out of one pass over a trace.",
		},
		args,
		async run({ data }) {
			const given = data as Given;
			const file = one(given, "")!;
			const { planSweep, readSpec } = await sweeping();
			const planned = await planSweep(await readSpec(file), { ...limitOf(given), inputs: dirname(file) });
			const { product, filtered, repeated, total, axes, units } = planned;
			if (flag(given, "json")) {
				const told = units.map(({ points, ...unit }) => ({
					...unit,
					points: points.map(({ key, values }) => ({ key, values })),
				}));
				return print(
					JSON.stringify({ product, filtered, repeated, points: total, axes, units: told }, undefined, "\t"),
				);
			}
			const lines = [`${many(product, "place")} on the axes${axes.length > 0 ? `: ${axes.join(", ")}` : ""}`];
			if (filtered > 0) lines.push(`${whole(filtered)} left out by filters`);
			if (repeated > 0) lines.push(`${whole(repeated)} the same as another`);
			lines.push(`${many(total, "point")} to run`, ...passes(units), ...runs(units));
			print(lines.join("\n"));
		},
	}),
	name: "sweep plan",
	examples: ["stalemate sweep plan l1.sweep.yaml", "stalemate sweep plan l1.sweep.yaml --shard 2/8 --json"],
};

function passes(units: Unit[]): string[] {
	return units.flatMap((unit) => {
		if (unit.how !== "one-pass") return [];
		const stacks = unit.families.map(({ of, line, sets, ways }) => {
			return `${of}: ${line}-byte lines, ${sets.length > 1 ? `${sets[0]} to ${sets.at(-1)}` : sets[0]} sets, up to ${ways} ways`;
		});
		const what = unit.outer === undefined ? "single LRU caches" : "one outermost LRU cache behind the same inner ones";
		return [`  one pass for ${many(unit.points.length, "point")} (${what}: exact; ${stacks.join("; ")})`];
	});
}

function runs(units: Unit[]): string[] {
	const single = units.filter(({ how }) => how === "run");
	const shared = single.filter(({ points }) => points.length > 1);
	const points = shared.reduce((sum, unit) => sum + unit.points.length, 0);
	const lines: string[] = [];
	if (shared.length > 0) {
		lines.push(`  ${many(shared.length, "run")} for ${many(points, "point")} that differ only in what things cost`);
	}
	if (single.length > shared.length) lines.push(`  ${many(single.length - shared.length, "run")} of one point`);
	return lines;
}
