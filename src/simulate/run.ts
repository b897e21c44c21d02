import type { Problem, TraceFormat } from "../../bindings/reader.ts";
import { StalemateError } from "../errors.ts";
import { problemError } from "../trace/problem.ts";
import type { Trace } from "../trace/trace.ts";

/** How far a run has come. */
export interface Progress {
	/** References simulated. What was read last may still wait. */
	references: number;
	/** Decompressed bytes read. */
	bytes: number;
}

/** What one simulation does with the bytes of a trace. */
export interface Feed {
	write(bytes: Uint8Array): Problem | undefined;
	end(): Problem | undefined;
	/** Told how many decompressed bytes were read. */
	told(bytes: number): void;
}

export interface FeedOptions {
	onProgress?: ((progress: Progress) => void) | undefined;
	signal?: AbortSignal | undefined;
	/** For progress. */
	references: () => number;
}

/** Between two reports of progress, and between two chances for everything else that waits for its turn: milliseconds. */
const PATIENCE = 50;
const NEWLINE = 10;
/** A text line longer than any reader takes: handed on as it is, for the reader to refuse. */
const LONG = 65536;

/** Feeds one trace to all of `feeds`. Whatever ends it early, all whole lines or records read until then have been simulated. */
export async function feedAll(feeds: Feed[], trace: Trace, format: TraceFormat, options: FeedOptions): Promise<void> {
	const { onProgress, signal, references } = options;
	const lines = new WholeLines(format === "din" || format === "lackey");
	let bytes = 0;
	let last = performance.now();
	let reading = true;
	const progress = () => onProgress?.({ references: references(), bytes });
	const simulate = (step: (feed: Feed) => Problem | undefined) => {
		reading = false;
		const problem = feeds.map(step).find((found) => found !== undefined);
		if (problem) throw problemError(problem, format, trace.name);
		reading = true;
	};
	const mayGoOn = () => {
		if (signal?.aborted) throw cancelled(trace.name);
	};
	try {
		mayGoOn();
		for await (const chunk of trace.chunks()) {
			mayGoOn();
			for (const part of lines.take(chunk)) simulate((feed) => feed.write(part));
			bytes += chunk.length;
			for (const feed of feeds) feed.told(bytes);
			if (performance.now() - last < PATIENCE) continue;
			progress();
			await turn();
			last = performance.now();
		}
		mayGoOn();
		const rest = lines.rest();
		simulate((feed) => feed.write(rest));
		simulate((feed) => feed.end());
		progress();
	} catch (cause) {
		// Readers keep up to a megabyte before they read it. Where a reader itself failed, it cannot go on.
		if (reading) for (const feed of feeds) lastly(() => feed.end());
		throw cause;
	}
}

/** What fails now is not what ended the run. */
function lastly(step: () => void): void {
	try {
		step();
	} catch {
		// The counts so far are as far as they go.
	}
}

function cancelled(name: string): StalemateError {
	return new StalemateError("CANCELLED", `${name}: cancelled; what ran before is counted`, { file: name });
}

/** Lets timers and events have their turn: a source in memory would never. */
function turn(): Promise<void> {
	return new Promise((resolve) => {
		if (typeof setImmediate === "function") setImmediate(resolve);
		else setTimeout(resolve, 0);
	});
}

/** Holds back the line that a chunk cuts: if nothing follows, half an address is not taken for a whole one. */
class WholeLines {
	readonly #text: boolean;
	#held: Uint8Array = new Uint8Array(0);

	constructor(text: boolean) {
		this.#text = text;
	}

	/** What can be read of all that has come. */
	take(chunk: Uint8Array): Uint8Array[] {
		if (!this.#text) return [chunk];
		const end = chunk.lastIndexOf(NEWLINE) + 1;
		const parts: Uint8Array[] = [];
		if (end > 0 || this.#held.length > LONG) parts.push(this.rest());
		if (end > 0) parts.push(chunk.subarray(0, end));
		const joined = new Uint8Array(this.#held.length + chunk.length - end);
		joined.set(this.#held);
		joined.set(chunk.subarray(end), this.#held.length);
		this.#held = joined;
		return parts;
	}

	/** The line that no newline ended. */
	rest(): Uint8Array {
		const held = this.#held;
		this.#held = new Uint8Array(0);
		return held;
	}
}
