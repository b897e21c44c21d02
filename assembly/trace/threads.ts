import { TRACE_THREADS } from "../../bindings/layout/trace";
import { closeRun } from "./sink";
import { STATE } from "./state";

// Which CPU the accesses of a text trace belong to: that of the thread that was switched to last. Threads get CPUs in order
// of appearance, from 0 again when there are no more.

/** CPUs there are for threads. */
let cpus: u32 = 1;
/** cpu | asid << 8, as everywhere. */
export let textPlace: u32 = 0;

/** Of each thread, by number, its CPU + 1; 0: not seen yet. */
const MOST: u32 = 4096;
const CPUS: usize = memory.data(4096 * 2, 16);

export function setThreads(cpuCount: u32): void {
	cpus = cpuCount;
}

export function resetThreads(): void {
	memory.fill(CPUS, 0, MOST * 2);
	store<u32>(STATE, 0, TRACE_THREADS);
	textPlace = 0;
}

/** What follows are accesses of a thread. */
export function switchTo(thread: u32): void {
	const at = CPUS + ((<usize>thread & (MOST - 1)) << 1);
	if (load<u16>(at) == 0) {
		const seen = load<u32>(STATE, TRACE_THREADS);
		store<u16>(at, (seen % cpus) + 1);
		store<u32>(STATE, seen + 1, TRACE_THREADS);
	}
	closeRun(textPlace << 16);
	textPlace = load<u16>(at) - 1;
}
