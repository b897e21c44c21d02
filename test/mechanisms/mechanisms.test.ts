import { describe, expect, test } from "vitest";
import { catalogue, mechanisms, paramSpace, parseScenario, plan, printScenario } from "../../src/check/index.ts";
import type { Mechanism, Option } from "../../src/mechanisms/index.ts";
import { check } from "../check/core.ts";

/** Runs of one mechanism. */
const MOST = 16;
const MOST_CPUS = 3;

const all = Object.entries(mechanisms) as unknown as [string, Mechanism][];

function fileOf({ file }: Mechanism) {
	return catalogue().find((entry) => entry.file === `${file}.scn`)!;
}

/** The value of an option that stands for a value of its parameter. */
function optionOf(option: Option, value: string | number): unknown {
	return "usual" in option ? value === "yes" : value;
}

test("there is one for each of what kernels do to keep caches, translations, maps and frames right", () => {
	expect(all.length).toBeGreaterThanOrEqual(30);
	for (const thread of ["parisc", "shootdown", "sync", "access", "pfn"])
		expect(all.some(([, { file }]) => file.startsWith(`${thread}/`))).toBe(true);
});

describe.each(all)("%s", (_, mechanism) => {
	const { scenario } = fileOf(mechanism);
	const options = Object.entries(mechanism.options);

	test("has an option for each parameter of its file, with the same values and defaults", () => {
		expect(options.map(([, { param }]) => param).sort()).toEqual(scenario.params.map(({ name }) => name).sort());
		for (const [name, option] of options) {
			const { values } = scenario.params.find((param) => param.name === option.param)!;
			if ("words" in option) expect(option.words, name).toEqual(values);
			else if ("usual" in option) {
				expect([...values].sort(), name).toEqual(["no", "yes"]);
				expect(option.usual, name).toBe(values[0] === "yes");
			} else
				for (const value of values.map(Number)) expect(value >= option.least && value <= option.most, name).toBe(true);
		}
	});

	test("comes out as its file does, whatever the options", () => {
		const space = paramSpace(scenario).filter(({ cpus }) => Number(cpus ?? 0) <= MOST_CPUS);
		const step = Math.max(1, Math.floor(space.length / MOST));
		for (const params of space.filter((_, i) => i % step === 0)) {
			const given = options.map(([name, option]) => [name, optionOf(option, params[option.param]!)]);
			const made = mechanism(Object.fromEntries(given));
			expect(paramSpace(made)).toEqual([params]);
			const [planned] = plan(scenario, { params });
			const { run: here } = check.checkSync(made, planned!);
			const { run: there } = check.checkSync(scenario, planned!);
			expect(here.ok, here.id).toBe(true);
			const { verdict, codes, states, expected, id } = there;
			expect(here).toMatchObject({ verdict, codes, states, expected, id });
		}
	});

	test("is its file where no option is given, without the number of its row", () => {
		const { row: _, ...rest } = scenario;
		expect(mechanism()).toEqual(rest);
	});
});

describe("a mechanism", () => {
	test("is a scenario of one's own, to change and to print", () => {
		const made = mechanisms.tlbShootdown({ variant: "async", cpus: 3 });
		made.actors.pop();
		made.actors.push({
			name: "nmi",
			kind: "nmi",
			on: "each-other",
			spontaneous: 1,
			body: [{ do: "load", args: ["r0"], from: ["U"] }],
		});
		made.expects = [{ outcomes: [{ any: [["TLB"]] }] }];
		expect(check.checkSync(parseScenario(printScenario(made))).run).toMatchObject({ ok: true, codes: ["TLB"] });
		expect(mechanisms.tlbShootdown().actors.map(({ name }) => name)).toEqual(["initiator", "toucher", "irq", "nmi"]);
	});

	test("goes beyond what the catalogue checks", () => {
		const { run } = check.checkSync(mechanisms.tlbShootdown({ variant: "async", cpus: 5, freedTables: true }));
		expect(run).toMatchObject({ ok: true, codes: ["WALK"], params: { cpus: 5 } });
		expect(check.checkSync(mechanisms.flushOnce({ lines: 4, second: "never" })).run.verdict).toBe("SAFE");
	});

	test("points into its own text", () => {
		const made = mechanisms.tlbShootdown({ variant: "unwaited" });
		const [hazard] = check.checkSync(made).run.hazards;
		expect(printScenario(made).split("\n")[hazard!.line - 1]).toContain("load r0 <- U");
	});

	test("refuses what is none of its options", () => {
		const { tlbShootdown } = mechanisms as unknown as Record<string, (options: object) => unknown>;
		for (const [options, message] of [
			[{ variant: "asinc" }, /variant must be one of baseline, .*, found "asinc": did you mean "async"\?/],
			[{ varient: "async" }, /varient is unknown: did you mean "variant"\?/],
			[{ cpus: 9 }, /cpus must be a whole number from 2 to 8, found 9/],
			[{ cpus: 2.5 }, /cpus must be .*, found 2.5/],
			[{ freedTables: "yes" }, /freedTables must be true or false, found "yes"/],
			[{ constructor: 1 }, /constructor is unknown/],
		] as const) {
			expect(() => tlbShootdown!(options)).toThrow(message);
		}
	});
});
