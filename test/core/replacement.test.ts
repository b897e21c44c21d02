import { describe, expect, it } from "vitest";
import type { Replacement } from "../../bindings/config.ts";
import { EVERYTHING } from "../oracle/arbitrary.ts";
import { chain, machine, tlb } from "../oracle/machines.ts";
import { Oracle } from "../oracle/oracle.ts";
import { differences } from "../oracle/print.ts";
import { agrees, longTrace, simulate } from "./harness.ts";
import { follows, hits } from "./table.ts";

const oneSet = (replacement: Replacement, ways: number) => machine({ caches: chain({ ways, replacement }) });

describe("lru", () => {
	hits(
		"replaces the least recently touched line",
		oneSet("lru", 2),
		`
		A B A C A B
		. . H . H .
		`,
	);
	hits(
		"touches a line on its fill",
		oneSet("lru", 3),
		`
		A B C A D B
		. . . H . .
		`,
	);
	agrees("agrees with the oracle", { replacement: ["lru"] }, { runs: 100 });
});

describe("fifo", () => {
	hits(
		"replaces the line allocated longest ago, hit or not",
		oneSet("fifo", 2),
		`
		A B A C A B C
		. . H . . . .
		`,
	);
	agrees("agrees with the oracle", { replacement: ["fifo"] }, { runs: 100 });
});

describe("plru", () => {
	hits(
		"follows the pointers, which point away from the last touch on each side",
		oneSet("plru", 4),
		`
		A B C D A E B C D
		. . . . H . H . .
		`,
	);
	hits(
		"takes the left branch where the right subtree has no way",
		oneSet("plru", 3),
		`
		A B C D B E C
		. . . . H . .
		`,
	);
	agrees("agrees with the oracle", { replacement: ["plru"] }, { runs: 100 });
});

describe("srrip", () => {
	hits(
		"keeps a line that was hit while a scan goes by",
		oneSet("srrip", 2),
		`
		A A B C D A
		. H . . . H
		`,
	);
	hits(
		"replaces the lowest of the ways that are farthest away",
		oneSet("srrip", 2),
		`
		A B C B A
		. . . H .
		`,
	);
	agrees("agrees with the oracle", { replacement: ["srrip"] }, { runs: 100 });
});

describe("random", () => {
	// From seed 1 the generator's upper bits choose way 2 (C leaves), then 1 (B), 0 (A), 2 (E) of 4.
	hits(
		"replaces the way that the generator names",
		oneSet("random", 4),
		`
		A B C D E A B D E C A D E C B C D E B A B C D E
		. . . . . H H H H . H H H H . H H H H . H H H .
		`,
	);
	agrees("agrees with the oracle", { replacement: ["random"] }, { runs: 100 });
});

describe("invalid ways", () => {
	follows(
		"are used before a victim is chosen, lowest number first",
		machine({
			caches: chain({ ways: 2 }, { sets: 2, ways: 1, inclusion: "inclusive" }),
		}),
		`
		read 0x00 -> L1 read miss, fills; L2 read miss, fills
		read 0x40 -> L1 read miss, fills; L2 read miss, fills
		read 0x80 -> L1 read miss, fills, loses; L2 read miss, fills, evicts
		read 0x40 -> L1 read hit
		`,
	);
});

describe("every level with a policy of its own", () => {
	agrees("agrees with the oracle", { replacement: EVERYTHING.replacement, levels: 4 }, { runs: 200 });
});

describe("large caches", () => {
	it.each([
		[1, 64, "plru"],
		[1, 33, "plru"],
		[1, 100, "lru"],
		[1, 512, "lru"],
		[3, 200, "fifo"],
		[1, 300, "srrip"],
		[2, 257, "random"],
		[1237, 20, "lru"],
		[28_672, 20, "plru"],
	] as const)("%i sets of %i ways agree with the oracle (%s)", { timeout: 60_000 }, (sets, ways, replacement) => {
		const config = machine({
			caches: chain({ sets: 4, ways: 2 }, { sets, ways, replacement }),
			tlbs: [tlb({ sets: Math.min(sets, 16), ways, replacement })],
		});
		const records = longTrace(25_000, Math.ceil((sets * ways) / 32));
		const [oracle, simulator] = [new Oracle(config), simulate(config)];
		oracle.runRecords(records);
		simulator.runRecords(records);
		const counts = simulator.counts();
		expect(differences(oracle.counts(), counts, config)).toEqual([]);
		if (sets * ways < 10_000) expect(counts.caches[1]!.evictions).toBeGreaterThan(100);
	});
});
