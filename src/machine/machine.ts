import type { Hardware } from "../../bindings/assemble.ts";
import { HAZARD_CODES, type HazardCode } from "../../bindings/hazards.ts";
import { HeldMachine, type NotASnapshot } from "../../bindings/machine.ts";
import type { Instruction, Program } from "../../bindings/program.ts";
import type { ProgramCore } from "../../bindings/program-core.ts";
import { readState } from "../../bindings/state.ts";
import { StalemateError } from "../errors.ts";
import { hardwareFor } from "../hardware.ts";
import { badOption } from "../input/options.ts";
import { profileFrom } from "../profiles/parse.ts";
import { cpusOf } from "../profiles/resolve/sharing.ts";
import type { ProfileId } from "../profiles/shipped.ts";
import type { Profile } from "../profiles/types.ts";
import type { Action, Doing, Happening } from "./action.ts";
import { type Change, changes } from "./diff.ts";
import { decode, encode, Fields, operationOf } from "./encode.ts";
import { aboutOf, eventOf, type MachineEvent } from "./event.ts";
import { describeState, type MachineState } from "./inspect.ts";
import { describe, type MachineOptions, type Names } from "./options.ts";
import { impossible, refusal } from "./refusal.ts";

/** What an action came to. */
export interface Outcome {
	/** What a load, an atomic operation or a device's read gave. */
	value?: number;
	/** What the oracle found wrong with it, and what that is about: of several of one code the last; all are events. */
	hazards: { code: HazardCode; about: string }[];
}

/** Whether an action has a value as soon as it is done. */
function gives(action: Action): boolean {
	if (action.do === "load" || action.do === "rmw") return action.defer !== true;
	if (action.do === "tlb-read") return true;
	return action.do === "fetch" || action.do === "dma-read";
}

const NOT_A_SNAPSHOT: Record<NotASnapshot, string> = {
	bytes: "these bytes are no snapshot, or only part of one",
	version: "the snapshot was taken by another version of this package",
	machine: "the snapshot is of a machine with another profile, or other pages, CPUs or options",
	state: "the snapshot is damaged: this machine has no such state",
};

/** A small machine that is told what to do, one action after the other. Made by `core.machine()`. */
export class Machine {
	/** The hardware, as far as a program can tell. */
	readonly hardware: Hardware;
	readonly #held: HeldMachine;
	readonly #program: Program;
	readonly #names: Names;
	#listener: ((events: MachineEvent[]) => void) | undefined;

	/** @internal */
	constructor(core: ProgramCore, profile: Profile | ProfileId, given: MachineOptions) {
		const base = profileFrom(profile);
		const { program, names, options } = describe(given);
		this.hardware = hardwareFor(base, program, options);
		const most = cpusOf(base);
		if (most !== undefined && names.cpus > most) {
			throw badOption("cpus", `is ${names.cpus}, and profile ${base.id} has ${most}`);
		}
		this.#program = program;
		this.#names = names;
		for (let cpu = 0; cpu < names.cpus; cpu++) {
			program.actors.push(this.#handler(cpu, "irq", options.irq ?? []), this.#handler(cpu, "nmi", options.nmi ?? []));
		}
		try {
			this.#held = new HeldMachine(core, program, this.hardware);
		} catch (cause) {
			if (cause instanceof RangeError) throw new StalemateError("OUT_OF_MEMORY", cause.message, {}, { cause });
			const what = "the machine is too large: take fewer CPUs, pages, colours or lines";
			throw new StalemateError("BAD_OPTION", `${what} (${String(cause)})`, { path: "pages" }, { cause });
		}
	}

	#handler(cpu: number, kind: "irq" | "nmi", actions: readonly Doing[]): Program["actors"][number] {
		const code = actions.map((action, number): Instruction => {
			const path = `${kind}[${number}]`;
			if (action?.do === "mispredict") throw impossible(`${path}.do`, "is mispredict: a handler has no branches");
			const fields = new Fields(action, path);
			const operation = operationOf(action, fields, this.#names);
			fields.flag("defer", false);
			fields.whole("cpu", cpu, cpu, cpu);
			fields.end();
			return { ...operation, line: number + 1, text: action.do };
		});
		return { name: `${kind} of CPU ${cpu}`, cpu, kind, registers: [], code };
	}

	/**
	 * Does an action, or all of a list in one call of the core. Where one cannot be done an error is thrown that says which
	 * and why, and the machine is as it was before the first: BAD_ACTION (it names what is not there), UNMAPPED,
	 * ALREADY_MAPPED, FREED, REFUSED (not now).
	 */
	apply(action: Action): Outcome;
	apply(actions: readonly Action[]): Outcome[];
	apply(given: Action | readonly Action[]): Outcome | Outcome[] {
		const actions = Array.isArray(given) ? (given as readonly Action[]) : [given as Action];
		const path = (number: number) => (Array.isArray(given) ? `actions[${number}]` : "action");
		const commands = actions.map((action, number) =>
			encode(action, path(number), this.#names, this.#program, this.hardware),
		);
		const { done, answers, events, lost } = this.#held.command(commands);
		if (done < actions.length) {
			const { reason, value } = answers[done]!;
			throw refusal(
				actions[done]!,
				path(done),
				reason,
				value,
				this.#names.frames[0] ?? "",
				this.hardware.model !== "sc",
			);
		}
		const outcomes = answers.map(
			({ hazards, value }, number): Outcome => ({
				...(gives(actions[number]!) && { value }),
				hazards: hazards.map(({ hazard, about }) => this.#hazard(hazard, about)),
			}),
		);
		if (this.#listener) {
			const told = events.map((event) => eventOf(event, this.#program, this.#names));
			if (lost > 0) told.push({ event: "lost", action: actions.length - 1, count: lost });
			this.#listener(told);
		}
		return Array.isArray(given) ? outcomes : outcomes[0]!;
	}

	#hazard(hazard: number, about: number): Outcome["hazards"][number] {
		const code = HAZARD_CODES[hazard]!;
		return { code, about: aboutOf(code, about, this.#program, this.#names) };
	}

	/** Everything that could happen next by itself. */
	enabled(): Happening[] {
		return Array.from(this.#held.enabled(), (action) => decode(action, this.#names, this.#program));
	}

	/** The machine as it is: bytes that `restore` of a machine made alike takes. */
	snapshot(): Uint8Array {
		return this.#held.snapshot();
	}

	/** Goes back to a snapshot. Throws BAD_SNAPSHOT where it is of another machine or version, or damaged. */
	restore(snapshot: Uint8Array): void {
		const problem = this.#held.restore(bytesOf(snapshot));
		if (problem) throw new StalemateError("BAD_SNAPSHOT", NOT_A_SNAPSHOT[problem]);
	}

	/** What differs between two snapshots, or between one and the machine as it is now. */
	diff(before: Uint8Array, after?: Uint8Array): Change[] {
		return changes(this.inspect(before), this.inspect(after));
	}

	/** All that the machine is, or that it was when a snapshot was taken. */
	inspect(snapshot?: Uint8Array): MachineState {
		const block = snapshot === undefined ? this.#held.state() : this.#held.blockOf(bytesOf(snapshot));
		if (typeof block === "string") throw new StalemateError("BAD_SNAPSHOT", NOT_A_SNAPSHOT[block]);
		const registers = this.#held.assembled.registers.map(({ length }) => length);
		return describeState(readState(block, this.#held.layout, this.#program, registers), this.#program, this.#names);
	}

	/** Tells the events of each call of `apply`, all at once, after it; null: no more. */
	watch(listener: ((events: MachineEvent[]) => void) | null): void {
		this.#listener = listener ?? undefined;
		this.#held.watch(this.#listener !== undefined);
	}
}

function bytesOf(snapshot: unknown): Uint8Array {
	if (snapshot instanceof Uint8Array) return snapshot;
	throw new StalemateError("BAD_SNAPSHOT", "a snapshot is a Uint8Array, as snapshot() gives it");
}
