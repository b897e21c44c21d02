import { KIND_FETCH, KIND_READ, KIND_WRITE, RECORD_PART, RECORD_SIZE } from "../../bindings/layout/records";
import {
	ACCESS_SIZE,
	BATCH_FULL,
	KIND_MODIFY,
	STATUS_BAD_ADDRESS,
	STATUS_BAD_LINE,
	STATUS_BAD_SIZE,
	STRADDLE_SPLIT,
} from "../../bindings/layout/trace";
import { put, putAccess, Sink } from "./sink";
import {
	accessCount,
	accesses,
	countLines,
	lineOf,
	recordCount,
	records,
	setAccessCount,
	setRecordCount,
	straddle,
} from "./state";
import {
	A,
	ABOVE,
	COMMA,
	F0,
	HALVES,
	isBlank,
	MASKS,
	NINE_UP,
	PAIRS,
	REVERSE,
	readHex,
	readSize,
	SIX,
	SPLATS,
	skipBlanks,
	TEN,
	UPPER,
	value,
} from "./text";
import { switchTo, textPlace } from "./threads";

// Lackey (valgrind --tool=lackey --trace-mem=yes): `I  addr,size`, ` L addr,size`, ` S addr,size`, ` M addr,size`, and
// what else valgrind says.

/** What a line's second byte, a blank or a letter, tells: 32 words, found by its low five bits. See kindOf(). */
const KINDS: usize = memory.data(32 * 4, 16);

/** A modify, in KINDS: what is less is the kind of a record. */
const MODIFY: u32 = 4;
const NO_KIND: u32 = ~7;

function know(head: u32, kind: u32): void {
	store<u32>(placeOf(head), (head << 8) | kind, KINDS);
}

know(0x202049, KIND_FETCH);
know(0x204c20, KIND_READ);
know(0x205320, KIND_WRITE);
know(0x204d20, MODIFY);

function placeOf(head: u32): usize {
	return (<usize>head >> 6) & 0x7c;
}

/** The kind of a line by the first three bytes of `head`. Bits of NO_KIND: not the usual beginning. */
function kindOf(head: u32): u32 {
	return (head << 8) ^ load<u32>(placeOf(head), KINDS);
}

/** The comma, size and newline at `at`: 0 for ",1", 0x80000 for ",9". See beyond(). */
function sizeAt(at: usize): u32 {
	return (load<u32>(at) << 8) - 0x0a312c00;
}

/** Bits of NO_SIZE: what sizeAt() gave is something else. */
function beyond(size: u32): u32 {
	return size | (size + 0x70000);
}

const NO_SIZE: u32 = ~0xf0000;

/** Bits that are equal for all bytes of a cache line, of either side. Loaded: V8 would compute it anew in each round of a loop. */
const SAME: usize = memory.data(8, 8);

/** Fits it to the line sizes: after every `setStraddle`. */
export function lackeySetup(): void {
	store<u64>(SAME, ~(<u64>0) << min(lineOf(true), lineOf(false)));
}

/** Bytes of a line whose address has eight digits, newline included. */
const PADDED = 14;

/** Most lines read one by one before two are tried again. */
const ALONE_MOST = 64;

/**
 * Reads lines of the usual shape, kind, 1 to 16 digits, comma, a size from 1 to 9, from `at` on and counts them, until the
 * batch is full, or a line has another shape or is cut by `end`. Returns where that is.
 *
 * Valgrind pads addresses to eight digits, and few have more: two such lines are read at once. Where a line begins does not
 * wait for the reading of the line before, as long as the processor predicts that lines have this length. Nothing is called
 * here: around a call V8 keeps every variable in memory.
 */
export function lackeyRun<S extends Sink>(at: usize, end: usize): usize {
	// There, accesses longer than a cache line are not taken whole.
	if (straddle != STRADDLE_SPLIT && lineOf(false) == 3) return at;
	const nineUp = v128.load(SPLATS, NINE_UP);
	const six = v128.load(SPLATS, SIX);
	const f0 = v128.load(SPLATS, F0);
	const upper = v128.load(SPLATS, UPPER);
	const a = v128.load(SPLATS, A);
	const ten = v128.load(SPLATS, TEN);
	const above = v128.load(SPLATS, ABOVE);
	const pairs = v128.load(SPLATS, PAIRS);
	const halves = v128.load(SPLATS, HALVES);
	const same = load<u64>(SAME);
	const place = textPlace;
	const step: usize = changetype<S>(0).cuts() ? RECORD_SIZE : ACCESS_SIZE;
	const begin = changetype<S>(0).cuts()
		? records() + <usize>recordCount() * RECORD_SIZE
		: accesses() + <usize>accessCount() * ACCESS_SIZE;
	const limit = (changetype<S>(0).cuts() ? records() : accesses()) + <usize>BATCH_FULL * step;
	let out = begin;
	// Records beyond one for each line.
	let more: usize = 0;
	let alone = 2;
	while (out < limit) {
		// Where the batch is full, should all lines be of this length.
		const stop = min(end, at + ((limit - out) / step + 2) * PADDED);
		const before = at;
		for (; at + 2 * PADDED <= stop; at += 2 * PADDED, out += 2 * step) {
			const kind = kindOf(load<u32>(at));
			const kind2 = kindOf(load<u32>(at, PADDED));
			const size = sizeAt(at + PADDED - 3);
			const size2 = sizeAt(at + 2 * PADDED - 3);
			const text = v128.load64_lane(at, v128.load64_zero(at, 3), 1, PADDED + 3);
			const number = i8x16.sub(v128.sub_sat<u8>(i8x16.add(text, nineUp), six), f0);
			const letter = v128.add_sat<u8>(i8x16.sub(v128.and(text, upper), a), ten);
			const nibbles = v128.min<u8>(number, letter);
			const odd = <u32>i8x16.bitmask(v128.add_sat<u8>(nibbles, above));
			if (((kind | kind2) & ~3) | ((beyond(size) | beyond(size2)) & NO_SIZE) | odd) break;
			const both = v128.swizzle(i16x8.mul(nibbles, pairs), halves);
			const address = <u64>i64x2.extract_lane(both, 0);
			const address2 = <u64>i64x2.extract_lane(both, 1);
			if (changetype<S>(0).cuts()) {
				if (((address ^ (address + (size >> 16))) | (address2 ^ (address2 + (size2 >> 16)))) & same) break;
				store<u64>(out, (address & ~7) | kind);
				store<u64>(out, (address2 & ~7) | kind2, RECORD_SIZE);
			} else {
				putAccess(out, kind, address, (size >> 16) + 1, place);
				putAccess(out + step, kind2, address2, (size2 >> 16) + 1, place);
			}
		}
		// One of the two is another, or the last.
		let left = at > before ? 2 : alone;
		alone = at > before ? 2 : min(2 * alone, ALONE_MOST);
		for (; left > 0 && out < limit; left--) {
			const digits = ctz(i8x16.bitmask(i8x16.eq(v128.load(at, 3), v128.load(SPLATS, COMMA))) | 0x10000);
			const newline = at + digits + 5;
			const kind = kindOf(load<u32>(at));
			const size = sizeAt(newline - 2);
			if (newline >= end || digits == 0) break;
			if ((kind & NO_KIND) | (beyond(size) & NO_SIZE)) break;
			const text = v128.load(newline - 18);
			const number = i8x16.sub(v128.sub_sat<u8>(i8x16.add(text, nineUp), six), f0);
			const letter = v128.add_sat<u8>(i8x16.sub(v128.and(text, upper), a), ten);
			const nibbles = v128.and(v128.load(digits, MASKS), v128.min<u8>(number, letter));
			if (i8x16.bitmask(v128.add_sat<u8>(nibbles, above))) break;
			const bytes = v128.swizzle(i16x8.mul(nibbles, pairs), v128.load(SPLATS, REVERSE));
			const address = <u64>i64x2.extract_lane(bytes, 0);
			const last = address + (size >> 16);
			if (last < address) break;
			at = newline + 1;
			if (changetype<S>(0).cuts()) {
				let next: usize;
				if (kind == MODIFY) {
					next = cutShort(out, KIND_READ, address, last);
					if (straddle == STRADDLE_SPLIT) next = cutShort(next, KIND_WRITE, address, last);
				} else next = cutShort(out, kind, address, last);
				more += next - out - RECORD_SIZE;
				out = next;
			} else {
				putAccess(out, kind == MODIFY ? KIND_MODIFY : kind, address, (size >> 16) + 1, place);
				out += step;
			}
		}
		if (left > 0) break;
	}
	const made = out - begin;
	countLines((made - more) / step);
	if (changetype<S>(0).cuts()) setRecordCount(recordCount() + <u32>(made / RECORD_SIZE));
	else setAccessCount(accessCount() + <u32>(made / ACCESS_SIZE));
	return at;
}

/** Writes the records of an access from `address` to `last`, in at most two cache lines, and returns where they end. */
function cutShort(out: usize, kind: u32, address: u64, last: u64): usize {
	const line = ~(<u64>0) << lineOf(kind == KIND_FETCH);
	if (!((address ^ last) & line)) {
		store<u64>(out, (address & ~7) | kind);
		return out + RECORD_SIZE;
	}
	store<u64>(out, (address & ~7) | kind | (straddle == STRADDLE_SPLIT ? 0 : RECORD_PART));
	store<u64>(out, (last & line) | kind, RECORD_SIZE);
	return out + 2 * RECORD_SIZE;
}

/** Reads one line [at, end), newline not included, exactly. Returns 0 or STATUS_BAD_*. */
export function lackeyLine<S extends Sink>(at: usize, end: usize): u32 {
	const begin = at;
	at = skipBlanks(at, end);
	if (at == end || isChatter(begin, end)) {
		readSchedule(begin, end);
		return 0;
	}
	const letter = load<u8>(at);
	let kind: u32;
	if (letter == 0x49) kind = KIND_FETCH;
	else if (letter == 0x4c) kind = KIND_READ;
	else if (letter == 0x53) kind = KIND_WRITE;
	else if (letter == 0x4d) kind = KIND_MODIFY;
	else return STATUS_BAD_LINE;
	at++;
	if (at == end || !isBlank(load<u8>(at))) return STATUS_BAD_LINE;
	at = readHex(skipBlanks(at, end), end);
	if (at == 0) return STATUS_BAD_ADDRESS;
	const address = value;
	if (at == end || load<u8>(at) != 0x2c) return STATUS_BAD_ADDRESS;
	at = readSize(at + 1, end);
	if (at == 0 || skipBlanks(at, end) != end) return STATUS_BAD_SIZE;
	if (address + (value - 1) < address) return STATUS_BAD_SIZE;
	put<S>(kind, address, <u32>value);
	return 0;
}

/** `--pid--   SCHED[tid]:  acquired lock (…)`: from here on that thread runs. */
function readSchedule(at: usize, end: usize): void {
	while (end - at > 24 && !(load<u32>(at) == 0x45484353 && load<u16>(at, 4) == 0x5b44)) at++;
	if (end - at <= 24) return;
	at += 6;
	let thread: u32 = 0;
	while (<u32>load<u8>(at) - 0x30 <= 9 && at < end) thread = thread * 10 + (<u32>load<u8>(at++) - 0x30);
	if (end - at < 16 || load<u16>(at) != 0x3a5d) return;
	at = skipBlanks(at + 2, end);
	// "acquired"
	if (end - at >= 8 && load<u64>(at) == 0x6465726975716361) switchTo(thread);
}

/** `==pid== …`, `--pid-- …`, `**pid** …`, `SCHED[tid]: …`, `SB …` (superblocks), `valgrind: …`. */
function isChatter(at: usize, end: usize): bool {
	if (end - at < 2) return false;
	const two = load<u16>(at);
	if (two == 0x3d3d || two == 0x2d2d || two == 0x2a2a) return true;
	if (end - at < 3) return false;
	const three = load<u32>(at) & 0xffffff;
	if (three == 0x204253) return true;
	if (end - at < 5) return false;
	const four = load<u32>(at);
	if (four == 0x45484353) return load<u8>(at + 4) == 0x44;
	return end - at > 8 && load<u64>(at) == 0x646e6972676c6176 && load<u8>(at + 8) == 0x3a;
}
