import { isPlain } from "../input/plain.ts";
import { costs } from "./costs.ts";
import { amount, isSourced } from "./quantity.ts";
import { profile, profileNames } from "./shipped.ts";
import { formatBytes } from "./size.ts";
import type { Basis, CacheProfile, CostName, Profile } from "./types.ts";

/** One value of a profile. */
export interface ProvenanceRow {
	/** As `--set` takes it; list entries have their number at the end, and are set as a whole without it. */
	path: string;
	value: number | string | boolean;
	/** "": the value has none. */
	unit: string;
	range?: [number, number];
	/** Left out where the value is a choice and not a finding. */
	basis?: Basis;
	source?: string;
}

/** One profile of a listing. */
export interface ProfileRow {
	id: string;
	title: string;
	/** For example "32K+32K, 256K, 35M"; "": none. */
	caches: string;
	memoryModel: string;
	/** How many numbers are documented, measured or computed, and how many known or estimated. */
	founded: number;
	guessed: number;
}

const UNITS: Record<string, string> = {
	size: "bytes",
	line: "bytes",
	page: "bytes",
	pages: "bytes",
	entry: "bytes",
	architected: "bytes",
	implemented: "bytes",
	sets: "sets",
	ways: "ways",
	entries: "entries",
	frames: "frames",
	colours: "colours",
	levels: "bits",
	latency: "cycles",
	cycles: "cycles",
	ns: "ns",
	frequency: "GHz",
	sharedBy: "CPUs",
};

function unitOf(path: string[], value: unknown): string {
	if (typeof value !== "number") return "";
	if (path[0] === "costs") return costs[path[1] as CostName]?.unit ?? "";
	if (path[0] === "walk" && path[1] === "caches") return "entries";
	const key = path.findLast((step) => !/^\d+$/.test(step))!;
	return Object.hasOwn(UNITS, key) ? UNITS[key]! : "";
}

/** Every value of a profile with what is known about it, in the profile's order. */
export function provenance(profile: Profile): ProvenanceRow[] {
	const rows: ProvenanceRow[] = [];
	const visit = (path: string[], value: unknown): void => {
		if (isSourced(value)) {
			const { value: number, range, basis, source } = value;
			const row = { path: path.join("."), value: number, unit: unitOf(path, number), basis, source };
			rows.push(range ? { ...row, range: [...range] } : row);
		} else if (Array.isArray(value)) {
			for (const [i, item] of value.entries()) visit([...path, String(i)], item);
		} else if (isPlain(value)) {
			for (const [key, part] of Object.entries(value)) visit([...path, key], part);
		} else if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") {
			rows.push({ path: path.join("."), value, unit: unitOf(path, value) });
		}
	};
	visit([], profile);
	return rows;
}

function sizeOf(cache: CacheProfile): number {
	if (cache.size !== undefined) return amount(cache.size);
	if (cache.sets === undefined || cache.ways === "full") return 0;
	return amount(cache.sets) * amount(cache.ways) * amount(cache.line);
}

/** Sizes by level; what has the same number in its name stands together. */
function cachesOf(profile: Profile): string {
	const levels = new Map<string, string[]>();
	for (const [name, cache] of Object.entries(profile.caches)) {
		const level = /^L\d+/.exec(name)?.[0] ?? name;
		levels.set(level, [...(levels.get(level) ?? []), formatBytes(sizeOf(cache))]);
	}
	return [...levels.values()].map((sizes) => sizes.join("+")).join(", ");
}

/** The line of a listing for one profile. */
export function summary(profile: Profile): ProfileRow {
	const bases = provenance(profile).flatMap(({ basis }) => (basis ? [basis] : []));
	const guessed = bases.filter((basis) => basis === "known" || basis === "estimated").length;
	return {
		id: profile.id,
		title: profile.title,
		caches: cachesOf(profile),
		memoryModel: profile.memoryModel,
		founded: bases.length - guessed,
		guessed,
	};
}

/** The listing of all shipped profiles. */
export function listProfiles(): ProfileRow[] {
	return profileNames().map((id) => summary(profile(id)));
}
