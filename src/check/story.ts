// Why a schedule ends as it does: told from its states, which say when a copy was made, when it became old, who went on
// without noticing, and who used it.

import type { Instruction, Program } from "../../bindings/program.ts";
import type { MachineState } from "../../bindings/unpack-state.ts";
import { lineName, operationsAt, type Schedule, type ScheduleStep, slotOf } from "./schedule.ts";

/** Something that had to happen. */
export interface Cause {
	/** Step of the schedule; 0: so at the start. */
	step: number;
	/** A sentence without its end: "CPU1 cached U". */
	what: string;
	/** By which line: "load r0 <- U". */
	how?: string;
}

/** Why a schedule ends as it does. */
export interface Story {
	/** In their order; the last is the hazard itself. */
	causes: Cause[];
	/** All of it in one sentence. */
	text: string;
}

/** Tells why a schedule ends as it does, from its states. */
export function storyOf(program: Program, schedule: Schedule): Story {
	const found = new Teller(program, schedule).causes();
	const seen = new Set<string>();
	const causes = found
		.filter(({ step, what }) => !seen.has(`${step} ${what}`) && seen.add(`${step} ${what}`))
		.sort((a, b) => a.step - b.step);
	causes.push({ step: schedule.steps.length, what: schedule.ends });
	const parts = causes.map(({ step, what, how }, i) => {
		if (schedule.repeatsFrom !== null && i === causes.length - 1) return i > 0 ? `and ${what}` : what;
		const when = step === 0 ? "at the start" : `at step ${step}`;
		return i > 0 && i === causes.length - 1 ? `and ${when} ${what}` : `${what} ${when}${how ? ` (${how})` : ""}`;
	});
	const text = parts.join("; ");
	return { causes, text: `${text}.` };
}

type Line = MachineState["lines"][number];

/** Where a copy of a line is. */
interface Place {
	level: number;
	cpu: number | null;
	colour: number | null;
	fetched: boolean;
}

class Teller {
	readonly #program: Program;
	readonly #schedule: Schedule;
	/** The start, and what is after each step. */
	readonly #states: MachineState[];
	readonly #causes: Cause[] = [];
	/** Number of the last step. */
	readonly #end: number;

	constructor(program: Program, schedule: Schedule) {
		this.#program = program;
		this.#schedule = schedule;
		this.#states = [schedule.start, ...schedule.steps.map(({ state }) => state)];
		this.#end = schedule.steps.length;
	}

	causes(): Cause[] {
		const { code, about } = this.#schedule;
		switch (code) {
			case "STALE":
				this.#stale(about);
				break;
			case "LOSTW":
				this.#lost(about);
				break;
			case "LATENT":
				this.#latent(about);
				break;
			case "TLB":
			case "MISS":
				this.#translation(about);
				break;
			case "WALK":
				this.#walk(about);
				break;
			case "UAI":
			case "CORRUPT":
				this.#late(about);
				break;
			case "DIRTY":
			case "LATEDIRTY":
				this.#marked(about);
				break;
			case "REFLEAK":
			case "REFUNDER":
				this.#steps(({ op, frame }) => op === "ref" && frame === about);
				break;
			case "MEMTYPE":
			case "BADPFN":
				this.#add(0, `${this.#program.frames[about]?.name} was ${KINDS[this.#program.frames[about]?.kind ?? "ram"]}`);
				break;
			case "ABBA":
			case "SELF":
			case "SWAPDEP":
			case "LIVE":
				if (this.#schedule.repeatsFrom === null) this.#waiting();
				break;
			case "SPEC":
			case "OVERMAP":
				this.#guesses();
		}
		return this.#causes;
	}

	/** `how`: by what the step does; else nothing the program does. */
	#add(step: number, what: string, how = step > 0): void {
		this.#causes.push({ step, what, ...(how && { how: this.#text(step) }) });
	}

	#state(after: number): MachineState {
		return this.#states[after]!;
	}

	#step(number: number): ScheduleStep {
		return this.#schedule.steps[number - 1]!;
	}

	/** What a step does; of a pending operation, when it is performed. */
	#operations({ step, action }: ScheduleStep): { actor: number; operations: Instruction[] } {
		const before = this.#state(step - 1);
		if (action.kind === "step" || action.kind === "defer")
			return { actor: action.actor, operations: operationsAt(this.#program, before, action.actor).operations };
		if (action.kind !== "perform") return { actor: -1, operations: [] };
		const entry = before.pending.filter(({ cpu }) => cpu === action.cpu)[action.which];
		const instruction = entry && this.#program.actors[entry.actor]?.code[entry.instruction];
		return { actor: entry?.actor ?? -1, operations: instruction ? [instruction] : [] };
	}

	#who({ actor, cpu }: ScheduleStep): string {
		if (actor !== null) return actor;
		return cpu === null ? "the hardware" : `CPU${cpu}`;
	}

	#text(step: number): string {
		return this.#step(step).text.replace(/ \((issued|now)[^)]*\)$/, "");
	}

	/** Steps that do something of a kind. */
	#steps(wanted: (operation: Flat) => boolean, verb = ""): void {
		for (const step of this.#schedule.steps.slice(0, -1)) {
			if (this.#operations(step).operations.some((one) => wanted(one as Flat)))
				this.#add(step.step, `${this.#who(step)} ${verb || "did"}`);
		}
	}

	/** The claim that makes what comes after it a hazard. */
	#claim(wanted: (operation: Flat) => boolean): number {
		const found = this.#schedule.steps.find((step) =>
			this.#operations(step).operations.some((one) => one.op === "claim" && wanted(one as Flat)),
		);
		if (!found || found.step === this.#end) return 0;
		const claim = this.#operations(found).operations.find((one) => one.op === "claim");
		if (claim?.op === "claim") this.#add(found.step, `${this.#who(found)} ${this.#claimed(claim)}`);
		return found.step;
	}

	#claimed(claim: Extract<Instruction, { op: "claim" }>): string {
		const { frames, vas } = this.#program;
		const frame = "frame" in claim ? frames[claim.frame]?.name : "";
		switch (claim.claim) {
			case "released":
				return `told the owner of ${frame} that nobody would touch it any more`;
			case "recycled":
				return `gave ${frame} to somebody else`;
			case "flushed":
				return `took ${vas[claim.va]?.name} for flushed everywhere`;
			case "handed-over":
				return `handed ${frame} over`;
			case "gained":
				return `took ${frame} over`;
			case "up-to-date":
				return "took the translations for up to date";
			case "unmapped":
				return `took away the last mapping of ${frame}`;
			case "balanced":
				return `was through with ${frame}`;
		}
	}

	// Lines

	#frameLine(number: number): { frame: number; line: number } {
		let left = number;
		for (const [frame, { lines }] of this.#program.frames.entries()) {
			if (left < lines) return { frame, line: left };
			left -= lines;
		}
		return { frame: 0, line: 0 };
	}

	#copies(after: number, number: number): Line[] {
		const { frame, line } = this.#frameLine(number);
		return this.#state(after).lines.filter((one) => one.frame === frame && one.line === line);
	}

	#copy(after: number, number: number, place: Place | null): { stale: boolean; version: number } | undefined {
		const { frame, line } = this.#frameLine(number);
		if (!place) return this.#state(after).memory.find((one) => one.frame === frame && one.line === line);
		return this.#copies(after, number).find((one) => isAt(one, place));
	}

	#name(number: number, place: Place | null): string {
		const { frame, line } = this.#frameLine(number);
		const name = lineName(this.#program, { frame, line });
		if (!place) return `memory of ${name}`;
		const copy = lineName(this.#program, { ...place, frame, line });
		return place.cpu === null ? copy : `CPU${place.cpu}'s copy of ${copy}`;
	}

	/** How an old copy came to be where it is after a step. */
	#trail(number: number, place: Place | null, after: number): void {
		let step = after;
		while (step > 0 && this.#copy(step - 1, number, place)?.stale) step--;
		if (step === 0) return;
		const { action } = this.#step(step);
		const moves = action.kind === "evict" || action.kind === "write-back" || action.kind === "move-in";
		if (!moves && this.#latest(step, number) !== this.#latest(step - 1, number)) {
			const newest = this.#copies(step, number).find(({ stale }) => !stale);
			const where = newest ? `, which stayed in ${this.#name(number, newest)}` : "";
			this.#add(step, `${this.#who(this.#step(step))} wrote newer data${where && `${where},`}`);
			if (this.#copy(step - 1, number, place)) this.#made(number, place, step - 1);
			return;
		}
		const from = this.#from(number, place, step);
		if (from === undefined) return;
		this.#add(step, `old data went from ${this.#name(number, from)} to ${this.#name(number, place)}`);
		this.#trail(number, from, step - 1);
	}

	#latest(after: number, number: number): number | undefined {
		const { frame, line } = this.#frameLine(number);
		return this.#state(after).memory.find((one) => one.frame === frame && one.line === line)?.latest;
	}

	/** Where a step took an old copy from. */
	#from(number: number, place: Place | null, step: number): Place | null | undefined {
		const { action } = this.#step(step);
		const before = this.#copies(step - 1, number).filter((one) => one.stale && !(place && isAt(one, place)));
		if (action.kind === "evict" || action.kind === "write-back") {
			const moved = before.find(
				(one) =>
					one.level === action.level &&
					(one.cpu ?? action.cpu) === action.cpu &&
					slotOf(this.#program, one) === action.slot,
			);
			if (moved) return moved;
		}
		const after = this.#copies(step, number);
		const left = before.find((one) => !after.some((other) => isAt(other, one)));
		if (left) return left;
		const outer = before.filter(
			(one) => place && one.level > place.level && (one.cpu === null || one.cpu === place.cpu),
		);
		if (outer[0]) return outer[0];
		return place && this.#copy(step - 1, number, null)?.stale ? null : undefined;
	}

	#made(number: number, place: Place | null, after: number): void {
		let step = after;
		while (step > 0 && this.#copy(step - 1, number, place)) step--;
		if (!place) return;
		if (step === 0) this.#add(0, `${this.#name(number, place)} was there`);
		else {
			const by = this.#step(step);
			this.#add(step, `CPU${by.cpu ?? 0} cached ${this.#short(number, place)}`);
		}
	}

	#short(number: number, place: Place): string {
		const { frame, line } = this.#frameLine(number);
		return lineName(this.#program, { ...place, frame, line });
	}

	#stale(number: number): void {
		const last = this.#schedule.steps.at(-1);
		if (!last) return;
		const { operations } = this.#operations(last);
		const access = operations.map((one) => ("at" in one ? one.at : undefined)).find((at) => at?.in === "page");
		const fetch = operations.find((one) => one.op === "fetch");
		const colour = this.#program.vas[access?.in === "page" ? access.va : (fetch?.va ?? -1)]?.colour;
		const reachable = this.#copies(this.#end - 1, number)
			.filter((one) => one.cpu === null || one.cpu === last.cpu)
			.filter((one) => one.colour === null || one.colour === colour)
			.filter((one) => (fetch ? one.fetched || one.cpu === null : !one.fetched))
			.sort((a, b) => Number(b.fetched) - Number(a.fetched) || a.level - b.level);
		const hit = reachable[0] ?? null;
		this.#trail(number, hit, this.#end - 1);
	}

	#lost(number: number): void {
		const gone = this.#copies(this.#end - 1, number).filter(({ dirty }) => dirty);
		const after = this.#copies(this.#end, number);
		const lost = gone.find((one) => !after.some((other) => isAt(other, one) && other.dirty)) ?? gone[0];
		if (!lost) return;
		if (lost.stale) this.#trail(number, lost, this.#end - 1);
		let step = this.#end - 1;
		const dirty = (at: number) => this.#copies(at, number).some((one) => isAt(one, lost) && one.dirty);
		while (step > 0 && dirty(step - 1)) step--;
		if (step > 0) this.#add(step, `${this.#who(this.#step(step))} wrote ${this.#short(number, lost)}`);
	}

	#latent(frame: number): void {
		for (const copy of this.#state(this.#end).lines.filter((one) => one.frame === frame)) {
			const number = this.#program.frames.slice(0, frame).reduce((sum, { lines }) => sum + lines, copy.line);
			this.#made(number, copy, this.#end);
		}
	}

	// Translations

	#translation(va: number): void {
		const user = this.#schedule.steps.at(-1)?.cpu ?? 0;
		const held = (after: number, cpu: number) => this.#state(after).tlb.find((one) => one.cpu === cpu && one.va === va);
		const old = this.#state(this.#end - 1).tlb.filter((one) => one.va === va && (one.stale || one.condemned));
		const cpu = (old.find((one) => one.cpu === user) ?? old[0])?.cpu;
		if (cpu === undefined) return;
		const name = this.#program.vas[va]?.name;
		let cached = this.#end - 1;
		while (cached > 0 && held(cached - 1, cpu)) cached--;
		this.#add(cached, cached === 0 ? `CPU${cpu} held the translation of ${name}` : `CPU${cpu} cached ${name}`);
		let removed = cached;
		while (removed < this.#end && !held(removed, cpu)?.stale) removed++;
		if (removed === this.#end) return;
		this.#add(removed, `${this.#who(this.#step(removed))} changed its page-table entry`);
		this.#unheeded(removed, cpu);
		this.#acknowledged(removed, cpu, name ?? "it");
		const condemned = this.#states.findIndex((_, i) => i > 0 && held(i, cpu)?.condemned);
		const frame = held(this.#end - 1, cpu)?.frame;
		const claimed = this.#claim((one) => one.frame === frame || one.va === va);
		if (claimed === 0 && condemned > 0) {
			this.#add(condemned, `${this.#who(this.#step(condemned))} went on as if it was gone`);
		}
	}

	/** Flushes elsewhere, which an entry outlives. */
	#unheeded(since: number, cpu: number): void {
		for (const step of this.#schedule.steps.slice(since)) {
			if (step.cpu === cpu) continue;
			const flush = this.#operations(step).operations.find(({ op }) => op === "tlb-flush");
			if (flush?.op === "tlb-flush" && flush.scope === "local")
				this.#add(step.step, `${this.#who(step)} flushed only the TLB of CPU${step.cpu}`);
		}
	}

	/** The last store of a CPU that another one waited for, while the CPU held what it should have dropped. */
	#acknowledged(since: number, cpu: number, what: string): void {
		let found: ScheduleStep | undefined;
		for (const step of this.#schedule.steps.slice(since, -1)) {
			if (step.cpu !== cpu || step.actor === null) continue;
			const changed = this.#changed(step.step);
			const read = this.#schedule.steps.slice(step.step, -1).some((later) => {
				return later.cpu !== cpu && this.#operations(later).operations.some((one) => changed.includes(readsVar(one)));
			});
			if (read) found = step;
		}
		if (found) this.#add(found.step, `${this.#who(found)} acknowledged without having dropped ${what}`);
	}

	/** Variables that a step changed. */
	#changed(step: number): number[] {
		const before = this.#state(step - 1).vars;
		return this.#state(step).vars.flatMap(({ var: number, value }, i) => (before[i]?.value === value ? [] : [number]));
	}

	#walk(table: number): void {
		const cpu = this.#schedule.steps.at(-1)?.cpu ?? 0;
		const name = this.#program.tables[table]?.name;
		const knows = (after: number) =>
			this.#state(after).walkCaches.some((one) => one.cpu === cpu && one.table === table);
		if (knows(this.#end - 1)) {
			let cached = this.#end - 1;
			while (cached > 0 && knows(cached - 1)) cached--;
			this.#add(cached, `CPU${cpu}'s page walker remembered ${name}`);
		}
		const first = (wanted: (one: MachineState["tables"][number]) => boolean) =>
			this.#states.findIndex((state) => state.tables.some((one) => one.table === table && wanted(one)));
		const unlinked = first(({ linked }) => !linked);
		if (unlinked > 0) {
			this.#add(unlinked, `${this.#who(this.#step(unlinked))} unlinked it`);
			this.#unheeded(unlinked, cpu);
			this.#acknowledged(unlinked, cpu, "it");
		}
		const freed = first((one) => one.freed);
		if (freed > 0 && freed < this.#end) this.#add(freed, `${this.#who(this.#step(freed))} freed it`);
	}

	// Order

	/** An access after its time. */
	#late(frame: number): void {
		const last = this.#schedule.steps.at(-1);
		if (!last) return;
		const { actor } = this.#operations(last);
		this.#claim((one) => one.frame === frame);
		const issued = this.#issuedAt(last);
		if (issued) this.#add(issued.step, `${this.#who(issued)} began the access`);
		this.#overtaken();
		const end = issued?.step ?? last.step;
		// What the actor relied on, and what came of that afterwards.
		for (const step of this.#schedule.steps.slice(0, end).reverse()) {
			const mine = this.#operations(step);
			if (mine.actor !== actor || step.step === last.step) continue;
			const number = mine.operations.map(readsVar).find((one) => one >= 0) ?? -1;
			const seen = this.#var(step.step, number);
			if (number < 0 || (this.#var(this.#end, number) === seen && !this.#pendingTo(number, actor))) continue;
			const name = this.#program.vars[number]?.name;
			if (!this.#causes.some((cause) => cause.step === step.step))
				this.#add(step.step, `${this.#who(step)} read ${name} = ${seen}`);
			const change = this.#schedule.steps.find(
				(one) => one.step > step.step && this.#changed(one.step).includes(number),
			);
			if (change) this.#add(change.step, `${this.#who(change)} set ${name} to ${this.#var(change.step, number)}`);
			break;
		}
	}

	#var(after: number, number: number): number | undefined {
		return this.#state(after).vars.find((one) => one.var === number)?.value;
	}

	/** Whether another actor's store to a variable is still on its way at the end. */
	#pendingTo(number: number, but: number): boolean {
		return this.#state(this.#end).pending.some(({ actor, instruction }) => {
			const one = this.#program.actors[actor]?.code[instruction];
			return actor !== but && one?.op === "store" && one.at.in === "var" && one.at.var === number;
		});
	}

	/** The step at which an operation was issued that this step performs. */
	#issuedAt(performed: ScheduleStep): ScheduleStep | undefined {
		if (performed.action.kind !== "perform") return undefined;
		const [instruction] = this.#operations(performed).operations;
		return this.#schedule.steps
			.slice(0, performed.step - 1)
			.reverse()
			.find(
				(step) =>
					!step.spontaneous && step.cpu === performed.cpu && this.#operations(step).operations.includes(instruction!),
			);
	}

	/** Reads of a variable to which a store was on its way. */
	#overtaken(): void {
		for (const step of this.#schedule.steps) {
			const { actor, operations } = this.#operations(step);
			const number = operations.map(readsVar).find((one) => one >= 0) ?? -1;
			if (number < 0 || step.text.includes("(issued")) continue;
			const entry = this.#state(step.step).pending.find((one) => {
				const store = this.#program.actors[one.actor]?.code[one.instruction];
				return one.actor !== actor && store?.op === "store" && store.at.in === "var" && store.at.var === number;
			});
			if (!entry) continue;
			const { name, code } = this.#program.actors[entry.actor]!;
			const store = code[entry.instruction]!;
			this.#add(
				step.step,
				`${this.#who(step)} still read ${this.#program.vars[number]?.name} = ${this.#var(step.step, number)}, ` +
					`while "${store.text}" of ${name} was not yet visible,`,
			);
		}
		for (const step of this.#schedule.steps.slice(0, -1)) {
			if (step.action.kind === "perform" && step.action.which > 0)
				this.#add(step.step, `an operation of ${this.#who(step)} overtook what stands before it`);
		}
	}

	#marked(frame: number): void {
		const mapped = (va: number | undefined) => va !== undefined && this.#program.vas[va]?.frame === frame;
		this.#steps(
			(one) => (one.op === "store" || one.op === "rmw") && one.at?.in === "page" && mapped(one.at.va),
			"wrote it",
		);
		this.#steps((one) => one.op === "page" && one.frame === frame, "accounted for it");
		this.#claim((one) => one.frame === frame);
	}

	// Waiting

	#waiting(): void {
		const state = this.#state(this.#end);
		for (const { actor, at } of state.actors) {
			const { name = "", code = [] } = this.#program.actors[actor] ?? {};
			const now = at === null ? undefined : code[at];
			if (!now || !["lock", "join", "await"].includes(now.op)) continue;
			for (const [number, { lock, name: what }] of this.#program.vars.entries()) {
				if (!lock || this.#var(this.#end, number) !== actor + 1) continue;
				let taken = this.#end;
				while (taken > 0 && this.#var(taken - 1, number) === actor + 1) taken--;
				this.#add(taken, `${name} took ${what}`);
			}
			this.#causes.push({ step: this.#end, what: `${name} waits`, how: now.text });
		}
	}

	#guesses(): void {
		for (const step of this.#schedule.steps) {
			if (
				step.action.kind === "step" &&
				step.action.guess !== undefined &&
				this.#operations(step).operations[0]?.op === "unless"
			)
				this.#add(step.step, "the processor guessed a branch and ran ahead");
		}
	}
}

/** An operation, whatever it is, by the fields that some have. */
interface Flat {
	op: string;
	frame?: number;
	va?: number;
	at?: { in: string; va?: number };
}

function isAt(one: Place, place: Place): boolean {
	return one.level === place.level && one.cpu === place.cpu && one.colour === place.colour;
}

/** The variable that an operation reads, or -1. */
function readsVar(one: Instruction): number {
	const reads = one.op === "load" || one.op === "await" || one.op === "rmw" || one.op === "lock";
	return reads && one.at.in === "var" ? one.at.var : -1;
}

const KINDS = {
	ram: "ordinary RAM",
	hole: "a hole that has a struct page",
	"no-struct-page": "a page without a struct page",
	"driver-reserved": "RAM that a driver has reserved",
	zero: "the zero page",
	"zone-device": "a page of ZONE_DEVICE",
	tail: "a tail page with no compound head",
	"compound-head": "the head of a compound page",
	"compound-tail": "a tail of a compound page",
};
