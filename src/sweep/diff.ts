import type { Cell } from "./columns.ts";
import type { Row } from "./results.ts";
import { PROVENANCE } from "./results.ts";

/** What two sweeps say differently about a point. */
export interface Difference {
	/** Its place on the axes that both have, or its key. */
	point: Record<string, Cell>;
	/** Columns that differ; undefined: the point is in one of the sweeps only. */
	columns?: Record<string, [Cell, Cell]>;
	only?: "first" | "second";
}

/**
 * Compares two sweeps point by point. Points are the same that are at the same place on the `axes` (those of both sweeps), so
 * that versions and machines can be compared; without axes, those of the same content.
 */
export function diffSweeps(first: readonly Row[], second: readonly Row[], axes: readonly string[]): Difference[] {
	const place = (row: Row) =>
		Object.fromEntries((axes.length > 0 ? axes : ["key"]).map((axis) => [axis, row[axis] ?? null]));
	const nameOf = (row: Row) => JSON.stringify(Object.values(place(row)));
	const others = new Map(second.map((row) => [nameOf(row), row]));
	const skipped: readonly string[] = ["key", ...axes, ...PROVENANCE.filter((name) => name !== "error")];
	const found: Difference[] = [];
	for (const row of first) {
		const other = others.get(nameOf(row));
		others.delete(nameOf(row));
		if (!other) {
			found.push({ point: place(row), only: "first" });
			continue;
		}
		const names = new Set([...Object.keys(row), ...Object.keys(other)].filter((name) => !skipped.includes(name)));
		const columns: Record<string, [Cell, Cell]> = {};
		for (const name of names) {
			const pair: [Cell, Cell] = [row[name] ?? null, other[name] ?? null];
			if (pair[0] !== pair[1]) columns[name] = pair;
		}
		if (Object.keys(columns).length > 0) found.push({ point: place(row), columns });
	}
	for (const row of others.values()) found.push({ point: place(row), only: "second" });
	return found;
}
