// The core may leave fetches out of a packed trace that repeat the line before (drive/stream.ts): no count may show it.

import { describe } from "vitest";
import { Simulator } from "../../bindings/simulator.ts";
import { caseOf, EVERYTHING } from "../oracle/arbitrary.ts";
import type { Case } from "../oracle/minimise.ts";
import { type Access, recordOf, run } from "../oracle/trace.ts";
import { usualCase } from "../oracle/usual.ts";
import fc from "../properties.ts";
import { packedByHand } from "../trace/by-hand.ts";
import { packed } from "../trace/core.ts";
import { agrees, type Feed } from "./harness.ts";
import { areConsistent } from "./invariants.ts";

/** Packed twice: by hand each access is an operation, the packer makes sequences of them. */
const asPacked: Feed = (runner, trace) => {
	if (!(runner instanceof Simulator) || runner.config.straddle === "once") return run(runner, trace);
	const accesses = trace.map((access) => {
		const kind = Number(recordOf(access) & 3n);
		return { kind, address: access.address, size: 1, cpu: access.cpu, asid: access.asid };
	});
	const reader = runner.reader("packed");
	const problem = reader.write(packed("packed", packedByHand(accesses))) ?? reader.end();
	if (problem) throw new Error(`status ${problem.status} at byte ${problem.offset}`);
};

/** A few fetches in a row, with data between them that may be in the way of the code. */
const stretch = fc.record({
	code: fc.nat(31),
	data: fc.array(fc.option(fc.record({ line: fc.nat(24), write: fc.boolean() }), { freq: 2 }), {
		minLength: 2,
		maxLength: 12,
	}),
	cpu: fc.nat(3),
});

const codeCase: fc.Arbitrary<Case> = caseOf(EVERYTHING).chain(({ config }) =>
	fc.array(stretch, { minLength: 1, maxLength: 40, size: "max" }).map((stretches) => ({
		config: { ...config, straddle: "split" as const, translation: { ...config.translation, huge: [] } },
		trace: stretches.flatMap(({ code, data, cpu }) =>
			data.flatMap((between, i): Access[] => {
				const at = { cpu: cpu % config.cpus, asid: 0 };
				const fetch: Access = { ...at, kind: "fetch", address: BigInt((code >> 2) * 4096 + (code & 3) * 128 + i * 8) };
				if (!between) return [fetch];
				return [fetch, { ...at, kind: between.write ? "write" : "read", address: BigInt(between.line * 64) }];
			}),
		),
	})),
);

describe("a packed trace", () => {
	agrees("has the oracle's counts on any machine", EVERYTHING, { runs: 300, feed: asPacked, check: areConsistent });
	agrees("has the oracle's counts where code and data are in each other's way", codeCase, {
		runs: 1000,
		feed: asPacked,
	});
	agrees("has the oracle's counts on machines like real ones, classed", usualCase, {
		runs: 300,
		feed: asPacked,
		check: areConsistent,
		options: ({ seed }) => ({ classify: seed % 2n === 0n }),
	});
});
