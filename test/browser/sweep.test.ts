import { existsSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Row, SweepSpec } from "../../src/sweep/index.ts";
import { executablePath, launch } from "./chromium.ts";
import { serve } from "./server.ts";

const root = new URL("../..", import.meta.url).pathname;

/** In the page: import(), which the test runner would rewrite if it stood here. */
type ImportModule = (path: string) => Promise<typeof import("../../src/sweep/browser/index.ts")>;

/** A walk with a stride, and one back over it. */
const TRACE = Array.from({ length: 3000 }, (_, i) => {
	const at = i < 1500 ? i * 72 : (3000 - i) * 72;
	return `${i % 3} ${(i % 3 === 2 ? 0x400000 + (i % 99) * 4 : at).toString(16)}\n`;
}).join("");
const SINGLE = ["caches.L2=none", "caches.L3=none", "tlbs=none", "translation.policy=identity"];
const spec: SweepSpec = {
	verb: "trace",
	inputs: { trace: "short.din", profile: "broadwell", sets: [...SINGLE, "caches.L1I.replacement=lru"] },
	axes: [
		{ path: "profile.caches.L1D.replacement", list: ["lru", "fifo"] },
		{ path: "profile.caches.L1D.size", log: { from: "4K", to: "32K" } },
		{ path: "profile.caches.L1D.ways", list: [1, 2, 4] },
	],
	outputs: ["*"],
};
const SCENARIO =
	"scenario unmap\n  page P\n  map U -> P user\n  actor one on cpu 0\n    store U <- 1\n    load r0 <- U\n";
const checks: SweepSpec = {
	verb: "check",
	inputs: { scenario: "unmap.scn" },
	axes: [{ path: "model", list: ["sc", "tso"] }],
};

describe.skipIf(!existsSync(executablePath))("sweeps in the workers of a page", () => {
	let browser: Browser;
	let server: Awaited<ReturnType<typeof serve>>;

	beforeAll(async () => {
		server = await serve(root);
		browser = await launch();
	});

	afterAll(async () => {
		await browser?.close();
		await server?.close();
	});

	async function inPage<A, R>(path: string, work: (given: A) => Promise<R>, given: A): Promise<R> {
		const page = await browser.newPage();
		const problems: string[] = [];
		page.on("pageerror", (error) => problems.push(String(error)));
		page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
		await page.goto(server.origin + path, { waitUntil: "load" });
		try {
			const result = (await page.evaluate(work as never, given as never)) as R;
			expect(problems).toEqual([]);
			return result;
		} finally {
			await page.close();
		}
	}

	/** This function is run in the page, and may use nothing around it. */
	async function swept({ spec, inputs }: { spec: SweepSpec; inputs: Record<string, string> }) {
		const { sweep } = await (globalThis as unknown as { importModule: ImportModule }).importModule(
			"/dist/sweep-browser.js",
		);
		const rows: Row[] = [];
		for await (const row of sweep(spec, { inputs, workers: 2, timeout: 60 })) rows.push(row);
		return { rows: rows.sort((a, b) => (a.key < b.key ? -1 : 1)), isolated: crossOriginIsolated };
	}

	test.each(["/strict", "/isolated"])("have the rows that Node has, on %s", async (path) => {
		const { mkdtempSync, rmSync, writeFileSync } = await import("node:fs");
		const { join } = await import("node:path");
		const folder = mkdtempSync(join((await import("node:os")).tmpdir(), "stalemate-page-"));
		writeFileSync(join(folder, "short.din"), TRACE);
		writeFileSync(join(folder, "unmap.scn"), SCENARIO);
		const entry = new URL("../../dist/sweep.js", import.meta.url).href;
		const { sweep } = (await import(/* @vite-ignore */ entry)) as typeof import("../../src/sweep/index.ts");
		for (const [what, inputs] of [
			[spec, { "short.din": TRACE }],
			[checks, { "unmap.scn": SCENARIO }],
		] as const) {
			const there = await inPage(path, swept, { spec: what, inputs: inputs as Record<string, string> });
			expect(there.isolated).toBe(path === "/isolated");
			const here: Row[] = [];
			for await (const row of sweep(what, { inputs: folder, workers: 0 })) here.push(row);
			expect(there.rows).toEqual(here.sort((a, b) => (a.key < b.key ? -1 : 1)));
		}
		rmSync(folder, { recursive: true });
	});

	test("replace a worker that dies, and one that takes too long", async () => {
		const found = await inPage(
			"/strict",
			async ({ spec, trace }) => {
				const { sweep } = await (globalThis as unknown as { importModule: ImportModule }).importModule(
					"/dist/sweep-browser.js",
				);
				let made = 0;
				const worker = () => {
					const own = new Worker("/dist/sweep-worker-browser.js", { type: "module" });
					// The first two never answer: their messages go nowhere.
					if (made++ < 2) own.postMessage = () => {};
					return own;
				};
				const states: string[] = [];
				for await (const row of sweep(spec, { inputs: { "short.din": trace }, workers: 2, timeout: 2, worker }))
					states.push(row.status);
				return { states, made };
			},
			{ spec, trace: TRACE },
		);
		expect(found.states).toHaveLength(24);
		expect(found.states.filter((state) => state === "ok").length).toBeGreaterThan(20);
		expect(found.made).toBeGreaterThanOrEqual(4);
	});

	test("end when they are cancelled, and say which input is missing", async () => {
		const found = await inPage(
			"/strict",
			async ({ spec, trace }) => {
				const { sweep } = await (globalThis as unknown as { importModule: ImportModule }).importModule(
					"/dist/sweep-browser.js",
				);
				const codes: string[] = [];
				const controller = new AbortController();
				const given = { inputs: { "short.din": trace }, workers: 1, signal: controller.signal };
				try {
					for await (const _ of sweep(spec, given)) controller.abort();
				} catch (error) {
					codes.push((error as { code: string }).code);
				}
				try {
					for await (const _ of sweep(spec, { inputs: {} }));
				} catch (error) {
					codes.push((error as Error).message);
				}
				return codes;
			},
			{ spec, trace: TRACE },
		);
		expect(found).toEqual(["CANCELLED", expect.stringContaining('no input "short.din"')]);
	});
});
