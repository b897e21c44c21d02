import type { Cell, Grid, Section, Table } from "../reproduce/cells.ts";
import type { Reproduction } from "../reproduce/reproduce.ts";
import { breakdownText, shareBars } from "./breakdown.ts";
import { bulleted, folded, type Html, type Section as PageSection, paragraph, pictures, sheet } from "./html.ts";
import { barsPicture, linesPicture } from "./plot-svg.ts";
import { linesText } from "./plot-text.ts";
import { plain, type Style } from "./style.ts";
import { type Picture, svgDocument } from "./svg.ts";
import { left, PAGE, right, type Sheet, table, wrap } from "./table.ts";

export interface ReproductionTextOptions {
	style?: Style;
	width?: number;
	/** Notes, breakdowns and plots, too (default yes). */
	long?: boolean;
}

/** The tables as people read them. */
export function reproductionText(
	{ sections }: Reproduction,
	{ style = plain, width = PAGE, long = true }: ReproductionTextOptions = {},
): string[] {
	return sections.flatMap((section, i) => [...(i > 0 ? [""] : []), ...sectionText(section, style, width, long)]);
}

function sectionText(section: Section, style: Style, width: number, long: boolean): string[] {
	const { id, title, profile, tables, notApplicable, standsIn = [] } = section;
	const lines = [style.bold(`${id}  ${title}`), style.dim(`    on ${profile}`)];
	if (notApplicable !== undefined) lines.push("", ...reason(notApplicable, width));
	if (long)
		for (const why of standsIn)
			lines.push(...wrap(`Stands in: ${why}.`, Math.min(width, PAGE) - 4).map((line) => style.dim(`    ${line}`)));
	for (const one of tables) lines.push("", ...tableText(one, style, width, long));
	return lines;
}

function tableText(one: Table, style: Style, width: number, long: boolean): string[] {
	const lines = [one.title];
	if (one.notApplicable !== undefined) return [...lines, ...reason(one.notApplicable, width)];
	const { columns, rows } = one.grid ? gridSheet(one.grid, one.cells) : cellsSheet(one, long);
	lines.push(...table(columns, rows, (text, row) => (row < 0 ? style.dim(text) : text)).map((line) => `  ${line}`));
	if (!long) return lines;
	if (one.breakdown)
		lines.push("", `  Where the time goes (${one.breakdown.of}):`, ...breakdownText(one.breakdown.shares, width));
	if (one.series?.some(({ points }) => points.length > 1))
		lines.push(
			"",
			...linesText(`  ${one.title}`, one.series, { width: Math.min(width, 90), ...(one.axes && { axes: one.axes }) }),
		);
	for (const note of one.notes)
		lines.push(...wrap(note, Math.min(width, PAGE) - 4).map((line) => style.dim(`    ${line}`)));
	return lines;
}

function reason(why: string, width: number): string[] {
	return wrap(`Not applicable: ${why}`, Math.min(width, PAGE) - 2).map((line) => `  ${line}`);
}

/** The plots and breakdowns of a table, as documents. */
export function tableSvgs(id: string, table: Table): string[] {
	return tablePictures(id, table).map(svgDocument);
}

function tablePictures(id: string, { title, series, axes, breakdown }: Table): Picture[] {
	return [
		...(series?.some(({ points }) => points.length > 1)
			? [linesPicture(`${id}: ${title}`, series, { ...(axes && { axes }) })]
			: []),
		...(breakdown ? [barsPicture(`${id}: ${breakdown.of}`, shareBars(breakdown.shares))] : []),
	];
}

/** Each section with all its figures. */
export function reproductionSections({ sections }: Reproduction): PageSection[] {
	return sections.map(({ id, title, profile, tables, notApplicable, standsIn = [] }) => {
		const parts = tables.flatMap((one): Html[] => {
			if (one.notApplicable !== undefined) return [paragraph(`${one.title}: not applicable. ${one.notApplicable}`)];
			const cells = sheet(one.title, cellsSheet(one, true));
			const figures = one.grid
				? [
						sheet(`${one.title}: (published) simulated`, gridSheet(one.grid, one.cells)),
						folded("Errors and how each is known", [cells]),
					]
				: [cells];
			return [...figures, ...pictures(tablePictures(id, one)), ...(one.notes.length > 0 ? [bulleted(one.notes)] : [])];
		});
		const why = notApplicable === undefined ? [] : [paragraph(`Not applicable: ${notApplicable}`)];
		return {
			title: `${id}  ${title}`,
			parts: [
				paragraph(`on ${profile}`, "dim"),
				...why,
				...standsIn.map((what) => paragraph(`Stands in: ${what}.`)),
				...parts,
			],
		};
	});
}

export function cellsSheet(one: Table, long: boolean): Sheet {
	const anyAs = one.cells.some(({ asPublished }) => asPublished !== undefined);
	const rows = one.cells.map((cell) => [
		cell.label,
		cell.published === null ? "" : figure(cell.published, cell),
		cell.printed === undefined ? "" : figure(cell.printed, cell),
		cell.asPublished === undefined ? "" : figure(cell.asPublished, cell),
		figure(cell.simulated, cell),
		cell.error === null ? "" : signed(cell.error, cell),
		cell.leaveOneOut === undefined ? "" : cell.leaveOneOut === null ? "n. i." : signed(cell.leaveOneOut, cell),
		cell.unit,
		cell.interval ? `${figure(cell.interval[0], cell)} to ${figure(cell.interval[1], cell)}` : "",
		cell.basis,
		long ? (cell.note ?? "") : "",
	]);
	const columns = [
		left(""),
		...right("published", "printed", "measured machine", anyAs ? "this machine" : "simulated", "error", "left out"),
		left(""),
		...right("90 %"),
		left("basis"),
		left(""),
	];
	return { columns, rows };
}

/** Figures side by side, what was published in brackets. */
function gridSheet({ columns, rows }: Grid, cells: readonly Cell[]): Sheet {
	const all = new Map(cells.map((cell) => [cell.id, cell]));
	const told = (id: string) => {
		const cell = all.get(id);
		if (!cell) return "";
		const beside = cell.published ?? cell.asPublished;
		return `${beside === undefined ? "" : `(${figure(beside, cell)}) `}${figure(cell.simulated, cell)}`;
	};
	return {
		columns: [left(""), ...right(...columns), left("")],
		rows: rows.map(({ label, ids, note = "" }) => [label, ...ids.map(told), note]),
	};
}

/** Rates are published to one decimal, and nanoseconds are not known better. */
export function figure(value: number, { unit, decimals: known }: Pick<Cell, "unit" | "decimals">): string {
	if (known !== undefined && known < 0) return (Math.round(value * 10 ** known) / 10 ** known).toFixed(0);
	const decimals =
		known !== undefined
			? known
			: unit === "s"
				? 3
				: unit === "" && Number.isInteger(value)
					? 0
					: unit === ""
						? 2
						: unit === "cycles"
							? 0
							: 1;
	return value.toFixed(decimals);
}

/** With its sign, but nothing is neither more nor less. */
export function signed(value: number, cell: Cell): string {
	const text = figure(value, cell);
	return value > 0 && !/^[0.]+$/.test(text) ? `+${text}` : text.replace(/^-(0(\.0+)?)$/, "$1");
}
