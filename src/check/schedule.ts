import type { Action } from "../../bindings/actions.ts";
import type { Explorer, ReplayedStep } from "../../bindings/explorer.ts";
import type { HazardCode } from "../../bindings/hazards.ts";
import type { Instruction, Program } from "../../bindings/program.ts";
import type { CachedLine, MachineState } from "../../bindings/unpack-state.ts";

/** One step of a schedule. */
export interface ScheduleStep {
	/** From 1. */
	step: number;
	/** The CPU in whose lane it stands; null: a device, or what all CPUs share. */
	cpu: number | null;
	/** Whose operation it is; null: nobody's, the hardware acts by itself. */
	actor: string | null;
	/** The hardware chose when: also the moment at which a pending operation of an actor's is performed. */
	spontaneous: boolean;
	/** Line of the source; 0: none. */
	line: number;
	/** What happens, as the source says it, or in words. */
	text: string;
	action: Action;
	/** Hazards that it is. */
	hazards: HazardCode[];
	/** What is stale after it. */
	stale: string[];
	/** The state after it. */
	state: MachineState;
}

/** A schedule: what happens in which order, from the start to a hazard. */
export interface Schedule {
	/** What it leads to. */
	code: HazardCode;
	/** What that is about: a line, mapping, frame, table or actor of the program, by number. */
	about: number;
	/** Actions as the core numbers them: what replays it. */
	actions: number[];
	/** The first of the steps that repeat for ever, up to the last; null: it ends. */
	repeatsFrom: number | null;
	/** TLBs are the sets of what they could hold. */
	mayHold: boolean;
	start: MachineState;
	steps: ScheduleStep[];
	/** What happens in the end, in words. */
	ends: string;
}

/** `round`: what repeats for ever after it. */
export function scheduleOf(explorer: Explorer, code: HazardCode, round?: number[] | null): Schedule {
	return scheduleFrom(explorer, code, [...explorer.trace(code)], round);
}

/** The schedule of these actions, at the end of which there is that hazard. */
export function scheduleFrom(
	explorer: Explorer,
	code: HazardCode,
	before: number[],
	round: number[] | null = null,
): Schedule {
	const { program, mayHold } = explorer;
	const actions = [...before, ...(round ?? [])];
	const { start, steps, about } = stepsOf(explorer, actions, code);
	const rest = { code, actions, mayHold, start, steps };
	if (!round) return { ...rest, about, repeatsFrom: null, ends: meaning(program, code, about, start, steps) };
	const last = steps.at(-1);
	last?.hazards.push(code);
	const waiting = explorer.aboutOf(code);
	const who = program.actors[waiting]?.name ?? "an actor";
	const ends = `steps ${before.length + 1} to ${steps.length} repeat for ever, fair to all, and ${who} does not come to its end`;
	return { ...rest, about: waiting, repeatsFrom: before.length + 1, ends };
}

/** Lets actions happen. `about` is of the last hazard, of those with `code` if it is given. */
export function stepsOf(
	explorer: Explorer,
	actions: Iterable<number>,
	code?: HazardCode,
): { start: MachineState; steps: ScheduleStep[]; about: number } {
	const { program } = explorer;
	const steps: ScheduleStep[] = [];
	let before: MachineState | undefined;
	let start: MachineState | undefined;
	let about = 0;
	for (const replayed of explorer.replay(actions)) {
		if (code ? replayed.hazards.includes(code) : replayed.hazards.length > 0) about = replayed.about;
		if (before && replayed.action) steps.push(stepOf(program, before, replayed, replayed.action, steps.length + 1));
		else if (before) steps.at(-1)?.hazards.push(...replayed.hazards);
		before = replayed.state;
		start ??= replayed.state;
	}
	return { start: start as MachineState, steps, about };
}

function stepOf(
	program: Program,
	before: MachineState,
	after: ReplayedStep,
	action: Action,
	step: number,
): ScheduleStep {
	const { cpu, actor, line, text } = describe(program, before, action);
	const { hazards, state } = after;
	const spontaneous = action.kind !== "step" && action.kind !== "defer";
	const issued = !spontaneous && cpu !== null && pendingOn(state, cpu) > pendingOn(before, cpu);
	return {
		step,
		cpu,
		actor,
		spontaneous,
		line,
		text: issued ? `${text} (issued)` : text,
		action,
		hazards: [...hazards],
		stale: staleIn(program, state),
		state,
	};
}

function pendingOn(state: MachineState, cpu: number): number {
	return state.pending.filter((entry) => entry.cpu === cpu).length;
}

interface Described {
	cpu: number | null;
	actor: string | null;
	line: number;
	text: string;
}

function describe(program: Program, before: MachineState, action: Action): Described {
	const va = (number: number) => program.vas[number]?.name ?? `mapping ${number}`;
	switch (action.kind) {
		case "step":
		case "defer": {
			const actor = program.actors[action.actor];
			const { first: i, shown, operations } = operationsAt(program, before, action.actor);
			let text = [...new Set(operations.map((one) => one.text))].map(withoutMacro).join("; ") || (shown?.text ?? "");
			if (action.kind === "step" && i?.op === "each" && action.visits !== undefined) text += ` (CPU ${action.visits})`;
			if (action.kind === "step" && i?.op === "unless") text += ` (guessed: it ${action.guess})`;
			return { cpu: actor?.cpu ?? null, actor: actor?.name ?? null, line: shown?.line ?? 0, text };
		}
		case "perform": {
			const entry = before.pending.filter(({ cpu }) => cpu === action.cpu)[action.which];
			const i = entry && program.actors[entry.actor]?.code[entry.instruction];
			const done = i?.op === "load" || i?.op === "await" ? "(now performed)" : "(now visible)";
			const actor = entry ? (program.actors[entry.actor]?.name ?? null) : null;
			return { cpu: action.cpu, actor, line: i?.line ?? 0, text: `${i?.text ?? "a pending operation"} ${done}` };
		}
		case "deliver": {
			const handler = program.actors[action.handler];
			const text = `${handler?.kind === "nmi" ? "NMI" : "interrupt"}: ${handler?.name} begins`;
			return { cpu: action.cpu, actor: null, line: 0, text };
		}
		case "walk":
			return { cpu: action.cpu, actor: null, line: 0, text: `the page walker looks up ${va(action.va)}, unasked` };
		case "tlb-evict":
			return { cpu: action.cpu, actor: null, line: 0, text: `the TLB drops ${va(action.va)}` };
		case "tlb-drop":
			return { cpu: action.cpu, actor: null, line: 0, text: `the TLB does what was posted: it drops ${va(action.va)}` };
		case "walk-cache-evict": {
			const table = program.tables[action.table]?.name;
			return { cpu: action.cpu, actor: null, line: 0, text: `the walker's cache drops ${table}` };
		}
		case "move-in": {
			const text = `a line moves in through ${va(action.va)}, unasked`;
			return { cpu: action.cpu, actor: null, line: 0, text };
		}
		case "evict":
		case "write-back": {
			const line = before.lines.find((one) => slotOf(program, one) === action.slot && isAt(one, action));
			const shared = line?.cpu === null;
			const what = line ? lineName(program, line) : "a line";
			const how = line?.dirty ? "dirty" : "clean";
			const text =
				action.kind === "evict" ? `${how} line ${what} is evicted` : `dirty line ${what} is written back, and stays`;
			return { cpu: shared ? null : action.cpu, actor: null, line: 0, text };
		}
	}
}

/** What an actor's next step does: one operation, or all of one line that is joined. */
export function operationsAt(program: Program, before: MachineState, actor: number) {
	const code = program.actors[actor]?.code ?? [];
	const at = before.actors[actor]?.at ?? 0;
	const first = code[at];
	// A loop's choice of a CPU and the first operation there are one step.
	const body = first?.op === "each" ? code[at + 1] : first;
	const shown = body && first?.op === "each" && body.line > 0 ? body : first;
	const operations: Instruction[] = shown ? [shown] : [];
	for (let i = code.indexOf(shown as Instruction) + 1; operations.length > 0 && code[i]?.joined; i++)
		operations.push(code[i]!);
	return { first, shown, operations };
}

/** The macro is named once. */
function withoutMacro(text: string, i: number): string {
	return i === 0 ? text : text.replace(/^[\w.-]+: /, "");
}

function isAt(line: MachineState["lines"][number], action: { level: number; cpu: number }): boolean {
	return line.level === action.level && (line.cpu === null || line.cpu === action.cpu);
}

export function slotOf(program: Program, line: MachineState["lines"][number]): number {
	const lines = program.frames.reduce((sum, frame) => sum + frame.lines, 0);
	return (line.colour ?? 0) * lines + lineNumber(program, line.frame, line.line);
}

function lineNumber(program: Program, frame: number, line: number): number {
	return program.frames.slice(0, frame).reduce((sum, { lines }) => sum + lines, 0) + line;
}

/** A line of a page; by whose colour it is cached, where that matters. */
export function lineName(program: Program, line: Pick<CachedLine, "frame" | "line"> & Partial<CachedLine>): string {
	const frame = program.frames[line.frame];
	const page = `${frame?.name ?? "?"}${(frame?.lines ?? 1) > 1 ? `[${line.line}]` : ""}`;
	if (line.fetched) return `${page} in the instruction cache`;
	if (line.colour === null || line.colour === undefined) return line.level ? `${page} in the outer cache` : page;
	const by = program.vas.filter((va) => va.colour === line.colour).map((va) => va.name);
	return `${page} under ${by.join("/") || `colour ${line.colour}`}`;
}

/** What is stale in a state: lines older than the latest version, translations that the page table no longer gives. */
export function staleIn(program: Program, state: MachineState): string[] {
	const cpu = (number: number | null) => (number === null ? "" : `CPU${number} `);
	return [
		...state.lines.filter((line) => line.stale).map((line) => `${cpu(line.cpu)}${lineName(program, line)}`),
		...state.memory
			.filter((line) => line.stale)
			.map((line) => `memory of ${lineName(program, { frame: line.frame, line: line.line })}`),
		...state.tlb
			.filter((entry) => entry.stale || entry.condemned)
			.map((entry) => `CPU${entry.cpu} TLB ${program.vas[entry.va]?.name} -> ${program.frames[entry.frame]?.name}`),
		...state.walkCaches
			.filter(({ table }) => state.tables[table]?.freed || !state.tables[table]?.linked)
			.map(({ cpu: number, table }) => `CPU${number} walker's cache -> ${program.tables[table]?.name}`),
	];
}

/** What a hazard means here, in words. */
function meaning(
	program: Program,
	code: HazardCode,
	about: number,
	start: MachineState,
	steps: ScheduleStep[],
): string {
	const last = steps.at(-1);
	const doing =
		last?.action.kind === "step"
			? operationsAt(program, steps.at(-2)?.state ?? start, last.action.actor).operations.map(({ op }) => op)
			: [];
	const who = last?.actor ?? (last ? `the hardware of CPU ${last.cpu}` : "the start");
	const line = () => {
		let number = about;
		for (const frame of program.frames) {
			if (number < frame.lines) return frame.lines > 1 ? `${frame.name}[${number}]` : frame.name;
			number -= frame.lines;
		}
		return "a line";
	};
	const frame = program.frames[about]?.name ?? "a page";
	const va = program.vas[about]?.name ?? "a mapping";
	const words: Record<HazardCode, () => string> = {
		STALE: () => `${who} reads an older version of ${line()} than the latest`,
		LOSTW: () => `the newest data of ${line()} are lost`,
		UAI: () => `${who} reads ${frame} after its owner was told that nobody would`,
		CORRUPT: () => `${who} writes ${frame} after its owner was told that nobody would`,
		DIRTY: () => `${frame} was written, never marked dirty since, and loses its mapping`,
		LATEDIRTY: () => `${frame} is marked dirty at the wrong time: before its last write, or after it was unmapped`,
		TLB: () =>
			last?.actor
				? `${who} accesses ${va} through a translation that had been flushed`
				: `${who} takes a second translation of ${va} beside one that was not broken before`,
		WALK: () => `a page walk reads table ${program.tables[about]?.name ?? "page"}, which was freed`,
		MEMTYPE: () =>
			doing.includes("map-as")
				? `${frame} gets the wrong memory type`
				: `${who} accesses ${frame} in a way that does not fit what a cache holds of it`,
		REFLEAK: () => `a reference to ${frame} is never dropped`,
		REFUNDER: () => `a reference to ${frame} is dropped that was not taken`,
		BADPFN: () => `the struct page of ${frame} is used, and there is none`,
		ABBA: () => `actors wait for each other's locks in a circle`,
		SELF: () => `${program.actors[about]?.name ?? "an actor"} waits for itself`,
		SWAPDEP: () => `actors wait in a circle that passes through memory reclaim`,
		LIVE: () => `nothing of the program can go on`,
		SPEC: () => `the processor runs ahead and loads beyond ${va}`,
		MISS: () => `a CPU is said to be up to date, and still holds an old translation of ${va}`,
		OVERMAP: () => `${who} accesses beyond the end of ${va}`,
		LATENT: () => `${frame} is handed over while a line of it is still cached`,
	};
	return words[code]();
}
