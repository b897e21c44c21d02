import type { MachineConfig } from "../../bindings/config.ts";
import { amount } from "./quantity.ts";
import type { Profile, Quantity } from "./types.ts";

/** Cycles, in the order of the resolved machine; undefined where the profile does not say. */
export interface Latencies {
	/** Load to use, when that cache answers. */
	caches: (number | undefined)[];
	/** Added by a hit in that TLB. */
	tlbs: (number | undefined)[];
	/** Added by a walk, apart from its reads. */
	walk: number | undefined;
	/** Load to use, when memory answers. */
	memory: number | undefined;
}

function cyclesOf(quantity: Quantity | undefined): number | undefined {
	return quantity === undefined ? undefined : amount(quantity);
}

/** Cycles of an access that memory answers: as stated, or from ns and the clock. */
export function memoryCycles(profile: Profile): number | undefined {
	const { memory, frequency } = profile;
	if (memory?.cycles !== undefined) return amount(memory.cycles);
	if (memory?.ns === undefined || frequency === undefined) return undefined;
	return amount(memory.ns) * amount(frequency);
}

/** What average access times are made of. First-level TLBs that say nothing add nothing. */
export function latencies(profile: Profile, machine: MachineConfig): Latencies {
	return {
		caches: machine.caches.map(({ name }) => cyclesOf(profile.caches[name]?.latency)),
		tlbs: machine.tlbs.map(({ name, serves }) => {
			return cyclesOf(profile.tlbs[name]?.latency) ?? (serves === "none" ? undefined : 0);
		}),
		walk: cyclesOf(profile.walk.latency),
		memory: memoryCycles(profile),
	};
}
