import { expect as jestExpect } from "expect";
import { describe, expect, test } from "vitest";
import { mechanisms, parseLitmus, parseScenario, printScenario } from "../../src/check/index.ts";
import { toBeSafeOn } from "../../src/matcher/index.ts";
import "../../src/matcher/vitest.ts";

const unsafe = `scenario lost
  page P owner vhost
  map M -> P kernel
  actor one on cpu 0
    store M <- 1
  actor two on cpu 1
    claim released P
`;
const safe = unsafe.replace("claim", "join one\n    claim");
/** The alias is given away with a line of it in the cache: harmless on one machine, stale data on another. */
const latent = `scenario clean-alias
  page P
  map U -> P user   colour 1
  map K -> P kernel colour 0
  actor kernel on cpu 0
    load r0 <- K
    tlb.purge K
    claim handed-over P
  actor user on cpu 0
    join kernel
    store U <- 1
    load r1 <- U
`;
const endless = `scenario counters
  var a = 0, b = 0
  actor one on cpu 0
    repeat: rmw.add a, 1
  actor two on cpu 1
    repeat: rmw.add b, 1
`;
const few = { bounds: { states: 100 } };

function thrown(asserts: () => void): Error {
	try {
		asserts();
	} catch (error) {
		return error as Error;
	}
	throw new Error("it passed");
}

function failure(asserts: () => void): string {
	return thrown(asserts).message;
}

jestExpect.extend({ toBeSafeOn });
/** jest's own types are told of matchers by those who extend it. */
const jest = jestExpect as unknown as typeof expect;

describe.each([
	["vitest", expect],
	["jest", jest],
])("toBeSafeOn in %s", (_, expectIt) => {
	test("passes where the verdict is SAFE", () => {
		expectIt(safe).toBeSafeOn("broadwell");
		expectIt(parseScenario(safe)).toBeSafeOn("pa8800", { model: "sc" });
		expectIt(mechanisms.kmap({ age: "k2024" })).toBeSafeOn("vipt-generic");
	});

	test("fails with the verdict, a shortest schedule in lanes, and what was seen", () => {
		const message = failure(() => expectIt(unsafe).toBeSafeOn("broadwell"));
		expect(message).toBe(`lost broadwell tso is CORRUPT

    CPU0: one                                 CPU1: two
 1  store M <- 1 (issued)                     |
 2  |                                         claim released P
 3  ~ store M <- 1 (now visible) *** CORRUPT  |

one began the access at step 1 (store M <- 1); two told the owner of P that nobody would touch it
any more at step 2 (claim released P); and at step 3 one writes P after its owner was told that
nobody would.
all 6 states, 7 transitions, schedules of up to 3 steps, at most 1 pending operation per CPU`);
	});

	test("takes the options of a check", () => {
		const sync = mechanisms.vhostSync({ sync: "counter-no-writer-barrier" });
		expectIt(sync).toBeSafeOn("abstract", { model: "sc" });
		expectIt(sync).not.toBeSafeOn("abstract", { model: "tso" });
		const shootdown = mechanisms.tlbShootdown({ freedTables: true });
		expectIt(shootdown).toBeSafeOn("broadwell", { params: { flavour: "baseline", cpus: 2 } });
	});

	test("LATENT is not SAFE", () => {
		expectIt(latent).not.toBeSafeOn("vipt-generic");
		expect(failure(() => expectIt(latent).toBeSafeOn("vipt-generic"))).toContain("is LATENT\n");
	});

	test("INCOMPLETE passes neither way", () => {
		expect(failure(() => expectIt(endless).toBeSafeOn("abstract", few))).toContain("is INCOMPLETE (states)");
		expect(failure(() => expectIt(endless).not.toBeSafeOn("abstract", few))).toContain("is INCOMPLETE (states)");
	});

	test("`not` fails where it is SAFE", () => {
		expect(failure(() => expectIt(safe).not.toBeSafeOn("broadwell"))).toMatch(/is SAFE\n\nall \d+ states, /);
	});

	test("what is wrong is shown at the line of the test", () => {
		for (const [source, profile] of [
			[safe, "pa8801"],
			["scenario x\n  actor", "broadwell"],
		] as const) {
			const stack = thrown(() => expectIt(source).toBeSafeOn(profile)).stack!;
			const own = stack.split("\n").filter((line) => /^\s+at /.test(line) && !line.includes("node_modules"));
			expect(own[0]).toContain("matcher.test.ts");
		}
	});

	test.each([
		["no scenario", undefined, "broadwell", "source is undefined"],
		["a mechanism that was not called", mechanisms.kmap, "broadwell", "a function: call it"],
		["a text with an error", safe.replace("store", "stroe"), "broadwell", "stroe"],
		["the name of a file", "protocol.scn", "broadwell", "protocol.scn"],
		["an unknown profile", safe, "pa8801", "pa8800"],
		["no profile", safe, undefined, "profile is missing"],
	])("%s is told as such, with `not` too", (_, source, profile, said) => {
		expect(failure(() => expectIt(source).toBeSafeOn(profile as string))).toContain(said);
		expect(failure(() => expectIt(source).not.toBeSafeOn(profile as string))).toContain(said);
	});

	test("a litmus test is neither safe nor not", () => {
		const litmus =
			"X86 SB\n{ x=0; y=0; }\n P0 | P1 ;\n MOV [x],$1 | MOV [y],$1 ;\n MOV EAX,[y] | MOV EAX,[x] ;\nexists (0:EAX=0 /\\ 1:EAX=0)\n";
		expect(failure(() => expectIt(parseLitmus(litmus)).toBeSafeOn("abstract"))).toContain("SB is a litmus test");
	});
});

test("what is printed of a scenario is checked as it was", () => {
	expect(printScenario(mechanisms.kmap({ age: "k2024" }))).toBeSafeOn("vipt-generic");
});
