import { FLUSH_MOST } from "../../bindings/layout/trace.ts";
import type { Operation } from "../../bindings/operations.ts";
import { StalemateError } from "../errors.ts";
import { quote } from "../profiles/nearest.ts";

/** One access of a trace. */
export interface TraceAccess {
	kind: "fetch" | "read" | "write" | "modify";
	address: bigint;
	/** Bytes, 1 to 65536 (default 1). */
	size?: number;
	/** 0 to 255 and 0 to 65535 (default 0). */
	cpu?: number;
	asid?: number;
}

/** What a trace is made of. */
export type TraceItem = TraceAccess | Operation;

const KINDS = ["read", "write", "fetch", "modify"] as const;
const OPERATIONS = ["map", "unmap", "flush", "shootdown", "switch"];
const MOST = (1n << 64n) - 1n;

function bad(path: string, what: string): StalemateError {
	return new StalemateError("BAD_OPTION", `${path} ${what}`, { path });
}

function checkWhole(path: string, value: number, least: number, most: number): void {
	if (Number.isInteger(value) && value >= least && value <= most) return;
	throw bad(path, `is ${quote(value)}: a whole number from ${least} to ${most} is valid`);
}

function checkAddress(path: string, value: bigint): void {
	if (typeof value !== "bigint" || value < 0n || value > MOST) throw bad(path, "must be a bigint from 0 to 2^64 - 1");
}

/** The number of an access's kind in the core. */
export function kindOf({ kind, address, size = 1, cpu = 0, asid = 0 }: TraceAccess): number {
	const number = KINDS.indexOf(kind);
	if (number < 0) throw bad("kind", `is ${quote(kind)}: ${KINDS.join(", ")} are valid`);
	checkAddress("address", address);
	checkWhole("size", size, 1, 65536);
	checkWhole("cpu", cpu, 0, 255);
	checkWhole("asid", asid, 0, 0xffff);
	if (address + BigInt(size) - 1n > MOST) throw bad("size", `is ${size}: the access would leave the address space`);
	return number;
}

/** Throws BAD_OPTION where an operation is none. `mostCpu`: the highest CPU there is. */
export function checkOperation(operation: Operation, mostCpu = 255): void {
	const { cpu = 0, asid = 0 } = operation;
	if (!OPERATIONS.includes(operation.operation)) {
		throw bad("operation", `is ${quote(operation.operation)}: ${OPERATIONS.join(", ")} are valid`);
	}
	checkWhole("cpu", cpu, 0, mostCpu);
	checkWhole("asid", asid, 0, 0xffff);
	if (operation.operation === "switch") return;
	const { address = 0n, length = 0n } = operation;
	checkAddress("address", address);
	checkAddress("length", length);
	if (operation.operation === "flush" && length > BigInt(FLUSH_MOST)) {
		throw bad("length", "is more than 2^32: leave it out to flush everything");
	}
	if (operation.operation === "map") {
		checkWhole("object", operation.object ?? 0, 0, 0xffff_ffff);
		checkAddress("offset", operation.offset ?? 0n);
	}
	if (length > 0n && address + length - 1n > MOST) throw bad("length", "leads out of the address space");
}
