import type { Checked } from "../check/run.ts";
import { type Chart, chartOf, fold, laneTitle, type Row } from "./schedule.ts";
import { plain, type Style } from "./style.ts";
import { PAGE } from "./table.ts";

/** How a schedule is printed. */
export interface ScheduleTextOptions {
	/** Columns of the page (default 100). */
	width?: number;
	style?: Style;
	/** The title above it (default true). */
	title?: boolean;
}

/** Narrower lanes are hard to read. */
const NARROWEST = 20;
const STALE = "stale now";
const GAP = 2;

/** A schedule on a terminal: lanes beside each other, or below each other where the page is too narrow for that. */
export function scheduleText(checked: Checked, options: ScheduleTextOptions = {}): string {
	const { width = PAGE, style = plain, title = true } = options;
	const chart = chartOf(checked);
	const head = title ? [style.bold(chart.title), ""] : [];
	const body = beside(chart, width, style) ?? below(chart, width, style);
	const story = fold(chart.story, Math.min(width, PAGE));
	return [...head, ...body, "", ...story].map((line) => line.trimEnd()).join("\n");
}

/** The look of a step's text. */
function paint(row: Row, text: string, style: Style): string {
	if (row.hazards.length > 0) return style.red(text);
	if (row.spontaneous) return style.yellow(text);
	return row.cause ? style.bold(text) : text;
}

function textOf(row: Row): string {
	const mark = row.spontaneous ? "~ " : "";
	return row.hazards.length > 0 ? `${mark}${row.text} *** ${row.hazards.join(" + ")}` : mark + row.text;
}

function beside({ lanes, rows }: Chart, width: number, style: Style): string[] | undefined {
	const digits = Math.max(2, String(rows.length).length);
	const anyStale = rows.some(({ stale }) => (stale ?? []).length > 0);
	const longest = Math.max(STALE.length, ...rows.flatMap(({ stale }) => (stale ?? []).map(({ length }) => length)));
	const right = anyStale ? Math.min(longest, Math.max(NARROWEST, Math.floor(width * 0.3))) : 0;
	const room = width - digits - (anyStale ? right + GAP : 0);
	const fair = Math.floor(room / lanes.length) - GAP;
	if (fair < NARROWEST) return undefined;
	const widths = lanes.map((lane, number) => {
		const texts = rows.filter((row) => row.lane === number).map((row) => textOf(row).length);
		return Math.min(fair, Math.max(laneTitle(lane).length, ...texts));
	});
	const line = (number: string, cells: string[], stale: string) =>
		[style.dim(number.padStart(digits)), ...cells, ...(anyStale ? [stale] : [])].join(" ".repeat(GAP));
	const out: string[] = [];
	const titles = lanes.map((lane, number) => fold(laneTitle(lane), widths[number]!));
	for (let i = 0; i < Math.max(...titles.map(({ length }) => length)); i++) {
		const cells = titles.map((lines, number) => style.bold((lines[i] ?? "").padEnd(widths[number]!)));
		out.push(line("", cells, i === 0 ? style.bold(STALE) : ""));
	}
	let stale = 0;
	for (const row of rows) {
		const texts = fold(textOf(row), widths[row.lane]!);
		const news = row.stale === null ? [] : row.stale.length > 0 ? row.stale.flatMap((one) => fold(one, right)) : ["-"];
		if (row.stale !== null) stale = row.stale.length;
		for (let i = 0; i < Math.max(texts.length, news.length); i++) {
			const cells = lanes.map((_, number) => {
				const text = number === row.lane ? (texts[i] ?? "") : "";
				const space = " ".repeat(widths[number]! - text.length);
				return text === "" ? style.dim("|") + space.slice(1) : paint(row, text, style) + space;
			});
			const beside = news[i] ?? (row.stale === null && stale > 0 ? style.dim(":") : "");
			out.push(line(i === 0 ? String(row.step) : "", cells, row.stale === null ? beside : style.red(beside)));
		}
	}
	return out;
}

function below({ lanes, rows }: Chart, width: number, style: Style): string[] {
	const digits = Math.max(2, String(rows.length).length);
	const names = Math.max(...lanes.map(({ name }) => name.length));
	const indent = digits + names + 2 * GAP;
	const room = Math.max(NARROWEST, width - indent);
	const out = lanes.flatMap((lane) => fold(laneTitle(lane), width)).map(style.bold);
	for (const row of rows) {
		const before = `${style.dim(String(row.step).padStart(digits))}  ${lanes[row.lane]!.name.padEnd(names)}  `;
		for (const [i, text] of fold(textOf(row), room).entries())
			out.push((i === 0 ? before : " ".repeat(indent)) + paint(row, text, style));
		if (row.stale === null) continue;
		const now = row.stale.length > 0 ? `${STALE}: ${row.stale.join("; ")}` : "nothing is stale any more";
		for (const text of fold(now, room)) out.push(" ".repeat(indent) + style.red(text));
	}
	return out;
}
