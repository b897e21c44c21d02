import type { RawEntry, RawLine } from "../../bindings/block.ts";
import { isDirty } from "../../bindings/block.ts";
import * as L from "../../bindings/layout/program.ts";
import type { FrameKind, Program } from "../../bindings/program.ts";
import type { RawState } from "../../bindings/state.ts";
import { lineNamed } from "./encode.ts";
import type { Names } from "./options.ts";

/** State of a line in a coherent cache. */
export type LineState = "modified" | "exclusive" | "shared" | "owned" | "forward";

/** A copy of a line in a cache. */
export interface LineCopy {
	frame: string;
	line: number;
	value: number;
	/** Grows with each write to the line; the numbers in use have no gaps. */
	version: number;
	/** Older than the line's latest version. */
	stale: boolean;
	state: LineState;
	dirty: boolean;
}

/** A page-table entry, or a translation in a TLB. */
export interface Translation {
	frame: string;
	writable: boolean;
	accessed: boolean;
	dirty: boolean;
}

/** A translation in a TLB. */
export interface CachedTranslation extends Translation {
	/** It differs from the page's entry as that is now. */
	old: boolean;
	/** A flush that ought to have removed it has returned. */
	condemned: boolean;
}

/** An operation that was issued and is not yet visible to others. */
export interface PendingOperation {
	kind: "load" | "store" | "rmw" | "other";
	/** What it is bound for. */
	page?: string;
	entry?: string;
	variable?: string;
	table?: string;
	/** A store to a page: the line that it was translated to. */
	frame?: string;
	line?: number;
	value?: number;
}

/** One level of cache and the lines in it. */
export interface CacheLevel {
	virtual: boolean;
	shared: boolean;
	takesClean: boolean;
	/** An instruction cache, which does not follow what is written. */
	fetches?: boolean;
	/** By CPU (one of a shared level) and colour (one of a physically indexed level). */
	cpus: { colours: LineCopy[][] }[];
}

/** What one CPU has: pending operations, translations, masks. */
export interface CpuState {
	space: string | null;
	irqMasked: boolean;
	preemptMasked: boolean;
	irqPending: boolean;
	nmiPending: boolean;
	/** The handlers that run, innermost last. */
	handles: ("irq" | "nmi")[];
	/** By page. */
	tlb: Record<string, CachedTranslation>;
	/** Pages whose translations it has been told to drop, and has not dropped yet. */
	posted: string[];
	/** Table pages in its paging-structure cache. */
	walkCache: string[];
	/** Oldest first: under TSO its store buffer. */
	pending: PendingOperation[];
	registers: number[];
	variables: Record<string, number>;
}

/** A page frame: whether it was released, and what its memory holds. */
export interface FrameState {
	kind: FrameKind;
	references: number;
	released: boolean;
	/** Marked dirty. */
	dirty: boolean;
	/** Written since it was last marked. */
	written: boolean;
	unmapped: boolean;
	lines: { value: number; version: number; latest: number }[];
}

/** All that a machine is, by name. */
export interface MachineState {
	caches: CacheLevel[];
	cpus: CpuState[];
	/** Page-table entries; null: not present. */
	entries: Record<string, Translation | null>;
	tables: Record<string, { linked: boolean; freed: boolean }>;
	frames: Record<string, FrameState>;
	variables: Record<string, number>;
}

const STATES: readonly LineState[] = ["modified", "exclusive", "shared", "owned", "forward"];

export function describeState(raw: RawState, program: Program, names: Names): MachineState {
	const shared = names.variables.filter((name) => !names.perCpu.includes(name));
	const copy = (line: RawLine, number: number): LineCopy => ({
		...lineNamed(number, program),
		value: line.value,
		version: line.version,
		stale: line.version < raw.latest[number]!,
		state: STATES[line.state]!,
		dirty: isDirty(line.state),
	});
	const translation = ({ frame, writable, accessed, dirty }: RawEntry): Translation => ({
		frame: names.frames[frame] ?? `#${frame}`,
		writable,
		accessed,
		dirty,
	});
	const isOld = (entry: RawEntry, page: number) => {
		const now = raw.entries[page];
		return !now || now.frame !== entry.frame || now.writable !== entry.writable;
	};
	const runs = (cpu: number, kind: "irq" | "nmi") =>
		program.actors.some((actor, number) => actor.cpu === cpu && actor.kind === kind && raw.counters[number]);
	let line = 0;
	return {
		caches: raw.caches.map((level, number) => ({
			virtual: raw.levels[number]!.virtual,
			shared: raw.levels[number]!.shared,
			takesClean: raw.levels[number]!.takesClean,
			...(raw.levels[number]!.fetchesFrom !== undefined && { fetches: true }),
			cpus: level.map((colours) => ({
				colours: colours.map((lines) => lines.flatMap((found, at) => (found ? [copy(found, at)] : []))),
			})),
		})),
		cpus: raw.cpus.map((cpu, number) => ({
			space: cpu.space === null ? null : names.spaces[cpu.space]!,
			irqMasked: cpu.irqMasked,
			preemptMasked: cpu.preemptMasked,
			irqPending: cpu.irqPending,
			nmiPending: cpu.nmiPending,
			handles: (["irq", "nmi"] as const).filter((kind) => runs(number, kind)),
			tlb: Object.fromEntries(
				cpu.tlb.flatMap((entry, page) => {
					if (!entry) return [];
					const found = { ...translation(entry), old: isOld(entry, page), condemned: entry.condemned };
					return [[names.pages[page]!, found]];
				}),
			),
			posted: names.pages.filter((_, page) => cpu.posted[page]),
			walkCache: names.tables.filter((_, table) => cpu.walkCache[table]),
			pending: cpu.pending.map((operation) => pendingOf(operation, program, names)),
			registers: raw.registers[number]!,
			variables: Object.fromEntries(names.perCpu.map((name, place) => [name, cpu.vars[place]!])),
		})),
		entries: Object.fromEntries(
			names.pages.map((name, page) => [name, raw.entries[page] ? translation(raw.entries[page]) : null]),
		),
		tables: Object.fromEntries(names.tables.map((name, table) => [name, raw.tables[table]!])),
		frames: Object.fromEntries(
			program.frames.map(({ name, lines, kind = "ram" }, frame) => {
				const { flags, references } = raw.frames[frame]!;
				const found: FrameState = {
					kind,
					references,
					released: (flags & L.IS_RELEASED) !== 0,
					dirty: (flags & L.IS_DIRTY) !== 0,
					written: (flags & L.IS_WRITTEN) !== 0,
					unmapped: (flags & L.IS_UNMAPPED) !== 0,
					lines: Array.from({ length: lines }, (_, i) => ({ ...raw.memory[line + i]!, latest: raw.latest[line + i]! })),
				};
				line += lines;
				return [name, found];
			}),
		),
		variables: Object.fromEntries(shared.map((name, place) => [name, raw.vars[place]!])),
	};
}

function pendingOf(
	operation: RawState["cpus"][number]["pending"][number],
	program: Program,
	names: Names,
): PendingOperation {
	const { op, place, of, value, line } = operation;
	const kind = op === L.OP_LOAD ? "load" : op === L.OP_STORE ? "store" : op === L.OP_RMW ? "rmw" : "other";
	if (kind === "other") return { kind };
	const bound =
		place === L.IN_PAGE
			? { page: names.pages[of]! }
			: place === L.IN_PTE
				? { entry: names.pages[of]! }
				: place === L.IN_TABLE
					? { table: names.tables[of]! }
					: { variable: variableAt(place, of, names) };
	return { kind, ...bound, ...(line !== null && lineNamed(line, program)), ...(kind === "store" && { value }) };
}

function variableAt(place: number, number: number, names: Names): string {
	if (place !== L.IN_VAR) return names.perCpu[number] ?? "?";
	return names.variables.filter((name) => !names.perCpu.includes(name))[number] ?? "?";
}
