import { type Hardware, isDriver } from "./assemble.ts";
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

export interface RawLine {
	value: number;
	version: number;
	/** States of assembly/machine/ways.ts. */
	state: number;
}

export interface RawEntry {
	frame: number;
	writable: boolean;
	accessed: boolean;
	dirty: boolean;
	/** Of a TLB entry: a flush that ought to have removed it has returned. */
	condemned: boolean;
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

const PENDING_BYTES = 6;
const ON_PAGE = 0x8000;

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

function entryIn(byte: number): RawEntry | null {
	if (!(byte & L.PTE_PRESENT)) return null;
	return {
		frame: byte >> L.PTE_FRAME,
		writable: (byte & L.PTE_WRITABLE) !== 0,
		accessed: (byte & L.PTE_ACCESSED) !== 0,
		dirty: (byte & L.PTE_DIRTY) !== 0,
		condemned: false,
	};
}

function translationIn(byte: number): RawEntry | null {
	const entry = entryIn(byte);
	return entry && { ...entry, accessed: true, condemned: (byte & L.PTE_CONDEMNED) !== 0 };
}

function lineIn(word: number): { value: number; version: number } {
	return { value: word >> 8, version: (word >> 3) & 31 };
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
			irqMasked: (flags & 1) !== 0,
			preemptMasked: (flags & 2) !== 0,
			irqPending: (flags & 4) !== 0,
			nmiPending: (flags & 8) !== 0,
			space: space ? space - 1 : null,
			walkCache: program.tables.map(
				(_, table) => hardware.walker && (u8(base + of(X.PLACES_CPU_WALK_CACHE)) & (1 << table)) !== 0,
			),
			posted: program.vas.map((_, va) => ((u8(base + of(X.PLACES_CPU_PURGES) + (va >> 3)) >> (va & 7)) & 1) === 1),
			tlb: bytes(base + of(X.PLACES_CPU_TLB), program.vas.length).map(translationIn),
			vars: bytes(base + of(X.PLACES_CPU_VARS), perCpu),
			pending:
				hardware.model === "sc"
					? []
					: Array.from({ length: u8(window) }, (_, i) => pendingAt(window + 2 + i * PENDING_BYTES)),
		};
	};
	const pendingAt = (entry: number): RawPending => {
		const by = u8(entry + 1);
		const code = u8(entry);
		const instruction = codeAt + (starts[by & L.WHOSE_PENDING]! + code) * L.CODE_SIZE;
		const bound = u16(entry + 4);
		return {
			actor: by & L.WHOSE_PENDING,
			code,
			op: u8(instruction + L.CODE_OP),
			place: u8(instruction + L.CODE_PLACE),
			of: u8(instruction + L.CODE_AT),
			value: u8(entry + 2),
			line: bound & ON_PAGE ? bound & ~ON_PAGE : null,
			condemned: (by & 0x80) !== 0,
		};
	};
	const lineAt = (offset: number): RawLine | null => {
		const word = u16(offset);
		return word ? { ...lineIn(word), state: (word & 7) - 1 } : null;
	};
	return {
		memory: Array.from({ length: lines }, (_, line) =>
			cached ? lineIn(u16(memory + line * 2)) : { value: u8(memory + line), version: 0 },
		),
		latest: cached ? bytes(of(X.PLACES_LATEST), lines) : Array(lines).fill(0),
		vars: bytes(of(X.PLACES_VARS), shared),
		entries: program.vas.map(({ pte }) => entryIn(u8(of(X.PLACES_PTES) + pte))),
		tables: bytes(of(X.PLACES_TABLES), program.tables.length).map((table) => ({
			linked: (table & L.TABLE_LINKED) !== 0,
			freed: (table & L.TABLE_FREED) !== 0,
		})),
		frames: program.frames.map((_, frame) => ({
			flags: u8(of(X.PLACES_FRAMES) + frame),
			references: u8(of(X.PLACES_REFERENCES) + frame),
		})),
		caches: hardware.levels.map((level, number) =>
			Array.from({ length: level.shared ? 1 : program.cpus }, (_, cpu) =>
				Array.from({ length: level.virtual ? colours : 1 }, (_, colour) =>
					Array.from({ length: lines }, (_, line) =>
						lineAt(layout.levels[number]![cpu]! + (colour * lines + line) * 2),
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
