import { STATUS_NO_MEMORY, STATUS_OK } from "../../bindings/layout/machine";

// Everything the core keeps is placed once, one thing after the other, when a machine is configured; only tables
// (table.ts) may ask for more later. Nothing is ever freed: another machine takes another instance.

let next: usize = 0;

/** What went wrong since the last look; the drivers stop when it is set and return it. */
export let status: u32 = STATUS_OK;

export function fail(code: u32): void {
	if (status == STATUS_OK) status = code;
}

/** `bytes` of zeroed memory aligned to a host cache line; 0 (and a status) when there is no more. */
export function allocate(bytes: u64): usize {
	if (next == 0) next = (__heap_base + 63) & ~63;
	const at = next;
	const end = <u64>at + ((bytes + 63) & ~63);
	const have = (<u64>memory.size()) << 16;
	if (end > have) {
		if (end > 0xffff0000 || memory.grow(<i32>((end - have + 0xffff) >> 16)) < 0) {
			fail(STATUS_NO_MEMORY);
			return 0;
		}
	}
	next = <usize>end;
	return at;
}
