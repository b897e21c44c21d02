import { KIND_FETCH, RECORD_PART, RECORD_SIZE } from "../../bindings/layout/records";
import {
	ACCESS_MAX_SIZE,
	ACCESS_SIZE,
	BATCH_FULL,
	BATCH_SLACK,
	BLOCK_BYTES,
	BLOCK_CHECKSUM_SIZE,
	BLOCK_DATA,
	BLOCK_FETCH,
	BLOCK_HEADER,
	BLOCK_INDEX,
	BLOCK_MARK,
	BLOCK_MAX_BYTES,
	BLOCK_MAX_TOKENS,
	BLOCK_OPERANDS,
	BLOCK_PLACE,
	BLOCK_ROWS,
	BLOCK_TOKENS,
	END_BLOCKS,
	END_CHECKSUM,
	END_MARK,
	END_SIZE,
	END_TOKENS,
	ESCAPE_ACCESS,
	ESCAPE_MAY_SKIP,
	ESCAPE_PLACE,
	HEADER_CHECKSUM,
	HEADER_SIZE,
	HEADER_VERSION,
	KIND_MODIFY,
	PACKED_MAGIC_HIGH,
	PACKED_MAGIC_LOW,
	PACKED_VERSION,
	ROW_ESCAPE,
	ROW_OPERAND_SHIFT,
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
import { closeRun, put, putAccess, Sink } from "./sink";
import {
	accessCount,
	accesses,
	countSkipped,
	fail,
	full,
	lineOf,
	recordCount,
	records,
	setAccessCount,
	setRecordCount,
	setStatus,
	skipping,
	straddle,
} from "./state";
import { xxh64 } from "./xxh64";

// The packed form: docs/packed-format.md. A block is a table of rows, a token (the number of a row) for each access, and
// the bytes of those operands the rows ask for. A token says which of two addresses, the last fetched or the last data
// address, moves, and by how much:
//
//   state = [ fetch : i64 | data : i64 ]     one vector
//   state += row.step + (eight operand bytes & row.mask);   operand += row.bytes;   address = state[row.lane]
//
// No branch depends on a token, and the only thing the next token waits for is an addition.

// A row as the decoder wants it, 64 bytes:
//
//    0: i64[2] step, one of them 0            16: u64[2] mask, one of them 0
//   32: u64[2] all ones where the address is  48: u32 kind   52: u16 operand bytes   54: u16 kind of the first of two records
//   56: u64 size - 1, or LONG

const ROWS: usize = memory.data(256 * 64, 64);
const ROW_STEP = 0;
const ROW_MASK = 16;
const ROW_LANE = 32;
const ROW_KIND = 48;
const ROW_BYTES = 52;
const ROW_FIRST = 54;
const ROW_REACH = 56;

/** Added to an address it leaves any line: what needs more than two records, or is no access at all, goes the long way. */
const LONG: u64 = 1 << 63;
/** Kind of an escape's row. */
const KIND_ESCAPE: u32 = 4;

/** Sizes of the rows, u32 each: of those that are LONG too. */
const SIZES: usize = memory.data(256 * 4, 16);

// Where the reading of a file stands between calls.

/** 0: before the header; 1: between blocks; 2: inside a block; 3: after the end marker. */
let phase: u32 = 0;
let blocks: u32 = 0;
let tokensBefore: u64 = 0;
/** Of the block being read: next token and operand byte, both from the start of the block; cpu | asid << 8. */
let tokenAt: usize = 0;
let operandAt: usize = 0;
let place: u32 = 0;
let plain: bool = false;
const ADDRESSES: usize = memory.data(16, 16);

export function resetPacked(): void {
	phase = 0;
	place = 0;
	blocks = 0;
	tokensBefore = 0;
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

/** Verifies a block and reads its table. Returns 0 or STATUS_BAD_*. */
function open(at: usize, bytes: usize): u32 {
	const tail = at + bytes - BLOCK_CHECKSUM_SIZE;
	if (load<u64>(tail) != xxh64(at, tail - at)) return STATUS_BAD_CHECKSUM;
	const tokens = <usize>load<u32>(at, BLOCK_TOKENS);
	const operands = <usize>load<u32>(at, BLOCK_OPERANDS);
	const rows = load<u32>(at, BLOCK_ROWS);
	if (load<u32>(at, BLOCK_INDEX) != blocks || tokens > <usize>BLOCK_MAX_TOKENS || rows > 256) return STATUS_BAD_BLOCK;
	if (BLOCK_HEADER + <u64>tokens + <u64>operands > <u64>(tail - at)) return STATUS_BAD_BLOCK;
	const table = tail - operands - tokens;
	if (!readRows(at + BLOCK_HEADER, table, rows)) return STATUS_BAD_BLOCK;
	if (tokens && highest(table, tokens) >= rows) return STATUS_BAD_BLOCK;
	tokenAt = table - at;
	operandAt = tokenAt + tokens;
	move(load<u32>(at, BLOCK_PLACE) & 0xffffff);
	store<u64>(ADDRESSES, load<u64>(at, BLOCK_FETCH));
	store<u64>(ADDRESSES, load<u64>(at, BLOCK_DATA), 8);
	phase = 2;
	return 0;
}

/** Reads `rows` rows from [at, end), which they must fill. */
function readRows(at: usize, end: usize, rows: u32): bool {
	plain = true;
	let row = ROWS;
	for (let i: u32 = 0; i < rows; i++, row += 64) {
		if (at >= end) return false;
		const head = <u32>load<u8>(at++);
		let step: u64 = 0;
		let mask: u64 = 0;
		let size: u64 = 1;
		let kind: u32 = head & 3;
		const bytes = (head >> ROW_OPERAND_SHIFT) & 15;
		const lane: usize = kind == KIND_FETCH ? 0 : 8;
		let reach: u64 = LONG;
		if (head & ROW_ESCAPE) {
			if (head != ROW_ESCAPE) return false;
			kind = KIND_ESCAPE;
		} else {
			if (bytes > 8 || head & 64) return false;
			at = readVarint(at, end);
			size = varint;
			if (at == 0 || size - 1 >= <u64>ACCESS_MAX_SIZE) return false;
			if (bytes == 0) {
				at = readVarint(at, end);
				if (at == 0) return false;
				step = (varint >> 1) ^ (0 - (varint & 1));
			} else if (bytes < 8) {
				mask = ((<u64>1) << (bytes << 3)) - 1;
				step = 0 - ((<u64>1) << ((bytes << 3) - 1));
			} else {
				mask = ~(<u64>0);
			}
			// At most two lines, and not to be cut before: the short way.
			if (kind != KIND_MODIFY && size <= (<u64>1) << lineOf(kind == KIND_FETCH)) reach = size - 1;
		}
		if (kind > <u32>KIND_FETCH || size > 1) plain = false;
		memory.fill(row, 0, 48);
		store<u64>(row + lane, step, ROW_STEP);
		store<u64>(row + lane, mask, ROW_MASK);
		store<u64>(row + lane, ~(<u64>0), ROW_LANE);
		store<u32>(row, kind, ROW_KIND);
		store<u16>(row, bytes, ROW_BYTES);
		store<u16>(row, kind | (straddle == STRADDLE_SPLIT ? 0 : RECORD_PART), ROW_FIRST);
		store<u64>(row, reach, ROW_REACH);
		store<u32>(SIZES + ((<usize>i) << 2), <u32>size);
	}
	// Records drop three bits of the address; here there is nothing else that needs them.
	if (plain) {
		for (row = ROWS; row < ROWS + ((<usize>rows) << 6); row += 64) {
			store<u64>(row, load<u64>(row, ROW_LANE) & ~7, ROW_LANE);
			store<u64>(row, load<u64>(row, ROW_LANE + 8) & ~7, ROW_LANE + 8);
		}
	}
	return at == end;
}

let varint: u64 = 0;

function readVarint(at: usize, end: usize): usize {
	let x: u64 = 0;
	for (let shift: u64 = 0; shift < 64 && at < end; shift += 7) {
		const byte = <u64>load<u8>(at++);
		x |= (byte & 127) << shift;
		if (byte < 128) {
			varint = x;
			return at;
		}
	}
	return 0;
}

/** The highest of `length` bytes. */
function highest(at: usize, length: usize): u32 {
	const end = at + length;
	let high = i8x16.splat(0);
	let x: u32 = 0;
	for (; at + 16 <= end; at += 16) high = v128.max<u8>(high, v128.load(at));
	for (; at < end; at++) x = max<u32>(x, load<u8>(at));
	high = v128.max<u8>(high, v128.shuffle<u8>(high, high, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
	for (let rest = <u64>i64x2.extract_lane(high, 0); rest; rest >>= 8) x = max<u32>(x, <u32>(rest & 255));
	return x;
}

/** Reads on in the block at `at`, until the batch is full or the block ends (then phase is 1 again). */
function blockItems<S extends Sink>(at: usize, bytes: usize): u32 {
	const end = at + bytes - BLOCK_CHECKSUM_SIZE - load<u32>(at, BLOCK_OPERANDS);
	token = at + tokenAt;
	operand = at + operandAt;
	if (changetype<S>(0).cuts() && plain) plainTokens(end);
	while (token < end && !full()) {
		if (changetype<S>(0).cuts()) shortTokens(end);
		if (token < end && !full()) {
			const code = longToken<S>();
			if (code) return code;
		}
	}
	tokenAt = token - at;
	operandAt = operand - at;
	if (token < end) return 0;
	if (operandAt != bytes - BLOCK_CHECKSUM_SIZE) return STATUS_BAD_BLOCK;
	phase = 1;
	blocks++;
	tokensBefore += load<u32>(at, BLOCK_TOKENS);
	return 0;
}

/** Where the loops over tokens stand. */
let token: usize = 0;
let operand: usize = 0;

/** Reads tokens of a block in which all sizes are 1 and nothing is a modify or an escape: one record each. */
function plainTokens(end: usize): void {
	let at = token;
	let from = operand;
	const stop = min<usize>(end, at + (BATCH_FULL + BATCH_SLACK - recordCount()));
	let out = records() + <usize>recordCount() * RECORD_SIZE;
	setRecordCount(recordCount() + <u32>(stop - at));
	let state = v128.load(ADDRESSES);
	for (const pairs = stop - ((stop - at) & 1); at < pairs; at += 2, out += 2 * RECORD_SIZE) {
		const row = (<usize>load<u8>(at)) << 6;
		const rowMove = v128.and(v128.load_splat<u64>(from), v128.load(row, ROWS + ROW_MASK));
		from += <usize>load<u16>(row, ROWS + ROW_BYTES);
		state = i64x2.add(state, i64x2.add(rowMove, v128.load(row, ROWS + ROW_STEP)));
		const rowLane = v128.and(state, v128.load(row, ROWS + ROW_LANE));
		const rowBoth = v128.or(rowLane, v128.shuffle<u64>(rowLane, rowLane, 1, 0));
		v128.store_lane<u64>(out, v128.or(rowBoth, v128.load_zero<u32>(row, ROWS + ROW_KIND)), 0);
		const next = (<usize>load<u8>(at, 1)) << 6;
		const nextMove = v128.and(v128.load_splat<u64>(from), v128.load(next, ROWS + ROW_MASK));
		from += <usize>load<u16>(next, ROWS + ROW_BYTES);
		state = i64x2.add(state, i64x2.add(nextMove, v128.load(next, ROWS + ROW_STEP)));
		const nextLane = v128.and(state, v128.load(next, ROWS + ROW_LANE));
		const nextBoth = v128.or(nextLane, v128.shuffle<u64>(nextLane, nextLane, 1, 0));
		v128.store_lane<u64>(out, v128.or(nextBoth, v128.load_zero<u32>(next, ROWS + ROW_KIND)), 0, RECORD_SIZE);
	}
	if (at < stop) {
		const row = (<usize>load<u8>(at)) << 6;
		const rowMove = v128.and(v128.load_splat<u64>(from), v128.load(row, ROWS + ROW_MASK));
		from += <usize>load<u16>(row, ROWS + ROW_BYTES);
		state = i64x2.add(state, i64x2.add(rowMove, v128.load(row, ROWS + ROW_STEP)));
		const rowLane = v128.and(state, v128.load(row, ROWS + ROW_LANE));
		const rowBoth = v128.or(rowLane, v128.shuffle<u64>(rowLane, rowLane, 1, 0));
		v128.store_lane<u64>(out, v128.or(rowBoth, v128.load_zero<u32>(row, ROWS + ROW_KIND)), 0);
	}
	v128.store(ADDRESSES, state);
	token = stop;
	operand = from;
}

/** Reads tokens up to the first that is LONG, or `end`, or as far as records fit. Calls nothing: it would cost dear. */
function shortTokens(end: usize): void {
	let at = token;
	let from = operand;
	const begin = records() + <usize>recordCount() * RECORD_SIZE;
	const stop = min<usize>(end, at + ((BATCH_FULL + BATCH_SLACK - recordCount()) >> 1));
	const fetchLine = ~(<u64>0) << lineOf(true);
	const dataLine = ~(<u64>0) << lineOf(false);
	const line = fetchLine | dataLine;
	let out = begin;
	let state = v128.load(ADDRESSES);
	while (at < stop) {
		// Two at a time as long as neither crosses a line: nearly always.
		for (; at + 1 < stop; at += 2, out += 2 * RECORD_SIZE) {
			const row = (<usize>load<u8>(at)) << 6;
			const move = v128.and(v128.load_splat<u64>(from), v128.load(row, ROWS + ROW_MASK));
			const moved = i64x2.add(state, i64x2.add(move, v128.load(row, ROWS + ROW_STEP)));
			const lane = v128.and(moved, v128.load(row, ROWS + ROW_LANE));
			const address = <u64>i64x2.extract_lane(v128.or(lane, v128.shuffle<u64>(lane, lane, 1, 0)), 0);
			const between = from + <usize>load<u16>(row, ROWS + ROW_BYTES);
			const next = (<usize>load<u8>(at, 1)) << 6;
			const nextMove = v128.and(v128.load_splat<u64>(between), v128.load(next, ROWS + ROW_MASK));
			const nextMoved = i64x2.add(moved, i64x2.add(nextMove, v128.load(next, ROWS + ROW_STEP)));
			const nextLane = v128.and(nextMoved, v128.load(next, ROWS + ROW_LANE));
			const nextAddress = <u64>i64x2.extract_lane(v128.or(nextLane, v128.shuffle<u64>(nextLane, nextLane, 1, 0)), 0);
			const crosses = address ^ (address + load<u64>(row, ROWS + ROW_REACH));
			const nextCrosses = nextAddress ^ (nextAddress + load<u64>(next, ROWS + ROW_REACH));
			if ((crosses | nextCrosses) & line) break;
			store<u64>(out, (address & ~7) | load<u32>(row, ROWS + ROW_KIND));
			store<u64>(out, (nextAddress & ~7) | load<u32>(next, ROWS + ROW_KIND), RECORD_SIZE);
			state = nextMoved;
			from = between + <usize>load<u16>(next, ROWS + ROW_BYTES);
		}
		if (at == stop) break;
		const row = (<usize>load<u8>(at)) << 6;
		const move = v128.and(v128.load_splat<u64>(from), v128.load(row, ROWS + ROW_MASK));
		const moved = i64x2.add(state, i64x2.add(move, v128.load(row, ROWS + ROW_STEP)));
		const lane = v128.and(moved, v128.load(row, ROWS + ROW_LANE));
		const address = <u64>i64x2.extract_lane(v128.or(lane, v128.shuffle<u64>(lane, lane, 1, 0)), 0);
		const reach = address + load<u64>(row, ROWS + ROW_REACH);
		if ((address ^ reach) & line) {
			if (reach < address || load<u64>(row, ROWS + ROW_REACH) == LONG) break;
			const kind = load<u32>(row, ROWS + ROW_KIND);
			const own = kind == KIND_FETCH ? fetchLine : dataLine;
			if ((address ^ reach) & own) {
				store<u64>(out, (address & ~7) | load<u16>(row, ROWS + ROW_FIRST));
				store<u64>(out, (reach & own) | kind, RECORD_SIZE);
				out += RECORD_SIZE;
			} else {
				store<u64>(out, (address & ~7) | kind);
			}
		} else {
			store<u64>(out, (address & ~7) | load<u32>(row, ROWS + ROW_KIND));
		}
		state = moved;
		from += <usize>load<u16>(row, ROWS + ROW_BYTES);
		at++;
		out += RECORD_SIZE;
	}
	v128.store(ADDRESSES, state);
	setRecordCount(recordCount() + <u32>((out - begin) / RECORD_SIZE));
	token = at;
	operand = from;
}

/** Reads one token, whatever it is. Returns 0 or STATUS_BAD_*. */
function longToken<S extends Sink>(): u32 {
	const index = <usize>load<u8>(token);
	const row = ROWS + (index << 6);
	const kind = load<u32>(row, ROW_KIND);
	token++;
	if (kind == KIND_ESCAPE) return escape<S>();
	const lane: usize = kind == KIND_FETCH ? 0 : 8;
	const move = load<u64>(row + lane, ROW_STEP) + (load<u64>(operand) & load<u64>(row + lane, ROW_MASK));
	const address = load<u64>(ADDRESSES + lane) + move;
	store<u64>(ADDRESSES + lane, address);
	operand += <usize>load<u16>(row, ROW_BYTES);
	return take<S>(kind, address, load<u32>(SIZES + (index << 2)));
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

/** Reads what an escape announces. Returns 0 or STATUS_*. */
function escape<S extends Sink>(): u32 {
	const operation = load<u8>(operand);
	const length = load<u8>(operand, 1);
	const at = operand + 2;
	operand = at + length;
	if (operation == ESCAPE_ACCESS) {
		const kind = <u32>load<u8>(at);
		const size = load<u32>(at, 1);
		const address = load<u64>(at, 5);
		if (length != 13 || kind > <u32>KIND_MODIFY || size - 1 >= <u32>ACCESS_MAX_SIZE) return STATUS_BAD_BLOCK;
		store<u64>(ADDRESSES + (kind == KIND_FETCH ? 0 : 8), address);
		return take<S>(kind, address, size);
	}
	if (operation == ESCAPE_PLACE) {
		if (length != 3) return STATUS_BAD_BLOCK;
		move(<u32>load<u8>(at) | ((<u32>load<u16>(at, 1)) << 8));
		return 0;
	}
	return operation >= <u32>ESCAPE_MAY_SKIP ? 0 : STATUS_UNKNOWN_OPERATION;
}

/** What follows belongs to another CPU or address space. */
function move(to: u32): void {
	closeRun(packedHead());
	place = to;
}

/** Second word of the current run. */
export function packedHead(): u32 {
	return ((place & 255) << 16) | (place >> 8);
}
