import type { CacheRow, TlbRow } from "../simulate/result.ts";
import { decimal, percent, short, whole } from "./numbers.ts";
import { byName, cacheSize, tlbSize } from "./rows.ts";
import { type Printed, traceLines } from "./single.ts";
import type { Style } from "./style.ts";
import { type Column, lengthOf, PAGE, type Sheet, table, wrap } from "./table.ts";

/** Several machines side by side, as many as fit the page; the others below. */
export function beside(all: Printed[], style: Style): string[] {
	const [first] = all;
	if (!first) return [];
	const names = all.map(({ profile }) => profile.id);
	const width = Math.max(...names.map(lengthOf));
	const lines = traceLines(first.result, style);
	lines.push("");
	all.forEach(({ profile }, i) => {
		const [title, ...more] = wrap(profile.title, PAGE - width - 2);
		lines.push(
			`${style.bold(names[i]!.padEnd(width))}  ${title ?? ""}`,
			...more.map((line) => " ".repeat(width + 2) + line),
		);
	});
	const { sets } = first.result.parameters;
	if (sets.length > 0) lines.push(style.dim(`with ${sets.join(", ")}`));
	for (let at = 0; at < all.length; ) {
		let count = all.length - at;
		let block = part(all.slice(at), style);
		while (count > 1 && block.some((line) => lengthOf(line) > PAGE)) block = part(all.slice(at, at + --count), style);
		lines.push("", ...block);
		at += count;
	}
	return lines;
}

function part(all: Printed[], style: Style): string[] {
	const { columns, rows, headings } = besideSheet(all);
	return table(columns, rows, (text, row, column) => {
		if (row < 0 || (column === 0 && !headings.has(row))) return style.bold(text);
		return headings.has(row) && row < rows.length - 1 ? style.dim(text) : text;
	});
}

/** Sizes, misses and ratios of each cache and TLB, and what a reference takes: three columns for each machine. */
export function besideSheet(all: readonly Printed[]): Required<Sheet> {
	const columns: Column[] = [{ title: "", align: "left" }];
	for (const { profile } of all) columns.push({ title: "" }, { title: "" }, { title: profile.id, span: 3 });
	const rows: string[][] = [];
	const headings = new Set<number>();
	const levels = (kind: "caches" | "tlbs", title: string) => {
		const found = all.map(({ result }) => byName<CacheRow | TlbRow>(result[kind]));
		const names = inOrder(found.map((list) => list.map(({ name }) => name)));
		if (names.length === 0) return;
		headings.add(rows.length);
		rows.push([title, ...all.flatMap(() => [kind === "caches" ? "size" : "entries", "misses", "ratio"])]);
		for (const name of names) {
			const cells = all.flatMap(({ machine }, i) => {
				const row = found[i]!.find((other) => other.name === name);
				if (!row) return ["", "–", ""];
				const size = kind === "caches" ? cacheSize(machine, name) : tlbSize(machine, name);
				return [size, number(row.misses), percent(row.missRatio)];
			});
			rows.push([name, ...cells]);
		}
	};
	levels("caches", "cache");
	rows.push([""]);
	levels("tlbs", "TLB");
	rows.push([""]);
	headings.add(rows.length);
	rows.push([
		"cycles per reference",
		...all.flatMap(({ result }) => {
			const { cycles } = result;
			return ["", cycles ? decimal(cycles.perReference) : "–", ""];
		}),
	]);
	return { columns, rows, headings };
}

/** Long numbers would leave no room for the neighbours. */
function number(value: number): string {
	return value >= 1e9 ? short(value) : whole(value);
}

/** All names of several lists, each where most of its list has it: inner levels before outer ones. */
function inOrder(lists: string[][]): string[] {
	const names = [...new Set(lists.flat())];
	const place = (name: string) => Math.max(...lists.map((list) => list.indexOf(name)));
	return names.sort((a, b) => place(a) - place(b));
}
