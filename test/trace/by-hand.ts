// Files in the packed form, written by hand: what the packer never writes, too.

import xxhash from "xxhash-wasm";
import {
	BLOCK_BYTES,
	BLOCK_HEADER,
	BLOCK_INDEX,
	BLOCK_INSIDE,
	BLOCK_MOVES,
	BLOCK_OPERANDS,
	BLOCK_OPERATIONS,
	BLOCK_ROWS,
	BLOCK_SEQUENCES,
	BLOCK_SHAPES,
	BLOCK_TOKENS,
	END_SIZE,
	HEADER_SIZE,
} from "../../bindings/layout/trace.ts";
import type { Access } from "../../bindings/reader.ts";

/** XXH64 of bytes, by a library. */
export const hash = (await xxhash()).h64Raw;

/** What a block says, written by hand: bytes as docs/packed-format.md has them, tokens as numbers. */
export interface Parts {
	shapes?: number[][];
	rows?: number[][];
	/** How many of the rows are of accesses within 32 bytes. */
	inside?: number;
	sequences?: number[][];
	tokens?: number[];
	moves?: number[];
	operands?: number[];
	operations?: number[];
}

export function block(index: number, parts: Parts): Uint8Array {
	const { shapes = [], rows = [], sequences = [], tokens = [], moves = [], operands = [], operations = [] } = parts;
	const body = [
		...tokens.flatMap((token) => [token & 255, token >> 8]),
		...moves,
		...operands,
		...operations,
		...[...shapes, ...rows, ...sequences].flat(),
	];
	const bytes = new Uint8Array(BLOCK_HEADER + body.length + 8);
	const view = new DataView(bytes.buffer);
	view.setUint32(0, 0x314b4c42, true);
	view.setUint32(BLOCK_BYTES, bytes.length, true);
	view.setUint32(BLOCK_TOKENS, tokens.length, true);
	view.setUint32(BLOCK_MOVES, moves.length, true);
	view.setUint32(BLOCK_OPERANDS, operands.length, true);
	view.setUint32(BLOCK_OPERATIONS, operations.length, true);
	view.setUint16(BLOCK_SHAPES, shapes.length, true);
	view.setUint16(BLOCK_SEQUENCES, sequences.length, true);
	view.setUint16(BLOCK_ROWS, rows.length, true);
	view.setUint16(BLOCK_INSIDE, parts.inside ?? rows.length, true);
	view.setUint32(BLOCK_INDEX, index, true);
	bytes.set(body, BLOCK_HEADER);
	return sealed(bytes);
}

/** Accesses of any CPU and address space in the packed form: text has none, so they are written by hand, unpacked. */
export function packedByHand(
	accesses: Access[],
	others: { before: number; code: number; bytes: number[] }[] = [],
): Uint8Array {
	const operations: number[] = [];
	let tokens = 0;
	const operation = (code: number, bytes: number[]) => {
		operations.push(code, bytes.length, ...bytes);
		tokens++;
	};
	let place = 0;
	accesses.forEach(({ kind, address: where, size, cpu, asid }, i) => {
		for (const { before, code, bytes } of others) if (before === i) operation(code, bytes);
		if ((cpu | (asid << 8)) !== place) operation(2, [cpu, asid & 255, asid >> 8]);
		place = cpu | (asid << 8);
		const bytes = new DataView(new ArrayBuffer(13));
		bytes.setUint8(0, kind);
		bytes.setUint32(1, size, true);
		bytes.setBigUint64(5, where, true);
		operation(1, Array.from(new Uint8Array(bytes.buffer)));
	});
	return file([block(0, { tokens: new Array(tokens).fill(0), operations })], tokens);
}

/** With the checksum at the end put right. */
export function sealed(bytes: Uint8Array): Uint8Array {
	new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(bytes.length - 8, hash(bytes.subarray(0, -8)), true);
	return bytes;
}

export function file(blocks: Uint8Array[], tokens: number): Uint8Array {
	const header = new Uint8Array(HEADER_SIZE);
	header.set([0x93, 0x53, 0x54, 0x4d, 0x54, 0x0d, 0x0a, 0x1a, 2, 0, 64, 0, 64]);
	const end = new Uint8Array(END_SIZE);
	const view = new DataView(end.buffer);
	view.setUint32(0, 0x31444e45, true);
	view.setUint32(4, END_SIZE, true);
	view.setUint32(40, blocks.length, true);
	view.setBigUint64(48, BigInt(tokens), true);
	return Buffer.concat([sealed(header), ...blocks, sealed(end)]);
}
