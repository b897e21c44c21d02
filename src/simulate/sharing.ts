import type { SharedLine } from "../../bindings/counts.ts";

/** Bytes of a line, from its start: `from` up to, not including, `to`. */
export interface Bytes {
	from: number;
	to: number;
}

/** What one CPU did with a line that others used, too. */
export interface SharingCpu {
	cpu: number;
	/** Misses of this CPU's first-level data cache because another CPU had written the line. */
	misses: number;
	/** Of these, misses of a part that no other CPU had written meanwhile. */
	falseMisses: number;
	/** The parts in which its reads and writes began. */
	reads: Bytes[];
	writes: Bytes[];
}

/** A line that CPUs took from each other. */
export interface SharingRow {
	/** Virtual address of the line, as the CPU that used it first sees it, and physical. */
	address: bigint;
	physical: bigint;
	misses: number;
	falseMisses: number;
	/** "false": what they use lies apart, and only the line is common; "true": they use the same; "both". */
	kind: "true" | "false" | "both";
	cpus: SharingCpu[];
}

export function sharingRow(shared: SharedLine, line: number): SharingRow {
	const { virtual, physical, misses, falseMisses, sharers } = shared;
	const part = Math.max(8, line / 64);
	return {
		address: virtual,
		physical,
		misses,
		falseMisses,
		kind: falseMisses === misses ? "false" : falseMisses === 0 ? "true" : "both",
		cpus: sharers.map(({ reads, writes, ...sharer }) => {
			return { ...sharer, reads: bytesOf(reads, part), writes: bytesOf(writes, part) };
		}),
	};
}

function bytesOf(mask: bigint, part: number): Bytes[] {
	const all: Bytes[] = [];
	for (let i = 0; mask >> BigInt(i) > 0n; i++) {
		if (((mask >> BigInt(i)) & 1n) === 0n) continue;
		const last = all.at(-1);
		if (last?.to === i * part) last.to += part;
		else all.push({ from: i * part, to: (i + 1) * part });
	}
	return all;
}
