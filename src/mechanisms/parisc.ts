// Caches that know lines by their virtual address: who flushes an alias, and when. Profiles pa8800, vipt-generic, ...

import { count, mechanism, words, yesNo } from "./mechanism.ts";

/** kmap and kunmap as kernels had them: a page is mapped, used and unmapped twice, while its process writes to it. */
export const kmap = mechanism("parisc/kunmap-by-age", {
	/**
	 * Which kernel's. k2_6: no flush, except on the processors that need it for clean lines (k2_6_pa8x00). k3_13: all aliases at
	 * kmap, too. k2019, k2020: kunmap flushes, then purges the translation. k2024: purges, then flushes.
	 */
	age: words("age", "k2_6", "k2_6_pa8x00", "k3_13", "k2019", "k2020", "k2024"),
	/** What the kernel does with the page. */
	access: words("access", "read", "write"),
});

/** flush_dcache_page and flush_kernel_dcache_page: the kernel writes a page that a process has mapped. */
export const dcachePage = mechanism("parisc/dcache-page", {
	/** All aliases (flush_dcache_page), the kernel's alone (flush_kernel_dcache_page), none. */
	flush: words("flush", "all-aliases", "kernel-only", "none"),
	/** flushed: the page came from get_user_pages, which flushes the process's lines. */
	user: words("user", "cached", "flushed"),
	/** Whether the kernel's translation goes before the flush or after it. */
	purge: words("purge", "before", "after"),
});

/** get_user_pages, which flushes the process's alias unless the entry says that nobody used it. */
export const getUserPages = mechanism("parisc/L11-young-bit", {
	/** What reclaim does with the accessed bit before. */
	aging: words("aging", "clears", "flushes-and-clears", "none"),
});

/** A page goes from its process to the kernel and back. */
export const handOver = mechanism("parisc/L06-purge-then-flush", {
	/** What the kernel does with the page. */
	access: words("access", "read", "write"),
	/** The process's translation meanwhile. */
	user: words("user", "purged", "live"),
});

/** kunmap that reads from the entry's bits what was done: dirty, flush; accessed, invalidate; neither, nothing. */
export const bitGuidedFlush = mechanism("parisc/bit-guided-kunmap", {
	/** What was done. */
	access: words("access", "none", "read", "write"),
	/** Whether somebody clears the bits before kunmap looks. */
	entry: words("entry", "kept", "cleared"),
});

/** No second flush of a page that nobody touched since the first. */
export const flushOnce = mechanism("parisc/L16-second-flush", {
	second: words("second", "always", "if-touched", "never"),
	/** Where the first flush is: behind the purge of the translation, or before it. */
	first: words("first", "after-purge", "before-purge"),
	/** Lines of the page. */
	lines: count("lines", 1, 4),
});

/** flush_kernel_vmap_range and invalidate_kernel_vmap_range around a device's writes. */
export const vmapRange = mechanism("parisc/vmap-range", {
	/** Before the device starts. */
	flush: yesNo("flush", true),
	/** When it has ended. */
	invalidate: yesNo("invalidate", true),
});

/** A kernel mapping that stays while the process uses its own. */
export const longLivedMap = mechanism("parisc/L62-long-lived-map", {
	/** The other side reads. */
	writer: words("writer", "guest", "vhost"),
	/** Of the kernel's mapping. */
	colour: words("colour", "other", "same"),
	/** 0: the same CPU as the guest's. */
	vhostCpu: count("vhost_cpu", 0, 7),
});
