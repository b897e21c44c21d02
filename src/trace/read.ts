import type { Problem, Reader } from "../../bindings/reader.ts";
import { StalemateError } from "../errors.ts";
import type { Trace } from "./trace.ts";

export interface ReadReport {
	/** Decompressed bytes. */
	bytes: number;
	/** Lines (text formats; otherwise 0). */
	lines: number;
	/** Bad lines or records passed over (onError: "skip"). */
	skipped: number;
}

export interface ReadControl {
	signal?: AbortSignal | undefined;
	/** Waited for after each chunk; true: that is enough. */
	each?: () => Promise<boolean>;
	/** Told after each chunk how many decompressed bytes were read. */
	progress?: ((bytes: number) => void) | undefined;
}

/**
 * Feeds all of `trace` to `reader`, chunk by chunk. A bad trace throws; what was read before it has been simulated
 * (packed, …) by then, and the reader still tells how many lines that were.
 */
export async function feed(reader: Reader, trace: Trace, control: ReadControl = {}): Promise<ReadReport> {
	const format = await trace.format();
	let bytes = 0;
	let stopped = false;
	for await (const chunk of trace.chunks(() => reader.room())) {
		if (control.signal?.aborted) {
			throw new StalemateError("CANCELLED", `${trace.name}: cancelled after ${bytes} bytes`, { file: trace.name });
		}
		await check(reader.write(chunk));
		bytes += chunk.length;
		control.progress?.(bytes);
		stopped = (await control.each?.()) ?? false;
		if (stopped) break;
	}
	if (!stopped) await check(reader.end());
	return { bytes, lines: reader.lines, skipped: reader.skipped };

	async function check(problem: Problem | undefined): Promise<void> {
		if (problem) throw (await import("./problem.ts")).problemError(problem, format, trace.name);
	}
}
