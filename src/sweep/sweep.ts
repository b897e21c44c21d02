import { VERSION } from "../index.ts";
import { chooser } from "./columns.ts";
import { type EngineOptions, outcomesOf } from "./engine.ts";
import type { Outcome } from "./execute.ts";
import type { Host } from "./host.ts";
import { planOf, type Shard, shardOf, type Unit, WHOLE } from "./plan.ts";
import { type Point, type Points, pointsOf } from "./points.ts";
import { checkSpec } from "./read.ts";
import type { Row } from "./results.ts";
import type { SweepSpec } from "./types.ts";
import { VERBS } from "./verbs/index.ts";

/** How many points there may be, and which part of them is run. */
export interface LimitOptions {
	/** Points that there may be. Default 100 000. */
	limit?: number;
	/** The part of the work to do. */
	shard?: Shard;
}

/** What a sweep would run. */
export interface Planned extends Omit<Points, "points"> {
	/** Points of all shards. */
	total: number;
	/** Of this shard, as they will be run. */
	units: Unit[];
}

/** What a sweep would run on that host, and how. */
export async function planOn(host: Host, spec: SweepSpec, { limit, shard = WHOLE }: LimitOptions): Promise<Planned> {
	const { points, ...rest } = await pointsOf(checkSpec(spec), host, limit);
	return { ...rest, total: points.length, units: shardOf(planOf(points), shard) };
}

/** Runs a sweep on that host and tells rows as they come. */
export async function* sweepOn(
	host: Host,
	spec: SweepSpec,
	options: LimitOptions & EngineOptions,
): AsyncGenerator<Row, void, undefined> {
	const { units } = await planOn(host, spec, options);
	const rowOf = rowsOf(spec, units);
	for await (const outcomes of outcomesOf(units, host, options)) for (const outcome of outcomes) yield rowOf(outcome);
}

/** Makes rows of outcomes. */
export function rowsOf({ verb, outputs }: SweepSpec, units: readonly Unit[]): (outcome: Outcome) => Row {
	const points = new Map<string, Point>();
	for (const unit of units) for (const point of unit.points) points.set(point.key, point);
	const choose = chooser(outputs ?? VERBS[verb].usual);
	return ({ key, columns, error }) => {
		const { values, profile, input } = points.get(key)!;
		return {
			key,
			status: columns ? "ok" : "failed",
			...values,
			...(columns ? choose(columns) : {}),
			error: error ?? null,
			verb,
			base: profile,
			input,
			stalemate: VERSION,
		};
	};
}
