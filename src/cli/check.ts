import { type ArgsDef, defineCommand } from "citty";
import { many } from "../report/numbers.ts";
import { PAGE, wrap } from "../report/table.ts";
import { flag, type Given } from "./arguments.ts";
import {
	about,
	boundsOf,
	checking,
	checkOptions,
	exitCode,
	machinesOf,
	paramsOf,
	type Ran,
	readTests,
	runAll,
} from "./checking.ts";
import { fileOptions, writeFiles } from "./counterexample.ts";
import type { Command } from "./help.ts";
import { note, out, print } from "./terminal.ts";

const args: ArgsDef = {
	file: {
		type: "positional",
		required: true,
		valueHint: "FILE…",
		description: "scenarios and herd's litmus tests for x86; - is standard input",
	},
	"all-params": { type: "boolean", description: "every combination of the parameters that --param does not give" },
	...checkOptions,
	...fileOptions,
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
	const left = wanted.length - ran.length;
	if (left > 0) note(`stopped: ${left} of ${wanted.length} runs were not made`);
	await writeFiles(given, ran, options);
	process.exitCode = exitCode(ran, stopped);
}

/** Counterexamples that are shown of many runs; the others are asked for one by one. */
const MOST_SHOWN = 3;

async function report(ran: Ran[]): Promise<void> {
	const { checksTable, covered, printJudgement, scheduleText } = await checking();
	const width = process.stdout.columns || PAGE;
	for (const { test, checked } of ran) {
		if (!checked.judgement || !("threads" in test.source)) continue;
		print(out.dim(`${checked.run.profile}, ${checked.run.model}`));
		print(printJudgement(test.source, checked.judgement));
		if (!checked.run.complete) print(`${out.yellow("INCOMPLETE")}: ${covered(checked)}\n`);
	}
	const scenarios = ran.filter(({ checked }) => !checked.judgement).map(({ checked }) => checked);
	if (scenarios.length === 0) return;
	print(checksTable(scenarios, out).join("\n"));
	const [only] = scenarios;
	const shown = scenarios.length === 1 ? scenarios : scenarios.filter(({ run }) => !run.ok).slice(0, MOST_SHOWN);
	for (const checked of shown) if (checked.schedule) print(`\n${scheduleText(checked, { width, style: out })}`);
	if (only && scenarios.length === 1) {
		for (const line of wrap(covered(only), Math.min(width, PAGE))) print(out.dim(line));
		return;
	}
	const wrong = scenarios.filter(({ run }) => !run.ok).length;
	const told = wrong === 0 ? "all as expected" : out.bold(`${wrong} not as expected`);
	print(`\n${many(scenarios.length, "run")}, ${told}; \`stalemate explain FILE --profile NAME\` tells one of them`);
}
