import type { Checked } from "../check/run.ts";
import { escaped } from "./escaped.ts";
import { chartOf, fold, laneTitle } from "./schedule.ts";

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
	const { title, lanes, rows, story } = chartOf(checked);
	const anyStale = rows.some(({ stale }) => (stale ?? []).length > 0);
	const laneWidth = LANE * LETTER + 2 * PAD;
	const laneAt = (lane: number) => MARGIN + STEP + lane * (laneWidth + MARGIN);
	const staleAt = laneAt(lanes.length) + PAD;
	const width = anyStale ? staleAt + STALE * LETTER + 2 * PAD + MARGIN : laneAt(lanes.length);
	const out: string[] = [];
	let y = MARGIN + LINE;
	for (const line of fold(title, Math.floor((width - 2 * MARGIN) / (LETTER * 1.15)))) {
		out.push(text(MARGIN, y, line, "title"));
		y += LINE * 1.3;
	}
	y += LINE / 2;
	const heads = lanes.map((lane) => fold(laneTitle(lane), LANE));
	const headLines = Math.max(...heads.map(({ length }) => length));
	for (const [i, lines] of heads.entries()) {
		for (const [n, line] of lines.entries()) out.push(text(laneAt(i) + laneWidth / 2, y + n * LINE, line, "head"));
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
		for (const [n, line] of stale.lines.entries())
			boxes.push(text(staleAt + PAD, stale.from + LINE * (n + 1), line, "old"));
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
		for (const [n, line] of lines.entries())
			boxes.push(text(laneAt(row.lane) + PAD, y + LINE * (n + 1) - 1, line, n >= first ? "code" : "text"));
		y += height + 6;
	}
	if (stale) y = Math.max(y, stale.from + stale.lines.length * LINE + PAD + 4);
	band(y);
	for (const i of lanes.keys()) {
		const x = laneAt(i) + laneWidth / 2;
		out.push(`<line x1="${n(x)}" y1="${n(top)}" x2="${n(x)}" y2="${n(y)}" class="lane"/>`);
	}
	out.push(...boxes);
	y += LINE * 1.5;
	for (const line of fold(story, Math.floor((width - 2 * MARGIN) / LETTER))) {
		out.push(text(MARGIN, y, line, "text"));
		y += LINE;
	}
	const height = y + MARGIN - LINE / 2;
	const size = `width="${n(width)}" height="${n(height)}" viewBox="0 0 ${n(width)} ${n(height)}"`;
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${escaped(title)}">`,
		`<style>${STYLE}</style>`,
		`<rect width="100%" height="100%" fill="#fff"/>`,
		...out,
		"</svg>",
		"",
	].join("\n");
}

const STYLE = [
	"text{font:12px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1f2328;white-space:pre}",
	".title{font-weight:700;font-size:14px}.head{font-weight:700;text-anchor:middle}.head.left{text-anchor:start}",
	".number{fill:#818b98;text-anchor:end}.lane{stroke:#d1d9e0;stroke-width:2}",
	"rect{rx:4}.step{fill:#f6f8fa;stroke:#d1d9e0}.hardware{fill:#fff8e5;stroke:#d4a72c}",
	".cause{fill:#ddf4ff;stroke:#0969da;stroke-width:1.5}.hazard{fill:#ffebe9;stroke:#cf222e;stroke-width:2}",
	".spontaneous{stroke-dasharray:4 3}.code{fill:#cf222e;font-weight:700}",
	".stale{fill:#fff1f0;stroke:#ffaba8}.old{fill:#a40e26}",
].join("");

function text(x: number, y: number, content: string, kind: string): string {
	return `<text x="${n(x)}" y="${n(y)}" class="${kind}">${escaped(content)}</text>`;
}

function rect(x: number, y: number, width: number, height: number, kind: string): string {
	return `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" class="${kind}"/>`;
}

function n(value: number): string {
	return String(Math.round(value * 10) / 10);
}
