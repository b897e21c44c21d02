import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT, stalemate, succeeds } from "../cli/cli.ts";
import { executablePath, launch } from "./chromium.ts";

const trace = join(ROOT, "examples/sample/sample.packed.gz");
const axe = readFileSync(join(ROOT, "node_modules/axe-core/axe.min.js"), "utf8");

describe.skipIf(!existsSync(executablePath))("a report in Chromium", () => {
	let browser: Browser;
	let cwd: string;

	beforeAll(async () => {
		browser = await launch();
		cwd = mkdtempSync(join(tmpdir(), "stalemate-report-"));
		const results = {
			trace: ["trace", trace, "--every", "200k", "--profile", "compat-bdw", "--json"],
			check: ["check", "L02", "L05", "L08", "--profile", "pa8800", "--model", "sc", "--json"],
			cost: ["cost", "shootdown", "--threads", "1,2", "--json"],
		};
		for (const [name, args] of Object.entries(results))
			writeFileSync(join(cwd, `${name}.json`), (await stalemate(args)).stdout);
		const files = Object.keys(results).map((name) => `${name}.json`);
		await succeeds(["report", ...files, "-o", "page.html"], { cwd });
	});
	afterAll(async () => {
		await browser?.close();
		rmSync(cwd, { recursive: true });
	});

	test.each([
		[360, "light"],
		[1280, "dark"],
		[3840, "light"],
	] as const)(
		"%i pixels wide, %s: opens without a network, fits, and axe finds nothing wrong",
		async (width, colorScheme) => {
			const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, offline: true });
			const page = await context.newPage();
			const heard: string[] = [];
			page.on("console", (message) => heard.push(message.text()));
			page.on("pageerror", (error) => heard.push(String(error)));
			const url = pathToFileURL(join(cwd, "page.html")).href;
			page.on("request", (request) => request.url() !== url && heard.push(request.url()));
			await page.goto(url);
			expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
			// What is folded is looked at, too.
			await page.evaluate(() => {
				for (const details of document.querySelectorAll("details")) details.open = true;
			});
			await page.evaluate(axe);
			const { violations } = await page.evaluate(() => {
				return (globalThis as unknown as { axe: typeof import("axe-core") }).axe.run();
			});
			expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
			expect(heard).toEqual([]);
			await context.close();
		},
	);

	test("a verdict leads to its schedule, which opens", async () => {
		const page = await browser.newPage();
		await page.goto(pathToFileURL(join(cwd, "page.html")).href);
		const schedule = page.getByRole("img", { name: "clean-alias on pa8800 (sc): STALE" });
		expect(await schedule.isVisible()).toBe(false);
		await page.getByRole("link", { name: "STALE", exact: true }).first().click();
		await schedule.waitFor();
		await page.close();
	});
});
