import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Instruction } from "../../bindings/program.ts";
import { compileScenario, libraryNames, libraryText, type Params, parseScenario } from "../../src/scenario/index.ts";
import { verbs } from "../../src/scenario/verbs.ts";

const HEADER = `scenario s
  table T
  mm A
  page P, Q lines 2
  map U -> P user colour 1 via T
  map K -> Q kernel read-only
  var x = 0, y = 3
  var mine = 0 per cpu
  var l lock
`;

function code(body: string, header = "", params: Params = {}): Instruction[] {
	const text = `${HEADER}${header}\n  actor a on cpu 0\n${body.replace(/^(?=.)/gm, "    ")}\n`;
	return compileScenario(parseScenario(text), params).actors[0]!.code;
}

/** Instructions without where they come from. */
function bare(all: Instruction[]) {
	return all.map(({ line: _, text: __, ...rest }) => rest);
}

describe("a statement becomes one instruction:", () => {
	const U = { in: "page", va: 0, line: 0 };
	const x = { in: "var", var: 0 };
	test.each([
		["load r0 <- U", { op: "load", to: 0, at: U, order: "plain" }],
		["load.acquire r0 <- x", { op: "load", to: 0, at: x, order: "acquire" }],
		["load r0 <- K[1] or fault", { op: "load", to: 0, at: { in: "page", va: 1, line: 1 }, order: "plain" }],
		["store x <- 5", { op: "store", at: x, value: { constant: 5 }, order: "plain" }],
		["store.relaxed x <- {2 + 3}", { op: "store", at: x, value: { constant: 5 }, order: "plain" }],
		["rmw.add r0 <- x, 1", { op: "rmw", kind: "add", to: 0, at: x, value: { constant: 1 }, order: "full" }],
		["rmw.or.release x, 4", { op: "rmw", kind: "or", at: x, value: { constant: 4 }, order: "release" }],
		[
			"rmw.cas r0 <- x, 0, 1",
			{ op: "rmw", kind: "cas", to: 0, at: x, expected: { constant: 0 }, value: { constant: 1 }, order: "full" },
		],
		["await x is even", { op: "await", at: x, test: "even", value: { constant: 0 }, order: "plain" }],
		["await.acquire r0 <- x >= 2", { op: "await", to: 0, at: x, test: ">=", value: { constant: 2 }, order: "acquire" }],
		["lock l", { op: "lock", at: { in: "var", var: 3 } }],
		["lock l reclaim", { op: "lock", at: { in: "var", var: 3 }, class: "reclaim" }],
		["unlock l", { op: "store", at: { in: "var", var: 3 }, value: { constant: 0 }, order: "release" }],
		["join a", { op: "join", actor: 0 }],
		["fence store", { op: "fence", kind: "store" }],
		["pte.read r0 <- U", { op: "load", to: 0, at: { in: "pte", va: 0 }, order: "plain" }],
		[
			"pte.set U <- Q writable dirty",
			{ op: "store", at: { in: "pte", va: 0 }, value: { constant: 27 }, order: "plain" },
		],
		["pte.or U accessed", { op: "rmw", kind: "or", at: { in: "pte", va: 0 }, value: { constant: 4 }, order: "full" }],
		["pte.clear U", { op: "rmw", kind: "swap", at: { in: "pte", va: 0 }, value: { constant: 0 }, order: "full" }],
		[
			"pte.clear r0 <- U dirty",
			{ op: "rmw", kind: "and", to: 0, at: { in: "pte", va: 0 }, value: { constant: 247 }, order: "full" },
		],
		["load r0 <- U.pte", { op: "load", to: 0, at: { in: "pte", va: 0 }, order: "plain" }],
		["table.unlink T", { op: "store", at: { in: "table", table: 0 }, value: { constant: 0 }, order: "plain" }],
		["table.free T", { op: "table-free", table: 0 }],
		["tlb.flush U", { op: "tlb-flush", va: 0, scope: "local" }],
		["tlb.purge U", { op: "tlb-flush", va: 0, scope: "broadcast" }],
		["tlb.flush.broadcast mm A", { op: "tlb-flush", mm: 0, scope: "broadcast" }],
		["tlb.flush all keep-global", { op: "tlb-flush", keepGlobal: true, scope: "local" }],
		["tlb.insert U", { op: "tlb-insert", va: 0 }],
		["switch A", { op: "switch", mm: 0, flush: true }],
		["switch mm A keep", { op: "switch", mm: 0, flush: false }],
		["cache.clean U", { op: "cache", kind: "clean", va: 0, pageLine: 0 }],
		["cache.purge K[1]", { op: "cache", kind: "purge", va: 1, pageLine: 1 }],
		["cache.flush-all", { op: "cache-all", kind: "flush" }],
		["irq off", { op: "mask", what: "irq", on: true }],
		["preempt on", { op: "mask", what: "preempt", on: false }],
		["page.mark-dirty P", { op: "page", kind: "mark-dirty", frame: 0 }],
		["page.clean P", { op: "page", kind: "clean", frame: 0 }],
		["ref.get Q", { op: "ref", kind: "get", frame: 1 }],
		["struct-page P", { op: "struct-page", frame: 0 }],
		["map-as P device", { op: "map-as", frame: 0, as: "device" }],
		["dma.write Q[1]", { op: "dma", kind: "write", frame: 1, pageLine: 1 }],
		["claim released P", { op: "claim", claim: "released", frame: 0 }],
		["claim gained P writes", { op: "claim", claim: "gained", frame: 0, writes: true }],
		["claim flushed U", { op: "claim", claim: "flushed", va: 0 }],
		["claim up-to-date A", { op: "claim", claim: "up-to-date", mm: 0, of: "self" }],
	])("%s", (text, instruction) => {
		expect(bare(code(text))).toEqual([instruction]);
	});
});

test("each instruction says its line and its statement, with parameters put in", () => {
	const all = code("store.{order} x <- n", "  param order = release | plain\n  param n = 1..2", { n: 2 });
	expect(all).toEqual([
		{
			op: "store",
			at: { in: "var", var: 0 },
			value: { constant: 2 },
			order: "release",
			line: 13,
			text: "store.release x <- 2",
		},
	]);
});

test("a fence that a parameter takes out leaves no instruction", () => {
	expect(code("fence f\nload x", "  param f = none | full").map(({ op }) => op)).toEqual(["load"]);
	expect(code("fence f\nload x", "  param f = none | full", { f: "full" }).map(({ op }) => op)).toEqual([
		"fence",
		"load",
	]);
});

test("statements on one line are one step", () => {
	expect(code("load r0 <- x; store y <- 1; store x <- 2").map(({ joined }) => joined)).toEqual([undefined, true, true]);
	expect(code("fence none; store y <- 1").map(({ joined }) => joined)).toEqual([undefined]);
});

test("in a loop over CPUs on one line each statement is a step of its own", () => {
	const all = bare(code("each other cpu c: load r0 <- mine[c]; store mine[c] <- 1\nload x"));
	const mine = { in: "var", var: 2, of: "target" };
	expect(all).toEqual([
		{ op: "each", loop: 0, target: 4 },
		{ op: "load", to: 0, at: mine, order: "plain" },
		{ op: "store", at: mine, value: { constant: 1 }, order: "plain" },
		{ op: "next", loop: 0, target: 0 },
		{ op: "load", at: { in: "var", var: 0 }, order: "plain" },
	]);
});

test("a condition on registers becomes jumps, one on parameters is decided before the run", () => {
	const body = "load r0 <- x\nif mode == fast and r0 > 1 or r0 is odd: store x <- 1\nelse: store x <- 2";
	const header = "  param mode = fast | slow";
	const one = { op: "store", at: { in: "var", var: 0 }, value: { constant: 1 }, order: "plain" };
	const two = { ...one, value: { constant: 2 } };
	const odd = { op: "unless", left: { reg: 0 }, test: "odd", right: { constant: 0 } };
	expect(bare(code(body, header, { mode: "slow" })).slice(1)).toEqual([
		{ ...odd, target: 4 },
		one,
		{ op: "jump", target: 5 },
		two,
	]);
	expect(bare(code(body, header)).slice(1)).toEqual([
		// Either side makes it true: the first goes to the statement, the second past it.
		{ op: "unless", left: { reg: 0 }, test: "<=", right: { constant: 1 }, target: 3 },
		{ ...odd, target: 5 },
		one,
		{ op: "jump", target: 6 },
		two,
	]);
});

test("a branch that may be predicted says so", () => {
	expect(code("load r0 <- x\nif predict r0 < 4: load r1 <- U[r0]")[1]).toMatchObject({
		op: "unless",
		speculates: true,
	});
});

test("a short loop is written out, a long one counted", () => {
	expect(code("repeat 3: load x").map(({ op }) => op)).toEqual(["load", "load", "load"]);
	expect(code("repeat 0: load x\nload y")).toHaveLength(1);
	expect(code("repeat 200: load x").map(({ op }) => op)).toEqual(["set", "unless", "set", "load", "jump"]);
	expect(code("repeat 200: set r0 <- 1\nload x")).toHaveLength(6);
});

test("a page flush is one step per line, and one line can be flushed alone", () => {
	expect(bare(code("cache.flush K"))).toEqual(
		[0, 1].map((pageLine) => ({ op: "cache", kind: "flush", va: 1, pageLine })),
	);
	expect(code("cache.flush K[0]")).toHaveLength(1);
});

test("registers and labels of a macro are its own, and its arguments those of its caller", () => {
	const header =
		"  macro twice to from\n    label again\n    load r0 <- from\n    if r0 == 0: goto again\n    set to <- r0 + r0\n";
	const text = `${HEADER}${header}\n  actor a on cpu 0\n    twice r0 x\n    twice r1 y\n`;
	const [actor] = compileScenario(parseScenario(text)).actors;
	expect(actor!.registers).toEqual(["r0", "r0", "r1"]);
	expect(bare(actor!.code).filter(({ op }) => op === "set")).toEqual(
		[1, 2].map((to) => ({ op: "set", to, left: { reg: 0 }, operator: "+", right: { reg: 0 } })),
	);
	expect(actor!.code[0]).toMatchObject({ line: 17, text: "twice: load r0 <- x" });
});

test("a register that a macro is called with is its caller's, in whatever the macro does with it", () => {
	const header = "  macro copy from\n    set own <- from\n    store y <- own\n";
	const text = `${HEADER}${header}\n  actor a on cpu 0\n    load r0 <- x\n    copy r0\n    copy r0 + 1\n`;
	const [actor] = compileScenario(parseScenario(text)).actors;
	expect(bare(actor!.code).filter(({ op }) => op === "set")).toEqual(
		[0, 1].map((constant) => ({ op: "set", to: 1, left: { reg: 0 }, operator: "+", right: { constant } })),
	);
});

test("a word that a macro is called with stands for a kind or an order", () => {
	const header = "  macro leave kind order\n    fence kind\n    store.{order} x <- 1\n";
	const text = `${HEADER}${header}\n  actor a on cpu 0\n    leave full release\n    leave none none\n`;
	expect(compileScenario(parseScenario(text)).actors[0]!.code).toMatchObject([
		{ op: "fence", kind: "full" },
		{ op: "store", order: "release" },
		{ op: "store", order: "plain" },
	]);
});

test("a macro of the scenario takes the place of one of a library", () => {
	const text = `scenario s\n  use spinlock\n  var l\n  macro spin.unlock l\n    store l <- 0\n\n  actor a on cpu 0\n    spin.unlock l\n`;
	expect(compileScenario(parseScenario(text)).actors[0]!.code).toMatchObject([{ op: "store", order: "plain" }]);
});

test("actors on each other cpu are alike and their CPUs symmetric", () => {
	const text = `scenario s\n  param cpus = 4\n  var x\n  actor a on cpu 2\n    ipi.send others\n  actor b on each other cpu\n    load x\n  handler irq on each other cpu\n    store x <- 1\n`;
	const program = compileScenario(parseScenario(text));
	expect(program.cpus).toBe(4);
	expect(program.symmetric).toEqual([[0, 1, 3]]);
	expect(program.actors.map(({ name, cpu, kind }) => `${name} ${cpu} ${kind}`)).toEqual([
		"a 2 thread",
		...[0, 1, 3].map((cpu) => `b@${cpu} ${cpu} thread`),
		...[0, 1, 3].map((cpu) => `irq@${cpu} ${cpu} irq`),
	]);
});

test("a CPU that is named by number is not symmetric with others", () => {
	const text = `scenario s\n  param cpus = 4\n  var x\n  actor a on cpu 0\n    ipi.send 1\n  handler irq on each other cpu\n    store x <- 1\n`;
	expect(compileScenario(parseScenario(text)).symmetric).toEqual([[2, 3]]);
});

test("declarations become tables, in their order", () => {
	const { frames, tables, mms, vas, vars } = compileScenario(
		parseScenario(`${HEADER}\n  actor a on cpu 0\n    load x\n`),
	);
	expect({ frames, tables, mms, vas, vars }).toEqual({
		frames: [
			{ name: "P", kind: "ram", lines: 1, references: 1 },
			{ name: "Q", kind: "ram", lines: 2, references: 1 },
		],
		tables: [{ name: "T", linked: true }],
		mms: [{ name: "A" }],
		vas: [
			{ name: "U", frame: 0, writable: true, half: "user", mm: 0, colour: 1, table: 0, pte: 0 },
			{ name: "K", frame: 1, writable: false, half: "kernel", mm: null, colour: 0, table: null, pte: 1 },
		],
		vars: [
			{ name: "x", initial: 0, perCpu: false },
			{ name: "y", initial: 3, perCpu: false },
			{ name: "mine", initial: 0, perCpu: true },
			{ name: "l", initial: 0, perCpu: false, lock: true },
		],
	});
});

// What these two work on has to be declared: the scenarios that ship show it.
const OF_SCENARIOS = ["pfn", "shootdown"];

test.each(OF_SCENARIOS)("every macro of %s is used by a scenario that ships, or by another macro", (library) => {
	const folder = fileURLToPath(new URL("../../scenarios", import.meta.url));
	const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".scn"));
	const texts = [...files.map((file) => readFileSync(join(folder, file), "utf8")), libraryText(library)!];
	const called = new Set(texts.flatMap((text) => [...text.matchAll(/(?:^ *|: )([\w.-]+)/gm)].map(([, word]) => word)));
	for (const [, macro] of libraryText(library)!.matchAll(/^ {2}macro (\S+)/gm)) expect(called, macro).toContain(macro);
});

/** What the macros of libraries can be called with, by the names of their parameters; else a register. */
const ARGUMENTS: Record<string, string> = {
	...{ c: "c", l: "v", s: "v", x: "v", m: "l", in: "v", out: "v" },
	...{ kernel: "K", user: "U", range: "K", map: "K", flushed: "v", worker: "a", line: "r_seen", entries: "2" },
	...{ age: "k2024", barrier: "full", reason: "none", nospec: "mask" },
};
const ORDERS: Record<string, string> = { drop_alias: "purge-flush", "counter.end": "release" };

test.each(libraryNames().filter((name) => !OF_SCENARIOS.includes(name)))(
	"every macro of %s can be written out",
	(library) => {
		const text = libraryText(library)!;
		const calls = [...text.matchAll(/^ {2}macro (\S+)(.*)$/gm)].map(([, name, params]) => {
			const args = params!.trim().split(" ").filter(Boolean);
			const isPosted = name!.endsWith("post") || name === "ipi.call";
			return `${name} ${args
				.map((arg) => {
					if (arg === "info" && isPosted) return "1";
					return (arg === "order" ? ORDERS[name!] : ARGUMENTS[arg]) ?? `r_${arg}`;
				})
				.join(" ")}`;
		});
		const inLoop = calls.filter((call) => / c( |$)/.test(call));
		const plain = calls
			.filter((call) => !inLoop.includes(call))
			.sort((a, b) => Number(a.includes("unlock")) - Number(b.includes("unlock")));
		const body = [...plain.map((call) => `    ${call}`), ...inLoop.map((call) => `    each other cpu c: ${call}`)];
		const source = `scenario s
  use ${library}
  param cpus = 2
  page P lines 2
  map U -> P
  map K -> P kernel
  var v
  var l lock
  actor a on cpu 0
    load r_seen <- v
    load r_index <- v
${body.join("\n")}
  handler irq on each cpu
    load v
`;
		expect(compileScenario(parseScenario(source)).actors[0]!.code.length).toBeGreaterThan(0);
	},
);

test("every statement has a form that begins with its name, and says what it does", () => {
	for (const { name, form, what } of verbs()) {
		expect(form.startsWith(name)).toBe(true);
		expect(what.length).toBeGreaterThan(10);
	}
});
