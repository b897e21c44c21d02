// A schedule as people are shown it: one lane for each CPU, what is stale, what had to happen, and the hazard.

import type { Checked, CheckRun } from "../check/run.ts";
import type { ScheduleStep } from "../check/schedule.ts";
import type { Cause } from "../check/story.ts";
import { StalemateError } from "../errors.ts";

export interface Lane {
	/** null: devices, and caches that all CPUs share. */
	cpu: number | null;
	/** "CPU0", "shared" */
	name: string;
	/** Who runs there, as far as they take part. */
	actors: string[];
}

export interface Row {
	step: number;
	/** Number of its lane. */
	lane: number;
	/** What happens; with the actor where others share the lane. */
	text: string;
	spontaneous: boolean;
	hazards: string[];
	/** What is stale from here on; null: as before. */
	stale: string[] | null;
	/** Had to happen for the hazard. */
	cause: boolean;
	/** Line of the source; 0: none. */
	line: number;
}

/** A schedule as it is drawn: lanes, rows and the story. */
export interface Chart {
	/** "clean-alias on pa8800 (sc): STALE" */
	title: string;
	lanes: Lane[];
	rows: Row[];
	/** Why, in one sentence. */
	story: string;
	causes: Cause[];
}

/** The schedule of a check as it is drawn. Throws BAD_OPTION where nothing went wrong. */
export function chartOf({ run, schedule }: Checked): Chart {
	if (!schedule) {
		const message = `${run.id} is ${run.verdict}: there is no schedule to show`;
		throw new StalemateError("BAD_OPTION", message, { path: "schedule" });
	}
	const { causes, text: story } = run.story!;
	return { title: titleOf(run, schedule.code), ...lanesOf(schedule.steps, schedule.code, causes), story, causes };
}

/** The same of a run alone, as JSON has it; undefined: nothing went wrong in it. */
export function chartOfRun(run: CheckRun): Chart | undefined {
	const { trace, story } = run;
	if (!story || trace.length === 0) return undefined;
	const code = run.codes.find((one) => trace.at(-1)!.hazards.includes(one)) ?? "LATENT";
	return { title: titleOf(run, code), ...lanesOf(trace, code, story.causes), story: story.text, causes: story.causes };
}

/** What lanes need of a step. */
type Shown = Omit<ScheduleStep, "action" | "hazards" | "state"> & { hazards: readonly string[] };

/** Steps in their lanes. `code`: what they are to show; null: nothing in particular. */
export function lanesOf(
	steps: readonly Shown[],
	code: string | null,
	causes: readonly Cause[],
): Pick<Chart, "lanes" | "rows"> {
	const lanes: Lane[] = [];
	const cpus = [...new Set(steps.map(({ cpu }) => cpu ?? -1))].sort((a, b) => (a < 0 ? 1 : b < 0 ? -1 : a - b));
	for (const number of cpus) {
		const own = steps.filter(({ cpu, actor }) => (cpu ?? -1) === number && actor !== null);
		const cpu = number < 0 ? null : number;
		lanes.push({
			cpu,
			name: cpu === null ? "shared" : `CPU${cpu}`,
			actors: [...new Set(own.map(({ actor }) => actor as string))],
		});
	}
	const needed = new Set(causes.map(({ step }) => step));
	let stale = "";
	const rows = steps.map((step): Row => {
		const lane = lanes.findIndex(({ cpu }) => cpu === step.cpu);
		const now = step.stale.join("\n");
		const changed = now !== stale;
		stale = now;
		return {
			step: step.step,
			lane,
			text: labelOf(step, (lanes[lane]?.actors.length ?? 0) > 1),
			spontaneous: step.spontaneous,
			// A broken contract on the way is no hazard.
			hazards: step.hazards.filter((one) => one !== "LATENT" || code === "LATENT"),
			stale: changed ? step.stale : null,
			cause: needed.has(step.step),
			line: step.line,
		};
	});
	return { lanes, rows };
}

function labelOf({ actor, text }: Shown, shared: boolean): string {
	return actor !== null && shared ? `${actor}: ${text}` : text;
}

/** "CPU1: toucher, irq" */
export function laneTitle({ name, actors }: Lane): string {
	return actors.length > 0 ? `${name}: ${actors.join(", ")}` : name;
}

function titleOf(run: CheckRun, code: string): string {
	const params = Object.entries(run.params).map(([name, value]) => `${name}=${value}`);
	return `${[run.scenario, ...params].join(" ")} on ${run.profile} (${run.model}): ${code}`;
}

/** Words in lines of at most `width` columns; a word that is longer is cut. */
export function fold(text: string, width: number): string[] {
	const lines: string[] = [];
	let line = "";
	for (const word of text.split(/\s+/).flatMap((one) => one.match(new RegExp(`.{1,${width}}`, "gu")) ?? [])) {
		if (line !== "" && line.length + 1 + word.length > width) {
			lines.push(line);
			line = word;
		} else line = line === "" ? word : `${line} ${word}`;
	}
	return line === "" ? lines : [...lines, line];
}

/** All of it as data: what the other forms are made of, and what replays it. */
export function scheduleJson(checked: Checked) {
	const { title, lanes, story, causes } = chartOf(checked);
	const { id, scenario, params, profile, model, trace: steps } = checked.run;
	const { code, actions, mayHold, repeatsFrom } = checked.schedule!;
	return {
		id,
		title,
		scenario,
		params,
		profile,
		model,
		code,
		story,
		causes,
		lanes,
		steps,
		actions,
		repeatsFrom,
		mayHold,
	};
}
