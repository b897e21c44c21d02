import { describe, expect, test } from "vitest";
import { StalemateError } from "../../src/index.ts";
import type { MachineOptions } from "../../src/machine/index.ts";
import fc from "../properties.ts";
import { type Action, machine, thrown } from "./machine.ts";

const options: MachineOptions = {
	cpus: 2,
	pages: { U: { frame: "P" }, R: { frame: "P", writable: false }, N: { table: "T" } },
	frames: ["P", "Q"],
	tables: ["T"],
	variables: ["x"],
	window: 2,
};

/** What must be refused after some actions, on a TSO machine: the code, and what the message names. */
const cases: [string, Action[], Action, string, RegExp][] = [
	["an address that is not mapped", [], { do: "load", page: "N" }, "UNMAPPED", /page N, which is not mapped/],
	["a flush of it", [], { do: "flush", page: "N" }, "UNMAPPED", /page N/],
	["a miss handler where a walker is", [], { do: "tlb-insert", page: "N" }, "BAD_ACTION", /filled by hardware/],
	["an entry of software's there", [], { do: "tlb-write", page: "U", frame: "P" }, "BAD_ACTION", /filled by hardware/],
	["a broadcast that is no instruction", [], { do: "tlb-flush", broadcast: true }, "BAD_ACTION", /send an interrupt/],
	["a field that it has not", [], { do: "load", page: "U", lin: 1 } as never, "BAD_ACTION", /lin is no field.*line/],
	["one field too many", [], { do: "load", page: "U", variable: "x" } as never, "BAD_ACTION", /page is no field/],
	["a hit where nothing conflicts", [], { do: "load", page: "U", hits: true }, "REFUSED", /none of enabled/],
	["a write to what is read-only", [], { do: "store", page: "R" }, "UNMAPPED", /page R is mapped read-only/],
	["a second map over a live one", [], { do: "map", page: "U", frame: "Q" }, "ALREADY_MAPPED", /page U over a mapping/],
	["an unmap of nothing", [], { do: "unmap", page: "N" }, "UNMAPPED", /page N/],
	[
		"a map of a frame that was released",
		[{ do: "claim", claim: "released", frame: "Q" }],
		{ do: "map", page: "N", frame: "Q" },
		"FREED",
		/frame Q, which was released/,
	],
	[
		"a map under a table that was freed",
		[{ do: "table-free", table: "T" }],
		{ do: "map", page: "N", frame: "Q" },
		"FREED",
		/page N, whose table page was freed/,
	],
	["a CPU that is not there", [], { do: "load", page: "U", cpu: 2 }, "BAD_ACTION", /cpu is 2: .* 0 to 1/],
	["an interrupt to one", [], { do: "interrupt", to: 5 }, "BAD_ACTION", /to is 5/],
	["a page that is not there", [], { do: "load", page: "V" }, "BAD_ACTION", /names no page: "V"; there are U, R, N/],
	["a frame that is not there", [], { do: "get", frame: "Z" }, "BAD_ACTION", /names no frame: "Z"/],
	[
		"a line that is not there",
		[],
		{ do: "dma-read", frame: "P", line: 3 },
		"BAD_ACTION",
		/line is 3: a whole number from 0 to/,
	],
	["an action that is none", [], { do: "frobnicate" } as never, "BAD_ACTION", /do is "frobnicate"/],
	["no action at all", [], null as never, "BAD_ACTION", /must be an action/],
	[
		"a store into a full store buffer",
		[
			{ do: "store", variable: "x", value: 1 },
			{ do: "store", variable: "x", value: 2 },
		],
		{ do: "store", variable: "x", value: 3 },
		"REFUSED",
		/as many operations pending as it can have/,
	],
	[
		"a fence before the buffer is empty",
		[{ do: "store", variable: "x", value: 1 }],
		{ do: "fence" },
		"REFUSED",
		/waits for what CPU 0 has pending/,
	],
	[
		"a lock that is held",
		[{ do: "lock", variable: "x", cpu: 1 }],
		{ do: "lock", variable: "x" },
		"REFUSED",
		/x is locked, it holds 2/,
	],
	["a load left pending under TSO", [], { do: "load", page: "U", defer: true }, "REFUSED", /memory model/],
	["what cannot happen by itself", [], { do: "tlb-evict", cpu: 0, page: "U" }, "REFUSED", /none of enabled/],
];

describe("refused, with the machine as it was, is", () => {
	test.each(cases)("%s", (_, before, action, code, message) => {
		const held = machine("broadwell", options);
		held.apply(before);
		const snapshot = held.snapshot();
		const error = thrown(() =>
			held.apply([{ do: "load", page: "U", cpu: 1 }, { do: "mask", what: "irq", on: true, cpu: 1 }, action]),
		);
		expect(error).toBeInstanceOf(StalemateError);
		expect(error.code).toBe(code);
		expect(error.message).toMatch(message);
		expect(error.message).toMatch(/actions\[2\]/);
		expect(held.snapshot()).toEqual(snapshot);
		expect(thrown(() => held.apply(action)).message).toMatch(/^action/);
	});

	test("what a thread does while a handler has its CPU", () => {
		const held = machine("broadwell", { ...options, irq: [{ do: "load", variable: "x" }] });
		held.apply([
			{ do: "interrupt", to: 0, cpu: 1 },
			{ do: "deliver", cpu: 0, nmi: false },
		]);
		expect(thrown(() => held.apply({ do: "load", page: "U" }))).toMatchObject({
			code: "REFUSED",
			message: expect.stringMatching(/an interrupt handler has CPU 0/),
		});
		held.apply({ do: "handle", cpu: 0, nmi: false, defer: false });
		expect(held.apply({ do: "load", page: "U" }).hazards).toEqual([]);
	});
});

test.each([
	[{ pages: { U: { frame: "X" } }, frames: ["P"] }, "pages.U.frame"],
	[{ pages: ["U", "U"] }, "pages"],
	[{ pages: ["U"], cpus: 9 }, "cpus"],
	[{ pages: ["U"], frames: { P: { lines: 65 } } }, "frames.P.lines"],
	[{ pages: { U: { colour: 8 } } }, "pages.U.colour"],
	[{ pages: { U: { half: "top" } } }, "pages.U.half"],
	[{ pages: [], model: "psc" }, "model"],
	[{ pages: [], window: 9 }, "window"],
	[{ pages: [], coherence: "dragon" }, "coherence"],
	[{ pages: { U: { entryOf: "K" }, K: { entryOf: "U" } } }, "pages.U.entryOf"],
] as [never, string][])("options that do not fit are refused: %j", (bad, path) => {
	expect(thrown(() => machine("broadwell", bad))).toMatchObject({ code: "BAD_OPTION", place: { path } });
});

test("a machine has no more CPUs than its profile", () => {
	expect(thrown(() => machine("pa8800", { pages: ["U"], cpus: 3 })).message).toMatch(/pa8800 has 2/);
});

test.each([
	{ do: "deliver", page: { toString: 0 } },
	{ do: "load", page: { toString: 0 } },
	{ do: "load", page: Object.create(null, { toJSON: { value: () => 1n } }) },
	{ do: "load", page: 1n },
	{ do: "load", page: Symbol("U") },
])("what cannot be shown is refused, too: %#", (action) => {
	expect(thrown(() => machine("broadwell", options).apply(action as never))).toBeInstanceOf(StalemateError);
});

test("whatever is passed as an action, nothing but a StalemateError is thrown", () => {
	const held = machine("broadwell", options);
	const words = fc.constantFrom(
		"load",
		"store",
		"map",
		"rmw",
		"claim",
		"evict",
		"deliver",
		"handle",
		"drain",
		"move-in",
		"interrupt",
	);
	const any = fc.oneof(fc.anything(), fc.constantFrom("U", "P", "T", "x", 0, 1, 255, true), fc.integer());
	const fields = fc.dictionary(
		fc.constantFrom(
			"page",
			"frame",
			"line",
			"cpu",
			"value",
			"kind",
			"to",
			"claim",
			"variable",
			"level",
			"colour",
			"which",
			"nmi",
			"defer",
		),
		any,
	);
	fc.assert(
		fc.property(words, fields, (word, rest) => {
			try {
				held.apply({ ...rest, do: word } as never);
			} catch (error) {
				if (!(error instanceof StalemateError)) throw error;
			}
		}),
		{ numRuns: 1000 },
	);
});
