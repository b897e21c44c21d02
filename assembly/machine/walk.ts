import {
	AT_WALK,
	WALK_COUNT_CACHE_HITS,
	WALK_COUNT_READS,
	WALK_COUNT_WALKS,
	WALK_MOST,
} from "../../bindings/layout/machine";
import { AnyCaches, Cache, CoherentCaches, read } from "./cache";
import { coherentCaches } from "./configure";
import { allocate } from "./heap";
import { entered, lookUp, setUpTable, Table } from "./table";
import { CLEAN as VALID, Ways } from "./ways";

// The page-table walker: reads one entry per level, from the root or from below the deepest hit in its paging-structure
// caches. Tables get their physical pages on first use, one after the other.

@unmanaged
export class Walker {
	/** The data cache that walk reads enter, or null. */
	enters: Cache | null;
	/** WALK_MOST pointers to paging-structure caches, one per level that points to tables; null: none. */
	caches: usize;
	counts: usize;
}

/** Of all walkers: whether they read at all, and the shape of the tables. */
let enabled: bool = false;
let depth: u32 = 0;
let entrySize: u64 = 8;
/** Per level: index bits, and log2 of the bytes that one of its entries spans. */
const indexBits: usize = memory.data(WALK_MOST, 8);
const spans: usize = memory.data(WALK_MOST, 8);

let tables: Table = changetype<Table>(0);
/** Physical address of the next table. */
let nextTable: u64 = 0;

/** `bits`: WALK_MOST x u32 index bits from the root. Tables lie from physical address `base` on. */
export function setUpWalks(on: bool, levels: u32, bits: usize, entryBytes: u32, page: u32, base: u64): void {
	enabled = on;
	depth = levels;
	entrySize = entryBytes;
	nextTable = base;
	let span = page;
	for (let level = <i32>levels - 1; level >= 0; level--) {
		const width = load<u32>(bits + ((<usize>level) << 2));
		store<u8>(indexBits + level, <u8>width);
		store<u8>(spans + level, <u8>span);
		span += width;
	}
	tables = changetype<Table>(allocate(offsetof<Table>()));
	if (on) setUpTable(tables, 256);
}

/** Log2 of the bytes that an entry of `level` spans. */
export function spanOf(level: u32): u32 {
	return load<u8>(spans + level);
}

function cacheOf(w: Walker, level: u32): Ways | null {
	return load<Ways | null>(w.caches + <usize>level * sizeof<usize>());
}

function count(w: Walker, field: usize): void {
	store<u64>(w.counts + field, load<u64>(w.counts + field) + 1);
}

/** Walks to the leaf of a page of 2^bits bytes. */
export function walk(w: Walker, asid: u32, virtual: u64, bits: u32): void {
	count(w, WALK_COUNT_WALKS);
	if (!enabled) return;
	let leaf: u32 = 0;
	while (leaf + 1 < depth && spanOf(leaf) > bits) leaf++;
	let from: u32 = 0;
	for (let level = leaf; level-- > 0; ) {
		const cache = cacheOf(w, level);
		if (!cache) continue;
		const number = virtual >> spanOf(level);
		if (cache.use(cache.row(number), number << spanOf(level), asid) == 0) continue;
		count(w, WALK_COUNT_CACHE_HITS);
		from = level + 1;
		break;
	}
	for (let level = from; level <= leaf; level++) {
		const width = load<u8>(indexBits + level);
		const index = (virtual >> spanOf(level)) & (((<u64>1) << width) - 1);
		const entry = tableOf(asid, level, virtual) + index * entrySize;
		count(w, WALK_COUNT_READS);
		if (w.enters) {
			if (coherentCaches) read<CoherentCaches>(w.enters!, entry, entry, AT_WALK, true);
			else read<AnyCaches>(w.enters!, entry, entry, AT_WALK, true);
		}
		const cache = level < leaf ? cacheOf(w, level) : null;
		const number = virtual >> spanOf(level);
		if (cache) cache.place(cache.row(number), (number << spanOf(level)) | VALID, asid);
	}
}

/** Physical address of the table that a walk goes through at a level. */
function tableOf(asid: u32, level: u32, virtual: u64): u64 {
	const prefix = level ? virtual >> spanOf(level - 1) : 0;
	const at = lookUp(tables, prefix, ((<u64>asid) << 8) | level, 0);
	if (at == 0) return 0;
	if (entered) {
		const bytes = (<u64>entrySize) << load<u8>(indexBits + level);
		store<u64>(at, nextTable);
		nextTable += (bytes + 4095) & ~4095;
	}
	return load<u64>(at);
}
