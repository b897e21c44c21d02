import type { Share } from "../cost/cost.ts";
import { barsText } from "./plot-text.ts";

/** Classes in words; works are called what their program calls them. */
const WORDS: Record<string, string> = {
	step: "steps",
	level1: "first level",
	level2: "second level",
	level3: "third level",
	memory: "memory",
	lineShared: "line from a shared cache",
	lineCore: "line from another core",
	lineSocket: "line from another socket",
	store: "stores",
	walk: "page walks",
	fault: "page faults",
	atomic: "atomic operations",
	fenceFull: "full fences",
	fenceSpeculation: "barriers against speculation",
	fenceOrder: "fences",
	flushAbsent: "flushes of absent lines",
	flushClean: "flushes of clean lines",
	flushDirty: "flushes of dirty lines",
	flushAll: "flushes of all caches",
	tlbPage: "page invalidations",
	tlbAll: "invalidations of all",
	switch: "address-space switches",
	ipiSend: "sending interrupts",
	ipiDeliver: "delivery of interrupts",
	interrupt: "interrupts",
	contextSwitch: "context switches",
	wait: "waiting for others",
	waitStores: "waiting for stores",
	waitLine: "waiting for lines",
	waitPurge: "waiting for the purge bus",
	waitFlushes: "waiting for flushes",
};

export function shareName(what: string): string {
	return Object.hasOwn(WORDS, what) ? WORDS[what]! : what;
}

/** Bars of what the time goes to: name, ns and words of each, for barsSvg and barsText. */
export function shareBars(shares: readonly Share[]): { name: string; value: number; text: string }[] {
	return shares.map(({ what, ns, share }) => ({
		name: shareName(what),
		value: ns,
		text: `${ns.toFixed(1)} ns ${(share * 100).toFixed(0).padStart(3)} %`,
	}));
}

/** What the time of a round goes to, as bars. */
export function breakdownText(shares: readonly Share[], width = 80): string[] {
	return barsText(shareBars(shares), { width });
}
