import fc from "fast-check";

/**
 * Properties draw the same values in every run: what passed once passes wherever nothing was changed. STALEMATE_SEED is
 * another seed, or `random` (npm run test:random); STALEMATE_RUNS=10 makes ten times as many cases where that is cheap.
 */
const { STALEMATE_SEED = "1989", STALEMATE_RUNS = "1" } = process.env;
export const SEED = STALEMATE_SEED === "random" ? Date.now() >>> 0 : Number(STALEMATE_SEED);
export const RUNS = Number(STALEMATE_RUNS);

fc.configureGlobal({ seed: SEED });

export default fc;
