import { KIND_FETCH } from "../../bindings/layout/records";
import {
	ACCESS_ASID,
	ACCESS_BYTES,
	ACCESS_CPU,
	ACCESS_KIND,
	ACCESS_SIZE,
	BLOCK_BEFORE,
	BLOCK_BYTES,
	BLOCK_CHECKSUM_SIZE,
	BLOCK_DATA,
	BLOCK_FETCH,
	BLOCK_HEADER,
	BLOCK_INDEX,
	BLOCK_MARK,
	BLOCK_OPERANDS,
	BLOCK_PLACE,
	BLOCK_ROWS,
	BLOCK_TOKENS,
	BLOCK_USUAL_TOKENS,
	END_BLOCKS,
	END_CHECKSUM,
	END_COUNTS,
	END_MARK,
	END_SIZE,
	END_TOKENS,
	ESCAPE_ACCESS,
	ESCAPE_PLACE,
	FLAG_COUNTS,
	HEADER_BYTES,
	HEADER_CHECKSUM,
	HEADER_COUNTS,
	HEADER_FLAGS,
	HEADER_SIZE,
	HEADER_VERSION,
	HEADER_WIDTH,
	INPUT_SIZE,
	PACKED_MAGIC_HIGH,
	PACKED_MAGIC_LOW,
	PACKED_VERSION,
	ROW_ESCAPE,
	ROW_OPERAND_SHIFT,
} from "../../bindings/layout/trace";
import { accessCount, accesses, placeAccesses } from "./state";
import { xxh64 } from "./xxh64";

// Writes the packed form (docs/packed-format.md): collects accesses until they fill a block, counts how often each step
// (kind, size, distance from the last address) comes, gives the steps that save most a row of their own, the others a row
// for their kind, size and number of operand bytes, and writes tokens and operands.

// A step that occurs in the block: 32 bytes, in an open-addressing table.
//
//   0: u64 distance   8: u32 kind | size << 2   12: u32 epoch   16: u32 times   20: i32 row, -1: none of its own   24: u32 shape

const STEP_WHAT = 8;
const STEP_EPOCH = 12;
const STEP_TIMES = 16;
const STEP_ROW = 20;
const STEP_SHAPE = 24;
const STEP_SIZE: usize = 32;
const STEPS: u32 = 131072;

// A shape is a kind and size that occur in the block: 64 bytes.
//
//   0: u32 kind | size << 2   4: u32[9] times, by operand bytes   40: u8[9] row of so many operand bytes, by operand bytes
const SHAPE_TIMES = 4;
const SHAPE_ROWS = 40;
const SHAPE_SIZE: usize = 64;
const SHAPES: usize = 64;
/** What is in more shapes than that is written as an escape. */
const NO_SHAPE: u32 = 0xffffffff;
const shapes: usize = memory.data(64 * 64, 16);
let shapeCount: u32 = 0;

/** Savings, in bytes, are counted up to this. */
const SAVINGS: u32 = 8192;
const savings: usize = memory.data(8192 * 4, 16);

/** The token that is no step's: a change of CPU or address space. Followed by the new place. */
const MOVE: u32 = 0x80000000;

let steps: usize = 0;
/** Of each token: number of its step, or MOVE | cpu | asid << 8. u32 each. */
let pending: usize = 0;
let pendingCount: u32 = 0;
/** Numbers of the steps that occur in the block. u32 each. */
let distinct: usize = 0;
let distinctCount: u32 = 0;
let output: usize = 0;
/** Where the table of steps lay when it was emptied. */
let cleared: usize = 0;
let epoch: u32 = 0;

/** Last addresses, now and where the block began: data, fetch. */
let data: u64 = 0;
let fetch: u64 = 0;
let blockData: u64 = 0;
let blockFetch: u64 = 0;
/** cpu | asid << 8. */
let place: u32 = 0;
let blockPlace: u32 = 0;

/** The block needs the escape. */
let escapes: bool = false;

let blocks: u32 = 0;
let tokens: u64 = 0;
let before: u64 = 0;
let inBlock: u64 = 0;
const COUNTS: usize = memory.data(4 * 8, 16);

/** Next access of the batch to look at. */
let next: u32 = 0;

// Which accesses are kept.

let skipLeft: u64 = 0;
let takeLeft: u64 = 0;
let keep: u64 = 1;
let every: u64 = 1;
let phase: u64 = 0;

/** Places what packing needs, the accesses of `parseAccesses` included, and returns the first free address. */
export function placePacker(base: usize): usize {
	let at = (placeAccesses(base) + 63) & ~63;
	steps = at;
	at += <usize>STEPS * STEP_SIZE;
	pending = at;
	at += BLOCK_USUAL_TOKENS * 4;
	distinct = at;
	at += BLOCK_USUAL_TOKENS * 4;
	output = at;
	return at + INPUT_SIZE + 64;
}

/**
 * Begins a packed trace that leaves out the first `skip` accesses, keeps the first `keepOf` of every `everyOf` after them,
 * and at most `take`. The memory must be there. Then: `packHeader`, for each batch `pack` until it returns 0, `packRest`,
 * `packEnd`; each returns how many bytes of output it made at `packOutput`.
 */
export function beginPack(skip: u64, take: u64, keepOf: u64, everyOf: u64): void {
	skipLeft = skip;
	takeLeft = take;
	keep = keepOf;
	every = everyOf;
	phase = 0;
	next = 0;
	data = 0;
	fetch = 0;
	place = 0;
	blocks = 0;
	tokens = 0;
	before = 0;
	memory.fill(COUNTS, 0, 32);
	// Steps of other epochs count as none: the table is emptied once.
	if (cleared != steps) {
		memory.fill(steps, 0, <usize>STEPS * STEP_SIZE);
		cleared = steps;
	}
	openBlock();
}

export function packOutput(): usize {
	return output;
}

/** true: `take` is reached, more input changes nothing. */
export function packFull(): bool {
	return takeLeft == 0;
}

/** Packs what the last `parseAccesses` left. Returns the size of a block that is complete, or 0: the batch is done. */
export function pack(): u32 {
	const count = accessCount();
	while (next < count) {
		// An access may need two tokens.
		if (pendingCount > <u32>BLOCK_USUAL_TOKENS - 2) return closeBlock();
		const at = accesses() + <usize>next * ACCESS_SIZE;
		next++;
		if (!kept()) continue;
		const where = <u32>load<u8>(at, ACCESS_CPU) | ((<u32>load<u16>(at, ACCESS_ASID)) << 8);
		if (where != place) {
			if (pendingCount == 0) {
				blockPlace = where;
			} else {
				push(MOVE | where);
				escapes = true;
			}
			place = where;
		}
		add(load<u8>(at, ACCESS_KIND), load<u64>(at), load<u32>(at, ACCESS_BYTES));
	}
	next = 0;
	return 0;
}

function push(token: u32): void {
	store<u32>(pending + ((<usize>pendingCount) << 2), token);
	pendingCount++;
}

function kept(): bool {
	if (skipLeft) {
		skipLeft--;
		return false;
	}
	if (takeLeft == 0) return false;
	const inside = phase < keep;
	if (++phase == every) phase = 0;
	if (inside) takeLeft--;
	return inside;
}

/** Packs what is left as the last block: its size, 0 if nothing is left. */
export function packRest(): u32 {
	return pendingCount ? closeBlock() : 0;
}

function add(kind: u32, address: u64, size: u32): void {
	let distance: u64;
	if (kind == KIND_FETCH) {
		distance = address - fetch;
		fetch = address;
	} else {
		distance = address - data;
		data = address;
	}
	const count = COUNTS + ((<usize>kind) << 3);
	store<u64>(count, load<u64>(count) + 1);
	inBlock++;
	const what = kind | (size << 2);
	let i = <u32>(((distance ^ ((<u64>what) << 40)) * 0x9e3779b97f4a7c15) >> 47);
	let step = steps + <usize>i * STEP_SIZE;
	while (load<u32>(step, STEP_EPOCH) == epoch) {
		if (load<u64>(step) == distance && load<u32>(step, STEP_WHAT) == what) {
			store<u32>(step, load<u32>(step, STEP_TIMES) + 1, STEP_TIMES);
			push(i);
			return;
		}
		i = (i + 1) & (STEPS - 1);
		step = steps + <usize>i * STEP_SIZE;
	}
	store<u64>(step, distance);
	store<u32>(step, what, STEP_WHAT);
	store<u32>(step, epoch, STEP_EPOCH);
	store<u32>(step, 1, STEP_TIMES);
	store<i32>(step, -1, STEP_ROW);
	store<u32>(step, NO_SHAPE, STEP_SHAPE);
	store<u32>(distinct + ((<usize>distinctCount) << 2), i);
	distinctCount++;
	push(i);
}

function openBlock(): void {
	epoch++;
	pendingCount = 0;
	distinctCount = 0;
	shapeCount = 0;
	inBlock = 0;
	escapes = false;
	blockData = data;
	blockFetch = fetch;
	blockPlace = place;
}

/** Bytes a distance takes as a biased operand: 1 to 6 or 8. */
function operandBytes(distance: u64): u32 {
	const positive = distance ^ <u64>(<i64>distance >> 63);
	const bits = 65 - <u32>clz(positive);
	const bytes = (bits + 7) >> 3;
	return bytes == 7 || bytes > 8 ? 8 : bytes;
}

/** Number of the shape of `what`, a new one if there is room. */
function shapeOf(what: u32): u32 {
	for (let i: u32 = 0; i < shapeCount; i++) {
		if (load<u32>(shapes + <usize>i * SHAPE_SIZE) == what) return i;
	}
	if (shapeCount == <u32>SHAPES) return NO_SHAPE;
	const shape = shapes + <usize>shapeCount * SHAPE_SIZE;
	memory.fill(shape, 0, SHAPE_SIZE);
	store<u32>(shape, what);
	return shapeCount++;
}

function closeBlock(): u32 {
	store<u32>(output, BLOCK_MARK);
	let at = output + BLOCK_HEADER;
	countShapes();
	let rows: u32 = 0;
	// Rows for anything of a shape, then rows for single steps; one stays free for the escape.
	const coarse = shapeRows() > 128;
	for (let i: usize = 0; i < <usize>shapeCount; i++) {
		const shape = shapes + i * SHAPE_SIZE;
		for (let bytes: usize = 1; bytes <= 8; bytes++) {
			if (coarse && bytes != 2 && bytes != 5 && bytes != 8) continue;
			if (!uses(shape, <u32>bytes, coarse)) continue;
			store<u8>(shape + bytes, rows++, SHAPE_ROWS);
			at = writeRow(at, load<u32>(shape), <u32>bytes, 0);
		}
	}
	const least = leastSaving(255 - rows);
	let ties = atLeast;
	for (let i: usize = 0; i < <usize>distinctCount; i++) {
		const step = steps + <usize>load<u32>(distinct + (i << 2)) * STEP_SIZE;
		const saving = savingOf(step);
		if (saving < least) continue;
		if (saving == least) {
			if (ties == 0) continue;
			ties--;
		}
		store<i32>(step, rows++, STEP_ROW);
		at = writeRow(at, load<u32>(step, STEP_WHAT), 0, load<u64>(step));
	}
	const escape = rows;
	if (escapes) {
		store<u8>(at++, ROW_ESCAPE);
		rows++;
	}
	let lastFetch = blockFetch;
	let lastData = blockData;
	let token = at;
	let operand = at + pendingCount;
	const first = operand;
	for (let i: usize = 0; i < <usize>pendingCount; i++) {
		const what = load<u32>(pending + (i << 2));
		if (what & MOVE) {
			store<u8>(token++, escape);
			store<u8>(operand, ESCAPE_PLACE);
			store<u8>(operand, 3, 1);
			store<u8>(operand, what, 2);
			store<u16>(operand, what >> 8, 3);
			operand += 5;
			continue;
		}
		const step = steps + <usize>what * STEP_SIZE;
		const row = load<i32>(step, STEP_ROW);
		const distance = load<u64>(step);
		const isFetch = (load<u32>(step, STEP_WHAT) & 3) == KIND_FETCH;
		if (isFetch) lastFetch += distance;
		else lastData += distance;
		if (row >= 0) {
			store<u8>(token++, row);
			continue;
		}
		const index = load<u32>(step, STEP_SHAPE);
		if (index == NO_SHAPE) {
			store<u8>(token++, escape);
			store<u8>(operand, ESCAPE_ACCESS);
			store<u8>(operand, 13, 1);
			store<u8>(operand, load<u32>(step, STEP_WHAT) & 3, 2);
			store<u32>(operand, load<u32>(step, STEP_WHAT) >> 2, 3);
			store<u64>(operand, isFetch ? lastFetch : lastData, 7);
			operand += 15;
			continue;
		}
		const shape = shapes + <usize>index * SHAPE_SIZE;
		const bytes = widened(operandBytes(distance), coarse);
		store<u8>(token++, load<u8>(shape + bytes, SHAPE_ROWS));
		store<u64>(operand, bytes == 8 ? distance : distance + ((<u64>1) << ((bytes << 3) - 1)));
		operand += bytes;
	}
	return finishBlock(operand, first, rows);
}

/** Gives each step its shape and each shape its numbers. */
function countShapes(): void {
	for (let i: usize = 0; i < <usize>distinctCount; i++) {
		const step = steps + <usize>load<u32>(distinct + (i << 2)) * STEP_SIZE;
		const index = shapeOf(load<u32>(step, STEP_WHAT));
		store<u32>(step, index, STEP_SHAPE);
		if (index == NO_SHAPE) {
			escapes = true;
			continue;
		}
		const times = shapes + <usize>index * SHAPE_SIZE + ((<usize>operandBytes(load<u64>(step))) << 2);
		store<u32>(times, load<u32>(times, SHAPE_TIMES) + 1, SHAPE_TIMES);
	}
}

/** Rows it takes to have one for each shape and number of operand bytes. */
function shapeRows(): u32 {
	let rows: u32 = 0;
	for (let i: usize = 0; i < <usize>shapeCount; i++) {
		for (let bytes: u32 = 1; bytes <= 8; bytes++) rows += <u32>uses(shapes + i * SHAPE_SIZE, bytes, false);
	}
	return rows;
}

/** true: the shape has distances of so many operand bytes; coarse: once there are only 2, 5 and 8. */
function uses(shape: usize, bytes: u32, coarse: bool): bool {
	let times: u32 = 0;
	for (let b: u32 = 1; b <= 8; b++) {
		if (widened(b, coarse) == bytes) times += load<u32>(shape + ((<usize>b) << 2), SHAPE_TIMES);
	}
	return times != 0;
}

function widened(bytes: u32, coarse: bool): u32 {
	if (!coarse) return bytes;
	return bytes <= 2 ? 2 : bytes <= 5 ? 5 : 8;
}

/** Bytes a row of its own would save, less what the row takes. */
function savingOf(step: usize): u32 {
	if (load<u32>(step, STEP_SHAPE) == NO_SHAPE) return 0;
	const bytes = operandBytes(load<u64>(step));
	const gain = load<u32>(step, STEP_TIMES) * bytes;
	return gain <= bytes + 3 ? 0 : min<u32>(gain - bytes - 3, SAVINGS - 1);
}

/** How many steps that save just `leastSaving` may have a row. */
let atLeast: u32 = 0;

/** The saving from which on steps get a row, so that no more than `room` do. */
function leastSaving(room: u32): u32 {
	memory.fill(savings, 0, <usize>SAVINGS * 4);
	for (let i: usize = 0; i < <usize>distinctCount; i++) {
		const at = savings + ((<usize>savingOf(steps + <usize>load<u32>(distinct + (i << 2)) * STEP_SIZE)) << 2);
		store<u32>(at, load<u32>(at) + 1);
	}
	for (let saving = SAVINGS - 1; saving; saving--) {
		const count = load<u32>(savings + ((<usize>saving) << 2));
		if (count >= room) {
			atLeast = room;
			return saving;
		}
		room -= count;
	}
	atLeast = 0xffffffff;
	return 1;
}

function writeRow(at: usize, what: u32, bytes: u32, distance: u64): usize {
	store<u8>(at, (what & 3) | (bytes << ROW_OPERAND_SHIFT));
	at = writeVarint(at + 1, what >> 2);
	return bytes ? at : writeVarint(at, (distance << 1) ^ <u64>(<i64>distance >> 63));
}

function writeVarint(at: usize, value: u64): usize {
	for (; value > 127; value >>= 7) store<u8>(at++, value | 128);
	store<u8>(at, value);
	return at + 1;
}

function finishBlock(end: usize, firstOperand: usize, rows: u32): u32 {
	const bytes = <u32>(end - output) + BLOCK_CHECKSUM_SIZE;
	store<u32>(output, bytes, BLOCK_BYTES);
	store<u32>(output, pendingCount, BLOCK_TOKENS);
	store<u32>(output, <u32>(end - firstOperand), BLOCK_OPERANDS);
	store<u32>(output, rows, BLOCK_ROWS);
	store<u32>(output, blockPlace, BLOCK_PLACE);
	store<u32>(output, blocks, BLOCK_INDEX);
	store<u32>(output, 0, BLOCK_INDEX + 4);
	store<u64>(output, before, BLOCK_BEFORE);
	store<u64>(output, blockFetch, BLOCK_FETCH);
	store<u64>(output, blockData, BLOCK_DATA);
	store<u64>(end, xxh64(output, end - output));
	blocks++;
	tokens += pendingCount;
	before += inBlock;
	openBlock();
	return bytes;
}

/** Writes the end marker: its size. */
export function packEnd(): u32 {
	store<u32>(output, END_MARK);
	store<u32>(output, END_SIZE, BLOCK_BYTES);
	memory.copy(output + END_COUNTS, COUNTS, 32);
	store<u32>(output, blocks, END_BLOCKS);
	store<u32>(output, 0, END_BLOCKS + 4);
	store<u64>(output, tokens, END_TOKENS);
	store<u64>(output, xxh64(output, END_CHECKSUM), END_CHECKSUM);
	return END_SIZE;
}

/** Writes the header: its size. `counted`: the counts so far are those of the whole file. */
export function packHeader(counted: bool): u32 {
	memory.fill(output, 0, HEADER_SIZE);
	store<u32>(output, PACKED_MAGIC_LOW);
	store<u32>(output, PACKED_MAGIC_HIGH, 4);
	store<u16>(output, PACKED_VERSION, HEADER_VERSION);
	store<u16>(output, HEADER_SIZE, HEADER_BYTES);
	store<u8>(output, 64, HEADER_WIDTH);
	if (counted) {
		store<u8>(output, FLAG_COUNTS, HEADER_FLAGS);
		memory.copy(output + HEADER_COUNTS, COUNTS, 32);
	}
	store<u64>(output, xxh64(output, HEADER_CHECKSUM), HEADER_CHECKSUM);
	return HEADER_SIZE;
}
