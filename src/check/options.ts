import { callable, seconds, seed, signal } from "../input/options.ts";
import { flag, list, number, object, type Rule, text, word } from "../input/shape.ts";
import { aProfile } from "../profiles/parse.ts";
import type { Profile } from "../profiles/types.ts";
import { parameters } from "../scenario/params.ts";
import { MODELS } from "../scenario/vocabulary.ts";
import type { DriveOptions } from "./drive.ts";

const MOST = 0xffff_ffff;
/** Steps of a schedule at random. */
const MOST_WALK_STEPS = 1_000_000;

const machineRules = () => ({
	params: parameters(),
	profile: aProfile(),
	profiles: list(aProfile() as Rule<Profile>, 10_000),
	model: word(...MODELS),
	caches: word("telling", "all"),
	window: number({ least: 1, most: 8 }),
	mayHold: flag(),
	without: list(object({ action: text(), way: text() }, ["action", "way"]), 10_000),
});

/** Of MachineOptions. */
export const machineOptions = () => object(machineRules());

/** Of CheckOptions and DriveOptions. */
export const checkOptions = () =>
	object({
		...machineRules(),
		bounds: object({
			states: number({ least: 1, most: MOST }),
			depth: number({ least: 1, most: MOST }),
			time: seconds(),
		}),
		allHazards: flag(),
		symmetry: flag(),
		liveness: flag(),
		compact: flag(),
		walks: object(
			{ count: number({ least: 1, most: MOST }), steps: number({ least: 1, most: MOST_WALK_STEPS }), seed: seed() },
			["count"],
		),
		signal: signal(),
		onProgress: callable<NonNullable<DriveOptions["onProgress"]>>(),
	});
