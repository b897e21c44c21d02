import { CPU_IRQ_MASKED, CPU_IRQ_PENDING, CPU_NMI_PENDING, CPU_PREEMPT_MASKED } from "../../bindings/layout/block";
import { EVENT_INTERRUPT } from "../../bindings/layout/hold";
import { cpuAt, inFlags } from "../machine/block";
import { tell } from "../machine/events";
import { cpuOf } from "./operands";

// Interrupts of a CPU, and who keeps them out.

export const IRQ_MASKED: u32 = CPU_IRQ_MASKED;
export const PREEMPT_MASKED: u32 = CPU_PREEMPT_MASKED;
export const IRQ_PENDING: u32 = CPU_IRQ_PENDING;
export const NMI_PENDING: u32 = CPU_NMI_PENDING;
export const MASKED_BY: u32 = 4; // shift

/** An interrupt is on its way to a CPU. */
export function request(cpu: u32, bit: u32): void {
	const flags = cpuAt(cpu) + inFlags;
	store<u8>(flags, load<u8>(flags) | <u8>bit);
	tell(EVENT_INTERRUPT, cpu, bit == NMI_PENDING ? 1 : 0, 0);
}

/** Position of an actor among those of its CPU. */
export function ordinalOf(actor: u32): u32 {
	let ordinal: u32 = 0;
	for (let other: u32 = 0; other < actor; other++) if (cpuOf(other) == cpuOf(actor)) ordinal++;
	return ordinal;
}
