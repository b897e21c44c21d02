// Page frames in KVM: is this memory, and is there a reference to give back?

import { FRAME_KINDS } from "../../bindings/program.ts";
import { mechanism, words, yesNo } from "./mechanism.ts";

/** One answer for two questions. */
export const pfnClassifier = mechanism("pfn/classifier-matrix", {
	classifier: words(
		"classifier",
		"original",
		"ifdef-posted",
		"ifdef-moved",
		"simplified",
		"no-pfn-valid",
		"zero-exempt",
		"both-exempt",
		"carried",
	),
	/** Of the page. */
	kind: { param: "kind", words: FRAME_KINDS },
	/** Which of the two is looked at. */
	decision: words("decision", "memory-type", "reference"),
});

/** A huge page is split while a predicate looks at its tail. */
export const hugePageSplit = mechanism("pfn/L57-split-races", {
	/** Between the head's flag and the second look at the tail. */
	barrier: words("barrier", "none", "load"),
	/** The second look. */
	recheck: yesNo("recheck", true),
	kind: words("kind", "compound-tail", "driver-reserved"),
});

/** The simplified predicate, and what boot has to do for it. */
export const simplifiedClassifier = mechanism("pfn/L53-simplified", {
	kind: words("kind", "ram", "hole", "no-struct-page"),
	holesReserved: yesNo("holes-reserved", true),
});

/** The e500's shadow attributes: where those of a guest's mapping come from. */
export const shadowAttributes = mechanism("pfn/e500-attributes", {
	/** The guest, the predicate, or the host's own entry. */
	from: words("from", "guest", "predicate", "host"),
	/** Whether the guest maps memory and devices as what they are. */
	asks: words("asks", "rightly", "wrongly"),
	kind: words("kind", "ram", "hole", "no-struct-page", "driver-reserved"),
});
