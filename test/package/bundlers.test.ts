// One application, built as its users would, and run in Chromium under a policy that allows its own scripts and nothing else.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { build as esbuild } from "esbuild";
import type { Browser } from "playwright-core";
import { rollup } from "rollup";
import { build as vite } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import webpack from "webpack";
import { servePage } from "../../scripts/serve-page.mjs";
import { executablePath, launch } from "../browser/chromium.ts";
import { application, type Counts } from "./application.ts";
import { newProject, type Project } from "./project.ts";

const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";
const WITHOUT_WASM = "default-src 'none'; script-src 'self'";

interface Way {
	/** Without one, the files are served as they are. */
	build?: (folder: string) => Promise<unknown>;
	/** What the application has to do for it. */
	files?: Parameters<typeof application>[0];
}

const ENTRIES = ["main.js", "worker.js", "sweep-worker.js"];

const ways: Record<string, Way> = {
	Vite: {
		build: (root) => vite({ root, base: "./", logLevel: "error", configFile: false, worker: { format: "es" } }),
	},
	webpack: {
		build: (context) =>
			new Promise<void>((done, failed) => {
				const output = { path: join(context, "dist") };
				// The package is minified already; doing it again takes longer than all else here.
				const optimization = { minimize: false };
				const performance = { hints: false } as const;
				const compiler = webpack({
					context,
					mode: "production",
					entry: "./main.js",
					output,
					optimization,
					performance,
				});
				compiler?.run((error, stats) => {
					const problems = error ?? stats?.toJson({ all: false, errors: true, warnings: true });
					if (problems instanceof Error) failed(problems);
					else if (problems?.errors?.length || problems?.warnings?.length) failed(new Error(JSON.stringify(problems)));
					else done();
				});
			}),
	},
	"rollup without plugins": {
		files: { ownWorker: true, byPath: true },
		async build(folder) {
			const problems: string[] = [];
			const bundle = await rollup({
				input: ENTRIES.map((name) => join(folder, name)),
				onLog: (_, { message }) => problems.push(message),
			});
			await bundle.write({ dir: join(folder, "dist"), format: "es" });
			await bundle.close();
			expect(problems).toEqual([]);
		},
	},
	esbuild: {
		files: { ownWorker: true },
		async build(folder) {
			const { warnings } = await esbuild({
				absWorkingDir: folder,
				entryPoints: ENTRIES,
				bundle: true,
				splitting: true,
				minify: true,
				format: "esm",
				outdir: "dist",
			});
			expect(warnings).toEqual([]);
		},
	},
	"no bundler": { files: { byPath: true } },
};

describe.skipIf(!existsSync(executablePath))("in Chromium", () => {
	let browser: Browser;

	beforeAll(async () => {
		browser = await launch();
	});
	afterAll(() => browser?.close());

	/** What the page says in the end. */
	async function shown(folder: string, policy: string): Promise<unknown> {
		const server = await servePage(folder, { policy });
		const page = await browser.newPage();
		const problems: string[] = [];
		page.on("pageerror", (error) => problems.push(String(error)));
		page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
		try {
			await page.goto(`${server.origin}/`);
			const output = page.locator("output").filter({ hasText: "{" });
			await output.waitFor();
			if (policy === STRICT) expect(problems.filter((text) => !text.includes("favicon"))).toEqual([]);
			return JSON.parse((await output.textContent())!);
		} finally {
			await page.close();
			await server.close();
		}
	}

	describe.each(Object.entries(ways))("built with %s", (_, { build, files }) => {
		let project: Project;
		let folder: string;

		beforeAll(async () => {
			project = newProject();
			project.write(application(files));
			await build?.(project.folder);
			folder = build ? join(project.folder, "dist") : project.folder;
			if (!readdirSync(folder).includes("index.html")) {
				const { "index.html": html } = application(files);
				project.write({ "dist/index.html": html! });
			}
		});

		test("it counts what Node counts, in the page, and in workers that compile nothing", async () => {
			project.write({
				"here.js": 'import { counts } from "./counts.js"; console.log(JSON.stringify(await counts()));',
			});
			const inNode = project.node("here.js") as Counts;
			expect(inNode).toMatchObject({
				verdict: "HAZARD",
				codes: ["CORRUPT"],
				errors: ["SCENARIO_SYNTAX", "SCENARIO_NAME"],
			});
			expect(inNode.misses.find(([name]) => name === "L1D")![1]).toBeGreaterThan(1000);
			const { here, there, rows } = (await shown(folder, STRICT)) as { here: Counts; there: Counts[]; rows: unknown[] };
			expect(here).toEqual(inNode);
			expect(here.compiled).toBe(3);
			// The core behind onePass was not given to them.
			expect(there).toEqual([1, 1].map((compiled) => ({ ...inNode, compiled })));
			const [, misses] = inNode.misses.find(([name]) => name === "L1D")!;
			expect(rows).toEqual([
				[4, "ok", expect.any(Number)],
				[8, "ok", misses],
			]);
		});

		test("where the policy forbids WebAssembly, one error says what it lacks", async () => {
			expect(await shown(folder, WITHOUT_WASM)).toEqual({
				name: "StalemateError",
				code: "BAD_WASM",
				message: expect.stringContaining("'wasm-unsafe-eval'"),
			});
		});
	});
});
