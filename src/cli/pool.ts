// Runs in as many threads as there are processors.

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { CheckOptions, CheckRun, Planned, SearchResult, Weakened } from "../check/index.ts";
import { type ErrorCode, StalemateError } from "../index.ts";

/** One run, of a scenario as it is or without one of its actions. */
export interface Job {
	file: string;
	text: string;
	planned: Planned;
	options: CheckOptions;
	action?: string;
}

export interface Done {
	run: CheckRun;
	milliseconds: number;
	stoppedBy: SearchResult["stoppedBy"];
	weakened?: Omit<Weakened, "checked">;
}

export type Answer = { id: number } & (Done | { error: { code: ErrorCode | undefined; message: string } });

interface Waiting {
	job: Job;
	resolve(done: Done): void;
	reject(error: unknown): void;
}

export class Pool {
	readonly #idle: Worker[] = [];
	readonly #all: Worker[] = [];
	readonly #queue: Waiting[] = [];
	readonly #running = new Map<number, Waiting>();
	#next = 0;

	/** `module`: the compiled core. */
	constructor(module: object, threads = availableParallelism()) {
		for (let i = 0; i < threads; i++) {
			const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData: module });
			worker.on("message", (answer: Answer) => this.#answered(worker, answer));
			worker.on("error", (error) => this.#failed(error));
			this.#all.push(worker);
			this.#idle.push(worker);
		}
	}

	run(job: Job): Promise<Done> {
		return new Promise((resolve, reject) => {
			this.#queue.push({ job, resolve, reject });
			this.#start();
		});
	}

	/** Ends the threads; what is not done is not done any more. */
	async close(): Promise<void> {
		await Promise.all(this.#all.map((worker) => worker.terminate()));
	}

	#start(): void {
		while (this.#idle.length > 0 && this.#queue.length > 0) {
			const waiting = this.#queue.shift()!;
			const id = this.#next++;
			this.#running.set(id, waiting);
			this.#idle.pop()!.postMessage({ id, job: waiting.job });
		}
	}

	#answered(worker: Worker, { id, ...answer }: Answer): void {
		const { resolve, reject } = this.#running.get(id)!;
		this.#running.delete(id);
		this.#idle.push(worker);
		this.#start();
		if ("error" in answer) {
			const { code, message } = answer.error;
			reject(code ? new StalemateError(code, message) : new Error(message));
		} else resolve(answer);
	}

	#failed(error: unknown): void {
		for (const { reject } of [...this.#running.values(), ...this.#queue.splice(0)]) reject(error);
		this.#running.clear();
	}
}
