import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
	actionsOf,
	chartOf,
	loadCheck,
	parseScenario,
	parseSource,
	plan,
	type SearchProgress,
	StalemateError,
	scenarioBuilder,
	scenarioToJson,
	scheduleJson,
	scheduleMermaid,
	scheduleSvg,
	scheduleTest,
	scheduleText,
	shippedText,
	stateChanges,
} from "../../src/check/index.ts";
import { applySets, profile as profileNamed } from "../../src/profiles/index.ts";
import { lengthOf } from "../../src/report/table.ts";
import { check } from "./core.ts";

const read = (file: string) => readFileSync(new URL(`scenarios/${file}`, import.meta.url), "utf8");
const alias = read("clean-alias.scn");
const shootdown = read("shootdown.scn");
const nmi = { params: { flavour: "async", nmi: "unguarded", cpus: 3 } };

/** Four CPUs that count for ever: 256^4 states. */
const endless = [
	"scenario endless",
	...[0, 1, 2, 3].map((i) => `  var x${i} = 0`),
	...[0, 1, 2, 3].flatMap((i) => [`  actor a${i} on cpu ${i}`, `    repeat: rmw.add x${i}, 1`]),
	"",
].join("\n");

function thrown(work: () => unknown): StalemateError {
	try {
		work();
	} catch (error) {
		if (error instanceof StalemateError) return error;
	}
	throw new Error("nothing was thrown");
}

describe("a check", () => {
	test("takes a text, a scenario, its JSON form and what a builder makes", () => {
		const scenario = parseScenario(alias);
		const json = JSON.stringify(scenarioToJson(scenario));
		const verdicts = [alias, scenario, json].map((source) => check.checkSync(source, { profile: "pa8800" }).run.codes);
		expect(verdicts).toEqual([["STALE"], ["STALE"], ["STALE"]]);
		const built = scenarioBuilder("built")
			.page("P")
			.map("M", "P", { half: "kernel" })
			.actor("one", 0, (code) => code.store("M", 1))
			.actor("two", 1, (code) => code.claim("released", "P"))
			.build();
		expect(check.checkSync(built).run.codes).toEqual(["CORRUPT"]);
	});

	test("comes to the same with pauses as without", async () => {
		const own = await loadCheck({ wasm: check.module });
		const { run } = await own.check(shootdown, nmi);
		expect(run).toEqual(check.checkSync(shootdown, nmi).run);
	});

	test("that has to be waited for rejects what is wrong, and throws nothing at once", async () => {
		for (const wrong of ["scenario x\n  actor", undefined, 42, {}, loadCheck] as unknown as string[]) {
			await expect(check.check(wrong)).rejects.toBeInstanceOf(StalemateError);
			await expect(check.weaken(wrong, "a: b")).rejects.toBeInstanceOf(StalemateError);
		}
		await expect(check.weaken(alias, "a: b")).rejects.toMatchObject({ code: "BAD_OPTION" });
	});

	test("without waiting tells what is no scenario", () => {
		expect(() => check.checkSync(undefined as unknown as string)).toThrow("source is undefined");
		expect(() => check.checkSync(loadCheck as unknown as string)).toThrow("a function: call it");
		expect(() => check.replay({} as unknown as string, [])).toThrow("source is {}");
	});

	test("lets others run meanwhile, and ends with what it has when it is aborted", async () => {
		const controller = new AbortController();
		const seen: SearchProgress[] = [];
		setTimeout(() => controller.abort(), 50);
		const { run, result } = await check.check(endless, {
			signal: controller.signal,
			onProgress: (progress) => seen.push(progress),
			bounds: { states: 100_000_000 },
		});
		expect(run).toMatchObject({ verdict: "INCOMPLETE", ok: false, complete: false });
		expect(result.stoppedBy).toBe("cancelled");
		expect(seen.length).toBeGreaterThan(0);
		expect(run.states).toBeGreaterThanOrEqual(seen.at(-1)!.states);
	});

	test.each([
		[{ states: 1000 }, "states"],
		[{ depth: 5 }, "depth"],
		[{ time: 0.01 }, "time"],
	])("with the bound %j says that it was hit", (bounds, stoppedBy) => {
		const { run, result } = check.checkSync(endless, { bounds });
		expect(run.verdict).toBe("INCOMPLETE");
		expect(result.stoppedBy).toBe(stoppedBy);
		expect(run.bounds).toMatchObject(bounds);
	});

	test("without symmetry sees more states and the same hazards", () => {
		const options = { params: { cpus: 3, flavour: "async", nmi: "unguarded" }, allHazards: true } as const;
		const with_ = check.checkSync(shootdown, options).run;
		const without = check.checkSync(shootdown, { ...options, symmetry: false }).run;
		expect(with_.reductions).toContain("CPU symmetry");
		expect(without.reductions).not.toContain("CPU symmetry");
		expect(without.states).toBeGreaterThan(with_.states);
		expect(without.codes).toEqual(with_.codes);
	});

	test("with all caches comes to the same verdict", () => {
		const { run } = check.checkSync(alias, { profile: "pa8800", caches: "all" });
		expect(run.codes).toEqual(["STALE"]);
	});
});

describe("a replay", () => {
	const { schedule } = check.checkSync(alias, { profile: "pa8800" });

	test("of a schedule ends in its hazard", () => {
		const { hazards, steps } = check.replay(alias, schedule!.actions, { profile: "pa8800" });
		expect(hazards).toContain("STALE");
		expect(steps.map(({ text }) => text)).toEqual(schedule!.steps.map(({ text }) => text));
	});

	test("of what TLBs could hold begins with translations as they are, and tells when they become old", () => {
		const { actions, mayHold } = check.checkSync(shootdown, { ...nmi, params: { ...nmi.params, cpus: 5 } }).schedule!;
		expect(mayHold).toBe(true);
		const { start, steps, hazards } = check.replay(shootdown, actions, {
			params: { ...nmi.params, cpus: 5 },
			mayHold: true,
		});
		expect(hazards).toEqual(["TLB"]);
		const held = {
			cpu: 1,
			va: 0,
			frame: 0,
			writable: true,
			dirty: false,
			stale: false,
			condemned: false,
			posted: false,
		};
		expect(start.tlb.find(({ cpu }) => cpu === 1)).toEqual(held);
		const cleared = steps.findIndex(({ text }) => text.includes("pte.clear"));
		expect(steps[cleared]!.state.tlb.find(({ cpu }) => cpu === 1)).toEqual({ ...held, stale: true });
		expect(steps.at(-2)!.state.tlb.find(({ cpu }) => cpu === 1)).toEqual({ ...held, stale: true, condemned: true });
	});

	test("says which action cannot happen", () => {
		const other = [...schedule!.actions.slice(0, 3), 0x08000001];
		const error = thrown(() => check.replay(alias, other, { profile: "pa8800" }));
		expect(error).toMatchObject({ code: "BAD_OPTION", place: { path: "actions[3]" } });
		expect(error.message).toContain("cannot happen there");
	});

	test.each([[-1], [1.5], [2 ** 32], ["x" as never], [Number.NaN]])("refuses %s as an action", (action) => {
		expect(thrown(() => check.replay(alias, [action])).place.path).toBe("actions[0]");
	});
});

describe("a plan", () => {
	const machines = (choice: Parameters<typeof plan>[1]) =>
		plan(parseScenario(alias), choice).map(({ profile, model }) => [profile, model].filter(Boolean).join(" "));

	test("is of what the file expects something of", () => {
		expect(machines({})).toEqual(["vipt-generic", "vipt-l3-nonvictim", "pa8800", "parisc-p9xxx"]);
	});

	test("is of what was chosen", () => {
		expect(machines({ profiles: ["pa8800", "abstract"] })).toEqual(["pa8800", "abstract"]);
		expect(machines({ profiles: ["pa8800"], models: ["sc", "tso"] })).toEqual(["pa8800 sc", "pa8800 tso"]);
		expect(machines({ profiles: "all" })).toContain("broadwell");
	});

	test("of all parameters keeps those that were given", () => {
		const runs = plan(parseScenario(shootdown), { allParams: true, params: { cpus: 2, rounds: 1, nmi: "none" } });
		expect(new Set(runs.map(({ params }) => params.cpus))).toEqual(new Set([2]));
		expect(runs).toHaveLength(3 * 2 * 2);
	});

	test("of a litmus test is under TSO", () => {
		const litmus = parseSource("X86 a\n{}\n P0 ;\n MOV EAX,$1 ;\nexists (0:EAX=1)");
		expect(plan(litmus)).toEqual([{ params: {}, model: "tso" }]);
		expect(plan(litmus, { models: "all" }).map(({ model }) => model)).toEqual(["sc", "tso", "arm8", "rcpc"]);
	});
});

describe("a schedule", () => {
	const shown = check.checkSync(shootdown, nmi);

	test("has a lane for each CPU that takes part, and marks what had to happen", () => {
		const { lanes, rows, title } = chartOf(shown);
		expect(lanes.map(({ name }) => name)).toEqual(["CPU0", "CPU1", "CPU2"]);
		expect(rows.at(-1)).toMatchObject({ hazards: ["TLB"], cause: true });
		expect(title).toMatch(/^shootdown cpus=3 .* on haswell-ep \(tso\): TLB$/);
		for (const row of rows) expect(row.lane).toBeGreaterThanOrEqual(0);
	});

	test.each([40, 60, 80, 100, 160, 240])("as text fits %i columns", (width) => {
		const lines = scheduleText(shown, { width }).split("\n");
		for (const line of lines.slice(1)) expect(lengthOf(line), line).toBeLessThanOrEqual(width);
		expect(lines.join("\n")).toContain("*** TLB");
		expect(lines.join(" ")).toContain("acknowledged");
	});

	test("as SVG is well-formed and holds every step", () => {
		const svg = scheduleSvg(shown);
		expect(svg.match(/<svg /g)).toHaveLength(1);
		expect(svg).not.toMatch(/NaN|undefined|<script|href/);
		for (const name of ["svg", "style", "text"])
			expect(svg.split(`<${name}`)).toHaveLength(svg.split(`</${name}>`).length);
		expect(svg.match(/class="number"/g)).toHaveLength(chartOf(shown).rows.length);
		expect(svg).not.toMatch(/>[^<]*[^-&;]&(?!amp;|lt;|gt;|quot;)/);
	});

	test("as a Mermaid diagram has a line for each step and nothing that ends a line early", () => {
		const lines = scheduleMermaid(shown).trimEnd().split("\n");
		expect(lines[0]).toBe("sequenceDiagram");
		for (const row of chartOf(shown).rows) {
			expect(lines.filter((line) => line.includes(`: ${row.step}. `) || line.includes(`~ ${row.step}. `))).toHaveLength(
				1,
			);
		}
		for (const line of lines.slice(1)) {
			expect(line).toMatch(/^ {2}(title|participant L\d as|Note over L\d(,L\d)?:|L\d(->>|-\))L\d:) ?\S/);
			expect(line.replace(/#\d+;/g, ""), line).not.toMatch(/[;#]/);
		}
	});

	test("what is taken out of a scenario is taken out of its test, too, and a machine of one's own stands in it", () => {
		const text = shippedText("L06")!.text;
		const profile = applySets(profileNamed("pa8800"), ["caches.L1D.size=384K"]);
		const flush = actionsOf(parseScenario(text)).find(({ action }) => action === "drop_alias: cache.flush kernel");
		const options = { profile, without: [{ action: flush!.action, way: flush!.ways[0]! }] };
		const weakened = check.checkSync(text, options);
		expect([check.checkSync(text, { profile }).run.verdict, weakened.run.codes]).toEqual(["SAFE", ["STALE"]]);
		const test = scheduleTest(weakened, text, options);
		expect(test).toContain('const profile = {\n\t"id": ');
		const body = test.replace(/^import .*$/gm, "");
		const ran: string[] = [];
		new Function("loadCheckSync", "expect", "test", body)(
			() => check,
			expect,
			(name: string, work: () => void) => ran.push(name) && work(),
		);
		expect(ran).toHaveLength(1);
		const nothing = { without: [{ action: "nobody", way: "dropped" }] };
		expect(thrown(() => check.checkSync(text, nothing)).place.path).toBe("nobody");
		const litmus = readFileSync(new URL("../litmus/x86/SB.litmus", import.meta.url), "utf8");
		expect(thrown(() => check.checkSync(litmus, nothing)).place.path).toBe("without");
	});

	test("as JSON holds what replays it", () => {
		const { actions, code, mayHold } = JSON.parse(JSON.stringify(scheduleJson(shown)));
		expect(check.replay(shootdown, actions, { ...nmi, mayHold }).hazards).toContain(code);
	});

	test("as a test replays to its hazard", () => {
		// The test's own words, with what it imports given to it.
		const text = scheduleTest(shown, shootdown);
		const body = text.replace(/^import .*$/gm, "");
		const names: string[] = [];
		const run = (name: string, work: () => void) => {
			names.push(name);
			work();
		};
		new Function("loadCheckSync", "expect", "test", body)(() => check, expect, run);
		expect(names).toEqual([chartOf(shown).title]);
	});

	test("of a run without one is refused", () => {
		const safe = check.checkSync(read("map-rcu.scn"));
		expect(thrown(() => scheduleSvg(safe)).code).toBe("BAD_OPTION");
	});

	test("tells what each step changes", () => {
		const { program, schedule } = check.checkSync(alias, { profile: "pa8800" });
		const changed = stateChanges(program, schedule!.steps[0]!.state, schedule!.start);
		const news = changed.filter(({ change }) => change === "new").map(({ section, text }) => `${section}: ${text}`);
		expect(news).toContain("caches: level 1 of CPU0: P under K = 0, version 0");
		expect(news).toContain("TLBs: CPU0: K -> P, writable");
		const later = stateChanges(program, schedule!.steps[1]!.state, schedule!.steps[0]!.state);
		expect(later.filter(({ change }) => change === "gone").map(({ section }) => section)).toEqual(["TLBs"]);
	});
});
