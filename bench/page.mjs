// The playground in Chromium: how long until something is seen, how long a scenario takes, how fast steps are gone through, and
// traces beside Node. npm run bench:page

import { mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { PAGE } from "../scripts/build-page.mjs";
import { ensureChromium } from "../scripts/ensure-chromium.mjs";
import { servePage } from "../scripts/serve-page.mjs";

const LOADS = 7;
const RUNS = 5;
const found = ensureChromium();
if ("why" in found) throw new Error(found.why);
const { origin, close } = await servePage(PAGE);

const launch = () => chromium.launch({ executablePath: found.path, args: ["--no-sandbox", "--disable-gpu"] });
/** @param {number[]} all */
const median = (all) => [...all].sort((a, b) => a - b)[all.length >> 1] ?? 0;
const viewport = { width: 1600, height: 1000 };

/** @type {number[]} */
const loads = [];
for (let i = 0; i < LOADS; i++) {
	const browser = await launch();
	const page = await browser.newPage({ viewport });
	await page.goto(origin);
	await page.locator(".check:not(.fresh) .lanes li").first().waitFor();
	loads.push(await page.evaluate(() => performance.now()));
	await browser.close();
}
console.log(`cold load until the first schedule is seen: ${Math.round(median(loads))} ms (of ${LOADS})`);

const browser = await launch();
const page = await browser.newPage({ viewport });
await page.goto(origin);
await page.locator(".cm-content").waitFor();
const times = await page.evaluate(async () => {
	const scenario = /** @type {HTMLSelectElement} */ (document.querySelector("#scenario"));
	const verdict = /** @type {HTMLElement} */ (document.querySelector(".verdict"));
	const all = [];
	for (const { value } of scenario.querySelectorAll("option")) {
		const seen = new Promise((resolve) => new MutationObserver(resolve).observe(verdict, { childList: true }));
		scenario.value = value;
		const begun = performance.now();
		scenario.dispatchEvent(new Event("change"));
		await seen;
		all.push(performance.now() - begun);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	return all;
});
const slow = times.filter((time) => time > 150).length;
console.log(
	`a scenario chosen until its verdict: median ${Math.round(median(times))} ms, ${slow} of ${times.length} over 150 ms`,
);

await page.goto(`${origin}/#v=1&s=shootdown&q=cpus=4&q=rounds=3&n=0`);
await page.locator(".where").filter({ hasText: "start of 60" }).waitFor();
const steps = await page.evaluate(() => {
	const on = /** @type {HTMLElement} */ (document.querySelector('[aria-label="One step on"]'));
	const start = /** @type {HTMLElement} */ (document.querySelector('[aria-label="To the start"]'));
	return Array.from({ length: 200 }, (_, i) => {
		if (i % 60 === 0) start.click();
		const begun = performance.now();
		on.click();
		// With style and layout.
		document.body.getBoundingClientRect();
		return performance.now() - begun;
	});
});
console.log(`one step, with style and layout: median ${median(steps).toFixed(1)} ms; a frame has 16.7`);

const folder = mkdtempSync(join(tmpdir(), "stalemate-bench-"));
const trace = join(folder, "walk.din");
const file = openSync(trace, "w");
for (let i = 0, at = 1; i < 60; i++) {
	let text = "";
	for (let n = 0; n < 100_000; n++) {
		at = (at * 48271) % 0x7fffffff;
		text += `${n % 3} ${(0x10000000 + (n % 5 === 0 ? at % 0x4000000 : n * 8)).toString(16)}\n`;
	}
	writeSync(file, text);
}
const { load } = await import("../dist/index.js");
const core = await load();
await page.goto(`${origin}/#v=1&view=trace&on=broadwell`);
await page.locator(".machine-list input").first().waitFor();
await page.locator("#curve").uncheck();
await page.locator("#pressure").selectOption("none");
/** @type {number[]} */
const ratios = [];
for (let i = 0; i < RUNS; i++) {
	await page.locator("#trace-file").setInputFiles([]);
	await page.locator("#trace-file").setInputFiles(trace);
	await page.locator(".said").filter({ hasText: "fetches" }).waitFor({ timeout: 120_000 });
	const said = (await page.locator(".said").textContent()) ?? "";
	await page.evaluate(() => document.querySelector(".said")?.replaceChildren());
	const here = Number(/([\d.]+) M references/.exec(said)?.[1]);
	const begun = performance.now();
	const { references } = await core.simulator("broadwell").runTrace(trace);
	ratios.push(here / (references.total / (performance.now() - begun) / 1000));
}
console.log(`text of 6 M references, Chromium over Node: ${median(ratios).toFixed(2)} (${RUNS} runs side by side)`);
rmSync(folder, { recursive: true });
await browser.close();
await close();
