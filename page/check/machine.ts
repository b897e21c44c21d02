// The machine in one state: caches as grids, translations, page tables, memory, operations that are pending. Everything that
// any state of the schedule has keeps its place in all of them.

import { lineName } from "../../src/check/schedule.ts";
import type { StateItem } from "../../src/report/state.ts";
import { fill, h } from "../dom.ts";
import type { ScheduleView } from "./types.ts";

export interface MachinePanel {
	readonly element: HTMLElement;
	show(view: ScheduleView | null): void;
	at(step: number): void;
}

/** One thing of the machine, in all states. */
interface Thing {
	cell: HTMLElement;
	/** What it says in each state; undefined: it is not there. */
	texts: (string | undefined)[];
	stale: boolean[];
	/** Short forms, for cells of a grid. */
	short?: (Short | undefined)[];
	title: string;
	/** What it says now, and said before. */
	painted?: string;
}

interface Short {
	text: string;
	marks: string;
}

const LISTS = ["actors", "CPUs", "TLBs", "pending", "page tables", "pages", "variables"] as const;
const TITLES: Record<(typeof LISTS)[number], string> = {
	actors: "Programs",
	CPUs: "CPUs",
	TLBs: "TLBs",
	pending: "Pending operations",
	"page tables": "Page tables",
	pages: "Frames",
	variables: "Variables",
};

export function machine(jump: (step: number) => void): MachinePanel {
	const now = h("p", { class: "stale-now", role: "status" });
	const body = h("div", { class: "machine-body" });
	const trail = h("div", { class: "trail", tabindex: "0", role: "region", "aria-label": "Where it came from" });
	const element = h("div", { class: "machine-panel" }, now, body, trail);
	let view: ScheduleView | null = null;
	let things: Thing[] = [];
	let chosen: Thing | undefined;
	let step = 0;

	const choose = (thing: Thing) => {
		chosen?.cell.classList.remove("chosen");
		chosen = thing;
		thing.cell.classList.add("chosen");
		showTrail();
	};

	function showTrail(): void {
		if (!chosen || !view) {
			trail.replaceChildren(
				h("p", { class: "hint" }, "Choose a line, an entry or a variable: here is where it came from."),
			);
			return;
		}
		const { texts, title } = chosen;
		const changes = texts.flatMap((text, at) => (at === 0 || text !== texts[at - 1] ? [{ at, text }] : []));
		const rows = changes
			.filter(({ at, text }) => at > 0 || text !== undefined)
			.map(({ at, text }) => {
				const row = view!.chart.rows[at - 1];
				const by = at === 0 ? "at the start" : `${view!.chart.lanes[row!.lane]?.name}: ${row!.text}`;
				return h(
					"li",
					{ class: at > step ? "later" : "" },
					h("button", { type: "button", onclick: () => jump(at) }, at === 0 ? "start" : `step ${at}`),
					` ${by} `,
					h("b", {}, text ?? "gone"),
				);
			});
		trail.replaceChildren(h("h3", {}, title), h("ol", {}, rows));
	}

	return {
		element,
		show(shown) {
			view = shown;
			things = [];
			chosen = undefined;
			body.replaceChildren();
			now.replaceChildren();
			element.hidden = !shown;
			if (!shown) return;
			const built = build(shown, choose);
			things = built.things;
			body.append(...built.parts);
			showTrail();
		},
		at(at) {
			step = at;
			if (!view) return;
			const stale = at === 0 ? [] : view.schedule.steps[at - 1]!.stale;
			now.classList.toggle("bad", stale.length > 0);
			now.replaceChildren(h("b", {}, "Stale now: "), stale.length > 0 ? stale.join(", ") : "nothing");
			for (const thing of things) paint(thing, at);
			showTrail();
		},
	};
}

function paint(thing: Thing, at: number): void {
	const { cell, texts, stale, short } = thing;
	const text = texts[at];
	const before = at === 0 ? text : texts[at - 1];
	// Most of a machine is as it was.
	const painted = JSON.stringify([text, before, stale[at]]);
	if (thing.painted === painted) return;
	thing.painted = painted;
	const shown = text ?? before;
	cell.classList.toggle("absent", text === undefined);
	cell.classList.toggle("new", text !== before && text !== undefined);
	cell.classList.toggle("gone", text === undefined && before !== undefined);
	cell.classList.toggle("stale", text !== undefined && stale[at] === true);
	if (short) {
		const what = short[at];
		const last = what ?? (at > 0 ? short[at - 1] : undefined);
		const said = h("span", { class: "quiet-text" }, ` ${text ?? "empty"}`);
		cell.replaceChildren(last?.text ?? "", h("small", {}, last?.marks ?? ""), said);
		cell.title = text ?? "empty";
	} else {
		// As large as the longest that it ever says.
		const room = texts.reduce<string>((longest, one = "") => (one.length > longest.length ? one : longest), "");
		fill(
			cell,
			h("span", { "aria-hidden": "true", class: "room" }, room),
			h("span", {}, shown ?? ""),
			text === undefined && h("span", { class: "quiet-text" }, shown ? " gone" : "not there yet"),
		);
	}
}

function build(view: ScheduleView, choose: (thing: Thing) => void): { things: Thing[]; parts: HTMLElement[] } {
	const { items } = view;
	const things: Thing[] = [];
	const thing = (section: StateItem["section"], key: string, title: string, short?: Thing["short"]): Thing => {
		const found = items.map((all) => all.find((item) => item.section === section && item.key === key));
		const made: Thing = {
			cell: h("button", { type: "button", class: "cell", onclick: () => choose(made) }),
			texts: found.map((item) => item?.text),
			stale: found.map((item) => item?.stale === true),
			...(short && { short }),
			title,
		};
		things.push(made);
		return made;
	};
	const parts = [...grids(view, thing)];
	for (const section of LISTS) {
		const keys = new Map<string, string>();
		for (const item of items.flat()) if (item.section === section && !keys.has(item.key)) keys.set(item.key, item.text);
		if (keys.size === 0) continue;
		const order = [...keys].sort(([a], [b]) => (a < b ? -1 : 1));
		const rows = order.map(([key, text]) => h("li", {}, thing(section, key, nameOf(text)).cell));
		parts.push(
			h("section", { class: `list ${section.replace(" ", "-")}` }, h("h3", {}, TITLES[section]), h("ul", {}, rows)),
		);
	}
	return { things, parts };
}

/** What a text is about: what stands before its first value. */
function nameOf(text: string): string {
	return text.split(/ = | -> | {2}|, /, 1)[0]!;
}

/** Sets by colour, a column for each line: a cache of the explored machine has one place for each. */
function* grids(
	{ program, schedule }: ScheduleView,
	thing: (section: StateItem["section"], key: string, title: string, short: Thing["short"]) => Thing,
): Generator<HTMLElement> {
	const states = [schedule.start, ...schedule.steps.map(({ state }) => state)];
	const lines = states.flatMap((state) => state.lines);
	if (lines.length === 0 && !states.some((state) => state.memory.some(({ latest, value }) => latest > 0 || value > 0)))
		return;
	const columns = program.frames.flatMap((frame, number) =>
		Array.from({ length: frame.lines }, (_, line) => ({ frame: number, line })),
	);
	const caches = new Map<string, { level: number; cpu: number | null; colours: Set<number | null> }>();
	for (const { level, cpu, colour } of lines) {
		const key = `${level} ${cpu}`;
		const cache = caches.get(key) ?? { level, cpu, colours: new Set() };
		if (colour !== null) for (const va of program.vas) cache.colours.add(va.colour);
		else cache.colours.add(null);
		caches.set(key, cache);
	}
	const ordered = [...caches.values()].sort((a, b) => a.level - b.level || (a.cpu ?? 99) - (b.cpu ?? 99));
	const head = () => columns.map((place) => h("th", { scope: "col" }, lineName(program, place)));
	for (const { level, cpu, colours } of ordered) {
		const rows = [...colours]
			.sort((a, b) => (a ?? 0) - (b ?? 0))
			.map((colour) => {
				const by = program.vas.filter((va) => va.colour === colour).map(({ name }) => name);
				const cells = columns.map(({ frame, line }) => {
					const key = [level, cpu, colour, frame, line].join(" ");
					const short = states.map((state): Short | undefined => {
						const found = state.lines.find(
							(one) =>
								one.level === level &&
								one.cpu === cpu &&
								one.colour === colour &&
								one.frame === frame &&
								one.line === line,
						);
						return found && { text: `v${found.version} = ${found.value}`, marks: found.dirty ? "dirty" : "clean" };
					});
					return h("td", {}, thing("caches", key, lineName(program, { frame, line, colour, cpu, level }), short).cell);
				});
				const title = colour === null ? "set" : `colour ${colour}`;
				return h(
					"tr",
					{},
					h("th", { scope: "row" }, title, by.length > 0 && h("small", {}, ` ${by.join(" ")}`)),
					cells,
				);
			});
		const name = cpu === null ? `Cache ${level + 1}, shared` : `Cache ${level + 1} of CPU${cpu}`;
		yield grid(name, head(), rows);
	}
	const memory = columns.map(({ frame, line }) => {
		const short = states.map((state): Short | undefined => {
			const found = state.memory.find((one) => one.frame === frame && one.line === line);
			if (!found) return undefined;
			return { text: `v${found.version} = ${found.value}`, marks: found.stale ? `latest v${found.latest}` : "" };
		});
		return h("td", {}, thing("memory", `${frame} ${line}`, lineName(program, { frame, line }), short).cell);
	});
	yield grid("Memory", head(), [h("tr", {}, h("th", { scope: "row" }, "frame"), memory)]);
}

function grid(name: string, head: HTMLElement[], rows: HTMLElement[]): HTMLElement {
	return h(
		"section",
		{ class: "grid" },
		h("h3", {}, name),
		h(
			"div",
			{ class: "scroll" },
			h("table", { "aria-label": name }, h("thead", {}, h("tr", {}, h("td"), head)), h("tbody", {}, rows)),
		),
	);
}
