import type { MachineConfig } from "../../bindings/config.ts";
import { formatBytes } from "../profiles/size.ts";
import type { CacheRow, TlbRow } from "../simulate/result.ts";

/** Rows of the same cache or TLB added up over CPUs. */
export function addUp<T extends CacheRow | TlbRow>(rows: T[]): T {
	const sum: Record<string, unknown> = { ...rows[0]! };
	for (const row of rows.slice(1)) {
		for (const [key, value] of Object.entries(row)) {
			if (typeof value === "number" && key !== "cpu") sum[key] = (sum[key] as number) + value;
		}
	}
	const { accesses, misses } = sum as { accesses: number; misses: number };
	sum.missRatio = accesses === 0 ? 0 : misses / accesses;
	return sum as unknown as T;
}

/** The rows of each cache or TLB, added up, in their order. */
export function byName<T extends CacheRow | TlbRow>(rows: T[]): T[] {
	const names = [...new Set(rows.map(({ name }) => name))];
	return names.map((name) => addUp(rows.filter((row) => row.name === name)));
}

/** "32K" */
export function cacheSize(machine: MachineConfig, name: string): string {
	const { sets, ways, line } = machine.caches.find((cache) => cache.name === name)!;
	return formatBytes(sets * ways * line);
}

/** "32K 8-way 64 B" */
export function cacheShape(machine: MachineConfig, name: string): string {
	const cache = machine.caches.find((other) => other.name === name)!;
	return `${cacheSize(machine, name)} ${waysOf(cache)} ${cache.line} B`;
}

/** "1536" */
export function tlbSize(machine: MachineConfig, name: string): string {
	const { sets, ways } = machine.tlbs.find((tlb) => tlb.name === name)!;
	return String(sets * ways);
}

/** "1536 6-way" */
export function tlbShape(machine: MachineConfig, name: string): string {
	return `${tlbSize(machine, name)} ${waysOf(machine.tlbs.find((tlb) => tlb.name === name)!)}`;
}

function waysOf({ sets, ways }: { sets: number; ways: number }): string {
	return sets === 1 && ways > 1 ? "full" : `${ways}-way`;
}
