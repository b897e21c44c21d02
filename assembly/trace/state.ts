import { RECORD_SIZE, RUN_SIZE } from "../../bindings/layout/records";
import {
	ACCESS_SIZE,
	BATCH_FULL,
	BATCH_OPERATIONS,
	BATCH_RUNS,
	BATCH_SLACK,
	INPUT_SIZE,
	INPUT_SLACK,
	MAINTAIN_SIZE,
	STATUS_MORE,
	STRADDLE_SPLIT,
	TRACE_ACCESS_COUNT,
	TRACE_ACCESSES,
	TRACE_ERROR_AT,
	TRACE_INPUT,
	TRACE_LINES,
	TRACE_OPERATION_COUNT,
	TRACE_OPERATIONS,
	TRACE_RECORD_COUNT,
	TRACE_RECORDS,
	TRACE_RUN_COUNT,
	TRACE_RUNS,
	TRACE_SIZE,
	TRACE_SKIP,
	TRACE_SKIPPED,
	TRACE_STATUS,
} from "../../bindings/layout/trace";

// What the readers share: where the buffers are, how full they are, how the last `parse` ended. It lies at an address
// known when compiling, so that a reader's inner loop spends no register on it and the host reads it as bytes.

/** Address of the state; offsets are TRACE_* of layout/trace.ts. */
export const STATE: usize = memory.data(TRACE_SIZE, 16);

/** First record of the batch (layout/records.ts). */
export function records(): usize {
	return load<u32>(STATE, TRACE_RECORDS);
}

export function recordCount(): u32 {
	return load<u32>(STATE, TRACE_RECORD_COUNT);
}

export function setRecordCount(count: u32): void {
	store<u32>(STATE, count, TRACE_RECORD_COUNT);
}

/** First run of the batch; the counts of its runs add up to `recordCount`. */
export function runs(): usize {
	return load<u32>(STATE, TRACE_RUNS);
}

export function runCount(): u32 {
	return load<u32>(STATE, TRACE_RUN_COUNT);
}

export function setRunCount(count: u32): void {
	store<u32>(STATE, count, TRACE_RUN_COUNT);
}

/** First access of the batch (layout/trace.ts); only there when `placeAccesses` was called. */
export function accesses(): usize {
	return load<u32>(STATE, TRACE_ACCESSES);
}

export function accessCount(): u32 {
	return load<u32>(STATE, TRACE_ACCESS_COUNT);
}

export function setAccessCount(count: u32): void {
	store<u32>(STATE, count, TRACE_ACCESS_COUNT);
}

/** First operation of the batch (MAINTAIN_* of layout/trace.ts). */
export function operations(): usize {
	return load<u32>(STATE, TRACE_OPERATIONS);
}

export function operationCount(): u32 {
	return load<u32>(STATE, TRACE_OPERATION_COUNT);
}

export function setOperationCount(count: u32): void {
	store<u32>(STATE, count, TRACE_OPERATION_COUNT);
}

/** Where the host copies input to: INPUT_SIZE bytes. */
export function input(): usize {
	return load<u32>(STATE, TRACE_INPUT);
}

/** STATUS_* of the last `parse`. */
export function status(): u32 {
	return load<u32>(STATE, TRACE_STATUS);
}

export function setStatus(code: u32): void {
	store<u32>(STATE, code, TRACE_STATUS);
}

/** Notes an error at the item that begins at `at`. */
export function fail(code: u32, at: usize): void {
	store<u32>(STATE, code, TRACE_STATUS);
	store<u32>(STATE, <u32>at, TRACE_ERROR_AT);
}

export function skipping(): bool {
	return load<u32>(STATE, TRACE_SKIP) != 0;
}

export function countSkipped(): void {
	store<u64>(STATE, load<u64>(STATE, TRACE_SKIPPED) + 1, TRACE_SKIPPED);
}

export function countLines(lines: u64): void {
	store<u64>(STATE, load<u64>(STATE, TRACE_LINES) + lines, TRACE_LINES);
}

/** True once the batch takes no more items. */
export function full(): bool {
	return (
		recordCount() >= <u32>BATCH_FULL ||
		accessCount() >= <u32>BATCH_FULL ||
		runCount() >= <u32>BATCH_RUNS - 4 ||
		operationCount() == BATCH_OPERATIONS
	);
}

/** Readers may leave out fetches from the line that was fetched last. */
export let refetches: bool = false;

export function setRefetches(leftOut: bool): void {
	refetches = leftOut;
}

// How accesses become records. Masks of the bits that are equal for all bytes of a line.

export let straddle: u32 = STRADDLE_SPLIT;
let fetchLine: u32 = 6;
let dataLine: u32 = 6;
let smallestLine: u32 = 6;

/**
 * How an access that touches several lines becomes records: STRADDLE_*, and log2 of the line sizes of the caches that
 * serve fetches and data (STRADDLE_SPLIT) or of the smallest line anywhere (STRADDLE_ONCE). All are at least 3.
 */
export function setStraddle(mode: u32, fetch: u32, data: u32, smallest: u32): void {
	straddle = mode;
	fetchLine = fetch;
	dataLine = data;
	smallestLine = smallest;
}

/** log2 of the line size at which accesses of this kind are cut. */
export function lineOf(isFetch: bool): u32 {
	if (straddle != STRADDLE_SPLIT) return smallestLine;
	return isFetch ? fetchLine : dataLine;
}

/**
 * Places input, records and runs from `base` on and returns the first free address after them. Writes nothing there, so
 * memory may grow afterwards.
 */
export function placeBuffers(base: usize): usize {
	let at = ((base + 63) & ~63) + INPUT_SLACK;
	store<u32>(STATE, <u32>at, TRACE_INPUT);
	at += INPUT_SIZE + INPUT_SLACK;
	store<u32>(STATE, <u32>at, TRACE_RECORDS);
	at += (BATCH_FULL + BATCH_SLACK) * RECORD_SIZE;
	store<u32>(STATE, <u32>at, TRACE_RUNS);
	at += BATCH_RUNS * RUN_SIZE;
	store<u32>(STATE, <u32>at, TRACE_OPERATIONS);
	return at + BATCH_OPERATIONS * MAINTAIN_SIZE;
}

/** Places room for a batch of accesses: only converting needs it. Otherwise as `placeBuffers`. */
export function placeAccesses(base: usize): usize {
	const at = (base + 63) & ~63;
	store<u32>(STATE, <u32>at, TRACE_ACCESSES);
	return at + (BATCH_FULL + BATCH_SLACK) * ACCESS_SIZE;
}

/** Empties the batch: every `parse` begins with it. */
export function clearBatch(): void {
	setRecordCount(0);
	setRunCount(0);
	setAccessCount(0);
	setOperationCount(0);
	setStatus(STATUS_MORE);
}
