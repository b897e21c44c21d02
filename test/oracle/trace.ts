import { KIND_FETCH, KIND_READ, KIND_WRITE, RECORD_PART } from "../../bindings/layout/records.ts";
import type { Operation } from "../../bindings/operations.ts";

/** One record of a trace, with the CPU and address space it belongs to; or an operation. */
export interface Access {
	kind: "read" | "write" | "fetch" | Operation["operation"];
	address: bigint;
	/** Of an operation. */
	length?: bigint;
	by?: "clean" | "remove" | "purge";
	all?: boolean;
	object?: number;
	cpu: number;
	asid: number;
	/** This and the next access are one (straddle "once"). */
	part?: boolean;
}

/** What runs references: the core's Simulator or the Oracle. */
export interface Runner {
	runRecords(records: BigUint64Array, cpu?: number, asid?: number): void;
	operate(operation: Operation): void;
}

const KINDS = { read: KIND_READ, write: KIND_WRITE, fetch: KIND_FETCH };

export function recordOf({ kind, address, part }: Access): bigint {
	if (!(kind in KINDS)) throw new Error(`no reference: ${kind}`);
	return ((address >> 3n) << 3n) | BigInt(KINDS[kind as keyof typeof KINDS] | (part ? RECORD_PART : 0));
}

/** Feeds a trace in the longest batches of one CPU and address space; none longer than `batch`. Pairs stay together. */
export function run(runner: Runner, trace: Access[], batch = Number.POSITIVE_INFINITY): void {
	for (let from = 0; from < trace.length; ) {
		const { cpu, asid, kind } = trace[from]!;
		if (!(kind in KINDS)) {
			runner.operate(operationOf(trace[from]!));
			from++;
			continue;
		}
		let to = from;
		while (to < trace.length && trace[to]!.kind in KINDS && trace[to]!.cpu === cpu && trace[to]!.asid === asid) {
			if (to - from >= batch && !trace[to - 1]!.part) break;
			to++;
		}
		runner.runRecords(BigUint64Array.from(trace.slice(from, to), recordOf), cpu, asid);
		from = to;
	}
}

export function operationOf({ kind, address, length = 0n, cpu, asid, by, all, object }: Access): Operation {
	if (kind === "switch") return { operation: kind, cpu, asid };
	if (kind === "map") return { operation: kind, cpu, asid, address, length, ...(object && { object, offset: 40n }) };
	if (kind === "unmap") return { operation: kind, cpu, asid, address, length };
	if (kind === "flush") return { operation: kind, cpu, asid, address, length, ...(by && { by }) };
	if (kind === "shootdown") return { operation: kind, cpu, asid, address, length, ...(all !== undefined && { all }) };
	throw new Error(`no operation: ${kind}`);
}

/** `flush 0x40 0x80 purge`, `shootdown 0x0 0x0 all`, `read 0x40`, `fetch 0x80 cpu 1 asid 2`, `read 0x38 with` (the first half of a pair). */
export function printAccess({ kind, address, cpu, asid, part, length, by, all, object }: Access): string {
	const where = `${cpu ? ` cpu ${cpu}` : ""}${asid ? ` asid ${asid}` : ""}`;
	const more = `${by ? ` ${by}` : ""}${all ? " all" : ""}${object ? ` object ${object}` : ""}`;
	const range = length === undefined ? "" : ` 0x${length.toString(16)}${more}`;
	return `${kind} 0x${address.toString(16)}${range}${where}${part ? " with" : ""}`;
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
			const found =
				/^(\w+) (0x[0-9a-f]+)(?: (0x[0-9a-f]+)(?: (clean|remove|purge))?( all)?(?: object (\d+))?)?(?: cpu (\d+))?(?: asid (\d+))?( with)?$/.exec(
					line,
				);
			if (!found) throw new Error(`not an access: ${line}`);
			const [, kind, address, length, by, all, object, cpu, asid, part] = found;
			const operates = !(kind! in KINDS);
			return {
				kind: kind as Access["kind"],
				address: BigInt(address!),
				cpu: Number(cpu ?? 0),
				asid: Number(asid ?? 0),
				...(operates && { length: BigInt(length ?? 0) }),
				...(kind === "flush" && { by: (by ?? "remove") as "remove" }),
				...(kind === "shootdown" && { all: all !== undefined }),
				...(object && { object: Number(object) }),
				...(part && { part: true }),
			};
		});
}
