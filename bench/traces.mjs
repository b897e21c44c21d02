// The traces: the real ones beside the repository where they are (../shared/traces), and those the project carries. Each is
// decompressed to disk, packed, and held as records.

import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename, join } from "node:path";
import { loadCoreSync } from "../build/js/bindings/instantiate.js";
import { batchRecords, Reader } from "../build/js/bindings/reader.js";
import { convertTrace } from "../build/js/src/trace/convert.js";
import { openTrace } from "../build/js/src/trace/trace.js";
import { ROOT, SCRATCH } from "./machine.mjs";

const SHARED = join(ROOT, "../shared/traces");
/** Folders of this repository that may hold traces. */
const OWN = ["examples", "examples/traces", "test/traces"].map((folder) => join(ROOT, folder));
const TRACE = /\.(din|lackey|stm|stmt|packed)(\.(gz|zst|xz))?$/;

export function traceFiles() {
	return [SHARED, ...OWN].flatMap((folder) =>
		existsSync(folder)
			? readdirSync(folder)
					.filter((name) => TRACE.test(name))
					.sort()
					.map((name) => join(folder, name))
			: [],
	);
}

/** Counts that other simulators agree on, by the trace's name; {} where they are not at hand. */
export async function trustedCounts() {
	const file = join(SHARED, "expected.json");
	return existsSync(file) ? (await import(file, { with: { type: "json" } })).default : {};
}

/** @param {string} file */
export async function prepare(file) {
	mkdirSync(SCRATCH, { recursive: true });
	const trace = openTrace(file);
	const format = await trace.format();
	const name = basename(file).replace(TRACE, "");
	const plain = join(SCRATCH, `${name}.${format}`);
	const records = [];
	const { exports: core } = loadCoreSync().instantiate();
	core.placeBatch(core.allocate(BigInt(core.placeBatch(0))));
	const reader = new Reader(core, format, { batch: () => records.push(batchRecords(core).slice()) });
	const out = await open(plain, "w");
	for await (const chunk of trace.chunks()) {
		await out.write(chunk);
		reader.write(chunk);
	}
	await out.close();
	const problem = reader.end();
	if (problem) throw new Error(`${file}: status ${problem.status} at byte ${problem.offset}`);
	const packed = format === "packed" ? plain : join(SCRATCH, `${name}.stm`);
	if (format !== "packed") await convertTrace(loadCoreSync().instantiate().exports, openTrace(plain), packed);
	const inMemory = joined(records);
	const recordsFile = join(SCRATCH, `${name}.records`);
	writeFileSync(recordsFile, inMemory);
	return { name, format, plain, packed, records: inMemory, recordsFile };
}

/** @param {BigUint64Array[]} parts */
function joined(parts) {
	const all = new BigUint64Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}
