import {
	COHERENCE_MESI,
	COHERENCE_MESIF,
	COHERENCE_MOESI,
	COHERENCE_NONE,
} from "../../bindings/layout/machine";
import { DIRTY as MODIFIED, CLEAN as EXCLUSIVE, FORWARD, INVALID, OWNED, SHARED } from "./ways";

// What a copy of a line becomes when something happens to it, for each protocol. The rules that act on it are in snoop.ts.

export const OWN_READ: u32 = 0;
/** A CPU's own read of a line that others hold. */
export const OWN_READ_SHARED: u32 = 1;
export const OWN_WRITE: u32 = 2;
export const OTHER_READ: u32 = 3;
export const OTHER_WRITE: u32 = 4;
export const EVICTION: u32 = 5;

/** This copy gives its line to the one that asked. */
export const SUPPLIES: u32 = 8;
/** What was written here goes to where the CPUs meet. */
export const WRITES_BACK: u32 = 16;
/** The others are told first. */
export const TELLS: u32 = 32;

/** By protocol, event and state: the state afterwards, and SUPPLIES, WRITES_BACK, TELLS. */
const TABLE: usize = memory.data(4 * 64, 16);
const STATE: u32 = 7;

let protocol: u32 = COHERENCE_NONE;

function on(by: u32, event: u32, state: u64, becomes: u64, and: u32): void {
	store<u8>(TABLE + (by << 6) + (event << 3) + <usize>state, <u32>becomes | and);
}

for (let p: u32 = COHERENCE_MESI; p <= <u32>COHERENCE_MOESI; p++) {
	on(p, OWN_READ, INVALID, EXCLUSIVE, 0);
	on(p, OWN_READ_SHARED, INVALID, SHARED, 0);
	on(p, OWN_WRITE, INVALID, MODIFIED, TELLS);
	on(p, OWN_WRITE, SHARED, MODIFIED, TELLS);
	on(p, OWN_WRITE, EXCLUSIVE, MODIFIED, 0);
	on(p, OWN_WRITE, MODIFIED, MODIFIED, 0);
	on(p, OTHER_READ, SHARED, SHARED, 0);
	on(p, OTHER_READ, EXCLUSIVE, SHARED, 0);
	on(p, OTHER_READ, MODIFIED, SHARED, SUPPLIES | WRITES_BACK);
	on(p, OTHER_WRITE, SHARED, INVALID, 0);
	on(p, OTHER_WRITE, EXCLUSIVE, INVALID, 0);
	on(p, OTHER_WRITE, MODIFIED, INVALID, SUPPLIES);
	on(p, EVICTION, SHARED, INVALID, 0);
	on(p, EVICTION, EXCLUSIVE, INVALID, 0);
	on(p, EVICTION, MODIFIED, INVALID, WRITES_BACK);
}

// MESIF: one of those that share a clean line answers for all; whoever read it last is the one.
on(COHERENCE_MESIF, OWN_READ_SHARED, INVALID, FORWARD, 0);
on(COHERENCE_MESIF, OWN_WRITE, FORWARD, MODIFIED, TELLS);
on(COHERENCE_MESIF, OTHER_READ, FORWARD, SHARED, SUPPLIES);
on(COHERENCE_MESIF, OTHER_READ, EXCLUSIVE, SHARED, SUPPLIES);
on(COHERENCE_MESIF, OTHER_WRITE, FORWARD, INVALID, SUPPLIES);
on(COHERENCE_MESIF, OTHER_WRITE, EXCLUSIVE, INVALID, SUPPLIES);
on(COHERENCE_MESIF, EVICTION, FORWARD, INVALID, 0);

// MOESI: who wrote a line last keeps the duty to write it back while others read it.
on(COHERENCE_MOESI, OTHER_READ, MODIFIED, OWNED, SUPPLIES);
on(COHERENCE_MOESI, OTHER_READ, OWNED, OWNED, SUPPLIES);
on(COHERENCE_MOESI, OWN_WRITE, OWNED, MODIFIED, TELLS);
on(COHERENCE_MOESI, OTHER_WRITE, OWNED, INVALID, SUPPLIES);
on(COHERENCE_MOESI, EVICTION, OWNED, INVALID, WRITES_BACK);

export function setProtocol(to: u32): void {
	protocol = to;
}

function entryOf(event: u32, state: u64): u32 {
	return load<u8>(TABLE + (protocol << 6) + (event << 3) + <usize>state);
}

/** The state of a copy after an event. */
export function after(event: u32, state: u64): u64 {
	return <u64>(entryOf(event, state) & STATE);
}

/** Whether an event makes a copy do that: SUPPLIES, WRITES_BACK, TELLS. */
export function does(event: u32, state: u64, what: u32): bool {
	return (entryOf(event, state) & what) != 0;
}
