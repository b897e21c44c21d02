import {
	FLUSH_CLEANS,
	FLUSH_PURGES,
	FLUSH_REMOVES,
	OPERATION_FLUSH,
	OPERATION_MAP,
	OPERATION_SHOOTDOWN,
	OPERATION_SWITCH,
	OPERATION_UNMAP,
} from "./layout/trace.ts";

/** What a trace says between references: docs/simulation.md, "Operations". Left out: CPU 0, address space 0. */
export type Operation = { cpu?: number; asid?: number } & (
	| { operation: "switch" }
	/** `object`: what is mapped, from `offset` on; the same page of one object is the same memory wherever it is mapped. */
	| { operation: "map"; address: bigint; length: bigint; object?: number; offset?: bigint }
	| { operation: "unmap"; address: bigint; length: bigint }
	/** Without `length`: all lines of the CPU's caches. `by` (default "remove"): purged lines are not written back. */
	| { operation: "flush"; address?: bigint; length?: bigint; by?: "clean" | "remove" | "purge" }
	/** Without `length`: all translations of the address space. `all`: on all CPUs (default), or on this one. */
	| { operation: "shootdown"; address?: bigint; length?: bigint; all?: boolean }
);

/** An operation as the core takes it. */
export interface Coded {
	code: number;
	cpu: number;
	asid: number;
	address: bigint;
	length: bigint;
	what: number;
	object: number;
	offset: bigint;
}

const CODES = {
	map: OPERATION_MAP,
	unmap: OPERATION_UNMAP,
	flush: OPERATION_FLUSH,
	shootdown: OPERATION_SHOOTDOWN,
	switch: OPERATION_SWITCH,
};
const FLUSHES = { clean: FLUSH_CLEANS, remove: FLUSH_REMOVES, purge: FLUSH_PURGES };

export function coded(operation: Operation): Coded {
	const { cpu = 0, asid = 0 } = operation;
	const code = CODES[operation.operation];
	if (operation.operation === "switch")
		return { code, cpu, asid, address: 0n, length: 0n, what: 0, object: 0, offset: 0n };
	const { address = 0n, length = 0n } = operation;
	let what = 0;
	if (operation.operation === "flush") what = FLUSHES[operation.by ?? "remove"];
	if (operation.operation === "shootdown") what = (operation.all ?? true) ? 1 : 0;
	const { object = 0, offset = 0n } = operation.operation === "map" ? operation : {};
	return { code, cpu, asid, address, length, what, object, offset };
}
