/** Scenarios as data, in the one way that each can be written down; what their names stand for does not matter here. */

import { FRAME_KINDS } from "../../bindings/program.ts";
import type { Condition, Expression, Scenario, Statement, Step } from "../../src/scenario/index.ts";
import { MODELS, OUTCOMES, RESERVED } from "../../src/scenario/vocabulary.ts";
import fc from "../properties.ts";

// Words of the header are names everywhere else.
const words = [
	"page",
	"map",
	"on",
	"cpu",
	"fault",
	"per",
	"lines",
	"via",
	"mm",
	"irq",
	"predict",
	"user",
	"all",
	"U",
	"r0",
	"x-y",
];
const name = fc
	.oneof(fc.constantFrom(...words), fc.stringMatching(/^[a-z_][a-z0-9_]{0,5}(-[a-z0-9]{1,3})?$/))
	.filter((word) => !RESERVED.has(word));
const verb = fc.oneof(
	fc.constantFrom("load", "store.release", "rmw.or", "store.{end}", "csd.lock", "claim", "fence"),
	fc.tuple(name, name).map((parts) => parts.join(".")),
);
const number = fc.nat(65_535);
const yes = fc.constant(true as const);
const noModel = name.filter((word) => !(MODELS as readonly string[]).includes(word));

function some<T>(fields: { [K in keyof T]: fc.Arbitrary<NonNullable<T[K]>> }, must: (keyof T)[]): fc.Arbitrary<T> {
	return fc.record(fields as never, { requiredKeys: must as never, noNullPrototype: true } as never) as fc.Arbitrary<T>;
}

const { expression, condition } = fc.letrec<{ expression: Expression; condition: Condition }>((tie) => ({
	expression: fc.oneof(
		{ maxDepth: 3, depthIdentifier: "e" },
		name,
		number,
		fc.record({ of: name, at: tie("expression") }, { noNullPrototype: true }),
		fc.record({ of: name, part: name }, { noNullPrototype: true }),
		fc.record({ given: tie("condition") }, { noNullPrototype: true }),
		fc.record(
			{
				left: tie("expression"),
				operator: fc.constantFrom("+", "-", "&", "|", "^", "clamp"),
				right: tie("expression"),
			},
			{ noNullPrototype: true },
		),
	) as fc.Arbitrary<Expression>,
	condition: fc.oneof(
		{ maxDepth: 3, depthIdentifier: "c" },
		tie("expression"),
		fc.record(
			{
				left: tie("expression"),
				test: fc.constantFrom("==", "!=", "<", "<=", ">", ">="),
				right: tie("expression"),
			},
			{ noNullPrototype: true },
		),
		fc.record({ left: tie("expression"), test: fc.constantFrom("odd", "even") }, { noNullPrototype: true }),
		fc.record({ both: fc.tuple(tie("condition"), tie("condition")) }, { noNullPrototype: true }),
		fc.record({ either: fc.tuple(tie("condition"), tie("condition")) }, { noNullPrototype: true }),
		fc.record({ not: tie("condition") }, { noNullPrototype: true }),
		fc.record({ if: tie("condition"), yes: tie("condition"), no: tie("condition") }, { noNullPrototype: true }),
	) as fc.Arbitrary<Condition>,
}));

const operands = fc.array(expression, { minLength: 1, maxLength: 3 });
const step: fc.Arbitrary<Step> = some<Step>(
	{
		do: verb,
		args: operands,
		from: operands,
		test: fc.oneof(
			fc.record(
				{ test: fc.constantFrom("==", "<", "!=") as fc.Arbitrary<"==">, right: expression },
				{ noNullPrototype: true },
			),
			fc.record({ test: fc.constantFrom("odd", "even") as fc.Arbitrary<"odd"> }, { noNullPrototype: true }),
		),
		orFault: yes,
	},
	["do"],
);

const { body } = fc.letrec<{ statement: Statement; body: Statement[] }>((tie) => ({
	statement: fc.oneof(
		{ maxDepth: 3, depthIdentifier: "s" },
		step,
		fc.record({ joined: fc.array(step, { minLength: 2, maxLength: 3 }) }, { noNullPrototype: true }),
		some<{ if: Condition; predict?: true; body: Statement[]; else?: Statement[] }>(
			{ if: condition, predict: yes, body: tie("body"), else: tie("body") },
			["if", "body"],
		),
		fc.record({ while: condition, body: tie("body") }, { noNullPrototype: true }),
		fc.record({ repeat: fc.option(expression), body: tie("body") }, { noNullPrototype: true }),
		fc.record({ each: name, body: tie("body") }, { noNullPrototype: true }),
	) as fc.Arbitrary<Statement>,
	body: fc.array(tie("statement"), { minLength: 1, maxLength: 3, depthIdentifier: "s" }),
}));

const values = fc.uniqueArray(fc.oneof(name, number), { minLength: 1, maxLength: 4 });
const profile = some<NonNullable<Scenario["profile"]>>(
	{
		profile: noModel,
		options: fc.dictionary(name, fc.oneof(name, number), { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
	},
	["profile"],
);
const on = fc.oneof(
	fc.constantFrom("each" as const, "each-other" as const),
	fc.record({ cpu: expression }, { noNullPrototype: true }),
);
const code = fc.oneof({ arbitrary: fc.constant<Statement[]>([]), weight: 1 }, { arbitrary: body, weight: 5 });

function list<T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
	return fc.array(of, { maxLength: 2 });
}

const sentence = fc.string({ unit: "grapheme", maxLength: 40 }).filter((text) => !/[\n\r]/.test(text));

export const scenarios: fc.Arbitrary<Scenario> = some<Scenario>(
	{
		kind: fc.constantFrom("scenario", "library"),
		name,
		story: sentence,
		basis: fc.array(
			fc.string({ maxLength: 10 }).filter((text) => !/[\n\r]/.test(text)),
			{ minLength: 1, maxLength: 3 },
		),
		row: name,
		contrasts: fc.array(name, { minLength: 1, maxLength: 3 }),
		redundant: fc.array(
			fc.record(
				{ actions: fc.array(sentence, { minLength: 1, maxLength: 3 }), reason: sentence },
				{ noNullPrototype: true },
			),
			{ minLength: 1, maxLength: 3 },
		),
		profile,
		model: fc.constantFrom(...MODELS),
		uses: list(name),
		params: list(fc.record({ name, values }, { noNullPrototype: true })),
		tables: list(some({ name, unlinked: yes }, ["name"])),
		mms: list(fc.record({ name }, { noNullPrototype: true })),
		pages: list(
			some<Scenario["pages"][number]>(
				{ name, kind: fc.constantFrom(...FRAME_KINDS), lines: expression, refs: expression, owner: name, dirty: yes },
				["name"],
			),
		),
		maps: list(
			some<Scenario["maps"][number]>(
				{
					name,
					page: name,
					half: fc.constantFrom("user", "kernel"),
					colour: expression,
					via: name,
					mm: name,
					shares: name,
					bound: expression,
					global: yes,
					readOnly: yes,
					unmapped: yes,
					uncached: yes,
					writeThrough: yes,
					incoherent: yes,
					pinned: yes,
					protected: yes,
					within: name,
					noMoveIn: yes,
					accessed: yes,
					dirty: yes,
				},
				["name", "page"],
			),
		),
		vars: list(some<Scenario["vars"][number]>({ name, initial: expression, perCpu: yes, lock: yes }, ["name"])),
		macros: list(
			fc.record(
				{ name: verb.filter((one) => !one.includes("{")), params: list(name), body },
				{ noNullPrototype: true },
			),
		),
		actors: list(
			fc.oneof(
				some<Scenario["actors"][number]>(
					{ name, kind: fc.constant("thread"), on, mm: name, spontaneous: fc.constant(0), body: code },
					["name", "kind", "on", "body"],
				).map(({ spontaneous: _, ...rest }) => rest),
				some<Scenario["actors"][number]>(
					{ name, kind: fc.constant("nmi"), on, mm: name, spontaneous: expression, body: code },
					["name", "kind", "on", "body"],
				),
				fc.record({ name, kind: fc.constant("irq" as const), on, body: code }, { noNullPrototype: true }),
				fc.record({ name, kind: fc.constant("device" as const), body: code }, { noNullPrototype: true }),
			),
		),
		expects: list(
			some<Scenario["expects"][number]>(
				{
					when: fc.dictionary(name, values, { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
					outcomes: fc.array(
						some<Scenario["expects"][number]["outcomes"][number]>(
							{
								profile,
								model: fc.constantFrom(...MODELS),
								any: fc.array(fc.array(fc.constantFrom(...OUTCOMES), { minLength: 1, maxLength: 2 }), {
									minLength: 1,
									maxLength: 2,
								}),
							},
							["any"],
						),
						{ minLength: 1, maxLength: 2 },
					),
				},
				["outcomes"],
			),
		),
	},
	["kind", "name", "uses", "params", "tables", "mms", "pages", "maps", "vars", "macros", "actors", "expects"],
);
