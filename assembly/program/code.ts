import { LOADED_BAD_CODE, LOADED_BAD_HEADER, LOADED_BAD_TABLE, LOADED_OK } from "../../bindings/layout/explore";
import {
	ACTOR_CODE,
	ACTOR_CPU,
	ACTOR_INITIAL,
	ACTOR_KIND,
	ACTOR_LENGTH,
	ACTOR_MM,
	ACTOR_REGISTERS,
	ACTOR_SIZE,
	ACTOR_SPONTANEOUS,
	CLAIM_BALANCED,
	CLAIM_FLUSHED,
	CLAIM_UP_TO_DATE,
	CODE_AT,
	CODE_EXPECTED,
	CODE_FLAGS,
	CODE_INDEX,
	CODE_KIND,
	CODE_LEFT,
	CODE_LINE,
	CODE_LOOP,
	CODE_OP,
	CODE_PLACE,
	CODE_SIZE,
	CODE_TARGET,
	CODE_TO,
	CODE_VALUE,
	FLAG_EXPECTED_REGISTER,
	FLAG_LEFT_REGISTER,
	FLAG_VALUE_REGISTER,
	FRAME_FIRST,
	FRAME_KIND,
	FRAME_LINES,
	FRAME_SIZE,
	HAS_FRAMES,
	HAS_REFERENCES,
	IN_OWN_VAR,
	IN_PAGE,
	IN_PTE,
	IN_TABLE,
	IN_TARGET_VAR,
	IN_VAR,
	LEVEL_FETCHES,
	LEVEL_NEXT,
	LEVEL_SHARED,
	LEVEL_SIZE,
	MAPPING_IS_UNCACHED,
	MODEL_RCPC,
	ON_NO_CPU,
	OP_AWAIT,
	OP_CACHE,
	OP_CACHE_ALL,
	OP_CLAIM,
	OP_DMA,
	OP_EACH,
	OP_FETCH,
	OP_FETCH_FLUSH,
	OP_INTERRUPT,
	OP_JOIN,
	OP_JUMP,
	OP_LAST,
	OP_LOAD,
	OP_LOCK,
	OP_MAP_AS,
	OP_MASK,
	OP_NEXT,
	OP_PAGE,
	OP_REF,
	OP_RMW,
	OP_STORE,
	OP_STRUCT_PAGE,
	OP_SWITCH,
	OP_TABLE_FREE,
	OP_TLB_FLUSH,
	OP_TLB_INSERT,
	OP_TLB_READ,
	OP_TLB_SYNC,
	OP_TLB_WRITE,
	PAGE_KINDS,
	PROGRAM_ACTORS,
	PROGRAM_COLOURS,
	PROGRAM_CPU_VARS,
	PROGRAM_CPUS,
	PROGRAM_FLAGS,
	PROGRAM_FRAMES,
	PROGRAM_GROUPS,
	PROGRAM_INSTRUCTIONS,
	PROGRAM_LEVELS,
	PROGRAM_LINES,
	PROGRAM_LOOPS,
	PROGRAM_MMS,
	PROGRAM_MODEL,
	PROGRAM_REGISTERS,
	PROGRAM_SIZE,
	PROGRAM_TABLES,
	PROGRAM_VARS,
	PROGRAM_VAS,
	PROGRAM_WINDOW,
	PTE_FRAME,
	RUNS_AS_DEVICE,
	RUNS_AS_IRQ,
	RUNS_AS_NMI,
	SCOPE_MM,
	SCOPE_PAGE,
	TO_CPU,
	TO_TARGET,
	VA_COLOUR,
	VA_FLAGS,
	VA_LARGE,
	VA_MM,
	VA_PTE,
	VA_SHARES,
	VA_SIZE,
	VA_TABLE,
} from "../../bindings/layout/program";

// A program in memory: what bindings/assemble.ts wrote. Before anything runs, every number in it that will be an index is
// compared with what it indexes: an invalid program never reads or writes outside its machine.

const MOST_CPUS: u32 = 64;
const MOST_ACTORS: u32 = 64;
const MOST_FRAMES: u32 = 16;
const MOST_LINES: u32 = 64;
const MOST_VARS: u32 = 255;
const MOST_VAS: u32 = 64;
const MOST_TABLES: u32 = 8;
const MOST_LOOPS: u32 = 32;
const MOST_WINDOW: u32 = 8;
const MOST_COLOURS: u32 = 8;
const MOST_LEVELS: u32 = 4;
const MOST_MMS: u32 = 8;
const MOST_INSTRUCTIONS: u32 = 4096;
/** A program counter is a byte: 0 not running, else the instruction's number + 1. */
const MOST_LENGTH: u32 = 253;

@unmanaged
export class Program {
	cpus: u32;
	model: u32;
	flags: u32;
	window: u32;
	colours: u32;
	lines: u32;
	loops: u32;
	mms: u32;
	registers: usize;
	vars: usize;
	varCount: u32;
	cpuVars: usize;
	cpuVarCount: u32;
	frames: usize;
	frameCount: u32;
	tables: usize;
	tableCount: u32;
	vas: usize;
	vaCount: u32;
	levels: usize;
	levelCount: u32;
	/** The one of instructions, or ~0. */
	fetchLevel: u32;
	actors: usize;
	actorCount: u32;
	groups: usize;
	groupCount: u32;
	code: usize;
	codeCount: u32;
	/** Some mapping lies in a large page; some goes round the caches. */
	large: bool;
	bypasses: bool;
	/** Some actor takes locks or joins: cycles are looked for. */
	locks: bool;
}

/** Number of the record or instruction that was refused. */
export let refused: u32 = 0;

/** Reads and checks the `bytes` bytes at `from`. Returns PROGRAM_*. */
export function loadProgram(p: Program, from: usize, bytes: u32): u32 {
	refused = 0;
	if (bytes < <u32>PROGRAM_SIZE) return LOADED_BAD_HEADER;
	p.cpus = load<u32>(from, PROGRAM_CPUS);
	p.model = load<u32>(from, PROGRAM_MODEL);
	p.flags = load<u32>(from, PROGRAM_FLAGS);
	p.window = load<u32>(from, PROGRAM_WINDOW);
	p.colours = load<u32>(from, PROGRAM_COLOURS);
	p.lines = load<u32>(from, PROGRAM_LINES);
	p.loops = load<u32>(from, PROGRAM_LOOPS);
	p.mms = load<u32>(from, PROGRAM_MMS);
	const registers = load<u32>(from, PROGRAM_REGISTERS);
	p.varCount = load<u32>(from, PROGRAM_VARS);
	p.cpuVarCount = load<u32>(from, PROGRAM_CPU_VARS);
	p.frameCount = load<u32>(from, PROGRAM_FRAMES);
	p.tableCount = load<u32>(from, PROGRAM_TABLES);
	p.vaCount = load<u32>(from, PROGRAM_VAS);
	p.levelCount = load<u32>(from, PROGRAM_LEVELS);
	p.actorCount = load<u32>(from, PROGRAM_ACTORS);
	p.groupCount = load<u32>(from, PROGRAM_GROUPS);
	p.codeCount = load<u32>(from, PROGRAM_INSTRUCTIONS);
	if (p.cpus < 1 || p.cpus > MOST_CPUS || p.model > <u32>MODEL_RCPC || p.window > MOST_WINDOW) return LOADED_BAD_HEADER;
	if (p.colours < 1 || p.colours > MOST_COLOURS || p.lines > MOST_LINES || p.colours * p.lines > 256)
		return LOADED_BAD_HEADER;
	if (p.loops > MOST_LOOPS || p.mms > MOST_MMS || registers > 16 * MOST_ACTORS) return LOADED_BAD_HEADER;
	if (p.varCount > MOST_VARS || p.cpuVarCount > MOST_VARS || p.frameCount > MOST_FRAMES) return LOADED_BAD_HEADER;
	if (p.tableCount > MOST_TABLES || p.vaCount > MOST_VAS || p.levelCount > MOST_LEVELS) return LOADED_BAD_HEADER;
	if (p.actorCount < 1 || p.actorCount > MOST_ACTORS || p.groupCount > MOST_CPUS) return LOADED_BAD_HEADER;
	if (p.codeCount > MOST_INSTRUCTIONS) return LOADED_BAD_HEADER;
	if (p.model != 0 && p.window == 0) return LOADED_BAD_HEADER;
	p.registers = from + PROGRAM_SIZE;
	p.vars = p.registers + registers;
	p.cpuVars = p.vars + p.varCount;
	p.frames = p.cpuVars + p.cpuVarCount;
	p.tables = p.frames + <usize>p.frameCount * FRAME_SIZE;
	p.vas = p.tables + p.tableCount;
	p.levels = p.vas + <usize>p.vaCount * VA_SIZE;
	p.actors = p.levels + <usize>p.levelCount * LEVEL_SIZE;
	p.groups = p.actors + <usize>p.actorCount * ACTOR_SIZE;
	p.code = p.groups + p.groupCount;
	if (p.code + <usize>p.codeCount * CODE_SIZE != from + bytes) return LOADED_BAD_HEADER;
	const tables = checkTables(p, registers);
	return tables != LOADED_OK ? tables : checkCode(p);
}

function checkTables(p: Program, registers: u32): u32 {
	for (let i: u32 = 0; i < p.frameCount; i++) {
		refused = i;
		const frame = p.frames + <usize>i * FRAME_SIZE;
		if (load<u8>(frame, FRAME_KIND) >= <u32>PAGE_KINDS || load<u8>(frame, FRAME_LINES) == 0) return LOADED_BAD_TABLE;
		if (<u32>load<u8>(frame, FRAME_FIRST) + load<u8>(frame, FRAME_LINES) > p.lines) return LOADED_BAD_TABLE;
	}
	for (let i: u32 = 0; i < p.vaCount; i++) {
		refused = i;
		const va = p.vas + <usize>i * VA_SIZE;
		if (load<u8>(va, VA_LARGE)) p.large = true;
		if (p.levelCount && load<u8>(va, VA_FLAGS) & MAPPING_IS_UNCACHED) p.bypasses = true;
		if (<u32>load<u8>(va, VA_PTE) >> PTE_FRAME >= max(p.frameCount, 1)) return LOADED_BAD_TABLE;
		if (load<u8>(va, VA_SHARES) >= p.vaCount || load<u8>(va, VA_MM) > p.mms) return LOADED_BAD_TABLE;
		if (load<u8>(va, VA_LARGE) > p.vaCount || isNested(p, va)) return LOADED_BAD_TABLE;
		if (load<u8>(va, VA_COLOUR) >= p.colours || load<u8>(va, VA_TABLE) > p.tableCount) return LOADED_BAD_TABLE;
	}
	p.fetchLevel = ~0;
	for (let i: u32 = 0; i < p.levelCount; i++) {
		refused = i;
		const level = p.levels + <usize>i * LEVEL_SIZE;
		const next: u32 = load<u8>(level, LEVEL_NEXT);
		if (next > p.levelCount) return LOADED_BAD_TABLE;
		if (!load<u8>(level, LEVEL_FETCHES)) {
			if (next && (next <= i + 1 || load<u8>(p.levels + <usize>(next - 1) * LEVEL_SIZE, LEVEL_FETCHES)))
				return LOADED_BAD_TABLE;
			continue;
		}
		if (i == 0 || i + 1 < p.levelCount || next > i || load<u8>(level, LEVEL_SHARED)) return LOADED_BAD_TABLE;
		p.fetchLevel = i;
	}
	for (let i: u32 = 0; i < p.actorCount; i++) {
		refused = i;
		const actor = p.actors + <usize>i * ACTOR_SIZE;
		const device = load<u8>(actor, ACTOR_KIND) == RUNS_AS_DEVICE;
		if (<u32>load<u8>(actor, ACTOR_KIND) > <u32>RUNS_AS_DEVICE) return LOADED_BAD_TABLE;
		if (device != (load<u8>(actor, ACTOR_CPU) == ON_NO_CPU)) return LOADED_BAD_TABLE;
		if (!device && load<u8>(actor, ACTOR_CPU) >= p.cpus) return LOADED_BAD_TABLE;
		if (load<u8>(actor, ACTOR_REGISTERS) > 16) return LOADED_BAD_TABLE;
		if (<u32>load<u16>(actor, ACTOR_INITIAL) + load<u8>(actor, ACTOR_REGISTERS) > registers) return LOADED_BAD_TABLE;
		if (<u32>load<u16>(actor, ACTOR_CODE) + load<u16>(actor, ACTOR_LENGTH) > p.codeCount) return LOADED_BAD_TABLE;
		if (load<u16>(actor, ACTOR_LENGTH) > MOST_LENGTH || load<u8>(actor, ACTOR_MM) > p.mms) return LOADED_BAD_TABLE;
	}
	for (let g: u32 = 0; g < p.groupCount; g++) {
		refused = g;
		if (!areAlike(p, load<u8>(p.groups + g))) return LOADED_BAD_TABLE;
	}
	return LOADED_OK;
}

/** Whether a mapping lies in one that lies in another. */
function isNested(p: Program, va: usize): bool {
	const large: u32 = load<u8>(va, VA_LARGE);
	return large != 0 && load<u8>(p.vas + <usize>(large - 1) * VA_SIZE, VA_LARGE) != 0;
}

/** Whether CPUs that may be permuted have actors of the same shapes: what is pending on one can be on another. */
function areAlike(p: Program, members: u32): bool {
	let first: u32 = ~0;
	for (let cpu: u32 = 0; cpu < p.cpus; cpu++) {
		if (!((members >> cpu) & 1)) continue;
		if (first == ~0) first = cpu;
		for (let a: u32 = 0, b: u32 = 0; ; a++, b++) {
			a = nextOn(p, first, a);
			b = nextOn(p, cpu, b);
			if (a == p.actorCount || b == p.actorCount) {
				if (a != b) return false;
				break;
			}
			if (!sameShape(p.actors + <usize>a * ACTOR_SIZE, p.actors + <usize>b * ACTOR_SIZE)) return false;
		}
	}
	return true;
}

/** The next actor of a CPU, from `actor` on. */
function nextOn(p: Program, cpu: u32, actor: u32): u32 {
	while (actor < p.actorCount && load<u8>(p.actors + <usize>actor * ACTOR_SIZE, ACTOR_CPU) != cpu) actor++;
	return actor;
}

function sameShape(a: usize, b: usize): bool {
	if (load<u8>(a, ACTOR_KIND) != load<u8>(b, ACTOR_KIND)) return false;
	if (load<u8>(a, ACTOR_REGISTERS) != load<u8>(b, ACTOR_REGISTERS)) return false;
	if ((load<u8>(a, ACTOR_SPONTANEOUS) != 0) != (load<u8>(b, ACTOR_SPONTANEOUS) != 0)) return false;
	return load<u16>(a, ACTOR_LENGTH) == load<u16>(b, ACTOR_LENGTH);
}

function checkCode(p: Program): u32 {
	for (let a: u32 = 0; a < p.actorCount; a++) {
		const actor = p.actors + <usize>a * ACTOR_SIZE;
		const first: u32 = load<u16>(actor, ACTOR_CODE);
		const length: u32 = load<u16>(actor, ACTOR_LENGTH);
		for (let i: u32 = 0; i < length; i++) {
			refused = first + i;
			if (!isSound(p, actor, p.code + <usize>(first + i) * CODE_SIZE, length)) return LOADED_BAD_CODE;
		}
	}
	return LOADED_OK;
}

/** Whether every number in an instruction is of something that is there. */
export function isSound(p: Program, actor: usize, i: usize, length: u32): bool {
	const op: u32 = load<u8>(i, CODE_OP);
	const flags: u32 = load<u8>(i, CODE_FLAGS);
	const registers: u32 = load<u8>(actor, ACTOR_REGISTERS);
	const device = load<u8>(actor, ACTOR_KIND) == RUNS_AS_DEVICE;
	if (op == 0 || op > <u32>OP_LAST) return false;
	if (flags & FLAG_LEFT_REGISTER && load<u8>(i, CODE_LEFT) >= registers) return false;
	if (flags & FLAG_VALUE_REGISTER && load<u8>(i, CODE_VALUE) >= registers) return false;
	if (flags & FLAG_EXPECTED_REGISTER && load<u8>(i, CODE_EXPECTED) >= registers) return false;
	if (load<u8>(i, CODE_TO) > registers || load<u8>(i, CODE_INDEX) > registers) return false;
	if (load<u16>(i, CODE_TARGET) > length || load<u8>(i, CODE_LOOP) > p.loops) return false;
	const at: u32 = load<u8>(i, CODE_AT);
	const kind: u32 = load<u8>(i, CODE_KIND);
	const place: u32 = load<u8>(i, CODE_PLACE);
	if (op == OP_LOAD || op == OP_STORE || op == OP_RMW || op == OP_AWAIT || op == OP_LOCK) {
		if (place == IN_VAR) return at < p.varCount;
		if (place == IN_OWN_VAR) return at < p.cpuVarCount && !device;
		if (place == IN_TARGET_VAR) return at < p.cpuVarCount && !device && load<u8>(i, CODE_LOOP) > 0;
		if (place == IN_PTE) return at < p.vaCount;
		if (place == IN_TABLE) return at < p.tableCount;
		return place == IN_PAGE && at < p.vaCount && !device && (op == OP_LOAD || op == OP_STORE);
	}
	switch (op) {
		case OP_JOIN:
			return at < p.actorCount;
		case OP_EACH:
		case OP_NEXT:
			return !device && load<u8>(i, CODE_LOOP) > 0;
		case OP_TLB_FLUSH:
			if (device || kind > <u32>SCOPE_PAGE) return false;
			return kind == SCOPE_PAGE ? at < p.vaCount : kind == SCOPE_MM ? at < p.mms : true;
		case OP_TLB_INSERT:
		case OP_TLB_READ:
		case OP_CACHE:
		case OP_FETCH:
		case OP_FETCH_FLUSH:
			return at < p.vaCount && !device;
		case OP_TLB_WRITE:
			return at < p.vaCount && !device;
		case OP_SWITCH:
			return at < p.mms && !device;
		case OP_CACHE_ALL:
		case OP_TLB_SYNC:
		case OP_MASK:
			return !device;
		case OP_INTERRUPT:
			if (device || (kind != RUNS_AS_IRQ && kind != RUNS_AS_NMI) || place > <u32>TO_CPU) return false;
			return place == TO_CPU ? at < p.cpus : place == TO_TARGET ? load<u8>(i, CODE_LOOP) > 0 : true;
		case OP_TABLE_FREE:
			return at < p.tableCount;
		case OP_PAGE:
		case OP_STRUCT_PAGE:
		case OP_MAP_AS:
			return at < p.frameCount && (p.flags & HAS_FRAMES) != 0;
		case OP_REF:
			return at < p.frameCount && (p.flags & HAS_REFERENCES) != 0;
		case OP_DMA:
			if (at >= p.frameCount || load<u8>(i, CODE_INDEX)) return false;
			return load<u8>(i, CODE_LINE) < load<u8>(p.frames + <usize>at * FRAME_SIZE, FRAME_LINES);
		case OP_CLAIM:
			if (kind == CLAIM_FLUSHED) return at < p.vaCount;
			if (kind == CLAIM_UP_TO_DATE) return at < p.mms && !device;
			if (kind == CLAIM_BALANCED && !(p.flags & HAS_REFERENCES)) return false;
			return kind <= <u32>CLAIM_BALANCED && at < p.frameCount && (p.flags & HAS_FRAMES) != 0;
	}
	return op >= <u32>OP_JUMP;
}
