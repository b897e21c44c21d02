interface Cost {
	unit: "cycles" | "ns";
	/** What is paid for. */
	what: string;
}

function cycles(what: string): Cost {
	return { unit: "cycles", what };
}

function ns(what: string): Cost {
	return { unit: "ns", what };
}

/**
 * Every operation that a profile can put a price on. Work inside a core is counted in cycles; memory, interrupts between CPUs,
 * grace periods and devices have clocks of their own and are counted in ns.
 */
export const costs = {
	lineFlushAbsent: cycles("flush of a line that no cache holds"),
	lineFlushClean: cycles("flush of a clean line"),
	lineFlushDirty: cycles("flush of a dirty line"),
	lineFlushBroadcast: cycles("what a flush adds where other CPUs must hear of it"),
	cacheFlush: cycles("write-back and invalidation of all caches of a CPU"),
	tlbPurgePage: cycles("removal of one page's translations"),
	tlbPurgeAll: cycles("removal of all translations"),
	addressSpaceSwitch: cycles("write of the page-table base register"),
	ptiSwitch: cycles("what page-table isolation adds to one address-space switch; a kernel entry and exit make two"),
	userAccessPair: cycles("opening and closing supervisor access to user pages (STAC and CLAC)"),
	accessOk: cycles("range check of a user pointer"),
	speculationBarrier: cycles("load fence in its context"),
	indexMask: cycles("array index masked against speculation"),
	retpoline: cycles("what an indirect branch costs more as a retpoline"),
	fullFence: cycles("full memory fence"),
	atomic: cycles("atomic read-modify-write of a line held"),
	atomicRemoteCore: cycles("compare-and-swap of a line that another core holds"),
	atomicRemoteSocket: cycles("compare-and-swap of a line that another socket holds"),
	spinlockPair: cycles("uncontended spin lock and unlock"),
	mutexPair: cycles("uncontended mutex lock and unlock"),
	srcuPair: cycles("SRCU read lock and unlock"),
	minorFault: cycles("page fault that needs no device"),
	interrupt: cycles("interrupt entry and exit"),
	interruptMask: cycles("turning interrupts off or on"),
	contextSwitch: ns("switch between threads"),
	synchronizeRcu: ns("wait for a grace period"),
	synchronizeRcuExpedited: ns("wait for an expedited grace period"),
	ipiRoundTrip: ns("interrupt to another CPU that flushes there, until the answer is seen"),
	ipiPerCpu: ns("what each further target adds to a round trip"),
	ipiFlush: ns("part of the round trip that is the flush"),
	ipiSend: ns("part of the round trip that the sender spends"),
	ipiDeliver: ns("part of the round trip from sending to the handler"),
	ipiQueue: ns("part of the round trip spent on the call queue"),
	swapInHdd: ns("page read from a hard disk"),
	swapInSata: ns("page read from a SATA SSD"),
	swapInNvme: ns("page read from an NVMe SSD"),
} as const satisfies Record<string, Cost>;
