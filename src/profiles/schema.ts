import * as v from "valibot";
import { costs } from "./costs.ts";
import { isPlain } from "./quantity.ts";
import { parseNumber } from "./size.ts";
import type { CostName, ProfileChanges, Quantity } from "./types.ts";

// What the JSON of a profile may look like. Everything is optional here, because a profile is written as changes to another;
// complete() asks for what is left, resolve() whether it fits together.

type Schema<T> = v.GenericSchema<unknown, T>;

/** Names of caches and TLBs: no word that objects have of their own begins with a capital letter. */
const NAME = /^[A-Z][A-Za-z0-9_]{0,31}$/;
const MOST_LEVELS = 32;

// Largest values that are not a slip of the pen.
const MOST_BYTES = 2 ** 40;
const MOST_CYCLES = 1e12;

function object<T extends v.ObjectEntries>(entries: T) {
	return v.pipe(v.custom<Record<string, unknown>>(isPlain, "must be an object"), v.strictObject(entries));
}

function optional<T extends v.ObjectEntries>(entries: T) {
	const result: Record<string, unknown> = {};
	for (const key of Object.keys(entries)) result[key] = v.exactOptional(entries[key] as Schema<unknown>);
	return object(result as { [K in keyof T]: v.ExactOptionalSchema<T[K] & v.GenericSchema, undefined> });
}

function named<T>(of: Schema<T>) {
	return v.pipe(
		v.custom<Record<string, unknown>>(isPlain, "must be an object"),
		v.check(
			(levels) => Object.getOwnPropertyNames(levels).every((name) => NAME.test(name)),
			"names must begin with a capital letter and go on with letters, digits and _, at most 32 in all",
		),
		v.check((levels) => Object.keys(levels).length <= MOST_LEVELS, `must have at most ${MOST_LEVELS} entries`),
		v.record(v.string(), of),
	);
}

interface Limits {
	least?: number;
	most: number;
	whole?: boolean;
	what?: string;
}

function describe({ least = 0, most, whole = true, what }: Limits): string {
	return `must be ${what ?? (whole ? "a whole number" : "a number")} from ${least} to ${most}`;
}

function plain(limits: Limits): Schema<number> {
	const { least = 0, most, whole = true } = limits;
	const fits = (n: number) => n >= least && n <= most && (!whole || Number.isInteger(n));
	return v.pipe(v.number(describe(limits)), v.check(fits, describe(limits)));
}

const text = v.pipe(v.string("must be text"), v.maxLength(1000, "must have at most 1000 characters"));

function sourced(value: Schema<number>, limits: Limits) {
	const bound = plain({ ...limits, least: 0, whole: false });
	return v.pipe(
		object({
			value,
			range: v.exactOptional(
				v.pipe(
					v.custom<unknown>((pair) => Array.isArray(pair) && pair.length === 2, "must be [lowest, highest]"),
					v.strictTuple([bound, bound]),
				),
			),
			basis: v.picklist(BASES, `must be one of ${BASES.join(", ")}`),
			source: text,
		}),
		v.check(({ value, range }) => !range || (range[0] <= value && value <= range[1]), "has a value outside its range"),
	);
}

const BASES = ["documented", "measured", "computed", "known", "estimated"] as const;

/** A number, plain or with its provenance. */
function quantity(limits: Limits): Schema<Quantity> {
	const number = plain(limits);
	const withSource = sourced(number, limits);
	return v.lazy((input): Schema<Quantity> => (isPlain(input) ? withSource : number));
}

/** A plain number that may also be written "512K". */
function bytes(limits: Limits): Schema<number> {
	const number = plain(limits);
	const written = v.pipe(
		v.string(describe(limits)),
		v.transform((word) => parseNumber(word) ?? Number.NaN),
		number as v.GenericSchema<number, number>,
	);
	return v.lazy((input): Schema<number> => (typeof input === "string" ? written : number));
}

function sizeQuantity(limits: Limits): Schema<Quantity> {
	const number = bytes(limits);
	const withSource = quantity(limits);
	return v.lazy((input): Schema<Quantity> => (isPlain(input) ? withSource : number));
}

function word<const T extends string>(...words: T[]) {
	return v.picklist(words, `must be one of ${words.join(", ")}`);
}

function list<T>(of: Schema<T>, most: number) {
	return v.pipe(v.array(of, "must be a list"), v.maxLength(most, `must have at most ${most} entries`));
}

const flag = v.boolean("must be true or false");
const count = (most: number, least = 1) => quantity({ least, most });
const cyclesOrNs = quantity({ most: MOST_CYCLES, whole: false });
const levelName = v.pipe(v.string("must be a name"), v.regex(/^\w{1,32}$/, "must be a name"));

const waysNumber = quantity({ least: 1, most: 65535, what: '"full" or a whole number' });
const ways: Schema<Quantity | "full"> = v.lazy(
	(input): Schema<Quantity | "full"> => (input === "full" ? v.literal("full") : waysNumber),
);
const serves = word("fetch", "data", "both", "none");
const replacement = word("lru", "plru", "fifo", "random", "srrip");
const pageSize = bytes({ least: 4096, most: MOST_BYTES, what: "a page size: a power of two" });

const cache = optional({
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

const tlbNext: Schema<string | string[]> = v.lazy(
	(input): Schema<string | string[]> => (Array.isArray(input) ? list(levelName, 8) : levelName),
);

const tlb = optional({
	entries: count(2 ** 26),
	ways,
	pages: v.pipe(list(pageSize, 32), v.minLength(1, "must have at least one entry")),
	replacement,
	next: tlbNext,
	serves,
	sharedBy: count(256, 0),
	latency: cyclesOrNs,
});

const costEntries = Object.fromEntries(Object.keys(costs).map((name) => [name, cyclesOrNs])) as Record<
	CostName,
	Schema<Quantity>
>;

/** Of changes, and so of whole profiles too. */
export const schema: Schema<ProfileChanges> = optional({
	extends: text,
	id: v.pipe(v.string("must be text"), v.regex(/^[\w.+-]{1,64}$/, "must be 1 to 64 letters, digits and .+-_")),
	title: text,
	version: plain({ least: 1, most: 1e9 }),
	basedOn: text,
	notes: list(text, 100),
	caches: named(v.nullable(cache)),
	tlbs: named(v.nullable(tlb)),
	walk: optional({
		enabled: flag,
		software: flag,
		levels: v.pipe(list(quantity({ least: 1, most: 24 }), 8), v.minLength(1, "must have at least one entry")),
		entry: quantity({ least: 4, most: 8 }),
		enters: levelName,
		caches: list(quantity({ most: 65535 }), 7),
		latency: cyclesOrNs,
		walkers: count(64),
	}),
	translation: optional({
		policy: word("identity", "first-touch", "coloured", "random"),
		page: sizeQuantity({ least: 4096, most: MOST_BYTES, what: "a power of two" }),
		colours: sizeQuantity({ least: 1, most: 65536 }),
		frames: sizeQuantity({ least: 1, most: 2 ** 40, what: "a power of two" }),
		huge: list(v.pipe(v.string("must be text"), v.maxLength(80, "must have at most 80 characters")), 4096),
	}),
	straddle: word("split", "once"),
	memoryModel: word("sc", "tso", "arm8", "rcpc"),
	speculativeMoveIn: flag,
	smap: flag,
	pcid: flag,
	asids: count(2 ** 32),
	frequency: quantity({ least: 0.001, most: 100, whole: false, what: "a number of GHz" }),
	cpus: optional({ sockets: count(256), cores: count(256), threads: count(256) }),
	memory: optional({ ns: cyclesOrNs, cycles: cyclesOrNs }),
	coherence: optional({ protocol: word("none", "mesi", "mesif", "moesi"), instructions: flag, dma: flag }),
	tlbPurge: optional({ by: word("ipi", "broadcast"), inFlight: count(1e6, 0) }),
	alias: optional({
		architected: sizeQuantity({ least: 4096, most: MOST_BYTES }),
		implemented: sizeQuantity({ least: 4096, most: MOST_BYTES }),
	}),
	instructions: optional({ clflushopt: flag, clwb: flag }),
	attributes: word("wimge"),
	shadowTlbs: named(object({ entries: count(2 ** 26), ways: count(65535) })),
	costs: optional(costEntries),
});

/** The little that finding one's way through a schema needs to know of valibot's objects. */
interface Node {
	type: string;
	entries?: Record<string, Node>;
	value?: Node;
	wrapped?: Node;
	pipe?: Node[];
}

/** Objects and records hide behind optional(), nullable() and checks. */
function bare(node: Node): Node {
	for (;;) {
		if (node.wrapped) node = node.wrapped;
		else {
			const inner = node.pipe?.findLast((item) => ["strict_object", "record", "array"].includes(item.type));
			if (!inner || inner === node) return node;
			node = inner;
		}
	}
}

/** A place in the schema: its kind, the keys it has, the place under each of them. */
export interface Place {
	/** "record": names are the user's; "object": the keys are known; "list"; "leaf": a number, a word, a flag. */
	kind: "object" | "record" | "list" | "leaf";
	/** Keys of an object. */
	keys: string[];
	/** The place under a key; undefined: there is none. */
	under: (key: string) => Place | undefined;
	/** The value as it is kept, or what it must be. */
	read: (value: unknown) => { ok: true; value: unknown } | { ok: false; must: string };
}

function placeOf(node: Node): Place {
	const inner = bare(node);
	const entries = inner.type === "strict_object" ? inner.entries! : {};
	const value = inner.type === "record" ? inner.value : undefined;
	const child = (key: string) => value ?? (Object.hasOwn(entries, key) ? entries[key] : undefined);
	return {
		kind: value ? "record" : inner.type === "strict_object" ? "object" : inner.type === "array" ? "list" : "leaf",
		keys: Object.keys(entries),
		under: (key) => {
			const next = child(key);
			return next && placeOf(next);
		},
		read: (input) => {
			const result = v.safeParse(node as unknown as v.GenericSchema, input, { abortEarly: true, abortPipeEarly: true });
			return result.success ? { ok: true, value: result.output } : { ok: false, must: result.issues[0].message };
		},
	};
}

/** The whole schema as a place. */
export function root(): Place {
	return placeOf(schema as unknown as Node);
}
