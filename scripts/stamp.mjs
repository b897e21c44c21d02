// Which outputs are older than their sources, told by content: times lie after a clone, a checkout or a copy.
// Node built-ins only: setup runs before anything is installed.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Sources of the core, without what is generated from it. */
export const CORE_SOURCES = [
	"assembly",
	"bindings/layout",
	"asconfig.json",
	"package-lock.json",
	"scripts/build-core.mjs",
	"scripts/check-layout.mjs",
];

/** Sources of everything in dist/. */
export const DIST_SOURCES = [
	...CORE_SOURCES,
	"bindings",
	"src",
	"scenarios",
	"package.json",
	"tsconfig.json",
	"rollup.config.mjs",
	"examples/sample/sample.packed.gz",
	"scripts/build.mjs",
	"scripts/build-grammar.mjs",
];

/**
 * @param {string[]} sources files and folders, relative to the root
 * @returns {string} a hash of their names and contents
 */
export function hashOf(sources) {
	const hash = createHash("sha256");
	for (const file of [...new Set(sources.flatMap((source) => [...filesIn(join(ROOT, source))]))].sort()) {
		hash.update(`${relative(ROOT, file).split(sep).join("/")}\0`);
		hash.update(createHash("sha256").update(readFileSync(file)).digest());
	}
	return hash.digest("hex");
}

/** All files in a folder, without generated ones. @param {string} path @returns {Generator<string>} */
export function* filesIn(path) {
	if (!existsSync(path)) return;
	if (!statSync(path).isDirectory()) yield path;
	else if (basename(path) !== "generated") {
		for (const name of readdirSync(path)) yield* filesIn(join(path, name));
	}
}

/**
 * @param {string} stamp file, relative to the root
 * @param {string} hash
 * @param {string[]} outputs that must exist
 */
export function isFresh(stamp, hash, outputs = []) {
	const file = join(ROOT, stamp);
	return (
		existsSync(file) &&
		readFileSync(file, "utf8").trim() === hash &&
		outputs.every((output) => existsSync(join(ROOT, output)))
	);
}

/** @param {string} stamp @param {string} hash */
export function writeStamp(stamp, hash) {
	mkdirSync(dirname(join(ROOT, stamp)), { recursive: true });
	writeFileSync(join(ROOT, stamp), `${hash}\n`);
}
