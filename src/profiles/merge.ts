import { isPlain } from "../input/plain.ts";
import { MEMORY, nextOfCache, WALK } from "./links.ts";
import { isSourced } from "./quantity.ts";
import type { Profile, ProfileChanges, TlbProfile } from "./types.ts";

/** A copy that shares nothing with its original. */
export function copy<T>(thing: T): T {
	if (Array.isArray(thing)) return thing.map(copy) as T;
	if (!isPlain(thing)) return thing;
	const result: Record<string, unknown> = {};
	for (const key of Object.keys(thing)) if (thing[key] !== undefined) result[key] = copy(thing[key]);
	return result as T;
}

/** Objects are merged key by key; numbers (with or without provenance), words and lists are replaced. */
function mergeInto(target: Record<string, unknown>, changes: Record<string, unknown>): void {
	for (const key of Object.keys(changes)) {
		const change = changes[key];
		const present = Object.hasOwn(target, key) ? target[key] : undefined;
		if (change === undefined) continue;
		if (isPlain(change) && isPlain(present) && !isSourced(change) && !isSourced(present)) mergeInto(present, change);
		else target[key] = copy(change);
	}
}

/** Takes a cache out; who asked it asks the level behind it. */
function removeCache(profile: Profile, name: string): void {
	const { caches, walk } = profile;
	if (!Object.hasOwn(caches, name)) return;
	const stated = caches[name]!.next;
	const next = nextOfCache(name, caches);
	delete caches[name];
	for (const other of Object.values(caches)) {
		if (other.next !== name) continue;
		if (stated === undefined) delete other.next;
		else other.next = stated;
	}
	if (walk.enters === name) walk.enters = next === MEMORY ? "none" : next;
}

/** Takes a TLB out; who asked it asks the TLBs behind it, or walks. */
function removeTlb(profile: Profile, name: string): void {
	const { tlbs } = profile;
	if (!Object.hasOwn(tlbs, name)) return;
	const behind = tlbs[name]!.next ?? WALK;
	delete tlbs[name];
	const others: TlbProfile[] = Object.values(tlbs);
	for (const other of others) {
		if (other.next === name) other.next = copy(behind);
		else if (Array.isArray(other.next) && other.next.includes(name)) {
			const linked = other.next.flatMap((next) => (next === name ? behind : next)).filter((next) => next !== WALK);
			other.next = linked.length ? [...new Set(linked)] : WALK;
		}
	}
}

/** A profile with changes that the schema has let through. `extends` is not looked at. */
export function merge(base: Profile, changes: ProfileChanges): Profile {
	const { extends: _, caches, tlbs, ...rest } = changes;
	const result = copy(base);
	mergeInto(result as unknown as Record<string, unknown>, rest);
	for (const [name, change] of Object.entries(caches ?? {})) {
		if (change === null) {
			removeCache(result, name);
			continue;
		}
		// `size` and `sets` say the same thing: the one that is changed holds.
		const present = Object.hasOwn(result.caches, name) ? result.caches[name] : undefined;
		if (present && change.sets !== undefined && change.size === undefined) delete present.size;
		if (present && change.size !== undefined && change.sets === undefined) delete present.sets;
		mergeInto(result.caches as Record<string, unknown>, { [name]: change });
	}
	for (const [name, change] of Object.entries(tlbs ?? {})) {
		if (change === null) removeTlb(result, name);
		else mergeInto(result.tlbs as Record<string, unknown>, { [name]: change });
	}
	return result;
}
