// assembly/ -> build/*.wasm -> bindings/generated/*.ts. Nothing is done when the sources have not changed (--force: always).

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { checkLayout } from "./check-layout.mjs";
import { CORE_SOURCES, filesIn, hashOf, isFresh, ROOT, writeStamp } from "./stamp.mjs";

const STAMP = "build/core.stamp";

// Modules from one set of sources, so that who simulates traces waits neither for what packs them nor for what searches programs.
const MODULES = [
	{ name: "core", entry: "assembly/index.ts", constant: "CORE_BYTES" },
	{ name: "passes", entry: "assembly/passes.ts", constant: "PASSES_BYTES" },
	{ name: "programs", entry: "assembly/programs.ts", constant: "PROGRAMS_BYTES", inlined: true },
];
const ASC = join(ROOT, "node_modules/assemblyscript/bin/asc.js");
const WASM_OPT = join(ROOT, "node_modules/binaryen/bin/wasm-opt");

// asc writes out only what is tiny where it is called, and most engines nothing more. Rules that are many small functions,
// and that each action goes through, take a fifth longer that way.
const INLINING = [
	"-O4",
	"--always-inline-max-function-size=120",
	"--flexible-inline-max-function-size=400",
	"--one-caller-inline-max-function-size=2000",
	"--inline-functions-with-loops",
];
const FEATURES = ["simd", "bulk-memory", "sign-ext", "nontrapping-float-to-int", "mutable-globals"];

// The object's class is read from its header, which an unmanaged object does not have: from address -8 for a null pointer.
// asc warns of it only where @inline is lost (AS228).
const NO_INHERITANCE =
	"asc would compile a call of an overridden method to a load from nowhere: use interfaces and generics";

/** @param {{ force?: boolean }} [options] @returns {Promise<boolean>} whether anything was built */
export async function buildCore({ force = false } = {}) {
	const hash = hashOf(CORE_SOURCES);
	const made = MODULES.flatMap(({ name }) => [`build/${name}.wasm`, `bindings/generated/${name}.ts`]);
	if (!force && isFresh(STAMP, hash, made)) return false;
	for (const folder of ["build", "bindings/generated"]) mkdirSync(join(ROOT, folder), { recursive: true });
	const drift = await checkLayout();
	if (drift) throw new Error(`${drift}\nbindings/layout/ and assembly/ have drifted apart`);

	for (const file of filesIn(join(ROOT, "assembly"))) {
		const found = /\bclass (\w+)(<[^>]*>)? extends/.exec(readFileSync(file, "utf8"));
		if (found) throw new Error(`${relative(ROOT, file)}: class ${found[1]} extends another; ${NO_INHERITANCE}`);
	}

	for (const module of MODULES) buildModule(module);
	writeStamp(STAMP, hash);
	return true;
}

/** @param {(typeof MODULES)[number]} module */
function buildModule({ name, entry, constant, inlined }) {
	// Other builds may run at the same time: write beside the place and move.
	const fresh = `build/${name}.${process.pid}`;
	try {
		asc([entry, "--target", "release", "--outFile", `${fresh}.wasm`, "--textFile", `${fresh}.wat`]);
		if (inlined) wasmOpt(`${fresh}.wasm`);
		const wasm = readFileSync(join(ROOT, `${fresh}.wasm`));
		const module = new WebAssembly.Module(wasm);
		const imports = WebAssembly.Module.imports(module).map((entry) => `${entry.module}.${entry.name}`);
		if (imports.length > 0) throw new Error(`${name} must import nothing, and imports ${imports.join(", ")}`);
		writeFileSync(join(ROOT, `${fresh}.ts`), generated(name, constant, wasm));
		renameSync(join(ROOT, `${fresh}.wasm`), join(ROOT, `build/${name}.wasm`));
		renameSync(join(ROOT, `${fresh}.wat`), join(ROOT, `build/${name}.wat`));
		renameSync(join(ROOT, `${fresh}.ts`), join(ROOT, `bindings/generated/${name}.ts`));
		console.log(`${name}.wasm: ${wasm.length} bytes, ${gzipSync(wasm, { level: 9 }).length} gzipped`);
	} finally {
		for (const end of ["wasm", "wat", "ts"]) rmSync(join(ROOT, `${fresh}.${end}`), { force: true });
	}
}

/** @param {string} file */
function wasmOpt(file) {
	tool("wasm-opt", [WASM_OPT, ...FEATURES.map((feature) => `--enable-${feature}`), ...INLINING, file, "-o", file]);
}

/** @param {string} name @param {string[]} args @returns {string} what it said */
function tool(name, args) {
	const run = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
	const said = `${run.stdout}${run.stderr}`;
	if (said) process.stderr.write(said);
	if (run.status !== 0) throw new Error(`${name} failed`);
	return said;
}

/** @param {string[]} args */
function asc(args) {
	const said = tool("asc", [ASC, ...args]);
	if (/AS228/.test(said)) throw new Error(`asc warns of an overridden method (AS228); ${NO_INHERITANCE}`);
	if (/^WARNING/m.test(said)) throw new Error("asc warns; a build without warnings is what shows a new one");
}

/**
 * A string with a character for each byte: what gzip sees is the bytes themselves, so that a zipped bundle carries them at
 * little more than their own zipped size (base64, which no gzip sees through, takes half as much again).
 * @param {string} name @param {string} constant @param {Uint8Array} wasm
 */
function generated(name, constant, wasm) {
	const made = `// Made by scripts/build-core.mjs from build/${name}.wasm.`;
	return `${made}\nexport const ${constant}: string =\n\t${literal(wasm)};\nexport const ${constant}_ORDER: string = "";\n`;
}

/** What a string literal cannot hold as it is; a NUL because tools take a file with one for binary. */
const ESCAPED = /["\\\n\r\0]/g;

/** @param {Uint8Array} bytes */
function literal(bytes) {
	const text = Buffer.from(bytes).toString("latin1");
	return `"${text.replace(ESCAPED, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`)}"`;
}

/**
 * The generated module for browsers, a tenth smaller when zipped: in UTF-8 half of all characters take two bytes, so the
 * bytes that occur most have the others. `ORDER` says which byte a character stands for. That takes a loop to undo, which
 * Node can do without.
 * @param {string} name
 */
export function denser(name) {
	const { constant = "" } = MODULES.find((module) => module.name === name) ?? {};
	const wasm = readFileSync(join(ROOT, `build/${name}.wasm`));
	const counts = new Uint32Array(256);
	for (const byte of wasm) counts[byte] = (counts[byte] ?? 0) + 1;
	/** @param {number} code */
	const cost = (code) => (/["'\\\0\b\t\n\v\f\r]/.test(String.fromCharCode(code)) ? 3 : code < 128 ? 1 : 2);
	const codes = [...counts.keys()].sort((a, b) => cost(a) - cost(b) || a - b);
	const bytes = [...counts.keys()].sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b);
	const codeOf = new Uint8Array(256);
	const order = new Uint8Array(256);
	for (const [i, byte] of bytes.entries()) {
		codeOf[byte] = codes[i] ?? 0;
		order[codes[i] ?? 0] = byte;
	}
	const dense = wasm.map((byte) => codeOf[byte] ?? 0);
	return `export const ${constant} = ${literal(dense)};\nexport const ${constant}_ORDER = ${literal(order)};\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	try {
		if (!(await buildCore({ force: process.argv.includes("--force") }))) console.log("core.wasm is up to date");
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 1;
	}
}
