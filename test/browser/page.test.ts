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
});
