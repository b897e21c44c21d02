import { readFile } from "node:fs/promises";
import type { ArgsDef } from "citty";
import { parseProfile, profile, StalemateError } from "../index.ts";
import type { Profile } from "../profiles/types.ts";
import { type Given, list } from "./arguments.ts";
import { inputError } from "./input.ts";

/** The options that say which machine, and what is changed of it. */
export const machineOptions = {
	profile: {
		type: "string",
		alias: "p",
		valueHint: "NAME[,NAME…]",
		description: "machine to simulate; several are printed side by side (default broadwell)",
	},
	"profile-file": { type: "string", valueHint: "FILE", description: "profile of your own, as JSON" },
	set: {
		type: "string",
		valueHint: "PATH=VALUE",
		description: "change a value of the profile, for example caches.L2.size=512K",
	},
} as const satisfies ArgsDef;

/** The profiles that were asked for, in order: names, then files. */
export async function chosenProfiles(given: Given): Promise<Profile[]> {
	const named = list(given, "profile").map((name) => profile(name, "--profile"));
	const all = [...named, ...(await ownProfiles(given))];
	return all.length > 0 ? all : [profile("broadwell")];
}

/** Those of files. */
export function ownProfiles(given: Given): Promise<Profile[]> {
	return Promise.all((given.get("profile-file") ?? []).map(readProfile));
}

async function readProfile(file: string): Promise<Profile> {
	const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
		const what = cause.code === "ENOENT" ? "there is no such file" : cause.message;
		throw inputError(file, what, "IO", cause);
	});
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch (cause) {
		throw inputError(file, `it is no JSON: ${(cause as Error).message}`, "BAD_PROFILE", cause);
	}
	try {
		return parseProfile(json);
	} catch (cause) {
		if (!(cause instanceof StalemateError)) throw cause;
		throw new StalemateError(cause.code, `${file}: ${cause.message}`, { ...cause.place, file }, { cause });
	}
}
