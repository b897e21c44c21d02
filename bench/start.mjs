// From nothing to a first result: a fresh process loads the package, compiles the core, builds a machine and simulates one
// reference. Node's own start is not counted.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median } from "./rounds.mjs";

const self = fileURLToPath(import.meta.url);

const PARTS = ["import", "compile", "build a machine", "run"];

/** Milliseconds, of so many processes the medians: of all, and of its parts by name. */
export function measureStart(rounds) {
	const runs = [];
	for (let round = 0; round < rounds; round++) {
		const child = spawnSync(process.execPath, [self, "--once"], { encoding: "utf8" });
		if (child.status !== 0) throw new Error(child.stderr);
		runs.push(JSON.parse(child.stdout));
	}
	const total = median(runs.map((parts) => parts.reduce((sum, part) => sum + part, 0)));
	return { total, parts: PARTS.map((name, i) => [name, median(runs.map((parts) => parts[i]))]) };
}

async function once() {
	const times = [performance.now()];
	const then = () => times.push(performance.now());
	const { loadSync, profile } = await import("../dist/index.js");
	then();
	const core = loadSync();
	then();
	const simulator = core.simulator(profile("compat-dinero-b2"));
	then();
	await simulator.runTrace(new TextEncoder().encode("2 400000\n"));
	then();
	console.log(JSON.stringify(PARTS.map((_, i) => times[i + 1] - times[i])));
}

if (process.argv.includes("--once")) await once();
