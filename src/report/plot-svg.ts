import { ORDERS, type Series, scaleOf, tick } from "./plot-text.ts";

const WIDTH = 640;
const HEIGHT = 360;
const LEFT = 64;
const RIGHT = 16;
const TOP = 40;
const BOTTOM = 64;
/** Told apart by people who see few colours, too. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/** Curves as a picture: a document of its own, without scripts or anything from elsewhere. */
export function linesSvg(
	title: string,
	series: readonly Series[],
	{ axes = ["", ""] }: { axes?: readonly [string, string] } = {},
): string {
	const points = series.flatMap(({ points }) => points);
	const xs = points.map(([x]) => x);
	const ys = points.map(([, y]) => y);
	const across = scaleOf(xs, ORDERS.x);
	const up = scaleOf(ys, ORDERS.y);
	const x = (value: number) => LEFT + across(value) * (WIDTH - LEFT - RIGHT);
	const y = (value: number) => HEIGHT - BOTTOM - up(value) * (HEIGHT - TOP - BOTTOM);
	const out: string[] = [];
	for (const value of new Set(xs)) {
		out.push(line(x(value), HEIGHT - BOTTOM, x(value), HEIGHT - BOTTOM + 4));
		out.push(text(x(value), HEIGHT - BOTTOM + 18, tick(value), "middle"));
	}
	for (const value of [Math.min(...ys), Math.max(...ys)]) {
		out.push(line(LEFT - 4, y(value), LEFT, y(value)));
		out.push(text(LEFT - 8, y(value) + 4, tick(value), "end"));
	}
	out.push(line(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM), line(LEFT, TOP, LEFT, HEIGHT - BOTTOM));
	out.push(
		text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 36, axes[0], "middle"),
		text(8, TOP - 8, axes[1], "start"),
	);
	for (const [i, { name, points }] of series.entries()) {
		const colour = COLOURS[i % COLOURS.length]!;
		const path = points.map(([a, b]) => `${fixed(x(a))},${fixed(y(b))}`).join(" ");
		out.push(`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`);
		for (const [a, b] of points)
			out.push(
				`<circle cx="${fixed(x(a))}" cy="${fixed(y(b))}" r="3" fill="${colour}"><title>${escaped(`${name}: ${tick(a)}, ${tick(b)}`)}</title></circle>`,
			);
		const at = LEFT + (i * (WIDTH - LEFT)) / series.length;
		out.push(`<rect x="${fixed(at)}" y="${HEIGHT - 18}" width="12" height="4" fill="${colour}"/>`);
		out.push(text(at + 18, HEIGHT - 12, name, "start"));
	}
	return picture(title, HEIGHT, out);
}

/** Bars as a picture. */
export function barsSvg(title: string, bars: readonly { name: string; value: number; text: string }[]): string {
	const most = Math.max(...bars.map(({ value }) => value));
	const height = TOP + bars.length * 22 + 16;
	const out = bars.flatMap(({ name, value, text: told }, i) => {
		const width = most > 0 ? (value / most) * (WIDTH - 320) : 0;
		const y = TOP + i * 22;
		return [
			text(200, y + 13, name, "end"),
			`<rect x="208" y="${y}" width="${fixed(width)}" height="16" fill="${COLOURS[0]}"/>`,
			text(214 + width, y + 13, told, "start"),
		];
	});
	return picture(title, height, out);
}

function picture(title: string, height: number, out: string[]): string {
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">`,
		"<style>text{font:12px sans-serif;fill:#222}line{stroke:#222}.title{font-weight:bold}svg{background:#fff}</style>",
		`<text x="${LEFT}" y="18" class="title">${escaped(title)}</text>`,
		...out,
		"</svg>",
		"",
	].join("\n");
}

function line(x1: number, y1: number, x2: number, y2: number): string {
	return `<line x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}"/>`;
}

function text(x: number, y: number, words: string, anchor: "start" | "middle" | "end"): string {
	return words === "" ? "" : `<text x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}">${escaped(words)}</text>`;
}

function fixed(value: number): string {
	return String(+value.toFixed(1));
}

function escaped(words: string): string {
	return words.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
