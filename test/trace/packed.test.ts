import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import xxhash from "xxhash-wasm";
import {
	BLOCK_BYTES,
	BLOCK_TOKENS,
	END_SIZE,
	FORMAT_PACKED,
	HEADER_SIZE,
	HEADER_VERSION,
	STATUS_BAD_BLOCK,
	STATUS_BAD_LINE,
	STATUS_BAD_MAGIC,
	STATUS_BAD_VERSION,
	STATUS_TRAILING,
	STATUS_TRUNCATED,
	STATUS_UNKNOWN_OPERATION,
} from "../../bindings/layout/trace.ts";
import { type Access, batchAccesses, headerCounts, Packer, Reader, roomForPacking } from "../../bindings/reader.ts";
import { address, dinAccess, sizedAccess, straddle } from "./arbitrary.ts";
import { anyCore, bareCore, compile, packed, parse, parseInPieces, text } from "./core.ts";
import { access, cut, FETCH, MODIFY, READ, record, WRITE, writeDin, writeLackey } from "./reference.ts";

/** XXH64 of bytes, by a library. */
let hash: (bytes: Uint8Array) => bigint;
beforeAll(async () => {
	const library = await xxhash();
	hash = (bytes) => library.h64Raw(bytes);
});

const lackey = (accesses: Access[]) => packed("lackey", text(writeLackey(accesses)));

/** Accesses of any CPU and address space in the packed form: text has none, so they are written by hand, unpacked. */
function packedByHand(
	accesses: Access[],
	operations: { before: number; code: number; bytes: number[] }[] = [],
): Uint8Array {
	const operands: number[] = [];
	let tokens = 0;
	const escaped = (code: number, bytes: number[]) => {
		operands.push(code, bytes.length, ...bytes);
		tokens++;
	};
	let place = 0;
	accesses.forEach(({ kind, address: where, size, cpu, asid }, i) => {
		for (const { before, code, bytes } of operations) if (before === i) escaped(code, bytes);
		if ((cpu | (asid << 8)) !== place) escaped(2, [cpu, asid & 255, asid >> 8]);
		place = cpu | (asid << 8);
		const bytes = new DataView(new ArrayBuffer(13));
		bytes.setUint8(0, kind);
		bytes.setUint32(1, size, true);
		bytes.setBigUint64(5, where, true);
		escaped(1, Array.from(new Uint8Array(bytes.buffer)));
	});
	return file([block(0, [128], new Array(tokens).fill(0), operands)], tokens);
}

function block(index: number, table: number[], tokens: number[], operands: number[], rows = 1): Uint8Array {
	const bytes = new Uint8Array(56 + table.length + tokens.length + operands.length + 8);
	const view = new DataView(bytes.buffer);
	view.setUint32(0, 0x314b4c42, true);
	view.setUint32(BLOCK_BYTES, bytes.length, true);
	view.setUint32(8, tokens.length, true);
	view.setUint32(12, operands.length, true);
	view.setUint32(16, rows, true);
	view.setUint32(24, index, true);
	bytes.set([...table, ...tokens, ...operands], 56);
	return sealed(bytes);
}

/** With the checksum at the end put right. */
function sealed(bytes: Uint8Array): Uint8Array {
	new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(bytes.length - 8, hash(bytes.subarray(0, -8)), true);
	return bytes;
}

function file(blocks: Uint8Array[], tokens: number): Uint8Array {
	const header = new Uint8Array(HEADER_SIZE);
	header.set([0x93, 0x53, 0x54, 0x4d, 0x54, 0x0d, 0x0a, 0x1a, 1, 0, 64, 0, 64]);
	const end = new Uint8Array(END_SIZE);
	const view = new DataView(end.buffer);
	view.setUint32(0, 0x31444e45, true);
	view.setUint32(4, END_SIZE, true);
	view.setUint32(40, blocks.length, true);
	view.setBigUint64(48, BigInt(tokens), true);
	return Buffer.concat([sealed(header), ...blocks, sealed(end)]);
}

describe("the packed form", () => {
	it("gives back the accesses that were packed", () => {
		fc.assert(
			fc.property(fc.array(sizedAccess, { maxLength: 300 }), (accesses) => {
				expect(parse("packed", lackey(accesses), { accesses: true })).toMatchObject({ status: 0, accesses });
			}),
			{ numRuns: 150 },
		);
	});

	it("gives back accesses of size 1, too", () => {
		fc.assert(
			fc.property(fc.array(dinAccess, { maxLength: 300 }), (accesses) => {
				const bytes = packed("din", text(writeDin(accesses)));
				expect(parse("packed", bytes, { accesses: true })).toMatchObject({ status: 0, accesses });
				expect(parse("packed", bytes).records).toEqual(accesses.map(({ kind, address }) => record(kind, address)));
			}),
			{ numRuns: 150 },
		);
	});

	it("gives the records that its accesses give, whatever the lines, cut anywhere", () => {
		fc.assert(
			fc.property(
				fc.array(sizedAccess, { maxLength: 100 }),
				straddle,
				fc.array(fc.nat(2000), { maxLength: 3 }),
				(accesses, how, cuts) => {
					const bytes = lackey(accesses);
					const places = cuts.filter((place) => place < bytes.length).sort((a, b) => a - b);
					expect(parseInPieces(FORMAT_PACKED, bytes, places, how)).toEqual(cut(accesses, how));
				},
			),
			{ numRuns: 150 },
		);
	});

	it("holds every kind and size there is, even where there are more than a table has rows", () => {
		const accesses = Array.from({ length: 5000 }, (_, i) =>
			access(i % 4, BigInt(i) * 0x123456789abn, 1 + ((i * 7) % 1000)),
		);
		expect(parse("packed", lackey(accesses), { accesses: true }).accesses).toEqual(accesses);
	});

	it("holds distances of every length", () => {
		const accesses = Array.from({ length: 3000 }, (_, i) => {
			const distance = BigInt.asUintN(64, (i & 1 ? 1n : -1n) << BigInt(i % 64));
			return access(i % 3, distance);
		});
		expect(parse("packed", lackey(accesses), { accesses: true }).accesses).toEqual(accesses);
	});

	it("takes many blocks, and batches end inside them", () => {
		const accesses = Array.from({ length: 150_000 }, (_, i) =>
			access(i % 5 ? FETCH : MODIFY, BigInt((i % 977) * 61), 8),
		);
		const parsed = parse("packed", lackey(accesses), { accesses: true });
		expect(parsed.accesses).toEqual(accesses);
		const how = { mode: "split", fetch: 3, data: 3, smallest: 3 } as const;
		expect(parse("packed", lackey(accesses), { straddle: how }).records).toEqual(cut(accesses, how));
	});

	it("keeps the CPU and the address space of each access, as runs", () => {
		const accesses = [
			access(READ, 8n, 1, 0, 0),
			access(WRITE, 16n, 4, 3, 0x1234),
			access(FETCH, 24n, 4, 3, 0x1234),
			access(READ, 32n, 4, 255, 0xffff),
		];
		const bytes = packedByHand(accesses);
		expect(parse("packed", bytes, { accesses: true })).toMatchObject({ status: 0, accesses });
		expect(parse("packed", bytes).runs).toEqual([
			{ count: 1, operation: 0, cpu: 0, asid: 0 },
			{ count: 2, operation: 0, cpu: 3, asid: 0x1234 },
			{ count: 1, operation: 0, cpu: 255, asid: 0xffff },
		]);
	});

	it("keeps CPUs and address spaces when it is packed again", () => {
		const place = fc.tuple(fc.nat(255), fc.nat(65535));
		const one = fc.tuple(sizedAccess, fc.oneof({ weight: 3, arbitrary: fc.constant([0, 0]) }, place));
		fc.assert(
			fc.property(fc.array(one, { maxLength: 60 }), (list) => {
				const accesses = list.map(([each, [cpu, asid]]) => ({ ...each, cpu: cpu!, asid: asid! }));
				const again = packed("packed", packedByHand(accesses));
				expect(parse("packed", again, { accesses: true })).toMatchObject({ status: 0, accesses });
				const { runs, records } = parse("packed", again);
				expect(runs.reduce((sum, { count }) => sum + count, 0)).toBe(records.length);
			}),
			{ numRuns: 100 },
		);
	});

	it("more changes of CPU than a batch has runs come in several", () => {
		const accesses = Array.from({ length: 30_000 }, (_, i) => access(READ, BigInt(i * 8), 4, i & 1, 0));
		const bytes = packed("packed", packedByHand(accesses));
		const parsed = parse("packed", bytes);
		expect(parsed.runs.every(({ count, cpu }, i) => count === 1 && cpu === (i & 1))).toBe(true);
		expect(parsed.records.length).toBe(30_000);
	});

	it("an operation from 128 on that is not known is passed over, another one is an error", () => {
		const accesses = [access(READ, 8n), access(READ, 16n)];
		const may = packedByHand(accesses, [{ before: 1, code: 200, bytes: [1, 2, 3] }]);
		expect(parse("packed", may, { accesses: true })).toMatchObject({ status: 0, accesses });
		const must = packedByHand(accesses, [{ before: 1, code: 16, bytes: [1, 2, 3] }]);
		expect(parse("packed", must)).toMatchObject({ status: STATUS_UNKNOWN_OPERATION, offset: HEADER_SIZE });
		expect(parse("packed", must, { skip: true }).status).toBe(STATUS_UNKNOWN_OPERATION);
	});

	it("an empty trace is a header and an end marker", () => {
		const bytes = lackey([]);
		expect(bytes.length).toBe(HEADER_SIZE + END_SIZE);
		expect(parse("packed", bytes)).toMatchObject({ status: 0, records: [] });
	});

	it("is what docs/packed-format.md shows by an example", () => {
		const made = block(0, [0x08, 4, 0x0e, 3, 0x02, 5, 6], [0, 1, 2], [0x00, 0x90, 0x00, 0x10, 0xc0], 3);
		expect(parse("packed", file([made], 3), { accesses: true }).accesses).toEqual([
			access(READ, 0x1000n, 4),
			access(FETCH, 0x401000n, 3),
			access(FETCH, 0x401003n, 5),
		]);
	});

	it("the header can tell the counts by kind", () => {
		const core = bareCore();
		const packer = new Packer(core, "lackey", roomForPacking(core));
		packer.reader.write(text("I  8,4\nI  c,4\n L 10,8\n M 18,4\n"));
		packer.reader.end();
		packer.finish();
		const counts = { reads: 1, writes: 0, fetches: 2, modifies: 1 };
		expect(packer.counts()).toEqual(counts);
		expect(headerCounts(packer.header())).toEqual(counts);
		expect(headerCounts(packer.made()[0]!)).toBeUndefined();
	});
});

describe("cut and sample", () => {
	const accesses = Array.from({ length: 1000 }, (_, i) => access(READ, BigInt(i * 8)));
	const kept = (options: object) =>
		parse("packed", packed("lackey", text(writeLackey(accesses)), options), { accesses: true }).accesses;

	it("skip leaves out the first accesses, take keeps so many", () => {
		expect(kept({ skip: 10, take: 5 })).toEqual(accesses.slice(10, 15));
		expect(kept({ take: 0 })).toEqual([]);
		expect(kept({ skip: 2000 })).toEqual([]);
	});

	it("a sample is the first accesses of each group after those skipped", () => {
		expect(kept({ sample: { keep: 2, every: 7 } })).toEqual(accesses.filter((_, i) => i % 7 < 2));
		expect(kept({ skip: 3, take: 9, sample: { keep: 4, every: 5 } })).toEqual(
			accesses.filter((_, i) => i >= 3 && (i - 3) % 5 < 4).slice(0, 9),
		);
	});
});

describe("damage to the packed form", () => {
	const accesses = Array.from({ length: 120 }, (_, i) => access(i % 4, BigInt((i * i * 40503) % 100000), 1 + (i % 20)));

	it("any flipped bit is noticed, at the block it is in", () => {
		const whole = lackey(accesses);
		const end = whole.length - END_SIZE;
		for (let bit = 0; bit < whole.length * 8; bit++) {
			const bytes = whole.slice();
			bytes[bit >> 3]! ^= 1 << (bit & 7);
			const { status, offset } = parse("packed", bytes);
			expect(status, `bit ${bit}`).toBeGreaterThanOrEqual(STATUS_BAD_LINE);
			expect(offset, `bit ${bit}`).toBe(bit < HEADER_SIZE * 8 ? 0 : bit < end * 8 ? HEADER_SIZE : end);
		}
	});

	it("the end of the input anywhere before the end marker's is noticed", () => {
		const whole = lackey(accesses);
		for (let length = 0; length < whole.length; length++) {
			expect(parse("packed", whole.subarray(0, length)).status, `${length} bytes`).toBe(STATUS_TRUNCATED);
		}
	});

	it("what it says is told apart", () => {
		const whole = lackey(accesses);
		expect(parse("packed", text("x".repeat(100))).status).toBe(STATUS_BAD_MAGIC);
		expect(parse("packed", Buffer.concat([whole, text("more")]))).toMatchObject({
			status: STATUS_TRAILING,
			offset: whole.length,
		});
		const header = whole.slice();
		header[HEADER_VERSION] = 2;
		header.set(sealed(header.slice(0, HEADER_SIZE)));
		expect(parse("packed", header)).toMatchObject({ status: STATUS_BAD_VERSION, offset: 0 });
	});

	it("a block that is left out, doubled or out of place is noticed", () => {
		const long = Array.from({ length: 180_000 }, (_, i) => access(i % 3, BigInt(i * 24)));
		const bytes = packed("lackey", text(writeLackey(long)));
		const blocks: Uint8Array[] = [];
		let at = HEADER_SIZE;
		while (at < bytes.length - END_SIZE) {
			const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at + BLOCK_BYTES, true);
			blocks.push(bytes.subarray(at, at + size));
			at += size;
		}
		expect(blocks.length).toBeGreaterThan(3);
		const [a, b, c, ...rest] = blocks as [Uint8Array, Uint8Array, Uint8Array];
		const made = (...parts: Uint8Array[]) =>
			parse("packed", Buffer.concat([bytes.subarray(0, HEADER_SIZE), ...parts, bytes.subarray(at)])).status;
		expect(made(a, b, c, ...rest)).toBe(0);
		expect(made(a, c, ...rest)).toBe(STATUS_BAD_BLOCK);
		expect(made(a, a, b, c, ...rest)).toBe(STATUS_BAD_BLOCK);
		expect(made(b, a, c, ...rest)).toBe(STATUS_BAD_BLOCK);
		expect(made(a, b)).toBe(STATUS_BAD_BLOCK);
	});

	it("a damaged block can be skipped; the others are read", () => {
		const long = Array.from({ length: 150_000 }, (_, i) => access(i % 3, BigInt(i * 24)));
		const bytes = packed("lackey", text(writeLackey(long)));
		bytes[HEADER_SIZE + 1000]! ^= 1;
		const parsed = parse("packed", bytes, { skip: true, accesses: true });
		expect(parsed).toMatchObject({ status: 0, skipped: 1 });
		expect(parsed.accesses).toEqual(long.slice(new DataView(bytes.buffer).getUint32(HEADER_SIZE + BLOCK_TOKENS, true)));
	});

	it.each([
		["a token without a row", [0x00, 1, 0], [0, 1], []],
		["operands left over", [0x00, 1, 2], [0], [1, 2, 3]],
		["too few operands", [0x20, 1], [0, 0], [1, 2, 3]],
		["a row cut short", [0x00, 1], [0], []],
		["a row of size 0", [0x00, 0, 0], [0], []],
		["a row of too many operand bytes", [0x24, 1], [0], [1, 2, 3, 4, 5, 6, 7, 8, 9]],
		["an unknown row", [129], [0], [1, 0]],
		["an access beyond the last address", [0x00, 8, 1], [0], []],
		["an escape of the wrong length", [128], [0], [1, 2, 0, 0]],
		["an escaped kind that is none", [128], [0], [1, 13, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
	])("a block that a broken writer made is noticed: %s", (_, table, tokens, operands) => {
		const bytes = file([block(0, table, tokens, operands)], tokens.length);
		expect(parse("packed", bytes)).toMatchObject({ status: STATUS_BAD_BLOCK, offset: HEADER_SIZE });
		expect(parse("packed", bytes, { accesses: true }).status).toBe(STATUS_BAD_BLOCK);
		expect(parse("packed", bytes, { skip: true })).toMatchObject({ skipped: 1 });
	});

	it("whatever a block holds, reading it ends and traps nowhere", () => {
		const bytes = fc.array(fc.nat(255), { maxLength: 40 });
		fc.assert(
			fc.property(fc.nat(4), bytes, bytes, bytes, (rows, table, tokens, operands) => {
				const made = file([block(0, table, tokens, operands, rows)], tokens.length);
				parse("packed", made);
				parse("packed", made, { accesses: true });
				parse("packed", made, { skip: true });
			}),
			{ numRuns: 500 },
		);
	});

	it("whatever a header of a block says, reading it ends and traps nowhere", () => {
		fc.assert(
			fc.property(fc.nat(13), fc.nat(2 ** 32 - 1), address, (word, value, data) => {
				const made = block(
					0,
					[0x20, 1],
					[0, 0],
					Array.from({ length: 16 }, (_, i) => Number((data >> BigInt(i)) & 255n)),
				);
				new DataView(made.buffer).setUint32(word * 4, value, true);
				sealed(made);
				expect(parse("packed", file([made], 2)).records.length).toBeLessThan(3);
			}),
			{ numRuns: 500 },
		);
	});
});

describe("XXH64", () => {
	let core: { memory: WebAssembly.Memory; xxh64(at: number, length: number): bigint };
	beforeAll(() => {
		core = new WebAssembly.Instance(compile("assembly/trace/xxh64.ts")).exports as typeof core;
		core.memory.grow(1);
	}, 60_000);

	it("is what xxhash-wasm computes, at any length and alignment", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(31), (bytes, shift) => {
				new Uint8Array(core.memory.buffer).set(bytes, shift);
				expect(BigInt.asUintN(64, core.xxh64(shift, bytes.length))).toBe(hash(bytes));
			}),
			{ numRuns: 500 },
		);
	});
});

describe("random bytes", () => {
	it.each(["din", "lackey", "champsim", "packed"] as const)("as %s end in a status, not in a trap", (format) => {
		const bytes = fc.oneof(
			fc.uint8Array({ maxLength: 300 }),
			fc.string({ unit: fc.constantFrom(..."ILSM 0123456789abcdefxX,\n\r=-"), maxLength: 300 }).map(text),
		);
		fc.assert(
			fc.property(bytes, fc.boolean(), (content, skip) => {
				parse(format, content, { skip });
				parse(format, content, { skip, accesses: true });
			}),
			{ numRuns: 300 },
		);
	});

	it("do not depend on what was in memory before", () => {
		const core = anyCore();
		const reader = new Reader(core, "lackey", { step: core.parseAccesses });
		reader.write(text("I  10,3"));
		reader.end();
		expect(batchAccesses(core)).toEqual([access(FETCH, 16n, 3)]);
	});
});
