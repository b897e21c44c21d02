import {
	AT_FETCH,
	AT_READ,
	AT_WRITE,
	COUNT_ACCESSES,
	COUNT_SIZE,
	REPLACE_LRU,
	TLB_COUNT_ACCESSES,
	TLB_COUNT_SIZE,
	TOTAL_FETCHES,
	TOTAL_READS,
	TOTAL_WRITES,
	TRANSLATE_IDENTITY,
} from "../../bindings/layout/machine";
import { KIND_FETCH, KIND_MASK, KIND_WRITE, RECORD_PART, RECORD_SIZE } from "../../bindings/layout/records";
import { AnyCaches, Cache, Caches, chargeTo, PlainCaches, readMissed, straddle } from "../machine/cache";
import { counts, cpuAt, plainCaches } from "../machine/configure";
import { Cpu } from "../machine/cpu";
import { status } from "../machine/heap";
import { Tlb } from "../machine/tlb";
import { basePage, pageBits, pageSizeOf, policy } from "../machine/translate";
import { CLEAN, INVALID, peeksFor, rise, Ways } from "../machine/ways";
import { AnyLines, AnyPages, Lines, NoPages, Pages, Pages4K, Peeks64, Rows64x8 } from "./sieve";

// The trace driver: a batch of records of one CPU and address space through the machine. Most references repeat what was
// touched last in their set and page and change nothing; the sieve (sieve.ts) recognises those in a few instructions, and
// the others go the whole way by the machine's rules.

/** Simulates `n` records at `records`. Returns a status. */
export function run(number: u32, asid: u32, records: usize, n: u32): u32 {
	const cpu = enterCpu(number, asid);
	const end = records + <usize>n * RECORD_SIZE;
	driverFor(cpu)(cpu, records, end);
	return status;
}

/**
 * The loop for this machine's geometry. A function value, called through a table: otherwise the optimiser inlines all
 * loops into one function, whose registers V8 then spreads thin over them.
 */
function driverFor(cpu: Cpu): (cpu: Cpu, records: usize, end: usize) => void {
	const fetch = linesOf(cpu.fetch);
	const data = linesOf(cpu.data);
	const pages = pagesOf(cpu.fetchTlbs) | pagesOf(cpu.dataTlbs);
	if (fetch == UNSIEVED || data == UNSIEVED || pages & UNSIEVED) return whole;
	if (fetch == data && pages == 0) {
		if (fetch == ROWS) return siftRows;
		if (fetch == PEEKS) return siftPeeks;
	}
	if (fetch == data && pages == FOUR_K) {
		if (fetch == ROWS) return siftRowsAndPages;
		if (fetch == PEEKS) return siftPeeksAndPages;
	}
	return siftAny;
}

/** As `run`, where a record marked RECORD_PART and the next are one access that touches two lines. */
export function runStraddling(number: u32, asid: u32, records: usize, n: u32): u32 {
	const cpu = enterCpu(number, asid);
	const end = records + <usize>n * RECORD_SIZE;
	let fetches: u64 = 0;
	let writes: u64 = 0;
	let reads: u64 = 0;
	for (let p = records; p < end; p += RECORD_SIZE) {
		const x = load<u64>(p);
		const kind = <u32>x & KIND_MASK;
		if (kind == KIND_FETCH) fetches++;
		else if (kind & KIND_WRITE) writes++;
		else reads++;
		if (x & RECORD_PART && p + RECORD_SIZE < end) {
			p += RECORD_SIZE;
			pair(cpu, kind, x & ~7, load<u64>(p) & ~7);
		} else cpu.reference<AnyCaches>(kind, x & ~7);
	}
	addTotals(fetches, reads, writes);
	return status;
}

function pair(cpu: Cpu, kind: u32, first: u64, second: u64): void {
	const tlbs = kind == KIND_FETCH ? cpu.fetchTlbs : cpu.dataTlbs;
	const c = kind == KIND_FETCH ? cpu.fetch : cpu.data;
	const physical = cpu.translate(tlbs, first);
	const samePage = (first ^ second) >> pageBits(pageSizeOf(first)) == 0;
	const physical2 = samePage ? physical + (second - first) : cpu.translate(tlbs, second);
	if (c) straddle(c, kind, first, physical, second, physical2);
}

function enterCpu(number: u32, asid: u32): Cpu {
	const cpu = cpuAt(number);
	cpu.asid = asid;
	chargeTo(number);
	if (cpu.fetch) peeksFor(cpu.fetch!.lines, number, asid);
	if (cpu.data) peeksFor(cpu.data!.lines, number, asid);
	const fetch = basePages(cpu.fetchTlbs);
	const data = basePages(cpu.dataTlbs);
	if (fetch) peeksFor(fetch, number, asid);
	if (data) peeksFor(data, number, asid);
	return cpu;
}

/** The first-level TLB for base pages of a side. */
function basePages(tlbs: usize): Ways | null {
	if (tlbs == 0) return null;
	const tlb = load<Tlb | null>(tlbs);
	return tlb ? tlb.pages : null;
}

// What kind of sieve a first-level cache or a side's TLB allows.
const UNSIEVED: u32 = 8;
const ROWS: u32 = 1;
const PEEKS: u32 = 2;
const ANY: u32 = 3;
const FOUR_K: u32 = 1;
const OTHER_PAGES: u32 = 3;

function linesOf(c: Cache | null): u32 {
	if (!c) return ANY;
	if (c.observer) return UNSIEVED;
	const lines = c.lines;
	const common = lines.sets == 64 && lines.shift == 6;
	if (lines.peeks) return common ? PEEKS : ANY;
	if (policy != TRANSLATE_IDENTITY || lines.policy != REPLACE_LRU) return UNSIEVED;
	return common && lines.ways == 8 && plainCaches ? ROWS : ANY;
}

function pagesOf(tlbs: usize): u32 {
	if (tlbs == 0) return 0;
	const pages = basePages(tlbs);
	if (!pages) return UNSIEVED;
	return basePage == 12 && !pages.onePeek ? FOUR_K : OTHER_PAGES;
}

/** Without a sieve. */
function whole(cpu: Cpu, records: usize, end: usize): void {
	let fetches: u64 = 0;
	let writes: u64 = 0;
	for (let p = records; p < end; p += RECORD_SIZE) {
		const x = load<u64>(p);
		const kind = <u32>x & KIND_MASK;
		fetches += <u64>(kind == KIND_FETCH);
		writes += <u64>(kind & KIND_WRITE);
		cpu.reference<AnyCaches>(kind, x & ~7);
	}
	addTotals(fetches, <u64>((end - records) / RECORD_SIZE) - fetches - writes, writes);
}

/** The second way and the others, of a plain array: the first is known not to be it. Half of these hits are in the second. */
function older(row: usize, end: usize, key: u64, limit: u64): bool {
	const first = load<u64>(row);
	const second = load<u64>(row, 8);
	if ((second ^ key) < limit) {
		store<u64>(row, second);
		store<u64>(row, first, 8);
		return true;
	}
	return rise(row, row + 16, end, key, limit);
}

/** Two arms and nothing else: what this loop costs is what a trace costs. */
function sift<C extends Caches, L extends Lines, P extends Pages>(cpu: Cpu, records: usize, end: usize): void {
	const lines = changetype<L>(0);
	const pages = changetype<P>(0);
	const fetchLines = lines.from(cpu.fetch);
	const dataLines = lines.from(cpu.data);
	const fetchPages = pages.from(cpu.fetchTlbs);
	const dataPages = pages.from(cpu.dataTlbs);
	const fetchMask = pages.mask(cpu.fetchTlbs);
	const dataMask = pages.mask(cpu.dataTlbs);
	let fetches: u64 = 0;
	let writes: u64 = 0;
	let wholeFetches: u64 = 0;
	let wholeReads: u64 = 0;
	let wholeWrites: u64 = 0;
	for (let p = records; p < end; p += RECORD_SIZE) {
		const x = load<u64>(p);
		const kind = <u32>x & KIND_MASK;
		let at: usize;
		let limit: u64 = INVALID;
		if (kind == KIND_FETCH) {
			fetches++;
			at = lines.at(fetchLines, x);
			if ((load<u64>(at) ^ lines.key(fetchLines, x)) < INVALID && pages.same(fetchPages, fetchMask, x)) continue;
			if (pages.kept()) at = pages.same(fetchPages, fetchMask, x) ? at : 0;
		} else {
			// A line that is to be written must be dirty already (state 0) for the write to change nothing.
			if (kind & KIND_WRITE) {
				writes++;
				limit = CLEAN;
			}
			at = lines.at(dataLines, x);
			if ((load<u64>(at) ^ lines.key(dataLines, x)) < limit && pages.same(dataPages, dataMask, x)) continue;
			if (pages.kept()) at = pages.same(dataPages, dataMask, x) ? at : 0;
		}
		if (lines.ordered() && at) {
			const key = lines.key(0, x);
			if (older(at, at + lines.bytes(), key, limit)) continue;
			if (limit == INVALID) {
				readMissed<C>(kind == KIND_FETCH ? cpu.fetch! : cpu.data!, at, key, key, kind, true);
				continue;
			}
		}
		if (kind == KIND_FETCH) wholeFetches++;
		else if (kind & KIND_WRITE) wholeWrites++;
		else wholeReads++;
		cpu.reference<C>(kind, x & ~7);
	}
	const reads = <u64>((end - records) / RECORD_SIZE) - fetches - writes;
	addTotals(fetches, reads, writes);
	addSifted(cpu, fetches - wholeFetches, reads - wholeReads, writes - wholeWrites);
}

function siftRows(cpu: Cpu, records: usize, end: usize): void {
	sift<PlainCaches, Rows64x8, NoPages>(cpu, records, end);
}

function siftRowsAndPages(cpu: Cpu, records: usize, end: usize): void {
	sift<PlainCaches, Rows64x8, Pages4K>(cpu, records, end);
}

function siftPeeks(cpu: Cpu, records: usize, end: usize): void {
	sift<AnyCaches, Peeks64, NoPages>(cpu, records, end);
}

function siftPeeksAndPages(cpu: Cpu, records: usize, end: usize): void {
	sift<AnyCaches, Peeks64, Pages4K>(cpu, records, end);
}

function siftAny(cpu: Cpu, records: usize, end: usize): void {
	sift<AnyCaches, AnyLines, AnyPages>(cpu, records, end);
}

function add(at: usize, n: u64): void {
	store<u64>(at, load<u64>(at) + n);
}

function addTotals(fetches: u64, reads: u64, writes: u64): void {
	add(counts + TOTAL_FETCHES, fetches);
	add(counts + TOTAL_READS, reads);
	add(counts + TOTAL_WRITES, writes);
}

/** Counts what the sieve held back: accesses of the first levels, all of them hits. */
function addSifted(cpu: Cpu, fetches: u64, reads: u64, writes: u64): void {
	const at = <usize>cpu.number * COUNT_SIZE + COUNT_ACCESSES;
	if (cpu.fetch) add(cpu.fetch!.counts + at + (AT_FETCH << 3), fetches);
	if (cpu.data) {
		add(cpu.data!.counts + at + (AT_READ << 3), reads);
		add(cpu.data!.counts + at + (AT_WRITE << 3), writes);
	}
	const atTlb = <usize>cpu.number * TLB_COUNT_SIZE + TLB_COUNT_ACCESSES;
	if (cpu.fetchTlbs && fetches) add(load<Tlb>(cpu.fetchTlbs).counts + atTlb, fetches);
	if (cpu.dataTlbs && reads + writes) add(load<Tlb>(cpu.dataTlbs).counts + atTlb, reads + writes);
}
