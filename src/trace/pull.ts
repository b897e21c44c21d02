/** Headers are put together from several reads. */
const COPIED = 64;

/**
 * Reads a stream of chunks by numbers of bytes. A chunk may be overwritten once the next one is asked for: what is read here
 * holds until the next read.
 */
export class Pull {
	readonly #chunks: AsyncIterator<Uint8Array>;
	#held: Uint8Array = new Uint8Array(0);
	#ended = false;
	/** Bytes taken so far. */
	taken = 0;

	constructor(chunks: AsyncIterable<Uint8Array>) {
		this.#chunks = chunks[Symbol.asyncIterator]();
	}

	/** The next `size` bytes, fewer only where the stream ends; they stay to be taken. */
	async peek(size: number): Promise<Uint8Array> {
		while (this.#held.length < size && !this.#ended) {
			const before = this.#held.slice();
			const next = await this.#chunks.next();
			if (next.done) {
				this.#ended = true;
				this.#held = before;
			} else if (before.length === 0) {
				this.#held = next.value;
			} else {
				this.#held = new Uint8Array(before.length + next.value.length);
				this.#held.set(before);
				this.#held.set(next.value, before.length);
			}
		}
		return this.#held.subarray(0, size);
	}

	/** The next `size` bytes, undefined if there are fewer. A few bytes are a copy. */
	async take(size: number): Promise<Uint8Array | undefined> {
		const bytes = await this.peek(size);
		if (bytes.length < size) return undefined;
		this.#held = this.#held.subarray(size);
		this.taken += size;
		return size <= COPIED ? bytes.slice() : bytes;
	}

	/** Passes over up to `size` bytes; false if there are fewer. */
	async skip(size: number): Promise<boolean> {
		for (let left = size; left > 0; ) {
			const part = await this.peek(1);
			if (part.length === 0) return false;
			const step = Math.min(left, this.#held.length);
			this.#held = this.#held.subarray(step);
			this.taken += step;
			left -= step;
		}
		return true;
	}

	/** All that is left. */
	async *rest(): AsyncGenerator<Uint8Array, void, undefined> {
		try {
			while (true) {
				const held = this.#held;
				this.#held = new Uint8Array(0);
				this.taken += held.length;
				if (held.length > 0) yield held;
				if (this.#ended) return;
				await this.peek(1);
				if (this.#held.length === 0) return;
			}
		} finally {
			await this.close();
		}
	}

	/** Tells the source that no more is wanted. */
	async close(): Promise<void> {
		if (this.#ended) return;
		this.#ended = true;
		await this.#chunks.return?.();
	}
}
