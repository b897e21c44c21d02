import { PENDING_SIZE } from "../../bindings/layout/block";
import { CACHE_INDEX_VIRTUAL } from "../../bindings/layout/machine";
import {
	ACTOR_CPU,
	ACTOR_KIND,
	ACTOR_REGISTERS,
	ACTOR_SIZE,
	ACTOR_SPONTANEOUS,
	HAS_FRAMES,
	HAS_POSTED,
	HAS_REFERENCES,
	HAS_TLB,
	HAS_VALUES,
	HAS_WALKER,
	LEVEL_FLAGS,
	LEVEL_SHARED,
	LEVEL_SIZE,
	ON_NO_CPU,
	RUNS_AS_NMI,
} from "../../bindings/layout/program";
import { Program } from "../program/code";
import { allocate } from "./heap";

// The state of a machine that runs a program: one block of bytes. Snapshot is copy, equality is compare. What a program
// cannot touch has no place in it.
//
//   block   [ shared: variables, PTEs, tables, frames, memory, shared caches, devices ][ CPU 0 ][ CPU 1 ] ...
//   CPU     [ caches, pending operations, flags, address space, visits, paging-structure cache, TLB, invalidations that are
//             posted, variables, actors ]
//
// CPU blocks are alike, so that those of CPUs that run the same program can be permuted (drive/explore.ts).

/** The block that the rules are about. */
export let block: usize = 0;

export function work(on: usize): void {
	block = on;
}

/** Bytes of a block, a multiple of 16, and of the part that all CPUs share; then of a CPU. */
export let blockSize: usize = 0;
export let sharedSize: usize = 0;
export let cpuSize: usize = 0;

// Offsets in the block.
export let atVars: usize = 0;
export let atPtes: usize = 0;
export let atTables: usize = 0;
export let atFrames: usize = 0;
export let atReferences: usize = 0;
export let atMemory: usize = 0;
export let atLatest: usize = 0;

// Offsets in a CPU's block.
export let inFlags: usize = 0;
export let inMm: usize = 0;
export let inVisits: usize = 0;
export let inWalkCache: usize = 0;
export let inTlb: usize = 0;
export let inPurges: usize = 0;
export let inVars: usize = 0;
export let inWindow: usize = 0;

/** Of each actor, u16: offset of its program counter in the block; of its registers; of its count of interrupts to come. */
export const actorPlaces: usize = memory.data(64 * 6);
export const PLACE_COUNTER = 0;
export const PLACE_REGISTERS = 2;
export const PLACE_SPONTANEOUS = 4;
export const PLACE_SIZE: usize = 6;

/** Of each level and CPU, u16: offset of its lines in the block. */
export let levelPlaces: usize = 0;

/** Bytes of a line in a cache or memory: value, version, state (slots.ts). */
export const LINE_BYTES: usize = 2;

/** Bytes of a pending operation (program/window.ts). */
export const PENDING_BYTES: usize = PENDING_SIZE;

export function cpuAt(cpu: u32): usize {
	return block + sharedSize + <usize>cpu * cpuSize;
}

export function counterOf(actor: u32): usize {
	return block + <usize>load<u16>(actorPlaces + <usize>actor * PLACE_SIZE, PLACE_COUNTER);
}

export function registersOf(actor: u32): usize {
	return block + <usize>load<u16>(actorPlaces + <usize>actor * PLACE_SIZE, PLACE_REGISTERS);
}

export function spontaneousOf(actor: u32): usize {
	return block + <usize>load<u16>(actorPlaces + <usize>actor * PLACE_SIZE, PLACE_SPONTANEOUS);
}

export function linesOf(level: u32, cpu: u32, cpus: u32): usize {
	return <usize>load<u16>(levelPlaces + ((<usize>(level * cpus + cpu)) << 1));
}

function linesIn(level: usize, p: Program): usize {
	const colours: u32 = load<u32>(level, LEVEL_FLAGS) & CACHE_INDEX_VIRTUAL ? p.colours : 1;
	return <usize>(colours * p.lines) * LINE_BYTES;
}

function placeActor(actor: u32, p: Program, at: usize): usize {
	const record = p.actors + <usize>actor * ACTOR_SIZE;
	const place = actorPlaces + <usize>actor * PLACE_SIZE;
	store<u16>(place, <u16>at, PLACE_COUNTER);
	at++;
	if (load<u8>(record, ACTOR_KIND) == RUNS_AS_NMI && load<u8>(record, ACTOR_SPONTANEOUS)) {
		store<u16>(place, <u16>at, PLACE_SPONTANEOUS);
		at++;
	}
	store<u16>(place, <u16>at, PLACE_REGISTERS);
	return at + <usize>load<u8>(record, ACTOR_REGISTERS);
}

/** Lays out the block of a program's machine. */
export function layOut(p: Program): void {
	levelPlaces = allocate((<u64>p.levelCount * p.cpus) << 1);
	const hasFrames = p.flags & HAS_FRAMES;
	let at: usize = 0;
	if (p.levelCount) {
		atMemory = at;
		at += <usize>p.lines * LINE_BYTES;
		for (let level: u32 = 0; level < p.levelCount; level++) {
			const record = p.levels + <usize>level * LEVEL_SIZE;
			if (!load<u8>(record, LEVEL_SHARED)) continue;
			for (let cpu: u32 = 0; cpu < p.cpus; cpu++) {
				store<u16>(levelPlaces + ((<usize>(level * p.cpus + cpu)) << 1), <u16>at);
			}
			at += linesIn(record, p);
		}
		atLatest = at;
		at += p.lines;
	} else if (p.flags & HAS_VALUES) {
		atMemory = at;
		at += p.lines;
	}
	atVars = at;
	at += p.varCount;
	atPtes = at;
	at += p.vaCount;
	atTables = at;
	at += p.tableCount;
	atFrames = at;
	if (hasFrames) at += p.frameCount;
	atReferences = at;
	if (p.flags & HAS_REFERENCES) at += p.frameCount;
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		if (load<u8>(p.actors + <usize>actor * ACTOR_SIZE, ACTOR_CPU) == ON_NO_CPU) at = placeActor(actor, p, at);
	}
	sharedSize = (at + 3) & ~3;

	let size: usize = 0;
	for (let cpu: u32 = 0; cpu < p.cpus; cpu++) {
		const base = sharedSize + <usize>cpu * cpuSize;
		at = base;
		for (let level: u32 = 0; level < p.levelCount; level++) {
			const record = p.levels + <usize>level * LEVEL_SIZE;
			if (load<u8>(record, LEVEL_SHARED)) continue;
			store<u16>(levelPlaces + ((<usize>(level * p.cpus + cpu)) << 1), <u16>at);
			at += linesIn(record, p);
		}
		inWindow = at - base;
		if (p.window) at += 2 + <usize>p.window * PENDING_BYTES;
		inFlags = at - base;
		at++;
		inMm = at - base;
		if (p.mms) at++;
		inVisits = at - base;
		at += (p.loops + 3) >> 2;
		inWalkCache = at - base;
		if (p.flags & HAS_WALKER && p.tableCount) at++;
		inTlb = at - base;
		if (p.flags & HAS_TLB) at += p.vaCount;
		inPurges = at - base;
		if (p.flags & HAS_POSTED) at += (p.vaCount + 7) >> 3;
		inVars = at - base;
		at += p.cpuVarCount;
		for (let actor: u32 = 0; actor < p.actorCount; actor++) {
			if (load<u8>(p.actors + <usize>actor * ACTOR_SIZE, ACTOR_CPU) == cpu) at = placeActor(actor, p, at);
		}
		size = max(size, (at - base + 3) & ~3);
		// Actors may make the CPUs' blocks of different lengths: all take the longest, and are placed again.
		if (cpu + 1 == p.cpus && size != cpuSize) {
			cpuSize = size;
			layOut(p);
			return;
		}
	}
	blockSize = (sharedSize + <usize>p.cpus * cpuSize + 15) & ~15;
}
