import { escaped } from "./escaped.ts";
import { ORDERS, type Series, scaleOf, tick } from "./plot-text.ts";
import { colourOf, line, n, type Picture, rect, svgDocument } from "./svg.ts";

const WIDTH = 640;
const HEIGHT = 320;
const LEFT = 64;
const RIGHT = 24;
const TOP = 52;
const BOTTOM = 48;
/** A line of the legend. */
const LINE = 18;
/** Pixels that a character takes, about. */
const LETTER = 6.6;
/** Labels of an axis are at least so far apart. */
const APART = { x: 12, y: 22 };
/** More points than that are a line without dots. */
const MOST_DOTS = 40;

export interface LinesOptions {
	/** What is across and what is up. */
	axes?: readonly [x: string, y: string];
	/** How numbers are written. */
	ticks?: { x?: (value: number) => string; y?: (value: number) => string };
	/** The lower end of the axis upwards is 0. */
	fromZero?: boolean;
	/** Whether the axis across is logarithmic (default: where it goes over several orders). */
	logarithmic?: boolean;
	height?: number;
}

/** Curves as a picture: a document of its own, without scripts or anything from elsewhere. */
export function linesSvg(title: string, series: readonly Series[], options: LinesOptions = {}): string {
	return svgDocument(linesPicture(title, series, options));
}

export function linesPicture(
	title: string,
	series: readonly Series[],
	{ axes = ["", ""], ticks = {}, fromZero = false, logarithmic, height: plot = HEIGHT }: LinesOptions = {},
): Picture {
	const points = series.flatMap(({ points }) => points);
	const xs = points.map(([x]) => x);
	const ys = [...points.map(([, y]) => y), ...(fromZero ? [0] : [])];
	const across = scaleOf(xs, logarithmic === undefined ? ORDERS.x : logarithmic ? 1 : Number.POSITIVE_INFINITY);
	const up = scaleOf(ys, ORDERS.y);
	const bottom = plot - BOTTOM;
	const x = (value: number) => LEFT + across(value) * (WIDTH - LEFT - RIGHT);
	const y = (value: number) => bottom - up(value) * (bottom - TOP);
	const upwards = labelled([...between(ys), ...ends(ys)], y, APART.y);
	const { x: textX = (value) => tick(value), y: textY = exact(upwards) } = ticks;
	const parts: string[] = [];
	const widest = Math.max(...xs.map((value) => textX(value).length)) * LETTER;
	for (const value of labelled(xs, x, widest + APART.x)) {
		const label = textX(value);
		const middle = Math.min(x(value), WIDTH - (label.length * LETTER) / 2);
		parts.push(line(x(value), bottom, x(value), bottom + 4, "axis"), text(middle, bottom + 18, label, "middle"));
	}
	for (const value of upwards) {
		parts.push(
			line(LEFT, y(value), WIDTH - RIGHT, y(value), "grid"),
			text(LEFT - 8, y(value) + 4, textY(value), "end"),
		);
	}
	parts.push(line(LEFT, bottom, WIDTH - RIGHT, bottom, "axis"), line(LEFT, TOP, LEFT, bottom, "axis"));
	parts.push(text((LEFT + WIDTH - RIGHT) / 2, bottom + 36, axes[0], "middle"), text(8, TOP - 14, axes[1], "start"));
	for (const [i, { name, points }] of series.entries()) {
		const path = points.map(([a, b]) => `${n(x(a))},${n(y(b))}`).join(" ");
		parts.push(`<polyline points="${path}" class="${colourOf(i)}"/>`);
		if (points.length > MOST_DOTS) continue;
		for (const [a, b] of points) {
			const told = escaped(`${name}: ${textX(a)}, ${textY(b)}`);
			parts.push(
				`<circle cx="${n(x(a))}" cy="${n(y(b))}" r="3" class="${colourOf(i)}"><title>${told}</title></circle>`,
			);
		}
	}
	let at = LEFT;
	let height = plot + (series.length > 1 ? LINE - 12 : -LINE);
	for (const [i, { name }] of series.length > 1 ? series.entries() : []) {
		const width = 18 + name.length * LETTER + 16;
		if (at > LEFT && at + width > WIDTH) {
			at = LEFT;
			height += LINE;
		}
		parts.push(rect(at, height - 6, 12, 4, colourOf(i)), text(at + 18, height, name, "start"));
		at += width;
	}
	return { kind: "plot", title, width: WIDTH, height: height + 12, parts: [heading(title), ...parts] };
}

/** Those of the values of an axis, ends first, whose labels leave the others room. */
function labelled(values: readonly number[], at: (value: number) => number, room: number): number[] {
	const kept: number[] = [];
	for (const value of new Set([...ends(values), ...values]))
		if (kept.every((other) => Math.abs(at(other) - at(value)) >= room)) kept.push(value);
	return kept;
}

/** With as many digits as tell these apart. */
function exact(values: readonly number[]): (value: number) => string {
	const digits = [3, 4, 5, 6].find(
		(digits) => new Set(values.map((value) => tick(value, digits))).size === values.length,
	);
	return (value) => tick(value, digits ?? 7);
}

function ends(values: readonly number[]): number[] {
	return [Math.min(...values), Math.max(...values)];
}

/** Round numbers between the ends. */
function between(values: readonly number[]): number[] {
	const [low, high] = ends(values) as [number, number];
	if (low > 0 && high / low > ORDERS.y) {
		const first = Math.ceil(Math.log10(low));
		return Array.from({ length: Math.max(0, Math.floor(Math.log10(high)) - first + 1) }, (_, i) => 10 ** (first + i));
	}
	const size = 10 ** Math.floor(Math.log10((high - low) / 4 || 1));
	const step = size * ([1, 2, 5, 10].find((times) => (high - low) / (size * times) <= 5) ?? 10);
	const first = Math.ceil(low / step);
	return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
}

/** A name, what it comes to, and how that is written. */
export interface Bar {
	name: string;
	value: number;
	text: string;
}

/** Bars as a picture. */
export function barsSvg(title: string, bars: readonly Bar[]): string {
	return svgDocument(barsPicture(title, bars));
}

export function barsPicture(title: string, bars: readonly Bar[]): Picture {
	const top = 40;
	const most = Math.max(...bars.map(({ value }) => value));
	const parts = bars.flatMap(({ name, value, text: told }, i) => {
		const width = most > 0 ? (value / most) * (WIDTH - 320) : 0;
		const y = top + i * 22;
		return [
			text(200, y + 13, name, "end"),
			rect(208, y, width, 16, colourOf(0)),
			text(214 + width, y + 13, told, "start"),
		];
	});
	const height = top + bars.length * 22 + 16;
	return { kind: "plot", title, width: WIDTH, height, parts: [heading(title), ...parts] };
}

function heading(title: string): string {
	return `<text x="8" y="18" class="title">${escaped(title)}</text>`;
}

function text(x: number, y: number, words: string, anchor: "start" | "middle" | "end"): string {
	return words === "" ? "" : `<text x="${n(x)}" y="${n(y)}" text-anchor="${anchor}">${escaped(words)}</text>`;
}
