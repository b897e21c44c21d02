import { describe, expect, it } from "vitest";
import { StalemateError } from "../../src/errors.ts";
import { compileLitmus } from "../../src/litmus/compile.ts";
import { parseLitmus } from "../../src/litmus/parse.ts";
import { judgeLitmus } from "../../src/litmus/result.ts";
import fc from "../properties.ts";
import { finalStates } from "./reference.ts";

const compiled = (text: string) => compileLitmus(parseLitmus(text));
const code = (rows: string, init = "") =>
	compiled(`X86 t\n{${init}}\nP0;\n${rows}\nforall x=0`).program.actors[0]!.code;
const states = (text: string) => {
	const litmus = parseLitmus(text);
	return judgeLitmus(litmus, finalStates(compileLitmus(litmus).program, "tso")).states.map((state) => state.text);
};

describe("a compiled test", () => {
	it("observes registers by thread, then variables, named as herd names them", () => {
		const { program, observed } = compiled(
			"X86_64 t\n{int y=2; 1:rbx=3;}\nP0|P1;\nmovl $1,(x)|;\nlocations [y; 1:ebx;]\nfilter 0:r10=0\nexists x=1 /\\ 0:RAX=0 /\\ 0:r9=0",
		);
		expect(observed).toEqual(["0:rax", "0:r9", "0:r10", "1:rbx", "[x]", "[y]"]);
		expect(program.observed).toHaveLength(6);
		expect(program.vars).toEqual([
			{ name: "y", initial: 2, perCpu: false },
			{ name: "x", initial: 0, perCpu: false },
		]);
		expect(program.actors[1]).toMatchObject({ name: "P1", cpu: 1, kind: "thread", registers: ["rbx"], initial: [3] });
	});

	it("makes a locked instruction one step, and one that is not locked a load and a store", () => {
		const steps = (rows: string) => code(rows).map(({ op, joined }) => (joined ? `+${op}` : op));
		expect(steps("LOCK INC [x];")).toEqual(["rmw"]);
		expect(steps("LOCK XADD [x],EAX;")).toEqual(["rmw"]);
		expect(steps("XCHG [x],EAX;")).toEqual(["rmw"]);
		expect(steps("INC [x];")).toEqual(["load", "+set", "store"]);
		expect(steps("LOCK DEC [x]; JE L; L:;")).toEqual(["rmw", "+set", "+set", "+set", "unless"]);
		// What nobody jumps to and nobody else sees is no step of its own.
		expect(steps("MOV EAX,[x]; MOV EBX,EAX; MOV [x],EBX;")).toEqual(["load", "+set", "store"]);
		expect(steps("MOV EAX,[x]; L: NOP; MOV EBX,EAX; JMP L;")).toEqual(["load", "set", "jump"]);
	});

	it("has the source's lines and texts", () => {
		expect(code("MOV [x],$1;\n\nLOCK;  INC [x];")).toMatchObject([
			{ line: 4, text: "MOV [x],$1" },
			{ line: 6, text: "LOCK; INC [x]" },
		]);
	});

	it("has a fence of each kind", () => {
		expect(code("MFENCE; LFENCE; SFENCE;")).toMatchObject([
			{ kind: "full" },
			{ kind: "speculation" },
			{ kind: "store" },
		]);
	});
});

describe("values", () => {
	it("of any size come back as they were", () => {
		expect(
			states(
				"X86_64 t\n{0:rbx=y; int64_t z=-9223372036854775808;}\nP0;\nmovq $0x7fffffffffffffff,(x);\nmovq %rbx,(y);\nlocations [x;y;z;]\nforall true",
			),
		).toEqual(["[x]=9223372036854775807; [y]=y; [z]=-9223372036854775808;"]);
	});

	it("have the sign of their type", () => {
		expect(
			states("X86 t\n{uint8_t x; int16_t y=0xffff; w=0xffffffff;}\nP0;\nMOVB [x],$-1;\nlocations [x;y;w;]"),
		).toEqual(["[w]=-1; [x]=255; [y]=-1;"]);
	});

	it("compare in order even where they are numbered", () => {
		const rows = (condition: string) =>
			states(`X86 t\n{x=-1000; y=1000;}\nP0;\nMOV EAX,[x];\n${condition} L;\nMOV EBX,$7;\nL: ;\nforall 0:EBX=0`);
		expect(rows("TEST EAX,EAX; JS")).toEqual(["0:EBX=0;"]);
		expect(rows("TEST EAX,EAX; JE")).toEqual(["0:EBX=7;"]);
		expect(rows("CMP EAX,[y]; JL")).toEqual(["0:EBX=0;"]);
		expect(rows("CMP EAX,$-1000; JG")).toEqual(["0:EBX=7;"]);
	});
});

// A processor on its own, to compare programs of one thread with.

const REGISTERS = ["EAX", "EBX", "ECX", "EDX"];
const PLACES = [...REGISTERS, "[x]", "[y]"];
const wrap = (value: number) => (value << 24) >> 24;

interface Row {
	lock: boolean;
	name: string;
	to: string;
	from: string;
	jump: string;
	over: number;
}

function run(rows: Row[], initial: number[]): Record<string, number> {
	const values: Record<string, number> = Object.fromEntries(PLACES.map((place, i) => [place, initial[i]!]));
	const of = (operand: string) => (operand.startsWith("$") ? Number(operand.slice(1)) : values[operand]!);
	let flags = [0, 0];
	let skip = 0;
	for (const { name, to, from, jump, over } of rows) {
		if (skip-- > 0) continue;
		const [a, b] = [of(to), of(from)];
		const put = (value: number) => {
			values[to] = wrap(value);
			flags = [values[to]!, 0];
		};
		if (name === "MOV") values[to] = b;
		else if (name === "ADD") put(a + b);
		else if (name === "SUB") put(a - b);
		else if (name === "AND") put(a & b);
		else if (name === "OR") put(a | b);
		else if (name === "XOR") put(a ^ b);
		else if (name === "CMP") flags = [a, b];
		else if (name === "TEST") flags = [a & b, 0];
		else if (name === "XCHG" || name === "UXCH") [values[to], values[from]] = [b, a];
		else if (name === "XADD") {
			values[from] = a;
			put(a + b);
		} else {
			flags = [a, values.EAX!];
			if (a === values.EAX) values[to] = b;
			else values.EAX = a;
		}
		const [left, right] = flags as [number, number];
		const takes = {
			JE: left === right,
			JNE: left !== right,
			JL: left < right,
			JGE: left >= right,
			JLE: left <= right,
			JG: left > right,
		};
		if (jump !== "" && takes[jump as keyof typeof takes]) skip = over;
	}
	return values;
}

const row: fc.Arbitrary<Row> = fc
	.record({
		name: fc.constantFrom("MOV", "ADD", "SUB", "AND", "OR", "XOR", "CMP", "TEST", "XCHG", "UXCH", "XADD", "CMPXCHG"),
		lock: fc.boolean(),
		to: fc.constantFrom(...PLACES),
		from: fc.oneof(
			fc.constantFrom(...PLACES),
			fc.integer({ min: -3, max: 3 }).map((value) => `$${value}`),
		),
		jump: fc.constantFrom("", "", "JE", "JNE", "JL", "JGE", "JLE", "JG"),
		over: fc.nat(2),
	})
	.filter(({ name, from }) => !["XCHG", "UXCH", "XADD", "CMPXCHG"].includes(name) || REGISTERS.includes(from))
	.filter(({ to, from }) => !to.startsWith("[") || !from.startsWith("["))
	.map((of) => ({
		...of,
		lock: of.lock && of.to.startsWith("[") && !["MOV", "CMP", "TEST", "UXCH"].includes(of.name),
	}));

it("one thread computes what the processor computes", () => {
	const initials = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 6, maxLength: 6 });
	let compared = 0;
	fc.assert(
		fc.property(fc.array(row, { maxLength: 6 }), initials, (rows, initial) => {
			const lines = rows.map(({ lock, name, to, from, jump, over }, i) => {
				const at = Math.min(i + 1 + over, rows.length);
				return `L${i}: ${lock ? "LOCK " : ""}${name} ${to},${from} ;\n${jump === "" ? "" : `${jump} L${at} ;`}`;
			});
			const init = PLACES.map((place, i) => `${i < 4 ? "0:" : ""}${place}=${initial[i]};`).join(" ");
			const places = PLACES.map((place, i) => `${i < 4 ? "0:" : ""}${place};`).join(" ");
			const text = `X86 t\n{${init}}\nP0 ;\n${lines.join("\n")}\nL${rows.length}: ;\nlocations [${places}]\nforall true`;
			const expected = run(rows, initial);
			try {
				const line = PLACES.map((place, i) => `${i < 4 ? "0:" : ""}${place}=${expected[place]};`).join(" ");
				expect(states(text)).toEqual([line]);
				compared++;
			} catch (error) {
				if (!(error instanceof StalemateError && error.code === "LITMUS_VALUES")) throw error;
			}
		}),
		{ numRuns: 2000 },
	);
	expect(compared).toBeGreaterThan(1500);
});
