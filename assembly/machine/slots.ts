import { LINE_STATE, LINE_VALUE_SHIFT, LINE_VERSION_SHIFT, LINE_VERSIONS } from "../../bindings/layout/block";
import { HAZARD_LOSTW } from "../../bindings/layout/explore";
import { EVENT_FILL, EVENT_HIT, EVENT_MEMORY_READ, EVENT_MEMORY_WRITE, EVENT_REMOVE } from "../../bindings/layout/hold";
import { CACHE_INDEX_VIRTUAL } from "../../bindings/layout/machine";
import { atLatest, atMemory, block, LINE_BYTES } from "./block";
import { Cache, Caches, carried, carry } from "./cache";
import { tell, watched } from "./events";
import { raise } from "./hazard";
import { tallyFound, tallyMiss, tallyStamp } from "./tally";
import { DIRTY, LAST_STATE, OWNED } from "./ways";

// Lines of a machine that is explored: as many as the program can name, each with a place of its own in every cache, by
// colour where the index is virtual. So a line is found without a search, equal contents are equal bytes, and nothing leaves
// to make room: evictions are choices.
//
//   line, u16    15        8 7       3 2     0
//                [ value    | version | state + 1 ]     0: not here
//
// In memory the state is 0. Addresses: `virtual` is a colour, `physical` the number of a line.

const STATE: u32 = LINE_STATE;
export const VERSION_SHIFT: u32 = LINE_VERSION_SHIFT;
export const VERSIONS: u32 = LINE_VERSIONS;
export const VALUE_SHIFT: u32 = LINE_VALUE_SHIFT;
const CONTENTS: u32 = ~STATE & 0xffff;

/** Lines of all frames. */
let lines: usize = 0;

/** Rows that hold lines, u16 offsets in the block: one for each cache and colour. */
let rows: usize = 0;
let rowCount: u32 = 0;
/** So many that every copy of a line, memory and the latest write can have a version each, and a new write one too. */
export const MOST_ROWS: u32 = VERSIONS - 3;

export function setLines(count: u32, allRows: usize, allRowCount: u32): void {
	lines = count;
	rows = allRows;
	rowCount = allRowCount;
}

function versionIn(contents: u32): u32 {
	return (contents >> VERSION_SHIFT) & VERSIONS;
}

export class Slots implements Caches {
	@inline plain(): bool {
		return false;
	}
	@inline carries(): bool {
		return true;
	}
	@inline coherent(): bool {
		return true;
	}
	@inline dirty(state: u64): bool {
		return state == DIRTY || state == OWNED;
	}
	@inline row(c: Cache, virtual: u64, physical: u64): usize {
		const line = (c.flags & CACHE_INDEX_VIRTUAL ? <usize>virtual * lines : 0) + <usize>physical;
		return block + c.slots + line * LINE_BYTES;
	}
	@inline hit(c: Cache, row: usize, virtual: u64, physical: u64, dirties: bool): usize {
		const entry = <u32>load<u16>(row);
		if (entry == 0) {
			tallyMiss();
			return 0;
		}
		if (watched) tellLine(EVENT_HIT, c, row);
		if (dirties) store<u16>(row, <u16>((entry & CONTENTS) | (<u32>DIRTY + 1)));
		return row;
	}
	@inline find(c: Cache, row: usize, virtual: u64, physical: u64): usize {
		return load<u16>(row) ? row : 0;
	}
	@inline place(c: Cache, row: usize, virtual: u64, physical: u64, state: u64): void {
		store<u16>(row, <u16>(carried | (<u32>state + 1)));
		if (watched) tellLine(EVENT_FILL, c, row);
	}
	@inline state(at: usize): u64 {
		return <u64>((<u32>load<u16>(at) & STATE) - 1);
	}
	@inline setState(c: Cache, row: usize, at: usize, state: u64): void {
		store<u16>(at, <u16>((<u32>load<u16>(at) & CONTENTS) | (<u32>state + 1)));
	}
	@inline remove(c: Cache, row: usize, at: usize): void {
		store<u16>(at, 0);
		if (watched) tellLine(EVENT_REMOVE, c, at);
	}
	@inline nextPeer(c: Cache, physical: u64, from: u32): u32 {
		return from < c.peerCount ? from : ~0;
	}
	/** Other CPUs are asked for a line by the place that it has here: copies of other colours are nobody's peers. */
	@inline rows(c: Cache): u32 {
		return 1;
	}
	@inline rowAt(c: Cache, virtual: u64, physical: u64, number: u32): usize {
		return this.row(c, virtual, physical);
	}
	@inline copyIn(c: Cache, row: usize, physical: u64, from: usize): usize {
		return from == row && load<u16>(row) ? row : 0;
	}
	@inline virtualAt(c: Cache, virtual: u64, at: usize, physical: u64): u64 {
		return virtual;
	}
	@inline take(at: usize): void {
		tallyFound((<u32>load<u16>(at) & STATE) == <u32>DIRTY + 1);
		carry(<u32>load<u16>(at) & CONTENTS);
	}
	@inline put(at: usize, over: bool, physical: u64): void {
		const old = <u32>load<u16>(at);
		if (over && versionIn(carried) < versionIn(old)) raise(HAZARD_LOSTW, <u32>physical);
		store<u16>(at, <u16>(carried | (old & STATE)));
	}
	@inline takeFromMemory(physical: u64): void {
		carry(load<u16>(block + atMemory + <usize>physical * LINE_BYTES));
		tell(EVENT_MEMORY_READ, 0, 0, <u32>physical);
	}
	@inline putInMemory(physical: u64): void {
		const at = block + atMemory + <usize>physical * LINE_BYTES;
		if (versionIn(carried) < versionIn(load<u16>(at))) raise(HAZARD_LOSTW, <u32>physical);
		store<u16>(at, <u16>carried);
		tell(EVENT_MEMORY_WRITE, 0, 0, <u32>physical);
	}
	@inline tell(kind: u32, c: Cache, virtual: u64, physical: u64): void {
		if (watched) tellLine(kind, c, this.row(c, virtual, physical));
	}
}

/** Something happened in the row at `row` of a cache. */
function tellLine(kind: u32, c: Cache, row: usize): void {
	const slot = (row - block - c.slots) / LINE_BYTES;
	tell(kind, c.name, <u32>(slot / lines), <u32>(slot % lines));
}

/** A write gives a line its next version; `carried` is what is written. */
export function stamp(line: u32, value: u32): void {
	tallyStamp();
	const at = block + atLatest + line;
	// A step may be of many writes.
	if (load<u8>(at) == VERSIONS) renumber(line);
	const version = <u32>load<u8>(at) + 1;
	store<u8>(at, <u8>version);
	carry((value << VALUE_SHIFT) | (version << VERSION_SHIFT));
}

/** Whether `carried` is older than the latest version of the line. */
export function isStale(line: u32): bool {
	return versionIn(carried) != load<u8>(block + atLatest + line);
}

/** So that a loop of writes has finitely many states: the versions of a line that exist are numbered without gaps. */
export function renumber(line: u32): void {
	const memory = block + atMemory + <usize>line * LINE_BYTES;
	const latest = block + atLatest + line;
	let present = ((<u32>1) << load<u8>(latest)) | ((<u32>1) << versionIn(load<u16>(memory)));
	const offset = block + <usize>line * LINE_BYTES;
	for (let i: u32 = 0; i < rowCount; i++) {
		const entry = <u32>load<u16>(offset + <usize>load<u16>(rows + ((<usize>i) << 1)));
		if (entry) present |= (<u32>1) << versionIn(entry);
	}
	if ((present & (present + 1)) == 0) return;
	store<u8>(latest, <u8>rankOf(present, load<u8>(latest)));
	renumberEntry(present, memory);
	for (let i: u32 = 0; i < rowCount; i++) {
		const at = offset + <usize>load<u16>(rows + ((<usize>i) << 1));
		if (load<u16>(at)) renumberEntry(present, at);
	}
}

function rankOf(present: u32, version: u32): u32 {
	return popcnt(present & (((<u32>1) << version) - 1));
}

function renumberEntry(present: u32, at: usize): void {
	const entry = <u32>load<u16>(at);
	const version = rankOf(present, versionIn(entry));
	store<u16>(at, <u16>((entry & ~(VERSIONS << VERSION_SHIFT)) | (version << VERSION_SHIFT)));
}

/** Whether bytes from outside are a line of which `latest` is the latest version. */
export function isLine(at: usize, latest: u32, inMemory: bool): bool {
	const entry: u32 = load<u16>(at);
	const state = entry & STATE;
	if (entry == 0) return true;
	return versionIn(entry) <= latest && (inMemory ? state == 0 : state != 0 && state - 1 <= <u32>LAST_STATE);
}

export function valueIn(contents: u32): u32 {
	return contents >> VALUE_SHIFT;
}
