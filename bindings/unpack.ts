import type { MachineConfig } from "./config.ts";
import type { CacheCounts, Counts, Hot, SharedLine, Sharer, TlbCounts, WalkCounts } from "./counts.ts";
import {
	AT_FETCH,
	AT_POSTED_FILL,
	AT_READ,
	AT_VICTIM,
	AT_WALK,
	AT_WRITE,
	AT_WRITE_BACK,
	AT_WRITE_FILL,
	AT_WRITE_THROUGH,
	COUNT_ACCESSES,
	COUNT_CAPACITY,
	COUNT_COHERENCE_MISSES,
	COUNT_COMPULSORY,
	COUNT_CONFLICT,
	COUNT_EVICTIONS,
	COUNT_FILLS,
	COUNT_FLUSHED,
	COUNT_HOMONYMS,
	COUNT_INTERVENTIONS,
	COUNT_INVALIDATIONS,
	COUNT_LOST,
	COUNT_MISSES,
	COUNT_SIZE,
	COUNT_SYNONYMS,
	COUNT_UPGRADES,
	COUNT_WRITEBACKS,
	SHARER_CPU,
	SHARER_FALSE,
	SHARER_MISSES,
	SHARER_NEXT,
	SHARER_READS,
	SHARER_VIRTUAL,
	SHARER_WRITES,
	SLOT_FIRST,
	SLOT_SECOND,
	SLOT_SIZE,
	SLOT_VALUE,
	TLB_COUNT_ACCESSES,
	TLB_COUNT_EVICTIONS,
	TLB_COUNT_FILLS,
	TLB_COUNT_MISSES,
	TLB_COUNT_REFILLS,
	TLB_COUNT_SHOT,
	TLB_COUNT_SIZE,
	TOTAL_FETCHES,
	TOTAL_FLUSHES,
	TOTAL_MAPS,
	TOTAL_READS,
	TOTAL_SHOOTDOWNS,
	TOTAL_SIZE,
	TOTAL_SWITCHES,
	TOTAL_UNMAPS,
	TOTAL_WRITES,
	WALK_COUNT_CACHE_HITS,
	WALK_COUNT_READS,
	WALK_COUNT_SIZE,
	WALK_COUNT_WALKS,
} from "./layout/machine.ts";

/** Reads a u64 of the core as a number. */
type Read = (at: number) => number;

/** The counts of a machine, from where the core keeps them. */
export function unpackCounts(memory: WebAssembly.Memory, at: number, config: MachineConfig): Counts {
	const view = new DataView(memory.buffer);
	const u64: Read = (offset) => Number(view.getBigUint64(offset, true));
	const fetches = u64(at + TOTAL_FETCHES);
	const reads = u64(at + TOTAL_READS);
	const writes = u64(at + TOTAL_WRITES);
	let next = at + TOTAL_SIZE;
	const rows = <T>(kinds: number, size: number, read: (kind: number, cpu: number, at: number) => T): T[] => {
		const all: T[] = [];
		for (let kind = 0; kind < kinds; kind++) {
			for (let cpu = 0; cpu < config.cpus; cpu++, next += size) all.push(read(kind, cpu, next));
		}
		return all;
	};
	return {
		references: { total: fetches + reads + writes, fetches, reads, writes },
		operations: {
			switches: u64(at + TOTAL_SWITCHES),
			maps: u64(at + TOTAL_MAPS),
			unmaps: u64(at + TOTAL_UNMAPS),
			flushes: u64(at + TOTAL_FLUSHES),
			shootdowns: u64(at + TOTAL_SHOOTDOWNS),
		},
		caches: rows(config.caches.length, COUNT_SIZE, (cache, cpu, row) => cacheCounts(u64, cache, cpu, row)),
		tlbs: rows(config.tlbs.length, TLB_COUNT_SIZE, (tlb, cpu, row) => tlbCounts(u64, tlb, cpu, row)),
		walks: rows(1, WALK_COUNT_SIZE, (_, cpu, row) => walkCounts(u64, cpu, row)),
	};
}

function cacheCounts(u64: Read, cache: number, cpu: number, at: number): CacheCounts {
	const accesses = (kind: number) => u64(at + COUNT_ACCESSES + kind * 8);
	const misses = (kind: number) => u64(at + COUNT_MISSES + kind * 8);
	const sum = (of: (kind: number) => number, ...kinds: number[]) => kinds.reduce((total, kind) => total + of(kind), 0);
	return {
		cache,
		cpu,
		fetches: accesses(AT_FETCH),
		fetchMisses: misses(AT_FETCH),
		reads: sum(accesses, AT_READ, AT_WRITE_FILL, AT_POSTED_FILL),
		readMisses: sum(misses, AT_READ, AT_WRITE_FILL, AT_POSTED_FILL),
		writeFills: sum(accesses, AT_WRITE_FILL, AT_POSTED_FILL),
		writeFillMisses: sum(misses, AT_WRITE_FILL, AT_POSTED_FILL),
		postedFills: accesses(AT_POSTED_FILL),
		postedFillMisses: misses(AT_POSTED_FILL),
		writes: sum(accesses, AT_WRITE, AT_WRITE_BACK, AT_WRITE_THROUGH),
		writeMisses: sum(misses, AT_WRITE, AT_WRITE_BACK, AT_WRITE_THROUGH),
		walkReads: accesses(AT_WALK),
		walkReadMisses: misses(AT_WALK),
		victims: accesses(AT_VICTIM),
		victimMisses: misses(AT_VICTIM),
		fills: u64(at + COUNT_FILLS),
		evictions: u64(at + COUNT_EVICTIONS),
		writebacks: u64(at + COUNT_WRITEBACKS),
		invalidations: u64(at + COUNT_INVALIDATIONS),
		compulsory: u64(at + COUNT_COMPULSORY),
		capacity: u64(at + COUNT_CAPACITY),
		conflict: u64(at + COUNT_CONFLICT),
		coherenceMisses: u64(at + COUNT_COHERENCE_MISSES),
		lost: u64(at + COUNT_LOST),
		interventions: u64(at + COUNT_INTERVENTIONS),
		upgrades: u64(at + COUNT_UPGRADES),
		synonyms: u64(at + COUNT_SYNONYMS),
		homonyms: u64(at + COUNT_HOMONYMS),
		flushed: u64(at + COUNT_FLUSHED),
	};
}

function tlbCounts(u64: Read, tlb: number, cpu: number, at: number): TlbCounts {
	return {
		tlb,
		cpu,
		accesses: u64(at + TLB_COUNT_ACCESSES),
		misses: u64(at + TLB_COUNT_MISSES),
		fills: u64(at + TLB_COUNT_FILLS),
		evictions: u64(at + TLB_COUNT_EVICTIONS),
		shot: u64(at + TLB_COUNT_SHOT),
		refills: u64(at + TLB_COUNT_REFILLS),
	};
}

function walkCounts(u64: Read, cpu: number, at: number): WalkCounts {
	return {
		cpu,
		walks: u64(at + WALK_COUNT_WALKS),
		reads: u64(at + WALK_COUNT_READS),
		cacheHits: u64(at + WALK_COUNT_CACHE_HITS),
	};
}

/** The k lines with the most coherence misses; ties by smaller address. */
export function unpackShared(memory: WebAssembly.Memory, slots: number, count: number, k: number): SharedLine[] {
	const view = new DataView(memory.buffer);
	const u64: Read = (offset) => Number(view.getBigUint64(offset, true));
	const all: SharedLine[] = [];
	for (let slot = slots; slot < slots + count * SLOT_SIZE; slot += SLOT_SIZE) {
		if (view.getBigUint64(slot + SLOT_SECOND, true) === FREE) continue;
		const first = u64(slot + SLOT_VALUE);
		const sharers: Sharer[] = [];
		for (let at = first; at !== 0; at = view.getUint32(at + SHARER_NEXT, true)) {
			const cpu = view.getUint32(at + SHARER_CPU, true);
			const reads = view.getBigUint64(at + SHARER_READS, true);
			const writes = view.getBigUint64(at + SHARER_WRITES, true);
			sharers.push({ cpu, misses: u64(at + SHARER_MISSES), falseMisses: u64(at + SHARER_FALSE), reads, writes });
		}
		const misses = sharers.reduce((sum, sharer) => sum + sharer.misses, 0);
		if (misses === 0) continue;
		all.push({
			physical: view.getBigUint64(slot + SLOT_FIRST, true),
			virtual: view.getBigUint64(first + SHARER_VIRTUAL, true),
			misses,
			falseMisses: sharers.reduce((sum, sharer) => sum + sharer.falseMisses, 0),
			sharers: sharers.sort((a, b) => a.cpu - b.cpu),
		});
	}
	all.sort((a, b) => b.misses - a.misses || (a.physical < b.physical ? -1 : 1));
	return all.slice(0, k);
}

const FREE = 0xffff_ffff_ffff_ffffn;

/** The k keys with the most misses out of a table of the core; ties by smaller key. */
export function unpackHottest(memory: WebAssembly.Memory, slots: number, count: number, k: number): Hot[] {
	const view = new DataView(memory.buffer);
	const all: Hot[] = [];
	for (let at = slots; at < slots + count * SLOT_SIZE; at += SLOT_SIZE) {
		if (view.getBigUint64(at + SLOT_SECOND, true) === FREE) continue;
		all.push({
			key: view.getBigUint64(at + SLOT_FIRST, true),
			misses: Number(view.getBigUint64(at + SLOT_VALUE, true)),
		});
	}
	all.sort((a, b) => b.misses - a.misses || (a.key < b.key ? -1 : 1));
	return all.slice(0, k);
}
