import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { batchRecords, Reader } from "../../bindings/reader.ts";
import { convertTrace } from "../../src/trace/convert.ts";
import { feed } from "../../src/trace/read.ts";
import { openTrace, type Trace } from "../../src/trace/trace.ts";
import { bareCore, newCore, ROOT } from "./core.ts";
import type { Straddle } from "./reference.ts";

const FOLDER = join(ROOT, "../shared/traces");
const there = existsSync(FOLDER);
if (!there) console.warn("THE REAL TRACES ARE NOT HERE (../shared/traces): their counts are not checked");

/** Records by kind, and how many are the first of two parts. */
async function count(trace: Trace, straddle?: Straddle) {
	const core = newCore();
	const counts = { reads: 0, writes: 0, fetches: 0, parts: 0 };
	const reader = new Reader(core, await trace.format(), {
		step: core.parse,
		...(straddle && { straddle }),
		batch: () => {
			// As 32-bit halves: a bigint for each of millions is slow.
			const records = batchRecords(core);
			const low = new Uint32Array(records.buffer, records.byteOffset, records.length * 2);
			for (let i = 0; i < low.length; i += 2) {
				const kind = low[i]! & 3;
				if (low[i]! & 4) counts.parts++;
				if (kind === 0) counts.reads++;
				else if (kind === 1) counts.writes++;
				else counts.fetches++;
			}
		},
	});
	const report = await feed(reader, trace);
	return { ...counts, lines: report.lines };
}

async function pack(trace: Trace): Promise<Uint8Array> {
	const parts: Uint8Array[] = [];
	await convertTrace(bareCore(), trace, new WritableStream({ write: (part) => void parts.push(part) }));
	return new Uint8Array(Buffer.concat(parts));
}

describe.skipIf(!there)("the real traces", () => {
	const expected = there ? JSON.parse(readFileSync(join(FOLDER, "expected.json"), "utf8")) : {};

	it("ls: the references of the din text are those counted, and so they are packed, in less than 1 MB", async () => {
		const { b2 } = expected["ls.mix.2M"];
		const counts = { reads: b2.L1D.rd, writes: b2.L1D.wr, fetches: b2.L1I.rd, parts: 0 };
		const path = join(FOLDER, "ls.mix.2M.din.gz");
		expect(await count(openTrace(path))).toEqual({ ...counts, lines: b2.n });
		const packed = await pack(openTrace(path));
		expect(await count(openTrace(packed))).toEqual({ ...counts, lines: 0 });
		expect(packed.length / b2.n).toBeLessThan(1.5);
		expect(gzipSync(packed).length).toBeLessThan(500_000);
	});

	it("gzip: with straddle once, the references are those cachegrind counts, packed too", async () => {
		const { Irefs, Dr, Dw } = expected.cachegrind_gzip_20k;
		const path = join(FOLDER, "gzip_20k.lackey.gz");
		const packed = await pack(openTrace(path));
		const once: Straddle = { mode: "once", fetch: 6, data: 6, smallest: 6 };
		for (const trace of [openTrace(path), openTrace(packed)]) {
			const { reads, writes, fetches, parts } = await count(trace, once);
			expect(reads + writes + fetches - parts).toBe(Irefs + Dr + Dw);
		}
		expect(packed.length / (Irefs + Dr + Dw)).toBeLessThan(1.5);
	});

	it("gzip: every reference is one for each line it touches when split, a modify two", async () => {
		const path = join(FOLDER, "gzip_20k.lackey.gz");
		const wide: Straddle = { mode: "split", fetch: 60, data: 60, smallest: 60 };
		const { Irefs, Dr, Dw } = expected.cachegrind_gzip_20k;
		// In lines that nothing straddles: modifies are among the reads of cachegrind.
		expect(await count(openTrace(path), wide)).toMatchObject({ fetches: Irefs, reads: Dr, writes: Dw + 12435 });
	});
});
