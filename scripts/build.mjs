// Everything: core (asc) -> build/js (tsc) -> dist/ (rollup, types, licences). --if-stale: only when sources have changed.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { buildCore } from "./build-core.mjs";
import { buildGrammar } from "./build-grammar.mjs";
import { DIST_SOURCES, hashOf, isFresh, ROOT, writeStamp } from "./stamp.mjs";

const STAMP = "build/dist.stamp";

async function build() {
	const hash = hashOf(DIST_SOURCES);
	if (
		process.argv.includes("--if-stale") &&
		isFresh(STAMP, hash, ["dist/index.js", "dist/check.js", "dist/cost.js", "dist/core.wasm"])
	)
		return;
	await buildCore();
	await buildGrammar();
	rmSync(join(ROOT, STAMP), { force: true });
	for (const folder of ["build/js", "dist"]) rmSync(join(ROOT, folder), { recursive: true, force: true });
	run("typescript", "bin/tsc", []);
	run("rollup", "dist/bin/rollup", ["-c", "--silent"]);
	for (const name of ["core.wasm", "passes.wasm", "programs.wasm"])
		copyFileSync(join(ROOT, "build", name), join(ROOT, "dist", name));
	copyFileSync(join(ROOT, "examples/sample/sample.packed.gz"), join(ROOT, "dist/sample.packed.gz"));
	// Of what no compiler makes declarations of.
	const files = ["bindings/module.d.ts", "bindings/file.d.ts"];
	for (const name of files) copyFileSync(join(ROOT, name), join(ROOT, "build/js", name));
	copyTypes([
		...files,
		"src/index.d.ts",
		"src/check/index.d.ts",
		"src/cost/index.d.ts",
		"src/matcher/index.d.ts",
		"src/matcher/vitest.d.ts",
		"src/sweep/index.d.ts",
		"src/sweep/browser/index.d.ts",
		"src/sweep/browser/sweep-worker.d.ts",
	]);
	const { SWEEP_SCHEMA } = await import("../build/js/src/sweep/schema.js");
	for (const folder of ["dist", "docs"]) {
		writeFileSync(join(ROOT, folder, "sweep.schema.json"), `${JSON.stringify(SWEEP_SCHEMA, null, "\t")}\n`);
	}
	writeStamp(STAMP, hash);
}

/** Runs a tool from node_modules. @param {string} name @param {string} bin @param {string[]} args */
function run(name, bin, args) {
	const child = spawnSync(process.execPath, [join(ROOT, "node_modules", name, bin), ...args], {
		cwd: ROOT,
		stdio: "inherit",
	});
	if (child.status !== 0) throw new Error(`${name} failed`);
}

/** Copies the declarations that entries reach, and no others: what is not public has no types in the package. @param {string[]} entries */
function copyTypes(entries) {
	const from = join(ROOT, "build/js");
	const todo = entries.map((entry) => join(from, entry));
	for (const file of todo) {
		const to = join(ROOT, "dist/types", relative(from, file));
		const text = readFileSync(file, "utf8")
			.replace(/(from |import\()"(\.[^"]*)\.ts"/g, '$1"$2.js"')
			// Written out, so that a program compiled without the DOM's types can use ours.
			.replaceAll("?: WebAssembly.Module;", "?: object;")
			.replaceAll("WebAssembly.Memory", "{ readonly buffer: ArrayBuffer; grow(pages: number): number }");
		mkdirSync(dirname(to), { recursive: true });
		writeFileSync(to, text);
		for (const [, path] of text.matchAll(/(?:from |import\()"(\.[^"]*)\.js"/g)) {
			const next = join(dirname(file), `${path}.d.ts`);
			if (!todo.includes(next)) todo.push(next);
		}
	}
}

try {
	await build();
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
}
