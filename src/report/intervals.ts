import type { Interval } from "../simulate/result.ts";
import { chart, halve, type Stretch } from "./chart.ts";
import { percent, whole } from "./numbers.ts";
import { byName } from "./rows.ts";
import type { Style } from "./style.ts";
import { right, type Sheet, table } from "./table.ts";

/** Miss ratios interval by interval. */
export function intervalTable(intervals: Interval[], style: Style): string[] {
	const found = intervalSheet(intervals);
	if (!found) return [];
	return ["miss ratios", ...table(found.columns, found.rows, (text, row) => (row < 0 ? style.dim(text) : text))];
}

export function intervalSheet(intervals: readonly Interval[]): Sheet | undefined {
	const [first] = intervals;
	if (!first) return undefined;
	const names = [...byName(first.caches), ...byName(first.tlbs)].map(({ name }) => name);
	const columns = right("from reference", "references", ...names);
	const rows = intervals.map(({ start, references, caches, tlbs }) => {
		const found = [...byName(caches), ...byName(tlbs)];
		const ratios = names.map((name) => percent(found.find((row) => row.name === name)?.missRatio ?? 0));
		return [whole(start), whole(references.total), ...ratios];
	});
	return { columns, rows };
}

/** References between two points of a plot nobody said more about. */
const FINE = 4000;
/** Stretches kept: more than a terminal has columns. */
const MOST = 512;

/** Miss ratios over time, in bounded memory: when there are too many stretches, neighbours become one. */
export class TimeLine {
	/** References of an interval, to be asked for. */
	readonly every: number;
	readonly #levels = new Map<string, Stretch[]>();

	constructor(every: number | undefined) {
		this.every = every ?? FINE;
	}

	add({ references, caches, tlbs }: Interval): void {
		for (const { name, accesses, misses } of [...byName(caches), ...byName(tlbs)]) {
			let stretches = this.#levels.get(name) ?? [];
			stretches.push({ references: references.total, accesses, misses });
			if (stretches.length > MOST) stretches = halve(stretches, join);
			this.#levels.set(name, stretches);
		}
	}

	/** Each cache and TLB with its stretches. */
	levels(): ReadonlyMap<string, readonly Stretch[]> {
		return this.#levels;
	}

	/** One chart for each cache and TLB that ever missed. */
	charts(width: number): string[] {
		const lines: string[] = [];
		for (const [name, stretches] of this.#levels) {
			if (!stretches.some(({ misses }) => misses > 0)) continue;
			if (lines.length > 0) lines.push("");
			lines.push(...chart(`${name} miss ratio`, stretches, width));
		}
		return lines;
	}
}

function join(a: Stretch, b: Stretch): Stretch {
	return {
		references: a.references + b.references,
		accesses: a.accesses + b.accesses,
		misses: a.misses + b.misses,
	};
}
