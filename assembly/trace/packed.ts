import {
	KIND_FETCH,
	KIND_MASK,
	KIND_WRITE,
	RECORD_PART,
	RECORD_SIZE,
	RUN_REFETCHES,
	RUN_SIZE,
} from "../../bindings/layout/records";
import {
	ACCESS_MAX_SIZE,
	ACCESS_SIZE,
	BLOCK_BYTES,
	BLOCK_CHECKSUM_SIZE,
	BLOCK_DATA,
	BLOCK_HEADER,
	BLOCK_INDEX,
	BLOCK_INSIDE,
	BLOCK_MARK,
	BLOCK_MAX_BYTES,
	BLOCK_MOVES,
	BLOCK_OPERANDS,
	BLOCK_OPERATIONS,
	BLOCK_PLACE,
	BLOCK_ROWS,
	BLOCK_SEQUENCES,
	BLOCK_SHAPES,
	BLOCK_TOKENS,
	END_BLOCKS,
	END_CHECKSUM,
	END_MARK,
	END_SIZE,
	END_TOKENS,
	FLUSH_MOST,
	FLUSH_PURGES,
	HEADER_CHECKSUM,
	HEADER_SIZE,
	HEADER_VERSION,
	INSIDE_LOG,
	KIND_MODIFY,
	MAINTAIN_ASID,
	MAINTAIN_AT,
	MAINTAIN_CODE,
	MAINTAIN_CPU,
	MAINTAIN_LENGTH,
	MAINTAIN_OBJECT,
	MAINTAIN_OFFSET,
	MAINTAIN_SIZE,
	MAINTAIN_WHAT,
	MAX_ROWS,
	MAX_SEQUENCES,
	MAX_SHAPES,
	OPERATION_ACCESS,
	OPERATION_FLUSH,
	OPERATION_MAP,
	OPERATION_MAY_SKIP,
	OPERATION_PLACE,
	OPERATION_SWITCH,
	PACKED_MAGIC_HIGH,
	PACKED_MAGIC_LOW,
	PACKED_VERSION,
	SEQUENCE_ACCESSES,
	SEQUENCE_DATA,
	SHAPE_FAR,
	STATUS_BAD_BLOCK,
	STATUS_BAD_CHECKSUM,
	STATUS_BAD_MAGIC,
	STATUS_BAD_VERSION,
	STATUS_END,
	STATUS_TRAILING,
	STATUS_TRUNCATED,
	STATUS_UNKNOWN_OPERATION,
	STRADDLE_SPLIT,
} from "../../bindings/layout/trace";
import { closeRun, cut, put, putAccess, Sink } from "./sink";
import {
	accessCount,
	accesses,
	operations as batchOperations,
	countSkipped,
	fail,
	full,
	lineOf,
	operationCount,
	recordCount,
	records,
	refetches,
	runCount,
	runs,
	setAccessCount,
	setOperationCount,
	setRecordCount,
	setRunCount,
	setStatus,
	skipping,
	straddle,
} from "./state";
import { xxh64 } from "./xxh64";

// The packed form: docs/packed-format.md. A token stands for a sequence of accesses whose fetches are known and whose data
// accesses lack their addresses. The sequences of a block become records once, fetches cut at lines and all; then, a part of
// the block at a time:
//
//   spread   copies the records of each token's sequence, 8 whether there are so many or not, and lists where addresses
//            are missing
//   fill     goes through that list: D += row.step + (eight operand bytes & row.mask); operand += row.bytes
//
// No branch of theirs depends on what is read, but for sequences of more records and for moves by rows that are not inside:
// those are looked for beforehand, sixteen at a time. Only there may data cross a line or be modified, which takes longer.

// A sequence as spread() wants it, up to 288 bytes:
//
//    0: u32 records, or LONG   4: u16 data accesses   6: u16 fetches left out
//    8: u16[8] which records are of data accesses    24: u8[8] their sizes
//   32: records, those of data accesses without addresses
//
// Behind the last sequence comes the one that says that a token is an operation.

const SEQUENCE_DATA_COUNT = 4;
const SEQUENCE_REFETCHES = 6;
const SEQUENCE_PLACES = 8;
const SEQUENCE_SIZES = 24;
const SEQUENCE_RECORDS = 32;
/** An access is two records at most: other sequences are LONG, and read access by access. */
const SEQUENCE_MAX_SIZE: usize = SEQUENCE_RECORDS + 2 * SEQUENCE_ACCESSES * RECORD_SIZE;
/** Records that are copied without asking. */
const COPIED: u32 = 8;
const LONG: u32 = 0xffff;
let sequences: usize = 0;

/** Of each sequence: u32 where it is in the block, u32 where its records are, u64 the end of the last fetch before it. */
const BODY_RECORDS = 4;
const BODY_FETCHED = 8;
const BODY_SIZE: usize = 16;
let bodies: usize = 0;

/** A shape: u64 step, u32 kind | size << 2, u32: 1: far. */
const SHAPES: usize = memory.data(MAX_SHAPES * 16, 16);
const SHAPE_WHAT = 8;
const SHAPE_IS_FAR = 12;

/** A row: u64 step, u64 mask, u32 operand bytes. */
const ROWS: usize = memory.data(MAX_ROWS * 32, 64);
const ROW_MASK = 8;
const ROW_BYTES = 16;

/** Records that are spread before addresses are filled in. */
const PART: u32 = 2048;
/** Of the data accesses of a part: number of the record, u16, and size, u8. */
const PLACES: usize = memory.data((2048 + 64) * 2, 16);
const SIZES: usize = memory.data(2048 + 64, 16);
/** Records of one access: lines of 32 bytes, twice. */
const CUT: usize = memory.data(64 * 8, 16);

/** Places the sequences, as `placeBatch` does the batch. */
export function placeSequences(base: usize): usize {
	bodies = (base + 63) & ~63;
	sequences = bodies + <usize>(MAX_SEQUENCES + 1) * BODY_SIZE;
	return sequences + <usize>(MAX_SEQUENCES + 1) * SEQUENCE_MAX_SIZE;
}

// Where the reading of a file stands between calls.

/** 0: before the header; 1: between blocks; 2: inside a block; 3: after the end marker. */
let phase: u32 = 0;
let blocks: u32 = 0;
let tokensBefore: u64 = 0;
/** Of the block being read: what comes next of each part, from the start of the block; D; cpu | asid << 8. */
let tokenAt: usize = 0;
let moveAt: usize = 0;
let operandAt: usize = 0;
let operationAt: usize = 0;
let data: u64 = 0;
let place: u32 = 0;
/** Its sequences, and its inside rows. */
let sequenceCount: u32 = 0;
let inside: u32 = 0;
/** Fetches left out since the last run. */
let refetched: u32 = 0;

export function resetPacked(): void {
	phase = 0;
	place = 0;
	blocks = 0;
	tokensBefore = 0;
	refetched = 0;
}

/** Fills the batch from [at, end); `last`: the input ends there. Returns how far whole blocks were read. */
export function parsePacked<S extends Sink>(at: usize, end: usize, last: bool): usize {
	if (phase == 0) {
		if (end - at < <usize>HEADER_SIZE) {
			if (last) fail(end - at >= 8 && !isPacked(at) ? STATUS_BAD_MAGIC : STATUS_TRUNCATED, at);
			return at;
		}
		if (!isPacked(at)) fail(STATUS_BAD_MAGIC, at);
		else if (load<u64>(at, HEADER_CHECKSUM) != xxh64(at, HEADER_CHECKSUM)) fail(STATUS_BAD_CHECKSUM, at);
		else if (load<u16>(at, HEADER_VERSION) != PACKED_VERSION) fail(STATUS_BAD_VERSION, at);
		else phase = 1;
		if (phase == 0) return at;
		at += HEADER_SIZE;
	}
	while (!full()) {
		if (phase == 3) {
			if (at < end) {
				if (!skipping()) fail(STATUS_TRAILING, at);
				else {
					countSkipped();
					setStatus(STATUS_END);
				}
				return skipping() ? end : at;
			}
			setStatus(STATUS_END);
			return at;
		}
		if (end - at < 8) return short(at, last);
		const bytes = <usize>load<u32>(at, BLOCK_BYTES);
		if (phase == 1) {
			if (load<u32>(at) == END_MARK) {
				if (end - at < <usize>END_SIZE) return short(at, last);
				if (!endHolds(at)) return at;
				phase = 3;
				at += END_SIZE;
				continue;
			}
			if (
				load<u32>(at) != BLOCK_MARK ||
				bytes > <usize>BLOCK_MAX_BYTES ||
				bytes < <usize>(BLOCK_HEADER + BLOCK_CHECKSUM_SIZE)
			) {
				fail(STATUS_BAD_CHECKSUM, at);
				return at;
			}
			if (end - at < bytes) return short(at, last);
			const code = open(at, bytes);
			if (code) {
				if (!skipping()) {
					fail(code, at);
					return at;
				}
				countSkipped();
				blocks++;
				at += bytes;
				continue;
			}
		}
		const code = blockItems<S>(at, bytes);
		if (code) {
			if (code == STATUS_UNKNOWN_OPERATION || !skipping()) {
				fail(code, at);
				return at;
			}
			countSkipped();
			phase = 1;
			blocks++;
		}
		if (phase == 1) at += bytes;
	}
	return at;
}

function isPacked(at: usize): bool {
	return load<u32>(at) == PACKED_MAGIC_LOW && load<u32>(at, 4) == PACKED_MAGIC_HIGH;
}

/** The input ends inside a block. */
function short(at: usize, last: bool): usize {
	if (last) fail(STATUS_TRUNCATED, at);
	return at;
}

function endHolds(at: usize): bool {
	if (load<u64>(at, END_CHECKSUM) != xxh64(at, END_CHECKSUM)) {
		fail(STATUS_BAD_CHECKSUM, at);
		return false;
	}
	const whole = load<u32>(at, END_BLOCKS) == blocks && load<u64>(at, END_TOKENS) == tokensBefore;
	if (!whole && !skipping()) fail(STATUS_BAD_BLOCK, at);
	return whole || skipping();
}

/** Verifies a block and reads its tables. Returns 0 or STATUS_BAD_*. */
function open(at: usize, bytes: usize): u32 {
	const tail = at + bytes - BLOCK_CHECKSUM_SIZE;
	if (load<u64>(tail) != xxh64(at, tail - at)) return STATUS_BAD_CHECKSUM;
	const tokens = load<u32>(at, BLOCK_TOKENS);
	const moves = load<u32>(at, BLOCK_MOVES);
	const operands = load<u32>(at, BLOCK_OPERANDS);
	const operations = load<u32>(at, BLOCK_OPERATIONS);
	const shapes = <u32>load<u16>(at, BLOCK_SHAPES);
	const rows = <u32>load<u16>(at, BLOCK_ROWS);
	sequenceCount = load<u16>(at, BLOCK_SEQUENCES);
	inside = load<u16>(at, BLOCK_INSIDE);
	if (load<u32>(at, BLOCK_INDEX) != blocks || inside > rows) return STATUS_BAD_BLOCK;
	if (shapes > <u32>MAX_SHAPES || rows > <u32>MAX_ROWS || sequenceCount > <u32>MAX_SEQUENCES) return STATUS_BAD_BLOCK;
	const before = ((<u64>tokens) << 1) + <u64>moves + <u64>operands + <u64>operations;
	if (BLOCK_HEADER + before > <u64>(tail - at)) return STATUS_BAD_BLOCK;
	tokenAt = BLOCK_HEADER;
	moveAt = tokenAt + ((<usize>tokens) << 1);
	operandAt = moveAt + moves;
	operationAt = operandAt + operands;
	let table = readShapes(at + operationAt + operations, tail, shapes);
	if (table) table = readRows(table, tail, rows);
	if (table) table = readSequences(table, tail, shapes, at);
	if (table != tail) return STATUS_BAD_BLOCK;
	if (tokens && highestToken(at + tokenAt, at + moveAt) > sequenceCount) return STATUS_BAD_BLOCK;
	if (moves && highestMove(at + moveAt, at + operandAt) >= rows) return STATUS_BAD_BLOCK;
	move(load<u32>(at, BLOCK_PLACE) & 0xffffff);
	data = load<u64>(at, BLOCK_DATA);
	phase = 2;
	return 0;
}

/** Reads `count` shapes from [at, end): where they end, or 0. */
function readShapes(at: usize, end: usize, count: u32): usize {
	for (let shape = SHAPES; shape < SHAPES + ((<usize>count) << 4); shape += 16) {
		if (end - at < 2) return 0;
		const head = <u32>load<u8>(at);
		const size = <u32>load<u8>(at, 1);
		at += 2;
		const far = head & SHAPE_FAR;
		if (head > <u32>(SHAPE_FAR | KIND_MODIFY) || size == 0 || (far && (head & 3) != KIND_FETCH)) return 0;
		store<u64>(shape, 0);
		store<u32>(shape, (head & 3) | (size << 2), SHAPE_WHAT);
		store<u32>(shape, far, SHAPE_IS_FAR);
		if (head == KIND_FETCH) {
			at = readSigned(at, end);
			if (at == 0) return 0;
			store<u64>(shape, signed);
		}
	}
	return at;
}

/** As readShapes. */
function readRows(at: usize, end: usize, count: u32): usize {
	for (let row = ROWS; row < ROWS + ((<usize>count) << 5); row += 32) {
		if (at == end) return 0;
		const bytes = <u32>load<u8>(at++);
		if (bytes > 8) return 0;
		if (bytes == 0) {
			at = readSigned(at, end);
			if (at == 0) return 0;
			store<u64>(row, signed);
			store<u64>(row, 0, ROW_MASK);
		} else {
			// Of 8 bytes both are right, too: Wasm shifts modulo 64.
			store<u64>(row, bytes < 8 ? 0 - ((<u64>1) << ((bytes << 3) - 1)) : 0);
			store<u64>(row, ~(<u64>0) >> (64 - (bytes << 3)), ROW_MASK);
		}
		store<u32>(row, bytes, ROW_BYTES);
	}
	return at;
}

/** Reads the sequences of the block at `block` and makes records of them. As readShapes. Calls nothing: it would cost dear. */
function readSequences(at: usize, end: usize, shapes: u32, block: usize): usize {
	const log = <u64>lineOf(true);
	const lineSize = (<u32>1) << (<u32>log);
	const splits = straddle == STRADDLE_SPLIT;
	// One access is two records at most, and these are as cut() makes them.
	const part: u64 = splits ? 0 : RECORD_PART;
	const leavesOut = splits && refetches;
	let fetched: u64 = 0;
	let sequence = sequences;
	let body = bodies;
	for (const last = body + <usize>sequenceCount * BODY_SIZE; body < last; body += BODY_SIZE) {
		if (at == end) return 0;
		store<u32>(body, <u32>(at - block));
		store<u32>(body, <u32>sequence, BODY_RECORDS);
		store<u64>(body, fetched, BODY_FETCHED);
		const length = <u32>load<u8>(at++);
		if (length == 0 || length > <u32>SEQUENCE_ACCESSES) return 0;
		const first = sequence + SEQUENCE_RECORDS;
		let out = first;
		let holes: usize = 0;
		let long = false;
		let left: u32 = 0;
		let here: u64 = ~0;
		for (let i: u32 = 0; i < length; i++) {
			if (at == end) return 0;
			const number = <u32>load<u8>(at++);
			if (number >= shapes) return 0;
			const shape = SHAPES + ((<usize>number) << 4);
			const what = load<u32>(shape, SHAPE_WHAT);
			const kind = <u64>(what & 3);
			if (kind == KIND_FETCH) {
				let step = load<u64>(shape);
				if (load<u32>(shape, SHAPE_IS_FAR)) {
					for (let shift: u64 = 0; ; shift += 7) {
						if (at == end || shift > 63) return 0;
						const byte = <u64>load<u8>(at++);
						step |= (byte & 127) << shift;
						if (byte < 128) break;
					}
					step = (step >> 1) ^ (0 - (step & 1));
				}
				const address = fetched + step;
				const last = address + ((what >> 2) - 1);
				if (last < address) return 0;
				fetched = last + 1;
				const line = address >> log;
				const lastLine = last >> log;
				if (what >> 2 > lineSize) long = true;
				const again = leavesOut && line == here;
				here = lastLine;
				if (again) {
					left++;
				} else {
					store<u64>(out, (address & ~7) | KIND_FETCH | (lastLine != line ? part : 0));
					out += RECORD_SIZE;
				}
				if (lastLine != line) {
					store<u64>(out, (lastLine << log) | KIND_FETCH);
					out += RECORD_SIZE;
				}
			} else {
				if (holes == SEQUENCE_DATA) return 0;
				store<u16>(sequence + (holes << 1), (out - first) >> 3, SEQUENCE_PLACES);
				store<u8>(sequence + holes, what >> 2, SEQUENCE_SIZES);
				holes++;
				store<u64>(out, kind);
				out += RECORD_SIZE;
				if (kind == KIND_MODIFY && splits) {
					store<u64>(out, KIND_WRITE);
					out += RECORD_SIZE;
				}
			}
		}
		store<u32>(sequence, long ? LONG : <u32>(out - first) >> 3);
		store<u16>(sequence, holes, SEQUENCE_DATA_COUNT);
		store<u16>(sequence, left, SEQUENCE_REFETCHES);
		sequence = out;
	}
	store<u32>(body, <u32>sequence, BODY_RECORDS);
	store<u32>(sequence, LONG);
	return at;
}

let signed: u64 = 0;

/** Reads a zigzag varint: where it ends, or 0. */
function readSigned(at: usize, end: usize): usize {
	let x: u64 = 0;
	for (let shift: u64 = 0; shift < 64 && at < end; shift += 7) {
		const byte = <u64>load<u8>(at++);
		x |= (byte & 127) << shift;
		if (byte < 128) {
			signed = (x >> 1) ^ (0 - (x & 1));
			return at;
		}
	}
	return 0;
}

/** The highest of the u16 in [at, end). */
function highestToken(at: usize, end: usize): u32 {
	let high = i16x8.splat(0);
	let x: u32 = 0;
	for (; at + 16 <= end; at += 16) high = v128.max<u16>(high, v128.load(at));
	for (; at < end; at += 2) x = max<u32>(x, load<u16>(at));
	v128.store(LANES, high);
	for (let i: usize = 0; i < 16; i += 2) x = max<u32>(x, load<u16>(LANES + i));
	return x;
}

/** The highest of the bytes in [at, end). */
function highestMove(at: usize, end: usize): u32 {
	let high = i8x16.splat(0);
	let x: u32 = 0;
	for (; at + 16 <= end; at += 16) high = v128.max<u8>(high, v128.load(at));
	for (; at < end; at++) x = max<u32>(x, load<u8>(at));
	v128.store(LANES, high);
	for (let i: usize = 0; i < 16; i++) x = max<u32>(x, load<u8>(LANES + i));
	return x;
}

const LANES: usize = memory.data(16, 16);

/** Reads on in the block at `at`, until the batch is full or the block ends (then phase is 1 again). */
function blockItems<S extends Sink>(at: usize, bytes: usize): u32 {
	const tokens = at + BLOCK_HEADER + ((<usize>load<u32>(at, BLOCK_TOKENS)) << 1);
	moves = tokens + load<u32>(at, BLOCK_MOVES);
	operands = moves + load<u32>(at, BLOCK_OPERANDS);
	operations = operands + load<u32>(at, BLOCK_OPERATIONS);
	token = at + tokenAt;
	movement = at + moveAt;
	operand = at + operandAt;
	operation = at + operationAt;
	// What is inside lies within a line only where lines are that long.
	const parts = changetype<S>(0).cuts() && lineOf(false) >= <u32>INSIDE_LOG;
	while (token < tokens && !full()) {
		const number = <u32>load<u16>(token);
		let code: u32;
		if (parts && load<u32>(load<u32>(bodies + <usize>number * BODY_SIZE, BODY_RECORDS)) != LONG)
			code = readPart(tokens);
		else if (number == sequenceCount) code = readOperation<S>();
		else code = readSequence<S>(at);
		if (code) return code;
	}
	tokenAt = token - at;
	moveAt = movement - at;
	operandAt = operand - at;
	operationAt = operation - at;
	if (token < tokens) return 0;
	if (movement != moves || operand != operands || operation != operations) return STATUS_BAD_BLOCK;
	phase = 1;
	blocks++;
	tokensBefore += load<u32>(at, BLOCK_TOKENS);
	return 0;
}

/** What comes next of each part of the block, and where the parts end. */
let token: usize = 0;
let movement: usize = 0;
let operand: usize = 0;
let operation: usize = 0;
let moves: usize = 0;
let operands: usize = 0;
let operations: usize = 0;

/** Reads tokens before `end`, up to the first that is LONG or as many as are a part. Returns 0 or STATUS_BAD_*. */
function readPart(end: usize): u32 {
	const first = records() + <usize>recordCount() * RECORD_SIZE;
	out = first;
	spread(end);
	if (movement + ((placesEnd - PLACES) >> 1) > moves) return STATUS_BAD_BLOCK;
	for (let at = PLACES; at < placesEnd; ) {
		at = fill(at, nextOutside(at));
		if (at == placesEnd) break;
		if (!fillOutside(at)) return STATUS_BAD_BLOCK;
		at += 2;
	}
	// Whatever was read beyond them: a part's operands are fewer bytes than the records behind the input.
	if (operand > operands) return STATUS_BAD_BLOCK;
	setRecordCount(recordCount() + <u32>((outEnd - first) / RECORD_SIZE));
	refetched += partRefetched;
	return 0;
}

/** The records of the part, in which places count from `out`: where records were added, it has moved as far. */
let out: usize = 0;
let outEnd: usize = 0;
let partRefetched: u32 = 0;
let placesEnd: usize = 0;

function spread(end: usize): void {
	let at = token;
	let to = out;
	let places = PLACES;
	let sizes = SIZES;
	let count: u32 = 0;
	let left: u32 = 0;
	while (at < end && count < PART) {
		const from = <usize>load<u32>(bodies + <usize>load<u16>(at) * BODY_SIZE, BODY_RECORDS);
		const n = load<u32>(from);
		v128.store(to, v128.load(from, SEQUENCE_RECORDS));
		v128.store(to, v128.load(from, SEQUENCE_RECORDS + 16), 16);
		v128.store(to, v128.load(from, SEQUENCE_RECORDS + 32), 32);
		v128.store(to, v128.load(from, SEQUENCE_RECORDS + 48), 48);
		if (n > COPIED) {
			if (n == LONG) break;
			for (let i: usize = 64; i < (<usize>n) << 3; i += 16) v128.store(to + i, v128.load(from + i, SEQUENCE_RECORDS));
		}
		v128.store(places, i16x8.add(i16x8.splat(<i16>count), v128.load(from, SEQUENCE_PLACES)));
		store<u64>(sizes, load<u64>(from, SEQUENCE_SIZES));
		const holes = <usize>load<u16>(from, SEQUENCE_DATA_COUNT);
		left += <u32>load<u16>(from, SEQUENCE_REFETCHES);
		places += holes << 1;
		sizes += holes;
		count += n;
		to += (<usize>n) << 3;
		at += 2;
	}
	token = at;
	partRefetched = left;
	outEnd = to;
	placesEnd = places;
}

/** The first place from `at` on whose row is not inside. */
function nextOutside(at: usize): usize {
	if (inside > 255) return placesEnd;
	const end = movement + ((placesEnd - at) >> 1);
	const first = i8x16.splat(<i8>inside);
	let next = movement;
	for (; next < end; next += 16) {
		const found = i8x16.bitmask(i8x16.ge_u(v128.load(next), first));
		if (found) {
			next += ctz(found);
			break;
		}
	}
	return at + ((min(next, end) - movement) << 1);
}

/** Fills in the addresses at the places [at, end), whose rows are all inside. Returns `end`. */
function fill(at: usize, end: usize): usize {
	let next = movement;
	let from = operand;
	let d = data;
	const to = out;
	for (const pairs = at + ((end - at) & ~3); at < pairs; at += 4, next += 2) {
		const row = ROWS + ((<usize>load<u8>(next)) << 5);
		const d1 = d + load<u64>(row) + (load<u64>(from) & load<u64>(row, ROW_MASK));
		from += load<u32>(row, ROW_BYTES);
		const row2 = ROWS + ((<usize>load<u8>(next, 1)) << 5);
		d = d1 + (load<u64>(row2) + (load<u64>(from) & load<u64>(row2, ROW_MASK)));
		from += load<u32>(row2, ROW_BYTES);
		const hole = to + ((<usize>load<u16>(at)) << 3);
		const hole2 = to + ((<usize>load<u16>(at, 2)) << 3);
		store<u64>(hole, (d1 & ~7) | load<u64>(hole));
		store<u64>(hole2, (d & ~7) | load<u64>(hole2));
	}
	if (at < end) {
		const row = ROWS + ((<usize>load<u8>(next)) << 5);
		d += load<u64>(row) + (load<u64>(from) & load<u64>(row, ROW_MASK));
		from += load<u32>(row, ROW_BYTES);
		const hole = to + ((<usize>load<u16>(at)) << 3);
		store<u64>(hole, (d & ~7) | load<u64>(hole));
		next++;
	}
	movement = next;
	operand = from;
	data = d;
	return end;
}

/** Fills in the address at place `at`, with more records than there is room for if need be; false: there is no such access. */
function fillOutside(at: usize): bool {
	const size = <u32>load<u8>(SIZES + ((at - PLACES) >> 1));
	const hole = out + ((<usize>load<u16>(at)) << 3);
	const kind = load<u32>(hole) & KIND_MASK;
	nextData();
	const last = data + (size - 1);
	if (last < data) return false;
	if ((data ^ last) >> lineOf(false) == 0) {
		cut(hole, kind, data, size);
		return true;
	}
	const made = cut(CUT, kind, data, size) - CUT;
	const room: usize = kind == KIND_MODIFY && straddle == STRADDLE_SPLIT ? 2 * RECORD_SIZE : RECORD_SIZE;
	memory.copy(hole + made, hole + room, outEnd - (hole + room));
	memory.copy(hole, CUT, made);
	out += made - room;
	outEnd += made - room;
	return true;
}

/** Moves D on. */
function nextData(): void {
	const row = ROWS + ((<usize>load<u8>(movement++)) << 5);
	data += load<u64>(row) + (load<u64>(operand) & load<u64>(row, ROW_MASK));
	operand += load<u32>(row, ROW_BYTES);
}

/** Reads one token of the block at `block`, access by access. Returns 0 or STATUS_BAD_*. */
function readSequence<S extends Sink>(block: usize): u32 {
	const body = bodies + <usize>load<u16>(token) * BODY_SIZE;
	token += 2;
	let at = block + load<u32>(body);
	let fetched = load<u64>(body, BODY_FETCHED);
	for (let left = load<u8>(at++); left; left--) {
		const shape = SHAPES + ((<usize>load<u8>(at++)) << 4);
		const what = load<u32>(shape, SHAPE_WHAT);
		const kind = what & 3;
		const size = what >> 2;
		let address: u64;
		if (kind == KIND_FETCH) {
			address = fetched + load<u64>(shape);
			if (load<u32>(shape, SHAPE_IS_FAR)) {
				at = readSigned(at, at + 10);
				address = fetched + signed;
			}
			fetched = address + size;
		} else {
			if (movement == moves) return STATUS_BAD_BLOCK;
			const within = <u32>load<u8>(movement) < inside;
			nextData();
			address = data;
			if (operand > operands) return STATUS_BAD_BLOCK;
			if (within && (kind == KIND_MODIFY || (address ^ (address + (size - 1))) >> INSIDE_LOG)) return STATUS_BAD_BLOCK;
		}
		const code = take<S>(kind, address, size);
		if (code) return code;
	}
	return 0;
}

function take<S extends Sink>(kind: u32, address: u64, size: u32): u32 {
	if (address + (size - 1) < address) return STATUS_BAD_BLOCK;
	if (changetype<S>(0).cuts()) {
		put<S>(kind, address, size);
	} else {
		const count = accessCount();
		putAccess(accesses() + <usize>count * ACCESS_SIZE, kind, address, size, place);
		setAccessCount(count + 1);
	}
	return 0;
}

/** Reads the operation that a token announces. Returns 0 or STATUS_*. */
function readOperation<S extends Sink>(): u32 {
	if (operations - operation < 2) return STATUS_BAD_BLOCK;
	const code = <u32>load<u8>(operation);
	const length = <u32>load<u8>(operation, 1);
	const at = operation + 2;
	if (operations - at < length) return STATUS_BAD_BLOCK;
	token += 2;
	operation = at + length;
	if (code == OPERATION_ACCESS) {
		const kind = <u32>load<u8>(at);
		const size = load<u32>(at, 1);
		if (length != 13 || kind > <u32>KIND_MODIFY || size - 1 >= <u32>ACCESS_MAX_SIZE) return STATUS_BAD_BLOCK;
		return take<S>(kind, load<u64>(at, 5), size);
	}
	if (code == OPERATION_PLACE) {
		if (length != 3) return STATUS_BAD_BLOCK;
		move(<u32>load<u8>(at) | ((<u32>load<u16>(at, 1)) << 8));
		return 0;
	}
	return code >= <u32>OPERATION_MAP && code <= <u32>OPERATION_SWITCH
		? readMaintenance(code, at, length)
		: code >= <u32>OPERATION_MAY_SKIP
			? 0
			: STATUS_UNKNOWN_OPERATION;
}

/** What is between accesses of a CPU and address space. A switch says whose accesses follow. */
function readMaintenance(code: u32, at: usize, length: u32): u32 {
	if (code == OPERATION_SWITCH) {
		if (length != 2) return STATUS_BAD_BLOCK;
		move((place & 255) | ((<u32>load<u16>(at)) << 8));
		addOperation(code, 0, 0, 0);
		return 0;
	}
	const what = code >= <u32>OPERATION_FLUSH ? <u32>load<u8>(at++) : 0;
	const address = load<u64>(at);
	const bytes = load<u64>(at, 8);
	const shares = code == OPERATION_MAP && length == 28;
	if (!shares && length != <u32>(code >= <u32>OPERATION_FLUSH ? 17 : 16)) return STATUS_BAD_BLOCK;
	if (bytes && address + (bytes - 1) < address) return STATUS_BAD_BLOCK;
	if (code == OPERATION_FLUSH ? what > <u32>FLUSH_PURGES : what > 1) return STATUS_BAD_BLOCK;
	if (code == OPERATION_FLUSH && bytes > <u64>FLUSH_MOST) return STATUS_BAD_BLOCK;
	move(place);
	addOperation(code, what, address, bytes);
	if (shares) {
		const added = batchOperations() + <usize>(operationCount() - 1) * MAINTAIN_SIZE;
		store<u32>(added, load<u32>(at, 16), MAINTAIN_OBJECT);
		store<u64>(added, load<u64>(at, 20), MAINTAIN_OFFSET);
	}
	return 0;
}

/** Adds an operation to the batch, and a run that says when it is due. */
function addOperation(code: u32, what: u32, address: u64, length: u64): void {
	const number = operationCount();
	const at = batchOperations() + <usize>number * MAINTAIN_SIZE;
	store<u64>(at, address);
	store<u64>(at, length, MAINTAIN_LENGTH);
	store<u32>(at, accessCount(), MAINTAIN_AT);
	store<u8>(at, code, MAINTAIN_CODE);
	store<u8>(at, what, MAINTAIN_WHAT);
	store<u8>(at, place, MAINTAIN_CPU);
	store<u16>(at, place >> 8, MAINTAIN_ASID);
	store<u32>(at, 0, MAINTAIN_OBJECT);
	setOperationCount(number + 1);
	const run = runs() + <usize>runCount() * RUN_SIZE;
	store<u32>(run, number);
	store<u32>(run, ((place & 255) << 16) | (place >> 8) | (code << 24), 4);
	setRunCount(runCount() + 1);
}

/** What follows belongs to another CPU or address space. */
function move(to: u32): void {
	closePackedRun();
	place = to;
}

/** The records since the last run are one, and the fetches left out meanwhile another. */
export function closePackedRun(): void {
	const head = ((place & 255) << 16) | (place >> 8);
	closeRun(head);
	if (refetched == 0) return;
	const at = runs() + <usize>runCount() * RUN_SIZE;
	store<u32>(at, refetched);
	store<u32>(at, head | (RUN_REFETCHES << 24), 4);
	setRunCount(runCount() + 1);
	refetched = 0;
}
