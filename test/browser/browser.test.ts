import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { executablePath, launch } from "./chromium.ts";
import { serve } from "./server.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What the pages below import: the built package, as the browser sees it. */
type Package = typeof import("../../src/index.ts");

declare global {
	/** In the page: import(), which the test runner would rewrite if it stood here. */
	function importModule(path: string): Promise<Package>;
}

describe.skipIf(!existsSync(executablePath))("in Chromium", () => {
	let browser: Browser;
	let page: Page;
	let server: Awaited<ReturnType<typeof serve>>;
	const problems: string[] = [];

	beforeAll(async () => {
		server = await serve(root);
		browser = await launch();
	});

	afterAll(async () => {
		await browser?.close();
		await server?.close();
	});

	afterEach(async () => {
		await page?.close();
		problems.length = 0;
	});

	async function open(path: string): Promise<void> {
		page = await browser.newPage();
		page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
		page.on("pageerror", (error) => problems.push(String(error)));
		page.on("requestfailed", (request) => problems.push(`${request.url()} failed`));
		await page.goto(server.origin + path, { waitUntil: "load" });
	}

	describe.each(["/dist/index.js", "/dist/stalemate.min.js"])("%s", (entry) => {
		test.each(["/", "/strict"])("loads on %s", async (path) => {
			await open(path);
			const loaded = await page.evaluate(async (entry) => {
				const { load, loadSync } = await importModule(entry);
				const kinds = [await load(), loadSync()].map(({ module }) => module instanceof WebAssembly.Module);
				return {
					kinds,
					policed: await fetch("data:,x").then(
						() => false,
						() => true,
					),
				};
			}, entry);
			expect(loaded).toEqual({ kinds: [true, true], policed: path === "/strict" });
			expect(problems.filter((text) => !text.includes("data:,x"))).toEqual([]);
		});

		test("asks for nothing but its own files, and for none of Node's", async () => {
			await open("/strict");
			const asked: string[] = [];
			page.on("request", (request) => asked.push(new URL(request.url()).pathname));
			await page.evaluate(async (entry) => {
				const { load } = await importModule(entry);
				await load();
			}, entry);
			expect(asked[0]).toBe(entry);
			for (const path of asked) expect(path).toMatch(/^\/dist\/.*\.js$/);
			expect(problems).toEqual([]);
		});
	});

	// A dinero trace long enough to fill, evict and write back: a walk with a stride, and a walk back over it.
	const trace = Array.from({ length: 40_000 }, (_, i) => {
		const at = i < 20_000 ? i * 72 : (40_000 - i) * 72;
		return `${i % 3} ${(i % 3 === 2 ? 0x400000 + (i % 999) * 4 : at).toString(16)}\n`;
	}).join("");

	/** Counts of the trace on three machines; this function is run here and there, and may use nothing around it. */
	async function countsOf({ entry, trace }: { entry: string; trace: string }): Promise<string | undefined> {
		const { load, openTrace, profiles } = await importModule(entry);
		const core = await load();
		if (!("simulator" in core)) return undefined;
		const counts: unknown[] = [];
		for (const name of ["broadwell", "e500v2", "pa8800"] as const) {
			// biome-ignore lint/suspicious/noExplicitAny: the class is not there yet
			const simulator = (core as any).simulator(profiles[name]);
			counts.push(await simulator.runTrace(openTrace(new TextEncoder().encode(trace), { format: "din" })));
		}
		return JSON.stringify(counts, (_, value) => (typeof value === "bigint" ? `${value}n` : value));
	}

	test("counts are those of Node", async (context) => {
		const local = pathToFileURL(join(root, "dist/index.js")).href;
		globalThis.importModule = (path) => import(/* @vite-ignore */ path);
		const here = await countsOf({ entry: local, trace });
		if (here === undefined) return context.skip("no simulator yet");
		await open("/strict");
		expect(await page.evaluate(countsOf, { entry: "/dist/index.js", trace })).toBe(here);
		expect(here).toContain("L2");
		expect(problems).toEqual([]);
	});

	test("a gzipped trace is read, and a path is told to be for Node", async () => {
		const bytes = [...gzipSync("0 1000\n1 2000\n2 3000\n")];
		for (const entry of ["/dist/index.js", "/dist/stalemate.min.js"]) {
			await open("/strict");
			const found = await page.evaluate(
				async ({ entry, bytes }) => {
					const { load } = await importModule(entry);
					const core = await load();
					const { references } = await core.simulator("zen3").runTrace(Uint8Array.from(bytes));
					const messages: string[] = [];
					for (const path of ["a.din", "-"]) {
						await core
							.simulator("zen3")
							.runTrace(path)
							.catch(({ code, message }) => messages.push(`${code}: ${message}`));
						await core.writeTrace([], path).catch(({ code, message }) => messages.push(`${code}: ${message}`));
					}
					return { total: references.total, messages };
				},
				{ entry, bytes },
			);
			const told = ["a.din", "a.din", "-", "-"].map(
				(what) => `IO: ${what} needs Node: here, give bytes, a Blob or a stream`,
			);
			expect(found).toEqual({ total: 3, messages: told });
			expect(problems).toEqual([]);
			await page.close();
		}
	});

	test("core.wasm is taken by URL and as a Response", async () => {
		await open("/strict");
		const loaded = await page.evaluate(async () => {
			const { load } = await importModule("/dist/index.js");
			const url = new URL("/dist/core.wasm", location.href);
			const sources = [url, await fetch(url), fetch(url), (await load({ wasm: url })).module];
			return Promise.all(sources.map(async (wasm) => (await load({ wasm })).module instanceof WebAssembly.Module));
		});
		expect(loaded).toEqual([true, true, true, true]);
		expect(problems).toEqual([]);
	});

	test.each([
		["a page instead of core.wasm", "/strict", "/assets/core.wasm", "BAD_WASM", "is an HTML page (3c 21 64 6f)"],
		["a policy without WebAssembly", "/closed", "/dist/core.wasm", "BAD_WASM", "'wasm-unsafe-eval'"],
	])("%s is told as such", async (_, path, wasm, code, said) => {
		await open(path);
		const error = await page.evaluate(async (wasm) => {
			const { load, StalemateError } = await importModule("/dist/index.js");
			try {
				await load({ wasm: new URL(wasm, location.href) });
			} catch (error) {
				if (error instanceof StalemateError) return { code: error.code, message: error.message };
			}
			return undefined;
		}, wasm);
		expect(error?.code).toBe(code);
		expect(error?.message).toContain(said);
	});
});
