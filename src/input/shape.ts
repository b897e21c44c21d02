import { isPlain } from "./plain.ts";
import { near, quote, suggestion } from "./words.ts";

// What comes from outside is checked by rules that say, value by value, what it may be: profiles, options, sets of them.

/** What is wrong with a value, and where. */
export class Fault {
	readonly path: readonly string[];
	/** What it must be; empty where it is the key that is wrong. */
	readonly must: string;
	readonly key: "unknown" | "missing" | undefined;
	/** The words that it could be. */
	readonly words: readonly string[];

	constructor(path: readonly string[], must: string, key?: "unknown" | "missing", words: readonly string[] = []) {
		this.path = path;
		this.must = must;
		this.key = key;
		this.words = words;
	}
}

/** What stands at a place: its kind, the keys it has, the rule under each of them, how its value is read. */
export interface Rule<T = unknown> {
	/** "record": names are the user's; "object": the keys are known; "list"; "leaf": a number, a word, a flag. */
	kind: "object" | "record" | "list" | "leaf";
	/** Keys of an object. */
	keys: string[];
	/** The rule under a key; undefined: there is none. */
	under: (key: string) => Rule | undefined;
	/** A copy of the value as it is kept; throws a Fault. */
	read: (value: unknown, path: readonly string[]) => T;
}

type Entries = Record<string, Rule>;
/** What a rule lets through. */
export type Read<R> = R extends Rule<infer T> ? T : never;

export function leaf<T>(read: Rule<T>["read"]): Rule<T> {
	return { kind: "leaf", keys: [], under: () => undefined, read };
}

export function must(holds: boolean, path: readonly string[], what: string): asserts holds {
	if (!holds) throw new Fault(path, what);
}

type Parts<E extends Entries, N extends keyof E> = { [K in Exclude<keyof E, N>]?: Read<E[K]> } & {
	[K in N]: Read<E[K]>;
};

/** An object with these keys, all optional but the `needed` ones. `others`: more may be there, which nobody looks at. */
export function object<E extends Entries, const N extends keyof E = never>(
	entries: E,
	needed: readonly N[] = [],
	others = false,
): Rule<Parts<E, N>> {
	return {
		kind: "object",
		keys: Object.keys(entries),
		under: (key) => (Object.hasOwn(entries, key) ? entries[key] : undefined),
		read: (value, path) => {
			must(isPlain(value), path, "must be an object");
			const result: Record<string, unknown> = {};
			for (const [key, rule] of Object.entries(entries)) {
				// What is undefined is left out.
				if (Object.hasOwn(value, key) && value[key] !== undefined) result[key] = rule.read(value[key], [...path, key]);
				else if (needed.includes(key as N)) throw new Fault([...path, key], "", "missing");
			}
			for (const key of Object.keys(value)) {
				if (!others && !Object.hasOwn(entries, key)) throw new Fault([...path, key], "", "unknown");
			}
			return result as Parts<E, N>;
		},
	};
}

/** Things by names of the user's own. */
export function record<T>(
	of: Rule<T>,
	check?: (names: string[], path: readonly string[]) => void,
): Rule<Record<string, T>> {
	return {
		kind: "record",
		keys: [],
		under: () => of,
		read: (value, path) => {
			must(isPlain(value), path, "must be an object");
			const names = Object.getOwnPropertyNames(value);
			check?.(names, path);
			return Object.fromEntries(names.map((name) => [name, of.read(value[name], [...path, name])]));
		},
	};
}

export function orNull<T>(of: Rule<T>): Rule<T | null> {
	return { ...of, read: (value, path) => (value === null ? null : of.read(value, path)) };
}

export function list<T>(of: Rule<T>, most: number, least = 0): Rule<T[]> {
	return {
		kind: "list",
		keys: [],
		under: () => of,
		read: (value, path) => {
			must(Array.isArray(value), path, "must be a list");
			const items = Array.from(value, (item, i) => of.read(item, [...path, String(i)]));
			must(items.length <= most, path, `must have at most ${most} entries`);
			must(items.length >= least, path, "must have at least one entry");
			return items;
		},
	};
}

/** Lowest and highest value. */
export function range(of: Rule<number>): Rule<[number, number]> {
	return leaf((value, path) => {
		must(Array.isArray(value) && value.length === 2, path, "must be [lowest, highest]");
		const [lowest, highest] = [of.read(value[0], [...path, "0"]), of.read(value[1], [...path, "1"])];
		must(lowest <= highest, path, "must be [lowest, highest]");
		return [lowest, highest];
	});
}

export interface Limits {
	least?: number;
	most: number;
	whole?: boolean;
	what?: string;
}

export function number({ least = 0, most, whole = true, what }: Limits): Rule<number> {
	const range = most === Number.MAX_SAFE_INTEGER ? `${least} on` : `${least} to ${most}`;
	const wanted = `must be ${what ?? (whole ? "a whole number" : "a number")} from ${range}`;
	return leaf((value, path) => {
		must(typeof value === "number" && value >= least && value <= most, path, wanted);
		must(!whole || Number.isInteger(value), path, wanted);
		return value;
	});
}

export function text(most = 1000): Rule<string> {
	return leaf((value, path) => {
		must(typeof value === "string", path, "must be text");
		must(value.length <= most, path, `must have at most ${most} characters`);
		return value;
	});
}

export function matching(pattern: RegExp, type: string, what: string): Rule<string> {
	return leaf((value, path) => {
		must(typeof value === "string", path, type);
		must(pattern.test(value), path, what);
		return value;
	});
}

export function word<const T extends string>(...words: readonly T[]): Rule<T> {
	return leaf((value, path) => {
		if (words.includes(value as T)) return value as T;
		throw new Fault(path, `must be one of ${words.join(", ")}`, undefined, words);
	});
}

export function flag(): Rule<boolean> {
	return leaf((value, path) => {
		must(typeof value === "boolean", path, "must be true or false");
		return value;
	});
}

/** What was wrong, in a sentence that begins with the path, or `whole` where that is the input itself. */
export function explain({ path, must, key, words }: Fault, input: unknown, rule: Rule, whole: string): string {
	const name = path.join(".");
	const where = name.length > 100 ? `${name.slice(0, 97)}...` : name || whole;
	if (key === "unknown") return `${where} is unknown: ${suggestion(path.at(-1)!, keysBeside(rule, path))}`;
	if (key === "missing") return `${where} is missing`;
	const found = path.reduce((part, step) => (part as Record<string, unknown>)[step], input);
	const meant = typeof found === "string" ? near(found, words) : undefined;
	return `${where} ${must}, found ${quote(found)}${meant === undefined ? "" : `: did you mean ${quote(meant)}?`}`;
}

/** The keys that could have been meant where a path leads to an unknown one. */
function keysBeside(rule: Rule, path: readonly string[]): string[] {
	let place: Rule | undefined = rule;
	for (const step of path.slice(0, -1)) place = place?.under(step);
	return place?.keys ?? [];
}
