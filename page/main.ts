// The page: its views, its address, and what goes wrong.

import { addressOf, MOST, type PageState, START, stateOf, type ViewName } from "./address.ts";
import { checkView } from "./check/view.ts";
import { fill, h } from "./dom.ts";
import { type Dropped, tell as told } from "./files.ts";

/** A part of the page that has it to itself. */
export interface View {
	readonly element: HTMLElement;
	/** Shows what an address says. */
	show(state: PageState): void;
	/** A key that nothing else wanted. */
	key(event: KeyboardEvent): void;
	/** A file of a kind that it shows. */
	take?(dropped: Dropped): void;
	readonly keys: readonly (readonly [keys: string, what: string])[];
}

/** What a view may ask of the page. */
export interface Host {
	/** Something in the address is different now. */
	changed(part: Partial<PageState>, how?: "new"): void;
	/** Says in one sentence what is wrong; null: nothing is. */
	say(message: string | null): void;
	/** Says what of the address makes no sense here, and what is shown instead, until something is chosen. */
	misread(why: string, instead: string, part: Partial<PageState>): void;
	/** Takes a file to the view that shows its kind. */
	open(file: File): Promise<void>;
}

const LOADERS: Record<ViewName, (host: Host) => Promise<View>> = {
	// The first that is seen is here already.
	check: async (host) => checkView(host),
	trace: async (host) => (await import("./trace/view.ts")).traceView(host),
	cost: async (host) => (await import("./cost/view.ts")).costView(host),
};

const main = document.querySelector("main")!;
const message = document.querySelector<HTMLElement>("#message")!;
const nav = document.querySelector("nav")!;
const views = new Map<ViewName, Promise<View>>();
let state: PageState = START;
let current: View | undefined;
let writing = 0;
let waiting = 0;
/** What the view says is wrong, and what was wrong with the address. */
let said: string | null = null;
let unread: string | null = null;
/** What cannot be in the address. */
let long: string | null = null;
/** All of the address was: one steps back to it, for it may hold a text. */
let lost = false;
/** Browsers ignore addresses that change more often than a few times a second. */
const PATIENCE = 250;

const host: Host = {
	changed(part, how) {
		state = { ...state, ...part };
		clearTimeout(waiting);
		if (how === "new" || lost) void write("new");
		else waiting = window.setTimeout(write, PATIENCE);
	},
	say(text) {
		said = text;
		tell();
	},
	misread(why, instead, part) {
		state = { ...state, ...part };
		unread ??= `The address of this page could not be read (${why}): ${instead}.`;
		tell();
	},
	open: take,
};

function tell(): void {
	const text = said ?? unread ?? long;
	message.hidden = text === null;
	if (message.textContent !== text) message.textContent = text;
}

for (const type of ["input", "change"]) {
	addEventListener(type, () => {
		if (unread === null) return;
		unread = null;
		tell();
	});
}

async function write(how?: "new"): Promise<void> {
	const turn = ++writing;
	const address = await addressOf(state);
	if (turn !== writing) return;
	long =
		address.length > MOST ? "The text is too long for the address of this page: keep it in a file of your own." : null;
	tell();
	if (long !== null || address === location.hash) return;
	lost = false;
	if (how === "new") history.pushState(null, "", address);
	else history.replaceState(null, "", address);
}

/** Goes where the address says. */
async function go(): Promise<void> {
	const { state: found, problem } = await stateOf(location.hash);
	state = found;
	said = null;
	unread = problem ?? null;
	lost = problem !== undefined;
	tell();
	await open();
}

async function open(): Promise<void> {
	for (const link of nav.querySelectorAll("a")) {
		if (link.dataset.view !== state.view) link.removeAttribute("aria-current");
		else {
			link.setAttribute("aria-current", "page");
			document.title = `stalemate: ${link.textContent!.toLowerCase()}`;
		}
	}
	const wanted = state.view;
	if (!views.has(wanted)) views.set(wanted, LOADERS[wanted](host));
	const view = await views.get(wanted)!;
	if (wanted !== state.view) return;
	if (current !== view) {
		current = view;
		fill(main, view.element);
	}
	view.show(state);
}

for (const link of nav.querySelectorAll("a")) {
	link.addEventListener("click", (event) => {
		event.preventDefault();
		state = { ...state, view: link.dataset.view as ViewName };
		void write("new");
		void open();
	});
}

addEventListener("popstate", () => void go());

// Files, wherever they are dropped: each goes to the view that shows its kind.

const holdsFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes("Files") === true;

addEventListener("dragover", (event) => {
	if (!holdsFiles(event)) return;
	event.preventDefault();
	main.classList.add("over");
});
addEventListener("dragleave", ({ relatedTarget }) => relatedTarget ?? main.classList.remove("over"));
// Before the editor takes it for text.
addEventListener("drop", drop, { capture: true });

function drop(event: DragEvent): void {
	if (!holdsFiles(event)) return;
	event.preventDefault();
	event.stopPropagation();
	main.classList.remove("over");
	const [file] = event.dataTransfer!.files;
	if (file) void take(file);
}

async function take(file: File): Promise<void> {
	try {
		const dropped = await told(file, state.view === "trace");
		const profileHere = dropped.kind === "profile" && state.view === "trace";
		const wanted = dropped.kind === "trace" || profileHere ? "trace" : "check";
		if (wanted !== state.view) {
			state = { ...state, view: wanted };
			void write("new");
			await open();
		}
		host.say(null);
		(await views.get(wanted)!).take?.(dropped);
	} catch (error) {
		host.say(error instanceof Error ? error.message : String(error));
	}
}

// Keys

const dialog = h("dialog", { "aria-labelledby": "keys-title" });
document.body.append(dialog);

function showKeys(): void {
	const all: View["keys"] = [
		...(current?.keys ?? []),
		["?", "these keys"],
		["Esc", "leaves the editor or closes this"],
	];
	fill(
		dialog,
		h("h2", { id: "keys-title" }, "Keys"),
		h(
			"dl",
			{},
			all.map(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)]),
		),
		h("form", { method: "dialog" }, h("button", {}, "Close")),
	);
	dialog.showModal();
}

document.querySelector("#keys")!.addEventListener("click", showKeys);

addEventListener("keydown", (event) => {
	const [target] = event.composedPath();
	const typing =
		target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName));
	if (dialog.open || event.ctrlKey || event.metaKey || event.altKey) return;
	// A slider and a list have arrow keys of their own.
	if (typing) return;
	if (event.key === "?") {
		event.preventDefault();
		showKeys();
	} else current?.key(event);
});

void go();

/** Where nothing may be stored, or the host is not a secure one, the page needs its host the next time, too. */
async function keep(): Promise<void> {
	try {
		await navigator.serviceWorker?.register(new URL("./offline.js", import.meta.url));
	} catch {
		// As above.
	}
}

void keep();
