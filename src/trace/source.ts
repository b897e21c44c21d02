import { StalemateError } from "../errors.ts";
import { fileBytes, type Room, standardInput } from "./node.ts";

/** Anything a trace may come from; a string is a path, "-" standard input (Node only). */
export type TraceSource =
	| string
	| Uint8Array
	| ArrayBuffer
	| Blob
	| ReadableStream<Uint8Array>
	| AsyncIterable<Uint8Array>;

/** Bytes handed on at once, at most: what bounds memory. */
const CHUNK = 524288;

/** The name errors use when the caller gives none. */
export function nameOf(source: TraceSource): string {
	if (typeof source === "string") return source;
	if (typeof File !== "undefined" && source instanceof File) return source.name;
	return isStream(source) ? "<stream>" : "<bytes>";
}

/**
 * The bytes of `source` in chunks of bounded size, each valid until the next is asked for; those of a file come in `room`, where
 * there is any.
 */
export function bytesOf(source: TraceSource, room?: Room): AsyncIterable<Uint8Array> {
	return typeof source === "string" && source !== "-" ? fileBytes(source, room) : bounded(rawBytes(source));
}

/** What is told of a reading that failed. */
export function readingFailed(name: string, cause: unknown, offset: number): unknown {
	if (cause instanceof StalemateError) return cause;
	const why = cause instanceof Error ? cause.message : String(cause);
	return new StalemateError("IO", `${name}: reading failed after ${offset} bytes: ${why}`, { file: name }, { cause });
}

async function* bounded(
	chunks: AsyncIterable<unknown> | Iterable<unknown>,
): AsyncGenerator<Uint8Array, void, undefined> {
	for await (const chunk of chunks) {
		const bytes = asBytes(chunk);
		if (!bytes) throw new TypeError(`a chunk of the stream is ${describe(chunk)}, not a Uint8Array`);
		for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
	}
}

function rawBytes(source: TraceSource): AsyncIterable<unknown> | Iterable<unknown> {
	if (typeof source === "string") return standardInput();
	const bytes = asBytes(source);
	if (bytes) return [bytes];
	if (typeof Blob !== "undefined" && source instanceof Blob) return streamBytes(source.stream());
	const stream = source as Partial<ReadableStream<Uint8Array>> & Partial<AsyncIterable<Uint8Array>>;
	if (typeof stream.getReader === "function") return streamBytes(stream as ReadableStream<Uint8Array>);
	if (typeof stream[Symbol.asyncIterator] === "function") return stream as AsyncIterable<Uint8Array>;
	throw new StalemateError(
		"BAD_OPTION",
		`A trace comes from a path, "-", a Uint8Array, an ArrayBuffer, a Blob or a stream of bytes, not from ${describe(source)}`,
	);
}

/** Not every browser's ReadableStream is async iterable. */
async function* streamBytes(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
	const reader = stream.getReader();
	let done = false;
	try {
		while (true) {
			const next = await reader.read();
			done = next.done;
			if (next.done) return;
			yield next.value;
		}
	} finally {
		// Cancelling tells the source to stop; it may have failed already, which is known by now.
		if (!done) await reader.cancel().catch(() => {});
		reader.releaseLock();
	}
}

/** By tag, because the bytes may come from another realm. */
function asBytes(value: unknown): Uint8Array | undefined {
	if (value instanceof Uint8Array) return value;
	if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
	return /ArrayBuffer\]$/.test(Object.prototype.toString.call(value))
		? new Uint8Array(value as ArrayBuffer)
		: undefined;
}

function isStream(source: TraceSource): boolean {
	return !asBytes(source) && !(typeof Blob !== "undefined" && source instanceof Blob);
}

function describe(value: unknown): string {
	if (value === null) return "null";
	if (typeof value !== "object") return typeof value;
	return value.constructor?.name ?? "an object";
}
