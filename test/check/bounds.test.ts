import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadCheckSync, parseScenario, scheduleMermaid, scheduleTest } from "../../src/check/index.ts";

const check = loadCheckSync();
const shootdown = parseScenario(readFileSync("scenarios/shootdown/shootdown.scn", "utf8"));
/** 23 312 states, so that some are behind the search while others are found. */
const large = { params: { cpus: 4 }, model: "sc", symmetry: false, mayHold: false } as const;

describe("a search within bounds", () => {
	test.each([{ states: 1000 }, { depth: 9 }, { time: 1e-9 }])(
		"%j is INCOMPLETE, and goes on where it stopped",
		(bounds) => {
			const whole = check.checkSync(shootdown, large);
			const part = check.checkSync(shootdown, { ...large, bounds });
			expect(part.run).toMatchObject({ verdict: "INCOMPLETE", complete: false });
			expect(part.result.stoppedBy).toBe(Object.keys(bounds)[0]);
			expect(part.run.states).toBeLessThan(whole.run.states);
			const more = part.result.resume?.({});
			let step = more?.next();
			while (step?.done === false) step = more?.next();
			expect(step?.value).toMatchObject({
				verdict: "SAFE",
				complete: true,
				states: whole.run.states,
				transitions: whole.run.transitions,
				depth: whole.run.depth,
			});
		},
	);

	test.each([
		["bounds.states", { bounds: { states: 0 } }],
		["bounds.states", { bounds: { states: Number.NaN } }],
		["bounds.depth", { bounds: { depth: -1 } }],
		["bounds.time", { bounds: { time: Number.NaN } }],
		["walks.count", { walks: { count: 1.5 } }],
		["walks.steps", { walks: { count: 1, steps: 1e9 } }],
		["compact", { compact: true, liveness: true }],
	])("%s: refused where it makes no sense", (path, options) => {
		expect(() => check.checkSync(shootdown, options)).toThrowError(
			expect.objectContaining({ code: "BAD_OPTION", place: { path } }),
		);
	});
});

describe("a search by hashes alone", () => {
	test("sees as many states, and never says SAFE", () => {
		const whole = check.checkSync(shootdown, large).run;
		const { run, result } = check.checkSync(shootdown, { ...large, compact: true });
		expect(run).toMatchObject({ verdict: "INCOMPLETE", complete: false, ok: false });
		expect(result.stoppedBy).toBe("compaction");
		expect([run.states, run.transitions, run.depth]).toEqual([whole.states, whole.transitions, whole.depth]);
		expect(run.reductions.join()).toMatch(/hash compaction \(.* chance of at most \de-\d+\)/);
	});

	test.each([true, false])("finds a hazard by a schedule as short, with symmetry %s", (symmetry) => {
		const options = { ...large, symmetry, params: { cpus: 3, flavour: "async", nmi: "unguarded" } };
		const whole = check.checkSync(shootdown, options);
		const compact = check.checkSync(shootdown, { ...options, compact: true });
		expect(compact.run.codes).toEqual(["TLB"]);
		expect(compact.schedule?.steps.length).toBe(whole.schedule?.steps.length);
	});
});

describe("schedules at random", () => {
	const wrong = { params: { cpus: 2, wait: "no" } };

	test("meet a hazard, the same ones with the same seed, and replay to it", () => {
		const options = { ...wrong, walks: { count: 10_000, steps: 60, seed: 7n } };
		const { run, schedule } = check.checkSync(shootdown, options);
		expect(run.codes).toEqual(["TLB"]);
		expect(check.checkSync(shootdown, options).schedule).toEqual(schedule);
		expect(check.replay(shootdown, schedule?.actions ?? [], wrong).hazards).toContain("TLB");
	});

	test("that meet none are no verdict", () => {
		const { run, result } = check.checkSync(shootdown, { walks: { count: 20, steps: 100 } });
		expect(run).toMatchObject({ verdict: "INCOMPLETE", complete: false });
		expect(result.stoppedBy).toBe("walks");
	});
});

describe("starvation", () => {
	// The reader starts again whenever the writer has been there, and the writer never ends.
	const seqlock = (rounds: string) => `scenario s
  var seq = 0
  actor writer on cpu 0
    ${rounds}
  actor reader on cpu 1
    label again
    load r0 <- seq
    load r1 <- seq
    if r0 != r1: goto again
`;
	const liveness = { liveness: true, model: "sc" } as const;

	test("is a schedule for ever, fair to all, in which a thread does not come to its end", () => {
		const source = seqlock("repeat:\n      store seq <- 1\n      store seq <- 0");
		const { run, schedule } = check.checkSync(source, liveness);
		expect(run.codes).toEqual(["LIVE"]);
		expect(schedule?.ends).toBe("steps 3 to 6 repeat for ever, fair to all, and reader does not come to its end");
		// The round ends where it began, and both have acted in it.
		const { start, steps } = check.replay(source, schedule?.actions ?? [], { model: "sc" });
		expect(steps.at(-1)?.state).toEqual([start, ...steps.map(({ state }) => state)][2]);
		expect(new Set(steps.slice(2).map(({ actor }) => actor))).toEqual(new Set(["writer", "reader"]));
	});

	test("is fair to the hardware, too: a store is visible at some time", () => {
		const source = `scenario s
  var flag = 0
  actor setter on cpu 0
    store flag <- 1
  actor waiter on cpu 1
    label again
    load r0 <- flag
    if r0 == 0: goto again
`;
		for (const model of ["sc", "tso", "arm8", "rcpc"] as const)
			expect(check.checkSync(source, { liveness: true, model }).run.verdict).toBe("SAFE");
	});

	test("is written as a test that goes round", () => {
		const source = seqlock("repeat:\n      store seq <- 1\n      store seq <- 0");
		const text = scheduleTest(check.checkSync(source, liveness), source);
		expect(text).toContain("expect(states.at(-1)).toEqual(states[2]);");
		expect(scheduleMermaid(check.checkSync(source, liveness))).toMatch(/loop for ever\n[\s\S]*\n {2}end\n/);
	});

	test("is not where the others come to an end", () => {
		expect(check.checkSync(seqlock("store seq <- 1"), liveness).run).toMatchObject({ verdict: "SAFE", complete: true });
	});
});

describe("the shootdown of the thread, for 2 to 6 CPUs", () => {
	test.each([
		[{}, "SAFE"],
		[{ flavour: "concurrent" }, "SAFE"],
		[{ flavour: "async" }, "SAFE"],
		[{ flavour: "async", nmi: "unguarded" }, "TLB"],
		[{ flavour: "async", freed: "yes" }, "WALK"],
		[{ wait: "no" }, "TLB"],
		[{ local: "no" }, "TLB"],
	])("%j: %s", (params, verdict) => {
		for (let cpus = 2; cpus <= 6; cpus++) {
			const { run } = check.checkSync(shootdown, { params: { ...params, cpus } });
			expect(run.codes.join("+") || run.verdict).toBe(verdict);
		}
	});
});
