import { describe } from "vitest";
import { EVERYTHING } from "../oracle/arbitrary.ts";
import { agrees } from "./harness.ts";
import { areConsistent } from "./invariants.ts";

describe("every rule at once", () => {
	agrees("agrees with the oracle", EVERYTHING, { runs: 450, check: areConsistent });
	agrees("agrees with the oracle on longer traces", EVERYTHING, {
		runs: 60,
		trace: { stretches: 60 },
		check: areConsistent,
	});
});
