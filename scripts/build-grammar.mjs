// src/scenario/scenario.grammar, src/scenario/macros/ and scenarios/ -> src/scenario/generated/, src/reproduce/programs/ ->
// src/reproduce/generated/. Nothing is done when they have not changed (--force: always).

import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { filesIn, hashOf, isFresh, ROOT, writeStamp } from "./stamp.mjs";

const STAMP = "build/grammar.stamp";
const GRAMMAR = "src/scenario/scenario.grammar";
const MACROS = "src/scenario/macros";
const CATALOGUE = "scenarios";
const PROGRAMS = "src/reproduce/programs";
/** Of the catalogue, what the tables search: who makes them need not have all of it. */
const SEARCHED = [
	"sync-matrix",
	"L26-bit-operation",
	"L28-mutex-page-lock",
	"L30-flush-work-own-fault",
	"L31-preempt-notifier",
];
const OUT = "src/scenario/generated";
const OUT_PROGRAMS = "src/reproduce/generated";

/** @param {{ force?: boolean }} [options] @returns {Promise<boolean>} whether anything was built */
export async function buildGrammar({ force = false } = {}) {
	const hash = hashOf([GRAMMAR, MACROS, CATALOGUE, PROGRAMS, "scripts/build-grammar.mjs", "package-lock.json"]);
	const outputs = ["grammar.ts", "grammar.terms.ts", "macros.ts", "catalogue.ts"].map((name) => `${OUT}/${name}`);
	outputs.push(`${OUT_PROGRAMS}/programs.ts`, `${OUT_PROGRAMS}/searched.ts`);
	if (!force && isFresh(STAMP, hash, outputs)) return false;
	const { buildParserFile } = await import("@lezer/generator");
	const { parser, terms } = buildParserFile(readFileSync(join(ROOT, GRAMMAR), "utf8"), {
		fileName: GRAMMAR,
		typeScript: true,
		warn(message) {
			throw new Error(message);
		},
	});
	for (const folder of [OUT, OUT_PROGRAMS]) mkdirSync(join(ROOT, folder), { recursive: true });
	write(OUT, "grammar.ts", parser);
	write(OUT, "grammar.terms.ts", terms);
	write(OUT, "macros.ts", texts(MACROS, "libraries"));
	write(OUT, "catalogue.ts", catalogue());
	write(OUT_PROGRAMS, "programs.ts", texts(PROGRAMS, "programs"));
	write(OUT_PROGRAMS, "searched.ts", texts(`${CATALOGUE}/sync`, "searched", SEARCHED));
	writeStamp(STAMP, hash);
	return true;
}

/**
 * The scenario files of a folder as strings by name.
 * @param {string} folder @param {string} constant @param {string[]} [names] all, unless these are asked for
 */
function texts(folder, constant, names) {
	const all = readdirSync(join(ROOT, folder)).filter((file) => file.endsWith(".scn"));
	const rows = (names ?? all.map((file) => file.slice(0, -".scn".length))).sort().map((name) => {
		const text = readFileSync(join(ROOT, folder, `${name}.scn`), "utf8").replaceAll("\r\n", "\n");
		return `\t${JSON.stringify(name)}: ${JSON.stringify(text)},\n`;
	});
	return `export const ${constant}: Readonly<Record<string, string>> = {\n${rows.join("")}};\n`;
}

/** The scenarios that ship, by their path. */
function catalogue() {
	const rows = [...filesIn(join(ROOT, CATALOGUE))]
		.filter((file) => file.endsWith(".scn"))
		.map((file) => [relative(join(ROOT, CATALOGUE), file).split(sep).join("/"), readFileSync(file, "utf8")])
		.sort(([a = ""], [b = ""]) => (a < b ? -1 : 1))
		.map(([file, text = ""]) => `\t${JSON.stringify(file)}: ${JSON.stringify(text.replaceAll("\r\n", "\n"))},\n`);
	return `export const files: Readonly<Record<string, string>> = {\n${rows.join("")}};\n`;
}

/** Other builds may run at the same time: writes beside the place and moves. @param {string} folder @param {string} name @param {string} text */
function write(folder, name, text) {
	const fresh = join(ROOT, folder, `${name}.${process.pid}`);
	writeFileSync(fresh, `// Made by scripts/build-grammar.mjs.\n${text}`);
	renameSync(fresh, join(ROOT, folder, name));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	try {
		if (!(await buildGrammar({ force: process.argv.includes("--force") }))) console.log("the grammar is up to date");
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 1;
	}
}
