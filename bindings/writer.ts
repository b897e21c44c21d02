import type { PassExports } from "./exports.ts";
import {
	ACCESS_ASID,
	ACCESS_BYTES,
	ACCESS_CPU,
	ACCESS_KIND,
	ACCESS_SIZE,
	BATCH_FULL,
	BATCH_OPERATIONS,
	MAINTAIN_ADDRESS,
	MAINTAIN_ASID,
	MAINTAIN_AT,
	MAINTAIN_CODE,
	MAINTAIN_CPU,
	MAINTAIN_LENGTH,
	MAINTAIN_OBJECT,
	MAINTAIN_OFFSET,
	MAINTAIN_SIZE,
	MAINTAIN_WHAT,
	TRACE_ACCESS_COUNT,
	TRACE_ACCESSES,
	TRACE_OPERATION_COUNT,
	TRACE_OPERATIONS,
} from "./layout/trace.ts";
import type { Coded } from "./operations.ts";
import { PackedOutput } from "./packed-output.ts";
import type { Access } from "./reader.ts";

const NO_LIMIT = 0xffff_ffff_ffff_ffffn;

/** Packs accesses and operations that are not read from a trace, in a Wasm instance of its own. */
export class Writer {
	readonly #core: PassExports;
	readonly output: PackedOutput;
	#accesses = 0;
	#operations = 0;

	/** `room`: what `roomForPacking` gave. */
	constructor(core: PassExports, room: number) {
		this.#core = core;
		core.placePacker(core.placeBatch(room));
		core.beginTrace(0);
		core.beginPack(0n, NO_LIMIT, 1n, 1n);
		this.output = new PackedOutput(core);
	}

	access({ kind, address, size, cpu, asid }: Access): void {
		const view = this.#view();
		const at = this.#field(TRACE_ACCESSES) + this.#accesses++ * ACCESS_SIZE;
		view.setBigUint64(at, address, true);
		view.setUint32(at + ACCESS_BYTES, size, true);
		view.setUint8(at + ACCESS_KIND, kind);
		view.setUint8(at + ACCESS_CPU, cpu);
		view.setUint16(at + ACCESS_ASID, asid, true);
		if (this.#accesses === BATCH_FULL) this.#flush();
	}

	operate({ code, cpu, asid, address, length, what, object, offset }: Coded): void {
		const view = this.#view();
		const at = this.#field(TRACE_OPERATIONS) + this.#operations++ * MAINTAIN_SIZE;
		view.setBigUint64(at + MAINTAIN_ADDRESS, address, true);
		view.setBigUint64(at + MAINTAIN_LENGTH, length, true);
		view.setUint32(at + MAINTAIN_AT, this.#accesses, true);
		view.setUint8(at + MAINTAIN_CODE, code);
		view.setUint8(at + MAINTAIN_WHAT, what);
		view.setUint8(at + MAINTAIN_CPU, cpu);
		view.setUint16(at + MAINTAIN_ASID, asid, true);
		view.setUint32(at + MAINTAIN_OBJECT, object, true);
		view.setBigUint64(at + MAINTAIN_OFFSET, offset, true);
		if (this.#operations === BATCH_OPERATIONS) this.#flush();
	}

	/** After the last item. */
	finish(): void {
		this.#flush();
		this.output.finish();
	}

	#flush(): void {
		const view = this.#view();
		view.setUint32(this.#core.traceState() + TRACE_ACCESS_COUNT, this.#accesses, true);
		view.setUint32(this.#core.traceState() + TRACE_OPERATION_COUNT, this.#operations, true);
		this.output.pack();
		this.#accesses = 0;
		this.#operations = 0;
	}

	#field(offset: number): number {
		return this.#view().getUint32(this.#core.traceState() + offset, true);
	}

	#view(): DataView {
		return new DataView(this.#core.memory.buffer);
	}
}
