import {
	COUNT_CAPACITY,
	COUNT_COMPULSORY,
	COUNT_CONFLICT,
	HOT_LINE,
	HOT_PAGE,
	RECORDED_ROOM,
} from "../../bindings/layout/machine";
import { allocate } from "./heap";
import { clearTable, entered, lookUp, setUpTable, Table } from "./table";
import { Ways } from "./ways";

// Questions about misses that cost more than counting: which class each is of, and which keys have the most. A cache that
// is asked has an observer; the others pay nothing.

@unmanaged
export class Observer {
	/** Line address and owner -> its node in the shadow below + 1, or 0: seen, but no longer there. */
	lines: Table;
	/** Lines of a fully associative LRU cache of the same capacity, a list from youngest to oldest. */
	nodes: usize;
	capacity: u32;
	used: u32;
	youngest: u32;
	oldest: u32;
	/** What seen() found out about the reference it saw last. */
	wasSeen: bool;
	wasInShadow: bool;
	classify: bool;
	/** Misses of lines that are here under another address are counted, and of virtual tags of other lines. */
	aliases: bool;
	/** Misses are counted per key in `hot`. */
	counts: bool;
	/** Accesses are recorded in their order. */
	records: bool;
}

/** Key -> misses, over all instances of the one cache that is asked; or null. */
export let hot: Table | null = null;
/** HOT_*, and log2 of a page. */
let hotBy: u32 = HOT_LINE;
let pageShift: u32 = 12;

// A node of the shadow: [ line : u64 ][ owner : u64 ][ younger : u32 ][ older : u32 ], neighbours as number + 1, 0: none.
const NODE: usize = 24;
const OWNER: usize = 8;
const YOUNGER: usize = 16;
const OLDER: usize = 20;

export function setUpClasses(o: Observer, capacity: u32): void {
	o.classify = true;
	o.capacity = capacity;
	o.nodes = allocate(<u64>capacity * NODE);
	o.lines = changetype<Table>(allocate(offsetof<Table>()));
	setUpTable(o.lines, 4096);
}

export function setUpHot(o: Observer, by: u32, page: u32): void {
	o.counts = true;
	if (hot) return;
	hotBy = by;
	pageShift = page;
	const table = changetype<Table>(allocate(offsetof<Table>()));
	setUpTable(table, 1024);
	hot = table;
}

export function clearHot(): void {
	const table = hot;
	if (table) clearTable(table);
}

/** What reached the recorded cache: the line's address | AT_*, oldest first. */
let recorded: usize = 0;
let recordedCount: u32 = 0;

export function setUpRecord(o: Observer): void {
	o.records = true;
	recorded = allocate((<u64>RECORDED_ROOM) << 3);
}

export function recordedAt(): usize {
	return recorded;
}

/** How many there were, more than RECORDED_ROOM perhaps; from now on others are recorded over them. */
export function takeRecorded(): u32 {
	const count = recordedCount;
	recordedCount = 0;
	return count;
}

/** A reference (AT_*) to a line reaches the observed level. `owner`: the physical line that a virtual `line` is of, else 0. */
export function seen(o: Observer, line: u64, owner: u64, kind: u32): void {
	if (o.records) {
		if (recordedCount < <u32>RECORDED_ROOM) store<u64>(recorded + ((<usize>recordedCount) << 3), line | kind);
		recordedCount++;
	}
	if (!o.classify) return;
	const at = lookUp(o.lines, line, owner, 0);
	if (at == 0) return;
	o.wasSeen = !entered;
	const number = <u32>load<u64>(at);
	o.wasInShadow = number != 0;
	if (number) {
		if (o.youngest == number) return;
		unlink(o, number);
		link(o, number);
		return;
	}
	let free: u32;
	if (o.used < o.capacity) free = ++o.used;
	else {
		free = o.oldest;
		const node = nodeOf(o, free);
		store<u64>(lookUp(o.lines, load<u64>(node), load<u64>(node, OWNER), 0), 0);
		unlink(o, free);
	}
	store<u64>(nodeOf(o, free), line);
	store<u64>(nodeOf(o, free), owner, OWNER);
	store<u64>(at, free);
	link(o, free);
}

/** The reference that seen() saw last missed; `counts` are those of the level and CPU. */
export function missed(o: Observer, counts: usize, line: u64, row: usize, lines: Ways): void {
	if (o.classify) {
		const at = counts + (o.wasSeen ? (o.wasInShadow ? COUNT_CONFLICT : COUNT_CAPACITY) : COUNT_COMPULSORY);
		store<u64>(at, load<u64>(at) + 1);
	}
	if (o.counts) countKey(line, row, lines);
}

function countKey(line: u64, row: usize, lines: Ways): void {
	let key = line;
	if (hotBy == HOT_PAGE) key = (line >> pageShift) << pageShift;
	else if (hotBy != HOT_LINE) key = (row - lines.entries) / lines.stride;
	const at = lookUp(hot!, key, 0, 0);
	if (at) store<u64>(at, load<u64>(at) + 1);
}

function nodeOf(o: Observer, number: u32): usize {
	return o.nodes + <usize>(number - 1) * NODE;
}

function link(o: Observer, number: u32): void {
	const node = nodeOf(o, number);
	store<u32>(node, 0, YOUNGER);
	store<u32>(node, o.youngest, OLDER);
	if (o.youngest) store<u32>(nodeOf(o, o.youngest), number, YOUNGER);
	else o.oldest = number;
	o.youngest = number;
}

function unlink(o: Observer, number: u32): void {
	const node = nodeOf(o, number);
	const younger = load<u32>(node, YOUNGER);
	const older = load<u32>(node, OLDER);
	if (younger) store<u32>(nodeOf(o, younger), older, OLDER);
	else o.youngest = older;
	if (older) store<u32>(nodeOf(o, older), younger, YOUNGER);
	else o.oldest = younger;
}
