import type { CostClass } from "../../bindings/cost.ts";
import type { Profile } from "../profiles/types.ts";
import { type Constants, dataPath, inNs, pathOf } from "./constants.ts";

/** What a class is priced by: constants by name, and what is made of them; the first whose constants are there counts. */
interface Recipe {
	of: string[];
	price(...ns: number[]): number;
	/** Another's price stands in, or something is left out. */
	standsIn?: string;
}

const one = (name: string): Recipe => ({ of: [name], price: (ns) => ns });
const instead = (name: string, why: string): Recipe => ({ ...one(name), standsIn: why });
const over = (a: string, b: string): Recipe => ({ of: [a, b], price: (x, y) => Math.max(0, x! - y!) });

/** Cycles of what retires without waiting. */
export const CYCLE = "cycle";

/** For each class, in which constants its price is looked for. Levels are the profile's caches. */
function recipes(profile: Profile, levels: number): Partial<Record<CostClass, Recipe[]>> {
	const path = dataPath(profile);
	// Levels that a program cannot tell apart are one to it; the outermost ones are those that it tells from memory.
	const level = (k: number) => `level${k === 1 ? 1 : path.length - levels + k}`;
	const shared = path.findIndex(
		(name) => profile.caches[name]?.sharedBy !== undefined && profile.caches[name]?.sharedBy !== 1,
	);
	const outer = shared >= 0 ? [one(`level${shared + 1}`)] : [];
	const flush = (name: string): Recipe[] => [
		{ of: [name, "lineFlushBroadcast"], price: (ns, more) => ns! + more! },
		one(name),
	];
	return {
		step: [one(CYCLE)],
		store: [one(CYCLE)],
		level1: [one("level1")],
		level2: [one(level(2))],
		level3: [one(level(3))],
		memory: [one("memory")],
		lineShared: [...outer, one("memory")],
		lineCore: [
			one("lineCore"),
			over("atomicRemoteCore", "atomic"),
			instead("memory", "a line from another core as one from memory"),
		],
		lineSocket: [
			one("lineSocket"),
			over("atomicRemoteSocket", "atomic"),
			instead("memory", "a line from another socket as one from memory"),
		],
		walk: [one("walk")],
		fault: [one("minorFault")],
		atomic: [one("atomic")],
		fenceFull: [one("fullFence")],
		fenceSpeculation: [one("speculationBarrier")],
		fenceOrder: [instead("fullFence", "every fence as a full one")],
		flushAbsent: flush("lineFlushAbsent"),
		flushClean: [
			...flush("lineFlushClean"),
			instead("lineFlushAbsent", "the flush of a clean line as of an absent one"),
		],
		flushDirty: [
			{ of: ["lineFlushDirty", "lineFlushBroadcast", "memory"], price: (ns, more, memory) => ns! + more! + memory! },
			one("lineFlushDirty"),
		],
		flushAll: [one("cacheFlush")],
		tlbPage: [one("tlbPurgePage")],
		tlbAll: [one("tlbPurgeAll"), instead("tlbPurgePage", "all translations as one")],
		switch: [one("addressSpaceSwitch")],
		ipiSend: [one("ipiSend")],
		ipiDeliver: [one("ipiDeliver")],
		// Entry is part of the delivery.
		interrupt: [
			{ of: ["interrupt"], price: (ns) => ns! / 2 },
			{ of: [], price: () => 0, standsIn: "no exit" },
		],
		contextSwitch: [one("contextSwitch")],
		mask: [one("interruptMask"), instead(CYCLE, "interrupts turned off or on as any instruction")],
	};
}

/** What people are told where a class has no price: the constant that it is first looked for in, and in words. */
export const WANTED: Partial<Record<string, [name: string, what: string]>> = {
	level1: ["level1", "a hit of the first level"],
	level2: ["level2", "a hit of the second level"],
	level3: ["level3", "a hit of the third level"],
	memory: ["memory", "an access that memory answers"],
	lineShared: ["memory", "a line that others hold"],
	lineCore: ["atomicRemoteCore", "a line that another core holds"],
	lineSocket: ["atomicRemoteSocket", "a line that another socket holds"],
	walk: ["walk", "a walk of the page table"],
	fault: ["minorFault", "a page fault"],
	atomic: ["atomic", "an atomic read-modify-write"],
	fenceFull: ["fullFence", "a full fence"],
	fenceSpeculation: ["speculationBarrier", "a barrier against speculation"],
	fenceOrder: ["fullFence", "a fence"],
	flushAbsent: ["lineFlushAbsent", "the flush of an absent line"],
	flushClean: ["lineFlushClean", "the flush of a clean line"],
	flushDirty: ["lineFlushDirty", "the flush of a dirty line"],
	flushAll: ["cacheFlush", "a flush of all caches"],
	tlbPage: ["tlbPurgePage", "the removal of a page's translations"],
	tlbAll: ["tlbPurgeAll", "the removal of all translations"],
	switch: ["addressSpaceSwitch", "a switch of address spaces"],
	ipiSend: ["ipiSend", "sending an interrupt"],
	ipiDeliver: ["ipiDeliver", "the delivery of an interrupt"],
	interrupt: ["interrupt", "an interrupt"],
	contextSwitch: ["contextSwitch", "a switch between threads"],
	mask: ["interruptMask", "turning interrupts off or on"],
};

export interface Prices {
	/** ns by class. */
	classes: Partial<Record<CostClass, number>>;
	/** Constants that each class is made of. */
	madeOf: Partial<Record<string, string[]>>;
	standsIn: Partial<Record<string, string>>;
}

/** Names of all constants that a profile's prices can be made of. */
export function priceNames(profile: Profile): string[] {
	const all = [1, 2, 3].flatMap((levels) => Object.values(recipes(profile, levels)).flat());
	return [...new Set(all.flatMap(({ of }) => of))].filter((name) => name !== CYCLE);
}

/** What everything costs, in ns. */
export function pricesOf(profile: Profile, constants: Constants, levels: number, frequency: number): Prices {
	const all: Constants = { [CYCLE]: { value: 1, unit: "cycles", basis: "documented" }, ...constants };
	const result: Prices = { classes: {}, madeOf: {}, standsIn: {} };
	for (const [name, list] of Object.entries(recipes(profile, levels)) as [CostClass, Recipe[]][]) {
		const found = list.find(({ of }) => of.every((constant) => Object.hasOwn(all, constant)));
		if (!found) continue;
		result.classes[name] = found.price(...found.of.map((constant) => inNs(all[constant]!, frequency)));
		result.madeOf[name] = found.of.filter((constant) => constant !== CYCLE);
		if (!found.standsIn) continue;
		const wanted = WANTED[name]?.[0];
		const why =
			wanted === undefined || Object.hasOwn(all, wanted) ? "" : ` (profile ${profile.id} has no ${pathOf(wanted)})`;
		result.standsIn[name] = `${found.standsIn}${why}`;
	}
	return result;
}
