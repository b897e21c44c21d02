// Rows of a sweep, as parts of a page.

import { formatBytes } from "../profiles/size.ts";
import type { Cell } from "../sweep/columns.ts";
import { columnNames, PROVENANCE, type Row } from "../sweep/results.ts";
import { numberIn, shown, valuesOf } from "../sweep/show.ts";
import { VERBS } from "../sweep/verbs/index.ts";
import { type Html, paragraph, pictures, type Section, sheet } from "./html.ts";
import { many } from "./numbers.ts";
import { barsPicture, linesPicture } from "./plot-svg.ts";
import { ORDERS, type Series } from "./plot-text.ts";
import type { Picture } from "./svg.ts";
import { left, right } from "./table.ts";

/** More than that is for other tools: the page says how many it leaves out. */
const MOST_ROWS = 2000;
const MOST_PLOTS = 24;
const MOST_LINES = 8;
const MOST_BARS = 40;

/** Axes that are not in a profile and no parameter. */
const INPUTS = Object.values(VERBS).flatMap(({ file, varied }): string[] => [file, ...varied]);

/** `points`: how many there are in all, where that is known. */
export function sweepSection(name: string, rows: readonly Row[], points = rows.length): Section {
	const names = columnNames(rows);
	const axes = axesIn(names);
	const varied = axes.filter((axis) => valuesOf(rows, axis).length > 1);
	const failed = rows.filter(({ status }) => status === "failed").length;
	const hidden: readonly string[] = ["key", "status", ...PROVENANCE.filter((column) => column !== "error")];
	const columns = names.filter((column) => !hidden.includes(column));
	const outputs = columns.filter((column) => !axes.includes(column) && column !== "error");
	const ordered = inOrder(rows, varied);
	const isNumber = (column: string) => rows.every((row) => row[column] === null || numberIn(row[column]) !== undefined);
	const table = {
		columns: columns.map((column) => (isNumber(column) ? right(column)[0]! : left(column))),
		rows: ordered
			.slice(0, MOST_ROWS)
			.map((row) => columns.map((column) => (row[column] === null ? "" : shown(row[column])))),
		wrong: new Set(ordered.flatMap(({ status }, i) => (status === "failed" ? [i] : []))),
	};
	const plots = plotsOf(
		rows.filter(({ status }) => status === "ok"),
		varied,
		outputs,
	);
	const parts: Html[] = [
		paragraph(
			`${many(rows.length, "point")}${points > rows.length ? ` of ${points}: the others are not finished` : ""}`,
		),
	];
	if (failed > 0) parts.push(paragraph(`${failed} failed: the column error says why`));
	parts.push(...pictures(plots.slice(0, MOST_PLOTS)));
	const more = plots.length - MOST_PLOTS;
	if (more > 0)
		parts.push(paragraph(`${many(more, "more plot")} are not drawn: sweep show draws what is asked for`, "dim"));
	parts.push(sheet("Points", table));
	const rest = rows.length - MOST_ROWS;
	if (rest > 0) parts.push(paragraph(`${many(rest, "more point")} are in the file`, "dim"));
	parts.push(...provenance(rows));
	return { title: `Sweep ${name}`, parts };
}

/** The columns before what came out. */
function axesIn(names: readonly string[]): string[] {
	const after = names.filter((name) => name !== "key" && name !== "status");
	const end = after.findIndex((name) => !/^(profile|param)\./.test(name) && !INPUTS.includes(name));
	return end < 0 ? after : after.slice(0, end);
}

function inOrder(rows: readonly Row[], axes: readonly string[]): Row[] {
	const ranks = axes.map((axis) => new Map(valuesOf(rows, axis).map((cell, i) => [cell, i])));
	const rank = (row: Row, i: number) => ranks[i]!.get(row[axes[i]!] ?? null) ?? -1;
	return [...rows].sort((a, b) => {
		return axes.map((_, i) => rank(a, i) - rank(b, i)).find((difference) => difference !== 0) ?? 0;
	});
}

function provenance(rows: readonly Row[]): Html[] {
	return (["verb", "base", "input", "stalemate"] as const).flatMap((name) => {
		const values = [...new Set(rows.map((row) => row[name] ?? null))].filter((value) => value !== null && value !== "");
		const titles = {
			verb: "verb",
			base: "profiles",
			input: "inputs by the hash of their content",
			stalemate: "stalemate",
		};
		return values.length > 0 ? [paragraph(`${titles[name]}: ${values.join(", ")}`, "dim")] : [];
	});
}

/** Each number over the axis that has most values, a line for each value of the next, a plot for each place on the others. */
function plotsOf(rows: readonly Row[], axes: readonly string[], outputs: readonly string[]): Picture[] {
	const count = (axis: string) => valuesOf(rows, axis).length;
	const numeric = axes.filter((axis) => rows.every((row) => numberIn(row[axis]) !== undefined));
	const [x] = [...numeric].sort((a, b) => count(b) - count(a));
	const drawn = outputs.filter((name) => new Set(rows.flatMap((row) => numberIn(row[name]) ?? [])).size > 1);
	if (axes.length === 0) return [];
	if (x === undefined) return drawn.flatMap((name) => barsOf(rows, axes, name));
	// Where each place on this axis is met once, the other axes go with it.
	const alone = count(x) === rows.length;
	const others = alone ? [] : axes.filter((axis) => axis !== x).sort((a, b) => count(b) - count(a));
	const by = others.find((axis) => count(axis) <= MOST_LINES);
	const rest = others.filter((axis) => axis !== by);
	const places = new Map<string, Row[]>();
	for (const row of rows) {
		const place = rest.map((axis) => `${shortName(axis)}=${shown(row[axis])}`).join(", ");
		places.set(place, [...(places.get(place) ?? []), row]);
	}
	const values = valuesOf(rows, x).map((cell) => numberIn(cell)!);
	const words = new Map(rows.map((row) => [numberIn(row[x])!, shown(row[x])]));
	const isSize = /\.(size|line)$/.test(x);
	const scale = {
		axes: [x, ""] as const,
		ticks: { x: (value: number) => (isSize ? formatBytes(value) : words.get(value)!) },
		logarithmic: values[0]! > 0 && values.at(-1)! / values[0]! >= ORDERS.x,
	};
	return drawn.flatMap((name) => {
		return [...places].flatMap(([place, own]) => {
			const series = linesOf(own, x, name, by);
			if (!series.some(({ points }) => points.length > 1)) return [];
			const title = `${name}${place === "" ? "" : ` at ${place}`}`;
			return linesPicture(title, series, { ...scale, fromZero: /ratio|share/i.test(name) });
		});
	});
}

function linesOf(rows: readonly Row[], x: string, name: string, by: string | undefined): Series[] {
	const groups: (Cell | undefined)[] = by === undefined ? [undefined] : valuesOf(rows, by);
	return groups.map((group) => {
		const own = by === undefined ? rows : rows.filter((row) => row[by] === group);
		const points = own.flatMap((row): [number, number][] => {
			const [a, b] = [numberIn(row[x]), numberIn(row[name])];
			return a === undefined || b === undefined ? [] : [[a, b]];
		});
		points.sort((a, b) => a[0] - b[0]);
		return { name: by === undefined ? name : `${shortName(by)}=${shown(group)}`, points };
	});
}

function barsOf(rows: readonly Row[], axes: readonly string[], name: string): Picture[] {
	if (rows.length > MOST_BARS) return [];
	const bars = inOrder(rows, axes).flatMap((row) => {
		const value = numberIn(row[name]);
		if (value === undefined) return [];
		return [{ name: axes.map((axis) => shown(row[axis])).join(", "), value, text: shown(value) }];
	});
	return [barsPicture(name, bars)];
}

/** "profile.caches.L1D.ways" -> "L1D.ways" */
function shortName(axis: string): string {
	return axis
		.split(".")
		.slice(-2)
		.join(".")
		.replace(/^param\./, "");
}
