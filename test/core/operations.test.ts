import { describe } from "vitest";
import { EVERYTHING } from "../oracle/arbitrary.ts";
import { agrees } from "./harness.ts";
import { areConsistent } from "./invariants.ts";

describe("what a trace says between references", () => {
	agrees("does the same to the core and to the oracle", EVERYTHING, {
		runs: 350,
		trace: { operations: 3 },
		check: areConsistent,
	});
	agrees(
		"does so to one CPU and to coherent ones, with plain translation",
		{
			cpus: 4,
			tlbs: true,
			walks: true,
			inclusion: EVERYTHING.inclusion,
			protocols: ["none", "mesi", "mesif", "moesi"],
		},
		{ runs: 150, trace: { operations: 2, asids: 2 }, check: areConsistent },
	);
});
