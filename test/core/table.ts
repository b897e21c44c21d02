/** Rules pinned by readable examples: an access, and what it does. Each holds for the core and for the oracle. */

import { expect, it } from "vitest";
import type { MachineConfig } from "../../bindings/config.ts";
import type { CacheCounts, Counts } from "../../bindings/counts.ts";
import { Oracle } from "../oracle/oracle.ts";
import { type Access, parseTrace, run } from "../oracle/trace.ts";
import { simulate } from "./harness.ts";

/**
 * A table of accesses and of what each of them does at every level it reaches:
 *
 *     read 0x40 -> L1 read miss, fills; L2 read hit
 *
 * A line that ends in "with" is the first half of a pair; what the pair does stands at its second half.
 */
export function follows(sentence: string, config: MachineConfig, table: string): void {
	const rows = rowsOf(table).map((row) => row.split(/\s*->\s*/));
	const accesses = rows.map(([access]) => access!);
	const trace = parseTrace(accesses.join("\n"));
	const expected = rows.map(([access, events]) => `${access} -> ${events ?? ""}`);
	everyone(sentence, config, (deltas) => {
		const happened = deltas(trace).map((delta, i) => `${accesses[i]} -> ${printEvents(config, delta, trace[i]!.cpu)}`);
		expect(happened.join("\n")).toBe(expected.join("\n"));
	});
}

/**
 * Two rows: reads of lines A, B, C, …, and under each an H if it hits the first level, or a dot.
 *
 *     A B A C
 *     . . H .
 */
export function hits(sentence: string, config: MachineConfig, table: string): void {
	const [letters, marks] = rowsOf(table).map((row) => row.split(/\s+/));
	const line = BigInt(config.caches[0]!.line);
	const trace = letters!.map((letter): Access => {
		return { kind: "read", address: BigInt(letter.charCodeAt(0) - 65) * line, cpu: 0, asid: 0 };
	});
	everyone(sentence, config, (deltas) => {
		const happened = deltas(trace).map(({ caches }) => (caches[0]!.readMisses === 0 ? "H" : "."));
		expect(`${letters!.join(" ")}\n${happened.join(" ")}`).toBe(`${letters!.join(" ")}\n${marks!.join(" ")}`);
	});
}

function rowsOf(table: string): string[] {
	return table
		.split("\n")
		.map((row) => row.trim())
		.filter((row) => row !== "");
}

/** The same test for both: what each access adds to the counts. */
function everyone(
	sentence: string,
	config: MachineConfig,
	test: (deltas: (trace: Access[]) => Counts[]) => void,
): void {
	for (const [who, make] of [
		["core", () => simulate(config)],
		["oracle", () => new Oracle(config)],
	] as const) {
		it(`${sentence} (${who})`, () => {
			const runner = make();
			let pair: Access[] = [];
			test((trace) =>
				trace.map((access) => {
					// the counts are those of this access alone, but the machine is the same one throughout
					runner.resetCounts();
					pair.push(access);
					if (!access.part) {
						run(runner, pair);
						pair = [];
					}
					return runner.counts();
				}),
			);
		});
	}
}

/** In words what happened; to a CPU's own caches without saying whose, to another's with its number in brackets. */
function printEvents(config: MachineConfig, { caches, tlbs, walks }: Counts, cpu: number): string {
	const whose = (name: string, row: { cpu: number }) => (row.cpu === cpu ? name : `${name}[${row.cpu}]`);
	const levels: [name: string, events: string[]][] = [
		...tlbs.map((row): [string, string[]] => [
			whose(config.tlbs[row.tlb]!.name, row),
			[...looks("", row.accesses, row.misses), ...times("fills", row.fills), ...times("evicts", row.evictions)],
		]),
		...walks.map((row): [string, string[]] => [
			whose("walk", row),
			row.walks === 0 ? [] : [`reads ${row.reads}`, ...times("cached", row.cacheHits)],
		]),
		...caches.map((row): [string, string[]] => [whose(config.caches[row.cache]!.name, row), cacheEvents(row)]),
	];
	return levels
		.filter(([, events]) => events.length > 0)
		.map(([name, events]) => `${name} ${events.join(", ")}`)
		.join("; ");
}

function cacheEvents(row: CacheCounts): string[] {
	return [
		...looks("fetch ", row.fetches, row.fetchMisses),
		...looks("read ", row.reads - row.writeFills, row.readMisses - row.writeFillMisses),
		...looks("fill ", row.writeFills, row.writeFillMisses),
		...looks("walk ", row.walkReads, row.walkReadMisses),
		...looks("write ", row.writes, row.writeMisses),
		...looks("victim ", row.victims, row.victimMisses),
		...times("fills", row.fills),
		...times("evicts", row.evictions),
		...times("writes back", row.writebacks),
		...times("loses", row.invalidations),
	];
}

/** "read hit"; of several "read 3 hit", "read 1 miss" */
function looks(kind: string, count: number, misses: number): string[] {
	if (count === 1) return [`${kind}${misses ? "miss" : "hit"}`];
	const counted = (n: number, what: string) => (n > 0 ? [`${kind}${n} ${what}`] : []);
	return [...counted(count - misses, "hit"), ...counted(misses, "miss")];
}

function times(what: string, count: number): string[] {
	if (count === 0) return [];
	return [count === 1 ? what : `${what} ${count}`];
}
