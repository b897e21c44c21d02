import { describe, expect, test } from "vitest";
import { CostRun } from "../../bindings/cost.ts";
import { loadProgramCoreSync } from "../../bindings/program-core.ts";
import type { Constants } from "../../src/cost/constants.ts";
import { loadCostSync } from "../../src/cost/load.ts";
import { machineNamed, mechanisms } from "../../src/cost/mechanisms.ts";
import { hardwareOf } from "../../src/hardware.ts";
import { amount } from "../../src/profiles/quantity.ts";
import { applySets } from "../../src/profiles/sets.ts";
import { compileScenario, parseScenario } from "../../src/scenario/index.ts";
import { anyPrices, anyWorks } from "./any-prices.ts";

const core = loadProgramCoreSync();
const { cost } = loadCostSync();

/** Every mechanism, each in the ways that differ in what they do. */
const ways: Record<string, { params: string; values: readonly (string | number)[]; more?: object }> = {
	"flush-page": { params: "state", values: ["absent", "clean", "dirty"] },
	classifier: { params: "variant", values: ["original", "simplified"] },
	shootdown: { params: "flavour", values: ["before", "concurrent", "async"], more: { cpus: 4 } },
	"vhost-packet": { params: "method", values: ["before", "dependency", "vmap"] },
	"vhost-sync": { params: "variant", values: ["none", "rcu", "srcu", "counter-full", "spinlock", "mutex", "ipi"] },
};
const cases = Object.entries(ways).flatMap(([name, { params, values, more }]) =>
	values.map((value) => ({ name, value, params: { ...mechanisms[name]!.params, ...more, [params]: value } })),
);
/** So that a notifier leaves the measured actor's hits and misses as they are. */
const quiet: Constants = { pause: { value: 1e9, unit: "ns", basis: "given" } };
const few = { iterations: 1, warmUp: 1 };

test("every mechanism is here", () => {
	expect(Object.keys(ways).sort()).toEqual(Object.keys(mechanisms).sort());
});

test("work of the core that was fitted goes with the frequency; interrupts and a line's way that were fitted do not", () => {
	const [slow, fast] = [2.5, 5].map((frequency) =>
		cost("shootdown", {
			params: { flavour: "before" },
			threads: 2,
			profile: applySets(machineNamed("haswell-ep"), [`frequency=${frequency}`]),
		}),
	);
	const ratio = (what: string) => {
		const [before, after] = [slow!, fast!].map(({ breakdown }) => breakdown.find((share) => share.what === what)!.ns);
		return before! / after!;
	};
	for (const what of ["iteration", "localFlush", "stackCsd"]) expect(ratio(what), what).toBeCloseTo(2, 6);
	for (const what of ["csdLine", "ipiSend"]) expect(ratio(what), what).toBeCloseTo(1, 6);
});

describe.each(cases)("$name $value", ({ name, params }) => {
	const profile = machineNamed(mechanisms[name]!.profile);
	const { text } = mechanisms[name]!;
	const own = name === "vhost-sync" ? quiet : {};

	test("does not cost less where a constant is larger and hits and misses are the same", () => {
		const before = cost(name, { ...few, params, constants: own });
		for (const [constant, { value, unit, basis }] of Object.entries(before.constants)) {
			const constants: Constants = { ...own, [constant]: { value: value * 1.5, unit, basis } };
			const { ns } = cost(name, { ...few, params, constants });
			expect(ns, constant).toBeGreaterThanOrEqual(before.ns * (1 - 1e-9));
		}
	});

	test("the part in cycles goes with the frequency, the part in ns does not", () => {
		const ghz = amount(profile.frequency!);
		const [slow, fast] = [ghz, ghz * 2].map((frequency) =>
			cost(name, { ...few, params, constants: own, profile: applySets(profile, [`frequency=${frequency}`]) }),
		);
		for (const { what, ns, times } of slow!.breakdown) {
			if (what.startsWith("wait")) continue;
			const other = fast!.breakdown.find((share) => share.what === what)!;
			const unit = slow!.constants[what]?.unit;
			const ratio = ns / times / (other.ns / other.times);
			if (unit) expect(ratio, what).toBeCloseTo(unit === "ns" ? 1 : 2, 6);
			else expect([1, 2].some((one) => Math.abs(ratio - one) < 1e-6) || /flushDirty/.test(what), what).toBe(true);
		}
	});

	test("equal seeds give equal results, in however many calls", () => {
		const scenario = parseScenario(text);
		const program = compileScenario(scenario, params);
		const run = (slice: number) => {
			const running = new CostRun(core, program, hardwareOf(profile), {
				prices: anyPrices,
				works: anyWorks(program),
				flushesInFlight: 2,
				purgesInFlight: 1,
				cpusPerSocket: 2,
				actor: 0,
				seed: 3,
				jitter: 0.2,
				logged: 2000,
			});
			for (let left = 2000; left > 0; left -= slice) running.run(1000, Math.min(slice, left));
			return { spent: running.spent(), counts: running.counts(), rounds: running.rounds(0), log: running.log() };
		};
		const whole = run(2000);
		expect(run(2000)).toEqual(whole);
		for (const slice of [1, 37]) expect(run(slice)).toEqual(whole);
	});
});
