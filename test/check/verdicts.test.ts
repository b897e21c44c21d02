import { expect, test } from "vitest";
import { loadProgramCoreSync } from "../../bindings/program-core.ts";
import { finish } from "../../src/check/drive.ts";
import { checkScenario } from "../../src/check/run.ts";
import { parseScenario } from "../../src/scenario/index.ts";

const core = loadProgramCoreSync();

function codes(model: "sc" | "tso" | "arm8" | "rcpc", text: string): string[] {
	const { run } = finish(checkScenario(core, parseScenario(text), { model, allHazards: true }));
	expect(run.complete).toBe(true);
	return run.codes;
}

const RELEASE = (otherwise: string) => `scenario s
  page R owner vhost
  map M -> R kernel
  var map = 1, gone = 0
  actor worker on cpu 0
    ${otherwise}
    load r0 <- map
    if r0 == 1: load r1 <- M
  actor notifier on cpu 1
    store map <- 0
    fence full
    store gone <- 1
    claim released R
`;

test("what a load does wrong behind a branch that was guessed wrong did not happen", () => {
	for (const model of ["sc", "tso", "arm8", "rcpc"] as const)
		expect(codes(model, RELEASE("await.acquire gone == 1"))).toEqual([]);
});

test("what a load does wrong behind a branch that was guessed right did happen", () => {
	for (const model of ["sc", "tso", "arm8", "rcpc"] as const)
		expect(codes(model, RELEASE("load r2 <- gone"))).toEqual(["UAI"]);
});

test("of two guesses, both have to be right", () => {
	const both = (first: string) => `scenario s
  page R owner vhost
  map M -> R kernel
  var map = 1, never = 0, gone = 0
  actor worker on cpu 0
    load r0 <- ${first}
    load r1 <- map
    if r0 == 1:
      if r1 == 1: load r2 <- M
  actor notifier on cpu 1
    claim released R
`;
	expect(codes("arm8", both("never"))).toEqual([]);
	expect(codes("arm8", both("map"))).toEqual(["UAI"]);
});

test("an actor has ended when what it did is visible", () => {
	const text = `scenario s
  page R owner vhost
  map M -> R kernel
  actor worker on cpu 0
    store M <- 1
  actor other on cpu 1
    join worker
    claim released R
`;
	for (const model of ["sc", "tso", "arm8", "rcpc"] as const) expect(codes(model, text)).toEqual([]);
});

test("a circle of actors that wait for each other is not starvation as well", () => {
	const text = `scenario s
  var a lock, b lock
  actor first on cpu 0
    lock a
    lock b
    unlock b
    unlock a
  actor second on cpu 1
    lock b
    lock a
    unlock a
    unlock b
`;
	expect(codes("sc", text)).toEqual(["ABBA"]);
	expect(codes("sc", "scenario s\n  var x\n  actor a on cpu 0\n    await x == 1\n")).toEqual(["LIVE"]);
});

test("what runs ahead of a value that another thread of its CPU gives is no deadlock, and a value that nobody gives is one", () => {
	const text = (given: string) => `scenario s
  var x = 0, y = 0
  actor giver on cpu 0
    ${given}
  actor taker on cpu 0
    await x == 1
    store y <- 1
`;
	for (const model of ["sc", "tso", "arm8", "rcpc"] as const) {
		expect(codes(model, text("store x <- 1"))).toEqual([]);
		expect(codes(model, text("store y <- 2"))).toEqual(["LIVE"]);
	}
});
