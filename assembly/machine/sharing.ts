import {
	SHARER_CHANGED,
	SHARER_CPU,
	SHARER_FALSE,
	SHARER_MISSES,
	SHARER_NEXT,
	SHARER_READS,
	SHARER_SIZE,
	SHARER_VIRTUAL,
	SHARER_WRITES,
	SLOT_SECOND,
	SLOT_SIZE,
	SLOT_VALUE,
} from "../../bindings/layout/machine";
import { allocate } from "./heap";
import { FREE, lookUp, setUpTable, Table } from "./table";

// Who uses which parts of a line: docs/simulation.md, "Sharing". Each line has a list of records, one for each CPU that
// referred to it. A part is eight bytes, or as many as make 64 parts of a line.

/** Physical line -> its first record. null: nobody asks. */
export let sharedLines: Table | null = null;

export function setUpSharing(): void {
	const table = changetype<Table>(allocate(offsetof<Table>()));
	setUpTable(table, 4096);
	sharedLines = table;
}

/**
 * A CPU's data reference to a line of 2^shift bytes. `missed`: it would have been there, had no other CPU written. What others
 * wrote since this CPU referred to the line last says why that was: here, or elsewhere in the line.
 */
export function noteUse(cpu: u32, virtual: u64, physical: u64, shift: u64, writes: bool, missed: bool): void {
	const at = lookUp(sharedLines!, (physical >> shift) << shift, 0, 0);
	if (at == 0) return;
	const part = (<u64>1) << ((virtual >> max<u64>(3, shift - 6)) & (((<u64>1) << min<u64>(shift - 3, 6)) - 1));
	const first = <usize>load<u64>(at);
	let mine: usize = 0;
	let last: usize = 0;
	for (let p = first; p; p = load<u32>(p, SHARER_NEXT)) {
		last = p;
		if (load<u32>(p, SHARER_CPU) == cpu) mine = p;
		else if (writes) store<u64>(p, load<u64>(p, SHARER_CHANGED) | part, SHARER_CHANGED);
	}
	if (mine == 0) {
		mine = allocate(SHARER_SIZE);
		if (mine == 0) return;
		store<u32>(mine, cpu, SHARER_CPU);
		store<u64>(mine, (virtual >> shift) << shift, SHARER_VIRTUAL);
		if (last) store<u32>(last, <u32>mine, SHARER_NEXT);
		else store<u64>(at, mine);
	}
	if (missed) {
		store<u64>(mine, load<u64>(mine, SHARER_MISSES) + 1, SHARER_MISSES);
		if (!(load<u64>(mine, SHARER_CHANGED) & part)) store<u64>(mine, load<u64>(mine, SHARER_FALSE) + 1, SHARER_FALSE);
	}
	store<u64>(mine, 0, SHARER_CHANGED);
	if (writes) store<u64>(mine, load<u64>(mine, SHARER_WRITES) | part, SHARER_WRITES);
	else store<u64>(mine, load<u64>(mine, SHARER_READS) | part, SHARER_READS);
}

/** Forgets the counts, and who used what; not what changed since. */
export function clearSharing(): void {
	const table = sharedLines;
	if (!table) return;
	for (let i: u64 = 0; i <= table.mask; i++) {
		const slot = table.slots + <usize>i * SLOT_SIZE;
		if (load<u64>(slot, SLOT_SECOND) == FREE) continue;
		for (let p = <usize>load<u64>(slot, SLOT_VALUE); p; p = load<u32>(p, SHARER_NEXT)) {
			store<u64>(p, 0, SHARER_READS);
			store<u64>(p, 0, SHARER_WRITES);
			store<u64>(p, 0, SHARER_MISSES);
			store<u64>(p, 0, SHARER_FALSE);
		}
	}
}
