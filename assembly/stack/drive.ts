import { STATUS_OK } from "../../bindings/layout/machine";
import { STATUS_FULL } from "../../bindings/layout/trace";
import { allocate, status } from "../machine/heap";
import { parse, parseAccesses } from "../trace/batch";
import { accessCount, accesses, recordCount, records, setStatus } from "../trace/state";
import { runCurve } from "./curve";
import { familyAt, familyCount } from "./family";
import { LIST_BYTES, selectAccesses, selectRecords } from "./select";

// From bytes to counts in one call, as drive/stream.ts does it for a machine. References of all CPUs and address spaces run
// through the same stacks; operations between them do nothing.

let list: usize = 0;

/** The streams that are counted: SERVES_*. Once, before anything runs. Returns a status. */
export function openStacks(streams: u32): u32 {
	stream = streams;
	list = allocate(LIST_BYTES);
	return status;
}

let stream: u32 = 0;

/** Runs `n` records at `records` through all stacks. */
export function runStacks(records: usize, n: u32): void {
	for (let i: u32 = 0; i < familyCount; i++) selectRecords(familyAt(i), stream, records, n, list);
}

/** A step of bindings/reader.ts for stacks of one line size: reads items from [at, end), runs them; returns how far it got. */
export function consumeStacks(format: u32, at: usize, end: usize, last: bool): usize {
	at = parse(format, at, end, last);
	runStacks(records(), recordCount());
	return at;
}

/** The same for several line sizes, at which accesses are cut differently. Takes `placeAccesses`. */
export function consumeStacksOfAll(format: u32, at: usize, end: usize, last: bool): usize {
	at = parseAccesses(format, at, end, last);
	for (let i: u32 = 0; i < familyCount; i++) selectAccesses(familyAt(i), stream, accesses(), accessCount(), list);
	return at;
}

/** The same for a curve. */
export function consumeCurve(format: u32, at: usize, end: usize, last: bool): usize {
	at = parse(format, at, end, last);
	if (runCurve(records(), recordCount()) != STATUS_OK) setStatus(STATUS_FULL);
	return at;
}
