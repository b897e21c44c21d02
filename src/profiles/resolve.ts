import type { CacheConfig, MachineConfig, TlbConfig } from "../../bindings/config.ts";
import { seed as aSeed, badOption, optionsOf, whole } from "../input/options.ts";
import { profileFrom } from "./parse.ts";
import { resolveCaches } from "./resolve/caches.ts";
import { checkCoherent } from "./resolve/coherence.ts";
import { type Problem, problemOf } from "./resolve/problem.ts";
import { cpusOf } from "./resolve/sharing.ts";
import { resolveTlbs } from "./resolve/tlbs.ts";
import { resolveTranslation } from "./resolve/translation.ts";
import { resolveWalk } from "./resolve/walk.ts";
import type { Profile } from "./types.ts";

export interface ResolveOptions {
	/** CPUs that the trace uses (default 1). */
	cpus?: number;
	/** Of random replacement and random frames (default 0). */
	seed?: bigint;
	/** The form of the profile was checked before. */
	checked?: boolean;
}

/** A trace names its CPUs in 8 bits. */
const MOST_CPUS = 256;
/** Lines and translations that all caches and TLBs of a machine may hold: more is a slip of the pen. */
const MOST_ENTRIES = 2 ** 26;

/**
 * The machine that a profile describes, as the core takes it: every default filled in, everything cross-checked. Throws
 * BAD_PROFILE with the path of what does not fit and what would.
 */
export function resolve(profile: Profile, options: ResolveOptions = {}): MachineConfig {
	const checked = options.checked ? profile : profileFrom(profile);
	const problem = problemOf(checked.id);
	const most = cpusOf(checked);
	if (most !== undefined && most > MOST_CPUS) problem("cpus", `make ${most} CPUs: at most ${MOST_CPUS} are valid`);
	const { cpus, seed } = checkOptions(options, checked.id, most);
	const translation = resolveTranslation(checked.translation, problem);
	const inUse = [...new Set([translation.page, ...translation.huge.map(({ page }) => page)])];
	const caches = resolveCaches(checked, most, problem);
	const tlbs = resolveTlbs(checked, most, inUse, problem);
	const walk = resolveWalk(checked.walk, caches, tlbs.length > 0, translation.page, problem);
	checkEntries(caches, tlbs, walk.caches, cpus, problem);
	const { protocol, instructions = true } = checked.coherence;
	if (cpus > 1 && protocol !== "none") checkCoherent(caches, cpus, instructions, checked.straddle, problem);
	return {
		cpus,
		caches,
		tlbs,
		walk,
		translation,
		straddle: checked.straddle,
		coherence: { protocol, instructions },
		tagged: checked.pcid,
		seed,
	};
}

function checkOptions({ cpus = 1, seed = 0n }: ResolveOptions, id: string, most: number | undefined) {
	whole("cpus", cpus, 1, MOST_CPUS);
	if (most !== undefined && cpus > most) {
		const remedy = "give the profile more (cpus.cores), or map the trace's CPUs onto fewer";
		throw badOption("cpus", `is ${cpus}, and profile ${id} has ${most}: ${remedy}`);
	}
	return { cpus, seed: optionsOf(aSeed(), seed, "seed") };
}

/** Refuses machines that no memory could hold. */
function checkEntries(
	caches: CacheConfig[],
	tlbs: TlbConfig[],
	walkCaches: number[],
	cpus: number,
	problem: Problem,
): void {
	const instances = (sharedBy: number) => (sharedBy === 0 ? 1 : Math.ceil(cpus / sharedBy));
	let sum = walkCaches.reduce((all, entries) => all + entries, 0) * cpus;
	const add = (group: string, { name, sets, ways, sharedBy }: CacheConfig | TlbConfig) => {
		sum += sets * ways * instances(sharedBy);
		if (sum <= MOST_ENTRIES) return;
		const what = group === "caches" ? "lines" : "entries";
		problem(
			`${group}.${name}`,
			`takes the machine beyond ${MOST_ENTRIES} ${what}, over all its ${cpus} CPUs: make it smaller`,
		);
	};
	for (const cache of caches) add("caches", cache);
	for (const tlb of tlbs) add("tlbs", tlb);
}
