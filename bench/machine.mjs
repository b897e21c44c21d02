// What is simulated: compat-dinero-b2 (L1 2 x 32K 8-way, L2 256K 8-way, L3 2M 16-way, 64-byte lines, LRU), without its TLBs
// and with them, and with four CPUs that share the L3; and the core that simulates it.

import { packMachine } from "../build/js/bindings/pack.js";
import { Simulator } from "../build/js/bindings/simulator.js";
import { loadTraceCoreSync } from "../build/js/bindings/trace-core.js";
import { unpackCounts } from "../build/js/bindings/unpack.js";
import { profile } from "../build/js/src/profiles/index.js";
import { resolve } from "../build/js/src/profiles/resolve.js";

const whole = resolve(profile("compat-dinero-b2"));

export const cachesOnly = {
	...whole,
	tlbs: [],
	walk: { ...whole.walk, enabled: false },
	translation: { ...whole.translation, policy: "identity" },
};

export const translated = { ...whole, translation: { ...whole.translation, policy: "first-touch" } };

export const coherent = { ...cachesOnly, cpus: 4, coherence: { protocol: "mesi", instructions: true } };

/** References per call into the core. */
const BATCH = 65536;

const core = loadTraceCoreSync();

/**
 * @param {BigUint64Array} records copied into Wasm memory here, before anything is timed
 * @param {{ cpu: number, count: number }[]} runs whose they are, in this order
 */
export function inMemory(config, records, runs = [{ cpu: 0, count: records.length }]) {
	const { exports } = core.instantiate();
	const at = exports.describe(config.caches.length, config.tlbs.length, config.translation.huge.length);
	packMachine(exports.memory, at, config, {});
	exports.build();
	const first = exports.allocate(BigInt(records.byteLength));
	new BigUint64Array(exports.memory.buffer, first, records.length).set(records);
	return {
		run() {
			let at = first;
			for (const { cpu, count } of runs) {
				for (let left = count; left > 0; left -= BATCH) {
					const part = Math.min(BATCH, left);
					const status = exports.run(cpu, 0, at, part);
					if (status !== 0) throw new Error(`the core answers with status ${status}`);
					at += part * 8;
				}
			}
		},
		counts: () => unpackCounts(exports.memory, exports.countsAt(), config),
	};
}

export function simulator(config) {
	return new Simulator(core, config);
}

/** Of each cache reads, read misses, writes, write misses, write-backs (what all contenders count); and of TLBs misses. */
export function comparable({ caches, tlbs }) {
	return {
		caches: caches.flatMap((row) => [
			row.fetches + row.reads,
			row.fetchMisses + row.readMisses,
			row.writes,
			row.writeMisses,
			row.writebacks,
		]),
		fills: caches.map(({ fills }) => fills),
		tlbs: tlbs.map(({ accesses, misses }) => ({ accesses, misses })),
	};
}
