import { type Assembled, assemble, type Hardware } from "./assemble.ts";
import type { Core, Instance } from "./instantiate.ts";
import * as X from "./layout/explore.ts";
import type { Program } from "./program.ts";

/** Hazards in the order of their bits. */
export const HAZARD_CODES = [
	"STALE",
	"LOSTW",
	"UAI",
	"CORRUPT",
	"DIRTY",
	"LATEDIRTY",
	"TLB",
	"WALK",
	"MEMTYPE",
	"REFLEAK",
	"REFUNDER",
	"BADPFN",
	"ABBA",
	"SELF",
	"SWAPDEP",
	"LIVE",
	"SPEC",
	"MISS",
	"OVERMAP",
	"LATENT",
] as const;

export type HazardCode = (typeof HAZARD_CODES)[number];

export interface SearchOptions {
	/** Hazards that end the search; default: none, it goes on until all states are seen. */
	stopAt?: readonly HazardCode[];
	/** CPUs with the same program are interchangeable. */
	symmetric?: boolean;
}

export type SearchEnd = "done" | "hazard" | "states" | "depth" | "pause" | "memory";

const ENDS: SearchEnd[] = ["done", "hazard", "states", "depth", "pause", "memory"];

export interface SearchProgress {
	end: SearchEnd;
	states: number;
	expanded: number;
	depth: number;
	transitions: bigint;
	found: HazardCode[];
}

/** A program on its machine in one Wasm instance: searched, or stepped through. */
export class Explorer {
	readonly program: Program;
	readonly assembled: Assembled;
	/** Bytes of a state. */
	readonly stateBytes: number;
	readonly #instance: Instance;
	readonly #start: number;

	constructor(core: Core, program: Program, hardware: Hardware) {
		this.program = program;
		this.assembled = assemble(program, hardware);
		this.#instance = core.instantiate();
		const { exports } = this.#instance;
		const { bytes } = this.assembled;
		const at = exports.allocate(BigInt(bytes.length));
		new Uint8Array(exports.memory.buffer, at, bytes.length).set(bytes);
		const [status = 0, refused = 0, start = 0] = this.#record(exports.exploreBuild(at, bytes.length), 3);
		if (status !== X.PROGRAM_OK) throw new Error(`the core refuses the program: status ${status} at ${refused}`);
		this.#start = start;
		this.stateBytes = this.#record(exports.exploreLayout() + X.BLOCK_BYTES, 1)[0] ?? 0;
	}

	#record(at: number, length: number): Uint32Array {
		return new Uint32Array(this.#instance.exports.memory.buffer, at, length);
	}

	/** Where an observed value is in a block. */
	#offsets(): number[] {
		const { exports } = this.#instance;
		const layout = this.#record(exports.exploreLayout(), 19).slice();
		const places = new Uint16Array(
			exports.memory.buffer,
			layout[X.BLOCK_ACTOR_PLACES / 4],
			this.program.actors.length * 3,
		);
		return (this.program.observed ?? []).map((what) => {
			if ("var" in what) {
				const before = this.program.vars.slice(0, what.var).filter(({ perCpu }) => !perCpu).length;
				return (layout[X.BLOCK_VARS / 4] ?? 0) + before;
			}
			const live = this.assembled.registers[what.actor] ?? [];
			return (places[what.actor * 3 + 1] ?? 0) + live.indexOf(what.reg);
		});
	}

	/** Begins a search; run() goes on with it. */
	begin(options: SearchOptions = {}): void {
		const { exports } = this.#instance;
		const stop = (options.stopAt ?? []).reduce((mask, code) => mask | (1 << HAZARD_CODES.indexOf(code)), 0);
		const offsets = this.#offsets();
		const at = offsets.length > 0 ? exports.allocate(BigInt(offsets.length * 2)) : 0;
		new Uint16Array(exports.memory.buffer, at, offsets.length).set(offsets);
		exports.explore(stop, options.symmetric ? 1 : 0, at, offsets.length);
	}

	/** Searches on, for at most `budget` states, up to `mostStates` in all and `mostDepth` levels. */
	run(budget = 0xffffffff, mostStates = 0xffffffff, mostDepth = 0xffffffff): SearchProgress {
		const at = this.#instance.exports.exploreRun(budget >>> 0, mostStates >>> 0, mostDepth >>> 0);
		const [end = 0, states = 0, expanded = 0, depth = 0] = this.#record(at, 4);
		const view = new DataView(this.#instance.exports.memory.buffer, at);
		const found = view.getUint32(24, true);
		return {
			end: ENDS[end] ?? "memory",
			states,
			expanded,
			depth,
			transitions: view.getBigUint64(16, true),
			found: HAZARD_CODES.filter((_, bit) => found & (1 << bit)),
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

	/** Actions of a shortest way to a hazard that was found. */
	trace(code: HazardCode): Uint32Array {
		const { exports } = this.#instance;
		const most = 65536;
		const at = exports.allocate(BigInt(most * 4));
		const count = exports.exploreTrace(HAZARD_CODES.indexOf(code), at, most);
		return this.#record(at, Math.min(count, most)).slice();
	}

	/** A copy of the start. */
	start(): Uint8Array {
		return new Uint8Array(this.#instance.exports.memory.buffer, this.#start, this.stateBytes).slice();
	}
}
