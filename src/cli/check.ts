import { type ArgsDef, defineCommand } from "citty";
import type { Checked } from "../check/index.ts";
import { PAGE } from "../report/table.ts";
import { flag, type Given } from "./arguments.ts";
import {
	about,
	boundsOf,
	checking,
	checkOptions,
	machinesOf,
	paramsOf,
	type Ran,
	readTests,
	runAll,
} from "./checking.ts";
import type { Command } from "./help.ts";
import { note, out, print } from "./terminal.ts";

const { "all-hazards": allHazards, "no-symmetry": noSymmetry, ...shared } = checkOptions;

const args: ArgsDef = {
	file: {
		type: "positional",
		required: true,
		valueHint: "FILE…",
		description: "scenarios and herd's litmus tests for x86; - is standard input",
	},
	...shared,
	"all-params": { type: "boolean", description: "every combination of the parameters that --param does not give" },
	"all-hazards": allHazards,
	"no-symmetry": noSymmetry,
	json: { type: "boolean", description: "print the runs as JSON" },
};

export const check: Command = {
	def: defineCommand({
		meta: {
			name: "check",
			description: "Explores every schedule of a scenario, and shows a shortest one that goes wrong.",
		},
		args,
		run: ({ data }) => run(data as Given),
	}),
	name: "check",
	more: [
		"Exit codes: 0 everything is as the files expect (where they expect nothing: SAFE or LATENT), 1 something is not, 2 the " +
			"call or its input is wrong, 3 a bound was hit before that was known.",
	],
	examples: [
		"stalemate check clean-alias.scn",
		"stalemate check clean-alias.scn --profile pa8800,vipt-generic",
		"stalemate check shootdown.scn --param cpus=3 --param flavour=async --all-params",
		"stalemate check SB.litmus --model all",
	],
};

const WRONG = 1;
const INCOMPLETE = 3;

async function run(given: Given): Promise<void> {
	const { loadCheck, plan } = await checking();
	const options = boundsOf(given);
	const choice = { ...machinesOf(given), params: paramsOf(given), allParams: flag(given, "all-params") };
	const tests = await readTests(given.get("") ?? []);
	const wanted = tests.flatMap((test) => {
		try {
			return plan(test.source, choice).map((planned) => ({ test, planned }));
		} catch (cause) {
			throw about(test, cause);
		}
	});
	const { ran, stopped } = await runAll(await loadCheck(), wanted, options);
	if (flag(given, "json")) print(JSON.stringify({ runs: ran.map(({ checked }) => checked.run) }, undefined, "\t"));
	else await report(ran);
	if (stopped && ran.length < wanted.length)
		note(`stopped: ${wanted.length - ran.length} of ${wanted.length} runs were not made`);
	process.exitCode = exitCode(ran, stopped);
}

function exitCode(ran: Ran[], stopped: boolean): number {
	const bad = ran.filter(({ checked }) => !checked.run.ok || (checked.judgement && !checked.run.complete));
	if (bad.some(({ checked }) => !undecided(checked))) return WRONG;
	return bad.length > 0 || stopped ? INCOMPLETE : 0;
}

/** A bound was hit, and what was found so far does not yet contradict what was expected. */
function undecided({ run, result }: Checked): boolean {
	if (result.stoppedBy === null) return false;
	return run.verdict === "INCOMPLETE" || / \+ /.test(run.expected ?? "");
}

async function report(ran: Ran[]): Promise<void> {
	const { checksTable, printJudgement } = await checking();
	const width = process.stdout.columns || PAGE;
	const tests = ran.filter(({ checked }) => checked.judgement);
	for (const { test, checked } of tests) {
		if (!("threads" in test.source)) continue;
		print(out.dim(`${checked.run.profile}, ${checked.run.model}`));
		print(printJudgement(test.source, checked.judgement!));
	}
	const scenarios = ran.filter(({ checked }) => !checked.judgement).map(({ checked }) => checked);
	if (scenarios.length > 0) print(checksTable(scenarios, out).join("\n"));
	void width;
}
