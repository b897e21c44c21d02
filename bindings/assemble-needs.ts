import type { Hardware } from "./assemble.ts";
import { PROTOCOL_MESI, PROTOCOL_MESIF, PROTOCOL_MOESI, PROTOCOL_NONE } from "./layout/machine.ts";
import * as L from "./layout/program.ts";
import type { Instruction, Location, Program, Value } from "./program.ts";

// What a program needs of a machine: the parts of the hardware that it can tell are there, and the state that matters to it.

const PROTOCOLS = { none: PROTOCOL_NONE, mesi: PROTOCOL_MESI, mesif: PROTOCOL_MESIF, moesi: PROTOCOL_MOESI };

const MOST_PENDING = 8;

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

export function location(i: Instruction): Location | undefined {
	return "at" in i ? i.at : undefined;
}

/** Registers whose values can matter: something takes them, or they are observed. */
export function liveRegisters(program: Program, actor: number): number[] {
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
export function features(program: Program, hardware: Hardware, registers: number[][]): number {
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
export function windowOf(program: Program, hardware: Hardware): number {
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
export function translationsHeld(program: Program, hardware: Hardware, flags: number): number[][] | undefined {
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

export function pteOf(va: Program["vas"][number]): number {
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
export function ownVariables(program: Program): Set<number> {
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
export function allOf(hardware: Hardware): number {
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

export function heldWindow(hardware: Hardware): number {
	return hardware.model === "sc" ? 0 : Math.max(1, Math.min(hardware.window ?? MOST_PENDING, MOST_PENDING));
}
