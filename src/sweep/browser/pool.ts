import { type Remote, releaseProxy, wrap } from "comlink";
import type { Outcome, Task } from "../execute.ts";
import type { Common, Pool } from "../host.ts";
import type { MakeWorker } from "./host.ts";
import type { Thread } from "./sweep-worker.ts";

interface Running {
	worker: Worker;
	remote: Remote<Thread>;
	/** Rejects when the worker dies. */
	died: Promise<never>;
}

/** Workers of a page: each runs one task at a time; one that dies or is too slow is replaced. */
export function openPool(threads: number, common: Common, make: MakeWorker): Pool {
	const idle: Running[] = [];
	const waiting: ((thread: Running) => void)[] = [];
	const all = new Set<Running>();

	const start = (): Running => {
		const worker = make();
		const remote = wrap<Thread>(worker);
		const died = new Promise<never>((_, reject) => {
			worker.addEventListener("error", (event) => {
				event.preventDefault();
				reject(new Error(event.message || "a worker of the sweep did not start or died"));
			});
			worker.addEventListener("messageerror", () => reject(new Error("a message of a worker could not be read")));
		});
		died.catch(() => {});
		const thread = { worker, remote, died };
		all.add(thread);
		return thread;
	};
	const end = (thread: Running) => {
		all.delete(thread);
		thread.remote[releaseProxy]();
		thread.worker.terminate();
	};
	const give = (thread: Running) => {
		const next = waiting.shift();
		if (next) next(thread);
		else idle.push(thread);
	};
	const take = (): Promise<Running> => {
		const thread = idle.pop() ?? (all.size < threads ? start() : undefined);
		return thread ? Promise.resolve(thread) : new Promise((resolve) => waiting.push(resolve));
	};
	const begun = new WeakSet<Running>();

	return {
		async run(tasks: Task[], signal: AbortSignal): Promise<Outcome[]> {
			const thread = await take();
			const aborted = new Promise<never>((_, reject) => {
				signal.addEventListener("abort", () => reject(new Error("ended")), { once: true });
			});
			aborted.catch(() => {});
			try {
				const work = async () => {
					if (!begun.has(thread)) await thread.remote.begin(common);
					begun.add(thread);
					return thread.remote.run(tasks);
				};
				const outcomes = await Promise.race([work(), thread.died, aborted]);
				give(thread);
				return outcomes;
			} catch (cause) {
				// What it is doing cannot be told to stop.
				end(thread);
				if (waiting.length > 0) give(start());
				throw cause;
			}
		},
		async close() {
			for (const thread of all) end(thread);
		},
	};
}
