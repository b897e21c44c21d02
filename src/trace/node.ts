/**
 * The parts that only Node has: files, standard input, its zlib. No import names a node: module, so that bundlers for
 * the web see none: getBuiltinModule answers in Node and is absent elsewhere.
 */

import { StalemateError } from "../errors.ts";

type Fs = typeof import("node:fs");
type Stream = typeof import("node:stream");
type Zlib = typeof import("node:zlib");

const READ_SIZE = 262144;

function builtin<T>(name: string): T | undefined {
	return globalThis.process?.getBuiltinModule?.(name) as T | undefined;
}

function fs(what: string): Fs {
	const module = builtin<Fs>("node:fs");
	if (!module) throw new StalemateError("IO", `${what} needs Node: here, give bytes, a Blob or a stream`, { file: what });
	return module;
}

/** A file's bytes. */
export async function* fileBytes(path: string): AsyncGenerator<Uint8Array, void, undefined> {
	const { open } = fs(path).promises;
	const file = await open(path, "r");
	try {
		while (true) {
			const { bytesRead, buffer } = await file.read(new Uint8Array(READ_SIZE), 0, READ_SIZE, null);
			if (bytesRead === 0) return;
			yield buffer.subarray(0, bytesRead);
		}
	} finally {
		await file.close();
	}
}

export function standardInput(): AsyncIterable<Uint8Array> {
	fs("-");
	return globalThis.process.stdin;
}

/**
 * Node's gunzip, which reads all members of a file: undefined where there is no Node. `trailing` is called when bytes
 * follow that are no gzip: zlib ignores them.
 */
export function nodeGunzip(
	bytes: AsyncIterable<Uint8Array>,
	trailing: (consumed: number) => void,
): AsyncIterable<Uint8Array> | undefined {
	const zlib = builtin<Zlib>("node:zlib");
	const stream = builtin<Stream>("node:stream");
	return zlib && stream ? gunzip(zlib, stream, bytes, trailing) : undefined;
}

async function* gunzip(
	zlib: Zlib,
	stream: Stream,
	bytes: AsyncIterable<Uint8Array>,
	trailing: (consumed: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
	let fed = 0;
	async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
		for await (const chunk of bytes) {
			fed += chunk.length;
			yield chunk;
		}
	}
	const engine = zlib.createGunzip({ chunkSize: READ_SIZE });
	// The callback keeps the error from being thrown a second time: the loop below gets it.
	stream.pipeline(stream.Readable.from(counted()), engine, () => {});
	for await (const chunk of engine) yield chunk;
	if (engine.bytesWritten < fed) trailing(engine.bytesWritten);
}

/** Where bytes are written one after the other; `patch` rewrites a part if the place can be sought in. */
export interface ByteSink {
	write(bytes: Uint8Array): Promise<void>;
	patch?(bytes: Uint8Array, offset: number): Promise<void>;
	close(): Promise<void>;
	/** Gives up: what was written is of no use. */
	abort(): Promise<void>;
}

/** A file to be written anew; "-" is standard output. An aborted file is removed. */
export async function fileSink(path: string): Promise<ByteSink> {
	const { promises } = fs(path);
	if (path === "-") return standardOutput();
	const file = await promises.open(path, "w");
	let end = 0;
	const regular = (await file.stat()).isFile();
	const sink: ByteSink = {
		async write(bytes) {
			for (let done = 0; done < bytes.length; ) {
				const { bytesWritten } = await file.write(bytes, done, bytes.length - done, regular ? end : null);
				done += bytesWritten;
				end += bytesWritten;
			}
		},
		close: () => file.close(),
		async abort() {
			await file.close();
			if (regular) await promises.rm(path, { force: true });
		},
	};
	if (regular) {
		sink.patch = async (bytes, offset) => {
			await file.write(bytes, 0, bytes.length, offset);
		};
	}
	return sink;
}

function standardOutput(): ByteSink {
	const { stdout } = globalThis.process;
	return {
		write: (bytes) =>
			new Promise((resolve, reject) => {
				stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
			}),
		close: async () => {},
		abort: async () => {},
	};
}
