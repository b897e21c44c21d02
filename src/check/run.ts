import type { Hardware } from "../../bindings/assemble.ts";
import type { Program } from "../../bindings/program.ts";
import type { ProgramCore } from "../../bindings/program-core.ts";
import { StalemateError } from "../errors.ts";
import { hardwareFor } from "../hardware.ts";
import { compileLitmus } from "../litmus/compile.ts";
import type { Litmus } from "../litmus/litmus.ts";
import { judgeLitmus, type LitmusJudgement, type LitmusState, type Observation } from "../litmus/result.ts";
import { profileFrom } from "../profiles/parse.ts";
import { applySets } from "../profiles/sets.ts";
import { profile as shipped } from "../profiles/shipped.ts";
import type { MemoryModel, Profile } from "../profiles/types.ts";
import type { ProfileName, Scenario } from "../scenario/ast.ts";
import type { Edit } from "../scenario/code.ts";
import { compileResolved, withSource } from "../scenario/compile.ts";
import { expectation, meets, named } from "../scenario/expectation.ts";
import { type Params, type ResolvedParams, resolveParams } from "../scenario/params.ts";
import { profileName } from "../scenario/print.ts";
import type { Schedule } from "./schedule.ts";
import { type Hazard, type Running, type SearchOptions, type SearchResult, search } from "./search.ts";
import { type Story, storyOf } from "./story.ts";
import type { Removal } from "./weaken.ts";

/** On which machine something runs. */
export interface MachineOptions {
	/** Parameters of the scenario; the others have their defaults. */
	params?: Params;
	/** Profile by id, perhaps with options (`vipt-generic{speculativeMoveIn=yes}`), or as an object. */
	profile?: string | Profile;
	/** Profiles of one's own, which `profile` and expectations find by id before those that ship. */
	profiles?: readonly Profile[];
	/** Memory model; default: the profile's, for a litmus test TSO. */
	model?: MemoryModel;
	/** Explore all caches, also those that a program cannot tell from memory (default "telling"). */
	caches?: "telling" | "all";
	/** Operations that a CPU may have pending, 1 to 8; default: as many as the program can. */
	window?: number;
	/** TLBs are the sets of what they could hold, where that is the same to the program (default: to search; not to replay). */
	mayHold?: boolean;
	/** What is taken out of a scenario before: actions of `actionsOf`, each in one of its ways. */
	without?: readonly Removal[];
}

/** On which machine a scenario is checked, and how far. */
export interface CheckOptions extends Omit<SearchOptions, "enough" | "mayHold">, MachineOptions {}

/** What a check of one scenario on one machine came to: one of `runs` of `check --json`. */
export interface CheckRun {
	/** Scenario, parameters, profile and model. */
	id: string;
	scenario: string;
	params: ResolvedParams;
	profile: string;
	model: MemoryModel;
	/** What the file says; null: nothing. */
	expected: string | null;
	verdict: SearchResult["verdict"];
	codes: string[];
	hazards: Omit<Hazard, "schedule">[];
	trace: {
		step: number;
		cpu: number | null;
		actor: string | null;
		spontaneous: boolean;
		line: number;
		text: string;
		hazards: string[];
		stale: string[];
	}[];
	/** Why `trace` ends as it does; null where nothing goes wrong. */
	story: Story | null;
	/** Whether what was expected was found; where nothing was, whether the verdict is SAFE or LATENT. */
	ok: boolean;
	complete: boolean;
	states: number;
	transitions: number;
	depth: number;
	reductions: string[];
	bounds: { states: number; depth?: number; time?: number; pending: number };
	/** Of litmus tests. */
	observation?: Observation;
	positive?: number;
	negative?: number;
	finalStates?: LitmusState[];
}

/** A run, and what people are shown of it. */
export interface Checked {
	run: CheckRun;
	result: SearchResult;
	program: Program;
	schedule: Schedule | null;
	/** Of litmus tests. */
	judgement?: LitmusJudgement;
	milliseconds: number;
}

/** The profile that a name with options stands for: one of one's own, or one that ships. */
export function profileOf(
	name: string | Profile | ProfileName,
	own: readonly Profile[] = [],
): { profile: Profile; name: string } {
	if (typeof name === "object" && !("profile" in name)) {
		const profile = profileFrom(name);
		return { profile, name: profile.id };
	}
	const { profile: id, options } = typeof name === "string" ? named(name) : name;
	const base = own.find((one) => one.id === id) ?? shipped(id);
	if (!options || Object.keys(options).length === 0) return { profile: base, name: id };
	const sets = Object.entries(options).map(([path, value]) => `${path}=${word(value)}`);
	return { profile: applySets(base, sets), name: profileName({ profile: id, options }) };
}

function word(value: string | number): string {
	return value === "yes" ? "true" : value === "no" ? "false" : String(value);
}

/** Checks a scenario on one machine. A generator of progress: drive it with `finish` or `drive`. */
export function* checkScenario(
	core: ProgramCore,
	scenario: Scenario,
	options: CheckOptions = {},
	edit?: Edit,
): Running<Checked> {
	const { params, program, profile, model, hardware } = scenarioOn(scenario, options, edit);
	// What a file says is not about what has been changed in it.
	const expected = edit ? undefined : expectation(scenario, params, profile, model);
	const enough = (codes: readonly string[]) => {
		if (codes.length === 0) return false;
		return expected ? meets(expected, "HAZARD", codes) : true;
	};
	const begun = performance.now();
	const result = yield* search(core, program, hardware, { ...options, enough });
	const ok = expected ? meets(expected, result.verdict, result.codes) : isFine(result.verdict);
	const run = runOf(scenario.name, params, profile, model, result, expected?.text ?? null, ok);
	if (result.schedule) run.story = storyOf(program, result.schedule);
	return { run, result, program, schedule: result.schedule, milliseconds: performance.now() - begun };
}

/** Checks a litmus test: all its final states. */
export function* checkLitmus(core: ProgramCore, litmus: Litmus, options: CheckOptions = {}): Running<Checked> {
	const { program, profile, model, hardware } = litmusOn(litmus, options);
	const begun = performance.now();
	const result = yield* search(core, program, hardware, { ...options, allHazards: true });
	const judged = judgeLitmus(litmus, result.finals);
	const run: CheckRun = {
		...runOf(litmus.name, {}, profile, model, result, null, true),
		verdict: result.complete ? "SAFE" : "INCOMPLETE",
		codes: [],
		hazards: [],
		trace: [],
		// A test is no expectation: herd's Ok and No are results.
		ok: true,
		observation: judged.observation,
		positive: judged.positive,
		negative: judged.negative,
		finalStates: judged.states,
	};
	return { run, result, program, schedule: null, judgement: judged, milliseconds: performance.now() - begun };
}

/** A program, and the machine it runs on. */
interface OnMachine {
	params: ResolvedParams;
	program: Program;
	/** Its name. */
	profile: string;
	model: MemoryModel;
	hardware: Hardware;
}

export function scenarioOn(scenario: Scenario, options: MachineOptions, edit?: Edit): OnMachine {
	const whole = withSource(scenario);
	const params = resolveParams(whole, options.params);
	const program = compileResolved(whole, params, edit);
	const { profile, name } = profileOf(options.profile ?? scenario.profile ?? "abstract", options.profiles);
	const model = options.model ?? (options.profile === undefined ? scenario.model : undefined) ?? profile.memoryModel;
	return { params, program, profile: name, model, hardware: hardwareOn(profile, program, model, options) };
}

export function litmusOn(litmus: Litmus, options: MachineOptions): OnMachine {
	if (Object.keys(options.params ?? {}).length > 0) {
		throw new StalemateError("SCENARIO_PARAM", `${litmus.name} is a litmus test and has no parameters`, {
			path: "params",
		});
	}
	const { program } = compileLitmus(litmus);
	const { profile, name } = profileOf(options.profile ?? "abstract", options.profiles);
	const model = options.model ?? "tso";
	return { params: {}, program, profile: name, model, hardware: hardwareOn(profile, program, model, options) };
}

function hardwareOn(profile: Profile, program: Program, model: MemoryModel, options: MachineOptions): Hardware {
	return hardwareFor(profile, program, {
		model,
		...(options.caches && { caches: options.caches }),
		...(options.window !== undefined && { window: options.window }),
	});
}

function isFine(verdict: SearchResult["verdict"]): boolean {
	return verdict === "SAFE" || verdict === "LATENT";
}

function runOf(
	scenario: string,
	params: ResolvedParams,
	profile: string,
	model: MemoryModel,
	result: SearchResult,
	expected: string | null,
	ok: boolean,
): CheckRun {
	const given = Object.entries(params).map(([name, value]) => `${name}=${value}`);
	return {
		id: [scenario, ...given, profile, model].join(" "),
		scenario,
		params,
		profile,
		model,
		expected,
		verdict: result.verdict,
		codes: result.codes,
		hazards: result.hazards.map(({ schedule: _, ...hazard }) => hazard),
		trace: (result.schedule?.steps ?? []).map(({ step, cpu, actor, spontaneous, line, text, hazards, stale }) => {
			return { step, cpu, actor, spontaneous, line, text, hazards, stale };
		}),
		story: null,
		ok,
		complete: result.complete,
		states: result.states,
		transitions: result.transitions,
		depth: result.depth,
		reductions: result.reductions,
		bounds: { ...result.bounds, pending: result.window },
	};
}
