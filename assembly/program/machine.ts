import { LOADED_TOO_LARGE } from "../../bindings/layout/explore";
import { CACHE_INDEX_VIRTUAL } from "../../bindings/layout/machine";
import {
	ACTOR_INITIAL,
	ACTOR_KIND,
	ACTOR_MM,
	ACTOR_REGISTERS,
	ACTOR_SIZE,
	ACTOR_SPONTANEOUS,
	CODE_OP,
	CODE_SIZE,
	FRAME_FLAGS,
	FRAME_REFERENCES,
	FRAME_SIZE,
	HAS_COHERENCE,
	HAS_FRAMES,
	HAS_MAY_HOLD,
	HAS_REFERENCES,
	LEVEL_FETCHES,
	LEVEL_FLAGS,
	LEVEL_NEXT,
	LEVEL_SHARED,
	LEVEL_SIZE,
	OP_JOIN,
	OP_LOCK,
	RUNS_AS_DEVICE,
	RUNS_AS_IRQ,
	RUNS_AS_NMI,
	RUNS_AS_THREAD,
	VA_PTE,
	VA_SIZE,
} from "../../bindings/layout/program";
import {
	atFrames,
	atPtes,
	atReferences,
	atTables,
	atVars,
	blockSize,
	cpuAt,
	inMm,
	inVars,
	layOut,
	linesOf,
	registersOf,
	spontaneousOf,
	work,
} from "../machine/block";
import { Cache } from "../machine/cache";
import { setProtocol } from "../machine/coherence";
import { allocate, status } from "../machine/heap";
import { saturate, setMachine } from "../machine/pages";
import { MOST_ROWS, renumber, setLines } from "../machine/slots";
import { loadProgram, Program } from "./code";
import { settle } from "./local";
import { cpuOf, kindOf, p, setProgram } from "./operands";

// From a program in memory to a machine that stands at its start.

const POINTER = sizeof<usize>();
export const NONE: u32 = 255;

/** Caches by level and CPU. */
let caches: usize = 0;
/** The handlers of each CPU, u8 each, or NONE. */
let handlers: usize = 0;
/** The state at the start. */
export let start: usize = 0;

export function cacheAt(level: u32, cpu: u32): Cache {
	return load<Cache>(caches + <usize>(level * p.cpus + cpu) * POINTER);
}

export function irqHandler(cpu: u32): u32 {
	return load<u8>(handlers + (cpu << 1));
}

export function nmiHandler(cpu: u32): u32 {
	return load<u8>(handlers + (cpu << 1), 1);
}

/** Builds the machine of the program in these bytes. Returns PROGRAM_*, or a status of the heap above them. */
export function buildMachine(from: usize, bytes: u32): u32 {
	const program = changetype<Program>(allocate(offsetof<Program>()));
	if (status) return status << 8;
	const said = loadProgram(program, from, bytes);
	if (said) return said;
	setProgram(program);
	for (let i: u32 = 0; i < p.codeCount; i++) {
		const op: u32 = load<u8>(p.code + <usize>i * CODE_SIZE, CODE_OP);
		if (op == OP_LOCK || op == OP_JOIN) p.locks = true;
	}
	if (rowsOf(p) > MOST_ROWS) return LOADED_TOO_LARGE;
	layOut(p);
	caches = allocate(<u64>p.levelCount * p.cpus * POINTER + POINTER);
	setMachine(p, caches);
	handlers = allocate((<u64>p.cpus) << 1);
	start = allocate(blockSize);
	if (status) return status << 8;
	memory.fill(handlers, <u8>NONE, (<usize>p.cpus) << 1);
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		if (kindOf(actor) == RUNS_AS_IRQ) store<u8>(handlers + (cpuOf(actor) << 1), <u8>actor);
		if (kindOf(actor) == RUNS_AS_NMI) store<u8>(handlers + (cpuOf(actor) << 1), <u8>actor, 1);
	}
	buildCaches();
	if (status) return status << 8;
	begin();
	return 0;
}

/** Rows that hold lines: one for each cache and colour. */
function rowsOf(p: Program): u32 {
	let count: u32 = 0;
	for (let level: u32 = 0; level < p.levelCount; level++) {
		const record = p.levels + <usize>level * LEVEL_SIZE;
		const colours = load<u32>(record, LEVEL_FLAGS) & CACHE_INDEX_VIRTUAL ? p.colours : 1;
		count += colours * (load<u8>(record, LEVEL_SHARED) ? 1 : p.cpus);
	}
	return count;
}

function buildCaches(): void {
	const rows = allocate((<u64>rowsOf(p)) << 1);
	if (status) return;
	let rowCount: u32 = 0;
	for (let level = p.levelCount; level-- > 0; ) {
		const record = p.levels + <usize>level * LEVEL_SIZE;
		const shared = load<u8>(record, LEVEL_SHARED) != 0;
		const flags = load<u32>(record, LEVEL_FLAGS);
		for (let cpu: u32 = 0; cpu < p.cpus; cpu++) {
			const place = caches + <usize>(level * p.cpus + cpu) * POINTER;
			if (shared && cpu > 0) {
				store<Cache>(place, cacheAt(level, 0));
				continue;
			}
			const c = changetype<Cache>(allocate(offsetof<Cache>()));
			if (status) return;
			c.flags = flags;
			c.line = 1;
			c.slots = linesOf(level, cpu, p.cpus);
			c.name = (level << 4) | cpu;
			store<Cache>(place, c);
			const colours = flags & CACHE_INDEX_VIRTUAL ? p.colours : 1;
			for (let colour: u32 = 0; colour < colours; colour++) {
				store<u16>(rows + ((<usize>rowCount) << 1), <u16>(c.slots + <usize>(colour * p.lines * 2)));
				rowCount++;
			}
		}
	}
	for (let level: u32 = 0; level < p.levelCount; level++) {
		const next: u32 = load<u8>(p.levels + <usize>level * LEVEL_SIZE, LEVEL_NEXT);
		for (let cpu: u32 = 0; cpu < p.cpus && next; cpu++) cacheAt(level, cpu).next = cacheAt(next - 1, cpu);
	}
	setLines(p.lines, rows, rowCount);
	const protocol = (p.flags >> HAS_COHERENCE) & 3;
	setProtocol(protocol);
	for (let cpu: u32 = 0; cpu < p.cpus && protocol && p.cpus > 1 && !status; cpu++) introduce(cpu);
}

/** A data cache of one CPU. */
function isPrivate(level: u32): bool {
	const record = p.levels + <usize>level * LEVEL_SIZE;
	return load<u8>(record, LEVEL_SHARED) == 0 && load<u8>(record, LEVEL_FETCHES) == 0;
}

/** A CPU's private caches are kept coherent: behind the last of them, those of the others are asked. */
function introduce(cpu: u32): void {
	const peers = allocate(<u64>p.levelCount * p.cpus * POINTER);
	if (status) return;
	let count: u32 = 0;
	let last: Cache | null = null;
	for (let level: u32 = 0; level < p.levelCount; level++) {
		if (!isPrivate(level)) continue;
		last = cacheAt(level, cpu);
		last.coherent = true;
		for (let other: u32 = 0; other < p.cpus; other++) {
			if (other == cpu) continue;
			store<Cache>(peers + <usize>count * POINTER, cacheAt(level, other));
			count++;
		}
	}
	if (!last) return;
	last.peers = peers;
	last.peerCount = count;
}

/** The state before anything has happened. */
function begin(): void {
	work(start);
	memory.fill(start, 0, blockSize);
	memory.copy(start + atVars, p.vars, p.varCount);
	for (let va: u32 = 0; va < p.vaCount; va++) {
		store<u8>(start + atPtes + va, load<u8>(p.vas + <usize>va * VA_SIZE, VA_PTE));
	}
	memory.copy(start + atTables, p.tables, p.tableCount);
	for (let frame: u32 = 0; frame < p.frameCount; frame++) {
		const record = p.frames + <usize>frame * FRAME_SIZE;
		if (p.flags & HAS_FRAMES) store<u8>(start + atFrames + frame, load<u8>(record, FRAME_FLAGS));
		if (p.flags & HAS_REFERENCES) store<u8>(start + atReferences + frame, load<u8>(record, FRAME_REFERENCES));
	}
	for (let cpu: u32 = 0; cpu < p.cpus; cpu++) memory.copy(cpuAt(cpu) + inVars, p.cpuVars, p.cpuVarCount);
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		const record = p.actors + <usize>actor * ACTOR_SIZE;
		const initial = p.registers + <usize>load<u16>(record, ACTOR_INITIAL);
		memory.copy(registersOf(actor), initial, load<u8>(record, ACTOR_REGISTERS));
		const kind: u32 = load<u8>(record, ACTOR_KIND);
		if (kind == RUNS_AS_NMI && load<u8>(record, ACTOR_SPONTANEOUS)) {
			store<u8>(spontaneousOf(actor), load<u8>(record, ACTOR_SPONTANEOUS));
		}
		if (kind == RUNS_AS_THREAD && p.mms && load<u8>(record, ACTOR_MM)) {
			store<u8>(cpuAt(cpuOf(actor)) + inMm, load<u8>(record, ACTOR_MM));
		}
	}
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		const kind: u32 = kindOf(actor);
		if (kind == RUNS_AS_THREAD || kind == RUNS_AS_DEVICE) settle(actor, 0);
	}
	if (p.flags & HAS_MAY_HOLD) saturate();
}

/** Versions of lines without gaps, after anything that may have made one disappear. */
export function tidy(): void {
	for (let line: u32 = 0; line < p.lines; line++) renumber(line);
}
