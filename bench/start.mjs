// From nothing to a first result: a fresh process loads the package, compiles the core, builds a machine and simulates one
// reference. Node's own start is not counted.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median } from "./rounds.mjs";

const self = fileURLToPath(import.meta.url);

/** Milliseconds, the median of so many processes. */
export function measureStart(rounds) {
	const times = [];
	for (let round = 0; round < rounds; round++) {
		const child = spawnSync(process.execPath, [self, "--once"], { encoding: "utf8" });
		if (child.status !== 0) throw new Error(child.stderr);
		times.push(Number(child.stdout));
	}
	return median(times);
}

async function once() {
	const start = performance.now();
	const { loadSync, profile } = await import("../dist/index.js");
	const core = loadSync();
	const simulator = core.simulator(profile("compat-dinero-b2"));
	await simulator.runTrace(new TextEncoder().encode("2 400000\n"));
	process.stdout.write(String(performance.now() - start));
}

if (process.argv.includes("--once")) await once();
