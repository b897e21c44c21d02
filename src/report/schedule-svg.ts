import type { Checked } from "../check/run.ts";
import { escaped } from "./escaped.ts";
import { type Chart, chartOf, fold, laneTitle } from "./schedule.ts";
import { line, n, type Picture, rect, svgDocument } from "./svg.ts";

/** Pixels; the type has letters of one width. */
const LETTER = 7.25;
const LINE = 17;
const MARGIN = 24;
const LANE = 30;
const STALE = 30;
const PAD = 8;
const STEP = 34;

/** A schedule as a picture: a document of its own, without scripts or anything from elsewhere. */
export function scheduleSvg(checked: Checked): string {
	return svgDocument(schedulePicture(chartOf(checked)));
}

export function schedulePicture({ title, lanes, rows, story }: Omit<Chart, "causes">): Picture {
	const anyStale = rows.some(({ stale }) => (stale ?? []).length > 0);
	const laneWidth = LANE * LETTER + 2 * PAD;
	const laneAt = (lane: number) => MARGIN + STEP + lane * (laneWidth + MARGIN);
	const staleAt = laneAt(lanes.length) + PAD;
	const width = anyStale ? staleAt + STALE * LETTER + 2 * PAD + MARGIN : laneAt(lanes.length);
	const out: string[] = [];
	let y = MARGIN + LINE;
	for (const one of fold(title, Math.floor((width - 2 * MARGIN) / (LETTER * 1.15)))) {
		out.push(text(MARGIN, y, one, "title"));
		y += LINE * 1.3;
	}
	y += LINE / 2;
	const heads = lanes.map((lane) => fold(laneTitle(lane), LANE));
	const headLines = Math.max(...heads.map(({ length }) => length));
	for (const [i, lines] of heads.entries()) {
		for (const [at, one] of lines.entries()) out.push(text(laneAt(i) + laneWidth / 2, y + at * LINE, one, "head"));
	}
	if (anyStale) out.push(text(staleAt + PAD, y, "stale now", "head left"));
	y += headLines * LINE;
	const top = y - LINE / 2;
	const boxes: string[] = [];
	/** Where something is stale: from, to, and what. */
	let stale: { from: number; lines: string[] } | undefined;
	const band = (to: number) => {
		if (!stale) return;
		boxes.push(rect(staleAt, stale.from, STALE * LETTER + 2 * PAD, to - stale.from - 4, "stale"));
		for (const [at, one] of stale.lines.entries())
			boxes.push(text(staleAt + PAD, stale.from + LINE * (at + 1), one, "old"));
		stale = undefined;
	};
	for (const row of rows) {
		const lines = fold((row.spontaneous ? "~ " : "") + row.text, LANE);
		if (row.hazards.length > 0) lines.push(...fold(row.hazards.join(" + "), LANE));
		const news = row.stale?.flatMap((one) => fold(one, STALE));
		// What was stale before is written in full before something else begins.
		if (news !== undefined && stale) y = Math.max(y, stale.from + stale.lines.length * LINE + PAD + 4);
		if (news !== undefined) {
			band(y);
			if (news.length > 0) stale = { from: y, lines: news };
		}
		const height = lines.length * LINE + PAD;
		const kind = row.hazards.length > 0 ? "hazard" : row.cause ? "cause" : row.spontaneous ? "hardware" : "step";
		boxes.push(text(laneAt(0) - PAD, y + LINE, String(row.step), "number"));
		boxes.push(rect(laneAt(row.lane), y, laneWidth, height, row.spontaneous ? `${kind} spontaneous` : kind));
		const first = lines.length - (row.hazards.length > 0 ? fold(row.hazards.join(" + "), LANE).length : 0);
		for (const [at, one] of lines.entries())
			boxes.push(text(laneAt(row.lane) + PAD, y + LINE * (at + 1) - 1, one, at >= first ? "code" : "text"));
		y += height + 6;
	}
	if (stale) y = Math.max(y, stale.from + stale.lines.length * LINE + PAD + 4);
	band(y);
	for (const i of lanes.keys()) {
		const x = laneAt(i) + laneWidth / 2;
		out.push(line(x, top, x, y, "lane"));
	}
	out.push(...boxes);
	y += LINE * 1.5;
	for (const one of fold(story, Math.floor((width - 2 * MARGIN) / LETTER))) {
		out.push(text(MARGIN, y, one, "text"));
		y += LINE;
	}
	return { kind: "schedule", title, width, height: y + MARGIN - LINE / 2, parts: out };
}

function text(x: number, y: number, content: string, kind: string): string {
	return `<text x="${n(x)}" y="${n(y)}" class="${kind}">${escaped(content)}</text>`;
}
