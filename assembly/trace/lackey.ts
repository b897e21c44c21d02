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
	Digits,
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

/**
 * What a line's second byte, a blank or a letter, tells of the bytes beside it: 32 words each, found by its low five bits. Of its
 * first three bytes; and of those behind the comma of the line before, ",1\n".
 */
const HEADS: usize = memory.data(32 * 4, 16);
const SEAMS: usize = memory.data(32 * 8, 16);

/** ",1\n", in the upper three bytes of four. */
const COMMA_ONE_NEWLINE: u64 = 0x0a312c00;

/** A modify, in HEADS: what is less is the kind of a record. */
const MODIFY: u32 = 4;

/** Bits that no kind has that headAt() gives. */
const NO_HEAD: u32 = ~7;

/** Bits of what seamAt() gives that are not of a size less 1, up to 7, and of a record's kind. */
const NO_SEAM: u64 = ~0x7000003;

function know(head: u32, kind: u32): void {
	const place = <usize>(head >> 8) & 0x1f;
	store<u32>(HEADS + (place << 2), (head << 8) | kind);
	if (kind != MODIFY) store<u64>(SEAMS + (place << 3), (((<u64>head) << 40) | (COMMA_ONE_NEWLINE << 8)) - kind);
}

know(0x202049, KIND_FETCH);
know(0x204c20, KIND_READ);
know(0x205320, KIND_WRITE);
know(0x204d20, MODIFY);

/** The kind of the line that begins at `at` by its first three bytes. Bits of NO_HEAD: not the usual beginning. */
function headAt(at: usize): u32 {
	const head = load<u32>(at);
	return (head << 8) ^ load<u32>((<usize>head >> 6) & 0x7c, HEADS);
}

/**
 * The end of a line, its comma at `at`, and the beginning of the next: the size less 1 << 24 | the next line's kind. Bits of
 * NO_SEAM: of another shape, or a modify next.
 */
function seamAt(at: usize): u64 {
	const seam = load<u64>(at);
	return (seam << 16) - load<u64>(<usize>(seam >> 29) & 0xf8, SEAMS);
}

/** The comma, size and newline at `at`: 0 for ",1", 0x80000 for ",9". See beyond(). */
function sizeAt(at: usize): u32 {
	return (load<u32>(at) << 8) - <u32>COMMA_ONE_NEWLINE;
}

/** Bits of NO_SIZE: what sizeAt() gave is something else. */
function beyond(size: u32): u32 {
	return size | (size + 0x70000);
}

const NO_SIZE: u32 = ~0xf0000;

/** Bits that are equal for all bytes of a cache line, of either side. Loaded: V8 would compute it anew in each round of a loop. */
const SAME: usize = memory.data(8, 8);

/** What marks the first part of an access that touches two lines; and whether the lines of both sides are of one size. */
const PART: usize = memory.data(8, 8);
const EVEN: usize = memory.data(4, 4);

/** The first two digits of the last address that had ten, as text and as bits of the address. */
const TOP: usize = memory.data(4, 4);
const TOP_BITS: usize = memory.data(8, 8);

/** Fits it to the line sizes: after every `setStraddle`. */
export function lackeySetup(): void {
	store<u64>(SAME, ~(<u64>0) << min(lineOf(true), lineOf(false)));
	store<u64>(PART, straddle == STRADDLE_SPLIT ? 0 : RECORD_PART);
	store<u32>(EVEN, lineOf(true) == lineOf(false));
}

/** Bytes of a line whose address has eight digits, newline included; and of one with ten, as stacks have in 64 bits. */
const PADDED: usize = 14;
const LONG: usize = 16;

/** From the beginning of two padded lines: what is read of them and of the line after them. */
const REACH: usize = 2 * PADDED + 6;

/** Most lines read one by one before two are tried again. */
const ALONE_MOST = 64;

/**
 * Reads lines of the usual shape, kind, 1 to 16 digits, comma, a size from 1 to 9, from `at` on and counts them, until the
 * batch is full, or a line has another shape or is cut by `end`. Returns where that is.
 *
 * Valgrind pads addresses to eight digits, and few have more, most of them ten: two lines are read at once, of which one may be
 * longer. Where a line begins does not wait for the reading of the line before, as long as the processor predicts its length.
 * Nothing is called here: around a call V8 keeps every variable in memory.
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
	// Of the next line, known from the end of the one before.
	let kind = headAt(at);
	while (out < limit) {
		// Where the batch is full, should all lines be of this length.
		const stop = min(end, at + ((limit - out) / step + 2) * PADDED) - REACH;
		const before = at;
		let two = false;
		if (kind <= 3) {
			for (; at <= stop; at += 2 * PADDED, out += 2 * step) {
				const seam = seamAt(at + PADDED - 3);
				const seam2 = seamAt(at + 2 * PADDED - 3);
				if ((seam | seam2) & NO_SEAM) break;
				const text = i64x2.shuffle(v128.load(at, 3), v128.load(at, PADDED + 3), 0, 2);
				const nibbles = Digits.nibbles(text, nineUp, six, f0, upper, a, ten);
				if (i8x16.bitmask(v128.add_sat<u8>(nibbles, above))) break;
				const both = v128.swizzle(i16x8.mul(nibbles, pairs), halves);
				const address = <u64>i64x2.extract_lane(both, 0);
				const address2 = <u64>i64x2.extract_lane(both, 1);
				const kind2 = <u32>seam & 3;
				if (changetype<S>(0).cuts()) {
					store<u64>(out, (address & ~7) | kind);
					store<u64>(out, (address2 & ~7) | kind2, RECORD_SIZE);
					const crosses = (address ^ (address + (seam >> 24))) & same;
					const crosses2 = (address2 ^ (address2 + (seam2 >> 24))) & same;
					if (crosses | crosses2) {
						if (!load<u32>(EVEN)) break;
						const second = load<u64>(out, RECORD_SIZE);
						out = Parts.goOn(out, crosses != 0);
						store<u64>(out, second);
						out = Parts.goOn(out, crosses2 != 0);
						more += (<usize>(crosses != 0) + <usize>(crosses2 != 0)) * RECORD_SIZE;
						at += 2 * PADDED;
						kind = <u32>seam2 & 3;
						two = true;
						break;
					}
				} else {
					putAccess(out, kind, address, <u32>(seam >> 24) + 1, place);
					putAccess(out + step, kind2, address2, <u32>(seam2 >> 24) + 1, place);
				}
				kind = <u32>seam2 & 3;
			}
			if (two) continue;
			if (at <= stop) {
				// One of the two is long, perhaps: the first if it does not end as a padded one. No branch depends on which.
				const longer: usize = (<usize>((seamAt(at + PADDED - 3) & NO_SEAM) != 0)) << 1;
				const seam = seamAt(at + PADDED - 3 + longer);
				const seam2 = seamAt(at + PADDED + LONG - 3);
				const text = i64x2.shuffle(v128.load(at + longer, 3), v128.load(at, LONG + 3), 0, 2);
				const nibbles = Digits.nibbles(text, nineUp, six, f0, upper, a, ten);
				const odd = <u32>i8x16.bitmask(v128.add_sat<u8>(nibbles, above));
				const top = <u32>load<u16>(at + PADDED + 3 - PADDED * (longer >> 1)) ^ load<u32>(TOP);
				if (!((seam | seam2) & NO_SEAM) && !(odd | top)) {
					const both = v128.swizzle(i16x8.mul(nibbles, pairs), halves);
					const first = -(<u64>(longer >> 1));
					const address = <u64>i64x2.extract_lane(both, 0) | (load<u64>(TOP_BITS) & first);
					const address2 = <u64>i64x2.extract_lane(both, 1) | (load<u64>(TOP_BITS) & ~first);
					const kind2 = <u32>seam & 3;
					if (changetype<S>(0).cuts()) {
						store<u64>(out, (address & ~7) | kind);
						store<u64>(out, (address2 & ~7) | kind2, RECORD_SIZE);
						two = !(((address ^ (address + (seam >> 24))) | (address2 ^ (address2 + (seam2 >> 24)))) & same);
					} else {
						putAccess(out, kind, address, <u32>(seam >> 24) + 1, place);
						putAccess(out + step, kind2, address2, <u32>(seam2 >> 24) + 1, place);
						two = true;
					}
					if (two) {
						at += PADDED + LONG;
						out += 2 * step;
						kind = <u32>seam2 & 3;
						continue;
					}
				}
			}
		}
		// One of the two is another, or the last.
		let left = at > before ? 2 : alone;
		alone = at > before ? 2 : min(2 * alone, ALONE_MOST);
		for (; left > 0 && out < limit; left--) {
			const digits = ctz(i8x16.bitmask(i8x16.eq(v128.load(at, 3), v128.load(SPLATS, COMMA))) | 0x10000);
			const newline = at + digits + 5;
			const head = headAt(at);
			const size = sizeAt(newline - 2);
			if (newline >= end || digits == 0) break;
			if ((head & NO_HEAD) | (beyond(size) & NO_SIZE)) break;
			const text = v128.load(newline - 18);
			const nibbles = v128.and(v128.load(digits, MASKS), Digits.nibbles(text, nineUp, six, f0, upper, a, ten));
			if (i8x16.bitmask(v128.add_sat<u8>(nibbles, above))) break;
			const bytes = v128.swizzle(i16x8.mul(nibbles, pairs), v128.load(SPLATS, REVERSE));
			const address = <u64>i64x2.extract_lane(bytes, 0);
			const last = address + (size >> 16);
			if (last < address) break;
			if (digits == 10) {
				store<u32>(TOP, load<u16>(at, 3));
				store<u64>(TOP_BITS, address & 0xff00000000);
			}
			at = newline + 1;
			if (changetype<S>(0).cuts()) {
				let next: usize;
				if (head == MODIFY) {
					next = cutShort(out, KIND_READ, address, last);
					if (straddle == STRADDLE_SPLIT) next = cutShort(next, KIND_WRITE, address, last);
				} else next = cutShort(out, head, address, last);
				more += next - out - RECORD_SIZE;
				out = next;
			} else {
				putAccess(out, head == MODIFY ? KIND_MODIFY : head, address, (size >> 16) + 1, place);
				out += step;
			}
		}
		if (left > 0) break;
		kind = headAt(at);
	}
	const made = out - begin;
	countLines((made - more) / step);
	if (changetype<S>(0).cuts()) setRecordCount(recordCount() + <u32>(made / RECORD_SIZE));
	else setAccessCount(accessCount() + <u32>(made / ACCESS_SIZE));
	return at;
}

// biome-ignore lint/complexity/noStaticOnlyClass: methods can be inlined.
class Parts {
	/**
	 * The first record of an access is at `out`. `crosses`: the access goes on in the next line and has another one there. Returns
	 * where they end.
	 */
	@inline
	static goOn(out: usize, crosses: bool): usize {
		const first = load<u64>(out);
		const same = load<u64>(SAME);
		store<u64>(out, first | (load<u64>(PART) & -(<u64>crosses)));
		store<u64>(out, ((first & same) - same) | (first & 3), RECORD_SIZE);
		return out + (1 + <usize>crosses) * RECORD_SIZE;
	}
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
