import { type Action, unpackAction } from "./actions.ts";
import { type Assembled, type AssembleOptions, assemble, type Hardware } from "./assemble.ts";
import type { ProgramExports } from "./exports.ts";
import { HAZARD_CODES, type HazardCode } from "./hazards.ts";
import type { Instance } from "./instantiate.ts";
import * as X from "./layout/explore.ts";
import { HAS_MAY_HOLD } from "./layout/program.ts";
import type { Program } from "./program.ts";
import type { ProgramCore } from "./program-core.ts";
import { type BlockLayout, type MachineState, unpackState } from "./unpack-state.ts";

export interface SearchOptions {
	/** Hazards that end the search; default: none, it goes on until all states are seen. */
	stopAt?: readonly HazardCode[];
	/** States are told apart by 64 bits of hash, and forgotten once they have been expanded. Not for findStarvation(). */
	compact?: boolean;
	/** CPUs with the same program are interchangeable. */
	symmetric?: boolean;
}

export type SearchEnd = "done" | "hazard" | "states" | "depth" | "pause" | "memory";

const ENDS: SearchEnd[] = ["done", "hazard", "states", "depth", "pause", "memory"];

/** How far a search is, told while it runs. */
export interface SearchProgress {
	end: SearchEnd;
	states: number;
	expanded: number;
	depth: number;
	transitions: bigint;
	found: HazardCode[];
}

/** What walks at random came to. */
export interface RandomWalk {
	/** Walks done, and actions in all of them. */
	walks: number;
	steps: number;
	/** Hazards at the end of the last one; none: nothing new was met. */
	found: HazardCode[];
	about: number;
	/** Its schedule. */
	actions: number[];
}

/** One action of a schedule, and the state after it. */
export interface ReplayedStep {
	/** null: the start, or the end where what was found needed no action. */
	action: Action | null;
	hazards: HazardCode[];
	/** What the last hazard was about: a line, mapping, frame, table or actor, by number. */
	about: number;
	state: MachineState;
}

function codesIn(mask: number): HazardCode[] {
	return HAZARD_CODES.filter((_, bit) => mask & (1 << bit));
}

/** A program on its machine in one Wasm instance: searched, or stepped through. */
export class Explorer {
	readonly program: Program;
	readonly assembled: Assembled;
	/** Bytes of a state. */
	readonly stateBytes: number;
	readonly #instance: Instance<ProgramExports>;
	readonly #layout: BlockLayout;
	readonly #core: ProgramCore;
	#found = 0;
	#walking = 0;
	#scratch = 0;

	constructor(core: ProgramCore, program: Program, hardware: Hardware, options: AssembleOptions = {}) {
		this.#core = core;
		this.program = program;
		this.assembled = assemble(program, hardware, options);
		this.#instance = core.instantiate();
		const { exports } = this.#instance;
		const { bytes } = this.assembled;
		const at = exports.allocate(BigInt(bytes.length));
		new Uint8Array(exports.memory.buffer, at, bytes.length).set(bytes);
		const [status = 0, refused = 0] = this.#record(exports.exploreBuild(at, bytes.length), 2);
		if (status !== X.LOADED_OK) throw new Error(`the core refuses the program: status ${status} at ${refused}`);
		const numbers = this.#record(exports.exploreLayout(), X.PLACES_SIZE / 4).slice();
		const table = (field: number, length: number) =>
			new Uint16Array(exports.memory.buffer, numbers[field / 4], length).slice();
		this.#layout = {
			numbers,
			actors: table(X.PLACES_ACTOR_PLACES, program.actors.length * 3),
			levels: table(X.PLACES_LEVEL_PLACES, this.assembled.levels * program.cpus),
		};
		this.stateBytes = numbers[X.PLACES_BYTES / 4] ?? 0;
	}

	#record(at: number, length: number): Uint32Array {
		return new Uint32Array(this.#instance.exports.memory.buffer, at, length);
	}

	/** TLBs are sets of what they could hold. */
	get mayHold(): boolean {
		return (this.assembled.flags & HAS_MAY_HOLD) !== 0;
	}

	/** The hazards found so far. */
	get codes(): HazardCode[] {
		return codesIn(this.#found);
	}

	found(code: HazardCode): boolean {
		return (this.#found & (1 << HAZARD_CODES.indexOf(code))) !== 0;
	}

	/** The same program on the same hardware, assembled otherwise. */
	without(options: AssembleOptions): Explorer {
		return new Explorer(this.#core, this.program, this.assembled.hardware, options);
	}

	/** Where an observed value is in a block. */
	#offsets(): number[] {
		const { numbers, actors } = this.#layout;
		return (this.program.observed ?? []).map((what) => {
			if ("var" in what) {
				const before = this.program.vars.slice(0, what.var).filter(({ perCpu }) => !perCpu).length;
				return (numbers[X.PLACES_VARS / 4] ?? 0) + before;
			}
			const live = this.assembled.registers[what.actor] ?? [];
			return (actors[what.actor * 3 + 1] ?? 0) + live.indexOf(what.reg);
		});
	}

	/** Begins a search; run() goes on with it. */
	begin(options: SearchOptions = {}): void {
		const { exports } = this.#instance;
		const stop = (options.stopAt ?? []).reduce((mask, code) => mask | (1 << HAZARD_CODES.indexOf(code)), 0);
		const offsets = this.#offsets();
		const at = offsets.length > 0 ? exports.allocate(BigInt(offsets.length * 2)) : 0;
		new Uint16Array(exports.memory.buffer, at, offsets.length).set(offsets);
		exports.explore(stop, options.symmetric ? 1 : 0, options.compact ? 1 : 0, at, offsets.length);
	}

	/** Searches on, for at most `budget` states, up to `mostStates` in all and `mostDepth` levels. */
	run(budget = 0xffffffff, mostStates = 0xffffffff, mostDepth = 0xffffffff): SearchProgress {
		const at = this.#instance.exports.exploreRun(budget >>> 0, mostStates >>> 0, mostDepth >>> 0);
		const [end = 0, states = 0, expanded = 0, depth = 0] = this.#record(at, 4);
		const view = new DataView(this.#instance.exports.memory.buffer, at);
		this.#found = view.getUint32(24, true);
		return {
			end: ENDS[end] ?? "memory",
			states,
			expanded,
			depth,
			transitions: view.getBigUint64(16, true),
			found: this.codes,
		};
	}

	/** Distinct final states: the observed values, in their order. */
	finals(): number[][] {
		const { exports } = this.#instance;
		const view = new DataView(exports.memory.buffer, exports.exploreRun(0, 0, 0));
		const at = view.getUint32(32, true);
		const count = view.getUint32(36, true);
		const width = this.program.observed?.length ?? 0;
		const all = new Uint8Array(exports.memory.buffer, at, count * width);
		return Array.from({ length: count }, (_, i) => [...all.subarray(i * width, (i + 1) * width)]);
	}

	/** What a hazard that was found was about first: a number of the program. */
	aboutOf(code: HazardCode): number {
		const { exports } = this.#instance;
		const firsts = new DataView(exports.memory.buffer, exports.exploreRun(0, 0, 0)).getUint32(28, true);
		return this.#record(firsts + HAZARD_CODES.indexOf(code) * X.FIRST_SIZE, X.FIRST_SIZE / 4)[X.FIRST_ABOUT / 4] ?? 0;
	}

	/** Actions of a shortest way to a hazard that was found. */
	trace(code: HazardCode): Uint32Array {
		const { exports } = this.#instance;
		const most = 65536;
		const at = exports.allocate(BigInt(most * 4));
		const count = exports.exploreTrace(HAZARD_CODES.indexOf(code), at, most);
		return this.#record(at, Math.min(count, most)).slice();
	}

	/**
	 * Looks for starvation once a search has seen all states, without symmetry and may-hold sets: a fair schedule for ever in
	 * which a thread that has an end does not come to it. The actions of one round, from the end of trace("LIVE") on; null: there is
	 * none; undefined: more than `mostEdges` edges between the states.
	 */
	findStarvation(mostEdges: number): number[] | null | undefined {
		const [answer = 2, length = 0, at = 0] = this.#record(this.#instance.exports.exploreLive(mostEdges), 3);
		const round = [...this.#record(at, length)];
		this.run(0);
		return answer === 2 ? undefined : answer === 1 ? round : null;
	}

	/** Schedules at random, until one meets a hazard that is not in `known`, or there were `walks` of them. */
	walk(options: { seed: bigint; walks: number; steps: number; known?: readonly HazardCode[] }): RandomWalk {
		const { exports } = this.#instance;
		if (this.#walking !== options.steps) exports.walksBegin(options.seed, options.steps);
		this.#walking = options.steps;
		const known = (options.known ?? []).reduce((mask, code) => mask | (1 << HAZARD_CODES.indexOf(code)), 0);
		const record = this.#record(exports.walksRun(options.walks, options.steps, known), 7);
		const [walks = 0, met = 0, hazards = 0, about = 0, count = 0, at = 0, steps = 0] = record;
		if (!met) return { walks, steps, found: [], about: 0, actions: [] };
		return { walks, steps, found: codesIn(hazards), about, actions: [...this.#record(at, count)] };
	}

	/** Goes through a schedule from the start: the state before it, and after each action with what it did. */
	*replay(actions: Iterable<number>): Generator<ReplayedStep> {
		const { exports } = this.#instance;
		const at = exports.machineStart();
		yield { action: null, hazards: [], about: 0, state: this.#unpack(at) };
		for (const action of actions) {
			const [done = 0, hazards = 0, about = 0] = this.#record(exports.machineApply(at, action >>> 0), 3);
			if (done === 0) throw new Error(`action ${action} cannot happen here`);
			yield { action: unpackAction(action), hazards: codesIn(hazards), about, state: this.#unpack(at) };
		}
		const [, , , , hazards = 0] = this.#record(exports.machineEnumerate(at), 5);
		if (hazards) yield { action: null, hazards: codesIn(hazards), about: 0, state: this.#unpack(at) };
	}

	/** The block at the start. */
	start(): Uint8Array {
		return this.#copy(this.#instance.exports.machineStart());
	}

	/**
	 * What can happen to a block, one action at a time: for embedding and for tests against the search. Hazards of the block
	 * itself (a deadlock) come with no action.
	 */
	successors(block: Uint8Array): { action: number | null; block: Uint8Array; hazards: HazardCode[] }[] {
		const { exports } = this.#instance;
		this.#scratch ||= exports.machineStart();
		const put = () => new Uint8Array(exports.memory.buffer, this.#scratch, this.stateBytes).set(block);
		put();
		const [count = 0, at = 0, goesOn = 0, isOver = 0, own = 0] = this.#record(
			exports.machineEnumerate(this.#scratch),
			5,
		);
		const found: ReturnType<Explorer["successors"]> = [];
		const stuck = !goesOn && !isOver ? (["LIVE"] as const) : [];
		if (own || stuck.length > 0) found.push({ action: null, block, hazards: [...codesIn(own), ...stuck] });
		for (const action of this.#record(at, count).slice()) {
			put();
			const [done = 0, hazards = 0] = this.#record(exports.machineApply(this.#scratch, action), 2);
			if (done === 1) found.push({ action, block: this.#copy(this.#scratch), hazards: codesIn(hazards) });
		}
		return found;
	}

	#copy(at: number): Uint8Array {
		return new Uint8Array(this.#instance.exports.memory.buffer, at, this.stateBytes).slice();
	}

	#unpack(at: number): MachineState {
		const block = new Uint8Array(this.#instance.exports.memory.buffer, at, this.stateBytes);
		return unpackState(block, this.#layout, this.program, this.assembled);
	}
}
