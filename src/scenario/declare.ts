import type { Program } from "../../bindings/program.ts";
import { suggestion } from "../input/words.ts";
import type { Actor, Expression, Mapping, Scenario, Variable } from "./ast.ts";
import { constant, type Given } from "./evaluate.ts";
import { librariesOf } from "./libraries.ts";
import { LIMITS } from "./limits.ts";
import type { ResolvedParams } from "./params.ts";
import { problemIn } from "./problem.ts";
import type { Source } from "./source.ts";
import type { SymbolKind, Symbols } from "./symbols.ts";

/** A value of memory or of a register. */
export const MOST_VALUE = 255;

/** The declarations of a scenario as the tables of a program, whose actors have no code yet. */
export function declare(scenario: Scenario, params: ResolvedParams, source: Source): Symbols {
	const names: Symbols["names"] = new Map();
	const given = (part: object): Given => ({ params, source, part });
	const amount = (part: object, value: Expression | undefined, otherwise: number, most: number, what: string) =>
		constant(value, otherwise, 0, most, what, given(part));

	const enter = (kind: SymbolKind, list: readonly { name: string }[]) => {
		for (const [index, part] of list.entries()) {
			const { name } = part;
			const other = names.get(name)?.kind ?? (Object.hasOwn(params, name) ? "parameter" : undefined);
			if (other) {
				const message = `${name} is a ${other} already`;
				throw problemIn(source, part, "SCENARIO_NAME", message, { word: name });
			}
			names.set(name, { kind, index });
		}
	};
	const find = (kind: SymbolKind, name: string, part: object): number => {
		const found = names.get(name);
		if (found?.kind === kind) return found.index;
		throw unknownName(source, part, name, kind, names);
	};

	enter("page", scenario.pages);
	enter("table", scenario.tables);
	enter("mm", scenario.mms);
	enter("map", scenario.maps);
	const libraryVars = [...librariesOf(scenario, source).vars.values()].map(({ variable }) => variable);
	for (const variable of libraryVars) {
		const own = scenario.vars.find(({ name }) => name === variable.name);
		if (own) throw problemIn(source, own, "SCENARIO_NAME", `${own.name} is a variable of a library already`);
	}
	const vars: Variable[] = [...scenario.vars, ...libraryVars];
	enter("var", vars);

	const instances = placeActors(scenario, params, source);
	const pinned = new Set(scenario.actors.flatMap((actor) => pin(actor, given(actor)) ?? []));
	const cpus = countCpus(scenario, params, source);
	const onlyMm = scenario.mms.length === 1 ? 0 : undefined;

	const program: Program = {
		name: scenario.name,
		cpus,
		vars: vars.map((part) => ({
			name: part.name,
			initial: amount(part, part.initial, 0, MOST_VALUE, "the value"),
			perCpu: part.perCpu ?? false,
			...(part.lock && { lock: true }),
		})),
		frames: scenario.pages.map((part) => ({
			name: part.name,
			kind: part.kind ?? "ram",
			lines: constant(part.lines, 1, 1, LIMITS.lines, "lines", given(part)),
			references: amount(part, part.refs, 1, MOST_VALUE, "refs"),
			...(part.dirty && { dirty: true }),
		})),
		tables: scenario.tables.map((part) => ({ name: part.name, linked: !part.unlinked })),
		mms: scenario.mms.map(({ name }) => ({ name })),
		vas: scenario.maps.map((part, index) => {
			const frame = find("page", part.page, part);
			const half = part.half ?? "user";
			let mm: number | null = part.mm === undefined ? null : find("mm", part.mm, part);
			if (mm !== null && part.global)
				throw problemIn(source, part, "SCENARIO_TYPE", `${part.name} is global and in ${part.mm}`);
			if (part.mm === undefined && half === "user" && !part.global && scenario.mms.length > 0) {
				if (onlyMm === undefined) {
					const hint = `say which: mm ${scenario.mms.map(({ name }) => name).join(" | ")}, or global`;
					throw problemIn(source, part, "SCENARIO_TYPE", `${part.name} is in no address space`, { hint });
				}
				mm = onlyMm;
			}
			const pte = part.shares === undefined ? index : find("map", part.shares, part);
			if (scenario.maps[pte]!.shares !== undefined && pte !== index) {
				const message = `${part.shares} has no page-table entry of its own to share`;
				throw problemIn(source, part, "SCENARIO_TYPE", message, { word: part.shares });
			}
			if (part.uncached && part.writeThrough)
				throw problemIn(source, part, "SCENARIO_TYPE", `${part.name} is uncached: nothing is written through`);
			const within = part.within === undefined ? undefined : find("map", part.within, part);
			if (within !== undefined) checkPart(scenario, part, scenario.maps[within]!, source);
			return {
				name: part.name,
				frame: part.unmapped ? null : frame,
				writable: !part.readOnly,
				...(part.accessed && { accessed: true }),
				...(part.dirty && { dirty: true }),
				half,
				mm,
				colour: amount(part, part.colour, 0, 255, "colour"),
				table: part.via === undefined ? null : find("table", part.via, part),
				pte,
				...(part.noMoveIn && { noMoveIn: true }),
				...(part.uncached && { uncached: true }),
				...(part.writeThrough && { writeThrough: true }),
				...(part.incoherent && { incoherent: true }),
				...(part.pinned && { pinned: true }),
				...(part.protected && { protected: true }),
				...(within !== undefined && { within }),
				...(part.bound !== undefined && { bound: amount(part, part.bound, 0, LIMITS.lines, "bound") }),
			};
		}),
		actors: instances.map(({ actor, cpu }) => {
			const many = actor.on === "each" || actor.on === "each-other";
			const mm = actor.mm === undefined ? onlyMm : find("mm", actor.mm, actor);
			return {
				name: many ? `${actor.name}@${cpu}` : actor.name,
				cpu,
				kind: actor.kind,
				...(actor.kind === "nmi" && { spontaneous: amount(actor, actor.spontaneous, 0, 255, "spontaneous") }),
				registers: [],
				code: [],
				...(actor.kind === "thread" && mm !== undefined && { mm }),
			};
		}),
		symmetric: [],
	};
	const unpinned = Array.from({ length: cpus }, (_, cpu) => cpu).filter((cpu) => !pinned.has(cpu));
	return { source, params, names, program, instances, unpinned };
}

/** Refuses a mapping that cannot lie in a large page. */
function checkPart(scenario: Scenario, part: Mapping, large: Mapping, source: Source): void {
	const wrong = (message: string, hint?: string) =>
		problemIn(source, part, "SCENARIO_TYPE", message, { word: large.name, ...(hint && { hint }) });
	if (large.within !== undefined || large === part) throw wrong(`${large.name} lies in a large page, and is none`);
	const same = part.half === large.half && part.mm === large.mm && part.global === large.global;
	if (!same) throw wrong(`${part.name} and ${large.name} are not in the same half and address space`);
	const parts = scenario.maps.filter(({ within }) => within === large.name).length;
	const frames = scenario.pages.length - scenario.pages.findIndex(({ name }) => name === large.page);
	if (parts > frames) {
		const hint = `it maps ${parts} pages, in the order in which they are declared, from ${large.page} on`;
		throw wrong(`${large.name} maps more pages than there are`, hint);
	}
}

/** The CPU that an actor is on by number. */
function pin(actor: Actor, given: Given): number | undefined {
	if (typeof actor.on !== "object") return undefined;
	return constant(actor.on.cpu, 0, 0, LIMITS.cpus - 1, "the CPU", given);
}

/** As many as the parameter `cpus` says; without it, as actors ask for. */
function countCpus(scenario: Scenario, params: ResolvedParams, source: Source): number {
	const highest =
		Math.max(-1, ...scenario.actors.map((actor) => pin(actor, { params, source, part: actor }) ?? -1)) + 1;
	if (!Object.hasOwn(params, "cpus")) return Math.max(1, highest);
	const part = scenario.params.find(({ name }) => name === "cpus")!;
	const cpus = constant("cpus", 1, 1, LIMITS.cpus, "cpus", { params, source, part });
	if (highest > cpus) {
		const actor = scenario.actors.find((one) => (pin(one, { params, source, part: one }) ?? -1) >= cpus);
		throw problemIn(source, actor, "SCENARIO_TYPE", `there are ${cpus} CPUs, from 0 to ${cpus - 1}`);
	}
	return cpus;
}

/** An actor on each other cpu is on every CPU that no actor names by number. */
function placeActors(scenario: Scenario, params: ResolvedParams, source: Source): Symbols["instances"] {
	const all = Array.from({ length: countCpus(scenario, params, source) }, (_, cpu) => cpu);
	const pinned = new Set(scenario.actors.map((actor) => pin(actor, { params, source, part: actor })));
	const others = all.filter((cpu) => !pinned.has(cpu));
	const names = new Set<string>();
	const handlers = new Set<string>();
	const result: Symbols["instances"] = [];
	for (const actor of scenario.actors) {
		if (actor.name !== actor.kind) {
			if (names.has(actor.name))
				throw problemIn(source, actor, "SCENARIO_NAME", `there are two actors ${actor.name}`, { word: actor.name });
			names.add(actor.name);
		}
		if (typeof actor.on === "string" && !Object.hasOwn(params, "cpus")) {
			const hint = "add: param cpus = 2..4";
			throw problemIn(source, actor, "SCENARIO_PARAM", "how many CPUs there are is not said", { word: "cpu", hint });
		}
		const cpu = pin(actor, { params, source, part: actor });
		const on = actor.on === undefined ? [null] : actor.on === "each" ? all : cpu === undefined ? others : [cpu];
		for (const place of on) {
			if (actor.kind === "irq" || actor.kind === "nmi") {
				const key = `${actor.kind} ${place}`;
				if (handlers.has(key))
					throw problemIn(source, actor, "SCENARIO_NAME", `CPU ${place} has two handlers for its ${actor.kind}`);
				handlers.add(key);
			}
			result.push({ actor, cpu: place });
			if (result.length > LIMITS.actors)
				throw problemIn(source, actor, "SCENARIO_LIMIT", `more than ${LIMITS.actors} actors`);
		}
	}
	return result;
}

/** What a name stands for where something else is needed. */
export function unknownName(source: Source, part: object, name: string, wanted: SymbolKind, names: Symbols["names"]) {
	const found = names.get(name);
	const same = [...names].filter(([, { kind }]) => kind === wanted).map(([one]) => one);
	const hint = same.length > 0 ? suggestion(name, same) : `declare one: ${wanted} ${name}`;
	const message = found ? `${name} is a ${found.kind}, where a ${wanted} is needed` : `there is no ${wanted} ${name}`;
	const code = found ? "SCENARIO_TYPE" : "SCENARIO_NAME";
	return problemIn(source, part, code, message, { word: name, hint });
}
