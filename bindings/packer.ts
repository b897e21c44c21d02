import type { PassExports } from "./exports.ts";
import { HEADER_COUNTS } from "./layout/trace.ts";
import { PackedOutput } from "./packed-output.ts";
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

/** Turns one trace into the packed form, in a Wasm instance of its own. */
export class Packer {
	readonly reader: Reader;
	/** After the reader ended: `finish` it. */
	readonly output: PackedOutput;
	readonly #core: PassExports;

	/** `room`: what `roomForPacking` gave. */
	constructor(core: PassExports, format: TraceFormat, room: number, options: PackerOptions = {}) {
		const { skip = 0, take = Number.MAX_SAFE_INTEGER, sample = { keep: 1, every: 1 } } = options;
		this.#core = core;
		core.placePacker(core.placeBatch(room));
		this.reader = new Reader(core, format, {
			skip: options.skipBad ?? false,
			cpus: options.cpus ?? 1,
			step: core.parseAccesses,
			batch: () => this.output.pack(),
		});
		core.beginPack(BigInt(skip), BigInt(take), BigInt(sample.keep), BigInt(sample.every));
		this.output = new PackedOutput(core);
	}

	/** true: as many accesses are kept as were asked for. */
	get full(): boolean {
		return this.#core.packFull() !== 0;
	}

	/** The accesses written, after the output was finished. */
	counts(): TraceCounts {
		return countsAt(this.output.header(), HEADER_COUNTS);
	}
}

/** Takes memory for packing from the instance; 0 if there is not enough. Once for each instance. */
export function roomForPacking(core: PassExports): number {
	// Asked for room at 0, they tell how much they take.
	return core.allocate(BigInt(core.placePacker(core.placeBatch(0))));
}
