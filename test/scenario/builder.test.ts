import { expect, test } from "vitest";
import { parseScenario, scenarioBuilder } from "../../src/scenario/index.ts";

test("a scenario that is built is the one that is written", () => {
	const built = scenarioBuilder("built")
		.story("Two ways to say it")
		.basis("derived")
		.row("L99")
		.contrast("L98", "L97")
		.profile("abstract")
		.model("tso")
		.use("csd")
		.param("cpus", 2, 3)
		.param("end", "release", "relaxed")
		.table("T")
		.mm("A")
		.page("P", { lines: 2, owner: "vhost" })
		.map("U", "P", { half: "user", colour: 1, via: "T" })
		.var("x")
		.var("mine", 1, { perCpu: true })
		.macro("twice", ["v"], (code) => code.load("r0", "v").load("r0", "v"))
		.actor("a", 0, (code) =>
			code
				.store("x", 1, "release")
				.do("twice", ["x"])
				.if(
					{ left: "r1", test: "odd" },
					(inner) => inner.do("store.{end}", ["x"], [2]),
					(inner) => inner.fence("full"),
				)
				.joined((inner) => inner.load("r1", "U").store("x", "r1"))
				.each("c", (inner) => inner.do("csd.wait", ["c"]))
				.repeat(2, (inner) => inner.await("x", "==", 0))
				.claim("released", "P"),
		)
		.handler("irq", "each-other", (code) => code.do("csd.unlock"))
		.device("disk", (code) => code.do("dma.read", ["P"]))
		.expect(["UAI", "CORRUPT"], { when: { end: "relaxed" }, model: "rcpc" })
		.build();
	expect(built).toEqual(
		parseScenario(`scenario built
  story "Two ways to say it"
  basis derived
  row L99
  contrast L98, L97
  profile abstract
  model tso
  use csd
  param cpus = 2..3, end = release | relaxed
  table T
  mm A
  page P lines 2 owner vhost
  map U -> P user colour 1 via T
  var x, mine = 1 per cpu
  macro twice v
    load r0 <- v
    load r0 <- v
  actor a on cpu 0
    store.release x <- 1
    twice x
    if r1 is odd: store.{end} x <- 2
    else: fence full
    load r1 <- U; store x <- r1
    each other cpu c: csd.wait c
    repeat 2: await x == 0
    claim released P
  handler irq on each other cpu
    csd.unlock
  device disk
    dma.read P
  expect end=relaxed: rcpc UAI + CORRUPT
`),
	);
});

test("what is built is checked as its text would be", () => {
	expect(() =>
		scenarioBuilder("s")
			.actor("a", 0, (code) => code.load("r0", "x"))
			.build(),
	).toThrow(/there is no variable or mapping x/);
	expect(() => scenarioBuilder("no name").build()).toThrow(/name must be a name/);
});
