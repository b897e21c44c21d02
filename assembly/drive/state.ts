import { PENDING_ACTOR, PENDING_AT, PENDING_CODE } from "../../bindings/layout/block";
import { CACHE_INDEX_VIRTUAL } from "../../bindings/layout/machine";
import {
	CODE_OP,
	CODE_PLACE,
	CODE_SIZE,
	HAS_POSTED,
	HAS_TLB,
	HAS_WALKER,
	IN_PAGE,
	IN_TARGET_VAR,
	LEVEL_FLAGS,
	LEVEL_SIZE,
	MODEL_TSO,
	OP_AWAIT,
	OP_FENCE,
	OP_LOAD,
	OP_RMW,
	OP_SET,
	OP_STORE,
	OP_UNLESS,
	PTE_FRAME,
	PTE_PRESENT,
	RUNS_AS_DEVICE,
	RUNS_AS_THREAD,
	WHOSE_PENDING,
} from "../../bindings/layout/program";
import {
	atLatest,
	atMemory,
	block,
	blockSize,
	counterOf,
	cpuAt,
	cpuSize,
	inMm,
	inPurges,
	inWalkCache,
	inWindow,
	LINE_BYTES,
	sharedSize,
} from "../machine/block";
import { tlbAt } from "../machine/pages";
import { isLine, VERSIONS } from "../machine/slots";
import { isSound } from "../program/code";
import { cacheAt } from "../program/machine";
import { actorRecord, addressOf, codeOf, cpuOf, kindOf, lengthOf, p } from "../program/operands";
import { ON_MAPPING, ON_PAGE, pendingAt, pendingCount } from "../program/window";

// Whether bytes from outside are a state of this machine: every number in them that is an index is compared with what it
// indexes, as in a program (program/code.ts). What is no index may be anything: that is a state too.

/** Whether the bytes in `block`, and the code behind it, are such; `other` is a machine of the same program. */
export function isState(other: usize, slots: u32): bool {
	return areActors(other, slots) && areCpus(slots) && areLines();
}

function areActors(other: usize, slots: u32): bool {
	const codes = block + blockSize;
	const rest = other + blockSize;
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		const counter: u32 = load<u8>(counterOf(actor));
		const length = lengthOf(actor);
		const kind = kindOf(actor);
		if (kind == RUNS_AS_THREAD ? counter == 0 || counter > length + 1 : counter > length) return false;
		const isHeld = length == 0 && (kind == RUNS_AS_THREAD || kind == RUNS_AS_DEVICE);
		const code = codeOf(actor, 0) - codes;
		if (!isHeld) {
			if (memory.compare(codes + code, rest + code, <usize>length * CODE_SIZE) != 0) return false;
			continue;
		}
		for (let number: u32 = 0; number < slots; number++) {
			const i = codeOf(actor, number);
			if (load<u64>(i) == 0 && load<u64>(i, 8) == 0) continue;
			if (!isNamed(actor, number) || !isSound(p, actorRecord(actor), i, 0)) return false;
		}
	}
	return true;
}

/** Whether something pending is in this slot. */
function isNamed(actor: u32, number: u32): bool {
	const cpu = cpuOf(actor);
	if (p.window == 0 || kindOf(actor) == RUNS_AS_DEVICE) return false;
	for (let j: u32 = 0, count = min(pendingCount(cpu), p.window); j < count; j++) {
		const entry = pendingAt(cpu, j);
		if ((load<u8>(entry, PENDING_ACTOR) & WHOSE_PENDING) == actor && load<u8>(entry, PENDING_CODE) == number)
			return true;
	}
	return false;
}

function areCpus(slots: u32): bool {
	for (let cpu: u32 = 0; cpu < p.cpus; cpu++) {
		const at = cpuAt(cpu);
		if (p.mms && load<u8>(at + inMm) > p.mms) return false;
		if (p.flags & HAS_WALKER && p.tableCount && <u32>load<u8>(at + inWalkCache) >> p.tableCount) return false;
		for (let va: u32 = 0; p.flags & HAS_TLB && va < p.vaCount; va++) {
			const entry: u32 = load<u8>(tlbAt(cpu, va));
			if (entry && (!(entry & PTE_PRESENT) || entry >> PTE_FRAME >= p.frameCount)) return false;
		}
		if (p.flags & HAS_POSTED && p.vaCount & 7 && load<u8>(at + inPurges + (p.vaCount >> 3)) >> (p.vaCount & 7))
			return false;
		if (p.window && !isWindow(cpu, slots)) return false;
	}
	return true;
}

function isWindow(cpu: u32, slots: u32): bool {
	const count = pendingCount(cpu);
	if (count > p.window || load<u8>(cpuAt(cpu) + inWindow, 1)) return false;
	for (let j: u32 = 0; j < count; j++) if (!isEntry(cpu, pendingAt(cpu, j), slots)) return false;
	for (let at = pendingAt(cpu, count), end = pendingAt(cpu, p.window); at < end; at++) if (load<u8>(at)) return false;
	return true;
}

function isEntry(cpu: u32, entry: usize, slots: u32): bool {
	const actor: u32 = load<u8>(entry, PENDING_ACTOR) & WHOSE_PENDING;
	const number: u32 = load<u8>(entry, PENDING_CODE);
	if (actor >= p.actorCount || cpuOf(actor) != cpu) return false;
	if (number >= (lengthOf(actor) || (kindOf(actor) == RUNS_AS_THREAD ? slots : 0))) return false;
	const i = codeOf(actor, number);
	const op: u32 = load<u8>(i, CODE_OP);
	if (p.model == <u32>MODEL_TSO && op != OP_STORE) return false;
	if (!isSound(p, actorRecord(actor), i, lengthOf(actor))) return false;
	const at: u32 = load<u16>(entry, PENDING_AT);
	switch (op) {
		case OP_LOAD:
		case OP_STORE:
		case OP_RMW:
		case OP_AWAIT: {
			const place: u32 = load<u8>(i, CODE_PLACE);
			if (place == IN_PAGE) {
				if (op != OP_STORE) return (at & (ON_PAGE | ON_MAPPING)) == ON_MAPPING;
				return (at & ON_PAGE) != 0 && (at & ~ON_PAGE) < p.lines;
			}
			// Of a loop's CPU: in some CPU's part, which one was decided when it was issued.
			if (place == IN_TARGET_VAR) return at >= <u32>sharedSize && at < <u32>sharedSize + p.cpus * <u32>cpuSize;
			return at == <u32>(addressOf(cpu, i) - block);
		}
		case OP_SET:
		case OP_UNLESS:
		case OP_FENCE:
			return at == 0;
	}
	return false;
}

function areLines(): bool {
	if (p.levelCount == 0) return true;
	for (let line: u32 = 0; line < p.lines; line++) {
		const latest: u32 = load<u8>(block + atLatest + line);
		if (latest > VERSIONS || !isLine(block + atMemory + <usize>line * LINE_BYTES, latest, true)) return false;
		for (let level: u32 = 0; level < p.levelCount; level++) {
			const flags = load<u32>(p.levels + <usize>level * LEVEL_SIZE, LEVEL_FLAGS);
			const colours = flags & CACHE_INDEX_VIRTUAL ? p.colours : 1;
			for (let cpu: u32 = 0; cpu < p.cpus; cpu++) {
				const slotsOf = block + cacheAt(level, cpu).slots;
				for (let colour: u32 = 0; colour < colours; colour++) {
					if (!isLine(slotsOf + <usize>(colour * p.lines + line) * LINE_BYTES, latest, false)) return false;
				}
			}
		}
	}
	return true;
}
