// page/ -> dist-page/: static files, to be served from anywhere. Nothing is done when the sources have not changed (--force:
// always).

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildCore } from "./build-core.mjs";
import { buildGrammar } from "./build-grammar.mjs";
import { DIST_SOURCES, hashOf, isFresh, ROOT, writeStamp } from "./stamp.mjs";

const STAMP = "build/page.stamp";
const SOURCES = [...DIST_SOURCES, "page", "rollup.page.mjs", "scripts/build-page.mjs"];
export const PAGE = join(ROOT, "dist-page");

/** @param {{ force?: boolean }} [options] */
export async function buildPage({ force = false } = {}) {
	const hash = hashOf(SOURCES);
	if (!force && isFresh(STAMP, hash, ["dist-page/index.html", "dist-page/main.js", "dist-page/catalogue.json"])) return;
	await buildCore();
	await buildGrammar();
	rmSync(join(ROOT, STAMP), { force: true });
	for (const folder of ["build/page", "dist-page"]) rmSync(join(ROOT, folder), { recursive: true, force: true });
	run("typescript/bin/tsc", ["-p", "page"]);
	run("rollup/dist/bin/rollup", ["-c", "rollup.page.mjs", "--silent"]);
	mkdirSync(PAGE, { recursive: true });
	for (const name of ["index.html", "style.css"]) copyFileSync(join(ROOT, "page", name), join(PAGE, name));
	copyFileSync(join(ROOT, "examples/sample/sample.packed.gz"), join(PAGE, "sample.packed.gz"));
	writeFileSync(join(PAGE, "catalogue.json"), JSON.stringify(await listed()));
	keep(hash);
	writeStamp(STAMP, hash);
}

/** Tells the service worker what to keep; the sample is kept by nobody who did not ask for it. @param {string} hash */
function keep(hash) {
	const files = readdirSync(PAGE).filter((name) => name !== "offline.js" && !name.startsWith("sample"));
	const head = `const VERSION=${JSON.stringify(hash.slice(0, 16))},FILES=${JSON.stringify(["./", ...files])};\n`;
	const path = join(PAGE, "offline.js");
	writeFileSync(path, head + readFileSync(path, "utf8"));
}

/** What the page lists of the scenarios that ship: reading them all there would take a second. */
async function listed() {
	const url = pathToFileURL(join(ROOT, "build/page/src/catalogue/catalogue.js")).href;
	/** @type {typeof import("../src/catalogue/catalogue.ts")} */
	const { catalogue } = await import(url);
	return catalogue().map(({ file, thread, name, row, story }) => ({ file, thread, name, row, story }));
}

/** @param {string} bin in node_modules @param {string[]} args */
function run(bin, args) {
	const child = spawnSync(process.execPath, [join(ROOT, "node_modules", bin), ...args], {
		cwd: ROOT,
		stdio: "inherit",
	});
	if (child.status !== 0) throw new Error(`${bin} failed`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	try {
		await buildPage({ force: process.argv.includes("--force") });
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 1;
	}
}
