import type { Hardware } from "./assemble.ts";
import { isDriver } from "./assemble-needs.ts";
import {
	contentsIn,
	entryIn,
	flagsIn,
	isIn,
	lineIn,
	pendingIn,
	type RawEntry,
	type RawLine,
	tableIn,
	translationIn,
} from "./block.ts";
import { PENDING_SIZE } from "./layout/block.ts";
import * as X from "./layout/explore.ts";
import * as L from "./layout/program.ts";
import type { Program } from "./program.ts";

// A machine's block as numbers: what assembly/machine/block.ts laid out, read from outside.

/** Where things are in a block, and how many. */
export interface Layout {
	/** BLOCK_*, by its byte offset / 4. */
	at: readonly number[];
	/** Of each actor: program counter, registers, interrupts to come. */
	actors: { counter: number; registers: number }[];
	/** Of each level and CPU, offset of its lines. */
	levels: number[][];
	hardware: Hardware;
	colours: number;
	lines: number;
}

export interface RawPending {
	actor: number;
	/** Number among its actor's instructions, and that instruction's op, place and what it is of. */
	code: number;
	op: number;
	place: number;
	of: number;
	value: number;
	/** What it is bound for is a line: which. */
	line: number | null;
	condemned: boolean;
}

export interface RawCpu {
	irqMasked: boolean;
	preemptMasked: boolean;
	irqPending: boolean;
	nmiPending: boolean;
	space: number | null;
	walkCache: boolean[];
	/** Of each mapping: an invalidation that was posted is still to be done. */
	posted: boolean[];
	tlb: (RawEntry | null)[];
	vars: number[];
	pending: RawPending[];
}

export interface RawState {
	memory: { value: number; version: number }[];
	latest: number[];
	vars: number[];
	/** Of each mapping, its own or the one it shares. */
	entries: (RawEntry | null)[];
	tables: { linked: boolean; freed: boolean }[];
	frames: { flags: number; references: number }[];
	/** By level, CPU (one of a shared level), colour and line. */
	caches: (RawLine | null)[][][][];
	cpus: RawCpu[];
	/** Program counters of actors: 0 not running. */
	counters: number[];
	registers: number[][];
	levels: Hardware["levels"];
}

/** Reads exploreLayout(). */
export function layoutOf(memory: Uint8Array, record: number, program: Program, hardware: Hardware): Layout {
	const view = new DataView(memory.buffer);
	const at = Array.from({ length: X.PLACES_SIZE / 4 }, (_, field) => view.getUint32(record + field * 4, true));
	const u16 = (address: number) => view.getUint16(address, true);
	const actors = at[X.PLACES_ACTOR_PLACES / 4]!;
	const levels = at[X.PLACES_LEVEL_PLACES / 4]!;
	return {
		at,
		actors: program.actors.map((_, actor) => ({
			counter: u16(actors + actor * 6),
			registers: u16(actors + actor * 6 + 2),
		})),
		levels: hardware.levels.map((_, level) =>
			Array.from({ length: program.cpus }, (_, cpu) => u16(levels + (level * program.cpus + cpu) * 2)),
		),
		hardware,
		colours: hardware.levels.length > 0 ? Math.max(1, ...program.vas.map(({ colour }) => colour + 1)) : 1,
		lines: Math.max(
			1,
			program.frames.reduce((sum, { lines }) => sum + lines, 0),
		),
	};
}

/** A held machine's block (block and code) as numbers. */
export function readState(block: Uint8Array, layout: Layout, program: Program, registers: number[]): RawState {
	const { at, hardware, colours, lines } = layout;
	const u8 = (offset: number) => block[offset] ?? 0;
	const u16 = (offset: number) => u8(offset) | (u8(offset + 1) << 8);
	const of = (field: number) => at[field / 4]!;
	const bytes = (from: number, count: number) => Array.from({ length: count }, (_, i) => u8(from + i));
	const cached = hardware.levels.length > 0;
	const codeAt = of(X.PLACES_BYTES);
	const starts = codeStarts(program, block, codeAt);
	const shared = program.vars.filter(({ perCpu }) => !perCpu).length;
	const perCpu = program.vars.length - shared;
	const memory = of(X.PLACES_MEMORY);
	const cpu = (number: number): RawCpu => {
		const base = of(X.PLACES_SHARED_BYTES) + number * of(X.PLACES_CPU_BYTES);
		const flags = u8(base + of(X.PLACES_CPU_FLAGS));
		const space = program.mms.length > 0 ? u8(base + of(X.PLACES_CPU_MM)) : 0;
		const window = base + of(X.PLACES_CPU_WINDOW);
		return {
			...flagsIn(flags),
			space: space ? space - 1 : null,
			walkCache: program.tables.map(
				(_, table) => hardware.walker && (u8(base + of(X.PLACES_CPU_WALK_CACHE)) & (1 << table)) !== 0,
			),
			posted: program.vas.map((_, va) => isIn(u8, base + of(X.PLACES_CPU_PURGES), va)),
			tlb: bytes(base + of(X.PLACES_CPU_TLB), program.vas.length).map(translationIn),
			vars: bytes(base + of(X.PLACES_CPU_VARS), perCpu),
			pending:
				hardware.model === "sc"
					? []
					: Array.from({ length: u8(window) }, (_, i) => pendingAt(window + 2 + i * PENDING_SIZE)),
		};
	};
	const pendingAt = (entry: number): RawPending => {
		const { known: _, ...pending } = pendingIn(u8, entry);
		const instruction = codeAt + (starts[pending.actor]! + pending.code) * L.CODE_SIZE;
		return {
			...pending,
			op: u8(instruction + L.CODE_OP),
			place: u8(instruction + L.CODE_PLACE),
			of: u8(instruction + L.CODE_AT),
		};
	};
	return {
		memory: Array.from({ length: lines }, (_, line) =>
			cached ? contentsIn(u16(memory + line * 2)) : { value: u8(memory + line), version: 0 },
		),
		latest: cached ? bytes(of(X.PLACES_LATEST), lines) : Array(lines).fill(0),
		vars: bytes(of(X.PLACES_VARS), shared),
		entries: program.vas.map(({ pte }) => entryIn(u8(of(X.PLACES_PTES) + pte))),
		tables: bytes(of(X.PLACES_TABLES), program.tables.length).map(tableIn),
		frames: program.frames.map((_, frame) => ({
			flags: u8(of(X.PLACES_FRAMES) + frame),
			references: u8(of(X.PLACES_REFERENCES) + frame),
		})),
		caches: hardware.levels.map((level, number) =>
			Array.from({ length: level.shared ? 1 : program.cpus }, (_, cpu) =>
				Array.from({ length: level.virtual ? colours : 1 }, (_, colour) =>
					Array.from({ length: lines }, (_, line) =>
						lineIn(u16(layout.levels[number]![cpu]! + (colour * lines + line) * 2)),
					),
				),
			),
		),
		cpus: Array.from({ length: program.cpus }, (_, number) => cpu(number)),
		levels: hardware.levels,
		counters: layout.actors.map(({ counter }) => u8(counter)),
		registers: layout.actors.map((actor, number) => bytes(actor.registers, registers[number] ?? 0)),
	};
}

/** Where each actor's instructions begin, in the order they were written. */
function codeStarts(program: Program, block: Uint8Array, codeAt: number): number[] {
	const written = program.actors.reduce((sum, { code }) => sum + code.length, 0);
	const drivers = program.actors.filter(isDriver).length;
	const slots = ((block.length - codeAt) / L.CODE_SIZE - written) / Math.max(drivers, 1);
	let next = 0;
	return program.actors.map((actor) => {
		const first = next;
		next += isDriver(actor) ? slots : actor.code.length;
		return first;
	});
}
