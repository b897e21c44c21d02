import {
	FORMAT_CHAMPSIM,
	FORMAT_DIN,
	FORMAT_LACKEY,
	FORMAT_PACKED,
	STATUS_FULL,
	STATUS_MORE,
	TRACE_LINES,
	TRACE_SKIP,
	TRACE_SKIPPED,
} from "../../bindings/layout/trace";
import { parseChampsim } from "./champsim";
import { lackeySetup } from "./lackey";
import { parseLines, resetLines } from "./lines";
import { closePackedRun, parsePacked, placeSequences, resetPacked } from "./packed";
import { Accesses, closeRun, openRuns, Records, Sink } from "./sink";
import { clearBatch, full, placeBuffers, STATE, setRefetches, setStatus, status } from "./state";
import { Din, Lackey } from "./text";
import { resetThreads, textPlace } from "./threads";

export {
	beginPack,
	pack,
	packEnd,
	packFull,
	packHeader,
	packOutput,
	packRest,
	placePacker,
} from "./pack";
export { input, placeAccesses, recordCount, records, runCount, runs, setStraddle, status } from "./state";
export { setThreads } from "./threads";

/** Address of the readers' state (TRACE_* of layout/trace.ts). */
export function traceState(): usize {
	return STATE;
}

/** Places the batch and what filling it takes from `base` on. Otherwise as `placeBuffers`. */
export function placeBatch(base: usize): usize {
	return placeSequences(placeBuffers(base));
}

/** Begins a trace. `skip`: bad items are skipped and counted. After `setStraddle`. */
export function beginTrace(skip: bool): void {
	store<u32>(STATE, skip ? 1 : 0, TRACE_SKIP);
	store<u64>(STATE, 0, TRACE_LINES);
	store<u64>(STATE, 0, TRACE_SKIPPED);
	clearBatch();
	resetLines();
	resetPacked();
	resetThreads();
	lackeySetup();
}

/**
 * Empties the batch and fills it with records and runs from the bytes in [at, end) of a trace in `format` (FORMAT_*),
 * until it is full or the bytes end inside an item; `last`: the trace ends at `end`. Returns how far it got: what is left
 * must be given again, with more behind it. `status()` tells why it stopped; what was read before an error is in the batch.
 */
export function parse(format: u32, at: usize, end: usize, last: bool): usize {
	setRefetches(false);
	return fill<Records>(format, at, end, last);
}

/** As `parse`, with accesses instead of records. */
export function parseAccesses(format: u32, at: usize, end: usize, last: bool): usize {
	return fill<Accesses>(format, at, end, last);
}

/**
 * As `parse`; a reader may leave out fetches from the line that was fetched last and tell how many there were (RUN_REFETCHES),
 * if the lines of `setStraddle` are those of the cache that is fetched from.
 */
export function parseForMachine(format: u32, at: usize, end: usize, last: bool, leavesOut: bool): usize {
	setRefetches(leavesOut);
	return fill<Records>(format, at, end, last);
}

function fill<S extends Sink>(format: u32, at: usize, end: usize, last: bool): usize {
	clearBatch();
	openRuns();
	if (format == FORMAT_DIN) at = parseLines<Din, S>(at, end, last);
	else if (format == FORMAT_LACKEY) at = parseLines<Lackey, S>(at, end, last);
	else if (format == FORMAT_CHAMPSIM) at = parseChampsim<S>(at, end, last);
	else if (format == FORMAT_PACKED) at = parsePacked<S>(at, end, last);
	if (format == FORMAT_PACKED) closePackedRun();
	else closeRun(textPlace << 16);
	if (status() == STATUS_MORE && full()) setStatus(STATUS_FULL);
	return at;
}
