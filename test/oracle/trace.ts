import { KIND_FETCH, KIND_READ, KIND_WRITE, RECORD_PART } from "../../bindings/layout/records.ts";

/** One record of a trace, with the CPU and address space it belongs to. */
export interface Access {
	kind: "read" | "write" | "fetch";
	address: bigint;
	cpu: number;
	asid: number;
	/** This and the next access are one (straddle "once"). */
	part?: boolean;
}

/** What runs references: the core's Simulator or the Oracle. */
export interface Runner {
	runRecords(records: BigUint64Array, cpu?: number, asid?: number): void;
}

const KINDS = { read: KIND_READ, write: KIND_WRITE, fetch: KIND_FETCH };

export function recordOf({ kind, address, part }: Access): bigint {
	return ((address >> 3n) << 3n) | BigInt(KINDS[kind] | (part ? RECORD_PART : 0));
}

/** Feeds a trace in the longest batches of one CPU and address space; none longer than `batch`. Pairs stay together. */
export function run(runner: Runner, trace: Access[], batch = Number.POSITIVE_INFINITY): void {
	for (let from = 0; from < trace.length; ) {
		const { cpu, asid } = trace[from]!;
		let to = from;
		while (to < trace.length && trace[to]!.cpu === cpu && trace[to]!.asid === asid) {
			if (to - from >= batch && !trace[to - 1]!.part) break;
			to++;
		}
		runner.runRecords(BigUint64Array.from(trace.slice(from, to), recordOf), cpu, asid);
		from = to;
	}
}

/** `read 0x40`, `fetch 0x80 cpu 1 asid 2`, `read 0x38 with` (the first half of a pair). */
export function printAccess({ kind, address, cpu, asid, part }: Access): string {
	const where = `${cpu ? ` cpu ${cpu}` : ""}${asid ? ` asid ${asid}` : ""}`;
	return `${kind} 0x${address.toString(16)}${where}${part ? " with" : ""}`;
}

export function printTrace(trace: Access[]): string {
	return trace.map(printAccess).join("\n");
}

/** Reads what `printTrace` writes; line breaks or commas separate accesses. */
export function parseTrace(text: string): Access[] {
	return text
		.split(/[\n,]/)
		.map((line) => line.trim())
		.filter((line) => line !== "")
		.map((line) => {
			const found = /^(read|write|fetch) (0x[0-9a-f]+)(?: cpu (\d+))?(?: asid (\d+))?( with)?$/.exec(line);
			if (!found) throw new Error(`not an access: ${line}`);
			const [, kind, address, cpu, asid, part] = found;
			return {
				kind: kind as Access["kind"],
				address: BigInt(address!),
				cpu: Number(cpu ?? 0),
				asid: Number(asid ?? 0),
				...(part && { part: true }),
			};
		});
}
