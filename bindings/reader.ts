import type { TraceExports } from "./exports.ts";
import { KIND_FETCH, KIND_MASK, KIND_READ, KIND_WRITE, RECORD_SIZE, RUN_SIZE } from "./layout/records.ts";
import {
	ACCESS_ASID,
	ACCESS_BYTES,
	ACCESS_CPU,
	ACCESS_KIND,
	ACCESS_SIZE,
	FLAG_COUNTS,
	FORMAT_CHAMPSIM,
	FORMAT_DIN,
	FORMAT_LACKEY,
	FORMAT_PACKED,
	HEADER_COUNTS,
	HEADER_FLAGS,
	HEADER_SIZE,
	INPUT_SIZE,
	KIND_MODIFY,
	STATUS_BAD_LINE,
	STATUS_END,
	STATUS_FULL,
	STRADDLE_ONCE,
	STRADDLE_SPLIT,
	TRACE_ACCESS_COUNT,
	TRACE_ACCESSES,
	TRACE_ERROR_AT,
	TRACE_INPUT,
	TRACE_LINES,
	TRACE_RECORD_COUNT,
	TRACE_RECORDS,
	TRACE_RUN_COUNT,
	TRACE_RUNS,
	TRACE_SKIPPED,
	TRACE_STATUS,
	TRACE_THREADS,
} from "./layout/trace.ts";

/** Forms in which traces are read; docs/guide-trace.md says who writes them. */
export type TraceFormat = "din" | "lackey" | "champsim" | "packed";

/** Reads one batch from [at, end) (and does something with it): `parse`, or a driver that runs it at once. */
export type Step = (format: number, at: number, end: number, last: number) => number;

export interface ReaderOptions {
	/** Bad items are skipped and counted. */
	skip?: boolean;
	/** log2 of line sizes; see docs/simulation.md, References. */
	straddle?: { mode: "split" | "once"; fetch: number; data: number; smallest: number };
	/** CPUs that the threads of a trace which tells when they are switched get, in turn (default 1). */
	cpus?: number;
	/** Default: the core's `parse`. */
	step: Step;
	/** Called after each step, while the batch is there. */
	batch?: () => void;
}

/** Why the reading stopped before the end of the input. */
export interface Problem {
	/** STATUS_* from STATUS_BAD_LINE on. */
	status: number;
	/** Byte offset of the item in the decompressed input. */
	offset: number;
	/** 1-based line (text formats only). */
	line: number | undefined;
	/** The first bytes of the item. */
	found: Uint8Array;
}

/** One access as the trace has it. kind: 0 read, 1 write, 2 fetch, 3 modify. */
export interface Access {
	kind: number;
	address: bigint;
	size: number;
	cpu: number;
	asid: number;
}

/** Consecutive records of one CPU and address space, or (operation > 0) one maintenance operation. */
export interface Run {
	count: number;
	operation: number;
	cpu: number;
	asid: number;
}

const FORMATS: Record<TraceFormat, number> = {
	din: FORMAT_DIN,
	lackey: FORMAT_LACKEY,
	champsim: FORMAT_CHAMPSIM,
	packed: FORMAT_PACKED,
};

/** Bytes copied in at once: few enough to be in the processor's cache still when they are read. */
const PIECE = 65536;

/**
 * Bytes read in at once: no more than src/trace/source.ts hands on at once, and whole pages. The place they are read to is
 * aligned, or the kernel copies several times slower.
 */
const ROOM = 524288;
const PAGE = 4096;
const ALIGNMENT = 64;

/** Bytes of an item in error that are shown. */
const EXCERPT = 48;

/**
 * Feeds one trace to the readers of one Wasm instance: copies bytes in, calls the step, keeps what it left over. The
 * buffers must be placed (`placeBatch`) and memory large enough for them.
 */
export class Reader {
	readonly #core: TraceExports;
	readonly #format: number;
	readonly #step: Step;
	readonly #batch: (() => void) | undefined;
	readonly #state: number;
	/** Where in memory the bytes begin that wait, and how many they are. */
	#begin: number;
	#waiting = 0;
	/** Offset in the trace of the first of them. */
	#offset = 0;
	#ended = false;
	#problem: Problem | undefined;

	constructor(core: TraceExports, format: TraceFormat, options: ReaderOptions) {
		this.#core = core;
		this.#format = FORMATS[format];
		this.#step = options.step;
		this.#batch = options.batch;
		this.#state = core.traceState();
		this.#begin = this.#field(TRACE_INPUT);
		const { mode, fetch, data, smallest } = options.straddle ?? { mode: "split", fetch: 6, data: 6, smallest: 6 };
		core.setStraddle(mode === "split" ? STRADDLE_SPLIT : STRADDLE_ONCE, fetch, data, smallest);
		core.setThreads(options.cpus ?? 1);
		core.beginTrace(options.skip ? 1 : 0);
	}

	/** Where bytes may be put that `write` is given next: it need not copy them then. Valid until anything else is called. */
	room(): Uint8Array {
		const at = this.#begin + this.#waiting;
		const size = Math.min(ROOM, this.#field(TRACE_INPUT) + INPUT_SIZE - at) & -PAGE;
		return new Uint8Array(this.#core.memory.buffer, at, size);
	}

	/** Takes all of `bytes` and reads what is whole of them, now or later. After a problem: does nothing. */
	write(bytes: Uint8Array): Problem | undefined {
		for (let taken = 0; taken < bytes.length && !this.#problem; ) {
			const { memory } = this.#core;
			const at = this.#begin + this.#waiting;
			const there = bytes.buffer === memory.buffer && bytes.byteOffset + taken === at;
			const left = this.#field(TRACE_INPUT) + INPUT_SIZE - at;
			const part = bytes.subarray(taken, taken + Math.min(there ? ROOM : PIECE, left));
			if (!there) new Uint8Array(memory.buffer).set(part, at);
			this.#waiting += part.length;
			taken += part.length;
			if (this.#waiting >= PIECE) this.#drain(false);
		}
		return this.#problem;
	}

	/** Reads what is left; the trace ends here. */
	end(): Problem | undefined {
		if (!this.#problem) this.#drain(true);
		return this.#problem;
	}

	/** Reads what is whole of what is left: more would have come. */
	cut(): Problem | undefined {
		if (!this.#problem) this.#drain(false);
		return this.#problem;
	}

	/** Lines read so far (text formats). */
	get lines(): number {
		return Number(this.#view().getBigUint64(this.#state + TRACE_LINES, true));
	}

	/** The line that comes next (text formats). */
	get line(): number | undefined {
		return this.#format === FORMAT_DIN || this.#format === FORMAT_LACKEY ? this.lines + 1 : undefined;
	}

	/** Threads that the trace said it switched to, so far. */
	get threads(): number {
		return this.#field(TRACE_THREADS);
	}

	/** Bad items skipped so far. */
	get skipped(): number {
		return Number(this.#view().getBigUint64(this.#state + TRACE_SKIPPED, true));
	}

	/** True once the packed form's end marker was read. */
	get ended(): boolean {
		return this.#ended;
	}

	#drain(last: boolean): void {
		const begin = this.#begin;
		const end = begin + this.#waiting;
		let at = begin;
		let status = STATUS_FULL;
		while (status === STATUS_FULL) {
			at = this.#step(this.#format, at, end, last ? 1 : 0);
			status = this.#field(TRACE_STATUS);
			this.#batch?.();
		}
		if (status === STATUS_END) this.#ended = true;
		if (status >= STATUS_BAD_LINE) this.#problem = this.#describe(status, begin, end);
		this.#offset += at - begin;
		this.#waiting = end - at;
		// What comes next has an aligned place.
		this.#begin = this.#field(TRACE_INPUT) + (-this.#waiting & (ALIGNMENT - 1));
		new Uint8Array(this.#core.memory.buffer).copyWithin(this.#begin, at, end);
	}

	#describe(status: number, begin: number, end: number): Problem {
		const at = this.#field(TRACE_ERROR_AT);
		return {
			status,
			offset: this.#offset + at - begin,
			line: this.line,
			found: new Uint8Array(this.#core.memory.buffer).slice(at, Math.min(end, at + EXCERPT)),
		};
	}

	#field(offset: number): number {
		return this.#view().getUint32(this.#state + offset, true);
	}

	/** Made anew each time: growing memory detaches older views. */
	#view(): DataView {
		return new DataView(this.#core.memory.buffer);
	}
}

/** Accesses by kind. */
export interface TraceCounts {
	reads: number;
	writes: number;
	fetches: number;
	modifies: number;
}

/** The counts in a header (if it has them) or end marker of the packed form. */
export function countsAt(bytes: Uint8Array, offset: number): TraceCounts {
	const view = new DataView(bytes.buffer, bytes.byteOffset);
	const count = (kind: number) => Number(view.getBigUint64(offset + 8 * kind, true));
	return {
		reads: count(KIND_READ),
		writes: count(KIND_WRITE),
		fetches: count(KIND_FETCH),
		modifies: count(KIND_MODIFY),
	};
}

/** The counts a packed trace's header tells; undefined if it was streamed and they stand at its end. */
export function headerCounts(header: Uint8Array): TraceCounts | undefined {
	if (header.length < HEADER_SIZE || !(header[HEADER_FLAGS]! & FLAG_COUNTS)) return undefined;
	return countsAt(header, HEADER_COUNTS);
}

/** The records of the current batch: a view, valid until the next step. */
export function batchRecords(core: TraceExports): BigUint64Array {
	const view = new DataView(core.memory.buffer);
	const state = core.traceState();
	const count = view.getUint32(state + TRACE_RECORD_COUNT, true);
	return new BigUint64Array(core.memory.buffer, view.getUint32(state + TRACE_RECORDS, true), count);
}

/** The runs of the current batch. */
export function batchRuns(core: TraceExports): Run[] {
	const view = new DataView(core.memory.buffer);
	const state = core.traceState();
	const first = view.getUint32(state + TRACE_RUNS, true);
	return Array.from({ length: view.getUint32(state + TRACE_RUN_COUNT, true) }, (_, i) => {
		const head = view.getUint32(first + i * RUN_SIZE + 4, true);
		return {
			count: view.getUint32(first + i * RUN_SIZE, true),
			operation: head >>> 24,
			cpu: (head >>> 16) & 0xff,
			asid: head & 0xffff,
		};
	});
}

/** The accesses of the current batch, after `parseAccesses`. */
export function batchAccesses(core: TraceExports): Access[] {
	const view = new DataView(core.memory.buffer);
	const state = core.traceState();
	const first = view.getUint32(state + TRACE_ACCESSES, true);
	return Array.from({ length: view.getUint32(state + TRACE_ACCESS_COUNT, true) }, (_, i) => {
		const at = first + i * ACCESS_SIZE;
		return {
			address: view.getBigUint64(at, true),
			size: view.getUint32(at + ACCESS_BYTES, true),
			kind: view.getUint8(at + ACCESS_KIND),
			cpu: view.getUint8(at + ACCESS_CPU),
			asid: view.getUint16(at + ACCESS_ASID, true),
		};
	});
}

/** Kind and address (low three bits gone) of a record. */
export function unpackRecord(record: bigint): { kind: number; address: bigint } {
	return { kind: Number(record & BigInt(KIND_MASK)), address: record & ~BigInt(RECORD_SIZE - 1) };
}
