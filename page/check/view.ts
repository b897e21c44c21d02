// Schedules: a scenario, the machine it runs on, and what can go wrong.

import type { SearchProgress } from "../../bindings/explorer.ts";
import { many } from "../../src/report/numbers.ts";
import { OWN, type PageState, START } from "../address.ts";
import { Client, WorkerError } from "../client.ts";
import { fill, h } from "../dom.ts";
import type { Editor } from "../editor/editor.ts";
import type { Dropped } from "../files.ts";
import type { Host, View } from "../main.ts";
import { copies } from "./copies.ts";
import { lanes } from "./lanes.ts";
import { machine } from "./machine.ts";
import { player } from "./player.ts";
import { switches } from "./switches.ts";
import type { CheckMethods, Listed, Read, ScheduleView, Shown, Vocabulary, Walked, Wanted } from "./types.ts";

/** Between the last key and a check: milliseconds. */
const PATIENCE = 250;
/** Before progress is shown: what is quicker would only flicker. */
const QUICK = 300;
/** What an address may ask for that there is not. */
const ASKED = /^(BAD_OPTION|BAD_PROFILE|UNKNOWN_PROFILE|SCENARIO_PARAM)$/;

export function checkView(host: Host): View {
	return new CheckView(host);
}

class CheckView implements View {
	readonly element: HTMLElement;
	readonly keys = [
		["←  →", "one step back, one step on"],
		["Home  End", "to the start, to the hazard"],
		["h", "to the hazard"],
		["p", "play, pause"],
		["e", "into the editor"],
		["s", "to the list of scenarios"],
	] as const;

	readonly #host: Host;
	readonly #client = new Client<CheckMethods>(new URL("./check-worker.js", import.meta.url)).start();
	#state!: PageState;
	/** The text as it is now. */
	#text = "";
	/** That of the catalogue, from which it may differ, and where it is there. */
	#shipped = "";
	#file = "";
	#read: Read | null = null;
	#shown: { wanted: Wanted; shown: Shown } | null = null;
	/** The schedule that is on the page: the one found, or one's own. */
	#view: ScheduleView | null = null;
	#running: AbortController | undefined;
	#typing = 0;
	#turn = 0;
	#listed: Listed[] = [];
	/** Filled in beside the first check. */
	readonly #list = this.#fillList();
	#editor: Editor | undefined;
	#vocabulary: Promise<Vocabulary> | undefined;

	readonly #scenario = h("select", { id: "scenario" });
	readonly #ownText = h("option", { value: "" });
	readonly #story = h("p", { class: "story" });
	readonly #contrasts = h("p", { class: "contrasts" });
	readonly #host$ = h("div", { class: "editor", role: "group", "aria-label": "Text of the scenario" });
	readonly #plain = h("pre", { class: "plain" });
	readonly #wrong = h("p", { class: "wrong", role: "status" });
	readonly #params = h("div", { class: "params" });
	readonly #profile = h("select", { id: "profile" });
	readonly #model = h("select", { id: "model" });
	readonly #ownFile = h("input", {
		type: "file",
		id: "own-profile",
		accept: ".json",
		onchange: () => {
			const [file] = this.#ownFile.files ?? [];
			if (file) void this.#host.open(file);
		},
	});
	/** A profile of one's own: its text, and what it is called. */
	#ownProfile: { text: string; id: string; title: string } | null = null;
	readonly #cancel = h("button", { type: "button", class: "cancel" }, "Cancel");
	readonly #progress = h("p", { class: "progress", role: "status" });
	readonly #verdict = h("div", { class: "verdict", role: "status" });
	readonly #which = h("h2", {});
	readonly #own = h("button", { type: "button", onclick: () => this.#walkFrom() }, "Go on from here yourself");
	readonly #back = h(
		"button",
		{ type: "button", onclick: () => this.#change({ walk: undefined, step: undefined }) },
		"Back to what was found",
	);
	readonly #next = h("div", { class: "next", role: "group", "aria-label": "What can happen next" });
	readonly #reset = h("button", { type: "button", class: "quiet" }, "Undo changes");
	/** Busy while what it shows is not yet of the machine, text and steps beside it. */
	readonly #result = h("section", { class: "result", "aria-label": "What was found", "aria-busy": "true" });
	readonly #lanes = lanes((step) => this.#player.go(step));
	readonly #machine = machine((step) => this.#player.go(step));
	readonly #player = player((step) => this.#at(step));
	readonly #switches = switches(
		(without) => this.#change({ without }),
		(line) => this.#putIn(line),
	);

	constructor(host: Host) {
		this.#host = host;
		this.#host$.append(this.#plain);
		this.#scenario.addEventListener("change", () => void this.#choose(this.#scenario.value));
		this.#profile.addEventListener("change", () => this.#change({ profile: this.#profile.value || undefined }));
		this.#model.addEventListener("change", () => this.#change({ model: this.#model.value || undefined }));
		this.#cancel.addEventListener("click", () => this.#running?.abort());
		this.#reset.addEventListener("click", () => void this.#choose(this.#state.scenario));
		this.#cancel.hidden = true;
		fill(
			this.#result,
			h("div", { class: "verdict-row" }, this.#verdict, h("div", { class: "running" }, this.#progress, this.#cancel)),
			h("div", { class: "which" }, this.#which, this.#own, this.#back),
			this.#player.element,
			this.#lanes.element,
			this.#next,
			copies(() => this.#copied()),
		);
		const field = (label: string, control: HTMLElement) =>
			h("label", { class: "field" }, h("span", {}, label), control);
		this.element = h(
			"div",
			{ class: "check fresh bare" },
			h(
				"section",
				{ class: "setup", "aria-label": "Scenario" },
				field("Scenario", this.#scenario),
				this.#story,
				this.#contrasts,
				this.#host$,
				h("div", { class: "wrong-row" }, this.#wrong, this.#reset),
				h("div", { class: "machine-fields" }, field("Profile", this.#profile), field("Memory model", this.#model)),
				h(
					"details",
					{ class: "own" },
					h("summary", {}, "A profile of your own"),
					field("JSON, or dropped here", this.#ownFile),
				),
				this.#params,
				this.#switches.element,
			),
			this.#result,
			h("section", { class: "state", "aria-label": "The machine" }, this.#machine.element),
		);
	}

	take(dropped: Dropped): void {
		if (dropped.kind === "scenario") this.#written(dropped.text);
		else if (dropped.kind === "profile") void this.#takeProfile(dropped);
	}

	/** A whole text from elsewhere. */
	#written(text: string): void {
		this.#setText(text);
		this.#keepText();
		void this.#check();
	}

	async #takeProfile({ name, text: own }: { name: string; text: string }): Promise<void> {
		try {
			await this.#know(own);
			this.#host.say(null);
			this.#change({ own, profile: OWN + this.#ownProfile!.id });
		} catch (error) {
			this.#host.say(`${name}: ${messageOf(error)}`);
		}
	}

	/** Asks what a profile of one's own is called. */
	async #know(text: string): Promise<void> {
		if (this.#ownProfile?.text !== text)
			this.#ownProfile = { text, ...(await this.#client.call("profile", { own: text })) };
	}

	async #fillList(): Promise<void> {
		const response = await fetch(new URL("./catalogue.json", import.meta.url));
		this.#listed = (await response.json()) as Listed[];
		const threads = [...new Set(this.#listed.map(({ thread }) => thread))];
		for (const thread of threads) {
			const own = this.#listed.filter((one) => one.thread === thread);
			const options = own.map(({ row, name, file }) => h("option", { value: file }, row ? `${row}  ${name}` : name));
			this.#scenario.append(h("optgroup", { label: thread }, options));
		}
	}

	show(state: PageState): void {
		const before = this.#state as PageState | undefined;
		this.#state = state;
		const same = before && before.scenario === state.scenario && before.text === state.text;
		if (same && this.#text !== "") {
			void this.#check(state.step, true);
			return;
		}
		void this.#open();
	}

	key(event: KeyboardEvent): void {
		const act: Record<string, () => void> = { e: () => this.#editor?.focus(), s: () => this.#scenario.focus() };
		const own = act[event.key];
		if (own) own();
		else if (!this.#player.key(event)) return;
		event.preventDefault();
	}

	/** What is under way from now on is not wanted any more, and what is shown is out of date. */
	#begin(): number {
		this.#running?.abort();
		this.#result.ariaBusy = "true";
		return ++this.#turn;
	}

	#end(turn: number): void {
		if (turn !== this.#turn) return;
		this.#result.ariaBusy = "false";
		this.#cancel.hidden = true;
		this.#progress.textContent = "";
		this.element.classList.remove("busy");
	}

	/** Shows the text that the address names, or holds. */
	async #open(): Promise<void> {
		const turn = this.#begin();
		const { scenario, text } = this.#state;
		const before = this.#file;
		try {
			const { file, text } = await this.#client.call("text", { name: scenario });
			if (turn !== this.#turn) return;
			this.#shipped = text;
			this.#file = file;
			void this.#list.then(() => {
				if (turn === this.#turn || this.#state.scenario === scenario) this.#scenario.value = file;
			});
		} catch (error) {
			if (turn !== this.#turn) return;
			if (error instanceof WorkerError && error.code === "BAD_OPTION" && scenario !== START.scenario) {
				this.#state = { ...this.#state, scenario: START.scenario };
				this.#host.misread(messageOf(error), text === undefined ? "it begins anew" : "its text is below", this.#state);
				return this.#open();
			}
			this.#shipped = "";
			this.element.classList.remove("fresh");
			this.#host.say(messageOf(error));
			if (text === undefined) return this.#end(turn);
		}
		this.#setText(text ?? this.#shipped, this.#file !== before);
		await this.#check(this.#state.step, true);
		void this.#loadEditor();
	}

	async #choose(file: string): Promise<void> {
		const { row } = this.#listed.find((one) => one.file === file || one.row === file) ?? {};
		const { text: _, step: __, profile: ___, model: ____, walk: _____, ...rest } = this.#state;
		this.#state = { ...rest, scenario: row ?? file.replace(/\.scn$/, ""), params: {}, without: [] };
		const gone = { text: undefined, step: undefined, walk: undefined, profile: undefined, model: undefined };
		this.#host.say(null);
		this.#host.changed({ ...this.#state, ...gone } as unknown as PageState, "new");
		await this.#open();
	}

	#setText(text: string, anew = false): void {
		this.#text = text;
		this.#reset.hidden = text === this.#shipped;
		this.#plain.textContent = text;
		this.#editor?.set(text, anew);
	}

	async #loadEditor(): Promise<void> {
		if (this.#vocabulary) return;
		this.#vocabulary = this.#client.call("vocabulary", null);
		const [{ editor }, vocabulary] = await Promise.all([import("../editor/editor.ts"), this.#vocabulary]);
		this.#editor = editor(this.#host$, vocabulary, this.#text, (text) => this.#typed(text));
		this.#plain.remove();
		this.#fillProfiles();
	}

	/** Somebody wrote something. */
	#typed(text: string): void {
		this.#text = text;
		this.#begin();
		clearTimeout(this.#typing);
		this.#typing = window.setTimeout(() => {
			this.#keepText();
			void this.#check();
		}, PATIENCE);
	}

	#keepText(): void {
		const changed = this.#text !== this.#shipped;
		this.#reset.hidden = !changed;
		const text = changed ? this.#text : undefined;
		const all = { text, walk: undefined, step: undefined } as unknown as Partial<PageState>;
		this.#state = { ...this.#state, ...all };
		this.#host.changed(all);
	}

	/** A machine, parameter or switch was changed. */
	#change(part: { [K in keyof PageState]?: PageState[K] | undefined }): void {
		// Steps of one's own fit what they were chosen for.
		const all = { walk: undefined, step: undefined, ...part } as Partial<PageState>;
		this.#state = { ...this.#state, ...all };
		this.#host.changed(all);
		void this.#check();
	}

	/** Makes a statement of a line that is commented out. */
	#putIn(line: number): void {
		const lines = this.#text.split("\n");
		lines[line - 1] = lines[line - 1]!.replace(/^(\s+)# ?/, "$1");
		this.#written(lines.join("\n"));
	}

	/** What the address asks for and there is not is left out, and the rest begins anew; the text is kept. */
	#anew(why: string): Promise<void> {
		const { profile, own, model, step, walk, ...rest } = this.#state;
		this.#state = { ...rest, params: {}, without: [] };
		const gone = { profile: undefined, own: undefined, model: undefined, step: undefined, walk: undefined };
		const part = { ...this.#state, ...gone } as unknown as PageState;
		// The list says which there are.
		const first = why.split("\n")[0]!.replace(/^scenario:\d+:\d+: |: did you mean .*$/g, "");
		this.#host.misread(first, "the rest begins anew", part);
		return this.#check(undefined, true);
	}

	/** `addressed`: the address asks for it, and not what was chosen here. */
	async #check(step?: number, addressed = false): Promise<void> {
		const turn = this.#begin();
		const running = new AbortController();
		this.#running = running;
		const { profile, own, model, params } = this.#state;
		const machine = own !== undefined && profile?.startsWith(OWN) ? { own } : profile !== undefined ? { profile } : {};
		const wanted: Wanted = {
			text: this.#text,
			params,
			...machine,
			...(model !== undefined && { model: model as NonNullable<Wanted["model"]> }),
			without: this.#state.without,
		};
		const waiting = window.setTimeout(() => {
			this.#cancel.hidden = false;
			this.element.classList.remove("fresh");
			this.element.classList.add("busy");
		}, QUICK);
		try {
			if (wanted.own !== undefined) await this.#know(wanted.own);
			const read = await this.#client.call("read", wanted);
			if (turn !== this.#turn) return;
			this.#read = read;
			this.#describe();
			// What is not there any more is neither given nor taken out.
			const kept = this.#kept(wanted, read);
			if (kept.strange !== undefined) {
				if (addressed) return await this.#anew(kept.strange);
				this.#state = { ...this.#state, ...kept.part };
				this.#host.changed(kept.part);
			}
			const { without } = kept.part;
			this.#switches.show(read.actions, read.dormant, without);
			const shown = await this.#client.call(
				"check",
				{ ...wanted, ...kept.part },
				{
					signal: running.signal,
					onProgress: (progress: SearchProgress) => turn === this.#turn && this.#tell(progress),
				},
			);
			if (turn !== this.#turn) return;
			this.#fine();
			this.#shown = { wanted: { ...wanted, ...kept.part }, shown };
			this.#say(shown);
			await this.#schedule(turn, step);
		} catch (error) {
			if (turn !== this.#turn) return;
			const asked = ["profile", "model", "walk"].some((name) => name in this.#state) || Object.keys(params).length > 0;
			if (addressed && asked && error instanceof WorkerError && ASKED.test(error.code))
				return await this.#anew(error.message);
			this.#failed(error);
		} finally {
			clearTimeout(waiting);
			this.#end(turn);
		}
	}

	/** Parameters and removals that a scenario has; which of them it has not. */
	#kept({ params, without }: Wanted, { name, params: known, actions }: Read) {
		const given = Object.entries(params).filter(([name]) => known.some((one) => one.name === name));
		const out = without.filter(({ action, way }) =>
			actions.some((one) => one.action === action && one.ways.includes(way)),
		);
		const unknown = Object.keys(params).find((name) => !known.some((one) => one.name === name));
		const [gone] = without.filter((one) => !out.includes(one));
		const strange =
			unknown !== undefined
				? `${name} has no parameter ${JSON.stringify(unknown)}`
				: gone && `${name} has no ${JSON.stringify(gone.action)} that could be ${gone.way}`;
		return {
			part: { params: Object.fromEntries(given), without: out } as Pick<PageState, "params" | "without">,
			strange,
		};
	}

	#tell({ states, depth }: SearchProgress): void {
		if (this.#cancel.hidden) return;
		this.#progress.textContent = `${many(states, "state")} so far, schedules of ${many(depth, "step")}`;
	}

	#fine(): void {
		this.#wrong.textContent = "";
		this.#editor?.problem(null);
		this.element.classList.remove("broken");
	}

	#failed(error: unknown): void {
		// A machine can be chosen where the text is still wrong, too.
		if (!this.#read) void this.#fillProfiles();
		this.element.classList.add("broken");
		this.element.classList.remove("fresh");
		const message = messageOf(error);
		if (error instanceof WorkerError && /^(SCENARIO|LITMUS)_/.test(error.code)) {
			// The text is beside it: the first line says all, the last what to do.
			const lines = message.split("\n");
			const hint = lines.length > 3 ? ` (${lines.at(-1)})` : "";
			this.#wrong.textContent = `${lines[0]!.replace(/^scenario:/, "line ")}${hint}`;
			this.#editor?.problem({ message: `${lines[0]!.replace(/^.*?\d+:\d+: /, "")}${hint}`, ...error.place });
		} else this.#host.say(message);
	}

	/** The list names what is shown: a text of another name is nothing of the catalogue. */
	#name(): void {
		const name = this.#read?.name;
		const shipped = this.#listed.find(({ file }) => file === this.#file)?.name;
		const own = this.#text !== this.#shipped && name !== undefined && name !== shipped;
		if (own) this.#ownText.textContent = `${name}, your own`;
		if (own === this.#ownText.isConnected) return;
		if (own) {
			this.#scenario.prepend(this.#ownText);
			this.#scenario.value = "";
		} else {
			this.#ownText.remove();
			this.#scenario.value = this.#file;
		}
	}

	/** What the text is, and what can be chosen for it. */
	#describe(): void {
		void this.#list.then(() => this.#name());
		const { story, contrasts, params, resolved, litmus } = this.#read!;
		this.#story.textContent = story || (litmus ? "A litmus test: all its final states." : "");
		fill(
			this.#contrasts,
			contrasts.length > 0 && "Beside it: ",
			contrasts.map((row) =>
				h("button", { type: "button", class: "link", onclick: () => void this.#choose(row) }, row),
			),
		);
		this.#fillProfiles();
		const held = document.activeElement?.id;
		fill(
			this.#params,
			params.map(({ name, values }) => {
				const select = h(
					"select",
					{ id: `param-${name}` },
					values.map((value) => h("option", { value, selected: resolved[name] === value }, value)),
				);
				select.addEventListener("change", () => {
					const { [name]: _, ...rest } = this.#state.params;
					const usual = select.value === String(values[0]);
					this.#change({ params: usual ? rest : { ...rest, [name]: select.value } });
				});
				return h("label", { class: "field" }, h("span", {}, name), select);
			}),
		);
		if (held?.startsWith("param-")) document.getElementById(held)?.focus();
	}

	async #fillProfiles(): Promise<void> {
		const read = this.#read;
		const known = this.#editor && this.#vocabulary ? (await this.#vocabulary).profiles : [];
		const named = (read?.profiles ?? []).filter((id) => !known.some((one) => one.id === id));
		const chosen = this.#state.profile;
		const isOwn = chosen?.startsWith(OWN) === true;
		if (chosen !== undefined && !isOwn && ![...named, ...known.map(({ id }) => id)].includes(chosen))
			named.push(chosen);
		const own = this.#ownProfile;
		const option = (id: string, title: string) => h("option", { value: id, selected: id === chosen }, title);
		fill(
			this.#profile,
			option("", chosen === undefined && read ? `as the scenario says: ${read.profile}` : "as the scenario says"),
			own && option(OWN + own.id, `${own.id}: ${own.title}, your own`),
			named.map((id) => option(id, id)),
			known.map(({ id, title }) => option(id, `${id}: ${title}`)),
		);
		this.#profile.value = chosen ?? "";
		const models: [string, string][] = [
			["", `as the profile says${read ? `: ${read.model}` : ""}`],
			["sc", "sc: sequentially consistent"],
			["tso", "tso: total store order"],
			["arm8", "arm8: Armv8"],
			["rcpc", "rcpc: release consistent"],
		];
		fill(
			this.#model,
			models.map(([value, label]) => h("option", { value, selected: value === (this.#state.model ?? "") }, label)),
		);
	}

	#say(shown: Shown): void {
		this.element.classList.remove("bare");
		const { run, view, judgement } = shown;
		// Of all final states of a litmus test it is not said whether they are good ones.
		const judged = run.complete ? judgement : null;
		const kind = judged ? "judged" : run.verdict.toLowerCase();
		this.#verdict.className = `verdict ${kind}`;
		const facts = [run.profile, run.model, ...Object.entries(run.params).map(([name, value]) => `${name}=${value}`)];
		fill(
			this.#verdict,
			h("strong", {}, judged?.observation ?? shown.verdict),
			h("span", { class: "on" }, ` on ${facts.join(", ")}`),
			h("p", {}, judged ? judgedOf(judged) : (view?.chart.story ?? saidOf(kind))),
			judgement && h("pre", {}, judgement.text.trimEnd()),
			h(
				"p",
				{ class: "covered" },
				`${shown.covered}; ${shown.milliseconds < 10 ? shown.milliseconds.toFixed(1) : Math.round(shown.milliseconds)} ms`,
				run.expected && (run.ok ? "; as the file expects" : `; the file expects ${run.expected}`),
			),
		);
	}

	/** Shows the schedule that was found, or one's own, or else a plain one. */
	async #schedule(turn: number, step?: number): Promise<void> {
		const { wanted, shown } = this.#shown!;
		const { walk } = this.#state;
		const own = walk !== undefined || !shown.view;
		let next: Walked["next"] = [];
		let view = shown.view;
		if (own) {
			const walked = await this.#client.call("walk", { wanted, actions: walk ?? null });
			if (turn !== this.#turn) return;
			({ view, next } = walked);
		}
		this.#view = view;
		const steps = view?.schedule.steps.length ?? 0;
		this.#lanes.show(view);
		this.#machine.show(view);
		this.#offer(walk !== undefined, next);
		this.element.classList.remove("fresh");
		this.#player.reset(steps, step ?? (own && walk === undefined ? 0 : steps));
	}

	/** What can happen next in a schedule of one's own. */
	#offer(walking: boolean, next: Walked["next"]): void {
		this.#which.textContent = walking
			? "Your schedule"
			: this.#shown!.shown.view
				? "The schedule that was found"
				: "One of its schedules";
		// One's own goes on with translations that come one by one.
		this.#own.hidden = walking || this.#view?.schedule.mayHold === true;
		this.#back.hidden = !walking;
		const held = this.#next.contains(document.activeElement);
		fill(
			this.#next,
			walking && h("h3", {}, next.length > 0 ? "What can happen next: choose" : "Nothing can happen any more"),
			walking &&
				next.map(({ action, cpu, text, spontaneous, hazards }) =>
					h(
						"button",
						{
							type: "button",
							class: `step ${spontaneous ? "hardware spontaneous" : "plain"}`,
							onclick: () => this.#choice(action),
						},
						h("b", {}, cpu === null ? "shared " : `CPU${cpu} `),
						spontaneous && "~ ",
						text,
						hazards.length > 0 && h("strong", {}, ` ${hazards.join(" + ")}`),
					),
				),
		);
		if (held) this.#next.querySelector("button")?.focus({ preventScroll: true });
	}

	#walkFrom(): void {
		const { actions = [] } = this.#view?.schedule ?? {};
		this.#walk(actions.slice(0, this.#player.step));
	}

	#choice(action: number): void {
		this.#walk([...(this.#state.walk ?? []), action]);
	}

	#walk(walk: number[]): void {
		// Its steps would be those of what is about to go.
		if (this.#result.ariaBusy === "true") return;
		const { step: _, ...rest } = this.#state;
		this.#state = { ...rest, walk };
		this.#host.changed({ walk, step: undefined } as unknown as Partial<PageState>);
		const turn = this.#begin();
		this.#schedule(turn)
			.catch((error) => turn === this.#turn && this.#failed(error))
			.finally(() => this.#end(turn));
	}

	#at(step: number): void {
		this.#lanes.at(step);
		this.#machine.at(step);
		const view = this.#view;
		if (!view) return;
		this.#editor?.light(view.chart.rows[step - 1]?.line ?? 0);
		const last = view.schedule.steps.length;
		const kept = step === last ? undefined : step;
		if (this.#state.step === kept) return;
		this.#state = { ...this.#state, step: kept } as PageState;
		this.#host.changed({ step: kept } as Partial<PageState>);
	}

	#copied() {
		if (!this.#shown) return null;
		const shipped = this.#text === this.#shipped ? this.#state.scenario : null;
		return { ...this.#shown, shipped };
	}
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

function judgedOf({ positive, states }: NonNullable<Shown["judgement"]>): string {
	return `The condition's proposition holds in ${positive === 0 ? "none" : positive} of ${many(states, "final state")}.`;
}

function saidOf(kind: string): string {
	if (kind === "safe") return "No schedule within these bounds goes wrong. Take something out, and see what breaks.";
	if (kind === "latent") return "A contract is broken, and nothing that goes wrong with it can be reached here.";
	return "Not all schedules were looked at: what was seen says nothing about the rest.";
}
