import {
	CACHE_ALLOCATE,
	CACHE_EXCLUSIVE,
	CACHE_INCLUSIVE,
	CACHE_INDEX_VIRTUAL,
	CACHE_NEVER_DIRTY,
	CACHE_TAG_VIRTUAL,
	CACHE_WRITE_THROUGH,
	COUNT_SIZE,
	MACHINE_ALIASES,
	MACHINE_CACHES,
	MACHINE_CLASSIFY,
	MACHINE_COHERENCE,
	MACHINE_COHERENT_FETCHES,
	MACHINE_COLOURS,
	MACHINE_CPUS,
	MACHINE_FRAMES,
	MACHINE_HOT,
	MACHINE_HOT_BY,
	MACHINE_PAGE,
	MACHINE_POLICY,
	MACHINE_RANGES,
	MACHINE_RECORDED,
	MACHINE_SEED,
	MACHINE_SHARING,
	MACHINE_SIZE,
	MACHINE_TAGGED,
	MACHINE_TLBS,
	MACHINE_WALK,
	MACHINE_WALK_BITS,
	MACHINE_WALK_CACHES,
	MACHINE_WALK_DEPTH,
	MACHINE_WALK_ENTERS,
	MACHINE_WALK_ENTRY,
	PAGE_SIZES,
	PROTOCOL_NONE,
	RANGE_SIZE,
	REPLACE_LRU,
	REPLACE_SRRIP,
	SERVES_DATA,
	SERVES_FETCH,
	SPEC_FLAGS,
	SPEC_LINE,
	SPEC_NEXT,
	SPEC_REPLACEMENT,
	SPEC_SERVES,
	SPEC_SETS,
	SPEC_SHARED_BY,
	SPEC_SIZE,
	SPEC_WAYS,
	STATUS_OK,
	TLB_COUNT_SIZE,
	TLB_NEXT,
	TLB_PAGES,
	TLB_SERVES,
	TLB_SHARED_BY,
	TLB_SIZE,
	TOTAL_SIZE,
	TRANSLATE_IDENTITY,
	WALK_COUNT_SIZE,
	WALK_MOST,
} from "../../bindings/layout/machine";
import { Cache, rowsOf } from "./cache";
import { setProtocol } from "./coherence";
import { Cpu } from "./cpu";
import { setUpFilter } from "./filter";
import { allocate, status } from "./heap";
import { clearHot, Observer, setUpClasses, setUpHot, setUpRecord } from "./observe";
import { clearSharing, setUpSharing } from "./sharing";
import { setUpTable, Table } from "./table";
import { Tlb } from "./tlb";
import { basePage, policy, setUpRanges, setUpTranslation, sizeNumber } from "./translate";
import { setUpWalks, spanOf, Walker } from "./walk";
import { keepAside, keepPeeks, setUpWays, Ways } from "./ways";

// From the numbers that bindings/pack.ts wrote to a machine: instances of caches and TLBs wired together, and for each CPU
// where its references enter.

const POINTER = sizeof<usize>();

let specs: usize = 0;
export let cpuCount: u32 = 0;
export let cacheCount: u32 = 0;
export let tlbCount: u32 = 0;
/** Translations survive a context switch. */
export let tagged: bool = true;
let cpus: usize = 0;
/** CPU-count pointers for each cache, and for each TLB: the instance that a CPU uses. */
let caches: usize = 0;
let tlbs: usize = 0;

/** Whether PlainCaches (cache.ts) may be said of this machine. */
export let plainCaches: bool = false;

/** Whether several CPUs have caches that are kept coherent (CoherentCaches). */
export let coherentCaches: bool = false;

/** Whether a fetch from the line that was fetched last changes nothing but counts, whatever data was referenced between. */
export let refetchesAreHits: bool = false;

export let counts: usize = 0;
export let countBytes: usize = 0;
let cacheCounts: usize = 0;
/** Space for the machine's description, for bindings to write. 0: no memory. */
export function describe(cacheCount: u32, tlbCount: u32, rangeCount: u32): usize {
	specs = allocate(MACHINE_SIZE + cacheCount * SPEC_SIZE + tlbCount * TLB_SIZE + rangeCount * RANGE_SIZE + 64);
	return specs;
}

/** Builds the machine that was described. Returns a status. */
export function build(): u32 {
	const m = specs;
	cpuCount = load<u32>(m, MACHINE_CPUS);
	cacheCount = load<u32>(m, MACHINE_CACHES);
	tlbCount = load<u32>(m, MACHINE_TLBS);
	tagged = load<u32>(m, MACHINE_TAGGED) != 0;
	const seed = load<u64>(m, MACHINE_SEED);
	const page = load<u32>(m, MACHINE_PAGE);
	const frames = load<u32>(m, MACHINE_FRAMES);
	setUpTranslation(load<u32>(m, MACHINE_POLICY), page, frames, load<u32>(m, MACHINE_COLOURS), seed);
	setUpRanges(tlbSpec(tlbCount), load<u32>(m, MACHINE_RANGES));
	const walks = load<u32>(m, MACHINE_WALK_DEPTH);
	const enabled = (load<u32>(m, MACHINE_WALK) & 1) != 0;
	const entry = load<u32>(m, MACHINE_WALK_ENTRY);
	setUpWalks(enabled, walks, m + MACHINE_WALK_BITS, entry, page, (<u64>1) << (frames + 1 + page));

	const perCpu = cacheCount * COUNT_SIZE + tlbCount * TLB_COUNT_SIZE + WALK_COUNT_SIZE;
	countBytes = <usize>(TOTAL_SIZE + cpuCount * perCpu);
	counts = allocate(countBytes);
	cacheCounts = counts + TOTAL_SIZE;
	caches = allocate(<u64>cacheCount * cpuCount * POINTER);
	tlbs = allocate(<u64>tlbCount * cpuCount * POINTER);
	cpus = allocate(<u64>cpuCount * offsetof<Cpu>());
	if (status) return status;
	coherentCaches = cpuCount > 1 && load<u32>(m, MACHINE_COHERENCE) != PROTOCOL_NONE;
	setProtocol(load<u32>(m, MACHINE_COHERENCE));
	if (coherentCaches && load<u32>(m, MACHINE_SHARING)) setUpSharing();
	plainCaches = !coherentCaches && arePlain();
	// Outer levels first, so that each finds its next one built; the generators are numbered in the order of the description.
	const cacheInstances = countInstances(cacheCount, cacheSpec(0), SPEC_SIZE, SPEC_SHARED_BY);
	let seedNumber = cacheInstances;
	for (let c = cacheCount; c-- > 0; ) {
		seedNumber -= groups(load<u32>(cacheSpec(c), SPEC_SHARED_BY));
		buildCache(c, seed, seedNumber);
		if (status) return status;
	}
	const tlbCounts = cacheCounts + <usize>cpuCount * cacheCount * COUNT_SIZE;
	seedNumber = cacheInstances + countInstances(tlbCount, tlbSpec(0), TLB_SIZE, TLB_SHARED_BY);
	for (let t = tlbCount; t-- > 0; ) {
		seedNumber -= groups(load<u32>(tlbSpec(t), TLB_SHARED_BY));
		buildTlb(t, tlbCounts + <usize>t * cpuCount * TLB_COUNT_SIZE, seed, seedNumber);
		if (status) return status;
	}
	const walkCounts = tlbCounts + <usize>cpuCount * tlbCount * TLB_COUNT_SIZE;
	for (let i: u32 = 0; i < cpuCount; i++) {
		buildCpu(i, walkCounts + <usize>i * WALK_COUNT_SIZE);
		if (status) return status;
	}
	for (let c: u32 = 0; c < cacheCount; c++) if (load<u32>(cacheSpec(c), SPEC_FLAGS) & CACHE_INCLUSIVE) linkAbove(c);
	if (coherentCaches) linkPeers();
	refetchesAreHits = load<u32>(m, MACHINE_RANGES) == 0;
	for (let i: u32 = 0; i < cpuCount && status == STATUS_OK; i++) {
		if (!fetchesApart(cpuAt(i))) refetchesAreHits = false;
	}
	return status;
}

/** What PlainCaches says, asked of the description. */
function arePlain(): bool {
	if (
		policy != TRANSLATE_IDENTITY ||
		load<u32>(specs, MACHINE_CLASSIFY) ||
		load<u32>(specs, MACHINE_HOT) ||
		load<u32>(specs, MACHINE_ALIASES) ||
		load<u32>(specs, MACHINE_RECORDED)
	)
		return false;
	const about = CACHE_WRITE_THROUGH | CACHE_ALLOCATE | CACHE_INCLUSIVE | CACHE_EXCLUSIVE | CACHE_NEVER_DIRTY;
	for (let c: u32 = 0; c < cacheCount; c++) {
		const spec = cacheSpec(c);
		if (load<u32>(spec, SPEC_REPLACEMENT) != REPLACE_LRU) return false;
		if ((load<u32>(spec, SPEC_FLAGS) & about) != CACHE_ALLOCATE) return false;
		if (load<u32>(spec, SPEC_LINE) != load<u32>(cacheSpec(0), SPEC_LINE)) return false;
	}
	return true;
}

/** What a CPU fetches from holds what was fetched last, as it was, until it fetches elsewhere. */
function fetchesApart(cpu: Cpu): bool {
	const c = cpu.fetch;
	if (!c || c.flags & CACHE_EXCLUSIVE || !repeats(c.lines) || c.lines.shift > basePage) return false;
	if (reaches(cpu.data, c) || reaches(cpu.walker.enters, c)) return false;
	if (invalidates(c.next)) return false;
	if (cpu.fetchTlbs == 0) return true;
	const tlb = load<Tlb | null>(cpu.fetchTlbs);
	return tlb != null && repeats(tlb.pages) && (cpu.dataTlbs == 0 || load<Tlb | null>(cpu.dataTlbs) != tlb);
}

/** A second touch of the same thing is like one: not where what was just filled is less recent than what was hit. */
function repeats(a: Ways): bool {
	return a.policy != REPLACE_SRRIP;
}

/** Whether a level from here on down is inclusive. */
function invalidates(c: Cache | null): bool {
	return c != null && (c.aboveCount != 0 || invalidates(c.next));
}

/** Whether what misses in `from` comes to `c`. */
function reaches(from: Cache | null, c: Cache): bool {
	return from != null && (from == c || reaches(from.next, c));
}

export function cpuAt(number: u32): Cpu {
	return changetype<Cpu>(cpus + <usize>number * offsetof<Cpu>());
}

/** Sets all counts to 0; what the machine holds stays. */
export function resetCounts(): void {
	memory.fill(counts, 0, countBytes);
	clearHot();
	clearSharing();
}

function cacheSpec(number: u32): usize {
	return specs + MACHINE_SIZE + <usize>number * SPEC_SIZE;
}

function tlbSpec(number: u32): usize {
	return cacheSpec(load<u32>(specs, MACHINE_CACHES)) + <usize>number * TLB_SIZE;
}

export function cacheFor(number: u32, cpu: u32): Cache {
	return load<Cache>(caches + <usize>(number * cpuCount + cpu) * POINTER);
}

export function tlbFor(number: u32, cpu: u32): Tlb {
	return load<Tlb>(tlbs + <usize>(number * cpuCount + cpu) * POINTER);
}

/** CPUs per instance. */
function groupSize(sharedBy: u32): u32 {
	return sharedBy == 0 || sharedBy > cpuCount ? cpuCount : sharedBy;
}

function groups(sharedBy: u32): u32 {
	const size = groupSize(sharedBy);
	return (cpuCount + size - 1) / size;
}

function countInstances(count: u32, spec: usize, size: u32, sharedBy: u32): u32 {
	let sum: u32 = 0;
	for (let i: u32 = 0; i < count; i++) sum += groups(load<u32>(spec + i * size + sharedBy));
	return sum;
}

function seedFor(seed: u64, instance: u32): u64 {
	return seed + <u64>instance * 0x9e3779b97f4a7c15;
}

function buildCache(number: u32, seed: u64, firstInstance: u32): void {
	const spec = cacheSpec(number);
	const sharedBy = load<u32>(spec, SPEC_SHARED_BY);
	const size = groupSize(sharedBy);
	const flags = load<u32>(spec, SPEC_FLAGS);
	const serves = load<u32>(spec, SPEC_SERVES);
	const next = load<u32>(spec, SPEC_NEXT);
	const identity = policy == TRANSLATE_IDENTITY;
	for (let group: u32 = 0; group < groups(sharedBy); group++) {
		const c = changetype<Cache>(allocate(offsetof<Cache>()));
		const lines = changetype<Ways>(allocate(offsetof<Ways>()));
		if (status) return;
		c.lines = lines;
		const sets = load<u32>(spec, SPEC_SETS);
		const ways = load<u32>(spec, SPEC_WAYS);
		const shift = load<u32>(spec, SPEC_LINE);
		setUpWays(lines, sets, ways, shift, load<u32>(spec, SPEC_REPLACEMENT), seedFor(seed, firstInstance + group));
		c.line = (<u64>1) << shift;
		c.page = (<u64>1) << basePage;
		c.flags = flags;
		c.serves = serves;
		c.counts = cacheCounts + <usize>number * cpuCount * COUNT_SIZE;
		c.firstCpu = group * size;
		c.cpus = min(size, cpuCount - group * size);
		if (coherentCaches && c.cpus < cpuCount) {
			c.coherent = serves != SERVES_FETCH || load<u32>(specs, MACHINE_COHERENT_FETCHES) != 0;
			c.lost = changetype<Table>(allocate(offsetof<Table>()));
			if (status) return;
			setUpTable(c.lost!, 64);
		}
		if (next) c.next = cacheFor(next - 1, group * size);
		if (!identity && (flags & CACHE_TAG_VIRTUAL || virtualBelow(c)))
			keepAside(lines, flags & CACHE_TAG_VIRTUAL ? ~0 : 0);
		// Peeks are by virtual address: kept where that, or the page offset alone, decides the set. A cache in LRU order
		// with virtual addresses for tags needs none: its first way is the peek.
		const inPage = (<u64>sets) << shift <= c.page && lines.mask + 1 == sets;
		const sieved = identity || (flags & CACHE_INDEX_VIRTUAL) != 0 || inPage;
		const usual = sets == 64 && ways == 8 && shift == 6;
		const first = identity && load<u32>(spec, SPEC_REPLACEMENT) == REPLACE_LRU && (!coherentCaches || usual);
		if (serves && sieved && !first) keepPeeks(lines, false);
		// Misses are classed by instance, keys are counted over all of a cache.
		const classify = load<u32>(specs, MACHINE_CLASSIFY) != 0;
		const hot = load<u32>(specs, MACHINE_HOT) == number + 1;
		const aliases = load<u32>(specs, MACHINE_ALIASES) != 0 && (flags & (CACHE_INDEX_VIRTUAL | CACHE_TAG_VIRTUAL)) != 0;
		const recorded = load<u32>(specs, MACHINE_RECORDED) == number + 1;
		if (classify || hot || aliases || recorded) {
			const o = changetype<Observer>(allocate(offsetof<Observer>()));
			if (status) return;
			o.aliases = aliases;
			if (classify) setUpClasses(o, sets * ways);
			if (hot) setUpHot(o, load<u32>(specs, MACHINE_HOT_BY), basePage);
			if (recorded) setUpRecord(o);
			c.observer = o;
		}
		c.rows = rowsOf(c);
		for (let cpu = group * size; cpu < min(group * size + size, cpuCount); cpu++) {
			store<Cache>(caches + <usize>(number * cpuCount + cpu) * POINTER, c);
		}
	}
}

/** Whether a level below this one asks for virtual addresses. */
function virtualBelow(c: Cache): bool {
	const next = c.next;
	if (!next) return false;
	return (next.flags & (CACHE_INDEX_VIRTUAL | CACHE_TAG_VIRTUAL)) != 0 || virtualBelow(next);
}

function buildTlb(number: u32, tlbCounts: usize, seed: u64, firstInstance: u32): void {
	const spec = tlbSpec(number);
	const sharedBy = load<u32>(spec, TLB_SHARED_BY);
	const size = groupSize(sharedBy);
	let sizesHeld: u32 = 0;
	for (let i: u32 = 0; i < <u32>PAGE_SIZES; i++) if (load<u8>(spec + i, TLB_PAGES)) sizesHeld++;
	for (let group: u32 = 0; group < groups(sharedBy); group++) {
		const t = changetype<Tlb>(allocate(offsetof<Tlb>()));
		const pages = changetype<Ways>(allocate(offsetof<Ways>()));
		t.next = allocate(<u64>PAGE_SIZES * POINTER);
		if (status) return;
		t.pages = pages;
		t.firstCpu = group * size;
		t.shot = changetype<Table>(allocate(offsetof<Table>()));
		if (status) return;
		setUpTable(t.shot, 64);
		t.counts = tlbCounts;
		const sets = load<u32>(spec, SPEC_SETS);
		const policy = load<u32>(spec, SPEC_REPLACEMENT);
		setUpWays(pages, sets, load<u32>(spec, SPEC_WAYS), basePage, policy, seedFor(seed, firstInstance + group));
		keepAside(pages, 0xffff);
		if (load<u32>(spec, TLB_SERVES)) {
			keepPeeks(pages, sizesHeld != 1 || load<u8>(spec, TLB_PAGES) != basePage || pages.mask + 1 != sets);
		}
		for (let i: u32 = 0; i < <u32>PAGE_SIZES; i++) {
			const bits = load<u8>(spec + i, TLB_PAGES);
			const next = load<u8>(spec + i, TLB_NEXT);
			if (bits == 0 || next == 0) continue;
			store<Tlb>(t.next + <usize>sizeNumber(bits) * POINTER, tlbFor(next - 1, group * size));
		}
		for (let cpu = group * size; cpu < min(group * size + size, cpuCount); cpu++) {
			store<Tlb>(tlbs + <usize>(number * cpuCount + cpu) * POINTER, t);
		}
	}
}

function buildCpu(number: u32, walkCounts: usize): void {
	const cpu = cpuAt(number);
	cpu.number = number;
	for (let c = cacheCount; c-- > 0; ) {
		const serves = load<u32>(cacheSpec(c), SPEC_SERVES);
		if (serves & SERVES_FETCH) cpu.fetch = cacheFor(c, number);
		if (serves & SERVES_DATA) cpu.data = cacheFor(c, number);
	}
	// The first TLB in the description that serves a side and holds a size is the one asked first.
	for (let t = tlbCount; t-- > 0; ) {
		const spec = tlbSpec(t);
		const serves = load<u32>(spec, TLB_SERVES);
		if (serves & SERVES_FETCH && cpu.fetchTlbs == 0) cpu.fetchTlbs = allocate(<u64>PAGE_SIZES * POINTER);
		if (serves & SERVES_DATA && cpu.dataTlbs == 0) cpu.dataTlbs = allocate(<u64>PAGE_SIZES * POINTER);
		if (status) return;
		for (let i: u32 = 0; i < <u32>PAGE_SIZES; i++) {
			const bits = load<u8>(spec + i, TLB_PAGES);
			if (bits == 0) continue;
			const at = <usize>sizeNumber(bits) * POINTER;
			if (serves & SERVES_FETCH) store<Tlb>(cpu.fetchTlbs + at, tlbFor(t, number));
			if (serves & SERVES_DATA) store<Tlb>(cpu.dataTlbs + at, tlbFor(t, number));
		}
	}
	const w = changetype<Walker>(allocate(offsetof<Walker>()));
	cpu.walker = w;
	if (status) return;
	w.counts = walkCounts;
	const enters = load<u32>(specs, MACHINE_WALK_ENTERS);
	if (enters) w.enters = cacheFor(enters - 1, number);
	w.caches = allocate(<u64>WALK_MOST * POINTER);
	if (status) return;
	for (let level: u32 = 0; level + 1 < load<u32>(specs, MACHINE_WALK_DEPTH); level++) {
		const entries = load<u32>(specs + ((<usize>level) << 2), MACHINE_WALK_CACHES);
		if (entries == 0) continue;
		const cache = changetype<Ways>(allocate(offsetof<Ways>()));
		if (status) return;
		setUpWays(cache, 1, entries, spanOf(level), REPLACE_LRU, 0);
		keepAside(cache, ~0);
		store<Ways>(w.caches + <usize>level * POINTER, cache);
	}
}

/** Lists for each instance of an inclusive cache the instances above it. */
function linkAbove(number: u32): void {
	const sharedBy = load<u32>(cacheSpec(number), SPEC_SHARED_BY);
	const size = groupSize(sharedBy);
	for (let group: u32 = 0; group < groups(sharedBy); group++) {
		const c = cacheFor(number, group * size);
		const list = allocate(<u64>number * cpuCount * POINTER);
		if (status) return;
		let count: u32 = 0;
		for (let inner: u32 = 0; inner < number; inner++) {
			for (let cpu = group * size; cpu < min(group * size + size, cpuCount); cpu++) {
				const above = cacheFor(inner, cpu);
				if (above.firstCpu != cpu && cpu != group * size) continue;
				let below = above.next;
				while (below && below != c) below = below.next;
				if (below != c) continue;
				store<Cache>(list + <usize>count * POINTER, above);
				count++;
			}
		}
		c.above = list;
		c.aboveCount = count;
	}
}

/** Lists the instances that are kept coherent, and says which of them come together behind which level. */
function linkPeers(): void {
	const list = allocate(<u64>cacheCount * cpuCount * POINTER);
	if (status) return;
	let count: u32 = 0;
	let lines: u64 = 0;
	let shift: u32 = 0;
	for (let number: u32 = 0; number < cacheCount; number++) {
		for (let cpu: u32 = 0; cpu < cpuCount; cpu++) {
			const c = cacheFor(number, cpu);
			if (c.firstCpu != cpu) continue;
			const next = c.next;
			c.asksNext = invalidates(next);
			if (!c.coherent) continue;
			c.number = count;
			store<Cache>(list + <usize>count * POINTER, c);
			count++;
			lines += <u64>c.lines.sets * c.lines.ways;
			shift = <u32>c.lines.shift;
			if (next && next.cpus == c.cpus) continue;
			c.peers = list;
			c.meetsFrom = next ? next.firstCpu : 0;
			c.meetsTo = next ? next.firstCpu + next.cpus : cpuCount;
		}
	}
	setUpFilter(lines, shift, count);
}
