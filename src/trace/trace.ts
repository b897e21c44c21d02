import type { TraceFormat } from "../../bindings/reader.ts";
import { StalemateError } from "../errors.ts";
import { optional } from "../input/options.ts";
import { object, text, word } from "../input/shape.ts";
import { type Compression, compressionOf, MAGIC_SIZE } from "./compression.ts";
import { formatOf, SAMPLE_SIZE } from "./format.ts";
import type { Room } from "./node.ts";
import { Pull } from "./pull.ts";
import { bytesOf, nameOf, readingFailed, type TraceSource } from "./source.ts";

/** How a trace is read: what it is called, its format, and what is done about bad items. */
export interface TraceOptions {
	/** Left out: told by the content. */
	format?: TraceFormat;
	/** A bad line or record: stop with an error (the default), or skip and count it. */
	onError?: "stop" | "skip";
	/** What errors call the trace; left out: its path. */
	name?: string;
}

const FORMATS: readonly TraceFormat[] = ["din", "lackey", "champsim", "packed"];

/** With which some editors begin UTF-8. */
const MARK = [0xef, 0xbb, 0xbf];

/** Of TraceOptions. */
const traceOptions = () => object({ format: word(...FORMATS), onError: word("stop", "skip"), name: text(100_000) });

/** Milliseconds of reading, and of what is done with it, after which everything else that waits has its turn. */
const PATIENCE = 50;

/** A trace to be read, once. Nothing is opened before its format or its bytes are asked for. */
export class Trace {
	readonly name: string;
	readonly onError: "stop" | "skip";
	/** What could not be verified, found while reading. */
	readonly warnings: string[] = [];
	/** Known once the format was asked for. */
	compression: Compression | undefined;
	readonly #source: TraceSource;
	readonly #told: TraceFormat | undefined;
	#opened: Promise<{ format: TraceFormat; content: Pull }> | undefined;
	#read = false;
	#room: Room | undefined;
	#raw: Pull | undefined;

	constructor(source: TraceSource, options: TraceOptions) {
		this.#source = source;
		this.#told = options.format;
		this.name = options.name ?? nameOf(source);
		this.onError = options.onError ?? "stop";
	}

	/** Bytes of the source read so far, compressed as they are. */
	get taken(): number {
		return this.#raw?.taken ?? 0;
	}

	/** The format given, or told by the first bytes. Opens the source. */
	async format(): Promise<TraceFormat> {
		return (await this.#open()).format;
	}

	/**
	 * The decompressed bytes, once, in chunks of bounded size, each valid until the next is asked for. The chunks of a file that is
	 * not compressed lie in `room`, if it is given.
	 */
	async *chunks(room?: Room): AsyncGenerator<Uint8Array, void, undefined> {
		if (this.#read) {
			throw new StalemateError("BAD_OPTION", `${this.name} was read before: open it again to read it again`, {
				file: this.name,
			});
		}
		this.#read = true;
		const { content } = await this.#open();
		if (this.compression === "none") this.#room = room;
		let last = performance.now();
		try {
			for (let chunk = await content.next(); chunk.length > 0; chunk = await content.next()) {
				yield chunk;
				if (performance.now() - last < PATIENCE) continue;
				await turn();
				last = performance.now();
			}
		} finally {
			await content.close();
		}
	}

	[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
		return this.chunks();
	}

	/** Gives up without reading: closes the source if it was opened. */
	async close(): Promise<void> {
		this.#read = true;
		const opened = await this.#opened?.catch(() => undefined);
		await opened?.content.close();
	}

	async *#decompressed(
		raw: Pull,
		compression: Exclude<Compression, "none">,
	): AsyncGenerator<Uint8Array, void, undefined> {
		const { decompress } = await import("./decompress.ts");
		yield* decompress(raw, compression, this.name, (what) => this.warnings.push(`${this.name}: ${what}`));
	}

	#open(): Promise<{ format: TraceFormat; content: Pull }> {
		this.#opened ??= this.#start();
		return this.#opened;
	}

	async #start(): Promise<{ format: TraceFormat; content: Pull }> {
		const failed = (cause: unknown, offset: number) => readingFailed(this.name, cause, offset);
		const raw = new Pull(() => bytesOf(this.#source, () => this.#room?.()), failed);
		this.#raw = raw;
		let content = raw;
		try {
			this.compression = compressionOf(await raw.peek(MAGIC_SIZE), this.name);
			const { compression } = this;
			if (compression !== "none") content = new Pull(() => this.#decompressed(raw, compression), failed);
			let start = await content.peek(SAMPLE_SIZE);
			// No text has zeros, and every record of binary formats has.
			if (MARK.every((byte, i) => start[i] === byte) && !start.includes(0)) {
				// Blanks in place of a mark of the encoding, so that offsets stay what they are.
				const marked = content;
				content = new Pull(() => unmarked(marked), failed);
				start = await content.peek(SAMPLE_SIZE);
			}
			if (this.#told && start.length > 0) return { format: this.#told, content };
			return { format: formatOf(start, this.name), content };
		} catch (cause) {
			await content.close();
			throw cause;
		}
	}
}

/**
 * A trace from a path, "-" (standard input), bytes, a Blob or a stream. gzip, zstd and xz are recognised and decompressed
 * while reading; memory use does not depend on the length.
 */
export function openTrace(source: TraceSource, options?: TraceOptions): Trace {
	return new Trace(source, optional(traceOptions, options));
}

async function* unmarked(content: Pull): AsyncGenerator<Uint8Array, void, undefined> {
	await content.take(MARK.length);
	yield Uint8Array.from(MARK, () => 32);
	yield* content.rest();
}

/** Lets timers and events have their turn: a source in memory would never. */
function turn(): Promise<void> {
	return new Promise((resolve) => {
		if (typeof setImmediate === "function") setImmediate(resolve);
		else setTimeout(resolve, 0);
	});
}
