import type { PassExports } from "./exports.ts";

/** The packed form as it is made in a Wasm instance (assembly/trace/pack.ts). It gathers until it is taken. */
export class PackedOutput {
	readonly #core: PassExports;
	#made: Uint8Array[] = [];

	/** After `beginPack`. */
	constructor(core: PassExports) {
		this.#core = core;
		this.#keep(core.packHeader(0));
	}

	/** Packs the batch that is there. */
	pack(): void {
		for (let size = this.#core.pack(); size > 0; size = this.#core.pack()) this.#keep(size);
	}

	/** The last block and the end marker. */
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

	#keep(size: number): void {
		this.#made.push(this.#copy(size));
	}

	#copy(size: number): Uint8Array {
		const at = this.#core.packOutput();
		return new Uint8Array(this.#core.memory.buffer).slice(at, at + size);
	}
}
