import type { Architecture } from "./litmus.ts";

export interface Register {
	/** As herd prints it: EAX in X86, rax in X86_64. All widths of a register are one. */
	name: string;
	bits: number;
}

// In herd's order, which is the order of final states.
const LETTERS = ["AX", "BX", "CX", "DX"];
const POINTERS = ["SI", "DI", "BP", "SP", "IP"];
const NUMBERED = Array.from({ length: 8 }, (_, i) => `R${i + 8}`);

const FAMILIES = new Map<string, { family: string; bits: number }>();
for (const family of [...LETTERS, ...POINTERS]) {
	FAMILIES.set(`R${family}`, { family, bits: 64 });
	FAMILIES.set(`E${family}`, { family, bits: 32 });
	FAMILIES.set(family, { family, bits: 16 });
	FAMILIES.set(family.endsWith("X") ? `${family[0]}L` : `${family}L`, { family, bits: 8 });
}
for (const family of NUMBERED) {
	FAMILIES.set(family, { family, bits: 64 });
	for (const [suffix, bits] of Object.entries({ D: 32, W: 16, B: 8 })) FAMILIES.set(family + suffix, { family, bits });
}

/** The accumulator, which CMPXCHG uses unnamed. */
export function accumulator(architecture: Architecture): string {
	return nameOf("AX", architecture);
}

export function registerOf(text: string, architecture: Architecture): Register | undefined {
	const found = FAMILIES.get(text.toUpperCase());
	if (!found || (architecture === "X86" && (found.bits === 64 || found.family.startsWith("R")))) return undefined;
	return { name: nameOf(found.family, architecture), bits: found.bits };
}

/** Sorts names of registers as herd does. */
export function compareRegisters(a: string, b: string): number {
	return rank(a) - rank(b);
}

function nameOf(family: string, architecture: Architecture): string {
	if (architecture === "X86") return `E${family}`;
	return (family.startsWith("R") ? family : `R${family}`).toLowerCase();
}

const ORDER = [...LETTERS, ...POINTERS, ...NUMBERED];

function rank(name: string): number {
	return ORDER.indexOf(FAMILIES.get(name.toUpperCase())!.family);
}
