// assembly/ -> build/core.wasm -> bindings/generated/core.ts. Nothing is done when the sources have not changed (--force: always).

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { checkLayout } from "./check-layout.mjs";
import { CORE_SOURCES, filesIn, hashOf, isFresh, ROOT, writeStamp } from "./stamp.mjs";

const STAMP = "build/core.stamp";
const ASC = join(ROOT, "node_modules/assemblyscript/bin/asc.js");

// The object's class is read from its header, which an unmanaged object does not have: from address -8 for a null pointer.
// asc warns of it only where @inline is lost (AS228).
const NO_INHERITANCE =
	"asc would compile a call of an overridden method to a load from nowhere: use interfaces and generics";

/** @param {{ force?: boolean }} [options] @returns {Promise<boolean>} whether anything was built */
export async function buildCore({ force = false } = {}) {
	const hash = hashOf(CORE_SOURCES);
	if (!force && isFresh(STAMP, hash, ["build/core.wasm", "bindings/generated/core.ts"])) return false;
	for (const folder of ["build", "bindings/generated"]) mkdirSync(join(ROOT, folder), { recursive: true });
	const drift = await checkLayout();
	if (drift) throw new Error(`${drift}\nbindings/layout/ and assembly/ have drifted apart`);

	for (const file of filesIn(join(ROOT, "assembly"))) {
		const found = /\bclass (\w+)(<[^>]*>)? extends/.exec(readFileSync(file, "utf8"));
		if (found) throw new Error(`${relative(ROOT, file)}: class ${found[1]} extends another; ${NO_INHERITANCE}`);
	}

	// Other builds may run at the same time: write beside the place and move.
	const fresh = `build/core.${process.pid}`;
	try {
		asc(["--target", "release", "--outFile", `${fresh}.wasm`, "--textFile", `${fresh}.wat`]);
		const wasm = readFileSync(join(ROOT, `${fresh}.wasm`));
		const module = new WebAssembly.Module(wasm);
		const imports = WebAssembly.Module.imports(module).map((entry) => `${entry.module}.${entry.name}`);
		if (imports.length > 0) throw new Error(`the core must import nothing, and imports ${imports.join(", ")}`);
		writeFileSync(join(ROOT, `${fresh}.ts`), generated(wasm));
		renameSync(join(ROOT, `${fresh}.wasm`), join(ROOT, "build/core.wasm"));
		renameSync(join(ROOT, `${fresh}.wat`), join(ROOT, "build/core.wat"));
		renameSync(join(ROOT, `${fresh}.ts`), join(ROOT, "bindings/generated/core.ts"));
		writeStamp(STAMP, hash);
		console.log(`core.wasm: ${wasm.length} bytes, ${gzipSync(wasm, { level: 9 }).length} gzipped`);
	} finally {
		for (const end of ["wasm", "wat", "ts"]) rmSync(join(ROOT, `${fresh}.${end}`), { force: true });
	}
	return true;
}

/** @param {string[]} args */
function asc(args) {
	const run = spawnSync(process.execPath, [ASC, ...args], { cwd: ROOT, encoding: "utf8" });
	const said = `${run.stdout}${run.stderr}`;
	if (said) process.stderr.write(said);
	if (run.status !== 0) throw new Error("asc failed");
	if (/AS228/.test(said)) throw new Error(`asc warns of an overridden method (AS228); ${NO_INHERITANCE}`);
	if (/^WARNING/m.test(said)) throw new Error("asc warns; a build without warnings is what shows a new one");
}

/**
 * A string with a character for each byte: what gzip sees is the bytes themselves, so that a zipped bundle carries them at
 * little more than their own zipped size (base64, which no gzip sees through, takes half as much again).
 * @param {Uint8Array} wasm
 */
function generated(wasm) {
	// All that a string literal cannot hold as it is; a NUL is written out because tools take a file with one for binary.
	const escaped = Buffer.from(wasm)
		.toString("latin1")
		.replace(/["\\\n\r\0]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
	return `// Made by scripts/build-core.mjs from build/core.wasm.\nexport const CORE_BYTES: string =\n\t"${escaped}";\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	try {
		if (!(await buildCore({ force: process.argv.includes("--force") }))) console.log("core.wasm is up to date");
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 1;
	}
}
