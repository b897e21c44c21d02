import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { headerCounts } from "../../bindings/reader.ts";
import { convertTrace } from "../../src/trace/convert.ts";
import { openTrace } from "../../src/trace/trace.ts";
import { bareCore, parse, text } from "./core.ts";
import { readLackey } from "./reference.ts";

const LACKEY = "==1== x\nI  401000,3\n L 1fff0000,8\n M 1fff0008,4\nI  401003,5\n S 10,16\n".repeat(5000);

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "stalemate-convert-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function gathering(): { stream: WritableStream<Uint8Array>; bytes: () => Uint8Array } {
	const parts: Uint8Array[] = [];
	return {
		stream: new WritableStream({ write: (part) => void parts.push(part) }),
		bytes: () => new Uint8Array(Buffer.concat(parts)),
	};
}

describe("converting a trace", () => {
	it("to a file writes the packed form, counts in its header", async () => {
		const path = join(folder, "t.packed");
		const report = await convertTrace(bareCore(), openTrace(gzipSync(LACKEY)), path);
		const bytes = new Uint8Array(readFileSync(path));
		const counts = { reads: 5000, writes: 5000, fetches: 10000, modifies: 5000 };
		expect(report).toEqual({ bytes: LACKEY.length, lines: 30000, skipped: 0, packed: bytes.length, ...counts });
		expect(headerCounts(bytes)).toEqual(counts);
		expect(parse("packed", bytes, { accesses: true })).toMatchObject({ status: 0, accesses: readLackey(LACKEY) });
	});

	it("to a stream writes the same, counts at its end only", async () => {
		const { stream, bytes } = gathering();
		await convertTrace(bareCore(), openTrace(text(LACKEY)), stream);
		expect(headerCounts(bytes())).toBeUndefined();
		expect(parse("packed", bytes(), { accesses: true }).accesses).toEqual(readLackey(LACKEY));
	});

	it("can leave out and sample, and stops reading when it has enough", async () => {
		const { stream, bytes } = gathering();
		let asked = 0;
		const endless = new ReadableStream<Uint8Array>({
			pull: (controller) => {
				asked++;
				controller.enqueue(text(LACKEY));
			},
		});
		await convertTrace(bareCore(), openTrace(endless), stream, { skip: 1, take: 6, sample: { keep: 2, every: 3 } });
		const all = readLackey(LACKEY);
		expect(parse("packed", bytes(), { accesses: true }).accesses).toEqual([1, 2, 4, 5, 7, 8].map((i) => all[i]));
		expect(asked).toBeLessThan(30);
	});

	it("of a bad trace leaves no file", async () => {
		const path = join(folder, "bad.packed");
		await expect(convertTrace(bareCore(), openTrace(text("0 10\nbad\n")), path)).rejects.toMatchObject({
			code: "BAD_TRACE",
		});
		expect(readdirSync(folder)).not.toContain("bad.packed");
	});

	it("of a bad trace can skip what is bad", async () => {
		const { stream, bytes } = gathering();
		const report = await convertTrace(bareCore(), openTrace(text("0 10\nbad\n1 20\n"), { onError: "skip" }), stream);
		expect(report).toMatchObject({ skipped: 1, reads: 1, writes: 1 });
		expect(parse("packed", bytes()).records.length).toBe(2);
	});

	it("to where nothing can be written is an IO error", async () => {
		const path = join(folder, "no", "such", "folder");
		await expect(convertTrace(bareCore(), openTrace(text("0 10\n")), path)).rejects.toMatchObject({ code: "IO" });
		const stream = new WritableStream<Uint8Array>({ write: () => Promise.reject(new Error("disk full")) });
		await expect(convertTrace(bareCore(), openTrace(text("0 10\n")), stream)).rejects.toMatchObject({
			code: "IO",
			message: expect.stringContaining("disk full"),
		});
	});

	it.each([
		[{ skip: -1 }, "skip"],
		[{ take: 1.5 }, "take"],
		[{ sample: { keep: 3, every: 2 } }, "sample.keep"],
		[{ sample: { keep: 0, every: 2 } }, "sample.keep"],
	])("with %o is a bad option", async (options, path) => {
		const { stream } = gathering();
		await expect(convertTrace(bareCore(), openTrace(text("0 10\n")), stream, options)).rejects.toMatchObject({
			code: "BAD_OPTION",
			place: { path },
		});
	});
});
