import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { profile } from "../../src/index.ts";
import { stepsOf } from "../../src/sweep/axes.ts";
import { parseFilter } from "../../src/sweep/filter.ts";
import { parseSpec, planSweep, readSpec, SWEEP_SCHEMA, type SweepSpec } from "../../src/sweep/index.ts";
import type { Axis } from "../../src/sweep/types.ts";
import { thrown } from "../profiles/thrown.ts";
import { ROOT } from "./common.ts";

function places(...axes: Axis[]) {
	const steps = stepsOf(axes, ["seed", "cpus", "warmup"], () => profile("broadwell"));
	return Array.from({ length: steps.count }, (_, i) => steps.at(i));
}

describe("axes", () => {
	test("are crossed, the last changing fastest", () => {
		const found = places({ path: "cpus", list: [1, 2] }, { path: "seed", range: { from: 5, to: 7 } });
		expect(found.map(({ cpus, seed }) => [cpus, seed])).toEqual([
			[1, 5],
			[1, 6],
			[1, 7],
			[2, 5],
			[2, 6],
			[2, 7],
		]);
	});

	test("count by steps, by factors and evenly in logarithms", () => {
		const values = (axis: Axis) => places(axis).map(({ seed }) => seed);
		expect(values({ path: "seed", range: { from: 10, to: 1, step: -4 } })).toEqual([10, 6, 2]);
		expect(values({ path: "seed", range: { from: 0, to: 0.3, step: 0.1 } })).toEqual([0, 0.1, 0.2, 0.3]);
		expect(values({ path: "seed", log: { from: "4K", to: "32K" } })).toEqual([4096, 8192, 16384, 32768]);
		expect(values({ path: "seed", log: { from: 1, to: 100, count: 3 } })).toEqual([1, 10, 100]);
	});

	test("go side by side in a zip, and crosses may be in it", () => {
		const found = places({
			zip: [
				{ path: "cpus", list: [1, 2, 3, 4] },
				{
					cross: [
						{ path: "seed", list: [0, 1] },
						{ path: "warmup", list: [8, 9] },
					],
				},
			],
		});
		expect(found).toHaveLength(4);
		expect(found[2]).toEqual({ cpus: 3, seed: 1, warmup: 8 });
	});

	test("of a Latin hypercube meet every part of each range once, the same for a seed", () => {
		const sample = (seed: number) => {
			return places({ sample: { paths: ["profile.costs.ipi*", "profile.memory.ns"], count: 50, seed } });
		};
		const found = sample(1);
		expect(found).toEqual(sample(1));
		expect(found).not.toEqual(sample(2));
		const { memory } = profile("broadwell");
		const [low, high] = (memory!.ns as { range: [number, number] }).range;
		const parts = found.map((place) => Math.floor(((Number(place["profile.memory.ns"]) - low) / (high - low)) * 50));
		expect(parts.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
		expect(Object.keys(found[0]!).length).toBeGreaterThan(2);
	});

	test("that cannot be are refused with what was meant", () => {
		const message = (axis: Axis) => thrown(() => places(axis)).message;
		expect(message({ path: "caches.L1D.ways", list: [1] })).toContain('did you mean "profile.caches.L1D.ways"?');
		expect(message({ path: "sede", list: [1] })).toContain('"seed"');
		expect(message({ path: "seed", range: { from: 1, to: 5, step: -1 } })).toContain("there is nothing");
		expect(message({ sample: { paths: ["profile.costs.nothing"], count: 2 } })).toContain("no number");
		expect(message({ sample: { paths: ["profile.caches.L1D.ways"], count: 2 } })).toContain("no documented range");
		expect(
			message({
				zip: [
					{ path: "seed", list: [1] },
					{ path: "cpus", list: [1, 2] },
				],
			}),
		).toContain("1 and 2 values");
	});
});

describe("filters", () => {
	const values: Record<string, string | number | boolean> = { a: 3, "p.b": "32K", name: "zen3", yes: true };
	const holds = (text: string) => parseFilter(text, "filters.0")((path) => values[path]!);

	test.each([
		["a * 2 + 1 == 7", true],
		["p.b / 1024 >= 33 or a < 4", true],
		["not a == 3", false],
		["(a + 1) % 2 == 0 and name != 'zen3'", false],
		['name == "zen3" and p.b == 32768', true],
		["yes and -a < 0", true],
		["a < 32K", true],
	])("%s is %s", (text, expected) => expect(holds(text)).toBe(expected));

	test.each(["a <", "a b", "(a", "a & 1", "a + 1", "name < 1", ""])("%j is refused", (text) => {
		expect(thrown(() => holds(text)).code).toBe("BAD_SWEEP");
	});
});

describe("a specification", () => {
	test("is the same in JSON and in YAML", async () => {
		const spec: SweepSpec = {
			verb: "trace",
			inputs: { trace: "a", profile: "zen3" },
			axes: [{ path: "profile.caches.L1D.ways", list: [1, 2] }],
			filters: ["seed < 2"],
		};
		const yaml = [
			"verb: trace",
			"inputs: {trace: a, profile: zen3}",
			"axes:",
			"  - path: profile.caches.L1D.ways",
			"    list: [1, 2]",
			"filters: [seed < 2]",
		];
		expect(await parseSpec(JSON.stringify(spec))).toEqual(spec);
		expect(await parseSpec(yaml.join("\n"), "yaml")).toEqual(spec);
	});

	test("is the example, which can be planned", async () => {
		const { total, filtered, units } = await planSweep(await readSpec(join(ROOT, "examples/l1.sweep.yaml")), {
			inputs: join(ROOT, "examples"),
		});
		expect([total, filtered, units.filter(({ how }) => how === "one-pass").length]).toEqual([56, 56, 1]);
	});

	test("has the schema that is published", () => {
		expect(JSON.parse(readFileSync(join(ROOT, "docs/sweep.schema.json"), "utf8"))).toEqual(SWEEP_SCHEMA);
	});

	test.each([
		["{", "no JSON"],
		["{}", "verb: is missing"],
		['{"verb":"tarce"}', "trace, check, cost are valid"],
		['{"verb":"trace","axis":[]}', 'did you mean "axes"?'],
		['{"verb":"trace","axes":[]}', "axes: is empty"],
		['{"verb":"trace","axes":[{"path":"seed"}]}', "this one has none"],
		['{"verb":"trace","axes":[{"path":"seed","list":[]}]}', "axes.0.list: is empty"],
		[
			'{"verb":"trace","axes":[{"path":"seed","list":[null]}]}',
			"axes.0.list.0: must be a number or text or true or false",
		],
		['{"verb":"trace","inputs":{"cpus":0}}', "inputs.cpus: is 0: at least 1"],
	])("%s is refused: %s", async (text, what) => {
		const error = await parseSpec(text).catch((cause) => cause);
		expect(error.code).toBe("BAD_SWEEP");
		expect(error.message).toContain(what);
	});
});
