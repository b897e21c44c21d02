import type { SearchProgress } from "../../bindings/explorer.ts";
import type { Running } from "./search.ts";

/** Runs something to its end. */
export function finish<T>(running: Running<T>): T {
	for (;;) {
		const { done, value } = running.next();
		if (done) return value;
	}
}

/** How a long run is driven: what it tells meanwhile, and what ends it early. */
export interface DriveOptions {
	/** When it is aborted, the search ends with what it has seen: INCOMPLETE, unless it had found a hazard. */
	signal?: AbortSignal;
	onProgress?: (progress: SearchProgress) => void;
}

/** Milliseconds between two turns of the event loop. */
const TURN = 30;

/** Runs something to its end, and lets the event loop go on meanwhile. */
export async function drive<T>(running: Running<T>, { signal, onProgress }: DriveOptions = {}): Promise<T> {
	let turn = performance.now();
	for (;;) {
		const { done, value } = signal?.aborted ? running.next("stop") : running.next();
		if (done) return value;
		onProgress?.(value);
		if (performance.now() - turn < TURN) continue;
		await new Promise((resolve) => setTimeout(resolve, 0));
		turn = performance.now();
	}
}
