import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { batchRecords, Reader } from "../../bindings/reader.ts";
import { StalemateError } from "../../src/errors.ts";
import { feed } from "../../src/trace/read.ts";
import type { TraceSource } from "../../src/trace/source.ts";
import { openTrace, type TraceOptions } from "../../src/trace/trace.ts";
import fc from "../properties.ts";
import { newCore, packed, reading, text } from "./core.ts";
import {
	content,
	PART,
	xz,
	xzFiltered,
	xzSha256,
	xzStreams,
	xzUnchecked,
	zstd,
	zstdFrames,
	zstdUnchecked,
} from "./fixtures.ts";
import { cut, LINES_64, readDin, writeChampsim } from "./reference.ts";

const DIN = content();
const BYTES = text(DIN);

async function readAll(source: TraceSource, options?: TraceOptions): Promise<string> {
	const parts: Uint8Array[] = [];
	for await (const chunk of openTrace(source, options)) parts.push(chunk.slice());
	return Buffer.concat(parts).toString("latin1");
}

/** Reads the trace to its end through the core and returns the error it ends in. */
async function errorOf(source: TraceSource, options?: TraceOptions): Promise<StalemateError> {
	const trace = openTrace(source, options);
	const error = await (async () => feed(reading(await trace.format()), trace))().then(
		() => undefined,
		(cause: unknown) => cause,
	);
	expect(error).toBeInstanceOf(StalemateError);
	return error as StalemateError;
}

function chunked(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
	let at = 0;
	return new ReadableStream({
		pull(controller) {
			if (at >= bytes.length) controller.close();
			else controller.enqueue(bytes.slice(at, at + size));
			at += size;
		},
	});
}

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "stalemate-open-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a trace's source", () => {
	it("may be a file of any length; what is given lasts until the next is asked for", async () => {
		for (const length of [65_535, 65_536, 65_537, 65_536 + 524_288, 2_000_001]) {
			const path = join(folder, `long.${length}.din`);
			const all = DIN.repeat(Math.ceil(length / DIN.length)).slice(0, length);
			writeFileSync(path, all);
			let read = "";
			for await (const chunk of openTrace(path)) {
				await new Promise((resolve) => setTimeout(resolve, 1));
				read += Buffer.from(chunk).toString("latin1");
			}
			expect(read === all, `${length} bytes`).toBe(true);
		}
	});

	it("may be a file that is left before its end", async () => {
		const path = join(folder, "left.din");
		writeFileSync(path, DIN.repeat(Math.ceil(2_000_000 / DIN.length)));
		for (const most of [1, 2, 3]) {
			let chunks = 0;
			for await (const _ of openTrace(path)) if (++chunks === most) break;
			expect(chunks).toBe(most);
		}
	});

	it("may be bytes, a buffer of them, a Blob, a web stream or a Node stream", async () => {
		for (const source of [
			BYTES,
			BYTES.buffer as ArrayBuffer,
			new Blob([BYTES as Uint8Array<ArrayBuffer>]),
			chunked(BYTES, 100),
			Readable.from([Buffer.from(BYTES)]),
		]) {
			expect(await readAll(source)).toBe(DIN);
		}
	});

	it("may be a file, whose name errors tell", async () => {
		const path = join(folder, "trace.din");
		writeFileSync(path, `${DIN}oops\n`);
		expect(await readAll(path)).toBe(`${DIN}oops\n`);
		expect((await errorOf(path)).place).toEqual({ file: path, offset: DIN.length, line: 601 });
	});

	it("that cannot be read is an IO error", async () => {
		const missing = await errorOf(join(folder, "missing"));
		expect(missing.code).toBe("IO");
		expect(missing.message).toContain("ENOENT");
		expect((await errorOf(folder)).code).toBe("IO");
		const broken = new ReadableStream<Uint8Array>({
			pull: (controller) => controller.error(new Error("line went dead")),
		});
		expect((await errorOf(broken)).message).toContain("line went dead");
	});

	it("that is none is a bad option", async () => {
		expect((await errorOf(42 as unknown as TraceSource)).code).toBe("BAD_OPTION");
		expect((await errorOf(Readable.from(["text"]) as AsyncIterable<Uint8Array>)).code).toBe("IO");
		expect(() => openTrace(BYTES, { format: "pdf" as "din" })).toThrow(/pdf/);
		expect(() => openTrace(BYTES, { onError: "ignore" as "skip" })).toThrow(/ignore/);
	});

	it("is read once", async () => {
		const trace = openTrace(BYTES);
		for await (const _ of trace);
		await expect(trace.chunks().next()).rejects.toThrow(/read before/);
	});

	it("is told when nothing more is wanted", async () => {
		for (const bytes of [BYTES, gzipSync(DIN.repeat(100))]) {
			let cancelled = false;
			let sent = 0;
			const stream = new ReadableStream<Uint8Array>(
				{
					pull: (controller) => controller.enqueue(sent++ ? text("\n") : new Uint8Array(bytes)),
					cancel: () => {
						cancelled = true;
					},
				},
				{ highWaterMark: 0 },
			);
			for await (const _ of openTrace(stream, { format: "din" })) break;
			expect(cancelled).toBe(true);
		}
	});

	it("comes in chunks of bounded size, however large it is", async () => {
		for (const bytes of [new Uint8Array(3_000_000).fill(0x0a), gzipSync(new Uint8Array(3_000_000).fill(0x0a))]) {
			for await (const chunk of openTrace(bytes, { format: "din" })) expect(chunk.length).toBeLessThanOrEqual(524288);
		}
	});

	it("is asked for more only when what it gave is used up", async () => {
		let asked = 0;
		const endless = new ReadableStream<Uint8Array>(
			{
				pull(controller) {
					asked++;
					controller.enqueue(new Uint8Array(65536).fill(0x0a));
				},
			},
			{ highWaterMark: 0 },
		);
		let chunks = 0;
		for await (const _ of openTrace(endless, { format: "din" })) {
			chunks++;
			expect(asked).toBeLessThanOrEqual(chunks + 1);
			if (chunks === 20) break;
		}
	});
});

describe("compression", () => {
	const gzip = new Uint8Array(gzipSync(BYTES));
	const members = new Uint8Array(Buffer.concat([gzipSync(DIN.slice(0, PART)), gzipSync(DIN.slice(PART))]));

	it.each([
		["gzip", gzip, "gzip"],
		["gzip of several members", members, "gzip"],
		["zstd", zstd, "zstd"],
		["zstd of several frames, some to be skipped", zstdFrames, "zstd"],
		["xz", xz, "xz"],
		["xz of several streams", xzStreams, "xz"],
		["none", BYTES, "none"],
	])("%s is told by content and undone, whatever the chunks", async (_, bytes, compression) => {
		const trace = openTrace(bytes);
		expect(await trace.format()).toBe("din");
		expect(trace.compression).toBe(compression);
		for (const size of [1, 7, 1000, 1_000_000]) expect(await readAll(chunked(bytes, size))).toBe(DIN);
		expect(trace.warnings).toEqual([]);
	});

	it("a zstd frame without a checksum is read, with a warning", async () => {
		const trace = openTrace(zstdUnchecked, { name: "t.zst" });
		let length = 0;
		for await (const chunk of trace) length += chunk.length;
		expect(length).toBe(DIN.length);
		expect(trace.warnings).toEqual([expect.stringContaining("no checksum")]);
	});

	it("xz with SHA-256 is refused, with what to do", async () => {
		const error = await errorOf(xzSha256);
		expect(error.code).toBe("BAD_COMPRESSION");
		expect(error.message).toContain("--check=crc64");
	});

	it.each([
		["bzip2", [0x42, 0x5a, 0x68, 0x39]],
		["lz4", [0x04, 0x22, 0x4d, 0x18]],
		["zip", [0x50, 0x4b, 3, 4]],
	])("%s is named and refused", async (name, bytes) => {
		const error = await errorOf(new Uint8Array(bytes));
		expect(error.code).toBe("BAD_COMPRESSION");
		expect(error.message).toContain(name);
	});

	it.each([
		["gzip", gzip],
		["gzip of several members", members],
		["zstd", zstd],
		["zstd of several frames", zstdFrames],
		["xz", xz],
	])("%s that is cut short anywhere is noticed", async (_, bytes) => {
		const memberEnd = gzipSync(DIN.slice(0, PART)).length;
		const skippable = 13;
		const firstFrame = frameEnd(skippable);
		for (let length = 3; length < bytes.length; length += length < 40 || length > bytes.length - 40 ? 1 : 13) {
			// Whole members and frames are whole files.
			if (bytes === members && length === memberEnd) continue;
			if (bytes === zstdFrames && [skippable, firstFrame, firstFrame + skippable].includes(length)) continue;
			const error = await errorOf(bytes.slice(0, length));
			if (length >= 12) expect(error.code, `${length}`).toBe("BAD_COMPRESSION");
			if (error.code === "BAD_COMPRESSION") expect(DIN.length).toBeGreaterThanOrEqual(error.place.offset!);
		}
	});

	it.each([
		["gzip", gzip],
		["zstd", zstd],
		["zstd of several frames", zstdFrames],
		["xz", xz],
	])("a flipped bit in %s never changes what is read without a word", async (_, bytes) => {
		for (let i = 0; i < 250; i++) {
			const bit = Math.floor((i * bytes.length * 8) / 250);
			const damaged = bytes.slice();
			damaged[bit >> 3]! ^= 1 << (bit & 7);
			const read = await readAll(damaged, { format: "din" }).catch((cause: unknown) => cause);
			if (typeof read === "string") {
				// Some bits say nothing of the content (times, names, skipped frames), some make it no compressed file.
				if (read !== Buffer.from(damaged).toString("latin1")) expect(read, `bit ${bit}`).toBe(DIN);
			} else {
				expect(read).toBeInstanceOf(StalemateError);
			}
		}
	});

	it.each([
		["gzip whose check is wrong", () => flipped(gzip, -6), /checksum/],
		["gzip whose length is wrong", () => flipped(gzip, -2), /checksum/],
		["gzip that ends before its check", () => gzip.slice(0, -8), /cut short/],
		["gzip with something behind it", () => Uint8Array.from([...gzip, ...text("junk")]), /no gzip data follows/],
		["gzip with much behind it", () => Uint8Array.from([...gzip, ...new Uint8Array(100_000).fill(65)]), /follows/],
		["xz whose check is wrong", () => flipped(xz, -30), /damaged/],
		["xz with something behind it", () => Uint8Array.from([...xz, ...text("junk")]), /no xz data follows/],
	])("%s is read to its end before it is refused", async (_, make, said) => {
		const trace = openTrace(make());
		let read = "";
		const error = await (async () => {
			for await (const chunk of trace) read += Buffer.from(chunk).toString("latin1");
		})().catch((cause: unknown) => cause);
		expect(read).toBe(DIN);
		expect(error).toMatchObject({ code: "BAD_COMPRESSION", place: { offset: DIN.length } });
		expect((error as Error).message).toMatch(said);
	});

	it("gzip may have all that a header can hold", async () => {
		const head = [0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3, 3, 0, 1, 2, 3, ...text("name\0"), ...text("comment\0"), 0, 0];
		expect(await readAll(Uint8Array.from([...head, ...gzip.subarray(10)]))).toBe(DIN);
	});

	it("xz without a check is read, with a warning", async () => {
		const trace = openTrace(xzUnchecked);
		expect(await readAll(xzUnchecked)).toBe("0 10\n");
		for await (const _ of trace);
		expect(trace.warnings).toEqual([expect.stringContaining("no check")]);
	});

	it("xz with a filter is refused, with what to do", async () => {
		expect((await errorOf(xzFiltered)).message).toMatch(/a filter, which is not read here: compress it with xz/);
	});

	it("something else after gzip data is noticed", async () => {
		const error = await errorOf(Buffer.concat([gzip, text("and this")]));
		expect(error.code).toBe("BAD_COMPRESSION");
		expect(error.message).toContain("follows");
		const padded = await errorOf(Buffer.concat([gzip, new Uint8Array(100)]));
		expect(padded.message).toContain(`byte ${gzip.length}`);
	});

	it("what comes before the place where gzip data is cut short is read", async () => {
		const long = Buffer.from(gzipSync(DIN.repeat(200)));
		const error = await errorOf(long.subarray(0, long.length - 8));
		expect(error.place.offset).toBe(200 * DIN.length);
	});

	it("an error tells the file and how much came out whole", async () => {
		const error = await errorOf(zstdFrames.slice(0, -20), { name: "t.zst" });
		expect(error.place).toEqual({ file: "t.zst", offset: PART, compressed: expect.any(Number) });
		expect(error.message).toMatch(/^t\.zst: bad zstd data: .*cut short/);
	});
});

function flipped(bytes: Uint8Array, at: number): Uint8Array {
	const damaged = bytes.slice();
	damaged[damaged.length + at]! ^= 1;
	return damaged;
}

/** End of the frame that begins at `at`, by the lengths its blocks tell (single segment, 2 bytes of size, checksum). */
function frameEnd(at: number): number {
	const flags = zstdFrames[at + 4]!;
	let end = at + 5 + (flags & 32 ? 0 : 1) + [flags & 32 ? 1 : 0, 2, 4, 8][flags >> 6]!;
	for (let last = 0; !last; ) {
		const head = zstdFrames[end]! | (zstdFrames[end + 1]! << 8) | (zstdFrames[end + 2]! << 16);
		last = head & 1;
		end += 3 + (head >> 3);
	}
	return end + 4;
}

describe("the format", () => {
	it.each([
		["din", text("\n2 401ab70\n")],
		["din", text("0 0x10 4\r\n")],
		["lackey", text("I  0401ab70,3\n")],
		["lackey", text(" S 1fff000748,8\n")],
		["lackey", text("==15693== Lackey, an example Valgrind tool\n==15693== \n")],
		["champsim", writeChampsim([{ ip: 0x401000n, reads: [1n], writes: [] }])],
		["packed", packed("din", text("0 10\n"))],
		["packed", packed("din", text(""))],
	])("%s is told by content", async (format, bytes) => {
		expect(await openTrace(bytes).format()).toBe(format);
	});

	it("is not that of records without anything in them", async () => {
		await expect(openTrace(new Uint8Array(640)).format()).rejects.toMatchObject({ code: "BAD_FORMAT" });
		expect(await openTrace(new Uint8Array(640), { format: "champsim" }).format()).toBe("champsim");
	});

	it.each([
		["din", "0 10\n1 20\n"],
		["lackey", "I  0401ab70,3\n S 1fff000748,8\n"],
	] as const)("%s may begin with a byte order mark", async (format, lines) => {
		const bytes = Uint8Array.from([0xef, 0xbb, 0xbf, ...text(lines)]);
		for (const options of [{}, { format }]) {
			const trace = openTrace(bytes, options);
			expect(await trace.format()).toBe(format);
			expect(await feed(reading(format), trace)).toMatchObject({ bytes: bytes.length, lines: 2, skipped: 0 });
		}
		expect(bytes[0]).toBe(0xef);
	});

	it("is not a mark in an address of a binary format", async () => {
		const record = Uint8Array.from({ length: 128 }, (_, i) => [0xef, 0xbb, 0xbf, 0xff, 0, 0, 0, 0, 0, 0][i % 64] ?? 0);
		for (const options of [{}, { format: "champsim" as const }]) {
			const trace = openTrace(record, options);
			expect(await trace.format()).toBe("champsim");
			const chunks: number[] = [];
			for await (const chunk of trace) chunks.push(...chunk);
			expect(chunks).toEqual([...record]);
		}
	});

	it("that is given is not asked for", async () => {
		expect(await openTrace(text("anything"), { format: "din" }).format()).toBe("din");
	});

	it.each([
		["a page", text("<!DOCTYPE html>\n<html>"), "BAD_FORMAT", /page/],
		["words", text("Hello, this is no trace.\n"), "BAD_FORMAT", /Hello/],
		["no known bytes", new Uint8Array(256).map((_, i) => i), "BAD_FORMAT", /00 01 02/],
		["a picture", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0]), "BAD_FORMAT", /89 50 4e 47/],
		["nothing", new Uint8Array(0), "BAD_TRACE", /empty/],
		["nothing, compressed", new Uint8Array(gzipSync("")), "BAD_TRACE", /empty/],
		[
			"a packed trace sent as text",
			packed("din", text("0 10\n")).filter((byte) => byte !== 13),
			"BAD_FORMAT",
			/as text/,
		],
	])("%s is refused with what was found", async (_, bytes, code, message) => {
		const error = await errorOf(bytes);
		expect(error.code).toBe(code);
		expect(error.message).toMatch(message);
	});
});

describe("reading a trace", () => {
	it("gives its records, however it is compressed", async () => {
		for (const bytes of [BYTES, gzipSync(BYTES), zstd, xz, packed("din", BYTES)]) {
			const core = newCore();
			const records: bigint[] = [];
			const trace = openTrace(bytes);
			const reader = new Reader(core, await trace.format(), {
				step: core.parse,
				batch: () => records.push(...batchRecords(core)),
			});
			const report = await feed(reader, trace);
			expect(records).toEqual(cut(readDin(DIN), LINES_64));
			expect(report.skipped).toBe(0);
		}
	});

	it("gives those of a large file as those of its bytes, and the place of what is wrong", async () => {
		const lines = Array.from({ length: 200_000 }, (_, i) => `${i % 3} ${(i * 77).toString(16)}\n`).join("");
		const path = join(folder, "large.din");
		for (const bytes of [text(lines), packed("din", text(lines))]) {
			writeFileSync(path, bytes);
			const read = async (source: TraceSource) => {
				const core = newCore();
				const records: BigUint64Array[] = [];
				const trace = openTrace(source);
				const reader = new Reader(core, await trace.format(), {
					step: core.parse,
					batch: () => records.push(batchRecords(core).slice()),
				});
				const report = await feed(reader, trace);
				expect(report.bytes).toBe(bytes.length);
				return records.flatMap((batch) => [...batch]);
			};
			expect(await read(path)).toEqual(await read(bytes));
		}
		writeFileSync(path, `${lines}oops\n`);
		expect((await errorOf(path)).place).toEqual({ file: path, offset: lines.length, line: 200_001 });
	});

	it("stops at a bad line, and the counts so far are there", async () => {
		const core = newCore();
		let records = 0;
		const trace = openTrace(text("0 10\n1 20\nwhat\n2 30\n"), { name: "t" });
		const reader = new Reader(core, await trace.format(), {
			step: core.parse,
			batch: () => (records += batchRecords(core).length),
		});
		await expect(feed(reader, trace)).rejects.toMatchObject({
			code: "BAD_TRACE",
			place: { file: "t", offset: 10, line: 3 },
			message: expect.stringMatching(/^t, line 3 \(byte 10\): expected .*; found "what"$/),
		});
		expect(records).toBe(2);
	});

	it("can be cancelled", async () => {
		const trace = openTrace(BYTES);
		const signal = AbortSignal.abort();
		await expect(feed(reading("din"), trace, { signal })).rejects.toMatchObject({ code: "CANCELLED" });
	});

	it("of random bytes, whatever they begin with, ends, and in no other error", async () => {
		const start = fc.constantFrom<number[]>(
			[],
			[0x1f, 0x8b, 8],
			[0x28, 0xb5, 0x2f, 0xfd],
			[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0],
			[0x53, 0x2a, 0x4d, 0x18],
			[0x93, 0x53, 0x54, 0x4d, 0x54, 13, 10, 26],
		);
		await fc.assert(
			fc.asyncProperty(start, fc.uint8Array({ maxLength: 200 }), async (first, rest) => {
				const trace = openTrace(new Uint8Array([...first, ...rest]));
				try {
					await feed(reading(await trace.format()), trace);
				} catch (error) {
					expect(error).toBeInstanceOf(StalemateError);
				}
			}),
			{ numRuns: 150 },
		);
	});
});
