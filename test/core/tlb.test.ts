import { describe } from "vitest";
import type { WalkConfig } from "../../bindings/config.ts";
import { EVERYTHING } from "../oracle/arbitrary.ts";
import { cache, chain, machine, tlb } from "../oracle/machines.ts";
import { agrees } from "./harness.ts";
import { areConsistent } from "./invariants.ts";
import { follows } from "./table.ts";

describe("TLBs", () => {
	follows(
		"are asked once by every reference, and walk when they miss",
		machine({ caches: [], tlbs: [tlb({ name: "TLB", ways: 2 })] }),
		`
		read 0x0000  -> TLB miss, fills; walk reads 0
		write 0x0ff8 -> TLB hit
		fetch 0x1000 -> TLB miss, fills; walk reads 0
		read 0x0000  -> TLB hit
		read 0x2000  -> TLB miss, fills, evicts; walk reads 0
		read 0x1000  -> TLB miss, fills, evicts; walk reads 0
		`,
	);
	follows(
		"ask the next one, which is filled first and keeps what the inner one loses",
		machine({
			caches: [],
			tlbs: [
				tlb({ name: "ITLB", serves: "fetch", next: [2] }),
				tlb({ name: "DTLB", serves: "data", next: [2] }),
				tlb({ name: "STLB", serves: "none", ways: 2 }),
			],
		}),
		`
		read 0x0000  -> DTLB miss, fills; STLB miss, fills; walk reads 0
		read 0x1000  -> DTLB miss, fills, evicts; STLB miss, fills; walk reads 0
		read 0x0000  -> DTLB miss, fills, evicts; STLB hit
		fetch 0x0000 -> ITLB miss, fills; STLB hit
		read 0x2000  -> DTLB miss, fills, evicts; STLB miss, fills, evicts; walk reads 0
		fetch 0x0000 -> ITLB hit
		read 0x0000  -> DTLB miss, fills, evicts; STLB hit
		`,
	);
	follows(
		"tell address spaces apart",
		machine({ caches: [], tlbs: [tlb({ name: "TLB", ways: 2 })] }),
		`
		read 0x0000        -> TLB miss, fills; walk reads 0
		read 0x0000 asid 1 -> TLB miss, fills; walk reads 0
		read 0x0000        -> TLB hit
		read 0x0000 asid 1 -> TLB hit
		`,
	);
	follows(
		"choose sets by the page number, of any number of sets",
		machine({ caches: [], tlbs: [tlb({ name: "TLB", sets: 3 })] }),
		`
		read 0x0000 -> TLB miss, fills; walk reads 0
		read 0x1000 -> TLB miss, fills; walk reads 0
		read 0x2000 -> TLB miss, fills; walk reads 0
		read 0x0000 -> TLB hit
		read 0x3000 -> TLB miss, fills, evicts; walk reads 0
		read 0x1000 -> TLB hit
		`,
	);
	follows(
		"hold huge pages beside base pages, or in a TLB of their own",
		machine({
			caches: [],
			tlbs: [
				tlb({ name: "small", serves: "data", pages: [12], next: [2] }),
				tlb({ name: "huge", serves: "data", pages: [21], next: [2] }),
				tlb({ name: "both", serves: "none", ways: 2, pages: [12, 21] }),
			],
			translation: { huge: [{ start: 0x200000n, end: 0x600000n, page: 21 }] },
		}),
		`
		read 0x000000 -> small miss, fills; both miss, fills; walk reads 0
		read 0x200000 -> huge miss, fills; both miss, fills; walk reads 0
		read 0x3ffff8 -> huge hit
		read 0x400000 -> huge miss, fills, evicts; both miss, fills, evicts; walk reads 0
		read 0x5f0000 -> huge hit
		read 0x000008 -> small hit
		`,
	);
	follows(
		"walk always for a page size that no TLB of the side holds, and never for a side without TLBs",
		machine({
			caches: [],
			tlbs: [tlb({ name: "TLB", serves: "data" })],
			translation: { huge: [{ start: 0x200000n, end: 0x400000n, page: 21 }] },
		}),
		`
		read 0x200000 -> walk reads 0
		read 0x200000 -> walk reads 0
		read 0x000000 -> TLB miss, fills; walk reads 0
		fetch 0x00000 ->
		`,
	);
	agrees(
		"agree with the oracle",
		{ tlbs: true, huge: true, replacement: EVERYTHING.replacement, levels: 1 },
		{ runs: 300, check: areConsistent },
	);
});

describe("a walk", () => {
	const walked = (walk: Partial<WalkConfig>, pages = [12]) =>
		machine({
			caches: [cache({ name: "L1", serves: "both" }), cache({ name: "entries", ways: 16 })],
			tlbs: [tlb({ name: "TLB", pages })],
			walk: { enabled: true, levels: [9, 9, 9], entry: 8, enters: 1, caches: [0, 0], ...walk },
			translation: { huge: [{ start: 0x40000000n, end: 0x40400000n, page: 21 }] },
		});

	follows(
		"reads an entry of each level, from the root to the leaf, in tables allocated as they are met",
		walked({}),
		`
		read 0x00000000 -> TLB miss, fills; walk reads 3; L1 read miss, fills; entries walk 3 miss, fills 3
		read 0x00001000 -> TLB miss, fills, evicts; walk reads 3; L1 read miss, fills, evicts; entries walk 3 hit
		read 0x00008000 -> TLB miss, fills, evicts; walk reads 3; L1 read miss, fills, evicts; entries walk 2 hit, walk 1 miss, fills
		read 0x00200000 -> TLB miss, fills, evicts; walk reads 3; L1 read miss, fills, evicts; entries walk 2 hit, walk 1 miss, fills
		read 0x80000000 -> TLB miss, fills, evicts; walk reads 3; L1 read miss, fills, evicts; entries walk 1 hit, walk 2 miss, fills 2
		read 0x80000008 -> TLB hit; L1 read hit
		`,
	);
	follows(
		"has tables of its own in each address space",
		walked({}),
		`
		read 0x00000000        -> TLB miss, fills; walk reads 3; L1 read miss, fills; entries walk 3 miss, fills 3
		read 0x00000000 asid 1 -> TLB miss, fills, evicts; walk reads 3; L1 read hit; entries walk 3 miss, fills 3
		`,
	);
	follows(
		"ends where an entry maps a huge page",
		walked({}, [12, 21]),
		`
		read 0x40000000 -> TLB miss, fills; walk reads 2; L1 read miss, fills; entries walk 2 miss, fills 2
		read 0x40200000 -> TLB miss, fills, evicts; walk reads 2; L1 read miss, fills, evicts; entries walk 2 hit
		`,
	);
	follows(
		"starts below the deepest hit in the paging-structure caches",
		walked({ caches: [1, 2] }),
		`
		read 0x00000000 -> TLB miss, fills; walk reads 3; L1 read miss, fills; entries walk 3 miss, fills 3
		read 0x00001000 -> TLB miss, fills, evicts; walk reads 1, cached; L1 read miss, fills, evicts; entries walk hit
		read 0x00200000 -> TLB miss, fills, evicts; walk reads 2, cached; L1 read miss, fills, evicts; entries walk 1 hit, walk 1 miss, fills
		read 0x80000000 -> TLB miss, fills, evicts; walk reads 3; L1 read miss, fills, evicts; entries walk 1 hit, walk 2 miss, fills 2
		read 0x00201000 -> TLB miss, fills, evicts; walk reads 1, cached; L1 read miss, fills, evicts; entries walk hit
		read 0x00002000 -> TLB miss, fills, evicts; walk reads 3; L1 read miss, fills, evicts; entries walk 3 hit
		`,
	);
	follows(
		"is counted when it is not enabled, and reads nothing",
		walked({ enabled: false, caches: [1, 2] }),
		`
		read 0x00000000 -> TLB miss, fills; walk reads 0; L1 read miss, fills
		read 0x00001000 -> TLB miss, fills, evicts; walk reads 0; L1 read miss, fills, evicts
		`,
	);
	follows(
		"is counted when its reads enter no cache",
		walked({ enters: -1 }),
		`
		read 0x00000000 -> TLB miss, fills; walk reads 3; L1 read miss, fills
		`,
	);
	follows(
		"reads through the data cache that serves it, and further levels when that misses",
		machine({
			caches: chain({ ways: 2 }, { ways: 8 }),
			tlbs: [tlb({ name: "TLB" })],
			walk: { enabled: true, levels: [9, 9], enters: 0, caches: [0] },
		}),
		`
		read 0x0000 -> TLB miss, fills; walk reads 2; L1 read miss, walk 2 miss, fills 3, evicts; L2 read miss, walk 2 miss, fills 3
		read 0x1000 -> TLB miss, fills, evicts; walk reads 2; L1 read miss, walk 2 miss, fills 3, evicts 3; L2 read miss, walk 2 hit, fills
		`,
	);
	agrees(
		"agrees with the oracle",
		{ tlbs: true, walks: true, huge: true, replacement: EVERYTHING.replacement, inclusion: EVERYTHING.inclusion },
		{ runs: 400, check: areConsistent },
	);
});
