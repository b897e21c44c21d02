import type { CacheConfig } from "../../bindings/config.ts";
import type { CacheCounts } from "../../bindings/counts.ts";
import {
	above,
	afterOthersRead,
	isAlone,
	isDirty,
	type Protocol,
	type State,
	supplies,
	whenShared,
} from "./coherence.ts";
import { type Policy, policyOf, type Random } from "./replacement.ts";
import { type MissClass, Shadow } from "./shadow.ts";

/** A place in memory under both of its names. */
export interface Address {
	virtual: bigint;
	physical: bigint;
}

/** Reads that look for a line and allocate it; a "fill" is a fill for a write, a "posted fill" one that no CPU waits for. */
export type ReadKind = "fetch" | "read" | "fill" | "posted fill" | "walk";
export type Kind = ReadKind | "write";

interface Line {
	/** Where the line starts, as the reference that brought it in named it. */
	start: Address;
	state: State;
}

interface CacheSet {
	ways: (Line | undefined)[];
	policy: Policy;
}

/** What a cache asks of the machine around it. */
export interface Surroundings {
	/** The row of this cache and a CPU: the one whose reference is being simulated if none is given. */
	row(cache: number, cpu?: number): CacheCounts;
	missed(cache: number, tagAddress: bigint, set: number): void;
	protocol: Protocol;
	/** The caches to ask before this one's next level is: of CPUs that it meets there. Inner levels first. */
	others(cache: Cache): Cache[];
	aliases: boolean;
}

/** One instance of a cache level. */
export class Cache {
	readonly config: CacheConfig;
	readonly index: number;
	readonly cpus: number[];
	/** Kept coherent with those of other CPUs. */
	readonly coherent: boolean;
	/** Lines that another CPU's write took and that have not been here since. */
	private readonly lost = new Set<bigint>();
	/** The next level; memory when there is none. */
	next: Cache | undefined;
	/** All instances from which references reach this one, near or far. */
	readonly above: Cache[] = [];
	private readonly sets: CacheSet[];
	private readonly shadow: Shadow | undefined;
	private readonly around: Surroundings;

	constructor(
		config: CacheConfig,
		index: number,
		cpus: number[],
		coherent: boolean,
		random: Random,
		classify: boolean,
		around: Surroundings,
	) {
		this.config = config;
		this.index = index;
		this.cpus = cpus;
		this.coherent = coherent;
		this.around = around;
		this.sets = Array.from({ length: config.sets }, () => ({
			ways: Array.from({ length: config.ways }, () => undefined),
			policy: policyOf(config.replacement, config.ways, random),
		}));
		if (classify) this.shadow = new Shadow(config.sets * config.ways);
	}

	// ---- what a reference does ----

	/**
	 * Read or fetch. hit: touch. Miss: (1) the line is read from `next`; (2) it is allocated (a victim is chosen and leaves).
	 * Returns the state in which the reader may hold it; a dirty line moves up when it hits in an exclusive level.
	 */
	read(at: Address, kind: ReadKind, reader: { takesDirty: boolean }): State {
		if (isForWrite(kind)) this.own(at);
		const way = this.find(at);
		this.count(kind, [at], way === undefined ? at : undefined);
		if (this.config.inclusion === "exclusive") return this.readHereExclusive(at, way, kind, reader);
		if (way !== undefined) {
			this.setOf(at).policy.hit(way);
			return above(this.setOf(at).ways[way]!.state);
		}
		const state = this.readNext(at, kind);
		this.allocate(at, state);
		return above(state);
	}

	/**
	 * A demand read that hits removes the line from here and moves it up, its dirty state with it (a fetch into an instruction
	 * cache, whose lines are never dirty, first writes a dirty line to the next level); a demand read that misses reads `next`
	 * and is not allocated here.
	 */
	private readHereExclusive(at: Address, way: number | undefined, kind: ReadKind, reader: { takesDirty: boolean }) {
		if (way === undefined) return this.readNext(at, kind, reader);
		const ways = this.setOf(at).ways;
		const line = ways[way]!;
		ways[way] = undefined;
		if (isDirty(line.state) && !reader.takesDirty) {
			this.row().writebacks++;
			this.writeBackToNext(line.start, this.config.line, this.onTheWayOut(line.state));
			return above(line.state);
		}
		return line.state;
	}

	/** A write from the CPU, or the write-through of a part of a line from an inner level. */
	write(at: Address, by: "CPU" | "write-through" = "CPU"): void {
		const { write, allocate, writebacks, inclusion } = this.config;
		// without write-backs it stays the CPU's write, at whatever level it arrives
		const onwards = writebacks ? "write-through" : by;
		this.own(at);
		const way = this.find(at);
		this.count("write", [at], way === undefined ? at : undefined);
		if (way !== undefined) {
			this.setOf(at).policy.hit(way);
			if (write === "back") this.markDirty(at, way, "M");
			else this.next?.write(at, onwards);
			return;
		}
		// nobody takes the whole line, so what others wrote of it goes where this part goes
		if (inclusion === "exclusive" || !writebacks || !allocate) this.ask(this.lineStart(at), "write", false, false);
		if (inclusion === "exclusive") {
			// filled only by lines that leave the levels above
			this.next?.write(at, onwards);
		} else if (!writebacks) {
			// demand writes that miss look up `next` as writes
			this.next?.write(at, onwards);
			if (allocate) this.allocate(at, "E");
		} else if (!allocate) {
			this.next?.write(at, onwards);
		} else {
			const state = this.readNext(at, by === "CPU" ? "fill" : "posted fill");
			this.allocate(at, write === "back" ? "M" : state);
			if (write === "through") this.next?.write(at, onwards);
		}
	}

	/**
	 * A full-line write-back from an inner level whose lines (or what remains of them after splitting) have `size` bytes.
	 * hit: touch, mark dirty (a write-through level stays clean and passes it on). Miss: on an allocating level the line is
	 * allocated dirty without a fetch (a write-through level: allocated clean and passed on); on a no-allocate level it is
	 * passed to `next`. When this level's lines are larger, a miss on an allocating level does fetch the line first.
	 */
	private writeBack(at: Address, size: number, came: State): void {
		const { write, allocate, line, inclusion } = this.config;
		const way = this.find(at);
		this.count("write", [at], way === undefined ? at : undefined);
		if (way !== undefined) {
			this.setOf(at).policy.hit(way);
			const shared = this.coherent && came === "O" && !isAlone(this.setOf(at).ways[way]!.state);
			if (write === "back") this.markDirty(at, way, shared ? "O" : "M");
			else this.writeBackToNext(at, size, came);
			return;
		}
		// an exclusive level takes every line that leaves the levels above
		if (!allocate && inclusion !== "exclusive") {
			this.writeBackToNext(at, size, came);
			return;
		}
		let state: State = size < line ? this.readNext(at, "posted fill") : "E";
		const shared = this.coherent && came === "O";
		if (shared) state = "S";
		this.allocate(at, write === "back" ? (shared ? "O" : "M") : state);
		if (write === "through") this.writeBackToNext(at, size, came);
	}

	/** A clean victim offered to this exclusive level. One that finds its line here already touches it. */
	private offer(at: Address, state: State): void {
		const way = this.find(at);
		this.row().victims++;
		if (way !== undefined) {
			this.setOf(at).policy.hit(way);
			return;
		}
		this.row().victimMisses++;
		this.allocate(at, state);
	}

	/**
	 * straddle "once": whichever lines it touches here are looked up; it misses, once, if either misses; and on a miss the same
	 * bytes are looked up in the next level, again as one reference.
	 */
	once(parts: Address[], kind: Kind): void {
		if (this.config.writebacks || this.config.inclusion !== "nine")
			throw new Error("an access that counts once needs nine, no write-backs");
		const lines = parts.filter((part, i) => i === 0 || this.lineNumber(part) !== this.lineNumber(parts[0]!));
		let missed: Address | undefined;
		for (const part of lines) {
			const way = this.find(part);
			if (way !== undefined) {
				this.setOf(part).policy.hit(way);
				continue;
			}
			missed ??= part;
			if (kind !== "write" || this.config.allocate) this.allocate(part, "E");
		}
		this.count(kind, lines, missed);
		if (missed) this.next?.once(parts, kind);
	}

	// ---- lines coming and going ----

	/** A fill of L bytes from a level with lines of l < L makes L/l references there, in address order; with l >= L one. */
	private readBelow(at: Address, kind: ReadKind, reader: { takesDirty: boolean }): State {
		const next = this.next;
		if (!next) return "E";
		let state: State = "E";
		for (const part of parts(this.lineStart(at), this.config.line, next.config.line)) {
			const brought = next.read(part.at, kind, reader);
			if (next.config.line >= this.config.line || brought === "M") state = brought;
		}
		return state;
	}

	/** The caches of CPUs met behind this level are asked before the next level is. */
	private readNext(at: Address, kind: ReadKind, reader: { takesDirty: boolean } = this): State {
		if (this.around.others(this).length === 0) return this.readBelow(at, kind, reader);
		const writes = isForWrite(kind);
		const { supplier, keepers, handed } = this.ask(
			this.lineStart(at),
			writes ? "write" : "read",
			reader.takesDirty,
			true,
		);
		let dirty = handed;
		let state: State = "E";
		if (!supplier || this.hasInclusiveBelow()) {
			state = this.readBelow(at, kind, { takesDirty: reader.takesDirty && !keepers });
		} else if (writes && !isAlone(supplier)) {
			if (this.next?.ownFromHere(this.lineStart(at), reader.takesDirty)) dirty = true;
		}
		if (dirty) return "M";
		return keepers ? whenShared(this.around.protocol) : state;
	}

	// ---- coherence ----

	private hasInclusiveBelow(): boolean {
		for (let outer = this.next; outer; outer = outer.next) if (outer.config.inclusion === "inclusive") return true;
		return false;
	}

	/** Before a write: others must not have the line. */
	private own(at: Address): void {
		const way = this.find(at);
		if (!this.coherent || way === undefined || isAlone(this.setOf(at).ways[way]!.state)) return;
		this.row().upgrades++;
		const handed = this.ownFromHere(this.lineStart(at), this.takesDirty);
		const now = this.find(at);
		if (handed && now !== undefined) this.setOf(at).ways[now]!.state = "M";
	}

	/** From here outwards. Whether something dirty was handed over. */
	private ownFromHere(at: Address, takesDirty: boolean): boolean {
		if (!this.coherent) return false;
		const way = this.find(at);
		const line = way === undefined ? undefined : this.setOf(at).ways[way]!;
		if (line && !isAlone(line.state)) line.state = line.state === "O" ? "M" : "E";
		const { handed } = this.ask(at, "write", takesDirty, false);
		const further = this.next?.ownFromHere(at, takesDirty) ?? false;
		return handed || further;
	}

	/** All caches that this one's CPUs meet behind it learn of a read or write. */
	private ask(at: Address, event: "read" | "write", takesDirty: boolean, wants: boolean) {
		const { protocol } = this.around;
		const found = this.around.others(this).flatMap((cache) => cache.copies(at.physical));
		const giver =
			found.find(({ line }) => isDirty(line.state)) ??
			(wants ? found.find(({ line }) => supplies(protocol, line.state)) : undefined);
		const was = giver?.line.state;
		let keepers = false;
		for (const { cache, line } of found) {
			if (event === "read") {
				keepers = true;
				line.state = afterOthersRead(protocol, line.state);
			} else {
				cache.lose(line);
			}
		}
		let handed = false;
		if (giver && was) {
			const row = this.around.row(giver.cache.index, giver.cache.cpus[0]!);
			if (wants) row.interventions++;
			handed = isDirty(was) && event === "write" && takesDirty;
			const keptDirty = event === "read" && protocol === "moesi";
			if (isDirty(was) && !handed && !keptDirty) {
				row.writebacks++;
				const from = { virtual: giver.line.start.virtual, physical: at.physical };
				this.writeBackToNext(from, this.config.line, this.onTheWayOut(was));
			}
		}
		return { supplier: wants ? was : undefined, keepers, handed };
	}

	/** All copies of a physical line, whatever their virtual addresses. */
	copies(physical: bigint): { cache: Cache; line: Line }[] {
		return this.sets.flatMap(({ ways }) =>
			ways.flatMap((line) => (line?.start.physical === physical ? [{ cache: this as Cache, line }] : [])),
		);
	}

	/** A flush of the line at an address, if it is here. */
	flushAt(at: Address, by: "clean" | "remove" | "purge"): void {
		const way = this.find(at);
		if (way !== undefined) this.flush(this.setOf(at).ways[way]!, by);
	}

	/** Of all lines: set by set, in a set by the address that the tag is made of. */
	flushAll(by: "clean" | "remove" | "purge"): void {
		const { tag } = this.config;
		const other = tag === "virtual" ? "physical" : "virtual";
		for (const set of this.sets) {
			let last: Line | undefined;
			for (;;) {
				const rest = set.ways.filter((line): line is Line => line !== undefined && (!last || isBelow(last, line)));
				const next = rest.sort((a, b) => (isBelow(a, b) ? -1 : 1))[0];
				if (!next) break;
				last = { ...next };
				this.flush(next, by);
			}
		}
		function isBelow(a: Line, b: Line): boolean {
			if (a.start[tag] !== b.start[tag]) return a.start[tag] < b.start[tag];
			return a.start[other] < b.start[other];
		}
	}

	private flush(line: Line, by: "clean" | "remove" | "purge"): void {
		const was = line.state;
		if (by === "clean") {
			if (!isDirty(was)) return;
			this.row().flushed++;
			this.row().writebacks++;
			line.state = above(was);
			this.writeBackToNext(line.start, this.config.line, this.onTheWayOut(was));
			return;
		}
		const { ways } = this.sets.find((set) => set.ways.includes(line))!;
		ways[ways.indexOf(line)] = undefined;
		this.row().flushed++;
		this.removeAbove(line);
		if (by === "purge" || !isDirty(line.state)) return;
		this.row().writebacks++;
		this.writeBackToNext(line.start, this.config.line, this.onTheWayOut(line.state));
	}

	/** Lines and their states, for invariants. */
	lines(): { physical: bigint; state: State }[] {
		return this.sets.flatMap(({ ways }) =>
			ways.flatMap((line) => (line ? [{ physical: line.start.physical, state: line.state }] : [])),
		);
	}

	private lose(line: Line): void {
		for (const { ways } of this.sets) {
			const way = ways.indexOf(line);
			if (way >= 0) ways[way] = undefined;
		}
		this.around.row(this.index, this.cpus[0]!).lost++;
		this.lost.add(line.start.physical);
		this.removeAbove(line);
	}

	/** What a line's state means to the level that it goes to. */
	private onTheWayOut(state: State): State {
		if (!this.next?.coherent) return isDirty(state) ? "M" : "E";
		return state === "F" && this.around.others(this).length > 0 ? "S" : state;
	}

	/** Whether a dirty line can move in here from an exclusive level. */
	get takesDirty(): boolean {
		return this.config.serves !== "fetch" && this.config.write === "back" && this.config.writebacks;
	}

	/**
	 * An invalid way, lowest number first, is always used before a victim is chosen. The victim's copies above are gone before
	 * the new line is placed; the victim is written back, or offered, after.
	 */
	private allocate(at: Address, state: State): void {
		const { ways, policy } = this.setOf(at);
		const free = ways.indexOf(undefined);
		const way = free >= 0 ? free : policy.victim();
		const victim = ways[way];
		if (victim) {
			this.row().evictions++;
			this.removeAbove(victim);
		}
		ways[way] = { start: this.lineStart(at), state: this.config.writebacks || !isDirty(state) ? state : "E" };
		this.lost.delete(this.lineStart(at).physical);
		policy.filled(way);
		this.row().fills++;
		if (victim) this.leave(victim);
	}

	/** inclusive: every part of the line is removed from all levels above; if any removed copy was dirty, it is dirty. */
	private removeAbove(line: Line): void {
		if (this.config.inclusion !== "inclusive") return;
		for (const cache of this.above) {
			const removed = cache.remove(line.start.physical, this.config.line);
			if (removed && line.state !== "M") line.state = removed;
		}
	}

	/**
	 * Dirty: counted as write-back, written to `next` as a full-line write-back. Clean: offered to `next` if that is exclusive,
	 * else dropped.
	 */
	private leave(line: Line): void {
		if (isDirty(line.state)) {
			this.row().writebacks++;
			this.writeBackToNext(line.start, this.config.line, this.onTheWayOut(line.state));
		} else if (this.next?.config.inclusion === "exclusive") {
			// what nobody has kept coherent must not get among what is
			if (!this.coherent && this.next.coherent) return;
			this.next.offer(line.start, this.onTheWayOut(line.state));
		}
	}

	/** The same split holds for write-backs as for fills. */
	private writeBackToNext(start: Address, size: number, state: State): void {
		const next = this.next;
		if (!next) return;
		for (const part of parts(start, size, next.config.line)) next.writeBack(part.at, part.size, state);
	}

	/**
	 * Removes all lines within [physical, physical + size): every set is searched, so all colours.
	 * Counted for the first CPU of the instance that loses the line, whoever caused it. Returns the state of a dirty one.
	 */
	private remove(physical: bigint, size: number): State | undefined {
		let dirty: State | undefined;
		for (const { ways } of this.sets) {
			for (const [way, line] of ways.entries()) {
				if (!line || line.start.physical < physical || line.start.physical >= physical + BigInt(size)) continue;
				ways[way] = undefined;
				this.around.row(this.index, this.cpus[0]!).invalidations++;
				if (isDirty(line.state) && dirty !== "M") dirty = line.state;
			}
		}
		return dirty;
	}

	/** `writebacks: false`: lines never become dirty */
	private markDirty(at: Address, way: number, state: State): void {
		if (this.config.writebacks) this.setOf(at).ways[way]!.state = state;
	}

	// ---- where a line is ----

	private lineStart(at: Address): Address {
		const mask = ~(BigInt(this.config.line) - 1n);
		return { virtual: at.virtual & mask, physical: at.physical & mask };
	}

	/** line number = address / line, by the address the tag is made of */
	private lineNumber(at: Address): bigint {
		return at[this.config.tag] / BigInt(this.config.line);
	}

	/** What makes it the same line: a virtually tagged one belongs to the physical line it was filled from. */
	private identity(at: Address): string {
		const { virtual, physical } = this.lineStart(at);
		return this.config.tag === "virtual" ? `${virtual} ${physical}` : `${physical}`;
	}

	/** set = line number mod sets, by the address the index is made of */
	private setNumber(at: Address): number {
		return Number((at[this.config.index] / BigInt(this.config.line)) % BigInt(this.config.sets));
	}

	private setOf(at: Address): CacheSet {
		return this.sets[this.setNumber(at)]!;
	}

	/**
	 * The way that holds this line. A physical tag decides alone; a virtual one holds only for the physical line that it was
	 * filled from, so that address spaces do not meet in a VIVT cache.
	 */
	private find(at: Address): number | undefined {
		const { virtual, physical } = this.lineStart(at);
		const way = this.setOf(at).ways.findIndex(
			(line) => line?.start.physical === physical && (this.config.tag === "physical" || line.start.virtual === virtual),
		);
		return way < 0 ? undefined : way;
	}

	// ---- counting ----

	private row(): CacheCounts {
		return this.around.row(this.index);
	}

	/** Counts one reference to these lines (two only for a pair), `missed` being the first that was not found. */
	private count(kind: Kind, lines: Address[], missed: Address | undefined): void {
		const row = this.row();
		const miss = missed ? 1 : 0;
		switch (kind) {
			case "fetch":
				row.fetches++;
				row.fetchMisses += miss;
				break;
			case "read":
				row.reads++;
				row.readMisses += miss;
				break;
			case "fill":
			case "posted fill": {
				const posted = kind === "posted fill" ? 1 : 0;
				row.reads++;
				row.readMisses += miss;
				row.writeFills++;
				row.writeFillMisses += miss;
				row.postedFills += posted;
				row.postedFillMisses += posted * miss;
				break;
			}
			case "walk":
				row.walkReads++;
				row.walkReadMisses += miss;
				break;
			case "write":
				row.writes++;
				row.writeMisses += miss;
				break;
		}
		for (const line of lines) {
			const missClass: MissClass | undefined = this.shadow?.reference(this.identity(line));
			if (missClass && line === missed) row[missClass]++;
		}
		if (missed && this.around.aliases && (this.config.index === "virtual" || this.config.tag === "virtual")) {
			const start = this.lineStart(missed);
			if (this.copies(start.physical).length > 0) row.synonyms++;
			const same = this.setOf(missed).ways.some((line) => line?.start.virtual === start.virtual);
			if (this.config.tag === "virtual" && same) row.homonyms++;
		}
		if (missed && this.lost.has(this.lineStart(missed).physical)) row.coherenceMisses++;
		if (missed) this.around.missed(this.index, missed[this.config.tag], this.setNumber(missed));
	}
}

function isForWrite(kind: ReadKind): boolean {
	return kind === "fill" || kind === "posted fill";
}

/** `size` bytes from `start` in pieces of at most `piece` bytes, in address order. */
function* parts(start: Address, size: number, piece: number): Generator<{ at: Address; size: number }> {
	const step = Math.min(size, piece);
	for (let offset = 0; offset < size; offset += step) {
		const by = BigInt(offset);
		yield { at: { virtual: start.virtual + by, physical: start.physical + by }, size: step };
	}
}
