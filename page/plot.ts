// Lines over an axis, as SVG.

import { h, s } from "./dom.ts";

export interface Series {
	name: string;
	/** Number of its colour. */
	colour: number;
	points: readonly (readonly [x: number, y: number])[];
	/** Between which the truth lies. */
	band?: readonly (readonly [x: number, low: number, high: number])[];
}

export interface Mark {
	x: number;
	label: string;
	colour: number;
}

export interface PlotOptions {
	label: string;
	xLabel: (x: number) => string;
	yLabel: (y: number) => string;
	log?: boolean;
	/** Values at which the axis is marked. */
	ticks?: readonly number[];
	marks?: readonly Mark[];
	/** Of its coordinates: a wide plot has smaller letters in it. */
	width?: number;
	height?: number;
}

const LEFT = 64;
const RIGHT = 12;
const BOTTOM = 24;
const TOP = 10;

/** Always as large as it was: only what is in it changes. */
export function plot(series: readonly Series[], options: PlotOptions): SVGElement {
	const { label, xLabel, yLabel, log, marks = [], width = 640, height = 170 } = options;
	const xs = series.flatMap(({ points }) => points.map(([x]) => x));
	const ys = series.flatMap(({ points, band = [] }) => [
		...points.map(([, y]) => y),
		...band.map(([, , high]) => high),
	]);
	const least = log ? Math.max(1, Math.min(...xs)) : 0;
	const most = Math.max(...xs, log ? least * 2 : 1e-12);
	const top = Math.max(...ys, 1e-12);
	const x = (value: number) => {
		const part = log ? Math.log(value / least) / Math.log(most / least) : value / most;
		return LEFT + part * (width - LEFT - RIGHT);
	};
	const y = (value: number) => TOP + (1 - Math.min(1, value / top)) * (height - TOP - BOTTOM);
	const path = (points: readonly (readonly [number, number])[]) =>
		points.map(([a, b], i) => `${i === 0 ? "M" : "L"}${x(a).toFixed(1)} ${y(b).toFixed(1)}`).join("");
	// Nothing is drawn yet that an axis could be of.
	const none = xs.length === 0;
	const ticks = none ? [] : (options.ticks?.filter((value) => value >= least && value <= most) ?? [least, most]);
	return s(
		"svg",
		{ class: "plot", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
		[0, 0.5, 1].map((part) => [
			s("line", { class: "rule", x1: LEFT, x2: width - RIGHT, y1: y(top * part), y2: y(top * part) }),
			s("text", { x: LEFT - 6, y: y(top * part) + 4, "text-anchor": "end" }, none ? "" : yLabel(top * part)),
		]),
		ticks.map((value, i) =>
			s(
				"text",
				{ x: x(value), y: height - 6, "text-anchor": i === 0 ? "start" : i === ticks.length - 1 ? "end" : "middle" },
				xLabel(value),
			),
		),
		marks
			.filter((mark) => mark.x >= least && mark.x <= most)
			.map((mark) =>
				s(
					"g",
					{ class: `series c${mark.colour}` },
					s("line", { class: "mark", x1: x(mark.x), x2: x(mark.x), y1: TOP, y2: height - BOTTOM }),
					s("text", { class: "mark-label", x: x(mark.x) + 3, y: TOP + 10 + 12 * mark.colour }, mark.label),
				),
			),
		series.map(({ points, band, colour, name }) =>
			s(
				"g",
				{ class: `series c${colour}` },
				band &&
					band.length > 1 &&
					s("path", {
						class: "band",
						d: `${path(band.map(([a, , high]) => [a, high] as const))}${path([...band].reverse().map(([a, low]) => [a, low] as const)).replace("M", "L")}Z`,
					}),
				s("path", { class: "line", d: path(points) }, s("title", {}, name)),
			),
		),
	);
}

export function legend(names: readonly string[]): HTMLElement {
	return h(
		"ul",
		{ class: "legend" },
		names.map((name, i) =>
			h(
				"li",
				{ class: `series c${i}` },
				s("svg", { viewBox: "0 0 24 8", "aria-hidden": "true" }, s("path", { class: "line", d: "M0 4L24 4" })),
				name,
			),
		),
	);
}
