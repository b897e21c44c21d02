/**
 * Random machines and random traces. A subject narrows the machines with `Wanted`; everything else about a machine varies.
 * Small sizes are the most frequent: a trace of a few hundred references must fill and overflow what it meets.
 */

import type {
	CacheConfig,
	Inclusion,
	MachineConfig,
	Replacement,
	TlbConfig,
	TranslationConfig,
	WalkConfig,
} from "../../bindings/config.ts";
import fc from "../properties.ts";
import type { Access } from "./trace.ts";

/** What the machines of a property may have; what is not named is plain. */
export interface Wanted {
	cpus?: number;
	/** Most levels of caches. */
	levels?: number;
	replacement?: Replacement[];
	inclusion?: Inclusion[];
	write?: CacheConfig["write"][];
	/** Also caches that do not allocate on write misses. */
	noAllocate?: boolean;
	/** Also machines whose lines never become dirty. */
	noWritebacks?: boolean;
	/** Lines of different sizes. */
	mixedLines?: boolean;
	/** Virtually indexed and tagged caches. */
	virtual?: boolean;
	tlbs?: boolean;
	walks?: boolean;
	policy?: TranslationConfig["policy"][];
	huge?: boolean;
	straddle?: MachineConfig["straddle"];
	/** Protocols of machines with several CPUs. */
	protocols?: MachineConfig["coherence"]["protocol"][];
}

export const EVERYTHING: Required<Omit<Wanted, "straddle">> = {
	cpus: 4,
	levels: 4,
	replacement: ["lru", "plru", "fifo", "random", "srrip"],
	inclusion: ["nine", "inclusive", "exclusive"],
	write: ["back", "through"],
	noAllocate: true,
	noWritebacks: true,
	mixedLines: true,
	virtual: true,
	tlbs: true,
	walks: true,
	policy: ["identity", "first-touch", "coloured", "random"],
	huge: true,
	protocols: ["none", "mesi", "mesif", "moesi"],
};

const small = { weight: 4, arbitrary: fc.integer({ min: 1, max: 4 }) };
const sets = fc.oneof(small, fc.integer({ min: 1, max: 37 }), fc.constantFrom(8, 16, 64));
const ways = fc.oneof(small, fc.integer({ min: 1, max: 20 }), fc.constantFrom(8, 16, 64));
const line = fc.oneof(
	{ weight: 2, arbitrary: fc.integer({ min: 3, max: 8 }).map((bits) => 2 ** bits) },
	fc.constant(64),
);
/** The largest, too: a trace's address space is one of these. */
const ASIDS = [0, 1, 0xffff];
const seldom = fc.integer({ min: 0, max: 3 }).map((n) => n === 0);

// ---- machines ----

export function machineOf(wanted: Wanted): fc.Arbitrary<MachineConfig> {
	return fc.integer({ min: 1, max: wanted.cpus ?? 1 }).chain((cpus) =>
		fc
			.record({
				caches: hierarchyOf(wanted, cpus),
				translation: translationOf(wanted),
				seed: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
				coherence: fc.record({
					protocol: fc.constantFrom(...((wanted.straddle !== "once" && wanted.protocols) || (["none"] as const))),
					instructions: fc.boolean(),
				}),
				tagged: fc.boolean(),
			})
			.map((machine) => ({ ...machine, caches: alike(machine.caches, cpus, machine.coherence) }))
			.chain(({ caches, translation, seed, coherence, tagged }) => {
				const pages = [...new Set([translation.page, ...translation.huge.map((range) => range.page)])];
				return fc.record({
					cpus: fc.constant(cpus),
					caches: fc.constant(caches),
					tlbs: wanted.tlbs ? tlbsOf(wanted, pages, cpus) : fc.constant([]),
					walk: walkOf(wanted, caches),
					translation: fc.constant(translation),
					straddle: fc.constant(wanted.straddle ?? "split"),
					coherence: fc.constant(coherence),
					tagged: fc.constant(tagged),
					seed: fc.constant(seed),
				});
			}),
	);
}

/** With coherence, caches that not all CPUs share have lines of one size. */
function alike(
	caches: CacheConfig[],
	cpus: number,
	{ protocol, instructions }: MachineConfig["coherence"],
): CacheConfig[] {
	if (protocol === "none") return caches;
	const { line } = caches[0]!;
	const own = (cache: CacheConfig) => {
		return cache.sharedBy !== 0 && cache.sharedBy < cpus && (instructions || cache.serves !== "fetch");
	};
	// an outer level may not have shorter lines than an inclusive one needs: all are alike up to the last such
	const first = caches.find(own)?.line ?? line;
	const result = caches.map((cache) => (own(cache) ? { ...cache, line: first } : cache));
	return result.every(own) || caches.some(({ inclusion }) => inclusion !== "nine")
		? result.map((cache) => ({ ...cache, line: first }))
		: result;
}

/** One level, before it is fitted to the others. */
function levelOf(
	wanted: Wanted,
): fc.Arbitrary<Omit<CacheConfig, "name" | "serves" | "next" | "sharedBy" | "writebacks">> {
	return fc.record({
		sets,
		ways,
		line,
		index: wanted.virtual ? fc.constantFrom("virtual", "physical") : fc.constant("physical"),
		tag: wanted.virtual ? fc.constantFrom("virtual", "physical") : fc.constant("physical"),
		inclusion: fc.constantFrom(...(wanted.inclusion ?? ["nine"])),
		replacement: fc.constantFrom(...(wanted.replacement ?? ["lru"])),
		write: fc.constantFrom(...(wanted.write ?? ["back"])),
		allocate: wanted.noAllocate ? fc.boolean() : fc.constant(true),
	});
}

function hierarchyOf(wanted: Wanted, cpus: number): fc.Arbitrary<CacheConfig[]> {
	return fc
		.record({
			levels: fc.array(levelOf(wanted), { minLength: 1, maxLength: wanted.levels ?? 3, size: "max" }),
			instruction: fc.option(levelOf(wanted)),
			/** Where the instruction cache goes on: the level after this one. */
			instructionNext: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(3)),
			sharing: groupsOf(cpus),
			equalLines: fc.boolean(),
			writebacks:
				wanted.straddle === "once"
					? fc.constant(false)
					: wanted.noWritebacks
						? seldom.map((never) => !never)
						: fc.constant(true),
		})
		.map(({ levels, instruction, instructionNext, sharing, equalLines, writebacks }) => {
			const split = instruction !== null;
			const raw = split ? [instruction, ...levels] : levels;
			const first = split ? 1 : 0;
			const caches: CacheConfig[] = raw.map((level, i) => {
				const outer = i > first;
				const skipped = i < first ? Math.min(instructionNext, levels.length) : 0;
				const next = i < first ? first + 1 + skipped : i + 1;
				return {
					...level,
					name: i < first ? "L1I" : split && i === first ? "L1D" : `L${i - first + 1}`,
					line: equalLines || !wanted.mixedLines ? raw[0]!.line : level.line,
					inclusion: outer ? level.inclusion : "nine",
					write: writebacks ? level.write : "back",
					writebacks,
					serves: outer ? "none" : i < first ? "fetch" : split ? "data" : "both",
					next: next < raw.length ? next : -1,
					// inner levels are shared by fewer
					sharedBy: sharing[Math.max(0, i - first)]!,
				};
			});
			return fitted(caches, wanted.straddle === "once");
		});
}

/** Makes a hierarchy one that can be: what docs/simulation.md requires of neighbouring levels. */
export function fitted(caches: CacheConfig[], once: boolean): CacheConfig[] {
	const result = caches.map((cache) => ({ ...cache }));
	for (const [i, cache] of result.entries()) {
		const above = result.filter((each) => reaches(result, each, i));
		const directlyAbove = result.filter((each) => each.next === i);
		if (once) cache.inclusion = "nine";
		// nothing leads here (an instruction cache and nothing else skipped it)
		const lines = above.map((each) => each.line);
		if (cache.inclusion === "inclusive") cache.line = Math.max(cache.line, ...lines);
		if (cache.inclusion === "exclusive") {
			const line = directlyAbove[0]?.line ?? cache.line;
			if (directlyAbove.every((each) => each.line === line)) cache.line = line;
			else cache.inclusion = "nine";
		}
		// behind a physical address there is no virtual one
		if (above.some((each) => each.index === "physical")) cache.index = "physical";
		if (cache.index === "physical" || above.some((each) => each.tag === "physical")) cache.tag = "physical";
	}
	return result;
}

function reaches(caches: CacheConfig[], from: CacheConfig, target: number): boolean {
	for (let at = from.next; at >= 0; at = caches[at]!.next) if (at === target) return true;
	return false;
}

/** For each level how many CPUs share it: groups of an outer level are made of groups of the inner one. */
function groupsOf(cpus: number): fc.Arbitrary<number[]> {
	const steps = cpus === 3 ? [1, 3, 0] : [1, 2, 4, 0];
	return fc
		.array(fc.nat(steps.length - 1), { minLength: 4, maxLength: 4 })
		.map((picks) => picks.toSorted((a, b) => a - b).map((pick) => steps[pick]!));
}

/** Where huge ranges may be; traces have a base in each. All are aligned for the largest page. */
const HUGE_PLACES = [0n, 0x40000000n, 0x7f0000000000n, 0xffff_8000_0000_0000n];

function translationOf(wanted: Wanted): fc.Arbitrary<TranslationConfig> {
	const page = fc.oneof({ weight: 3, arbitrary: fc.constant(12) }, fc.constantFrom(13, 14, 16));
	const range = fc.record({
		place: fc.nat(3),
		bits: fc.constantFrom(18, 21, 22, 30),
		count: fc.integer({ min: 1, max: 3 }),
	});
	return fc
		.record({
			policy: fc.constantFrom(...(wanted.policy ?? ["identity"])),
			page,
			colours: fc.integer({ min: 1, max: 12 }),
			moreFrames: fc.nat(8),
			huge: fc.array(range, { maxLength: wanted.huge ? 3 : 0 }),
		})
		.map(({ moreFrames, ...translation }) => ({
			...translation,
			// enough for every trace: of base pages (many have the same colour), and as much again of huge ones
			frames: Math.max(16, ...translation.huge.map(({ bits }) => bits - translation.page + 6)) + moreFrames,
			huge: HUGE_PLACES.flatMap((start, place) =>
				translation.huge
					.filter((each) => each.place === place)
					.slice(0, 1)
					.map(({ bits, count }) => ({ start, end: start + BigInt(count * 2 ** bits), page: bits })),
			),
		}));
}

function walkOf(wanted: Wanted, caches: CacheConfig[]): fc.Arbitrary<WalkConfig> {
	const entered = caches.flatMap((cache, i) =>
		cache.serves === "fetch" || cache.inclusion === "exclusive" ? [] : [i],
	);
	const shapes: number[][] = [[9, 9, 9, 9], [10, 10], [3, 4, 5], [9, 9, 9, 9, 9], [6]];
	return fc.constantFrom(...shapes).chain((levels) =>
		fc.record({
			enabled: wanted.walks ? fc.integer({ min: 0, max: 7 }).map((n) => n > 0) : fc.constant(false),
			levels: fc.constant(levels),
			entry: fc.constantFrom(4, 8),
			enters: fc.constantFrom(-1, ...entered, ...entered),
			caches: fc.array(fc.nat(4), { minLength: levels.length - 1, maxLength: levels.length - 1 }),
		}),
	);
}

/**
 * First-level TLBs for both sides (one for both or one each; holding all page sizes, one size each, or lacking some), and up
 * to two outer ones that hold all sizes.
 */
function tlbsOf(wanted: Wanted, pages: number[], cpus: number): fc.Arbitrary<TlbConfig[]> {
	const one = fc.record({
		sets,
		ways,
		replacement: fc.constantFrom(...(wanted.replacement ?? ["lru"])),
		/** Where the misses of each page size go: past 0, 1 or 2 outer TLBs. */
		skips: fc.array(fc.nat(2), { minLength: pages.length, maxLength: pages.length }),
	});
	return fc
		.record({
			split: fc.boolean(),
			bySize: fc.boolean(),
			inner: fc.array(one, { minLength: 2 * pages.length, maxLength: 2 * pages.length }),
			lacks: fc.array(seldom, { minLength: 2 * pages.length, maxLength: 2 * pages.length }),
			outer: fc.array(one, { maxLength: 2 }),
			sharing: groupsOf(cpus),
		})
		.map(({ split, bySize, inner, lacks, outer, sharing }) => {
			const sides = split ? (["fetch", "data"] as const) : (["both"] as const);
			const held = bySize ? pages.map((page) => [page]) : [pages];
			const first = sides
				.flatMap((serves) => held.map((pages) => ({ serves, pages })))
				.filter((_, i) => i === 0 || !lacks[i]);
			const all = [
				...first.map((each, i) => ({ ...inner[i]!, ...each })),
				...outer.map((each) => ({ ...each, pages, serves: "none" as const })),
			];
			return all.map(({ skips, ...each }, i) => ({
				...each,
				sharedBy: sharing[Math.max(0, i + 1 - first.length)]!,
				name: `${each.serves === "none" ? "outer" : each.serves} ${i}`,
				next: each.pages.map((_, p) => {
					const next = Math.max(i + 1, first.length) + skips[p]!;
					return next < all.length ? next : -1;
				}),
			}));
		});
}

// ---- traces ----

/** Where the bases of a trace lie: low, in the middle, in the canonical high half, at the very end. */
const base = fc.oneof(
	fc.constantFrom(...HUGE_PLACES),
	fc.nat(0xffff).map((n) => BigInt(n) << 3n),
	fc.nat(0xfffff).map((n) => 0x7ffd_0000_0000n + (BigInt(n) << 3n)),
	fc.nat(0xfffff).map((n) => 0xffff_8000_0000_0000n + (BigInt(n) << 3n)),
	fc.nat(0xff).map((n) => (1n << 64n) - (BigInt(n) << 3n)),
	fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
);

/** Distances that mean something to this machine: parts of lines, lines, whole caches (which alias), pages. */
function stridesOf({ caches, tlbs, translation }: MachineConfig): bigint[] {
	const page = 2 ** translation.page;
	const strides = [8, 24, page, page + 64, page * 3, 2 ** 21];
	for (const cache of caches) strides.push(cache.line, cache.line, cache.line * cache.sets);
	for (const tlb of tlbs) strides.push(page * tlb.sets);
	return strides.map(BigInt);
}

/**
 * A trace is made of stretches, each around one of a few common bases: sequential, around and around a small set, or at
 * random in it; with one kind of access or several in turn, from one CPU and address space or several in turn.
 */
export function traceOf(
	config: MachineConfig,
	{ stretches = 10, asids = ASIDS.length, operations = 0 } = {},
): fc.Arbitrary<Access[]> {
	const strides = stridesOf(config);
	const stretch = fc.record({
		base: fc.nat(3),
		start: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(40)),
		stride: fc.nat(strides.length - 1),
		pattern: fc.constantFrom("sequential", "around", "random"),
		span: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 24 })),
		picks: fc.array(fc.nat(255), { minLength: 1, maxLength: 64, size: "max" }),
		kinds: fc.array(fc.constantFrom("read", "write", "fetch"), { minLength: 1, maxLength: 4 }),
		cpus: fc.array(fc.nat(config.cpus - 1), { minLength: 1, maxLength: 3 }),
		asids: fc.array(fc.nat(asids - 1), { minLength: 1, maxLength: 2 }),
		/** Every how many accesses a pair, in machines with straddle "once". */
		pairs: fc.nat(4),
		operates: fc.array(operation, { maxLength: operations }),
	});
	return fc
		.record({
			bases: fc.array(base, { minLength: 4, maxLength: 4 }),
			all: fc.array(stretch, { minLength: 1, maxLength: stretches, size: "max" }),
		})
		.map(({ bases, all }) =>
			all.flatMap(({ base, start, stride, pattern, span, picks, kinds, cpus, asids, pairs, operates }) => [
				...operates.map(({ at, lines, ...rest }): Access => {
					const address = BigInt.asUintN(64, bases[base]! + BigInt(start + at) * strides[stride]!);
					const most = (1n << 64n) - address;
					const length = BigInt(lines) * 40n;
					return {
						...rest,
						address,
						length: length < most ? length : most,
						cpu: cpus[0]!,
						asid: ASIDS[asids[0]!]!,
						...(rest.kind !== "flush" && { by: undefined }),
						...(rest.kind !== "shootdown" && { all: undefined }),
						...(rest.kind !== "map" && { object: undefined }),
					} as Access;
				}),
				...picks.flatMap((pick, i) => {
					const step = { sequential: i, around: i % span, random: pick % span }[pattern];
					const address = BigInt.asUintN(64, bases[base]! + BigInt(start + step) * strides[stride]!) & ~7n;
					const access: Access = {
						kind: kinds[i % kinds.length]!,
						address,
						cpu: cpus[i % cpus.length]!,
						asid: ASIDS[asids[i % asids.length]!]!,
					};
					const straddles = config.straddle === "once" && pairs > 0 && i % pairs === 0;
					return straddles ? pairAt(config, access) : [access];
				}),
			]),
		);
}

const operation = fc.record({
	kind: fc.constantFrom("map" as const, "unmap" as const, "flush" as const, "shootdown" as const, "switch" as const),
	at: fc.nat(8),
	/** Of 40 bytes, so that ranges begin and end anywhere; 0: everything. */
	lines: fc.oneof(fc.constant(0), fc.nat(20), fc.nat(2000)),
	by: fc.constantFrom("clean" as const, "remove" as const, "purge" as const),
	all: fc.boolean(),
	object: fc.constantFrom(0, 0, 1, 2),
});

/** Two accesses in neighbouring lines of the smallest size. */
function pairAt(config: MachineConfig, access: Access): Access[] {
	const smallest = BigInt(Math.min(...config.caches.map((cache) => cache.line)));
	const second = BigInt.asUintN(64, (access.address / smallest + 1n) * smallest);
	return [
		{ ...access, part: true },
		{ ...access, address: second },
	];
}

/** A machine and a trace for it. */
export function caseOf(wanted: Wanted, trace?: Parameters<typeof traceOf>[1]) {
	return machineOf(wanted).chain((config) => fc.record({ config: fc.constant(config), trace: traceOf(config, trace) }));
}
