import { describe, expect, it } from "vitest";
import { FORMAT_CHAMPSIM, STATUS_BAD_RECORD, STATUS_TRUNCATED } from "../../bindings/layout/trace.ts";
import fc from "../properties.ts";
import { address } from "./arbitrary.ts";
import { parse, parseInPieces } from "./core.ts";
import { cut, FETCH, LINES_64, READ, readChampsim, record, WRITE, writeChampsim } from "./reference.ts";

describe("ChampSim's records", () => {
	it("are a fetch, then the reads, then the writes; an address of 0 is none", () => {
		const bytes = writeChampsim([{ ip: 0x400n, reads: [0n, 0x10n, 0x20n], writes: [0x30n] }]);
		expect(parse("champsim", bytes).records).toEqual([
			record(FETCH, 0x400n),
			record(READ, 0x10n),
			record(READ, 0x20n),
			record(WRITE, 0x30n),
		]);
	});

	it("a flag that is neither 0 nor 1 is an error, or one skipped record", () => {
		const bytes = writeChampsim([1n, 2n, 3n].map((n) => ({ ip: n * 8n, reads: [], writes: [] })));
		bytes[64 + 9] = 2;
		expect(parse("champsim", bytes)).toMatchObject({ status: STATUS_BAD_RECORD, offset: 64, line: undefined });
		const skipped = parse("champsim", bytes, { skip: true });
		expect(skipped.records).toEqual([record(FETCH, 8n), record(FETCH, 24n)]);
		expect(skipped.skipped).toBe(1);
	});

	it("a record cut short is an error, or one skipped record", () => {
		const bytes = writeChampsim([
			{ ip: 8n, reads: [], writes: [] },
			{ ip: 16n, reads: [], writes: [] },
		]).subarray(0, 100);
		expect(parse("champsim", bytes)).toMatchObject({ status: STATUS_TRUNCATED, offset: 64 });
		expect(parse("champsim", bytes, { skip: true })).toMatchObject({
			status: 0,
			skipped: 1,
			records: [record(FETCH, 8n)],
		});
	});

	it("are read as the plain reader reads them, cut anywhere", () => {
		const instruction = fc.record({
			ip: address,
			reads: fc.array(address, { maxLength: 4 }),
			writes: fc.array(address, { maxLength: 2 }),
		});
		fc.assert(
			fc.property(
				fc.array(instruction, { maxLength: 20 }),
				fc.array(fc.nat(1300), { maxLength: 4 }),
				(instructions, cuts) => {
					const bytes = writeChampsim(instructions);
					const places = cuts.filter((place) => place < bytes.length).sort((a, b) => a - b);
					const accesses = readChampsim(instructions);
					expect(parseInPieces(FORMAT_CHAMPSIM, bytes, places, LINES_64)).toEqual(cut(accesses, LINES_64));
					expect(parse("champsim", bytes, { accesses: true }).accesses).toEqual(accesses);
				},
			),
		);
	});
});
