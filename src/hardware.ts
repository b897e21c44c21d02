import type { Hardware } from "../bindings/assemble.ts";
import type { CacheConfig } from "../bindings/config.ts";
import type { Instruction, Program } from "../bindings/program.ts";
import { StalemateError } from "./errors.ts";
import { flag, number, word } from "./input/shape.ts";
import { profileFrom } from "./profiles/parse.ts";
import { amount } from "./profiles/quantity.ts";
import { resolve } from "./profiles/resolve.ts";
import type { MemoryModel, Profile } from "./profiles/types.ts";

/** What may be different from what the profile says. */
export interface HardwareOverrides {
	model?: MemoryModel;
	/** "telling": the data caches that a program can tell from memory (default). "all": every one of them. */
	caches?: "telling" | "all";
	speculativeMoveIn?: boolean;
	/** Devices see the caches. */
	dmaSnoops?: boolean;
	/** How private caches of several CPUs follow each other. */
	coherence?: "none" | "mesi" | "mesif" | "moesi";
	/** Operations that a CPU may have pending, 1 to 8. */
	window?: number;
	/** Entries and lines may leave by themselves (default true). */
	evictions?: boolean;
	/** Programs fetch instructions: a cache of their own that does not follow what is written is part of the machine. */
	fetches?: boolean;
}

type Level = Hardware["levels"][number];
/** A level, and its number on the way of a load. */
type Placed = Level & { number: number };

/** Levels that the core takes. */
const MOST_LEVELS = 4;

/** Of HardwareOverrides. */
export const overrideRules = () => ({
	model: word("sc", "tso", "arm8", "rcpc"),
	caches: word("telling", "all"),
	speculativeMoveIn: flag(),
	dmaSnoops: flag(),
	coherence: word("none", "mesi", "mesif", "moesi"),
	window: number({ least: 1, most: 8 }),
	evictions: flag(),
	fetches: flag(),
});

/**
 * The hardware of a profile as a program meets it. Throws BAD_PROFILE where the profile does not fit together.
 */
export function hardwareOf(given: Profile, overrides: HardwareOverrides = {}): Hardware {
	const profile = profileFrom(given);
	const { caches, translation } = resolve(profile);
	const dmaSnoops = overrides.dmaSnoops ?? profile.coherence.dma ?? true;
	const data = pathOf(caches, "data");
	// Behind this many levels instructions and data meet.
	const follows = profile.coherence.instructions !== false;
	const fetch = overrides.fetches ? pathOf(caches, "fetch") : [];
	const meet = fetch.find((cache) => data.includes(cache));
	const apart = fetch.length === 0 || fetch[0] === meet ? 0 : meet ? data.indexOf(meet) : data.length;
	const path = data.map((cache, number): Placed => ({ ...levelOf(cache, profile, 2 ** translation.page), number }));
	const kept = overrides.caches === "all" ? path : telling(path, dmaSnoops, apart);
	const levels: Level[] = kept.map(({ number: _, ...level }) => level);
	const unification = overrides.fetches ? kept.filter(({ number }) => number < apart).length : undefined;
	if (apart > 0 && fetch[0] && !follows) {
		const from = kept.findIndex(({ number }) => number >= apart);
		const cache = levelOf(fetch[0], profile, 2 ** translation.page);
		levels.push({ ...cache, takesClean: false, exclusive: false, fetchesFrom: from < 0 ? null : from });
	}
	if (levels.length > MOST_LEVELS) {
		throw new StalemateError(
			"BAD_PROFILE",
			`profile ${profile.id} has ${levels.length} levels of cache that a program can tell from memory: ` +
				`at most ${MOST_LEVELS} are explored; take some out`,
			{ path: "caches" },
		);
	}
	return {
		model: overrides.model ?? profile.memoryModel,
		...(overrides.window !== undefined && { window: overrides.window }),
		walker: profile.walk.enabled && !profile.walk.software,
		// A miss handler keeps these bits as a hardware walker does.
		accessedBits: profile.walk.enabled,
		breakBeforeMake: profile.walk.breakBeforeMake === true,
		moveIn: overrides.speculativeMoveIn ?? profile.speculativeMoveIn,
		broadcast: profile.tlbPurge?.by === "broadcast",
		...(profile.tlbPurge?.inFlight !== undefined && { onePurge: amount(profile.tlbPurge.inFlight) === 1 }),
		dmaSnoops,
		evictions: overrides.evictions ?? true,
		coherence: overrides.coherence ?? profile.coherence.protocol,
		levels,
		...(unification !== undefined && { unification }),
	};
}

/** The same, with what this program asks of it beyond loads and stores. */
export function hardwareFor(profile: Profile, program: Program, overrides: HardwareOverrides = {}): Hardware {
	return hardwareOf(profile, { ...askedBy(program), ...overrides });
}

/** What a program asks of its hardware beyond loads and stores that caches answer. */
export function askedBy(program: Program): HardwareOverrides {
	const fetches = program.actors.some(({ code }) => code.some(tellsInstructions));
	const all = program.vas.some((va) => va.uncached || va.writeThrough || va.incoherent);
	return { ...(all && { caches: "all" }), ...(fetches && { fetches }) };
}

function tellsInstructions(i: Instruction): boolean {
	return i.op === "fetch" || i.op === "fetch-flush" || (i.op === "cache" && i.levels === "unification");
}

/** The caches that a load or a fetch goes through, from the CPU outwards. */
function pathOf(caches: CacheConfig[], side: "data" | "fetch"): CacheConfig[] {
	const path: CacheConfig[] = [];
	for (let cache = caches.find(({ serves }) => serves === side || serves === "both"); cache; cache = caches[cache.next])
		path.push(cache);
	return path;
}

function levelOf(cache: CacheConfig, profile: Profile, page: number): Level {
	return {
		// An index within the page offset is the same in both addresses: such a cache has no aliases.
		virtual: cache.tag === "virtual" || (cache.index === "virtual" && cache.sets * cache.line > page),
		shared: cache.sharedBy !== 1,
		takesClean: profile.caches[cache.name]?.fillOnCleanVictim === true,
		exclusive: cache.inclusion === "exclusive",
	};
}

/**
 * The levels that a program can tell from memory.
 *
 * Consecutive private virtually indexed levels are one: all of them keep a line by colour, every copy of a CPU's line of a
 * colour is read and written through the first of them, and a line leaves for what lies below only from the last. So what the
 * program reads, and what can reach the levels below, is the same with one level in their place: a line in it is a line in any
 * of them.
 *
 * A physically indexed level has one place for a line, which all CPUs and colours share (private ones are kept coherent). It is
 * memory as far as a program can tell, unless what comes down to it can be old (it lies below a virtually indexed level) or
 * somebody goes round it (devices that do not see the caches, instructions that are fetched: `apart` levels).
 */
function telling(path: Placed[], dmaSnoops: boolean, apart: number): Placed[] {
	const levels: Placed[] = [];
	let belowVirtual = false;
	for (const level of path) {
		const last = levels.at(-1);
		const meets = last && last.number < apart && level.number >= apart;
		if (level.virtual && !level.shared && last?.virtual && !last.shared && !meets) continue;
		if (!level.virtual && !belowVirtual && dmaSnoops && level.number >= apart) continue;
		belowVirtual ||= level.virtual;
		levels.push(level.virtual && !level.shared ? { ...level, takesClean: false, exclusive: false } : level);
	}
	return levels;
}
