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
	BLOCK_HEADER,
	BLOCK_INDEX,
	BLOCK_INSIDE,
	BLOCK_MARK,
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
	END_COUNTS,
	END_MARK,
	END_SIZE,
	END_TOKENS,
	FLAG_COUNTS,
	HEADER_BYTES,
	HEADER_CHECKSUM,
	HEADER_COUNTS,
	HEADER_FLAGS,
	HEADER_SIZE,
	HEADER_VERSION,
	HEADER_WIDTH,
	INPUT_SIZE,
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
	OPERATION_PLACE,
	OPERATION_SWITCH,
	PACKED_MAGIC_HIGH,
	PACKED_MAGIC_LOW,
	PACKED_VERSION,
	SEQUENCE_ACCESSES,
	SEQUENCE_DATA,
	SHAPE_FAR,
	SHAPE_MAX_SIZE,
} from "../../bindings/layout/trace";
import { accessCount, accesses, operations as batchOperations, operationCount, placeAccesses } from "./state";
import { xxh64 } from "./xxh64";

// Writes the packed form (docs/packed-format.md). Accesses are cut into sequences where a fetch does not follow the one
// before: what is between two such places comes again and again. Once a block is full, sequences that often follow each
// other are joined, and the distances between data accesses that save most get rows of their own.

// A sequence of the block, 272 bytes:
//
//   0: u32 hash   4: u16 accesses   6: u16 data accesses   8: i32 its number in the block, -1: none yet   12: 0
//  16: of each access u64 address, 0 if it is no fetch, and u32 kind | size << 2, u32 0

const SEQUENCE_COUNT = 4;
const SEQUENCE_HOLES = 6;
const SEQUENCE_NUMBER = 8;
const SEQUENCE_SLOTS: usize = 16;
const SLOT_WHAT = 8;
const SLOT_SIZE: usize = 16;
const SEQUENCE_SIZE: usize = 272;
/** A block ends when it has so many sequences; the others are for joined ones. */
const USUAL_SEQUENCES: u32 = 3072;
let sequences: usize = 0;
let sequenceCount: u32 = 0;
/** Numbers of sequences by hash, + 1: u16 each, open addressing. */
const HASHES: u32 = 16384;
let hashes: usize = 0;

/** The sequence that is being read. */
const OPEN: usize = memory.data(272, 16);
/** Most accesses of a sequence: fewer where longer ones never come again. */
let longest: u32 = SEQUENCE_ACCESSES;
/** The end of the last fetch. A fetch that is not near it begins a sequence. */
let fetched: u64 = 0;
const NEAR_BACK: u64 = 8;
const NEAR: u64 = 24;

/** Of each token: number of its sequence, or OPERATION. u32 each. */
const USUAL_TOKENS: u32 = 65536;
const OPERATION: u32 = 0xffff;
let tokens: usize = 0;
let tokenCount: u32 = 0;

// A pair of tokens in a row: u32 first | second << 16, u32 times, u32 its sequence + 1, u32 round. In an open-addressing
// table; what finds no place near its own is not counted.
const PAIRS: u32 = 65536;
const PAIR_TIMES = 4;
const PAIR_SEQUENCE = 8;
const PAIR_ROUND = 12;
const PROBES: u32 = 4;
let pairs: usize = 0;
/** Of each token, its pair with the next one, or 0: u32. */
let pairOf: usize = 0;
/** Every joining costs the reader a sequence: pairs that come less often are left. */
const OFTEN: u32 = 24;
const ROUNDS = 4;
let round: u32 = 0;

// A distance between data accesses: 32 bytes, in an open-addressing table.
//
//   0: u64 distance   8: u32 1: of accesses that may not lie within a line   12: u32 epoch   16: u32 times
//   20: i32 row, -1: none of its own

const STEP_OUTSIDE = 8;
const STEP_EPOCH = 12;
const STEP_TIMES = 16;
const STEP_ROW = 20;
const STEP_SIZE: usize = 32;
const STEPS: u32 = 131072;
const USUAL_MOVES: u32 = 65536;
let steps: usize = 0;
/** Of each data access: number of its step. u32 each. */
let moves: usize = 0;
let moveCount: u32 = 0;
/** Numbers of the steps that occur in the block. u32 each. */
let distinct: usize = 0;
let distinctCount: u32 = 0;

/** Operations, as they will be written. */
const OPERATIONS_ROOM: u32 = 524288;
let operations: usize = 0;
let operationBytes: u32 = 0;

/** Most bytes that tokens, moves, operands and operations can take. With this many, and the tables, a block stays in its bounds. */
const USUAL_BYTES: u32 = 491520;
let bytes: u32 = 0;

/** Kinds and sizes of the block's sequences: u32 each, and the number of each + 1. They are the first shapes. */
const WHATS: usize = memory.data(64 * 4, 16);
const MAX_WHATS: u32 = 64;
const WHAT_NUMBERS: usize = memory.data(1024, 16);
let whatCount: u32 = 0;
/** Numbers of shapes of near fetches, by kind and size and by step; 0: none. */
const NEAR_SHAPES: usize = memory.data(64 * 24, 16);

/** Savings, in bytes, are counted up to this. */
const SAVINGS: u32 = 8192;
const savings: usize = memory.data(8192 * 4, 16);
/** Rows by number of operand bytes, of accesses inside and then of others: number + 1, 0 if there is none. u16 each. */
const OPERAND_ROWS: usize = memory.data(64, 16);

let output: usize = 0;
/** Where the table of steps lay when it was emptied. */
let cleared: usize = 0;
let epoch: u32 = 0;

/** Last data address, now and where the block began. */
let data: u64 = 0;
let blockData: u64 = 0;
/** cpu | asid << 8. */
let place: u32 = 0;
let blockPlace: u32 = 0;

let blocks: u32 = 0;
let allTokens: u64 = 0;
let before: u64 = 0;
let inBlock: u64 = 0;
const COUNTS: usize = memory.data(4 * 8, 16);

/** Next access and operation of the batch to look at. */
let next: u32 = 0;
let nextOperation: u32 = 0;

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
	pairs = at;
	at += <usize>PAIRS * 16;
	pairOf = at;
	at += USUAL_TOKENS * 4;
	tokens = at;
	at += USUAL_TOKENS * 4;
	moves = at;
	at += USUAL_MOVES * 4;
	distinct = at;
	at += USUAL_MOVES * 4;
	operations = at;
	at += OPERATIONS_ROOM;
	sequences = at;
	at += <usize>MAX_SEQUENCES * SEQUENCE_SIZE;
	hashes = at;
	at += HASHES * 2;
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
	nextOperation = 0;
	data = 0;
	fetched = 0;
	place = 0;
	blocks = 0;
	allTokens = 0;
	before = 0;
	longest = SEQUENCE_ACCESSES;
	memory.fill(COUNTS, 0, 32);
	// Steps of other epochs count as none: the table is emptied once.
	if (cleared != steps) {
		memory.fill(steps, 0, <usize>STEPS * STEP_SIZE);
		memory.fill(pairs, 0, <usize>PAIRS * 16);
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
	while (true) {
		if (blockFull()) return closeBlock();
		if (nextOperation < operationCount()) {
			const operation = batchOperations() + <usize>nextOperation * MAINTAIN_SIZE;
			if (load<u32>(operation, MAINTAIN_AT) <= next) {
				addOperation(operation);
				nextOperation++;
				continue;
			}
		}
		if (next == count) break;
		const at = accesses() + <usize>next * ACCESS_SIZE;
		next++;
		if (!kept()) continue;
		const where = <u32>load<u8>(at, ACCESS_CPU) | ((<u32>load<u16>(at, ACCESS_ASID)) << 8);
		moveTo(where);
		add(load<u8>(at, ACCESS_KIND), load<u64>(at), load<u32>(at, ACCESS_BYTES));
	}
	next = 0;
	nextOperation = 0;
	return 0;
}

/** Operations are kept, whichever accesses are left out; but not beyond the last access that is taken. */
function addOperation(from: usize): void {
	if (takeLeft == 0) return;
	const code = <u32>load<u8>(from, MAINTAIN_CODE);
	const where = <u32>load<u8>(from, MAINTAIN_CPU) | ((<u32>load<u16>(from, MAINTAIN_ASID)) << 8);
	if (code == OPERATION_SWITCH) {
		moveTo((where & 255) | (place & ~255));
		store<u16>(pushOperation(code, 2), where >> 8);
		place = where;
		return;
	}
	moveTo(where);
	const has = code >= <u32>OPERATION_FLUSH;
	const object = load<u32>(from, MAINTAIN_OBJECT);
	const shares = code == OPERATION_MAP && object != 0;
	const at = pushOperation(code, shares ? 28 : has ? 17 : 16);
	if (shares) {
		store<u32>(at, object, 16);
		store<u64>(at, load<u64>(from, MAINTAIN_OFFSET), 20);
	}
	if (has) store<u8>(at, load<u8>(from, MAINTAIN_WHAT));
	store<u64>(at + <usize>has, load<u64>(from));
	store<u64>(at + <usize>has, load<u64>(from, MAINTAIN_LENGTH), 8);
}

/** What follows belongs to another CPU or address space. */
function moveTo(where: u32): void {
	if (where == place) return;
	if (tokenCount || load<u16>(OPEN, SEQUENCE_COUNT)) addPlace(where);
	else blockPlace = where;
	place = where;
}

/** An access may need three tokens: the sequence before it ends, another place, an operation of its own. */
function blockFull(): bool {
	return (
		tokenCount > USUAL_TOKENS - 4 || moveCount == USUAL_MOVES || sequenceCount == USUAL_SEQUENCES || bytes > USUAL_BYTES
	);
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
	return tokenCount || load<u16>(OPEN, SEQUENCE_COUNT) ? closeBlock() : 0;
}

function push(token: u32): void {
	store<u32>(tokens + ((<usize>tokenCount) << 2), token);
	tokenCount++;
	bytes += 2;
}

/** Begins an operation: where what belongs to it is to be put. */
function pushOperation(code: u32, length: u32): usize {
	endSequence();
	push(OPERATION);
	const at = operations + operationBytes;
	store<u8>(at, code);
	store<u8>(at, length, 1);
	operationBytes += length + 2;
	bytes += length + 2;
	return at + 2;
}

function addPlace(where: u32): void {
	const at = pushOperation(OPERATION_PLACE, 3);
	store<u8>(at, where);
	store<u16>(at, where >> 8, 1);
}

function add(kind: u32, address: u64, size: u32): void {
	const total = COUNTS + ((<usize>kind) << 3);
	store<u64>(total, load<u64>(total) + 1);
	inBlock++;
	const what = kind | (size << 2);
	if (size > <u32>SHAPE_MAX_SIZE || !knows(what)) {
		const at = pushOperation(OPERATION_ACCESS, 13);
		store<u8>(at, kind);
		store<u32>(at, size, 1);
		store<u64>(at, address, 5);
		return;
	}
	const count = <u32>load<u16>(OPEN, SEQUENCE_COUNT);
	if (kind == KIND_FETCH) {
		if (count >= longest || address - fetched + NEAR_BACK >= NEAR) endSequence();
		fetched = address + size;
	} else {
		if (count >= longest || <u32>load<u16>(OPEN, SEQUENCE_HOLES) == SEQUENCE_DATA) endSequence();
		store<u16>(OPEN, load<u16>(OPEN, SEQUENCE_HOLES) + 1, SEQUENCE_HOLES);
		addMove(address - data, kind == KIND_MODIFY || (address ^ (address + (size - 1))) >> INSIDE_LOG != 0);
		data = address;
		address = 0;
	}
	const slots = <u32>load<u16>(OPEN, SEQUENCE_COUNT);
	const slot = OPEN + SEQUENCE_SLOTS + <usize>slots * SLOT_SIZE;
	store<u64>(slot, address);
	store<u64>(slot, what, SLOT_WHAT);
	store<u16>(OPEN, slots + 1, SEQUENCE_COUNT);
}

/** true: the block has a shape of this kind and size, or a place for it. */
function knows(what: u32): bool {
	if (load<u8>(WHAT_NUMBERS + what)) return true;
	if (whatCount == MAX_WHATS) return false;
	store<u32>(WHATS + ((<usize>whatCount) << 2), what);
	store<u8>(WHAT_NUMBERS + what, ++whatCount);
	return true;
}

function addMove(distance: u64, outside: bool): void {
	bytes += operandBytes(distance) + 1;
	let i = <u32>(((distance ^ ((<u64>outside) << 40)) * 0x9e3779b97f4a7c15) >> 47);
	let step = steps + <usize>i * STEP_SIZE;
	while (load<u32>(step, STEP_EPOCH) == epoch) {
		if (load<u64>(step) == distance && load<u32>(step, STEP_OUTSIDE) == <u32>outside) {
			store<u32>(step, load<u32>(step, STEP_TIMES) + 1, STEP_TIMES);
			pushMove(i);
			return;
		}
		i = (i + 1) & (STEPS - 1);
		step = steps + <usize>i * STEP_SIZE;
	}
	store<u64>(step, distance);
	store<u32>(step, outside, STEP_OUTSIDE);
	store<u32>(step, epoch, STEP_EPOCH);
	store<u32>(step, 1, STEP_TIMES);
	store<i32>(step, -1, STEP_ROW);
	store<u32>(distinct + ((<usize>distinctCount) << 2), i);
	distinctCount++;
	pushMove(i);
}

function pushMove(step: u32): void {
	store<u32>(moves + ((<usize>moveCount) << 2), step);
	moveCount++;
}

/** Makes a token of the accesses since the last one. */
function endSequence(): void {
	if (load<u16>(OPEN, SEQUENCE_COUNT) == 0) return;
	push(numberOf(OPEN));
	store<u32>(OPEN, 0, SEQUENCE_COUNT);
}

/** The number of the sequence of the block that is like this one, which may become one. */
function numberOf(sequence: usize): u32 {
	const count = <usize>load<u16>(sequence, SEQUENCE_COUNT);
	const slots = sequence + SEQUENCE_SLOTS;
	const end = slots + count * SLOT_SIZE;
	let mixed: u64 = 0;
	for (let slot = slots; slot < end; slot += SLOT_SIZE) {
		mixed = (rotl(mixed, 23) ^ (load<u64>(slot) + ((<u64>load<u32>(slot, SLOT_WHAT)) << 50))) * 0x9e3779b97f4a7c15;
	}
	const hash = <u32>(mixed >> 32);
	store<u32>(sequence, hash);
	let i = hash & (HASHES - 1);
	for (;;) {
		const found = <u32>load<u16>(hashes + ((<usize>i) << 1));
		if (found == 0) break;
		if (isSame(sequences + <usize>(found - 1) * SEQUENCE_SIZE, sequence)) return found - 1;
		i = (i + 1) & (HASHES - 1);
	}
	memory.copy(sequences + <usize>sequenceCount * SEQUENCE_SIZE, sequence, SEQUENCE_SLOTS + count * SLOT_SIZE);
	store<u16>(hashes + ((<usize>i) << 1), ++sequenceCount);
	return sequenceCount - 1;
}

function isSame(a: usize, b: usize): bool {
	// Hash and numbers of accesses.
	if (load<u64>(a) != load<u64>(b)) return false;
	const end = SEQUENCE_SLOTS + <usize>load<u16>(a, SEQUENCE_COUNT) * SLOT_SIZE;
	for (let i: usize = SEQUENCE_SLOTS; i < end; i += 16) {
		if (v128.any_true(v128.xor(v128.load(a + i), v128.load(b + i)))) return false;
	}
	return true;
}

function openBlock(): void {
	epoch++;
	tokenCount = 0;
	moveCount = 0;
	distinctCount = 0;
	sequenceCount = 0;
	whatCount = 0;
	operationBytes = 0;
	bytes = 0;
	inBlock = 0;
	blockData = data;
	blockPlace = place;
	store<u32>(OPEN, 0, SEQUENCE_COUNT);
	store<i64>(OPEN, -1, SEQUENCE_NUMBER);
	memory.fill(hashes, 0, HASHES * 2);
	memory.fill(WHAT_NUMBERS, 0, 1024);
}

/** Joins tokens that often follow each other, as long as sequences stay short enough. */
function join(): void {
	for (let i = 0; i < ROUNDS; i++) {
		round++;
		countPairs();
		joinPairs();
	}
}

function countPairs(): void {
	const last = tokens + ((<usize>tokenCount) << 2) - 4;
	for (let at = tokens; at < last; at += 4)
		store<u32>(at + (pairOf - tokens), <u32>pairAt(load<u32>(at), load<u32>(at, 4)));
	store<u32>(last + (pairOf - tokens), 0);
}

/** Counts a pair: where it is in the table, 0 if it is not. */
function pairAt(a: u32, b: u32): usize {
	if (a == OPERATION || b == OPERATION) return 0;
	const first = sequences + <usize>a * SEQUENCE_SIZE;
	const second = sequences + <usize>b * SEQUENCE_SIZE;
	if (<u32>load<u16>(first, SEQUENCE_COUNT) + <u32>load<u16>(second, SEQUENCE_COUNT) > <u32>SEQUENCE_ACCESSES) return 0;
	if (<u32>load<u16>(first, SEQUENCE_HOLES) + <u32>load<u16>(second, SEQUENCE_HOLES) > <u32>SEQUENCE_DATA) return 0;
	const both = a | (b << 16);
	let i = (both * 0x9e3779b1) >> 16;
	for (let probe: u32 = 0; probe < PROBES; probe++) {
		const pair = pairs + ((<usize>i) << 4);
		if (load<u32>(pair, PAIR_ROUND) != round) {
			store<u32>(pair, both);
			store<u32>(pair, 1, PAIR_TIMES);
			store<u32>(pair, 0, PAIR_SEQUENCE);
			store<u32>(pair, round, PAIR_ROUND);
			return pair;
		}
		if (load<u32>(pair) == both) {
			store<u32>(pair, load<u32>(pair, PAIR_TIMES) + 1, PAIR_TIMES);
			return pair;
		}
		i = (i + 1) & (PAIRS - 1);
	}
	return 0;
}

function timesOf(pair: usize): u32 {
	return pair ? load<u32>(pair, PAIR_TIMES) : 0;
}

function joinPairs(): void {
	const end = tokens + ((<usize>tokenCount) << 2);
	let out = tokens;
	for (let at = tokens; at < end; at += 4) {
		let token = load<u32>(at);
		const pair = <usize>load<u32>(at + (pairOf - tokens));
		const times = timesOf(pair);
		// The next pair is better: the second of this one is left for it.
		if (times >= OFTEN && (at + 4 == end || times >= timesOf(load<u32>(at + 4 + (pairOf - tokens)))) && joined(pair)) {
			token = load<u32>(pair, PAIR_SEQUENCE) - 1;
			at += 4;
		}
		store<u32>(out, token);
		out += 4;
	}
	tokenCount = <u32>((out - tokens) >> 2);
}

/** true: the pair has a sequence, from now on at least. */
function joined(pair: usize): bool {
	if (load<u32>(pair, PAIR_SEQUENCE)) return true;
	if (sequenceCount == MAX_SEQUENCES) return false;
	const a = sequences + <usize>load<u16>(pair) * SEQUENCE_SIZE;
	const b = sequences + <usize>load<u16>(pair, 2) * SEQUENCE_SIZE;
	const first = <usize>load<u16>(a, SEQUENCE_COUNT) * SLOT_SIZE;
	const second = <usize>load<u16>(b, SEQUENCE_COUNT) * SLOT_SIZE;
	store<u16>(OPEN, load<u16>(a, SEQUENCE_COUNT) + load<u16>(b, SEQUENCE_COUNT), SEQUENCE_COUNT);
	store<u16>(OPEN, load<u16>(a, SEQUENCE_HOLES) + load<u16>(b, SEQUENCE_HOLES), SEQUENCE_HOLES);
	memory.copy(OPEN + SEQUENCE_SLOTS, a + SEQUENCE_SLOTS, first);
	memory.copy(OPEN + SEQUENCE_SLOTS + first, b + SEQUENCE_SLOTS, second);
	store<u32>(pair, numberOf(OPEN) + 1, PAIR_SEQUENCE);
	return true;
}

function closeBlock(): u32 {
	endSequence();
	adapt();
	join();
	store<u32>(output, BLOCK_MARK);
	store<u32>(output, tokenCount, BLOCK_TOKENS);
	store<u32>(output, moveCount, BLOCK_MOVES);
	const used = writeTokens(output + BLOCK_HEADER);
	chooseRows();
	const operands = output + BLOCK_HEADER + ((<usize>tokenCount) << 1) + moveCount;
	let at = writeMoves(operands - moveCount, operands);
	store<u32>(output, <u32>(at - operands), BLOCK_OPERANDS);
	memory.copy(at, operations, operationBytes);
	at = writeShapes(at + operationBytes, used);
	at = writeRows(at);
	return finishBlock(writeSequences(at, used));
}

/** Where hardly a sequence comes twice, shorter ones do sooner. */
function adapt(): void {
	if (sequenceCount > tokenCount >> 2) longest = max<u32>(longest >> 1, 2);
	else if (sequenceCount < tokenCount >> 4) longest = min<u32>(longest << 1, SEQUENCE_ACCESSES);
}

/** Writes the tokens at `at`. Returns how many sequences they use; in `pairOf` stands which. */
function writeTokens(at: usize): u32 {
	let used: u32 = 0;
	for (let i: usize = 0; i < <usize>tokenCount; i++) {
		const token = load<u32>(tokens + (i << 2));
		if (token == OPERATION) continue;
		const sequence = sequences + <usize>token * SEQUENCE_SIZE;
		if (load<i32>(sequence, SEQUENCE_NUMBER) < 0) {
			store<i32>(sequence, used, SEQUENCE_NUMBER);
			store<u32>(pairOf + ((<usize>used) << 2), <u32>sequence);
			used++;
		}
	}
	store<u16>(output, used, BLOCK_SEQUENCES);
	for (let i: usize = 0; i < <usize>tokenCount; i++) {
		const token = load<u32>(tokens + (i << 2));
		const number = token == OPERATION ? used : load<u32>(sequences + <usize>token * SEQUENCE_SIZE, SEQUENCE_NUMBER);
		store<u16>(at + (i << 1), number);
	}
	return used;
}

/** Bytes a distance takes as a biased operand: 1 to 6 or 8. */
function operandBytes(distance: u64): u32 {
	const positive = distance ^ <u64>(<i64>distance >> 63);
	const bits = 65 - <u32>clz(positive);
	const bytes = (bits + 7) >> 3;
	return bytes == 7 || bytes > 8 ? 8 : bytes;
}

/** Where the number of the row for this step is, were it to have none of its own. */
function operandRow(step: usize): usize {
	return OPERAND_ROWS + ((<usize>load<u32>(step, STEP_OUTSIDE)) << 5) + ((<usize>operandBytes(load<u64>(step))) << 1);
}

/** Numbers the rows: by operand bytes, then those of single steps, then by operand bytes those of accesses outside. */
function chooseRows(): void {
	memory.fill(OPERAND_ROWS, 0, 64);
	for (let i: usize = 0; i < <usize>distinctCount; i++) {
		store<u16>(operandRow(steps + <usize>load<u32>(distinct + (i << 2)) * STEP_SIZE), 1);
	}
	let outside: u32 = 0;
	for (let at: usize = OPERAND_ROWS + 32; at < OPERAND_ROWS + 64; at += 2) outside += load<u16>(at);
	let rows = numberRows(OPERAND_ROWS, 0);
	const least = leastSaving(MAX_ROWS - rows - outside);
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
	}
	store<u16>(output, rows, BLOCK_INSIDE);
	store<u16>(output, numberRows(OPERAND_ROWS + 32, rows), BLOCK_ROWS);
}

/** Gives those that are used the numbers from `rows` on, each + 1. */
function numberRows(at: usize, rows: u32): u32 {
	for (const end = at + 32; at < end; at += 2) {
		if (load<u16>(at)) store<u16>(at, ++rows);
	}
	return rows;
}

/** Bytes a row of its own would save, less what the row takes. */
function savingOf(step: usize): u32 {
	if (load<u32>(step, STEP_OUTSIDE)) return 0;
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

/** Writes a row for each data access at `at`, operands at `operand`. Returns where they end. */
function writeMoves(at: usize, operand: usize): usize {
	for (let i: usize = 0; i < <usize>moveCount; i++) {
		const step = steps + <usize>load<u32>(moves + (i << 2)) * STEP_SIZE;
		const row = load<i32>(step, STEP_ROW);
		if (row >= 0) {
			store<u8>(at++, row);
			continue;
		}
		store<u8>(at++, load<u16>(operandRow(step)) - 1);
		const distance = load<u64>(step);
		const bytes = operandBytes(distance);
		store<u64>(operand, bytes == 8 ? distance : distance + ((<u64>1) << ((bytes << 3) - 1)));
		operand += bytes;
	}
	return operand;
}

function writeRows(at: usize): usize {
	at = writeOperandRows(at, OPERAND_ROWS);
	for (let i: usize = 0; i < <usize>distinctCount; i++) {
		const step = steps + <usize>load<u32>(distinct + (i << 2)) * STEP_SIZE;
		if (load<i32>(step, STEP_ROW) < 0) continue;
		store<u8>(at, 0);
		at = writeSigned(at + 1, load<u64>(step));
	}
	return writeOperandRows(at, OPERAND_ROWS + 32);
}

function writeOperandRows(at: usize, rows: usize): usize {
	for (let bytes: usize = 1; bytes <= 8; bytes++) {
		if (load<u16>(rows + (bytes << 1))) store<u8>(at++, bytes);
	}
	return at;
}

/** Writes one shape for each kind and size, and one for each step of a near fetch as long as there are numbers. */
function writeShapes(at: usize, used: u32): usize {
	for (let i: usize = 0; i < <usize>whatCount; i++) {
		const what = load<u32>(WHATS + (i << 2));
		store<u8>(at, (what & 3) | ((what & 3) == KIND_FETCH ? SHAPE_FAR : 0));
		store<u8>(at, what >> 2, 1);
		at += 2;
	}
	memory.fill(NEAR_SHAPES, 0, 64 * 24);
	let shapes = whatCount;
	let fetched: u64 = 0;
	for (let i: usize = 0; i < <usize>used; i++) {
		const sequence = <usize>load<u32>(pairOf + (i << 2));
		const slots = sequence + SEQUENCE_SLOTS;
		const end = slots + <usize>load<u16>(sequence, SEQUENCE_COUNT) * SLOT_SIZE;
		for (let slot = slots; slot < end; slot += SLOT_SIZE) {
			const what = load<u32>(slot, SLOT_WHAT);
			if ((what & 3) != KIND_FETCH) continue;
			const step = load<u64>(slot) - fetched;
			fetched = load<u64>(slot) + (what >> 2);
			const near = nearShape(what, step);
			if (near == 0 || load<u8>(near) || shapes == MAX_SHAPES) continue;
			store<u8>(near, shapes++);
			store<u8>(at, KIND_FETCH);
			store<u8>(at, what >> 2, 1);
			at = writeSigned(at + 2, step);
		}
	}
	store<u16>(output, shapes, BLOCK_SHAPES);
	return at;
}

/** Where the number of the shape for such a near fetch is; 0: it is not near. The shape 0 is never one. */
function nearShape(what: u32, step: u64): usize {
	if (step + NEAR_BACK >= NEAR) return 0;
	return NEAR_SHAPES + (<usize>load<u8>(WHAT_NUMBERS + what) - 1) * <usize>NEAR + <usize>(step + NEAR_BACK);
}

function writeSequences(at: usize, used: u32): usize {
	let fetched: u64 = 0;
	for (let i: usize = 0; i < <usize>used; i++) {
		const sequence = <usize>load<u32>(pairOf + (i << 2));
		const count = <usize>load<u16>(sequence, SEQUENCE_COUNT);
		store<u8>(at++, count);
		const slots = sequence + SEQUENCE_SLOTS;
		for (let slot = slots; slot < slots + count * SLOT_SIZE; slot += SLOT_SIZE) {
			const what = load<u32>(slot, SLOT_WHAT);
			const far = load<u8>(WHAT_NUMBERS + what) - 1;
			if ((what & 3) != KIND_FETCH) {
				store<u8>(at++, far);
				continue;
			}
			const step = load<u64>(slot) - fetched;
			fetched = load<u64>(slot) + (what >> 2);
			const near = nearShape(what, step);
			if (near && load<u8>(near)) {
				store<u8>(at++, load<u8>(near));
			} else {
				store<u8>(at, far);
				at = writeSigned(at + 1, step);
			}
		}
	}
	return at;
}

function writeSigned(at: usize, value: u64): usize {
	value = (value << 1) ^ <u64>(<i64>value >> 63);
	for (; value > 127; value >>= 7) store<u8>(at++, value | 128);
	store<u8>(at, value);
	return at + 1;
}

function finishBlock(end: usize): u32 {
	const size = <u32>(end - output) + BLOCK_CHECKSUM_SIZE;
	store<u32>(output, size, BLOCK_BYTES);
	store<u32>(output, operationBytes, BLOCK_OPERATIONS);
	store<u32>(output, blockPlace, BLOCK_PLACE);
	store<u32>(output, blocks, BLOCK_INDEX);
	store<u64>(output, before, BLOCK_BEFORE);
	store<u64>(output, blockData, BLOCK_DATA);
	store<u64>(end, xxh64(output, end - output));
	blocks++;
	allTokens += tokenCount;
	before += inBlock;
	openBlock();
	return size;
}

/** Writes the end marker: its size. */
export function packEnd(): u32 {
	store<u32>(output, END_MARK);
	store<u32>(output, END_SIZE, BLOCK_BYTES);
	memory.copy(output + END_COUNTS, COUNTS, 32);
	store<u32>(output, blocks, END_BLOCKS);
	store<u32>(output, 0, END_BLOCKS + 4);
	store<u64>(output, allTokens, END_TOKENS);
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
