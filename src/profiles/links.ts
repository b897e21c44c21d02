import type { CacheProfile, Serves, TlbProfile } from "./types.ts";

// How caches and TLBs are linked where a profile does not say: by their names.

export const MEMORY = "memory";
export const WALK = "walk";

const LEVEL = /^L(\d+)([ID]?)$/;

/** The level asked after a cache: the nearest with a higher number that is not another side's; "memory" after the last. */
export function defaultCacheNext(name: string, names: Iterable<string>): string {
	const own = LEVEL.exec(name);
	let best = MEMORY;
	if (!own) return best;
	let least = Number.POSITIVE_INFINITY;
	for (const other of names) {
		const level = LEVEL.exec(other);
		if (!level || (level[2] && level[2] !== own[2])) continue;
		const number = Number(level[1]);
		if (number > Number(own[1]) && number < least) {
			least = number;
			best = other;
		}
	}
	return best;
}

export function nextOfCache(name: string, caches: Record<string, Pick<CacheProfile, "next">>): string {
	return caches[name]!.next ?? defaultCacheNext(name, Object.keys(caches));
}

/** The TLBs asked after a TLB, whatever page sizes they hold; none: walk. */
export function nextOfTlb(name: string, tlbs: Record<string, Pick<TlbProfile, "next">>): string[] {
	const next = tlbs[name]!.next;
	if (next !== undefined) return (typeof next === "string" ? [next] : next).filter((other) => other !== WALK);
	if (!/^[ID]TLB/.test(name)) return [];
	return Object.keys(tlbs).filter((other) => other.startsWith("STLB"));
}

/** Whose references enter at a cache, by its name and whether another cache asks it. */
export function defaultCacheServes(name: string, asked: boolean): Serves {
	if (asked) return "none";
	if (name.endsWith("I")) return "fetch";
	return name.endsWith("D") ? "data" : "both";
}

/** Which references look first into a TLB, by its name and whether another TLB asks it. */
export function defaultTlbServes(name: string, asked: boolean): Serves {
	if (asked) return "none";
	if (name.startsWith("ITLB")) return "fetch";
	return name.startsWith("DTLB") ? "data" : "both";
}
