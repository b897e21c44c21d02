import { applySets, type Profile } from "../index.ts";
import { isPlain } from "../input/plain.ts";
import type { Rule } from "../input/shape.ts";
import { identity } from "../profiles/parse.ts";
import { follow, read } from "../profiles/sets.ts";
import type { Value } from "./types.ts";

/**
 * A function that does what applySets does, for the same paths again and again: what is not on a path to a change is shared
 * with the base, so that it need not be checked, hashed and sent to other threads again.
 */
export function changer(base: Profile, paths: readonly string[]): (values: readonly Value[]) => Profile {
	const checked = applySets(base, []);
	const slowly = (values: readonly Value[]) => {
		return applySets(
			base,
			paths.map((path, i) => `${path}=${values[i]}`),
		);
	};
	// A cache or TLB taken out changes its neighbours.
	if (paths.some((path) => /^(caches|tlbs)(\.[^.]*)?$/.test(path))) return slowly;
	let places: Rule[] | undefined;
	const named = identity(checked);
	return (values) => {
		// The first time, everything that can be wrong with a path is told.
		if (!places) {
			slowly(values);
			places = paths.map((path) => follow(checked, path));
			if (places.some(({ kind }) => kind !== "leaf")) places = undefined;
		}
		if (!places) return slowly(values);
		const result = Object.assign({ ...checked }, named);
		const own = new Set<unknown>([result]);
		for (const [i, path] of paths.entries()) {
			const keys = path.split(".");
			const last = keys.pop()!;
			let place = result as unknown as Record<string, unknown>;
			for (const key of keys) {
				const next = place[key];
				if (!own.has(next)) {
					place[key] = { ...(isPlain(next) ? next : {}) };
					own.add(place[key]);
				}
				place = place[key] as Record<string, unknown>;
			}
			place[last] = read(places[i]!, path, String(values[i]).trim());
			// They say the same thing: the one that is changed holds.
			if (path.startsWith("caches.") && keys.length === 2) {
				if (last === "size") delete place.sets;
				if (last === "sets") delete place.size;
			}
		}
		return result;
	};
}
