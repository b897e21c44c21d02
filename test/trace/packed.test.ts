import { beforeAll, describe, expect, it } from "vitest";
import { RECORD_SIZE } from "../../bindings/layout/records.ts";
import {
	BLOCK_BEFORE,
	BLOCK_BYTES,
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
	TRACE_RECORD_COUNT,
	TRACE_RECORDS,
	TRACE_RUNS,
} from "../../bindings/layout/trace.ts";
import { Packer, roomForPacking } from "../../bindings/packer.ts";
import { type Access, batchAccesses, headerCounts, Reader } from "../../bindings/reader.ts";
import fc from "../properties.ts";
import { dinAccess, sizedAccess, straddle } from "./arbitrary.ts";
import { block, file, hash, type Parts, packedByHand, sealed } from "./by-hand.ts";
import { anyCore, bareCore, compile, packed, parse, parseInPieces, text } from "./core.ts";
import { access, cut, FETCH, LINES_64, MODIFY, READ, record, WRITE, writeDin, writeLackey } from "./reference.ts";

const lackey = (accesses: Access[]) => packed("lackey", text(writeLackey(accesses)));

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
		const must = packedByHand(accesses, [{ before: 1, code: 21, bytes: [1, 2, 3] }]);
		expect(parse("packed", must)).toMatchObject({ status: STATUS_UNKNOWN_OPERATION, offset: HEADER_SIZE });
		expect(parse("packed", must, { skip: true }).status).toBe(STATUS_UNKNOWN_OPERATION);
	});

	it("an empty trace is a header and an end marker", () => {
		const bytes = lackey([]);
		expect(bytes.length).toBe(HEADER_SIZE + END_SIZE);
		expect(parse("packed", bytes)).toMatchObject({ status: 0, records: [] });
	});

	it("is what docs/packed-format.md shows by an example", () => {
		const made = block(0, {
			tokens: [0, 0],
			moves: [0, 1],
			operands: [0x00, 0x90],
			shapes: [
				[0x00, 4],
				[0x06, 3],
				[0x02, 5, 0],
			],
			rows: [[2], [0, 0x10]],
			sequences: [[3, 1, 0x80, 0xc0, 0x80, 0x04, 0, 2]],
		});
		const once = (data: bigint) => [access(FETCH, 0x401000n, 3), access(READ, data, 4), access(FETCH, 0x401003n, 5)];
		const bytes = file([made], 2);
		expect(parse("packed", bytes, { accesses: true }).accesses).toEqual([...once(0x1000n), ...once(0x1008n)]);
		expect(parse("packed", bytes).records).toEqual(cut([...once(0x1000n), ...once(0x1008n)], LINES_64));
	});

	it("the header can tell the counts by kind", () => {
		const core = bareCore();
		const packer = new Packer(core, "lackey", roomForPacking(core));
		packer.reader.write(text("I  8,4\nI  c,4\n L 10,8\n M 18,4\n"));
		packer.reader.end();
		packer.output.finish();
		const counts = { reads: 1, writes: 0, fetches: 2, modifies: 1 };
		expect(packer.counts()).toEqual(counts);
		expect(headerCounts(packer.output.header())).toEqual(counts);
		expect(headerCounts(packer.output.made()[0]!)).toBeUndefined();
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
		header[HEADER_VERSION] = 1;
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
		const view = new DataView(bytes.buffer, bytes.byteOffset);
		const second = HEADER_SIZE + view.getUint32(HEADER_SIZE + BLOCK_BYTES, true);
		bytes[HEADER_SIZE + 1000]! ^= 1;
		const parsed = parse("packed", bytes, { skip: true, accesses: true });
		expect(parsed).toMatchObject({ status: 0, skipped: 1 });
		expect(parsed.accesses).toEqual(long.slice(view.getUint32(second + BLOCK_BEFORE, true)));
	});

	const read = [0x00, 1];
	const one: Parts = { shapes: [read], sequences: [[1, 0]], rows: [[0, 0]], tokens: [0], moves: [0] };

	it("a block by hand is whole", () => {
		expect(parse("packed", file([block(0, one)], 1))).toMatchObject({ status: 0, records: [0n] });
	});

	it.each<[string, Parts]>([
		["a token without a sequence", { ...one, tokens: [2] }],
		["an operation that is not there", { ...one, tokens: [0, 1] }],
		["an operation cut short", { ...one, tokens: [0, 1], operations: [1, 13, 0] }],
		["operations left over", { ...one, operations: [200, 0] }],
		["a move without a row", { ...one, moves: [1] }],
		["too few moves", { ...one, tokens: [0, 0] }],
		["moves left over", { ...one, moves: [0, 0] }],
		["operands left over", { ...one, operands: [1, 2, 3] }],
		["too few operands", { ...one, rows: [[8]], operands: [1, 2, 3, 4, 5, 6, 7] }],
		["a row cut short", { ...one, sequences: [], tokens: [], moves: [], rows: [[0]] }],
		["a row of too many operand bytes", { ...one, rows: [[9]], operands: [1, 2, 3, 4, 5, 6, 7, 8, 9] }],
		["more rows inside than rows", { ...one, inside: 2 }],
		["a shape of size 0", { ...one, shapes: [[0x00, 0]] }],
		["a shape of an unknown kind", { ...one, shapes: [[0x08, 1]] }],
		["a far shape of data", { ...one, shapes: [[0x04, 1]] }],
		["an empty sequence", { ...one, sequences: [[0]], moves: [] }],
		["a sequence of too many accesses", { ...one, sequences: [[17, ...new Array(17).fill(0)]] }],
		["a sequence of too much data", { ...one, sequences: [[9, ...new Array(9).fill(0)]], moves: new Array(9).fill(0) }],
		["a sequence without a shape", { ...one, sequences: [[1, 1]] }],
		["a sequence cut short", { ...one, sequences: [[2, 0]] }],
		["a far fetch cut short", { ...one, shapes: [[0x06, 1]], sequences: [[1, 0, 0x80]], moves: [] }],
		["something after the sequences", { ...one, sequences: [[1, 0, 0]] }],
		["a fetch beyond the last address", { shapes: [[0x02, 4, 1]], sequences: [[1, 0]], tokens: [0] }],
		["data beyond the last address", { ...one, shapes: [[0x00, 4]], rows: [[0, 1]], inside: 0 }],
		["a place of the wrong length", { tokens: [0], operations: [2, 2, 0, 0] }],
		["an operation's kind that is none", { tokens: [0], operations: [1, 13, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] }],
	])("a block that a broken writer made is noticed: %s", (_, parts) => {
		const bytes = file([block(0, parts)], parts.tokens!.length);
		expect(parse("packed", bytes)).toMatchObject({ status: STATUS_BAD_BLOCK, offset: HEADER_SIZE });
		expect(parse("packed", bytes, { accesses: true }).status).toBe(STATUS_BAD_BLOCK);
		expect(parse("packed", bytes, { skip: true })).toMatchObject({ skipped: 1 });
	});

	it("data of a row inside that is not is noticed where accesses are wanted", () => {
		const across: Parts = { ...one, shapes: [[0x00, 2]], rows: [[0, 62]] };
		expect(parse("packed", file([block(0, across)], 1), { accesses: true }).status).toBe(STATUS_BAD_BLOCK);
		expect(parse("packed", file([block(0, { ...across, inside: 0 })], 1), { accesses: true }).status).toBe(0);
	});

	const byte = fc.nat(255);
	const some = (of: fc.Arbitrary<number>, maxLength: number) => fc.array(of, { maxLength });
	const few = (of: fc.Arbitrary<number[]>) => fc.array(of, { maxLength: 4 });
	/** Often near enough to a block that makes sense to be read far into. */
	const parts = fc.record({
		shapes: few(
			fc.oneof(
				fc.tuple(fc.constantFrom(0, 1, 3, 6), byte),
				fc.tuple(fc.constant(2), byte, fc.nat(127)),
				some(byte, 4),
			) as fc.Arbitrary<number[]>,
		),
		rows: few(
			fc.oneof(fc.tuple(fc.nat(8)), fc.tuple(fc.constant(0), fc.nat(127)), some(byte, 3)) as fc.Arbitrary<number[]>,
		),
		inside: fc.nat(4),
		sequences: few(
			fc.oneof(
				fc.array(fc.nat(3), { minLength: 1, maxLength: 16 }).map((slots) => [slots.length, ...slots]),
				some(byte, 20),
			),
		),
		tokens: some(fc.nat(5), 40),
		moves: some(fc.nat(4), 60),
		operands: some(byte, 60),
		operations: some(fc.nat(30), 40),
	});

	it("whatever a block holds, reading it ends and traps nowhere", () => {
		fc.assert(
			fc.property(parts, straddle, (made, how) => {
				const bytes = file([block(0, made)], made.tokens.length);
				parse("packed", bytes, { straddle: how });
				parse("packed", bytes, { accesses: true });
				parse("packed", bytes, { skip: true, straddle: how });
			}),
			{ numRuns: 3000 },
		);
	});

	it("whatever a block holds, nothing is written but the batch", () => {
		const core = bareCore();
		const room = core.placeBatch(0);
		const behind = core.placeBatch(core.allocate(BigInt(room + 65536)));
		const view = () => new DataView(core.memory.buffer);
		const field = (at: number) => view().getUint32(core.traceState() + at, true);
		const runs = field(TRACE_RUNS);
		const guarded = () => new Uint8Array(core.memory.buffer, behind, 65000);
		guarded().fill(0xa5);
		fc.assert(
			fc.property(parts, straddle, (made, how) => {
				const bytes = file([block(0, made)], made.tokens.length);
				const reader = new Reader(core, "packed", { step: core.parse, straddle: how });
				const problem = reader.write(bytes) ?? reader.end();
				expect(problem === undefined || problem.offset <= bytes.length).toBe(true);
				expect(field(TRACE_RECORDS) + field(TRACE_RECORD_COUNT) * RECORD_SIZE).toBeLessThanOrEqual(runs);
				expect(guarded().every((byte) => byte === 0xa5)).toBe(true);
			}),
			{ numRuns: 300 },
		);
	});

	it("whatever a header of a block says, reading it ends and traps nowhere", () => {
		fc.assert(
			fc.property(fc.nat(13), fc.nat(2 ** 32 - 1), some(byte, 64), (word, value, operands) => {
				const made = block(0, { ...one, operands });
				new DataView(made.buffer).setUint32(word * 4, value, true);
				sealed(made);
				const { status, offset } = parse("packed", file([made], 1));
				if (status !== 0) expect([HEADER_SIZE, HEADER_SIZE + made.length]).toContain(offset);
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
