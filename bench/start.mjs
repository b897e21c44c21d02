// From nothing to a first result, in fresh processes: start-once.mjs.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { SOURCES } from "./paths.mjs";
import { median } from "./rounds.mjs";

const PARTS = ["import", "compile", "build a machine", "run"];

/** Milliseconds, of so many processes the medians: of all, and of its parts by name. */
export function measureStart(rounds) {
	const runs = [];
	for (let round = 0; round < rounds; round++) {
		const child = spawnSync(process.execPath, [join(SOURCES, "start-once.mjs")], { encoding: "utf8" });
		if (child.status !== 0) throw new Error(child.stderr);
		runs.push(JSON.parse(child.stdout));
	}
	const total = median(runs.map((parts) => parts.reduce((sum, part) => sum + part, 0)));
	return { total, parts: PARTS.map((name, i) => [name, median(runs.map((parts) => parts[i]))]) };
}
