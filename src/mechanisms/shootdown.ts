// Translations that other CPUs may still hold, on x86 unless said otherwise.

import { count, mechanism, words, yesNo } from "./mechanism.ts";

/** flush_tlb_mm_range: an entry goes, and whoever may hold its translation is told. */
export const tlbShootdown = mechanism("shootdown/flush-range", {
	/**
	 * baseline: the own TLB first, then the others. remote-first: the others first. concurrent: the own while the others are at
	 * theirs. inline: the same, and what is to be flushed travels with the call. async: the same, and a target answers before
	 * it flushes. unwaited: as async, and nobody waits.
	 */
	variant: words("flavour", "baseline", "remote-first", "concurrent", "inline", "async", "unwaited"),
	cpus: count("cpus", 2, 8),
	/** The table that held the entry is freed, too. */
	freedTables: yesNo("freed"),
	/** An NMI handler that touches user memory; guarded: unless a flush is due on its CPU. */
	nmi: words("nmi", "none", "unguarded", "guarded"),
	/** kswapd runs elsewhere and has nothing of its own to flush. */
	initiator: words("initiator", "same-process", "kswapd"),
});

/** The generations by which a CPU knows whether it is up to date, with two changes at once. */
export const generations = mechanism("shootdown/generations", {
	/** When flushing one page is enough: if its change is the next and the latest; if it is the next; always. */
	rule: words("rule", "as-merged", "next-only", "any"),
});

/** CPUs that run a kernel thread on top of the address space, and are not called. */
export const lazyMode = mechanism("shootdown/L46-lazy-freed-tables", {
	/** Whether they are left out always, or only where no table is freed. */
	skips: words("skips", "always", "unless-freed"),
	freedTables: yesNo("freed", true),
	cpus: count("cpus", 2, 8),
});

/** A CPU that comes back to an address space while somebody changes it. */
export const switchMm = mechanism("shootdown/L48-switch-mm-plain-store", {
	/** How it says that it is back. */
	publish: words("publish", "plain", "locked"),
	/** How the other side counts the generation up. */
	count: words("count", "locked", "plain"),
});

/** Split page tables, where a flush in the kernel leaves the user's half alone. */
export const pageTableIsolation = mechanism("shootdown/L51-pti-user-half", {
	userHalf: words("user-half", "forgotten", "at-return"),
	cpus: count("cpus", 2, 8),
});

/** tlb_single_page_flush_ceiling: beyond so many pages, everything. */
export const flushCeiling = mechanism("shootdown/L52-ceiling", {
	pages: count("pages", 1, 2),
	ceiling: count("ceiling", 1, 33),
	cpus: count("cpus", 2, 8),
});

/** A guest whose hypervisor keeps the page table that walkers use. */
export const shadowPaging = mechanism("shootdown/L44-shadow-paging", {
	variant: words("flavour", "baseline", "remote-first", "concurrent"),
	cpus: count("cpus", 2, 8),
});

/** Targets that have interrupts off. */
export const interruptsOff = mechanism("shootdown/L45-interrupts-off", {
	variant: words("flavour", "baseline", "remote-first", "concurrent", "inline", "async"),
	masked: words("masked", "for-a-while", "for-ever"),
	cpus: count("cpus", 2, 8),
});

/** A write through the old translation, and the dirty bit that it may not set any more. */
export const writeThroughOldEntry = mechanism("shootdown/L64-write-through-old-entry", {
	variant: words("flavour", "baseline", "concurrent", "async", "unwaited"),
	/** Order of the store with which a target says that it is done. */
	unlock: words("unlock", "release", "relaxed"),
});

/** arm64's rule: no new translation before the old one has gone. */
export const breakBeforeMake = mechanism("shootdown/L65-break-before-make", {
	break: yesNo("break"),
	cpus: count("cpus", 2, 8),
});

/** Reclaim: many pages unmapped, one flush. */
export const batchedUnmap = mechanism("shootdown/L66-batched-unmap", {
	flush: words("flush", "before-reuse", "after-reuse"),
	cpus: count("cpus", 2, 8),
});
