import { type ArgsDef, defineCommand } from "citty";
import { VERSION } from "../index.ts";
import { many } from "../report/numbers.ts";
import { PAGE, wrap } from "../report/table.ts";
import { flag, type Given } from "./arguments.ts";
import {
	about,
	boundsOf,
	checking,
	checkOptions,
	exitCode,
	judged,
	machinesOf,
	paramsOf,
	type Ran,
	readTests,
	runAll,
} from "./checking.ts";
import { fileOptions, writeFiles } from "./counterexample.ts";
import type { Command } from "./help.ts";
import { ownProfiles } from "./machines.ts";
import { stepThrough } from "./stepping.ts";
import { out, print } from "./terminal.ts";

const args: ArgsDef = {
	file: {
		type: "positional",
		required: true,
		description: "scenario or litmus test, or the name or row of a scenario that ships; - is standard input",
	},
	...checkOptions,
	step: { type: "boolean", description: "go through the schedule step by step, forwards and backwards" },
	...fileOptions,
	json: { type: "boolean", description: "print story, causes and schedule as JSON" },
};

export const explain: Command = {
	def: defineCommand({
		meta: {
			name: "explain",
			description: "Tells why a scenario goes wrong: the story, and the schedule step by step.",
		},
		args,
		run: ({ data }) => run(data as Given),
	}),
	name: "explain",
	more: [
		"Of several machines or models, the first on which it goes wrong is told. With --step: n or the arrows go on, p goes " +
			"back, Home and End to the ends, q leaves; where there is no terminal, all steps are printed.",
	],
	examples: [
		"stalemate explain L02",
		"stalemate explain clean-alias.scn --profile pa8800 --step",
		"stalemate explain shootdown.scn --param flavour=async --param nmi=unguarded --svg nmi.svg",
	],
};

async function run(given: Given): Promise<void> {
	const { loadCheck, plan } = await checking();
	const own = await ownProfiles(given);
	const options = { ...boundsOf(given), profiles: own };
	const [test] = await readTests((given.get("") ?? []).slice(0, 1));
	const choice = { ...machinesOf(given, own), params: paramsOf(given) };
	let wanted: Omit<Ran, "checked">[];
	try {
		wanted = plan(test!.source, choice).map((planned) => ({ test: test!, planned }));
	} catch (cause) {
		throw about(test!, cause);
	}
	const check = await loadCheck();
	const { ran, stopped } = await runAll(check, wanted, options, ({ run }) => run.codes.length > 0);
	const found =
		ran.find(({ checked }) => checked.run.codes.length > 0) ?? ran.find(({ checked }) => checked.schedule) ?? ran[0];
	if (found) await tell(found, given);
	if (found) await writeFiles(given, [found], options);
	process.exitCode = exitCode(found ? [judged(found)] : [], stopped);
}

async function tell({ test, checked }: Ran, given: Given): Promise<void> {
	const { covered, isLitmus, printJudgement, scheduleJson, scheduleText, verdictText } = await checking();
	const { run, schedule, judgement } = checked;
	const story = "story" in test.source ? test.source.story : undefined;
	if (flag(given, "json")) {
		print(
			JSON.stringify(
				{ stalemate: VERSION, run, about: story ?? null, schedule: schedule ? scheduleJson(checked) : null },
				undefined,
				"\t",
			),
		);
		return;
	}
	const width = process.stdout.columns || PAGE;
	const page = Math.min(width, PAGE);
	if (flag(given, "step") && schedule) return stepThrough(checked);
	if (isLitmus(test.source) && judgement) print(printJudgement(test.source, judgement));
	else {
		if (story !== undefined) print([...wrap(story, page), ""].join("\n"));
		const agreed = run.expected === null ? "" : run.ok ? ", as expected" : `; expected: ${run.expected}`;
		print(`${out.bold(verdictText(checked))} on ${run.profile} (${run.model})${agreed}`);
	}
	if (schedule) print(`\n${scheduleText(checked, { width, style: out, title: false })}\n`);
	else print(`\n${many(run.depth, "step")} deep, nothing went wrong.`);
	print(out.dim(wrap(covered(checked), page).join("\n")));
}
