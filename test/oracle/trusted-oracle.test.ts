// The oracle itself against the trusted counts of the real traces, whole: about a minute, so only on demand:
// STALEMATE_SLOW=1 npx vitest run test/oracle

import { describe, expect, it } from "vitest";
import type { MachineConfig } from "../../bindings/config.ts";
import type { Counts } from "../../bindings/counts.ts";
import { b2, bdw, cachegrind, tlbs } from "./machines.ts";
import { Oracle } from "./oracle.ts";
import { readDin, readLackey, trustedTrace } from "./traces.ts";
import { asCachegrind, asHierarchy, asTlbs } from "./trusted.ts";

function countsOf(config: MachineConfig, records: BigUint64Array): Counts {
	const oracle = new Oracle(config);
	oracle.runRecords(records);
	return oracle.counts();
}

describe.runIf(process.env.STALEMATE_SLOW)("the oracle on real traces", { timeout: 300_000 }, () => {
	const din = trustedTrace("ls.mix.2M.din.gz");
	const lackey = trustedTrace("gzip_20k.lackey.gz");

	it.runIf(din)("has the counts of Dinero for b2", () => {
		const { b2: expected } = din!.expected["ls.mix.2M"];
		expect({ ...expected, ...asHierarchy(countsOf(b2(), readDin(din!.text))) }).toEqual(expected);
	});

	it.runIf(din)("has the reference counts for bdw", () => {
		const { bdw: expected } = din!.expected["ls.mix.2M"];
		expect({ ...expected, ...asHierarchy(countsOf(bdw(), readDin(din!.text))) }).toEqual(expected);
	});

	it.runIf(din)("has the counts of drcachesim for TLBs", () => {
		const { tlb: expected } = din!.expected["ls.mix.2M"];
		expect({ ...expected, ...asTlbs(countsOf(tlbs(), readDin(din!.text))) }).toEqual(expected);
	});

	it.runIf(lackey)("has the counts of cachegrind", () => {
		const { cachegrind_gzip_20k: expected } = lackey!.expected;
		const counts = asCachegrind(countsOf(cachegrind(), readLackey(lackey!.text, 64)));
		expect({ ...expected, ...counts }).toEqual(expected);
	});
});
