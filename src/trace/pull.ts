/** Headers are put together from several reads. */
const COPIED = 64;

const NOTHING = /* @__PURE__ */ new Uint8Array(0);

/**
 * Reads a stream of chunks by numbers of bytes. A chunk may be overwritten once the next one is asked for: what is read here
 * holds until the next read.
 */
export class Pull {
	readonly #open: () => AsyncIterable<Uint8Array>;
	readonly #failed: (cause: unknown, offset: number) => unknown;
	#chunks: AsyncIterator<Uint8Array> | undefined;
	#held: Uint8Array = NOTHING;
	#ended = false;
	/** Bytes that came, taken or not. */
	#offset = 0;
	/** Bytes taken so far. */
	taken = 0;

	/**
	 * @param open called at the first read
	 * @param failed what is thrown when reading fails after so many bytes
	 */
	constructor(open: () => AsyncIterable<Uint8Array>, failed: (cause: unknown, offset: number) => unknown) {
		this.#open = open;
		this.#failed = failed;
	}

	/** The next `size` bytes, fewer only where the stream ends; they stay to be taken. */
	async peek(size: number): Promise<Uint8Array> {
		while (this.#held.length < size && !this.#ended) {
			const before = this.#held.slice();
			const next = await this.#read();
			if (before.length === 0) {
				this.#held = next;
			} else {
				this.#held = new Uint8Array(before.length + next.length);
				this.#held.set(before);
				this.#held.set(next, before.length);
			}
		}
		return this.#held.subarray(0, size);
	}

	/** What is there of the next `size` bytes, at least one unless the stream ends; they stay to be taken. */
	async view(size: number): Promise<Uint8Array> {
		await this.peek(1);
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

	/** What comes next, as it comes; empty: that was all. */
	async next(): Promise<Uint8Array> {
		let chunk = this.#held;
		this.#held = NOTHING;
		while (chunk.length === 0 && !this.#ended) chunk = await this.#read();
		this.taken += chunk.length;
		return chunk;
	}

	/** All that is left, as it comes. */
	async *rest(): AsyncGenerator<Uint8Array, void, undefined> {
		try {
			for (let chunk = await this.next(); chunk.length > 0; chunk = await this.next()) yield chunk;
		} finally {
			await this.close();
		}
	}

	/** Tells the source that no more is wanted. */
	async close(): Promise<void> {
		if (this.#ended) return;
		this.#ended = true;
		await this.#chunks?.return?.();
	}

	async #read(): Promise<Uint8Array> {
		try {
			this.#chunks ??= this.#open()[Symbol.asyncIterator]();
			const next = await this.#chunks.next();
			if (!next.done) {
				this.#offset += next.value.length;
				return next.value;
			}
		} catch (cause) {
			this.#ended = true;
			throw this.#failed(cause, this.#offset);
		}
		this.#ended = true;
		return NOTHING;
	}
}
