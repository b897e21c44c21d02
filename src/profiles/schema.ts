import { costs } from "./costs.ts";
import { isPlain } from "./quantity.ts";
import { parseNumber } from "./size.ts";
import type { CostName, ProfileChanges, Quantity, Sourced } from "./types.ts";

// What the JSON of a profile may look like. Everything is optional here, because a profile is written as changes to another;
// complete() asks for what is left, resolve() whether it fits together.

/** What is wrong with a value, and where. */
export class Fault {
	readonly path: readonly string[];
	/** What it must be; empty where it is the key that is wrong. */
	readonly must: string;
	readonly key: "unknown" | "missing" | undefined;

	constructor(path: readonly string[], must: string, key?: "unknown" | "missing") {
		this.path = path;
		this.must = must;
		this.key = key;
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
type Read<R> = R extends Rule<infer T> ? T : never;

/** Names of caches and TLBs: no word that objects have of their own begins with a capital letter. */
const NAME = /^[A-Z][A-Za-z0-9_]{0,31}$/;
const MOST_LEVELS = 32;

// Largest values that are not a slip of the pen.
const MOST_BYTES = 2 ** 40;
const MOST_CYCLES = 1e12;

const BASES = ["documented", "measured", "computed", "known", "estimated"] as const;

function leaf<T>(read: Rule<T>["read"]): Rule<T> {
	return { kind: "leaf", keys: [], under: () => undefined, read };
}

function must(holds: boolean, path: readonly string[], what: string): asserts holds {
	if (!holds) throw new Fault(path, what);
}

/** An object with these keys, all optional but the `needed` ones. */
function object<E extends Entries>(entries: E, needed: (keyof E)[] = []): Rule<{ [K in keyof E]?: Read<E[K]> }> {
	return {
		kind: "object",
		keys: Object.keys(entries),
		under: (key) => (Object.hasOwn(entries, key) ? entries[key] : undefined),
		read: (value, path) => {
			must(isPlain(value), path, "must be an object");
			const result: Record<string, unknown> = {};
			for (const [key, rule] of Object.entries(entries)) {
				if (Object.hasOwn(value, key)) result[key] = rule.read(value[key], [...path, key]);
				else if (needed.includes(key)) throw new Fault([...path, key], "", "missing");
			}
			for (const key of Object.keys(value)) {
				if (!Object.hasOwn(entries, key)) throw new Fault([...path, key], "", "unknown");
			}
			return result as { [K in keyof E]?: Read<E[K]> };
		},
	};
}

/** Caches or TLBs by their names. */
function named<T>(of: Rule<T>): Rule<Record<string, T>> {
	const rule = "names must begin with a capital letter and go on with letters, digits and _, at most 32 in all";
	return {
		kind: "record",
		keys: [],
		under: () => of,
		read: (value, path) => {
			must(isPlain(value), path, "must be an object");
			const names = Object.getOwnPropertyNames(value);
			must(
				names.every((name) => NAME.test(name)),
				path,
				rule,
			);
			must(names.length <= MOST_LEVELS, path, `must have at most ${MOST_LEVELS} entries`);
			return Object.fromEntries(names.map((name) => [name, of.read(value[name], [...path, name])]));
		},
	};
}

function orNull<T>(of: Rule<T>): Rule<T | null> {
	return { ...of, read: (value, path) => (value === null ? null : of.read(value, path)) };
}

function list<T>(of: Rule<T>, most: number, least = 0): Rule<T[]> {
	return {
		kind: "list",
		keys: [],
		under: () => undefined,
		read: (value, path) => {
			must(Array.isArray(value), path, "must be a list");
			const items = Array.from(value, (item, i) => of.read(item, [...path, String(i)]));
			must(items.length <= most, path, `must have at most ${most} entries`);
			must(items.length >= least, path, "must have at least one entry");
			return items;
		},
	};
}

interface Limits {
	least?: number;
	most: number;
	whole?: boolean;
	what?: string;
}

function plain({ least = 0, most, whole = true, what }: Limits): Rule<number> {
	const wanted = `must be ${what ?? (whole ? "a whole number" : "a number")} from ${least} to ${most}`;
	return leaf((value, path) => {
		must(typeof value === "number" && value >= least && value <= most, path, wanted);
		must(!whole || Number.isInteger(value), path, wanted);
		return value;
	});
}

function string(most: number): Rule<string> {
	return leaf((value, path) => {
		must(typeof value === "string", path, "must be text");
		must(value.length <= most, path, `must have at most ${most} characters`);
		return value;
	});
}

function matching(pattern: RegExp, type: string, what: string): Rule<string> {
	return leaf((value, path) => {
		must(typeof value === "string", path, type);
		must(pattern.test(value), path, what);
		return value;
	});
}

function word<const T extends string>(...words: readonly T[]): Rule<T> {
	return leaf((value, path) => {
		must(words.includes(value as T), path, `must be one of ${words.join(", ")}`);
		return value as T;
	});
}

/** A number with its provenance. */
function sourced(limits: Limits): Rule<Sourced> {
	const bound = plain({ ...limits, least: 0, whole: false });
	const range = leaf((pair, path): [number, number] => {
		must(Array.isArray(pair) && pair.length === 2, path, "must be [lowest, highest]");
		return [bound.read(pair[0], [...path, "0"]), bound.read(pair[1], [...path, "1"])];
	});
	const parts = { value: plain(limits), range, basis: word(...BASES), source: text };
	const whole = object(parts, ["value", "basis", "source"]) as Rule<Sourced>;
	return leaf((value, path) => {
		const result = whole.read(value, path);
		const [lowest, highest] = result.range ?? [result.value, result.value];
		must(lowest <= result.value && result.value <= highest, path, "has a value outside its range");
		return result;
	});
}

/** A number, plain or with its provenance. */
function quantity(limits: Limits, number = plain(limits)): Rule<Quantity> {
	const withSource = sourced(limits);
	return leaf((value, path) => (isPlain(value) ? withSource : number).read(value, path));
}

/** A plain number that may also be written "512K". */
function bytes(limits: Limits): Rule<number> {
	const number = plain(limits);
	return leaf((value, path) => number.read(typeof value === "string" ? parseNumber(value) : value, path));
}

function sizeQuantity(limits: Limits): Rule<Quantity> {
	return quantity(limits, bytes(limits));
}

const text = string(1000);
const flag = leaf((value, path): boolean => {
	must(typeof value === "boolean", path, "must be true or false");
	return value;
});
const levelName = matching(/^\w{1,32}$/, "must be a name", "must be a name");

function count(most: number, least = 1): Rule<Quantity> {
	return quantity({ least, most });
}

/** Of changes, and so of whole profiles too. */
function changes(): Rule<ProfileChanges> {
	const cyclesOrNs = quantity({ most: MOST_CYCLES, whole: false });
	const waysNumber = quantity({ least: 1, most: 65535, what: '"full" or a whole number' });
	const ways = leaf((value, path) => (value === "full" ? value : waysNumber.read(value, path)));
	const serves = word("fetch", "data", "both", "none");
	const replacement = word("lru", "plru", "fifo", "random", "srrip");
	const pageSize = bytes({ least: 4096, most: MOST_BYTES, what: "a page size: a power of two" });
	const nextTlbs = list(levelName, 8);

	const cache = object({
		size: sizeQuantity({ least: 8, most: MOST_BYTES, what: "a whole number of bytes" }),
		sets: count(2 ** 32 - 1),
		ways,
		line: sizeQuantity({ least: 8, most: 4096, what: "a power of two" }),
		index: word("virtual", "physical"),
		tag: word("virtual", "physical"),
		inclusion: word("nine", "inclusive", "exclusive"),
		replacement,
		write: word("back", "through"),
		allocate: flag,
		writebacks: flag,
		latency: cyclesOrNs,
		next: levelName,
		serves,
		sharedBy: count(256, 0),
		fillOnCleanVictim: flag,
	});
	const tlb = object({
		entries: count(2 ** 26),
		ways,
		pages: list(pageSize, 32, 1),
		replacement,
		next: leaf((value, path) => (Array.isArray(value) ? nextTlbs : levelName).read(value, path)),
		serves,
		sharedBy: count(256, 0),
		latency: cyclesOrNs,
	});
	const shadowTlb = object({ entries: count(2 ** 26), ways: count(65535) }, ["entries", "ways"]);

	return object({
		extends: text,
		id: matching(/^[\w.+-]{1,64}$/, "must be text", "must be 1 to 64 letters, digits and .+-_"),
		title: text,
		version: plain({ least: 1, most: 1e9 }),
		basedOn: text,
		notes: list(text, 100),
		caches: named(orNull(cache)),
		tlbs: named(orNull(tlb)),
		walk: object({
			enabled: flag,
			software: flag,
			breakBeforeMake: flag,
			levels: list(quantity({ least: 1, most: 24 }), 8, 1),
			entry: quantity({ least: 4, most: 8 }),
			enters: levelName,
			caches: list(quantity({ most: 65535 }), 7),
			latency: cyclesOrNs,
			walkers: count(64),
		}),
		translation: object({
			policy: word("identity", "first-touch", "coloured", "random"),
			page: sizeQuantity({ least: 4096, most: MOST_BYTES, what: "a power of two" }),
			colours: sizeQuantity({ least: 1, most: 65536 }),
			frames: sizeQuantity({ least: 1, most: 2 ** 40, what: "a power of two" }),
			huge: list(string(80), 4096),
		}),
		straddle: word("split", "once"),
		memoryModel: word("sc", "tso", "arm8", "rcpc"),
		speculativeMoveIn: flag,
		smap: flag,
		pcid: flag,
		asids: count(2 ** 32),
		frequency: quantity({ least: 0.001, most: 100, whole: false, what: "a number of GHz" }),
		cpus: object({ sockets: count(256), cores: count(256), threads: count(256) }),
		memory: object({ ns: cyclesOrNs, cycles: cyclesOrNs }),
		coherence: object({ protocol: word("none", "mesi", "mesif", "moesi"), instructions: flag, dma: flag }),
		tlbPurge: object({ by: word("ipi", "broadcast"), inFlight: count(1e6, 0) }),
		alias: object({
			architected: sizeQuantity({ least: 4096, most: MOST_BYTES }),
			implemented: sizeQuantity({ least: 4096, most: MOST_BYTES }),
		}),
		instructions: object({ clflushopt: flag, clwb: flag }),
		attributes: word("wimge"),
		shadowTlbs: named(shadowTlb as Rule<Required<Read<typeof shadowTlb>>>),
		costs: object(
			Object.fromEntries(Object.keys(costs).map((name) => [name, cyclesOrNs])) as Record<CostName, Rule<Quantity>>,
		),
	});
}

let whole: Rule<ProfileChanges> | undefined;

/** The rule of a whole profile, made for the first that comes from outside: what is shipped needs no checking. */
export function root(): Rule<ProfileChanges> {
	whole ??= changes();
	return whole;
}
