import { FRAME_KINDS, type FrameKind, type Program } from "../../bindings/program.ts";
import { type HardwareOverrides, overrideRules } from "../hardware.ts";
import { badOption, optionsOf } from "../input/options.ts";
import {
	flag,
	leaf,
	list,
	must,
	number,
	object,
	orNull,
	type Read,
	type Rule,
	record,
	text,
	word,
} from "../input/shape.ts";
import { quote } from "../input/words.ts";
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

/** Things by name, or their names alone. */
function byName<T>(of: Rule<T>, most: number): Rule<[string, T][]> {
	const things = record(of);
	const names = list(text(), most);
	return {
		...things,
		read: (value, path) => {
			const entries = Array.isArray(value)
				? names.read(value, path).map((name): [string, T] => [name, of.read({}, path)])
				: Object.entries(things.read(value, path));
			must(entries.length <= most, path, `must be at most ${most}`);
			must(new Set(entries.map(([name]) => name)).size === entries.length, path, "must be named once each");
			return entries;
		},
	};
}

const upTo = (most: number, least = 0) => number({ least, most });

const pageOptions = () =>
	object({
		frame: orNull(text()),
		colour: upTo(7),
		half: word("user", "kernel"),
		writable: flag(),
		space: orNull(text()),
		table: orNull(text()),
		entryOf: text(),
		noMoveIn: flag(),
		uncached: flag(),
		writeThrough: flag(),
		incoherent: flag(),
		pinned: flag(),
		protected: flag(),
		within: text(),
		bound: upTo(255),
	});

const frameOptions = () => object({ kind: word(...FRAME_KINDS), lines: upTo(MOST_LINES, 1), references: upTo(255) });

// What actions are is checked where they are made operations.
const doing = () =>
	list(
		leaf((value) => value as Doing),
		10_000,
	);

/** Of MachineOptions. */
const machineOptions = () =>
	object(
		{
			cpus: upTo(MOST_CPUS, 1),
			pages: byName(pageOptions(), MOST.pages),
			frames: byName(frameOptions(), MOST.frames),
			spaces: byName(object({}), MOST.spaces),
			tables: byName(object({}), MOST.tables),
			variables: byName(object({ initial: upTo(255), perCpu: flag() }), MOST.variables),
			irq: doing(),
			nmi: doing(),
			...overrideRules(),
		},
		["pages"],
	);

/** MachineOptions, checked. */
type Checked = Read<ReturnType<typeof machineOptions>>;

function numberOf(names: readonly string[], name: unknown, path: string, what: string): number {
	const number = names.indexOf(name as string);
	if (number < 0) throw badOption(path, `names no ${what}: ${quote(name)}; there are ${names.join(", ") || "none"}`);
	return number;
}

/** The machine's memory, mappings and CPUs as a program without instructions, and what everything is called. Throws BAD_OPTION. */
export function describe(given: MachineOptions): { program: Program; names: Names; options: Checked } {
	const options = optionsOf(machineOptions(), given);
	const { cpus = 1, pages, variables = [], spaces = [], tables = [] } = options;
	const mapped = pages.map(([, { frame }]) => frame).filter((frame) => typeof frame === "string");
	const fallback = mapped.length > 0 ? [...new Set(mapped)] : ["P"];
	const frames = options.frames ?? fallback.map((name): [string, FrameOptions] => [name, {}]);
	const names: Names = {
		cpus,
		pages: pages.map(([name]) => name),
		frames: frames.map(([name]) => name),
		spaces: spaces.map(([name]) => name),
		tables: tables.map(([name]) => name),
		variables: variables.map(([name]) => name),
		perCpu: variables.filter(([, { perCpu }]) => perCpu === true).map(([name]) => name),
	};
	const program: Program = {
		name: "held",
		cpus,
		vars: variables.map(([name, { initial, perCpu }]) => ({
			name,
			initial: initial ?? 0,
			perCpu: perCpu === true,
		})),
		frames: frames.map(([name, frame]) => ({
			name,
			kind: frame.kind ?? "ram",
			lines: frame.lines ?? 1,
			references: frame.references ?? 1,
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
	if (lines > MOST_LINES) throw badOption("frames", `have ${lines} lines: at most ${MOST_LINES} are valid`);
	for (const { name, within } of program.vas) {
		if (within === undefined || program.vas[within]!.within === undefined) continue;
		throw badOption(`pages.${name}.within`, "names a page that lies in a large page itself");
	}
	for (const { name, pte } of program.vas) {
		if (program.vas[pte]!.pte === pte) continue;
		throw badOption(`pages.${name}.entryOf`, "names a page whose entry is another one's: name that one");
	}
	return { program, names, options };
}

function mapping(name: string, page: PageOptions, number: number, names: Names): Program["vas"][number] {
	const path = `pages.${name}`;
	const find = (list: string[], of: unknown, field: string, what: string) =>
		of === undefined || of === null ? null : numberOf(list, of, `${path}.${field}`, what);
	return {
		name,
		frame: find(names.frames, page.frame, "frame", "frame"),
		writable: page.writable ?? true,
		half: page.half ?? "user",
		mm: find(names.spaces, page.space, "space", "address space"),
		colour: page.colour ?? 0,
		table: find(names.tables, page.table, "table", "table"),
		pte: page.entryOf === undefined ? number : numberOf(names.pages, page.entryOf, `${path}.entryOf`, "page"),
		noMoveIn: page.noMoveIn === true,
		uncached: page.uncached === true,
		writeThrough: page.writeThrough === true,
		incoherent: page.incoherent === true,
		pinned: page.pinned === true,
		protected: page.protected === true,
		...(page.within !== undefined && { within: numberOf(names.pages, page.within, `${path}.within`, "page") }),
		...(page.bound !== undefined && { bound: page.bound }),
	};
}
