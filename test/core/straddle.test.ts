import { describe } from "vitest";
import type { CacheConfig, Replacement } from "../../bindings/config.ts";
import { EVERYTHING } from "../oracle/arbitrary.ts";
import { chain, machine, tlb } from "../oracle/machines.ts";
import { agrees } from "./harness.ts";
import { areConsistent } from "./invariants.ts";
import { follows } from "./table.ts";

const once = (...levels: Partial<CacheConfig>[]) =>
	machine({ straddle: "once", caches: chain(...levels.map((level) => ({ ...level, writebacks: false }))) });

describe("an access to two lines that counts once", () => {
	follows(
		"misses once if either line misses, and then looks up both in the next level",
		once({ ways: 4 }, { ways: 4 }),
		`
		read 0x00      -> L1 read miss, fills; L2 read miss, fills
		read 0x38 with ->
		read 0x40      -> L1 read miss, fills; L2 read miss, fills
		read 0x78 with ->
		read 0x80      -> L1 read miss, fills; L2 read miss, fills
		read 0x78 with ->
		read 0x80      -> L1 read hit
		`,
	);
	follows(
		"hits the next level only if it holds both lines",
		once({ ways: 1 }, { ways: 4 }),
		`
		write 0x38 with ->
		write 0x40      -> L1 write miss, fills 2, evicts; L2 write miss, fills 2
		fetch 0x38 with ->
		fetch 0x40      -> L1 fetch miss, fills 2, evicts 2; L2 fetch hit
		`,
	);
	follows(
		"is one look-up where both fall into one longer line",
		once({ ways: 4, line: 32 }, { ways: 2, line: 64, replacement: "srrip" }),
		`
		read 0x18 with ->
		read 0x20      -> L1 read miss, fills 2; L2 read miss, fills
		read 0x40      -> L1 read miss, fills; L2 read miss, fills
		read 0x80      -> L1 read miss, fills; L2 read miss, fills, evicts
		read 0x60      -> L1 read miss, fills, evicts; L2 read hit
		`,
	);
	follows(
		"is one look-up in the next level where lines are shorter there, whether it touches one of them or two",
		once({ ways: 4, line: 64 }, { ways: 8, line: 16 }),
		`
		read 0x08       -> L1 read miss, fills; L2 read miss, fills
		write 0x58 with ->
		write 0x60      -> L1 write miss, fills; L2 write miss, fills 2
		read 0x30       -> L1 read hit
		fetch 0x80      -> L1 fetch miss, fills; L2 fetch miss, fills
		`,
	);
	follows(
		"does not fill lines when it writes and the level does not allocate",
		once({ ways: 4, allocate: false }, { ways: 4 }),
		`
		read 0x00       -> L1 read miss, fills; L2 read miss, fills
		write 0x38 with ->
		write 0x40      -> L1 write miss; L2 write miss, fills
		write 0x38 with ->
		write 0x40      -> L1 write miss; L2 write hit
		`,
	);

	const pages = machine({
		straddle: "once",
		caches: chain({ sets: 64, ways: 8, writebacks: false }),
		tlbs: [tlb({ name: "TLB", ways: 4, pages: [12, 21] })],
		translation: { huge: [{ start: 0x200000n, end: 0x400000n, page: 21 }] },
	});
	follows(
		"looks up the TLB once within a page, and once for each of two pages",
		pages,
		`
		read 0x38 with   ->
		read 0x40        -> TLB miss, fills; walk reads 0; L1 read miss, fills 2
		read 0xff8 with  ->
		read 0x1000      -> TLB 1 hit, 1 miss, fills; walk reads 0; L1 read miss, fills 2
		`,
	);
	follows(
		"looks up the TLB once within a huge page",
		pages,
		`
		read 0x200ff8 with ->
		read 0x201000      -> TLB miss, fills; walk reads 0; L1 read miss, fills 2
		`,
	);
	agrees(
		"agrees with the oracle",
		{ straddle: "once", replacement: ["lru", "fifo"], noAllocate: true, mixedLines: true },
		{ runs: 200, check: areConsistent },
	);
	agrees(
		"agrees with the oracle under every replacement, translated, from several CPUs",
		{
			...EVERYTHING,
			inclusion: ["nine"],
			straddle: "once",
			replacement: ["lru", "plru", "fifo", "random", "srrip"] satisfies Replacement[],
		},
		{ runs: 300, check: areConsistent, options: ({ seed }) => ({ classify: seed % 2n === 0n }) },
	);
});
