import {
	COUNT_FLUSHED,
	STATUS_NO_CPU,
	TLB_COUNT_SHOT,
	TLB_COUNT_SIZE,
	TOTAL_FLUSHES,
	TOTAL_MAPS,
	TOTAL_SHOOTDOWNS,
	TOTAL_SWITCHES,
	TOTAL_UNMAPS,
	TRANSLATE_IDENTITY,
	WALK_MOST,
} from "../../bindings/layout/machine";
import {
	FLUSH_CLEANS,
	FLUSH_MOST,
	FLUSH_PURGES,
	OPERATION_FLUSH,
	OPERATION_MAP,
	OPERATION_SHOOTDOWN,
	OPERATION_SWITCH,
} from "../../bindings/layout/trace";
import { AnyCaches, Cache, Caches, CoherentCaches, chargeTo, count, cpuCounts, FLUSH_IDLE, flushEntry } from "./cache";
import { cacheCount, cacheFor, coherentCaches, counts, cpuAt, cpuCount, tagged, tlbCount, tlbFor } from "./configure";
import { fail } from "./heap";
import { lookUp } from "./table";
import { pageBits, policy, release, share, translationOf } from "./translate";
import { spanOf } from "./walk";
import { INVALID, remove, STATES, Ways } from "./ways";

// What a trace says besides references: docs/simulation.md, "Operations".

/** One operation of a CPU in an address space. */
export function operate(
	code: u32,
	number: u32,
	asid: u32,
	address: u64,
	length: u64,
	what: u32,
	object: u32,
	offset: u64,
): void {
	if (number >= cpuCount) {
		fail(STATUS_NO_CPU);
		return;
	}
	chargeTo(number);
	if (code == OPERATION_FLUSH) length = min(length, <u64>FLUSH_MOST);
	// Nothing wraps around the end of the address space.
	if (length) length = min(length - 1, ~address) + 1;
	const last = length ? address + (length - 1) : ~(<u64>0);
	if (code == OPERATION_SWITCH) {
		count(counts + TOTAL_SWITCHES);
		if (!tagged) shootDown(number, ANY_ASID, 0, ~0);
	} else if (code == OPERATION_SHOOTDOWN) {
		count(counts + TOTAL_SHOOTDOWNS);
		if (length == 0) address = 0;
		for (let cpu: u32 = 0; cpu < cpuCount; cpu++) if (what || cpu == number) shootDown(cpu, asid, address, last);
	} else if (code == OPERATION_FLUSH) {
		count(counts + TOTAL_FLUSHES);
		if (coherentCaches) flushCaches<CoherentCaches>(number, asid, address, length, what);
		else flushCaches<AnyCaches>(number, asid, address, length, what);
	} else {
		count(counts + (code == OPERATION_MAP ? TOTAL_MAPS : TOTAL_UNMAPS));
		if (length == 0) return;
		release(asid, address, last);
		share(asid, address, last, object, offset);
		// Peeks are by virtual address, and a side without a TLB asks nobody else.
		for (let cache: u32 = 0; cache < cacheCount; cache++)
			for (let cpu: u32 = 0; cpu < cpuCount; cpu++) cacheFor(cache, cpu).lines.peeksOf = ~0;
	}
}

const ANY_ASID: u32 = ~0;

/** Removes the translations of pages that touch [first, last] from all TLBs of a CPU. */
function shootDown(cpu: u32, asid: u32, first: u64, last: u64): void {
	for (let number: u32 = 0; number < tlbCount; number++) {
		const tlb = tlbFor(number, cpu);
		const pages = tlb.pages;
		const end = pages.entries + <usize>pages.sets * pages.stride;
		for (let row = pages.entries; row < end; row += pages.stride) {
			for (let at = row; at < row + pages.stride; ) {
				const entry = load<u64>(at);
				const owner = <u32>load<u64>(at + pages.aside) & 0xffff;
				const bits = pageBits((<u32>entry >> 3) & 7);
				const page = (entry >> bits) << bits;
				const hit = page <= last && page + (((<u64>1) << bits) - 1) >= first;
				if ((entry & STATES) == INVALID || !hit || (asid != ANY_ASID && owner != asid)) {
					at += 8;
					continue;
				}
				remove(pages, row, at);
				count(tlb.counts + <usize>tlb.firstCpu * TLB_COUNT_SIZE + TLB_COUNT_SHOT);
				const mark = lookUp(tlb.shot, entry & ~STATES, owner, 1);
				if (mark) store<u64>(mark, 1);
			}
		}
	}
	const walker = cpuAt(cpu).walker;
	for (let level: u32 = 0; level < <u32>WALK_MOST; level++) {
		const cache = load<Ways | null>(walker.caches + <usize>level * sizeof<usize>());
		if (!cache) continue;
		const span = spanOf(level);
		for (let at = cache.entries; at < cache.entries + cache.stride; ) {
			const entry = load<u64>(at);
			const from = (entry >> span) << span;
			const hit = from <= last && from + (((<u64>1) << span) - 1) >= first;
			if ((entry & STATES) == INVALID || !hit || (asid != ANY_ASID && load<u64>(at + cache.aside) != asid)) at += 8;
			else remove(cache, cache.entries, at);
		}
	}
}

/** Flushes lines (`length` 0: all) from all caches, where these are coherent, or from those of one CPU, inner levels first. */
function flushCaches<C extends Caches>(number: u32, asid: u32, address: u64, length: u64, what: u32): void {
	for (let cache: u32 = 0; cache < cacheCount; cache++) {
		for (let cpu: u32 = 0; cpu < cpuCount; cpu++) {
			const c = cacheFor(cache, cpu);
			const own = cacheFor(cache, number) == c;
			if (c.firstCpu != cpu || !(own || (coherentCaches && length))) continue;
			if (length) flushRange<C>(c, asid, address, address + (length - 1), what);
			else flushAll<C>(c, what);
		}
	}
}

function flushRange<C extends Caches>(c: Cache, asid: u32, first: u64, last: u64, what: u32): void {
	const lines = (last >> c.lines.shift) - (first >> c.lines.shift);
	let virtual = first & ~(c.line - 1);
	for (let i: u64 = 0; i <= lines; i++, virtual += c.line) {
		const physical = translationOf(virtual, asid);
		// A page that nobody has touched has no lines.
		if (policy != TRANSLATE_IDENTITY && physical == ~0) continue;
		const row = changetype<C>(0).row(c, virtual, physical);
		const at = changetype<C>(0).find(c, row, virtual, physical);
		if (at) flushOne<C>(c, row, at, virtual, physical, what);
	}
}

/** Set by set, and in each by address: in an order that does not depend on where lines are kept. */
function flushAll<C extends Caches>(c: Cache, what: u32): void {
	const lines = c.lines;
	const end = lines.entries + <usize>lines.sets * lines.stride;
	for (let row = lines.entries; row < end; row += lines.stride) {
		let key: u64 = 0;
		let beside: u64 = 0;
		for (let begun = false; ; begun = true) {
			const at = nextByAddress(lines, row, begun, key, beside);
			if (at == 0) break;
			key = load<u64>(at) & ~STATES;
			beside = lines.aside ? load<u64>(at + lines.aside) : 0;
			const physical = lines.identity ? beside : key;
			flushOne<C>(c, row, at, changetype<C>(0).virtualAt(c, 0, at, physical), physical, what);
		}
	}
}

/** The valid entry of a row with the least key (and word aside, where it counts) above the one given; 0: there is none. */
function nextByAddress(lines: Ways, row: usize, begun: bool, key: u64, beside: u64): usize {
	let best: usize = 0;
	for (let at = row; at < row + lines.stride; at += 8) {
		if ((load<u64>(at) & STATES) == INVALID) continue;
		if (begun && !isBelow(lines, key, beside, at)) continue;
		if (best == 0 || isBelow(lines, load<u64>(at) & ~STATES, lines.aside ? load<u64>(at + lines.aside) : 0, best))
			best = at;
	}
	return best;
}

function isBelow(lines: Ways, key: u64, beside: u64, at: usize): bool {
	const other = load<u64>(at) & ~STATES;
	return key < other || (key == other && lines.identity != 0 && beside < load<u64>(at + lines.aside));
}

function flushOne<C extends Caches>(c: Cache, row: usize, at: usize, virtual: u64, physical: u64, what: u32): void {
	if (flushEntry<C>(c, row, at, virtual, physical, what != FLUSH_PURGES, what != FLUSH_CLEANS) != FLUSH_IDLE)
		count(c.counts + cpuCounts + COUNT_FLUSHED);
}
