import { StalemateError } from "../errors.ts";
import { choice, quote } from "../input/words.ts";
import { abstract } from "./machines/abstract.ts";
import { arm64Generic, weakGeneric } from "./machines/arm64.ts";
import { broadwell } from "./machines/broadwell.ts";
import { compatBdw, compatCachegrind, compatDineroB2 } from "./machines/compat.ts";
import { e500mc, e500v1, e500v2 } from "./machines/e500.ts";
import { haswellEp } from "./machines/haswell-ep.ts";
import { pa8800, pa8900 } from "./machines/pa8800.ts";
import { pa7100, pa7300lc, pa8500, pa8700 } from "./machines/parisc-older.ts";
import { pariscP9xxx, viptGeneric, viptL3Nonvictim } from "./machines/vipt.ts";
import { zen3 } from "./machines/zen3.ts";
import type { Profile } from "./types.ts";

// Made when they are first asked for: a program uses few of them, and importing the package does no work.
const makers = {
	broadwell,
	"haswell-ep": haswellEp,
	zen3,
	pa8800,
	pa8900,
	"parisc-p9xxx": pariscP9xxx,
	"vipt-generic": viptGeneric,
	"vipt-l3-nonvictim": viptL3Nonvictim,
	pa7100,
	pa7300lc,
	pa8500,
	pa8700,
	e500v1,
	e500v2,
	e500mc,
	"arm64-generic": arm64Generic,
	"weak-generic": weakGeneric,
	abstract,
	"compat-dinero-b2": compatDineroB2,
	"compat-bdw": compatBdw,
	"compat-cachegrind": compatCachegrind,
} satisfies Record<string, () => Profile>;

/** Ids of the profiles that ship. */
export type ProfileId = keyof typeof makers;

type Camel<S extends string> = S extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;

/** The shipped profiles by id, and by the same id in camel case: `profiles["compat-bdw"]`, `profiles.compatBdw`. */
export type Profiles = Readonly<Record<ProfileId, Profile>> & Readonly<Record<Camel<ProfileId>, Profile>>;

const made = /* @__PURE__ */ new Map<string, Profile>();

export function freeze<T>(thing: T): T {
	if (typeof thing !== "object" || thing === null || Object.isFrozen(thing)) return thing;
	for (const part of Object.values(thing)) freeze(part);
	return Object.freeze(thing);
}

function shipped(id: ProfileId): Profile {
	const known = made.get(id);
	if (known) return known;
	const profile = freeze(makers[id]());
	made.set(id, profile);
	return profile;
}

/** Whether this is a shipped profile itself, which nothing can have changed. */
export function isShipped(profile: Profile): boolean {
	return [...made.values()].includes(profile);
}

function withCamelCase(): Profiles {
	const result = {};
	for (const id of profileNames()) {
		const camel = id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
		const get = () => shipped(id);
		// Not enumerable: listing the profiles lists each once.
		if (camel !== id) Object.defineProperty(result, camel, { get });
		Object.defineProperty(result, id, { get, enumerable: true });
	}
	return Object.freeze(result) as Profiles;
}

/** The profiles that ship, frozen; change them by `extend` or `applySets`. */
export const profiles: Profiles = /* @__PURE__ */ withCamelCase();

/** Ids of the shipped profiles, in the order of listings. */
export function profileNames(): ProfileId[] {
	return Object.keys(makers) as ProfileId[];
}

/** The shipped profile of that id; else UNKNOWN_PROFILE with the nearest id. `path` is where the id was written. */
export function profile(id: string, path?: string): Profile {
	if (Object.hasOwn(makers, id)) return shipped(id as ProfileId);
	const names = profileNames();
	const message = `unknown profile ${quote(id)}: ${choice(typeof id === "string" ? id : "", names)}.`;
	throw new StalemateError("UNKNOWN_PROFILE", message, path === undefined ? {} : { path });
}
