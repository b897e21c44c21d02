import {
	HAZARD_BADPFN,
	HAZARD_DIRTY,
	HAZARD_LATEDIRTY,
	HAZARD_LATENT,
	HAZARD_REFLEAK,
	HAZARD_REFUNDER,
} from "../../bindings/layout/explore";
import {
	CLAIM_BALANCED,
	CLAIM_FLUSHED,
	CLAIM_GAINED,
	CLAIM_HANDED_OVER,
	CLAIM_RECYCLED,
	CLAIM_RELEASED,
	CLAIM_UP_TO_DATE,
	CODE_VALUE,
	FRAME_KIND,
	FRAME_REFERENCES,
	FRAME_SIZE,
	IS_DIRTY,
	IS_MARKED,
	IS_RELEASED,
	IS_UNMAPPED,
	IS_WRITTEN,
	PAGE_COMPOUND_HEAD,
	PAGE_COMPOUND_TAIL,
	PAGE_DRIVER,
	PAGE_NO_STRUCT,
	PAGE_RAM,
	PAGE_TAIL,
	PAGE_ZERO,
} from "../../bindings/layout/program";
import { atFrames, atReferences, block } from "../machine/block";
import { raise } from "../machine/hazard";
import { claimUpToDate, condemnFrame, condemnOld, isHeld } from "../machine/pages";
import { p, targetOf } from "./operands";
import { condemnPending } from "./pending";

// Pages as their owners see them: dirty or clean, counted, handed over, recycled.

/** Whether a frame is memory, for the purpose of caching. */
export function isRam(frame: u32): bool {
	const kind: u32 = load<u8>(p.frames + <usize>frame * FRAME_SIZE, FRAME_KIND);
	return (
		kind == PAGE_RAM ||
		kind == PAGE_DRIVER ||
		kind == PAGE_ZERO ||
		kind == PAGE_TAIL ||
		kind == PAGE_COMPOUND_HEAD ||
		kind == PAGE_COMPOUND_TAIL
	);
}

function frameFlags(frame: u32): usize {
	return block + atFrames + frame;
}

/** What is counted and marked is the struct page. */
export function needsStruct(frame: u32): void {
	if (load<u8>(p.frames + <usize>frame * FRAME_SIZE, FRAME_KIND) == PAGE_NO_STRUCT) raise(HAZARD_BADPFN, frame);
}

export function markDirty(frame: u32): void {
	needsStruct(frame);
	const at = frameFlags(frame);
	const flags: u32 = load<u8>(at);
	if (flags & IS_UNMAPPED) raise(HAZARD_LATEDIRTY, frame);
	store<u8>(at, <u8>((flags & ~IS_WRITTEN) | IS_DIRTY | IS_MARKED));
}

/** Writes the page out: what was marked is safe, what is written later needs a new mark. */
export function clean(frame: u32): void {
	needsStruct(frame);
	const at = frameFlags(frame);
	store<u8>(at, load<u8>(at) & ~(IS_DIRTY | IS_MARKED));
}

/** The page loses its last mapping: all that was written must have been marked since. */
function unmap(frame: u32): void {
	const at = frameFlags(frame);
	const flags: u32 = load<u8>(at);
	if (flags & IS_WRITTEN) raise(flags & IS_MARKED ? HAZARD_LATEDIRTY : HAZARD_DIRTY, frame);
	store<u8>(at, <u8>(flags | IS_UNMAPPED));
}

export function refer(frame: u32, put: bool): void {
	needsStruct(frame);
	const at = block + atReferences + frame;
	const count: u32 = load<u8>(at);
	const first: u32 = load<u8>(p.frames + <usize>frame * FRAME_SIZE, FRAME_REFERENCES);
	// A put that leaves fewer references than others hold, or takes the last one of a page that is in use.
	if (put && (count <= first || count == 1)) raise(HAZARD_REFUNDER, frame);
	store<u8>(at, <u8>(put ? (count ? count - 1 : 0) : min(count + 1, 255)));
}

export function claim(actor: u32, cpu: u32, i: usize, kind: u32, at: u32): void {
	switch (kind) {
		case CLAIM_RELEASED:
			store<u8>(frameFlags(at), load<u8>(frameFlags(at)) | IS_RELEASED);
			break;
		case CLAIM_RECYCLED:
			condemnFrame(at);
			condemnPending(at);
			break;
		case CLAIM_FLUSHED:
			condemnOld(at);
			break;
		case CLAIM_HANDED_OVER:
			if (isHeld(at, true, false)) raise(HAZARD_LATENT, at);
			break;
		case CLAIM_GAINED:
			if (isHeld(at, false, load<u8>(i, CODE_VALUE) == 0)) raise(HAZARD_LATENT, at);
			break;
		case CLAIM_UP_TO_DATE:
			claimUpToDate(load<u8>(i, CODE_VALUE) ? targetOf(cpu, i) : cpu, at);
			break;
		case CLAIM_BALANCED:
			if (load<u8>(block + atReferences + at) > load<u8>(p.frames + <usize>at * FRAME_SIZE, FRAME_REFERENCES)) {
				raise(HAZARD_REFLEAK, at);
			}
			break;
		default:
			unmap(at);
	}
}
