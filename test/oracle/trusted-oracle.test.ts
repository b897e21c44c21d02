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
	it("has the counts of Dinero for b2", ({ skip }) => {
		const trace = trustedTrace("ls.mix.2M.din.gz") ?? skip();
		expect(trace.expected["ls.mix.2M"].b2).toMatchObject(asHierarchy(countsOf(b2(), readDin(trace.text))));
	});

	it("has the reference counts for bdw", ({ skip }) => {
		const trace = trustedTrace("ls.mix.2M.din.gz") ?? skip();
		expect(trace.expected["ls.mix.2M"].bdw).toMatchObject(asHierarchy(countsOf(bdw(), readDin(trace.text))));
	});

	it("has the counts of drcachesim for TLBs", ({ skip }) => {
		const trace = trustedTrace("ls.mix.2M.din.gz") ?? skip();
		expect(trace.expected["ls.mix.2M"].tlb).toMatchObject(asTlbs(countsOf(tlbs(), readDin(trace.text))));
	});

	it("has the counts of cachegrind", ({ skip }) => {
		const trace = trustedTrace("gzip_20k.lackey.gz") ?? skip();
		const counts = asCachegrind(countsOf(cachegrind(), readLackey(trace.text, 64)));
		expect(trace.expected.cachegrind_gzip_20k).toMatchObject(counts);
	});
});
