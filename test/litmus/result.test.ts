import { describe, expect, it } from "vitest";
import { compileLitmus } from "../../src/litmus/compile.ts";
import { parseLitmus } from "../../src/litmus/parse.ts";
import { judgeLitmus, printJudgement } from "../../src/litmus/result.ts";

const SB = (final: string) =>
	parseLitmus(`X86 SB\n{}\n P0 | P1 ;\n MOV [x],$1 | MOV [y],$1 ;\n MOV EAX,[y] | MOV EAX,[x] ;\n${final}`);
const BOTH = "(0:EAX=0 /\\ 1:EAX=0)";
// In an order of nobody's, one of them twice.
const TSO = [
	[1, 1],
	[0, 1],
	[0, 0],
	[1, 0],
	[0, 1],
];
const SC = TSO.filter(([a, b]) => a! + b! > 0);

describe("a judgement", () => {
	it("is printed as herd prints it", () => {
		const litmus = SB(`exists ${BOTH}`);
		expect(printJudgement(litmus, judgeLitmus(litmus, TSO))).toBe(
			[
				"Test SB Allowed",
				"States 4",
				"0:EAX=0; 1:EAX=0;",
				"0:EAX=0; 1:EAX=1;",
				"0:EAX=1; 1:EAX=0;",
				"0:EAX=1; 1:EAX=1;",
				"Ok",
				"Witnesses",
				"Positive: 1 Negative: 3",
				"Condition exists (0:EAX=0 /\\ 1:EAX=0)",
				"Observation SB Sometimes 1 3",
				"",
			].join("\n"),
		);
	});

	it("counts witnesses of ~exists as herd does, and observes the proposition", () => {
		const litmus = SB(`~exists ${BOTH}`);
		const printed = printJudgement(litmus, judgeLitmus(litmus, SC)).split("\n");
		expect(printed[0]).toBe("Test SB Forbidden");
		expect(printed.slice(-5)).toEqual([
			"Witnesses",
			"Positive: 3 Negative: 0",
			"Condition ~exists (0:EAX=0 /\\ 1:EAX=0)",
			"Observation SB Never 0 3",
			"",
		]);
	});

	it.each([
		["exists", SC, false, "Never"],
		["exists", TSO, true, "Sometimes"],
		["~exists", SC, true, "Never"],
		["~exists", TSO, false, "Sometimes"],
		["forall", TSO, false, "Sometimes"],
		["forall", TSO.slice(2, 3), true, "Always"],
	] as const)("of %s is %#", (quantifier, states, ok, observation) => {
		expect(judgeLitmus(SB(`${quantifier} ${BOTH}`), states)).toMatchObject({ ok, observation });
	});

	it("leaves out what the filter does not let through", () => {
		const judgement = judgeLitmus(SB(`filter 0:EAX=1\nexists ${BOTH}`), TSO);
		expect(judgement.states.map(({ text }) => text)).toEqual(["0:EAX=1; 1:EAX=0;", "0:EAX=1; 1:EAX=1;"]);
		expect(judgement).toMatchObject({ observation: "Never", positive: 0, negative: 2 });
	});

	it("is data for JSON", () => {
		const litmus = parseLitmus(
			"X86_64 t\n{p=x; uint64_t z=-1;}\nP0;\nmovq $3,(x);\nlocations [p;z;]\nforall x=3 \\/ x=0",
		);
		const { program, observed } = compileLitmus(litmus);
		expect(observed).toEqual(["[p]", "[x]", "[z]"]);
		const start = program.observed!.map((of) => ("var" in of ? program.vars[of.var]!.initial : 0));
		expect(JSON.parse(JSON.stringify(judgeLitmus(litmus, [start])))).toEqual({
			name: "t",
			observation: "Always",
			ok: true,
			positive: 1,
			negative: 0,
			states: [
				{
					values: { "[p]": "x", "[x]": 0, "[z]": "18446744073709551615" },
					text: "[p]=x; [x]=0; [z]=18446744073709551615;",
					satisfies: true,
				},
			],
			condition: "forall ([x]=3 \\/ [x]=0)",
		});
	});

	it("keeps the parentheses that a condition needs", () => {
		const printed = (text: string) => judgeLitmus(SB(text), []).condition;
		expect(printed("exists ((x=1 \\/ y=1) /\\ ((x=2)) /\\ ~(x=3 /\\ true))")).toBe(
			"exists (([x]=1 \\/ [y]=1) /\\ [x]=2 /\\ not ([x]=3 /\\ true))",
		);
		expect(printed("exists (x=1 => y=1) => x=2 => y=[x]")).toBe("exists (([x]=1 => [y]=1) => [x]=2 => [y]=[x])");
	});
});
