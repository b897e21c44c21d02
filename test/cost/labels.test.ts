import { expect, test } from "vitest";
import { loadProgramCoreSync } from "../../bindings/program-core.ts";
import { safety } from "../../src/reproduce/s4.ts";

test("what the table of synchronisations calls unsafe is what searches find to be", () => {
	expect(safety(loadProgramCoreSync())).toEqual({
		copy: "safe",
		none: "UNSAFE",
		rcu: "safe",
		"rcu-expedited": "safe",
		srcu: "safe",
		seqlock: "UNSAFE",
		seqcount: "UNSAFE but on SC",
		counter: "UNSAFE on TSO, RCpc",
		"counter-full": "safe",
		"counter-no-barrier": "UNSAFE but on SC",
		"counter-relaxed": "UNSAFE on ARM8, RCpc",
		bitop: "safe; without the writer's full barrier UNSAFE but on SC",
		spinlock: "safe",
		mutex: "safe; where the worker faults may deadlock",
		"flush-work": "safe; where the worker faults may wait for itself",
		preempt: "safe; without a wait for the switch UNSAFE",
		ipi: "safe",
	});
});
