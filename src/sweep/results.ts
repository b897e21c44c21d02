import type { Cell } from "./columns.ts";

/** One point: its key, whether it is ok or failed, its place on the axes, what came out, why not, and from what. */
export type Row = { key: string; status: "ok" | "failed"; error: string | null } & Record<string, Cell>;

/** Form of a file of results. */
export type ResultFormat = "parquet" | "csv" | "json";
/** Forms of files of results. */
export const RESULT_FORMATS: readonly ResultFormat[] = ["parquet", "csv", "json"];

/** Where a row comes from: the last columns. */
export const PROVENANCE = ["error", "verb", "base", "input", "stalemate"] as const;

/** By content key: the same whatever order they came in. */
export function sorted(rows: Iterable<Row>): Row[] {
	return [...rows].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** All columns of rows that are sorted: those of the first row first, provenance last. */
export function columnNames(rows: readonly Row[]): string[] {
	const names = new Set<string>();
	for (const row of rows) for (const name of Object.keys(row)) names.add(name);
	const last: readonly string[] = PROVENANCE;
	return [...[...names].filter((name) => !last.includes(name)), ...last.filter((name) => names.has(name))];
}

/** The bytes of a file of results. */
export async function encoded(rows: readonly Row[], format: ResultFormat): Promise<Uint8Array> {
	const text = new TextEncoder();
	if (format === "json") return text.encode(`[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]\n`);
	const names = columnNames(rows);
	if (format === "csv") {
		const lines = [names, ...rows.map((row) => names.map((name) => row[name] ?? null))];
		return text.encode(lines.map((cells) => `${cells.map(csvCell).join(",")}\n`).join(""));
	}
	const { parquetWriteBuffer } = await import("hyparquet-writer");
	const columnData = names.map((name) => {
		const data = rows.map((row) => row[name] ?? null);
		const type = parquetType(data);
		const as = {
			INT64: (cell: Cell) => BigInt(cell as number),
			STRING: String,
			BOOLEAN: (cell: Cell) => cell,
			DOUBLE: (cell: Cell) => cell,
		};
		return { name, type, nullable: true, data: data.map((cell) => (cell === null ? null : as[type](cell))) };
	});
	return new Uint8Array(parquetWriteBuffer({ columnData }));
}

/** The rows of a file of results, as far as the format tells what they were. */
export async function decodeResults(bytes: Uint8Array, format: ResultFormat): Promise<Record<string, Cell>[]> {
	if (format === "parquet") {
		const { parquetReadObjects } = await import("hyparquet");
		const { buffer, byteOffset, byteLength } = bytes;
		const rows = await parquetReadObjects({ file: buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer });
		const cell = (value: unknown) => (typeof value === "bigint" ? Number(value) : ((value ?? null) as Cell));
		return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cell(value)])));
	}
	const text = new TextDecoder().decode(bytes);
	if (format === "json") return JSON.parse(text);
	const [names = [], ...rows] = csvLines(text);
	return rows.map((cells) => Object.fromEntries(names.map((name, i) => [name, cellOf(cells[i] ?? "")])));
}

function csvLines(text: string): string[][] {
	const lines: string[][] = [[]];
	for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
		lines.at(-1)!.push(quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'));
		if (end !== ",") lines.push([]);
	}
	// After the last line there is nothing.
	return lines.filter((cells) => cells.some((cell) => cell !== ""));
}

/** CSV does not tell what a cell was. */
function cellOf(text: string): Cell {
	if (text === "") return null;
	if (text === "true" || text === "false") return text === "true";
	const value = Number(text);
	return Number.isFinite(value) && text.trim() !== "" && !/^0[xb]/i.test(text) ? value : text;
}

function parquetType(cells: Cell[]): "INT64" | "DOUBLE" | "BOOLEAN" | "STRING" {
	const there = cells.filter((cell) => cell !== null);
	if (there.length === 0) return "STRING";
	if (there.every((cell) => typeof cell === "boolean")) return "BOOLEAN";
	if (!there.every((cell) => typeof cell === "number")) return "STRING";
	return there.every((cell) => Number.isSafeInteger(cell)) ? "INT64" : "DOUBLE";
}

function csvCell(cell: Cell): string {
	if (cell === null) return "";
	const text = String(cell);
	return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
