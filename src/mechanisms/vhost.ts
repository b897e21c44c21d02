// vhost's map of its ring: how it is reached, and how it is given up.

import { count, mechanism, words, yesNo } from "./mechanism.ts";

const waits = {
	/** How the notifier waits for the accessor. */
	sync: words(
		"sync",
		"none",
		"rcu",
		"srcu",
		"seqlock",
		"seqcount-wmb",
		"counter",
		"counter-full",
		"counter-no-writer-barrier",
		"counter-relaxed-end",
		"bit-operation",
		"spinlock",
		"mutex",
		"flush-work",
		"preempt-notifier",
		"kick",
	),
};

/** One life of a map: prefetch, an access, invalidate_start with the wait for accessors, invalidate_end. */
export const vhostMap = mechanism("sync/all-variants", waits);

/** The wait alone, with no lock around that could help. */
export const vhostSync = mechanism("sync/sync-matrix", waits);

/** The counter that is odd while somebody is inside: what one look at it tells. */
export const counterSeen = mechanism("sync/what-was-seen", {
	/** That it is even, or that it was odd and has changed. */
	seen: words("seen", "even", "change"),
	accesses: count("accesses", 1, 4),
	readerFence: words("reader_fence", "none", "full"),
});

/** Prefetch against the notifier: both take mmu_lock. */
export const prefetch = mechanism("sync/L34-pte-and-count", {
	/** When get_user_pages runs. */
	pages: words("pages", "under-lock", "before"),
});

/** The ring's address changes during an invalidation. */
export const changedAddress = mechanism("sync/L33-address-changed", {
	notifierRegistered: yesNo("notifier_registered", true),
});

/** set_page_dirty before the wait or after it. */
export const markDirty = mechanism("sync/L32-marked-too-early", {
	mark: words("mark", "early", "late"),
	/** The page goes to disk meanwhile. */
	writtenBack: yesNo("written-back"),
});

/** A worker that was switched out is taken for one that is not inside. */
export const preemptNotifier = mechanism("sync/L31-preempt-notifier", {
	accessor: words("accessor", "preemptible", "not-preemptible"),
	/** For sched_out. */
	wait: yesNo("wait"),
});

/** An interrupt to all CPUs, and the wait for their answers. */
export const kick = mechanism("sync/kick", {
	/** Of the accessor's CPU, while it is inside. */
	interrupts: words("interrupts", "off", "on"),
});

/** The ways to a ring entry whose number the guest chose. */
export const metadataAccess = mechanism("access/access-methods", {
	/** Through the process's addresses (user) or the kernel's map; with a barrier, or a number that is made to be inside. */
	access: words("access", "user-barrier", "user-masked", "mapped", "mapped-masked", "mapped-barrier"),
	/** What the guest wrote: 3 is behind the end, 0 is not. */
	head: count("head", 0, 3),
});

/** A map of a page that belongs to a file. */
export const fileBacked = mechanism("access/L37-file-backed", {
	/** Whether prefetch looks. */
	check: words("check", "none", "file-backed"),
	/** Whether the map's end marks the page dirty. */
	mark: yesNo("mark"),
});

/** How many pages a ring's map holds. */
export const ringPages = mechanism("access/L38-ring-crosses-page", {
	/** By its size, or from the first byte's page to the last's. */
	pages: words("pages", "of-size", "of-span"),
	/** Where it begins, in half pages. */
	start: count("start", 0, 1),
});
