import type { Problem, TraceFormat } from "../../bindings/reader.ts";
import { StalemateError } from "../errors.ts";
import type { Room } from "../trace/node.ts";
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
	/** The trace goes on, and what follows is not read. */
	cut(): Problem | undefined;
	/** The line that comes next (text formats). */
	line(): number | undefined;
	/** Where a chunk may be put before it is written. */
	room: Room;
	/** Told how many decompressed bytes were read. */
	told(bytes: number): void;
}

export interface FeedOptions {
	onProgress?: ((progress: Progress) => void) | undefined;
	signal?: AbortSignal | undefined;
	/** For progress. */
	references: () => number;
}

/** Between two reports of progress: milliseconds. */
const PATIENCE = 50;

/** Feeds one trace to all of `feeds`. Whatever ends it early, all whole lines or records read until then have been simulated. */
export async function feedAll(feeds: Feed[], trace: Trace, format: TraceFormat, options: FeedOptions): Promise<void> {
	const { onProgress, signal, references } = options;
	// One reader moves what is in its room before the next has read it.
	const room = feeds.length === 1 ? () => feeds[0]!.room() : undefined;
	let bytes = 0;
	let last = performance.now();
	let reading = true;
	const progress = () => onProgress?.({ references: references(), bytes });
	const simulate = async (step: (feed: Feed) => Problem | undefined) => {
		reading = false;
		const problem = feeds.map(step).find((found) => found !== undefined);
		// Most traces are good: what to say of others is loaded when there is something to be said.
		if (problem) throw (await import("../trace/problem.ts")).problemError(problem, format, trace.name);
		reading = true;
	};
	const mayGoOn = () => {
		if (signal?.aborted) throw cancelled(trace.name);
	};
	try {
		mayGoOn();
		for await (const chunk of trace.chunks(room)) {
			mayGoOn();
			await simulate((feed) => feed.write(chunk));
			bytes += chunk.length;
			for (const feed of feeds) feed.told(bytes);
			if (performance.now() - last < PATIENCE) continue;
			progress();
			last = performance.now();
		}
		mayGoOn();
		await simulate((feed) => feed.end());
		progress();
	} catch (cause) {
		// Readers keep up to a megabyte before they read it, of which half an address is not to be taken for a whole one. Where a
		// reader itself failed, it cannot go on.
		if (reading) for (const feed of feeds) lastly(() => feed.cut());
		placeIn(cause, feeds[0]!.line());
		throw cause;
	}
}

/** Who decompresses knows no lines: what failed came out of that one. */
export function placeIn(cause: unknown, line: number | undefined): void {
	const failed = cause instanceof StalemateError && cause.code === "BAD_COMPRESSION";
	if (failed && line !== undefined) cause.place.line = line;
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
