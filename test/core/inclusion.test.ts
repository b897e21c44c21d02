import { describe } from "vitest";
import { EVERYTHING } from "../oracle/arbitrary.ts";
import { cache, chain, machine } from "../oracle/machines.ts";
import { agrees } from "./harness.ts";
import { areConsistent } from "./invariants.ts";
import { follows } from "./table.ts";

const everyWay = { replacement: EVERYTHING.replacement, write: EVERYTHING.write, noAllocate: true };

describe("nine", () => {
	follows(
		"lets a line live above when it leaves the outer level",
		machine({ caches: chain({ ways: 2 }, { ways: 1 }) }),
		`
		read 0x00 -> L1 read miss, fills; L2 read miss, fills
		read 0x40 -> L1 read miss, fills; L2 read miss, fills, evicts
		read 0x00 -> L1 read hit
		`,
	);
	follows(
		"lets a line live in the outer level when it leaves above, and a clean one is dropped",
		machine({ caches: chain({ ways: 1 }, { ways: 2 }) }),
		`
		read 0x00 -> L1 read miss, fills; L2 read miss, fills
		read 0x40 -> L1 read miss, fills, evicts; L2 read miss, fills
		read 0x00 -> L1 read miss, fills, evicts; L2 read hit
		`,
	);
	follows(
		"takes the fetch to the next level before the victim's write-back",
		machine({ caches: chain({ ways: 1 }, { ways: 1 }) }),
		`
		write 0x00 -> L1 write miss, fills; L2 fill miss, fills
		read 0x40  -> L1 read miss, fills, evicts, writes back; L2 read miss, write miss, fills 2, evicts 2
		read 0x00  -> L1 read miss, fills, evicts; L2 read hit
		`,
	);
	agrees("agrees with the oracle", { ...everyWay, levels: 4 }, { runs: 250, check: areConsistent });
});

describe("inclusive", () => {
	follows(
		"removes a leaving line above, where its way is free before the new line comes",
		machine({ caches: chain({ ways: 2 }, { ways: 2, inclusion: "inclusive", replacement: "fifo" }) }),
		`
		read 0x00 -> L1 read miss, fills; L2 read miss, fills
		read 0x40 -> L1 read miss, fills; L2 read miss, fills
		read 0x80 -> L1 read miss, fills, loses; L2 read miss, fills, evicts
		read 0x40 -> L1 read hit
		read 0x00 -> L1 read miss, fills, loses; L2 read miss, fills, evicts
		`,
	);
	follows(
		"writes a leaving line back, once, when a removed copy was dirty",
		machine({ caches: chain({ ways: 2 }, { ways: 1, inclusion: "inclusive" }, { ways: 4 }) }),
		`
		write 0x00 -> L1 write miss, fills; L2 fill miss, fills; L3 fill miss, fills
		read 0x40  -> L1 read miss, fills, loses; L2 read miss, fills, evicts, writes back; L3 read miss, write hit, fills
		`,
	);
	follows(
		"removes copies from every level above, of instructions and of data",
		machine({
			caches: [
				cache({ name: "L1I", ways: 2, serves: "fetch", next: 2 }),
				cache({ name: "L1D", ways: 2, serves: "data", next: 2 }),
				cache({ name: "L2", ways: 2, next: 3 }),
				cache({ name: "L3", inclusion: "inclusive" }),
			],
		}),
		`
		fetch 0x00 -> L1I fetch miss, fills; L2 fetch miss, fills; L3 fetch miss, fills
		read 0x00  -> L1D read miss, fills; L2 read hit
		read 0x40  -> L1I loses; L1D read miss, fills, loses; L2 read miss, fills, loses; L3 read miss, fills, evicts
		`,
	);
	follows(
		"removes every part of a leaving line that is longer than those above",
		machine({ caches: chain({ ways: 8, line: 32 }, { line: 128, inclusion: "inclusive" }) }),
		`
		read 0x00  -> L1 read miss, fills; L2 read miss, fills
		write 0x60 -> L1 write miss, fills; L2 fill hit
		read 0x20  -> L1 read miss, fills; L2 read hit
		read 0x80  -> L1 read miss, fills, loses 3; L2 read miss, fills, evicts, writes back
		`,
	);
	follows(
		"makes a leaving line of a write-through level dirty when the copy above it was",
		machine({ caches: chain({ ways: 2 }, { write: "through", inclusion: "inclusive" }, { ways: 4 }) }),
		`
		write 0x00 -> L1 write miss, fills; L2 fill miss, fills; L3 fill miss, fills
		read 0x40  -> L1 read miss, fills, loses; L2 read miss, fills, evicts, writes back; L3 read miss, write hit, fills
		`,
	);
	agrees(
		"agrees with the oracle",
		{ ...everyWay, levels: 4, inclusion: ["inclusive", "inclusive", "nine"], mixedLines: true },
		{ runs: 250, check: areConsistent },
	);
});

describe("exclusive", () => {
	const exclusive = { inclusion: "exclusive" as const };

	follows(
		"is filled by clean victims only, and a line that hits moves up",
		machine({ caches: chain({ ways: 1 }, { ways: 2, ...exclusive }) }),
		`
		read 0x00 -> L1 read miss, fills; L2 read miss
		read 0x40 -> L1 read miss, fills, evicts; L2 read miss, victim miss, fills
		read 0x00 -> L1 read miss, fills, evicts; L2 read hit, victim miss, fills
		read 0x40 -> L1 read miss, fills, evicts; L2 read hit, victim miss, fills
		`,
	);
	follows(
		"keeps dirty lines, which move up dirty",
		machine({ caches: chain({ ways: 1 }, { ways: 1, ...exclusive }, { ways: 4 }) }),
		`
		write 0x00 -> L1 write miss, fills; L2 fill miss; L3 fill miss, fills
		read 0x40  -> L1 read miss, fills, evicts, writes back; L2 read miss, write miss, fills; L3 read miss, fills
		read 0x00  -> L1 read miss, fills, evicts; L2 read hit, victim miss, fills
		read 0x80  -> L1 read miss, fills, evicts, writes back; L2 read miss, write miss, fills, evicts; L3 read miss, fills
		read 0xc0  -> L1 read miss, fills, evicts; L2 read miss, victim miss, fills, evicts, writes back; L3 read miss, write hit, fills
		`,
	);
	follows(
		"writes a dirty line to the next level when an instruction cache fetches it",
		machine({
			caches: [
				cache({ name: "L1I", serves: "fetch", next: 2 }),
				cache({ name: "L1D", serves: "data", next: 2 }),
				cache({ name: "L2", ways: 4, ...exclusive, next: 3 }),
				cache({ name: "L3", ways: 4 }),
			],
		}),
		`
		write 0x00 -> L1D write miss, fills; L2 fill miss; L3 fill miss, fills
		read 0x40  -> L1D read miss, fills, evicts, writes back; L2 read miss, write miss, fills; L3 read miss, fills
		fetch 0x00 -> L1I fetch miss, fills; L2 fetch hit, writes back; L3 write hit
		fetch 0x80 -> L1I fetch miss, fills, evicts; L2 fetch miss, victim miss, fills; L3 fetch miss, fills
		`,
	);
	follows(
		"merges a victim with the line that it holds already",
		machine({
			caches: [
				cache({ name: "L1I", serves: "fetch", next: 2 }),
				cache({ name: "L1D", serves: "data", next: 2 }),
				cache({ name: "L2", ways: 2, ...exclusive }),
			],
		}),
		`
		fetch 0x00 -> L1I fetch miss, fills; L2 fetch miss
		write 0x00 -> L1D write miss, fills; L2 fill miss
		fetch 0x40 -> L1I fetch miss, fills, evicts; L2 fetch miss, victim miss, fills
		read 0x80  -> L1D read miss, fills, evicts, writes back; L2 read miss, write hit
		fetch 0x80 -> L1I fetch miss, fills, evicts; L2 fetch miss, victim miss, fills
		fetch 0xc0 -> L1I fetch miss, fills, evicts; L2 fetch miss, victim miss, fills, evicts, writes back
		`,
	);
	follows(
		"hands a line through two exclusive levels at once",
		machine({ caches: chain({ ways: 1 }, { ways: 1, ...exclusive }, { ways: 2, ...exclusive }) }),
		`
		write 0x00 -> L1 write miss, fills; L2 fill miss; L3 fill miss
		read 0x40  -> L1 read miss, fills, evicts, writes back; L2 read miss, write miss, fills; L3 read miss
		read 0x80  -> L1 read miss, fills, evicts; L2 read miss, victim miss, fills, evicts, writes back; L3 read miss, write miss, fills
		read 0x00  -> L1 read miss, fills, evicts; L2 read miss, victim miss, fills, evicts; L3 read hit, victim miss, fills
		read 0xc0  -> L1 read miss, fills, evicts, writes back; L2 read miss, write miss, fills, evicts; L3 read miss, victim miss, fills
		`,
	);
	follows(
		"does a write in place when it hits, and passes it on when it misses",
		machine({
			caches: [
				cache({ name: "L1I", serves: "fetch", next: 2 }),
				cache({ name: "L1D", serves: "data", write: "through", allocate: false, next: 2 }),
				cache({ name: "L2", ways: 2, ...exclusive, next: 3 }),
				cache({ name: "L3", ways: 4 }),
			],
		}),
		`
		write 0x00 -> L1D write miss; L2 write miss; L3 write miss, fills
		fetch 0x00 -> L1I fetch miss, fills; L2 fetch miss; L3 fetch hit
		fetch 0x40 -> L1I fetch miss, fills, evicts; L2 fetch miss, victim miss, fills; L3 fetch miss, fills
		write 0x00 -> L1D write miss; L2 write hit
		read 0x00  -> L1D read miss, fills; L2 read hit, writes back; L3 write hit
		`,
	);
	agrees(
		"agrees with the oracle",
		{ ...everyWay, levels: 4, inclusion: ["exclusive", "exclusive", "nine"], mixedLines: true },
		{ runs: 250, check: areConsistent },
	);
});

describe("every inclusion", () => {
	agrees(
		"agrees with the oracle",
		{ ...everyWay, levels: 4, inclusion: EVERYTHING.inclusion, mixedLines: true, noWritebacks: true },
		{ runs: 400, check: areConsistent },
	);
});
