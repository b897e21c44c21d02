import { percent, whole } from "./numbers.ts";
import { lengthOf } from "./table.ts";

const EIGHTHS = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const ROWS = 4;
const AXIS = 10;

/** One stretch of a run: how many look-ups there were, and how many of them missed. */
export interface Stretch {
	references: number;
	accesses: number;
	misses: number;
}

/**
 * Miss ratio over time as an area of block characters: references from left to right, 0 at the bottom, the highest ratio at
 * the top. A stretch without look-ups leaves a gap.
 */
export function chart(title: string, stretches: Stretch[], width: number): string[] {
	const columns = resample(stretches, width - AXIS - 1);
	const ratios = columns.map(({ accesses, misses }) => (accesses > 0 ? misses / accesses : 0));
	const top = Math.max(...ratios);
	const references = stretches.reduce((sum, stretch) => sum + stretch.references, 0);
	const lines = [title];
	for (let row = ROWS - 1; row >= 0; row--) {
		const label = row === ROWS - 1 ? percent(top) : row === 0 ? "0 %" : "";
		const cells = ratios.map((ratio) => cell(top > 0 ? (ratio / top) * ROWS - row : 0, row));
		lines.push(`${label.padStart(AXIS - 2)} ┤${cells.join("")}`.trimEnd());
	}
	const end = `${whole(references)} references`;
	lines.push(`${" ".repeat(AXIS - 1)}└${"─".repeat(columns.length)}`);
	lines.push(`${" ".repeat(AXIS)}0${end.padStart(Math.max(columns.length - 1, lengthOf(end) + 1))}`);
	return lines;
}

/** A character of a column that is `height` rows high, counted from the bottom of this row. */
function cell(height: number, row: number): string {
	const eighths = Math.round(Math.min(1, Math.max(0, height)) * 8);
	// What is not nothing is seen.
	return EIGHTHS[row === 0 && height > 0 ? Math.max(1, eighths) : eighths]!;
}

/** The same run in `width` stretches of about the same number of references, or fewer where there are fewer. */
function resample(stretches: Stretch[], width: number): Stretch[] {
	const count = Math.min(width, stretches.length);
	const total = stretches.reduce((sum, { references }) => sum + references, 0);
	const result = Array.from({ length: count }, () => ({ references: 0, accesses: 0, misses: 0 }));
	let before = 0;
	for (const { references, accesses, misses } of stretches) {
		const middle = before + references / 2;
		const column = result[Math.min(count - 1, Math.floor((middle / total) * count))]!;
		column.references += references;
		column.accesses += accesses;
		column.misses += misses;
		before += references;
	}
	// Where the last stretch is short, its neighbour may take its column.
	return result.filter(({ references }) => references > 0);
}

/** Neighbours joined, so that a run of any length keeps a bounded number of stretches. */
export function halve<T>(stretches: T[], join: (a: T, b: T) => T): T[] {
	const result: T[] = [];
	for (let i = 0; i < stretches.length; i += 2) {
		const next = stretches[i + 1];
		result.push(next === undefined ? stretches[i]! : join(stretches[i]!, next));
	}
	return result;
}
