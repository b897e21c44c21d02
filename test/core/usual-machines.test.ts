// Machines like real ones and references that repeat: where the core may take shortcuts.

import { describe, expect, it } from "vitest";
import type { MachineConfig } from "../../bindings/config.ts";
import { b2, tlb } from "../oracle/machines.ts";
import { Oracle } from "../oracle/oracle.ts";
import { differences } from "../oracle/print.ts";
import { run } from "../oracle/trace.ts";
import { readDin, trustedTrace } from "../oracle/traces.ts";
import { usualCase } from "../oracle/usual.ts";
import { RUNS } from "../properties.ts";
import { agrees, simulate } from "./harness.ts";
import { areConsistent } from "./invariants.ts";

describe("machines like real ones, on references that repeat", () => {
	agrees("agree with the oracle", usualCase, { runs: 600, check: areConsistent });
	agrees("agree with the oracle, classed and with the hottest keys", usualCase, {
		runs: 200,
		options: ({ caches, seed }) => ({
			classify: seed % 2n === 0n,
			hot: { cache: Number(seed % BigInt(caches.length)), by: (["line", "page", "set"] as const)[Number(seed % 3n)]! },
		}),
	});
	agrees("agree with the oracle after a reset of the counts in the middle", usualCase, {
		runs: 200,
		feed: (runner, trace) => {
			const half = Math.floor(trace.length / 2);
			run(runner, trace.slice(0, half));
			runner.resetCounts();
			run(runner, trace.slice(half));
		},
	});
	agrees("agree with the oracle in batches of a few references", usualCase, {
		runs: 200,
		feed: (runner, trace) => run(runner, trace, runner instanceof Oracle ? undefined : 1 + (trace.length % 5)),
	});
});

/** Caches as in b2, 4 KiB and 2 MiB pages in two levels of TLBs, walks, frames as they are touched. */
function translated(change: (config: MachineConfig) => void = () => {}): MachineConfig {
	const config: MachineConfig = {
		...b2(),
		tlbs: [
			tlb({ name: "ITLB", sets: 16, ways: 4, serves: "fetch", next: [2] }),
			tlb({ name: "DTLB", sets: 16, ways: 4, serves: "data", next: [2] }),
			tlb({ name: "STLB", sets: 128, ways: 6, serves: "none" }),
		],
		walk: { enabled: true, levels: [9, 9, 9, 9], entry: 8, enters: 1, caches: [2, 4, 16] },
		translation: { policy: "first-touch", page: 12, colours: 16, frames: 22, huge: [] },
	};
	change(config);
	return config;
}

describe("a real trace", () => {
	const trace = trustedTrace("ls.mix.2M.din.gz");
	const records = trace ? readDin(trace.text).subarray(0, 120_000 * RUNS) : new BigUint64Array();

	const machines: Record<string, MachineConfig> = {
		"plain caches": b2(),
		"TLBs and walks": translated(),
		"tree-PLRU and an inclusive last level": translated(({ caches }) => {
			for (const level of caches) level.replacement = "plru";
			caches[3] = { ...caches[3]!, sets: 512, ways: 8, replacement: "srrip", inclusion: "inclusive" };
		}),
		"an exclusive last level of any number of sets": translated(({ caches, translation }) => {
			caches[3] = { ...caches[3]!, sets: 1237, inclusion: "exclusive", replacement: "random" };
			translation.policy = "coloured";
		}),
		"virtual caches and write-through": translated(({ caches, translation }) => {
			for (const level of caches.slice(0, 2)) Object.assign(level, { index: "virtual", tag: "virtual", sets: 100 });
			Object.assign(caches[1]!, { write: "through", allocate: false });
			translation.policy = "random";
		}),
	};

	it.runIf(trace).each(Object.entries(machines))(
		"has the oracle's counts with %s",
		{ timeout: 60_000 },
		(_, config) => {
			const options = { classify: true, hot: { cache: 2, by: "line" as const } };
			const [oracle, simulator] = [new Oracle(config, options), simulate(config, options)];
			oracle.runRecords(records);
			simulator.runRecords(records);
			expect(differences(oracle.counts(), simulator.counts(), config)).toEqual([]);
			expect(simulator.hottest(100)).toEqual(oracle.hottest(100));
		},
	);
});
