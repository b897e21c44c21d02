// What is on the page in forms that work elsewhere.

import { copyText, h, saveText } from "../dom.ts";
import type { Shown, Wanted } from "./types.ts";

export interface Copied {
	wanted: Wanted;
	shown: Shown;
	/** Name in the catalogue, where the text is the catalogue's. */
	shipped: string | null;
}

/** The check as a command line. What is taken out is `check --weaken`'s to find. */
export function cliOf({ wanted, shown, shipped }: Copied): string {
	const { run } = shown;
	const params = Object.entries(run.params).map(([name, value]) => `--param ${quoted(`${name}=${value}`)}`);
	const machine = ["--profile", quoted(run.profile), "--model", run.model];
	const weaken = wanted.without.length > 0 ? ["--weaken"] : [];
	const call = (file: string) => ["npx stalemate check", file, ...machine, ...params, ...weaken].join(" ");
	if (shipped !== null) return `${call(shipped)}\n`;
	const file = `${run.scenario.replace(/[^\w.-]/g, "_")}.scn`;
	return `cat > ${file} <<'END'\n${wanted.text.trimEnd()}\nEND\n${call(file)}\n`;
}

/** The same in a program. */
export function codeOf({ wanted, shown }: Copied): string {
	const { run } = shown;
	const options = { params: run.params, profile: run.profile, model: run.model };
	return [
		'import { loadCheck, scheduleText } from "stalemate/check";',
		"",
		`const scenario = ${literal(wanted.text)};`,
		"",
		"const check = await loadCheck();",
		`const checked = await check.check(scenario, ${JSON.stringify(options)});`,
		"console.log(checked.run.verdict, checked.run.codes.join());",
		"if (checked.schedule) console.log(scheduleText(checked));",
		"",
	].join("\n");
}

/** The schedule, replayed; where there is none, that there is none. */
export function testOf({ wanted, shown }: Copied): string {
	const { run, test } = shown;
	if (test !== null) return test;
	const options = { params: run.params, profile: run.profile, model: run.model };
	return [
		'import { loadCheckSync } from "stalemate/check";',
		'import { expect, test } from "vitest";',
		"",
		`const scenario = ${literal(wanted.text)};`,
		"",
		`test(${JSON.stringify(`${run.scenario} on ${run.profile} (${run.model}): ${run.verdict}`)}, () => {`,
		`\tconst { run } = loadCheckSync().checkSync(scenario, ${JSON.stringify(options)});`,
		`\texpect(run.verdict).toBe(${JSON.stringify(run.verdict)});`,
		"});",
		"",
	].join("\n");
}

export function copies(get: () => Copied | null): HTMLElement {
	const said = h("output", { class: "copied" });
	const copy = (label: string, name: string, make: (copied: Copied) => string) =>
		h("button", { type: "button", onclick: () => void act(make, name) }, label);
	async function act(make: (copied: Copied) => string, name: string): Promise<void> {
		const copied = get();
		if (!copied) return;
		const how = await copyText(make(copied), name);
		said.textContent = how === "copied" ? "copied" : `saved as ${name}`;
		setTimeout(() => {
			said.textContent = "";
		}, 2000);
	}
	return h(
		"div",
		{ class: "copies", role: "group", "aria-label": "Take it with you" },
		copy("Copy as CLI", "stalemate.sh", cliOf),
		copy("Copy as test", "stalemate.test.ts", testOf),
		copy("Copy as code", "stalemate.mjs", codeOf),
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

function literal(text: string): string {
	return `\`${text.replace(/[\\`]|\$\{/g, "\\$&").replaceAll("\r", "\\r")}\``;
}
