import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Counts } from "../../bindings/counts.ts";
import { openTrace, type ProfileId, type SimulationResult } from "../../src/index.ts";
import { trustedTrace } from "../oracle/traces.ts";
import { asCachegrind, asHierarchy, asTlbs } from "../oracle/trusted.ts";
import { core } from "./traces.ts";

/** Counts by others have no names and no ratios. */
function asCounts({ references, caches, tlbs, walks }: SimulationResult): Counts {
	return { references, caches, tlbs, walks } as unknown as Counts;
}

async function run(id: ProfileId, trace: ReturnType<typeof openTrace>): Promise<Counts> {
	return asCounts(await core.simulator(id).runTrace(trace));
}

describe("2 000 000 references of ls, in the packed form", () => {
	const data = new URL("../data/", import.meta.url);
	const expected = JSON.parse(readFileSync(new URL("ls.2M.expected.json", data), "utf8"));
	const ls = () => openTrace(readFileSync(new URL("ls.2M.packed.gz", data)));

	it("have the counts of Dinero on compat-dinero-b2", async () => {
		const counts = await run("compat-dinero-b2", ls());
		expect(counts.references.total).toBe(expected.b2.n);
		expect({ ...expected.b2, ...asHierarchy(counts) }).toEqual(expected.b2);
	});

	it("have the reference counts on compat-bdw", async () => {
		expect({ ...expected.bdw, ...asHierarchy(await run("compat-bdw", ls())) }).toEqual(expected.bdw);
	});

	it("have the TLB counts of drcachesim", async () => {
		expect({ ...expected.tlb, ...asTlbs(await run("compat-bdw", ls())) }).toEqual(expected.tlb);
	});
});

describe("the whole run of gzip, as valgrind wrote it", () => {
	const gzip = trustedTrace("gzip_20k.lackey.gz");

	it.runIf(gzip)("has the counts of cachegrind on compat-cachegrind", async () => {
		const { cachegrind_gzip_20k: expected } = gzip!.expected;
		const counts = await run("compat-cachegrind", openTrace(gzip!.text));
		expect({ ...expected, ...asCachegrind(counts) }).toEqual(expected);
	});
});

describe("the sample", () => {
	const folder = new URL("../../examples/sample/", import.meta.url);
	const expected = JSON.parse(readFileSync(new URL("expected.json", folder), "utf8"));
	const packed = readFileSync(new URL("sample.packed.gz", folder));

	it.each(Object.keys(expected) as ProfileId[])("has the counts on %s that are written beside it", async (id) => {
		const { profileVersion, references, caches, tlbs } = await core.simulator(id).runTrace(openTrace(packed));
		const levels = [...caches, ...tlbs].map(({ name, accesses, misses }) => [name, { accesses, misses }]);
		expect({ profileVersion, references, ...Object.fromEntries(levels) }).toEqual(expected[id]);
	});

	it("is small enough to be kept", () => {
		expect(packed.length).toBeLessThan(2 ** 20);
	});
});
