import type { Hardware } from "../../bindings/assemble.ts";
import { Explorer, HAZARD_CODES, type HazardCode, type SearchProgress } from "../../bindings/explorer.ts";
import type { Program } from "../../bindings/program.ts";
import type { ProgramCore } from "../../bindings/program-core.ts";
import { StalemateError } from "../errors.ts";
import { type Schedule, scheduleOf } from "./schedule.ts";

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
}

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
	stoppedBy: "states" | "depth" | "time" | "memory" | null;
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
}

/** States that are searched for a schedule to show; beyond, the one among may-hold sets is shown. */
const MOST_SHOWN = 1_000_000;

/** States per call of the core: engines run what is called often faster than what runs long. */
const SLICE = 4096;

/** Searches all schedules of a program; gives its progress after every slice, and returns what it found. */
export function* search(
	core: ProgramCore,
	program: Program,
	hardware: Hardware,
	options: SearchOptions = {},
): Generator<SearchProgress, SearchResult, void> {
	if (program.cpus > MOST_SEARCHED.cpus || program.actors.length > MOST_SEARCHED.actors) {
		const message = `at most ${MOST_SEARCHED.cpus} CPUs and ${MOST_SEARCHED.actors} actors are searched, found ${program.cpus} and ${program.actors.length}`;
		throw new StalemateError("SCENARIO_LIMIT", message, { path: "cpus" });
	}
	const explorer = new Explorer(core, program, hardware, { mayHold: options.mayHold !== false });
	const bounds = { ...options.bounds, states: options.bounds?.states ?? DEFAULT_STATES };
	const symmetric = options.symmetry !== false && program.symmetric.some((group) => group.length > 1);
	const enough = options.enough ?? ((codes) => codes.length > 0);
	explorer.begin({ symmetric });
	const begun = performance.now();
	let stoppedBy: SearchResult["stoppedBy"] = null;
	let progress: SearchProgress;
	let codes: HazardCode[] = [];
	for (let slice = 64; ; slice = Math.min(slice * 2, SLICE)) {
		progress = explorer.run(slice, bounds.states, bounds.depth);
		codes = progress.found.filter((code) => code !== "LATENT");
		if (progress.end === "states" || progress.end === "depth" || progress.end === "memory") stoppedBy = progress.end;
		if (progress.end !== "pause") break;
		if (!options.allHazards && enough(codes)) break;
		if (bounds.time !== undefined && performance.now() - begun > bounds.time * 1000) {
			stoppedBy = "time";
			break;
		}
		yield progress;
	}
	const reductions = [...(symmetric ? ["CPU symmetry"] : []), ...(explorer.mayHold ? ["may-hold TLBs"] : [])];
	const complete = progress.end === "done";
	const latent = progress.found.includes("LATENT");
	// A set does not say when an entry came: the schedule is that of a search in which entries come and go one by one.
	const shower = explorer.mayHold && progress.found.length > 0 ? yield* shownBy(explorer, symmetric) : explorer;
	const hazards = progress.found.map((code) => hazardOf(shower.found(code) ? shower : explorer, code));
	const verdict = codes.length > 0 ? "HAZARD" : !complete ? "INCOMPLETE" : latent ? "LATENT" : "SAFE";
	const shown = hazards.filter(({ code }) => code !== "LATENT" || codes.length === 0);
	shown.sort((a, b) => a.schedule.steps.length - b.schedule.steps.length);
	return {
		verdict,
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
		reductions,
		bounds,
		finals: program.observed ? explorer.finals() : [],
	};
}

/** Searches again without may-hold sets, as far as the same hazards. */
function* shownBy(reduced: Explorer, symmetric: boolean): Generator<SearchProgress, Explorer, void> {
	const explorer = reduced.without({ mayHold: false });
	explorer.begin({ symmetric });
	for (;;) {
		const progress = explorer.run(SLICE, MOST_SHOWN);
		if (progress.end !== "pause" || reduced.codes.every((code) => explorer.found(code))) return explorer;
		yield progress;
	}
}

function hazardOf(explorer: Explorer, code: HazardCode): Hazard {
	const schedule = scheduleOf(explorer, code);
	const last = schedule.steps.at(-1);
	return {
		code,
		actor: last?.actor ?? null,
		step: schedule.steps.length,
		line: last?.line ?? 0,
		what: schedule.ends,
		schedule,
	};
}

/** Runs a search to its end. */
export function finish<T>(running: Generator<SearchProgress, T, void>): T {
	for (;;) {
		const { done, value } = running.next();
		if (done) return value;
	}
}

export { HAZARD_CODES };
