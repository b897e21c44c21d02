import type { Hardware } from "../../bindings/assemble.ts";
import { Explorer, type SearchProgress } from "../../bindings/explorer.ts";
import type { HazardCode } from "../../bindings/hazards.ts";
import type { Program } from "../../bindings/program.ts";
import type { ProgramCore } from "../../bindings/program-core.ts";
import { StalemateError } from "../errors.ts";
import { badOption } from "../input/options.ts";
import { type Schedule, scheduleFrom, scheduleOf } from "./schedule.ts";

/** What a search may take. What is left out is not bounded, except states (DEFAULT_STATES). */
export interface Bounds {
	states?: number;
	/** Steps of a schedule. */
	depth?: number;
	/** Seconds. */
	time?: number;
}

/** What a search takes; more can be priced, not searched. */
export const MOST_SEARCHED = { cpus: 8, actors: 32 };

/** States that a search looks at, at most, unless it is told otherwise. */
export const DEFAULT_STATES = 5_000_000;

export interface SearchOptions {
	bounds?: Bounds;
	/** The search goes on past a hazard until all states are seen. Default: it stops when `enough` says so. */
	allHazards?: boolean;
	/** Whether the codes found so far are all that was asked for (default: one of them). */
	enough?: (codes: readonly string[]) => boolean;
	/** CPUs that run the same program are taken for interchangeable (default true). */
	symmetry?: boolean;
	/** TLBs are searched as the sets of what they could hold, where that is the same to the program (default true). */
	mayHold?: boolean;
	/**
	 * Starvation is looked for too, once all states are seen: a schedule for ever, fair to all, in which a thread that has an end
	 * does not come to it. Without the reductions above, which such schedules do not survive.
	 */
	liveness?: boolean;
	/**
	 * States are told apart by 64 bits of hash and not kept: much less memory, for states are most of it. A hazard found is one;
	 * that none was found is INCOMPLETE, not SAFE, for a state may have been taken for another (SearchResult.reductions says how
	 * likely that is). Of the shortest schedules, any.
	 */
	compact?: boolean;
	/** No search: schedules at random, `count` of at most `steps` steps. What they do not find says nothing. */
	walks?: { count: number; steps?: number; seed?: bigint };
}

/**
 * SAFE: no schedule goes wrong. LATENT: a contract is broken, and nothing comes of it here. HAZARD: one goes wrong.
 * INCOMPLETE: a bound was hit before that was known.
 */
export type Verdict = "SAFE" | "LATENT" | "HAZARD" | "INCOMPLETE";

/** A hazard, and where it happens. */
export interface Hazard {
	code: string;
	/** Who acts; null: nobody does, the state itself is one. */
	actor: string | null;
	/** Number of the step in the schedule, from 1. */
	step: number;
	/** Line of the source, 0: none. */
	line: number;
	/** What happened to what. */
	what: string;
	/** A shortest schedule that leads there. */
	schedule: Schedule;
}

/** What a search of all schedules found, and how far it looked. */
export interface SearchResult {
	verdict: Verdict;
	/** Codes of the hazards found, LATENT not among them. */
	codes: HazardCode[];
	hazards: Hazard[];
	/** The schedule of the first hazard, or of the broken claim where there is no hazard. */
	schedule: Schedule | null;
	/** Whether all states were seen. */
	complete: boolean;
	/** The bound that was hit. */
	stoppedBy: "states" | "depth" | "time" | "memory" | "edges" | "walks" | "compaction" | "cancelled" | null;
	states: number;
	transitions: number;
	/** Steps of the longest schedule looked at. */
	depth: number;
	/** Bytes of a state. */
	stateBytes: number;
	/** Operations that a CPU could have pending. */
	window: number;
	reductions: string[];
	bounds: Required<Pick<Bounds, "states">> & Bounds;
	/** Distinct final states: observed values in their order. */
	finals: number[][];
	/** Goes on where a bound stopped the search, with larger ones: nothing is looked at twice. */
	resume?: (bounds: Bounds) => Running<SearchResult>;
}

/** States that are searched for a schedule to show; beyond, the one among may-hold sets is shown. */
const MOST_SHOWN = 1_000_000;

/** States per call of the core: engines run what is called often faster than what runs long. */
const SLICE = 4096;

/** Work that tells its progress after every slice, and ends with what it has so far when it is told to stop. */
export type Running<T> = Generator<SearchProgress, T, "stop" | undefined>;

/** Edges between states that are looked at for starvation. */
const MOST_EDGES = 50_000_000;

/** Steps of a schedule at random. */
const WALK_STEPS = 1000;

/** Searches all schedules of a program; gives its progress after every slice, and returns what it found. */
export function* search(
	core: ProgramCore,
	program: Program,
	hardware: Hardware,
	options: SearchOptions = {},
): Running<SearchResult> {
	if (options.compact && options.liveness)
		throw badOption("compact", "keeps no states, and starvation is looked for among them");
	if (program.cpus > MOST_SEARCHED.cpus || program.actors.length > MOST_SEARCHED.actors) {
		const message = `at most ${MOST_SEARCHED.cpus} CPUs and ${MOST_SEARCHED.actors} actors are searched, found ${program.cpus} and ${program.actors.length}`;
		throw new StalemateError("SCENARIO_LIMIT", message, { path: "cpus" });
	}
	const reduces = !options.liveness && !options.walks;
	const explorer = new Explorer(core, program, hardware, { mayHold: reduces && options.mayHold !== false });
	if (options.walks) return yield* walk(explorer, options.walks, options);
	const symmetric = reduces && options.symmetry !== false && program.symmetric.some((group) => group.length > 1);
	explorer.begin({ symmetric, compact: options.compact === true });
	return yield* go(explorer, symmetric, options);
}

/** Goes on with a search. */
function* go(explorer: Explorer, symmetric: boolean, options: SearchOptions): Running<SearchResult> {
	const bounds = { ...options.bounds, states: options.bounds?.states ?? DEFAULT_STATES };
	const enough = options.enough ?? ((codes) => codes.length > 0);
	const begun = performance.now();
	let stoppedBy: SearchResult["stoppedBy"] = null;
	let progress: SearchProgress;
	let codes: HazardCode[] = [];
	for (let slice = 64; ; slice = Math.min(slice * 2, SLICE)) {
		progress = explorer.run(slice, bounds.states, bounds.depth);
		codes = hazardous(progress.found);
		if (progress.end === "states" || progress.end === "depth" || progress.end === "memory") stoppedBy = progress.end;
		if (progress.end !== "pause") break;
		if (!options.allHazards && enough(codes)) break;
		if (bounds.time !== undefined && performance.now() - begun > bounds.time * 1000) {
			stoppedBy = "time";
			break;
		}
		if ((yield progress) === "stop") {
			stoppedBy = "cancelled";
			break;
		}
	}
	let round: number[] | null | undefined = null;
	if (options.compact && progress.end === "done") stoppedBy = "compaction";
	if (options.liveness && progress.end === "done") {
		const edges = Number(progress.transitions) + 1;
		round = edges > MOST_EDGES ? undefined : explorer.findStarvation(edges);
		if (round === undefined) stoppedBy = "edges";
		codes = hazardous(explorer.codes);
	}
	// A set does not say when an entry came: the schedule is that of a search in which entries come and go one by one.
	const shower = explorer.mayHold && explorer.codes.length > 0 ? yield* shownBy(explorer, symmetric) : explorer;
	const hazards = explorer.codes.map((code) => {
		const from = shower.found(code) ? shower : explorer;
		return hazardOf(scheduleOf(from, code, code === "LIVE" ? round : null));
	});
	return {
		...resultOf(explorer, hazards, progress, stoppedBy),
		reductions: [
			...(symmetric ? ["CPU symmetry"] : []),
			...(explorer.mayHold ? ["may-hold TLBs"] : []),
			...(options.compact ? [compaction(progress.states)] : []),
		],
		bounds,
		finals: explorer.program.observed ? explorer.finals() : [],
		...(stoppedBy !== null &&
			stoppedBy !== "memory" &&
			stoppedBy !== "compaction" && { resume: (more) => go(explorer, symmetric, { ...options, bounds: more }) }),
	};
}

/** Schedules at random until one meets a hazard, or all hazards that were asked for. */
function* walk(
	explorer: Explorer,
	{ count, steps = WALK_STEPS, seed = 0n }: NonNullable<SearchOptions["walks"]>,
	options: SearchOptions,
): Running<SearchResult> {
	const enough = options.enough ?? ((codes) => codes.length > 0);
	const met = new Map<HazardCode, Hazard>();
	let done = 0;
	let taken = 0;
	let stoppedBy: SearchResult["stoppedBy"] = "walks";
	const progress = (): SearchProgress => {
		const found = [...met.keys()];
		return { end: "pause", states: taken, expanded: done, depth: steps, transitions: BigInt(taken), found };
	};
	while (done < count && (options.allHazards || !enough(hazardous([...met.keys()])))) {
		const one = explorer.walk({ seed, walks: Math.min(16, count - done), steps, known: [...met.keys()] });
		done += one.walks;
		taken += one.steps;
		for (const code of one.found) {
			if (!met.has(code)) met.set(code, hazardOf(scheduleFrom(explorer, code, one.actions)));
		}
		if ((yield progress()) === "stop") {
			stoppedBy = "cancelled";
			break;
		}
	}
	return {
		...resultOf(explorer, [...met.values()], progress(), stoppedBy),
		reductions: [`${done} schedules at random`],
		bounds: { ...options.bounds, states: options.bounds?.states ?? DEFAULT_STATES },
		finals: [],
	};
}

/** Of n states told apart by 64 bits, two are the same to the search with a chance of less than n² / 2^65. */
function compaction(states: number): string {
	return `hash compaction (a state was missed with a chance of at most ${((states * states) / 2 ** 65).toExponential(0)})`;
}

function hazardous(found: readonly HazardCode[]): HazardCode[] {
	return found.filter((code) => code !== "LATENT");
}

function resultOf(
	explorer: Explorer,
	hazards: Hazard[],
	progress: SearchProgress,
	stoppedBy: SearchResult["stoppedBy"],
): Omit<SearchResult, "reductions" | "bounds" | "finals"> {
	const found = hazards.map(({ code }) => code as HazardCode);
	const codes = hazardous(found);
	const complete = progress.end === "done" && stoppedBy === null;
	const latent = found.includes("LATENT");
	const shown = hazards.filter(({ code }) => code !== "LATENT" || codes.length === 0);
	shown.sort((a, b) => a.schedule.steps.length - b.schedule.steps.length);
	return {
		verdict: codes.length > 0 ? "HAZARD" : !complete ? "INCOMPLETE" : latent ? "LATENT" : "SAFE",
		codes,
		hazards: shown,
		schedule: shown[0]?.schedule ?? null,
		complete,
		stoppedBy,
		states: progress.states,
		transitions: Number(progress.transitions),
		depth: progress.depth,
		stateBytes: explorer.stateBytes,
		window: explorer.assembled.window,
	};
}

/** Searches again without may-hold sets, as far as the same hazards. */
function* shownBy(reduced: Explorer, symmetric: boolean): Running<Explorer> {
	const explorer = reduced.without({ mayHold: false });
	explorer.begin({ symmetric });
	for (;;) {
		const progress = explorer.run(SLICE, MOST_SHOWN);
		if (progress.end !== "pause" || reduced.codes.every((code) => explorer.found(code))) return explorer;
		if ((yield progress) === "stop") return explorer;
	}
}

function hazardOf(schedule: Schedule): Hazard {
	const last = schedule.steps.at(-1);
	return {
		code: schedule.code,
		actor: last?.actor ?? null,
		step: schedule.steps.length,
		line: last?.line ?? 0,
		what: schedule.ends,
		schedule,
	};
}
