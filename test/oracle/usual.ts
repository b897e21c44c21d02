/**
 * Random machines close to real ones (first levels of 64 sets and 64-byte lines, plain outer levels or one that is not) and
 * traces that repeat themselves: the same line, the same page, a few lines of one set in turn, CPUs and address spaces in
 * short runs. What a simulator may have shortcuts for.
 */

import type { CacheConfig, MachineConfig, TlbConfig } from "../../bindings/config.ts";
import fc from "../properties.ts";
import { fitted } from "./arbitrary.ts";
import { cache, machine, tlb } from "./machines.ts";
import type { Case } from "./minimise.ts";
import type { Access } from "./trace.ts";

const POLICIES = ["lru", "plru", "fifo", "srrip", "random"] as const;
const often = (value: boolean) => fc.integer({ min: 0, max: 3 }).map((n) => n > 0 === value);

// ---- machines ----

/** A first-level cache: 64 sets, most often of 8 ways, most often write-back. */
const first = fc.record({
	ways: fc.oneof({ weight: 3, arbitrary: fc.constant(8) }, fc.constantFrom(1, 2, 3, 4, 6, 12, 16)),
	replacement: fc.oneof({ weight: 2, arbitrary: fc.constant("lru" as const) }, fc.constantFrom(...POLICIES)),
	index: fc.constantFrom("virtual" as const, "physical" as const),
	write: fc.oneof({ weight: 5, arbitrary: fc.constant("back" as const) }, fc.constant("through" as const)),
	allocate: often(true),
});

/** Plain: LRU, nine, write-back, allocating, 64-byte lines. */
const plain = fc.record({
	sets: fc.constantFrom(1, 2, 16, 64, 61, 128),
	ways: fc.integer({ min: 1, max: 12 }),
});

/** In which way one outer level is not plain; often in none. */
const deviation = fc.oneof(
	fc.constant<Partial<CacheConfig>>({}),
	fc.constantFrom<Partial<CacheConfig>>({ inclusion: "inclusive" }, { inclusion: "exclusive" }),
	fc.constantFrom<Partial<CacheConfig>>(
		{ inclusion: "inclusive", replacement: "srrip" },
		{ inclusion: "exclusive", replacement: "fifo" },
		{ replacement: "plru" },
		{ replacement: "fifo" },
		{ replacement: "random" },
		{ line: 128 },
		{ line: 32 },
		{ write: "through" },
		{ allocate: false },
	),
);

const tlbShape = fc.record({
	sets: fc.constantFrom(1, 1, 2, 3, 4, 12, 16),
	ways: fc.constantFrom(1, 2, 4, 8, 16),
	replacement: fc.oneof({ weight: 2, arbitrary: fc.constant("lru" as const) }, fc.constantFrom(...POLICIES)),
});

const HUGE = { start: 0x40000000n, end: 0x40800000n, page: 21 };

export const usualMachine: fc.Arbitrary<MachineConfig> = fc
	.record({
		cpus: fc.oneof({ weight: 2, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 4 })),
		instruction: fc.option(first, { freq: 5 }),
		data: first,
		alike: fc.boolean(),
		outer: fc.array(plain, { maxLength: 3, size: "max" }),
		deviating: fc.nat(2),
		deviation,
		sharing: fc.constantFrom([1, 1, 1, 1], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [2, 2, 0, 0]),
		noWritebacks: often(false),
		/** None, for both sides, for each. */
		tlbs: fc.nat(2),
		shapes: fc.array(tlbShape, { minLength: 3, maxLength: 3 }),
		outerTlb: fc.boolean(),
		tlbSharing: fc.constantFrom([1, 1], [1, 0], [0, 0]),
		huge: fc.boolean(),
		hugeInTlbs: often(true),
		walks: fc.boolean(),
		walksEnter: fc.nat(1),
		structureCaches: fc.array(fc.nat(4), { minLength: 3, maxLength: 3 }),
		policy: fc.oneof(
			fc.constantFrom("identity" as const, "first-touch" as const),
			fc.constantFrom("coloured" as const, "random" as const),
		),
		seed: fc.nat().map(BigInt),
	})
	.map((drawn) => {
		const outer = drawn.outer.map((level, i) => ({
			...level,
			...(i === drawn.deviating % drawn.outer.length ? drawn.deviation : {}),
		}));
		const split = drawn.instruction !== null;
		const raw: Partial<CacheConfig>[] = [
			...(split ? [{ ...(drawn.alike ? drawn.data : drawn.instruction), serves: "fetch" as const, name: "L1I" }] : []),
			{ ...drawn.data, serves: split ? ("data" as const) : ("both" as const), name: split ? "L1D" : "L1" },
			...outer.map((level, i) => ({ ...level, name: `L${i + 2}` })),
		];
		const firsts = split ? 2 : 1;
		const caches = raw.map((level, i) => {
			const next = Math.max(firsts, i + 1);
			return cache({
				sets: 64,
				...level,
				...(drawn.noWritebacks ? { writebacks: false, write: "back" } : {}),
				next: next < raw.length ? next : -1,
				sharedBy: drawn.sharing[Math.max(0, i + 1 - firsts)]!,
			});
		});
		const fitting = fitted(caches, false);
		const enters = firsts - 1 + drawn.walksEnter;
		return machine({
			cpus: drawn.cpus,
			caches: fitting,
			tlbs: tlbsOf(drawn),
			walk: {
				enabled: drawn.walks,
				enters: fitting[enters] && fitting[enters].inclusion !== "exclusive" ? enters : firsts - 1,
				caches: drawn.structureCaches,
			},
			translation: { policy: drawn.policy, colours: 7, frames: 20, huge: drawn.huge ? [HUGE] : [] },
			seed: drawn.seed,
		});
	});

function tlbsOf(drawn: {
	tlbs: number;
	shapes: Partial<TlbConfig>[];
	outerTlb: boolean;
	tlbSharing: readonly number[];
	huge: boolean;
	hugeInTlbs: boolean;
}): TlbConfig[] {
	const sides = [[], ["both"], ["fetch", "data"]][drawn.tlbs] as TlbConfig["serves"][];
	if (sides.length === 0) return [];
	const pages = drawn.huge && drawn.hugeInTlbs ? [12, 21] : [12];
	const all = [...sides, ...(drawn.outerTlb ? (["none"] as const) : [])];
	return all.map((serves, i) => {
		const outer = serves === "none";
		return tlb({
			...drawn.shapes[i]!,
			name: outer ? "STLB" : `${serves} TLB`,
			serves,
			pages,
			next: pages.map(() => (outer || !drawn.outerTlb ? -1 : sides.length)),
			sharedBy: drawn.tlbSharing[outer ? 1 : 0]!,
		});
	});
}

// ---- traces ----

/** Lines of a few sets (a stride of 4 KiB keeps the set of 64 and changes the page), some of them in a huge page. */
const place = fc.record({
	base: fc.constantFrom(0n, 0n, 0x40000000n, 0x40200000n, 0xffff_8000_0000_0000n),
	set: fc.nat(2),
	tag: fc.oneof(fc.nat(2), fc.nat(11)),
});

/** A few places in turn, several times, with a few kinds of access in turn. */
const phrase = fc.record({
	places: fc.array(fc.nat(11), { minLength: 1, maxLength: 3 }),
	/** Goes on to the next tag each time: a sweep through a set. */
	sweeps: often(false),
	/** Goes on within the line, or from line to line within the page. */
	step: fc.constantFrom(0, 0, 0, 8, 8, 64),
	times: fc.integer({ min: 1, max: 14 }),
	kinds: fc.array(fc.constantFrom("read", "write", "fetch"), { minLength: 1, maxLength: 3 }),
	cpus: fc.array(fc.nat(3), { minLength: 1, maxLength: 2 }),
	asids: fc.array(fc.nat(2), { minLength: 1, maxLength: 2 }),
	/** How many accesses before the next CPU and address space. */
	run: fc.integer({ min: 1, max: 5 }),
});

export function repetitiveTrace(config: MachineConfig): fc.Arbitrary<Access[]> {
	return fc
		.record({
			/** The places that the whole trace comes back to. */
			pool: fc.array(place, { minLength: 1, maxLength: 12, size: "max" }),
			phrases: fc.array(phrase, { minLength: 1, maxLength: 30, size: "max" }),
			oneSpace: fc.boolean(),
		})
		.map(({ pool, phrases, oneSpace }) =>
			phrases.flatMap(({ places, sweeps, step, times, kinds, cpus, asids, run }) =>
				Array.from({ length: times * places.length }, (_, i): Access => {
					const { base, set, tag } = pool[places[i % places.length]! % pool.length]!;
					const turn = Math.floor(i / places.length);
					const context = Math.floor(i / run);
					const offset = set * 64 + (sweeps ? tag + turn : tag) * 4096 + ((turn * step) % 4096);
					return {
						kind: kinds[i % kinds.length]!,
						address: base + BigInt(offset),
						cpu: cpus[context % cpus.length]! % config.cpus,
						asid: oneSpace ? 0 : asids[context % asids.length]!,
					};
				}),
			),
		);
}

export const usualCase: fc.Arbitrary<Case> = usualMachine.chain((config) =>
	fc.record({ config: fc.constant(config), trace: repetitiveTrace(config) }),
);
