import {
	AT_FETCH,
	AT_READ,
	AT_WRITE,
	CACHE_EXCLUSIVE,
	COUNT_ACCESSES,
	COUNT_SIZE,
	REPLACE_LRU,
	REPLACE_PLRU,
	TLB_COUNT_ACCESSES,
	TLB_COUNT_SIZE,
	TOTAL_FETCHES,
	TOTAL_READS,
	TOTAL_WRITES,
	TRANSLATE_IDENTITY,
} from "../../bindings/layout/machine";
import { KIND_FETCH, KIND_MASK, KIND_WRITE, RECORD_PART, RECORD_SIZE } from "../../bindings/layout/records";
import {
	AnyCaches,
	accessOnce,
	Cache,
	Caches,
	CoherentCaches,
	chargeTo,
	miss,
	PlainCaches,
	read,
	settle,
	takesLost,
	write,
} from "../machine/cache";
import { coherentCaches, counts, cpuAt, plainCaches } from "../machine/configure";
import { Cpu } from "../machine/cpu";
import { status } from "../machine/heap";
import { noteUse, sharedLines } from "../machine/sharing";
import { Tlb } from "../machine/tlb";
import { basePage, pageBits, pageSizeOf, policy } from "../machine/translate";
import { peeksFor, Ways } from "../machine/ways";
import {
	AnyLines,
	AnyPages,
	fetches,
	Lines,
	MISSED,
	NOWHERE,
	NoPages,
	Pages,
	Pages4K,
	Peeks64,
	Peeks as PeeksOf,
	prepare,
	Rows64x8,
	Rows64x8Coherent,
	sieve,
	TouchAny,
	TouchCoherent,
	TouchLru,
	TouchPlru,
	TouchPlruCoherent,
	Unpeeked,
	writes,
} from "./sieve";

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
	const lines = both(linesOf(cpu.fetch), linesOf(cpu.data));
	const pages = both(pagesOf(cpu.fetchTlbs), pagesOf(cpu.dataTlbs));
	if (coherentCaches) return coherentDriver(cpu, lines, pages);
	if (lines == UNSIEVED || pages == UNSIEVED) return whole;
	if (pages == NO_PAGES) {
		if (lines == ROWS_64X8) return siftRows;
		if (lines == PEEKS_64_PLRU) return siftPlru;
		if (lines == PEEKS) return siftPeeks;
	} else if (pages == PAGES_4K) {
		if (lines == ROWS_64X8) return siftRowsAndPages;
		if (lines == PEEKS_64_LRU) return siftLruAndPages;
		if (lines == PEEKS_64_PLRU) return siftPlruAndPages;
		if (lines == PEEKS) return siftPeeksAndPages;
		if (lines == UNPEEKED) return siftUnpeekedAndPages;
	}
	if (lines == UNPEEKED) return whole;
	return siftAny;
}

function coherentDriver(cpu: Cpu, lines: u32, pages: u32): (cpu: Cpu, records: usize, end: usize) => void {
	if (sharedLines) return watched;
	if (lines == UNSIEVED || pages == UNSIEVED) return wholeCoherent;
	if (lines == ROWS_64X8) {
		if (pages == NO_PAGES) return siftRowsCoherent;
		if (pages == PAGES_4K) return siftRowsCoherentAndPages;
	}
	if (lines == PEEKS_64_PLRU && pages == PAGES_4K) return siftPlruCoherentAndPages;
	if (pages == NO_PAGES || pages == PAGES_4K) {
		const peeked = arePeeked(cpu.fetch) && arePeeked(cpu.data);
		if (peeked) return pages == NO_PAGES ? siftCoherent : siftCoherentAndPages;
		if (lines == UNPEEKED && pages == PAGES_4K) return siftUnpeekedCoherent;
	}
	return lines == UNPEEKED ? wholeCoherent : siftAnyCoherent;
}

function arePeeked(c: Cache | null): bool {
	const lines = linesOf(c);
	return lines == PEEKS || lines == PEEKS_64_LRU || lines == PEEKS_64_PLRU;
}

/** As `run`, where an access counts once at each level: a record marked RECORD_PART and the next are its two ends. */
export function runStraddling(number: u32, asid: u32, records: usize, n: u32): u32 {
	const cpu = enterCpu(number, asid);
	const end = records + <usize>n * RECORD_SIZE;
	let f: u64 = 0;
	let w: u64 = 0;
	let r: u64 = 0;
	for (let p = records; p < end; p += RECORD_SIZE) {
		const x = load<u64>(p);
		const kind = <u32>x & KIND_MASK;
		if (kind == KIND_FETCH) f++;
		else if (kind & KIND_WRITE) w++;
		else r++;
		if (x & RECORD_PART && p + RECORD_SIZE < end) p += RECORD_SIZE;
		once(cpu, kind, x & ~7, load<u64>(p) & ~7);
	}
	addTotals(f, r, w);
	return status;
}

function once(cpu: Cpu, kind: u32, first: u64, second: u64): void {
	const tlbs = kind == KIND_FETCH ? cpu.fetchTlbs : cpu.dataTlbs;
	const c = kind == KIND_FETCH ? cpu.fetch : cpu.data;
	const physical = cpu.translate(tlbs, first);
	const samePage = (first ^ second) >> pageBits(pageSizeOf(first)) == 0;
	const physical2 = samePage ? physical + (second - first) : cpu.translate(tlbs, second);
	const at: u32 = kind == KIND_FETCH ? AT_FETCH : kind & KIND_WRITE ? AT_WRITE : AT_READ;
	if (c) accessOnce(c, at, first, physical, second, physical2);
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
const UNSIEVED: u32 = 0;
const ANY: u32 = 1;
const ROWS_64X8: u32 = 2;
const PEEKS: u32 = 3;
const PEEKS_64_LRU: u32 = 4;
const PEEKS_64_PLRU: u32 = 5;
const UNPEEKED: u32 = 6;
const NO_PAGES: u32 = 7;
const PAGES_4K: u32 = 8;

/** What the two sides allow together. */
function both(fetch: u32, data: u32): u32 {
	if (fetch == data) return fetch;
	const hard = fetch == UNSIEVED || data == UNSIEVED || fetch == UNPEEKED || data == UNPEEKED;
	return hard ? UNSIEVED : ANY;
}

function linesOf(c: Cache | null): u32 {
	if (!c) return ANY;
	if (c.observer) return UNSIEVED;
	const lines = c.lines;
	const common = lines.sets == 64 && lines.shift == 6;
	if (!lines.peeks && policy == TRANSLATE_IDENTITY)
		return common && lines.ways == 8 && (plainCaches || coherentCaches) ? ROWS_64X8 : ANY;
	// A line that takes more than its key to be known, or that moves up when it is found.
	const hard = lines.identity != 0 || (c.flags & CACHE_EXCLUSIVE) != 0 || lines.mask + 1 != lines.sets;
	if (!lines.peeks) return hard ? UNSIEVED : UNPEEKED;
	if (hard) return ANY;
	if (common && lines.policy == REPLACE_LRU) return PEEKS_64_LRU;
	if (common && lines.policy == REPLACE_PLRU) return PEEKS_64_PLRU;
	return PEEKS;
}

function pagesOf(tlbs: usize): u32 {
	if (tlbs == 0) return policy == TRANSLATE_IDENTITY ? NO_PAGES : ANY;
	const pages = basePages(tlbs);
	if (!pages) return UNSIEVED;
	return basePage == 12 && !pages.onePeek && pages.policy == REPLACE_LRU ? PAGES_4K : ANY;
}

function whole(cpu: Cpu, records: usize, end: usize): void {
	unsieved<AnyCaches>(cpu, records, end);
}

function wholeCoherent(cpu: Cpu, records: usize, end: usize): void {
	unsieved<CoherentCaches>(cpu, records, end);
}

/** As wholeCoherent(), and it is noted who uses which parts of the lines. */
function watched(cpu: Cpu, records: usize, end: usize): void {
	let fetches: u64 = 0;
	let stores: u64 = 0;
	takesLost();
	for (let p = records; p < end; p += RECORD_SIZE) {
		const x = load<u64>(p);
		const kind = <u32>x & KIND_MASK;
		fetches += <u64>(kind == KIND_FETCH);
		stores += <u64>(kind & KIND_WRITE);
		const c = cpu.data;
		if (kind == KIND_FETCH || !c) {
			cpu.reference<CoherentCaches>(kind, x & ~7);
			takesLost();
			continue;
		}
		const virtual = x & ~7;
		const physical = cpu.translate(cpu.dataTlbs, virtual);
		takesLost();
		if (kind & KIND_WRITE) write<CoherentCaches>(c, virtual, physical, AT_WRITE, 0);
		else read<CoherentCaches>(c, virtual, physical, AT_READ, false);
		noteUse(cpu.number, virtual, physical, c.lines.shift, (kind & KIND_WRITE) != 0, takesLost());
	}
	addTotals(fetches, <u64>((end - records) / RECORD_SIZE) - fetches - stores, stores);
}

function unsieved<C extends Caches>(cpu: Cpu, records: usize, end: usize): void {
	let fetches: u64 = 0;
	let writes: u64 = 0;
	for (let p = records; p < end; p += RECORD_SIZE) {
		const x = load<u64>(p);
		const kind = <u32>x & KIND_MASK;
		fetches += <u64>(kind == KIND_FETCH);
		writes += <u64>(kind & KIND_WRITE);
		cpu.reference<C>(kind, x & ~7);
	}
	addTotals(fetches, <u64>((end - records) / RECORD_SIZE) - fetches - writes, writes);
}

/** What the sieve does not run goes the whole way. */
function sift<C extends Caches, L extends Lines, P extends Pages>(cpu: Cpu, records: usize, end: usize): void {
	prepare<L, P>(cpu);
	let wholeFetches: u64 = 0;
	let wholeReads: u64 = 0;
	let wholeWrites: u64 = 0;
	for (let p = sieve<L, P>(records, end); p < end; p = sieve<L, P>(p + RECORD_SIZE, end)) {
		const x = load<u64>(p);
		const kind = <u32>x & KIND_MASK;
		if (MISSED.at != NOWHERE) {
			const c = kind == KIND_FETCH ? cpu.fetch! : cpu.data!;
			if (changetype<C>(0).plain()) settle(c, x & ~63, kind, MISSED.pushed);
			else miss<C>(c, x & ~7, MISSED.at, kind);
			continue;
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

function siftPlru(cpu: Cpu, records: usize, end: usize): void {
	sift<AnyCaches, Peeks64<TouchPlru>, NoPages>(cpu, records, end);
}

function siftPeeks(cpu: Cpu, records: usize, end: usize): void {
	sift<AnyCaches, PeeksOf<TouchAny>, NoPages>(cpu, records, end);
}

function siftLruAndPages(cpu: Cpu, records: usize, end: usize): void {
	sift<AnyCaches, Peeks64<TouchLru>, Pages4K>(cpu, records, end);
}

function siftPlruAndPages(cpu: Cpu, records: usize, end: usize): void {
	sift<AnyCaches, Peeks64<TouchPlru>, Pages4K>(cpu, records, end);
}

function siftPeeksAndPages(cpu: Cpu, records: usize, end: usize): void {
	sift<AnyCaches, PeeksOf<TouchAny>, Pages4K>(cpu, records, end);
}

function siftUnpeekedAndPages(cpu: Cpu, records: usize, end: usize): void {
	sift<AnyCaches, Unpeeked<TouchAny>, Pages4K>(cpu, records, end);
}

function siftRowsCoherent(cpu: Cpu, records: usize, end: usize): void {
	sift<CoherentCaches, Rows64x8Coherent, NoPages>(cpu, records, end);
}

function siftRowsCoherentAndPages(cpu: Cpu, records: usize, end: usize): void {
	sift<CoherentCaches, Rows64x8Coherent, Pages4K>(cpu, records, end);
}

function siftPlruCoherentAndPages(cpu: Cpu, records: usize, end: usize): void {
	sift<CoherentCaches, Peeks64<TouchPlruCoherent>, Pages4K>(cpu, records, end);
}

function siftCoherent(cpu: Cpu, records: usize, end: usize): void {
	sift<CoherentCaches, PeeksOf<TouchCoherent>, NoPages>(cpu, records, end);
}

function siftCoherentAndPages(cpu: Cpu, records: usize, end: usize): void {
	sift<CoherentCaches, PeeksOf<TouchCoherent>, Pages4K>(cpu, records, end);
}

function siftUnpeekedCoherent(cpu: Cpu, records: usize, end: usize): void {
	sift<CoherentCaches, Unpeeked<TouchCoherent>, Pages4K>(cpu, records, end);
}

function siftAnyCoherent(cpu: Cpu, records: usize, end: usize): void {
	sift<CoherentCaches, AnyLines, AnyPages>(cpu, records, end);
}

function siftAny(cpu: Cpu, records: usize, end: usize): void {
	sift<AnyCaches, AnyLines, AnyPages>(cpu, records, end);
}

/** Counts fetches that a reader left out: see `refetchesAreHits`. */
export function addRefetches(number: u32, n: u32): void {
	addTotals(n, 0, 0);
	addSifted(cpuAt(number), n, 0, 0);
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
