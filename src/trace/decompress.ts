import { StalemateError } from "../errors.ts";
import type { Compression } from "./compression.ts";
import { nodeGunzip } from "./node.ts";
import type { Pull } from "./pull.ts";

/**
 * Decompresses; whatever is wrong becomes BAD_COMPRESSION with the number of bytes that came out before. `warn` is told
 * what could not be verified.
 */
export async function* decompress(
	input: Pull,
	compression: Exclude<Compression, "none">,
	name: string,
	warn: (what: string) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
	let offset = 0;
	try {
		for await (const bytes of decoder(input, compression, warn)) {
			offset += bytes.length;
			yield bytes;
		}
	} catch (cause) {
		if (cause instanceof StalemateError) throw cause;
		throw new StalemateError(
			"BAD_COMPRESSION",
			`${name}: bad ${compression} data: ${said(cause)}; ${offset} decompressed bytes before it are whole, ` +
				`of ${input.taken} compressed ones`,
			{ file: name, offset, compressed: input.taken },
			{ cause },
		);
	} finally {
		await input.close();
	}
}

function decoder(
	input: Pull,
	compression: Exclude<Compression, "none">,
	warn: (what: string) => void,
): AsyncIterable<Uint8Array> {
	switch (compression) {
		case "gzip":
			return gunzip(input);
		case "zstd":
			return zstd(
				input,
				once(() => warn("its zstd frames have no checksum: damage may go unnoticed")),
			);
		case "xz":
			return unxz(
				input,
				once(() => warn("its xz streams have no check: damage may go unnoticed")),
			);
	}
}

function gunzip(input: Pull): AsyncIterable<Uint8Array> {
	const through = (stream: ReadableStream<Uint8Array>) =>
		stream.pipeThrough(new DecompressionStream("gzip") as Transform);
	return nodeGunzip(input) ?? streamed(pieces(input.rest()), through);
}

// The decoders that no engine has are fetched by those who need them.

async function* zstd(input: Pull, unchecked: () => void): AsyncGenerator<Uint8Array, void, undefined> {
	const { unzstd } = await import("./zstd.ts");
	yield* unzstd(input, unchecked);
}

async function* unxz(input: Pull, unchecked: () => void): AsyncGenerator<Uint8Array, void, undefined> {
	const flags = (await input.peek(8)).slice(6);
	const check = flags[1];
	if (check === 0) unchecked();
	if (check === 10) throw new Refused("its check is SHA-256, which is not read here: compress it with --check=crc64");
	const { XzReadableStream } = (await import("xz-decompress")).default;
	// Its lock is held until a stream was read to its end: another that is opened meanwhile would wait, perhaps for ever.
	Object.assign(XzReadableStream, { _contextMutex: { acquire: async () => {}, release() {} } });
	const end = { bytes: new Uint8Array(0) };
	try {
		yield* streamed(pieces(input.rest(), end), (stream) => new XzReadableStream(stream));
	} catch (cause) {
		const code = /error code (\d)/.exec(String(cause))?.[1];
		// A stream ends with the flags it began with, and two letters.
		const whole = [...flags, 0x59, 0x5a].join();
		if (code === "5" || (code === "8" && [...end.bytes].join().includes(`,${whole},`)))
			throw new Refused("something that is no xz data follows");
		if (code === "6") throw new Refused("it uses a filter, which is not read here: compress it with xz and no filters");
		if (code === "3" || code === "4") throw new Refused("its dictionary is too large: compress it with xz -6");
		throw cause;
	}
}

/** What is not read, and why: it needs no other words. */
class Refused extends Error {}

/** Bytes of a piece, and of the end. */
const PIECE = 4096;
const END = 64;

/**
 * A decoder that fails gives nothing of what it made of the piece it failed at. The end of the file, where checks are, comes byte
 * by byte; it is put into `end`, too.
 */
async function* pieces(
	bytes: AsyncIterable<Uint8Array>,
	end = { bytes: new Uint8Array(0) },
): AsyncGenerator<Uint8Array, void, undefined> {
	for await (const chunk of bytes) {
		const all = new Uint8Array(end.bytes.length + chunk.length);
		all.set(end.bytes);
		all.set(chunk, end.bytes.length);
		const last = Math.max(0, all.length - END);
		for (let at = 0; at < last; at += PIECE) yield all.subarray(at, Math.min(last, at + PIECE));
		end.bytes = all.slice(last);
	}
	for (let at = 0; at < end.bytes.length; at++) yield end.bytes.subarray(at, at + 1);
}

type Transform = ReadableWritablePair<Uint8Array, Uint8Array>;

/** Chunks through something that takes and gives web streams. */
async function* streamed(
	bytes: AsyncGenerator<Uint8Array, void, undefined>,
	through: (stream: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
	let failure: unknown;
	const stream = new ReadableStream<Uint8Array>(
		{
			async pull(controller) {
				try {
					const next = await bytes.next();
					if (next.done) controller.close();
					// What the stream holds outlives the chunk.
					else controller.enqueue(next.value.slice());
				} catch (cause) {
					failure = cause;
					controller.error(cause);
				}
			},
			async cancel() {
				await bytes.return();
			},
		},
		{ highWaterMark: 0 },
	);
	const reader = through(stream).getReader();
	let done = false;
	try {
		while (true) {
			const next = await reader.read();
			done = next.done;
			if (next.done) return;
			yield next.value;
		}
	} catch (cause) {
		done = true;
		throw failure ?? cause;
	} finally {
		if (!done) await reader.cancel().catch(() => {});
	}
}

/** Decoders say little: what their words most often mean. */
function said(cause: unknown): string {
	const text = cause instanceof Error ? cause.message : String(cause);
	if (cause instanceof Refused || /cut short/.test(text)) return text;
	if (/unexpected end|code 8|truncated|ended without/i.test(text)) return `it is cut short (${text})`;
	if (/code 7|data check|checksum|crc/i.test(text)) return `it is damaged (${text})`;
	if (/trailing|junk/i.test(text)) return `${text} (this browser reads only the first of several gzip members)`;
	return text;
}

function once(f: () => void): () => void {
	let done = false;
	return () => {
		if (!done) f();
		done = true;
	};
}
