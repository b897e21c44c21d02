import { StalemateError } from "../errors.ts";
import { isPlain } from "../input/plain.ts";
import { Fault, type Rule } from "../input/shape.ts";
import { quote, suggestion } from "../input/words.ts";
import { change, checkForm } from "./parse.ts";
import { root } from "./schema.ts";
import { parseNumber } from "./size.ts";
import type { Profile, ProfileChanges } from "./types.ts";

const FLAGS: Record<string, boolean> = { true: true, yes: true, on: true, false: false, no: false, off: false };

function bad(path: string, reason: string): StalemateError {
	return new StalemateError("BAD_OPTION", `--set ${path.length > 100 ? `${path.slice(0, 97)}...` : path}: ${reason}`, {
		path,
	});
}

/** The place in the schema that a path leads to; names of caches and TLBs must be the profile's own. */
export function follow(profile: Profile, path: string): Rule {
	const steps = path.split(".");
	let place: Rule = root();
	let present: unknown = profile;
	for (const [i, step] of steps.entries()) {
		const known = place.kind === "record" ? Object.keys(isPlain(present) ? present : {}) : place.keys;
		const allowed = i === 0 ? known.filter((key) => key !== "extends") : known;
		if (!allowed.includes(step)) {
			const where = steps.slice(0, i).join(".");
			if (place.kind === "leaf" || place.kind === "list")
				throw bad(path, `${where} is set as a whole${place.kind === "list" ? `: ${where}=a,b` : ""}`);
			throw bad(path, `there is no ${quote(step)}${where ? ` in ${where}` : ""}: ${suggestion(step, allowed)}`);
		}
		place = place.under(step)!;
		present = isPlain(present) && Object.hasOwn(present, step) ? present[step] : undefined;
	}
	return place;
}

function readings(word: string): unknown[] {
	const number = parseNumber(word);
	const flag = Object.hasOwn(FLAGS, word) ? [FLAGS[word]] : [];
	return number === undefined ? [...flag, word] : [number, ...flag, word];
}

/** What a text means at a place: the first of its readings that the schema takes. */
export function read(place: Rule, path: string, word: string): unknown {
	if (place.kind === "list") {
		const items = /^(none|\[\s*\]|)$/.test(word) ? [] : word.replace(/^\[(.*)\]$/, "$1").split(",");
		const numbers = items.map((item) => parseNumber(item.trim()) ?? item.trim());
		const texts = items.map((item) => item.trim());
		return firstTaken(place, path, [numbers, texts]);
	}
	if (place.kind !== "leaf") {
		const level = path.split(".").at(-1)!;
		throw bad(path, `${level} has parts: ${suggestionOfParts(place)}`);
	}
	// A leaf that may be a list (the TLBs asked next) shows it by the comma.
	const listed = word.includes(",") ? [word.split(",").map((item) => item.trim())] : [];
	return firstTaken(place, path, [...readings(word), ...listed]);
}

function suggestionOfParts(place: Rule): string {
	return place.keys.length ? `set one of ${place.keys.join(", ")}` : "name one of its entries";
}

function firstTaken(place: Rule, path: string, candidates: unknown[]): unknown {
	let must = "";
	for (const candidate of candidates) {
		try {
			return place.read(candidate, []);
		} catch (cause) {
			if (!(cause instanceof Fault)) throw cause;
			must ||= cause.must;
		}
	}
	throw bad(path, `${must}, found ${quote(candidates.at(-1))}`);
}

/** The changes that one `path=value` stands for. */
function changesOf(profile: Profile, path: string, word: string): ProfileChanges {
	const place = follow(profile, path);
	const [group, level, ...deeper] = path.split(".") as [string, string?, ...string[]];
	if ((group === "caches" || group === "tlbs") && deeper.length === 0 && word === "none") {
		const names = level === undefined ? Object.keys(profile[group]) : [level];
		return { [group]: Object.fromEntries(names.map((name) => [name, null])) };
	}
	let result: unknown = read(place, path, word);
	for (const key of path.split(".").reverse()) result = { [key]: result };
	return result as ProfileChanges;
}

/**
 * Applies `path=value` texts, in order: `caches.L3.size=2M`, `tlbs.DTLB.pages=4K,2M`, `caches.L3=none`. A number with a
 * provenance is replaced by the plain one. Throws BAD_OPTION with the path.
 */
export function applySets(profile: Profile, sets: readonly string[]): Profile {
	let result = checkForm(profile);
	for (const set of sets) {
		const equals = set.indexOf("=");
		const path = (equals < 0 ? set : set.slice(0, equals)).trim();
		if (equals < 0) throw bad(path, "has no value: write path=value, for example caches.L2.size=512K");
		const changes = changesOf(result, path, set.slice(equals + 1).trim());
		result = change(result, changes);
	}
	return result;
}
