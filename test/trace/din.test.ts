import { describe, expect, it } from "vitest";
import {
	FORMAT_DIN,
	LINE_MAX,
	STATUS_BAD_ADDRESS,
	STATUS_BAD_LABEL,
	STATUS_BAD_LINE,
	STATUS_LONG_LINE,
} from "../../bindings/layout/trace.ts";
import fc from "../properties.ts";
import { dinAccess } from "./arbitrary.ts";
import { parse, parseInPieces, text } from "./core.ts";
import { cut, FETCH, LINES_64, READ, readDin, record, WRITE, writeDin } from "./reference.ts";

const records = (content: string) => parse("din", text(content)).records;

describe("din text", () => {
	it.each([
		[
			"labels 0, 1, 2 are read, write, fetch",
			"0 10\n1 20\n2 30\n",
			[record(READ, 16n), record(WRITE, 32n), record(FETCH, 48n)],
		],
		["the last line needs no newline", "0 10\n1 20", [record(READ, 16n), record(WRITE, 32n)]],
		["lines may end in CR LF", "0 10\r\n2 ff8\r\n", [record(READ, 16n), record(FETCH, 0xff8n)]],
		["blank lines are nothing", "\n\n0 10\n \n\r\n1 20\n\n", [record(READ, 16n), record(WRITE, 32n)]],
		["digits may be preceded by 0x", "0 0x1f8\n1 0X20\n", [record(READ, 0x1f8n), record(WRITE, 32n)]],
		["the rest of a line is ignored", "0 10 4 and more\n2 18\tx\n", [record(READ, 16n), record(FETCH, 24n)]],
		["upper case digits are digits", "0 ABCDEF0\n", [record(READ, 0xabcdef0n)]],
		["blanks may come first and be many", "  0   10\n\t1\t20\n", [record(READ, 16n), record(WRITE, 32n)]],
		["all 64 bits of an address count", "0 ffffffffffffffff\n", [record(READ, 2n ** 64n - 1n)]],
		["zeros before an address do not count", "0 00000000000000000000010\n", [record(READ, 16n)]],
		["nothing is no reference", "", []],
	])("%s", (_, content, expected) => {
		expect(records(content)).toEqual(expected);
	});

	it.each([
		["a label that is none", "0 10\n3 20\n", STATUS_BAD_LABEL, 5, 2],
		["a word for a label", "0 10\n\nread 20\n", STATUS_BAD_LINE, 6, 3],
		["no address", "0\n", STATUS_BAD_LINE, 0, 1],
		["a blank for an address", "0 \n", STATUS_BAD_ADDRESS, 0, 1],
		["a digit that is none", "0 10\n0 1g\n", STATUS_BAD_ADDRESS, 5, 2],
		["17 digits", "0 10000000000000000\n", STATUS_BAD_ADDRESS, 0, 1],
		["a colon, which follows the digit 9", "0 1:\n", STATUS_BAD_ADDRESS, 0, 1],
		["a backquote, which precedes the letter a", "0 1`\n", STATUS_BAD_ADDRESS, 0, 1],
		["an at sign, which precedes the letter A", "0 1@\n", STATUS_BAD_ADDRESS, 0, 1],
		[
			"a letter g among many good lines",
			`${"0 10\n".repeat(200)}2 g\n${"0 10\n".repeat(200)}`,
			STATUS_BAD_ADDRESS,
			1000,
			201,
		],
		["a NUL", "0 10\n0\x0010\n", STATUS_BAD_LINE, 5, 2],
	])("%s is an error that tells its place", (_, content, status, offset, line) => {
		expect(parse("din", text(content))).toMatchObject({ status, offset, line });
	});

	it("what comes before an error is read", () => {
		expect(records("0 10\n1 20\n0 x\n0 30\n")).toEqual([record(READ, 16n), record(WRITE, 32n)]);
	});

	it("bad lines can be skipped, and are counted", () => {
		const parsed = parse("din", text("0 10\nbad\n1 20\n7 1\n0 zz\n2 30\n"), { skip: true });
		expect(parsed.records).toEqual([record(READ, 16n), record(WRITE, 32n), record(FETCH, 48n)]);
		expect(parsed).toMatchObject({ status: 0, skipped: 3, lines: 6 });
	});

	it("a line that is too long is an error, or one skipped line", () => {
		const content = text(`0 10\n0 ${"1".repeat(2 * LINE_MAX)}\n1 20\n`);
		expect(parse("din", content)).toMatchObject({ status: STATUS_LONG_LINE, offset: 5, line: 2 });
		const skipped = parse("din", content, { skip: true });
		expect(skipped.records).toEqual([record(READ, 16n), record(WRITE, 32n)]);
		expect(skipped).toMatchObject({ skipped: 1, lines: 3 });
	});

	it("skipping a long line goes on over any number of inputs", () => {
		const content = text(`${"x".repeat(3_000_000)}\n1 20\n`);
		expect(parse("din", content, { skip: true }).records).toEqual([record(WRITE, 32n)]);
	});

	it("a batch is one run of the first CPU and address space", () => {
		expect(parse("din", text("0 10\n1 20\n")).runs).toEqual([{ count: 2, operation: 0, cpu: 0, asid: 0 }]);
	});

	it("is read as the plain reader reads it, cut anywhere", () => {
		const line = fc.oneof(
			{ weight: 12, arbitrary: dinAccess.map((access) => writeDin([access]).slice(0, -1)) },
			fc
				.tuple(dinAccess, fc.constantFrom("\r", " 4", "  ", "\t# 0 1"))
				.map(([a, end]) => writeDin([a]).slice(0, -1) + end),
			dinAccess.map(({ kind, address }) => ` ${kind}  0x${address.toString(16).toUpperCase()}`),
			fc.constantFrom("", " ", "\r"),
		);
		fc.assert(
			fc.property(
				fc.array(line, { maxLength: 60 }),
				fc.boolean(),
				fc.array(fc.nat(1500), { maxLength: 4 }),
				(lines, end, cuts) => {
					const content = lines.join("\n") + (end ? "\n" : "");
					const bytes = text(content);
					const places = cuts.filter((place) => place < bytes.length).sort((a, b) => a - b);
					expect(parseInPieces(FORMAT_DIN, bytes, places, LINES_64)).toEqual(cut(readDin(content), LINES_64));
				},
			),
			{ numRuns: 400 },
		);
	});

	it("is read the same whatever the boundary of the chunks", () => {
		const content = "2 401ab70\n0 1fff000728\n\n1 ffffffffffffffff\n2 0x10 4\r\n0 8";
		const expected = cut(readDin(content), LINES_64);
		for (let place = 0; place <= content.length; place++) {
			expect(parseInPieces(FORMAT_DIN, text(content), [place], LINES_64), `${place}`).toEqual(expected);
		}
	});

	it("more references than a batch holds come in several, in order", () => {
		const content = Array.from({ length: 200_000 }, (_, i) => `${i % 3} ${(i * 8).toString(16)}\n`).join("");
		const parsed = records(content);
		expect(parsed.length).toBe(200_000);
		expect(parsed.every((value, i) => value === record(i % 3, BigInt(i * 8)))).toBe(true);
	});
});
