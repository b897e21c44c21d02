import { documented, estimated } from "../quantity.ts";
import type { Profile } from "../types.ts";

/** What most hardware caches do. */
export const writeBack = { inclusion: "nine", write: "back", allocate: true } as const;
/** Indexed by virtual, compared by physical address. */
export const vipt = { index: "virtual", tag: "physical" } as const;
export const pipt = { index: "physical", tag: "physical" } as const;

export const K = 1024;
export const M = 1024 * 1024;
export const G = 1024 * 1024 * 1024;

/** Page sizes from one to another, each four times the one before. */
export function powersOfFour(from: number, to: number): number[] {
	const pages = [];
	for (let page = from; page <= to; page *= 4) pages.push(page);
	return pages;
}

/** Devices and grace periods do not depend on the processor. */
export const deviceCosts = (): Profile["costs"] => ({
	synchronizeRcu: estimated(20e6, "usual length of a grace period on a busy Linux machine", [10e6, 30e6]),
	synchronizeRcuExpedited: estimated(60e3, "usual length of an expedited grace period", [20e3, 100e3]),
	swapInHdd: estimated(8e6, "a seek and half a turn of a disk"),
	swapInSata: estimated(100e3, "usual read latency of a SATA SSD"),
	swapInNvme: estimated(30e3, "usual read latency of an NVMe SSD"),
});

/** x86-64 with 4 KiB pages: four tables of 512 entries of 8 bytes, walked by hardware through the data cache. */
export const x86Walk = () =>
	({
		enabled: true,
		software: false,
		levels: Array.from({ length: 4 }, () => documented(9, "x86-64 architecture: tables of 512 entries")),
		entry: documented(8, "x86-64 architecture: page-table entries have 64 bits"),
		enters: "L1D",
	}) satisfies Profile["walk"];
