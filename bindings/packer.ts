import type { PassExports } from "./exports.ts";
import { HEADER_COUNTS } from "./layout/trace.ts";
import { countsAt, Reader, type TraceCounts, type TraceFormat } from "./reader.ts";

export interface PackerOptions {
	/** Bad items are skipped and counted. */
	skipBad?: boolean;
	/** CPUs that threads get. */
	cpus?: number;
	/** Accesses left out at the beginning, and the most that are kept. */
	skip?: number;
	take?: number;
	/** The first `keep` of every `every` accesses after those left out are kept. */
	sample?: { keep: number; every: number };
}

/** Turns one trace into the packed form, in a Wasm instance of its own. Output gathers until it is taken. */
export class Packer {
	readonly reader: Reader;
	readonly #core: PassExports;
	#made: Uint8Array[] = [];

	/** `room`: what `roomForPacking` gave. */
	constructor(core: PassExports, format: TraceFormat, room: number, options: PackerOptions = {}) {
		const { skip = 0, take = Number.MAX_SAFE_INTEGER, sample = { keep: 1, every: 1 } } = options;
		this.#core = core;
		core.placePacker(core.placeBatch(room));
		this.reader = new Reader(core, format, {
			skip: options.skipBad ?? false,
			cpus: options.cpus ?? 1,
			step: core.parseAccesses,
			still: true,
			batch: () => {
				for (let size = core.pack(); size > 0; size = core.pack()) this.#keep(size);
			},
		});
		core.beginPack(BigInt(skip), BigInt(take), BigInt(sample.keep), BigInt(sample.every));
		this.#keep(core.packHeader(0));
	}

	/** true: as many accesses are kept as were asked for. */
	get full(): boolean {
		return this.#core.packFull() !== 0;
	}

	/** After the reader ended: the last block and the end marker. */
	finish(): void {
		const rest = this.#core.packRest();
		if (rest > 0) this.#keep(rest);
		this.#keep(this.#core.packEnd());
	}

	/** The output since the last call. */
	made(): Uint8Array[] {
		const made = this.#made;
		this.#made = [];
		return made;
	}

	/** After `finish`: the header with the counts, to be written over the first one. */
	header(): Uint8Array {
		return this.#copy(this.#core.packHeader(1));
	}

	/** After `finish`: the accesses written. */
	counts(): TraceCounts {
		return countsAt(this.header(), HEADER_COUNTS);
	}

	#keep(size: number): void {
		this.#made.push(this.#copy(size));
	}

	#copy(size: number): Uint8Array {
		const at = this.#core.packOutput();
		return new Uint8Array(this.#core.memory.buffer).slice(at, at + size);
	}
}

/** Takes memory for packing from the instance; 0 if there is not enough. Once for each instance. */
export function roomForPacking(core: PassExports): number {
	// Asked for room at 0, they tell how much they take.
	return core.allocate(BigInt(core.placePacker(core.placeBatch(0))));
}
