import type { Hardware } from "../../bindings/assemble.ts";
import * as X from "../../bindings/layout/explore.ts";
import type { Command, How } from "../../bindings/machine.ts";
import type { Claim, Location, Operation, Program, Value } from "../../bindings/program.ts";
import { quote } from "../input/words.ts";
import type { Action, Doing, Happening } from "./action.ts";
import { type Names, REGISTERS } from "./options.ts";
import { impossible } from "./refusal.ts";

// From an action by name to what the core takes, by number. All that is checked here is that what an action names is there:
// whether it can be done is the core's to say.

const FENCES = ["full", "store", "load", "acquire", "release", "compiler", "speculation"] as const;
const CHANGES = ["swap", "add", "sub", "and", "or", "xor", "cas"] as const;

/** Entry of a page table: PTE_* of layout/program.ts. */
const entryOf = (frame: number, writable: boolean, accessed: boolean, dirty: boolean) =>
	1 | (writable ? 2 : 0) | (accessed ? 4 : 0) | (dirty ? 8 : 0) | (frame << 4);

/** Reads the fields of one action; all it throws is BAD_ACTION, with the path of the field. */
export class Fields {
	readonly #action: Record<string, unknown>;
	readonly #path: string;
	readonly #read = new Set(["do"]);

	constructor(action: unknown, path: string) {
		if (typeof action !== "object" || action === null) throw impossible(path, "must be an action, an object");
		this.#action = action as Record<string, unknown>;
		this.#path = path;
	}

	#get(field: string): unknown {
		this.#read.add(field);
		return this.#action[field];
	}

	has(field: string): boolean {
		return this.#get(field) !== undefined;
	}

	/** Throws where there are fields that nobody asked for. */
	end(): void {
		for (const [field, value] of Object.entries(this.#action)) {
			if (value === undefined || this.#read.has(field)) continue;
			const known = [...this.#read].filter((name) => name !== "do");
			const action = quote(this.#action.do);
			this.fail(field, `is no field of ${action} like this: it has ${known.join(", ") || "none"}`);
		}
	}

	fail(field: string, what: string): never {
		throw impossible(`${this.#path}.${field}`, what);
	}

	whole(field: string, least: number, most: number, otherwise?: number): number {
		const value = this.#get(field) ?? otherwise;
		if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
		return this.fail(field, `is ${quote(value)}: a whole number from ${least} to ${most} is valid`);
	}

	flag(field: string, otherwise: boolean): boolean {
		const value = this.#get(field) ?? otherwise;
		return typeof value === "boolean" ? value : this.fail(field, `is ${quote(value)}: true and false are valid`);
	}

	word<const T extends string>(field: string, valid: readonly T[], otherwise?: T): T {
		const value = this.#get(field) ?? otherwise;
		if (valid.includes(value as T)) return value as T;
		return this.fail(field, `is ${quote(value)}: ${valid.join(", ")} are valid`);
	}

	name(field: string, names: readonly string[], what: string): number {
		const number = names.indexOf(this.#get(field) as string);
		if (number >= 0) return number;
		const there = names.length > 0 ? `there are ${names.join(", ")}` : "there are none";
		const found = this.#action[field];
		return this.fail(field, `${found === undefined ? "is missing" : `names no ${what}: ${quote(found)}`}; ${there}`);
	}
}

/** What the core is told for an action. */
export function encode(action: Action, path: string, names: Names, program: Program, hardware: Hardware): Command {
	const fields = new Fields(action, path);
	checkHardware(action, fields, hardware);
	const command = commandOf(action, fields, names, program);
	fields.end();
	return command;
}

/** Refuses what a CPU of this machine has no instruction for. */
function checkHardware(action: Action, fields: Fields, hardware: Hardware): void {
	if ((action.do === "tlb-insert" || action.do === "tlb-write") && hardware.walker)
		fields.fail(
			"do",
			`is ${action.do}, and this machine's TLBs are filled by hardware: an access, or "walk", does that`,
		);
	if (action.do === "tlb-flush" && action.broadcast && !hardware.broadcast)
		fields.fail(
			"broadcast",
			"is true, and this machine has no such instruction: send an interrupt whose handler flushes",
		);
}

function commandOf(action: Action, fields: Fields, names: Names, program: Program): Command {
	const kind = (action as { do?: unknown }).do;
	const happens = happening(action as Happening, fields, names, program);
	if (happens !== undefined) return { action: happens >>> 0 };
	if (kind === "dma-read" || kind === "dma-write") {
		const device = program.actors.findIndex((actor) => actor.kind === "device");
		const frame = program.frames[fields.name("frame", names.frames, "frame")]!;
		fields.whole("line", 0, frame.lines - 1, 0);
		return { how: "execute", actor: device, operation: operationOf(action as Doing, fields, names) };
	}
	const cpu = fields.whole("cpu", 0, names.cpus - 1, 0);
	const operation = operationOf(action as Doing, fields, names);
	return { how: howOf(kind as Doing["do"], fields), actor: cpu, operation };
}

function howOf(kind: Doing["do"], fields: Fields): How {
	if (kind === "map" || kind === "unmap") return kind;
	if (kind === "mispredict") return "transient";
	const hits = (kind === "load" || kind === "store") && fields.flag("hits", false);
	if (hits) return "hit";
	if (kind !== "load" && kind !== "store" && kind !== "rmw") return "execute";
	return fields.flag("defer", false) ? "defer" : "execute";
}

/** The operation that an action by a CPU or device is. */
export function operationOf(action: Doing, fields: Fields, names: Names): Operation {
	const constant = (field: string, otherwise?: number): Value => ({ constant: fields.whole(field, 0, 255, otherwise) });
	const page = () => fields.name("page", names.pages, "page");
	const frame = () => fields.name("frame", names.frames, "frame");
	const line = () => fields.whole("line", 0, 254, 0);
	const to = () => fields.whole("to", 0, REGISTERS - 1, 0);
	switch (action.do) {
		case "load":
			return {
				op: "load",
				at: placeOf(fields, names, true),
				order: fields.word("order", ["plain", "acquire"], "plain"),
				to: to(),
			};
		case "store":
			return {
				op: "store",
				at: placeOf(fields, names, true),
				value: constant("value", 0),
				order: fields.word("order", ["plain", "release"], "plain"),
			};
		case "rmw":
			return {
				op: "rmw",
				kind: fields.word("kind", CHANGES),
				at: placeOf(fields, names, false),
				value: constant("value"),
				...(fields.has("expected") && { expected: constant("expected") }),
				order: fields.word("order", ["plain", "acquire", "release", "full"], "plain"),
				to: to(),
			};
		case "lock":
			return { op: "lock", at: variableOf(fields, names) };
		case "fence":
			return { op: "fence", kind: fields.word("kind", FENCES, "full") };
		case "mispredict":
			return { op: "load", at: { in: "page", va: page(), line: line() }, order: "plain" };
		case "map": {
			const frames = names.frames.length === 1 && !fields.has("frame") ? 0 : frame();
			const entry = entryOf(
				frames,
				fields.flag("writable", true),
				fields.flag("accessed", false),
				fields.flag("dirty", false),
			);
			return { op: "store", at: { in: "pte", va: page() }, value: { constant: entry }, order: "plain" };
		}
		case "unmap":
			return { op: "store", at: { in: "pte", va: page() }, value: { constant: 0 }, order: "plain" };
		case "flush":
		case "clean":
		case "purge":
			return {
				op: "cache",
				kind: action.do,
				va: page(),
				pageLine: line(),
				...(fields.has("levels") && { levels: fields.whole("levels", 1, 4) }),
			};
		case "flush-all":
			return { op: "cache-all", kind: "flush" };
		case "tlb-flush":
			return {
				op: "tlb-flush",
				...(fields.has("page") && { va: page() }),
				...(fields.has("space") && { mm: fields.name("space", names.spaces, "address space") }),
				keepGlobal: fields.flag("keepGlobal", false),
				scope: fields.flag("broadcast", false) ? "broadcast" : "local",
				posted: fields.flag("posted", false),
			};
		case "tlb-insert":
			return { op: "tlb-insert", va: page() };
		case "tlb-write": {
			const entry = fields.has("frame")
				? entryOf(frame(), fields.flag("writable", true), false, fields.flag("dirty", false))
				: 0;
			return { op: "tlb-write", va: page(), entry: { constant: entry } };
		}
		case "tlb-read":
			return { op: "tlb-read", va: page(), to: to() };
		case "tlb-sync":
			return { op: "tlb-sync" };
		case "fetch":
			return { op: "fetch", va: page(), pageLine: line(), to: to() };
		case "fetch-flush":
			return {
				op: "fetch-flush",
				...(fields.has("page") && { va: page(), pageLine: line() }),
				scope: fields.flag("broadcast", false) ? "broadcast" : "local",
			};
		case "switch":
			return {
				op: "switch",
				mm: fields.name("space", names.spaces, "address space"),
				flush: fields.flag("flush", false),
			};
		case "interrupt":
			return {
				op: "interrupt",
				handler: fields.flag("nmi", false) ? "nmi" : "irq",
				to: action.to === "others" ? "others" : { cpu: fields.whole("to", 0, names.cpus - 1) },
			};
		case "mask":
			return { op: "mask", what: fields.word("what", ["irq", "preempt"]), on: fields.flag("on", true) };
		case "table-free":
			return { op: "table-free", table: fields.name("table", names.tables, "table") };
		case "mark-dirty":
		case "mark-clean":
			return { op: "page", kind: action.do === "mark-dirty" ? "mark-dirty" : "clean", frame: frame() };
		case "get":
		case "put":
			return { op: "ref", kind: action.do, frame: frame() };
		case "struct-page":
			return { op: "struct-page", frame: frame() };
		case "map-as":
			return { op: "map-as", frame: frame(), as: fields.word("as", ["ram", "device"]) };
		case "dma-read":
			return { op: "dma", kind: "read", frame: frame(), pageLine: line(), to: 0 };
		case "dma-write":
			return { op: "dma", kind: "write", frame: frame(), pageLine: line(), value: constant("value", 0) };
		case "claim":
			return { op: "claim", ...claimOf(fields, names) };
	}
	return fields.fail("do", `is ${quote((action as { do: unknown }).do)}: no such action`);
}

function placeOf(fields: Fields, names: Names, pages: boolean): Location {
	if (fields.has("variable")) return variableOf(fields, names);
	if (fields.has("entry")) return { in: "pte", va: fields.name("entry", names.pages, "page") };
	if (fields.has("table")) return { in: "table", table: fields.name("table", names.tables, "table") };
	if (!pages) fields.fail("variable", "is missing: a variable, an entry or a table is valid");
	return { in: "page", va: fields.name("page", names.pages, "page"), line: fields.whole("line", 0, 254, 0) };
}

function variableOf(fields: Fields, names: Names): Location {
	const number = fields.name("variable", names.variables, "variable");
	return { in: "var", var: number, ...(names.perCpu.includes(names.variables[number]!) && { of: "self" }) };
}

function claimOf(fields: Fields, names: Names): Claim {
	const frame = () => fields.name("frame", names.frames, "frame");
	const claim = fields.word("claim", [
		"released",
		"recycled",
		"flushed",
		"handed-over",
		"gained",
		"up-to-date",
		"unmapped",
		"balanced",
	]);
	if (claim === "flushed") return { claim, va: fields.name("page", names.pages, "page") };
	if (claim === "up-to-date") return { claim, mm: fields.name("space", names.spaces, "address space"), of: "self" };
	if (claim === "gained") return { claim, frame: frame(), writes: fields.flag("writes", false) };
	return { claim, frame: frame() };
}

/** Number of a line among those of all frames, from its frame and number there. */
function lineOf(fields: Fields, names: Names, program: Program): number {
	const frame = names.frames.length === 1 && !fields.has("frame") ? 0 : fields.name("frame", names.frames, "frame");
	const before = program.frames.slice(0, frame).reduce((sum, { lines }) => sum + lines, 0);
	return before + fields.whole("line", 0, (program.frames[frame]?.lines ?? 1) - 1, 0);
}

/** ACT_* of what happens by itself; undefined: no such. */
function happening(action: Happening, fields: Fields, names: Names, program: Program): number | undefined {
	const cpu = () => fields.whole("cpu", 0, names.cpus - 1, 0);
	const handler = () => {
		const kind = fields.flag("nmi", false) ? "nmi" : "irq";
		return program.actors.findIndex((actor) => actor.cpu === cpu() && actor.kind === kind);
	};
	const act = (kind: number, who: number, x = 0, y = 0) => (kind << 24) | (who << 16) | (x << 8) | y;
	const hits = () => (fields.flag("hits", false) ? 1 : 0);
	switch (action.do) {
		case "drain":
			return act(X.ACT_PERFORM, cpu(), fields.whole("which", 0, 7, 0), hits());
		case "deliver":
			return act(X.ACT_DELIVER, cpu(), handler());
		case "handle":
			return fields.flag("defer", false) ? act(X.ACT_DEFER, handler()) : act(X.ACT_STEP, handler(), 0, hits());
		case "walk":
			return act(X.ACT_WALK, cpu(), fields.name("page", names.pages, "page"));
		case "tlb-evict":
			return act(X.ACT_TLB_EVICT, cpu(), fields.name("page", names.pages, "page"));
		case "tlb-drop":
			return act(X.ACT_PURGE, cpu(), fields.name("page", names.pages, "page"));
		case "walk-cache-evict":
			return act(X.ACT_PSC_EVICT, cpu(), fields.name("table", names.tables, "table"));
		case "move-in":
			return act(X.ACT_MOVE_IN, cpu(), fields.name("page", names.pages, "page"), lineOf(fields, names, program));
		case "evict":
		case "write-back": {
			const colour = fields.whole("colour", 0, 7, 0);
			const lines = Math.max(
				1,
				program.frames.reduce((sum, frame) => sum + frame.lines, 0),
			);
			const slot = colour * lines + lineOf(fields, names, program);
			if (slot > 255) return fields.fail("colour", `is ${colour}: there are fewer`);
			const kind = action.do === "evict" ? X.ACT_EVICT : X.ACT_WRITE_BACK;
			return act(kind, cpu(), fields.whole("level", 0, 3, 0), slot);
		}
	}
	return undefined;
}

/** An action of enabled() by name. */
export function decode(action: number, names: Names, program: Program): Happening {
	const who = (action >>> 16) & 255;
	const x = (action >>> 8) & 255;
	const y = action & 255;
	const actor = program.actors[who];
	const hits = y === 1 && { hits: true };
	const ofActor = { cpu: actor?.cpu ?? 0, nmi: actor?.kind === "nmi" };
	switch (action >>> 24) {
		case X.ACT_STEP:
			return { do: "handle", ...ofActor, defer: false, ...hits };
		case X.ACT_DEFER:
			return { do: "handle", ...ofActor, defer: true };
		case X.ACT_PERFORM:
			return { do: "drain", cpu: who, which: x, ...hits };
		case X.ACT_DELIVER:
			return { do: "deliver", cpu: who, nmi: program.actors[x]?.kind === "nmi" };
		case X.ACT_WALK:
			return { do: "walk", cpu: who, page: names.pages[x]! };
		case X.ACT_TLB_EVICT:
			return { do: "tlb-evict", cpu: who, page: names.pages[x]! };
		case X.ACT_PURGE:
			return { do: "tlb-drop", cpu: who, page: names.pages[x]! };
		case X.ACT_PSC_EVICT:
			return { do: "walk-cache-evict", cpu: who, table: names.tables[x]! };
		case X.ACT_MOVE_IN:
			return { do: "move-in", cpu: who, page: names.pages[x]!, ...lineNamed(y, program) };
	}
	const lines = program.frames.reduce((sum, frame) => sum + frame.lines, 0);
	const kind = action >>> 24 === X.ACT_EVICT ? "evict" : "write-back";
	return { do: kind, cpu: who, level: x, colour: Math.floor(y / lines), ...lineNamed(y % lines, program) };
}

/** Frame and number in it of a line that is numbered among all. */
export function lineNamed(line: number, program: Program): { frame: string; line: number } {
	for (const { name, lines } of program.frames) {
		if (line < lines) return { frame: name, line };
		line -= lines;
	}
	return { frame: "?", line };
}
