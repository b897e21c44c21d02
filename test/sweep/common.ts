import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import type { Row, SweepSpec } from "../../src/sweep/index.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const SAMPLE = join(ROOT, "examples/sample/sample.packed.gz");

/** A folder that is gone after the tests of a file. */
export function folder(): string {
	const path = mkdtempSync(join(tmpdir(), "stalemate-sweep-"));
	afterAll(() => rmSync(path, { recursive: true, force: true }));
	return path;
}

/** One LRU cache for data and one for code, and nothing else. */
export const SINGLE = [
	"caches.L2=none",
	"caches.L3=none",
	"tlbs=none",
	"translation.policy=identity",
	"caches.L1D.replacement=lru",
	"caches.L1I.replacement=lru",
];

/** 28 geometries of one cache. */
export const GEOMETRIES: SweepSpec = {
	verb: "trace",
	inputs: { trace: SAMPLE, profile: "broadwell", sets: SINGLE },
	axes: [
		{ path: "profile.caches.L1D.size", log: { from: "4K", to: "256K" } },
		{ path: "profile.caches.L1D.ways", list: [1, 2, 4, 8] },
	],
	outputs: ["*"],
};

export async function all(rows: AsyncIterable<Row>): Promise<Row[]> {
	const found: Row[] = [];
	for await (const row of rows) found.push(row);
	return found.sort((a, b) => (a.key < b.key ? -1 : 1));
}
