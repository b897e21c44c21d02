import { describe } from "vitest";
import { EVERYTHING } from "../oracle/arbitrary.ts";
import { chain, machine, tlb } from "../oracle/machines.ts";
import { agrees } from "./harness.ts";
import { areConsistent } from "./invariants.ts";
import { follows } from "./table.ts";

describe("several CPUs", () => {
	follows(
		"have private caches that know nothing of each other",
		machine({ cpus: 2, caches: chain({}, { ways: 4, sharedBy: 0 }) }),
		`
		write 0x00       -> L1 write miss, fills; L2 fill miss, fills
		write 0x00 cpu 1 -> L1 write miss, fills; L2 fill hit
		write 0x00       -> L1 write hit
		read 0x00 cpu 1  -> L1 read hit
		`,
	);
	follows(
		"share caches in groups",
		machine({ cpus: 5, caches: chain({ sharedBy: 2 }, { ways: 4, sharedBy: 4 }, { ways: 4, sharedBy: 0 }) }),
		`
		read 0x00       -> L1 read miss, fills; L2 read miss, fills; L3 read miss, fills
		read 0x00 cpu 1 -> L1 read hit
		read 0x00 cpu 2 -> L1 read miss, fills; L2 read hit
		read 0x00 cpu 3 -> L1 read hit
		read 0x00 cpu 4 -> L1 read miss, fills; L2 read miss, fills; L3 read hit
		`,
	);
	follows(
		"lose lines to each other through a shared inclusive level; the first CPU of the losing cache has the count",
		machine({
			cpus: 4,
			caches: chain({ ways: 2, sharedBy: 2 }, { ways: 2, inclusion: "inclusive", replacement: "fifo", sharedBy: 0 }),
		}),
		`
		write 0x00 cpu 1 -> L1 write miss, fills; L2 fill miss, fills
		read 0x00 cpu 3  -> L1 read miss, fills; L2 read hit
		read 0x40 cpu 1  -> L1 read miss, fills; L2 read miss, fills
		read 0x80 cpu 1  -> L1[0] loses; L1 read miss, fills; L1[2] loses; L2 read miss, fills, evicts, writes back
		`,
	);
	follows(
		"count an eviction for the CPU that caused it",
		machine({ cpus: 2, caches: chain({ sharedBy: 0 }, { sharedBy: 0 }) }),
		`
		write 0x00      -> L1 write miss, fills; L2 fill miss, fills
		read 0x40 cpu 1 -> L1 read miss, fills, evicts, writes back; L2 read miss, write miss, fills 2, evicts 2
		`,
	);
	follows(
		"have TLBs and paging-structure caches of their own, and page tables in common",
		machine({
			cpus: 2,
			caches: chain({ ways: 8, sharedBy: 0 }),
			tlbs: [tlb({ name: "TLB" })],
			walk: { enabled: true, levels: [9, 9], enters: 0, caches: [1] },
		}),
		`
		read 0x0000       -> TLB miss, fills; walk reads 2; L1 read miss, walk 2 miss, fills 3
		read 0x1000       -> TLB miss, fills, evicts; walk reads 1, cached; L1 read miss, walk hit, fills
		read 0x1000 cpu 1 -> TLB miss, fills; walk reads 2; L1 read hit, walk 2 hit
		`,
	);
	agrees(
		"agree with the oracle",
		{ cpus: 4, replacement: EVERYTHING.replacement, inclusion: EVERYTHING.inclusion, levels: 4 },
		{ runs: 250, check: areConsistent },
	);
	agrees(
		"agree with the oracle when there are nine",
		{ ...EVERYTHING, cpus: 9, levels: 3 },
		{ runs: 100, check: areConsistent },
	);
});
