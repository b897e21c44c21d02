import type { CacheConfig } from "../../../bindings/config.ts";
import { suggestion } from "../../input/words.ts";
import { defaultCacheServes, MEMORY, nextOfCache } from "../links.ts";
import type { Profile, Serves } from "../types.ts";
import { cacheGeometry } from "./geometry.ts";
import { inOrder } from "./order.ts";
import type { Problem } from "./problem.ts";
import { checkSharing } from "./sharing.ts";

/** Inner levels first, `next` as numbers, every default filled in. */
export function resolveCaches(profile: Profile, cpus: number | undefined, problem: Problem): CacheConfig[] {
	const { caches } = profile;
	const names = Object.keys(caches);
	const nextOf = (name: string) => [nextOfCache(name, caches)].filter((next) => next !== MEMORY);
	for (const name of names) {
		for (const next of nextOf(name)) {
			if (Object.hasOwn(caches, next)) continue;
			const hint = suggestion(next, [...names.filter((other) => other !== name), MEMORY]);
			problem(`caches.${name}.next`, `names no level: ${next}; ${hint}`);
		}
	}
	const { order, cycle } = inOrder(names, nextOf);
	if (cycle !== undefined) problem(`caches.${cycle}.next`, `leads back to ${cycle}: the last level's next is "memory"`);
	const sharedBy = checkSharing(
		names.map((name) => ({ name, sharedBy: caches[name]!.sharedBy, next: nextOf(name) })),
		cpus,
		"caches",
		problem,
	);
	const asked = new Set(names.flatMap(nextOf));
	const result = order.map((name): CacheConfig => {
		const cache = caches[name]!;
		const path = `caches.${name}`;
		const [next] = nextOf(name);
		const index = cache.index ?? "physical";
		const tag = cache.tag ?? "physical";
		if (index === "physical" && tag === "virtual") {
			problem(`${path}.tag`, "is virtual under a physical index: valid are VIVT, VIPT and PIPT");
		}
		const serves = cache.serves ?? defaultCacheServes(name, asked.has(name));
		if (serves === "none" && !asked.has(name)) {
			problem(`${path}.serves`, "is none and no level asks this one: it would never be used");
		}
		return {
			name,
			...cacheGeometry(cache, path, problem),
			index,
			tag,
			inclusion: cache.inclusion ?? "nine",
			replacement: cache.replacement ?? "lru",
			write: cache.write ?? "back",
			allocate: cache.allocate ?? true,
			writebacks: cache.writebacks ?? true,
			serves,
			next: next === undefined ? -1 : order.indexOf(next),
			sharedBy: sharedBy.get(name)!,
		};
	});
	checkSides(result, problem);
	checkExclusive(result, problem);
	checkInclusive(result, problem);
	if (profile.straddle === "once") checkOnce(result, problem);
	return result;
}

function servesSide(serves: Serves, side: "fetch" | "data"): boolean {
	return serves === "both" || serves === side;
}

/** With caches at all, each side enters at exactly one. */
function checkSides(caches: CacheConfig[], problem: Problem): void {
	if (caches.length === 0) return;
	for (const side of ["fetch", "data"] as const) {
		const first = caches.filter(({ serves }) => servesSide(serves, side)).map(({ name }) => name);
		if (first.length === 1) continue;
		const what = side === "fetch" ? "fetches" : "reads and writes";
		if (first.length === 0) {
			const served = caches.find(({ serves }) => serves !== "none")!;
			problem(
				`caches.${served.name}.serves`,
				`is ${served.serves} and no cache serves ${what}: set it to both, or another cache's to ${side}`,
			);
		}
		problem(
			`caches.${first[1]}.serves`,
			`would make ${first.join(" and ")} the first level of ${what}: exactly one is valid, set the others to none`,
		);
	}
}

function checkExclusive(caches: CacheConfig[], problem: Problem): void {
	for (const [number, cache] of caches.entries()) {
		if (cache.inclusion !== "exclusive") continue;
		const path = `caches.${cache.name}`;
		if (cache.serves !== "none") {
			problem(
				`${path}.inclusion`,
				"is exclusive, which a first level cannot be: it is filled by lines that leave another",
			);
		}
		const other = caches.find(({ next, line }) => next === number && line !== cache.line);
		if (other) {
			problem(
				`${path}.line`,
				`is ${cache.line}, but ${other.name} above this exclusive level has lines of ${other.line}: they must be equal`,
			);
		}
	}
}

/** An inclusive level that lost a line must be able to say which whole lines above go with it. */
function checkInclusive(caches: CacheConfig[], problem: Problem): void {
	for (const cache of caches) {
		for (let outer = caches[cache.next]; outer; outer = caches[outer.next]) {
			if (outer.inclusion !== "inclusive" || outer.line >= cache.line) continue;
			problem(
				`caches.${outer.name}.line`,
				`is ${outer.line}, but ${cache.name} above this inclusive level has lines of ${cache.line}: at least that is valid`,
			);
		}
	}
}

/** An access that counts once though it touches two lines has no room for traffic that each line causes on its own. */
function checkOnce(caches: CacheConfig[], problem: Problem): void {
	for (const { name, inclusion, writebacks } of caches) {
		const path = `caches.${name}`;
		if (inclusion !== "nine") problem(`${path}.inclusion`, `is ${inclusion}: with straddle "once" only nine is valid`);
		if (writebacks) problem(`${path}.writebacks`, 'is true: with straddle "once" only false is valid');
	}
}
