// A core for these tests.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PassExports } from "../../bindings/exports.ts";
import { INPUT_SIZE, STATUS_BAD_LINE, STATUS_FULL, TRACE_INPUT, TRACE_STATUS } from "../../bindings/layout/trace.ts";
import { Packer, type PackerOptions, roomForPacking } from "../../bindings/packer.ts";
import { loadPassCoreSync } from "../../bindings/pass-core.ts";
import {
	type Access,
	batchAccesses,
	batchRecords,
	batchRuns,
	Reader,
	type Run,
	type TraceFormat,
} from "../../bindings/reader.ts";
import type { Straddle } from "./reference.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Compiles the named files of assembly/ into one module; kept in the temporary folder until a source changes. */
export function compile(...files: string[]): WebAssembly.Module {
	const hash = createHash("sha256").update(files.join());
	const folders = ["assembly/trace", "bindings/layout"].flatMap((folder) =>
		readdirSync(join(ROOT, folder)).map((file) => `${folder}/${file}`),
	);
	for (const file of [...folders, "assembly/machine/heap.ts"].sort()) hash.update(readFileSync(join(ROOT, file)));
	const folder = join(tmpdir(), "stalemate-test");
	const wasm = join(folder, `${hash.digest("hex").slice(0, 16)}.wasm`);
	if (!existsSync(wasm)) {
		mkdirSync(folder, { recursive: true });
		const fresh = `${wasm}.${process.pid}`;
		const asc = join(ROOT, "node_modules/assemblyscript/bin/asc.js");
		const options = "--config none --runtime stub --noAssert --use abort= -O3 --enable simd".split(" ");
		const run = spawnSync(process.execPath, [asc, ...files, ...options, "-o", fresh], { cwd: ROOT, encoding: "utf8" });
		if (run.status !== 0) throw new Error(run.stderr);
		renameSync(fresh, wasm);
	}
	return new WebAssembly.Module(readFileSync(wasm));
}

const shared = loadPassCoreSync();

function instantiate(): PassExports {
	return shared.instantiate().exports;
}

/** A new instance with its buffers placed. */
export function newCore(): PassExports {
	const core = instantiate();
	core.placePacker(core.placeBatch(roomForPacking(core)));
	return core;
}

/** A new instance as convertTrace wants it. */
export const bareCore = instantiate;

/** One for all tests that need no memory of their own. */
let kept: PassExports | undefined;
export function anyCore(): PassExports {
	kept ??= newCore();
	return kept;
}

export interface Parsed {
	records: bigint[];
	runs: Run[];
	accesses: Access[];
	status: number;
	/** Of the error. */
	offset: number | undefined;
	line: number | undefined;
	lines: number;
	skipped: number;
}

export interface ParseOptions {
	straddle?: Straddle;
	skip?: boolean;
	accesses?: boolean;
}

/** All of `bytes`, through the reader of bindings/. */
export function parse(format: TraceFormat, bytes: Uint8Array, options: ParseOptions = {}): Parsed {
	const core = anyCore();
	const out: Parsed = {
		records: [],
		runs: [],
		accesses: [],
		status: 0,
		offset: undefined,
		line: undefined,
		lines: 0,
		skipped: 0,
	};
	const reader = new Reader(core, format, {
		skip: options.skip ?? false,
		...(options.straddle && { straddle: options.straddle }),
		step: options.accesses ? core.parseAccesses : core.parse,
		batch: () => {
			if (options.accesses) out.accesses.push(...batchAccesses(core));
			else {
				for (const record of batchRecords(core)) out.records.push(record);
				out.runs.push(...batchRuns(core));
			}
		},
	});
	const problem = reader.write(bytes) ?? reader.end();
	out.status = problem?.status ?? 0;
	out.offset = problem?.offset;
	out.line = problem?.line;
	out.lines = reader.lines;
	out.skipped = reader.skipped;
	return out;
}

/** The records of `bytes` when the core is given them up to each of `cuts` in turn (ascending), then all. */
export function parseInPieces(format: number, bytes: Uint8Array, cuts: number[], straddle: Straddle): bigint[] {
	const core = anyCore();
	const { mode, fetch, data, smallest } = straddle;
	core.setStraddle(mode === "split" ? 0 : 1, fetch, data, smallest);
	core.beginTrace(0);
	if (bytes.length > INPUT_SIZE) throw new RangeError("too long for one input");
	const state = core.traceState();
	const view = () => new DataView(core.memory.buffer);
	const input = view().getUint32(state + TRACE_INPUT, true);
	const records: bigint[] = [];
	let at = input;
	for (const cut of [...cuts, bytes.length]) {
		// What lies beyond the cut must not matter: newlines, or what comes next.
		new Uint8Array(core.memory.buffer).fill(0x0a, input + cut, input + bytes.length + 64);
		new Uint8Array(core.memory.buffer).set(cut % 2 ? bytes : bytes.subarray(0, cut), input);
		const last = cut === bytes.length ? 1 : 0;
		let status = STATUS_FULL;
		while (status === STATUS_FULL) {
			at = core.parse(format, at, input + cut, last);
			status = view().getUint32(state + TRACE_STATUS, true);
			if (at > input + cut) throw new Error(`read ${at - input - cut} bytes beyond the end`);
			for (const record of batchRecords(core)) records.push(record);
		}
		if (status >= STATUS_BAD_LINE) throw new Error(`status ${status} at ${at - input}`);
	}
	return records;
}

/** One for all packing. */
let packing: { core: PassExports; room: number } | undefined;

/** `bytes` in the packed form. */
export function packed(format: TraceFormat, bytes: Uint8Array, options: PackerOptions = {}): Uint8Array {
	if (!packing) {
		const core = instantiate();
		packing = { core, room: roomForPacking(core) };
	}
	const packer = new Packer(packing.core, format, packing.room, options);
	const problem = packer.reader.write(bytes) ?? packer.reader.end();
	if (problem) throw new Error(`status ${problem.status} at ${problem.offset}`);
	packer.output.finish();
	// A Buffer's slice would be no copy.
	return new Uint8Array(Buffer.concat(packer.output.made()));
}

export const text = (content: string): Uint8Array => new TextEncoder().encode(content);

/** A reader of a core of its own. */
export function reading(format: TraceFormat): Reader {
	const core = newCore();
	return new Reader(core, format, { step: core.parse });
}
