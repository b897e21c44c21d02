/**
 * The rules of docs/simulation.md a second time: slow and obvious. It shares nothing with the core but the shapes of its
 * configuration and of its counts.
 */

import type { CacheConfig, MachineConfig, Serves } from "../../bindings/config.ts";
import type { CacheCounts, Counts, Hot, TlbCounts, WalkCounts } from "../../bindings/counts.ts";
import { KIND_FETCH, KIND_MASK, KIND_READ, KIND_WRITE, RECORD_PART } from "../../bindings/layout/records.ts";
import type { Operation } from "../../bindings/operations.ts";
import { type Address, Cache, type Kind } from "./cache.ts";
import { Random } from "./replacement.ts";
import { Tlb } from "./tlb.ts";
import { type Page, Translation } from "./translation.ts";
import { PageTables, Walker } from "./walker.ts";

export interface OracleOptions {
	/** Class every miss as compulsory, capacity or conflict. */
	classify?: boolean | undefined;
	/** Count misses per line, page or set at the cache with this index. */
	hot?: { cache: number; by: "line" | "page" | "set" } | undefined;
	/** Count misses of lines that are here under another address, and of virtual tags that are here for other lines. */
	aliases?: boolean | undefined;
}

export class Oracle {
	private readonly config: MachineConfig;
	private readonly options: OracleOptions;
	/** caches[cache][group] and tlbs[tlb][group]: one instance for each group of CPUs. */
	private readonly caches: Cache[][];
	private readonly tlbs: Tlb[][];
	private readonly walkers: Walker[];
	private readonly translation: Translation;
	/** The CPU whose reference is being simulated. */
	private cpu = 0;
	private firstOfPair: bigint | undefined;

	private operations = { switches: 0, maps: 0, unmaps: 0, flushes: 0, shootdowns: 0 };
	private references = { total: 0, fetches: 0, reads: 0, writes: 0 };
	private cacheRows: CacheCounts[][] = [];
	private tlbRows: TlbCounts[][] = [];
	private walkRows: WalkCounts[] = [];
	private readonly misses = new Map<bigint, number>();

	constructor(config: MachineConfig, options: OracleOptions = {}) {
		this.config = config;
		this.options = options;
		// Instances are numbered cache by cache in the profile's order, and within a cache by CPU group; then TLBs.
		let instance = 0;
		const random = () => new Random(config.seed, instance++);
		this.caches = config.caches.map((cache, index) =>
			firstCpus(cache.sharedBy, config.cpus).map(
				(firstCpu) =>
					new Cache(
						cache,
						index,
						this.cpusOf(cache.sharedBy, firstCpu),
						this.isCoherent(cache),
						random(),
						options.classify ?? false,
						{
							row: (which, cpu = this.cpu) => this.cacheRows[which]![cpu]!,
							missed: (which, tagAddress, set) => this.missed(which, tagAddress, set),
							protocol: config.coherence.protocol,
							others: (cache) => this.othersOf(cache),
							aliases: options.aliases ?? false,
						},
					),
			),
		);
		this.tlbs = config.tlbs.map((tlb) => firstCpus(tlb.sharedBy, config.cpus).map(() => new Tlb(tlb, random())));
		for (let cpu = 0; cpu < config.cpus; cpu++) this.connect(cpu);
		this.translation = new Translation(config.translation, config.seed);
		const tables = new PageTables(config.walk, config.translation);
		this.walkers = Array.from(
			{ length: config.cpus },
			() => new Walker(config.walk, tables, (physical) => this.walkRead(physical)),
		);
		this.resetCounts();
	}

	/**
	 * One reference. `part`: it and the next one are one access (straddle "once").
	 * A record keeps no low three bits of an address.
	 */
	access(kind: number, address: bigint, cpu = 0, asid = 0, part = false): void {
		const virtual = (address >> 3n) << 3n;
		if (part) {
			this.firstOfPair = virtual;
			return;
		}
		const halves = this.firstOfPair === undefined ? [virtual] : [this.firstOfPair, virtual];
		this.firstOfPair = undefined;
		this.reference(kind, halves, cpu, asid);
	}

	/** The same from packed records (bindings/layout/records.ts). */
	runRecords(records: Iterable<bigint>, cpu = 0, asid = 0): void {
		for (const record of records) {
			const part = (record & BigInt(RECORD_PART)) !== 0n;
			this.access(Number(record & BigInt(KIND_MASK)), record, cpu, asid, part);
		}
	}

	/** What a trace says between references. */
	operate(operation: Operation): void {
		const { cpu = 0, asid = 0 } = operation;
		this.cpu = cpu;
		const everyCpu = Array.from({ length: this.config.cpus }, (_, each) => each);
		if (operation.operation === "switch") {
			this.operations.switches++;
			if (!this.config.tagged) this.shootDown([cpu], undefined, 0n, ~0n & ((1n << 64n) - 1n));
			return;
		}
		const { address = 0n, length = 0n } = operation;
		const last = address + length - 1n;
		switch (operation.operation) {
			case "map":
			case "unmap":
				this.operations[operation.operation === "map" ? "maps" : "unmaps"]++;
				if (length > 0n) this.translation.release(asid, address, last);
				if (length > 0n) {
					const { object = 0, offset = 0n } = operation.operation === "map" ? operation : {};
					this.translation.share(asid, address, last, object, offset);
				}
				break;
			case "shootdown": {
				this.operations.shootdowns++;
				const cpus = (operation.all ?? true) ? everyCpu : [cpu];
				if (length > 0n) this.shootDown(cpus, asid, address, last);
				else this.shootDown(cpus, asid, 0n, (1n << 64n) - 1n);
				break;
			}
			case "flush": {
				this.operations.flushes++;
				const coherent = this.config.cpus > 1 && this.config.coherence.protocol !== "none";
				const by = operation.by ?? "remove";
				for (const cache of this.caches.flat()) {
					const mine = cache.cpus.includes(cpu);
					if (length === 0n) {
						if (mine) cache.flushAll(by);
						continue;
					}
					if (!mine && !coherent) continue;
					const line = BigInt(cache.config.line);
					for (let virtual = (address / line) * line; virtual <= last; virtual += line) {
						const physical = this.translation.known(asid, virtual);
						if (physical !== undefined) cache.flushAt({ virtual, physical }, by);
					}
				}
			}
		}
	}

	private shootDown(cpus: number[], asid: number | undefined, first: bigint, last: bigint): void {
		for (const cpu of cpus) {
			for (const [index, { sharedBy }] of this.config.tlbs.entries()) {
				const group = groupOf(cpu, sharedBy);
				const row = this.tlbRows[index]![group * sharedBy]!;
				this.tlbs[index]![group]!.shootDown((owner, page) => {
					const from = page.number << BigInt(page.bits);
					const to = from + (1n << BigInt(page.bits)) - 1n;
					return from <= last && to >= first && (asid === undefined || owner === asid);
				}, row);
			}
			this.walkers[cpu]!.shootDown(asid, first, last);
		}
	}

	counts(): Counts {
		return structuredClone({
			references: this.references,
			operations: this.operations,
			caches: this.cacheRows.flat(),
			tlbs: this.tlbRows.flat(),
			walks: this.walkRows,
		});
	}

	/** Caches, TLBs and shadows keep what they hold. */
	resetCounts(): void {
		const { cpus, caches, tlbs } = this.config;
		const everyCpu = Array.from({ length: cpus }, (_, cpu) => cpu);
		this.operations = { switches: 0, maps: 0, unmaps: 0, flushes: 0, shootdowns: 0 };
		this.references = { total: 0, fetches: 0, reads: 0, writes: 0 };
		this.cacheRows = caches.map((_, cache) => everyCpu.map((cpu) => noCacheCounts(cache, cpu)));
		this.tlbRows = tlbs.map((_, tlb) =>
			everyCpu.map((cpu) => ({ tlb, cpu, accesses: 0, misses: 0, fills: 0, evictions: 0, shot: 0, refills: 0 })),
		);
		this.walkRows = everyCpu.map((cpu) => ({ cpu, walks: 0, reads: 0, cacheHits: 0 }));
		this.misses.clear();
	}

	/** The k worst keys, most misses first; ties by smaller key. */
	hottest(k: number): Hot[] {
		return [...this.misses]
			.map(([key, misses]) => ({ key, misses }))
			.sort((a, b) => b.misses - a.misses || (a.key < b.key ? -1 : 1))
			.slice(0, k);
	}

	// ---- one reference ----

	private reference(kind: number, halves: bigint[], cpu: number, asid: number): void {
		this.cpu = cpu;
		this.references.total++;
		if (kind === KIND_FETCH) this.references.fetches++;
		else if (kind === KIND_READ) this.references.reads++;
		else if (kind === KIND_WRITE) this.references.writes++;
		else throw new Error(`no kind of reference: ${kind}`);

		const side = kind === KIND_FETCH ? "fetch" : "data";
		let start = 0n;
		const parts: Address[] = halves.map((virtual, i) => {
			// a pair within one page is translated once
			if (i === 0 || !this.samePage(virtual, halves[0]!)) start = this.lookUp(side, asid, virtual);
			return { virtual, physical: start + (virtual & ((1n << BigInt(this.translation.pageOf(virtual).bits)) - 1n)) };
		});
		const first = this.config.caches.findIndex((cache) => serves(cache.serves, side));
		const cache = this.cacheOf(first, cpu);
		if (!cache) return;
		if (this.config.straddle === "once") {
			const kinds: Record<number, Kind> = { [KIND_FETCH]: "fetch", [KIND_READ]: "read", [KIND_WRITE]: "write" };
			cache.once(parts, kinds[kind]!);
		} else if (kind === KIND_WRITE) {
			cache.write(parts[0]!);
		} else {
			cache.read(parts[0]!, kind === KIND_FETCH ? "fetch" : "read", cache);
		}
	}

	/**
	 * One access to the first-level TLB of this side and page size; each TLB that misses asks its next, the last one the
	 * walker. Then the entry is filled into the outer TLBs first, the first-level one last. A page size that no TLB of this side
	 * holds is always walked for; a side without any TLB is never.
	 */
	private lookUp(side: "fetch" | "data", asid: number, virtual: bigint): bigint {
		const page = this.translation.pageOf(virtual);
		const mapped = () => this.translation.physical(asid, page.number << BigInt(page.bits));
		if (!this.config.tlbs.some((each) => serves(each.serves, side))) return mapped();
		const missed: number[] = [];
		let tlb = this.config.tlbs.findIndex((each) => serves(each.serves, side) && each.pages.includes(page.bits));
		let start: bigint | undefined;
		for (; tlb >= 0; tlb = this.nextTlb(tlb, page)) {
			start = this.tlbOf(tlb).lookUp(asid, page, this.tlbRows[tlb]![this.cpu]!);
			if (start !== undefined) break;
			missed.unshift(tlb);
		}
		if (start === undefined) {
			this.walkers[this.cpu]!.walk(asid, virtual, page, this.walkRows[this.cpu]!);
			start = mapped();
		}
		for (const each of missed) this.tlbOf(each).fill(asid, page, start, this.tlbRows[each]![this.cpu]!);
		return start;
	}

	private samePage(a: bigint, b: bigint): boolean {
		const [left, right] = [this.translation.pageOf(a), this.translation.pageOf(b)];
		return left.number === right.number && left.bits === right.bits;
	}

	private nextTlb(tlb: number, page: Page): number {
		const { pages, next } = this.config.tlbs[tlb]!;
		return next[pages.indexOf(page.bits)]!;
	}

	/** Each read of a walk goes, by physical address, into the data cache that serves the walker. */
	private walkRead(physical: bigint): void {
		const cache = this.cacheOf(this.config.walk.enters, this.cpu);
		cache?.read({ virtual: physical, physical }, "walk", cache);
	}

	private missed(cache: number, tagAddress: bigint, set: number): void {
		const { hot } = this.options;
		if (hot?.cache !== cache) return;
		const page = BigInt(this.config.translation.page);
		const line = BigInt(this.config.caches[cache]!.line);
		const key = {
			line: tagAddress - (tagAddress % line),
			page: (tagAddress >> page) << page,
			set: BigInt(set),
		}[hot.by];
		this.misses.set(key, (this.misses.get(key) ?? 0) + 1);
	}

	// ---- instances ----

	private cpusOf(sharedBy: number, firstCpu: number): number[] {
		const count = sharedBy === 0 ? this.config.cpus : Math.min(sharedBy, this.config.cpus - firstCpu);
		return Array.from({ length: count }, (_, i) => firstCpu + i);
	}

	/** A cache that not all CPUs share; one that serves fetches alone only where the machine says so. */
	private isCoherent({ sharedBy, serves }: CacheConfig): boolean {
		const { cpus, coherence } = this.config;
		if (cpus === 1 || coherence.protocol === "none") return false;
		return sharedBy !== 0 && sharedBy < cpus && (serves !== "fetch" || coherence.instructions);
	}

	/** CPUs meet where the next level (or memory) has CPUs that this one does not have. */
	private othersOf(cache: Cache): Cache[] {
		if (!cache.coherent) return [];
		const there = cache.next?.cpus ?? this.cpusOf(0, 0);
		if (there.every((cpu) => cache.cpus.includes(cpu))) return [];
		return this.caches
			.flat()
			.filter(
				(other) =>
					other.coherent &&
					other.cpus.some((cpu) => there.includes(cpu)) &&
					!other.cpus.some((cpu) => cache.cpus.includes(cpu)),
			);
	}

	/** What coherence promises. Returns what is broken. */
	broken(): string[] {
		const found: string[] = [];
		const all = this.caches.flat().filter((cache) => cache.coherent);
		for (const one of all) {
			for (const { physical, state } of one.lines()) {
				for (const other of all) {
					if (other.cpus.some((cpu) => one.cpus.includes(cpu))) continue;
					for (const { line } of other.copies(physical)) {
						const both = `${one.config.name}[${one.cpus[0]}] ${state}, ${other.config.name}[${other.cpus[0]}] ${line.state}`;
						if (state === "M" || state === "E") found.push(`0x${physical.toString(16)}: ${both}`);
						if (state === "O" && line.state === "O") found.push(`0x${physical.toString(16)}: ${both}`);
					}
				}
			}
		}
		for (const outer of this.caches.flat()) {
			if (outer.config.inclusion !== "inclusive") continue;
			const size = BigInt(outer.config.line);
			for (const inner of outer.above) {
				for (const { physical } of inner.lines()) {
					if (outer.copies((physical / size) * size).length > 0) continue;
					found.push(`0x${physical.toString(16)}: in ${inner.config.name} and not in ${outer.config.name}`);
				}
			}
		}
		return found;
	}

	/** `sharedBy: n` makes CPUs 0..n-1, n..2n-1, … share one instance each (0: all CPUs share one). */
	private cacheOf(cache: number, cpu: number): Cache | undefined {
		return this.caches[cache]?.[groupOf(cpu, this.config.caches[cache]!.sharedBy)];
	}

	private tlbOf(tlb: number): Tlb {
		return this.tlbs[tlb]![groupOf(this.cpu, this.config.tlbs[tlb]!.sharedBy)]!;
	}

	/** Gives the caches that this CPU uses their next level, and tells the outer ones who is above. */
	private connect(cpu: number): void {
		for (const cache of this.caches.keys()) {
			const inner = this.cacheOf(cache, cpu)!;
			let outer = this.cacheOf(inner.config.next, cpu);
			if (inner.next && inner.next !== outer) throw new Error("CPUs that share a cache must share its next levels");
			inner.next = outer;
			for (; outer; outer = this.cacheOf(outer.config.next, cpu)) {
				if (!outer.above.includes(inner)) outer.above.push(inner);
			}
		}
	}
}

function serves(what: Serves, side: "fetch" | "data"): boolean {
	return what === side || what === "both";
}

function groupOf(cpu: number, sharedBy: number): number {
	return sharedBy === 0 ? 0 : Math.floor(cpu / sharedBy);
}

function firstCpus(sharedBy: number, cpus: number): number[] {
	const groups = groupOf(cpus - 1, sharedBy) + 1;
	return Array.from({ length: groups }, (_, group) => group * sharedBy);
}

function noCacheCounts(cache: number, cpu: number): CacheCounts {
	return {
		cache,
		cpu,
		fetches: 0,
		fetchMisses: 0,
		reads: 0,
		readMisses: 0,
		writeFills: 0,
		writeFillMisses: 0,
		postedFills: 0,
		postedFillMisses: 0,
		writes: 0,
		writeMisses: 0,
		walkReads: 0,
		walkReadMisses: 0,
		victims: 0,
		victimMisses: 0,
		fills: 0,
		evictions: 0,
		writebacks: 0,
		invalidations: 0,
		compulsory: 0,
		capacity: 0,
		conflict: 0,
		coherenceMisses: 0,
		lost: 0,
		interventions: 0,
		upgrades: 0,
		synonyms: 0,
		homonyms: 0,
		flushed: 0,
	};
}
