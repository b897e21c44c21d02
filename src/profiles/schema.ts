import { isPlain } from "../input/plain.ts";
import {
	flag,
	type Limits,
	leaf,
	list,
	matching,
	must,
	number,
	object,
	orNull,
	type Rule,
	range,
	record,
	text,
	word,
} from "../input/shape.ts";
import { costs } from "./costs.ts";
import { parseNumber } from "./size.ts";
import type { CostName, ProfileChanges, Quantity, Sourced } from "./types.ts";

// What the JSON of a profile may look like. Everything is optional here, because a profile is written as changes to another;
// complete() asks for what is left, resolve() whether it fits together.

/** Names of caches and TLBs: no word that objects have of their own begins with a capital letter. */
const NAME = /^[A-Z][A-Za-z0-9_]{0,31}$/;
const MOST_LEVELS = 32;

// Largest values that are not a slip of the pen.
const MOST_BYTES = 2 ** 40;
const MOST_CYCLES = 1e12;

const BASES = ["documented", "measured", "computed", "known", "estimated"] as const;

/** Caches or TLBs by their names. */
function named<T>(of: Rule<T>): Rule<Record<string, T>> {
	const rule = "names must begin with a capital letter and go on with letters, digits and _, at most 32 in all";
	return record(of, (names, path) => {
		must(
			names.every((name) => NAME.test(name)),
			path,
			rule,
		);
		must(names.length <= MOST_LEVELS, path, `must have at most ${MOST_LEVELS} entries`);
	});
}

/** A number with its provenance; `plain`: how it is written. */
function sourced(limits: Limits, plain: typeof number): Rule<Sourced> {
	const bound = plain({ ...limits, least: 0, whole: false });
	const parts = { value: plain(limits), range: range(bound), basis: word(...BASES), source: text() };
	const whole = object(parts, ["value", "basis", "source"]);
	return leaf((value, path) => {
		const result = whole.read(value, path);
		const [lowest, highest] = result.range ?? [result.value, result.value];
		must(lowest <= result.value && result.value <= highest, path, "has a value outside its range");
		return result;
	});
}

/** A number, plain or with its provenance. */
function quantity(limits: Limits, plain = number): Rule<Quantity> {
	const withSource = sourced(limits, plain);
	const alone = plain(limits);
	return leaf((value, path) => (isPlain(value) ? withSource : alone).read(value, path));
}

/** A plain number that may also be written "512K". */
function bytes(limits: Limits): Rule<number> {
	const plain = number(limits);
	return leaf((value, path) => plain.read(typeof value === "string" ? parseNumber(value) : value, path));
}

function sizeQuantity(limits: Limits): Rule<Quantity> {
	return quantity(limits, bytes);
}

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
		allocate: flag(),
		writebacks: flag(),
		latency: cyclesOrNs,
		next: levelName,
		serves,
		sharedBy: count(256, 0),
		fillOnCleanVictim: flag(),
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
		extends: text(),
		id: matching(/^[\w.+-]{1,64}$/, "must be text()", "must be 1 to 64 letters, digits and .+-_"),
		title: text(),
		version: number({ least: 1, most: 1e9 }),
		basedOn: text(),
		notes: list(text(), 100),
		caches: named(orNull(cache)),
		tlbs: named(orNull(tlb)),
		walk: object({
			enabled: flag(),
			software: flag(),
			breakBeforeMake: flag(),
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
			huge: list(text(80), 4096),
		}),
		straddle: word("split", "once"),
		memoryModel: word("sc", "tso", "arm8", "rcpc"),
		speculativeMoveIn: flag(),
		smap: flag(),
		pcid: flag(),
		asids: count(2 ** 32),
		frequency: quantity({ least: 0.001, most: 100, whole: false, what: "a number of GHz" }),
		cpus: object({ sockets: count(256), cores: count(256), threads: count(256) }),
		memory: object({ ns: cyclesOrNs, cycles: cyclesOrNs }),
		coherence: object({ protocol: word("none", "mesi", "mesif", "moesi"), instructions: flag(), dma: flag() }),
		tlbPurge: object({ by: word("ipi", "broadcast"), inFlight: count(1e6, 0) }),
		alias: object({
			architected: sizeQuantity({ least: 4096, most: MOST_BYTES }),
			implemented: sizeQuantity({ least: 4096, most: MOST_BYTES }),
		}),
		instructions: object({ clflushopt: flag(), clwb: flag() }),
		attributes: word("wimge"),
		shadowTlbs: named(shadowTlb),
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
