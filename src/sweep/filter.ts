import { quote } from "../input/words.ts";
import { parseNumber } from "../profiles/size.ts";
import { badSweep } from "./problem.ts";
import type { Value } from "./types.ts";

/** What a path has at a point. */
export type Lookup = (path: string) => Value;

/** An expression that was read, to be asked at each point. */
export type Filter = (lookup: Lookup) => boolean;

type Term = (lookup: Lookup) => Value;

/** Longest first: `<=` is not `<` and something. */
const TOKEN = /\s*(?:(\d[\w.]*)|("[^"]*"|'[^']*')|([A-Za-z_][\w.]*)|(<=|>=|==|!=|<|>|\+|-|\*|\/|%|\(|\)))/y;

/** How tightly operators bind; those of a level from left to right. */
const LEVELS: readonly (readonly string[])[] = [
	["or"],
	["and"],
	["<", "<=", ">", ">=", "==", "!="],
	["+", "-"],
	["*", "/", "%"],
];

/** Reads `profile.caches.L1D.ways <= 8 and profile.caches.L1D.size < 64K`. Throws BAD_SWEEP. */
export function parseFilter(text: string, place: string): Filter {
	const tokens = tokensOf(text, place);
	let at = 0;
	const wrong = (what: string) => badSweep(place, `${quote(text)}: ${what}`);
	const need = (token: string) => {
		if (tokens[at] !== token) throw wrong(`${quote(token)} expected, found ${quote(tokens[at] ?? "the end")}`);
		at++;
	};
	const level = (depth: number): Term => {
		if (depth === LEVELS.length) return single();
		let left = level(depth + 1);
		while (LEVELS[depth]!.includes(tokens[at] ?? "")) {
			const operator = tokens[at++]!;
			left = joined(operator, left, level(depth + 1), wrong);
		}
		return left;
	};
	const single = (): Term => {
		const token = tokens[at++];
		if (token === undefined) throw wrong("it ends too early");
		if (token === "(") {
			const inner = level(0);
			need(")");
			return inner;
		}
		if (token === "not") {
			// Weaker than comparisons: not a < b.
			const inner = level(2);
			return (lookup) => !truth(inner(lookup), wrong);
		}
		if (token === "-") {
			const inner = single();
			return (lookup) => -number(inner(lookup), wrong);
		}
		if (token === "true" || token === "false") return () => token === "true";
		if (/^["']/.test(token)) return () => token.slice(1, -1);
		if (/^\d/.test(token)) {
			const value = parseNumber(token);
			if (value === undefined) throw wrong(`${quote(token)} is no number`);
			return () => value;
		}
		if (/^[A-Za-z_]/.test(token)) return (lookup) => lookup(token);
		throw wrong(`a value expected, found ${quote(token)}`);
	};
	const whole = level(0);
	if (at < tokens.length) throw wrong(`nothing more expected, found ${quote(tokens[at])}`);
	return (lookup) => truth(whole(lookup), wrong);
}

function tokensOf(text: string, place: string): string[] {
	const tokens: string[] = [];
	const end = text.trimEnd().length;
	TOKEN.lastIndex = 0;
	while (TOKEN.lastIndex < end) {
		const start = TOKEN.lastIndex;
		const found = TOKEN.exec(text);
		if (!found) throw badSweep(place, `${quote(text)}: cannot read ${quote(text.slice(start).trim())}`);
		tokens.push(found[0].trim());
	}
	return tokens;
}

type Wrong = (what: string) => Error;

function joined(operator: string, a: Term, b: Term, wrong: Wrong): Term {
	const numbers = (of: (a: number, b: number) => Value): Term => {
		return (lookup) => of(number(a(lookup), wrong), number(b(lookup), wrong));
	};
	switch (operator) {
		case "or":
			return (lookup) => truth(a(lookup), wrong) || truth(b(lookup), wrong);
		case "and":
			return (lookup) => truth(a(lookup), wrong) && truth(b(lookup), wrong);
		case "==":
			return (lookup) => same(a(lookup), b(lookup));
		case "!=":
			return (lookup) => !same(a(lookup), b(lookup));
		case "<":
			return numbers((x, y) => x < y);
		case "<=":
			return numbers((x, y) => x <= y);
		case ">":
			return numbers((x, y) => x > y);
		case ">=":
			return numbers((x, y) => x >= y);
		case "+":
			return numbers((x, y) => x + y);
		case "-":
			return numbers((x, y) => x - y);
		case "*":
			return numbers((x, y) => x * y);
		case "/":
			return numbers((x, y) => x / y);
		default:
			return numbers((x, y) => x % y);
	}
}

/** 32K and 32768 are the same, whichever way they were written. */
function same(a: Value, b: Value): boolean {
	const plain = (value: Value) => (typeof value === "string" ? (parseNumber(value) ?? value) : value);
	return plain(a) === plain(b);
}

function number(value: Value, wrong: Wrong): number {
	const found = typeof value === "string" ? parseNumber(value) : value;
	if (typeof found !== "number") throw wrong(`${quote(value)} is no number`);
	return found;
}

function truth(value: Value, wrong: Wrong): boolean {
	if (typeof value !== "boolean") throw wrong(`${quote(value)} is neither true nor false`);
	return value;
}
