import { StalemateError } from "../../errors.ts";

/** Throws what resolve() found wrong at a path. */
export type Problem = (path: string, reason: string) => never;

export function problemOf(id: string): Problem {
	return (path, reason) => {
		throw new StalemateError("BAD_PROFILE", `profile ${id}: ${path} ${reason}`, { path });
	};
}
