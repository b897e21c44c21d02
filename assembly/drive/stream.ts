import { STATUS_NO_CPU, STATUS_OK } from "../../bindings/layout/machine";
import { RECORD_PART, RECORD_SIZE, RUN_REFERENCES, RUN_REFETCHES, RUN_SIZE } from "../../bindings/layout/records";
import {
	MAINTAIN_LENGTH,
	MAINTAIN_OBJECT,
	MAINTAIN_OFFSET,
	MAINTAIN_SIZE,
	MAINTAIN_WHAT,
	STATUS_FULL,
	STRADDLE_ONCE,
} from "../../bindings/layout/trace";
import { cpuCount, refetchesAreHits } from "../machine/configure";
import { fail, status } from "../machine/heap";
import { operate } from "../machine/maintain";
import { recordedAt } from "../machine/observe";
import { parseForMachine } from "../trace/batch";
import { operations, status as readStatus, records, runCount, runs, setStatus, straddle } from "../trace/state";
import { addRefetches, run, runStraddling } from "./trace";

// From bytes to counts in one call: reads a batch with a reader and runs it, without a record ever leaving the core.
// `budget` makes it stop after so many records, for those who want to look at the counts every so often.

/** Records that may still be run before consume() returns; ~0: no end. */
let budget: u64 = ~0;

export function setBudget(records: u64): void {
	budget = records;
}

export function budgetLeft(): u64 {
	return budget;
}

/** The run that comes next, records of it that were run already, and where its next record is. */
let nextRun: u32 = 0;
let done: u32 = 0;
let record: usize = 0;
let waiting: bool = false;

/**
 * A step of bindings/reader.ts: reads items from [at, end), runs what they say, and returns how far it read. Batch after batch,
 * where nobody wants to look between them.
 */
export function consume(format: u32, at: usize, end: usize, last: bool): usize {
	const watched = budget != ~0 || recordedAt() != 0;
	do {
		if (!waiting) {
			at = parseForMachine(format, at, end, last, budget == ~0 && refetchesAreHits);
			nextRun = 0;
			done = 0;
			record = records();
			waiting = true;
		}
		if (!runBatch()) {
			// Paused: another call goes on with the same batch.
			setStatus(STATUS_FULL);
			return at;
		}
		waiting = false;
	} while (readStatus() == STATUS_FULL && status == STATUS_OK && !watched);
	return at;
}

/** Runs what is left of the batch, as far as the budget goes; true if that was all. */
function runBatch(): bool {
	while (nextRun < runCount() && status == STATUS_OK) {
		const at = runs() + <usize>nextRun * RUN_SIZE;
		const head = load<u32>(at, 4);
		const operation = head >> 24;
		const cpu = (head >> 16) & 0xff;
		if (cpu >= cpuCount) {
			fail(STATUS_NO_CPU);
			return true;
		}
		if (operation == RUN_REFETCHES) addRefetches(cpu, load<u32>(at));
		else if (operation == RUN_REFERENCES) {
			const left = load<u32>(at) - done;
			const n = affordable(left);
			if (straddle == STRADDLE_ONCE) runStraddling(cpu, head & 0xffff, record, n);
			else run(cpu, head & 0xffff, record, n);
			record += <usize>n * RECORD_SIZE;
			if (budget != ~0) budget = budget > n ? budget - n : 0;
			if (n < left) {
				done += n;
				return false;
			}
		} else {
			const op = operations() + <usize>load<u32>(at) * MAINTAIN_SIZE;
			const what = load<u8>(op, MAINTAIN_WHAT);
			const object = load<u32>(op, MAINTAIN_OBJECT);
			const offset = load<u64>(op, MAINTAIN_OFFSET);
			operate(operation, cpu, head & 0xffff, load<u64>(op), load<u64>(op, MAINTAIN_LENGTH), what, object, offset);
		}
		nextRun++;
		done = 0;
		if (budget == 0 && nextRun < runCount()) return false;
	}
	return true;
}

/** How many of `left` records the budget allows; the two of a pair stay together. */
function affordable(left: u32): u32 {
	if (budget >= left) return left;
	let n = <u32>budget;
	if (n && load<u64>(record + <usize>(n - 1) * RECORD_SIZE) & RECORD_PART) n++;
	return n;
}
