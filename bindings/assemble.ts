import {
	CACHE_ALLOCATE,
	CACHE_EXCLUSIVE,
	CACHE_INDEX_VIRTUAL,
	CACHE_TAKES_CLEAN,
	PROTOCOL_MESI,
	PROTOCOL_MESIF,
	PROTOCOL_MOESI,
	PROTOCOL_NONE,
} from "./layout/machine.ts";
import * as L from "./layout/program.ts";
import type {
	Compare,
	Fence,
	FrameKind,
	Instruction,
	Location,
	Operation,
	Operator,
	Program,
	Value,
} from "./program.ts";

/** The hardware that a program runs on, as far as it can tell. */
export interface Hardware {
	model: "sc" | "tso" | "arm8" | "rcpc";
	/** Operations that a CPU may have pending; default: as many as the program can have, at most 8. */
	window?: number;
	/** Page tables are walked by hardware, speculatively too. */
	walker: boolean;
	/** The walker sets accessed and dirty bits. */
	accessedBits: boolean;
	/** A walker may load a second translation beside an old one of another frame, and the two are in conflict. */
	breakBeforeMake: boolean;
	/** Lines come in unasked through live translations. */
	moveIn: boolean;
	/** TLB flushes with scope "broadcast" reach all CPUs by hardware. */
	broadcast: boolean;
	/** Devices see the caches. */
	dmaSnoops: boolean;
	/** Invalidations that are posted are done one at a time. */
	onePurge?: boolean;
	/** Entries and lines may leave by themselves. */
	evictions: boolean;
	/** How private caches of several CPUs follow each other, colour by colour; default: not at all. */
	coherence?: "none" | "mesi" | "mesif" | "moesi";
	/** Data caches that a program can tell from memory, from the CPU outwards; after them, perhaps, an instruction cache. */
	levels: HardwareLevel[];
	/** So many of the levels are in front of where instructions and data meet; default: all. */
	unification?: number;
}

export interface HardwareLevel {
	virtual: boolean;
	shared: boolean;
	takesClean: boolean;
	exclusive: boolean;
	/** An instruction cache that nobody tells of writes; it reads from this level, or (null) memory. */
	fetchesFrom?: number | null;
}

/** What became of a program: its bytes, and where its observed values are. */
export interface AssembleOptions {
	/** TLBs as the sets of what they could hold, where that is the same to the program (default true). */
	mayHold?: boolean;
	/** Invalidations wait: those that are posted to be done, and the others for stores under way (default true). */
	posted?: boolean;
	/** A machine that is held, and told what to do (assembly/drive/hold.ts): it has everything (default false). */
	held?: boolean;
}

export interface Assembled {
	bytes: Uint8Array;
	hardware: Hardware;
	/** HAS_* of layout/program.ts. */
	flags: number;
	window: number;
	/** Levels of cache that are part of the state, and colours. */
	levels: number;
	colours: number;
	/** Registers of each actor that are part of the state, by their old numbers. */
	registers: number[][];
	/** What `work` names, by number. */
	works: string[];
	/** With HAS_MAY_HOLD: the translations that each mapping can have. */
	translations?: number[][];
}

const TESTS: Record<Compare, number> = {
	"==": L.TEST_EQUAL,
	"!=": L.TEST_NOT_EQUAL,
	"<": L.TEST_BELOW,
	"<=": L.TEST_AT_MOST,
	">": L.TEST_ABOVE,
	">=": L.TEST_AT_LEAST,
	odd: L.TEST_ODD,
	even: L.TEST_EVEN,
};
const OPERATORS: Record<Operator, number> = {
	"+": L.ALU_ADD,
	"-": L.ALU_SUB,
	"&": L.ALU_AND,
	"|": L.ALU_OR,
	"^": L.ALU_XOR,
	clamp: L.ALU_CLAMP,
};
const FENCES: Record<Fence, number> = {
	full: L.FENCE_FULL,
	store: L.FENCE_STORE,
	load: L.FENCE_LOAD,
	acquire: L.FENCE_ACQUIRE,
	release: L.FENCE_RELEASE,
	compiler: L.FENCE_COMPILER,
	speculation: L.FENCE_SPECULATION,
};
const MODIFICATIONS = {
	swap: L.RMW_SWAP,
	add: L.RMW_ADD,
	sub: L.RMW_SUB,
	and: L.RMW_AND,
	or: L.RMW_OR,
	xor: L.RMW_XOR,
	cas: L.RMW_CAS,
};
const ORDERS = {
	plain: L.ORDER_PLAIN,
	acquire: L.ORDER_ACQUIRE,
	release: L.ORDER_RELEASE,
	full: L.ORDER_FULL,
};
const KINDS: Record<FrameKind, number> = {
	ram: L.PAGE_RAM,
	hole: L.PAGE_HOLE,
	"no-struct-page": L.PAGE_NO_STRUCT,
	"driver-reserved": L.PAGE_DRIVER,
	zero: L.PAGE_ZERO,
	"zone-device": L.PAGE_ZONE_DEVICE,
	tail: L.PAGE_TAIL,
	"compound-head": L.PAGE_COMPOUND_HEAD,
	"compound-tail": L.PAGE_COMPOUND_TAIL,
};
const CACHE_OPS = { flush: L.CACHE_OP_FLUSH, clean: L.CACHE_OP_CLEAN, purge: L.CACHE_OP_PURGE };
const CLAIMS = {
	released: L.CLAIM_RELEASED,
	recycled: L.CLAIM_RECYCLED,
	flushed: L.CLAIM_FLUSHED,
	"handed-over": L.CLAIM_HANDED_OVER,
	gained: L.CLAIM_GAINED,
	"up-to-date": L.CLAIM_UP_TO_DATE,
	unmapped: L.CLAIM_UNMAPPED,
	balanced: L.CLAIM_BALANCED,
};
const ACTORS = {
	thread: L.RUNS_AS_THREAD,
	irq: L.RUNS_AS_IRQ,
	nmi: L.RUNS_AS_NMI,
	device: L.RUNS_AS_DEVICE,
};
const MODELS = { sc: L.MODEL_SC, tso: L.MODEL_TSO, arm8: L.MODEL_ARM8, rcpc: L.MODEL_RCPC };

const PROTOCOLS = { none: PROTOCOL_NONE, mesi: PROTOCOL_MESI, mesif: PROTOCOL_MESIF, moesi: PROTOCOL_MOESI };

const MOST_PENDING = 8;

function place(at: Location): number {
	if (at.in === "var") return at.of === "self" ? L.IN_OWN_VAR : at.of === "target" ? L.IN_TARGET_VAR : L.IN_VAR;
	return at.in === "page" ? L.IN_PAGE : at.in === "pte" ? L.IN_PTE : L.IN_TABLE;
}

function values(i: Instruction): Value[] {
	switch (i.op) {
		case "store":
		case "await":
			return [i.value];
		case "rmw":
			return i.expected ? [i.value, i.expected] : [i.value];
		case "dma":
			return i.value ? [i.value] : [];
		case "set":
		case "unless":
			return [i.left, i.right];
		case "work":
			return [i.times];
		case "tlb-write":
			return [i.entry];
		default:
			return [];
	}
}

function location(i: Instruction): Location | undefined {
	return "at" in i ? i.at : undefined;
}

/** Registers whose values can matter: something takes them, or they are observed. */
function liveRegisters(program: Program, actor: number): number[] {
	const live = new Set<number>();
	for (const i of program.actors[actor]?.code ?? []) {
		for (const value of values(i)) if ("reg" in value) live.add(value.reg);
		const at = location(i);
		if (at?.in === "page" && at.index !== undefined) live.add(at.index);
	}
	for (const of of program.observed ?? []) if ("actor" in of && of.actor === actor) live.add(of.reg);
	return [...live].sort((a, b) => a - b);
}

/** The parts of a machine that this program can tell are there. */
function features(program: Program, hardware: Hardware, registers: number[][]): number {
	const all = program.actors.flatMap((actor, number) => actor.code.map((i) => ({ i, number })));
	const has = (test: (i: Instruction, number: number) => boolean) => all.some(({ i, number }) => test(i, number));
	const into = (i: Instruction, number: number) =>
		"to" in i && typeof i.to === "number" && registers[number]?.includes(i.to) === true;
	const claims = (...names: string[]) => has((i) => i.op === "claim" && names.includes(i.claim));
	const changesTables = has(
		(i) => (i.op === "store" || i.op === "rmw" || i.op === "lock") && (i.at.in === "pte" || i.at.in === "table"),
	);
	const tlb =
		changesTables ||
		has(
			(i) =>
				i.op === "tlb-flush" ||
				i.op === "tlb-insert" ||
				i.op === "tlb-write" ||
				i.op === "tlb-read" ||
				i.op === "switch" ||
				i.op === "table-free",
		) ||
		(hardware.moveIn && hardware.levels.length > 0);
	const reads = has((i, number) => into(i, number) && location(i)?.in === "pte");
	let flags = 0;
	if (tlb) flags |= L.HAS_TLB;
	if (tlb && hardware.walker) flags |= L.HAS_WALKER;
	if (tlb && hardware.moveIn && hardware.levels.length > 0) flags |= L.HAS_MOVE_IN;
	if (hardware.accessedBits && reads) flags |= L.HAS_AD_BITS;
	if (hardware.breakBeforeMake && flags & L.HAS_WALKER) flags |= L.HAS_BREAK;
	if (has((i, number) => into(i, number) && (location(i)?.in === "page" || i.op === "fetch"))) flags |= L.HAS_VALUES;
	flags |= flagsOf(hardware);
	if (tlb && has((i) => i.op === "tlb-flush" && i.posted === true)) flags |= L.HAS_POSTED;
	if (has((i) => i.op === "ref") || claims("balanced")) flags |= L.HAS_REFERENCES;
	const frames =
		claims("released", "recycled", "handed-over", "gained", "unmapped", "balanced") ||
		has((i) => i.op === "page" || i.op === "struct-page" || i.op === "map-as");
	if (frames) flags |= L.HAS_FRAMES;
	return flags;
}

/** The most operations that a CPU can have pending: all that one of its actors can issue, or MOST_PENDING in a loop. */
function windowOf(program: Program, hardware: Hardware): number {
	if (hardware.model === "sc") return 0;
	const ops = hardware.model === "tso" ? ["store"] : ["load", "store", "rmw", "await", "fence", "set", "unless"];
	const perCpu = Array.from({ length: program.cpus }, (_, cpu) =>
		program.actors.filter((actor) => actor.cpu === cpu).reduce((sum, actor) => sum + pendingIn(actor.code, ops), 0),
	);
	return Math.max(1, Math.min(hardware.window ?? MOST_PENDING, Math.max(...perCpu)));
}

function pendingIn(code: Instruction[], ops: string[]): number {
	const loops = code.some((i, number) => "target" in i && i.target <= number);
	const count = code.filter((i) => ops.includes(i.op)).length;
	return loops && count > 0 ? Math.max(count, 4) : count;
}

/**
 * The translations that each mapping can have, where a TLB may be searched as the set of what it could hold: where entries come
 * and go by themselves at any time and nobody can tell whether they did. Else undefined.
 */
function translationsHeld(program: Program, hardware: Hardware, flags: number): number[][] | undefined {
	const able = L.HAS_TLB | L.HAS_WALKER | L.HAS_EVICTIONS;
	if ((flags & able) !== able || flags & (L.HAS_AD_BITS | L.HAS_MOVE_IN | L.HAS_BREAK)) return undefined;
	if (hardware.levels.length > 0 || (hardware.model !== "sc" && hardware.model !== "tso")) return undefined;
	if (flags & L.HAS_POSTED || program.vas.some((va) => va.within !== undefined || va.pinned || va.protected))
		return undefined;
	const held = program.vas.map((va) => new Set(va.frame === null ? [] : [pteOf(va)]));
	for (const { code } of program.actors) {
		for (const [number, i] of code.entries()) {
			if (location(i)?.in === "page" && (i.joined || code[number - 1]?.op === "each")) return undefined;
			if (["tlb-insert", "tlb-write", "tlb-read", "fetch"].includes(i.op)) return undefined;
			if ((i.op !== "store" && i.op !== "rmw") || i.at.in !== "pte") continue;
			if (!("constant" in i.value) || (i.op === "rmw" && i.kind !== "swap")) return undefined;
			const share = program.vas[i.at.va]?.pte;
			if (!(i.value.constant & L.PTE_PRESENT)) continue;
			for (const [number, va] of program.vas.entries()) if (va.pte === share) held[number]?.add(i.value.constant);
		}
	}
	const kinds = held.map((set) => {
		const distinct = new Map([...set].map((pte) => [pte & (0xf0 | L.PTE_PRESENT | L.PTE_WRITABLE), pte]));
		return [...distinct.keys()];
	});
	return kinds.every((list) => list.length <= L.TRANSLATIONS_HELD) ? kinds : undefined;
}

function pteOf(va: Program["vas"][number]): number {
	if (va.frame === null) return 0;
	return (
		L.PTE_PRESENT |
		(va.writable ? L.PTE_WRITABLE : 0) |
		(va.accessed ? L.PTE_ACCESSED : 0) |
		(va.dirty ? L.PTE_DIRTY : 0) |
		(va.frame << L.PTE_FRAME)
	);
}

/** Variables that only one CPU looks at: per-CPU ones that nobody else reaches, and shared ones used on one CPU. */
function ownVariables(program: Program): Set<number> {
	const users = program.vars.map(() => new Set<number | null>());
	for (const { cpu, code } of program.actors) {
		for (const i of code) {
			const at = location(i);
			if (at?.in !== "var") continue;
			users[at.var]?.add(at.of === "target" ? null : program.vars[at.var]?.perCpu ? -1 : cpu);
		}
	}
	return new Set(program.vars.map((_, v) => v).filter((v) => users[v]?.size === 1 && !users[v]?.has(null)));
}

/** Of a machine that is held: does what it is told, one slot more than operations can be pending (assembly/drive/hold.ts). */
export function isDriver({ code, kind }: Program["actors"][number]): boolean {
	return code.length === 0 && (kind === "thread" || kind === "device");
}

/** What a machine has that nobody has written a program for yet. */
function allOf(hardware: Hardware): number {
	let flags = L.HAS_TLB | L.HAS_VALUES | L.HAS_REFERENCES | L.HAS_FRAMES | L.HAS_POSTED;
	if (hardware.walker) flags |= L.HAS_WALKER;
	if (hardware.walker && hardware.breakBeforeMake) flags |= L.HAS_BREAK;
	if (hardware.moveIn && hardware.levels.length > 0) flags |= L.HAS_MOVE_IN;
	if (hardware.accessedBits) flags |= L.HAS_AD_BITS;
	return flags | flagsOf(hardware);
}

/** What a machine has whatever the program. */
function flagsOf(hardware: Hardware): number {
	let flags = L.HAS_STORES_FIRST | (PROTOCOLS[hardware.coherence ?? "none"] << L.HAS_COHERENCE);
	if (hardware.broadcast) flags |= L.HAS_BROADCAST;
	if (hardware.onePurge) flags |= L.HAS_ONE_PURGE;
	if (hardware.dmaSnoops) flags |= L.HAS_DMA_SNOOP;
	if (hardware.evictions) flags |= L.HAS_EVICTIONS;
	return flags;
}

function heldWindow(hardware: Hardware): number {
	return hardware.model === "sc" ? 0 : Math.max(1, Math.min(hardware.window ?? MOST_PENDING, MOST_PENDING));
}

/** Variables by their places among the shared ones, and among those of a CPU. */
function variablePlaces(program: Program): Map<number, number> {
	const places = new Map<number, number>();
	const next = { shared: 0, perCpu: 0 };
	program.vars.forEach((v, number) => {
		places.set(number, next[v.perCpu ? "perCpu" : "shared"]++);
	});
	return places;
}

/** Writes one operation of an actor all of whose registers are part of the state, into CODE_SIZE bytes. */
export function encode(operation: Operation, program: Program): Uint8Array {
	const out = new Bytes();
	const all = Array.from({ length: 16 }, (_, register) => register);
	const around = {
		vars: variablePlaces(program),
		own: new Set<number>(),
		works: [],
		endless: false,
		loop: undefined,
		unification: L.ALL_LEVELS,
	};
	writeInstruction(out, { ...operation, line: 0, text: "" }, all, around);
	return out.done();
}

class Bytes {
	private readonly data: number[] = [];
	u8(...bytes: number[]): void {
		for (const byte of bytes) this.data.push(byte & 0xff);
	}
	u16(value: number): void {
		this.u8(value, value >> 8);
	}
	u32(...values: number[]): void {
		for (const value of values) this.u8(value, value >> 8, value >> 16, value >> 24);
	}
	done(): Uint8Array {
		return Uint8Array.from(this.data);
	}
}

/** Writes a program, and the hardware it runs on, for the core. */
export function assemble(program: Program, hardware: Hardware, options: AssembleOptions = {}): Assembled {
	const { held = false, mayHold = true, posted = true } = options;
	const registers = program.actors.map((actor, number) =>
		held && isDriver(actor) ? actor.registers.map((_, register) => register) : liveRegisters(program, number),
	);
	let flags = held ? allOf(hardware) : features(program, hardware, registers);
	if (!posted) flags &= ~(L.HAS_POSTED | L.HAS_STORES_FIRST);
	const translations = held || !mayHold ? undefined : translationsHeld(program, hardware, flags);
	if (translations) flags |= L.HAS_MAY_HOLD;
	// Who holds a machine may look anywhere.
	const own = held ? new Set<number>() : ownVariables(program);
	const window = held ? heldWindow(hardware) : windowOf(program, hardware);
	const slots = (actor: Program["actors"][number]) => (held && isDriver(actor) ? window + 1 : 0);
	const pages = program.actors.some((actor) =>
		actor.code.some((i) => location(i)?.in === "page" || ["cache", "dma", "fetch"].includes(i.op)),
	);
	const levels = pages || held ? hardware.levels : [];
	const vars = variablePlaces(program);
	const shared = program.vars.map((v, number) => ({ v, number })).filter(({ v }) => !v.perCpu);
	const perCpu = program.vars.map((v, number) => ({ v, number })).filter(({ v }) => v.perCpu);
	const works = worksOf(program);
	const loops = new Map<string, number>();
	program.actors.forEach((actor, number) => {
		for (const i of actor.code)
			if (i.op === "each" && !loops.has(`${number}.${i.loop}`)) loops.set(`${number}.${i.loop}`, loops.size);
	});
	const out = new Bytes();
	let registerCount = 0;
	const firstRegister = registers.map((list) => {
		const first = registerCount;
		registerCount += list.length;
		return first;
	});
	let codeCount = 0;
	const firstCode = program.actors.map((actor) => {
		const first = codeCount;
		codeCount += actor.code.length + slots(actor);
		return first;
	});
	const firstLine: number[] = [];
	let lines = 0;
	for (const frame of program.frames) {
		firstLine.push(lines);
		lines += frame.lines;
	}
	const colours = Math.max(1, ...program.vas.map((va) => va.colour + 1));
	const groups = program.symmetric.filter((group) => group.length > 1);
	const header = [
		program.cpus,
		MODELS[hardware.model],
		flags,
		window,
		levels.length > 0 ? colours : 1,
		Math.max(lines, 1),
		loops.size,
		program.mms.length,
		registerCount,
		shared.length,
		perCpu.length,
		program.frames.length,
		program.tables.length,
		program.vas.length,
		levels.length,
		program.actors.length,
		groups.length,
		codeCount,
	];
	for (const field of header) out.u32(field);
	program.actors.forEach((actor, number) => {
		for (const register of registers[number] ?? []) out.u8(actor.initial?.[register] ?? 0);
	});
	for (const list of [shared, perCpu]) for (const { v } of list) out.u8(v.initial);
	program.frames.forEach((frame, number) => {
		out.u8(
			KINDS[frame.kind],
			frame.lines,
			firstLine[number] ?? 0,
			frame.references,
			frame.dirty ? L.IS_DIRTY : 0,
			0,
			0,
			0,
		);
	});
	for (const table of program.tables) out.u8(table.linked ? L.TABLE_LINKED : 0);
	const large = new Set(program.vas.map(({ within }) => within));
	for (const [number, va] of program.vas.entries()) {
		const pte = pteOf(va);
		const is =
			(va.half === "kernel" ? L.MAPPING_IS_KERNEL : 0) |
			(va.uncached ? L.MAPPING_IS_UNCACHED : 0) |
			(va.noMoveIn ? L.MAPPING_IS_QUIET : 0) |
			(va.pinned || va.protected ? L.MAPPING_IS_PINNED : 0) |
			(va.protected ? L.MAPPING_IS_PROTECTED : 0) |
			(large.has(number) ? L.MAPPING_IS_LARGE : 0) |
			(va.writeThrough ? L.MAPPING_IS_WRITE_THROUGH : 0) |
			(va.incoherent ? L.MAPPING_IS_INCOHERENT : 0);
		const bound = va.bound ?? (va.frame === null ? 255 : (program.frames[va.frame]?.lines ?? 255));
		out.u8(
			pte,
			va.pte,
			va.mm === null ? 0 : va.mm + 1,
			levels.length > 0 ? va.colour : 0,
			va.table === null ? 0 : va.table + 1,
			is,
			bound,
			va.within === undefined ? 0 : va.within + 1,
		);
		for (let k = 0; k < L.TRANSLATIONS_HELD; k++) out.u8(translations?.[number]?.[k] ?? 0);
		const part = program.vas.slice(0, number).filter(({ within }) => within === va.within).length;
		out.u8(va.within === undefined ? 0 : part, 0, 0, 0);
	}
	for (const [number, level] of levels.entries()) {
		const fetches = level.fetchesFrom !== undefined;
		const after = levels[number + 1];
		const next = fetches ? level.fetchesFrom : after && after.fetchesFrom === undefined ? number + 1 : null;
		out.u32(
			CACHE_ALLOCATE |
				(level.virtual ? CACHE_INDEX_VIRTUAL : 0) |
				(level.takesClean ? CACHE_TAKES_CLEAN : 0) |
				(level.exclusive ? CACHE_EXCLUSIVE : 0),
		);
		out.u8(level.shared ? 1 : 0, typeof next === "number" ? next + 1 : 0, fetches ? 1 : 0, 0);
	}
	program.actors.forEach((actor, number) => {
		out.u8(actor.cpu ?? L.ON_NO_CPU, ACTORS[actor.kind], actor.spontaneous ?? 0, registers[number]?.length ?? 0);
		out.u16(firstRegister[number] ?? 0);
		out.u16(firstCode[number] ?? 0);
		out.u16(actor.code.length);
		out.u8(actor.mm === null || actor.mm === undefined ? 0 : actor.mm + 1, 0);
	});
	for (const group of groups) out.u8(group.reduce((mask, cpu) => mask | (1 << cpu), 0));
	program.actors.forEach((actor, number) => {
		const around: number[] = [];
		for (const [place, i] of actor.code.entries()) {
			if (i.op === "each") around.push(loops.get(`${number}.${i.loop}`) ?? 0);
			const endless = i.op === "jump" && isEndless(actor.code, place, i.target);
			writeInstruction(out, i, registers[number] ?? [], {
				vars,
				own,
				works,
				endless,
				loop: around.at(-1),
				unification: hardware.unification ?? L.ALL_LEVELS,
			});
			if (i.op === "next") around.pop();
		}
		for (let slot = slots(actor); slot > 0; slot--) out.u32(0, 0, 0, 0);
	});
	const made = { bytes: out.done(), hardware, flags, window, levels: levels.length, colours, registers, works };
	return translations ? { ...made, translations } : made;
}

/** What `work` names, each once. */
export function worksOf(program: Program): string[] {
	const names = program.actors.flatMap(({ code }) => code.flatMap((i) => (i.op === "work" ? [i.what] : [])));
	return [...new Set(names)];
}

/** Whether a jump back closes a loop that nothing leads out of. */
function isEndless(code: Instruction[], from: number, to: number): boolean {
	if (to > from) return false;
	const leaves = (i: Instruction) => "target" in i && i.op !== "next" && (i.target > from || i.target < to);
	return !code.slice(to, from + 1).some(leaves);
}

interface Around {
	vars: Map<number, number>;
	own: Set<number>;
	works: string[];
	/** It is a jump that closes an endless loop. */
	endless: boolean;
	/** The "each" loop that it is in. */
	loop: number | undefined;
	/** Levels in front of where instructions and data meet. */
	unification: number;
}

function writeInstruction(out: Bytes, i: Instruction, registers: number[], around: Around): void {
	const { vars, own, loop } = around;
	let op = 0;
	let flags = i.joined ? L.FLAG_JOINED : 0;
	let kind = 0;
	let order = L.ORDER_PLAIN;
	let where = L.IN_NOTHING;
	let at = 0;
	let line = 0;
	let index = 0;
	let to = 0;
	let left = 0;
	let value = 0;
	let expected = 0;
	let target = 0;
	const register = (number: number) => Math.max(registers.indexOf(number), 0);
	const operand = (v: Value, flag: number): number => {
		if ("constant" in v) return v.constant;
		flags |= flag;
		return register(v.reg);
	};
	const result = (number: number | undefined) =>
		number === undefined || !registers.includes(number) ? 0 : register(number) + 1;
	const reach = (l: Location) => {
		where = place(l);
		at = l.in === "var" ? (vars.get(l.var) ?? 0) : l.in === "table" ? l.table : l.va;
		if (l.in !== "page") return;
		line = l.line;
		if (l.index !== undefined) index = register(l.index) + 1;
	};
	switch (i.op) {
		case "load":
			op = L.OP_LOAD;
			order = ORDERS[i.order];
			reach(i.at);
			to = result(i.to);
			break;
		case "store":
			op = L.OP_STORE;
			if (i.at.in === "var" && own.has(i.at.var)) flags |= L.FLAG_OWN;
			order = ORDERS[i.order];
			reach(i.at);
			value = operand(i.value, L.FLAG_VALUE_REGISTER);
			break;
		case "rmw":
			op = L.OP_RMW;
			kind = MODIFICATIONS[i.kind];
			order = ORDERS[i.order];
			reach(i.at);
			to = result(i.to);
			value = operand(i.value, L.FLAG_VALUE_REGISTER);
			if (i.expected) expected = operand(i.expected, L.FLAG_EXPECTED_REGISTER);
			break;
		case "await":
			op = L.OP_AWAIT;
			kind = TESTS[i.test];
			order = ORDERS[i.order];
			reach(i.at);
			to = result(i.to);
			value = operand(i.value, L.FLAG_VALUE_REGISTER);
			break;
		case "lock":
			op = L.OP_LOCK;
			order = L.ORDER_ACQUIRE;
			reach(i.at);
			if (i.class === "reclaim") flags |= L.FLAG_RECLAIM;
			break;
		case "join":
			op = L.OP_JOIN;
			at = i.actor;
			if (i.class === "reclaim") flags |= L.FLAG_RECLAIM;
			break;
		case "fence":
			op = L.OP_FENCE;
			kind = FENCES[i.kind];
			break;
		case "set":
			op = L.OP_SET;
			kind = OPERATORS[i.operator];
			to = result(i.to);
			left = operand(i.left, L.FLAG_LEFT_REGISTER);
			value = operand(i.right, L.FLAG_VALUE_REGISTER);
			break;
		case "unless":
			op = L.OP_UNLESS;
			kind = TESTS[i.test];
			left = operand(i.left, L.FLAG_LEFT_REGISTER);
			value = operand(i.right, L.FLAG_VALUE_REGISTER);
			target = i.target;
			if (i.speculates) flags |= L.FLAG_SPECULATES;
			break;
		case "work":
			op = L.OP_WORK;
			at = around.works.indexOf(i.what);
			value = operand(i.times, L.FLAG_VALUE_REGISTER);
			break;
		case "jump":
			op = L.OP_JUMP;
			if (around.endless) flags |= L.FLAG_ITERATES;
			target = i.target;
			break;
		case "each":
			op = L.OP_EACH;
			target = i.target;
			break;
		case "next":
			op = L.OP_NEXT;
			target = i.target;
			break;
		case "tlb-flush":
			op = L.OP_TLB_FLUSH;
			kind = i.va !== undefined ? L.SCOPE_PAGE : i.mm !== undefined ? L.SCOPE_MM : L.SCOPE_ALL;
			at = i.va ?? i.mm ?? 0;
			if (i.keepGlobal) flags |= L.FLAG_KEEPS_GLOBAL;
			if (i.scope === "broadcast") flags |= L.FLAG_BROADCAST;
			if (i.posted) flags |= L.FLAG_POSTED;
			break;
		case "tlb-sync":
			op = L.OP_TLB_SYNC;
			break;
		case "tlb-read":
			op = L.OP_TLB_READ;
			at = i.va;
			to = result(i.to);
			break;
		case "tlb-insert":
			op = L.OP_TLB_INSERT;
			at = i.va;
			break;
		case "tlb-write":
			op = L.OP_TLB_WRITE;
			at = i.va;
			value = operand(i.entry, L.FLAG_VALUE_REGISTER);
			break;
		case "fetch":
			op = L.OP_FETCH;
			at = i.va;
			line = i.pageLine;
			to = result(i.to);
			break;
		case "fetch-flush":
			op = L.OP_FETCH_FLUSH;
			kind = i.va === undefined ? 1 : 0;
			at = i.va ?? 0;
			line = i.pageLine ?? 0;
			if (i.scope === "broadcast") flags |= L.FLAG_BROADCAST;
			break;
		case "switch":
			op = L.OP_SWITCH;
			at = i.mm;
			kind = i.flush ? 1 : 0;
			break;
		case "cache":
			op = L.OP_CACHE;
			kind = CACHE_OPS[i.kind];
			at = i.va;
			line = i.pageLine;
			value = i.levels === "unification" ? around.unification : (i.levels ?? L.ALL_LEVELS);
			break;
		case "cache-all":
			op = L.OP_CACHE_ALL;
			break;
		case "interrupt":
			op = L.OP_INTERRUPT;
			kind = ACTORS[i.handler];
			where = i.to === "target" ? L.TO_TARGET : i.to === "others" ? L.TO_OTHERS : L.TO_CPU;
			if (typeof i.to === "object") at = i.to.cpu;
			break;
		case "mask":
			op = L.OP_MASK;
			kind = i.what === "irq" ? L.MASK_IRQ : L.MASK_PREEMPT;
			value = i.on ? 1 : 0;
			break;
		case "table-free":
			op = L.OP_TABLE_FREE;
			at = i.table;
			break;
		case "page":
			op = L.OP_PAGE;
			kind = i.kind === "clean" ? 1 : 0;
			at = i.frame;
			break;
		case "ref":
			op = L.OP_REF;
			kind = i.kind === "put" ? 1 : 0;
			at = i.frame;
			break;
		case "struct-page":
			op = L.OP_STRUCT_PAGE;
			at = i.frame;
			break;
		case "map-as":
			op = L.OP_MAP_AS;
			kind = i.as === "device" ? 1 : 0;
			at = i.frame;
			break;
		case "dma":
			op = L.OP_DMA;
			kind = i.kind === "write" ? 1 : 0;
			at = i.frame;
			line = i.pageLine;
			to = result(i.to);
			if (i.value) value = operand(i.value, L.FLAG_VALUE_REGISTER);
			break;
		case "claim":
			op = L.OP_CLAIM;
			kind = CLAIMS[i.claim];
			at = "frame" in i ? i.frame : "va" in i ? i.va : i.mm;
			if (i.claim === "gained") value = i.writes ? 1 : 0;
			if (i.claim === "up-to-date") value = i.of === "target" ? 1 : 0;
			break;
	}
	out.u8(op, flags, kind, order, where, at, line, index, to, left, value, expected);
	out.u16(target);
	out.u8(loop === undefined ? 0 : loop + 1, 0);
}
