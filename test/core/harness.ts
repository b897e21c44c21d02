/** What the tests of the core have in common: the core beside the oracle, on the same references. */

import { expect, it } from "vitest";
import type { MachineConfig } from "../../bindings/config.ts";
import type { Counts, Hot } from "../../bindings/counts.ts";
import type { Questions as SimulatorOptions } from "../../bindings/pack.ts";
import { Simulator } from "../../bindings/simulator.ts";
import { loadTraceCoreSync } from "../../bindings/trace-core.ts";
import { caseOf, type Wanted } from "../oracle/arbitrary.ts";
import { type Case, minimise } from "../oracle/minimise.ts";
import { Oracle } from "../oracle/oracle.ts";
import { differences, printMachine } from "../oracle/print.ts";
import { type Access, printTrace, recordOf, run } from "../oracle/trace.ts";
import fc, { RUNS, SEED } from "../properties.ts";

export const core = loadTraceCoreSync();

export function simulate(config: MachineConfig, options?: SimulatorOptions): Simulator {
	return new Simulator(core, config, options);
}

/** What is fed to both, and how; the default is: everything at once. */
export type Feed = (runner: Simulator | Oracle, trace: Access[]) => void;

/** Where the core and the oracle differ after the same trace; nothing: they agree. */
export function disagreement(
	{ config, trace }: Case,
	options: SimulatorOptions = {},
	feed: Feed = run,
	check?: (counts: Counts, config: MachineConfig) => void,
): string[] {
	const oracle = new Oracle(config, options);
	feed(oracle, trace);
	try {
		const simulator = simulate(config, options);
		feed(simulator, trace);
		const counts = simulator.counts();
		check?.(counts, config);
		const found = differences(oracle.counts(), counts, config);
		if (options.hot) {
			const [expected, actual] = [print(oracle.hottest(8)), print(simulator.hottest(8))];
			if (expected !== actual) found.push(`hottest: oracle ${expected}, core ${actual}`);
		}
		return found;
	} catch (thrown) {
		return [`the core threw: ${thrown instanceof Error ? thrown.stack : thrown}`];
	}
}

function print(hot: Hot[]): string {
	return hot.map(({ key, misses }) => `0x${key.toString(16)}:${misses}`).join(" ");
}

interface PropertyOptions {
	runs: number;
	trace?: Parameters<typeof caseOf>[1];
	/** Options of the simulator, which may depend on the machine and the number of the case. */
	options?: (config: MachineConfig, trace: Access[]) => SimulatorOptions;
	feed?: Feed;
	check?: (counts: Counts, config: MachineConfig) => void;
}

/** A property: on such machines the core counts exactly what the oracle counts. A failure is printed as small as it gets. */
export function agrees(sentence: string, wanted: Wanted | fc.Arbitrary<Case>, property: PropertyOptions): void {
	const { runs, trace, options, feed, check } = property;
	it(sentence, { timeout: 600_000 }, () => {
		const result = fc.check(
			fc.property(wanted instanceof fc.Arbitrary ? wanted : caseOf(wanted, trace), (failing) => {
				const found = disagreement(failing, options?.(failing.config, failing.trace), feed, check);
				return found.length === 0;
			}),
			{ numRuns: Math.ceil(runs * RUNS), endOnFailure: true },
		);
		if (!result.failed) return;
		if (!result.counterexample) throw result.errorInstance;
		const failing = result.counterexample[0];
		const differs = (smaller: Case) =>
			disagreement(smaller, options?.(smaller.config, smaller.trace), feed, check).length > 0;
		const small = minimise(failing, differs);
		const given = options?.(small.config, small.trace) ?? {};
		const lines = [
			`STALEMATE_SEED=${SEED}, case ${result.numRuns}`,
			`disagreement({ config: ${printMachine(small.config)}, trace: parseTrace(\`\n${printTrace(small.trace)}\n\`) }` +
				`${Object.keys(given).length > 0 ? `, ${JSON.stringify(given)}` : ""})`,
			...disagreement(small, given, feed, check),
		];
		expect.fail(lines.join("\n"));
	});
}

/** A pseudo-random trace with some locality, for what only length brings out: full batches, tables that grow. */
export function longTrace(length: number, spread: number): BigUint64Array {
	let x = 1;
	const next = (below: number) => {
		x = (Math.imul(x, 1103515245) + 12345) >>> 0;
		return (x >>> 8) % below;
	};
	let near = 0n;
	return BigUint64Array.from({ length }, () => {
		if (next(4) === 0) near = BigInt(next(spread)) << 12n;
		const kind = (["read", "write", "fetch"] as const)[next(3)]!;
		return recordOf({ kind, address: near + BigInt(next(64) * 64), cpu: 0, asid: 0 });
	});
}
