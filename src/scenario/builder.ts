import type {
	Actor,
	Condition,
	Expectation,
	Expression,
	Mapping,
	Model,
	Outcome,
	Page,
	ParameterValue,
	ProfileName,
	Scenario,
	Statement,
	Step,
	Test,
	Variable,
} from "./ast.ts";
import { emptyScenario } from "./ast.ts";
import { scenarioFromJson } from "./json.ts";

type Options<T, K extends keyof T> = Omit<T, "name" | K>;
type Body = (code: CodeBuilder) => unknown;

/** A scenario written in TypeScript: `scenarioBuilder("name").page("P").map("U", "P").actor(...).expect("SAFE").build()`. */
export function scenarioBuilder(name: string): ScenarioBuilder {
	return new ScenarioBuilder(name);
}

/** Writes a scenario step by step in TypeScript; `build` gives it, checked as if it had been parsed. */
export class ScenarioBuilder {
	readonly #scenario: Scenario;

	constructor(name: string) {
		this.#scenario = emptyScenario("scenario", name);
	}

	/** What it is about, in a sentence. */
	story(story: string): this {
		this.#scenario.story = story;
		return this;
	}

	/** Where it comes from. */
	basis(...basis: string[]): this {
		this.#scenario.basis = basis;
		return this;
	}

	/** Its row of the catalogue. */
	row(row: string): this {
		this.#scenario.row = row;
		return this;
	}

	/** Rows to read beside it. */
	contrast(...rows: string[]): this {
		this.#scenario.contrasts = rows;
		return this;
	}

	/** The machine that it runs on unless another is asked for. */
	profile(profile: string, options?: Record<string, ParameterValue>): this {
		this.#scenario.profile = { profile, ...(options && { options }) };
		return this;
	}

	/** The memory model that it runs under unless another is asked for. */
	model(model: Model): this {
		this.#scenario.model = model;
		return this;
	}

	/** Libraries whose macros it uses. */
	use(...libraries: string[]): this {
		this.#scenario.uses.push(...libraries);
		return this;
	}

	/** The first value is the default. */
	param(name: string, ...values: ParameterValue[]): this {
		this.#scenario.params.push({ name, values });
		return this;
	}

	/** A page of the page table. */
	table(name: string, options: { unlinked?: true } = {}): this {
		this.#scenario.tables.push({ name, ...options });
		return this;
	}

	/** An address space. */
	mm(name: string): this {
		this.#scenario.mms.push({ name });
		return this;
	}

	/** A page frame. */
	page(name: string, options: Options<Page, never> = {}): this {
		this.#scenario.pages.push({ name, ...options });
		return this;
	}

	/** A virtual page: `map("U", "P")`. */
	map(name: string, page: string, options: Options<Mapping, "page"> = {}): this {
		this.#scenario.maps.push({ name, page, ...options });
		return this;
	}

	/** A variable; `initial` is 0 where left out. */
	var(name: string, initial?: Expression, options: Options<Variable, "initial"> = {}): this {
		this.#scenario.vars.push({ name, ...(initial !== undefined && { initial }), ...options });
		return this;
	}

	/** Statements under a name, with parameters. */
	macro(name: string, params: string[], body: Body): this {
		this.#scenario.macros.push({ name, params, body: write(body) });
		return this;
	}

	/** A thread. `on`: a CPU's number, "each" or "each-other". */
	actor(name: string, on: Expression | "each" | "each-other", body: Body, options: { mm?: string } = {}): this {
		this.#scenario.actors.push({ name, kind: "thread", on: place(on), ...options, body: write(body) });
		return this;
	}

	/** What a CPU does when it is interrupted. */
	handler(
		kind: "irq" | "nmi",
		on: Expression | "each" | "each-other",
		body: Body,
		options: { name?: string; mm?: string; spontaneous?: Expression } = {},
	): this {
		this.#scenario.actors.push({ name: kind, kind, on: place(on), ...options, body: write(body) });
		return this;
	}

	/** An actor that has no CPU: it reaches memory by DMA. */
	device(name: string, body: Body): this {
		this.#scenario.actors.push({ name, kind: "device", body: write(body) });
		return this;
	}

	/** A verdict, or codes that are all reachable: of every run, or of those that `of` is about. */
	expect(
		codes: string | string[],
		of: {
			when?: Record<string, ParameterValue | ParameterValue[]>;
			profile?: string | ProfileName;
			model?: Model;
		} = {},
	): this {
		const { when, profile, model } = of;
		const outcome: Outcome = {
			any: [typeof codes === "string" ? [codes] : codes],
			...(profile !== undefined && { profile: typeof profile === "string" ? { profile } : profile }),
			...(model && { model }),
		};
		const expectation: Expectation = { outcomes: [outcome] };
		if (when) {
			const rows = Object.entries(when).map(([key, value]) => [key, Array.isArray(value) ? value : [value]]);
			expectation.when = Object.fromEntries(rows) as Record<string, ParameterValue[]>;
		}
		this.#scenario.expects.push(expectation);
		return this;
	}

	/** The scenario, checked as its text would be. */
	build(): Scenario {
		return scenarioFromJson(this.#scenario);
	}
}

function place(on: Expression | "each" | "each-other"): NonNullable<Actor["on"]> {
	return on === "each" || on === "each-other" ? on : { cpu: on };
}

function write(body: Body): Statement[] {
	const code = new CodeBuilder();
	body(code);
	return code.statements;
}

type LoadOrder = "acquire";
type StoreOrder = "release";

/** The statements of an actor, one call each. What has no method of its own is written with `do`. */
export class CodeBuilder {
	readonly statements: Statement[] = [];

	#add(statement: Statement): this {
		this.statements.push(statement);
		return this;
	}

	/** Any statement: `do("tlb.purge", ["K"])`, `do("pte.set", ["U"], ["P", "writable"])`; macros too. */
	do(word: string, args: Expression[] = [], from: Expression[] = []): this {
		return this.#add({ do: word, ...(args.length > 0 && { args }), ...(from.length > 0 && { from }) });
	}

	/** Reads memory into a register. */
	load(to: string, from: Expression, order?: LoadOrder): this {
		return this.do(order ? `load.${order}` : "load", [to], [from]);
	}

	/** Writes memory. */
	store(to: Expression, value: Expression, order?: StoreOrder): this {
		return this.do(order ? `store.${order}` : "store", [to], [value]);
	}

	/** Sets a register. */
	set(register: string, value: Expression): this {
		return this.do("set", [register], [value]);
	}

	/** Keeps operations before it in order with those after it. */
	fence(kind: Expression): this {
		return this.do("fence", [kind]);
	}

	/** Waits until memory compares: `await("flag", "==", 1)`. */
	await(at: Expression, test: Test, right?: Expression, order?: LoadOrder): this {
		const comparison = { test, ...(right !== undefined && { right }) };
		return this.#add({ do: order ? `await.${order}` : "await", args: [at], test: comparison });
	}

	/** Says that something is so from here on; where it is not, that is a hazard. */
	claim(claim: string, ...about: Expression[]): this {
		return this.do("claim", [claim, ...about]);
	}

	/** Several statements as one atomic step. */
	joined(body: Body): this {
		return this.#add({ joined: write(body) as Step[] });
	}

	/** One of two bodies, by a condition. */
	if(condition: Condition, body: Body, otherwise?: Body): this {
		return this.#add({ if: condition, body: write(body), ...(otherwise && { else: write(otherwise) }) });
	}

	/** A body as long as a condition holds. */
	while(condition: Condition, body: Body): this {
		return this.#add({ while: condition, body: write(body) });
	}

	/** null: for ever. */
	repeat(times: Expression | null, body: Body): this {
		return this.#add({ repeat: times, body: write(body) });
	}

	/** For every other CPU, in any order; `name` stands for it. */
	each(name: string, body: Body): this {
		return this.#add({ each: name, body: write(body) });
	}
}
