// build/api/*.md: what each entry of the package exports, from the declarations in dist/types and the comments above them.
// Those are written by tsc and so always look alike; there is no JavaScript API of this TypeScript to ask.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "./stamp.mjs";

/** @typedef {{ name: string, file: string, comment: string, text: string, members: string[] }} Declared */

/** @returns {Map<string, Declared[]>} everything that programs can import, by the name they import it from */
export function publicApi() {
	const { name, exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
	/** @type {Map<string, Declared[]>} */
	const api = new Map();
	for (const [path, target] of Object.entries(exports)) {
		if (target.types) api.set(join(name, path), [...exported(join(ROOT, target.types)).values()]);
	}
	return api;
}

/** @param {string} file a declaration file @returns {Map<string, Declared>} what it exports, by name */
function exported(file) {
	/** @type {Map<string, Declared>} */
	const found = new Map();
	const text = readFileSync(file, "utf8");
	for (const one of declarations(text, file)) found.set(one.name, one);
	const list = /^export (?:type )?(?:\{([^}]*)\}|\*(?: as (\w+))?)(?: from "([^"]+)")?;/gm;
	for (const [, names, group, path] of text.matchAll(list)) {
		if (path === undefined) continue;
		const from = exported(join(dirname(file), path.replace(/\.js$/, ".d.ts")));
		if (group !== undefined) {
			for (const one of from.values()) found.set(`${group}.${one.name}`, { ...one, name: `${group}.${one.name}` });
		} else if (names === undefined) for (const [name, one] of from) found.set(name, one);
		else {
			for (const [, own = "", as = own] of names.matchAll(/(?:type )?(\w+)(?: as (\w+))?\s*(?:,|$)/g)) {
				const one = from.get(own);
				if (!one) throw new Error(`${relative(ROOT, file)}: ${path} declares no ${own}`);
				found.set(as, { ...one, name: as });
			}
		}
	}
	return found;
}

const DECLARED = /^export (?:declare )?(?:abstract )?(class|interface|type|function|const|enum) (\w+)/;

/** @param {string} text @param {string} file @returns {Declared[]} what is declared in a file itself, exported or not */
function declarations(text, file) {
	const lines = text.split("\n");
	const at = (/** @type {number} */ i) => lines[i] ?? "";
	/** @type {Declared[]} */
	const found = [];
	let comment = "";
	for (let i = 0; i < lines.length; i++) {
		const start = i;
		if (at(i).startsWith("/**")) {
			while (!at(i).includes("*/")) i++;
			comment = worded(lines.slice(start, i + 1));
			continue;
		}
		const [, kind = "", name] = DECLARED.exec(at(i)) ?? [];
		if (name !== undefined) {
			const end = /class|interface|enum/.test(kind) ? "}" : ";";
			while (i < lines.length && !(at(i).endsWith(end) && isClosed(lines.slice(start, i + 1)))) i++;
			const own = lines.slice(start, i + 1);
			const same = found.find((one) => one.name === name);
			// Overloads stand together.
			if (same) same.text += `\n${own.join("\n")}`;
			else found.push({ name, file, comment, text: own.join("\n"), members: bare(own) });
		}
		if (at(i).trim() !== "") comment = "";
	}
	return found;
}

/** @param {string[]} lines whether every brace that was opened is closed */
function isClosed(lines) {
	const text = lines.join("\n").replace(/\/\*[\s\S]*?\*\/|"[^"]*"/g, "");
	return text.split("{").length === text.split("}").length;
}

/** @param {string[]} lines @returns {string[]} functions among the members that nothing is said about */
function bare(lines) {
	/** @type {Map<string, boolean>} whether the first of the overloads has a comment */
	const found = new Map();
	for (const [i, line] of lines.entries()) {
		const [, name] = /^ {4}(?:static )?(\w+)(?:<[^(]*>)?\(/.exec(line) ?? [];
		if (name !== undefined && !found.has(name)) found.set(name, lines[i - 1]?.endsWith("*/") === true);
	}
	return [...found].flatMap(([name, said]) => (said || name === "constructor" ? [] : [name]));
}

/** @param {string[]} lines of a comment @returns {string} what it says */
function worded(lines) {
	return lines
		.map((line) => line.replace(/^\s*\/?\*+\/?\s?|\s*\*\/\s*$/g, "").trimEnd())
		.join("\n")
		.trim();
}

function write() {
	const folder = join(ROOT, "build/api");
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	for (const [entry, all] of publicApi()) {
		const parts = [...all]
			.sort((a, b) => (a.name < b.name ? -1 : 1))
			.map(({ name, comment, text }) => `## ${name}\n\n${comment}\n\n\`\`\`ts\n${text}\n\`\`\`\n`);
		const file = join(folder, `${entry.replaceAll("/", "-")}.md`);
		writeFileSync(file, `# ${entry}\n\n${parts.join("\n")}`);
		console.log(`${relative(ROOT, file)}: ${all.length} names`);
	}
}

if (process.argv[1] === fileURLToPath(import.meta.url)) write();
