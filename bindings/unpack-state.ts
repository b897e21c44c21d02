import type { Assembled } from "./assemble.ts";
import { bitsIn, contentsIn, flagsIn, frameIn, isDirty, isIn, isOld, lineIn, pendingIn, tableIn } from "./block.ts";
import { PENDING_SIZE } from "./layout/block.ts";
import * as X from "./layout/explore.ts";
import * as L from "./layout/program.ts";
import type { Program } from "./program.ts";

/** A line in a cache. */
export interface CachedLine {
	/** From the CPU outwards, 0 first. */
	level: number;
	/** null: all CPUs share it. */
	cpu: number | null;
	/** Colour of a virtually indexed cache. */
	colour: number | null;
	/** In an instruction cache that nobody tells of writes. */
	fetched: boolean;
	/** Frame and line within it. */
	frame: number;
	line: number;
	value: number;
	version: number;
	dirty: boolean;
	/** Older than the line's latest version. */
	stale: boolean;
}

export interface Translation {
	cpu: number;
	va: number;
	frame: number;
	writable: boolean;
	dirty: boolean;
	/** Not what the page table says any more. */
	stale: boolean;
	/** A flush that ought to have removed it has returned. */
	condemned: boolean;
	/** Its CPU has been told to drop it, and has not yet. */
	posted: boolean;
}

export interface PendingOperation {
	cpu: number;
	actor: number;
	/** Number of the instruction among its actor's. */
	instruction: number;
	/** What a store will write, where that is known. */
	value: number | null;
}

/** A state of a program's machine, unpacked. */
export interface MachineState {
	vars: { var: number; cpu: number | null; value: number }[];
	ptes: { va: number; present: boolean; frame: number; writable: boolean; accessed: boolean; dirty: boolean }[];
	tables: { table: number; linked: boolean; freed: boolean }[];
	frames: {
		frame: number;
		released: boolean;
		dirty: boolean;
		written: boolean;
		unmapped: boolean;
		references: number | null;
	}[];
	memory: { frame: number; line: number; value: number; version: number; latest: number; stale: boolean }[];
	lines: CachedLine[];
	tlb: Translation[];
	/** Tables that a paging-structure cache knows. */
	walkCaches: { cpu: number; table: number }[];
	pending: PendingOperation[];
	cpus: { irqMasked: boolean; preemptMasked: boolean; irqPending: boolean; nmiPending: boolean; mm: number | null }[];
	/** `at`: number of the next instruction; null: not running (a handler) or at its end (a thread). */
	actors: { actor: number; at: number | null; registers: Record<number, number> }[];
}

/** How the core lays out the blocks of one program. */
export interface BlockLayout {
	/** BLOCK_* of layout/explore.ts, by four. */
	numbers: Uint32Array;
	/** Per actor: offsets of its counter, registers, count of interrupts. */
	actors: Uint16Array;
	/** Offsets of the lines of each level and CPU. */
	levels: Uint16Array;
}

/** Of the translations that a TLB could hold, as bits: a condemned one, else an old one, else any. */
function worstOf(held: number, translations: readonly number[], isOld: (entry: number) => boolean): number {
	const among = (bits: number) => translations.filter((_, k) => (bits >> k) & 1);
	const condemned = among(held >> L.TRANSLATIONS_HELD).map((entry) => entry | L.PTE_CONDEMNED);
	const current = among(held);
	return condemned[0] ?? current.find(isOld) ?? current[0] ?? 0;
}

/** Reads a block. */
export function unpackState(
	block: Uint8Array,
	layout: BlockLayout,
	program: Program,
	assembled: Assembled,
): MachineState {
	const { numbers } = layout;
	const n = (field: number) => numbers[field / 4] ?? 0;
	const byte = (at: number) => block[at] ?? 0;
	const word = (at: number) => byte(at) | (byte(at + 1) << 8);
	const { flags, levels, colours, translations } = assembled;
	const cpuAt = (cpu: number) => n(X.PLACES_SHARED_BYTES) + cpu * n(X.PLACES_CPU_BYTES);
	const cpus = Array.from({ length: program.cpus }, (_, cpu) => cpu);
	const lines = program.frames.flatMap((frame, number) =>
		Array.from({ length: frame.lines }, (_, line) => ({ frame: number, line })),
	);
	const pteAt = (va: number) => byte(n(X.PLACES_PTES) + (program.vas[va]?.pte ?? va));
	// Of a page in a large page that is there, what that one says.
	const mappedNow = (va: number) => {
		const large = program.vas[va]?.within;
		const entry = large === undefined ? 0 : pteAt(large);
		const part = program.vas.slice(0, va).filter(({ within }) => within === large).length;
		return entry & L.PTE_PRESENT ? entry + (part << L.PTE_FRAME) : pteAt(va);
	};

	const vars = program.vars.flatMap((v, number): MachineState["vars"] => {
		const before = program.vars.slice(0, number).filter(({ perCpu }) => perCpu === v.perCpu).length;
		return v.perCpu
			? cpus.map((cpu) => ({ var: number, cpu, value: byte(cpuAt(cpu) + n(X.PLACES_CPU_VARS) + before) }))
			: [{ var: number, cpu: null, value: byte(n(X.PLACES_VARS) + before) }];
	});
	const latestOf = (line: number) => (levels > 0 ? byte(n(X.PLACES_LATEST) + line) : 0);
	const memory = lines.map(({ frame, line }, number) => {
		if (levels > 0) {
			const contents = contentsIn(word(n(X.PLACES_MEMORY) + number * 2));
			const latest = latestOf(number);
			return { frame, line, ...contents, latest, stale: contents.version !== latest };
		}
		const value = flags & L.HAS_VALUES ? byte(n(X.PLACES_MEMORY) + number) : 0;
		return { frame, line, value, version: 0, latest: 0, stale: false };
	});
	const cached: CachedLine[] = [];
	assembled.hardware.levels.slice(0, levels).forEach((level, number) => {
		for (const cpu of level.shared ? [0] : cpus) {
			const first = layout.levels[number * program.cpus + cpu] ?? 0;
			for (let colour = 0; colour < (level.virtual ? colours : 1); colour++) {
				lines.forEach(({ frame, line }, index) => {
					const copy = lineIn(word(first + (colour * lines.length + index) * 2));
					if (!copy) return;
					cached.push({
						level: number,
						cpu: level.shared ? null : cpu,
						colour: level.virtual ? colour : null,
						fetched: level.fetchesFrom !== undefined,
						frame,
						line,
						value: copy.value,
						version: copy.version,
						dirty: isDirty(copy.state),
						stale: copy.version !== latestOf(index),
					});
				});
			}
		}
	});
	const tlb: Translation[] = [];
	if (flags & L.HAS_TLB) {
		for (const cpu of cpus) {
			program.vas.forEach((_, va) => {
				const held = byte(cpuAt(cpu) + n(X.PLACES_CPU_TLB) + va);
				if (held === 0) return;
				const now = mappedNow(va);
				const entry = translations ? worstOf(held, translations[va] ?? [], (one) => isOld(one, now)) : held;
				const { frame, writable, dirty } = bitsIn(entry);
				const condemned = (entry & L.PTE_CONDEMNED) !== 0;
				const posted = (flags & L.HAS_POSTED) !== 0 && isIn(byte, cpuAt(cpu) + n(X.PLACES_CPU_PURGES), va);
				tlb.push({ cpu, va, frame, writable, dirty, condemned, stale: isOld(entry, now), posted });
			});
		}
	}
	const pending = cpus.flatMap((cpu) => {
		if (assembled.window === 0) return [];
		const window = cpuAt(cpu) + n(X.PLACES_CPU_WINDOW);
		return Array.from({ length: byte(window) }, (_, i) => {
			const { actor, code, known, value } = pendingIn(byte, window + 2 + i * PENDING_SIZE);
			return { cpu, actor, instruction: code, value: known ? value : null };
		});
	});
	return {
		vars,
		ptes: program.vas.map((_, va) => {
			const pte = pteAt(va);
			return { va, present: (pte & L.PTE_PRESENT) !== 0, ...bitsIn(pte) };
		}),
		tables: program.tables.map((_, table) => {
			return { table, ...tableIn(byte(n(X.PLACES_TABLES) + table)) };
		}),
		frames: program.frames.map((_, frame) => {
			const is = flags & L.HAS_FRAMES ? byte(n(X.PLACES_FRAMES) + frame) : 0;
			return {
				frame,
				...frameIn(is),
				references: flags & L.HAS_REFERENCES ? byte(n(X.PLACES_REFERENCES) + frame) : null,
			};
		}),
		memory,
		lines: cached,
		tlb,
		walkCaches: cpus.flatMap((cpu) => {
			const known =
				flags & L.HAS_WALKER && program.tables.length > 0 ? byte(cpuAt(cpu) + n(X.PLACES_CPU_WALK_CACHE)) : 0;
			return program.tables.flatMap((_, table) => (known & (1 << table) ? [{ cpu, table }] : []));
		}),
		pending,
		cpus: cpus.map((cpu) => {
			const is = byte(cpuAt(cpu) + n(X.PLACES_CPU_FLAGS));
			const mm = program.mms.length > 0 ? byte(cpuAt(cpu) + n(X.PLACES_CPU_MM)) : 0;
			return {
				...flagsIn(is),
				mm: mm === 0 ? null : mm - 1,
			};
		}),
		actors: program.actors.map((actor, number) => {
			const counter = byte(layout.actors[number * 3] ?? 0);
			const registers = layout.actors[number * 3 + 1] ?? 0;
			return {
				actor: number,
				at: counter === 0 || counter > actor.code.length ? null : counter - 1,
				registers: Object.fromEntries((assembled.registers[number] ?? []).map((r, i) => [r, byte(registers + i)])),
			};
		}),
	};
}
