// src/scenario/scenario.grammar, src/scenario/macros/ and scenarios/ -> src/scenario/generated/. Nothing is done when they have
// not changed (--force: always).

import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { filesIn, hashOf, isFresh, ROOT, writeStamp } from "./stamp.mjs";

const STAMP = "build/grammar.stamp";
const GRAMMAR = "src/scenario/scenario.grammar";
const MACROS = "src/scenario/macros";
const CATALOGUE = "scenarios";
const OUT = "src/scenario/generated";

/** @param {{ force?: boolean }} [options] @returns {Promise<boolean>} whether anything was built */
export async function buildGrammar({ force = false } = {}) {
	const hash = hashOf([GRAMMAR, MACROS, CATALOGUE, "scripts/build-grammar.mjs", "package-lock.json"]);
	const outputs = ["grammar.ts", "grammar.terms.ts", "macros.ts", "catalogue.ts"].map((name) => `${OUT}/${name}`);
	if (!force && isFresh(STAMP, hash, outputs)) return false;
	const { buildParserFile } = await import("@lezer/generator");
	const { parser, terms } = buildParserFile(readFileSync(join(ROOT, GRAMMAR), "utf8"), {
		fileName: GRAMMAR,
		typeScript: true,
		warn(message) {
			throw new Error(message);
		},
	});
	mkdirSync(join(ROOT, OUT), { recursive: true });
	write("grammar.ts", parser);
	write("grammar.terms.ts", terms);
	write("macros.ts", macros());
	write("catalogue.ts", catalogue());
	writeStamp(STAMP, hash);
	return true;
}

/** The macro libraries as strings by name. */
function macros() {
	const rows = readdirSync(join(ROOT, MACROS))
		.filter((file) => file.endsWith(".scn"))
		.sort()
		.map((file) => {
			const text = readFileSync(join(ROOT, MACROS, file), "utf8").replaceAll("\r\n", "\n");
			return `\t${JSON.stringify(file.slice(0, -".scn".length))}: ${JSON.stringify(text)},\n`;
		});
	return `export const libraries: Readonly<Record<string, string>> = {\n${rows.join("")}};\n`;
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

/** Other builds may run at the same time: writes beside the place and moves. @param {string} name @param {string} text */
function write(name, text) {
	const fresh = join(ROOT, OUT, `${name}.${process.pid}`);
	writeFileSync(fresh, `// Made by scripts/build-grammar.mjs.\n${text}`);
	renameSync(fresh, join(ROOT, OUT, name));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	try {
		if (!(await buildGrammar({ force: process.argv.includes("--force") }))) console.log("the grammar is up to date");
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 1;
	}
}
