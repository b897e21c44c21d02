import type { TranslationConfig, WalkConfig } from "../../bindings/config.ts";
import type { WalkCounts } from "../../bindings/counts.ts";
import type { Page } from "./translation.ts";

/** The page tables of all address spaces. Only their places matter: which entry a walk reads. */
export class PageTables {
	private readonly config: WalkConfig;
	/** For each level, the log2 of the bytes that one of its entries maps. */
	readonly spans: number[] = [];
	private readonly tables = new Map<string, bigint>();
	private nextTable: bigint;

	constructor(config: WalkConfig, translation: TranslationConfig) {
		this.config = config;
		let span = translation.page;
		for (const bits of config.levels.toReversed()) {
			this.spans.unshift(span);
			span += bits;
		}
		// a region of their own, behind the base pages and the huge pages
		this.nextTable = 1n << BigInt(translation.frames + 1 + translation.page);
	}

	/** The level whose entries map a page of this size: the first one whose entries map no more. */
	leafOf(page: Page): number {
		return this.spans.findIndex((span) => span <= page.bits);
	}

	/** The physical address of the entry that maps `virtual` in the table of this level. */
	entry(asid: number, level: number, virtual: bigint): bigint {
		const index = (virtual >> BigInt(this.spans[level]!)) % (1n << BigInt(this.config.levels[level]!));
		return this.table(asid, level, virtual) + index * BigInt(this.config.entry);
	}

	/** Tables are allocated on first use, in order. One root per address space. */
	private table(asid: number, level: number, virtual: bigint): bigint {
		const key = level === 0 ? `${asid} root` : `${asid} ${level} ${virtual >> BigInt(this.spans[level - 1]!)}`;
		let start = this.tables.get(key);
		if (start === undefined) {
			start = this.nextTable;
			const bytes = 2 ** this.config.levels[level]! * this.config.entry;
			this.nextTable += BigInt(Math.ceil(bytes / 4096) * 4096);
			this.tables.set(key, start);
		}
		return start;
	}
}

/** The walker of one CPU with its paging-structure caches. */
export class Walker {
	private readonly config: WalkConfig;
	private readonly tables: PageTables;
	/** For each level, the keys of entries that point to tables, least recently used first. */
	private readonly structureCaches: Set<string>[];
	private readonly readEntry: (physical: bigint) => void;

	constructor(config: WalkConfig, tables: PageTables, readEntry: (physical: bigint) => void) {
		this.config = config;
		this.tables = tables;
		this.structureCaches = config.caches.map(() => new Set<string>());
		this.readEntry = readEntry;
	}

	/** Reads one entry per level, from the root or from below the deepest hit in the paging-structure caches, to the leaf. */
	walk(asid: number, virtual: bigint, page: Page, counts: WalkCounts): void {
		counts.walks++;
		if (!this.config.enabled) return;
		const leaf = this.tables.leafOf(page);
		let level = 0;
		for (let above = leaf - 1; above >= 0; above--) {
			if (!this.structureCaches[above]?.has(this.key(asid, above, virtual))) continue;
			this.use(asid, above, virtual);
			counts.cacheHits++;
			level = above + 1;
			break;
		}
		for (; level <= leaf; level++) {
			counts.reads++;
			this.readEntry(this.tables.entry(asid, level, virtual));
			if (level < leaf) this.use(asid, level, virtual);
		}
	}

	/** Forgets entries of an address space (undefined: of all) whose span touches [first, last]. */
	shootDown(asid: number | undefined, first: bigint, last: bigint): void {
		for (const [level, cache] of this.structureCaches.entries()) {
			for (const key of [...cache]) {
				const [owner, number] = key.split(" ");
				const from = BigInt(number!) << BigInt(this.tables.spans[level]!);
				const to = from + (1n << BigInt(this.tables.spans[level]!)) - 1n;
				if (from <= last && to >= first && (asid === undefined || Number(owner) === asid)) cache.delete(key);
			}
		}
	}

	private key(asid: number, level: number, virtual: bigint): string {
		return `${asid} ${virtual >> BigInt(this.tables.spans[level]!)}`;
	}

	/** Makes the entry of this level the most recently used one of its cache. */
	private use(asid: number, level: number, virtual: bigint): void {
		const cache = this.structureCaches[level];
		const entries = this.config.caches[level] ?? 0;
		if (!cache || entries === 0) return;
		const key = this.key(asid, level, virtual);
		cache.delete(key);
		cache.add(key);
		if (cache.size > entries) {
			for (const oldest of cache) {
				cache.delete(oldest);
				break;
			}
		}
	}
}
