import { ACCESS_MAX_SIZE } from "../../bindings/layout/trace";

// What the text readers share: finding lines by vector compares, reading numbers exactly.

export interface TextFormat {
	/** true: lackey; false: din. */
	lackey(): bool;
}

export class Din implements TextFormat {
	@inline
	lackey(): bool {
		return false;
	}
}

export class Lackey implements TextFormat {
	@inline
	lackey(): bool {
		return true;
	}
}

/** Bytes of text whose lines are found at once; their ends stay in the first-level cache. */
export const TILE: usize = 4096;

/** Addresses of the newlines of a tile, u32 each. A group of eight may be written beyond the last. */
export const ENDS: usize = memory.data((4096 + 64) * 4, 16);

/** 16 zero bytes, then 16 bytes of ones: a load at MASKS + n keeps the last n bytes of a vector. */
export const MASKS: usize = memory.data<u8>([
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255,
]);

// Vectors of constants, to be loaded into locals before a loop: V8 would make one written as a literal anew, by three
// instructions, at each use inside the loop.

export const SPLATS: usize = memory.data<u8>([
	0xc6, 0xc6, 0xc6, 0xc6, 0xc6, 0xc6, 0xc6, 0xc6, 0xc6, 0xc6, 0xc6, 0xc6, 0xc6, 0xc6, 0xc6, 0xc6, 6, 6, 6, 6, 6, 6, 6,
	6, 6, 6, 6, 6, 6, 6, 6, 6, 0xf0, 0xf0, 0xf0, 0xf0, 0xf0, 0xf0, 0xf0, 0xf0, 0xf0, 0xf0, 0xf0, 0xf0, 0xf0, 0xf0, 0xf0,
	0xf0, 0xdf, 0xdf, 0xdf, 0xdf, 0xdf, 0xdf, 0xdf, 0xdf, 0xdf, 0xdf, 0xdf, 0xdf, 0xdf, 0xdf, 0xdf, 0xdf, 0x41, 0x41,
	0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 10, 10, 10, 10, 10, 10, 10, 10,
	10, 10, 10, 10, 10, 10, 10, 10, 15, 13, 11, 9, 7, 5, 3, 1, 15, 13, 11, 9, 7, 5, 3, 1, 10, 10, 10, 10, 10, 10, 10, 10,
	10, 10, 10, 10, 10, 10, 10, 10, 1, 0x10, 1, 0x10, 1, 0x10, 1, 0x10, 1, 0x10, 1, 0x10, 1, 0x10, 1, 0x10, 7, 5, 3, 1,
	255, 255, 255, 255, 15, 13, 11, 9, 255, 255, 255, 255, 0x2c, 0x2c, 0x2c, 0x2c, 0x2c, 0x2c, 0x2c, 0x2c, 0x2c, 0x2c,
	0x2c, 0x2c, 0x2c, 0x2c, 0x2c, 0x2c, 0x70, 0x70, 0x70, 0x70, 0x70, 0x70, 0x70, 0x70, 0x70, 0x70, 0x70, 0x70, 0x70,
	0x70, 0x70, 0x70,
]);

// Hexadecimal digits become numbers in vectors like this (wrong bytes end above 15):
//
//   t = byte + NINE_UP           '0'..'9' are the highest ten numbers
//   t = t -saturating- SIX - F0  0..9; anything else is above 15
//   u = (byte & UPPER) - A       'a'..'f' and 'A'..'F' are 0..5
//   u = u +saturating+ TEN       10..15; anything else is above 15
//   min(t, u)                ABOVE more, saturating, have the highest bit if they are above 15
//
// Two of them, the higher one first, times PAIRS (0x1001), leave their byte in the upper half of 16 bits.

export const NINE_UP = 0;
export const SIX = 16;
export const F0 = 32;
export const UPPER = 48;
export const A = 64;
export const TEN = 80;
export const REVERSE = 96;
const NEWLINE = 112;
export const PAIRS = 128;
export const HALVES = 144;
export const COMMA = 160;
export const ABOVE = 176;

// biome-ignore lint/complexity/noStaticOnlyClass: methods can be inlined.
export class Digits {
	/** Sixteen digits as numbers by those vectors, which the caller holds; what is no digit, as more than 15. */
	@inline
	static nibbles(text: v128, nineUp: v128, six: v128, f0: v128, upper: v128, a: v128, ten: v128): v128 {
		const number = i8x16.sub(v128.sub_sat<u8>(i8x16.add(text, nineUp), six), f0);
		const letter = v128.add_sat<u8>(i8x16.sub(v128.and(text, upper), a), ten);
		return v128.min<u8>(number, letter);
	}
}

/**
 * Writes the addresses of all newlines in [at, end), at most TILE bytes, to ENDS and returns how many there are. Reads
 * whole vectors: up to 63 bytes beyond `end`.
 */
export function findLines(at: usize, end: usize): u32 {
	const newline = v128.load(SPLATS, NEWLINE);
	let out = ENDS;
	for (; at < end; at += 64) {
		let found =
			<u64>v128.bitmask<i8>(i8x16.eq(v128.load(at), newline)) |
			((<u64>v128.bitmask<i8>(i8x16.eq(v128.load(at, 16), newline))) << 16) |
			((<u64>v128.bitmask<i8>(i8x16.eq(v128.load(at, 32), newline))) << 32) |
			((<u64>v128.bitmask<i8>(i8x16.eq(v128.load(at, 48), newline))) << 48);
		if (end - at < 64) found &= ((<u64>1) << (end - at)) - 1;
		const after = out + ((<usize>popcnt(found)) << 2);
		// As many at a time as mostly are there, without asking: a branch for each would be mispredicted.
		do {
			store<u32>(out, <u32>at + <u32>ctz(found));
			found &= found - 1;
			store<u32>(out, <u32>at + <u32>ctz(found), 4);
			found &= found - 1;
			store<u32>(out, <u32>at + <u32>ctz(found), 8);
			found &= found - 1;
			store<u32>(out, <u32>at + <u32>ctz(found), 12);
			found &= found - 1;
			store<u32>(out, <u32>at + <u32>ctz(found), 16);
			found &= found - 1;
			store<u32>(out, <u32>at + <u32>ctz(found), 20);
			found &= found - 1;
			store<u32>(out, <u32>at + <u32>ctz(found), 24);
			found &= found - 1;
			store<u32>(out, <u32>at + <u32>ctz(found), 28);
			found &= found - 1;
			out += 32;
		} while (found);
		out = after;
	}
	return <u32>((out - ENDS) >> 2);
}

/** Address of the newline at or after `at`, `end` if there is none. */
export function lineEnd(at: usize, end: usize): usize {
	while (at < end && load<u8>(at) != 0x0a) at++;
	return at;
}

// A number that was read: its value, and where the reading stopped (0: no number, or too large).

export let value: u64 = 0;

/** Reads 1 to 16 significant hexadecimal digits, `0x` before them or not. Returns the address after them, or 0. */
export function readHex(at: usize, end: usize): usize {
	if (end - at > 2 && load<u8>(at) == 0x30 && (load<u8>(at + 1) | 0x20) == 0x78) at += 2;
	const first = at;
	let x: u64 = 0;
	for (; at < end; at++) {
		const digit = hexDigit(load<u8>(at));
		if (digit > 15) break;
		if (x >> 60) return 0;
		x = (x << 4) | digit;
	}
	value = x;
	return at == first ? 0 : at;
}

/** Reads a decimal size from 1 to ACCESS_MAX_SIZE. Returns the address after it, or 0. */
export function readSize(at: usize, end: usize): usize {
	const first = at;
	let x: u64 = 0;
	for (; at < end; at++) {
		const digit = <u64>load<u8>(at) - 0x30;
		if (digit > 9) break;
		x = x * 10 + digit;
		if (x > <u64>ACCESS_MAX_SIZE) return 0;
	}
	value = x;
	return at == first || x == 0 ? 0 : at;
}

function hexDigit(byte: u32): u64 {
	const digit = byte - 0x30;
	if (digit <= 9) return digit;
	const letter = (byte | 0x20) - 0x61;
	return letter <= 5 ? letter + 10 : 16;
}

export function isBlank(byte: u32): bool {
	return byte == 0x20 || byte == 0x09 || byte == 0x0d;
}

/** First byte in [at, end) that is no blank, or `end`. */
export function skipBlanks(at: usize, end: usize): usize {
	while (at < end && isBlank(load<u8>(at))) at++;
	return at;
}
