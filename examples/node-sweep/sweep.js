// How large should the first data cache be, and of how many ways? `node sweep.js [TRACE] [PROFILE]`

import { fileURLToPath } from "node:url";
import { heatMap, pareto, StalemateError, sweep } from "stalemate/sweep";

const sample = fileURLToPath(import.meta.resolve("stalemate/sample.packed.gz"));
const [trace = sample, profile = "broadwell"] = process.argv.slice(2);
const size = "profile.caches.L1D.size";
const ways = "profile.caches.L1D.ways";

const spec = {
	verb: "trace",
	inputs: { trace, profile },
	axes: [
		{ path: size, log: { from: "16K", to: "64K" } },
		{ path: ways, list: [4, 8, 16] },
	],
	outputs: ["L1D.misses", "L1D.missRatio", "cycles.perReference"],
};

try {
	const rows = [];
	// Every processor takes part; rows come as they are ready.
	for await (const row of sweep(spec)) {
		if (row.status === "ok") rows.push(row);
		else throw new Error(`${row[size]} in ${row[ways]} ways: ${row.error}`);
	}
	console.log(heatMap(rows, ways, size, "L1D.missRatio").join("\n"));
	console.log("\nNo smaller one has fewer misses:");
	for (const row of pareto(rows, size, "L1D.misses")) {
		console.log(
			`${row[size] / 1024}K, ${row[ways]} ways: ${row["L1D.misses"]} misses, ${row["cycles.perReference"].toFixed(2)} cycles`,
		);
	}
} catch (error) {
	if (!(error instanceof StalemateError)) throw error;
	console.error(`error[${error.code}]: ${error.message}`);
	process.exitCode = 2;
}
