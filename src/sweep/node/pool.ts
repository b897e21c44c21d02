import { Tinypool } from "tinypool";
import type { Common, Pool } from "../host.ts";

/** `worker`: the module that the threads load. */
export function openPool(
	threads: number,
	common: Common,
	worker = new URL("./sweep-worker.js", import.meta.url),
): Pool {
	const pool = new Tinypool({
		filename: worker.href,
		minThreads: threads,
		maxThreads: threads,
		workerData: common,
		// A thread that waits for a task in Atomics.wait cannot be told to end by the garbage collector of shared memory.
		useAtomics: false,
	});
	// A thread that dies without a task has nothing to tell; the next task finds out.
	pool.on("error", () => {});
	return {
		run: (tasks, signal) => pool.run(tasks, { signal }),
		close: () => pool.destroy(),
	};
}
