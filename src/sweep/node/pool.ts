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
	/** A thread that ends by itself, without an error, would not be missed otherwise. */
	const watched = new WeakSet<object>();
	const watch = () => {
		for (const thread of pool.threads) {
			if (watched.has(thread)) continue;
			watched.add(thread);
			thread.once("exit", (code) => {
				if (pool.threads.includes(thread)) thread.emit("error", new Error(`the thread ended with exit code ${code}`));
			});
		}
	};
	return {
		run: (tasks, signal) => {
			const running = pool.run(tasks, { signal });
			watch();
			return running;
		},
		close: () => pool.destroy(),
	};
}
