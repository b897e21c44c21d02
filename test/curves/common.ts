/** What the tests of the one-pass engine have in common: the Simulator of one geometry beside it, and traces. */

import type { CacheCounts } from "../../bindings/counts.ts";
import { KIND_FETCH, KIND_MASK, KIND_READ, KIND_WRITE } from "../../bindings/layout/records.ts";
import { loadPassCoreSync } from "../../bindings/pass-core.ts";
import { Simulator } from "../../bindings/simulator.ts";
import type { GeometryCounts, Stream } from "../../bindings/stack.ts";
import { loadTraceCoreSync } from "../../bindings/trace-core.ts";
import { cache, machine } from "../oracle/machines.ts";
import { readDin, trustedTrace } from "../oracle/traces.ts";

export const core = loadPassCoreSync();
const machines = loadTraceCoreSync();

const SERVES = { unified: "both", fetch: "fetch", data: "data" } as const;

/** A machine of one cache that serves a stream and nothing else. */
export function simulatorOf({ line, sets, ways }: { line: number; sets: number; ways: number }, of: Stream, cpus = 1) {
	return new Simulator(
		machines,
		machine({ cpus, caches: [cache({ line, sets, ways, serves: SERVES[of], sharedBy: 0 })] }),
	);
}

/** The counts of that one cache, as a pass gives them. */
export function countsOf(simulator: Simulator): Omit<GeometryCounts, "line" | "sets" | "ways" | "bytes"> {
	const rows = simulator.counts().caches;
	const sum = (of: keyof CacheCounts) => rows.reduce((total, row) => total + row[of], 0);
	return {
		fetches: sum("fetches"),
		fetchMisses: sum("fetchMisses"),
		reads: sum("reads"),
		readMisses: sum("readMisses"),
		writes: sum("writes"),
		writeMisses: sum("writeMisses"),
		fills: sum("fills"),
		evictions: sum("evictions"),
		writebacks: sum("writebacks"),
	};
}

export function isIn(of: Stream, record: bigint): boolean {
	const fetch = (record & BigInt(KIND_MASK)) === BigInt(KIND_FETCH);
	return of === "unified" || fetch === (of === "fetch");
}

/** 2 000 000 references of ls where they are at hand, else as many that a seed makes. */
export function longTrace(): BigUint64Array {
	const trace = trustedTrace("ls.mix.2M.din.gz");
	return trace ? readDin(trace.text) : generated(2_000_000);
}

/** References of a program that never was: straight code with jumps, a stack, arrays, and some that hop about. */
export function generated(count: number, seed = 1989): BigUint64Array {
	const random = randomOf(seed);
	const records = new BigUint64Array(count);
	let [code, array, stack] = [0x400000, 0x7f0000000000, 0x7ffd00000000];
	for (let i = 0; i < count; i++) {
		const choice = random();
		let [address, kind] = [code, KIND_FETCH];
		if (choice < 0.5) {
			code = random() < 0.1 ? 0x400000 + Math.floor(random() ** 3 * 2 ** 18) : code + 4;
		} else {
			kind = random() < 0.3 ? KIND_WRITE : KIND_READ;
			if (choice < 0.7) {
				stack += 8 * Math.floor(random() * 9 - 4);
				address = stack;
			} else if (choice < 0.9) {
				array = random() < 0.01 ? 0x7f0000000000 + Math.floor(random() * 2 ** 22) : array + 8;
				address = array;
			} else address = 0x10000000 + Math.floor(random() ** 4 * 2 ** 24);
		}
		records[i] = (BigInt(Math.floor(address / 8)) << 3n) | BigInt(kind);
	}
	return records;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let x = Math.imul(state ^ (state >>> 15), state | 1);
		x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
		return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
	};
}
