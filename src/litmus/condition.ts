import type { Lexer } from "./lexer.ts";
import type { Constant, Litmus, Place, Proposition } from "./litmus.ts";
import { compareRegisters } from "./registers.ts";

// Deeper than any test, shallow enough for the stack.
const DEPTH = 200;

/** How places and values are read. */
export interface PlaceParser {
	place(): Place;
	/** A value, or another place whose value it must equal. */
	value(): Place | Constant;
}

/** `prop`: \/ binds least, then /\, then =>, then ~. */
export function parseProposition(lexer: Lexer, places: PlaceParser, depth = 0): Proposition {
	const of = [conjunction(lexer, places, depth)];
	while (lexer.take("\\/")) of.push(conjunction(lexer, places, depth));
	return of.length === 1 ? of[0]! : { is: "or", of };
}

function conjunction(lexer: Lexer, places: PlaceParser, depth: number): Proposition {
	const of = [implication(lexer, places, depth)];
	while (lexer.take("/\\")) of.push(implication(lexer, places, depth));
	return of.length === 1 ? of[0]! : { is: "and", of };
}

function implication(lexer: Lexer, places: PlaceParser, depth: number): Proposition {
	const left = unary(lexer, places, depth);
	return lexer.take("=>") ? { is: "implies", left, right: implication(lexer, places, depth + 1) } : left;
}

function unary(lexer: Lexer, places: PlaceParser, depth: number): Proposition {
	if (depth > DEPTH) throw lexer.error("LITMUS_TOO_LARGE", lexer.peek().at, `nested more than ${DEPTH} deep`);
	if (lexer.take("~", "not")) return { is: "not", of: unary(lexer, places, depth + 1) };
	if (lexer.take("(")) {
		const inner = parseProposition(lexer, places, depth + 1);
		lexer.expect(")");
		return inner;
	}
	if (lexer.is("true", "false")) return { is: "constant", value: lexer.next().text === "true" };
	const left = places.place();
	if (lexer.take("=", "==")) return { is: "equal", left, right: places.value() };
	if (lexer.take("!=", "<>")) return { is: "not", of: { is: "equal", left, right: places.value() } };
	throw lexer.unexpected('"=" and a value', "A condition compares places with values: 0:EAX=1, x=2, [x]=2.");
}

export function holds(proposition: Proposition, equal: (left: Place, right: Place | Constant) => boolean): boolean {
	switch (proposition.is) {
		case "constant":
			return proposition.value;
		case "equal":
			return equal(proposition.left, proposition.right);
		case "not":
			return !holds(proposition.of, equal);
		case "and":
			return proposition.of.every((part) => holds(part, equal));
		case "or":
			return proposition.of.some((part) => holds(part, equal));
		case "implies":
			return !holds(proposition.left, equal) || holds(proposition.right, equal);
	}
}

export function isPlace(value: Place | Constant): value is Place {
	return typeof value === "object";
}

/** As herd prints it. */
export function placeName(place: Place): string {
	return "variable" in place ? `[${place.variable}]` : `${place.thread}:${place.register}`;
}

export function printCondition({ quantifier, condition }: Litmus): string {
	return `${quantifier} (${print(condition)})`;
}

const STRENGTH = { or: 0, and: 1, implies: 2, not: 3, equal: 4, constant: 4 };

function print(of: Proposition, outer = 0): string {
	const strength = STRENGTH[of.is];
	const text = printBare(of, strength);
	return strength < outer ? `(${text})` : text;
}

function printBare(of: Proposition, strength: number): string {
	switch (of.is) {
		case "constant":
			return String(of.value);
		case "equal":
			return `${placeName(of.left)}=${isPlace(of.right) ? placeName(of.right) : of.right}`;
		case "not":
			return `not (${print(of.of)})`;
		case "and":
			return of.of.map((part) => print(part, strength + 1)).join(" /\\ ");
		case "or":
			return of.of.map((part) => print(part, strength + 1)).join(" \\/ ");
		case "implies":
			return `${print(of.left, strength + 1)} => ${print(of.right, strength)}`;
	}
}

/** What final states tell apart: the places of the condition, the filter and `locations`, in herd's order. */
export function observedPlaces({ condition, filter, locations }: Litmus): Place[] {
	const places = new Map<string, Place>();
	const add = (place: Place) => places.set(placeName(place), place);
	const walk = (of: Proposition): void => {
		if (of.is === "equal") {
			add(of.left);
			if (isPlace(of.right)) add(of.right);
		} else if (of.is === "not") walk(of.of);
		else if (of.is === "and" || of.is === "or") of.of.forEach(walk);
		else if (of.is === "implies") {
			walk(of.left);
			walk(of.right);
		}
	};
	walk(condition);
	if (filter) walk(filter);
	locations.forEach(add);
	return [...places.values()].sort(comparePlaces);
}

/** Registers by thread, then variables. */
function comparePlaces(a: Place, b: Place): number {
	if ("variable" in a) return "variable" in b ? (a.variable < b.variable ? -1 : 1) : 1;
	if ("variable" in b) return -1;
	return a.thread - b.thread || compareRegisters(a.register, b.register);
}
