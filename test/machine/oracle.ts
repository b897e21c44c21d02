// What a machine must do, said a second time, slowly: lists and maps, no bytes, no sharing of code with the core. It covers what
// people do most: mappings, accesses, caches, translations, store buffers, devices. Versions grow for ever here; where the core
// numbers those in use, the comparison does (`ranks`).

export interface OracleOptions {
	cpus: number;
	/** Pages and their colours. */
	pages: Record<string, number>;
	frames: string[];
	/** Virtually indexed level of each CPU, and whether there is a shared one behind it that takes clean victims. */
	outer: "none" | "plain" | "victims";
	tso: boolean;
	window: number;
	dmaSnoops: boolean;
	/** How private caches follow each other for lines of the same colour. */
	coherence: "none" | "mesi" | "moesi";
	/** Pages that lie in a large one, in their order. */
	large?: { page: string; parts: string[] };
	attributes?: Record<string, "uncached" | "writeThrough" | "incoherent">;
	/** There is an instruction cache, which nobody tells of writes. */
	fetches?: boolean;
	/** Invalidations that are posted are done one at a time. */
	onePurge?: boolean;
}

interface Copy {
	version: number;
	value: number;
	dirty: boolean;
	/** It was told, or did not ask, that no other CPU has the line, and nobody has asked since. */
	alone?: boolean;
}

interface Entry {
	frame: string;
	writable: boolean;
	accessed: boolean;
	dirty: boolean;
	/** A flush of this page was said to have returned while it was still there, and old. */
	condemned?: boolean;
}

interface Pending {
	page: string;
	/** A store to the page table, or to memory through a translation. */
	entry?: Entry | null;
	frame?: string;
	condemned?: boolean;
	value: number;
}

export type OracleAction =
	| { do: "load" | "store"; cpu: number; page: string; value: number }
	| { do: "map"; cpu: number; page: string; frame: string }
	| { do: "unmap" | "tlb-insert" | "flush" | "clean" | "purge" | "tlb-evict" | "move-in"; cpu: number; page: string }
	| { do: "tlb-flush"; cpu: number; page: string; broadcast: boolean; posted: boolean }
	| { do: "tlb-drop" | "fetch"; cpu: number; page: string }
	| { do: "tlb-sync"; cpu: number }
	| { do: "tlb-write"; cpu: number; page: string; frame: string }
	| { do: "fetch-flush"; cpu: number; page?: string; broadcast: boolean }
	| { do: "drain"; cpu: number }
	| { do: "evict" | "write-back"; cpu: number; level: number; colour: number; frame: string }
	| { do: "dma-read" | "dma-write"; frame: string; value: number }
	| { do: "claim"; claim: "released"; frame: string }
	| { do: "claim"; claim: "flushed"; page: string };

const OUTER = "outer";

export class Oracle {
	readonly options: OracleOptions;
	/** By place (CPU and colour, or "outer") and frame: each frame has one line. */
	caches = new Map<string, Copy>();
	memory = new Map<string, Copy>();
	latest = new Map<string, number>();
	entries = new Map<string, Entry | null>();
	tlb: Map<string, Entry>[] = [];
	/** Pages whose translations a CPU has been told to drop. */
	posted: Set<string>[] = [];
	pending: Pending[][] = [];
	released = new Set<string>();
	hazards: string[] = [];

	constructor(options: OracleOptions) {
		this.options = options;
		for (const frame of options.frames) {
			this.memory.set(frame, { version: 0, value: 0, dirty: false });
			this.latest.set(frame, 0);
		}
		// All pages begin as aliases of one frame: where it is interesting.
		const first = { frame: options.frames[0]!, writable: true, accessed: false, dirty: false };
		for (const page of Object.keys(options.pages)) this.entries.set(page, { ...first });
		for (let cpu = 0; cpu < options.cpus; cpu++) {
			this.tlb.push(new Map());
			this.posted.push(new Set());
			this.pending.push([]);
		}
	}

	/** "refused", or the hazards there were. */
	apply(action: OracleAction): "refused" | string[] {
		this.hazards = [];
		const before = structuredClone({ entries: this.entries, tlb: this.tlb });
		if (this.#act(action)) return [...new Set(this.hazards)].sort();
		Object.assign(this, before);
		return "refused";
	}

	#act(action: OracleAction): boolean {
		const { tso, window } = this.options;
		const waits = "cpu" in action && tso && this.pending[action.cpu]!.length > 0;
		switch (action.do) {
			case "load": {
				const entry = this.#translate(action.cpu, action.page, false);
				if (!entry) return false;
				this.#judge(entry.frame, entry.condemned === true, false);
				const own = this.pending[action.cpu]!.findLast(({ frame }) => frame === entry.frame);
				if (!own) this.#read(action.cpu, action.page, entry.frame, true);
				return true;
			}
			case "store": {
				if (tso && this.pending[action.cpu]!.length === window) return false;
				const entry = this.#translate(action.cpu, action.page, true);
				if (!entry) return false;
				const store = {
					page: action.page,
					frame: entry.frame,
					condemned: entry.condemned === true,
					value: action.value,
				};
				if (tso) this.pending[action.cpu]!.push(store);
				else this.#perform(action.cpu, store);
				return true;
			}
			case "map":
			case "unmap": {
				const seen = this.pending[action.cpu]!.findLast(({ page, frame }) => page === action.page && !frame);
				const now = seen ? seen.entry : this.entries.get(action.page);
				if ((action.do === "map") === Boolean(now)) return false;
				if (action.do === "map" && this.released.has(action.frame)) return false;
				if (tso && this.pending[action.cpu]!.length === window) return false;
				const entry =
					action.do === "map" ? { frame: action.frame, writable: true, accessed: false, dirty: false } : null;
				if (tso) this.pending[action.cpu]!.push({ page: action.page, entry, value: 0 });
				else this.entries.set(action.page, entry);
				return true;
			}
			case "drain": {
				const store = this.pending[action.cpu]!.shift();
				if (!store) return false;
				this.#perform(action.cpu, store);
				return true;
			}
			case "tlb-insert":
				if (waits) return false;
				return this.#walk(action.cpu, action.page) !== undefined;
			case "flush":
			case "clean":
			case "purge": {
				if (waits) return false;
				const frame = this.#frame(action.cpu, action.page);
				if (!frame) return false;
				const place = this.#place(action.cpu, action.page);
				for (const other of this.#others(action.cpu, place, action.page)) this.#flush(other, frame, action.do, false);
				this.#flush(place, frame, action.do);
				return true;
			}
			case "tlb-flush":
				if (waits) return false;
				if ((action.posted || action.broadcast) && this.options.onePurge && this.#arePosted()) return false;
				for (const [cpu, tlb] of this.tlb.entries()) {
					if (!action.broadcast && cpu !== action.cpu) continue;
					if (!action.posted && this.#isStoring(cpu, action.page)) return false;
					for (const page of this.#sameAddress(action.page)) {
						if (!action.posted) tlb.delete(page);
						else if (tso || tlb.has(page)) this.posted[cpu]!.add(page);
					}
				}
				return true;
			case "tlb-drop":
				if (!this.posted[action.cpu]!.has(action.page) || this.#isStoring(action.cpu, action.page)) return false;
				this.posted[action.cpu]!.delete(action.page);
				this.tlb[action.cpu]!.delete(action.page);
				return true;
			case "tlb-sync":
				return !waits && !this.#arePosted();
			case "tlb-write":
				if (waits) return false;
				this.tlb[action.cpu]!.set(action.page, { frame: action.frame, writable: true, accessed: true, dirty: false });
				return true;
			case "fetch": {
				if (waits) return false;
				const entry = this.#translate(action.cpu, action.page, false);
				if (!entry) return false;
				this.#judge(entry.frame, entry.condemned === true, false);
				const place = `f${this.#place(action.cpu, action.page)}`;
				if (!this.options.fetches || this.options.attributes?.[action.page] === "uncached") {
					this.#read(action.cpu, action.page, entry.frame, true);
					return true;
				}
				if (!this.caches.has(at(place, entry.frame))) this.#fill(place, entry.frame);
				this.#compare(this.caches.get(at(place, entry.frame))!, entry.frame);
				return true;
			}
			case "fetch-flush": {
				if (waits) return false;
				const frame = action.page === undefined ? undefined : this.#frame(action.cpu, action.page);
				if (action.page !== undefined && !frame) return false;
				const colour = action.page === undefined ? undefined : this.options.pages[action.page];
				for (const where of [...this.caches.keys()]) {
					const [, cpu, of, line] = /^f(\d+)\.(\d+):(.*)$/.exec(where) ?? [];
					if (cpu === undefined || (!action.broadcast && Number(cpu) !== action.cpu)) continue;
					if (frame === undefined || (line === frame && Number(of) === colour)) this.caches.delete(where);
				}
				return true;
			}
			case "tlb-evict":
				return this.tlb[action.cpu]!.delete(action.page);
			case "move-in": {
				const entry = this.#held(action.cpu, action.page);
				if (this.options.large?.page === action.page || this.options.attributes?.[action.page] === "uncached")
					return false;
				if (!entry || this.caches.has(at(this.#place(action.cpu, action.page), entry.frame))) return false;
				this.#read(action.cpu, action.page, entry.frame, false);
				return true;
			}
			case "evict":
			case "write-back": {
				const fetches = action.level === (this.options.outer === "none" ? 1 : 2);
				const inner = `${action.cpu}.${action.colour}`;
				const place = action.level === 0 ? inner : fetches ? `f${inner}` : OUTER;
				const copy = this.caches.get(at(place, action.frame));
				if (fetches) return action.do === "evict" && this.caches.delete(at(place, action.frame));
				if (action.level === 1 && (action.colour > 0 || action.cpu > 0)) return false;
				if (!copy || (action.do === "write-back" && !copy.dirty)) return false;
				if (action.do === "evict") this.caches.delete(at(place, action.frame));
				this.#leave(place, action.frame, { ...copy });
				if (action.do === "write-back") copy.dirty = false;
				return true;
			}
			case "dma-read":
				if (this.released.has(action.frame)) this.hazards.push("UAI");
				if (this.options.dmaSnoops) this.#flushEverywhere(action.frame, "clean-through");
				this.#compare(this.memory.get(action.frame)!, action.frame);
				return true;
			case "dma-write":
				if (this.released.has(action.frame)) this.hazards.push("CORRUPT");
				if (this.options.dmaSnoops) this.#flushEverywhere(action.frame, "flush");
				this.memory.set(action.frame, { version: this.#stamp(action.frame), value: action.value, dirty: false });
				return true;
			case "claim":
				if (action.claim === "released") this.released.add(action.frame);
				else {
					const large = this.#large(action.page);
					const now = this.#mapped(action.page);
					const isOld = (entry: Entry | undefined) =>
						entry && (entry.frame !== now?.frame || entry.writable !== now.writable);
					for (const tlb of this.tlb) {
						const entry = tlb.get(action.page);
						if (entry && isOld(entry)) entry.condemned = true;
						const whole = large && tlb.get(large);
						if (whole && isOld(this.#part(action.page, whole))) whole.condemned = true;
					}
				}
				return true;
		}
	}

	#place(cpu: number, page: string): string {
		return `${cpu}.${this.options.pages[page]}`;
	}

	/** The large page that a page lies in. */
	#large(page: string): string | undefined {
		return this.options.large?.parts.includes(page) ? this.options.large.page : undefined;
	}

	/** What an entry of the large page says of a page in it. */
	#part(page: string, entry: Entry | null | undefined): Entry | undefined {
		const { frames, large } = this.options;
		const frame = entry && frames[frames.indexOf(entry.frame) + large!.parts.indexOf(page)];
		return frame ? { ...entry, frame } : undefined;
	}

	/** The page whose entry a walk ends at. */
	#leaf(page: string): string {
		const large = this.#large(page);
		return large && this.entries.get(large) ? large : page;
	}

	#mapped(page: string): Entry | null | undefined {
		const leaf = this.#leaf(page);
		return leaf === page ? this.entries.get(page) : this.#part(page, this.entries.get(leaf));
	}

	#held(cpu: number, page: string): Entry | undefined {
		const large = this.#large(page);
		return this.tlb[cpu]!.get(page) ?? (large ? this.#part(page, this.tlb[cpu]!.get(large)) : undefined);
	}

	#frame(cpu: number, page: string): string | undefined {
		return (this.#held(cpu, page) ?? this.#mapped(page))?.frame;
	}

	/** Pages whose translations are for one address. */
	#sameAddress(page: string): string[] {
		const { large } = this.options;
		const other = large?.page === page ? large.parts[0] : this.#large(page);
		return other === undefined ? [page] : [page, other];
	}

	#arePosted(): boolean {
		return this.posted.some(({ size }) => size > 0);
	}

	/** Whether stores are under way that a translation of a page was used for, or of what it lies in, or what lies in it. */
	#isStoring(cpu: number, of: string): boolean {
		const isSame = (page: string) => page === of || this.#large(page) === of || this.#large(of) === page;
		return this.pending[cpu]!.some(({ page, frame }) => frame !== undefined && isSame(page));
	}

	#walk(cpu: number, page: string): Entry | undefined {
		const leaf = this.#leaf(page);
		const entry = this.entries.get(leaf);
		if (!entry) return undefined;
		entry.accessed = true;
		this.tlb[cpu]!.set(leaf, { ...entry });
		return this.#held(cpu, page) && (leaf === page ? this.tlb[cpu]!.get(page) : this.#part(page, entry));
	}

	#translate(cpu: number, page: string, writes: boolean): Entry | undefined {
		let used = this.tlb[cpu]!.has(page) ? page : (this.#large(page) ?? page);
		let entry = this.#held(cpu, page);
		const walk = () => {
			used = this.#leaf(page);
			entry = this.#walk(cpu, page);
		};
		if (!entry) walk();
		if (!entry || !writes || entry.dirty) return entry;
		// The dirty bit is set in the page table as that is now.
		if (used !== this.#leaf(page)) walk();
		const now = this.entries.get(used);
		if (!entry || !now) return undefined;
		if (this.#mapped(page)?.frame !== entry.frame) walk();
		if (!entry) return undefined;
		now.dirty = true;
		this.tlb[cpu]!.get(used)!.dirty = true;
		return entry;
	}

	#judge(frame: string, condemned: boolean, writes: boolean): void {
		if (condemned) this.hazards.push("TLB");
		if (this.released.has(frame)) this.hazards.push(writes ? "CORRUPT" : "UAI");
	}

	#perform(cpu: number, store: Pending): void {
		if (!store.frame) {
			this.entries.set(store.page, store.entry ? { ...store.entry } : null);
			return;
		}
		this.#judge(store.frame, store.condemned === true, true);
		const attribute = this.options.attributes?.[store.page];
		const found = this.#own(cpu, store.frame);
		const version = this.#stamp(store.frame);
		if (attribute === "uncached") {
			if (found.length > 0) this.hazards.push("MEMTYPE");
			this.memory.set(store.frame, { version, value: store.value, dirty: false });
			return;
		}
		if (attribute === "writeThrough" && found.some(({ dirty }) => dirty)) this.hazards.push("MEMTYPE");
		const place = this.#place(cpu, store.page);
		const supplied = this.#snoop(cpu, place, store.frame, true, store.page);
		if (!supplied && !this.caches.has(at(place, store.frame))) this.#fill(place, store.frame);
		this.caches.set(at(place, store.frame), { version, value: store.value, dirty: true, alone: true });
		if (attribute !== "writeThrough") return;
		const how = found.length > 0 ? "clean" : "flush";
		for (const other of this.#others(cpu, place, store.page)) this.#flush(other, store.frame, how, false);
		this.#flush(place, store.frame, how);
	}

	/** Copies of a line in a CPU's data caches. */
	#own(cpu: number, frame: string): Copy[] {
		const places = [...this.caches].filter(([where]) => {
			return where === at(OUTER, frame) || (where.startsWith(`${cpu}.`) && where.endsWith(`:${frame}`));
		});
		return places.map(([, copy]) => copy);
	}

	#stamp(frame: string): number {
		const version = this.latest.get(frame)! + 1;
		this.latest.set(frame, version);
		return version;
	}

	#compare(copy: Copy, frame: string): void {
		if (copy.version !== this.latest.get(frame)) this.hazards.push("STALE");
	}

	#read(cpu: number, page: string, frame: string, judged: boolean): void {
		const place = this.#place(cpu, page);
		if (this.options.attributes?.[page] === "uncached") {
			if (this.#own(cpu, frame).length > 0) this.hazards.push("MEMTYPE");
			this.#compare(this.memory.get(frame)!, frame);
			return;
		}
		if (!this.caches.has(at(place, frame))) {
			const supplied = this.#snoop(cpu, place, frame, false, page);
			if (supplied) this.caches.set(at(place, frame), { ...supplied, dirty: false, alone: false });
			else {
				this.#fill(place, frame);
				const shared = this.#others(cpu, place, page).some((other) => this.caches.has(at(other, frame)));
				this.caches.get(at(place, frame))!.alone = !shared;
			}
		}
		if (judged) this.#compare(this.caches.get(at(place, frame))!, frame);
	}

	/** Asks the other CPUs for that colour's copies: gone before a write. Gives the dirty one, if there was one. */
	#snoop(cpu: number, place: string, frame: string, writes: boolean, page: string): Copy | undefined {
		let supplied: Copy | undefined;
		if (writes && this.caches.get(at(place, frame))?.alone) return undefined;
		for (const theirs of this.#others(cpu, place, page)) {
			const copy = this.caches.get(at(theirs, frame));
			if (!copy) continue;
			copy.alone = false;
			if (copy.dirty) supplied = { ...copy };
			if (writes) this.caches.delete(at(theirs, frame));
			else if (copy.dirty && this.options.coherence === "mesi") {
				copy.dirty = false;
				this.#leave(theirs, frame, { ...copy, dirty: true });
			}
		}
		return supplied;
	}

	/** The same colour's places on the other CPUs, where these follow each other, and are asked. */
	#others(cpu: number, place: string, page: string): string[] {
		if (this.options.coherence === "none" || this.options.attributes?.[page] === "incoherent") return [];
		const all = Array.from({ length: this.options.cpus }, (_, other) => other).filter((other) => other !== cpu);
		return all.map((other) => `${other}.${place.split(".")[1]}`);
	}

	/** Brings a line into a place, from the outer level or memory. */
	#fill(place: string, frame: string): void {
		const outside = this.memory.get(frame)!;
		if (this.options.outer !== "none" && !this.caches.has(at(OUTER, frame))) {
			this.caches.set(at(OUTER, frame), { ...outside, dirty: false });
		}
		const from = this.caches.get(at(OUTER, frame)) ?? outside;
		this.caches.set(at(place, frame), { version: from.version, value: from.value, dirty: false });
	}

	/** A copy goes down from a place: written back if dirty, else offered. */
	#leave(place: string, frame: string, copy: Copy): void {
		const below = place === OUTER || this.options.outer === "none" ? undefined : this.caches.get(at(OUTER, frame));
		const isInner = place !== OUTER && this.options.outer !== "none";
		if (copy.dirty) {
			const under = isInner ? below : this.memory.get(frame);
			if (under && copy.version < under.version) this.hazards.push("LOSTW");
			const written = { version: copy.version, value: copy.value };
			if (isInner) this.caches.set(at(OUTER, frame), { ...written, dirty: true });
			else this.memory.set(frame, { ...written, dirty: false });
		} else if (isInner && this.options.outer === "victims" && !below?.dirty) {
			this.caches.set(at(OUTER, frame), { ...copy });
		}
	}

	#flush(place: string, frame: string, how: "flush" | "clean" | "purge" | "clean-through", through = true): void {
		for (const where of this.options.outer === "none" || !through ? [place] : [place, OUTER]) {
			const copy = this.caches.get(at(where, frame));
			if (!copy) continue;
			if (copy.dirty && how === "purge") this.hazards.push("LOSTW");
			if (copy.dirty && how !== "purge") this.#leave(where, frame, { ...copy });
			copy.dirty = false;
			if (how === "flush" || how === "purge") this.caches.delete(at(where, frame));
		}
	}

	#flushEverywhere(frame: string, how: "flush" | "clean-through"): void {
		for (let cpu = 0; cpu < this.options.cpus; cpu++) {
			for (const colour of new Set(Object.values(this.options.pages))) this.#flush(`${cpu}.${colour}`, frame, how);
		}
	}

	/** Of a frame's line: each version in use becomes the number of smaller ones. */
	ranks(frame: string): (version: number) => number {
		const used = new Set([this.latest.get(frame)!, this.memory.get(frame)!.version]);
		for (const [where, copy] of this.caches) if (where.endsWith(`:${frame}`)) used.add(copy.version);
		const order = [...used].sort((a, b) => a - b);
		return (version) => order.indexOf(version);
	}
}

export function at(place: string, frame: string): string {
	return `${place}:${frame}`;
}
