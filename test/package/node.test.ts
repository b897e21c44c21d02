// The application's counts in Node: as ES module, CommonJS, bundle, in threads, and where nothing may be compiled.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, Script } from "node:vm";
import { buildSync } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { application, type Counts } from "./application.ts";
import { newProject, type Project } from "./project.ts";

const { "counts.js": counts } = application();
let project: Project;
let expected: Counts;

beforeAll(() => {
	project = newProject();
	project.write({
		"counts.js": counts!,
		"main.js": 'import { counts } from "./counts.js"; counts().then((all) => console.log(JSON.stringify(all)));',
	});
	expected = project.node("main.js") as Counts;
});

function bundled(format: "cjs" | "iife", entry = "main.js"): string {
	const { outputFiles, warnings } = buildSync({
		absWorkingDir: project.folder,
		entryPoints: [entry],
		bundle: true,
		write: false,
		format,
		globalName: "application",
		platform: format === "cjs" ? "node" : "neutral",
	});
	expect(warnings).toEqual([]);
	return outputFiles[0]!.text;
}

test("it has results", () => {
	expect(expected).toMatchObject({ verdict: "HAZARD", codes: ["CORRUPT"], compiled: 3 });
});

describe("CommonJS", () => {
	test("a project of it requires every entry, and counts the same", () => {
		const commonJs = newProject({ type: "commonjs" });
		const required = counts!
			.replace(/^import (\{[^}]+\}) from "([^"]+)";$/gm, 'const $1 = require("$2");')
			.replace(/^export /gm, "");
		commonJs.write({
			"main.js": `${required}\ncounts().then((all) => console.log(JSON.stringify(all)));`,
			"entries.js": `
				const entries = Object.keys(require("stalemate/package.json").exports).filter((name) => !/\\.|vitest|worker/.test(name.slice(1)));
				console.log(JSON.stringify(entries.map((name) => [name, Object.keys(require("stalemate" + name.slice(1))).length > 0])));`,
		});
		expect(commonJs.node("--no-warnings", "main.js")).toEqual(expected);
		expect(commonJs.node("--no-warnings", "entries.js")).toEqual(
			[".", "./check", "./cost", "./matcher", "./sweep", "./sweep/browser"].map((name) => [name, true]),
		);
	});

	test("a bundle of it for Node counts the same", () => {
		project.write({ "bundle.cjs": bundled("cjs") });
		expect(project.node("bundle.cjs")).toEqual(expected);
	});
});

test("threads share one Module of each core, and compile nothing", () => {
	project.write({
		"thread.js": `
			import { parentPort, workerData } from "node:worker_threads";
			import { counts } from "./counts.js";
			counts(workerData).then((all) => parentPort.postMessage(all));`,
		"threads.js": `
			import { readFileSync } from "node:fs";
			import { Worker } from "node:worker_threads";
			import { load } from "stalemate";
			import { loadCheck } from "stalemate/check";
			const { module } = await load();
			const { module: programs } = await loadCheck();
			const passes = new WebAssembly.Module(readFileSync(new URL(import.meta.resolve("stalemate/passes.wasm"))));
			const thread = () => new Promise((done, failed) => {
				const worker = new Worker(new URL("thread.js", import.meta.url), { workerData: { module, passes, programs } });
				worker.on("message", done).on("error", failed);
			});
			console.log(JSON.stringify(await Promise.all([thread(), thread(), thread()])));`,
	});
	const same = { ...expected, compiled: 0 };
	expect(project.node("threads.js")).toEqual([same, same, same]);
});

describe("where an engine compiles nothing, as edge runtimes do", () => {
	/** A sandbox with what such runtimes have, and Modules that were compiled before. */
	async function inSandbox(modules: Record<string, WebAssembly.Module>): Promise<unknown> {
		const sandbox = createContext(
			{ TextEncoder, TextDecoder, URL, Response, performance, setTimeout, console, modules, atob },
			{ codeGeneration: { strings: false, wasm: false } },
		);
		new Script(bundled("iife", "counts.js")).runInContext(sandbox);
		return new Script("application.counts(modules).then(JSON.stringify)").runInContext(sandbox);
	}
	const moduleOf = (name: string) =>
		new WebAssembly.Module(readFileSync(join(project.installed, "dist", `${name}.wasm`)) as Uint8Array<ArrayBuffer>);

	test("with Modules it counts the same", async () => {
		const modules = { module: moduleOf("core"), passes: moduleOf("passes"), programs: moduleOf("programs") };
		expect(JSON.parse((await inSandbox(modules)) as string)).toEqual({ ...expected, compiled: 0 });
	});

	test("without, one error says what is needed", async () => {
		await expect(inSandbox({})).rejects.toMatchObject({
			name: "StalemateError",
			code: "BAD_WASM",
			message: expect.stringContaining("load({ wasm: module })"),
		});
	});
});

test.each([
	"stalemate",
	"stalemate/check",
	"stalemate/cost",
	"stalemate/matcher",
	"stalemate/sweep",
	"stalemate/sweep/browser",
])("importing %s does no work", (entry) => {
	project.write({
		"quiet.js": `
				const touched = [];
				const watch = (name) => {
					const value = globalThis[name];
					Object.defineProperty(globalThis, name, { get() { touched.push(name); return value; } });
				};
				const names = new Set(Object.getOwnPropertyNames(globalThis));
				const handles = process.getActiveResourcesInfo().length;
				["WebAssembly", "fetch", "atob", "setTimeout", "ReadableStream", "DecompressionStream", "Worker"].forEach(watch);
				Object.freeze(Object);
				await import("${entry}");
				const added = Object.getOwnPropertyNames(globalThis).filter((name) => !names.has(name) && name !== "Worker");
				console.log(JSON.stringify({ touched, added, begun: process.getActiveResourcesInfo().length - handles }));`,
	});
	expect(project.node("quiet.js")).toEqual({ touched: [], added: [], begun: 0 });
});
