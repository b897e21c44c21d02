import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { StalemateError } from "../../src/errors.ts";
import { compileLitmus } from "../../src/litmus/compile.ts";
import { parseLitmus } from "../../src/litmus/parse.ts";
import { judgeLitmus } from "../../src/litmus/result.ts";
import fc from "../properties.ts";

function thrown(text: string): StalemateError {
	try {
		compileLitmus(parseLitmus(text, { file: "t.litmus" }));
	} catch (error) {
		expect(error).toBeInstanceOf(StalemateError);
		return error as StalemateError;
	}
	throw new Error("nothing was thrown");
}

const one = (row: string, init = "", architecture = "X86", final = "exists (x=1)") =>
	thrown(`${architecture} t\n{${init}}\n P0 ;\n ${row} ;\n${final}\n`);

describe("an error", () => {
	it("shows the line with a caret under the place", () => {
		const error = one("CLFLUSH [x]");
		expect(error.code).toBe("LITMUS_INSTRUCTION");
		expect(error.place).toEqual({ file: "t.litmus", line: 4, column: 2 });
		expect(error.message.split("\n").slice(0, 3)).toEqual([
			"t.litmus, line 4, column 2: the instruction CLFLUSH is not among those that are read",
			" CLFLUSH [x] ;",
			" ^",
		]);
	});

	it("stays short however long what it found is", () => {
		expect(one("a".repeat(10_000)).message.length).toBeLessThan(1000);
	});

	it("shows only the part of a long line around the place, with its tabs", () => {
		const [, line, caret] = one(`\t(*${"-".repeat(1000)}*) MOV $1,EAX`).message.split("\n");
		expect(line!.length).toBeLessThan(110);
		expect(line![caret!.length - 1]).toBe("$");
	});
});

describe.each([
	["another architecture", "AArch64 MP\n{}\nP0;\n", "LITMUS_ARCHITECTURE", "tests for AArch64 are not read"],
	["a C test", "C MP\n{}\n", "LITMUS_ARCHITECTURE", "tests for C are not read"],
	["something else", "hello world", "LITMUS_ARCHITECTURE", 'found "hello"'],
	["nothing", "", "LITMUS_ARCHITECTURE", "the end of the file"],
	["no name", "X86", "LITMUS_SYNTAX", "the test's name"],
	["no initial state", "X86 t\nP0;\n", "LITMUS_SYNTAX", "found ;"],
	["an open comment", "X86 t\n(* {}", "LITMUS_SYNTAX", "no end"],
	["a missing semicolon", "X86 t\n{}\nP0\nNOP;", "LITMUS_SYNTAX", 'expected ";"'],
	["a cell too few", "X86 t\n{}\nP0|P1;\nNOP;\n", "LITMUS_SYNTAX", 'expected "|"'],
	["a cell too many", "X86 t\n{}\nP0|P1;\nNOP|NOP|NOP;\n", "LITMUS_SYNTAX", 'expected ";"'],
	["two columns of one thread", "X86 t\n{}\nP0|P0;\n", "LITMUS_SYNTAX", "P1"],
	["a register of a thread that is not there", "X86 t\n{7:EAX=1}\nP0;\n", "LITMUS_NAME", "no thread P7"],
	["a label that is not there", "X86 t\n{}\nP0;\nJMP L;\n", "LITMUS_NAME", "no label L"],
	["a label twice", "X86 t\n{}\nP0;\nL: ;\nL: ;\n", "LITMUS_NAME", "two labels L"],
	["an array", "X86 t\n{int x[2]={1,2};}\nP0;\n", "LITMUS_OPERAND", "array"],
	["a register of the other architecture", "X86 t\n{0:rax=1}\nP0;\n", "LITMUS_OPERAND", "no register of X86"],
	["text after the condition", "X86 t\n{}\nP0;\nexists x=1 y=1", "LITMUS_SYNTAX", "end of the file"],
	["a character without meaning", "X86 t\n{}\nP0;\nMOV EAX,@;", "LITMUS_SYNTAX", '"@"'],
	["a condition too deep", `X86 t\n{}\nP0;\nexists ${"(".repeat(100_000)}`, "LITMUS_TOO_LARGE", "deep"],
	[
		"nine threads",
		`X86 t\n{}\n${[...Array(9).keys()].map((i) => `P${i}`).join("|")};\n`,
		"LITMUS_TOO_LARGE",
		"more than 8 threads",
	],
])("%s", (_, text, code, part) => {
	it(`is ${code}`, () => {
		const error = thrown(text);
		expect(error.code).toBe(code);
		expect(error.message).toContain(part);
	});
});

describe("operands", () => {
	it.each([
		["MOV $1,EAX", "destination first"],
		["MOV [x],[y]", "memory only once"],
		["MOV [x+4],$1", 'expected "]"'],
		["MOV 4[EAX],$1", "offset 4"],
		["MOV EAX,foo", "foo is no register"],
		["MOV [EAX],$1", "EAX does not hold an address"],
		["LOCK MOV [x],$1", "LOCK does not go"],
		["LOCK INC EAX", "LOCK does not go"],
		["LOCK MFENCE", "LOCK does not go"],
		["LOCK ADD EAX,[x]", "LOCK does not go"],
		["CMPXCHG [x],$1", "takes a register"],
	])("%s is refused", (row, part) => {
		expect(one(row).message).toContain(part);
	});

	it("an address that is known from where it was moved is gone through, one that was overwritten is not", () => {
		const follow = (rows: string) =>
			compileLitmus(parseLitmus(`X86 t\n{0:EDI=x;}\nP0;\n${rows}\nexists (x=1)`)).program.actors[0]!.code.at(-1);
		expect(follow("MOV ESI,EDI;\nMOV [ESI],$1;")).toMatchObject({ op: "store", at: { in: "var", var: 0 } });
		expect(() => follow("MOV EDI,[x];\nMOV [EDI],$1;")).toThrow("does not hold an address");
		expect(() => follow("MOV ESI,EDI;\nL: MOV [ESI],$1;\nMOV ESI,$0;\nJMP L;")).toThrow("does not hold an address");
	});
});

describe("values that do not fit", () => {
	it.each([
		["more than 64 bits", "MOV [x],$0x11111111111111111", ""],
		["wider than the access", "MOVB [x],$300", ""],
		["sums out of range", "ADD [x],$200", "x=100"],
		["sums in a loop", "L: INC [x] ;\n JMP L", ""],
		["sums of addresses", "ADD EAX,$1 ;\n MOV [x],EAX", "0:EAX=x"],
		["negative values of two widths", "MOVB [x],$-1 ;\n MOVL [x],$1", ""],
	])("%s are refused", (_, row, init) => {
		expect(one(row, init).code).toBe("LITMUS_VALUES");
	});
});

const FOLDER = new URL("x86/", import.meta.url);
const texts = readdirSync(FOLDER)
	.filter((name) => name.endsWith(".litmus"))
	.map((name) => readFileSync(new URL(name, FOLDER), "utf8"));
const BITS = [
	"(*",
	"*)",
	"{",
	"}",
	";",
	"|",
	"LOCK",
	"$",
	"-1",
	"0x",
	"[",
	"(",
	"%rax",
	"EAX",
	"L:",
	"JMP L",
	"~",
	"not",
];
const MORE = [
	"/\\",
	"\\/",
	"=>",
	"exists",
	"P0",
	"1:",
	"999",
	'"',
	"=",
	"\u0000",
	"é",
	"INC [x];",
	"XADD [x],EAX;",
	"@",
];

function attempt(text: string): void {
	try {
		const litmus = parseLitmus(text);
		const { program, observed } = compileLitmus(litmus);
		for (const { code, registers, initial } of program.actors) {
			expect(initial!.every((value) => value >= 0 && value <= 255)).toBe(true);
			expect(initial!.length).toBe(registers.length);
			for (const of of code) if ("target" in of) expect(code.length).toBeGreaterThanOrEqual(of.target!);
		}
		judgeLitmus(litmus, [observed.map(() => 0)]);
	} catch (error) {
		if (!(error instanceof StalemateError)) throw error;
		expect(error.code).toMatch(/^LITMUS_/);
		expect(error.place.line).toBeGreaterThan(0);
		expect(error.place.column).toBeGreaterThan(0);
	}
}

describe("whatever is read", () => {
	it("a damaged test is read or refused", () => {
		const edit = fc.tuple(
			fc.double({ min: 0, max: 1, noNaN: true }),
			fc.nat(12),
			fc.constantFrom("", ...BITS, ...MORE),
		);
		fc.assert(
			fc.property(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 4 }), (text, edits) => {
				let damaged = text;
				for (const [where, drop, put] of edits) {
					const at = Math.floor(where * damaged.length);
					damaged = damaged.slice(0, at) + put + damaged.slice(at + drop);
				}
				attempt(damaged);
			}),
			{ numRuns: 5000 },
		);
	});

	it("any text is read or refused", () => {
		const words = fc.array(fc.constantFrom(" ", "\n", "x", "MOV ", ...BITS, ...MORE), { maxLength: 60 });
		fc.assert(
			fc.property(words, (parts) => attempt(`X86 t\n{}\nP0 ;\n${parts.join("")}`)),
			{ numRuns: 3000 },
		);
		fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 80 }), attempt), { numRuns: 2000 });
	});

	it.each([
		["comments", "X86 t\n", "(*"],
		["conditions", "X86 t\n{}\nP0;\nexists ", "x=1 /\\ "],
		["negations", "X86 t\n{}\nP0;\nexists ", "~"],
		["implications", "X86 t\n{}\nP0;\nexists ", "x=1 => "],
		["rows", "X86 t\n{}\nP0;\n", "L: ;\n"],
		["instructions", "X86 t\n{}\nP0;\n", "MOV [x],EAX;\n"],
		["additions", "X86 t\n{}\nP0;\n", "ADD [x],EAX;\n"],
		["jumps", "X86 t\n{}\nP0;\nL: ;\n", "JE L;\n"],
		["variables", "X86 t\n{", "int "],
		["digits", "X86 t\n{x=", "9"],
		["names", "X86 t\n{}\nP0;\n", "a"],
		["keys", "X86 t\n", "a=b\n"],
		["quoted lines", "X86 t\n", '"a"\n'],
	])("a lot of %s is read or refused", (_, before, again) => {
		for (const after of ["", "x=1"]) attempt(before + again.repeat(3000) + after);
	});
});
