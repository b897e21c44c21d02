import { describe } from "vitest";
import { EVERYTHING } from "../oracle/arbitrary.ts";
import { agrees } from "./harness.ts";
import { areConsistent } from "./invariants.ts";

describe("caches of several CPUs that are kept coherent", () => {
	const protocols = ["mesi", "mesif", "moesi"] as const;
	agrees(
		"agree with the oracle",
		{
			cpus: 4,
			levels: 3,
			replacement: EVERYTHING.replacement,
			inclusion: EVERYTHING.inclusion,
			protocols: [...protocols],
		},
		{ runs: 250, check: areConsistent },
	);
	agrees(
		"agree with the oracle, whatever the write policies, the addresses and the sharing",
		{ ...EVERYTHING, cpus: 9, protocols: [...protocols] },
		{ runs: 300, check: areConsistent },
	);
});
