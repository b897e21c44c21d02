// Writes expected.json: the counts of the sample on three machines, to be compared by a test (and by you, on your machine).
// Run it when the sample or a profile changes, and look at what changed.

import { readFileSync, writeFileSync } from "node:fs";
import { load, openTrace, runTogether } from "../../dist/index.js";

const MACHINES = /** @type {const} */ (["broadwell", "e500v2", "pa8800", "compat-dinero-b2"]);

const core = await load();
const trace = openTrace(readFileSync(new URL("sample.packed.gz", import.meta.url)));
const results = await runTogether(
	MACHINES.map((id) => core.simulator(id)),
	trace,
);
/** @type {Record<string, object>} */
const expected = {};
for (const { profile, profileVersion, references, caches, tlbs } of results) {
	const levels = [...caches, ...tlbs].map(({ name, accesses, misses }) => [name, { accesses, misses }]);
	expected[profile] = { profileVersion, references, ...Object.fromEntries(levels) };
}
writeFileSync(new URL("expected.json", import.meta.url), `${JSON.stringify(expected, undefined, "\t")}\n`);
