import type { Hardware } from "../bindings/assemble.ts";
import type { CacheConfig } from "../bindings/config.ts";
import { StalemateError } from "./errors.ts";
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
}

type Level = Hardware["levels"][number];

/** Levels that the core takes. */
const MOST_LEVELS = 4;

const VALID: { [K in keyof HardwareOverrides]-?: readonly unknown[] } = {
	model: ["sc", "tso", "arm8", "rcpc"],
	caches: ["telling", "all"],
	speculativeMoveIn: [true, false],
	dmaSnoops: [true, false],
	coherence: ["none", "mesi", "mesif", "moesi"],
	window: [1, 2, 3, 4, 5, 6, 7, 8],
	evictions: [true, false],
};

function check(overrides: HardwareOverrides): void {
	for (const [name, valid] of Object.entries(VALID)) {
		const value = overrides[name as keyof HardwareOverrides];
		if (value === undefined || valid.includes(value)) continue;
		throw new StalemateError("BAD_OPTION", `${name} is ${String(value)}: ${valid.join(", ")} are valid`, {
			path: name,
		});
	}
}

/**
 * The hardware of a profile as a program meets it. Throws BAD_PROFILE where the profile does not fit together, BAD_OPTION where
 * an override is none.
 */
export function hardwareOf(profile: Profile, overrides: HardwareOverrides = {}): Hardware {
	check(overrides);
	const { caches, translation } = resolve(profile);
	const dmaSnoops = overrides.dmaSnoops ?? profile.coherence.dma ?? true;
	const path = dataPath(caches).map((cache) => levelOf(cache, profile, 2 ** translation.page));
	const levels = overrides.caches === "all" ? path : telling(path, dmaSnoops);
	if (levels.length > MOST_LEVELS) {
		throw new StalemateError(
			"BAD_PROFILE",
			`profile ${profile.id} has ${levels.length} levels of data cache that a program can tell from memory: ` +
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
		dmaSnoops,
		evictions: overrides.evictions ?? true,
		coherence: overrides.coherence ?? profile.coherence.protocol,
		levels,
	};
}

/** The caches that a load goes through, from the CPU outwards. */
function dataPath(caches: CacheConfig[]): CacheConfig[] {
	const path: CacheConfig[] = [];
	for (
		let cache = caches.find(({ serves }) => serves === "data" || serves === "both");
		cache;
		cache = caches[cache.next]
	)
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
 * somebody goes round it (devices that do not see the caches).
 */
function telling(path: Level[], dmaSnoops: boolean): Level[] {
	const levels: Level[] = [];
	let belowVirtual = false;
	for (const level of path) {
		const last = levels.at(-1);
		if (level.virtual && !level.shared && last?.virtual && !last.shared) continue;
		if (!level.virtual && !belowVirtual && dmaSnoops) continue;
		belowVirtual ||= level.virtual;
		levels.push(level.virtual && !level.shared ? { ...level, takesClean: false, exclusive: false } : level);
	}
	return levels;
}
