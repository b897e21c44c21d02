import * as X from "./layout/explore.ts";

/** Something that can happen to a machine, as typed data. */
export type Action =
	/** An actor's next operation. `visits`: the CPU that a loop goes on to. `guess`: of a branch on a value that is not there yet. */
	| { kind: "step"; actor: number; visits?: number; guess?: "falls" | "jumps" }
	/** An actor's next operation becomes pending. */
	| { kind: "defer"; actor: number }
	/** A pending operation of a CPU is performed; `which`, from the oldest. */
	| { kind: "perform"; cpu: number; which: number }
	| { kind: "deliver"; cpu: number; handler: number; spontaneous: boolean }
	| { kind: "walk"; cpu: number; va: number }
	| { kind: "tlb-evict"; cpu: number; va: number }
	| { kind: "walk-cache-evict"; cpu: number; table: number }
	/** A CPU does an invalidation that was posted. */
	| { kind: "tlb-drop"; cpu: number; va: number }
	| { kind: "move-in"; cpu: number; va: number; line: number }
	| { kind: "evict"; cpu: number; level: number; slot: number }
	| { kind: "write-back"; cpu: number; level: number; slot: number };

export function unpackAction(action: number): Action {
	const kind = action >>> 24;
	const who = (action >>> 16) & 255;
	const x = (action >>> 8) & 255;
	const y = action & 255;
	switch (kind) {
		case X.ACT_DEFER:
			return { kind: "defer", actor: who };
		case X.ACT_PERFORM:
			return { kind: "perform", cpu: who, which: x };
		case X.ACT_DELIVER:
			return { kind: "deliver", cpu: who, handler: x, spontaneous: y === 1 };
		case X.ACT_WALK:
			return { kind: "walk", cpu: who, va: x };
		case X.ACT_TLB_EVICT:
			return { kind: "tlb-evict", cpu: who, va: x };
		case X.ACT_PSC_EVICT:
			return { kind: "walk-cache-evict", cpu: who, table: x };
		case X.ACT_PURGE:
			return { kind: "tlb-drop", cpu: who, va: x };
		case X.ACT_MOVE_IN:
			return { kind: "move-in", cpu: who, va: x, line: y };
		case X.ACT_EVICT:
			return { kind: "evict", cpu: who, level: x, slot: y };
		case X.ACT_WRITE_BACK:
			return { kind: "write-back", cpu: who, level: x, slot: y };
		default:
			return { kind: "step", actor: who, ...(x === 0 ? {} : { visits: x - 1, guess: x === 1 ? "falls" : "jumps" }) };
	}
}
