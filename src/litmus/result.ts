import { holds, isPlace, observedPlaces, placeName, printCondition } from "./condition.ts";
import { encodingOf } from "./encode.ts";
import type { Constant, Litmus, Place } from "./litmus.ts";
import { typed, typeOf } from "./types.ts";

/** Whether final states satisfy a condition: none, some, all. */
export type Observation = "Never" | "Sometimes" | "Always";

/** A final state of a litmus test. */
export interface LitmusState {
	/** Values by place as herd names them (`0:EAX`, `[x]`): numbers, beyond 2^53 in digits; addresses as names. */
	values: Record<string, number | string>;
	/** As herd prints it: `0:EAX=0; 1:EAX=1;`. */
	text: string;
	/** Whether the proposition after the quantifier holds in it. */
	satisfies: boolean;
}

/** What a litmus test came to. */
export interface LitmusJudgement {
	name: string;
	/** How many of the states satisfy the proposition: none, some, all. */
	observation: Observation;
	/** Whether the condition with its quantifier holds. */
	ok: boolean;
	/** Distinct final states that satisfy the proposition, and that do not. */
	positive: number;
	negative: number;
	/** All of them that the filter lets through, in herd's order. */
	states: LitmusState[];
	/** The condition as herd prints it. */
	condition: string;
}

/** Judges a test by its final states: bytes in the order of `observed` of the program it was compiled to. */
export function judgeLitmus(litmus: Litmus, finalStates: Iterable<ArrayLike<number>>): LitmusJudgement {
	const { decode } = encodingOf(litmus);
	const places = observedPlaces(litmus);
	const rows = new Map<string, Constant[]>();
	for (const bytes of finalStates) {
		const row = places.map((place, i) => typed(decode(bytes[i]!), typeOf(place, litmus), litmus));
		rows.set(places.map((place, i) => `${placeName(place)}=${row[i]};`).join(" "), row);
	}
	const index = new Map(places.map((place, i) => [placeName(place), i]));
	const states: LitmusState[] = [];
	for (const [text, row] of [...rows].sort(([, a], [, b]) => compareRows(a, b))) {
		const of = (place: Place) => row[index.get(placeName(place))!]!;
		const equal = (left: Place, right: Place | Constant) =>
			of(left) === (isPlace(right) ? of(right) : typed(right, typeOf(left, litmus), litmus));
		if (litmus.filter && !holds(litmus.filter, equal)) continue;
		const values = Object.fromEntries(places.map((place, i) => [placeName(place), plain(row[i]!)]));
		states.push({ values, text, satisfies: holds(litmus.condition, equal) });
	}
	const positive = states.filter(({ satisfies }) => satisfies).length;
	const negative = states.length - positive;
	return {
		name: litmus.name,
		observation: positive === 0 ? "Never" : negative === 0 ? "Always" : "Sometimes",
		ok: { exists: positive > 0, "~exists": positive === 0, forall: negative === 0 }[litmus.quantifier],
		positive,
		negative,
		states,
		condition: printCondition(litmus),
	};
}

const KINDS = { exists: "Allowed", "~exists": "Forbidden", forall: "Required" };

/** What herd prints, with distinct final states where herd counts executions. */
export function printJudgement(litmus: Litmus, judgement: LitmusJudgement): string {
	const { name, states, ok, positive, negative, condition, observation } = judgement;
	// herd's witnesses are of the condition with its quantifier, its observation is of the proposition.
	const [yes, no] = litmus.quantifier === "~exists" ? [negative, positive] : [positive, negative];
	return [
		`Test ${name} ${KINDS[litmus.quantifier]}`,
		`States ${states.length}`,
		...states.map(({ text }) => text),
		ok ? "Ok" : "No",
		"Witnesses",
		`Positive: ${yes} Negative: ${no}`,
		`Condition ${condition}`,
		`Observation ${name} ${observation} ${positive} ${negative}`,
		"",
	].join("\n");
}

function compareRows(a: Constant[], b: Constant[]): number {
	for (const [i, value] of a.entries()) if (value !== b[i]) return compareValues(value, b[i]!);
	return 0;
}

/** Numbers, then addresses. */
function compareValues(a: Constant, b: Constant): number {
	if (typeof a !== typeof b) return typeof a === "bigint" ? -1 : 1;
	return a < b ? -1 : 1;
}

function plain(value: Constant): number | string {
	if (typeof value === "string") return value;
	const number = Number(value);
	return Number.isSafeInteger(number) ? number : String(value);
}
