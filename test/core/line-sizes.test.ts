import { describe } from "vitest";
import { EVERYTHING } from "../oracle/arbitrary.ts";
import { chain, machine } from "../oracle/machines.ts";
import { agrees } from "./harness.ts";
import { areConsistent } from "./invariants.ts";
import { follows } from "./table.ts";

describe("lines of different sizes", () => {
	follows(
		"a fill of a long line makes a reference for each short one, in address order",
		machine({ caches: chain({ line: 128 }, { line: 32, ways: 2, replacement: "fifo" }) }),
		`
		read 0x60  -> L1 read miss, fills; L2 read 4 miss, fills 4, evicts 2
		read 0x80  -> L1 read miss, fills, evicts; L2 read 4 miss, fills 4, evicts 4
		`,
	);
	follows(
		"a fill of a short line makes one reference to a long one",
		machine({ caches: chain({ line: 32, ways: 8 }, { line: 128 }) }),
		`
		read 0x00 -> L1 read miss, fills; L2 read miss, fills
		read 0x20 -> L1 read miss, fills; L2 read hit
		read 0x78 -> L1 read miss, fills; L2 read hit
		read 0x80 -> L1 read miss, fills; L2 read miss, fills, evicts
		`,
	);
	follows(
		"a long line is written back as several short ones",
		machine({ caches: chain({ line: 64 }, { line: 16, ways: 8 }) }),
		`
		write 0x00 -> L1 write miss, fills; L2 fill 4 miss, fills 4
		read 0x40  -> L1 read miss, fills, evicts, writes back; L2 read 4 miss, write 4 hit, fills 4
		`,
	);
	follows(
		"a short line written back to a long one that is not there has it fetched",
		machine({ caches: chain({ line: 32, ways: 2, replacement: "fifo" }, { line: 64 }, { line: 64, ways: 8 }) }),
		`
		write 0x00 -> L1 write miss, fills; L2 fill miss, fills; L3 fill miss, fills
		read 0x40  -> L1 read miss, fills; L2 read miss, fills, evicts; L3 read miss, fills
		read 0x80  -> L1 read miss, fills, evicts, writes back; L2 read miss, write miss, fills 2, evicts 2; L3 read miss, fill hit, fills
		`,
	);
	follows(
		"a fill through three sizes is split at each of them",
		machine({ caches: chain({ line: 64 }, { line: 16, ways: 8 }, { line: 32, ways: 8 }) }),
		`
		read 0x00  -> L1 read miss, fills; L2 read 4 miss, fills 4; L3 read 2 hit, read 2 miss, fills 2
		`,
	);
	follows(
		"a write passed on is one reference to one line",
		machine({ caches: chain({ line: 64, write: "through", allocate: false }, { line: 8, ways: 8 }) }),
		`
		write 0x18 -> L1 write miss; L2 write miss, fills
		read 0x00  -> L1 read miss, fills; L2 read 1 hit, read 7 miss, fills 7
		`,
	);
	agrees("agree with the oracle", { mixedLines: true, levels: 4 }, { runs: 250, check: areConsistent });
	agrees(
		"agree with the oracle under every policy",
		{
			mixedLines: true,
			levels: 4,
			write: EVERYTHING.write,
			noAllocate: true,
			inclusion: EVERYTHING.inclusion,
			replacement: EVERYTHING.replacement,
		},
		{ runs: 250, check: areConsistent },
	);
});
