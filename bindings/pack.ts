import type { CacheConfig, MachineConfig, Replacement, Serves, TlbConfig } from "./config.ts";
import {
	CACHE_ALLOCATE,
	CACHE_EXCLUSIVE,
	CACHE_INCLUSIVE,
	CACHE_INDEX_VIRTUAL,
	CACHE_NEVER_DIRTY,
	CACHE_TAG_VIRTUAL,
	CACHE_WRITE_THROUGH,
	HOT_LINE,
	HOT_PAGE,
	HOT_SET,
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
	PROTOCOL_MESI,
	PROTOCOL_MESIF,
	PROTOCOL_MOESI,
	PROTOCOL_NONE,
	RANGE_LAST,
	RANGE_PAGE,
	RANGE_SIZE,
	RANGE_START,
	REPLACE_FIFO,
	REPLACE_LRU,
	REPLACE_PLRU,
	REPLACE_RANDOM,
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
	TLB_NEXT,
	TLB_PAGES,
	TLB_SERVES,
	TLB_SHARED_BY,
	TLB_SIZE,
	TRANSLATE_COLOURED,
	TRANSLATE_FIRST_TOUCH,
	TRANSLATE_IDENTITY,
	TRANSLATE_RANDOM,
} from "./layout/machine.ts";

/** What is asked about misses beyond their number. */
export interface Questions {
	/** Class every miss as compulsory, capacity or conflict (slower; memory grows with the footprint). */
	classify?: boolean | undefined;
	/** Count misses per line, page or set at the cache with this index. */
	hot?: { cache: number; by: "line" | "page" | "set" } | undefined;
	/** Count misses of lines that a cache holds under another address, and of virtual tags that it holds for other lines. */
	aliases?: boolean | undefined;
	/** Watch which CPUs use which parts of the lines that they take from each other (slower). */
	sharing?: boolean | undefined;
	/** Keep what reaches the cache with this index, in its order, for who takes it batch by batch. */
	recorded?: number | undefined;
}

const REPLACEMENTS: Record<Replacement, number> = {
	lru: REPLACE_LRU,
	fifo: REPLACE_FIFO,
	plru: REPLACE_PLRU,
	srrip: REPLACE_SRRIP,
	random: REPLACE_RANDOM,
};
const TRANSLATIONS = {
	identity: TRANSLATE_IDENTITY,
	"first-touch": TRANSLATE_FIRST_TOUCH,
	coloured: TRANSLATE_COLOURED,
	random: TRANSLATE_RANDOM,
};
const SERVES: Record<Serves, number> = {
	none: 0,
	fetch: SERVES_FETCH,
	data: SERVES_DATA,
	both: SERVES_FETCH | SERVES_DATA,
};
const PROTOCOLS = {
	none: PROTOCOL_NONE,
	mesi: PROTOCOL_MESI,
	mesif: PROTOCOL_MESIF,
	moesi: PROTOCOL_MOESI,
};
const HOT = { line: HOT_LINE, page: HOT_PAGE, set: HOT_SET };

/** Writes a machine's description where the core's describe() made room for it. */
export function packMachine(memory: WebAssembly.Memory, at: number, config: MachineConfig, questions: Questions): void {
	const view = new DataView(memory.buffer);
	const u32 = (offset: number, value: number) => view.setUint32(offset, value, true);
	const { translation, walk } = config;
	u32(at + MACHINE_CPUS, config.cpus);
	u32(at + MACHINE_CACHES, config.caches.length);
	u32(at + MACHINE_TLBS, config.tlbs.length);
	u32(at + MACHINE_RANGES, translation.huge.length);
	view.setBigUint64(at + MACHINE_SEED, config.seed, true);
	u32(at + MACHINE_POLICY, TRANSLATIONS[translation.policy]);
	u32(at + MACHINE_PAGE, translation.page);
	u32(at + MACHINE_COLOURS, translation.colours);
	u32(at + MACHINE_FRAMES, translation.frames);
	u32(at + MACHINE_WALK, walk.enabled ? 1 : 0);
	u32(at + MACHINE_WALK_ENTRY, walk.entry);
	u32(at + MACHINE_WALK_ENTERS, walk.enters + 1);
	u32(at + MACHINE_WALK_DEPTH, walk.levels.length);
	walk.levels.forEach((bits, level) => {
		u32(at + MACHINE_WALK_BITS + level * 4, bits);
		u32(at + MACHINE_WALK_CACHES + level * 4, walk.caches[level] ?? 0);
	});
	u32(at + MACHINE_CLASSIFY, questions.classify ? 1 : 0);
	u32(at + MACHINE_HOT, questions.hot ? questions.hot.cache + 1 : 0);
	u32(at + MACHINE_HOT_BY, HOT[questions.hot?.by ?? "line"]);
	u32(at + MACHINE_COHERENCE, PROTOCOLS[config.coherence.protocol]);
	u32(at + MACHINE_COHERENT_FETCHES, config.coherence.instructions ? 1 : 0);
	u32(at + MACHINE_ALIASES, questions.aliases ? 1 : 0);
	u32(at + MACHINE_SHARING, questions.sharing ? 1 : 0);
	u32(at + MACHINE_TAGGED, config.tagged ? 1 : 0);
	u32(at + MACHINE_RECORDED, questions.recorded === undefined ? 0 : questions.recorded + 1);

	let next = at + MACHINE_SIZE;
	for (const cache of config.caches) {
		packCache(u32, next, cache);
		next += SPEC_SIZE;
	}
	for (const tlb of config.tlbs) {
		packTlb(u32, next, tlb);
		tlb.pages.forEach((page, i) => {
			view.setUint8(next + TLB_PAGES + i, page);
			view.setUint8(next + TLB_NEXT + i, (tlb.next[i] ?? -1) + 1);
		});
		next += TLB_SIZE;
	}
	for (const range of translation.huge) {
		view.setBigUint64(next + RANGE_START, range.start, true);
		view.setBigUint64(next + RANGE_LAST, range.end - 1n, true);
		u32(next + RANGE_PAGE, range.page);
		next += RANGE_SIZE;
	}
}

type Put = (offset: number, value: number) => void;

function packCache(u32: Put, at: number, cache: CacheConfig): void {
	u32(at + SPEC_SETS, cache.sets);
	u32(at + SPEC_WAYS, cache.ways);
	u32(at + SPEC_LINE, Math.log2(cache.line));
	u32(at + SPEC_REPLACEMENT, REPLACEMENTS[cache.replacement]);
	u32(at + SPEC_FLAGS, flagsOf(cache));
	u32(at + SPEC_SERVES, SERVES[cache.serves]);
	u32(at + SPEC_NEXT, cache.next + 1);
	u32(at + SPEC_SHARED_BY, cache.sharedBy);
}

function flagsOf(cache: CacheConfig): number {
	return (
		(cache.index === "virtual" ? CACHE_INDEX_VIRTUAL : 0) |
		(cache.tag === "virtual" ? CACHE_TAG_VIRTUAL : 0) |
		(cache.write === "through" ? CACHE_WRITE_THROUGH : 0) |
		(cache.allocate ? CACHE_ALLOCATE : 0) |
		(cache.inclusion === "inclusive" ? CACHE_INCLUSIVE : 0) |
		(cache.inclusion === "exclusive" ? CACHE_EXCLUSIVE : 0) |
		(cache.writebacks ? 0 : CACHE_NEVER_DIRTY)
	);
}

function packTlb(u32: Put, at: number, tlb: TlbConfig): void {
	u32(at + SPEC_SETS, tlb.sets);
	u32(at + SPEC_WAYS, tlb.ways);
	u32(at + SPEC_REPLACEMENT, REPLACEMENTS[tlb.replacement]);
	u32(at + TLB_SERVES, SERVES[tlb.serves]);
	u32(at + TLB_SHARED_BY, tlb.sharedBy);
}
