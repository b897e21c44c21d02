/** Small traces and machines that several tests share. */

import { loadSync } from "../../src/index.ts";
import type { SimulationResult } from "../../src/simulate/result.ts";

export const core = loadSync();

/** A din trace of `length` references: a loop of code, data that wanders through `lines` cache lines, every fourth written. */
export function din(length: number, lines = 3000): string {
	const text: string[] = [];
	let state = 1;
	for (let i = 0; i < length; i++) {
		if (i % 2 === 0) {
			text.push(`2 ${(0x400000 + (i % 200) * 4).toString(16)}`);
			continue;
		}
		state = (state * 1103515245 + 12345) % 2 ** 31;
		text.push(`${i % 8 === 1 ? 1 : 0} ${(0x10000000 + (state % lines) * 64).toString(16)}`);
	}
	return `${text.join("\n")}\n`;
}

export function bytes(text: string): Uint8Array {
	return new TextEncoder().encode(text);
}

/** Chunks that come one by one, each after a turn of the event loop. */
export async function* chunks(text: string, size: number): AsyncGenerator<Uint8Array> {
	const all = bytes(text);
	for (let at = 0; at < all.length; at += size) {
		await new Promise((resolve) => setImmediate(resolve));
		yield all.subarray(at, at + size);
	}
}

/** The counts alone, to be compared. */
export function countsOf({ references, caches, tlbs, walks }: SimulationResult) {
	return { references, caches, tlbs, walks };
}

/** One small cache for both sides, with latencies that are easy to multiply. */
export const tiny = {
	caches: { L1: { size: 128, ways: 2, line: 64, latency: 1 } },
	tlbs: {},
	memory: { cycles: 100 },
};
