// What the page and the worker that checks tell each other.

import type { SearchProgress } from "../../bindings/explorer.ts";
import type { Program } from "../../bindings/program.ts";
import type { CheckRun } from "../../src/check/run.ts";
import type { Schedule } from "../../src/check/schedule.ts";
import type { Action, Removal } from "../../src/check/weaken.ts";
import type { MemoryModel } from "../../src/profiles/types.ts";
import type { Chart } from "../../src/report/schedule.ts";
import type { StateItem } from "../../src/report/state.ts";
import type { Param } from "../../src/scenario/ast.ts";
import type { Params, ResolvedParams } from "../../src/scenario/params.ts";
import type { Flow } from "./flows.ts";

/** A scenario of the catalogue, as lists show it: one of catalogue.json. */
export interface Listed {
	file: string;
	thread: string;
	name: string;
	row: string | null;
	story: string;
}

/** A scenario and the machine it is to run on. */
export interface Wanted {
	text: string;
	params: Params;
	profile?: string;
	/** A profile of one's own, as JSON, instead. */
	own?: string;
	model?: MemoryModel;
	/** What is taken out of it. */
	without: readonly Removal[];
}

/** A line that is commented out and would be a statement. */
export interface Dormant {
	/** Number of the line, from 1. */
	line: number;
	text: string;
}

/** What a text is found to be. */
export interface Read {
	name: string;
	story: string;
	row: string | null;
	contrasts: string[];
	litmus: boolean;
	params: Param[];
	resolved: ResolvedParams;
	/** Where it is checked when nothing else is chosen. */
	profile: string;
	model: MemoryModel;
	/** Profiles that its expectations name. */
	profiles: string[];
	actions: Action[];
	dormant: Dormant[];
}

/** Words that an editor may offer. */
export interface Vocabulary {
	verbs: { label: string; detail: string; info: string }[];
	macros: { label: string; detail: string; info: string }[];
	libraries: string[];
	profiles: { id: string; title: string }[];
	models: readonly string[];
	outcomes: readonly string[];
}

/** What a check came to, ready to be shown. */
export interface Shown {
	run: CheckRun;
	verdict: string;
	covered: string;
	milliseconds: number;
	/** Of litmus tests: in how many of its final states the condition holds, and what herd would print. */
	judgement: { observation: string; positive: number; states: number; text: string } | null;
	view: ScheduleView | null;
	/** The schedule as a test for vitest, and the check as a program. */
	test: string;
	code: string;
	svg: string | null;
}

/** A schedule and everything that is seen in it. */
export interface ScheduleView {
	program: Program;
	chart: Chart;
	schedule: Pick<Schedule, "start" | "steps" | "actions" | "mayHold">;
	/** Per state, the start first: all that there is to see. */
	items: StateItem[][];
	/** Per step: what went from where to where. */
	flows: Flow[][];
}

/** A schedule of one's own, and how it can go on. */
export interface Walked {
	view: ScheduleView;
	next: { action: number; cpu: number | null; text: string; spontaneous: boolean; hazards: string[] }[];
}

export type CheckMethods = {
	vocabulary(argument: null): Vocabulary;
	text(argument: { name: string }): { file: string; text: string };
	read(argument: Wanted): Read;
	check(argument: Wanted): Shown;
	/** Lets these actions happen; null: a plain schedule. */
	walk(argument: { wanted: Wanted; actions: number[] | null }): Walked;
	/** What a profile of one's own is called. */
	profile(argument: { own: string }): { id: string; title: string };
};

export type { SearchProgress };
