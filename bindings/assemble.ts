import { ACTORS, Bytes, isEndless, variablePlaces, writeInstruction } from "./assemble-instruction.ts";
import {
	allOf,
	features,
	heldWindow,
	isDriver,
	liveRegisters,
	location,
	ownVariables,
	pteOf,
	translationsHeld,
	windowOf,
} from "./assemble-needs.ts";
import { CACHE_ALLOCATE, CACHE_EXCLUSIVE, CACHE_INDEX_VIRTUAL, CACHE_TAKES_CLEAN } from "./layout/machine.ts";
import * as L from "./layout/program.ts";
import type { FrameKind, Program } from "./program.ts";

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
const MODELS = { sc: L.MODEL_SC, tso: L.MODEL_TSO, arm8: L.MODEL_ARM8, rcpc: L.MODEL_RCPC };

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
