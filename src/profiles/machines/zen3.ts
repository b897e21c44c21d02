import { borrowed, estimated, known } from "../quantity.ts";
import type { CacheProfile, Profile } from "../types.ts";
import { broadwell } from "./broadwell.ts";
import { G, K, M, pipt, vipt, writeBack, x86Walk } from "./common.ts";

const AMD = "AMD's published tables for the core, not checked again";

const l1 = (): CacheProfile => ({
	size: known(32 * K, AMD),
	ways: known(8, AMD),
	line: known(64, AMD),
	...vipt,
	...writeBack,
	replacement: "plru",
	latency: known(4, AMD),
	sharedBy: 1,
});

const ORDER = "an order of magnitude";

const tlb = { replacement: "lru", sharedBy: 1 } as const;

/** One eight-core complex of a Zen 3 desktop part: a present-day machine to compare with. */
export const zen3 = (): Profile => ({
	id: "zen3",
	title: "AMD Zen 3, 8 cores, 32 MB victim L3",
	version: 1,
	notes: ["Replacement is estimated. The L3 is modelled as exclusive: in truth it may keep a copy of a shared line."],
	caches: {
		L1I: l1(),
		L1D: l1(),
		L2: {
			size: known(512 * K, AMD),
			ways: known(8, AMD),
			line: known(64, AMD),
			...pipt,
			...writeBack,
			inclusion: "inclusive",
			replacement: "plru",
			latency: known(12, AMD),
			sharedBy: 1,
		},
		L3: {
			size: known(32 * M, AMD),
			ways: known(16, AMD),
			line: known(64, AMD),
			...pipt,
			...writeBack,
			inclusion: "exclusive",
			replacement: "srrip",
			latency: known(46, AMD),
			sharedBy: 8,
		},
	},
	tlbs: {
		ITLB: { entries: known(64, AMD), ways: "full", pages: [4 * K, 2 * M, G], next: "ISTLB", ...tlb },
		DTLB: { entries: known(64, AMD), ways: "full", pages: [4 * K, 2 * M, G], ...tlb },
		ISTLB: {
			entries: known(512, AMD),
			ways: estimated(4, "not found in a manual", [4, 8]),
			pages: [4 * K, 2 * M],
			...tlb,
			latency: estimated(7, "the penalty of an Intel core of its time", [5, 10]),
		},
		STLB: {
			entries: known(2048, AMD),
			ways: estimated(8, "8 and 16 are both reported", [8, 16]),
			pages: [4 * K, 2 * M],
			...tlb,
			latency: estimated(7, "the penalty of an Intel core of its time", [5, 10]),
		},
	},
	walk: {
		...x86Walk(),
		caches: [estimated(4, ORDER, [0, 16]), estimated(16, ORDER, [4, 64]), estimated(64, ORDER, [16, 64])],
		latency: estimated(30, "a walk whose reads hit close by", [20, 50]),
		walkers: known(6, AMD),
	},
	translation: { policy: "first-touch" },
	straddle: "split",
	memoryModel: "tso",
	speculativeMoveIn: true,
	smap: true,
	pcid: true,
	asids: broadwell().asids!,
	frequency: estimated(4, "between base and boost clock of the desktop parts", [3.4, 4.9]),
	cpus: { sockets: 1, cores: known(8, AMD), threads: 1 },
	memory: { ns: estimated(80, "reports on desktop parts with DDR4", [65, 110]) },
	coherence: { protocol: "moesi", instructions: true },
	tlbPurge: { by: "ipi" },
	instructions: { clflushopt: true, clwb: true },
	costs: borrowed(broadwell().costs, "broadwell"),
});
