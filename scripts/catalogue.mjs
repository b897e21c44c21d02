// docs/catalogue.md, from runs of everything that ships: every row on every machine it names, and the three matrices.
// --check: only says whether it is as it would be written now. Numbers of states may differ: they say what a search took.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./stamp.mjs";

const PAGE = join(ROOT, "docs/catalogue.md");
const THREADS = {
	parisc: "Caches with aliases",
	sync: "vhost: giving a map up",
	access: "vhost: reaching the ring",
	shootdown: "TLB shootdown",
	pfn: "Page frames in KVM",
};

/** @typedef {import("../src/check/index.ts").CheckRun} Run */
/** @typedef {import("../src/check/index.ts").CatalogueEntry} Entry */
/** @typedef {typeof import("../src/check/index.ts")} Checking */

/** @returns {Promise<Checking>} */
const checking = () => import(pathToFileURL(join(ROOT, "dist/check.js")).href);

/** What rows cost whose point is a price (docs/cost.md). @returns {Promise<Record<string, string>>} */
async function pricesOfRows() {
	/** @type {typeof import("../src/cost/index.ts")} */
	const { loadCost } = await import(pathToFileURL(join(ROOT, "dist/cost.js")).href);
	const { sections } = (await loadCost()).reproduce(["S0", "S2"], { samples: 0 });
	const cells = sections.flatMap(({ tables }) => tables.flatMap((table) => table.cells));
	/** @param {string} id */
	const of = (id) => cells.find((cell) => cell.id === id)?.simulated ?? Number.NaN;
	/** @param {string} id */
	const us = (id) => (of(id) / 1000).toFixed(1);
	return {
		L16: `the second flush: ${of("L16/second")} cycles a page, where it is not left out (pa8800, estimated)`,
		L45: `off for 100 us, half of the time: ${us("L45/concurrent/100")} us a flush, on average (haswell-ep, predicted)`,
		L52: `${us("L52/33")} us at 33 pages, ${us("L52/34")} at 34 (haswell-ep, predicted)`,
	};
}

const prices = await pricesOfRows();

/** @param {Run} run */
const outcome = ({ verdict, codes }) => (verdict === "HAZARD" ? codes.join(" + ") : verdict);

/** @param {Run} run */
const machine = ({ profile, model }) => (profile === "abstract" ? model : `${profile} ${model}`);

/** @param {string} text */
const cell = (text) => text.replaceAll("|", "\\|");

/** What sets the runs with one outcome apart: parameters and machines that not all runs of the row have. @param {Run[]} own @param {Run[]} all */
function where(own, all) {
	/** @type {Array<[string, (run: Run) => string]>} */
	const aspects = [["", machine]];
	for (const name of Object.keys(all[0]?.params ?? {}).reverse())
		aspects.unshift([`${name}=`, (run) => String(run.params[name])]);
	const parts = aspects.flatMap(([name, of]) => {
		const here = new Set(own.map(of));
		const everywhere = new Set(all.map(of));
		return here.size < everywhere.size ? [`${name}${[...here].join(name === "" ? ", " : " or ")}`] : [];
	});
	return parts.join("; ");
}

/** @param {Entry} entry @param {Run[]} runs */
function row({ row, file, name, story }, runs) {
	const outcomes = [...new Set(runs.map(outcome))];
	const parts = outcomes.map((one) => {
		const own = runs.filter((run) => outcome(run) === one);
		const place = where(own, runs);
		const steps = own.flatMap(({ trace }) => (trace.length > 0 ? [trace.length] : []));
		const fewest = Math.min(...steps);
		const shortest = steps.length > 0 ? ` in ${fewest} step${fewest === 1 ? "" : "s"}` : "";
		return `**${one}**${shortest}${outcomes.length > 1 && place !== "" ? ` (${place})` : ""}`;
	});
	const states = runs.reduce((sum, run) => sum + run.states, 0);
	const price = prices[row ?? ""] ?? "";
	return `| ${row} | [${name}](../scenarios/${file}) | ${cell(story)} | ${cell(parts.join("; "))} | ${price} | ${runs.length} | ${states} |`;
}

/** A matrix: a scenario's runs by two aspects. @param {string[]} heads @param {Array<[string, string[]]>} rows */
function matrix(heads, rows) {
	return [
		`| | ${heads.join(" | ")} |`,
		`|---|${heads.map(() => "---").join("|")}|`,
		...rows.map(([head, cells]) => `| ${head} | ${cells.join(" | ")} |`),
	];
}

/** @param {Run[]} runs @returns {Promise<string>} */
async function page(runs) {
	const { catalogue, loadCheck } = await checking();
	const check = await loadCheck();
	const entries = catalogue();
	/** @param {string} name @param {import("../src/check/index.ts").CheckOptions} options */
	const come = (name, options) => {
		const { scenario } = /** @type {Entry} */ (entries.find((entry) => entry.name === name));
		return outcome(check.checkSync(scenario, { ...options, allHazards: true }).run);
	};
	/** @param {string} name @param {string} param */
	const values = (name, param) => {
		const { scenario } = /** @type {Entry} */ (entries.find((entry) => entry.name === name));
		return (scenario.params.find((one) => one.name === param)?.values ?? []).map(String);
	};
	const models = /** @type {const} */ (["sc", "tso", "arm8", "rcpc"]);
	const machines = [
		"vipt-generic",
		"vipt-generic{speculativeMoveIn=yes}",
		"vipt-l3-nonvictim",
		"pa8800{speculativeMoveIn=no}",
		"pa8800",
	];
	const rows = entries.filter((entry) => entry.row !== null);
	const wrong = runs.filter(({ ok }) => !ok);
	if (wrong.length > 0) throw new Error(`not as expected: ${wrong.map(({ id }) => id).join(", ")}`);
	const kinds = values("classifier-matrix", "kind");
	return `${[
		"# The catalogue",
		"",
		"Written by `npm run docs:catalogue`: do not edit. Every row with all its parameters, on every machine it says something of;",
		"every search goes to its end, or to the codes that the row expects. The same from the package:",
		"",
		"```console",
		"npx stalemate check --all --html catalogue.html",
		"```",
		"",
		"One of them, as a story, and what breaks without each of its barriers and flushes:",
		"",
		"```sh",
		"npx stalemate explain L02",
		"npx stalemate check L27 --weaken",
		"```",
		"",
		`${rows.length} rows, ${runs.length} runs, all as expected. How to read a verdict: [checking](check.md). *in N steps*: the shortest schedule.`,
		...Object.entries(THREADS).flatMap(([thread, title]) => [
			"",
			`## ${title}`,
			"",
			"| Row | Scenario | | Comes out | Cost | Runs | States |",
			"|---|---|---|---|---|---:|---:|",
			...rows
				.filter((entry) => entry.thread === thread)
				.map((entry) =>
					row(
						entry,
						runs.filter(({ scenario }) => scenario === entry.name),
					),
				),
		]),
		"",
		"## Ways to wait for an accessor, by memory model",
		"",
		"[sync-matrix](../scenarios/sync/sync-matrix.scn): the wait alone. With the locks of a whole life of a map around it,",
		"[all-variants](../scenarios/sync/all-variants.scn), ARM8 gets the notifier's missing barrier from an unlock.",
		"",
		...matrix(
			["SC", "TSO", "ARM8", "RCpc"],
			values("sync-matrix", "sync").map((sync) => [
				sync,
				models.map((model) => come("sync-matrix", { params: { sync }, model })),
			]),
		),
		"",
		"## Aliases, by machine",
		"",
		"R, W, F, Z, M, P: read, write, flush, write back and keep, map, purge the translation; U the process's mapping, K the kernel's.",
		"ok: SAFE or LATENT.",
		"",
		...matrix(
			["vipt", "vipt with move-in", "plain outer cache", "pa8800 without move-in", "pa8800"],
			entries
				.filter(({ name }) => name.startsWith("matrix-"))
				.map(({ name, story }) => [
					cell(story),
					machines.map((profile) => come(name, { profile }).replace(/^(SAFE|LATENT)$/, "ok")),
				]),
		),
		"",
		"## Predicates, by kind of page frame",
		"",
		"Each answers for the memory type and for the reference. SAFE is left out.",
		"",
		...matrix(
			["", ...kinds],
			values("classifier-matrix", "classifier").flatMap((classifier) =>
				["memory-type", "reference"].map((decision) => {
					const cells = kinds.map((kind) => come("classifier-matrix", { params: { classifier, kind, decision } }));
					return /** @type {[string, string[]]} */ ([
						classifier,
						[decision, ...cells.map((one) => one.replace("SAFE", ""))],
					]);
				}),
			),
		),
	].join("\n")}\n`;
}

/** Without the last column of the rows, which is states. @param {string} text */
const settled = (text) => text.replace(/(^\| L\d\d .*\| )\d+ \|$/gm, "$1|");

mkdirSync(join(ROOT, "build"), { recursive: true });
const html = join(ROOT, "build/catalogue.html");
const cli = spawnSync(process.execPath, [join(ROOT, "dist/cli.js"), "check", "--all", "--json", "--html", html], {
	encoding: "utf8",
	maxBuffer: 1 << 30,
});
if (cli.status !== 0) throw new Error(`check --all ends with ${cli.status}: ${cli.stderr}`);
const text = await page(JSON.parse(cli.stdout).runs);
if (!process.argv.includes("--check")) writeFileSync(PAGE, text);
else if (!existsSync(PAGE) || settled(readFileSync(PAGE, "utf8")) !== settled(text)) {
	console.error("docs/catalogue.md is not what runs of the catalogue give: npm run docs:catalogue");
	process.exitCode = 1;
}
