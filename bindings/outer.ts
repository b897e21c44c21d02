import { StalemateError } from "../src/errors.ts";
import type { MachineConfig } from "./config.ts";
import type { CacheCounts, Counts } from "./counts.ts";
import type { CoreExports } from "./exports.ts";
import type { Core } from "./instantiate.ts";
import {
	AT_FETCH,
	AT_POSTED_FILL,
	AT_VICTIM,
	AT_WALK,
	AT_WRITE,
	AT_WRITE_BACK,
	AT_WRITE_FILL,
	AT_WRITE_THROUGH,
	RECORDED_ROOM,
} from "./layout/machine.ts";
import { KIND_FETCH, KIND_READ, KIND_WRITE } from "./layout/records.ts";
import type { PassCore } from "./pass-core.ts";
import type { Reader, TraceFormat } from "./reader.ts";
import { Simulator } from "./simulator.ts";
import { type GeometryCounts, Stacks } from "./stack.ts";

const WRITES: readonly number[] = [AT_WRITE, AT_WRITE_BACK, AT_WRITE_THROUGH];

export interface OuterConfig {
	/** Index of the outermost cache: LRU, written back and allocated in, and nothing inside depends on it. */
	cache: number;
	/** Powers of two, ascending. */
	sets: number[];
	/** The most; ways + 1 < line * smallest number of sets. */
	ways: number;
}

/**
 * Many geometries of the outermost cache of a machine at once: the machine runs, and what reaches that cache goes through
 * stacks. Stacks know reads, writes and fetches; a cache tells more kinds apart, so the same goes through more than once, each
 * time with one kind under the name of a fetch and all other reads under that of a read.
 */
export class Outer {
	readonly config: OuterConfig;
	readonly #simulator: Simulator;
	readonly #stacks = new Map<number, { stacks: Stacks; names: number[] }>();

	constructor(core: Core, passes: PassCore, machine: MachineConfig, config: OuterConfig) {
		this.config = config;
		this.#simulator = new Simulator(core, machine, { recorded: config.cache });
		const { line } = machine.caches[config.cache]!;
		const posts = machine.caches.some(({ write, allocate, line, next }) => {
			return next >= 0 && (write === "through" || !allocate || line < machine.caches[next]!.line);
		});
		const kinds = [AT_FETCH, AT_WRITE_FILL];
		if (posts) kinds.push(AT_POSTED_FILL);
		if (machine.walk.enabled) kinds.push(AT_WALK);
		for (const kind of kinds) {
			const stacks = new Stacks(passes, { lines: [line], sets: config.sets, ways: config.ways, of: "unified" });
			const names = Array.from({ length: AT_VICTIM }, (_, at) => {
				return at === kind ? KIND_FETCH : WRITES.includes(at) ? KIND_WRITE : KIND_READ;
			});
			this.#stacks.set(kind, { stacks, names });
		}
	}

	reader(format: TraceFormat, options: { skip?: boolean } = {}): Reader {
		return this.#simulator.reader(format, { ...options, recorded: (exports) => this.#take(exports) });
	}

	#take(exports: CoreExports): void {
		const count = exports.takeRecorded();
		if (count === 0) return;
		if (count > RECORDED_ROOM)
			throw new StalemateError("OUT_OF_MEMORY", `a batch of references reaches the outermost cache ${count} times`);
		const words = new Uint32Array(exports.memory.buffer, exports.recordedAt(), count * 2);
		const records = new BigUint64Array(words.length >> 1);
		const named = new Uint32Array(records.buffer);
		for (const { stacks, names } of this.#stacks.values()) {
			named.set(words);
			for (let i = 0; i < named.length; i += 2) {
				const word = named[i]!;
				named[i] = (word & -AT_VICTIM) | names[word & (AT_VICTIM - 1)]!;
			}
			stacks.runRecords(records);
		}
	}

	/** The counts of the machine that ran, and what its outermost cache would have counted with other sets and ways. */
	counts(): { own: Counts; at(sets: number, ways: number): CacheCounts } {
		const own = this.#simulator.counts();
		const row = own.caches.find(({ cache }) => cache === this.config.cache)!;
		const { sets, ways } = this.config;
		const grids = new Map([...this.#stacks].map(([kind, { stacks }]) => [kind, stacks.counts()]));
		const at = (kind: number, setCount: number, wayCount: number): GeometryCounts | undefined => {
			return grids.get(kind)?.[sets.indexOf(setCount) * ways + wayCount - 1];
		};
		return {
			own,
			at: (setCount, wayCount) => {
				const fetches = at(AT_FETCH, setCount, wayCount)!;
				const walkReadMisses = at(AT_WALK, setCount, wayCount)?.fetchMisses ?? 0;
				const postedFillMisses = at(AT_POSTED_FILL, setCount, wayCount)?.fetchMisses ?? 0;
				const { evictions, writebacks, fills } = fetches;
				return {
					...row,
					fetchMisses: fetches.fetchMisses,
					readMisses: fetches.readMisses - walkReadMisses,
					writeFillMisses: at(AT_WRITE_FILL, setCount, wayCount)!.fetchMisses + postedFillMisses,
					postedFillMisses,
					writeMisses: fetches.writeMisses,
					walkReadMisses,
					fills,
					evictions,
					writebacks,
				};
			},
		};
	}
}
