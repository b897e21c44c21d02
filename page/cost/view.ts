// Costs: the tables of five threads, published beside simulated, and what they would be on other machines.

import type { SwapDevice } from "../../src/cost/mechanisms.ts";
import { profileNames } from "../../src/profiles/shipped.ts";
import { shareBars } from "../../src/report/breakdown.ts";
import { cellsSheet } from "../../src/report/reproduction.ts";
import type { Section, Table } from "../../src/reproduce/cells.ts";
import type { SectionId } from "../../src/reproduce/reproduce.ts";
import type { PageState } from "../address.ts";
import { Client, WorkerError } from "../client.ts";
import { copyButton, fill, h } from "../dom.ts";
import type { Host, View } from "../main.ts";
import { legend, plot } from "../plot.ts";
import type { Asked, CostMethods, Dial } from "./types.ts";

/** Machines drawn for intervals, once nothing moves any more. */
const SAMPLES = 40;
/** Milliseconds after the last change. */
const REST = 600;
/** Letters of what stands in lines of its own. */
const LONG = 24;

export async function costView(host: Host): Promise<View> {
	const view = new CostView(host);
	await view.list();
	return view;
}

class CostView implements View {
	readonly element: HTMLElement;
	readonly keys = [] as const;
	readonly #host: Host;
	readonly #client = new Client<CostMethods>(new URL("./cost-worker.js", import.meta.url)).start();
	/** Changed numbers by path. */
	#sets = new Map<string, number>();
	/** What is asked for now, and whether the worker is at work: it is asked the newest thing only. */
	#working = false;
	#wanted: Asked | undefined;
	#resting = 0;

	readonly #section = h("select", { id: "section" });
	readonly #profile = h("select", { id: "cost-profile" });
	readonly #pti = h("input", { type: "checkbox", id: "pti" });
	readonly #swap = h(
		"select",
		{ id: "swap" },
		(["hdd", "sata", "nvme"] satisfies SwapDevice[]).map((device) => h("option", { value: device }, device)),
	);
	readonly #sliders = h("fieldset", { class: "sliders" });
	readonly #tables = h("div", { class: "cost-tables" });
	readonly #said = h("p", { class: "hint", role: "status" });
	/** What the tables are of. */
	#drawn = "";

	constructor(host: Host) {
		this.#host = host;
		fill(
			this.#profile,
			h("option", { value: "" }, "the one that was measured"),
			profileNames().map((id) => h("option", { value: id }, id)),
		);
		this.#section.addEventListener("change", () => void this.#machine());
		this.#profile.addEventListener("change", () => void this.#machine());
		this.#pti.addEventListener("change", () => this.#changed());
		this.#swap.addEventListener("change", () => this.#changed());
		const field = (label: string, control: HTMLElement) =>
			h("label", { class: "field" }, h("span", {}, label), control);
		this.element = h(
			"div",
			{ class: "trace cost" },
			h(
				"section",
				{ class: "setup", "aria-label": "What is priced" },
				field("Table", this.#section),
				field("Machine", this.#profile),
				h("div", { class: "machine-fields" }, field("Pages are swapped in from", this.#swap)),
				h("label", { class: "tick" }, this.#pti, "Page-table isolation"),
				this.#sliders,
				h(
					"div",
					{ class: "go" },
					h("button", { type: "button", onclick: () => void this.#machine() }, "As it was"),
					copyButton("Copy as CLI", () => this.#cli()),
					copyButton("Copy as code", () => this.#code()),
				),
			),
			h("section", { class: "outcome", "aria-label": "Published and simulated" }, this.#said, this.#tables),
		);
	}

	async list(): Promise<void> {
		const all = await this.#client.call("sections", null);
		fill(
			this.#section,
			all.map(({ id, title }) => h("option", { value: id }, `${id}: ${title}`)),
		);
	}

	show(state: PageState): void {
		const { section = "S2", machine, pti, swap, prices } = state.cost ?? {};
		const known = machine === undefined || (profileNames() as string[]).includes(machine);
		if (!known) this.#host.misread(`there is no machine ${JSON.stringify(machine)}`, "the measured one is shown", {});
		this.#section.value = section;
		this.#profile.value = known ? (machine ?? "") : "";
		this.#pti.checked = pti === true;
		this.#swap.value = swap ?? "hdd";
		void this.#machine(prices);
	}

	key(): void {}

	/** Another machine: its numbers, as they are or as they are given. */
	async #machine(prices: readonly string[] = []): Promise<void> {
		try {
			const { profile, dials } = await this.#client.call("dials", {
				section: this.#section.value as SectionId,
				profile: this.#profile.value || null,
			});
			this.#sets = new Map();
			for (const price of prices) {
				const [path = "", value = ""] = price.split("=");
				if (dials.some((dial) => dial.path === path) && value !== "" && Number.isFinite(Number(value)))
					this.#sets.set(path, Number(value));
				else this.#host.misread(`${profile} has no price ${JSON.stringify(price)}`, "it is left out", {});
			}
			fill(
				this.#sliders,
				h("legend", {}, `What things cost on ${profile}`),
				dials.filter(({ used }) => used).map((dial) => this.#slider(dial)),
				h(
					"details",
					{ open: !dials.some(({ used }) => used) },
					h("summary", {}, "Others, which may be part of a variant"),
					dials.filter(({ used }) => !used).map((dial) => this.#slider(dial)),
				),
			);
			this.#changed();
		} catch (error) {
			this.#failed(error);
		}
	}

	#slider({ path, what, unit, value, least, most, basis }: Dial): HTMLElement {
		const now = this.#sets.get(path) ?? value;
		const step = most - least > 50 ? 1 : (most - least) / 100 || 1;
		const slider = h("input", { type: "range", min: least, max: most, step, value: now });
		const shown = h("output", {}, `${now} ${unit}`);
		slider.addEventListener("input", () => {
			const number = Number(slider.value);
			if (number === value) this.#sets.delete(path);
			else this.#sets.set(path, number);
			shown.textContent = `${number} ${unit}`;
			this.#changed();
		});
		return h("label", { class: "dial" }, h("span", {}, what), shown, slider, h("small", {}, basis));
	}

	#asked(samples: number): Asked {
		return {
			section: this.#section.value as SectionId,
			profile: this.#profile.value || null,
			sets: [...this.#sets].map(([path, value]) => `${path}=${value}`),
			pti: this.#pti.checked,
			swap: this.#swap.value as SwapDevice,
			samples,
		};
	}

	#changed(): void {
		const { section, profile, sets, pti, swap } = this.#asked(0);
		this.#host.changed({
			cost: { section, ...(profile !== null && { machine: profile }), ...(pti && { pti }), swap, prices: sets },
		});
		this.#host.say(null);
		this.#ask(this.#asked(0));
		clearTimeout(this.#resting);
		// Intervals take longer: they come when nothing moves any more.
		this.#resting = window.setTimeout(() => this.#ask(this.#asked(SAMPLES)), REST);
	}

	#ask(asked: Asked): void {
		this.#wanted = asked;
		if (!this.#working) void this.#work();
	}

	async #work(): Promise<void> {
		this.#working = true;
		while (this.#wanted) {
			const asked = this.#wanted;
			this.#wanted = undefined;
			const begun = performance.now();
			this.#tables.ariaBusy = "true";
			try {
				const section = await this.#client.call("price", asked);
				this.#draw(section, asked.samples > 0);
				this.#drawn = `${section.id}, ${section.title}, on ${section.profile}`;
				this.element.classList.remove("broken");
				this.#said.textContent = `${this.#drawn}; ${Math.round(performance.now() - begun)} ms`;
			} catch (error) {
				// What was asked for after it is told, not this.
				if (!this.#wanted) this.#failed(error);
			}
		}
		this.#working = false;
		this.#tables.ariaBusy = "false";
	}

	/** Says in one sentence what there is no price for; the tables are those of before. */
	#failed(error: unknown): void {
		this.element.classList.add("broken");
		const message = error instanceof Error ? error.message : String(error);
		const why = error instanceof WorkerError && /^BAD_(PROFILE|OPTION)$/.test(error.code);
		const said = why ? `${message.split(/[:\n]/)[0]}: choose other values or another machine` : message.split("\n")[0];
		this.#said.textContent = `${said}${this.#drawn && `; below is still ${this.#drawn}`}.`;
	}

	#draw({ tables }: Section, sampled: boolean): void {
		const held = this.#tables.scrollTop;
		fill(
			this.#tables,
			tables.map((table) => tableOf(table, sampled)),
		);
		this.#tables.scrollTop = held;
	}

	#cli(): string {
		const { section, profile, sets, pti, swap } = this.#asked(0);
		const words = [
			profile !== null && `--profile ${profile}`,
			...sets.map((set) => `--set ${set}`),
			pti && "--pti",
			swap !== "hdd" && `--swap ${swap}`,
		];
		return `${["npx stalemate reproduce", section, ...words.filter(Boolean)].join(" ")}\n`;
	}

	#code(): string {
		const { section, profile, sets, pti, swap } = this.#asked(0);
		const what = { ...(profile !== null && { profile }), ...(sets.length > 0 && { sets }), ...(pti && { pti }), swap };
		return [
			'import { loadCost, reproductionText } from "stalemate/cost";',
			"",
			"const core = await loadCost();",
			`const tables = core.reproduce([${JSON.stringify(section)}], ${JSON.stringify(what)});`,
			'console.log(reproductionText(tables).join("\\n"));',
			"",
		].join("\n");
	}
}

/** As the command line and the report have it. */
function tableOf(table: Table, sampled: boolean): HTMLElement {
	const { title, notes, series, axes, breakdown, notApplicable } = table;
	if (notApplicable !== undefined)
		return h("section", { class: "cost-table" }, h("h2", {}, title), h("p", { class: "hint" }, notApplicable));
	const { columns, rows } = cellsSheet(table, true);
	// Intervals come later, where there are any: their place is kept.
	const used = columns.flatMap(({ title }, i) => {
		return rows.some((row) => row[i]) || (title === "90 %" && !sampled) ? [i] : [];
	});
	const kinds = columns.map(({ title, align }, i) => {
		if (title === "90 %") return "interval";
		return rows.some((row) => row[i]!.length > LONG) && i > 0 ? "words" : align;
	});
	const names = axes?.[0].split(", ") ?? [];
	const curves = (series ?? []).filter(({ points }) => points.length > 1).slice(0, 7);
	return h(
		"section",
		{ class: "cost-table" },
		h("h2", {}, title),
		h(
			"div",
			{ class: "scroll counts", tabindex: "0", role: "region", "aria-label": title },
			h(
				"table",
				{},
				h(
					"thead",
					{},
					h(
						"tr",
						{},
						used.map((i) => {
							const [name, kind] = [columns[i]!.title, { class: kinds[i] }];
							return name === "" ? h("td", kind) : h("th", { scope: "col", ...kind }, name);
						}),
					),
				),
				h(
					"tbody",
					{},
					rows.map((row) =>
						h(
							"tr",
							{},
							used.map((i) => (i === 0 ? h("th", { scope: "row" }, row[i]) : h("td", { class: kinds[i] }, row[i]))),
						),
					),
				),
			),
		),
		curves.length > 0 && [
			legend(curves.map(({ name }) => name)),
			plot(
				curves.map(({ name, points }, colour) => ({ name, colour, points })),
				{
					label: `${title}: ${curves.map(({ name, points }) => `${name} ${points.map(([x, y]) => `${x}: ${tick(y)}`).join(", ")}`).join("; ")}`,
					// An axis may be of names.
					...(names.length > 1 && { ticks: names.map((_, i) => i) }),
					xLabel: (x) => (names.length > 1 ? (names[x] ?? "") : `${tick(x)} ${names[0] ?? ""}`),
					yLabel: (y) => `${tick(y)}`,
					width: 700,
				},
			),
		],
		breakdown && [h("h3", {}, `Where the time goes: ${breakdown.of}`), bars(breakdown.shares)],
		notes.map((note) => h("p", { class: "hint" }, note)),
	);
}

function bars(shares: Parameters<typeof shareBars>[0]): HTMLElement {
	const rows = shareBars(shares);
	const most = Math.max(...rows.map(({ value }) => value));
	return h(
		"ul",
		{ class: "shares" },
		rows.map(({ name, value, text }) =>
			h(
				"li",
				{},
				h("span", {}, name),
				h("span", { class: "share", vars: { "--part": most > 0 ? value / most : 0 } }),
				h("span", {}, text),
			),
		),
	);
}

function tick(value: number): string {
	return String(Number(value.toPrecision(4)));
}
