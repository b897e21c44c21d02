import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { publint } from "publint";
import { parseAst } from "rollup/parseAst";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { filesIn, newProject, type Project, ROOT as root } from "./project.ts";

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
let project: Project;
let consumer: string;
let installed: string;

/** Runs a program of the project's and returns what it printed, as JSON. */
function program(name: string, text: string, ...flags: string[]): unknown {
	project.write({ [name]: text });
	return project.node(...flags, name);
}

beforeAll(() => {
	project = newProject();
	consumer = project.folder;
	installed = project.installed;
});

describe("installed from its tarball, offline, into an empty folder", () => {
	test("it brings no other package", () => {
		expect(readdirSync(join(consumer, "node_modules")).filter((name) => !name.startsWith("."))).toEqual(["stalemate"]);
	});

	test("it holds what users need and nothing else", () => {
		const names = filesIn(installed).map((file) => file.slice(installed.length + 1).replaceAll("\\", "/"));
		// Scenarios and examples, because README.md and the docs lead to them.
		expect(names.filter((name) => !/^(dist|docs|examples|scenarios)\//.test(name)).sort()).toEqual(
			["LICENSE", "README.md", "bench/RESULTS.md", "package.json"].sort(),
		);
		expect(names).toEqual(
			expect.arrayContaining([
				"dist/index.js",
				"dist/check.js",
				"dist/cost.js",
				"dist/core.wasm",
				"dist/programs.wasm",
				"dist/stalemate.min.js",
				"dist/THIRD-PARTY.txt",
			]),
		);
		for (const name of names) {
			if (name.startsWith("examples/")) expect(name).not.toMatch(/node_modules|^examples\/sample/);
			else expect(name).not.toMatch(/\.(map|test\.js|tsbuildinfo)$|\/(test|assembly|build)\//);
		}
	});

	test("what its documents link to is in it", () => {
		const dead = filesIn(installed)
			.filter((file) => file.endsWith(".md"))
			.flatMap((file) => {
				const text = readFileSync(file, "utf8").replace(/^```.*?^```$/gms, "");
				const links = Array.from(text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g), ([, link = ""]) => link);
				return links
					.filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(file, "..", link)))
					.map((link) => `${file.slice(installed.length + 1)}: ${link}`);
			});
		expect(dead).toEqual([]);
	});

	test("an ES module imports it and loads the core", () => {
		const text = `
			import { load } from "stalemate";
			const core = await load();
			console.log(JSON.stringify([typeof core, core.module instanceof WebAssembly.Module]));`;
		expect(program("esm.js", text)).toEqual(["object", true]);
	});

	test("core.wasm is there to be served, and is the same core", () => {
		const text = `
			import { readFileSync } from "node:fs";
			import { load } from "stalemate";
			const url = new URL(import.meta.resolve("stalemate/core.wasm"));
			const served = await load({ wasm: url });
			const own = await load();
			const exports = ({ module }) => WebAssembly.Module.exports(module).map(({ name }) => name);
			console.log(JSON.stringify([exports(served), exports(own)]));`;
		const [served, own] = program("wasm.js", text) as string[][];
		expect(served).toEqual(own);
		expect(served).toContain("abiVersion");
	});

	test("stalemate/check checks a scenario, and its errors are those of stalemate", () => {
		const text = `
			import { StalemateError } from "stalemate";
			import { loadCheck, loadCheckSync } from "stalemate/check";
			const url = new URL(import.meta.resolve("stalemate/programs.wasm"));
			const check = await loadCheck({ wasm: url });
			const scenario = \`scenario lost
  page P owner vhost
  map M -> P kernel
  actor one on cpu 0
    store M <- 1
  actor two on cpu 1
    claim released P
\`;
			const { run } = await check.check(scenario);
			let error;
			try { loadCheckSync().checkSync("scenario x\\n  actor"); } catch (thrown) { error = thrown; }
			console.log(JSON.stringify([run.verdict, run.codes, error instanceof StalemateError, error.code]));`;
		expect(program("check.js", text)).toEqual(["HAZARD", ["CORRUPT"], true, "SCENARIO_SYNTAX"]);
	});

	test("stalemate/cost prices, reproduces and compares", () => {
		const text = `
			import { load } from "stalemate";
			import { compare, loadCost } from "stalemate/cost";
			const cost = await loadCost();
			const core = await load();
			const [two] = await core.cost("shootdown", { threads: [2] });
			const { sections } = cost.reproduce(["S1"]);
			console.log(JSON.stringify([Math.round(two.ns), sections[0].id, compare([5, 5.1, 4.9], [4, 4.1, 3.9]).stands]));`;
		expect(program("cost.js", text)).toEqual([1436, "S1", true]);
	});

	test("stalemate/sweep sweeps, with threads and from the command line", () => {
		const spec = {
			verb: "trace",
			inputs: { trace: join(installed, "dist/sample.packed.gz"), profile: "broadwell" },
			axes: [{ path: "profile.caches.L1D.ways", list: [4, 8] }],
		};
		const text = `
			import { sweep } from "stalemate/sweep";
			const rows = [];
			for await (const row of sweep(${JSON.stringify(spec)}, { workers: 2 })) rows.push(row.status);
			console.log(JSON.stringify(rows));`;
		expect(program("sweep.js", text)).toEqual(["ok", "ok"]);
		project.write({ "two.sweep.json": JSON.stringify(spec) });
		const cli = join(installed, "dist/cli.js");
		const { status, stderr } = project.run(process.execPath, cli, "sweep", "run", "two.sweep.json", "-o", "two");
		expect([status, stderr]).toEqual([0, ""]);
		expect(existsSync(join(consumer, "two/results.parquet"))).toBe(true);
		const lacking = project.run(process.execPath, cli, "sweep", "work", "--redis", "redis://127.0.0.1:1");
		expect([lacking.status, lacking.stderr]).toEqual([2, expect.stringContaining("npm install bullmq ioredis")]);
	});

	test("an error that nobody catches is shown with a line of code, not with pages of it", () => {
		for (const [call, said] of [
			['import { load } from "stalemate"; await load({ wasm: "core.wasm" });', "not string"],
			['import { load } from "stalemate"; (await load()).simulator("zen4");', "zen3"],
			[
				'import { loadCheckSync } from "stalemate/check"; loadCheckSync().checkSync("scenario x\\n  actor");',
				"too early",
			],
			['import { checkSpec } from "stalemate/sweep"; checkSpec({ verb: "rtace" });', "rtace"],
		] as const) {
			project.write({ "uncaught.js": call });
			const { status, stderr } = project.run(process.execPath, "uncaught.js");
			expect(status).toBe(1);
			expect(stderr).toContain(said);
			const code = stderr.slice(0, stderr.indexOf("StalemateError: "));
			expect(code.length, code).toBeLessThan(1200);
		}
	});

	test("errors are told by class and code", () => {
		const text = `
			import { load, StalemateError } from "stalemate";
			const error = await load({ wasm: new Uint8Array([60, 33, 100, 111]) }).catch((error) => error);
			console.log(JSON.stringify([error instanceof StalemateError, error.name, error.code]));`;
		expect(program("errors.js", text)).toEqual([true, "StalemateError", "BAD_WASM"]);
	});
});

describe.runIf(existsSync(join(root, "dist/cli.js")))("the command line", () => {
	test("is there under its name", () => {
		const { status, stdout, stderr } = project.run("npx", "--offline", "stalemate", "--help");
		expect(status, stderr).toBe(0);
		expect(`${stdout}${stderr}`).toContain("stalemate");
	});

	test("needs nothing from anywhere else", () => {
		const { status, stdout } = project.run(process.execPath, join(installed, "dist/cli.js"), "profiles");
		expect(status).toBe(0);
		expect(stdout).toContain("broadwell");
	});
});

describe("types", () => {
	const tsc = join(root, "node_modules/typescript/bin/tsc");
	const text = `
		import { load, loadSync, StalemateError, type Stalemate, type WasmModule } from "stalemate";
		import { loadCheck, loadCheckSync } from "stalemate/check";
		import compiled from "stalemate/core.wasm";
		import programs from "stalemate/programs.wasm";
		import "stalemate/sweep/browser/worker";
		import { type Row, sweep, type SweepSpec } from "stalemate/sweep";
		export const edge = [await load({ wasm: compiled, programs }), await loadCheck({ wasm: programs })];
		const spec: SweepSpec = { verb: "trace", axes: [{ path: "cpus", list: [1, 2] }] };
		export const rows: AsyncGenerator<Row> = sweep(spec, { workers: 0 });
		const core: Stalemate = await load({ wasm: new Uint8Array(8) });
		const module: WasmModule = loadSync({ wasm: core.module }).module;
		// @ts-expect-error a string is no source
		await load({ wasm: "core.wasm" });
		export const code = (error: unknown) => (error instanceof StalemateError ? error.code : module);
		const found = await (await loadCheck()).check("scenario x", { model: "tso", signal: AbortSignal.timeout(9) });
		export const codes: string[] = found.run.codes;
		// @ts-expect-error not a model
		loadCheckSync().checkSync("scenario x", { model: "power" });
		// @ts-expect-error not a code
		export const wrong = (error: StalemateError) => error.code === "NO_SUCH_CODE";
	`;
	test.each([
		["Node's own resolution", { module: "nodenext", lib: ["es2023", "dom"], types: [] }],
		["a bundler's resolution", { module: "esnext", moduleResolution: "bundler", lib: ["es2023", "dom"], types: [] }],
		["a program for Node, without the DOM's types", { module: "nodenext", lib: ["es2023"], types: ["node"] }],
	])("are right for %s", (name, options) => {
		const folder = join(consumer, name.replaceAll(/\W+/g, "-"));
		mkdirSync(folder);
		writeFileSync(join(folder, "program.ts"), text);
		const compilerOptions = {
			...options,
			target: "es2023",
			strict: true,
			exactOptionalPropertyTypes: true,
			skipLibCheck: false,
			noEmit: true,
			typeRoots: [join(root, "node_modules/@types")],
		};
		writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["program.ts"] }));
		const { status, stdout } = project.run(process.execPath, tsc, "-p", folder);
		expect(stdout).toBe("");
		expect(status).toBe(0);
	});
});

describe("checked by others' tools", () => {
	test("publint has nothing to say", async () => {
		const { messages } = await publint({ pkgDir: installed, strict: true });
		expect(messages).toEqual([]);
	});

	test("are the types wrong? no", () => {
		const attw = join(root, "node_modules/@arethetypeswrong/cli/dist/index.js");
		// Not of Node before 16, which knows no exports, nor of require(), which since 20.19 has ES modules: attw says otherwise.
		const options = ["--profile", "esm-only", "--no-emoji", "--no-color"];
		const { status, stdout, stderr } = project.run(process.execPath, attw, inject("tarball"), ...options);
		expect(status, `${stdout}${stderr}`).toBe(0);
	});
});

describe("what is in dist", () => {
	const dist = join(root, "dist");
	const scripts = () => filesIn(dist).filter((file) => /\.(js|d\.ts)$/.test(file));
	/** What a script imports: at its start, and later with import(). Declarations: all at once. */
	function importsOf(file: string): { first: string[]; later: string[] } {
		const text = readFileSync(file, "utf8");
		if (file.endsWith(".d.ts")) {
			return {
				first: Array.from(text.matchAll(/(?:\bfrom |\bimport\()"([^"]+)"/g), ([, path = ""]) => path),
				later: [],
			};
		}
		const found = { first: [] as string[], later: [] as string[] };
		const look = (node: unknown): void => {
			if (typeof node !== "object" || node === null) return;
			const { type, source } = node as { type?: string; source?: { value?: unknown } };
			const path = source?.value;
			if (typeof path === "string") found[type === "ImportExpression" ? "later" : "first"].push(path);
			Object.values(node).forEach(look);
		};
		look(parseAst(text.replace(/^#!.*/, "")));
		return found;
	}

	test("imports only its own files and Node's", () => {
		for (const file of scripts()) {
			const { first, later } = importsOf(file);
			const peers = Object.keys(manifest.peerDependencies);
			// What is for one of them alone may take it for granted.
			const own = /[\\/]vitest\.(js|d\.ts)$/.test(file) ? first.filter((path) => path !== "vitest") : first;
			for (const path of [...own, ...later.filter((path) => !peers.includes(path))])
				expect(path, file).toMatch(/^(\.\.?\/|node:)/);
		}
	});

	test("names no folder of the machine it was built on", () => {
		for (const file of filesIn(dist)) {
			const text = readFileSync(file, "latin1");
			expect(text.includes(root.replace(/[\\/]$/, "")), file).toBe(false);
			expect(text, file).not.toMatch(/file:\/\/\/|sourceMappingURL|node_modules\//);
		}
	});

	test("touches Node's modules only behind dynamic imports, as far as the library goes", () => {
		for (const entry of [
			"index.js",
			"check.js",
			"cost.js",
			"sweep-browser.js",
			"sweep-worker-browser.js",
			"stalemate.min.js",
		]) {
			const todo = [join(dist, entry)];
			for (const file of todo) {
				for (const path of importsOf(file).first) {
					expect(path, file).not.toMatch(/^node:/);
					todo.push(join(file, "..", path));
				}
			}
		}
	});

	test("says whose code it contains", () => {
		const notices = readFileSync(join(dist, "THIRD-PARTY.txt"), "utf8");
		expect(notices).toContain("@assemblyscript/loader");
		for (const name of ["citty", "fzstd", "xz-decompress", "xxhash-wasm"]) {
			const used = filesIn(join(root, "src")).some((file) => readFileSync(file, "utf8").includes(`"${name}"`));
			if (used) expect(notices, name).toContain(`${name} `);
		}
	});

	test("is small, with all that is loaded at once", () => {
		const zipped = (file: string) => gzipSync(readFileSync(file), { level: 9 }).length;
		const loaded = [join(dist, "stalemate.min.js")];
		for (const file of loaded) loaded.push(...importsOf(file).first.map((path) => join(file, "..", path)));
		const bundle = loaded.reduce((sum, file) => sum + zipped(file), 0);
		console.log(`core.wasm ${zipped(join(dist, "core.wasm"))} bytes, stalemate.min.js ${bundle} bytes (gzipped)`);
		expect(bundle).toBeLessThan(60_000);
	});

	/** The files that a script loads at once, itself among them. */
	function loadedBy(entry: string): string[] {
		const files = [join(dist, entry)];
		for (const file of files) {
			for (const path of importsOf(file).first) {
				const next = join(file, "..", path);
				if (path.startsWith(".") && !files.includes(next)) files.push(next);
			}
		}
		return files;
	}

	test.each(["index.js", "cli.js"])("loads with %s nothing that only checking needs", (entry) => {
		const loaded = loadedBy(entry);
		expect(loaded).not.toContain(join(dist, "check.js"));
		for (const file of loaded) expect(readFileSync(file, "utf8"), file).not.toContain("exploreBuild");
		expect(loadedBy("check.js").some((file) => readFileSync(file, "utf8").includes("exploreBuild"))).toBe(true);
	});

	test.each(["check.js", "cost.js"])("loads with %s nothing that only traces need", (entry) => {
		expect(loadedBy(entry)).not.toContain(join(dist, "chunks/core.js"));
		expect(loadedBy("index.js")).toContain(join(dist, "chunks/core.js"));
	});

	test("holds the class of its errors once", () => {
		const scripts = filesIn(dist).filter((file) => file.endsWith(".js") && !/stalemate\.min|[\\/]min[\\/]/.test(file));
		const holding = scripts.filter((file) => /class StalemateError\b/.test(readFileSync(file, "utf8")));
		expect(holding).toHaveLength(1);
	});

	test("keeps decoders that most never use out of what is loaded at once", () => {
		const decoders = ["decompress.js", "zstd.js", "xz-decompress.js"].map((name) => join(dist, "chunks", name));
		for (const file of decoders) expect(existsSync(file), file).toBe(true);
		expect(loadedBy("index.js").filter((file) => decoders.includes(file))).toEqual([]);
		expect(loadedBy("index.js").length).toBeLessThanOrEqual(4);
	});
});

test("the package depends on nothing", () => {
	expect(manifest.dependencies ?? {}).toEqual({});
	for (const name of Object.keys(manifest.peerDependencies))
		expect(manifest.peerDependenciesMeta[name]).toEqual({ optional: true });
	expect(manifest.sideEffects).toEqual(["./dist/sweep-worker-browser.js", "./dist/vitest.js"]);
	for (const [name, version] of Object.entries(manifest.devDependencies))
		expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
});
