/**
 * From bytes, a Module, a URL or a Response to a core that speaks our ABI. The only file that knows
 * `@assemblyscript/loader`, and the only one that knows where the Wasm comes from.
 */

import { instantiateSync } from "@assemblyscript/loader";
import { StalemateError } from "../src/errors.ts";
import type { CoreExports } from "./exports.ts";
import { ABI_VERSION } from "./layout/abi.ts";
import type { WasmModule, WasmResponse, WasmSource, WasmSourceSync, WasmUrl } from "./source.ts";

/** One machine's worth of Wasm: its own memory, its own globals. */
export interface Instance<E = CoreExports> {
	readonly exports: E;
}

/** The compiled core. Compile once, instantiate once for each simulator; `module` may be posted to workers. */
export interface Core<E = CoreExports> {
	readonly module: WasmModule;
	instantiate(): Instance<E>;
}

/** A core as it comes inside this package: a character of `bytes` is a byte, that at its code in `order` if that is not empty. */
export interface Embedded<E> {
	bytes: string;
	order: string;
	/** An export that no other core has. */
	known: keyof E & string;
	/** Once it was asked for: compiling is the costly part, and a Module has no state. */
	compiled?: WebAssembly.Module;
}

interface AnyExports {
	abiVersion(): number;
}

/** Compiles a core from `source`, or the one this package carries. */
export async function loadCore<E extends AnyExports>(embedded: Embedded<E>, source?: WasmSource): Promise<Core<E>> {
	if (source === undefined) {
		embedded.compiled ??= await compile(bytesOf(embedded), INLINE);
		return gate(embedded, embedded.compiled, INLINE);
	}
	const found = await source;
	if (isModule(found)) return gate(embedded, found, "the given Module");
	if (isBytes(found)) return gate(embedded, await compile(found, "the given bytes"), "the given bytes");
	const response = isUrl(found) ? await get(found) : found;
	if (typeof (response as WasmResponse)?.arrayBuffer !== "function") throw notASource(found);
	const where = response.url || "the given Response";
	if (!response.ok) {
		throw new StalemateError("IO", `${where} answered with status ${response.status} instead of core.wasm`);
	}
	const bytes = await response.arrayBuffer().catch((cause: unknown) => {
		throw new StalemateError("IO", `${where} broke off or was read before: ${text(cause)}`, {}, { cause });
	});
	return gate(embedded, await compile(bytes, where), where);
}

/** `loadCore` without waiting: from bytes or a Module, or the core that this package carries. */
export function loadCoreSync<E extends AnyExports>(embedded: Embedded<E>, source?: WasmSourceSync): Core<E> {
	if (source === undefined) {
		embedded.compiled ??= compileSync(bytesOf(embedded), INLINE);
		return gate(embedded, embedded.compiled, INLINE);
	}
	if (isModule(source)) return gate(embedded, source, "the given Module");
	if (isBytes(source)) return gate(embedded, compileSync(source, "the given bytes"), "the given bytes");
	throw notASource(source);
}

const INLINE = "the core inside this package";

/** Not from a data: URL, which a strict Content-Security-Policy forbids fetching. */
function bytesOf({ bytes: text, order }: { bytes: string; order: string }): Uint8Array<ArrayBuffer> {
	// Node has a way of its own: a loop that no engine has optimised yet takes a millisecond.
	if (globalThis.Buffer && !order) return globalThis.Buffer.from(text, "latin1");
	const bytes = new Uint8Array(text.length);
	for (let i = 0; i < bytes.length; i++) {
		const code = text.charCodeAt(i);
		bytes[i] = order ? order.charCodeAt(code) : code;
	}
	return bytes;
}

async function get(url: WasmUrl): Promise<WasmResponse> {
	try {
		// Node's fetch knows no file: URLs. getBuiltinModule keeps node:fs out of every bundler's sight.
		const fs = url.protocol === "file:" ? globalThis.process?.getBuiltinModule?.("node:fs") : undefined;
		if (!fs) return await fetch(url.href);
		const bytes = await fs.promises.readFile(new URL(url.href));
		return new Response(new Uint8Array(bytes));
	} catch (cause) {
		throw new StalemateError("IO", `core.wasm could not be had from ${url.href}: ${text(cause)}`, {}, { cause });
	}
}

async function compile(source: ArrayBuffer | ArrayBufferView, where: string): Promise<WebAssembly.Module> {
	const bytes = checked(source, where);
	try {
		return await WebAssembly.compile(bytes);
	} catch (cause) {
		throw refusal(cause, bytes.length, where);
	}
}

function compileSync(source: ArrayBuffer | ArrayBufferView, where: string): WebAssembly.Module {
	const bytes = checked(source, where);
	try {
		return new WebAssembly.Module(bytes);
	} catch (cause) {
		throw refusal(cause, bytes.length, where);
	}
}

/** Looks at the first bytes: what comes instead of Wasm most often is a page, an archive or text. */
function checked(source: ArrayBuffer | ArrayBufferView, where: string): Uint8Array<ArrayBuffer> {
	const bytes = ArrayBuffer.isView(source)
		? new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength)
		: new Uint8Array(source);
	const start = String.fromCharCode(...bytes.subarray(0, 16));
	if (start.startsWith("\0asm\x01\0\0\0")) {
		if (typeof WebAssembly === "undefined") throw badWasm(where, "this JavaScript engine has no WebAssembly");
		return bytes;
	}
	if (bytes.length === 0) throw badWasm(where, "it is empty; check that the file was copied and served whole");
	if (/^(\xef\xbb\xbf)?\s*<(!do|htm|!--|\?xml)/i.test(start)) {
		throw badWasm(
			where,
			`it is an HTML page (${hex(bytes)}); the server answers unknown paths with a page: serve core.wasm at that URL, ` +
				"or leave the option out and the core inside the package is used",
		);
	}
	if (start.startsWith("\x1f\x8b")) {
		throw badWasm(where, "it is gzipped; serve it with `Content-Encoding: gzip`, or unpack it first");
	}
	if (start.startsWith("AGFzb")) throw badWasm(where, "it is base64 text; decode it to bytes first");
	if (start.startsWith("\0asm")) {
		throw badWasm(where, `it is cut short or a WebAssembly component (${hex(bytes)}), not a core module`);
	}
	throw badWasm(where, `it does not begin like WebAssembly: ${hex(bytes)} instead of 00 61 73 6d`);
}

/** The engine would not compile it: policy, or damage. */
function refusal(cause: unknown, length: number, where: string): StalemateError {
	const said = text(cause);
	const what = /content security|csp|unsafe-eval|embedder|disallow|blocked/i.test(said)
		? "the engine does not allow compiling WebAssembly here. A page needs `'wasm-unsafe-eval'` in the `script-src` of its " +
			"Content-Security-Policy; an edge runtime needs the core as a ready Module: load({ wasm: module })"
		: `its ${length} bytes do not compile: damaged or cut short (or an engine without SIMD); take core.wasm from the ` +
			"package again";
	return badWasm(where, `${what}. The engine says: ${said}`, cause);
}

/** Lets only a core of our own ABI through. */
function gate<E extends AnyExports>({ known }: Embedded<E>, module: WasmModule, where: string): Core<E> {
	const instantiate = (): Instance<E> =>
		// A Module from another realm (a frame, an edge runtime's sandbox) is none to the loader.
		module instanceof WebAssembly.Module
			? instantiateSync<E & Record<string, unknown>>(module)
			: { exports: new WebAssembly.Instance(module as WebAssembly.Module).exports as unknown as E };
	const exports = WebAssembly.Module.exports(module as WebAssembly.Module).map(({ name }) => name);
	if (!exports.includes("abiVersion") || !exports.includes("memory")) {
		throw mismatch(where, "it is valid WebAssembly, but not the core of stalemate (no abiVersion and memory)");
	}
	let version: number;
	// Asked for its version and nothing else, the first instance is as good as new.
	let first: Instance<E> | undefined;
	try {
		first = instantiate();
		version = first.exports.abiVersion();
	} catch (cause) {
		throw mismatch(where, `it is not the core of stalemate: ${text(cause)}`, cause);
	}
	if (version !== ABI_VERSION) {
		throw mismatch(
			where,
			`it speaks version ${version} of the binary interface, this JavaScript version ${ABI_VERSION}`,
		);
	}
	if (!exports.includes(known)) {
		throw mismatch(where, `it is a core of stalemate, but not the one wanted here (no ${known})`);
	}
	return {
		module,
		instantiate: () => {
			const instance = first ?? instantiate();
			first = undefined;
			return instance;
		},
	};
}

function isModule(source: unknown): source is WebAssembly.Module {
	return typeof WebAssembly !== "undefined" && tagOf(source) === "[object WebAssembly.Module]";
}

function isBytes(source: unknown): source is ArrayBuffer | ArrayBufferView {
	return ArrayBuffer.isView(source) || /ArrayBuffer\]$/.test(tagOf(source));
}

/** Not its class: it may come from another realm (a frame, a test runner's context). */
function tagOf(source: unknown): string {
	return Object.prototype.toString.call(source);
}

function isUrl(source: unknown): source is WasmUrl {
	return typeof (source as WasmUrl | null)?.href === "string";
}

function text(cause: unknown): string {
	return cause instanceof Error ? cause.message : String(cause);
}

function hex(bytes: Uint8Array): string {
	return Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function badWasm(where: string, what: string, cause?: unknown): StalemateError {
	return new StalemateError("BAD_WASM", `Cannot use ${where} as the core: ${what}`, {}, { cause });
}

function mismatch(where: string, what: string, cause?: unknown): StalemateError {
	const todo =
		"use the core.wasm of the same package version as the JavaScript, and clear caches that hold an older one";
	return new StalemateError("WASM_MISMATCH", `Cannot use ${where} as the core: ${what}; ${todo}`, {}, { cause });
}

function notASource(source: unknown): StalemateError {
	return new StalemateError(
		"BAD_OPTION",
		`wasm must be bytes, a WebAssembly.Module, a URL or a Response (bytes or a Module for loadSync), not ${typeof source}; ` +
			"a string is no URL yet: new URL(string, import.meta.url)",
	);
}
