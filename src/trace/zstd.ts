import { Decompress } from "fzstd";
import xxhash, { type XXHash } from "xxhash-wasm";
import type { Pull } from "./pull.ts";

const MAGIC = 0xfd2fb528;
/** Skippable frames have magic numbers 0x184d2a50 to 0x184d2a5f. */
const SKIPPABLE = 0x184d2a5;
/** The largest window decoded, as in zstd itself unless told otherwise: 128 MiB. */
const WINDOW = 2 ** 27;
const BLOCK = 2 ** 17;
const BLOCK_RLE = 1;
const BLOCK_COMPRESSED = 2;

/** What is wrong with the compressed data; `decompress` makes it a StalemateError. */
export class ZstdFault extends Error {}

/**
 * Decompresses zstd frame by frame. fzstd decodes blocks and checks little: that frames and blocks are whole, that sizes
 * are as announced and that the content has its checksum is verified here. `unchecked` is called when a frame has none.
 */
export async function* unzstd(
	input: Pull,
	unchecked: () => void,
): AsyncGenerator<Uint8Array<ArrayBufferLike>, void, undefined> {
	const { create64 } = await xxhash();
	while ((await input.peek(1)).length > 0) {
		const magic = await need(input, 4, "a frame's magic number");
		const number = u32(magic, 0);
		if (number >>> 4 === SKIPPABLE) {
			const size = u32(await need(input, 4, "a skippable frame"), 0);
			if (!(await input.skip(size))) throw truncated("a skippable frame");
		} else if (number === MAGIC) {
			yield* frame(input, magic, create64(), unchecked);
		} else {
			throw new ZstdFault(`something that is no zstd frame follows at compressed byte ${input.taken - 4}`);
		}
	}
}

async function* frame(
	input: Pull,
	magic: Uint8Array,
	hash: XXHash<bigint>,
	unchecked: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
	const { header, window, size, checked } = await readHeader(input, magic);
	if (!checked) unchecked();
	const made: Uint8Array[] = [];
	const decoder = new Decompress((bytes) => {
		if (bytes.length > 0) made.push(bytes);
	});
	let total = 0;
	let first: Uint8Array | undefined = header;
	for (let last = false; !last; ) {
		const head = await need(input, 3, "a block");
		const word = u32(new Uint8Array([...head, 0]), 0);
		last = (word & 1) === 1;
		const type = (word >> 1) & 3;
		const length = word >> 3;
		const most = Math.min(BLOCK, window);
		if (type > BLOCK_COMPRESSED || length > most) throw new ZstdFault(`a block's header is damaged${at(input, 3)}`);
		const body = await need(input, type === BLOCK_RLE ? 1 : length, "a block");
		if (type === BLOCK_COMPRESSED && wouldNotEnd(body)) throw new ZstdFault(`a block is damaged${at(input, length)}`);
		const before = total;
		try {
			// Small frames are held back until fzstd knows that no more comes: it wants 18 bytes to start.
			decoder.push(join(first, head, body), last && !checked);
			if (last && checked) decoder.push(new Uint8Array(4), true);
		} catch (cause) {
			throw new ZstdFault(`a block is damaged${at(input, length)}`, { cause });
		}
		first = undefined;
		for (const bytes of made) {
			hash.update(bytes);
			total += bytes.length;
			yield bytes;
		}
		made.length = 0;
		if (type !== BLOCK_COMPRESSED && last && total === before && length > 0) throw truncated("a block");
	}
	if (size !== undefined && BigInt(total) !== size) {
		throw new ZstdFault(`a frame holds ${total} bytes, its header says ${size}`);
	}
	if (checked) {
		const expected = u32(await need(input, 4, "a frame's checksum"), 0);
		if (Number(hash.digest() & 0xffffffffn) !== expected)
			throw new ZstdFault("the content does not match its checksum");
	}
}

interface Header {
	/** The bytes, magic number included. */
	header: Uint8Array;
	window: number;
	/** Of the content, if announced. */
	size: bigint | undefined;
	checked: boolean;
}

async function readHeader(input: Pull, magic: Uint8Array): Promise<Header> {
	const start = await need(input, 1, "a frame's header");
	const flags = start[0]!;
	const single = (flags & 32) !== 0;
	if (flags & 8) throw new ZstdFault(`a frame's header is damaged${at(input, 1)}`);
	const dictionary = [0, 1, 2, 4][flags & 3]!;
	const sizeBytes = [single ? 1 : 0, 2, 4, 8][flags >> 6]!;
	const rest = await need(input, (single ? 0 : 1) + dictionary + sizeBytes, "a frame's header");
	const sizeAt = (single ? 0 : 1) + dictionary;
	if (rest.subarray(sizeAt - dictionary, sizeAt).some((byte) => byte !== 0)) {
		throw new ZstdFault("it was compressed with a dictionary; compress it without");
	}
	let size: bigint | undefined;
	if (sizeBytes > 0) {
		size = 0n;
		for (let i = sizeBytes - 1; i >= 0; i--) size = (size << 8n) | BigInt(rest[sizeAt + i]!);
		if (sizeBytes === 2) size += 256n;
	}
	const base = 2 ** (10 + (rest[0]! >> 3));
	const window = single ? Number(size) : base + (base / 8) * (rest[0]! & 7);
	if (window > WINDOW) {
		throw new ZstdFault(
			`it wants a window of ${Math.ceil(window / 2 ** 20)} MiB and at most ${WINDOW / 2 ** 20} are given; ` +
				"compress it without --long or --ultra",
		);
	}
	return { header: join(magic, start, rest), window, size, checked: (flags & 4) !== 0 };
}

/**
 * fzstd decodes the weights of a Huffman table until their bits are used up: where one weight has all of the probability,
 * none ever is. No encoder writes that; damage may.
 */
function wouldNotEnd(block: Uint8Array): boolean {
	const kind = block[0]! & 3;
	if (kind !== 2) return false;
	const format = (block[0]! >> 2) & 3;
	const at = [3, 3, 4, 5][format]!;
	const size = block[at] ?? 128;
	if (size >= 128) return false;
	const low = block[at + 1] ?? 0;
	const points = 2 ** ((low & 15) + 5);
	// The first probability of the table, coded in as many bits as `points + 1` takes, is all of it; or it follows zeros.
	let position = (at + 1) * 8 + 4;
	const read = (count: number) => {
		let value = 0;
		for (let i = 0; i < count; i++) value |= (((block[(position + i) >> 3] ?? 0) >> ((position + i) & 7)) & 1) << i;
		return value;
	};
	const bits = Math.floor(Math.log2(points + 1)) + 1;
	const most = 2 ** bits - 1 - (points + 1);
	while (position < block.length * 8) {
		let value = read(bits);
		const low = value & (2 ** (bits - 1) - 1);
		if (low < most) {
			value = low;
			position += bits - 1;
		} else {
			position += bits;
			if (value > 2 ** (bits - 1) - 1) value -= most;
		}
		if (value - 1 === points) return true;
		if (value !== 1) return false;
		// A probability of 0, and how many more of them follow.
		for (let repeat = 3; repeat === 3 && position < block.length * 8; position += 2) repeat = read(2);
	}
	return false;
}

async function need(input: Pull, size: number, what: string): Promise<Uint8Array> {
	const bytes = await input.take(size);
	if (!bytes) throw truncated(what);
	return bytes;
}

function truncated(what: string): ZstdFault {
	return new ZstdFault(`it ends inside ${what}: the file is cut short`);
}

function at(input: Pull, back: number): string {
	return ` at compressed byte ${input.taken - back}`;
}

function u32(bytes: Uint8Array, at: number): number {
	return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

function join(...parts: (Uint8Array | undefined)[]): Uint8Array {
	const whole = new Uint8Array(parts.reduce((sum, part) => sum + (part?.length ?? 0), 0));
	let at = 0;
	for (const part of parts) {
		if (!part) continue;
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}
