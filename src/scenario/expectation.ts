import type { Model, ProfileName, Scenario } from "./ast.ts";
import { type Params, resolveParams } from "./params.ts";
import { printOutcome, profileName } from "./print.ts";
import { placeIn, sourceOf, spanOf } from "./source.ts";

/** What a scenario says of a run: one of `any`, each a verdict or codes that are all reachable. */
export interface Expected {
	any: string[][];
	/** Line of the text, from 1; 0: none. */
	line: number;
	text: string;
}

/** What a scenario expects of a run; undefined: nothing. Later lines, and later parts of a line, override earlier ones. */
export function expectation(
	scenario: Scenario,
	params: Params = {},
	profile?: string | ProfileName,
	model?: Model,
): Expected | undefined {
	const resolved = resolveParams(scenario, params);
	const wanted = profile === undefined ? undefined : key(typeof profile === "string" ? named(profile) : profile);
	const source = sourceOf(scenario);
	let found: Expected | undefined;
	for (const { when, outcomes } of scenario.expects) {
		if (!Object.entries(when ?? {}).every(([name, values]) => values.includes(resolved[name]!))) continue;
		for (const outcome of outcomes) {
			if (outcome.profile && key(outcome.profile) !== wanted) continue;
			if (outcome.model && outcome.model !== model) continue;
			const span = spanOf(outcome);
			const line = source && span ? placeIn(source, span.from).line : 0;
			found = { any: outcome.any, line, text: printOutcome(outcome) };
		}
	}
	return found;
}

/** The same for the same options in any order. */
function key(name: ProfileName): string {
	const options = Object.entries(name.options ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
	return profileName({ profile: name.profile, ...(options.length > 0 && { options: Object.fromEntries(options) }) });
}

/** A profile as scenarios write it: `vipt-generic{speculativeMoveIn=yes}`. */
export function named(text: string): ProfileName {
	const [, profile = text, inside] = /^([^{]*)\{(.*)\}$/.exec(text) ?? [];
	if (inside === undefined) return { profile };
	const options: NonNullable<ProfileName["options"]> = {};
	for (const part of inside.split(",")) {
		const [name = "", value = ""] = part.split("=").map((side) => side.trim());
		Object.defineProperty(options, name, { value, enumerable: true, configurable: true, writable: true });
	}
	return { profile: profile.trim(), options };
}

/** Whether what a run found is what was expected. "ok" is SAFE or LATENT, "HAZARD" any code. */
export function meets({ any }: Expected, verdict: string, codes: readonly string[]): boolean {
	return any.some((all) =>
		all.every((word) => word === verdict || codes.includes(word) || (word === "ok" && /^(SAFE|LATENT)$/.test(verdict))),
	);
}
