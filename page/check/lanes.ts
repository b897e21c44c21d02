// A schedule: a lane for each CPU, what goes from one to the other, and what is stale from when on.

import { h } from "../dom.ts";
import type { Flow, Place } from "./flows.ts";
import type { ScheduleView } from "./types.ts";

const SIGNS: Record<Flow["kind"], string> = {
	interrupt: "interrupt",
	fill: "fill",
	victim: "clean victim",
	"write-back": "write-back",
	write: "write",
	invalidation: "invalidate",
	shootdown: "TLB drop",
};

interface Column {
	place: Place;
	name: string;
	actors: string[];
}

export interface Lanes {
	readonly element: HTMLElement;
	show(view: ScheduleView | null): void;
	/** Lights a step. */
	at(step: number): void;
}

export function lanes(jump: (step: number) => void): Lanes {
	const element = h("div", { class: "lanes" });
	let rows: HTMLElement[] = [];
	let lit: HTMLElement | undefined;
	/** Rows from here on come later. */
	let shown = 0;
	return {
		element,
		show(view) {
			rows = [];
			lit = undefined;
			shown = view?.chart.rows.length ?? 0;
			element.replaceChildren();
			if (!view) return;
			const columns = columnsOf(view);
			element.style.setProperty("--lanes", String(columns.length));
			const head = h(
				"div",
				{ class: "lane-row lane-head", "aria-hidden": "true" },
				h("span", { class: "number" }),
				columns.map(({ name, actors }, i) =>
					h("span", { vars: { "--lane": i } }, h("b", {}, name), " ", actors.join(", ")),
				),
				h("span", { class: "stale-head" }, "stale now"),
			);
			let stale: string[] = [];
			rows = view.chart.rows.map((row, i) => {
				stale = row.stale ?? stale;
				return rowOf(view, columns, i, stale, jump);
			});
			element.append(head, h("ol", { "aria-label": "Steps" }, rows));
		},
		at(step) {
			lit?.classList.remove("now");
			lit?.querySelector("button")?.removeAttribute("aria-current");
			for (let i = Math.min(shown, step); i < Math.max(shown, step); i++) rows[i]?.classList.toggle("later", i >= step);
			shown = step;
			lit = rows[step - 1];
			if (!lit) return;
			lit.classList.add("now");
			lit.querySelector("button")?.setAttribute("aria-current", "step");
			const box = lit.getBoundingClientRect();
			const around = element.getBoundingClientRect();
			if (box.top < around.top + 40) element.scrollTop -= around.top + 40 - box.top;
			else if (box.bottom > around.bottom) element.scrollTop += box.bottom - around.bottom + 8;
		},
	};
}

/** CPUs, what they share, and memory: those that take part. */
function columnsOf({ chart, flows }: ScheduleView): Column[] {
	const places = new Set<Place>(chart.lanes.map(({ cpu }) => cpu ?? "shared"));
	for (const { from, to } of flows.flat()) places.add(from).add(to);
	const order = (place: Place) => (place === "memory" ? 1000 : place === "shared" ? 999 : place);
	return [...places]
		.sort((a, b) => order(a) - order(b))
		.map((place) => {
			const lane = chart.lanes.find(({ cpu }) => (cpu ?? "shared") === place);
			return {
				place,
				name: lane?.name ?? (typeof place === "number" ? `CPU${place}` : place),
				actors: lane?.actors ?? [],
			};
		});
}

function rowOf(
	{ chart, flows }: ScheduleView,
	columns: Column[],
	i: number,
	stale: string[],
	jump: (step: number) => void,
): HTMLElement {
	const row = chart.rows[i]!;
	const column = (place: Place) => columns.findIndex((one) => one.place === place);
	const own = column(chart.lanes[row.lane]?.cpu ?? "shared");
	// As in the picture of the report.
	const kind = row.hazards.length > 0 ? "hazard" : row.cause ? "cause" : row.spontaneous ? "hardware" : "plain";
	const arrows = flows[i]!.filter(({ from, to }) => from !== to);
	const cells = [...new Array(columns.length).keys()].map((lane) =>
		h("i", { class: "rail", vars: { "--lane": lane } }),
	);
	const button = h(
		"button",
		{
			type: "button",
			class: `step ${kind}${row.spontaneous ? " spontaneous" : ""}`,
			vars: { "--lane": own },
			onclick: () => jump(row.step),
		},
		h("span", { class: "who" }, `${columns[own]?.name} `),
		row.spontaneous && h("span", { class: "mark", title: "the hardware does this unasked" }, "~ "),
		row.text,
		row.hazards.length > 0 && h("strong", {}, ` ${row.hazards.join(" + ")}`),
	);
	const flowing = arrows.map(({ kind, from, to, what }, n) => {
		const [a, b] = [column(from), column(to)];
		const name = (place: Place) => (typeof place === "number" ? `CPU${place}` : place);
		return h(
			"span",
			{
				class: `flow ${kind} ${a < b ? "right" : "left"}`,
				vars: { "--first": Math.min(a, b), "--span": Math.abs(a - b) + 1, "--row": n + 2 },
			},
			h("span", { class: "quiet-text" }, `${name(from)} to ${name(to)}: `),
			h("span", { class: "label" }, `${SIGNS[kind]} ${what}`),
		);
	});
	const old = h(
		"span",
		{ class: row.stale === null ? "stale-cell same" : "stale-cell" },
		row.stale !== null && h("span", { class: "stale-name" }, "stale now: "),
		row.stale === null ? "" : row.stale.length > 0 ? row.stale.map((one) => h("span", {}, one)) : "nothing",
	);
	return h(
		"li",
		{ class: `lane-row${stale.length > 0 ? " with-stale" : ""}`, vars: { "--rows": arrows.length + 1 } },
		h("span", { class: "number", "aria-hidden": "true" }, row.step),
		cells,
		button,
		flowing,
		old,
	);
}
