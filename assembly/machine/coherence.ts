import { PROTOCOL_MESIF } from "../../bindings/layout/machine";
import { CLEAN, FORWARD, INVALID, SHARED, STATES } from "./ways";

// Which CPU may have which copy of a line. Private caches of several CPUs that follow one of these protocols are asked when
// another CPU reads or writes a line that it does not have, or may not write. What a cache that has the line answers:
//
//            asked for a read                            asked for a write
//   MESI     M supplies, writes down, becomes S          M supplies, becomes I
//            E, S become S                               E, S become I
//   MESIF    as MESI; F supplies, becomes S              as MESI; F supplies, becomes I
//   MOESI    M, O supply, become O                       M, O supply, become I
//            E, S become S                               E, S become I
//
// Who asked has it as M after a write; after a read as E where nobody else had it, else as S, under MESIF as F. Modified and
// owned lines are dirty: whoever has one writes it down when it leaves. The copies of other colours are nobody's peers: that is
// what aliases are.

export const ASKS_READ: u32 = 0;
export const ASKS_WRITE: u32 = 1;

// An answer: the state that is left, and
export const SUPPLIES: u32 = 8;
export const WRITES_DOWN: u32 = 16;

const I: u8 = 7;
const S: u8 = 2;
const O: u8 = 3;
/** Supplies. */
const P: u8 = 8;
/** Supplies and writes down. */
const D: u8 = 24;

/** By protocol (from MESI on), request and state M, E, S, O, F; 8 apart. */
// biome-ignore format: a table
const ANSWERS: usize = memory.data<u8>([
	// M      E  S  O      F
	D | S,    S, S, D | S, P | S, 0, 0, 0,
	P | I,    I, I, P | I, P | I, 0, 0, 0,

	D | S,    S, S, D | S, P | S, 0, 0, 0,
	P | I,    I, I, P | I, P | I, 0, 0, 0,

	P | O,    S, S, P | O, P | S, 0, 0, 0,
	P | I,    I, I, P | I, P | I, 0, 0, 0,
]);

/** What a cache with a line in this state does when another CPU asks for it. `protocol` is not PROTOCOL_NONE. */
export function answer(protocol: u32, request: u32, state: u64): u32 {
	return load<u8>(ANSWERS + <usize>(((protocol - 1) << 4) + (request << 3)) + <usize>(state & STATES));
}

/** The state in which a line comes in that was read. */
export function granted(protocol: u32, elsewhere: bool): u64 {
	return elsewhere ? (protocol == PROTOCOL_MESIF ? FORWARD : SHARED) : CLEAN;
}

/** The state in which an inner cache may have a line that one behind it has: only where nobody else has it may it write. */
export function forInner(state: u64): u64 {
	return state <= CLEAN ? CLEAN : SHARED;
}

/** Whether an answer leaves nothing. */
export function leavesNothing(answered: u32): bool {
	return (answered & 7) == <u32>INVALID;
}
