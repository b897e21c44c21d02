import { PROTOCOL_NONE } from "../../bindings/layout/machine";
import { STATES } from "./ways";

// Which CPU may have which copy of a line: what becomes of a copy when something happens to it, for each protocol. Caches of
// several CPUs are asked when another one reads or writes a line that it does not have, or may not write: snoop.ts.
//
// Modified and owned lines are dirty: whoever has one writes it down when it leaves.
//
//   MESI     A modified line that another CPU reads is supplied, written down, and shared from then on.
//   MESIF    One of those that share a clean line answers for all, the one that read it last (F); an exclusive line is
//            supplied, too.
//   MOESI    Who wrote a line keeps it while others read it (O): it supplies it, and writes it down when it leaves.

export const OWN_READ: u32 = 0;
/** A CPU's own read of a line that others have. */
export const OWN_READ_SHARED: u32 = 1;
export const OWN_WRITE: u32 = 2;
export const OTHER_READ: u32 = 3;
export const OTHER_WRITE: u32 = 4;

// An entry: the state that is left, and
/** This copy gives its line to the one that asked. */
export const SUPPLIES: u32 = 8;
/** What was written here goes to where the CPUs meet. */
export const WRITES_DOWN: u32 = 16;
/** The others are told first. */
export const TELLS: u32 = 32;

const M: u8 = 0;
const E: u8 = 1;
const S: u8 = 2;
const O: u8 = 3;
const F: u8 = 4;
const I: u8 = 7;
/** Supplies; supplies and writes down; tells. */
const P: u8 = 8;
const D: u8 = 24;
const T: u8 = 32;

/** By protocol (from MESI on), event and state. */
// biome-ignore format: a table
const TABLE: usize = memory.data<u8>([
	// M     E      S      O      F              I
	// MESI
	M,       E,     S,     O,     F,     0, 0,   E,     // own read, nobody else has it
	M,       E,     S,     O,     F,     0, 0,   S,     // own read, others have it
	M,       M,     T | M, T | M, T | M, 0, 0,   T | M, // own write
	D | S,   S,     S,     D | S, P | S, 0, 0,   I,     // another CPU reads
	P | I,   I,     I,     P | I, P | I, 0, 0,   I,     // another CPU writes
	// MESIF
	M,       E,     S,     O,     F,     0, 0,   E,
	M,       E,     S,     O,     F,     0, 0,   F,
	M,       M,     T | M, T | M, T | M, 0, 0,   T | M,
	D | S,   P | S, S,     D | S, P | S, 0, 0,   I,
	P | I,   P | I, I,     P | I, P | I, 0, 0,   I,
	// MOESI
	M,       E,     S,     O,     F,     0, 0,   E,
	M,       E,     S,     O,     F,     0, 0,   S,
	M,       M,     T | M, T | M, T | M, 0, 0,   T | M,
	P | O,   S,     S,     P | O, P | S, 0, 0,   I,
	P | I,   I,     I,     P | I, P | I, 0, 0,   I,
]);
const EVENTS: u32 = 5;

let table: usize = TABLE;

/** Of a machine whose caches are not kept coherent, nothing is asked here. */
export function setProtocol(protocol: u32): void {
	if (protocol != PROTOCOL_NONE) table = TABLE + <usize>(((protocol - 1) * EVENTS) << 3);
}

function entryOf(event: u32, state: u64): u32 {
	return load<u8>(table + <usize>(event << 3) + <usize>state);
}

/** The state of a copy after an event. */
export function after(event: u32, state: u64): u64 {
	return <u64>entryOf(event, state) & STATES;
}

/** Whether an event makes a copy do that: SUPPLIES, WRITES_DOWN, TELLS. */
export function does(event: u32, state: u64, what: u32): bool {
	return (entryOf(event, state) & what) != 0;
}
