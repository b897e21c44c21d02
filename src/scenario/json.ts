import { FRAME_KINDS } from "../../bindings/program.ts";
import { StalemateError } from "../errors.ts";
import { quote, suggestion } from "../input/words.ts";
import type { Scenario } from "./ast.ts";
import { checkScenario } from "./check.ts";
import { LIMITS } from "./limits.ts";
import { printScenario } from "./print.ts";
import { readScenario } from "./read.ts";
import { MODELS, RESERVED } from "./vocabulary.ts";

/** A scenario as JSON: its own data, without comments and places. */
export function scenarioToJson(scenario: Scenario): Scenario {
	return JSON.parse(JSON.stringify(scenario)) as Scenario;
}

/** The scenario of its JSON form, parsed or as text; refuses what no text could say. */
export function scenarioFromJson(json: unknown): Scenario {
	let value = json;
	if (typeof json === "string") {
		if (json.length > 16 * LIMITS.text) throw wrong("", `is longer than ${16 * LIMITS.text} characters`);
		try {
			value = JSON.parse(json);
		} catch (error) {
			throw new StalemateError("SCENARIO_JSON", `this is no JSON: ${(error as Error).message}`);
		}
	}
	checkForm(value);
	const scenario = readScenario(printScenario(value as Scenario));
	checkScenario(scenario);
	return scenario;
}

type Form = (value: unknown, path: string, depth: number) => void;

function wrong(path: string, message: string): StalemateError {
	const where = path === "" ? "the scenario" : path;
	return new StalemateError("SCENARIO_JSON", `${where} ${message}`, path === "" ? {} : { path });
}

const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*(-[a-zA-Z0-9_]+)*$/;
const PATH = /^[a-zA-Z_][\w-]*(\.[a-zA-Z_][\w-]*)*$/;
const VERB = /^[a-zA-Z_][\w-]*(\.([a-zA-Z_][\w-]*|\{[a-zA-Z_][\w-]*\}))*$/;

function matching(pattern: RegExp, what: string): Form {
	return (value, path) => {
		const words = typeof value === "string" ? value.split(".") : [];
		if (words.length === 0 || (value as string).length > 4 * LIMITS.name || !pattern.test(value as string))
			throw wrong(path, `must be ${what}, not ${quote(value)}`);
		if (words.some((word) => word.length > LIMITS.name)) throw wrong(path, `is longer than ${LIMITS.name} characters`);
		if (RESERVED.has(words[0]!)) throw wrong(path, `must not be ${quote(value)}, a word of the language`);
	};
}

const name = matching(NAME, "a name");
const verb = matching(VERB, "a statement's name");

const number: Form = (value, path) => {
	if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > 65_535)
		throw wrong(path, `must be a whole number, not ${quote(value)}`);
};

const text: Form = (value, path) => {
	if (typeof value !== "string" || value.length > LIMITS.line / 2 || /[\n\r]/.test(value))
		throw wrong(path, `must be a line of text, not ${quote(value)}`);
};

const yes: Form = (value, path) => {
	if (value !== true) throw wrong(path, "must be true or left out");
};

function oneOf(words: readonly string[]): Form {
	return (value, path) => {
		if (words.includes(value as string)) return;
		throw wrong(path, `must be one of ${words.join(", ")}, not ${quote(value)}`);
	};
}

function list(of: Form, most: number, least = 0): Form {
	return (value, path, depth) => {
		if (!Array.isArray(value)) throw wrong(path, `must be a list, not ${quote(value)}`);
		if (value.length > most || value.length < least) throw wrong(path, `must have ${least} to ${most} entries`);
		for (const [i, entry] of value.entries()) of(entry, `${path}[${i}]`, depth + 1);
	};
}

function plain(value: unknown, path: string, depth: number): Record<string, unknown> {
	if (typeof value !== "object" || value === null || Array.isArray(value))
		throw wrong(path, `must be an object, not ${quote(value)}`);
	if (depth > LIMITS.nesting) throw wrong(path, `is nested more than ${LIMITS.nesting} deep`);
	return value as Record<string, unknown>;
}

function object(must: Record<string, Form>, may: Record<string, Form> = {}): Form {
	return (value, path, depth) => {
		const fields = plain(value, path, depth);
		const join = (key: string) => (path === "" ? key : `${path}.${key}`);
		for (const key of Object.keys(fields)) {
			if (Object.hasOwn(must, key) || Object.hasOwn(may, key)) continue;
			throw wrong(join(key), `is not known here: ${suggestion(key, [...Object.keys(must), ...Object.keys(may)])}`);
		}
		for (const [key, form] of Object.entries(must)) {
			if (!Object.hasOwn(fields, key)) throw wrong(join(key), "is missing");
			form(fields[key], join(key), depth + 1);
		}
		for (const [key, form] of Object.entries(may))
			if (Object.hasOwn(fields, key) && fields[key] !== undefined) form(fields[key], join(key), depth + 1);
	};
}

/** The form of the first of some keys that is there. */
function byKey(forms: Record<string, Form>): Form {
	return (value, path, depth) => {
		const fields = plain(value, path, depth);
		const key = Object.keys(forms).find((one) => Object.hasOwn(fields, one));
		if (key === undefined) throw wrong(path, `must have one of ${Object.keys(forms).join(", ")}`);
		forms[key]!(value, path, depth);
	};
}

function entries(key: Form, of: Form): Form {
	return (value, path, depth) => {
		for (const [one, entry] of Object.entries(plain(value, path, depth))) {
			key(one, path, depth);
			of(entry, `${path}.${one}`, depth + 1);
		}
	};
}

const parameterValue: Form = (value, path, depth) => (typeof value === "number" ? number : name)(value, path, depth);

const OPERATORS = ["+", "-", "&", "|", "^", "clamp"];
const TESTS = ["==", "!=", "<", "<=", ">", ">="];

const compound = byKey({
	at: object({ of: name, at: expression }),
	part: object({ of: name, part: name }),
	given: object({ given: condition }),
	operator: object({ left: expression, operator: oneOf(OPERATORS), right: expression }),
});

function expression(value: unknown, path: string, depth: number): void {
	if (typeof value === "number") number(value, path, depth);
	else if (typeof value === "string") name(value, path, depth);
	else compound(value, path, depth);
}

/** Of a comparison: "odd" and "even" have no right side. */
function comparison(must: Record<string, Form>): Form {
	const one = object({ ...must, test: oneOf(["odd", "even"]) });
	const two = object({ ...must, test: oneOf(TESTS), right: expression });
	return (value, path, depth) => {
		const { test } = plain(value, path, depth);
		(test === "odd" || test === "even" ? one : two)(value, path, depth);
	};
}

const compoundCondition = byKey({
	both: object({ both: list(condition, 2, 2) }),
	either: object({ either: list(condition, 2, 2) }),
	not: object({ not: condition }),
	if: object({ if: condition, yes: condition, no: condition }),
	test: comparison({ left: expression }),
	at: expression,
	part: expression,
	given: expression,
	operator: expression,
});

function condition(value: unknown, path: string, depth: number): void {
	if (typeof value === "object") compoundCondition(value, path, depth);
	else expression(value, path, depth);
}

const operands = list(expression, 16, 1);
const step = object({ do: verb }, { args: operands, from: operands, test: comparison({}), orFault: yes });
const body: Form = (value, path, depth) => list(statement, LIMITS.statements, 1)(value, path, depth);

const statement: Form = byKey({
	do: step,
	joined: object({ joined: list(step, 64, 2) }),
	if: object({ if: condition, body }, { predict: yes, else: body }),
	while: object({ while: condition, body }),
	repeat: object({
		repeat: (value, path, depth) => value === null || expression(value, path, depth),
		body,
	}),
	each: object({ each: name, body }),
});

const profile = object(
	{ profile: name },
	{ options: entries(matching(PATH, "the path of an option"), parameterValue) },
);

const where: Form = (value, path, depth) => {
	if (value !== "each" && value !== "each-other") object({ cpu: expression })(value, path, depth);
};

const words: Form = list(text, 64, 1);

const form = object(
	{
		kind: oneOf(["scenario", "library"]),
		name,
		uses: list(name, 64),
		params: list(object({ name, values: list(parameterValue, LIMITS.values, 1) }), LIMITS.params),
		tables: list(object({ name }, { unlinked: yes }), LIMITS.tables),
		mms: list(object({ name }), LIMITS.mms),
		pages: list(
			object({ name }, { kind: oneOf(FRAME_KINDS), lines: expression, refs: expression, owner: name, dirty: yes }),
			LIMITS.pages,
		),
		maps: list(
			object(
				{ name, page: name },
				{
					half: oneOf(["user", "kernel"]),
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
			),
			LIMITS.maps,
		),
		vars: list(object({ name }, { initial: expression, perCpu: yes, lock: yes }), LIMITS.vars),
		macros: list(object({ name: verb, params: list(name, 16), body }), LIMITS.macros),
		actors: list(
			object(
				{ name, kind: oneOf(["thread", "irq", "nmi", "device"]), body: list(statement, LIMITS.statements) },
				{ on: where, mm: name, spontaneous: expression },
			),
			LIMITS.actors,
		),
		expects: list(
			object(
				{
					outcomes: list(object({ any: list(list(name, 32, 1), 32, 1) }, { profile, model: oneOf(MODELS) }), 256, 1),
				},
				{ when: entries(name, list(parameterValue, LIMITS.values, 1)) },
			),
			LIMITS.expects,
		),
	},
	{
		story: text,
		basis: words,
		row: name,
		contrasts: list(name, 64, 1),
		redundant: list(object({ actions: list(text, 64, 1), reason: text }), 256, 1),
		profile,
		model: oneOf(MODELS),
	},
);

function checkForm(value: unknown): void {
	form(value, "", 0);
	for (const [i, { kind, on }] of (value as Scenario).actors.entries()) {
		if ((kind === "device") !== (on === undefined))
			throw wrong(`actors[${i}].on`, kind === "device" ? "must be left out: a device is on no CPU" : "is missing");
	}
}
