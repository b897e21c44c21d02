// stalemate/matcher: `expect.extend({ toBeSafeOn })`, in vitest and in jest. stalemate/vitest does it for vitest.

export type { Checkable, CheckOptions, MemoryModel, Profile } from "../check/index.ts";
export { type MatcherResult, type SafeOptions, toBeSafeOn } from "./matcher.ts";
