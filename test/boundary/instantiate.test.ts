import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ABI_VERSION } from "../../bindings/layout/abi.ts";
import type { WasmSource, WasmSourceSync } from "../../bindings/source.ts";
import { loadTraceCore, loadTraceCoreSync } from "../../bindings/trace-core.ts";
import { type ErrorCode, StalemateError } from "../../src/errors.ts";

const file = new URL("../../build/core.wasm", import.meta.url);
const wasm = new Uint8Array(readFileSync(file));

/** Valid WebAssembly that exports these constant functions and a memory, as the core does. */
function moduleSaying(name: string, value: number): Uint8Array<ArrayBuffer> {
	const exported = [name.length, ...new TextEncoder().encode(name), 0, 0];
	return new Uint8Array([
		...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
		...[1, 5, 1, 0x60, 0, 1, 0x7f], // type: () -> i32
		...[3, 2, 1, 0], // function
		...[5, 3, 1, 0, 1], // memory
		...[7, exported.length + 10, 2, ...exported, 6, ...new TextEncoder().encode("memory"), 2, 0],
		...[10, 6, 1, 4, 0, 0x41, value, 0x0b], // code: i32.const value
	]);
}

async function failure(source: WasmSource): Promise<StalemateError> {
	const error = await loadTraceCore(source).then(
		() => undefined,
		(error: unknown) => error,
	);
	expect(error).toBeInstanceOf(StalemateError);
	return error as StalemateError;
}

describe("where the core comes from", () => {
	const sources: [string, () => WasmSource | undefined][] = [
		["nothing: the package's own", () => undefined],
		["a Uint8Array", () => wasm],
		["an ArrayBuffer", () => wasm.slice().buffer],
		["a view into a larger buffer", () => new Uint8Array([9, 9, ...wasm, 9]).subarray(2, 2 + wasm.length)],
		["a Module", () => new WebAssembly.Module(wasm)],
		["a Module of another realm", () => runInNewContext("new WebAssembly.Module(wasm)", { wasm })],
		["a file: URL", () => file],
		["a Response", () => new Response(wasm)],
		["a Response without a Wasm content type", () => new Response(wasm, { headers: { "content-type": "text/plain" } })],
		["a promise of a Response", () => Promise.resolve(new Response(wasm))],
	];
	test.each(sources)("%s", async (_, source) => {
		const core = await loadTraceCore(source());
		expect(core.instantiate().exports.abiVersion()).toBe(ABI_VERSION);
	});

	test.each(sources.slice(0, 5))("%s, without waiting", (_, source) => {
		const core = loadTraceCoreSync(source() as WasmSourceSync | undefined);
		expect(core.instantiate().exports.abiVersion()).toBe(ABI_VERSION);
	});

	test("the Module of one core makes another", async () => {
		const { module } = loadTraceCoreSync();
		expect((await loadTraceCore(module)).module).toBe(module);
	});

	afterEach(() => vi.unstubAllGlobals());
	test.each([
		["in Node", globalThis.Buffer],
		["where there is no Buffer", undefined],
	])("the package's own is the built one, byte for byte, %s", async (_, Buffer) => {
		vi.resetModules();
		const { loadTraceCoreSync } = await import("../../bindings/trace-core.ts");
		const seen: Uint8Array[] = [];
		class Module extends WebAssembly.Module {
			constructor(bytes: Uint8Array<ArrayBuffer>) {
				super(bytes);
				seen.push(new Uint8Array(bytes));
			}
		}
		vi.stubGlobal("WebAssembly", Object.assign(Object.create(WebAssembly), { Module }));
		vi.stubGlobal("Buffer", Buffer);
		loadTraceCoreSync();
		vi.unstubAllGlobals();
		expect(seen).toEqual([wasm]);
	});

	test("the first instance is the one that told its version, and each is another's", () => {
		const core = loadTraceCoreSync(wasm);
		const instances = [core.instantiate(), core.instantiate(), core.instantiate()];
		expect(new Set(instances.map(({ exports }) => exports.memory)).size).toBe(3);
	});

	test("the package's own core is compiled once", async () => {
		expect((await loadTraceCore()).module).toBe(loadTraceCoreSync().module);
	});

	test("each instance has a memory of its own", () => {
		const core = loadTraceCoreSync();
		const [a, b] = [core.instantiate(), core.instantiate()];
		expect(a.exports.memory).not.toBe(b.exports.memory);
	});
});

describe("what is not the core", () => {
	const wrong: [string, ErrorCode, RegExp, () => WasmSource][] = [
		["no bytes", "BAD_WASM", /is empty/, () => new Uint8Array()],
		["an HTML page", "BAD_WASM", /HTML page \(3c 21 64 6f\)/, () => new TextEncoder().encode("<!doctype html>")],
		["an HTML page in capitals", "BAD_WASM", /HTML page/, () => new TextEncoder().encode("\n<!DOCTYPE html>")],
		["a page without a doctype", "BAD_WASM", /HTML page/, () => new Response("<html></html>")],
		["gzip", "BAD_WASM", /gzipped/, () => new Uint8Array([0x1f, 0x8b, 8, 0])],
		["base64 text", "BAD_WASM", /base64/, () => new TextEncoder().encode("AGFzbQEAAAA")],
		["other bytes", "BAD_WASM", /7f 45 4c 46 instead of 00 61 73 6d/, () => new Uint8Array([0x7f, 0x45, 0x4c, 0x46])],
		["the magic word alone", "BAD_WASM", /cut short/, () => wasm.slice(0, 4)],
		["half of the core", "BAD_WASM", /cut short/, () => wasm.slice(0, wasm.length >> 1)],
		["all but the last byte", "BAD_WASM", /cut short/, () => wasm.slice(0, -1)],
		["an empty module", "WASM_MISMATCH", /not the core/, () => wasm.slice(0, 8)],
		["another program", "WASM_MISMATCH", /not the core/, () => moduleSaying("fibonacci", 1)],
		["another program as a Module", "WASM_MISMATCH", /not the core/, () => new WebAssembly.Module(wasm.slice(0, 8))],
		["an older core", "WASM_MISMATCH", /version 0 .* this JavaScript version/, () => moduleSaying("abiVersion", 0)],
		["a missing page", "IO", /status 404/, () => new Response("<!doctype html>", { status: 404 })],
		["a missing file", "IO", /ENOENT/, () => new URL("no-such-core.wasm", file)],
		["a string", "BAD_OPTION", /no URL yet/, () => "core.wasm" as unknown as WasmSource],
		["null", "BAD_OPTION", /must be bytes/, () => null as unknown as WasmSource],
	];
	test.each(wrong)("%s: %s", async (_, code, message, source) => {
		const error = await failure(source());
		expect(error.message).toMatch(message);
		expect(error.code).toBe(code);
	});

	test("a response read before", async () => {
		const response = new Response(wasm);
		await response.arrayBuffer();
		expect(await failure(response)).toMatchObject({ code: "IO" });
	});

	test("without waiting, a URL is refused", () => {
		expect(() => loadTraceCoreSync(file as unknown as WasmSourceSync)).toThrow(
			expect.objectContaining({ code: "BAD_OPTION" }),
		);
	});

	test("without waiting, damage is told the same way", () => {
		expect(() => loadTraceCoreSync(wasm.slice(0, 20))).toThrow(expect.objectContaining({ code: "BAD_WASM" }));
		expect(() => loadTraceCoreSync(moduleSaying("abiVersion", 0))).toThrow(
			expect.objectContaining({ code: "WASM_MISMATCH" }),
		);
	});

	test("the engine's own words are the cause", async () => {
		expect((await failure(wasm.slice(0, -1))).cause).toBeInstanceOf(WebAssembly.CompileError);
	});
});

test("where policy forbids WebAssembly, the message names the source it needs", async () => {
	const { compile } = WebAssembly;
	WebAssembly.compile = () => {
		throw new WebAssembly.CompileError(
			"WebAssembly.compile(): violates the following Content Security policy directive",
		);
	};
	try {
		const error = await failure(wasm);
		expect(error).toMatchObject({ code: "BAD_WASM" });
		expect(error.message).toContain("'wasm-unsafe-eval'");
	} finally {
		WebAssembly.compile = compile;
	}
});
