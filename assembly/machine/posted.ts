import { HAS_POSTED, HAS_WALKER } from "../../bindings/layout/program";
import { p } from "../program/operands";
import { cpuAt, inPurges, inWalkCache } from "./block";
import { drop, dropWalkCache, isIn, sameAddress, tlbAt } from "./pages";

// Invalidations that are posted: each CPU keeps a bit for every mapping whose entries it has been told to drop and has not
// dropped yet.

function post(cpu: u32, va: u32): void {
	// What is not there now will come from the page table as it is now, unless the walker knows an old one, or a store does.
	const at = cpuAt(cpu);
	const walks = p.flags & HAS_WALKER && p.tableCount && load<u8>(at + inWalkCache);
	if (!load<u8>(tlbAt(cpu, va)) && !walks && p.window == 0) return;
	const bits = at + inPurges + (va >> 3);
	store<u8>(bits, load<u8>(bits) | <u8>((<u32>1) << (va & 7)));
}

export function postOne(cpu: u32, va: u32): void {
	post(cpu, va);
	const other = sameAddress(va);
	if (other != ~0) post(cpu, other);
}

export function postAll(cpu: u32, mm: u32, keepGlobal: bool): void {
	for (let va: u32 = 0; va < p.vaCount; va++) if (isIn(va, mm, keepGlobal)) post(cpu, va);
}

export function isPosted(cpu: u32, va: u32): bool {
	return ((<u32>load<u8>(cpuAt(cpu) + inPurges + (va >> 3)) >> (va & 7)) & 1) != 0;
}

/** Whether any invalidation is still to be done. */
export function arePosted(): bool {
	if (!(p.flags & HAS_POSTED)) return false;
	for (let cpu: u32 = 0; cpu < p.cpus; cpu++) {
		for (let va: u32 = 0; va < p.vaCount; va++) if (isPosted(cpu, va)) return true;
	}
	return false;
}

/** A CPU does what it was told. */
export function dropPosted(cpu: u32, va: u32): void {
	const bits = cpuAt(cpu) + inPurges + (va >> 3);
	store<u8>(bits, load<u8>(bits) & ~(<u8>((<u32>1) << (va & 7))));
	drop(cpu, va);
	dropWalkCache(cpu);
}
