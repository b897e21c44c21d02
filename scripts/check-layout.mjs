// Where the core, the layout constants and the bindings have drifted apart, the build ends here.
//
// 1. assembly/check/layout.ts is compiled, emitting nothing: an error for each constant that is not where its field is.
// 2. Every constant of a record must have its line there.
// 3. Every load, store, get and set at such a constant, in assembly/ and bindings/, must be of its field's type: a field
//    narrowed in place keeps all offsets.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import asc from "assemblyscript/asc";
import { ROOT } from "./stamp.mjs";

const ENTRY = "assembly/check/layout.ts";
const FIELD = /^field<(\w+), (\w+)>\("(\w+)", (\w+)\);/gm;
const RECORD = /^record<(\w+)>\((\w+)\);/gm;

/**
 * @param {string} [root] a checkout, or a copy of one
 * @returns {Promise<string>} what there is against the layout; empty: nothing
 */
export async function checkLayout(root = ROOT) {
	const checks = readFileSync(join(root, ENTRY), "utf8");
	/** @type {Map<string, string>} */
	const types = new Map(Array.from(checks.matchAll(FIELD), ([, , type, , constant]) => [`${constant}`, `${type}`]));
	return [await compiled(root, checks), ...uncovered(root, checks, types), ...misread(root, types)]
		.filter(Boolean)
		.join("\n");
}

/** @param {string} root @param {string} checks */
async function compiled(root, checks) {
	/** @param {string} name @param {string} folder */
	function readFile(name, folder) {
		const file = join(folder, name);
		if (name === ENTRY) return expand(checks);
		return existsSync(file) ? readFileSync(file, "utf8") : null;
	}
	const args = [ENTRY, "--config", "none", "--baseDir", root, "--noEmit", "--runtime", "stub", "--enable", "simd"];
	const stderr = asc.createMemoryStream();
	const { error } = await asc.main([...args, "--use", "abort="], {
		readFile,
		stderr,
		stdout: asc.createMemoryStream(),
	});
	return error ? `${stderr.toString()}${error.message}` : "";
}

/** Constants of a record that no line of the check is about. @param {string} root @param {string} checks @param {Map<string, string>} types */
function uncovered(root, checks, types) {
	const prefixes = Array.from(checks.matchAll(RECORD), ([, , size = ""]) => size.replace(/SIZE$/, ""));
	return sources(root, "bindings/layout").flatMap(({ file, text }) =>
		Array.from(text.matchAll(/^export const (\w+) =/gm), ([, name = ""]) => name)
			.filter((name) => !name.endsWith("_SIZE") && !types.has(name))
			.filter((name) => prefixes.some((prefix) => name.startsWith(prefix)))
			.map((name) => `${file}: ${name} has no line in ${ENTRY}`),
	);
}

/** Reads and writes of a field as something else. @param {string} root @param {Map<string, string>} types */
function misread(root, types) {
	return ["assembly", "bindings"].flatMap((folder) =>
		sources(root, folder).flatMap(({ file, text }) =>
			Array.from(text.matchAll(/\b[A-Z]\w*_\w+\b/g)).flatMap(({ 0: name, index }) => {
				const wanted = types.get(name);
				const found = wanted && file !== ENTRY && typeOfAccess(text, index);
				if (!found || found === wanted) return [];
				const line = text.slice(0, index).split("\n").length;
				return [`${file}:${line}: ${name} is a ${wanted}, and is read or written as a ${found} here`];
			}),
		),
	);
}

/** Which type the innermost call around this place reads or writes, if it is a call of that sort. @param {string} text @param {number} at */
function typeOfAccess(text, at) {
	for (let depth = 0, i = at - 1; i >= 0; i--) {
		const c = text[i];
		if (c === ")" || c === "]") depth++;
		else if (c === ";" || c === "{") return undefined;
		else if ((c === "(" || c === "[") && --depth < 0) {
			const before = text.slice(Math.max(0, i - 60), i);
			const [, wasm] = /\b(?:load|store)<(\w+)>$/.exec(before) ?? [];
			if (wasm) return wasm === "usize" ? "u32" : wasm;
			const [, letter = "", bits] = /\b(?:get|set)(?:Big)?(Uint|Int|Float)(8|16|32|64)$/.exec(before) ?? [];
			if (bits) return `${letter[0] === "F" ? "f" : letter[0] === "U" ? "u" : "i"}${bits}`;
			const [, short] = /\b([uif](?:8|16|32|64))$/.exec(before) ?? [];
			if (short) return short;
			// A bracket that only groups: what is around it decides.
			if (/[\w>)\]]$/.test(before)) return undefined;
			depth = 0;
		}
	}
	return undefined;
}

/** The TypeScript files of a folder, comments and imports blanked out. @param {string} root @param {string} folder @returns {{ file: string, text: string }[]} */
function sources(root, folder) {
	return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
		const file = `${folder}/${entry.name}`;
		if (entry.isDirectory()) return entry.name === "generated" ? [] : sources(root, file);
		if (!entry.name.endsWith(".ts")) return [];
		const blank = (/** @type {string} */ text) => text.replace(/[^\n]/g, " ");
		const text = readFileSync(join(root, file), "utf8");
		return [{ file, text: text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|^import [^;]*;/gm, blank) }];
	});
}

/** Each statement becomes its comparisons, on the same line. @param {string} text */
export function expand(text) {
	return text
		.replace(FIELD, (_, type, wanted, name, offset) => {
			// Only a type parameter, inferred from the field's value, tells its type at compile time.
			const is = `is_${type}_${name}`;
			const differs = ["sizeof", "isSigned", "isFloat"].map((ask) => `${ask}<F>() != ${ask}<${wanted}>()`).join(" || ");
			return [
				`if (offsetof<${type}>("${name}") != ${offset}) ERROR("${type}.${name} is not at ${offset}");`,
				`function ${is}<F>(f: F): void { if (${differs}) ERROR("${type}.${name} is not a ${wanted}"); }`,
				`${is}(changetype<${type}>(0).${name});`,
			].join(" ");
		})
		.replace(RECORD, (_, type, size) => {
			// offsetof<T>() is where the last field ends; what is missing to the size may only be padding.
			const end = `offsetof<${type}>()`;
			return `if (${end} > <usize>${size} || <usize>${size} - ${end} >= 8) ERROR("${type} does not take ${size} bytes");`;
		});
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	const said = await checkLayout();
	if (said) console.error(said);
	process.exitCode = said ? 1 : 0;
}
