import { FRAME_KINDS, type FrameKind, type Program } from "../../bindings/program.ts";
import { StalemateError } from "../errors.ts";
import type { HardwareOverrides } from "../hardware.ts";
import { quote } from "../profiles/nearest.ts";
import type { Doing } from "./action.ts";

/** A virtual page. */
export interface PageOptions {
	/** Frame that it maps at the start; none: not present. */
	frame?: string | null;
	/** Colour in virtually indexed caches, 0 to 7 (default 0): pages of the same colour share lines. */
	colour?: number;
	/** Default user. */
	half?: "user" | "kernel";
	/** What its entry allows at the start (default true). */
	writable?: boolean;
	/** Address space; none: it is in all of them. */
	space?: string | null;
	/** Table page that holds its entry; none: one that is always there. */
	table?: string | null;
	/** Another page whose page-table entry is this one's too. */
	entryOf?: string;
	/** Speculation does not move lines in through it. */
	noMoveIn?: boolean;
	/** Bypasses the caches. */
	uncached?: boolean;
	/** Writes go to memory, too, and leave the line clean (the e500's W). */
	writeThrough?: boolean;
	/** Accesses do not ask the caches of other CPUs (the e500's M, not set). */
	incoherent?: boolean;
	/** Its translations do not leave by themselves (TLB1 of the e500). */
	pinned?: boolean;
	/** Nor does an invalidation remove them (its IPROT). */
	protected?: boolean;
	/** The large page that it lies in, which maps as many frames, from its own on, as pages lie in it. */
	within?: string;
	/** Lines that an access may reach (default: as many as the frame at the start has). */
	bound?: number;
}

/** A page of physical memory. */
export interface FrameOptions {
	kind?: FrameKind;
	/** Lines that matter, 1 to 64 (default 1). */
	lines?: number;
	/** References that it has at the start (default 1). */
	references?: number;
}

/** A variable of a held machine. */
export interface VariableOptions {
	/** 0 to 255 (default 0). */
	initial?: number;
	/** A copy for each CPU. */
	perCpu?: boolean;
}

/** What a held machine has: CPUs, pages and where they are mapped, variables. */
export interface MachineOptions extends HardwareOverrides {
	/** 1 to 8, as many as the profile has at most (default 1). */
	cpus?: number;
	/** Virtual pages by name, or their names alone. */
	pages: Readonly<Record<string, PageOptions>> | readonly string[];
	/** Frames by name. Default: those that pages name, else one, "P". */
	frames?: Readonly<Record<string, FrameOptions>> | readonly string[];
	/** Address spaces. Every CPU begins in the first. */
	spaces?: readonly string[];
	/** Page-table pages. */
	tables?: readonly string[];
	/** Ordinary memory, one byte each, uncached. */
	variables?: Readonly<Record<string, VariableOptions>> | readonly string[];
	/** What each CPU does when an interrupt is delivered; nothing where it is left out. */
	irq?: readonly Doing[];
	nmi?: readonly Doing[];
}

/** Names of everything in a machine, in the order of their numbers. */
export interface Names {
	cpus: number;
	pages: string[];
	frames: string[];
	spaces: string[];
	tables: string[];
	variables: string[];
	/** Those of the variables of which each CPU has a copy. */
	perCpu: string[];
}

/** Registers of each CPU: what loads give. */
export const REGISTERS = 8;
const MOST_CPUS = 8;
const MOST_LINES = 64;
const MOST = { pages: 64, frames: 15, spaces: 8, tables: 8, variables: 255 } as const;

function bad(path: string, what: string): StalemateError {
	return new StalemateError("BAD_OPTION", `${path} ${what}`, { path });
}

function whole(path: string, value: unknown, least: number, most: number): number {
	if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
	throw bad(path, `is ${quote(value)}: a whole number from ${least} to ${most} is valid`);
}

function oneOf<T extends string>(path: string, value: unknown, valid: readonly T[]): T {
	if (valid.includes(value as T)) return value as T;
	throw bad(path, `is ${quote(value)}: ${valid.join(", ")} are valid`);
}

function byName<T extends object>(of: unknown, group: keyof typeof MOST): [string, T][] {
	if (of !== undefined && (typeof of !== "object" || of === null)) throw bad(group, "must be names, or an object");
	const entries = Array.isArray(of)
		? of.map((name): [string, T] => [String(name), {} as T])
		: Object.entries((of ?? {}) as Record<string, T>);
	if (entries.length > MOST[group]) throw bad(group, `are ${entries.length}: at most ${MOST[group]} are valid`);
	if (new Set(entries.map(([name]) => name)).size < entries.length) throw bad(group, "name one of them twice");
	for (const [name, options] of entries) {
		if (typeof options !== "object" || options === null) throw bad(`${group}.${name}`, "must be an object");
	}
	return entries;
}

function numberOf(names: readonly string[], name: unknown, path: string, what: string): number {
	const number = names.indexOf(name as string);
	if (number < 0) throw bad(path, `names no ${what}: ${quote(name)}; there are ${names.join(", ") || "none"}`);
	return number;
}

/** The machine's memory, mappings and CPUs as a program without instructions, and what everything is called. */
export function describe(options: MachineOptions): { program: Program; names: Names } {
	const cpus = whole("cpus", options.cpus ?? 1, 1, MOST_CPUS);
	const pages = byName<PageOptions>(options.pages, "pages");
	const mapped = pages.map(([, { frame }]) => frame).filter((frame): frame is string => typeof frame === "string");
	const fallback = mapped.length > 0 ? [...new Set(mapped)] : ["P"];
	const frames = byName<FrameOptions>(options.frames ?? fallback, "frames");
	const variables = byName<VariableOptions>(options.variables, "variables");
	const names: Names = {
		cpus,
		pages: pages.map(([name]) => name),
		frames: frames.map(([name]) => name),
		spaces: byName(options.spaces, "spaces").map(([name]) => name),
		tables: byName(options.tables, "tables").map(([name]) => name),
		variables: variables.map(([name]) => name),
		perCpu: variables.filter(([, { perCpu }]) => perCpu === true).map(([name]) => name),
	};
	const program: Program = {
		name: "held",
		cpus,
		vars: variables.map(([name, { initial, perCpu }]) => ({
			name,
			initial: whole(`variables.${name}.initial`, initial ?? 0, 0, 255),
			perCpu: perCpu === true,
		})),
		frames: frames.map(([name, frame]) => ({
			name,
			kind: oneOf(`frames.${name}.kind`, frame.kind ?? "ram", FRAME_KINDS),
			lines: whole(`frames.${name}.lines`, frame.lines ?? 1, 1, MOST_LINES),
			references: whole(`frames.${name}.references`, frame.references ?? 1, 0, 255),
		})),
		tables: names.tables.map((name) => ({ name, linked: true })),
		mms: names.spaces.map((name) => ({ name })),
		vas: pages.map(([name, page], number) => mapping(name, page, number, names)),
		actors: Array.from({ length: cpus }, (_, cpu) => ({
			name: `CPU ${cpu}`,
			cpu,
			kind: "thread" as const,
			registers: Array.from({ length: REGISTERS }, (_, register) => `r${register}`),
			code: [],
			mm: names.spaces.length > 0 ? 0 : null,
		})),
		symmetric: [],
	};
	program.actors.push({ name: "device", cpu: null, kind: "device", registers: ["r0"], code: [] });
	const lines = program.frames.reduce((sum, frame) => sum + frame.lines, 0);
	if (lines > MOST_LINES) throw bad("frames", `have ${lines} lines: at most ${MOST_LINES} are valid`);
	for (const { name, within } of program.vas) {
		if (within === undefined || program.vas[within]!.within === undefined) continue;
		throw bad(`pages.${name}.within`, "names a page that lies in a large page itself");
	}
	for (const { name, pte } of program.vas) {
		if (program.vas[pte]!.pte === pte) continue;
		throw bad(`pages.${name}.entryOf`, "names a page whose entry is another one's: name that one");
	}
	return { program, names };
}

function mapping(name: string, page: PageOptions, number: number, names: Names): Program["vas"][number] {
	const path = `pages.${name}`;
	const find = (list: string[], of: unknown, field: string, what: string) =>
		of === undefined || of === null ? null : numberOf(list, of, `${path}.${field}`, what);
	return {
		name,
		frame: find(names.frames, page.frame, "frame", "frame"),
		writable: page.writable ?? true,
		half: oneOf(`${path}.half`, page.half ?? "user", ["user", "kernel"]),
		mm: find(names.spaces, page.space, "space", "address space"),
		colour: whole(`${path}.colour`, page.colour ?? 0, 0, 7),
		table: find(names.tables, page.table, "table", "table"),
		pte: page.entryOf === undefined ? number : numberOf(names.pages, page.entryOf, `${path}.entryOf`, "page"),
		noMoveIn: page.noMoveIn === true,
		uncached: page.uncached === true,
		writeThrough: page.writeThrough === true,
		incoherent: page.incoherent === true,
		pinned: page.pinned === true,
		protected: page.protected === true,
		...(page.within !== undefined && { within: numberOf(names.pages, page.within, `${path}.within`, "page") }),
		...(page.bound !== undefined && { bound: whole(`${path}.bound`, page.bound, 0, 255) }),
	};
}
