// What is on the page in forms that work elsewhere.

import { copyText, h, saveText } from "../dom.ts";
import type { Shown, Wanted } from "./types.ts";

export interface Copied {
	wanted: Wanted;
	shown: Shown;
	/** Name in the catalogue, where the text is the catalogue's. */
	shipped: string | null;
}

/** The check as a command line: of what it has no options for, machines of one's own and what is taken out, as a program. */
export function cliOf({ wanted, shown, shipped }: Copied): string {
	const { run, code } = shown;
	if (wanted.own !== undefined || wanted.without.length > 0)
		return `cat > stalemate.mjs <<'END'\n${code}END\nnode stalemate.mjs\n`;
	const params = Object.entries(run.params).map(([name, value]) => `--param ${quoted(`${name}=${value}`)}`);
	const machine = ["--profile", quoted(run.profile), "--model", run.model];
	const call = (file: string) => ["npx stalemate check", file, ...machine, ...params].join(" ");
	if (shipped !== null) return `${call(shipped)}\n`;
	const file = `${run.scenario.replace(/[^\w.-]/g, "_")}.scn`;
	return `cat > ${file} <<'END'\n${wanted.text.trimEnd()}\nEND\n${call(file)}\n`;
}

export function copies(get: () => Copied | null): HTMLElement {
	const said = h("output", { class: "copied" });
	let saying = 0;
	const copy = (label: string, name: string, make: (copied: Copied) => string) =>
		h("button", { type: "button", onclick: () => void act(make, name) }, label);
	async function act(make: (copied: Copied) => string, name: string): Promise<void> {
		const copied = get();
		if (!copied) return;
		clearTimeout(saying);
		said.textContent = "";
		const how = await copyText(make(copied), name);
		said.textContent = how === "copied" ? "copied" : `saved as ${name}`;
		saying = window.setTimeout(() => {
			said.textContent = "";
		}, 2000);
	}
	return h(
		"div",
		{ class: "copies", role: "group", "aria-label": "Take it with you" },
		copy("Copy as CLI", "stalemate.sh", cliOf),
		copy("Copy as test", "stalemate.test.ts", ({ shown }) => shown.test),
		copy("Copy as code", "stalemate.mjs", ({ shown }) => shown.code),
		h(
			"button",
			{
				type: "button",
				onclick: () => {
					const copied = get();
					if (copied?.shown.svg) saveText(copied.shown.svg, `${copied.shown.run.scenario}.svg`, "image/svg+xml");
					else said.textContent = "there is no schedule to draw";
				},
			},
			"Save as SVG",
		),
		said,
	);
}

/** For a shell: as one word. */
function quoted(text: string): string {
	return /^[\w.=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
