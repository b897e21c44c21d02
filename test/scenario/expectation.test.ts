import { describe, expect, test } from "vitest";
import { expectation, meets, parseScenario, scenarioBuilder } from "../../src/scenario/index.ts";

const scenario = parseScenario(`scenario s
  param fence = none | full
  var x
  actor a on cpu 0
    load x

  expect SAFE
  expect fence=none: tso CORRUPT, pa8800 STALE / LOSTW
  expect fence=none: pa8800 sc UAI + CORRUPT
  expect vipt-generic{speculativeMoveIn=yes, smap=no} ok
`);

describe("the expectation of a run is that of the last line, and the last part of it, that is about it:", () => {
	test.each([
		[{ fence: "full" }, "abstract", "tso", [["SAFE"]]],
		[{}, "abstract", "sc", [["SAFE"]]],
		[{}, "abstract", "tso", [["CORRUPT"]]],
		[{}, "pa8800", "tso", [["STALE"], ["LOSTW"]]],
		[{}, "pa8800", "sc", [["UAI", "CORRUPT"]]],
		[{ fence: "full" }, "pa8800", "sc", [["SAFE"]]],
		[{}, "vipt-generic{smap=no,speculativeMoveIn=yes}", "sc", [["ok"]]],
		[{}, "vipt-generic{speculativeMoveIn=yes}", "sc", [["SAFE"]]],
	] as const)("%j %s %s", (params, profile, model, any) => {
		expect(expectation(scenario, params, profile, model)?.any).toEqual(any);
	});
});

test("an expectation names its line", () => {
	expect(expectation(scenario, {}, "abstract", "tso")).toMatchObject({ line: 8, text: "tso CORRUPT" });
});

test("a scenario that says nothing of a run expects nothing", () => {
	const silent = scenarioBuilder("s")
		.var("x")
		.actor("a", 0, (code) => code.load("r0", "x"))
		.expect("SAFE", { model: "sc" })
		.build();
	expect(expectation(silent, {}, "abstract", "tso")).toBeUndefined();
});

test("all codes of one alternative must have been found, or its verdict", () => {
	const any = [["UAI", "CORRUPT"], ["STALE"]];
	expect(meets({ any, line: 0, text: "" }, "HAZARD", ["UAI"])).toBe(false);
	expect(meets({ any, line: 0, text: "" }, "HAZARD", ["CORRUPT", "UAI", "TLB"])).toBe(true);
	expect(meets({ any: [["ok"]], line: 0, text: "" }, "LATENT", [])).toBe(true);
	expect(meets({ any: [["SAFE"]], line: 0, text: "" }, "LATENT", [])).toBe(false);
});
