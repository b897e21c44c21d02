// Traces: a file, machines side by side, and where and when they miss.

import type { TraceFormat } from "../../bindings/reader.ts";
import { formatBytes } from "../../src/profiles/size.ts";
import { bytes, decimal, many, percent, short, whole } from "../../src/report/numbers.ts";
import { OWN, type PageState } from "../address.ts";
import { Client } from "../client.ts";
import { copyButton, fill, h } from "../dom.ts";
import type { Dropped } from "../files.ts";
import type { Host, View } from "../main.ts";
import { legend, plot } from "../plot.ts";
import { heat } from "./heat.ts";
import { ruler } from "./ruler.ts";
import type { Chosen, Counted, Counting, Described, MissCurve, Ran, TraceMethods } from "./types.ts";

/** Machines beside each other: more would not be told apart. */
const MOST = 6;
/** It comes with the package, too. */
const SAMPLE = "sample.packed.gz";
const USUAL = ["broadwell", "e500v2", "pa8800"];
const FORMATS: TraceFormat[] = ["din", "lackey", "champsim", "packed"];

export async function traceView(host: Host): Promise<View> {
	const view = new TraceView(host);
	await view.list();
	return view;
}

class TraceView implements View {
	readonly element: HTMLElement;
	readonly keys = [
		["o", "open a trace"],
		["r", "run it again"],
		["c", "cancel"],
	] as const;
	readonly #host: Host;
	readonly #client = new Client<TraceMethods>(new URL("./trace-worker.js", import.meta.url)).start();
	/** `path`: where it is for a command or a program. */
	#file: { blob: Blob; name: string; path: string } | null = null;
	#own: { id: string; text: string } | null = null;
	#described: Described[] = [];
	/** The machines of which there are counts, or places for them. */
	#pictured = "";
	#running: AbortController | undefined;
	#turn = 0;

	readonly #input = h("input", { type: "file", class: "file", id: "trace-file" });
	readonly #drop: HTMLElement;
	readonly #machines = h("fieldset", { class: "machines" });
	readonly #sets = h("input", { type: "text", id: "sets", spellcheck: "false", placeholder: "caches.L2.size=512K" });
	readonly #cpus = h("input", { type: "number", id: "cpus", min: 1, max: 256, value: 1 });
	readonly #aliases = h("input", { type: "checkbox", id: "aliases" });
	readonly #format = h(
		"select",
		{ id: "format" },
		h("option", { value: "" }, "told by its content"),
		FORMATS.map((format) => h("option", { value: format }, format)),
	);
	readonly #pressure = h("select", { id: "pressure" });
	readonly #skip = h("input", { type: "checkbox", id: "skip" });
	readonly #curve = h("input", { type: "checkbox", id: "curve", checked: true });
	readonly #run = h("button", { type: "button", class: "primary" }, "Run");
	readonly #cancel = h("button", { type: "button", class: "cancel" }, "Cancel");
	readonly #bar = h("progress", { max: 1, value: 0, "aria-label": "Progress" });
	readonly #said = h("p", { class: "said", role: "status" }, "No trace yet: drop one, choose one, or take the sample.");
	readonly #counts = h("div", { class: "scroll counts", tabindex: "0", role: "region", "aria-label": "Counts" });
	readonly #time = h("div", { class: "plots" });
	readonly #heat = h("div", { class: "heats" });
	readonly #miss = h("div", { class: "miss" });
	readonly #rulers = h("div", { class: "rulers" });

	constructor(host: Host) {
		this.#host = host;
		this.#input.addEventListener("change", () => {
			const file = this.#input.files?.[0];
			if (!file) return;
			if (/\.json$/i.test(file.name)) void this.#host.open(file);
			else this.#open(file);
		});
		this.#run.addEventListener("click", () => void this.#go());
		this.#cancel.addEventListener("click", () => this.#running?.abort());
		this.#sets.addEventListener("change", () => this.#changed());
		this.#cpus.addEventListener("change", () => this.#changed());
		for (const control of [this.#format, this.#pressure, this.#skip, this.#aliases, this.#curve])
			control.addEventListener("change", () => void this.#go());
		this.#idle(true);
		this.#drop = h(
			"div",
			{ class: "drop" },
			h("label", { class: "button", for: "trace-file" }, "Choose a trace"),
			this.#input,
			h("button", { type: "button", onclick: () => void this.#sample() }, "Take the sample"),
			h(
				"p",
				{ class: "hint" },
				"or drop one anywhere: lackey, din, ChampSim or packed; plain, gzip, zstd or xz; of any length. It stays on your machine. A dropped .json is a profile of your own.",
			),
		);
		const field = (label: string, control: HTMLElement) =>
			h("label", { class: "field" }, h("span", {}, label), control);
		const tick = (label: string, control: HTMLElement) => h("label", { class: "tick" }, control, label);
		this.element = h(
			"div",
			{ class: "trace fresh" },
			h(
				"section",
				{ class: "setup", "aria-label": "What is simulated" },
				this.#drop,
				this.#machines,
				field("Changes, separated by spaces", this.#sets),
				h(
					"div",
					{ class: "machine-fields" },
					field("Format", this.#format),
					field("CPUs", this.#cpus),
					field("Misses by set of", this.#pressure),
				),
				tick("Skip bad lines", this.#skip),
				tick("Count synonyms: misses of what a cache holds elsewhere", this.#aliases),
				tick("Miss-ratio curve (reads the trace once more)", this.#curve),
				h(
					"div",
					{ class: "go" },
					this.#run,
					this.#cancel,
					copyButton("Copy as CLI", () => this.#cli()),
					copyButton("Copy as code", () => this.#code()),
				),
			),
			h(
				"section",
				{ class: "outcome", "aria-label": "Counts and plots" },
				h("div", { class: "status" }, this.#said, this.#bar),
				this.#counts,
				h("h2", {}, "Miss ratio over time"),
				this.#time,
				h("h2", {}, "Misses by set"),
				this.#heat,
				h("h2", {}, "Miss ratio over cache size"),
				this.#miss,
				h("h2", {}, "What the address bits choose"),
				this.#rulers,
			),
		);
	}

	take(dropped: Dropped): void {
		if (dropped.kind === "trace") this.#open(dropped.file);
		else void this.#profile(dropped);
	}

	async list(): Promise<void> {
		const all = await this.#client.call("profiles", null);
		const boxes = all.map(({ id, title }) =>
			h(
				"label",
				{ class: "tick" },
				h("input", { type: "checkbox", value: id, onchange: () => this.#changed() }),
				h("span", {}, id, h("small", {}, ` ${title}`)),
			),
		);
		fill(
			this.#machines,
			h("legend", {}, `Machines, up to ${MOST}`),
			h("div", { class: "machine-list", tabindex: "0" }, boxes),
		);
	}

	show(state: PageState): void {
		const [given, all] = [state.profiles ?? USUAL, this.#boxes().map(({ value }) => value)];
		const known = given.filter((id) => (id.startsWith(OWN) ? state.own !== undefined : all.includes(id)));
		const wanted = known.length > 0 || given.length === 0 ? known : USUAL;
		const strange = given.find((id) => !known.includes(id));
		if (strange !== undefined) {
			const why = strange.startsWith(OWN) ? "a profile of one's own is not in it" : "there is no such machine";
			this.#host.misread(`${JSON.stringify(strange)}: ${why}`, "it is left out", { profiles: wanted });
		}
		if (state.own !== undefined && state.own !== this.#own?.text) {
			void this.#ownProfile(
				state.own,
				wanted.some((id) => id.startsWith(OWN)),
			)
				.then(() => this.#describe())
				.catch((error) => this.#host.say(error instanceof Error ? error.message : String(error)));
		}
		for (const box of this.#boxes()) box.checked = wanted.includes(box.value);
		this.#sets.value = (state.sets ?? []).join(" ");
		this.#cpus.value = String(state.cpus ?? 1);
		void this.#describe();
	}

	key(event: KeyboardEvent): void {
		const act: Record<string, () => void> = {
			o: () => this.#input.click(),
			r: () => void this.#go(),
			c: () => this.#running?.abort(),
		};
		if (!act[event.key]) return;
		event.preventDefault();
		act[event.key]!();
	}

	#boxes(): HTMLInputElement[] {
		return [...this.#machines.querySelectorAll("input")];
	}

	#chosen(): Chosen[] {
		const ids = this.#boxes()
			.filter(({ checked }) => checked)
			.map(({ value }) => value);
		const own = this.#own;
		return ids.map((id) => (own && id === OWN + own.id ? { text: own.text } : { id }));
	}

	#cpusGiven(): number {
		return Number(this.#cpus.value);
	}

	#setsGiven(): string[] {
		return this.#sets.value.split(/\s+/).filter(Boolean);
	}

	#changed(): void {
		const chosen = this.#boxes().filter(({ checked }) => checked);
		for (const box of this.#boxes()) box.disabled = !box.checked && chosen.length >= MOST;
		const profiles = chosen.map(({ value }) => value);
		const own = this.#own && { own: this.#own.text };
		this.#host.changed({ profiles, sets: this.#setsGiven(), cpus: this.#cpusGiven(), ...own });
		void this.#describe().then((fine) => (fine ? this.#go() : undefined));
	}

	/** What is known of the machines alone. */
	async #describe(): Promise<boolean> {
		const turn = ++this.#turn;
		try {
			const described = await this.#client.call("describe", {
				machines: this.#chosen(),
				sets: this.#setsGiven(),
				cpus: this.#cpusGiven(),
			});
			if (turn !== this.#turn) return false;
			this.#host.say(null);
			this.#described = described;
			const names = [...new Set(described.flatMap(({ machine }) => machine.caches.map(({ name }) => name)))];
			const held = this.#pressure.value || "L1D";
			fill(
				this.#pressure,
				names.map((name) => h("option", { value: name }, name)),
				h("option", { value: "none" }, "none"),
			);
			this.#pressure.value = [...names, "none"].includes(held) ? held : (names[0] ?? "none");
			fill(this.#rulers, described.map(ruler));
			// Places of what a run will show, so that nothing moves when it comes.
			if (described.map(({ id }) => id).join() !== this.#pictured)
				this.#picture(described.map((one) => uncounted(one, this.#pressure.value)));
			return described.length > 0;
		} catch (error) {
			if (turn === this.#turn) this.#host.say(error instanceof Error ? error.message : String(error));
			return false;
		} finally {
			if (turn === this.#turn) this.element.classList.remove("fresh");
		}
	}

	#open(file: File): void {
		this.#file = { blob: file, name: file.name, path: file.name };
		void this.#go();
	}

	async #profile({ name, text }: { name: string; text: string }): Promise<void> {
		try {
			await this.#ownProfile(text, true);
			this.#changed();
		} catch (error) {
			this.#host.say(`${name}: ${error instanceof Error ? error.message : error}`);
		}
	}

	/** A profile of one's own, beside those that ship: the last one only, as the address holds one. */
	async #ownProfile(text: string, checked: boolean): Promise<void> {
		const [described] = await this.#client.call("describe", { machines: [{ text }], sets: [], cpus: 1 });
		const { id, title } = described!;
		this.#own = { id, text };
		this.#machines.querySelector(`[value^="${OWN}"]`)?.closest("label")?.remove();
		const box = h("input", { type: "checkbox", value: OWN + id, checked, onchange: () => this.#changed() });
		this.#machines
			.querySelector(".machine-list")!
			.prepend(h("label", { class: "tick" }, box, h("span", {}, id, h("small", {}, ` ${title}`))));
	}

	async #sample(): Promise<void> {
		try {
			const response = await fetch(new URL(`./${SAMPLE}`, import.meta.url));
			if (!response.ok) throw new Error(`the server answers ${response.status}`);
			this.#file = { blob: await response.blob(), name: SAMPLE, path: `node_modules/stalemate/dist/${SAMPLE}` };
			void this.#go();
		} catch (error) {
			this.#host.say(`The sample could not be had: ${error instanceof Error ? error.message : error}.`);
		}
	}

	async #go(): Promise<void> {
		if (!this.#file) return;
		this.#running?.abort();
		const running = new AbortController();
		this.#running = running;
		const { blob, name } = this.#file;
		const machines = this.#chosen();
		if (machines.length === 0) {
			this.#host.say("No machine is chosen: choose one.");
			return;
		}
		this.#host.say(null);
		this.#idle(false);
		const format = (this.#format.value || null) as TraceFormat | null;
		const skip = this.#skip.checked;
		const common = { file: blob, name, format, skip };
		const current = () => this.#running === running;
		try {
			const ran = await this.#client.call(
				"run",
				{
					...common,
					machines,
					sets: this.#setsGiven(),
					cpus: this.#cpusGiven(),
					aliases: this.#aliases.checked,
					pressure: this.#pressure.value === "none" ? null : this.#pressure.value,
				},
				{ signal: running.signal, onProgress: (counting: Counting) => current() && this.#progress(counting) },
			);
			if (!current()) return;
			this.#finished(ran);
			if (ran.stopped === null && this.#curve.checked) {
				const curve = await this.#client.call("curve", common, { signal: running.signal });
				if (current()) this.#draw(curve);
			} else this.#miss.replaceChildren();
		} catch (error) {
			if (!current()) return;
			if ((error as { code?: string }).code === "CANCELLED") this.#said.textContent = "Cancelled.";
			else {
				this.#said.textContent = "";
				this.#host.say(error instanceof Error ? error.message : String(error));
			}
		} finally {
			if (current()) this.#idle(true);
		}
	}

	#idle(idle: boolean): void {
		this.#cancel.disabled = idle;
		this.#run.disabled = !this.#file;
		this.#bar.classList.toggle("idle", idle);
	}

	#progress({ progress, milliseconds, machines }: Counting): void {
		const rate = progress.references / Math.max(milliseconds, 1) / 1000;
		this.#said.textContent = `${this.#file!.name}: ${short(progress.references)} references, ${bytes(progress.bytes)}, ${rate.toFixed(1)} M references / s`;
		// Of what is compressed, how much is left is not known.
		const packed = /\.(gz|zst|xz)$/i.test(this.#file!.name);
		if (packed) this.#bar.removeAttribute("value");
		else this.#bar.value = Math.min(1, progress.bytes / Math.max(1, this.#file!.blob.size));
		if (machines) this.#picture(machines);
	}

	#finished({ references, milliseconds, format, compression, skipped, warnings, notes, stopped, machines }: Ran): void {
		this.#bar.value = 1;
		const rate = references.total / Math.max(milliseconds, 1) / 1000;
		const parts = [
			`${this.#file!.name} (${format}${compression === "none" ? "" : `, ${compression}`}): ${whole(references.total)} references: ${whole(references.fetches)} fetches, ${whole(references.reads)} reads, ${whole(references.writes)} writes; ${(milliseconds / 1000).toFixed(2)} s, ${rate.toFixed(1)} M references / s`,
			skipped > 0 && `${many(skipped, "bad line was", "bad lines were")} skipped`,
			...notes,
			...warnings,
		];
		this.#said.textContent = `${parts.filter(Boolean).join("; ")}.`;
		if (stopped !== null)
			this.#host.say(
				stopped === "cancelled"
					? "Cancelled: the counts are of what was read until then, not of the whole trace."
					: `${stopped.split("\n")[0]} The counts are of what was read until there.`,
			);
		this.#picture(machines);
	}

	#picture(machines: Counted[]): void {
		this.#pictured = machines.map(({ id }) => id).join();
		fill(this.#counts, table(machines));
		const names = [...new Set(machines.flatMap(({ caches, tlbs }) => [...caches, ...tlbs].map(({ name }) => name)))];
		fill(
			this.#time,
			legend(machines.map(({ id }) => id)),
			h(
				"div",
				{ class: "small-multiples" },
				names.map((name) => h("figure", {}, h("figcaption", {}, name), overTime(name, machines, widthFor(this.#time)))),
			),
		);
		fill(
			this.#heat,
			machines.map(({ id, pressure }) => pressure && heat(id, pressure)),
		);
	}

	#draw({ points, footprint, line, rate }: MissCurve): void {
		const last = points.at(-1);
		if (!last) return;
		const colours = new Map(this.#described.map(({ id }, i) => [id, i]));
		const marks = this.#described.flatMap(({ id, machine }) =>
			machine.caches
				.filter(({ serves }) => serves === "data" || serves === "both")
				.map(({ name, sets, ways, line: own }) => ({
					x: sets * ways * own,
					label: `${id} ${name}`,
					colour: colours.get(id) ?? 0,
				})),
		);
		const ticks = Array.from({ length: 31 }, (_, i) => 2 ** i).filter((_, i) => i % 3 === 0);
		const sampled = rate < 1;
		fill(
			this.#miss,
			plot(
				[
					{
						name: "fully associative LRU",
						colour: 6,
						points: points.map(({ bytes, missRatio }) => [bytes, missRatio] as const),
						...(sampled && { band: points.map(({ bytes, low, high }) => [bytes, low, high] as const) }),
					},
				],
				{
					label: `Miss ratio of data references over the size of a fully associative LRU cache: ${percent(points[0]!.missRatio)} at ${bytes(points[0]!.bytes)}, ${percent(last.missRatio)} at ${bytes(last.bytes)}`,
					log: true,
					ticks,
					xLabel: (value) =>
						value < 1024 ? `${value}` : value < 2 ** 20 ? `${value / 1024} K` : `${value / 2 ** 20} M`,
					yLabel: percent,
					marks,
					width: Math.max(280, this.#miss.clientWidth - 20),
					height: 260,
				},
			),
			h(
				"p",
				{ class: "hint" },
				`Data references, ${line} B lines, ${short(footprint)} different ones; ${sampled ? `from ${percent(rate)} of them, the band says how far off it may be` : "exact"}. Vertical lines: first caches of the machines.`,
			),
		);
	}

	#cli(): string {
		const ids = this.#described.map(({ id }) => id).join(",");
		const sets = this.#setsGiven()
			.map((set) => ` --set ${set}`)
			.join("");
		const cpus = this.#cpusGiven();
		const more = [
			cpus !== 1 && ` --cpus ${cpus}`,
			this.#aliases.checked && " --aliases",
			this.#format.value && ` --format ${this.#format.value}`,
			this.#skip.checked && " --on-error skip",
		];
		return `npx stalemate trace ${this.#file?.path ?? "TRACE"} --profile ${ids}${sets}${more.filter(Boolean).join("")}\n`;
	}

	#code(): string {
		const sets = this.#setsGiven();
		const options = sets.length > 0 ? `, ${JSON.stringify({ sets })}` : "";
		return [
			'import { load, openTrace, runTogether } from "stalemate";',
			"",
			"const core = await load();",
			`const machines = ${JSON.stringify(this.#described.map(({ id }) => id))}.map((id) => core.simulator(id${options}));`,
			`const results = await runTogether(machines, openTrace(${JSON.stringify(this.#file?.path ?? "TRACE")}));`,
			"for (const { profile, caches } of results) {",
			'	console.log(profile, caches.map(({ name, misses }) => name + " " + misses).join(", "));',
			"}",
			"",
		].join("\n");
	}
}

/** A machine before it runs. */
function uncounted({ id, machine }: Described, pressure: string): Counted {
	const nothing = { misses: null, missRatio: null };
	const cache = machine.caches.find(({ name }) => name === pressure);
	return {
		id,
		caches: machine.caches.map(({ name, sets, ways, line }) => {
			return { name, size: formatBytes(sets * ways * line), ...nothing };
		}),
		tlbs: machine.tlbs.map(({ name, sets, ways }) => ({ name, size: String(sets * ways), ...nothing })),
		cyclesPerReference: null,
		curves: [],
		pressure: cache ? { cache: cache.name, sets: cache.sets, misses: new Float64Array(cache.sets) } : null,
	};
}

/** Machines beside each other, as `stalemate trace` prints them. */
function table(machines: Counted[]): HTMLElement {
	const part = (kind: "caches" | "tlbs", title: string, size: string) => {
		const names = [...new Set(machines.flatMap((one) => one[kind].map(({ name }) => name)))];
		if (names.length === 0) return null;
		const rows = names.map((name) => {
			const cells = machines.map((one) => {
				const row = one[kind].find((other) => other.name === name);
				if (!row) return [h("td"), h("td", {}, "–"), h("td")];
				const { size, misses, missRatio } = row;
				const [count, ratio] = [misses === null ? "–" : whole(misses), missRatio === null ? "–" : percent(missRatio)];
				return [h("td", {}, size), h("td", {}, count), h("td", {}, ratio)];
			});
			return h("tr", {}, h("th", { scope: "row" }, name), cells);
		});
		const columns = machines.map(() => [size, "misses", "ratio"].map((text) => h("th", { scope: "col" }, text)));
		return h("tbody", {}, h("tr", { class: "sub" }, h("th", { scope: "col" }, title), columns), rows);
	};
	return h(
		"table",
		{},
		h(
			"thead",
			{},
			h(
				"tr",
				{},
				h("td"),
				machines.map(({ id }, i) => h("th", { scope: "colgroup", colspan: 3, class: `series c${i}` }, id)),
			),
		),
		part("caches", "cache", "size"),
		part("tlbs", "TLB", "entries"),
		h(
			"tbody",
			{},
			h(
				"tr",
				{},
				h("th", { scope: "row" }, "cycles per reference"),
				machines.map(({ cyclesPerReference }) =>
					h("td", { colspan: 3 }, cyclesPerReference === null ? "–" : decimal(cyclesPerReference)),
				),
			),
		),
	);
}

/** As wide as it will be, so that its letters are as large as the others of the page. */
function widthFor(element: HTMLElement): number {
	const room = element.clientWidth - 20;
	return Math.max(280, room / Math.max(1, Math.floor(room / 440)));
}

function overTime(name: string, machines: Counted[], width: number): SVGElement {
	const series = machines.flatMap(({ id, curves }, colour) => {
		const curve = curves.find((one) => one.name === name);
		if (!curve) return [];
		let at = 0;
		const points = Array.from(curve.ratios, (ratio, i) => {
			at += curve.references[i]!;
			return [at, ratio] as const;
		});
		return [{ name: id, colour, points }];
	});
	return plot(series, {
		label: `${name}: miss ratio over ${series.map(({ name, points }) => `the run on ${name}, in the end ${percent(points.at(-1)?.[1] ?? 0)}`).join("; ")}`,
		xLabel: short,
		yLabel: percent,
		width,
		height: 130,
	});
}
