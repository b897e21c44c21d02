import type { TraceSource } from "../trace/source.ts";
import { openTrace, Trace } from "../trace/trace.ts";

/** A trace that was opened, or one that opens what is given. */
export function asTrace(source: Trace | TraceSource): Trace {
	return source instanceof Trace ? source : openTrace(source);
}
