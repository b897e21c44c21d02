import { describe, expect, it } from "vitest";
import { FORMAT_LACKEY, STATUS_BAD_ADDRESS, STATUS_BAD_LINE, STATUS_BAD_SIZE } from "../../bindings/layout/trace.ts";
import fc from "../properties.ts";
import { sizedAccess, straddle, usualAccess } from "./arbitrary.ts";
import { parse, parseInPieces, text } from "./core.ts";
import {
	cut,
	FETCH,
	LINES_64,
	PART,
	READ,
	readLackey,
	record,
	type Straddle,
	WRITE,
	writeLackey,
} from "./reference.ts";

const ONCE: Straddle = { mode: "once", fetch: 6, data: 6, smallest: 6 };

/** Lines of eight digits and ten, one that goes over the end of its cache line, and one that is two references. */
const usual =
	"I  0401ab70,3\n L 1ffe073f,8\n S 04025010,4\nI  0401ab73,1\n M 1ffe0748,8\n L 1ffeff0738,8\nI  0401ab74,2\n" +
	" S 1ffeff0730,8\n S 1ffeff0728,8\n L 04025018,8\nI  0401ab76,2\nI  0401ab78,4\nI  0401ab7c,1\n";

describe("lackey text", () => {
	it.each([
		[
			"I, L and S are fetch, read and write",
			"I  10,3\n L 20,8\n S 30,4\n",
			[record(FETCH, 16n), record(READ, 32n), record(WRITE, 48n)],
		],
		["M is a read, then a write", " M 20,4\n", [record(READ, 32n), record(WRITE, 32n)]],
		[
			"an access that crosses a line is one reference for each",
			" L 3e,4\n",
			[record(READ, 0x38n), record(READ, 0x40n)],
		],
		[
			"a long access is one reference for each line",
			" S 78,100\n",
			[record(WRITE, 0x78n), record(WRITE, 0x80n), record(WRITE, 0xc0n)],
		],
		[
			"an M that crosses a line reads both, then writes both",
			" M 3e,4\n",
			[record(READ, 0x38n), record(READ, 0x40n), record(WRITE, 0x38n), record(WRITE, 0x40n)],
		],
		[
			"an access that ends with its line crosses nothing",
			"I  3c,4\nI  30,16\n",
			[record(FETCH, 0x38n), record(FETCH, 0x30n)],
		],
		[
			"what valgrind says is no reference",
			"==7== Lackey\n--7-- x\n**7** y\nSCHED[1]: z\nvalgrind: w\nSB 0401\nI  10,3\n==7== \n",
			[record(FETCH, 16n)],
		],
		["lines may end in CR LF", "I  10,3\r\n L 20,8\r\n", [record(FETCH, 16n), record(READ, 32n)]],
		["the last line needs no newline", "I  10,3\n L 20,8", [record(FETCH, 16n), record(READ, 32n)]],
		["all 64 bits of an address count", " L fffffffffffffff8,8\n", [record(READ, 2n ** 64n - 8n)]],
	])("%s", (_, content, expected) => {
		expect(parse("lackey", text(content)).records).toEqual(expected);
	});

	it.each([
		["M is one read", " M 20,4\n", [record(READ, 32n)]],
		[
			"an access that crosses a line is one reference in two parts",
			" L 3e,4\n",
			[record(READ, 0x38n) | PART, record(READ, 0x40n)],
		],
		[
			"an access is first cut to the smallest line",
			" S 78,100\nI  80,65536\n",
			[record(WRITE, 0x78n) | PART, record(WRITE, 0x80n), record(FETCH, 0x80n)],
		],
	])('with straddle "once": %s', (_, content, expected) => {
		expect(parse("lackey", text(content), { straddle: ONCE }).records).toEqual(expected);
	});

	it("fetches are cut at the lines of their cache, data at those of theirs", () => {
		const lines: Straddle = { mode: "split", fetch: 4, data: 7, smallest: 4 };
		expect(parse("lackey", text("I  3e,4\n L 3e,4\n L 7e,4\n"), { straddle: lines }).records).toEqual([
			record(FETCH, 0x38n),
			record(FETCH, 0x40n),
			record(READ, 0x38n),
			record(READ, 0x78n),
			record(READ, 0x80n),
		]);
	});

	it.each([
		["a letter that is none", "I  10,3\n X 10,4\n", STATUS_BAD_LINE, 8, 2],
		["no blank after the letter", "I10,3\n", STATUS_BAD_LINE, 0, 1],
		["no size", "I  10\n", STATUS_BAD_ADDRESS, 0, 1],
		["an empty size", "I  10,\n", STATUS_BAD_SIZE, 0, 1],
		["a size of 0", "I  10,3\n L 10,0\n", STATUS_BAD_SIZE, 8, 2],
		["a size above the largest", " L 10,65537\n", STATUS_BAD_SIZE, 0, 1],
		["a size that is not decimal", " L 10,a\n", STATUS_BAD_SIZE, 0, 1],
		["a digit that is none", " L 1g,4\n", STATUS_BAD_ADDRESS, 0, 1],
		["17 digits", " L 10000000000000000,4\n", STATUS_BAD_ADDRESS, 0, 1],
		["an access beyond the last address", " L ffffffffffffffff,2\n", STATUS_BAD_SIZE, 0, 1],
		["text of a program", "I  10,3\nhello\n", STATUS_BAD_LINE, 8, 2],
	])("%s is an error that tells its place", (_, content, status, offset, line) => {
		expect(parse("lackey", text(content))).toMatchObject({ status, offset, line });
		expect(parse("lackey", text(content), { accesses: true })).toMatchObject({ status, offset, line });
	});

	it("accesses come as the trace has them", () => {
		const content = "I  401ab70,3\n M 1fff000728,8\n S 10,100\n";
		expect(parse("lackey", text(content), { accesses: true }).accesses).toEqual(readLackey(content));
	});

	it("is read as the plain reader reads it, cut anywhere, whatever the lines", () => {
		const line = fc.oneof(
			{ weight: 12, arbitrary: sizedAccess.map((access) => writeLackey([access]).slice(0, -1)) },
			sizedAccess.map((access) => `${writeLackey([access]).slice(0, -1)}\r`),
			fc.constantFrom("==12345== some words, 1 of them", "", "SCHED[2]: acquired", "--1-- 0"),
		);
		fc.assert(
			fc.property(
				fc.array(line, { maxLength: 60 }),
				straddle,
				fc.array(fc.nat(1500), { maxLength: 4 }),
				(lines, how, cuts) => {
					const content = `${lines.join("\n")}\n`;
					const bytes = text(content);
					const places = cuts.filter((place) => place < bytes.length).sort((a, b) => a - b);
					const accesses = readLackey(content);
					expect(parseInPieces(FORMAT_LACKEY, bytes, places, how)).toEqual(cut(accesses, how));
					expect(parse("lackey", bytes, { accesses: true }).accesses).toEqual(accesses);
				},
			),
			{ numRuns: 400 },
		);
	});

	it("of a usual program is read as the plain reader reads it, whatever the sizes of the lines", () => {
		fc.assert(
			fc.property(fc.array(usualAccess, { maxLength: 120 }), straddle, fc.nat(1500), (accesses, how, cutAt) => {
				const bytes = text(writeLackey(accesses));
				const places = cutAt < bytes.length ? [cutAt] : [];
				expect(parseInPieces(FORMAT_LACKEY, bytes, places, how)).toEqual(cut(accesses, how));
				expect(parse("lackey", bytes, { accesses: true }).accesses).toEqual(accesses);
			}),
			{ numRuns: 600 },
		);
	});

	it.each([
		["many shapes", "==1== x\nI  0401ab70,3\n S 1fff00073e,8\n M 10,16\nI  ffffffffffffff00,32\r\n L 8,1"],
		["the usual shapes", usual],
	])("of %s is read the same whatever the boundary of the chunks", (_, content) => {
		const expected = cut(readLackey(content), LINES_64);
		for (let place = 0; place <= content.length; place++) {
			expect(parseInPieces(FORMAT_LACKEY, text(content), [place], LINES_64), `${place}`).toEqual(expected);
		}
	});

	it("is read line by line and by pairs alike, whatever byte is wrong", () => {
		const alone = new Map<string, ReturnType<typeof parse>>();
		const read = (content: string) => {
			const known = alone.get(content) ?? parse("lackey", text(content), { skip: true });
			alone.set(content, known);
			return known;
		};
		for (let place = 0; place < usual.length; place++) {
			for (const wrong of [..." 0aAgG/:@`,\n\0\xffISM9"]) {
				const content = `${usual.slice(0, place)}${wrong}${usual.slice(place + 1)}`;
				const lines = content.split("\n").map((line) => read(line));
				// Once more, for what was learned from the first.
				parse("lackey", text(usual));
				const whole = parse("lackey", text(content), { skip: true });
				expect(whole.records, content).toEqual(lines.flatMap(({ records }) => records));
				expect(whole.skipped, content).toBe(lines.reduce((sum, { skipped }) => sum + skipped, 0));
				expect(whole.lines, content).toBe(content.split("\n").length - (content.endsWith("\n") ? 1 : 0));
			}
		}
	});

	it("counts the lines of a batch that fills up anywhere", () => {
		for (const first of ["", "I  1,1\n", " M 1fff00073e,4\n"]) {
			const content = first + "I  0401ab70,3\n L 1ffe073f,8\n".repeat(50_000);
			const { records, lines } = parse("lackey", text(content));
			expect(lines).toBe(100_000 + (first ? 1 : 0));
			expect(records.length).toBe(cut(readLackey(content), LINES_64).length);
		}
	});

	it("the largest accesses, one after the other, fit the batches", () => {
		const content = " M 7,65536\n".repeat(40);
		const lines: Straddle = { mode: "split", fetch: 3, data: 3, smallest: 3 };
		expect(parse("lackey", text(content), { straddle: lines }).records.length).toBe(40 * 2 * 8193);
	});
});
