import { quote, suggestion } from "../input/words.ts";
import { parseNumber } from "../profiles/size.ts";
import { lengthOf } from "../report/table.ts";
import type { Cell } from "./columns.ts";
import { badSweep } from "./problem.ts";
import { columnNames, type Row } from "./results.ts";

/** The column of that name. Throws BAD_SWEEP with the nearest one. */
export function columnOf(rows: readonly Row[], name: string): string {
	const names = columnNames(rows);
	if (names.includes(name)) return name;
	throw badSweep("", `there is no column ${quote(name)}: ${suggestion(name, names)}`);
}

/** A number, also where it was written as 32K. */
export function numberIn(cell: Cell | undefined): number | undefined {
	if (typeof cell === "string") return parseNumber(cell);
	return typeof cell === "number" ? cell : undefined;
}

/** Different cells, ascending: numbers by what they are worth. */
export function valuesOf(rows: readonly Row[], name: string): Cell[] {
	const cells = [...new Set(rows.map((row) => row[name] ?? null))].filter((cell) => cell !== null);
	return cells.sort((a, b) => {
		const [x, y] = [numberIn(a), numberIn(b)];
		if (x !== undefined && y !== undefined) return x - y;
		return String(a) < String(b) ? -1 : 1;
	});
}

/** Numbers as they are short: 0.0123457, 12,345 without commas. */
export function shown(cell: Cell | undefined): string {
	if (cell === undefined || cell === null) return "–";
	if (typeof cell !== "number" || Number.isInteger(cell)) return String(cell);
	return String(Number(cell.toPrecision(5)));
}

function mean(numbers: number[]): number {
	return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

const SHADES = [" ", "░", "▒", "▓", "█"];

/** A value over two axes: its mean where several points share a place, darker where it is larger. */
export function heatMap(rows: readonly Row[], x: string, y: string, value: string): string[] {
	for (const name of [x, y, value]) columnOf(rows, name);
	const [across, down] = [valuesOf(rows, x), valuesOf(rows, y)];
	const at = (row: Cell, column: Cell) => {
		const here = rows.filter((one) => one[x] === column && one[y] === row);
		const numbers = here.flatMap((one) => numberIn(one[value]) ?? []);
		return numbers.length > 0 ? mean(numbers) : undefined;
	};
	const grid = down.map((row) => across.map((column) => at(row, column)));
	const all = grid.flat().filter((number) => number !== undefined);
	const [low, high] = [Math.min(...all), Math.max(...all)];
	const shade = (number: number) => SHADES[high > low ? Math.round(((number - low) / (high - low)) * 4) : 0]!.repeat(2);
	const cells = grid.map((line) =>
		line.map((number) => (number === undefined ? "" : `${shown(number)} ${shade(number)}`)),
	);
	const titles = across.map((cell) => `${shown(cell)}   `);
	const widths = titles.map((title, i) => Math.max(lengthOf(title), ...cells.map((line) => lengthOf(line[i]!))));
	const head = Math.max(...down.map((cell) => lengthOf(shown(cell))));
	const line = (first: string, parts: string[]) =>
		`${first.padStart(head)}  ${parts.map((part, i) => part.padStart(widths[i]!)).join(" ")}`.trimEnd();
	return [`${value}: ${y} down, ${x} across`, line("", titles), ...down.map((cell, i) => line(shown(cell), cells[i]!))];
}

const MARKS = "●○■□▲△◆◇*+x";
const HIGH = 14;

/** A value over an axis, a mark for each value of `by`. */
export function curve(rows: readonly Row[], x: string, value: string, by?: string, width = 80): string[] {
	for (const name of [x, value, ...(by === undefined ? [] : [by])]) columnOf(rows, name);
	const places = valuesOf(rows, x);
	const groups: (Cell | undefined)[] = by === undefined ? [undefined] : valuesOf(rows, by);
	const points = groups.flatMap((group, mark) => {
		return places.flatMap((place, column) => {
			const here = rows.filter((row) => row[x] === place && (by === undefined || row[by] === group));
			const numbers = here.flatMap((row) => numberIn(row[value]) ?? []);
			return numbers.length > 0 ? [{ column, mark: MARKS[mark % MARKS.length]!, y: mean(numbers) }] : [];
		});
	});
	if (points.length === 0) return [`${value}: no numbers`];
	const [low, high] = [Math.min(...points.map(({ y }) => y)), Math.max(...points.map(({ y }) => y))];
	const label = Math.max(lengthOf(shown(low)), lengthOf(shown(high)));
	const room = Math.max(places.length, width - label - 2);
	const canvas = Array.from({ length: HIGH }, () => new Array<string>(room).fill(" "));
	for (const { column, mark, y } of points) {
		const line = high > low ? Math.round(((high - y) / (high - low)) * (HIGH - 1)) : HIGH - 1;
		canvas[line]![places.length > 1 ? Math.round((column / (places.length - 1)) * (room - 1)) : 0] = mark;
	}
	const lines = canvas.map((cells, i) => {
		const title = i === 0 ? shown(high) : i === HIGH - 1 ? shown(low) : "";
		return `${title.padStart(label)} ┤${cells.join("")}`.trimEnd();
	});
	const last = shown(places.at(-1));
	const axis = `${" ".repeat(label + 2)}${shown(places[0])}${last.padStart(Math.max(lengthOf(last) + 1, room - lengthOf(shown(places[0]))))}`;
	const legend =
		by === undefined
			? []
			: [`${by}: ${groups.map((group, i) => `${MARKS[i % MARKS.length]} ${shown(group)}`).join("  ")}`];
	return [`${value} over ${x}`, ...lines, `${" ".repeat(label + 1)}└${"─".repeat(room)}`, axis, ...legend];
}

/** Rows that no other row beats in one of two columns without losing in the other; less is better. By the first column. */
export function pareto(rows: readonly Row[], x: string, y: string): Row[] {
	for (const name of [x, y]) columnOf(rows, name);
	const points = rows.flatMap((row) => {
		const [a, b] = [numberIn(row[x]), numberIn(row[y])];
		return a === undefined || b === undefined ? [] : [{ row, a, b }];
	});
	points.sort((one, other) => one.a - other.a || one.b - other.b);
	let least = Number.POSITIVE_INFINITY;
	return points.flatMap(({ row, b }) => {
		if (b >= least) return [];
		least = b;
		return [row];
	});
}
