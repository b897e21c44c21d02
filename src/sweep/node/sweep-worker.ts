// What a thread of the pool runs.

import { workerData } from "node:worker_threads";
import { Executor, type Outcome, type Task } from "../execute.ts";
import type { Common } from "../host.ts";

// The pool puts what it has to say itself first.
const executor = new Executor((workerData as [unknown, Common])[1]);

/** Runs units one after the other. */
export default async function run(tasks: Task[]): Promise<Outcome[]> {
	const outcomes: Outcome[] = [];
	for (const task of tasks) outcomes.push(...(await executor.run(task)));
	return outcomes;
}
