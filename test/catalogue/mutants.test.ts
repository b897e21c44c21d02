// Each barrier, flush, wait and check of a row that is SAFE is needed, or a file says why it is not. A sample, the same in
// each run; all of them: npm run test:mutants.

import { describe, expect, test } from "vitest";
import { loadProgramCoreSync } from "../../bindings/program-core.ts";
import { catalogue, catalogueRuns } from "../../src/catalogue/catalogue.ts";
import { finish } from "../../src/check/drive.ts";
import { type Make, mutantsOf } from "../../src/check/mutants.ts";
import { checkScenario } from "../../src/check/run.ts";
import { actionsOf, checkWeakened } from "../../src/check/weaken.ts";
import { parseScenario, type Scenario } from "../../src/scenario/index.ts";
import { libraryNames, libraryText } from "../../src/scenario/libraries.ts";
import { readScenario } from "../../src/scenario/read.ts";

const core = loadProgramCoreSync();
const SEED = 20190702;
/** Of the rows, and of what each has: of some 400 in all. */
const SAMPLE = 1 / 3;
const BOUNDS = { states: 20_000 };
const MOST_CPUS = 2;

const rows = catalogue().filter(({ row }) => row !== null);

function make(scenario: Scenario): Make {
	return async (planned, action) => {
		const options = { ...planned, bounds: BOUNDS };
		if (action === undefined) return { run: finish(checkScenario(core, scenario, options)).run };
		const { checked, way } = finish(checkWeakened(core, scenario, action, options));
		return { run: checked.run, way };
	};
}

test("a sample of what keeps the rows safe is needed, or it is said why not", { timeout: 120_000 }, async () => {
	let state = SEED;
	const random = () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32;
	};
	const standings = new Map<string, number>();
	const wrong: string[] = [];
	for (const { row, scenario } of rows.filter(() => random() < SAMPLE)) {
		const runs = catalogueRuns(scenario).filter(({ params }) => Number(params.cpus ?? 0) <= MOST_CPUS);
		const chosen = new Map<string, boolean>();
		const only = ({ action }: { action: string }) => {
			if (!chosen.has(action)) chosen.set(action, random() < SAMPLE);
			return chosen.get(action)!;
		};
		for (const { action, standing, run } of await mutantsOf(scenario, runs, make(scenario), only)) {
			standings.set(standing, (standings.get(standing) ?? 0) + 1);
			if (standing === "droppable" || standing === "wrongly redundant") wrong.push(`${row} ${action}: ${standing}`);
			if (standing === "needed") expect(run.trace.length, `${row} ${action}`).toBeGreaterThan(0);
		}
	}
	expect(wrong).toEqual([]);
	expect(standings.get("needed")).toBeGreaterThan(12);
	expect(standings.get("redundant")).toBeGreaterThan(4);
});

describe("what is called redundant", () => {
	const actions = new Map(
		catalogue().map(({ file, scenario }): [string, Set<string>] => {
			const spaces = catalogueRuns(scenario).map(({ params }) => params);
			const distinct = [...new Map(spaces.map((params) => [JSON.stringify(params), params])).values()];
			const all = distinct.flatMap((params) => actionsOf(scenario, params, "rcpc"));
			return [file, new Set(all.map(({ action }) => action))];
		}),
	);

	test("is there in the scenario that says so", () => {
		for (const { file, scenario } of catalogue()) {
			for (const action of (scenario.redundant ?? []).flatMap((one) => one.actions))
				expect(actions.get(file), `${file}: ${action}`).toContain(action);
		}
	});

	test("is there in a scenario that uses the library that says so", () => {
		const known = new Set([...actions.values()].flatMap((set) => [...set]));
		for (const name of libraryNames()) {
			for (const action of (readScenario(libraryText(name)!).redundant ?? []).flatMap((one) => one.actions))
				expect(known, `${name}: ${action}`).toContain(action);
		}
	});
});

describe("a scenario of one's own", () => {
	const text = `scenario handshake
  page P owner vhost
  map M -> P kernel
  var map = 1, busy = 0

  actor user on cpu 0
    store busy <- 1
    fence full
    load r0 <- map
    if r0 == 1: store M <- 1
    store.release busy <- 0

  actor owner on cpu 1
    store map <- 0
    fence full
    fence full
    await.acquire busy == 0
    claim released P

  redundant "owner: fence full": "there are two"
  redundant "user: fence full": "not so"
`;

	test("is told what can be dropped, what is needed, and where it is wrong about that", async () => {
		const scenario = parseScenario(text);
		const mutants = await mutantsOf(
			scenario,
			[
				{ params: {}, model: "tso" },
				{ params: {}, model: "rcpc" },
			],
			make(scenario),
		);
		expect(Object.fromEntries(mutants.map(({ action, standing, way }) => [action, `${way}: ${standing}`]))).toEqual({
			"user: fence full": "dropped: wrongly redundant",
			"user: if r0 == 1": "always: needed",
			"user: store.release busy <- 0 (order)": "plain: needed",
			"owner: fence full": "dropped: redundant",
			"owner: fence full (2)": "dropped: droppable",
			"owner: await.acquire busy == 0": "dropped: needed",
			"owner: await.acquire busy == 0 (order)": "plain: droppable",
		});
	});

	test("has no mutants where it is not safe", async () => {
		const scenario = parseScenario(text.replace("    store busy <- 1\n    fence full\n", "    store busy <- 1\n"));
		expect(await mutantsOf(scenario, [{ params: {}, model: "tso" }], make(scenario))).toEqual([]);
	});

	test("is searched without an action of a name, and refuses names that it does not have", () => {
		const scenario = parseScenario(text);
		const weakened = finish(checkWeakened(core, scenario, "owner: await.acquire busy == 0", { model: "sc" }));
		expect(weakened).toMatchObject({
			kind: "wait",
			line: 17,
			way: "dropped",
			checked: { run: { codes: ["CORRUPT"] } },
		});
		expect(() => finish(checkWeakened(core, scenario, "owner: fence store"))).toThrow(/no action "owner: fence store"/);
		// A fence means nothing where nothing is reordered.
		expect(() => finish(checkWeakened(core, scenario, "user: fence full", { model: "sc" }))).toThrow(/no action/);
	});

	test("a read-modify-write is weakened to a load and a store", async () => {
		const scenario = parseScenario(`scenario counted
  page P refs 1
  var users = 2
  macro leave
    rmw.sub old <- users, 1
    if old == 1: ref.put P

  actor a on cpu 0
    ref.get P
    leave
  actor b on cpu 1
    leave
    join a
    claim balanced P
`);
		const mutants = await mutantsOf(scenario, [{ params: {}, model: "sc" }], make(scenario));
		const atomic = mutants.find(({ kind }) => kind === "atomic")!;
		expect(atomic).toMatchObject({ standing: "needed", way: "not atomic", run: { codes: ["REFLEAK"] } });
	});
});
