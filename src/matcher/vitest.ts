// stalemate/vitest: importing it gives vitest's `expect` the matcher.

import { expect } from "vitest";
import type { Profile } from "../check/index.ts";
import { type SafeOptions, toBeSafeOn } from "./matcher.ts";

declare module "vitest" {
	// biome-ignore lint/suspicious/noExplicitAny: as vitest declares it
	interface Matchers<T = any> {
		/** Every schedule of this scenario was seen on the machine of a profile, and none is a hazard. */
		toBeSafeOn(profile: string | Profile, options?: SafeOptions): void;
	}
}

expect.extend({ toBeSafeOn });
