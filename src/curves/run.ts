import type { Reader, TraceFormat } from "../../bindings/reader.ts";
import type { StackReadOptions } from "../../bindings/stack.ts";
import { callable, optionsOf, signal } from "../input/options.ts";
import { object } from "../input/shape.ts";
import { asTrace } from "../simulate/as-trace.ts";
import { feed } from "../trace/read.ts";
import type { TraceSource } from "../trace/source.ts";
import type { Trace } from "../trace/trace.ts";

/** How a trace is run through a curve or one pass. */
export interface CurveRunOptions {
	/** Ends the run with CANCELLED. */
	signal?: AbortSignal;
	/** Told the decompressed bytes read so far. */
	onProgress?: (bytes: number) => void;
}

/** Reads a whole trace through a reader made for its format. Bad items: as the trace was opened (onError). */
export async function runThrough(
	reader: (format: TraceFormat, options: StackReadOptions) => Reader,
	source: Trace | TraceSource,
	options: CurveRunOptions,
): Promise<void> {
	const rules = object({ signal: signal(), onProgress: callable<NonNullable<CurveRunOptions["onProgress"]>>() });
	const { signal: stop, onProgress } = optionsOf(rules, options);
	const trace = asTrace(source);
	const format = await trace.format();
	const how = { skip: trace.onError === "skip" };
	const { skipped } = await feed(reader(format, how), trace, { signal: stop, progress: onProgress });
	if (skipped > 0)
		trace.warnings.push(`${trace.name}: ${skipped} bad ${skipped === 1 ? "item was" : "items were"} skipped`);
}
