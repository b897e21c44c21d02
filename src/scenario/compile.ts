import type { Instruction, Program } from "../../bindings/program.ts";
import type { Scenario } from "./ast.ts";
import { Coder, type Edit } from "./code.ts";
import { declare } from "./declare.ts";
import { librariesOf } from "./libraries.ts";
import { LIMITS } from "./limits.ts";
import { type Params, type ResolvedParams, resolveParams } from "./params.ts";
import { printScenario } from "./print.ts";
import { problemIn } from "./problem.ts";
import { readScenario } from "./read.ts";
import { sourceOf } from "./source.ts";
import type { Symbols } from "./symbols.ts";

/** A scenario with a text: its own, or the one it prints as, so that errors and hazards can point to lines. */
export function withSource(scenario: Scenario): Scenario {
	return sourceOf(scenario) ? scenario : readScenario(printScenario(scenario));
}

/** A scenario as the program that the machine runs, for one choice of parameters. */
export function compileScenario(scenario: Scenario, params: Params = {}): Program {
	const whole = withSource(scenario);
	return compileResolved(whole, resolveParams(whole, params));
}

/** `edit`: what is written instead of a statement. */
export function compileResolved(scenario: Scenario, params: ResolvedParams, edit?: Edit): Program {
	const source = sourceOf(scenario)!;
	if (scenario.kind === "library")
		throw problemIn(source, scenario, "SCENARIO_TYPE", "a library is used by scenarios and does not run itself");
	const symbols = declare(scenario, params, source);
	const libraries = librariesOf(scenario, source);
	const { program } = symbols;
	let room: number = LIMITS.instructions;
	for (const [i, { actor }] of symbols.instances.entries()) {
		const { code, registers } = new Coder(symbols, libraries, i, room, edit).write(actor);
		room -= code.length;
		program.actors[i]!.code = code;
		program.actors[i]!.registers = registers.map((name) => name.replace(/^.*:/, ""));
	}
	dropIdle(program);
	dropUnused(program, scenario.vars.length);
	program.symmetric = symmetricGroups(program, symbols);
	return program;
}

/** Handlers without code of interrupts that nobody has to answer. */
function dropIdle(program: Program): void {
	const stays = program.actors.map(({ kind, code }) => kind !== "nmi" || code.length > 0);
	if (stays.every(Boolean)) return;
	const moved = stays.map((_, i) => stays.slice(0, i).filter(Boolean).length);
	program.actors = program.actors.filter((_, i) => stays[i]);
	for (const instruction of instructionsOf(program))
		if (instruction.op === "join") instruction.actor = moved[instruction.actor]!;
}

/** Variables of libraries that nothing uses. */
function dropUnused(program: Program, own: number): void {
	const used = new Set(program.vars.keys());
	for (let i = own; i < program.vars.length; i++) used.delete(i);
	const all = [...instructionsOf(program)];
	for (const instruction of all) if ("at" in instruction && instruction.at.in === "var") used.add(instruction.at.var);
	const moved = program.vars.map((_, i) => [...used].filter((one) => one < i).length);
	for (const instruction of all) {
		if ("at" in instruction && instruction.at.in === "var")
			instruction.at = { ...instruction.at, var: moved[instruction.at.var]! };
	}
	program.vars = program.vars.filter((_, i) => used.has(i));
}

function* instructionsOf(program: Program): Generator<Instruction> {
	for (const { code } of program.actors) yield* code;
}

/** CPUs that run the same actors, and that nothing tells apart by number. */
function symmetricGroups(program: Program, symbols: Symbols): number[][] {
	const named = new Set<number>();
	for (const instruction of instructionsOf(program)) {
		if (instruction.op === "interrupt" && typeof instruction.to === "object") named.add(instruction.to.cpu);
		if (instruction.op === "join") named.add(program.actors[instruction.actor]!.cpu ?? -1);
	}
	const groups = new Map<string, number[]>();
	for (const cpu of symbols.unpinned) {
		if (named.has(cpu)) continue;
		const actors = program.actors.filter((actor) => actor.cpu === cpu);
		const same = JSON.stringify(actors.map(({ kind, spontaneous, mm, code }) => [kind, spontaneous, mm, code]));
		groups.set(same, [...(groups.get(same) ?? []), cpu]);
	}
	return [...groups.values()].filter((group) => group.length > 1);
}
