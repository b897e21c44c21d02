import { type ErrorCode, StalemateError } from "../errors.ts";
import { optionsOf } from "../input/options.ts";
import { isPlain } from "../input/plain.ts";
import { explain, Fault, leaf, must, type Rule } from "../input/shape.ts";
import { quote } from "../input/words.ts";
import { abstract } from "./machines/abstract.ts";
import { merge } from "./merge.ts";
import { root } from "./schema.ts";
import { freeze, isShipped, profile } from "./shipped.ts";
import type { Profile, ProfileChanges } from "./types.ts";

/** Checks the form of changes: known keys, right types, sane values. */
export function parseChanges(json: unknown, code: ErrorCode = "BAD_PROFILE"): ProfileChanges {
	try {
		return root().read(json, []);
	} catch (cause) {
		if (!(cause instanceof Fault)) throw cause;
		const message = `profile: ${explain(cause, json, root(), "it")}`;
		throw new StalemateError(code, message, { path: cause.path.join(".") }, { cause });
	}
}

/** Asks for what a machine cannot do without and no default can guess. */
function complete(profile: Profile): Profile {
	const need = (path: string, present: boolean, what: string) => {
		if (present) return;
		throw new StalemateError("BAD_PROFILE", `profile ${profile.id}: ${path} is missing: ${what}`, { path });
	};
	for (const [name, cache] of Object.entries(profile.caches)) {
		const sized = cache.size !== undefined || cache.sets !== undefined;
		need(`caches.${name}.size`, sized, "a cache needs its size in bytes, or its number of sets");
		need(`caches.${name}.ways`, cache.ways !== undefined, 'a cache needs its associativity: a number or "full"');
		need(`caches.${name}.line`, cache.line !== undefined, "a cache needs its line size in bytes");
	}
	for (const [name, tlb] of Object.entries(profile.tlbs)) {
		need(`tlbs.${name}.entries`, tlb.entries !== undefined, "a TLB needs its number of entries");
		need(`tlbs.${name}.ways`, tlb.ways !== undefined, 'a TLB needs its associativity: a number or "full"');
		need(`tlbs.${name}.pages`, tlb.pages !== undefined, "a TLB needs the page sizes it holds, in bytes");
	}
	if (profile.tlbPurge) need("tlbPurge.by", profile.tlbPurge.by !== undefined, '"ipi" or "broadcast"');
	return profile;
}

/** Merges checked changes into a profile; what is not named gets a name of its own, so that no result is taken for the base's. */
export function change(base: Profile, changes: ProfileChanges): Profile {
	return complete(Object.assign(merge(base, changes), identity(base, changes)));
}

/** What a changed profile is called. */
export function identity(base: Profile, changes: ProfileChanges = {}): Partial<Profile> {
	const custom = base.id.endsWith("-custom");
	return {
		...(changes.id === undefined && { id: custom ? base.id : `${base.id.slice(0, 57)}-custom` }),
		...(changes.basedOn === undefined && { basedOn: custom ? (base.basedOn ?? base.id) : base.id }),
	};
}

/** Checks the form of a whole profile; resolve() checks that it fits together. */
export function checkForm(candidate: Profile): Profile {
	const checked = parseChanges(candidate);
	if (checked.extends !== undefined) {
		const message = `profile: extends is ${quote(checked.extends)}, so these are changes: parseProfile makes a profile of them`;
		throw new StalemateError("BAD_PROFILE", message, { path: "extends" });
	}
	return complete(merge(abstract(), checked));
}

/** Of options that name a profile or are one, whose form is checked where it is used. */
export function aProfile(): Rule<Profile | string> {
	return leaf((value, path) => {
		must(typeof value === "string" || isPlain(value), path, "must be a profile, or the id of one");
		return value as Profile | string;
	});
}

/** What profileFrom gave: frozen, so that it need not be checked again. */
const sound = /* @__PURE__ */ new WeakSet<Profile>();

/** The shipped profile of that id, or a copy of one of one's own whose form was checked. Frozen. */
export function profileFrom(given: Profile | string): Profile {
	if (typeof given === "string") return profile(given);
	if (sound.has(given) || isShipped(given)) return given;
	optionsOf(aProfile(), given, "profile");
	const checked = freeze(checkForm(given));
	sound.add(checked);
	return checked;
}

/**
 * Reads a profile from JSON (already parsed): whole, or as changes to a shipped one that it `extends`. Numbers of bytes may be
 * written "512K". Throws BAD_PROFILE with the path of what is wrong, UNKNOWN_PROFILE for an unknown base.
 */
export function parseProfile(json: unknown): Profile {
	const changes = parseChanges(json);
	if (changes.extends !== undefined) return change(profile(changes.extends, "extends"), changes);
	const result = merge(abstract(), changes);
	if (changes.id === undefined) result.id = "custom";
	if (changes.title === undefined) result.title = result.id;
	return complete(result);
}

/**
 * A profile like another, with changes: objects are merged, numbers and lists replaced, a cache or TLB that is null is taken
 * out and its neighbours are linked. `base` is a profile or the name of a shipped one.
 */
export function extend(base: Profile | string, changes: ProfileChanges): Profile {
	const start = typeof base === "string" ? profile(base) : checkForm(base);
	const { extends: _, ...checked } = parseChanges(changes);
	return change(start, checked);
}
