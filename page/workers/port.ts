// The worker's side of a conversation: calls by name, answered once, with progress on the way; any of them may be cancelled.

import { StalemateError } from "../../src/errors.ts";

export interface Context {
	signal: AbortSignal;
	progress(value: unknown): void;
}

export type Methods = Record<string, (argument: never, context: Context) => unknown>;

/** What goes wrong, as data. */
export interface Problem {
	code: string;
	message: string;
	place: StalemateError["place"];
}

export type Question = { id: number; call: string; argument: unknown } | { id: number; cancel: true };
export type Answer =
	| { id: number; value: unknown }
	| { id: number; progress: unknown }
	| { id: number; problem: Problem };

interface Port {
	postMessage(message: Answer): void;
	onmessage: ((event: { data: Question }) => void) | null;
}

export function answer(methods: Methods): void {
	const port = globalThis as unknown as Port;
	const running = new Map<number, AbortController>();
	port.onmessage = async ({ data }) => {
		const { id } = data;
		if ("cancel" in data) {
			running.get(id)?.abort();
			return;
		}
		const controller = new AbortController();
		running.set(id, controller);
		try {
			const context = {
				signal: controller.signal,
				progress: (progress: unknown) => port.postMessage({ id, progress }),
			};
			const value = await methods[data.call]!(data.argument as never, context);
			port.postMessage({ id, value });
		} catch (error) {
			port.postMessage({ id, problem: problemOf(error) });
		} finally {
			running.delete(id);
		}
	};
}

/** In one sentence: the cores are part of this page, so that nothing else can be wrong with them. */
const NO_WASM =
	"WebAssembly is not allowed here, and this page is made of it: its host has to serve it with 'wasm-unsafe-eval' in the " +
	"script-src of its Content-Security-Policy.";

function problemOf(error: unknown): Problem {
	if (error instanceof StalemateError && error.code === "BAD_WASM")
		return { code: error.code, message: NO_WASM, place: {} };
	if (error instanceof StalemateError) return { code: error.code, message: error.message, place: error.place };
	const message = error instanceof Error ? error.message : String(error);
	return { code: "INTERNAL", message: `${message} (a mistake of this page: please report it)`, place: {} };
}
