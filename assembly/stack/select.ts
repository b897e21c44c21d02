import { SERVES_DATA, SERVES_FETCH } from "../../bindings/layout/machine";
import { KIND_FETCH, KIND_READ, KIND_WRITE, RECORD_SIZE } from "../../bindings/layout/records";
import { ACCESS_BYTES, ACCESS_KIND, ACCESS_SIZE, KIND_MODIFY } from "../../bindings/layout/trace";
import { addReferences, Family, LAST_NONE } from "./family";
import { siftAll } from "./sift";

// Which references of a batch a family sees. What repeats the reference before is left out at once: it finds its line on
// top of every stack and changes nothing (but a write after reads does).

/** References that are run together: the list stays in the host's second-level cache. */
const TOGETHER: usize = 16384;
/** What one access may add beyond that: a modify of 65536 bytes in lines of 8, twice. */
const BEYOND: usize = 16640;

export const LIST_BYTES: usize = (TOGETHER + BEYOND) * RECORD_SIZE;

/** Runs those of `n` records that are in the stream (SERVES_*). `list`: LIST_BYTES. */
export function selectRecords(f: Family, stream: u32, records: usize, n: u32, list: usize): void {
	const end = records + <usize>n * RECORD_SIZE;
	const others = kindsOf(stream);
	const line = ~(<u64>0) << f.shift;
	for (let p = records; p < end; ) {
		const stop = min(end, p + TOGETHER * RECORD_SIZE);
		let to = list;
		let last = f.last;
		let fetches: u64 = 0;
		let writes: u64 = 0;
		let seen: u64 = 0;
		for (; p < stop; p += RECORD_SIZE) {
			const x = load<u64>(p);
			if ((others >> (<u32>x & 3)) & 1) continue;
			seen++;
			fetches += (x >> 1) & 1;
			writes += x & 1;
			const key = x & line;
			if (((key ^ last) & (line | LAST_NONE)) == 0 && (x & ~last & KIND_WRITE) == 0) continue;
			store<u64>(to, x);
			to += RECORD_SIZE;
			last = key | (x & KIND_WRITE);
		}
		f.last = last;
		addReferences(f, seen - fetches - writes, writes, fetches);
		siftAll(f, list, to);
	}
}

/** The same for accesses as the trace has them (layout/trace.ts): each is cut where this family's lines begin. */
export function selectAccesses(f: Family, stream: u32, accesses: usize, n: u32, list: usize): void {
	const end = accesses + <usize>n * ACCESS_SIZE;
	const full = list + TOGETHER * RECORD_SIZE;
	const others = kindsOf(stream);
	for (let p = accesses; p < end; ) {
		let to = list;
		let fetches: u64 = 0;
		let reads: u64 = 0;
		let writes: u64 = 0;
		for (; p < end && to < full; p += ACCESS_SIZE) {
			const kind = <u32>load<u8>(p, ACCESS_KIND);
			if ((others >> kind) & 1) continue;
			const address = load<u64>(p);
			const lines = ((address + (load<u32>(p, ACCESS_BYTES) - 1)) >> f.shift) - (address >> f.shift) + 1;
			if (kind == KIND_FETCH) fetches += lines;
			else {
				if (kind != KIND_WRITE) reads += lines;
				if (kind != KIND_READ) writes += lines;
			}
			if (kind != KIND_MODIFY) to = cut(f, to, kind, address, lines);
			else to = cut(f, cut(f, to, KIND_READ, address, lines), KIND_WRITE, address, lines);
		}
		addReferences(f, reads, writes, fetches);
		siftAll(f, list, to);
	}
}

/** A record for each line of an access; returns their end. */
function cut(f: Family, to: usize, kind: u64, address: u64, lines: u64): usize {
	const line = ~(<u64>0) << f.shift;
	let last = f.last;
	for (let key = address & line; lines; lines--, key += (<u64>1) << f.shift) {
		if (((key ^ last) & (line | LAST_NONE)) == 0 && (kind & ~last & KIND_WRITE) == 0) continue;
		store<u64>(to, key | kind);
		to += RECORD_SIZE;
		last = key | (kind & KIND_WRITE);
	}
	f.last = last;
	return to;
}

/** The kinds that are not in a stream, as bits. */
function kindsOf(stream: u32): u32 {
	const fetches: u32 = 1 << KIND_FETCH;
	return (stream & SERVES_FETCH ? 0 : fetches) | (stream & SERVES_DATA ? 0 : 15 ^ fetches);
}
