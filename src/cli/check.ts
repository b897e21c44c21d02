import { type ArgsDef, defineCommand } from "citty";
import type { CheckOptions, Scenario } from "../check/index.ts";
import { VERSION } from "../index.ts";
import type { MatrixRun } from "../report/matrix.ts";
import { many } from "../report/numbers.ts";
import { PAGE, wrap } from "../report/table.ts";
import { flag, type Given, one, wrongCall } from "./arguments.ts";
import {
	about,
	boundsOf,
	checking,
	checkOptions,
	exitCode,
	inPool,
	judged,
	machinesOf,
	paramsOf,
	type Ran,
	readRows,
	readTests,
	rowOf,
	runAll,
	type Wanted,
} from "./checking.ts";
import { fileOptions, writeFiles } from "./counterexample.ts";
import type { Command } from "./help.ts";
import { writeText } from "./input.ts";
import { ownProfiles } from "./machines.ts";
import type { Done } from "./pool.ts";
import { note, out, print } from "./terminal.ts";
import { weaken } from "./weaken.ts";

const args: ArgsDef = {
	file: {
		type: "positional",
		required: false,
		valueHint: "FILE…",
		description:
			"scenarios and herd's litmus tests for x86; - is standard input. Names and rows of scenarios that ship do, too: L02",
	},
	all: { type: "boolean", description: "every row of the catalogue with all its parameters, in all processors" },
	weaken: {
		type: "boolean",
		description: "take out each barrier, flush, wait and check in turn, and tell what goes wrong without it",
	},
	"all-params": { type: "boolean", description: "every combination of the parameters that --param does not give" },
	...checkOptions,
	...fileOptions,
	html: { type: "string", valueHint: "FILE", description: "write the runs as a page" },
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
		"stalemate check L05 --profile all --model all",
		"stalemate check L23 --weaken",
		"stalemate check --all --html catalogue.html",
		"stalemate check SB.litmus --model all",
	],
};

async function run(given: Given): Promise<void> {
	const { catalogueRuns, loadCheck, plan } = await checking();
	const own = await ownProfiles(given);
	const options = { ...boundsOf(given), profiles: own };
	const all = flag(given, "all");
	const choice = { ...machinesOf(given, own), params: paramsOf(given), allParams: all || flag(given, "all-params") };
	const files = given.get("") ?? [];
	if (all === files.length > 0)
		throw wrongCall(
			all ? "--all is every row: name no files" : "check needs FILE, or --all: every row of the catalogue",
		);
	if (all && given.has("param")) throw wrongCall("--all is with all parameters: --param is for files", "param");
	const tests = all ? await readRows() : await readTests(files);
	const whole = all && !choice.profiles && !choice.models;
	const wanted = tests.flatMap((test) => {
		try {
			const runs = whole ? catalogueRuns(test.source as Scenario) : plan(test.source, choice);
			return runs.map((planned) => ({ test, planned }));
		} catch (cause) {
			throw about(test, cause);
		}
	});
	if (flag(given, "weaken")) return weaken(wanted, options, given);
	if (all) return checkMatrix(wanted, options, given);
	const { ran, stopped } = await runAll(await loadCheck(), wanted, options);
	if (flag(given, "json"))
		print(JSON.stringify({ stalemate: VERSION, runs: ran.map(({ checked }) => checked.run) }, undefined, "\t"));
	else await report(ran);
	const left = wanted.length - ran.length;
	if (left > 0) note(`stopped: ${left} of ${wanted.length} runs were not made`);
	await writeFiles(given, ran, options);
	await writeHtml(
		given,
		ran.map(({ test, checked: { run, milliseconds } }) => ({ row: rowOf(test), run, milliseconds })),
	);
	process.exitCode = exitCode(ran.map(judged), stopped);
}

/** The whole catalogue. */
async function checkMatrix(wanted: Wanted[], options: CheckOptions, given: Given): Promise<void> {
	const begun = performance.now();
	const done = new Map<Wanted, Done>();
	const { stopped } = await inPool(async (make) => {
		await Promise.all(wanted.map(async (one) => done.set(one, await make(one, options))));
	});
	const made = wanted.filter((one) => done.has(one));
	const runs: MatrixRun[] = made.map((one) => ({ row: rowOf(one.test), ...done.get(one)! }));
	if (flag(given, "json"))
		print(JSON.stringify({ stalemate: VERSION, runs: runs.map(({ run }) => run) }, undefined, "\t"));
	else {
		const { matrixTable } = await matrices();
		print(matrixTable(runs, out).join("\n"));
		const wrong = runs.filter(({ run }) => !run.ok).length;
		const rows = new Set(runs.map(({ row }) => row)).size;
		const seconds = ((performance.now() - begun) / 1000).toFixed(1);
		const told = wrong === 0 ? "all as expected" : out.bold(`${wrong} not as expected`);
		print(`\n${many(rows, "row")}, ${many(runs.length, "run")}, ${told}, ${seconds} s`);
	}
	if (stopped) note(`stopped: ${wanted.length - made.length} of ${wanted.length} runs were not made`);
	await writeHtml(given, runs);
	process.exitCode = exitCode([...done.values()], stopped);
}

async function writeHtml(given: Given, runs: MatrixRun[]): Promise<void> {
	const file = one(given, "html");
	if (file !== undefined) await writeText(file, (await matrices()).matrixHtml(runs));
}

function matrices() {
	return import("../report/matrix.ts");
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
	const machines = (await matrices()).machinesTable(
		scenarios.map(({ run }) => run),
		out,
	);
	print((machines ?? checksTable(scenarios, out)).join("\n"));
	if (machines) return;
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
