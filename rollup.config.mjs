// build/js -> dist/. The libraries that the package needs are bundled, with their licences in dist/THIRD-PARTY.txt: what
// is installed with it depends on nothing.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import nodeResolve from "@rollup/plugin-node-resolve";
import terser from "@rollup/plugin-terser";
import { denser } from "./scripts/build-core.mjs";

const js = "build/js/src";
const index = `${js}/index.js`;
const check = resolve(`${js}/check/index.js`);
const cost = resolve(`${js}/cost/index.js`);
/** What only stalemate/check and stalemate/cost need. */
const CHECKING =
	/[\\/](src[\\/](check|cost|reproduce|scenario|litmus|catalogue|mechanisms)|bindings[\\/](generated[\\/]programs|explorer|assemble|cost))\b/;
/** Packages of which something is in dist. */
const packages = new Set();

/** @type {import("rollup").RollupOptions} */
export const common = {
	treeshake: { moduleSideEffects: false },
	onLog(level, log, handler) {
		if (level !== "warn") handler(level, log);
		else if (log.code !== "CIRCULAR_DEPENDENCY" || !log.message.includes("node_modules")) throw new Error(log.message);
	},
};

/** Small, because compiling what is imported is most of the wait for a first result; in lines, because Node shows the one that threw. */
const small = () =>
	terser({
		module: true,
		ecma: 2020,
		// An error is shown by its class.
		keep_classnames: true,
		compress: { sequences: false },
		format: { semicolons: false, max_line_len: 300, preserve_annotations: true },
	});

/** @type {import("rollup").RollupOptions[]} */
export default [
	{
		...common,
		// Together, so that what they share is there once: a StalemateError is the same class for all of them.
		input: {
			index,
			check,
			cost,
			sweep: `${js}/sweep/index.js`,
			"sweep-browser": `${js}/sweep/browser/index.js`,
			"sweep-worker-browser": `${js}/sweep/browser/sweep-worker.js`,
			cli: `${js}/cli/main.js`,
			worker: `${js}/cli/worker.js`,
			// What threads load, where the pool looks for it: beside itself.
			"chunks/sweep-worker": `${js}/sweep/node/sweep-worker.js`,
			"chunks/entry/worker": "node_modules/tinypool/dist/entry/worker.js",
		},
		external: [/^node:/, "bullmq", "ioredis"],
		plugins: [nodeResolve(), esm(), quiet(), unmarked(), pure(), small(), apart(), licences()],
		output: {
			dir: "dist",
			format: "es",
			chunkFileNames: "chunks/[name].js",
			manualChunks: together(),
			banner: ({ name, isEntry }) => (isEntry && name === "cli" ? "#!/usr/bin/env node" : ""),
		},
	},
	{
		...common,
		// Over an entry from above: together with it they would split it into more files.
		input: { matcher: `${js}/matcher/index.js`, vitest: `${js}/matcher/vitest.js` },
		external: ["vitest", check],
		plugins: [small()],
		output: { dir: "dist", format: "es", paths: { [check]: "./check.js" } },
	},
	{
		...common,
		input: { stalemate: index },
		plugins: [
			nodeResolve({ browser: true }),
			noNode(),
			dense(),
			esm(),
			quiet(),
			// Names of constants zip better than what they stand for.
			terser({ module: true, ecma: 2020, keep_classnames: /Error$/, compress: { passes: 3, reduce_vars: false } }),
		],
		output: { dir: "dist", format: "es", entryFileNames: "[name].min.js", chunkFileNames: "min/[name].js" },
	},
];

/** Without what only Node has. */
function noNode() {
	return {
		name: "no-node",
		/** @param {string} source @param {string | undefined} importer */
		resolveId(source, importer) {
			return source.endsWith("/node.js") && importer ? resolve(importer, "..", source, "../no-node.js") : null;
		},
	};
}

/** The cores as browsers are to load them. */
function dense() {
	return {
		name: "dense",
		/** @param {string} _ @param {string} id */
		transform(_, id) {
			const [, name] = /[\\/]bindings[\\/]generated[\\/](\w+)\.js$/.exec(id) ?? [];
			return name === undefined ? null : { code: denser(name), map: null };
		},
	};
}

/** What is loaded at once is in few files, for each takes its time: what traces alone need, and what programs need too. */
function together() {
	/** @type {Set<string> | undefined} */
	let traces;
	/** @type {Set<string> | undefined} */
	let checking;
	/** @type {import("rollup").GetManualChunk} */
	return (id, { getModuleInfo }) => {
		/** @param {string} entry */
		const reached = (entry) => {
			const found = new Set([resolve(entry)]);
			for (const module of found) for (const next of getModuleInfo(module)?.importedIds ?? []) found.add(next);
			return found;
		};
		traces ??= reached(index);
		checking ??= new Set([...reached(check), ...reached(cost)]);
		if (id === resolve(index) || !traces.has(id)) return undefined;
		return checking.has(id) ? "shared" : "core";
	};
}

/** Who simulates traces loads nothing of what checks programs, nor does the command line before it is asked to. */
function apart() {
	return {
		name: "apart",
		generateBundle(_, bundle) {
			const loaded = ["index.js", "cli.js"];
			for (const name of loaded) {
				for (const path of bundle[name].imports) if (path in bundle && !loaded.includes(path)) loaded.push(path);
				const other = Object.keys(bundle[name].modules).filter((id) => CHECKING.test(id));
				if (other.length > 0)
					this.error(`${name} holds ${other.join(", ")}: import it where it is used, with import()`);
			}
		},
	};
}

/** xz-decompress is published as one UMD file; it is wrapped as a module here, over the platform's own streams. */
export function esm() {
	return {
		name: "umd-to-esm",
		transform(code, id) {
			if (!/node_modules\/xz-decompress\/.*\.js$/.test(id)) return null;
			if (/^\s*(import|export) /m.test(code)) return null;
			if (!code.includes('factory(require("stream/web"))'))
				this.error("xz-decompress is packed otherwise than expected");
			return [
				"const module = { exports: {} }, exports = module.exports;",
				"const require = () => globalThis;",
				`(function () {\n${code}\n}).call(globalThis);`,
				"export const { XzReadableStream } = module.exports;",
				"export default module.exports;",
			].join("\n");
		},
	};
}

/**
 * The loader patches Object.hasOwn where it is missing: nowhere any more. Importing this package changes nothing, and who
 * loads no core has no decoder made.
 */
export function quiet() {
	const polyfill = /Object\.hasOwn = Object\.hasOwn \|\| function[^}]*};/;
	const decoder = /(?=new TextDecoder\()/;
	return {
		name: "no-polyfill",
		transform(code, id) {
			if (!/@assemblyscript\/loader\//.test(id)) return null;
			if (!polyfill.test(code)) this.error("the polyfill of Object.hasOwn is not where it was");
			if (!decoder.test(code)) this.error("the decoder is not where it was");
			return { code: code.replace(polyfill, "").replace(decoder, "/* @__PURE__ */ "), map: null };
		},
	};
}

/** Some packages carry marks of the folders they were bundled in. */
function unmarked() {
	return {
		name: "no-region-comments",
		transform(code, id) {
			return /node_modules/.test(id) ? { code: code.replace(/^\/\/#(end)?region.*$/gm, ""), map: null } : null;
		},
	};
}

/**
 * These calls only make what they give, which bundlers cannot know: unused mechanisms go, with the catalogue behind them. They
 * stay where an argument is spread.
 */
function pure() {
	return {
		name: "pure",
		transform(code, id) {
			if (!/[\\/]mechanisms[\\/](?!mechanism\.)/.test(id)) return null;
			return { code: code.replace(/\b(mechanism|words|count|yesNo)\(/g, "/* @__PURE__ */ $&"), map: null };
		},
	};
}

/** Writes THIRD-PARTY.txt: the licences of all packages of which something is in this bundle or one before. */
export function licences() {
	return {
		name: "licences",
		generateBundle(_, bundle) {
			for (const chunk of Object.values(bundle)) {
				if (chunk.type !== "chunk") continue;
				for (const [id, { renderedLength }] of Object.entries(chunk.modules)) {
					const found = renderedLength > 0 && /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id.replaceAll("\\", "/"));
					if (found) packages.add(found[0]);
				}
			}
			// Parts of its standard library are compiled into the core.
			packages.add("node_modules/assemblyscript");
			const texts = [...packages].sort().map(licenceOf);
			const head = "stalemate is under the MIT licence (LICENSE). Its files contain parts of these packages:\n";
			this.emitFile({
				type: "asset",
				fileName: "THIRD-PARTY.txt",
				source: [head, ...texts].join(`\n${"-".repeat(80)}\n\n`),
			});
		},
	};
}

/** @param {string} folder of a package */
function licenceOf(folder) {
	const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
	const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
	let text = file && readFileSync(join(folder, file), "utf8");
	if (name === "@assemblyscript/loader")
		text = readFileSync(join(dirname(folder), "../assemblyscript/LICENSE"), "utf8");
	if (name === "xz-decompress") text = xzLicence;
	if (!text) throw new Error(`no licence text of ${name}`);
	return `${name} ${version} (${license})\n\n${text.trim()}\n`;
}

// The package carries no licence file; this is what its source says.
const xzLicence = `Based on xzwasm (c) Steve Sanderson. License: MIT - https://github.com/SteveSanderson/xzwasm
Contains xz-embedded by Lasse Collin and Igor Pavlov. License: Public domain - https://tukaani.org/xz/embedded.html
and walloc (c) 2020 Igalia, S.L. License: MIT - https://github.com/wingo/walloc

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
