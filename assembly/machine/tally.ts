// What the rules did while an action was applied, for the driver that prices it (assembly/cost, drive/cost.ts). The others never
// look: what this costs them is an addition where something slow happens anyway.

/** Walks of page tables; accesses that faulted; look-ups that missed a level of cache; lines found, and dirty ones among them. */
export let walks: u32 = 0;
export let faults: u32 = 0;
export let misses: u32 = 0;
export let foundClean: u32 = 0;
export let foundDirty: u32 = 0;

/** Pairs of u32: what was done or which fence was passed (FENCE_TALLY added), and how often. */
export const works: usize = memory.data(64 << 3);
export let workCount: u32 = 0;
const MOST_WORKS: u32 = 64;
export const FENCE_TALLY: u32 = 256;

/** Lines of pages that were read, written or flushed, in order, u32; ~0: an access that faulted. */
export const touched: usize = memory.data(32 << 2);
export let lineCount: u32 = 0;
const MOST_LINES: u32 = 32;

/** Whether there is anything of this, beside lines and works. */
export let isTold: bool = false;

/** Whether an actor went round its endless loop. */
export let wentRound: bool = false;

/** Whether a line has a new version. */
export let stamped: bool = false;

export function clearTally(): void {
	workCount = 0;
	lineCount = 0;
	if (!isTold) return;
	walks = 0;
	faults = 0;
	misses = 0;
	foundClean = 0;
	foundDirty = 0;
	wentRound = false;
	stamped = false;
	isTold = false;
}

export function tallyLine(line: u32): void {
	if (lineCount == MOST_LINES) return;
	store<u32>(touched + ((<usize>lineCount) << 2), line);
	lineCount++;
}

export function tallyStamp(): void {
	stamped = true;
	isTold = true;
}

export function tallyWalk(): void {
	walks++;
	isTold = true;
}

export function tallyFault(): void {
	faults++;
	isTold = true;
}

export function tallyMiss(): void {
	misses++;
	isTold = true;
}

/** An access that went by all caches. */
export function tallyMemory(): void {
	misses = 255;
	isTold = true;
}

export function tallyFound(dirty: bool): void {
	if (dirty) foundDirty++;
	else foundClean++;
	isTold = true;
}

export function tallyWork(what: u32, times: u32): void {
	if (workCount == MOST_WORKS) return;
	const at = works + ((<usize>workCount) << 3);
	store<u32>(at, what);
	store<u32>(at, times, 4);
	workCount++;
}

export function tallyFence(kind: u32): void {
	tallyWork(FENCE_TALLY + kind, 1);
}

export function tallyRound(): void {
	wentRound = true;
	isTold = true;
}
