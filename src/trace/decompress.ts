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
			`${name}: bad ${compression} data: ${said(cause)}; ${offset} decompressed bytes before it are whole`,
			{ file: name, offset },
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
			return unxz(input);
	}
}

function gunzip(input: Pull): AsyncIterable<Uint8Array> {
	const bytes = input.rest();
	const through = (stream: ReadableStream<Uint8Array>) =>
		stream.pipeThrough(new DecompressionStream("gzip") as Transform);
	return nodeGunzip(bytes) ?? streamed(bytes, through);
}

// The decoders that no engine has are fetched by those who need them.

async function* zstd(input: Pull, unchecked: () => void): AsyncGenerator<Uint8Array, void, undefined> {
	const { unzstd } = await import("./zstd.ts");
	yield* unzstd(input, unchecked);
}

async function* unxz(input: Pull): AsyncGenerator<Uint8Array, void, undefined> {
	const start = await input.peek(8);
	if (start.length === 8 && (start[7]! & 15) === 10) {
		throw new Error("its check is SHA-256, which is not read here: compress it with --check=crc64");
	}
	const { XzReadableStream } = (await import("xz-decompress")).default;
	yield* streamed(input.rest(), (stream) => new XzReadableStream(stream));
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
	if (/unexpected end|code 8|truncated|ended without/i.test(text)) return `it is cut short (${text})`;
	if (/code 7|data check|checksum|crc/i.test(text)) return `it is damaged (${text})`;
	if (/incorrect header/i.test(text)) return `something that is no gzip data begins or follows (${text})`;
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
