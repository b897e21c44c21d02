import { describe, expect, test } from "vitest";
import { StalemateError } from "../../src/errors.ts";
import { compileScenario, LIMITS, paramSpace, parseScenario } from "../../src/scenario/index.ts";

/** A scenario of one actor, with lines of code and lines of the header. */
function scenario(code: string, header = ""): string {
	const indent = (text: string, by: string) => text.replace(/^(?=.)/gm, by);
	const fixed = "page P lines 2\nmap U -> P user\nvar x = 0, q = 0 per cpu\nvar l lock\n";
	return `scenario s\n${indent(`${fixed}${header}`, "  ")}\n  actor a on cpu 0\n${indent(code, "    ")}\n`;
}

function problem(text: string): StalemateError {
	try {
		parseScenario(text, { file: "s.scn" });
	} catch (error) {
		expect(error).toBeInstanceOf(StalemateError);
		return error as StalemateError;
	}
	throw new Error("nothing was wrong");
}

test("an error shows the file, the line, a mark under the word, and what is nearest to it", () => {
	const found = problem(scenario("load r0 <- xx"));
	expect(found.message).toBe(
		[
			"s.scn:8:16: there is no variable or mapping xx",
			"      load r0 <- xx",
			"                 ^^",
			'did you mean "x"?',
		].join("\n"),
	);
	expect(found.place).toMatchObject({ file: "s.scn", line: 8, column: 16 });
});

describe("a statement that is wrong is refused:", () => {
	test.each([
		["an unknown statement", "laod r0 <- x", "SCENARIO_NAME", /did you mean "load"/],
		["a place that is not there", "store y <- 1", "SCENARIO_NAME", /there is no variable or mapping y/],
		["a page where a mapping is needed", "load r0 <- P", "SCENARIO_TYPE", /P is a page/],
		["a mapping where a page is needed", "claim released U", "SCENARIO_TYPE", /U is a map, where a page is needed/],
		["a number where a page is needed", "claim released 1", "SCENARIO_TYPE", /name of a page/],
		["a variable where a register is needed", "set r0 <- x + 1", "SCENARIO_TYPE", /load it into a register/],
		["a variable that gets a register's value", "load x <- U", "SCENARIO_TYPE", /x is a var, where a register/],
		["a register that is never set", "store x <- r9", "SCENARIO_NAME", /no register of that name is ever set/],
		["a label that is not there", "load x\ngoto nowhere", "SCENARIO_NAME", /there is no label "nowhere"/],
		["a label twice", "label k\nload x\nlabel k", "SCENARIO_NAME", /two labels k/],
		["an actor that is not there", "join b", "SCENARIO_NAME", /an actor is not "b"/],
		["an order that a statement does not have", "load.release r0 <- x", "SCENARIO_NAME", /after the dot: plain/],
		["a fence that is none", "fence ful", "SCENARIO_NAME", /did you mean "full"/],
		["a claim that is none", "claim relased P", "SCENARIO_NAME", /did you mean "released"/],
		["operands that are too many", "unlock l l", "SCENARIO_SYNTAX", /it is written: unlock VARIABLE/],
		["a lock that is not declared one", "lock x", "SCENARIO_SYNTAX", /declared lock/],
		["a value beyond a byte", "store x <- 256", "SCENARIO_LIMIT", /from 0 to 255/],
		["a number beyond all", "store x <- 99999", "SCENARIO_LIMIT", /numbers go up to/],
		["a line beyond the page's limit", "load r0 <- U[99]", "SCENARIO_LIMIT", /a line of a page/],
		["an index of a variable that has none", "load r0 <- x[1]", "SCENARIO_TYPE", /not one per cpu/],
		["another CPU's copy outside a loop", "load r0 <- q[1]", "SCENARIO_TYPE", /of which CPU/],
		["an interrupt that nobody handles", "ipi.send 0", "SCENARIO_SYNTAX", /no handler irq/],
		["a wait in the middle of a step", "store x <- 1; await x == 1", "SCENARIO_TYPE", /may have to wait/],
		["arithmetic in the middle of a step", "load r0 <- x; set r1 <- r0", "SCENARIO_TYPE", /makes no step/],
		["a page loop in the middle of a step", "store x <- 1; cache.flush U", "SCENARIO_TYPE", /takes 2 steps/],
		["a loop without a step", "label k\nset r0 <- 1\ngoto k", "SCENARIO_LOOP", /go round for ever/],
		["a while without a step", "set r0 <- 1\nwhile r0 == 1: set r0 <- 1", "SCENARIO_LOOP", /go round for ever/],
		["a repeat without a step", "repeat: set r0 <- 1", "SCENARIO_LOOP", /go round for ever/],
		["a fault of what cannot", "fence full or fault", "SCENARIO_SYNTAX", /cannot fault/],
		[
			"a loop over CPUs in another",
			"each other cpu c: each other cpu d: load x",
			"SCENARIO_TYPE",
			/in a loop over CPUs/,
		],
		["a condition with a word in it", "if maybe: load x", "SCENARIO_NAME", /nothing is called maybe/],
		["a line that ends too early", "store x <-", "SCENARIO_SYNTAX", /line ends too early/],
		["a line that is indented for nothing", "load x\n  load x", "SCENARIO_SYNTAX", /cannot begin a line here/],
		["a word in braces that is no parameter", "store.{order} x <- 1", "SCENARIO_PARAM", /there is no parameter order/],
	] as const)("%s", (_, code, error, message) => {
		const found = problem(scenario(code));
		expect(found.message).toMatch(message);
		expect(found.code).toBe(error);
		expect(found.place.line).toBeGreaterThan(6);
	});
});

describe("a declaration that is wrong is refused:", () => {
	test.each([
		["a page that is not there", "map V -> Q", "SCENARIO_NAME", /there is no page Q/],
		["a table that is not there", "map V -> P via T", "SCENARIO_NAME", /there is no table T/],
		["a name twice", "var U", "SCENARIO_NAME", /U is a map already/],
		["a parameter and a page of one name", "param P = 1", "SCENARIO_NAME", /P is a parameter already/],
		["a word nobody knows", "page Q lins 2", "SCENARIO_SYNTAX", /did you mean "lines"/],
		["a word without what belongs to it", "map V -> P colour", "SCENARIO_SYNTAX", /colour needs something behind it/],
		["a library that is not there", "use spinlok", "SCENARIO_NAME", /did you mean "spinlock"/],
		["two parameters of one name", "param n = 1\nparam n = 2", "SCENARIO_NAME", /two parameters n/],
		["a parameter with a value twice", "param n = 1 | 1", "SCENARIO_PARAM", /a value twice/],
		["a range backwards", "param n = 3..1", "SCENARIO_PARAM", /lower number to the higher/],
		[
			"an expectation of a value that is not there",
			"param n = 1 | 2\nexpect n=3: SAFE",
			"SCENARIO_EXPECT",
			/n is never 3/,
		],
		["an expectation of a parameter that is not there", "expect m=3: SAFE", "SCENARIO_EXPECT", /no parameter m/],
		["an expectation of a profile that is not there", "expect pa880 SAFE", "SCENARIO_EXPECT", /did you mean "pa8800"/],
		["an expectation of no verdict", "expect SAVE", "SCENARIO_EXPECT", /did you mean "SAFE"/],
		["a memory model that is not there", "model tos", "SCENARIO_NAME", /did you mean "tso"/],
		["too many CPUs", "param cpus = 2..65", "SCENARIO_LIMIT", /1 to 64 CPUs/],
		["actors on CPUs that nobody counts", "actor b on each other cpu\n  load x", "SCENARIO_PARAM", /param cpus/],
		[
			"two handlers on one CPU",
			"handler irq on cpu 0\n  load x\nhandler irq on cpu 0\n  load x",
			"SCENARIO_NAME",
			/two handlers/,
		],
		["two actors of one name", "actor a on cpu 1\n  load x", "SCENARIO_NAME", /two actors a/],
		["a macro in itself", "macro m\n  m\nactor b on cpu 0\n  m", "SCENARIO_LOOP", /contains itself/],
		[
			"a macro without its operands",
			"macro m v\n  load v\nactor b on cpu 0\n  m",
			"SCENARIO_TYPE",
			/takes 1 operands, not 0/,
		],
		["macros in a circle", "macro m\n  n\nmacro n\n  m\nactor b on cpu 0\n  m", "SCENARIO_LOOP", /contains itself/],
		["a user mapping in one of two address spaces", "mm A, B", "SCENARIO_TYPE", /in no address space/],
	] as const)("%s", (_, header, error, message) => {
		const found = problem(scenario("load x", header));
		expect(found.message).toMatch(message);
		expect(found.code).toBe(error);
	});
});

test.each([
	["nothing at all", ""],
	["a comment", "# nothing"],
	["no scenario", "page P"],
	["no actors", "scenario s\n  page P\n"],
	["two scenarios", "scenario a\n\nscenario b\n"],
])("%s is no scenario", (_, text) => {
	expect(problem(text).code).toBe("SCENARIO_SYNTAX");
});

describe("what is too large is refused at once:", () => {
	const many = (n: number, row: (i: number) => string) => Array.from({ length: n }, (_, i) => row(i)).join("\n");
	test.each([
		["10 MB of text", "x\n".repeat(5_000_000)],
		["a long line", scenario(`store x <- ${"1 + ".repeat(500)}1`)],
		["a long name", scenario(`goto ${"a".repeat(LIMITS.name + 1)}`)],
		[
			"10 000 actors",
			scenario(
				"load x",
				many(10_000, (i) => `actor b${i} on cpu 1\n  load x`),
			),
		],
		[
			"actors on all CPUs",
			scenario("load x", `param cpus = 8\n${many(8, (i) => `actor b${i} on each cpu\n  load x`)}`),
		],
		[
			"too many pages",
			scenario(
				"load x",
				many(16, (i) => `page Q${i}`),
			),
		],
		["too many instructions", scenario(many(5000, () => "load x"))],
		[
			"too many instructions by macros",
			scenario(
				"m3",
				many(4, (i) => (i === 0 ? "macro m0\n  load x" : `macro m${i}\n${`  m${i - 1}\n`.repeat(20)}`)),
			),
		],
		[
			"macros that come to nothing after long",
			scenario(
				"m29\nload x",
				many(30, (i) => (i === 0 ? "macro m0\n  fence none" : `macro m${i}\n  m${i - 1}\n  m${i - 1}`)),
			),
		],
		["too many registers", scenario(many(LIMITS.registers + 1, (i) => `load r${i} <- x`))],
		["deep nesting", scenario(`${many(110, (i) => `${" ".repeat(i)}if r0 == 1:`)}\n${" ".repeat(110)}load r0 <- x`)],
		["deep parentheses", scenario(`store x <- ${"(".repeat(300)}1${")".repeat(300)}`)],
		[
			"too many combinations",
			scenario(
				"load x",
				many(6, (i) => `param p${i} = 0..9`),
			),
		],
	])("%s", (_, text) => {
		expect(problem(text).code).toBe("SCENARIO_LIMIT");
	});
});

test("a parameter that a scenario does not have is refused, and a value that it does not have", () => {
	const parsed = parseScenario(scenario("load x", "param mode = fast | slow"));
	expect(() => compileScenario(parsed, { mod: "fast" })).toThrow(/did you mean "mode"/);
	expect(() => compileScenario(parsed, { mode: "medium" })).toThrow(/it is fast \| slow/);
	expect(paramSpace(parsed)).toEqual([{ mode: "fast" }, { mode: "slow" }]);
});
