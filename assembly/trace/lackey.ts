import { KIND_FETCH, KIND_READ, KIND_WRITE, RECORD_PART, RECORD_SIZE } from "../../bindings/layout/records";
import {
	ACCESS_SIZE,
	KIND_MODIFY,
	STATUS_BAD_ADDRESS,
	STATUS_BAD_LINE,
	STATUS_BAD_SIZE,
	STRADDLE_SPLIT,
} from "../../bindings/layout/trace";
import { put, putAccess, Sink } from "./sink";
import { accessCount, accesses, lineOf, recordCount, records, setAccessCount, setRecordCount, straddle } from "./state";
import {
	A,
	F0,
	isBlank,
	MASKS,
	NINE_UP,
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

// Lackey (valgrind --tool=lackey --trace-mem=yes): `I  addr,size`, ` L addr,size`, ` S addr,size`, ` M addr,size`, and
// what else valgrind says.

// What a line's second byte, a blank or a letter, tells: 32 rows, found by its low five bits, of 32 bytes:
//
//   0: u32 the three bytes the line begins with   4: u32 kind   8: u64 bits that are equal for all bytes of a line
//  16: u32 kind, and RECORD_PART if that is what marks the first of two lines
//
// A modify has no row: it is too rare to slow down the rest.

const ROWS: usize = memory.data(32 * 32, 16);
const ROW_KIND = 4;
const ROW_LINE = 8;
const ROW_FIRST = 16;

function row(head: u32, kind: u32): void {
	const at = ROWS + ((<usize>head >> 3) & 0x3e0);
	// "Once" cuts accesses to the smallest line first: lines shorter than the sizes read here take the exact way.
	store<u32>(at, straddle == STRADDLE_SPLIT || lineOf(false) > 3 ? head : 0xffffffff);
	store<u32>(at, kind, ROW_KIND);
	store<u64>(at, ~(<u64>0) << lineOf(kind == KIND_FETCH), ROW_LINE);
	store<u32>(at, kind | (straddle == STRADDLE_SPLIT ? 0 : RECORD_PART), ROW_FIRST);
}

/** Fits the table to the line sizes: after every `setStraddle`. */
export function lackeySetup(): void {
	row(0x202049, KIND_FETCH);
	row(0x204c20, KIND_READ);
	row(0x205320, KIND_WRITE);
}

/**
 * Reads lines of the usual shape, kind, 1 to 16 digits, comma, a size from 1 to 9, at most two cache
 * lines. Otherwise as
 * `dinRun`.
 */
export function lackeyRun<S extends Sink>(p: usize, last: usize, at: usize): usize {
	const nineUp = v128.load(SPLATS, NINE_UP);
	const six = v128.load(SPLATS, SIX);
	const f0 = v128.load(SPLATS, F0);
	const upper = v128.load(SPLATS, UPPER);
	const a = v128.load(SPLATS, A);
	const ten = v128.load(SPLATS, TEN);
	const reverse = v128.load(SPLATS, REVERSE);
	const step: usize = changetype<S>(0).cuts() ? RECORD_SIZE : ACCESS_SIZE;
	const begin = changetype<S>(0).cuts()
		? records() + <usize>recordCount() * RECORD_SIZE
		: accesses() + <usize>accessCount() * ACCESS_SIZE;
	let out = begin;
	let odd = i8x16.splat(0);
	for (; p < last; p += 4) {
		const end = <usize>load<u32>(p);
		const head = load<u32>(at) & 0xffffff;
		const what = (<usize>head >> 3) & 0x3e0;
		const digits = <u32>(end - at) - 5;
		// The comma and the size: 0 for ",1", 0x800 for ",9".
		const tail = <u32>load<u16>(end - 2) - 0x312c;
		if ((head ^ load<u32>(what, ROWS)) | ((digits - 1) >> 4) | ((tail | (tail + 0x700)) & ~0xf00)) break;
		const text = v128.load(end - 18);
		const mask = v128.load(digits, MASKS);
		const number = i8x16.sub(v128.sub_sat<u8>(i8x16.add(text, nineUp), six), f0);
		const letter = v128.add_sat<u8>(i8x16.sub(v128.and(text, upper), a), ten);
		const nibbles = v128.and(mask, v128.min<u8>(number, letter));
		odd = v128.or(odd, nibbles);
		const bytes = v128.or(i16x8.shl(nibbles, 4), i16x8.shr_u(nibbles, 8));
		const address = <u64>i64x2.extract_lane(v128.swizzle(bytes, reverse), 0);
		const reach = address + (tail >> 8);
		if (changetype<S>(0).cuts()) {
			const line = load<u64>(what, ROWS + ROW_LINE);
			const kind = load<u32>(what, ROWS + ROW_KIND);
			if ((address ^ reach) & line) {
				// Such a short access touches two lines at most.
				if (reach < address) break;
				store<u64>(out, (address & ~7) | load<u32>(what, ROWS + ROW_FIRST));
				store<u64>(out, (reach & line) | kind, RECORD_SIZE);
				out += RECORD_SIZE;
			} else {
				store<u64>(out, (address & ~7) | kind);
			}
		} else {
			if (reach < address) break;
			putAccess(out, load<u32>(what, ROWS + ROW_KIND), address, (tail >> 8) + 1, 0);
		}
		at = end + 1;
		out += step;
	}
	if (v128.any_true(v128.and(odd, f0))) return 0;
	if (changetype<S>(0).cuts()) setRecordCount(recordCount() + <u32>((out - begin) / RECORD_SIZE));
	else setAccessCount(accessCount() + <u32>((out - begin) / ACCESS_SIZE));
	return p;
}

/** Reads one line [at, end), newline not included, exactly. Returns 0 or STATUS_BAD_*. */
export function lackeyLine<S extends Sink>(at: usize, end: usize): u32 {
	const begin = at;
	at = skipBlanks(at, end);
	if (at == end || isChatter(begin, end)) return 0;
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
