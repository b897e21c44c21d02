import { describe, expect, it } from "vitest";
import type { MachineConfig } from "../../bindings/config.ts";
import type { Counts } from "../../bindings/counts.ts";
import { b2, bdw, cachegrind, tlbs } from "../oracle/machines.ts";
import { readDin, readLackey, trustedTrace } from "../oracle/traces.ts";
import { asCachegrind, asHierarchy, asTlbs } from "../oracle/trusted.ts";
import { simulate } from "./harness.ts";

function countsOf(config: MachineConfig, records: BigUint64Array): Counts {
	const simulator = simulate(config);
	simulator.runRecords(records);
	return simulator.counts();
}

describe("the core on 2 000 000 references of ls", () => {
	const trace = trustedTrace("ls.mix.2M.din.gz");
	const records = trace ? readDin(trace.text) : new BigUint64Array();

	it.runIf(trace)("has the counts of Dinero for b2", () => {
		expect(trace!.expected["ls.mix.2M"].b2).toMatchObject(asHierarchy(countsOf(b2(), records)));
	});

	it.runIf(trace)("has the reference counts for bdw", () => {
		expect(trace!.expected["ls.mix.2M"].bdw).toMatchObject(asHierarchy(countsOf(bdw(), records)));
	});

	it.runIf(trace)("has the counts of drcachesim for TLBs", () => {
		expect(trace!.expected["ls.mix.2M"].tlb).toMatchObject(asTlbs(countsOf(tlbs(), records)));
	});
});

describe("the core on the 3 947 438 accesses of gzip", () => {
	const trace = trustedTrace("gzip_20k.lackey.gz");

	it.runIf(trace)("has the counts of cachegrind", { timeout: 60_000 }, () => {
		const counts = asCachegrind(countsOf(cachegrind(), readLackey(trace!.text, 64)));
		expect(trace!.expected.cachegrind_gzip_20k).toMatchObject(counts);
	});
});
