import { lengthOf } from "./table.ts";

/** Points that belong together, by x. */
export interface Series {
	name: string;
	points: readonly (readonly [x: number, y: number])[];
}

const MARKS = ["o", "x", "+", "*", "#", "@"];
const ROWS = 10;
const LABEL = 9;

/** A few digits of a number on an axis. */
export function tick(value: number, digits = 3): string {
	if (value === 0) return "0";
	const size = Math.abs(value);
	if (size >= 1e6) return `${+(value / 1e6).toPrecision(digits)}M`;
	if (size >= 1e4) return `${+(value / 1e3).toPrecision(digits)}k`;
	return String(+value.toPrecision(digits));
}

/** Where a value lies between the ends of an axis, from 0 to 1; axes over several orders are logarithmic. */
export function scaleOf(values: readonly number[], orders: number): (value: number) => number {
	const low = Math.min(...values);
	const high = Math.max(...values);
	if (low > 0 && high / low > orders) return (value) => Math.log(value / low) / Math.log(high / low);
	return (value) => (high > low ? (value - low) / (high - low) : 0.5);
}

/** From here on an axis is logarithmic: largest over smallest. */
export const ORDERS = { x: 8, y: 30 };

/** Curves as characters: a mark for each point, x to the right and y upwards. */
export function linesText(
	title: string,
	series: readonly Series[],
	{ axes = ["", ""], width = 80 }: { axes?: readonly [string, string]; width?: number } = {},
): string[] {
	const points = series.flatMap(({ points }) => points);
	if (points.length === 0) return [title];
	const columns = width - LABEL - 2;
	const xs = points.map(([x]) => x);
	const ys = points.map(([, y]) => y);
	const across = scaleOf(xs, ORDERS.x);
	const up = scaleOf(ys, ORDERS.y);
	const canvas = Array.from({ length: ROWS }, () => Array<string>(columns).fill(" "));
	for (const [i, { points }] of series.entries())
		for (const [x, y] of points) {
			const row = canvas[ROWS - 1 - Math.round(up(y) * (ROWS - 1))]!;
			const at = Math.round(across(x) * (columns - 1));
			const mark = MARKS[i % MARKS.length]!;
			// Of two curves in one place neither hides the other.
			row[at] = row[at] === " " || row[at] === mark ? mark : "%";
		}
	const label = (row: number) => (row === 0 ? tick(Math.max(...ys)) : row === ROWS - 1 ? tick(Math.min(...ys)) : "");
	const left = tick(Math.min(...xs));
	const right = tick(Math.max(...xs));
	const marks = series.map(({ name }, i) => `${MARKS[i % MARKS.length]} ${name}`);
	if (canvas.some((row) => row.includes("%"))) marks.push("% several of them");
	const legend = marks.join("   ");
	return [
		axes[1] === "" ? title : `${title} (${axes[1]})`,
		...canvas.map((row, i) => `${label(i).padStart(LABEL)} ┤${row.join("")}`.trimEnd()),
		`${" ".repeat(LABEL + 1)}└${"─".repeat(columns)}`,
		`${" ".repeat(LABEL + 2)}${left}${axes[0].padStart(Math.floor((columns + axes[0].length) / 2) - left.length)}`.padEnd(
			width - right.length,
		) + right,
		`${" ".repeat(LABEL + 2)}${legend}`,
	];
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** Bars from left to right, the longest as wide as there is room. */
export function barsText(
	bars: readonly { name: string; value: number; text: string }[],
	{ width = 80 }: { width?: number } = {},
): string[] {
	const names = Math.max(...bars.map(({ name }) => lengthOf(name)));
	const texts = Math.max(...bars.map(({ text }) => lengthOf(text)));
	const room = Math.max(4, width - names - texts - 6);
	const most = Math.max(...bars.map(({ value }) => value));
	return bars.map(({ name, value, text }) => {
		const eighths = most > 0 ? Math.max(value > 0 ? 1 : 0, Math.round((value / most) * room * 8)) : 0;
		const bar = "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
		return `  ${name.padEnd(names)}  ${text.padStart(texts)}  ${bar}`;
	});
}
