// The page's side of a conversation with a worker.

import type { Answer, Problem, Question } from "./workers/port.ts";

/** What a worker says went wrong. */
export class WorkerError extends Error {
	readonly code: string;
	readonly place: Problem["place"];

	constructor({ code, message, place }: Problem) {
		super(message);
		this.code = code;
		this.place = place;
	}
}

interface Waiting {
	resolve(value: unknown): void;
	reject(error: Error): void;
	progress: ((value: unknown) => void) | undefined;
}

export interface CallOptions {
	signal?: AbortSignal;
	onProgress?: (value: never) => void;
}

/** A worker that answers the methods of `M`. */
export class Client<M extends { [K in keyof M]: (argument: never) => unknown }> {
	readonly #url: URL;
	readonly #waiting = new Map<number, Waiting>();
	#worker: Worker | undefined;
	#last = 0;

	constructor(url: URL) {
		this.#url = url;
	}

	/** Begins to load the worker, before anything is asked of it. */
	start(): this {
		this.#get();
		return this;
	}

	call<K extends keyof M & string>(
		call: K,
		argument: Parameters<M[K]>[0],
		{ signal, onProgress }: CallOptions = {},
	): Promise<Awaited<ReturnType<M[K]>>> {
		const worker = this.#get();
		const id = ++this.#last;
		return new Promise((resolve, reject) => {
			this.#waiting.set(id, {
				resolve: resolve as (value: unknown) => void,
				reject,
				progress: onProgress as ((value: unknown) => void) | undefined,
			});
			worker.postMessage({ id, call, argument } satisfies Question);
			signal?.addEventListener("abort", () => worker.postMessage({ id, cancel: true } satisfies Question));
		});
	}

	#get(): Worker {
		if (this.#worker) return this.#worker;
		const worker = new Worker(this.#url, { type: "module" });
		worker.onmessage = ({ data }: MessageEvent<Answer>) => {
			const waiting = this.#waiting.get(data.id);
			if (!waiting) return;
			if ("progress" in data) return waiting.progress?.(data.progress);
			this.#waiting.delete(data.id);
			if ("value" in data) waiting.resolve(data.value);
			else waiting.reject(new WorkerError(data.problem));
		};
		worker.onerror = (event) => {
			event.preventDefault();
			this.#fail(event.message || "the worker could not be loaded: is this page complete, and served over HTTP?");
		};
		this.#worker = worker;
		return worker;
	}

	/** A worker that fell over is started anew by the next call. */
	#fail(message: string): void {
		this.#worker?.terminate();
		this.#worker = undefined;
		const error = new WorkerError({ code: "WORKER", message, place: {} });
		for (const { reject } of this.#waiting.values()) reject(error);
		this.#waiting.clear();
	}
}
