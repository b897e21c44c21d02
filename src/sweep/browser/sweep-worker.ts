// What a worker of a page runs.

import { expose } from "comlink";
import { Executor, type Outcome, type Task } from "../execute.ts";
import type { Common } from "../host.ts";

let executor: Executor | undefined;

const thread = {
	begin(common: Common): void {
		executor = new Executor(common);
	},
	/** Runs units one after the other. */
	async run(tasks: Task[]): Promise<Outcome[]> {
		const outcomes: Outcome[] = [];
		for (const task of tasks) outcomes.push(...(await executor!.run(task)));
		return outcomes;
	},
};

/** What a page asks of this worker, through comlink. */
export type Thread = typeof thread;

expose(thread);
