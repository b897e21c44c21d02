import type { SyntaxNode } from "@lezer/common";
import { FRAME_KINDS, type FrameKind } from "../../bindings/program.ts";
import type { ScenarioErrorCode } from "../errors.ts";
import { readable } from "../input/readable.ts";
import { quote, suggestion } from "../input/words.ts";
import type {
	Actor,
	Expectation,
	Expression,
	Macro,
	Mapping,
	Model,
	Outcome,
	Page,
	ParameterValue,
	ProfileName,
	Scenario,
	Statement,
	Step,
	Variable,
} from "./ast.ts";
import { emptyScenario } from "./ast.ts";
import { keepComments } from "./comments.ts";
import { LIMITS } from "./limits.ts";
import { problemAt } from "./problem.ts";
import { children, OPERANDS, readCondition, readExpression, readNumber, readTest } from "./read-expression.ts";
import { type Source, setSource, setSpan } from "./source.ts";
import { parseTree } from "./syntax.ts";
import { MODELS } from "./vocabulary.ts";
import { Words } from "./words.ts";

/** Words of declarations that something stands behind. */
const VALUED: Record<string, string[]> = {
	page: ["lines", "refs", "owner"],
	map: ["colour", "bound", "via", "mm", "shares", "within"],
	var: ["per"],
};

const STATEMENTS = new Set(["Line", "If", "While", "Repeat", "Each"]);

/** What a text is called in messages. */
export interface ReadOptions {
	/** Named in errors and results. */
	file?: string;
}

/** A text as a scenario or library; nothing is known yet about what its names stand for. */
export function readScenario(given: string, options: ReadOptions = {}): Scenario {
	const { text, file } = readable(given, options);
	// The last line may lack its end, and editors may begin a file with a mark.
	const source: Source = { file, text: `${text.replace(/^\uFEFF/, " ").replace(/\n?$/, "\n")}` };
	return new Reader(source).file(parseTree(source));
}

/** Turns the nodes of the grammar into data. The grammar is strict: a node is there with all its parts, or the text was refused. */
class Reader {
	readonly #source: Source;
	#statements = 0;
	/** All that has a line of its own, as far as comments go. */
	readonly #parts: object[] = [];

	constructor(source: Source) {
		this.#source = source;
	}

	file(top: SyntaxNode): Scenario {
		const node = children(top)[0]!;
		const scenario = emptyScenario(node.name === "Library" ? "library" : "scenario", this.#name(node));
		setSource(scenario, this.#source);
		this.#parts.push(scenario);
		setSpan(scenario, {
			source: this.#source,
			from: node.from,
			to: node.from + this.#text(node).split("\n", 1)[0]!.length,
		});
		for (const child of children(node)) this.#declaration(scenario, child);
		keepComments(top, this.#source, this.#parts);
		return scenario;
	}

	#declaration(scenario: Scenario, node: SyntaxNode): void {
		switch (node.name) {
			case "Story":
				scenario.story = this.#string(node.getChild("String")!);
				break;
			case "Basis":
				scenario.basis = children(node)
					.filter((child) => child.name === "Name" || child.name === "String")
					.map((child) => (child.name === "Name" ? this.#text(child) : this.#string(child)));
				break;
			case "Row":
				scenario.row = this.#name(node);
				break;
			case "Contrast":
				scenario.contrasts = [
					...(scenario.contrasts ?? []),
					...node.getChildren("Name").map((name) => this.#text(name)),
				];
				break;
			case "Redundant": {
				const actions = node.getChildren("String").map((part) => this.#string(part));
				const reason = this.#string(node.getChild("Reason")!.getChild("String")!);
				scenario.redundant = [...(scenario.redundant ?? []), this.#at(node, { actions, reason })];
				break;
			}
			case "Profile":
				scenario.profile = this.#profile(node.getChild("Target")!);
				break;
			case "Model":
				scenario.model = this.#model(node.getChild("Name")!);
				break;
			case "Use":
				scenario.uses.push(...node.getChildren("Name").map((name) => this.#text(name)));
				break;
			case "Param":
				for (const choice of node.getChildren("Choice")) this.#param(scenario, choice);
				break;
			case "Objects":
				this.#objects(scenario, node);
				break;
			case "Macro": {
				const names = node.getChildren("Name").map((name) => this.#text(name));
				const name = this.#verb(node.getChild("Verb")!);
				this.#count(node, scenario.macros, LIMITS.macros, "macros");
				scenario.macros.push(
					this.#at(node, { name, params: names, body: this.#block(node.getChild("Block")) }) as Macro,
				);
				break;
			}
			case "Actor":
			case "Handler":
			case "Device":
				this.#count(node, scenario.actors, LIMITS.actors, "actors");
				scenario.actors.push(this.#actor(node));
				break;
			case "Expect":
				this.#count(node, scenario.expects, LIMITS.expects, "expectations");
				scenario.expects.push(this.#expectation(node));
				break;
		}
	}

	#param(scenario: Scenario, node: SyntaxNode): void {
		this.#count(node, scenario.params, LIMITS.params, "parameters");
		const range = node.getChild("Range");
		let values: ParameterValue[];
		if (range) {
			const [from, to] = range.getChildren("Number").map((child) => this.#number(child)) as [number, number];
			if (to < from || to - from >= LIMITS.values) {
				throw this.#fail(
					range,
					to < from ? "SCENARIO_PARAM" : "SCENARIO_LIMIT",
					`a range goes from the lower number to the higher, over at most ${LIMITS.values} values`,
				);
			}
			values = Array.from({ length: to - from + 1 }, (_, i) => from + i);
		} else values = this.#values(node).slice(1);
		if (values.length > LIMITS.values) throw this.#fail(node, "SCENARIO_LIMIT", `more than ${LIMITS.values} values`);
		scenario.params.push(this.#at(node, { name: this.#name(node), values }));
	}

	#objects(scenario: Scenario, node: SyntaxNode): void {
		for (const item of node.getChildren("Item")) {
			const words = new Words(
				this.#source,
				this.#text(node.firstChild!),
				item,
				VALUED[this.#text(node.firstChild!)] ?? [],
			);
			const name = this.#name(item);
			const onto = item.getChild("Onto");
			const initial = item.getChild("Initial");
			if (onto && words.kind !== "map") throw this.#fail(onto, "SCENARIO_SYNTAX", "only a map goes onto a page");
			if (initial && words.kind !== "var") throw this.#fail(initial, "SCENARIO_SYNTAX", "only a var has a value");
			switch (words.kind) {
				case "table":
					this.#count(item, scenario.tables, LIMITS.tables, "tables");
					scenario.tables.push(this.#at(item, { name, ...words.flags({ unlinked: "unlinked" }) }));
					break;
				case "mm":
					this.#count(item, scenario.mms, LIMITS.mms, "address spaces");
					words.flags({});
					scenario.mms.push(this.#at(item, { name }));
					break;
				case "page":
					this.#count(item, scenario.pages, LIMITS.pages, "pages");
					scenario.pages.push(this.#at(item, this.#page(name, words)));
					break;
				case "map":
					if (!onto) throw this.#fail(item, "SCENARIO_SYNTAX", "a map goes onto a page", `write: map ${name} -> PAGE`);
					this.#count(item, scenario.maps, LIMITS.maps, "maps");
					scenario.maps.push(this.#at(item, this.#map(name, this.#name(onto), words)));
					break;
				case "var":
					this.#count(item, scenario.vars, LIMITS.vars, "variables");
					scenario.vars.push(this.#at(item, this.#variable(name, initial, words)));
					break;
			}
		}
	}

	#page(name: string, words: Words<string>): Page {
		const kind = words.oneOf<FrameKind>(FRAME_KINDS);
		const lines = words.number("lines");
		const refs = words.number("refs");
		const owner = words.name("owner");
		return {
			name,
			...(kind && { kind }),
			...(lines !== undefined && { lines }),
			...(refs !== undefined && { refs }),
			...(owner !== undefined && { owner }),
			...words.flags({ dirty: "dirty" }),
		};
	}

	#map(name: string, page: string, words: Words<string>): Mapping {
		const half = words.oneOf<"user" | "kernel">(["user", "kernel"]);
		const colour = words.number("colour");
		const bound = words.number("bound");
		const via = words.name("via");
		const mm = words.name("mm");
		const shares = words.name("shares");
		const within = words.name("within");
		return {
			name,
			page,
			...(half && { half }),
			...(colour !== undefined && { colour }),
			...(via !== undefined && { via }),
			...(mm !== undefined && { mm }),
			...(shares !== undefined && { shares }),
			...(within !== undefined && { within }),
			...(bound !== undefined && { bound }),
			...words.flags({
				global: "global",
				"read-only": "readOnly",
				unmapped: "unmapped",
				uncached: "uncached",
				"write-through": "writeThrough",
				incoherent: "incoherent",
				pinned: "pinned",
				protected: "protected",
				"no-move-in": "noMoveIn",
				accessed: "accessed",
				dirty: "dirty",
			}),
		};
	}

	#variable(name: string, initial: SyntaxNode | null, words: Words<string>): Variable {
		const perCpu = words.pair("per", "cpu");
		return {
			name,
			...(initial && { initial: readExpression(this.#source, initial.lastChild!) }),
			...(perCpu && { perCpu }),
			...words.flags({ lock: "lock" }),
		};
	}

	#actor(node: SyntaxNode): Actor {
		const where = node.getChild("Where");
		const kind = node.name === "Actor" ? "thread" : node.name === "Device" ? "device" : this.#handlerKind(node);
		// Of a handler: it may have none.
		const name = children(node).find((child) => child.name === "Name" && (!where || child.from < where.from));
		const words = new Words(this.#source, node.name.toLowerCase(), node, ["in", "spontaneous"]);
		const mm = words.name("in");
		const spontaneous = words.number("spontaneous");
		words.flags({});
		if (spontaneous !== undefined && kind !== "nmi")
			throw this.#fail(node, "SCENARIO_TYPE", "only an nmi comes by itself");
		const actor: Actor = {
			name: name ? this.#text(name) : kind,
			kind,
			...(where && { on: this.#where(where) }),
			...(mm !== undefined && { mm }),
			...(spontaneous !== undefined && { spontaneous }),
			body: this.#block(node.getChild("Block")),
		};
		return this.#at(node, actor);
	}

	#handlerKind(node: SyntaxNode): "irq" | "nmi" {
		return node.getChild("nmi") ? "nmi" : "irq";
	}

	#where(node: SyntaxNode): NonNullable<Actor["on"]> {
		if (node.getChild("each")) return node.getChild("other") ? "each-other" : "each";
		return { cpu: readExpression(this.#source, node.lastChild!) };
	}

	#expectation(node: SyntaxNode): Expectation {
		const settings = node.getChildren("Setting");
		const when: Record<string, ParameterValue[]> = {};
		for (const setting of settings) {
			const name = this.#text(setting.getChild("Path")!);
			if (Object.hasOwn(when, name)) throw this.#fail(setting, "SCENARIO_EXPECT", `${name} is set twice in one line`);
			define(when, name, this.#values(setting));
		}
		const outcomes = node.getChildren("Outcome").map((outcome) => this.#outcome(outcome));
		return this.#at(node, { ...(settings.length > 0 && { when }), outcomes });
	}

	#outcome(node: SyntaxNode): Outcome {
		const result: Outcome = { any: [[]] };
		for (const child of children(node)) {
			if (child.name === "Target") {
				const target = this.#profile(child);
				if (!target.options && (MODELS as readonly string[]).includes(target.profile)) {
					if (result.model) throw this.#fail(child, "SCENARIO_EXPECT", "an expectation is for one memory model");
					result.model = target.profile as Model;
				} else if (result.profile) throw this.#fail(child, "SCENARIO_EXPECT", "an expectation is for one profile");
				else result.profile = target;
			} else if (child.name === "Code") result.any.at(-1)!.push(this.#text(child));
			else if (this.#text(child) === "/") result.any.push([]);
		}
		return this.#at(node, result);
	}

	#profile(node: SyntaxNode): ProfileName {
		const profile = this.#name(node);
		const options = node.getChild("Options")?.getChildren("Option") ?? [];
		const found: Record<string, ParameterValue> = {};
		for (const option of options) define(found, this.#text(option.getChild("Path")!), this.#value(option.lastChild!));
		return { profile, ...(options.length > 0 && { options: found }) };
	}

	#model(node: SyntaxNode): Model {
		const model = this.#text(node);
		if ((MODELS as readonly string[]).includes(model)) return model as Model;
		throw this.#fail(node, "SCENARIO_NAME", `unknown memory model ${quote(model)}`, suggestion(model, MODELS));
	}

	#block(node: SyntaxNode | null): Statement[] {
		return node ? children(node).flatMap((child) => this.#statement(child)) : [];
	}

	/** What comes after a colon: a block, or one line. In a loop over CPUs each part of the line is a step of its own. */
	#suite(node: SyntaxNode, apart = false): Statement[] {
		const inner = children(node).filter((child) => STATEMENTS.has(child.name) || child.name === "Block");
		const suite = inner.at(-1)!;
		if (suite.name === "Block") return this.#block(suite);
		const [statement] = this.#statement(suite) as [Statement];
		return apart && "joined" in statement ? statement.joined : [statement];
	}

	#statement(node: SyntaxNode): Statement[] {
		if (++this.#statements > LIMITS.statements)
			throw this.#fail(node, "SCENARIO_LIMIT", `more than ${LIMITS.statements} statements`);
		const operand = () => children(node).find((child) => OPERANDS.has(child.name));
		switch (node.name) {
			case "Line": {
				const steps = node.getChildren("Step").map((step) => this.#step(step));
				return [steps.length === 1 ? steps[0]! : this.#at(node, { joined: steps })];
			}
			case "If": {
				const otherwise = node.getChild("Else");
				const result: Statement = {
					if: readCondition(this.#source, operand()!),
					...(node.getChild("predict") && { predict: true as const }),
					body: this.#suite(node),
					...(otherwise && { else: this.#suite(otherwise) }),
				};
				return [this.#at(node, result)];
			}
			case "While":
				return [this.#at(node, { while: readCondition(this.#source, operand()!), body: this.#suite(node) })];
			case "Repeat": {
				const times = operand();
				return [
					this.#at(node, { repeat: times ? readExpression(this.#source, times) : null, body: this.#suite(node) }),
				];
			}
			case "Each":
				return [this.#at(node, { each: this.#name(node), body: this.#suite(node, true) })];
		}
		throw new Error(`no statement: ${node.name}`);
	}

	#step(node: SyntaxNode): Step {
		const [test] = node.getChildren("Test");
		const lists = { args: [] as Expression[], from: [] as Expression[] };
		for (const child of children(node)) {
			if (OPERANDS.has(child.name)) lists.args.push(readExpression(this.#source, child));
			else if (child.name === "From") {
				for (const part of children(child))
					if (OPERANDS.has(part.name)) lists.from.push(readExpression(this.#source, part));
			}
		}
		const step: Step = {
			do: this.#verb(node.getChild("Verb")!),
			...(lists.args.length > 0 && { args: lists.args }),
			...(lists.from.length > 0 && { from: lists.from }),
			...(test && { test: readTest(this.#source, test) }),
			...(node.getChild("OrFault") && { orFault: true as const }),
		};
		return this.#at(node, step);
	}

	/** Without the white space that may stand around dots. */
	#verb(node: SyntaxNode): string {
		return this.#text(node).replace(/\s+/g, "");
	}

	#values(node: SyntaxNode): ParameterValue[] {
		return children(node)
			.filter((child) => child.name === "Name" || child.name === "Number")
			.map((child) => this.#value(child));
	}

	#value(node: SyntaxNode): ParameterValue {
		return node.name === "Number" ? this.#number(node) : this.#text(node);
	}

	#number(node: SyntaxNode): number {
		return readNumber(this.#source, node);
	}

	#name(node: SyntaxNode): string {
		return this.#text(node.getChild("Name")!);
	}

	#string(node: SyntaxNode): string {
		return this.#text(node).slice(1, -1).replace(/\\(.)/g, "$1");
	}

	#text(node: SyntaxNode): string {
		return this.#source.text.slice(node.from, node.to);
	}

	/** Remembers where a part stood, without the end of its last line. */
	#at<T extends object>(node: SyntaxNode, part: T): T {
		const text = this.#text(node).trimEnd();
		this.#parts.push(part);
		setSpan(part, { source: this.#source, from: node.from, to: node.from + text.length });
		return part;
	}

	#count(node: SyntaxNode, list: unknown[], most: number, what: string): void {
		if (list.length >= most) throw this.#fail(node, "SCENARIO_LIMIT", `more than ${most} ${what}`);
	}

	#fail(node: SyntaxNode, code: ScenarioErrorCode, message: string, hint?: string) {
		return problemAt(this.#source, node.from, code, message, hint, node.to - node.from);
	}
}

/** Sets a key that comes from outside, whatever it is called. */
function define<T>(on: Record<string, T>, key: string, value: T): void {
	Object.defineProperty(on, key, { value, enumerable: true, configurable: true, writable: true });
}
