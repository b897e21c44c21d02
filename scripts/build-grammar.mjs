// src/scenario/scenario.grammar and src/scenario/macros/ -> src/scenario/generated/, src/reproduce/programs/ ->
// src/reproduce/generated/. Nothing is done when they have not
// changed (--force: always).

import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { hashOf, isFresh, ROOT, writeStamp } from "./stamp.mjs";

const STAMP = "build/grammar.stamp";
const GRAMMAR = "src/scenario/scenario.grammar";
const MACROS = "src/scenario/macros";
const PROGRAMS = "src/reproduce/programs";
const OUT = "src/scenario/generated";
const OUT_PROGRAMS = "src/reproduce/generated";

/** @param {{ force?: boolean }} [options] @returns {Promise<boolean>} whether anything was built */
export async function buildGrammar({ force = false } = {}) {
	const hash = hashOf([GRAMMAR, MACROS, PROGRAMS, "scripts/build-grammar.mjs", "package-lock.json"]);
	const outputs = ["grammar.ts", "grammar.terms.ts", "macros.ts"].map((name) => `${OUT}/${name}`);
	outputs.push(`${OUT_PROGRAMS}/programs.ts`);
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
	write(OUT_PROGRAMS, "programs.ts", texts(PROGRAMS, "programs"));
	writeStamp(STAMP, hash);
	return true;
}

/** The scenario files of a folder as strings by name. @param {string} folder @param {string} constant */
function texts(folder, constant) {
	const rows = readdirSync(join(ROOT, folder))
		.filter((file) => file.endsWith(".scn"))
		.sort()
		.map((file) => {
			const text = readFileSync(join(ROOT, folder, file), "utf8").replaceAll("\r\n", "\n");
			return `\t${JSON.stringify(file.slice(0, -".scn".length))}: ${JSON.stringify(text)},\n`;
		});
	return `export const ${constant}: Readonly<Record<string, string>> = {\n${rows.join("")}};\n`;
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
