import { describe, expect, it } from "vitest";
import { placeName } from "../../src/litmus/condition.ts";
import { parseLitmus } from "../../src/litmus/parse.ts";

/** A test of one thread with these rows. */
const code = (rows: string, init = "", architecture = "X86") =>
	parseLitmus(`${architecture} t\n{${init}}\n P0 ;\n${rows}\nexists (x=1)\n`).threads[0]!.code;

describe("the header", () => {
	it("has a name, a quoted line and keys with the rest of their line", () => {
		const litmus = parseLitmus(
			'\uFEFF(* ours *)\r\nX86 SB+[odd].name\r\n"PodWR Fre"\r\nGenerator=diy7 (version 7.55+01(dev))\r\nRelax=\r\nCom=Fr Fr\r\n{\r\n}\r\n P0 ;\r\n NOP ;\r\nexists (true)\r\n',
		);
		expect(litmus.name).toBe("SB+[odd].name");
		expect(litmus.info).toBe("PodWR Fre");
		expect(Object.fromEntries(litmus.keys)).toEqual({
			Generator: "diy7 (version 7.55+01(dev))",
			Relax: "",
			Com: "Fr Fr",
		});
	});

	it("may have comments that nest and a quoted line of two lines", () => {
		const litmus = parseLitmus('X86_64 t (* a (* b *) c *)\n"one\ntwo"\n{}\nP0;\n NOP;\nforall true');
		expect(litmus.info).toBe("one\ntwo");
	});
});

describe("the initial state", () => {
	const initial = (text: string) => parseLitmus(`X86_64 t\n{${text}}\nP0 | P1;\n | ;\nexists (true)`);

	it("gives values to variables and registers, with types or without", () => {
		const { variables, threads } = initial(
			"x=1; [y]=-2;; uint64_t z; int 0:rax = 2; P1:%RBX=0x10; int *p = &x; volatile int v=3; _Atomic int a",
		);
		expect(Object.fromEntries([...variables].map(([name, { initial }]) => [name, initial]))).toEqual({
			x: 1n,
			y: -2n,
			z: 0n,
			p: "x",
			v: 3n,
			a: 0n,
		});
		expect(variables.get("z")!.type).toBe("uint64_t");
		expect(threads.map((thread) => Object.fromEntries(thread.initial))).toEqual([{ rax: 2n }, { rbx: 16n }]);
	});

	it("lets a register hold the address of a variable, which it makes known", () => {
		const { variables, threads } = initial("0:RDI=x");
		expect([...variables.keys()]).toEqual(["x"]);
		expect(threads[0]!.initial.get("rdi")).toBe("x");
	});

	it("takes one value for all widths of a register", () => {
		const { threads } = initial("0:al=1; 1:r8d=2");
		expect(threads.map((thread) => Object.fromEntries(thread.initial))).toEqual([{ rax: 1n }, { r8: 2n }]);
	});
});

describe("instructions", () => {
	it("have the destination first in X86 and last in X86_64", () => {
		expect(code("MOV [x],$1 ;")[0]).toMatchObject({
			op: "move",
			to: { is: "variable", name: "x" },
			from: { is: "constant", value: 1n },
		});
		expect(code("movl $1,(x) ;", "", "X86_64")[0]).toMatchObject({
			op: "move",
			to: { is: "variable", name: "x" },
			bits: 32,
		});
		expect(code("CMP EAX,$2 ;")[0]).toMatchObject({ op: "compare", to: { is: "register", name: "EAX" } });
		expect(code("cmp $2,%eax ;", "", "X86_64")[0]).toMatchObject({
			op: "compare",
			to: { is: "register", name: "rax" },
		});
	});

	it("reach memory by name or through a register, in brackets of either kind", () => {
		const operands = ["(x)", "[x]", "x(%rip)"].map((text) => code(`movq $1,${text} ;`, "", "X86_64")[0]);
		for (const of of operands) expect(of).toMatchObject({ to: { is: "variable", name: "x" } });
		for (const text of ["(%rdi)", "[rdi]", "0(%rdi)", "0[%edi]"]) {
			expect(code(`movq $1,${text} ;`, "", "X86_64")[0]).toMatchObject({ to: { is: "pointer", register: "rdi" } });
		}
		// Nothing points with 16 bits.
		expect(code("MOV [ax],$1 ;")[0]).toMatchObject({ to: { is: "variable", name: "ax" } });
	});

	it("have a width from their suffix or their register", () => {
		const widths = ["movb $1,(x)", "movw $1,(x)", "incq (x)", "mov %al,(x)", "mov %r8w,(x)", "mov $1,(x)"];
		expect(widths.map((text) => code(`${text} ;`, "", "X86_64")[0]!.bits)).toEqual([8, 16, 64, 8, 16, undefined]);
	});

	it("may be locked in each way that is written", () => {
		for (const text of ["LOCK INC [x]", "lock inc [x]", "LOCK; INC [x]", "lock incl (x)", "LOCK ; INCL [x]"]) {
			expect(code(`${text} ;`)[0]).toMatchObject({ op: "ADD", lock: true, to: { is: "variable", name: "x" } });
		}
		expect(code("INC [x] ;")[0]).toMatchObject({ lock: false });
		expect(code("XCHG [x],EAX ;")[0]).toMatchObject({ lock: true });
		expect(code("XCHG EAX,[x] ;")[0]).toMatchObject({ lock: true, from: "EAX", to: { is: "variable", name: "x" } });
		expect(code("XCHG EAX,EBX ;")[0]).toMatchObject({ lock: false });
		for (const text of ["cmpxchgl (x),%ecx", "cmpxchgl %ecx,(x)"]) {
			expect(code(`lock ${text} ;`, "", "X86_64")[0]).toMatchObject({
				op: "compare-exchange",
				from: "rcx",
				lock: true,
			});
		}
	});

	it("stand after labels, which may stand alone", () => {
		const { labels, code } = parseLitmus("X86 t\n{}\nP0;\nL0: L1: NOP;\n.L2: ;\nMFENCE;\nend:;\nforall true")
			.threads[0]!;
		expect(Object.fromEntries(labels)).toEqual({ L0: 0, L1: 0, ".L2": 1, end: 2 });
		expect(code.map(({ op }) => op)).toEqual(["nothing", "fence"]);
	});

	it("keep their line, column and text", () => {
		expect(code("  LOCK;   INC  [x] (* twice *) ;")[0]).toMatchObject({
			at: { line: 4, column: 3 },
			text: "LOCK; INC [x]",
		});
	});
});

describe("the final part", () => {
	const final = (text: string) => parseLitmus(`X86 t\n{}\nP0 | P1;\n MOV [x],$1 | MOV [y],$1 ;\n${text}`);

	it("has a quantifier", () => {
		const quantifiers = [
			"exists x=1",
			"~exists x=1",
			"~ exists x=1",
			"not exists x=1",
			"forall x=1",
			"final x=1",
			"(x=1)",
			"",
		];
		expect(quantifiers.map((text) => final(text).quantifier)).toEqual([
			"exists",
			"~exists",
			"~exists",
			"~exists",
			"forall",
			"exists",
			"exists",
			"forall",
		]);
	});

	it("may show more places and filter states", () => {
		const litmus = final("locations [x; 1:EAX; [y]; 0:EBX int;]\nfilter (y=1 \\/ y=0)\nexists x=1;");
		expect(litmus.locations.map(placeName)).toEqual(["[x]", "1:EAX", "[y]", "0:EBX"]);
		expect(litmus.filter).toMatchObject({ is: "or" });
	});

	it("binds ~ before =>, => before /\\ and /\\ before \\/", () => {
		expect(final("exists ~x=1 => y=1 /\\ x=2 \\/ y=2").condition).toMatchObject({
			is: "or",
			of: [{ is: "and", of: [{ is: "implies", left: { is: "not" } }, { is: "equal" }] }, { is: "equal" }],
		});
	});

	it("compares places with numbers of every kind, addresses and places", () => {
		const { condition } = final(
			"exists x=-1 /\\ x==0x1F /\\ x=$2 /\\ x=y /\\ x=[y] /\\ 0:EAX=1:EAX /\\ x!=1 /\\ x<>1/\\P1:EAX=3",
		);
		const x = { variable: "x" };
		expect(condition).toEqual({
			is: "and",
			of: [
				{ is: "equal", left: x, right: -1n },
				{ is: "equal", left: x, right: 31n },
				{ is: "equal", left: x, right: 2n },
				{ is: "equal", left: x, right: "y" },
				{ is: "equal", left: x, right: { variable: "y" } },
				{ is: "equal", left: { thread: 0, register: "EAX" }, right: { thread: 1, register: "EAX" } },
				{ is: "not", of: { is: "equal", left: x, right: 1n } },
				{ is: "not", of: { is: "equal", left: x, right: 1n } },
				{ is: "equal", left: { thread: 1, register: "EAX" }, right: 3n },
			],
		});
	});
});
