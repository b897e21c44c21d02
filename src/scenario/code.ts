import type { Compare, Instruction, Location, Operation, Program, Value } from "../../bindings/program.ts";
import type { ScenarioErrorCode } from "../errors.ts";
import { choice, quote, suggestion } from "../input/words.ts";
import type { Actor, Condition, Expression, Statement, Step, Test } from "./ast.ts";
import { MOST_VALUE, unknownName } from "./declare.ts";
import { Emitter, type Label, type Origin } from "./emit.ts";
import { constant, evaluate, type Given, isTrue } from "./evaluate.ts";
import type { Library } from "./libraries.ts";
import { LIMITS } from "./limits.ts";
import { printHead, printStep } from "./print.ts";
import { problemIn } from "./problem.ts";
import type { Scope } from "./scope.ts";
import { outerScope } from "./scope.ts";
import { placeIn, type Source, spanOf } from "./source.ts";
import { substituteStep } from "./substitute.ts";
import type { SymbolKind, Symbols } from "./symbols.ts";
import { findVerb, type Verb, verbNames } from "./verbs.ts";

/** A loop is written out as often as it goes round, up to this many instructions; beyond, a register counts. */
const UNROLLED = 64;

/** A statement that is about to be written out. */
export interface Written {
	statement: Statement;
	/** The macro or actor that it stands in. */
	owner: { name: string; body: readonly Statement[] };
	/** Of a step: with parameters and operands put in. */
	step?: Step;
	source: Source;
}

/** What is written out instead of a statement that is decided at run time; steps on a line with others: a step or nothing. */
export type Edit = (written: Written) => readonly Statement[];

/** Writes the statements of one actor out as instructions. */
export class Coder {
	readonly #symbols: Symbols;
	readonly #libraries: Library;
	readonly #emitter: Emitter;
	readonly #instance: number;
	#loops = 0;
	#written = 0;
	#looping = false;
	#counters = 0;
	readonly #edit: Edit | undefined;
	#owner: Written["owner"] = { name: "", body: [] };
	/** Line of the scenario's own text that calls the macro being written out. */
	#site: { line: number; part: object } | undefined;
	/** Text that the statements being written out stand in: the scenario's or a library's. */
	#source: Source;
	/** Registers by name, and the statement that first reads one that nothing has set. */
	readonly #set = new Set<string>();
	readonly #read = new Map<string, { part: object; source: Source; word: string }>();

	constructor(symbols: Symbols, libraries: Library, instance: number, room: number, edit?: Edit) {
		this.#symbols = symbols;
		this.#libraries = libraries;
		this.#instance = instance;
		this.#source = symbols.source;
		this.#emitter = new Emitter(symbols.source, room);
		this.#edit = edit;
	}

	get program(): Program {
		return this.#symbols.program;
	}

	get instances(): Symbols["instances"] {
		return this.#symbols.instances;
	}

	get instance(): number {
		return this.#instance;
	}

	write(actor: Actor): { code: Instruction[]; registers: string[] } {
		this.#owner = actor;
		this.#body(actor.body, outerScope());
		for (const [name, { part, source, word }] of this.#read) {
			if (this.#set.has(name)) continue;
			const names = [...this.#set, ...this.#symbols.names.keys(), ...Object.keys(this.#symbols.params)];
			const hint = names.length > 0 ? suggestion(word, names) : undefined;
			throw problemIn(
				source,
				part,
				"SCENARIO_NAME",
				`nothing is called ${word}, and no register of that name is ever set`,
				{
					word,
					hint,
				},
			);
		}
		return this.#emitter.finish();
	}

	#body(body: readonly Statement[], scope: Scope): void {
		for (const statement of body) for (const one of this.#edited(statement, scope)) this.#statement(one, scope);
	}

	#edited<T extends Statement>(statement: T, scope: Scope): readonly T[] {
		if (!this.#edit) return [statement];
		const condition = "if" in statement ? statement.if : "while" in statement ? statement.while : undefined;
		if (condition !== undefined && evaluate(condition, this.given(statement, scope)) !== undefined) return [statement];
		const step =
			"do" in statement && substituteStep(statement, this.#verbOf(statement, scope), scope, this.#symbols.params);
		const written = { statement, owner: this.#owner, source: this.#source, ...(step && { step }) };
		return this.#edit(written) as readonly T[];
	}

	#statement(statement: Statement, scope: Scope): void {
		// Macros in macros may come to nothing, and take long for it.
		if (++this.#written > LIMITS.statements)
			throw this.fail(statement, "SCENARIO_LIMIT", `more than ${LIMITS.statements} statements, with those of macros`);
		if ("do" in statement) this.#step(statement, scope);
		else if ("joined" in statement) this.#joined(statement.joined, scope);
		else if ("if" in statement) this.#if(statement, scope);
		else if ("while" in statement) this.#while(statement, scope);
		else if ("each" in statement) this.#each(statement, scope);
		else this.#repeat(statement, scope);
	}

	/** Several statements on a line are one step: only the first may wait, and each must be one instruction. */
	#joined(steps: readonly Step[], scope: Scope): void {
		let first = true;
		for (const step of steps.flatMap((one) => this.#edited(one, scope))) {
			const before = this.#emitter.length;
			this.#step(step, scope);
			const made = this.#emitter.length - before;
			if (made > 1) {
				const message = `${quote(step.do)} takes ${made} steps, and a line is one step`;
				throw this.fail(step, "SCENARIO_TYPE", message, step.do, "write it on a line of its own");
			}
			if (made === 0) continue;
			const last = this.#emitter.last()!;
			if (last.op === "set" || last.op === "jump" || last.op === "work") {
				const message = `${quote(step.do)} makes no step that others could be joined with`;
				throw this.fail(step, "SCENARIO_TYPE", message, step.do, "write it on a line of its own");
			}
			if (first) {
				first = false;
				continue;
			}
			if (mayWait(last)) {
				const message = `${quote(step.do)} may have to wait, and a line is one step`;
				throw this.fail(step, "SCENARIO_TYPE", message, step.do, "write it first, or on a line of its own");
			}
			last.joined = true;
		}
	}

	#step(step: Step, scope: Scope): void {
		const word = this.#verbOf(step, scope);
		const macro = this.#libraries.macros.get(word);
		if (macro) {
			this.#macro(word, step, scope);
			return;
		}
		const found = findVerb(word);
		if (!found) {
			const names = [...verbNames(), ...this.#libraries.macros.keys()];
			throw this.fail(step, "SCENARIO_NAME", `there is no statement ${quote(word)}`, step.do, suggestion(word, names));
		}
		if (step.orFault && !found.verb.mayFault)
			throw this.fail(step, "SCENARIO_SYNTAX", `${quote(word)} cannot fault`, "or");
		const span = spanOf(step);
		const line = this.#site?.line ?? (span ? placeIn(this.#source, span.from).line : 0);
		const shown = printStep(substituteStep(step, word, scope, this.#symbols.params));
		const inside = scope.inside.at(-1);
		const text = inside === undefined ? shown : `${inside}: ${shown}`;
		new Writer(this, step, scope, found.verb, found.modifiers, { line, text, part: this.#site?.part ?? step }).write();
	}

	/** The words of a statement, with the values of those in braces. */
	#verbOf(step: Step, scope: Scope): string {
		return step.do.replace(/\.?\{(\w[\w-]*)\}/g, (_, name: string) => {
			const value = evaluate(name, { ...this.given(step, scope), code: false });
			if (value === undefined || value === name) {
				const known = Object.keys(this.#symbols.params);
				throw this.fail(step, "SCENARIO_PARAM", `there is no parameter ${name}`, name, suggestion(name, known));
			}
			return value === "none" ? "" : `.${value}`;
		});
	}

	#macro(name: string, step: Step, scope: Scope): void {
		const { macro, source } = this.#libraries.macros.get(name)!;
		if (scope.inside.includes(name)) {
			const message = `the macro ${name} contains itself`;
			throw this.fail(step, "SCENARIO_LOOP", message, step.do, [...scope.inside, name].join(" -> "));
		}
		if (scope.inside.length >= LIMITS.depth)
			throw this.fail(step, "SCENARIO_LIMIT", `macros in macros, more than ${LIMITS.depth} deep`, step.do);
		const given = [...(step.args ?? []), ...(step.from ?? [])];
		if (given.length !== macro.params.length || step.test || step.orFault) {
			const form = [name, ...macro.params].join(" ");
			const message = `${name} takes ${macro.params.length} operands, not ${given.length}`;
			throw this.fail(step, "SCENARIO_TYPE", message, step.do, `it is written: ${form}`);
		}
		const inner: Scope = {
			args: new Map(macro.params.map((param, i) => [param, { expression: given[i]!, scope }])),
			loops: new Set(),
			prefix: `${name}:`,
			labels: { known: new Map(), outer: undefined },
			inside: [...scope.inside, name],
		};
		const [outerSource, outerSite, outerOwner] = [this.#source, this.#site, this.#owner];
		const span = spanOf(step);
		this.#site ??= { line: span ? placeIn(this.#source, span.from).line : 0, part: step };
		this.#source = source;
		this.#owner = macro;
		this.#body(macro.body, inner);
		this.#owner = outerOwner;
		this.#source = outerSource;
		this.#site = outerSite;
	}

	#if(statement: Extract<Statement, { if: Condition }>, scope: Scope): void {
		const given = this.given(statement, scope);
		const known = evaluate(statement.if, given);
		if (known !== undefined) {
			this.#body(isTrue(known, given) ? statement.body : (statement.else ?? []), scope);
			return;
		}
		const origin = this.#origin(statement, printHead({ ...statement }).slice(0, -1));
		const otherwise = this.#emitter.newLabel();
		this.#branch(statement.if, false, otherwise, origin, scope, statement.predict);
		this.#body(statement.body, scope);
		if (statement.else) {
			const end = this.#emitter.newLabel();
			this.#emitter.emit({ op: "jump", target: end }, { ...origin, text: "else" });
			this.#emitter.place(otherwise);
			this.#body(statement.else, scope);
			this.#emitter.place(end);
		} else this.#emitter.place(otherwise);
	}

	#while(statement: Extract<Statement, { while: Condition }>, scope: Scope): void {
		const given = this.given(statement, scope);
		const known = evaluate(statement.while, given);
		if (known !== undefined && !isTrue(known, given)) return;
		const origin = this.#origin(statement, printHead(statement).slice(0, -1));
		const again = this.#emitter.newLabel();
		const end = this.#emitter.newLabel();
		this.#emitter.place(again);
		if (known === undefined) this.#branch(statement.while, false, end, origin, scope);
		this.#body(statement.body, scope);
		this.#emitter.emit({ op: "jump", target: again }, { ...origin, text: "again" });
		this.#emitter.place(end);
	}

	#repeat(statement: Extract<Statement, { repeat: Expression | null }>, scope: Scope): void {
		const origin = this.#origin(statement, printHead(statement).slice(0, -1));
		const round = (): Scope => ({ ...scope, labels: { known: new Map(), outer: scope.labels } });
		const jumpBack = (label: Label) => this.#emitter.emit({ op: "jump", target: label }, { ...origin, text: "again" });
		const start = this.#emitter.newLabel();
		if (statement.repeat === null) {
			this.#emitter.place(start);
			this.#body(statement.body, round());
			jumpBack(start);
			return;
		}
		const times = constant(statement.repeat, 0, 0, MOST_VALUE, "how often it is repeated", {
			...this.given(statement, scope),
			code: false,
		});
		if (times === 0) return;
		const before = this.#emitter.length;
		// Whether it is counted is known once it has been written the first time; the counter goes before it.
		if (times * sizeOf(statement.body) <= UNROLLED) {
			for (let i = 0; i < times; i++) {
				this.#body(statement.body, round());
				if (this.#emitter.length === before) return;
			}
			return;
		}
		const counter = this.#emitter.register(`repeat${this.#counters++}`, statement);
		const end = this.#emitter.newLabel();
		const reg: Value = { reg: counter };
		this.#emitter.emit(
			{ op: "set", to: counter, left: { constant: times }, operator: "+", right: { constant: 0 } },
			origin,
		);
		this.#emitter.place(start);
		this.#emitter.emit({ op: "unless", left: reg, test: "!=", right: { constant: 0 }, target: end }, origin);
		this.#emitter.emit({ op: "set", to: counter, left: reg, operator: "-", right: { constant: 1 } }, origin);
		this.#body(statement.body, round());
		jumpBack(start);
		this.#emitter.bound();
		this.#emitter.place(end);
	}

	#each(statement: Extract<Statement, { each: string }>, scope: Scope): void {
		const { each: name } = statement;
		if (this.#looping) throw this.fail(statement, "SCENARIO_TYPE", "a loop over CPUs in a loop over CPUs", name);
		if (this.#symbols.names.has(name) || Object.hasOwn(this.#symbols.params, name))
			throw this.fail(statement, "SCENARIO_NAME", `${name} stands for something else already`, name);
		if (this.#symbols.instances[this.#instance]!.cpu === null)
			throw this.fail(statement, "SCENARIO_TYPE", "a device is on no CPU, so there are no other CPUs");
		const origin = this.#origin(statement, printHead(statement).slice(0, -1));
		const loop = this.#loops++;
		const start = this.#emitter.newLabel();
		const end = this.#emitter.newLabel();
		this.#emitter.place(start);
		this.#emitter.emit({ op: "each", loop, target: end }, origin);
		this.#looping = true;
		// Nothing jumps into the loop or out of it: it would forget which CPUs it has been at.
		this.#body(statement.body, {
			...scope,
			loops: new Set([name]),
			labels: { known: new Map(), outer: undefined },
		});
		this.#looping = false;
		this.#emitter.emit({ op: "next", loop, target: start }, { ...origin, text: `next ${name}` });
		this.#emitter.place(end);
	}

	/** Goes to a label if a condition comes out as wanted. */
	#branch(
		condition: Condition,
		wanted: boolean,
		label: Label,
		origin: Origin,
		scope: Scope,
		predict?: true | undefined,
	): void {
		const given = this.given(origin.part, scope);
		const known = evaluate(condition, given);
		if (known !== undefined) {
			if (isTrue(known, given) === wanted) this.#emitter.emit({ op: "jump", target: label }, origin);
			return;
		}
		if (typeof condition === "object") {
			if ("not" in condition) {
				this.#branch(condition.not, !wanted, label, origin, scope, predict);
				return;
			}
			if ("both" in condition || "either" in condition) {
				const [first, second] = "both" in condition ? condition.both : condition.either;
				// One part alone decides: both false, either true.
				if ("either" in condition === wanted) {
					this.#branch(first, wanted, label, origin, scope, predict);
					this.#branch(second, wanted, label, origin, scope, predict);
				} else {
					const skip = this.#emitter.newLabel();
					this.#branch(first, !wanted, skip, origin, scope, predict);
					this.#branch(second, wanted, label, origin, scope, predict);
					this.#emitter.place(skip);
				}
				return;
			}
			if ("if" in condition)
				throw this.fail(origin.part, "SCENARIO_TYPE", "a choice must be known before the run: put it in braces", "?");
		}
		const comparison: { left: Expression; test: Test; right?: Expression } =
			typeof condition === "object" && "test" in condition ? condition : { left: condition, test: "!=", right: 0 };
		const left = this.value(comparison.left, scope, origin.part);
		const right = comparison.right === undefined ? { constant: 0 } : this.value(comparison.right, scope, origin.part);
		// The instruction jumps where its test does not hold.
		const test = wanted ? OPPOSITE[comparison.test] : comparison.test;
		this.#emitter.emit(
			{ op: "unless", left, test, right, target: label, ...(predict && { speculates: true }) },
			origin,
		);
	}

	#origin(statement: object, text: string): Origin {
		const span = spanOf(statement);
		return {
			line: this.#site?.line ?? (span ? placeIn(this.#source, span.from).line : 0),
			text,
			part: this.#site?.part ?? statement,
		};
	}

	// What statements are made from.

	emit(operation: Operation, origin: Origin): void {
		this.#emitter.emit(operation, origin);
	}

	label(name: string, scope: Scope, part: object): void {
		this.#emitter.name(name, scope.labels, part);
	}

	goto(name: string, scope: Scope, origin: Origin): void {
		this.#emitter.goto(name, scope.labels, origin);
	}

	given(part: object, scope: Scope): Given {
		return { params: this.#symbols.params, source: this.#source, part, scope, code: true };
	}

	fail(part: object, code: ScenarioErrorCode, message: string, word?: string, hint?: string) {
		return problemIn(this.#source, part, code, message, { word, hint });
	}

	/** An expression with the arguments of macros put in: what it is at last, and in which scope. */
	follow(expression: Expression, scope: Scope): { expression: Expression; scope: Scope } {
		let at = { expression, scope };
		while (typeof at.expression === "string") {
			const argument = at.scope.args.get(at.expression);
			if (!argument) break;
			at = argument;
		}
		return at;
	}

	/** A word of the language: a parameter that stands there gives its value. */
	word(expression: Expression | undefined, scope: Scope, part: object, what: string): string {
		const value =
			expression === undefined ? undefined : evaluate(expression, { ...this.given(part, scope), code: false });
		if (value === undefined) throw this.fail(part, "SCENARIO_TYPE", `${what} is missing`);
		return String(value);
	}

	/** The index of a thing of one kind. */
	thing(kind: SymbolKind, expression: Expression | undefined, scope: Scope, part: object): number {
		if (expression === undefined) throw this.fail(part, "SCENARIO_TYPE", `a ${kind} is missing`);
		const { expression: found } = this.follow(expression, scope);
		if (typeof found !== "string") throw this.fail(part, "SCENARIO_TYPE", `the name of a ${kind} is needed`);
		const value = Object.hasOwn(this.#symbols.params, found) ? String(this.#symbols.params[found]) : found;
		const symbol = this.#symbols.names.get(value);
		if (symbol?.kind === kind) return symbol.index;
		throw unknownName(this.#source, part, value, kind, this.#symbols.names);
	}

	/** The register that a name stands for; `sets`: it gets a value here. */
	register(expression: Expression, scope: Scope, part: object, sets: boolean): number {
		const { expression: name, scope: own } = this.follow(expression, scope);
		if (typeof name !== "string") throw this.fail(part, "SCENARIO_TYPE", "a register is needed");
		const known = this.#symbols.names.get(name)?.kind;
		const other =
			known ?? (Object.hasOwn(this.#symbols.params, name) ? "parameter" : own.loops.has(name) ? "CPU" : undefined);
		if (other) {
			const hint = other === "var" || other === "map" ? `load it into a register first: load r0 <- ${name}` : undefined;
			throw this.fail(part, "SCENARIO_TYPE", `${name} is a ${other}, where a register is needed`, name, hint);
		}
		const full = own.prefix + name;
		if (sets) this.#set.add(full);
		else if (!this.#read.has(full)) this.#read.set(full, { part, source: this.#source, word: name });
		return this.#emitter.register(full, part);
	}

	/** A register or a number. */
	value(expression: Expression, scope: Scope, part: object): Value {
		const given = this.given(part, scope);
		const known = evaluate(expression, given);
		if (known !== undefined) return { constant: constant(expression, 0, 0, MOST_VALUE, "a value", given) };
		const { expression: found, scope: own } = this.follow(expression, scope);
		if (typeof found === "string") return { reg: this.register(found, own, part, false) };
		const hint = "work it out in a register before: set r0 <- ...";
		throw this.fail(part, "SCENARIO_TYPE", "a register or a number is needed", undefined, hint);
	}

	/** A page through a mapping, a variable, a page-table entry or a link to a table. */
	place(expression: Expression | undefined, scope: Scope, part: object): Location {
		if (expression === undefined) throw this.fail(part, "SCENARIO_TYPE", "where in memory is not said");
		const { expression: found, scope: own } = this.follow(expression, scope);
		if (typeof found === "string") return this.#named(found, undefined, own, part);
		if (typeof found === "object" && "part" in found) {
			if (found.part === "pte") return { in: "pte", va: this.thing("map", found.of, own, part) };
			if (found.part === "link") return { in: "table", table: this.thing("table", found.of, own, part) };
			throw this.fail(
				part,
				"SCENARIO_NAME",
				`nothing has a ${found.part}`,
				found.part,
				"a map has .pte, a table .link",
			);
		}
		if (typeof found === "object" && "at" in found) {
			const { expression: of, scope: outer } = this.follow(found.of, own);
			if (typeof of === "string") return this.#named(of, { at: found.at, scope: own }, outer, part);
		}
		throw this.fail(part, "SCENARIO_TYPE", "a variable or a mapping is needed");
	}

	#named(name: string, index: { at: Expression; scope: Scope } | undefined, scope: Scope, part: object): Location {
		const symbol = this.#symbols.names.get(name);
		if (symbol?.kind === "var") return this.#variable(symbol.index, name, index, part);
		if (symbol?.kind !== "map") {
			const places = [...this.#symbols.names]
				.filter(([, { kind }]) => kind === "var" || kind === "map")
				.map(([n]) => n);
			if (!symbol) {
				const message = `there is no variable or mapping ${name}`;
				throw this.fail(part, "SCENARIO_NAME", message, name, suggestion(name, places));
			}
			const hint = symbol.kind === "page" ? "memory is reached through a mapping: map U -> PAGE" : undefined;
			throw this.fail(part, "SCENARIO_TYPE", `${name} is a ${symbol.kind}, not a variable or mapping`, name, hint);
		}
		const inside = this.program.vas.find(({ within }) => within === symbol.index);
		if (inside) {
			const message = `${name} is a large page, and memory is reached through the pages in it`;
			throw this.fail(part, "SCENARIO_TYPE", message, name, `write ${inside.name}, say`);
		}
		return { in: "page", va: symbol.index, ...this.line(index?.at, index?.scope ?? scope, part) };
	}

	#variable(index: number, name: string, of: { at: Expression; scope: Scope } | undefined, part: object): Location {
		const { perCpu } = this.program.vars[index]!;
		if (!of) {
			if (perCpu && this.#symbols.instances[this.#instance]!.cpu === null)
				throw this.fail(part, "SCENARIO_TYPE", `${name} has a copy for each CPU, and a device is on none`, name);
			return { in: "var", var: index, ...(perCpu && { of: "self" as const }) };
		}
		if (!perCpu) throw this.fail(part, "SCENARIO_TYPE", `${name} is one variable, not one per cpu`, name);
		if (this.isTarget(of.at, of.scope)) return { in: "var", var: index, of: "target" };
		const hint = `${name} alone is the copy of the CPU that runs; another's is reached in: each other cpu c: ... ${name}[c]`;
		throw this.fail(part, "SCENARIO_TYPE", `${name} of which CPU?`, name, hint);
	}

	/** Whether a name is that of the loop over CPUs. */
	isTarget(expression: Expression | undefined, scope: Scope): boolean {
		if (expression === undefined) return false;
		const { expression: found, scope: own } = this.follow(expression, scope);
		return typeof found === "string" && own.loops.has(found);
	}

	/** `[1]`, `[r0]` or `[r0 + 1]` of a page. */
	line(at: Expression | undefined, scope: Scope, part: object): { line: number; index?: number } {
		if (at === undefined) return { line: 0 };
		const given = this.given(part, scope);
		if (evaluate(at, given) !== undefined)
			return { line: constant(at, 0, 0, LIMITS.lines - 1, "a line of a page", given) };
		const { expression: found, scope: own } = this.follow(at, scope);
		if (typeof found === "object" && "operator" in found && found.operator === "+")
			return {
				line: constant(found.right, 0, 0, LIMITS.lines - 1, "a line of a page", given),
				index: this.register(found.left, own, part, false),
			};
		return { line: 0, index: this.register(found, own, part, false) };
	}

	/** Whether a name is a thing of some kind, once macros and parameters are put in. */
	kindOf(expression: Expression | undefined, scope: Scope): SymbolKind | undefined {
		if (expression === undefined) return undefined;
		const { expression: found } = this.follow(expression, scope);
		return typeof found === "string" ? this.#symbols.names.get(found)?.kind : undefined;
	}
}

const OPPOSITE: Record<Test, Compare> = {
	"==": "!=",
	"!=": "==",
	"<": ">=",
	">=": "<",
	">": "<=",
	"<=": ">",
	odd: "even",
	even: "odd",
};

/** Instructions that may have to wait: for a value, or for the CPU's own stores to be visible. */
function mayWait(instruction: Instruction): boolean {
	switch (instruction.op) {
		case "await":
		case "lock":
		case "join":
		case "fence":
		case "rmw":
		case "interrupt":
		case "switch":
			return true;
		case "load":
		case "store":
			return instruction.order !== "plain";
	}
	return false;
}

/** Statements of a body: what it takes to write it out, about. */
function sizeOf(body: readonly Statement[]): number {
	let size = 0;
	for (const statement of body) {
		if ("do" in statement) size++;
		else if ("joined" in statement) size += statement.joined.length;
		else if ("if" in statement) size += 1 + sizeOf(statement.body) + sizeOf(statement.else ?? []);
		else size += 2 + sizeOf(statement.body);
	}
	return size;
}

/** One statement on its way to instructions: what a row of the table of statements works with. */
export class Writer {
	readonly coder: Coder;
	readonly step: Step;
	readonly scope: Scope;
	readonly modifiers: readonly string[];
	readonly #verb: Verb;
	readonly #origin: Origin;
	readonly args: readonly Expression[];
	readonly from: readonly Expression[] | undefined;

	constructor(coder: Coder, step: Step, scope: Scope, verb: Verb, modifiers: readonly string[], origin: Origin) {
		this.coder = coder;
		this.step = step;
		this.scope = scope;
		this.modifiers = modifiers;
		this.#verb = verb;
		this.#origin = origin;
		this.args = step.args ?? [];
		this.from = step.from;
	}

	write(): void {
		if (this.step.test && !this.#verb.test) throw this.wrong("nothing is compared in it");
		const known = this.#verb.modifiers ?? [];
		for (const word of this.modifiers) {
			if (known.includes(word)) continue;
			const choice = known.length > 0 ? `after the dot: ${known.join(", ")}` : `it is written: ${this.#verb.form}`;
			throw this.coder.fail(
				this.step,
				"SCENARIO_NAME",
				`${this.#verb.name} does not know ${quote(word)}`,
				word,
				choice,
			);
		}
		this.#verb.write(this);
	}

	emit(operation: Operation): void {
		this.coder.emit(operation, this.#origin);
	}

	get origin(): Origin {
		return this.#origin;
	}

	wrong(why: string) {
		const message = `${this.#verb.name}: ${why}`;
		return this.coder.fail(this.step, "SCENARIO_SYNTAX", message, undefined, `it is written: ${this.#verb.form}`);
	}

	/** Refuses operands beyond those that a statement has. */
	count(args: number, from: number, mostArgs = args, mostFrom = from): void {
		const { length } = this.args;
		const fromLength = this.from?.length ?? 0;
		if (length < args || length > mostArgs || fromLength < from || fromLength > mostFrom)
			throw this.wrong("wrong number of operands");
	}

	value(expression: Expression): Value {
		return this.coder.value(expression, this.scope, this.step);
	}

	place(expression: Expression | undefined): Location {
		return this.coder.place(expression, this.scope, this.step);
	}

	target(expression: Expression): number {
		return this.coder.register(expression, this.scope, this.step, true);
	}

	thing(kind: SymbolKind, expression: Expression | undefined): number {
		return this.coder.thing(kind, expression, this.scope, this.step);
	}

	/** One of some words. */
	oneOf<T extends string>(words: readonly T[], expression: Expression | undefined, what: string): T {
		const word = this.coder.word(expression, this.scope, this.step, what);
		if ((words as readonly string[]).includes(word)) return word as T;
		const hint = choice(word, words);
		throw this.coder.fail(this.step, "SCENARIO_NAME", `${what} is not ${quote(word)}`, word, hint);
	}

	/** The order that the modifiers name; "relaxed" and "plain" are the same. */
	order<T extends string>(otherwise: T): T | "plain" {
		const orders = this.modifiers.map((word) => (word === "relaxed" ? "plain" : word));
		if (orders.length > 1) throw this.wrong("one order is enough");
		return (orders[0] as T | undefined) ?? otherwise;
	}
}
