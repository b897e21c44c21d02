import { describe } from "vitest";
import type { CacheConfig } from "../../bindings/config.ts";
import { EVERYTHING } from "../oracle/arbitrary.ts";
import { cache, chain, machine } from "../oracle/machines.ts";
import { agrees } from "./harness.ts";
import { areConsistent } from "./invariants.ts";
import { follows } from "./table.ts";

const two = (first: Partial<CacheConfig>, second: Partial<CacheConfig> = {}) =>
	machine({ caches: chain({ ways: 1, ...first }, { ways: 4, ...second }) });

describe("a write from the CPU", () => {
	follows(
		"write-back, allocate: fills the line and makes it dirty",
		two({ write: "back", allocate: true }),
		`
		write 0x00 -> L1 write miss, fills; L2 fill miss, fills
		write 0x08 -> L1 write hit
		read 0x40  -> L1 read miss, fills, evicts, writes back; L2 read miss, write hit, fills
		write 0x40 -> L1 write hit
		read 0x00  -> L1 read miss, fills, evicts, writes back; L2 read hit, write hit
		`,
	);
	follows(
		"write-back, no allocate: goes on to the next level when it misses, and stays when it hits",
		two({ write: "back", allocate: false }),
		`
		write 0x00 -> L1 write miss; L2 write miss, fills
		read 0x00  -> L1 read miss, fills; L2 read hit
		write 0x00 -> L1 write hit
		read 0x40  -> L1 read miss, fills, evicts, writes back; L2 read miss, write hit, fills
		`,
	);
	follows(
		"write-through, allocate: fills the line, then goes on; the line stays clean",
		two({ write: "through", allocate: true }),
		`
		write 0x00 -> L1 write miss, fills; L2 fill miss, write hit, fills
		write 0x00 -> L1 write hit; L2 write hit
		read 0x40  -> L1 read miss, fills, evicts; L2 read miss, fills
		`,
	);
	follows(
		"write-through, no allocate: goes on, hit or miss",
		two({ write: "through", allocate: false }),
		`
		write 0x00 -> L1 write miss; L2 write miss, fills
		read 0x00  -> L1 read miss, fills; L2 read hit
		write 0x00 -> L1 write hit; L2 write hit
		read 0x40  -> L1 read miss, fills, evicts; L2 read miss, fills
		`,
	);
	follows(
		"touches the line that it hits, whatever the policy",
		machine({ caches: chain({ ways: 2, write: "through", allocate: false }) }),
		`
		read 0x00  -> L1 read miss, fills
		read 0x40  -> L1 read miss, fills
		write 0x00 -> L1 write hit
		read 0x80  -> L1 read miss, fills, evicts
		read 0x00  -> L1 read hit
		`,
	);
});

describe("a write-back from the level above", () => {
	/** L1 gets two dirty lines; L2 has lost the first one when it comes back. */
	const from = (second: Partial<CacheConfig>) =>
		machine({ caches: chain({ ways: 2, replacement: "fifo" }, { ways: 1, ...second }, { ways: 8 }) });

	follows(
		"is allocated without a fetch by a write-back level",
		from({}),
		`
		write 0x00 -> L1 write miss, fills; L2 fill miss, fills; L3 fill miss, fills
		read 0x40  -> L1 read miss, fills; L2 read miss, fills, evicts; L3 read miss, fills
		read 0x80  -> L1 read miss, fills, evicts, writes back; L2 read miss, write miss, fills 2, evicts 2; L3 read miss, fills
		read 0xc0  -> L1 read miss, fills, evicts; L2 read miss, fills, evicts, writes back; L3 read miss, write hit, fills
		`,
	);
	follows(
		"is allocated clean and goes on at a write-through level",
		from({ write: "through" }),
		`
		write 0x00 -> L1 write miss, fills; L2 fill miss, fills; L3 fill miss, fills
		read 0x40  -> L1 read miss, fills; L2 read miss, fills, evicts; L3 read miss, fills
		read 0x80  -> L1 read miss, fills, evicts, writes back; L2 read miss, write miss, fills 2, evicts 2; L3 read miss, write hit, fills
		read 0x00  -> L1 read miss, fills, evicts; L2 read hit
		`,
	);
	follows(
		"goes on when it misses a level that does not allocate",
		from({ allocate: false }),
		`
		write 0x00 -> L1 write miss, fills; L2 fill miss, fills; L3 fill miss, fills
		read 0x40  -> L1 read miss, fills; L2 read miss, fills, evicts; L3 read miss, fills
		read 0x80  -> L1 read miss, fills, evicts, writes back; L2 read miss, write miss, fills, evicts; L3 read miss, write hit, fills
		`,
	);
	follows(
		"makes the line dirty that it hits, or goes on from a write-through level",
		machine({ caches: chain({ ways: 1 }, { ways: 4, write: "through" }, { ways: 4 }) }),
		`
		write 0x00 -> L1 write miss, fills; L2 fill miss, fills; L3 fill miss, fills
		read 0x40  -> L1 read miss, fills, evicts, writes back; L2 read miss, write hit, fills; L3 read miss, write hit, fills
		`,
	);
});

describe("writebacks: false", () => {
	const compat = { writebacks: false };

	follows(
		"lines never become dirty, and a write that misses looks up the next level as a write",
		machine({ caches: chain({ ...compat, ways: 1 }, { ...compat, ways: 4 }) }),
		`
		write 0x00 -> L1 write miss, fills; L2 write miss, fills
		write 0x00 -> L1 write hit
		write 0x40 -> L1 write miss, fills, evicts; L2 write miss, fills
		write 0x00 -> L1 write miss, fills, evicts; L2 write hit
		`,
	);
	follows(
		"a write that misses looks up the next level once, however short its lines are",
		machine({ caches: chain({ ...compat, line: 128 }, { ...compat, line: 32, ways: 4 }) }),
		`
		write 0x48 -> L1 write miss, fills; L2 write miss, fills
		read 0x80  -> L1 read miss, fills, evicts; L2 read 4 miss, fills 4, evicts
		`,
	);
});

describe("every write policy", () => {
	agrees("agrees with the oracle", { write: EVERYTHING.write, noAllocate: true }, { runs: 250, check: areConsistent });
	agrees(
		"agrees with the oracle on four levels of lines of any size",
		{ write: EVERYTHING.write, noAllocate: true, noWritebacks: true, mixedLines: true, levels: 4 },
		{ runs: 250, check: areConsistent },
	);
});

describe("instruction and data caches", () => {
	follows(
		"know nothing of each other's writes",
		machine({
			caches: [
				cache({ name: "L1I", serves: "fetch", next: 2 }),
				cache({ name: "L1D", serves: "data", next: 2 }),
				cache({ name: "L2", ways: 4 }),
			],
		}),
		`
		fetch 0x00 -> L1I fetch miss, fills; L2 fetch miss, fills
		write 0x00 -> L1D write miss, fills; L2 fill hit
		fetch 0x00 -> L1I fetch hit
		read 0x00  -> L1D read hit
		`,
	);
});
