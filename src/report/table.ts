/** Columns that a page of text has. */
export const PAGE = 100;
const GAP = "  ";

export interface Column {
	title: string;
	/** Numbers stand right, words left. */
	align?: "left" | "right";
	/** The title stands over so many columns, this one the last (default 1); those before it have none. */
	span?: number;
}

/** A table as data. */
export interface Sheet {
	columns: readonly Column[];
	rows: readonly (readonly string[])[];
	/** Rows that are titles of those below. */
	headings?: ReadonlySet<number>;
}

/** Words, which stand left. */
export function left(title: string): Column {
	return { title, align: "left" };
}

/** Numbers, which stand right. */
export function right(...titles: string[]): Column[] {
	return titles.map((title) => ({ title }));
}

/** What a cell looks like, after it was made as wide as its column. */
export type Paint = (text: string, row: number, column: number) => string;

/** Aligned columns under their titles; columns in which every cell is empty are left out. */
export function table(
	columns: readonly Column[],
	rows: readonly (readonly string[])[],
	paint: Paint = (text) => text,
): string[] {
	const used = columns.flatMap((_, i) => (rows.some((row) => row[i]) ? [i] : []));
	const widths = columns.map((_, i) => Math.max(0, ...rows.map((row) => lengthOf(row[i] ?? ""))));
	/** The columns that a title stands over. */
	const under = (i: number) => used.filter((j) => j <= i && j > i - (columns[i]!.span ?? 1));
	const room = (i: number) => under(i).reduce((sum, j) => sum + widths[j]! + GAP.length, -GAP.length);
	for (const i of used) widths[i]! += Math.max(0, lengthOf(columns[i]!.title) - room(i));
	const align = (text: string, width: number, i: number) => {
		const space = " ".repeat(Math.max(0, width - lengthOf(text)));
		return columns[i]!.align === "left" ? text + space : space + text;
	};
	const line = (parts: string[]) => parts.join(GAP).trimEnd();
	const spanned = new Set(used.flatMap((i) => under(i).slice(0, -1)));
	const titles = used.filter((i) => !spanned.has(i)).map((i) => paint(align(columns[i]!.title, room(i), i), -1, i));
	const body = rows.map((cells, row) => line(used.map((i) => paint(align(cells[i] ?? "", widths[i]!, i), row, i))));
	return [line(titles), ...body];
}

/** The first of several ways to print something that fits the page, else the last. */
export function fitting(...ways: (() => string[])[]): string[] {
	let lines: string[] = [];
	for (const way of ways) {
		lines = way();
		if (lines.every((line) => lengthOf(line) <= PAGE)) break;
	}
	return lines;
}

/** Columns that a text takes on a terminal: without the codes that colour it. */
export function lengthOf(text: string): number {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the codes
	return [...text.replace(/\x1b\[\d+m/g, "")].length;
}

/** Words in lines of at most `width` columns. */
export function wrap(text: string, width: number): string[] {
	const lines: string[] = [];
	let line = "";
	for (const word of text.split(/\s+/)) {
		if (line !== "" && line.length + 1 + word.length > width) {
			lines.push(line);
			line = word;
		} else line = line === "" ? word : `${line} ${word}`;
	}
	if (line !== "") lines.push(line);
	return lines;
}
