import { FLUSH_MOST } from "../../bindings/layout/trace.ts";
import type { Operation } from "../../bindings/operations.ts";
import { badOption, optionsOf, whole } from "../input/options.ts";
import { flag, leaf, must, number, object, word } from "../input/shape.ts";

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
const MOST = (1n << 64n) - 1n;

/** Addresses and lengths of them. */
const anAddress = /* @__PURE__ */ leaf((value, path) => {
	must(typeof value === "bigint" && value >= 0n && value <= MOST, path, "must be a bigint from 0 to 2^64 - 1");
	return value;
});

/** The number of an access's kind in the core. */
export function kindOf({ kind, address, size = 1, cpu = 0, asid = 0 }: TraceAccess): number {
	const number = KINDS.indexOf(kind);
	if (number < 0) optionsOf(word(...KINDS), kind, "kind");
	optionsOf(anAddress, address, "address");
	whole("size", size, 1, 65536);
	whole("cpu", cpu, 0, 255);
	whole("asid", asid, 0, 0xffff);
	if (address + BigInt(size) - 1n > MOST)
		throw badOption("size", `is ${size}: the access would leave the address space`);
	return number;
}

/** Of operations, whatever their kind. */
const operationRule = () =>
	object(
		{
			operation: word("map", "unmap", "flush", "shootdown", "switch"),
			cpu: number({ most: 255 }),
			asid: number({ most: 0xffff }),
			address: anAddress,
			length: anAddress,
			object: number({ most: 0xffff_ffff }),
			offset: anAddress,
			by: word("clean", "remove", "purge"),
			all: flag(),
		},
		["operation"],
	);

/** Made for the first, and kept for millions. */
let anOperation: ReturnType<typeof operationRule> | undefined;

/** Throws BAD_OPTION where an operation is none. `mostCpu`: the highest CPU there is. */
export function checkOperation(given: Operation, mostCpu = 255): void {
	anOperation ??= operationRule();
	const { operation, cpu = 0, address = 0n, length = 0n } = optionsOf(anOperation, given);
	whole("cpu", cpu, 0, mostCpu);
	if (operation === "flush" && length > BigInt(FLUSH_MOST))
		throw badOption("length", "is more than 2^32: leave it out to flush everything");
	if (length > 0n && address + length - 1n > MOST) throw badOption("length", "leads out of the address space");
}
