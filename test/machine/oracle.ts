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
}

interface Copy {
	version: number;
	value: number;
	dirty: boolean;
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
	| { do: "tlb-flush"; cpu: number; page: string; broadcast: boolean }
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
			this.pending.push([]);
		}
	}

	/** "refused", or the hazards there were. */
	apply(action: OracleAction): "refused" | string[] {
		this.hazards = [];
		return this.#act(action) ? [...new Set(this.hazards)].sort() : "refused";
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
				const frame = (this.tlb[action.cpu]!.get(action.page) ?? this.entries.get(action.page))?.frame;
				if (!frame) return false;
				const place = this.#place(action.cpu, action.page);
				for (const other of this.#others(action.cpu, place)) this.#flush(other, frame, action.do, false);
				this.#flush(place, frame, action.do);
				return true;
			}
			case "tlb-flush":
				if (waits) return false;
				for (const [cpu, tlb] of this.tlb.entries()) {
					if (action.broadcast || cpu === action.cpu) tlb.delete(action.page);
				}
				return true;
			case "tlb-evict":
				return this.tlb[action.cpu]!.delete(action.page);
			case "move-in": {
				const entry = this.tlb[action.cpu]!.get(action.page);
				if (!entry || this.caches.has(at(this.#place(action.cpu, action.page), entry.frame))) return false;
				this.#read(action.cpu, action.page, entry.frame, false);
				return true;
			}
			case "evict":
			case "write-back": {
				const place = action.level === 0 ? `${action.cpu}.${action.colour}` : OUTER;
				const copy = this.caches.get(at(place, action.frame));
				if (action.level === 1 && (action.colour > 0 || action.cpu > 0)) return false;
				if (!copy || (action.do === "write-back" && !copy.dirty)) return false;
				if (action.do === "evict") this.caches.delete(at(place, action.frame));
				this.#leave(place, action.frame, { ...copy });
				if (action.do === "write-back") copy.dirty = false;
				return true;
			}
			case "dma-read":
				if (this.options.dmaSnoops) this.#flushEverywhere(action.frame, "clean-through");
				this.#compare(this.memory.get(action.frame)!, action.frame);
				return true;
			case "dma-write":
				if (this.options.dmaSnoops) this.#flushEverywhere(action.frame, "flush");
				this.memory.set(action.frame, { version: this.#stamp(action.frame), value: action.value, dirty: false });
				return true;
			case "claim":
				if (action.claim === "released") this.released.add(action.frame);
				else {
					const now = this.entries.get(action.page);
					for (const tlb of this.tlb) {
						const entry = tlb.get(action.page);
						if (entry && (entry.frame !== now?.frame || entry.writable !== now.writable)) entry.condemned = true;
					}
				}
				return true;
		}
	}

	#place(cpu: number, page: string): string {
		return `${cpu}.${this.options.pages[page]}`;
	}

	#walk(cpu: number, page: string): Entry | undefined {
		const entry = this.entries.get(page);
		if (!entry) return undefined;
		entry.accessed = true;
		const found = { ...entry };
		this.tlb[cpu]!.set(page, found);
		return found;
	}

	#translate(cpu: number, page: string, writes: boolean): Entry | undefined {
		const known = this.tlb[cpu]!.get(page);
		let entry = known ?? this.#walk(cpu, page);
		if (!entry || !writes || entry.dirty) return entry;
		// The dirty bit is set in the page table as that is now.
		const now = this.entries.get(page);
		if (!now) return undefined;
		if (now.frame !== entry.frame) entry = this.#walk(cpu, page)!;
		now.dirty = true;
		entry.dirty = true;
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
		const place = this.#place(cpu, store.page);
		const version = this.#stamp(store.frame);
		const supplied = this.#snoop(cpu, place, store.frame, true);
		if (!supplied && !this.caches.has(at(place, store.frame))) this.#fill(place, store.frame);
		this.caches.set(at(place, store.frame), { version, value: store.value, dirty: true });
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
		if (!this.caches.has(at(place, frame))) {
			const supplied = this.#snoop(cpu, place, frame, false);
			if (supplied) this.caches.set(at(place, frame), { ...supplied, dirty: false });
			else this.#fill(place, frame);
		}
		if (judged) this.#compare(this.caches.get(at(place, frame))!, frame);
	}

	/** Asks the other CPUs for that colour's copies: gone before a write. Gives the dirty one, if there was one. */
	#snoop(cpu: number, place: string, frame: string, writes: boolean): Copy | undefined {
		let supplied: Copy | undefined;
		for (const theirs of this.#others(cpu, place)) {
			const copy = this.caches.get(at(theirs, frame));
			if (!copy) continue;
			if (copy.dirty) supplied = { ...copy };
			if (writes) this.caches.delete(at(theirs, frame));
			else if (copy.dirty && this.options.coherence === "mesi") {
				copy.dirty = false;
				this.#leave(theirs, frame, { ...copy, dirty: true });
			}
		}
		return supplied;
	}

	/** The same colour's places on the other CPUs, where these follow each other. */
	#others(cpu: number, place: string): string[] {
		if (this.options.coherence === "none") return [];
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
