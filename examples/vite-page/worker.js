// The worker: simulates, so that the page stays alive. A File is streamed, however long it is.

import { load, packRecord } from "stalemate";

const core = load();

self.onmessage = async ({ data }) => {
	try {
		postMessage(data === "matrix" ? await matrix() : await trace(data));
	} catch (error) {
		postMessage(error.message);
	}
};

async function matrix() {
	const orders = { rows: (i) => i, columns: (i) => (i % 512) * 512 + (i >> 9) };
	const lines = [];
	for (const [order, element] of Object.entries(orders)) {
		const simulation = (await core).simulator("broadwell");
		const reads = Array.from({ length: 512 * 512 }, (_, i) => packRecord("read", BigInt(element(i) * 8)));
		simulation.runRecords(BigUint64Array.from(reads));
		lines.push(`${order}\n${table(simulation.result())}`);
	}
	return lines.join("\n\n");
}

async function trace(file) {
	return table(await (await core).simulator("broadwell").runTrace(file));
}

function table({ caches }) {
	return caches
		.map(({ name, misses, missRatio }) => `${name.padEnd(4)} ${misses} misses, ${(missRatio * 100).toFixed(1)} %`)
		.join("\n");
}
