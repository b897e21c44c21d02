// Every kind of result, made and reported by the command line.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT, stalemate, succeeds } from "../cli/cli.ts";

const TRACE = join(ROOT, "examples/sample/sample.packed.gz");

let cwd: string;
const file = (name: string, text: string | Uint8Array) => {
	writeFileSync(join(cwd, name), text);
	return name;
};
const read = (name: string) => readFileSync(join(cwd, name), "utf8");

/** Makes a result by a command, and the page about it. */
async function reported(command: string[], ...options: string[]): Promise<string> {
	file("result.json", await succeeds(command, { cwd }));
	return page("result.json", ...options);
}

async function page(...args: string[]): Promise<string> {
	await succeeds(["report", ...args, "-o", "page.html"], { cwd });
	const html = read("page.html");
	expectWhole(html);
	return html;
}

/** Well-formed as far as that can be told without a browser, with no script and nothing from elsewhere. */
function expectWhole(html: string): void {
	expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
	expect(html).toMatch(/<title>[^<]+ – stalemate<\/title>/);
	expect(html).toContain(`<meta http-equiv="Content-Security-Policy" content="default-src 'none';`);
	expect(html).not.toMatch(/<(script|link|iframe|img|object|embed|base|form)\b|\son\w+=|javascript:|@import|url\(/i);
	for (const [, target] of html.matchAll(/(?:href|src)="([^"]*)"/g)) {
		expect(target).toMatch(/^#/);
		expect(html).toContain(`id="${target!.slice(1)}"`);
	}
	expect(html).not.toMatch(/\bundefined\b|\bNaN\b|\[object/);
	const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
	expect(new Set(ids).size).toBe(ids.length);
	const open: string[] = [];
	const empty = new Set(["meta", "line", "rect", "circle", "polyline"]);
	for (const [, close, name] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
		if (empty.has(name!)) continue;
		if (close) expect(open.pop()).toBe(name);
		else open.push(name!);
	}
	expect(open).toEqual([]);
	for (const [svg] of html.matchAll(/<svg\b[^>]*>/g)) expect(svg).toMatch(/role="img" aria-label="[^"]+"/);
	for (const [th] of html.matchAll(/<th\b[^>]*>/g)) expect(th).toMatch(/scope="(row|col)"/);
}

beforeAll(() => {
	cwd = mkdtempSync(join(tmpdir(), "stalemate-report-"));
	file(
		"l1.sweep.json",
		JSON.stringify({
			verb: "trace",
			inputs: { trace: TRACE, profile: "broadwell" },
			axes: [
				{ path: "profile.caches.L1D.size", list: ["16K", "32K", "64K"] },
				{ path: "profile.caches.L1D.ways", list: [4, 8] },
			],
			outputs: ["L1D.misses", "L1D.missRatio"],
		}),
	);
});
afterAll(() => rmSync(cwd, { recursive: true }));

describe("stalemate report", { timeout: 60_000 }, () => {
	it("shows a trace: caches, TLBs, classes, misses over time, and how each number of the profile is known", async () => {
		const html = await reported(["trace", TRACE, "--every", "100k", "--classify", "--hot", "L1D:line", "--json"]);
		expect(html).toContain("1,093,910 references: 821,406 fetches, 194,236 reads, 78,268 writes");
		expect(html).toContain("<caption>Caches</caption>");
		expect(html).toMatch(
			/<th scope="row" class="left">L1D<\/th><td class="left">32K 8-way 64 B<\/td><td>272,884<\/td>/,
		);
		for (const caption of ["Classes of misses", "TLBs", "Where it misses most", "Miss ratios by interval"])
			expect(html).toContain(`<caption>${caption}</caption>`);
		expect(html).toMatch(/aria-label="L1D: miss ratio over time">\n(.*\n)*<polyline points="[^"]{60,}"/);
		expect(html).toMatch(/caches\.L1D\.size<\/th><td>32K<\/td>.*measured/);
		expect(html).toContain("5.91 cycles per reference");
	});

	it("shows machines side by side, and a profile of one's own", async () => {
		file("mine.json", JSON.stringify({ id: "mine", extends: "broadwell", caches: { L2: { size: 524288 } } }));
		const args = ["trace", TRACE, "--profile", "e500v2,pa8800", "--profile-file", "mine.json", "--json"];
		const html = await reported(args, "--title", "Mine");
		expect(html).toContain("<h1>Mine</h1>");
		expect(html).toContain("<h2>3 machines side by side</h2>");
		expect(html).toContain('aria-label="Cycles per reference"');
		expect(html).toContain("Where the numbers of mine come from");
		expect(html).toContain("512K 8-way 64 B");
	});

	it("shows what CPUs took from each other", async () => {
		const lines = Array.from({ length: 40 }, (_, i) => {
			return `--1--   SCHED[${(i % 2) + 1}]:  acquired lock (VG_(scheduler):timeslice)\n S ${(4096 + (i % 2) * 8).toString(16)},8\n`;
		});
		file("threads.lackey", lines.join(""));
		const html = await reported(["trace", "threads.lackey", "--cpus", "4", "--sharing", "--json"]);
		expect(html).toContain("<caption>Coherence</caption>");
		expect(html).toContain("<caption>Lines that CPUs take from each other</caption>");
	});

	it("shows a check, and the schedule that goes wrong in its lanes", async () => {
		const html = await reported(["check", "L02", "--profile", "pa8800", "--json"]);
		expect(html).toContain("<h1>clean-alias: STALE</h1>");
		expect(html).toMatch(/<details open><summary>clean-alias on pa8800 \(sc\): STALE<\/summary>/);
		expect(html).toMatch(/class="hazard".*\n.*user: load r1 &lt;- U/);
		expect(html).toContain("CPU0 cached P under K");
		expect(html).toContain("all 105 states, 317 transitions");
		expect(html).toContain("Where the numbers of pa8800 come from");
		expect(html).toBe((await reported(["check", "L02", "--profile", "pa8800", "--json"])).toString());
	});

	it("shows the same of explain, and a matrix of many machines", async () => {
		const told = await reported(["explain", "L02", "--profile", "pa8800", "--json"]);
		expect(told).toMatch(/<summary>clean-alias on pa8800 \(sc\): STALE<\/summary>/);
		const { status, stdout } = await stalemate(["check", "L05", "--profile", "all", "--model", "all", "--json"]);
		expect(status).toBe(1);
		const html = await page(file("many.json", stdout));
		expect(html).toMatch(/16 of 92 machines show a hazard/);
		expect(html.match(/<details><summary>other-colour-again on /g)).toHaveLength(16);
		expect(html.match(/<tr class="wrong">/g)).toHaveLength(4);
	});

	it("shows a litmus test with its final states", async () => {
		const html = await reported(["check", join(ROOT, "test/litmus/x86/SB.litmus"), "--model", "all", "--json"]);
		expect(html).toContain("Sometimes");
		expect(html).toContain("0:EAX=0; 1:EAX=0;");
	});

	it("shows what was taken out, as --weaken --html does", async () => {
		const html = await reported(["check", "L23", "--weaken", "--html", "weaken.html", "--json"]);
		expect(html).toContain("<h1>4 actions taken out in turn, all as expected</h1>");
		expectWhole(read("weaken.html"));
		expect(read("weaken.html")).toContain("<h1>4 actions taken out in turn, all as expected</h1>");
	});

	it("shows what check --html writes, in the same page", async () => {
		await succeeds(["check", "L02", "--profile", "pa8800", "--html", "check.html"], { cwd });
		expectWhole(read("check.html"));
		expect(read("check.html")).toContain(
			"<td>L02</td>".replace("td", 'th scope="row" class="left"').replace("/td", "/th"),
		);
	});

	it("shows costs: the curve, what the time goes to, and the constants", async () => {
		const html = await reported(["cost", "shootdown", "--threads", "1,2,4", "--samples", "5", "--json"]);
		expect(html).toContain('aria-label="shootdown on haswell-ep"');
		expect(html).toContain("95 % of machines");
		expect(html).toContain('aria-label="Where the time goes, 4 CPUs"');
		expect(html).toMatch(/ipiSend<\/th>.*calibrated/);
	});

	it("shows published beside simulated, with errors and how each figure is known", async () => {
		const html = await reported(["reproduce", "S2", "S4", "--json"]);
		expect(html).toMatch(/before, 2 threads<\/th><td>1436\.0<\/td><td>1436\.0<\/td><td>0\.0<\/td>.*calibrated/);
		expect(html).toContain('aria-label="S2: before, 4 threads"');
		expect(html).toContain("Errors and how each is known");
	});

	it("shows a miss-ratio curve, with its bounds where it is sampled", async () => {
		const exact = await reported(["trace", "curve", TRACE, "--of", "data", "--json"]);
		expect(exact).toContain("<h1>Miss-ratio curve of data, lines of 64 B</h1>");
		expect(exact).toMatch(/<p>[^<]*sample\.packed\.gz \(packed, gzip\)/);
		expect(exact).toContain("Counted by stalemate 0.1.0.");
		expect(exact).toMatch(/aria-label="Miss ratio by capacity">\n(.*\n)*<polyline points="[^"]{60,}"/);
		expect(await reported(["trace", "curve", TRACE, "--sample", "0.1", "--json"])).toContain("upper bound");
	});

	it("shows a comparison", async () => {
		const html = await reported(["compare", "23.18,23.55,23.51", "22.60,22.72,22.48", "--json"]);
		expect(html).toMatch(/stands out of the noise/);
		expect(html).toContain("<caption>Samples</caption>");
	});

	it("shows a sweep the same from its folder, journal and every form of its results", async () => {
		await stalemate(["sweep", "run", "l1.sweep.json", "-o", "l1", "--format", "parquet,csv,json"], { cwd });
		const forms = [
			"l1",
			"l1/journal.jsonl",
			"l1/sweep.json",
			"l1/results.parquet",
			"l1/results.csv",
			"l1/results.json",
		];
		const pages = [];
		for (const form of forms) pages.push(bare(await page(form, "--title", "Sweep")));
		for (const other of pages) expect(other).toBe(pages[0]);
		expect(pages[0]).toContain("<p>6 points</p>");
		expect(pages[0]).toMatch(/aria-label="L1D\.missRatio">\n(.*\n)*?.*>16K<.*\n(.*\n)*?.*L1D\.ways=4/);
		expect(pages[0]!.match(/<polyline/g)).toHaveLength(4);
		file("show.json", await succeeds(["sweep", "show", "l1", "--json"], { cwd }));
		expect((await page("show.json")).match(/<polyline/g)).toHaveLength(4);
	});

	it("shows a sweep over words as bars, and what is not finished", async () => {
		const spec = {
			verb: "check",
			inputs: { scenario: join(ROOT, "test/check/scenarios/clean-alias.scn") },
			axes: [{ path: "profile", list: ["pa8800", "vipt-generic"] }],
		};
		file("check.sweep.json", JSON.stringify(spec));
		await stalemate(["sweep", "run", "check.sweep.json", "-o", "checks"], { cwd });
		expect(await page("checks")).toMatch(/aria-label="states"(.*\n)*?.*vipt-generic/);
		const [header, first] = read("checks/journal.jsonl").split("\n");
		mkdirSync(join(cwd, "part"));
		file("part/sweep.json", read("checks/sweep.json"));
		file("part/journal.jsonl", `${header}\n${first}\n`);
		expect(await page("part")).toContain("1 point of 2: the others are not finished");
		file("part/journal.jsonl", `${header}\n`);
		await refuses(["part"], "BAD_RESULT", /part: no point of this sweep is finished/);
	});

	it("puts several results on a page, from files and standard input, to standard output", async () => {
		file("a.json", await succeeds(["check", "L02", "--profile", "pa8800", "--json"]));
		const input = await succeeds(["compare", "1,2,3", "2,3,4", "--json"]);
		const html = await succeeds(["report", "a.json", "-"], { cwd, input });
		expectWhole(html);
		expect(html).toContain("<h1>2 results</h1>");
		expect(html).toMatch(/<nav aria-label="Contents"><ul>\n<li><a href="#s1">clean-alias: STALE<\/a><\/li>/);
		expect(html).toContain("standard input</th>");
	});

	it("writes texts from outside as texts", async () => {
		const evil = '<script>alert(1)</script>"onload=';
		const trace = JSON.parse(await succeeds(["trace", TRACE, "--json"]));
		trace.trace.name = evil;
		const html = await page(file("evil.json", JSON.stringify(trace)), "--title", evil);
		expect(html).toContain("<h1>&lt;script&gt;alert(1)&lt;/script&gt;&quot;onload=</h1>");
		expect(html.match(/&lt;script&gt;/g)!.length).toBeGreaterThan(2);
	});

	it("knows a shipped profile again that --set has changed, where its version is the same", async () => {
		const text = await succeeds(["trace", TRACE, "--set", "caches.L2.size=512K", "--json"]);
		const html = await page(file("set.json", text));
		expect(html).toContain("Where the numbers of broadwell-custom come from");
		expect(html).toMatch(/>L2<\/th>.*512K/);
		const other = { ...JSON.parse(text), profileVersion: 99 };
		expect(await page(file("set.json", JSON.stringify(other)))).toContain("has no profile broadwell-custom");
	});

	it("tells a profile that it does not have", async () => {
		const trace = JSON.parse(await succeeds(["trace", TRACE, "--json"]));
		const html = await page(file("other.json", JSON.stringify({ ...trace, profile: "vax" })));
		expect(html).toContain("has no profile vax");
	});

	async function refuses(args: string[], code: string, message: RegExp): Promise<void> {
		const { status, stdout, stderr } = await stalemate(["report", ...args], { cwd });
		expect([status, stdout]).toEqual([2, ""]);
		expect(stderr).toMatch(new RegExp(`^error\\[${code}\\]: .*${message.source}`));
		expect(stderr.trim().split("\n")).toHaveLength(1);
	}

	it("says what is wrong with what is no result, and how one is made", async () => {
		const run = JSON.parse(await succeeds(["check", "L02", "--profile", "pa8800", "--json"]));
		const cases: [string, string | Uint8Array, RegExp][] = [
			["empty.json", "", /empty\.json: it is empty/],
			["cut.json", JSON.stringify(run).slice(0, 400), /cut\.json: it ends in the middle/],
			["text.json", "hello", /text\.json: it is no JSON \(.*\)\. Results are written by trace --json/],
			[
				"profile.json",
				'{"id":"x"}',
				/this is no result, it is an object with id.*stalemate trace app\.packed --json > result\.json/,
			],
			["none.json", "[]", /an empty list/],
			["five.json", "5", /no result, it is 5/],
			["runs.json", '{"runs":[]}', /nothing is in it: check --json found nothing/],
			["runs.json", '{"runs":5}', /looks like what check --json writes, but runs is 5: a list is needed/],
			[
				"runs.json",
				JSON.stringify({ runs: [{ ...run.runs[0], verdict: 1 }] }),
				/runs\.0\.verdict is 1: text is needed/,
			],
			["cut.parquet", "PAR1 and no more", /cut\.parquet: it/],
		];
		for (const [name, text, message] of cases) await refuses([file(name, text)], "BAD_RESULT", message);
	});

	it("says what is wrong with the call", async () => {
		file("a.json", "{}");
		await refuses([], "BAD_OPTION", /needs RESULTS/);
		await refuses(["nowhere.json"], "IO", /nowhere\.json: there is no such file/);
		await refuses(["a.json", "a.json"], "BAD_OPTION", /a\.json is named twice/);
		await refuses(["a.json", "-o", "a.json"], "BAD_OPTION", /a result itself: give another file/);
		await refuses(["."], "BAD_JOURNAL", /there is no sweep in it/);
		await succeeds(["compare", "1,2,3", "2,3,4", "--json"]).then((text) => file("b.json", text));
		await refuses(["b.json", "-o", "no/folder/x.html"], "IO", /it cannot be written/);
	});
});

/** Without what the file itself is. */
function bare(html: string): string {
	return html
		.replace(/<details><summary>What this page was made of[\s\S]*?<\/details>/, "")
		.replace(/<h2>Sweep .*<\/h2>/, "");
}
