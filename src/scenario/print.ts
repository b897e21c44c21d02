import type {
	Actor,
	Condition,
	Expectation,
	Expression,
	Mapping,
	Outcome,
	Page,
	Param,
	ParameterValue,
	ProfileName,
	Scenario,
	Statement,
	Step,
	Variable,
} from "./ast.ts";
import { commentsOf } from "./source.ts";
import { RESERVED } from "./vocabulary.ts";

/** A scenario as text, which reads back as the same scenario. */
export function printScenario(scenario: Scenario): string {
	return new Printer().scenario(scenario);
}

class Printer {
	readonly #rows: string[] = [];

	scenario(scenario: Scenario): string {
		const { story, basis, row, contrasts, profile, model } = scenario;
		this.#row(0, `${scenario.kind} ${scenario.name}`, scenario);
		if (story !== undefined) this.#row(1, `story ${string(story)}`);
		if (basis !== undefined) this.#row(1, `basis ${basis.map(word).join(", ")}`);
		if (row !== undefined) this.#row(1, `row ${row}`);
		if (contrasts !== undefined) this.#row(1, `contrast ${contrasts.join(", ")}`);
		if (profile !== undefined) this.#row(1, `profile ${profileName(profile)}`);
		if (model !== undefined) this.#row(1, `model ${model}`);
		if (scenario.uses.length > 0) this.#row(1, `use ${scenario.uses.join(", ")}`);
		for (const part of scenario.params) this.#row(1, `param ${part.name} = ${values(part)}`, part);
		for (const part of scenario.tables) this.#row(1, `table ${part.name}${part.unlinked ? " unlinked" : ""}`, part);
		for (const part of scenario.mms) this.#row(1, `mm ${part.name}`, part);
		for (const part of scenario.pages) this.#row(1, page(part), part);
		for (const part of scenario.maps) this.#row(1, map(part), part);
		for (const part of scenario.vars) this.#row(1, variable(part), part);
		for (const part of scenario.macros) {
			this.#rows.push("");
			this.#row(1, ["macro", part.name, ...part.params].join(" "), part);
			this.#block(2, part.body);
		}
		for (const part of scenario.actors) {
			this.#rows.push("");
			this.#row(1, actor(part), part);
			this.#block(2, part.body);
		}
		if (scenario.expects.length > 0) this.#rows.push("");
		for (const part of scenario.expects) this.#row(1, expectation(part), part);
		if (scenario.redundant) this.#rows.push("");
		for (const part of scenario.redundant ?? [])
			this.#row(1, `redundant ${part.actions.map(string).join(", ")}: ${string(part.reason)}`, part);
		return `${this.#rows.join("\n")}\n`;
	}

	#row(depth: number, text: string, part?: object): void {
		const comments = part && commentsOf(part);
		const indent = "  ".repeat(depth);
		for (const comment of comments?.above ?? []) this.#rows.push(`${indent}${comment}`);
		this.#rows.push(`${indent}${text}${comments?.behind ? `  ${comments.behind}` : ""}`);
		for (const comment of comments?.after ?? []) this.#rows.push(`${indent}${comment}`);
	}

	#block(depth: number, body: readonly Statement[]): void {
		for (const statement of body) this.#statement(depth, statement, "");
	}

	/** `before`: what stands on the line already. */
	#statement(depth: number, statement: Statement, before: string): void {
		const row = (text: string) => this.#row(depth, before + text, statement);
		if ("do" in statement) row(printStep(statement));
		else if ("joined" in statement) row(statement.joined.map(printStep).join("; "));
		else {
			const head = printHead(statement);
			const { body } = statement;
			const otherwise = "if" in statement ? statement.else : undefined;
			const short = inline(statement);
			if (short !== undefined) row(short);
			else {
				row(head);
				this.#block(depth + 1, body);
			}
			const [only] = otherwise ?? [];
			if (otherwise === undefined) return;
			if (otherwise.length === 1 && only && "if" in only && !commentsOf(only)) this.#statement(depth, only, "else ");
			else {
				this.#row(depth, "else:");
				this.#block(depth + 1, otherwise);
			}
		}
	}
}

/** The first line of a compound statement. */
export function printHead(statement: Exclude<Statement, Step | { joined: Step[] }>): string {
	if ("if" in statement) return `if ${statement.predict ? "predict " : ""}${printCondition(statement.if)}:`;
	if ("while" in statement) return `while ${printCondition(statement.while)}:`;
	if ("each" in statement) return `each other cpu ${statement.each}:`;
	return statement.repeat === null ? "repeat:" : `repeat ${printExpression(statement.repeat)}:`;
}

const SHORT = 100;

/** A compound statement on one line, if it can be and stays readable. */
function inline(statement: Statement): string | undefined {
	if ("do" in statement) return printStep(statement);
	if ("joined" in statement) return statement.joined.map(printStep).join("; ");
	if ("else" in statement && statement.else !== undefined && "if" in statement) return undefined;
	const { body } = statement;
	const [only] = body;
	if (body.length !== 1 || !only || commentsOf(only)) return undefined;
	// In a loop over CPUs the parts of the line would be steps of their own.
	if ("each" in statement && "joined" in only) return undefined;
	const inner = inline(only);
	if (inner === undefined) return undefined;
	const text = `${printHead(statement)} ${inner}`;
	return text.length > SHORT ? undefined : text;
}

export function printStep(step: Step): string {
	const parts = [step.do];
	if (step.args) parts.push(operands(step.args));
	if (step.from) parts.push("<-", operands(step.from));
	if (step.test) parts.push(test(step.test));
	if (step.orFault) parts.push("or fault");
	return parts.join(" ");
}

/** Commas where two operands would otherwise run into one: after all but single words. */
function operands(list: readonly Expression[]): string {
	const plain = list.every((one) => typeof one === "string");
	return list.map((one) => printExpression(one)).join(plain ? " " : ", ");
}

function test({ test: word, right }: { test: string; right?: Expression }): string {
	return right === undefined ? `is ${word}` : `${word} ${printExpression(right)}`;
}

/** How tightly the operators bind. */
const BINDS = { "+": 3, "-": 3, "&": 2, "|": 2, "^": 2, clamp: 4 };

export function printExpression(expression: Expression, binds = 0): string {
	if (typeof expression !== "object") return String(expression);
	if ("given" in expression) return `{${printChoice(expression.given)}}`;
	if ("at" in expression) return `${expression.of}[${printExpression(expression.at)}]`;
	if ("part" in expression) return `${expression.of}.${expression.part}`;
	const own = BINDS[expression.operator];
	const left = printExpression(expression.left, own);
	const right = printExpression(expression.right, own + 1);
	const text = `${left} ${expression.operator} ${right}`;
	return own < binds ? `(${text})` : text;
}

function printChoice(condition: Condition): string {
	if (typeof condition === "object" && "if" in condition)
		return `${printCondition(condition.if)} ? ${printChoice(condition.yes)} : ${printChoice(condition.no)}`;
	return printCondition(condition);
}

export function printCondition(condition: Condition, binds = 0): string {
	if (typeof condition !== "object") return String(condition);
	const wrap = (own: number, text: string) => (own < binds ? `(${text})` : text);
	if ("if" in condition) return `(${printChoice(condition)})`;
	if ("either" in condition) {
		const [left, right] = condition.either;
		return wrap(1, `${printCondition(left, 1)} or ${printCondition(right, 2)}`);
	}
	if ("both" in condition) {
		const [left, right] = condition.both;
		return wrap(2, `${printCondition(left, 2)} and ${printCondition(right, 3)}`);
	}
	if ("not" in condition) return `not ${printCondition(condition.not, 3)}`;
	if ("test" in condition) {
		const { left, ...rest } = condition;
		return `${printExpression(left)} ${test(rest)}`;
	}
	return printExpression(condition);
}

function page(part: Page): string {
	return [
		"page",
		part.name,
		part.kind,
		part.lines !== undefined && `lines ${attribute(part.lines)}`,
		part.refs !== undefined && `refs ${attribute(part.refs)}`,
		part.owner !== undefined && `owner ${part.owner}`,
		part.dirty && "dirty",
	]
		.filter(Boolean)
		.join(" ");
}

function map(part: Mapping): string {
	return [
		`map ${part.name} -> ${part.page}`,
		part.half,
		part.colour !== undefined && `colour ${attribute(part.colour)}`,
		part.via !== undefined && `via ${part.via}`,
		part.mm !== undefined && `mm ${part.mm}`,
		part.shares !== undefined && `shares ${part.shares}`,
		part.within !== undefined && `within ${part.within}`,
		part.bound !== undefined && `bound ${attribute(part.bound)}`,
		part.global && "global",
		part.readOnly && "read-only",
		part.unmapped && "unmapped",
		part.uncached && "uncached",
		part.writeThrough && "write-through",
		part.incoherent && "incoherent",
		part.pinned && "pinned",
		part.protected && "protected",
		part.noMoveIn && "no-move-in",
		part.accessed && "accessed",
		part.dirty && "dirty",
	]
		.filter(Boolean)
		.join(" ");
}

function variable(part: Variable): string {
	const initial = part.initial === undefined ? "" : ` = ${printExpression(part.initial)}`;
	return `var ${part.name}${initial}${part.perCpu ? " per cpu" : ""}${part.lock ? " lock" : ""}`;
}

/** Numbers behind words. */
function attribute(value: Expression): string {
	return printExpression(value);
}

function actor(part: Actor): string {
	const { on } = part;
	const where =
		on === undefined ? "" : on === "each" ? " on each cpu" : on === "each-other" ? " on each other cpu" : "";
	const place = typeof on === "object" ? ` on cpu ${attribute(on.cpu)}` : where;
	const mm = part.mm === undefined ? "" : ` in ${part.mm}`;
	const times = part.spontaneous === undefined ? "" : ` spontaneous ${attribute(part.spontaneous)}`;
	const name = part.name === part.kind ? "" : ` ${part.name}`;
	if (part.kind === "thread") return `actor ${part.name}${place}${mm}${times}`;
	if (part.kind === "device") return `device ${part.name}`;
	return `handler ${part.kind}${name}${place}${mm}${times}`;
}

function values({ values: all }: Param): string {
	const [first] = all;
	const range = typeof first === "number" && all.length > 1 && all.every((value, i) => value === first + i);
	return range ? `${first}..${first + all.length - 1}` : all.join(" | ");
}

function expectation({ when, outcomes }: Expectation): string {
	const settings = Object.entries(when ?? {}).map(([name, all]) => `${name}=${all.join("|")}`);
	const head = settings.length > 0 ? `expect ${settings.join(" ")}:` : "expect";
	return `${head} ${outcomes.map(printOutcome).join(", ")}`;
}

export function printOutcome({ profile, model, any }: Outcome): string {
	const codes = any.map((all) => all.join(" + ")).join(" / ");
	return [profile && profileName(profile), model, codes].filter(Boolean).join(" ");
}

export function profileName({ profile, options }: ProfileName): string {
	if (!options) return profile;
	const all = Object.entries(options).map(([path, value]: [string, ParameterValue]) => `${path}=${value}`);
	return `${profile}{${all.join(", ")}}`;
}

function string(text: string): string {
	return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** Of the basis: bare where it can be. */
function word(text: string): string {
	return /^[a-zA-Z_]\w*$/.test(text) && !RESERVED.has(text) ? text : string(text);
}
