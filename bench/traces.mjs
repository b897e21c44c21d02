// The traces: real ones from beside the repository (../shared/traces) or, where that is missing, the real one the project
// carries for its tests; the sample, and one of several CPUs. Each is put on disk as text, in the packed form and as records.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename, join } from "node:path";
import { loadPassCoreSync } from "../build/js/bindings/pass-core.js";
import { batchRecords, batchRuns, Reader } from "../build/js/bindings/reader.js";
import { convertTrace } from "../build/js/src/trace/convert.js";
import { openTrace } from "../build/js/src/trace/trace.js";
import { ROOT, SCRATCH } from "./paths.mjs";

const SHARED = join(ROOT, "../shared/traces");
const DATA = join(ROOT, "test/data");
const SAMPLES = [
	join(ROOT, "examples/sample/sample.packed.gz"),
	join(ROOT, "examples/false-sharing/counters.packed.gz"),
];
const TRACE = /\.(din|lackey|packed)(\.(gz|zst|xz))?$/;

export function traceFiles() {
	const folder = existsSync(SHARED) ? SHARED : DATA;
	const names = readdirSync(folder).filter((name) => TRACE.test(name));
	return [...names.sort().map((name) => join(folder, name)), ...SAMPLES];
}

/** What other simulators count, by the trace's name. */
export function trustedCounts() {
	const ls = JSON.parse(readFileSync(join(DATA, "ls.2M.expected.json"), "utf8"));
	return { "ls.2M": ls, "ls.mix.2M": ls };
}

/**
 * @param {string} file
 * @returns paths of its forms, and its number of references
 */
export async function prepare(file) {
	mkdirSync(SCRATCH, { recursive: true });
	const trace = openTrace(file);
	const format = await trace.format();
	const name = basename(file).replace(TRACE, "");
	const content = join(SCRATCH, `${name}.${format}`);
	const parts = [];
	const runs = [];
	const { exports: core } = loadPassCoreSync().instantiate();
	core.placeBatch(core.allocate(BigInt(core.placeBatch(0))));
	const reader = new Reader(core, format, {
		step: core.parse,
		batch: () => {
			parts.push(batchRecords(core).slice());
			for (const { cpu, count, operation } of batchRuns(core)) if (operation === 0) runs.push({ cpu, count });
		},
	});
	const out = await open(content, "w");
	for await (const chunk of trace.chunks()) {
		await out.write(chunk);
		reader.write(chunk);
	}
	await out.close();
	const problem = reader.end();
	if (problem) throw new Error(`${file}: status ${problem.status} at byte ${problem.offset}`);
	const all = joined(parts);
	const records = join(SCRATCH, `${name}.records`);
	writeFileSync(records, all);
	const packed = join(SCRATCH, `${name}.packed`);
	if (format !== "packed") await convertTrace(loadPassCoreSync().instantiate().exports, openTrace(content), packed);
	const text = format === "packed" ? join(SCRATCH, `${name}.din`) : content;
	if (format === "packed") writeFileSync(text, dinOf(all));
	const several = runs.some(({ cpu }) => cpu > 0);
	return { name, text, packed, records, references: all.length, ...(several && { runs }) };
}

/** @param {BigUint64Array} records */
function dinOf(records) {
	return Array.from(records, (record) => `${record & 3n} ${(record & ~7n).toString(16)}\n`).join("");
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
