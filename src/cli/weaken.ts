// check --weaken: what goes wrong without each of the actions that keep a scenario right.

import type { CheckOptions, Mutant, Scenario } from "../check/index.ts";
import { VERSION } from "../index.ts";
import { many } from "../report/numbers.ts";
import { PAGE, wrap } from "../report/table.ts";
import { flag, type Given, one, wrongCall } from "./arguments.ts";
import { checking, inPool, type Test, type Wanted } from "./checking.ts";
import { writeText } from "./input.ts";
import { note, out, print } from "./terminal.ts";

/** States of one weakened run, unless --states says more. */
const MOST_STATES = 1_500_000;
const WRONG = 1;
const INCOMPLETE = 3;

export async function weaken(wanted: Wanted[], options: CheckOptions, given: Given): Promise<void> {
	const { isLitmus, mutantsOf } = await checking();
	if (wanted.some(({ test }) => isLitmus(test.source)))
		throw wrongCall("--weaken is about scenarios: a litmus test has no claim that could be broken", "--weaken");
	const bounds = { states: MOST_STATES, ...options.bounds };
	const tests = [...new Set(wanted.map(({ test }) => test))];
	const mutants: Mutant[] = [];
	const { stopped } = await inPool(async (make) => {
		const all = tests.map(async (test) => {
			const runs = wanted.filter((other) => other.test === test).map(({ planned }) => planned);
			const found = await mutantsOf(test.source as Scenario, runs, async (planned, action) => {
				const limits = action === undefined ? options : { ...options, bounds };
				const { run, weakened } = await make({ test, planned, ...(action !== undefined && { action }) }, limits);
				return { run, ...(weakened && { way: weakened.way }) };
			});
			mutants.push(...found);
		});
		await Promise.all(all);
	});
	if (stopped) {
		note("stopped: nothing is known of what was not tried");
		process.exitCode = INCOMPLETE;
		return;
	}
	if (mutants.length === 0)
		throw wrongCall("there is no run that is SAFE, so nothing can be found that keeps it so", "--weaken");
	const order = new Map(tests.map((test, i) => [(test.source as Scenario).name, i]));
	mutants.sort((a, b) => order.get(a.scenario)! - order.get(b.scenario)!);
	if (flag(given, "json")) print(JSON.stringify({ stalemate: VERSION, mutants }, undefined, "\t"));
	else await report(mutants, tests);
	const file = one(given, "html");
	if (file !== undefined) await writeText(file, (await import("../report/mutants.ts")).mutantsHtml(mutants));
	const wrong = mutants.some(({ standing }) => standing === "droppable" || standing === "wrongly redundant");
	process.exitCode = wrong ? WRONG : mutants.some(({ standing }) => standing === "undecided") ? INCOMPLETE : 0;
}

async function report(mutants: Mutant[], tests: Test[]): Promise<void> {
	const { mutantsTable } = await import("../report/mutants.ts");
	print(mutantsTable(mutants, out, tests.length > 1).join("\n"));
	for (const { scenario, action, redundant, standing } of mutants) {
		if (standing !== "redundant") continue;
		const text = `${tests.length > 1 ? `${scenario}, ` : ""}${action}: ${redundant!.reason}`;
		print(["", ...wrap(text, PAGE)].join("\n"));
	}
	const count = (wanted: Mutant["standing"]) => mutants.filter(({ standing }) => standing === wanted).length;
	const parts = [
		`${count("needed")} needed`,
		`${count("redundant")} redundant, as is said`,
		`${count("droppable")} can be dropped`,
		`${count("wrongly redundant")} needed though the file calls it redundant`,
		`${count("undecided")} undecided`,
	].filter((part, i) => i === 0 || !part.startsWith("0 "));
	print(`\n${many(mutants.length, "action")}: ${parts.join(", ")}; --html FILE and --json have the schedules`);
}
