import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { servePage } from "../../scripts/serve-page.mjs";
import { executablePath, launch } from "./chromium.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "dist-page");

describe.skipIf(!existsSync(executablePath))("the playground in Chromium", () => {
	let browser: Browser;
	let page: Page;
	let server: Awaited<ReturnType<typeof servePage>>;
	const problems: string[] = [];

	beforeAll(async () => {
		server = await servePage(folder);
		browser = await launch();
	});

	afterAll(async () => {
		await browser?.close();
		await server?.close();
	});

	afterEach(async () => {
		await page?.context().close();
		expect(problems.splice(0)).toEqual([]);
	});

	async function open(hash = "", options: BrowserContextOptions = {}, origin = server.origin): Promise<void> {
		const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
		page = await context.newPage();
		page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
		page.on("pageerror", (error) => problems.push(String(error)));
		page.on("requestfailed", (request) => problems.push(`${request.url()} failed`));
		await page.goto(`${origin}/${hash}`);
	}

	const verdict = () => page.locator(".verdict strong");
	const step = () => page.locator(".where");
	const button = (name: string) => page.getByRole("button", { name, exact: true });
	const says = (text: string | RegExp) => verdict().filter({ hasText: text }).waitFor();

	describe("schedules", () => {
		test("L02 is STALE, is stepped through both ways, and is SAFE with the flush put in", async () => {
			await open();
			await says("STALE");
			expect(await step().textContent()).toBe("10 of 10");
			await button("One step back").click();
			expect(await step().textContent()).toBe("9 of 10");
			expect(await page.locator(".stale-now").textContent()).toContain("P in the outer cache");
			await button("To the start").click();
			expect(await page.locator(".stale-now").textContent()).toBe("Stale now: nothing");
			await button("One step on").click();
			expect(await page.locator("[aria-current=step]").textContent()).toContain("load r0 <- K");
			await page.getByRole("switch", { name: "cache.flush K" }).click();
			await says("SAFE");
			expect(await page.locator(".editor").locator(".cm-content").textContent()).toContain("    cache.flush K");
		});

		test("an action that keeps a scenario right is taken out, and put in again", async () => {
			await open("#v=1&s=L06");
			await says("SAFE");
			const flush = page.getByRole("switch", { name: "cache.flush" }).first();
			await flush.click();
			await says("STALE");
			await flush.click();
			await says("SAFE");
		});
	});

	describe("traces", () => {
		const sample = join(root, "examples/sample/sample.packed.gz");
		const status = () => page.locator(".said");
		const drop = (name: string, content: Buffer | string) =>
			page
				.locator("#trace-file")
				.setInputFiles({ name, mimeType: "application/octet-stream", buffer: Buffer.from(content) });

		/** Misses by machine and level, as the page has them. */
		async function counts(): Promise<string[]> {
			await status()
				.filter({ hasText: /references: .* fetches/ })
				.waitFor();
			return page
				.locator(".counts tr")
				.evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent).join(" ")));
		}

		test("a trace has the counts that the command line prints", async () => {
			await open("#v=1&view=trace&on=broadwell&on=e500v2");
			await page.locator("#trace-file").setInputFiles(sample);
			const cli = spawnSync(
				process.execPath,
				[join(root, "dist/cli.js"), "trace", sample, "--profile", "broadwell,e500v2"],
				{ encoding: "utf8" },
			);
			const printed = cli.stdout.split("\n").map((line) => line.trim().replace(/ +/g, " "));
			const shown = (await counts()).map((line) => line.trim().replace(/ +/g, " "));
			for (const level of ["L1I", "L1D", "L2"]) {
				const row = shown.find((line) => line.startsWith(`${level} `));
				expect(row).toMatch(/\d,\d{3}/);
				expect(printed).toContain(row);
			}
			await page.locator(".miss .plot").waitFor();
			expect(await page.locator(".pressure canvas").count()).toBe(2);
			expect(await page.locator(".ruler").count()).toBe(2);
		});

		test.each([
			[
				"a program dropped as a trace",
				"a.out",
				Buffer.concat([Buffer.from("\x7fELF"), Buffer.alloc(5000, 7)]),
				"a.out",
			],
			["text of another kind", "notes.txt", "dear diary,\n".repeat(500), "notes.txt"],
			["an empty file", "nothing.din", "", "empty"],
			["a profile that is no JSON", "mine.json", "{,}", "no JSON"],
			["a profile with a wrong key", "mine.json", '{"extends":"broadwell","cashes":{}}', "caches"],
		])("%s is told in a sentence", async (_, name, content, said) => {
			await open("#v=1&view=trace");
			await page.locator(".machine-list input").first().waitFor();
			await drop(name, content);
			await page.locator("#message").filter({ hasText: said }).waitFor();
		});

		test("a profile of one's own, of 64 CPUs, is simulated beside the others", async () => {
			await open("#v=1&view=trace&on=broadwell");
			await page.locator(".machine-list input").first().waitFor();
			await drop(
				"mine.json",
				'{"extends":"zen3","id":"huge","title":"Mine","cpus":{"sockets":4,"cores":8,"threads":2}}',
			);
			await page.getByRole("checkbox", { name: "huge" }).waitFor();
			await drop("t.din", "0 1000\n1 2000\n".repeat(100));
			expect((await counts())[0]).toContain("huge");
		});
	});
});
