// What is not in the list: other numbers of CPUs, two pages, two ranges, two of a kind at once, variants side by side. What
// comes out has to follow from what is known of the parts.

import { describe, expect, test } from "vitest";
import { mechanisms, parseScenario, plan } from "../../src/check/index.ts";
import { check } from "../check/core.ts";

function codes(text: string, options: Parameters<typeof check.checkSync>[1] = {}): string {
	const { run } = check.checkSync(parseScenario(text), { allHazards: true, bounds: { states: 400_000 }, ...options });
	expect(run.verdict, run.id).not.toBe("INCOMPLETE");
	return run.codes.join(" + ") || run.verdict;
}

const MODELS = ["sc", "tso", "arm8", "rcpc"] as const;
const FLAVOURS = ["baseline", "remote-first", "concurrent", "inline", "async"] as const;

describe("a TLB shootdown", () => {
	test.each([2, 3, 4])("comes out the same with %i CPUs", (cpus) => {
		for (const variant of FLAVOURS) {
			for (const freedTables of [false, true]) {
				const { run } = check.checkSync(mechanisms.tlbShootdown({ variant, cpus, freedTables }));
				expect(run.codes.join(), run.id).toBe(variant === "async" && freedTables ? "WALK" : "");
			}
		}
	});

	/** The first two pages in one way, the third in another; the targets do as the way of the latest call. */
	const ranges = (first: string, second: string) => `scenario ranges
  profile haswell-ep
  use shootdown
  param cpus = 2..3
  page P1, P2, P3
  map U1 -> P1 user, U2 -> P2 user, U3 -> P3 user
  var call = 0

  # Whatever was asked for: everything.
  macro flush.up-to map gen
    load mine <- cpu_gen
    if mine < gen:
      load now <- mm_gen
      tlb.flush all
      store cpu_gen <- now

  actor initiator on cpu 0
    pte.clear U1
    pte.clear U2
    flush.range {${first}} U1
    claim recycled P1
    claim recycled P2
    pte.clear U3
    store call <- 1
    flush.range {${second}} U3
    claim recycled P3

  actor toucher on each other cpu
    repeat:
      load r0 <- U1 or fault
      load r0 <- U2 or fault
      load r0 <- U3 or fault

  handler irq on each other cpu
    load latest <- call
    if latest == 0: flush.receive {${first}} U1
    else: flush.receive {${second}} U3
`;

	test.each(FLAVOURS)("of two pages with %s, then of a third in any way", (first) => {
		for (const second of FLAVOURS) expect(codes(ranges(first, second)), second).toBe("SAFE");
	});

	test("of two pages of which one is forgotten is a hazard", () => {
		const forgets = ranges("concurrent", "concurrent").replace("      tlb.flush all\n", "      tlb.flush map\n");
		expect(codes(forgets)).toBe("TLB");
	});

	test("that nobody waits for is a hazard beside any other", () => {
		for (const flavour of FLAVOURS) {
			expect(codes(ranges(flavour, "unwaited"), { allHazards: false }), flavour).toBe("TLB");
			expect(codes(ranges("unwaited", flavour), { allHazards: false }), flavour).toBe("TLB");
		}
	});

	test("by two callers on three CPUs", () => {
		const text = (second: string) => `scenario two
  profile haswell-ep
  use shootdown
  page P1, P2
  map U1 -> P1 user, U2 -> P2 user

  macro flush.up-to map gen
    load mine <- cpu_gen
    if mine < gen:
      load now <- mm_gen
      tlb.flush all
      store cpu_gen <- now

  actor one on cpu 0
    pte.clear U1
    flush.range {inline} U1
    claim recycled P1

  actor two on cpu 1
    pte.clear U2
    flush.range {${second}} U2
    claim recycled P2

  actor toucher on cpu 2
    load r0 <- U2 or fault

  handler irq on cpu 0
    flush.receive {inline} U2

  handler irq on cpu 1
    flush.receive {inline} U1

  handler irq on cpu 2
    flush.receive {inline} U1
`;
		expect(codes(text("inline"), { model: "sc", bounds: { states: 700_000 } })).toBe("SAFE");
		expect(codes(text("unwaited"), { allHazards: false })).toBe("TLB");
	});
});

describe("a map that is given up", () => {
	/** Two accessors, each with a way of its own, and a notifier that waits for both. */
	const both = (first: string, second: string, waits: string[]) => `scenario both
  use vhost-sync, rcu, spinlock
  page R owner vhost
  map M -> R kernel
  var map = 1, guard = 0

  macro access
    load.acquire mapped <- map
    if mapped == 1: store M <- 7

  actor a on cpu 0
    ${first.replaceAll("; ", "\n    ")}

  actor b on cpu 2
    ${second.replaceAll("; ", "\n    ")}

  handler irq on cpu 0
    rcu.expedite
  handler irq on cpu 2
    rcu.expedite

  actor notifier on cpu 1
    store map <- 0
    ${waits.join("\n    ")}
    claim released R
`;
	const WAYS = {
		counter: ["counter.begin full; access; counter.end release", "counter.wait full"],
		rcu: ["rcu.read-lock; access; rcu.read-unlock", "rcu.synchronize"],
		spinlock: ["spin.lock guard; access; spin.unlock guard", "spin.lock guard\n    spin.unlock guard"],
	} as const;
	const pairs = Object.keys(WAYS).flatMap((a) =>
		Object.keys(WAYS).map((b) => [a, b] as [keyof typeof WAYS, keyof typeof WAYS]),
	);

	test.each(pairs.filter(([a, b]) => a < b))("by accessors with %s and %s: both have to be waited for", (a, b) => {
		const [[first, waitA], [second, waitB]] = [WAYS[a], WAYS[b]];
		for (const model of ["sc", "tso"] as const) {
			expect(codes(both(first, second, [waitA, waitB]), { model }), model).toBe("SAFE");
			expect(codes(both(first, second, [waitA]), { model }), model).toBe("CORRUPT");
			expect(codes(both(first, second, [waitB]), { model }), model).toBe("CORRUPT");
		}
	});

	test("by two accessors that share a counter which only one of them may write is a hazard", () => {
		const [way, wait] = WAYS.counter;
		for (const model of MODELS)
			expect(codes(both(way, way, [wait]), { model, allHazards: false }), model).toBe("CORRUPT");
	});

	test("by two accessors under one lock is none", () => {
		const [way, wait] = WAYS.spinlock;
		for (const model of ["sc", "tso"] as const) expect(codes(both(way, way, [wait]), { model }), model).toBe("SAFE");
	});
});

describe("aliases", () => {
	const two = (orders: [string, string]) => `scenario two-pages
  profile pa8800
  use kmap
  page P, Q
  map U -> P user colour 1, K -> P kernel colour 0
  map V -> Q user colour 2, L -> Q kernel colour 3

  actor thread on cpu 0
    tlb.insert K
    load r0 <- K
    drop_alias {${orders[0]}} K
    tlb.insert L
    store L <- 1
    drop_alias {${orders[1]}} L
    store U <- 1
    load r0 <- U
    load r0 <- V
`;

	test("of two pages are wrong if those of one are", () => {
		expect(codes(two(["purge-flush", "purge-flush"]))).toBe("SAFE");
		for (const order of ["purge", "clean-purge"]) expect(codes(two([order, "purge-flush"])), order).toBe("STALE");
		expect(codes(two(["purge-flush", "purge"]))).toBe("STALE");
	});

	test("of pages of several lines come out as those of one line", () => {
		for (const lines of [1, 2, 3]) {
			for (const first of ["after-purge", "before-purge"] as const) {
				const made = mechanisms.flushOnce({ lines, first, second: "never" });
				const [planned] = plan(made, { profiles: ["pa8800"] });
				const { run } = check.checkSync(made, planned!);
				expect(run.codes.join(), run.id).toBe(first === "after-purge" ? "" : "STALE");
			}
		}
	});

	test("on two CPUs, which no cache keeps equal, come out as on one", () => {
		for (const vhostCpu of [0, 1, 2, 5]) {
			const made = mechanisms.longLivedMap({ vhostCpu });
			expect(check.checkSync(made).run.codes, String(vhostCpu)).toEqual(["STALE"]);
		}
	});
});

describe("page frames", () => {
	test("two of different kinds, with one predicate, are each wrong as they are alone", () => {
		const text = (first: string, second: string) => `scenario two-frames
  profile e500v2
  use pfn
  page ram ram, zero zero
  var reserved = 0

  actor one on cpu 0
    ref.get ram
    ${first}
    claim balanced ram

  actor two on cpu 1
    ref.get zero
    ${second}
    claim balanced zero
`;
		expect(codes(text("ref.put ram", "ref.put zero"))).toBe("SAFE");
		expect(codes(text("ref.put ram", "set r0 <- 0"))).toBe("REFLEAK");
		expect(codes(text("ref.put ram\n    ref.put ram", "ref.put zero"))).toBe("REFUNDER");
	});
});
