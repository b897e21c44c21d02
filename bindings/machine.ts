import { type Assembled, assemble, type Hardware } from "./assemble.ts";
import { encode } from "./assemble-instruction.ts";
import type { ProgramExports } from "./exports.ts";
import type { Instance } from "./instantiate.ts";
import { ABI_VERSION } from "./layout/abi.ts";
import * as X from "./layout/explore.ts";
import * as H from "./layout/hold.ts";
import type { Operation, Program } from "./program.ts";
import type { ProgramCore } from "./program-core.ts";
import { type Layout, layoutOf } from "./state.ts";

/** How an operation is done: at once, left pending, transiently; map and unmap: a store to a PTE that must not, must be present. */
export type How = "execute" | "defer" | "hit" | "transient" | "map" | "unmap";

/** What a machine is told: an operation of a driver (its CPU's number, or the devices'), or one of enabled(). */
export type Command = { how: How; actor: number; operation: Operation } | { action: number };

export interface Answer {
	/** REFUSED_* of layout/hold.ts; 0: done. */
	reason: number;
	hazards: { hazard: number; about: number }[];
	/** What a load, read-modify-write or device read gave; of a lock that was refused its owner + 1. */
	value: number;
}

/** EVENT_* of layout/hold.ts with its numbers. */
export interface RawEvent {
	kind: number;
	where: number;
	what: number;
	about: number;
	/** Number of the command in its batch. */
	command: number;
}

const HOW: Record<How, number> = {
	execute: H.HOLD_EXECUTE,
	defer: H.HOLD_DEFER,
	hit: H.HOLD_HIT,
	transient: H.HOLD_TRANSIENT,
	map: H.HOLD_MAP,
	unmap: H.HOLD_UNMAP,
};

/** Events of one batch that are kept. */
const MOST_EVENTS = 65536;

/** "SMHS", the layouts' version, what was configured (64 bits), bytes of the block. */
const MAGIC = 0x53484d53;
const SNAPSHOT_HEADER = 20;

/** Why bytes are no snapshot of a machine. */
export type NotASnapshot = "bytes" | "version" | "machine" | "state";

/** A machine in a Wasm instance of its own that is told what to do, operation by operation. */
export class HeldMachine {
	readonly program: Program;
	readonly assembled: Assembled;
	readonly layout: Layout;
	readonly #instance: Instance<ProgramExports>;
	readonly #at: number;
	readonly #size: number;
	/** Operations encode the same each time. */
	readonly #fingerprint: bigint;
	#room = 0;
	#commands = 0;
	#answers = 0;
	#spare = 0;
	#events = 0;
	#watched = false;

	/** Throws what exploreBuild() refuses, as PROGRAM_*. */
	constructor(core: ProgramCore, program: Program, hardware: Hardware) {
		this.program = program;
		this.assembled = assemble(program, hardware, { held: true });
		this.#instance = core.instantiate();
		const { exports } = this.#instance;
		const { bytes } = this.assembled;
		const at = this.#allocate(bytes.length);
		this.#bytes(at, bytes.length).set(bytes);
		const [status = 0, refused = 0] = this.#record(exports.exploreBuild(at, bytes.length), 2);
		if (status !== X.LOADED_OK) throw new Error(`the core refuses the machine: status ${status} at ${refused}`);
		const [ok = 0, held = 0, size = 0] = this.#record(exports.hold(), 3);
		if (!ok) throw new RangeError("no memory is left");
		this.#at = held;
		this.#size = size;
		this.#fingerprint = fingerprint(bytes);
		this.layout = layoutOf(new Uint8Array(exports.memory.buffer), exports.exploreLayout(), program, hardware);
	}

	#allocate(bytes: number): number {
		const at = this.#instance.exports.allocate(BigInt(bytes));
		if (!at) throw new RangeError("no memory is left");
		return at;
	}

	#record(at: number, length: number): Uint32Array {
		return new Uint32Array(this.#instance.exports.memory.buffer, at, length);
	}

	/** Made anew each time: memory that grows leaves old views empty. */
	#bytes(at: number, length: number): Uint8Array {
		return new Uint8Array(this.#instance.exports.memory.buffer, at, length);
	}

	/** All commands, or none of them: `done` is how many there are, or the number of the one that was refused. */
	command(commands: readonly Command[]): { done: number; answers: Answer[]; events: RawEvent[]; lost: number } {
		this.#makeRoom(commands.length);
		const view = this.#bytes(this.#commands, commands.length * H.COMMAND_SIZE).fill(0);
		const data = new DataView(view.buffer, view.byteOffset, view.length);
		commands.forEach((command, number) => {
			const at = number * H.COMMAND_SIZE;
			if ("action" in command) {
				data.setUint8(at + H.COMMAND_HOW, H.HOLD_HAPPEN);
				data.setUint32(at + H.COMMAND_ACTION, command.action, true);
				return;
			}
			data.setUint8(at + H.COMMAND_HOW, HOW[command.how]);
			data.setUint8(at + H.COMMAND_ACTOR, command.actor);
			view.set(encode(command.operation, this.program), at + H.COMMAND_CODE);
		});
		const { exports } = this.#instance;
		const record = exports.holdCommand(this.#commands, commands.length, this.#answers);
		const [done = 0, told = 0] = this.#record(record, 2);
		const given = Math.min(done + 1, commands.length);
		return {
			done,
			answers: Array.from({ length: given }, (_, number) => this.#answer(number)),
			events: this.#watched ? this.#told(Math.min(told, MOST_EVENTS)) : [],
			lost: this.#watched ? Math.max(told - MOST_EVENTS, 0) : 0,
		};
	}

	#makeRoom(commands: number): void {
		if (commands <= this.#room) return;
		this.#room = Math.max(64, commands, this.#room * 2);
		this.#commands = this.#allocate(this.#room * H.COMMAND_SIZE);
		this.#answers = this.#allocate(this.#room * H.ANSWER_SIZE);
	}

	#answer(number: number): Answer {
		const { buffer } = this.#instance.exports.memory;
		const data = new DataView(buffer, this.#answers + number * H.ANSWER_SIZE, H.ANSWER_SIZE);
		const bits = data.getUint32(H.ANSWER_HAZARDS, true);
		const hazards = [];
		for (let hazard = 0; hazard < X.HAZARDS; hazard++) {
			if (bits & (1 << hazard)) hazards.push({ hazard, about: data.getUint8(H.ANSWER_ABOUTS + hazard) });
		}
		return {
			reason: data.getUint32(H.ANSWER_REASON, true),
			hazards,
			value: data.getUint32(H.ANSWER_VALUE, true),
		};
	}

	#told(count: number): RawEvent[] {
		const data = new DataView(this.#instance.exports.memory.buffer, this.#events, count * H.TOLD_SIZE);
		return Array.from({ length: count }, (_, number) => {
			const at = number * H.TOLD_SIZE;
			return {
				kind: data.getUint8(at + H.TOLD_KIND),
				where: data.getUint8(at + H.TOLD_WHERE),
				what: data.getUint8(at + H.TOLD_WHAT),
				about: data.getUint8(at + H.TOLD_ABOUT),
				command: data.getUint32(at + H.TOLD_COMMAND, true),
			};
		});
	}

	/** Actions that can happen now: ACT_* of layout/explore.ts. */
	enabled(): Uint32Array {
		const { exports } = this.#instance;
		const [count = 0, at = 0] = this.#record(exports.machineEnumerate(this.#at), 2);
		return this.#record(at, count).slice();
	}

	watch(on: boolean): void {
		if (on && !this.#events) this.#events = this.#allocate(MOST_EVENTS * H.TOLD_SIZE);
		this.#watched = on;
		this.#instance.exports.holdWatch(on ? this.#events : 0, on ? MOST_EVENTS : 0);
	}

	/** The block as it is, without a copy: good until the next call. */
	state(): Uint8Array {
		return this.#bytes(this.#at, this.#size);
	}

	snapshot(): Uint8Array {
		const bytes = new Uint8Array(SNAPSHOT_HEADER + this.#size);
		const data = new DataView(bytes.buffer);
		data.setUint32(0, MAGIC, true);
		data.setUint32(4, ABI_VERSION, true);
		data.setBigUint64(8, this.#fingerprint, true);
		data.setUint32(16, this.#size, true);
		bytes.set(this.state(), SNAPSHOT_HEADER);
		return bytes;
	}

	/** The block in a snapshot of a machine like this one, or why it is none. */
	blockOf(snapshot: Uint8Array): Uint8Array | NotASnapshot {
		if (snapshot.length < SNAPSHOT_HEADER) return "bytes";
		const data = new DataView(snapshot.buffer, snapshot.byteOffset, snapshot.length);
		if (data.getUint32(0, true) !== MAGIC) return "bytes";
		if (data.getUint32(4, true) !== ABI_VERSION) return "version";
		if (data.getBigUint64(8, true) !== this.#fingerprint) return "machine";
		if (data.getUint32(16, true) !== this.#size || snapshot.length !== SNAPSHOT_HEADER + this.#size) return "bytes";
		return snapshot.subarray(SNAPSHOT_HEADER);
	}

	/** Puts a snapshot in the machine's place; why not, where it is none of it. */
	restore(snapshot: Uint8Array): NotASnapshot | undefined {
		const block = this.blockOf(snapshot);
		if (typeof block === "string") return block;
		this.#spare ||= this.#allocate(this.#size);
		this.#bytes(this.#spare, this.#size).set(block);
		return this.#instance.exports.holdRestore(this.#spare) ? undefined : "state";
	}
}

/** FNV-1a, 64 bits. */
function fingerprint(bytes: Uint8Array): bigint {
	let hash = 0xcbf29ce484222325n;
	for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
	return hash;
}
