import { KIND_FETCH, RECORD_SIZE } from "../../bindings/layout/records";
import { ACCESS_SIZE, STATUS_BAD_ADDRESS, STATUS_BAD_LABEL, STATUS_BAD_LINE } from "../../bindings/layout/trace";
import { put, putAccess, Sink } from "./sink";
import { accessCount, accesses, recordCount, records, setAccessCount, setRecordCount } from "./state";
import {
	A,
	Digits,
	F0,
	isBlank,
	MASKS,
	NINE_UP,
	PAIRS,
	REVERSE,
	readHex,
	SIX,
	SPLATS,
	skipBlanks,
	TEN,
	UPPER,
	value,
} from "./text";

// Din: a line is `label address`, label 0 read, 1 write, 2 fetch, which are our kinds; the address is hexadecimal, the rest
// of the line is ignored. References have size 1.

/**
 * Reads lines of the usual shape, a label, one blank, 1 to 16 digits: the first begins at `at`, their ends lie from `p` to
 * `last`. Returns where in the list it stopped, at a line of another shape or at `last`; 0, and nothing was added, if a
 * digit was none.
 *
 * Nothing here waits for the line before: an address is loaded so that its last digit is the last byte of a vector,
 * whatever its length, and the lines overlap in the processor.
 */
export function dinRun<S extends Sink>(p: usize, last: usize, at: usize): usize {
	const nineUp = v128.load(SPLATS, NINE_UP);
	const six = v128.load(SPLATS, SIX);
	const f0 = v128.load(SPLATS, F0);
	const upper = v128.load(SPLATS, UPPER);
	const a = v128.load(SPLATS, A);
	const ten = v128.load(SPLATS, TEN);
	const pairs = v128.load(SPLATS, PAIRS);
	const reverse = v128.load(SPLATS, REVERSE);
	const step: usize = changetype<S>(0).cuts() ? RECORD_SIZE : ACCESS_SIZE;
	const begin = p;
	let out = changetype<S>(0).cuts()
		? records() + <usize>recordCount() * RECORD_SIZE
		: accesses() + <usize>accessCount() * ACCESS_SIZE;
	let odd = i8x16.splat(0);
	for (; p < last; p += 4) {
		const end = <usize>load<u32>(p);
		const digits = <u32>(end - at) - 2;
		const label = <u32>load<u16>(at) ^ 0x2030;
		if (((digits - 1) >> 4) | ((label | (label + 1)) >> 2)) break;
		at = end + 1;
		const text = v128.load(end - 16);
		const mask = v128.load(digits, MASKS);
		const nibbles = v128.and(mask, Digits.nibbles(text, nineUp, six, f0, upper, a, ten));
		odd = v128.or(odd, nibbles);
		const address = <u64>i64x2.extract_lane(v128.swizzle(i16x8.mul(nibbles, pairs), reverse), 0);
		if (changetype<S>(0).cuts()) store<u64>(out, (address & ~7) | label);
		else putAccess(out, label, address, 1, 0);
		out += step;
	}
	if (v128.any_true(v128.and(odd, f0))) return 0;
	if (changetype<S>(0).cuts()) setRecordCount(recordCount() + <u32>((p - begin) >> 2));
	else setAccessCount(accessCount() + <u32>((p - begin) >> 2));
	return p;
}

/** Reads one line [at, end), newline not included, exactly. Returns 0 or STATUS_BAD_*. */
export function dinLine<S extends Sink>(at: usize, end: usize): u32 {
	at = skipBlanks(at, end);
	if (at == end) return 0;
	const label = <u32>load<u8>(at) - 0x30;
	at++;
	if (label > 9 || at == end || !isBlank(load<u8>(at))) return STATUS_BAD_LINE;
	if (label > <u32>KIND_FETCH) return STATUS_BAD_LABEL;
	at = readHex(skipBlanks(at, end), end);
	if (at == 0 || (at < end && !isBlank(load<u8>(at)))) return STATUS_BAD_ADDRESS;
	put<S>(label, value, 1);
	return 0;
}
