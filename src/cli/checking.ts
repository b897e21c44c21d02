// What `check` and `explain` have in common: which files, on which machines, and how far to go.

import { existsSync } from "node:fs";
import type { ArgsDef } from "citty";
import type {
	Check,
	Checked,
	CheckOptions,
	CheckRun,
	Litmus,
	LitmusJudgement,
	Planned,
	Scenario,
	SearchResult,
} from "../check/index.ts";
import { StalemateError } from "../index.ts";
import { suggestion } from "../input/words.ts";
import type { Profile } from "../profiles/types.ts";
import { short } from "../report/numbers.ts";
import { count, flag, type Given, one, wrongCall } from "./arguments.ts";
import { nameOf, readText } from "./input.ts";
import { interruptible } from "./interrupt.ts";
import { machineOptions } from "./machines.ts";
import { type Done, Pool } from "./pool.ts";
import { StatusLine } from "./progress.ts";

const MODELS = ["sc", "tso", "arm8", "rcpc"] as const;

export const checkOptions = {
	profile: {
		type: "string",
		alias: "p",
		valueHint: "NAME[,NAME…]",
		description:
			"machines to check on, or all; default: those that the file's expectations name, else its own, else abstract",
	},
	"profile-file": machineOptions["profile-file"],
	model: {
		type: "string",
		valueHint: `${MODELS.join("|")}|all`,
		description: "memory models; default: as with --profile; of litmus tests tso",
	},
	param: { type: "string", valueHint: "NAME=VALUE", description: "a parameter of the scenario; may be repeated" },
	states: { type: "string", valueHint: "N", description: "states to look at, at most (default 5M)" },
	depth: { type: "string", valueHint: "N", description: "steps of a schedule, at most" },
	time: { type: "string", valueHint: "SECONDS", description: "time for each run, at most" },
	window: {
		type: "string",
		valueHint: "N",
		description: "operations that a CPU may have pending, 1 to 8 (default: as needed)",
	},
	caches: {
		type: "string",
		valueHint: "telling|all",
		description: "explore all caches, or those that a program can tell from memory (default telling)",
	},
	"all-hazards": { type: "boolean", description: "go on past a hazard until all states are seen" },
	liveness: {
		type: "boolean",
		description:
			"look for starvation, too: schedules for ever, fair to all, in which a thread does not come to its end",
	},
	compact: {
		type: "boolean",
		description: "tell states apart by their hashes alone: less memory, and never SAFE (for what is too large)",
	},
	walks: {
		type: "string",
		valueHint: "N",
		description: "no search, but N schedules at random (for what is too large)",
	},
	"walk-steps": { type: "string", valueHint: "N", description: "steps of each of them, at most (default 1000)" },
	seed: { type: "string", valueHint: "N", description: "seed of their choices (default 0)" },
	"no-may-hold": { type: "boolean", description: "let each translation come and go by itself" },
	"no-symmetry": { type: "boolean", description: "tell CPUs apart that run the same program" },
} as const satisfies ArgsDef;

export interface Test {
	file: string;
	text: string;
	source: Scenario | Litmus;
}

/** The module that checks: loaded by the commands that need it. */
export function checking() {
	return import("../check/index.ts");
}

export async function readTests(files: string[]): Promise<Test[]> {
	const { parseSource } = await checking();
	const tests: Test[] = [];
	for (const wanted of files) {
		const { file, text } = await textOf(wanted);
		tests.push({ file, text, source: parseSource(text, { file: nameOf(file) }) });
	}
	return tests;
}

/** A file, or a scenario that ships by its name or row. */
async function textOf(wanted: string): Promise<{ file: string; text: string }> {
	if (wanted === "-" || existsSync(wanted)) return { file: wanted, text: await readText(wanted) };
	const { shippedNames, shippedText } = await checking();
	const shipped = shippedText(wanted);
	if (shipped) return { ...shipped, file: `scenarios/${shipped.file}` };
	// What looks like a path is none of our names.
	if (/[./\\]/.test(wanted)) return { file: wanted, text: await readText(wanted) };
	const meant = suggestion(wanted, shippedNames());
	throw wrongCall(`there is neither a file nor a scenario ${JSON.stringify(wanted)}: ${meant}`, wanted);
}

/** The rows of the catalogue. */
export async function readRows(): Promise<Test[]> {
	const { catalogue } = await checking();
	return catalogue()
		.filter(({ row }) => row !== null)
		.map(({ file, text, scenario }) => ({ file: `scenarios/${file}`, text, source: scenario }));
}

export function paramsOf(given: Given): Record<string, string> {
	const params: Record<string, string> = {};
	for (const text of given.get("param") ?? []) {
		const [, name, value] = /^([^=]+)=(.+)$/.exec(text) ?? [];
		if (name === undefined || value === undefined)
			throw wrongCall(`--param is ${JSON.stringify(text)}: write NAME=VALUE`, "--param");
		if (Object.hasOwn(params, name)) throw wrongCall(`--param gives ${name} twice`, "--param");
		Object.defineProperty(params, name, { value, enumerable: true });
	}
	return params;
}

/** `a,b{x=1,y=2}` in its parts: commas in braces are of the profile's options. */
export function machinesOf(
	given: Given,
	own: readonly Profile[],
): { profiles?: string[] | "all"; models?: (typeof MODELS)[number][] | "all" } {
	const named = (given.get("profile") ?? []).flatMap((text) => text.split(/,(?![^{]*\})/)).filter(Boolean);
	const ids = own.map(({ id }) => id);
	const twice = ids.find((id, i) => ids.indexOf(id) !== i);
	if (twice !== undefined)
		throw wrongCall(
			`--profile-file gives ${JSON.stringify(twice)} twice: give each an "id" of its own`,
			"--profile-file",
		);
	const profiles = [...named, ...ids];
	const models = (given.get("model") ?? []).flatMap((text) => text.split(",")).filter(Boolean);
	for (const model of models) {
		if (model !== "all" && !MODELS.includes(model as (typeof MODELS)[number]))
			throw wrongCall(`--model is ${JSON.stringify(model)}: ${MODELS.join(", ")} and all are valid`, "--model");
	}
	return {
		...(profiles.length > 0 && { profiles: profiles.includes("all") ? "all" : profiles }),
		...(models.length > 0 && { models: models.includes("all") ? "all" : (models as (typeof MODELS)[number][]) }),
	};
}

export function boundsOf(given: Given): CheckOptions {
	const states = count(given, "states", 1, 0xffff_ffff);
	const depth = count(given, "depth", 1, 0xffff_ffff);
	const text = one(given, "time");
	const time = text === undefined ? undefined : Number(text);
	if (time !== undefined && !(time > 0 && time < 1e6))
		throw wrongCall(`--time is ${JSON.stringify(text)}: seconds, more than 0`, "--time");
	const window = count(given, "window", 1, 8);
	const walks = count(given, "walks", 1, 0xffff_ffff);
	const steps = count(given, "walk-steps", 1, 1_000_000);
	const seed = count(given, "seed", 0);
	if (walks === undefined && (steps !== undefined || seed !== undefined))
		throw wrongCall("--walk-steps and --seed are about schedules at random: give --walks N, too", "--walks");
	const caches = one(given, "caches");
	if (caches !== undefined && caches !== "all" && caches !== "telling")
		throw wrongCall(`--caches is ${JSON.stringify(caches)}: telling and all are valid`, "--caches");
	return {
		bounds: {
			...(states !== undefined && { states }),
			...(depth !== undefined && { depth }),
			...(time !== undefined && { time }),
		},
		...(window !== undefined && { window }),
		...(caches !== undefined && { caches }),
		allHazards: flag(given, "all-hazards"),
		symmetry: !flag(given, "no-symmetry"),
		mayHold: !flag(given, "no-may-hold"),
		liveness: flag(given, "liveness"),
		compact: flag(given, "compact"),
		...(walks !== undefined && {
			walks: { count: walks, ...(steps !== undefined && { steps }), ...(seed !== undefined && { seed: BigInt(seed) }) },
		}),
	};
}

/** A run that is wanted, and what came of it. */
export interface Ran {
	test: Test;
	planned: Planned;
	checked: Checked;
}

/** Runs what was planned, one after the other, until it is done, it is enough, or Ctrl-C. */
export async function runAll(
	check: Check,
	wanted: Omit<Ran, "checked">[],
	options: CheckOptions,
	enough: (checked: Checked) => boolean = () => false,
): Promise<{ ran: Ran[]; stopped: boolean }> {
	const status = new StatusLine();
	const interrupt = interruptible();
	const ran: Ran[] = [];
	try {
		for (const { test, planned } of wanted) {
			if (interrupt.signal.aborted) break;
			const before = wanted.length > 1 ? `${ran.length + 1} of ${wanted.length}: ` : "";
			const checked = await check.check(test.source, {
				...options,
				...planned,
				signal: interrupt.signal,
				onProgress: ({ states, expanded, depth }) =>
					status.show((seconds) => {
						const rate = `${short(states)} states (${short(states - expanded)} to do), depth ${depth}`;
						return `${before}${rate}, ${seconds.toFixed(0)} s`;
					}),
			});
			ran.push({ test, planned, checked });
			if (enough(checked)) break;
		}
	} finally {
		interrupt.done();
		status.clear();
	}
	return { ran, stopped: interrupt.signal.aborted };
}

/** The row of the catalogue that a file is. */
export function rowOf({ source }: Test): string | null {
	return ("row" in source && source.row) || null;
}

/** What is to be run in the pool: of which file, and how. */
export interface Wanted {
	test: Test;
	planned: Planned;
	action?: string;
}

/** Makes one run. */
export type Making = (wanted: Wanted, options: CheckOptions) => Promise<Done>;

/** Does something that needs runs, which are made in several threads. Ctrl-C ends it. */
export async function inPool(work: (make: Making) => Promise<void>): Promise<{ stopped: boolean }> {
	const { loadCheck } = await checking();
	const pool = new Pool((await loadCheck()).module);
	const status = new StatusLine();
	const interrupt = interruptible();
	let begun = 0;
	let made = 0;
	const make: Making = async ({ test, planned, action }, options) => {
		begun++;
		const job = { file: test.file, text: test.text, planned, options, ...(action !== undefined && { action }) };
		const done = await pool.run(job).catch((cause) => {
			throw about(test, cause);
		});
		made++;
		status.show((seconds) => `${made} of ${begun} runs, ${seconds.toFixed(0)} s`);
		return done;
	};
	try {
		const aborted = new Promise<void>((resolve) => interrupt.signal.addEventListener("abort", () => resolve()));
		await Promise.race([work(make), aborted]);
	} finally {
		interrupt.done();
		status.clear();
		await pool.close();
	}
	return { stopped: interrupt.signal.aborted };
}

/** Says which file an error is about that does not say so itself. */
export function about(test: Test, cause: unknown): unknown {
	if (!(cause instanceof StalemateError) || cause.place.file !== undefined || cause.message.startsWith(test.file))
		return cause;
	return new StalemateError(
		cause.code,
		`${nameOf(test.file)}: ${cause.message}`,
		{ ...cause.place, file: test.file },
		{ cause },
	);
}

const WRONG = 1;
const INCOMPLETE = 3;

/** What the runs come to: 0 all is as expected, 1 something is not, 3 it is not known. */
export function exitCode(runs: Judged[], stopped: boolean): number {
	const bad = runs.filter(({ run, judgement }) => !run.ok || (judgement && !run.complete));
	if (bad.some((one) => !undecided(one))) return WRONG;
	return bad.length > 0 || stopped ? INCOMPLETE : 0;
}

/** What an exit code is made of. */
export interface Judged {
	run: CheckRun;
	stoppedBy: SearchResult["stoppedBy"];
	judgement?: LitmusJudgement | undefined;
}

export function judged({ checked: { run, result, judgement } }: Ran): Judged {
	return { run, stoppedBy: result.stoppedBy, judgement };
}

/** A bound was hit, and what was found so far does not yet contradict what was expected. */
function undecided({ run, stoppedBy }: Judged): boolean {
	if (stoppedBy === null) return false;
	return run.verdict === "INCOMPLETE" || / \+ /.test(run.expected ?? "");
}
