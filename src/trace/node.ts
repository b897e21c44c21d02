/**
 * The parts that only Node has: files, standard input, its zlib. No import names a node: module, so that bundlers for
 * the web see none: getBuiltinModule answers in Node and is absent elsewhere.
 */

import { needsNode } from "./no-node.ts";
import type { Pull } from "./pull.ts";

type Fs = typeof import("node:fs");
type Zlib = typeof import("node:zlib");

/** Enough to tell what a file is. */
const FIRST_READ = 65536;
const READ_SIZE = 524288;
/** Where bytes may be put before they are handed on, so that they need not be copied then. Asked each time. */
export type Room = () => Uint8Array | undefined;

function builtin<T>(name: string): T | undefined {
	return globalThis.process?.getBuiltinModule?.(name) as T | undefined;
}

function fs(what: string): Fs {
	return builtin<Fs>("node:fs") ?? needsNode(what);
}

/** A file's bytes, each chunk valid until the next is asked for. `room` is asked once a first chunk was given. */
export function fileBytes(path: string, room?: Room): AsyncGenerator<Uint8Array, void, undefined> {
	const node = fs(path);
	// Only of a regular file is it certain that nothing waits: a pipe is opened once somebody writes to it.
	return node.statSync(path, { throwIfNoEntry: false })?.isFile()
		? regularBytes(node, path, room)
		: pipedBytes(node, path);
}

/** To where `room` says. By this thread: what it then works on lies in its processor's cache, and nobody is to be woken. */
async function* regularBytes(fs: Fs, path: string, room?: Room): AsyncGenerator<Uint8Array, void, undefined> {
	const file = fs.openSync(path, "r");
	try {
		const first = new Uint8Array(FIRST_READ);
		let spare: Uint8Array | undefined;
		let chunk: Uint8Array = first.subarray(0, fs.readSync(file, first, 0, FIRST_READ, null));
		while (chunk.length > 0) {
			yield chunk;
			// So short a chunk is the last one.
			let place = chunk.length < FIRST_READ ? first : room?.();
			if (!place) {
				spare ??= new Uint8Array(READ_SIZE);
				place = spare;
			}
			chunk = place.subarray(0, fs.readSync(file, place, 0, place.length, null));
		}
	} finally {
		fs.closeSync(file);
	}
}

async function* pipedBytes({ promises }: Fs, path: string): AsyncGenerator<Uint8Array, void, undefined> {
	const file = await promises.open(path, "r");
	try {
		const buffer = new Uint8Array(READ_SIZE);
		while (true) {
			const { bytesRead } = await file.read(buffer, 0, READ_SIZE, null);
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

/** Node's inflate, which is faster than what the web has, and tells where a member ends: undefined where there is no Node. */
export function nodeGunzip(input: Pull): AsyncIterable<Uint8Array> | undefined {
	const zlib = builtin<Zlib>("node:zlib");
	return zlib && gunzip(zlib, input);
}

/** Bytes given to zlib at once: what they unpack to waits in memory. */
const SLICE = 32768;

/** Which fields follow the first ten bytes of a member. */
const CHECKED = 2;
const EXTRA = 4;
const NAME = 8;
const COMMENT = 16;
const RESERVED = 0xe0;

/**
 * Member by member: zlib's own gunzip gives nothing of the last part of a member whose check is wrong, or behind which something
 * else follows, though all of it is there.
 */
async function* gunzip(zlib: Zlib, input: Pull): AsyncGenerator<Uint8Array, void, undefined> {
	do {
		await passHeader(input);
		yield* member(zlib, input);
	} while ((await input.peek(1)).length > 0);
}

async function passHeader(input: Pull): Promise<void> {
	const at = input.taken;
	const need = async (size: number) => {
		const bytes = await input.take(size);
		if (!bytes) throw cutShort("a header");
		return bytes;
	};
	const magic = await input.peek(2);
	if (magic[0] !== 0x1f || (magic[1] ?? 0x8b) !== 0x8b)
		throw new Error(`something that is no gzip data follows at compressed byte ${at}`);
	const [, , method, flags] = await need(10);
	if (method !== 8 || flags! & RESERVED) throw new Error(`the header at compressed byte ${at} is damaged`);
	if (flags! & EXTRA) {
		const [low, high] = await need(2);
		if (!(await input.skip(low! | (high! << 8)))) throw cutShort("a header");
	}
	for (const field of [NAME, COMMENT]) {
		if (flags! & field) while ((await need(1))[0] !== 0);
	}
	if (flags! & CHECKED) await need(2);
}

/**
 * Not by pipes: a stream that fails drops what it had ready, and that is the part of a cut file that can be read. What one
 * slice unpacks to is given on while zlib's thread works on the next.
 */
async function* member(zlib: Zlib, input: Pull): AsyncGenerator<Uint8Array, void, undefined> {
	const engine = zlib.createInflateRaw({ chunkSize: 2 * SLICE });
	let made: Uint8Array[] = [];
	let failure: Error | undefined;
	engine.on("data", (chunk: Uint8Array) => made.push(chunk));
	engine.on("error", (error) => {
		failure = error;
	});
	const closed = new Promise<void>((resolve) => engine.once("close", resolve));
	let check = 0;
	let size = 0;
	const taken = () => {
		const all = made;
		made = [];
		for (const bytes of all) {
			check = zlib.crc32(bytes, check);
			size += bytes.length;
		}
		return all;
	};
	try {
		for (let ended = false; !ended; ) {
			const slice = await input.view(SLICE);
			if (slice.length === 0) break;
			const before = engine.bytesWritten;
			const ready = taken();
			// A failing engine never calls back.
			const busy = Promise.race([new Promise<void>((resolve) => engine.write(slice, () => resolve())), closed]);
			yield* ready;
			await busy;
			if (failure) break;
			// What it left is not of this member.
			const used = engine.bytesWritten - before;
			ended = used < slice.length;
			await input.skip(used);
		}
		yield* taken();
		if (failure) throw failure;
		const trailer = await input.take(8);
		if (!trailer) throw cutShort("a member");
		const [expected, length] = [0, 4].map((at) => new DataView(trailer.buffer, trailer.byteOffset).getUint32(at, true));
		if (expected !== check || length !== size % 2 ** 32) throw new Error("the content does not match its checksum");
	} finally {
		engine.destroy();
	}
}

function cutShort(what: string): Error {
	return new Error(`it ends inside ${what}: the file is cut short`);
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
