import {
	type Check,
	type Checkable,
	type Checked,
	type CheckOptions,
	covered,
	loadCheckSync,
	type Profile,
	StalemateError,
	scheduleText,
	verdictText,
} from "../check/index.ts";

/** The memory model, parameters, bounds: what a check takes. */
export interface SafeOptions extends Omit<CheckOptions, "profile"> {}

/** What `expect` wants to know, in vitest and in jest. */
export interface MatcherResult {
	pass: boolean;
	/** The schedule that goes wrong, or why it was expected to. */
	message(): string;
}

let check: Check | undefined;

/**
 * Passes where every schedule of a scenario was seen and none is a hazard: SAFE. `not` passes where there is one that is, or
 * a contract was broken on the way: HAZARD, LATENT. INCOMPLETE is neither. For `expect.extend`.
 */
export function toBeSafeOn(
	this: { readonly isNot?: boolean } | undefined,
	received: Checkable,
	profile: string | Profile,
	options: SafeOptions = {},
): MatcherResult {
	const checked = seen(received, profile, options);
	const { run } = checked;
	const pass = run.verdict === "INCOMPLETE" ? this?.isNot === true : run.verdict === "SAFE";
	return { pass, message: () => story(checked) };
}

function seen(received: Checkable, profile: string | Profile, options: SafeOptions): Checked {
	try {
		if (profile === undefined) throw wrong("profile is missing: toBeSafeOn(profile) is about a machine", "profile");
		check ??= loadCheckSync();
		const checked = check.checkSync(received, { ...options, profile });
		if (!checked.judgement) return checked;
		const message = `${checked.run.scenario} is a litmus test: it has results, and is neither safe nor not`;
		throw wrong(message, "received");
	} catch (error) {
		// What is wrong stands in the test: its line is shown, and none of this package.
		if (error instanceof StalemateError) Error.captureStackTrace?.(error, toBeSafeOn);
		throw error;
	}
}

function wrong(message: string, path: string): StalemateError {
	return new StalemateError("BAD_OPTION", message, { path });
}

/** The verdict, the shortest schedule that leads to it, and what was seen. */
function story(checked: Checked): string {
	const schedule = checked.schedule ? [scheduleText(checked, { title: false })] : [];
	return [`${checked.run.id} is ${verdictText(checked)}`, "", ...schedule, covered(checked)].join("\n");
}
