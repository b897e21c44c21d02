import { type ArgsDef, defineCommand } from "citty";
import { PAGE, table } from "../report/table.ts";
import type { Row } from "../sweep/index.ts";
import { count, flag, type Given, list, one, wrongCall } from "./arguments.ts";
import type { Command } from "./help.ts";
import { sweeping } from "./sweeping.ts";
import { note, out, print } from "./terminal.ts";

const args: ArgsDef = {
	folder: { type: "positional", required: true, description: "folder of a sweep, finished or not" },
	columns: {
		type: "string",
		valueHint: "NAME[,NAME…]",
		description: "columns of the table (default: axes and outputs)",
	},
	sort: { type: "string", valueHint: "NAME", description: "column to sort by (default: the axes)" },
	top: { type: "string", valueHint: "N", description: "rows of the table, at most (default 50)" },
	heat: { type: "string", valueHint: "X,Y,VALUE", description: "draw a value over two axes" },
	curve: { type: "string", valueHint: "X,VALUE[,BY]", description: "draw a value over an axis, a curve for each BY" },
	pareto: { type: "string", valueHint: "A,B", description: "only rows that no other beats in A and B; less is better" },
	json: { type: "boolean", description: "print the rows as JSON" },
};

export const show: Command = {
	def: defineCommand({
		meta: { name: "show", description: "Shows what is finished of a sweep: tables, heat maps, curves, Pareto fronts." },
		args,
		run: ({ data }) => run(data as Given),
	}),
	name: "sweep show",
	examples: [
		"stalemate sweep show l1 --sort L1D.missRatio --top 10",
		"stalemate sweep show l1 --heat profile.caches.L1D.ways,profile.caches.L1D.size,L1D.missRatio",
		"stalemate sweep show l1 --curve profile.caches.L1D.size,L1D.missRatio,profile.caches.L1D.ways",
		"stalemate sweep show l1 --pareto profile.caches.L1D.size,L1D.misses",
	],
};

async function run(given: Given): Promise<void> {
	const { axesOf, curve, heatMap, pareto, readRows, PROVENANCE, columnNames, columnOf, valuesOf, shown } =
		await sweeping();
	const folder = one(given, "")!;
	const { rows: all, setup, points } = await readRows(folder);
	if (all.length < points) note(`${all.length} of ${points} points are finished`);
	const failed = all.filter(({ status }) => status === "failed").length;
	if (failed > 0) note(`${failed} failed: their rows say why in the column error`);
	if (all.length === 0) return;
	const heat = parts(given, "heat", 3, 3);
	if (heat) return print(heatMap(all, heat[0]!, heat[1]!, heat[2]!).join("\n"));
	const drawn = parts(given, "curve", 2, 3);
	if (drawn)
		return print(curve(all, drawn[0]!, drawn[1]!, drawn[2], Math.min(PAGE, process.stdout.columns || PAGE)).join("\n"));
	const front = parts(given, "pareto", 2, 2);
	let rows = front ? pareto(all, front[0]!, front[1]!) : all;
	const axes = axesOf(setup.spec).filter((path) => columnNames(all).includes(path));
	const sort = one(given, "sort");
	const order = (by: string) => {
		const places = new Map(valuesOf(all, columnOf(all, by)).map((cell, i) => [cell, i]));
		return (row: Row) => places.get(row[by] ?? null) ?? places.size;
	};
	const ranks = (sort !== undefined ? [sort] : front ? [] : axes).map(order);
	if (ranks.length > 0) {
		rows = [...rows].sort((a, b) => ranks.map((rank) => rank(a) - rank(b)).find((difference) => difference !== 0) ?? 0);
	}
	if (flag(given, "json")) return print(JSON.stringify(rows, undefined, "\t"));
	const top = count(given, "top", 1) ?? 50;
	const hidden: readonly string[] = ["key", "status", ...PROVENANCE.filter((name) => name !== "error" || failed === 0)];
	const wanted = list(given, "columns").map((name) => columnOf(all, name));
	const names = wanted.length > 0 ? wanted : columnNames(rows).filter((name) => !hidden.includes(name));
	const cells = rows
		.slice(0, top)
		.map((row) => names.map((name) => (row[name] === null && name === "error" ? "" : shown(row[name]))));
	print(
		table(
			names.map((title) => ({ title })),
			cells,
			(text, row) => (row < 0 ? out.dim(text) : text),
		).join("\n"),
	);
	if (rows.length > top) note(`${rows.length - top} more rows: --top ${rows.length}`);
}

function parts(given: Given, name: string, least: number, most: number): string[] | undefined {
	const text = one(given, name);
	if (text === undefined) return undefined;
	const found = text.split(",");
	if (found.length >= least && found.length <= most) return found;
	throw wrongCall(
		`--${name} is ${JSON.stringify(text)}: write ${String((args[name] as { valueHint: string }).valueHint)}`,
		`--${name}`,
	);
}
