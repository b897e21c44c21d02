import { KIND_FETCH, KIND_READ, KIND_WRITE, RECORD_PART, RECORD_SIZE, RUN_SIZE } from "../../bindings/layout/records";
import {
	ACCESS_ASID,
	ACCESS_BYTES,
	ACCESS_CPU,
	ACCESS_KIND,
	ACCESS_SIZE,
	KIND_MODIFY,
	STRADDLE_SPLIT,
} from "../../bindings/layout/trace";
import {
	accessCount,
	accesses,
	lineOf,
	recordCount,
	records,
	runCount,
	runs,
	setAccessCount,
	setRecordCount,
	setRunCount,
	straddle,
} from "./state";
import { textPlace } from "./threads";

// Readers are generic over what they fill. The classes are never instantiated: they only tell which arm is compiled.

export interface Sink {
	/** true: records for the simulator; false: accesses as the trace has them. */
	cuts(): bool;
}

export class Records implements Sink {
	@inline
	cuts(): bool {
		return true;
	}
}

export class Accesses implements Sink {
	@inline
	cuts(): bool {
		return false;
	}
}

/** Adds one access of a text trace to the batch; 1 <= size <= ACCESS_MAX_SIZE. */
export function put<S extends Sink>(kind: u32, address: u64, size: u32): void {
	if (changetype<S>(0).cuts()) {
		const count = recordCount();
		const at = records() + <usize>count * RECORD_SIZE;
		setRecordCount(count + <u32>((cut(at, kind, address, size) - at) / RECORD_SIZE));
	} else {
		const count = accessCount();
		putAccess(accesses() + <usize>count * ACCESS_SIZE, kind, address, size, textPlace);
		setAccessCount(count + 1);
	}
}

/** Writes one access at `at`; `place` is cpu | asid << 8. */
export function putAccess(at: usize, kind: u32, address: u64, size: u32, place: u32): void {
	store<u64>(at, address);
	store<u32>(at, size, ACCESS_BYTES);
	store<u8>(at, kind, ACCESS_KIND);
	store<u8>(at, place, ACCESS_CPU);
	store<u16>(at, place >> 8, ACCESS_ASID);
}

/** Writes the records of one access at `at` and returns the address after them (docs/simulation.md, References). */
export function cut(at: usize, kind: u32, address: u64, size: u32): usize {
	if (straddle == STRADDLE_SPLIT) {
		if (kind != KIND_MODIFY) return cutAtLines(at, kind, address, size);
		return cutAtLines(cutAtLines(at, KIND_READ, address, size), KIND_WRITE, address, size);
	}
	if (kind == KIND_MODIFY) kind = KIND_READ;
	const log = lineOf(false);
	const line = (<u64>1) << log;
	const last = address + (min<u64>(size, line) - 1);
	const parts = last >> log != address >> log;
	store<u64>(at, (address & ~7) | kind | (parts ? RECORD_PART : 0));
	if (!parts) return at + RECORD_SIZE;
	store<u64>(at + RECORD_SIZE, (last & ~(line - 1)) | kind);
	return at + 2 * RECORD_SIZE;
}

function cutAtLines(at: usize, kind: u32, address: u64, size: u32): usize {
	const log = lineOf(kind == KIND_FETCH);
	let lines = ((address + (size - 1)) >> log) - (address >> log);
	store<u64>(at, (address & ~7) | kind);
	at += RECORD_SIZE;
	for (let line = (address >> log) + 1; lines; lines--, line++, at += RECORD_SIZE) store<u64>(at, (line << log) | kind);
	return at;
}

/** Record at which the run being read began. */
let runBegin: u32 = 0;

/** Before the first record of a batch. */
export function openRuns(): void {
	runBegin = 0;
}

/** The records since the last run are one, whose second word is `head`. */
export function closeRun(head: u32): void {
	const count = recordCount() - runBegin;
	if (count == 0) return;
	runBegin = recordCount();
	const n = runCount();
	const at = runs() + <usize>n * RUN_SIZE;
	if (n && load<u32>(at - RUN_SIZE, 4) == head) {
		store<u32>(at - RUN_SIZE, load<u32>(at - RUN_SIZE) + count);
		return;
	}
	store<u32>(at, count);
	store<u32>(at, head, 4);
	setRunCount(n + 1);
}
