import { AT_FETCH, AT_READ, AT_WRITE, TRANSLATE_IDENTITY } from "../../bindings/layout/machine";
import { KIND_FETCH, KIND_WRITE } from "../../bindings/layout/records";
import { Cache, Caches, read, write } from "./cache";
import { translate } from "./tlb";
import { policy } from "./translate";
import { Walker } from "./walk";

/** Where the references of one CPU enter the machine. */
@unmanaged
export class Cpu {
	number: u32;
	asid: u32;
	fetch: Cache | null;
	data: Cache | null;
	/** First-level TLBs by page size number: PAGE_SIZES pointers; 0: this side has no TLB. */
	fetchTlbs: usize;
	dataTlbs: usize;
	walker: Walker;

	/** Physical address of what this CPU's references to `virtual` reach, through the TLBs in `first`. */
	@inline translate(first: usize, virtual: u64): u64 {
		if (first == 0 && policy == TRANSLATE_IDENTITY) return virtual;
		return translate(first, this.walker, this.number, this.asid, virtual);
	}

	/** One reference, by the rules. `kind`: KIND_* of layout/records.ts. */
	@inline reference<C extends Caches>(kind: u32, virtual: u64): void {
		if (kind == KIND_FETCH) {
			const physical = this.translate(this.fetchTlbs, virtual);
			const c = this.fetch;
			if (c) read<C>(c, virtual, physical, AT_FETCH, false);
		} else {
			const physical = this.translate(this.dataTlbs, virtual);
			const c = this.data;
			if (!c) return;
			if (kind & KIND_WRITE) write<C>(c, virtual, physical, AT_WRITE, 0);
			else read<C>(c, virtual, physical, AT_READ, false);
		}
	}
}
