import { PTE_ACCESSED, PTE_DIRTY, PTE_FRAME, PTE_PRESENT, PTE_WRITABLE } from "../../bindings/layout/program.ts";
import type { Fence, Operator, Value } from "../../bindings/program.ts";
import type { Expression } from "./ast.ts";
import type { Writer } from "./code.ts";
import { arithmetic, evaluate } from "./evaluate.ts";

/** A statement of the language. */
export interface Verb {
	name: string;
	/** How it is written. */
	form: string;
	/** What it does, in a sentence. */
	what: string;
	/** Words that may follow the name after a dot. */
	modifiers?: readonly string[];
	/** It ends with a comparison. */
	test?: boolean;
	/** It reaches memory through a mapping, which may be gone. */
	mayFault?: boolean;
	write(writer: Writer): void;
}

const ORDERS = ["plain", "relaxed", "acquire", "release", "full"] as const;
const LOAD_ORDERS = ["plain", "relaxed", "acquire"] as const;
const STORE_ORDERS = ["plain", "relaxed", "release"] as const;
const FENCES: readonly Fence[] = ["full", "store", "load", "acquire", "release", "compiler", "speculation"];
const BITS = { present: PTE_PRESENT, writable: PTE_WRITABLE, accessed: PTE_ACCESSED, dirty: PTE_DIRTY };
const CLASSES = ["lock", "reclaim"] as const;

const RMW = ["swap", "add", "sub", "and", "or", "xor", "cas"] as const;

function rmw(kind: (typeof RMW)[number]): Verb {
	const cas = kind === "cas";
	return {
		name: `rmw.${kind}`,
		form: `rmw.${kind} [REGISTER <-] PLACE, ${cas ? "EXPECTED, NEW" : "VALUE"}`,
		what: cas
			? "stores the new value only over the expected one; the register gets the old value either way"
			: kind === "swap"
				? "stores a value; the register gets the old one"
				: `old ${kind} value, stored; the register gets the old value`,
		modifiers: ORDERS,
		mayFault: true,
		write(w) {
			const operands = w.from ?? w.args;
			if (operands.length !== (cas ? 3 : 2) || (w.from && w.args.length !== 1))
				throw w.wrong("wrong number of operands");
			const at = w.place(operands[0]);
			const expected = cas ? w.value(operands[1]!) : undefined;
			const value = w.value(operands.at(-1)!);
			const to = w.from ? { to: w.target(w.args[0]!) } : {};
			w.emit({ op: "rmw", kind, ...to, at, value, ...(expected && { expected }), order: w.order("full") });
		},
	};
}

/** Whether an operand is one line of a page. */
function isOneLine(w: Writer, operand: Expression | undefined): boolean {
	return typeof w.coder.follow(operand!, w.scope).expression === "object";
}

/** Lines of a mapping's page: of one that is not mapped at the start, as many as the largest has. */
function linesOf(w: Writer, va: number): number {
	const { vas, frames } = w.coder.program;
	const frame = vas[va]!.frame;
	return frame === null ? Math.max(1, ...frames.map((f) => f.lines)) : frames[frame]!.lines;
}

function cache(kind: "flush" | "clean" | "purge", what: string): Verb {
	return {
		name: `cache.${kind}`,
		form: `cache.${kind} MAP, or one line of it: cache.${kind} MAP[N] [to unification | memory]`,
		what: `${what}; all lines of the page, each a step, unless one is named; to where instructions and data meet, or to memory`,
		write(w) {
			w.count(1, 0, 3);
			const [, to, point] = w.args;
			if (to !== undefined) w.oneOf(["to"], to, "what follows");
			const far = to === undefined ? "memory" : w.oneOf(["unification", "memory"] as const, point, "how far");
			const levels = far === "unification" && { levels: far };
			const at = w.place(w.args[0]);
			if (at.in !== "page" || at.index !== undefined) throw w.wrong("a mapping is needed, or a line of it by number");
			const one = isOneLine(w, w.args[0]);
			const lines = linesOf(w, at.va);
			const first = one ? at.line : 0;
			const end = one ? first + 1 : lines;
			for (let line = first; line < end; line++) w.emit({ op: "cache", kind, va: at.va, pageLine: line, ...levels });
		},
	};
}

function tlb(name: string, otherwise: "local" | "broadcast", what: string): Verb {
	return {
		name,
		form: `${name} MAP | mm MM | all [keep-global]`,
		what,
		modifiers: ["local", "broadcast", "posted"],
		write(w) {
			const words = [...w.args];
			const keep = w.coder.follow(words.at(-1) ?? 0, w.scope).expression === "keep-global" && words.pop() !== undefined;
			if (w.from || words.length === 0) throw w.wrong("what is dropped is not said");
			const posted = w.modifiers.includes("posted");
			const rest = { ...(keep && { keepGlobal: true }), scope: scopeOf(w, otherwise), ...(posted && { posted }) };
			if (words[0] === "mm" && words.length === 2) w.emit({ op: "tlb-flush", mm: w.thing("mm", words[1]), ...rest });
			else if (words.length > 1) throw w.wrong("wrong number of operands");
			else if (words[0] === "all" && w.coder.kindOf("all", w.scope) === undefined) w.emit({ op: "tlb-flush", ...rest });
			else if (w.coder.kindOf(words[0], w.scope) === "mm")
				w.emit({ op: "tlb-flush", mm: w.thing("mm", words[0]), ...rest });
			else w.emit({ op: "tlb-flush", va: w.thing("map", words[0]), ...rest });
		},
	};
}

/** The one of the two that the modifiers name. */
function scopeOf(w: Writer, otherwise: "local" | "broadcast"): "local" | "broadcast" {
	if (w.modifiers.includes("local") && w.modifiers.includes("broadcast")) throw w.wrong("one of the two is enough");
	return w.modifiers.includes("local") ? "local" : w.modifiers.includes("broadcast") ? "broadcast" : otherwise;
}

function bits(w: Writer, words: readonly Expression[]): number {
	let mask = 0;
	for (const word of words) mask |= BITS[w.oneOf(Object.keys(BITS) as (keyof typeof BITS)[], word, "a bit")];
	return mask;
}

/** A mapping, its destination register and what follows, of `pte.x [r <-] MAP words`. */
function entry(w: Writer) {
	const operands = w.from ?? w.args;
	if (operands.length === 0 || (w.from && w.args.length !== 1)) throw w.wrong("wrong number of operands");
	const at = { in: "pte" as const, va: w.thing("map", operands[0]) };
	const to = w.from ? { to: w.target(w.args[0]!) } : {};
	return { at, to, words: operands.slice(1) };
}

function interrupt(name: string, handler: "irq" | "nmi"): Verb {
	return {
		name,
		form: `${name} CPU: a number, the name of a loop over CPUs, or others`,
		what: `marks an ${handler} pending there; waits for the CPU's own stores to be visible first`,
		write(w) {
			w.count(1, 0);
			const { instances } = w.coder;
			if (!instances.some(({ actor }) => actor.kind === handler)) throw w.wrong(`there is no handler ${handler}`);
			const [to] = w.args as [Expression];
			if (w.coder.isTarget(to, w.scope)) w.emit({ op: "interrupt", handler, to: "target" });
			else if (w.coder.follow(to, w.scope).expression === "others") w.emit({ op: "interrupt", handler, to: "others" });
			else {
				const value = w.value(to);
				if (!("constant" in value)) throw w.wrong("the CPU must be known before the run");
				const cpu = value.constant;
				if (!instances.some((one) => one.actor.kind === handler && one.cpu === cpu))
					throw w.wrong(`CPU ${cpu} has no handler ${handler}`);
				w.emit({ op: "interrupt", handler, to: { cpu } });
			}
		},
	};
}

function dma(kind: "read" | "write"): Verb {
	return {
		name: `dma.${kind}`,
		form: `dma.${kind} PAGE, or one line of it: dma.${kind} PAGE[N]`,
		what: `a device ${kind}s a line of a page in memory`,
		write(w) {
			w.count(1, 0);
			const { expression: found, scope } = w.coder.follow(w.args[0]!, w.scope);
			if (typeof found === "object" && "at" in found) {
				const { line, index } = w.coder.line(found.at, scope, w.step);
				if (index !== undefined) throw w.wrong("the line must be known before the run");
				w.emit({ op: "dma", kind, frame: w.coder.thing("page", found.of, scope, w.step), pageLine: line });
			} else w.emit({ op: "dma", kind, frame: w.thing("page", found), pageLine: 0 });
		},
	};
}

function onPage(name: string, what: string, operation: (frame: number) => Parameters<Writer["emit"]>[0]): Verb {
	return {
		name,
		form: `${name} PAGE`,
		what,
		write(w) {
			w.count(1, 0);
			w.emit(operation(w.thing("page", w.args[0])));
		},
	};
}

function mask(what: "irq" | "preempt", says: string): Verb {
	return {
		name: what,
		form: `${what} off | on`,
		what: says,
		write(w) {
			w.count(1, 0);
			w.emit({ op: "mask", what, on: w.oneOf(["off", "on"], w.args[0], what) === "off" });
		},
	};
}

const CLAIMS = [
	"released",
	"recycled",
	"flushed",
	"handed-over",
	"gained",
	"up-to-date",
	"unmapped",
	"balanced",
] as const;

const rows: readonly Verb[] = [
	{
		name: "load",
		form: "load REGISTER <- PLACE [or fault]",
		what: "reads memory; where nothing is mapped, the register gets 0",
		modifiers: LOAD_ORDERS,
		mayFault: true,
		write(w) {
			if (w.from) {
				w.count(1, 1);
				const at = w.place(w.from[0]);
				w.emit({ op: "load", to: w.target(w.args[0]!), at, order: w.order("plain" as "plain" | "acquire") });
			} else {
				w.count(1, 0);
				w.emit({ op: "load", at: w.place(w.args[0]), order: w.order("plain" as "plain" | "acquire") });
			}
		},
	},
	{
		name: "store",
		form: "store PLACE <- VALUE [or fault]",
		what: "writes memory; where nothing writable is mapped, nothing happens",
		modifiers: STORE_ORDERS,
		mayFault: true,
		write(w) {
			w.count(1, 1);
			const at = w.place(w.args[0]);
			w.emit({ op: "store", at, value: w.value(w.from![0]!), order: w.order("plain" as "plain" | "release") });
		},
	},
	...RMW.map(rmw),
	{
		name: "await",
		form: "await [REGISTER <-] PLACE == VALUE, or any other comparison, or: is odd",
		what: "loads again and again until the comparison holds; one step, the last of these loads",
		modifiers: LOAD_ORDERS,
		test: true,
		write(w) {
			w.count(1, w.from ? 1 : 0);
			if (!w.step.test) throw w.wrong("what for is not said");
			const at = w.place(w.from ? w.from[0] : w.args[0]);
			const { test, right } = w.step.test;
			const value: Value = right === undefined ? { constant: 0 } : w.value(right);
			const to = w.from ? { to: w.target(w.args[0]!) } : {};
			w.emit({ op: "await", ...to, at, test, value, order: w.order("plain" as "plain" | "acquire") });
		},
	},
	{
		name: "lock",
		form: "lock VARIABLE [reclaim]",
		what: "waits until the variable is 0 and takes it; a cycle of actors that wait so is a deadlock",
		write(w) {
			w.count(1, 0, 2);
			const at = w.place(w.args[0]);
			if (at.in !== "var" || !w.coder.program.vars[at.var]!.lock) throw w.wrong("a variable declared lock is needed");
			const of = w.args[1] === undefined ? {} : { class: w.oneOf(CLASSES, w.args[1], "the class") };
			w.emit({ op: "lock", at, ...of });
		},
	},
	{
		name: "unlock",
		form: "unlock VARIABLE",
		what: "gives a lock back: a store of 0 with release order",
		modifiers: STORE_ORDERS,
		write(w) {
			w.count(1, 0);
			const at = w.place(w.args[0]);
			if (at.in !== "var" || !w.coder.program.vars[at.var]!.lock) throw w.wrong("a variable declared lock is needed");
			w.emit({ op: "store", at, value: { constant: 0 }, order: w.order("release") });
		},
	},
	{
		name: "fence",
		form: `fence ${FENCES.join(" | ")} | none`,
		what: "orders memory operations before it and after it; none: is not there at all",
		write(w) {
			w.count(1, 0);
			const kind = w.oneOf([...FENCES, "none"] as const, w.args[0], "a fence");
			if (kind !== "none") w.emit({ op: "fence", kind });
		},
	},
	{
		name: "set",
		form: "set REGISTER <- VALUE [+ | - | & | | | ^ | clamp VALUE]",
		what: "arithmetic on registers; costs no step. a clamp b is a where it is below b, else 0",
		write(w) {
			w.count(1, 1);
			setRegister(w, w.from![0]!);
		},
	},
	{
		name: "label",
		form: "label NAME",
		what: "a place that goto goes to; costs no step",
		write(w) {
			w.count(1, 0);
			if (typeof w.args[0] !== "string") throw w.wrong("a name is needed");
			w.coder.label(w.args[0], w.scope, w.step);
		},
	},
	{
		name: "goto",
		form: "goto LABEL",
		what: "goes on at a label; costs no step",
		write(w) {
			w.count(1, 0);
			if (typeof w.args[0] !== "string") throw w.wrong("a label is needed");
			w.coder.goto(w.args[0], w.scope, w.origin);
		},
	},
	{
		name: "join",
		form: "join ACTOR [reclaim]",
		what: "waits for another actor to end, and for what it did to be visible; for itself: for ever",
		write(w) {
			w.count(1, 0, 2);
			const { expression: name } = w.coder.follow(w.args[0]!, w.scope);
			const all = w.coder.instances;
			const own = all[w.coder.instance]!;
			const found = all.findIndex(
				(one) => one.actor.name === name && (one.actor.kind !== own.actor.kind || one === own),
			);
			const actor = found >= 0 ? found : all.findIndex((one) => one.actor.name === name);
			if (actor < 0)
				w.oneOf(
					all.map((one) => one.actor.name),
					w.args[0],
					"an actor",
				);
			if (all.filter((one) => one.actor === all[actor]!.actor).length > 1)
				throw w.wrong("it is on several CPUs; join one that is on one");
			const of = w.args[1] === undefined ? {} : { class: w.oneOf(CLASSES, w.args[1], "the class") };
			w.emit({ op: "join", actor, ...of });
		},
	},
	{
		name: "pte.read",
		form: "pte.read REGISTER <- MAP",
		what: "reads the page-table entry: present 1, writable 2, accessed 4, dirty 8, frame times 16",
		modifiers: LOAD_ORDERS,
		write(w) {
			w.count(1, 1);
			const { at, to } = entry(w);
			w.emit({ op: "load", ...to, at, order: w.order("plain" as "plain" | "acquire") });
		},
	},
	{
		name: "pte.set",
		form: "pte.set MAP <- PAGE [writable] [accessed] [dirty]",
		what: "makes the mapping present, onto a page; .full: as a locked exchange",
		modifiers: [...STORE_ORDERS, "full"],
		write(w) {
			w.count(1, 1, 1, 5);
			const at = { in: "pte" as const, va: w.thing("map", w.args[0]) };
			const frame = w.thing("page", w.from![0]);
			const value = { constant: (frame << PTE_FRAME) | PTE_PRESENT | bits(w, w.from!.slice(1)) };
			const order = w.order("plain" as "plain" | "release" | "full");
			if (order === "full") w.emit({ op: "rmw", kind: "swap", at, value, order });
			else w.emit({ op: "store", at, value, order });
		},
	},
	{
		name: "pte.or",
		form: "pte.or [REGISTER <-] MAP BIT ...",
		what: "sets bits of the page-table entry, atomically",
		modifiers: ORDERS,
		write(w) {
			const { at, to, words } = entry(w);
			if (words.length === 0) throw w.wrong("which bits is not said");
			w.emit({ op: "rmw", kind: "or", ...to, at, value: { constant: bits(w, words) }, order: w.order("full") });
		},
	},
	{
		name: "pte.clear",
		form: "pte.clear [REGISTER <-] MAP [BIT ...]",
		what: "clears the page-table entry, or bits of it: a locked exchange with full order",
		modifiers: ORDERS,
		write(w) {
			const { at, to, words } = entry(w);
			const order = w.order("full");
			if (words.length === 0) w.emit({ op: "rmw", kind: "swap", ...to, at, value: { constant: 0 }, order });
			else w.emit({ op: "rmw", kind: "and", ...to, at, value: { constant: 255 & ~bits(w, words) }, order });
		},
	},
	{
		name: "table.unlink",
		form: "table.unlink TABLE",
		what: "takes a table page out of the level above it",
		modifiers: STORE_ORDERS,
		write(w) {
			w.count(1, 0);
			const at = { in: "table" as const, table: w.thing("table", w.args[0]) };
			w.emit({ op: "store", at, value: { constant: 0 }, order: w.order("plain" as "plain" | "release") });
		},
	},
	{
		name: "table.link",
		form: "table.link TABLE",
		what: "puts a table page into the level above it",
		modifiers: STORE_ORDERS,
		write(w) {
			w.count(1, 0);
			const at = { in: "table" as const, table: w.thing("table", w.args[0]) };
			w.emit({ op: "store", at, value: { constant: 1 }, order: w.order("plain" as "plain" | "release") });
		},
	},
	{
		name: "table.free",
		form: "table.free TABLE",
		what: "gives a table page back: a walk through it from here on is WALK",
		write(w) {
			w.count(1, 0);
			w.emit({ op: "table-free", table: w.thing("table", w.args[0]) });
		},
	},
	tlb("tlb.flush", "local", "drops translations on this CPU: of a mapping, of an address space, or all"),
	tlb("tlb.purge", "broadcast", "the same on all CPUs; .posted: each does it when it likes, until tlb.sync"),
	{
		name: "tlb.sync",
		form: "tlb.sync",
		what: "waits until all that was posted is done, on all CPUs",
		write(w) {
			w.count(0, 0);
			w.emit({ op: "tlb-sync" });
		},
	},
	{
		name: "tlb.insert",
		form: "tlb.insert MAP",
		what: "puts the page-table entry into this CPU's TLB, as software refill does",
		write(w) {
			w.count(1, 0);
			w.emit({ op: "tlb-insert", va: w.thing("map", w.args[0]) });
		},
	},
	{
		name: "tlb.write",
		form: "tlb.write MAP [<- PAGE [writable] [dirty], or <- REGISTER]",
		what: "writes this CPU's entry itself, whatever the page table says; a register holds it as pte.read gives it; without: no entry",
		write(w) {
			w.count(1, 0, 1, 3);
			const va = w.thing("map", w.args[0]);
			const [what, ...words] = w.from ?? [];
			if (what === undefined) w.emit({ op: "tlb-write", va, entry: { constant: 0 } });
			else if (w.coder.kindOf(what, w.scope) === "page") {
				const frame = w.thing("page", what);
				w.emit({ op: "tlb-write", va, entry: { constant: (frame << PTE_FRAME) | PTE_PRESENT | bits(w, words) } });
			} else {
				if (words.length > 0) throw w.wrong("wrong number of operands");
				w.emit({ op: "tlb-write", va, entry: w.value(what) });
			}
		},
	},
	{
		name: "tlb.read",
		form: "tlb.read REGISTER <- MAP",
		what: "the entry of this CPU that an access would use, as pte.read gives one; 0: there is none",
		write(w) {
			w.count(1, 1);
			w.emit({ op: "tlb-read", va: w.thing("map", w.from![0]), to: w.target(w.args[0]!) });
		},
	},
	{
		name: "switch",
		form: "switch MM [keep]",
		what: "loads an address space and drops its translations that are not global; keep: does not drop them",
		write(w) {
			const words = w.args[0] === "mm" ? w.args.slice(1) : w.args;
			if (w.from || words.length < 1 || words.length > 2) throw w.wrong("wrong number of operands");
			if (words[1] !== undefined) w.oneOf(["keep"], words[1], "what follows");
			w.emit({ op: "switch", mm: w.thing("mm", words[0]), flush: words[1] === undefined });
		},
	},
	cache("flush", "writes dirty lines back and removes all"),
	cache("clean", "writes dirty lines back and keeps them"),
	cache("purge", "removes lines without writing them back"),
	{
		name: "cache.flush-all",
		form: "cache.flush-all",
		what: "flushes every line of this CPU's caches",
		write(w) {
			w.count(0, 0);
			w.emit({ op: "cache-all", kind: "flush" });
		},
	},
	{
		name: "fetch",
		form: "fetch [REGISTER <-] MAP, or another line of it: fetch [REGISTER <-] MAP[N] [or fault]",
		what: "fetches an instruction, through the instruction cache; the register gets what is there",
		mayFault: true,
		write(w) {
			w.count(1, 0, 1, 1);
			const at = w.place(w.from ? w.from[0] : w.args[0]);
			if (at.in !== "page" || at.index !== undefined) throw w.wrong("a mapping is needed, or a line of it by number");
			const to = w.from && { to: w.target(w.args[0]!) };
			w.emit({ op: "fetch", va: at.va, pageLine: at.line, ...to });
		},
	},
	{
		name: "icache.flush",
		form: "icache.flush MAP, or one line of it: icache.flush MAP[N], or all",
		what: "removes lines from this CPU's instruction cache, or from all; all lines of the page, each a step, unless one is named",
		modifiers: ["local", "broadcast"],
		write(w) {
			w.count(1, 0);
			const scope = scopeOf(w, "local");
			const [what] = w.args as [Expression];
			if (what === "all" && w.coder.kindOf(what, w.scope) === undefined) w.emit({ op: "fetch-flush", scope });
			else {
				const at = w.place(what);
				if (at.in !== "page" || at.index !== undefined) throw w.wrong("a mapping is needed, or a line of it by number");
				const one = isOneLine(w, what);
				const first = one ? at.line : 0;
				const end = one ? first + 1 : linesOf(w, at.va);
				for (let line = first; line < end; line++) w.emit({ op: "fetch-flush", va: at.va, pageLine: line, scope });
			}
		},
	},
	interrupt("ipi.send", "irq"),
	interrupt("nmi.send", "nmi"),
	mask("irq", "off: interrupts of this CPU wait"),
	mask("preempt", "off: no other thread of this CPU runs"),
	onPage("page.mark-dirty", "set_page_dirty", (frame) => ({ op: "page", kind: "mark-dirty", frame })),
	onPage("page.clean", "a write-back to disk that cleans the page", (frame) => ({ op: "page", kind: "clean", frame })),
	onPage("ref.get", "takes a reference", (frame) => ({ op: "ref", kind: "get", frame })),
	onPage("ref.put", "gives a reference back", (frame) => ({ op: "ref", kind: "put", frame })),
	onPage("struct-page", "pfn_to_page: BADPFN where the frame has none", (frame) => ({ op: "struct-page", frame })),
	{
		name: "map-as",
		form: "map-as PAGE ram | device",
		what: "decides the attributes of a mapping to be: MEMTYPE where they do not fit the page",
		write(w) {
			w.count(2, 0);
			const frame = w.thing("page", w.args[0]);
			w.emit({ op: "map-as", frame, as: w.oneOf(["ram", "device"], w.args[1], "the type") });
		},
	},
	dma("read"),
	dma("write"),
	{
		name: "work",
		form: "work NAME [TIMES]",
		what: "takes time and does nothing: a cost of the profile (accessOk), or one given when the scenario is priced; costs no step",
		write(w) {
			w.count(1, 0, 2);
			if (typeof w.args[0] !== "string") throw w.wrong("a name is needed");
			const what = w.coder.word(w.args[0], w.scope, w.step, "the work");
			const times: Value = w.args[1] === undefined ? { constant: 1 } : w.value(w.args[1]);
			w.emit({ op: "work", what, times });
		},
	},
	{
		name: "claim",
		form: "claim released PAGE | recycled PAGE | flushed MAP | handed-over PAGE | gained PAGE [writes] | up-to-date MM [CPU] | unmapped PAGE | balanced PAGE",
		what: "states that something holds from here on; the checker holds the program to it",
		write: writeClaim,
	},
];

function writeClaim(w: Writer): void {
	if (w.from || w.args.length < 2 || w.args.length > 3) throw w.wrong("a claim and what it is about are needed");
	const claim = w.oneOf(CLAIMS, w.args[0], "a claim");
	const [, on, more] = w.args;
	if (more !== undefined && claim !== "gained" && claim !== "up-to-date") throw w.wrong("wrong number of operands");
	switch (claim) {
		case "flushed":
			w.emit({ op: "claim", claim, va: w.thing("map", on) });
			break;
		case "up-to-date":
			if (more !== undefined && !w.coder.isTarget(more, w.scope)) throw w.wrong("the CPU of a loop is needed");
			w.emit({ op: "claim", claim, mm: w.thing("mm", on), of: more === undefined ? "self" : "target" });
			break;
		case "gained": {
			const writes = more !== undefined && w.oneOf(["writes"], more, "what follows") === "writes";
			w.emit({ op: "claim", claim, frame: w.thing("page", on), writes });
			break;
		}
		default:
			w.emit({ op: "claim", claim, frame: w.thing("page", on) });
	}
}

/** Several operators in a row are worked out in the register itself, from the left. */
function setRegister(w: Writer, expression: Expression): void {
	// What a macro was called with belongs to its caller.
	const { expression: found, scope } = w.coder.follow(expression, w.scope);
	const value = (one: Expression) => w.coder.value(one, scope, w.step);
	const [to] = w.args as [Expression];
	const chain: { operator: Operator; right: Expression }[] = [];
	let first = found;
	while (
		typeof first === "object" &&
		"operator" in first &&
		evaluate(first, w.coder.given(w.step, scope)) === undefined
	) {
		chain.unshift({ operator: first.operator, right: first.right });
		first = first.left;
	}
	let left = value(first);
	const rights = chain.map(({ operator, right }) => ({ operator, right: value(right) }));
	const target = w.target(to);
	if (rights.slice(1).some(({ right }) => "reg" in right && right.reg === target))
		throw w.wrong("the register gets a value before it is needed; set another one first");
	for (const { operator, right } of rights.length > 0 ? rights : [{ operator: "+" as const, right: { constant: 0 } }]) {
		if (rights.length > 0 && "constant" in left && "constant" in right) {
			const value = arithmetic(left.constant, operator, right.constant)! & 255;
			w.emit({ op: "set", to: target, left: { constant: value }, operator: "+", right: { constant: 0 } });
		} else w.emit({ op: "set", to: target, left, operator, right });
		left = { reg: target };
	}
}

const byName = new Map(rows.map((row) => [row.name, row]));

export function verbNames(): string[] {
	return [...byName.keys()];
}

/** All statements, for documentation and completion. */
export function verbs(): readonly Verb[] {
	return rows;
}

/** The statement that a word of several parts begins with, and what is left of it. */
export function findVerb(word: string): { verb: Verb; modifiers: string[] } | undefined {
	const parts = word.split(".");
	for (let length = parts.length; length > 0; length--) {
		const verb = byName.get(parts.slice(0, length).join("."));
		if (verb) return { verb, modifiers: parts.slice(length) };
	}
	return undefined;
}
