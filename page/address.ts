// The page's state as the part of its address behind the #: versioned, short, and refused politely where it is garbage.

import type { Removal } from "../src/check/weaken.ts";
import type { SwapDevice } from "../src/cost/mechanisms.ts";

export const VIEWS = ["check", "trace", "cost"] as const;
export type ViewName = (typeof VIEWS)[number];

export interface PageState {
	view: ViewName;
	/** File, row or name of the catalogue. */
	scenario: string;
	/** The text, where it is not the catalogue's. */
	text?: string;
	/** Of the schedules: its id; "own:" before that of a profile of one's own. */
	profile?: string;
	/** A profile of one's own, as JSON. */
	own?: string;
	model?: string;
	params: Record<string, string>;
	without: Removal[];
	step?: number;
	/** The steps of a schedule of one's own. */
	walk?: number[];
	/** Of the trace view. */
	profiles?: string[];
	sets?: string[];
	cpus?: number;
	/** Of the cost view. */
	cost?: { section: string; machine?: string; pti?: boolean; swap?: string; prices?: string[] };
}

export const START: PageState = { view: "check", scenario: "L02", params: {}, without: [] };

const VERSION = "1";
/** All that an address may say. */
const KEYS = "v view s p m q x n w on set cpus of at pti swap price o t".split(" ");
const SWAPS: readonly string[] = ["hdd", "sata", "nvme"] satisfies SwapDevice[];
/** Longer addresses are cut by mail programs and refused by servers' logs. */
export const MOST = 100_000;
/** Characters of a text, unpacked: a small address may hold a large one. */
const MOST_TEXT = 1_000_000;
const BETWEEN = "~";
/** Before the id of a profile of one's own. */
export const OWN = "own:";

export async function addressOf(state: PageState): Promise<string> {
	const query = new URLSearchParams({ v: VERSION });
	if (state.view !== "check") query.set("view", state.view);
	query.set("s", state.scenario);
	if (state.profile !== undefined) query.set("p", state.profile);
	if (state.model !== undefined) query.set("m", state.model);
	for (const [name, value] of Object.entries(state.params)) query.append("q", `${name}=${value}`);
	for (const { action, way } of state.without) query.append("x", `${way}${BETWEEN}${action}`);
	if (state.step !== undefined) query.set("n", String(state.step));
	if (state.walk) query.set("w", state.walk.map((action) => action.toString(36)).join("."));
	for (const profile of state.profiles ?? []) query.append("on", profile);
	for (const set of state.sets ?? []) query.append("set", set);
	if (state.cpus !== undefined && state.cpus !== 1) query.set("cpus", String(state.cpus));
	if (state.cost) {
		const { section, machine, pti, swap, prices = [] } = state.cost;
		query.set("of", section);
		if (machine !== undefined) query.set("at", machine);
		if (pti) query.set("pti", "1");
		if (swap !== undefined && swap !== "hdd") query.set("swap", swap);
		for (const price of prices) query.append("price", price);
	}
	if (state.own !== undefined && isUsed(state)) query.set("o", await packed(state.own));
	if (state.text !== undefined) query.set("t", await packed(state.text));
	return `#${query}`;
}

/** Whether the profile of one's own is chosen anywhere. */
function isUsed({ profile, profiles = [] }: PageState): boolean {
	return [profile, ...profiles].some((id) => id?.startsWith(OWN));
}

/** What an address says; where it makes no sense, why. */
export async function stateOf(hash: string): Promise<{ state: PageState; problem?: string }> {
	if (hash.length < 2) return { state: START };
	try {
		return { state: await read(hash) };
	} catch (error) {
		const why = error instanceof Refused ? error.message : "it is damaged";
		return { state: START, problem: `The address of this page could not be read (${why}): it begins anew.` };
	}
}

class Refused extends Error {}

async function read(hash: string): Promise<PageState> {
	if (hash.length > MOST) throw new Refused("it is too long");
	const query = new URLSearchParams(hash.slice(1));
	const version = query.get("v");
	if (version !== VERSION) throw new Refused(version === null ? "it has no version" : "it is of another version");
	const strange = [...query.keys()].find((key) => !KEYS.includes(key));
	if (strange !== undefined) throw new Refused(`nothing here is called ${JSON.stringify(strange)}`);
	const view = (query.get("view") ?? "check") as ViewName;
	if (!VIEWS.includes(view)) throw new Refused("there is no such view");
	const state: PageState = { ...START, view, params: {}, without: [] };
	const text = query.get("t");
	const step = query.get("n");
	const scenario = query.get("s");
	if (scenario !== null) state.scenario = scenario;
	const profile = query.get("p");
	if (profile !== null) state.profile = profile;
	const model = query.get("m");
	if (model !== null) state.model = model;
	for (const pair of query.getAll("q")) {
		const at = pair.indexOf("=");
		if (at < 1) throw new Refused("a parameter has no value");
		Object.defineProperty(state.params, pair.slice(0, at), { value: pair.slice(at + 1), enumerable: true });
	}
	for (const pair of query.getAll("x")) {
		const at = pair.indexOf(BETWEEN);
		if (at < 1) throw new Refused("an action is not said in full");
		state.without.push({ way: pair.slice(0, at), action: pair.slice(at + 1) });
	}
	if (step !== null) {
		if (!/^\d{1,6}$/.test(step)) throw new Refused("the step is no number");
		state.step = Number(step);
	}
	const walk = query.get("w");
	if (walk !== null) {
		if (!/^([0-9a-z]{1,7}(\.[0-9a-z]{1,7})*)?$/.test(walk)) throw new Refused("its steps are no numbers");
		state.walk = walk === "" ? [] : walk.split(".").map((word) => Number.parseInt(word, 36));
	}
	if (query.has("on")) state.profiles = query.getAll("on");
	const cpus = query.get("cpus");
	if (cpus !== null) {
		if (!/^\d{1,3}$/.test(cpus)) throw new Refused("the CPUs are no number");
		state.cpus = Number(cpus);
	}
	const section = query.get("of");
	if (section !== null) {
		if (!/^S[0-4]$/.test(section)) throw new Refused("there is no such table");
		const [machine, swap] = [query.get("at"), query.get("swap")];
		if (swap !== null && !SWAPS.includes(swap)) throw new Refused(`swap is one of ${SWAPS.join(", ")}`);
		state.cost = {
			section,
			...(machine !== null && { machine }),
			...(query.has("pti") && { pti: true }),
			...(swap !== null && { swap }),
			prices: query.getAll("price"),
		};
	}
	if (query.has("set")) state.sets = query.getAll("set");
	const own = query.get("o");
	if (own !== null) state.own = await unpacked(own);
	if (text !== null) state.text = await unpacked(text);
	return state;
}

async function packed(text: string): Promise<string> {
	const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
	const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
	const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
	return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function unpacked(packed: string): Promise<string> {
	const letters = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
	const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
	const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
	const decoder = new TextDecoder("utf-8", { fatal: true });
	let text = "";
	for (;;) {
		const { done, value } = await reader.read();
		if (done) return text + decoder.decode();
		text += decoder.decode(value, { stream: true });
		if (text.length > MOST_TEXT) throw new Refused("its text is too long");
	}
}
