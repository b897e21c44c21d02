// Which barriers, flushes, waits and checks a scenario needs: each is taken out in turn, and the rest is explored.

import type { ProgramCore } from "../../bindings/program-core.ts";
import { StalemateError } from "../errors.ts";
import type { Litmus } from "../litmus/litmus.ts";
import type { MemoryModel } from "../profiles/types.ts";
import type { Expression, Scenario, Statement, Step } from "../scenario/ast.ts";
import type { Edit, Written } from "../scenario/code.ts";
import { compileResolved, withSource } from "../scenario/compile.ts";
import { type Reason, redundantIn } from "../scenario/libraries.ts";
import type { Params } from "../scenario/params.ts";
import { resolveParams } from "../scenario/params.ts";
import { printHead, printStep } from "../scenario/print.ts";
import { placeIn, setSpan, spanOf } from "../scenario/source.ts";
import { findVerb } from "../scenario/verbs.ts";
import { type Checked, type CheckOptions, checkScenario, type MachineOptions, scenarioOn } from "./run.ts";
import type { Running } from "./search.ts";
import { isLitmus } from "./source.ts";

/** Kinds of actions that keep a scenario right. */
export type ActionKind = "fence" | "order" | "atomic" | "flush" | "wait" | "lock" | "mask" | "check";

/** Something in a scenario or its libraries that keeps it right, perhaps. */
export interface Action {
	/** `MACRO: STATEMENT`, the same for all parameters. */
	action: string;
	kind: ActionKind;
	file: string | null;
	line: number;
	/** What can be done to it, one after the other: "dropped", "always", ... */
	ways: string[];
	/** Why it may be there though nothing depends on it; null: no file says so. */
	redundant: Reason | null;
}

/** What came of weakening one action on one machine. */
export interface Weakened extends Action {
	/** The way that did the most harm: a hazard, else a broken contract, else the last. */
	way: string;
	checked: Checked;
}

interface Found extends Action {
	statement: Statement;
	edits: { way: string; instead: (statement: Statement) => readonly Statement[] }[];
}

/** The actions that a program has with these parameters, and that mean something under a memory model. */
export function actionsOf(scenario: Scenario, params: Params = {}, model?: MemoryModel): Action[] {
	const whole = withSource(scenario);
	return find(whole, params, model)
		.map((found) => working(whole, params, found))
		.filter(({ ways }) => ways.length > 0)
		.map(({ statement: _, edits: __, ...action }) => action);
}

/** Checks a scenario without one of its actions: each way to weaken it, until one goes wrong. */
export function* checkWeakened(
	core: ProgramCore,
	scenario: Scenario,
	name: string,
	options: CheckOptions = {},
): Running<Weakened> {
	const whole = withSource(scenario);
	const { model } = scenarioOn(whole, options);
	const found = find(whole, options.params ?? {}, model).find(({ action }) => action === name);
	if (!found)
		throw new StalemateError("BAD_OPTION", `${scenario.name} has no action ${JSON.stringify(name)} there`, {
			path: name,
		});
	const { statement, edits, ...action } = working(whole, options.params ?? {}, found);
	let worst: Weakened | undefined;
	for (const { way, instead } of edits) {
		const edit: Edit = (written) => (written.statement === statement ? instead(statement) : [written.statement]);
		const checked = yield* checkScenario(core, whole, options, edit);
		if (!worst || harm(checked) >= harm(worst.checked)) worst = { ...action, way, checked };
		if (checked.run.codes.length > 0) break;
	}
	return worst!;
}

/** An action, and one of its ways. */
export interface Removal {
	action: string;
	way: string;
}

/** What takes `without` of the options out of a program. Throws BAD_OPTION where an action is not there. */
export function editOf(source: Scenario | Litmus, options: MachineOptions = {}): Edit | undefined {
	const { without = [] } = options;
	if (without.length === 0) return undefined;
	if (!isLitmus(source)) return withoutAll(source, without, options);
	const message = `${source.name} is a litmus test: there is nothing that could be taken out`;
	throw new StalemateError("BAD_OPTION", message, { path: "without" });
}

function withoutAll(scenario: Scenario, removed: readonly Removal[], options: MachineOptions): Edit {
	const all = find(scenario, options.params ?? {}, scenarioOn(scenario, options).model);
	const changes = new Map(
		removed.map(({ action, way }) => {
			const found = all.find((one) => one.action === action);
			const edit = found?.edits.find((one) => one.way === way);
			if (found && edit) return [found.statement, edit.instead];
			const message = `${scenario.name} has no action ${JSON.stringify(action)} that can be ${way} there`;
			throw new StalemateError("BAD_OPTION", message, { path: action });
		}),
	);
	return ({ statement }) => changes.get(statement)?.(statement) ?? [statement];
}

function harm({ run }: Checked): number {
	return ["SAFE", "INCOMPLETE", "LATENT", "HAZARD"].indexOf(run.verdict);
}

function find(scenario: Scenario, params: Params, model: MemoryModel | undefined): Found[] {
	const resolved = resolveParams(scenario, params);
	const reasons = redundantIn(scenario);
	const found = new Map<string, Found>();
	compileResolved(scenario, resolved, (written) => {
		const { statement, owner, source } = written;
		for (const { kind, edits } of weaken(written, model)) {
			const span = spanOf(statement);
			const action = `${nameOf(statement, owner)}${kind === "order" || kind === "atomic" ? ` (${kind})` : ""}`;
			if (found.has(action)) continue;
			const place = { file: source.file ?? null, line: span ? placeIn(source, span.from).line : 0 };
			const redundant = reasons.get(action) ?? null;
			found.set(action, { action, kind, ...place, ways: [], redundant, statement, edits });
		}
		return [statement];
	});
	return [...found.values()];
}

/** Without what does not work: with a check its body may go, which sets a register that is read. */
function working(scenario: Scenario, params: Params, found: Found): Found {
	const edits = found.edits.filter(({ instead }) => compiles(scenario, params, found.statement, instead));
	return { ...found, edits, ways: edits.map(({ way }) => way) };
}

function compiles(
	scenario: Scenario,
	params: Params,
	statement: Statement,
	instead: Found["edits"][number]["instead"],
): boolean {
	try {
		compileResolved(scenario, resolveParams(scenario, params), (written) =>
			written.statement === statement ? instead(statement) : [written.statement],
		);
		return true;
	} catch (error) {
		if (error instanceof StalemateError) return false;
		throw error;
	}
}

/** The same words may stand twice in a macro. */
function nameOf(statement: Statement, { name, body }: Written["owner"]): string {
	const text = wordsOf(statement);
	const same = [...within(body)].filter((other) => wordsOf(other) === text);
	const at = same.indexOf(statement);
	return `${name}: ${text}${at > 0 ? ` (${at + 1})` : ""}`;
}

function wordsOf(statement: Statement): string {
	if ("do" in statement) return printStep(statement);
	return "joined" in statement ? "" : printHead(statement).slice(0, -1);
}

function* within(body: readonly Statement[]): Generator<Statement> {
	for (const statement of body) {
		yield statement;
		if ("joined" in statement) yield* statement.joined;
		else if (!("do" in statement))
			yield* within([...statement.body, ...("if" in statement ? (statement.else ?? []) : [])]);
	}
}

type Weak = Pick<Found, "kind" | "edits">;

const dropped: Found["edits"][number] = { way: "dropped", instead: () => [] };

/** Orders that mean something under each memory model. */
const MEANT: Record<MemoryModel, { fences: readonly string[]; orders: boolean }> = {
	sc: { fences: ["speculation"], orders: false },
	tso: { fences: ["speculation", "full"], orders: false },
	arm8: { fences: ["speculation", "full", "store", "load", "acquire", "release"], orders: true },
	rcpc: { fences: ["speculation", "full", "store", "load", "acquire", "release"], orders: true },
};

const FLUSHES = [
	"tlb.flush",
	"tlb.purge",
	"cache.flush",
	"cache.clean",
	"cache.purge",
	"cache.flush-all",
	"icache.flush",
];
/** Statements that may have an order. */
const ORDERED = /^(load|store|await|unlock|rmw\.|pte\.)/;
/** The order that a statement has if none is said. */
const USUAL: Record<string, string> = { unlock: "release", "pte.clear": "full", "pte.or": "full" };

function weaken({ statement, step }: Written, model: MemoryModel | undefined): Weak[] {
	if ("if" in statement) {
		const always = { way: "always", instead: () => statement.body };
		const never = { way: "never", instead: () => statement.else ?? [] };
		return [{ kind: "check", edits: [always, never] }];
	}
	if ("while" in statement) return [{ kind: "wait", edits: [dropped] }];
	if (!("do" in statement) || !step) return [];
	const { verb: { name } = { name: "" }, modifiers = [] } = findVerb(step.do) ?? {};
	const { fences, orders } = MEANT[model ?? "rcpc"];
	const [first] = step.args ?? [];
	const changed = (instead: Step) => () => [like(statement, instead)];
	const found: Weak[] = [];
	if (name === "fence" && fences.includes(String(first))) found.push({ kind: "fence", edits: [dropped] });
	if (FLUSHES.includes(name)) found.push({ kind: "flush", edits: [dropped] });
	if (name === "lock") found.push({ kind: "lock", edits: [dropped] });
	if (name === "join" || name === "tlb.sync") found.push({ kind: "wait", edits: [dropped] });
	if ((name === "irq" || name === "preempt") && first === "off") found.push({ kind: "mask", edits: [dropped] });
	if (name === "await") {
		const { test: _, ...rest } = statement;
		const once = { way: "not waited", instead: changed({ ...rest, do: statement.do.replace("await", "load") }) };
		found.push({ kind: "wait", edits: [statement.from ? once : dropped] });
	}
	const [value] = statement.from ?? [];
	if (name === "set" && isClamp(value))
		found.push({
			kind: "check",
			edits: [{ way: "not clamped", instead: changed({ ...statement, from: [value.left] }) }],
		});
	const atomic = /^rmw\.(?!cas)(\w+)$/.exec(name)?.[1];
	if (atomic) found.push({ kind: "atomic", edits: [{ way: "not atomic", instead: () => apart(statement, atomic) }] });
	const order = modifiers[0] ?? USUAL[name] ?? (name.startsWith("rmw.") ? "full" : "plain");
	if (orders && ORDERED.test(name) && order !== "plain" && order !== "relaxed")
		found.push({ kind: "order", edits: [{ way: "plain", instead: changed({ ...statement, do: `${name}.plain` }) }] });
	return found;
}

const OPERATORS = { add: "+", sub: "-", and: "&", or: "|", xor: "^" } as const;

/** A read-modify-write as a load and a store. */
function apart(statement: Step, kind: string): Statement[] {
	const { args = [], from } = statement;
	const [place, value] = (from ?? args) as [Expression, Expression];
	const operator = OPERATORS[kind as keyof typeof OPERATORS];
	const result: Expression = operator ? "unlocked.new" : value;
	const steps: Step[] = [
		{ do: "load", args: ["unlocked.old"], from: [place] },
		...(operator
			? [{ do: "set", args: ["unlocked.new"], from: [{ left: "unlocked.old", operator, right: value }] }]
			: []),
		{ do: "store", args: [place], from: [result] },
		...(from ? [{ do: "set", args, from: ["unlocked.old"] }] : []),
	];
	return steps.map((step) => like(statement, step));
}

function isClamp(value: Expression | undefined): value is Extract<Expression, { operator: unknown }> {
	return typeof value === "object" && "operator" in value && value.operator === "clamp";
}

/** Stands where another one stood. */
function like(statement: Step, instead: Step): Step {
	const span = spanOf(statement);
	if (span) setSpan(instead, span);
	return instead;
}
