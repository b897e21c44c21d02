import type { Fence, Claim as NumberedClaim } from "../../bindings/program.ts";

// What can be done to a machine. Everything is by name. `cpu` is 0 where it is left out.

/** Which operations a fence keeps in order. */
export type FenceKind = Fence;
/** What can be claimed of a held machine. */
export type ClaimKind = NumberedClaim["claim"];

interface OnCpu {
	cpu?: number;
}

/** Memory that a load or store reaches: a line of a page, a page's entry in its page table, the link of a table, a variable. */
export type Place = { page: string; line?: number } | { entry: string } | { table: string } | { variable: string };

/** Something that a CPU, or a device, does. */
export type Doing = OnCpu &
	(
		| ({
				do: "load";
				order?: "plain" | "acquire";
				/** Register that takes the value, 0 to 7 (default 0). */
				to?: number;
				/** Weak models: left pending. */
				defer?: boolean;
				/** Though it ought to go round the caches, it hits there: what may happen where attributes conflict. */
				hits?: boolean;
		  } & Place)
		| ({ do: "store"; value?: number; order?: "plain" | "release"; defer?: boolean; hits?: boolean } & Place)
		/** Atomic; its answer is the old value. `cas` stores over `expected` only. */
		| ({
				do: "rmw";
				kind: "swap" | "add" | "sub" | "and" | "or" | "xor" | "cas";
				value: number;
				expected?: number;
				order?: "plain" | "acquire" | "release" | "full";
				to?: number;
				defer?: boolean;
		  } & Exclude<Place, { page: string }>)
		/** Sets a variable that is 0 to the number of the CPU + 1; refused while it is not 0. */
		| { do: "lock"; variable: string }
		| { do: "fence"; kind?: FenceKind }
		/** A load on the wrong side of a branch: no register takes its value. */
		| { do: "mispredict"; page: string; line?: number }
		/** Enters a frame into a page's entry, which must not be present. The frame may be left out where there is only one. */
		| { do: "map"; page: string; frame?: string; writable?: boolean; accessed?: boolean; dirty?: boolean }
		/** Clears a page's entry, which must be present. */
		| { do: "unmap"; page: string }
		/** A line leaves the caches, written back where it is dirty | is written back and stays | leaves as it is. `levels`: so many, from the CPU on. */
		| { do: "flush" | "clean" | "purge"; page: string; line?: number; levels?: number }
		| { do: "flush-all" }
		/** Drops translations: of a page, of an address space, or all of them; here, or everywhere at once. */
		| { do: "tlb-flush"; page?: string; space?: string; keepGlobal?: boolean; broadcast?: boolean; posted?: boolean }
		/** Waits until what was posted is done everywhere. */
		| { do: "tlb-sync" }
		/** The miss handler enters a translation. */
		| { do: "tlb-insert"; page: string }
		/** Software writes the translation itself, whatever the page table says; no frame: none is left. */
		| { do: "tlb-write"; page: string; frame?: string; writable?: boolean; dirty?: boolean }
		/** Software looks for the translation that an access would use; its answer is the entry, as a page table has it. */
		| { do: "tlb-read"; page: string; to?: number }
		/** An instruction is fetched; its answer is the line's value. */
		| { do: "fetch"; page: string; line?: number; to?: number }
		/** A line, or without a page all lines, leave the instruction cache. */
		| { do: "fetch-flush"; page?: string; line?: number; broadcast?: boolean }
		| { do: "switch"; space: string; flush?: boolean }
		| { do: "interrupt"; to: number | "others"; nmi?: boolean }
		| { do: "mask"; what: "irq" | "preempt"; on: boolean }
		| { do: "table-free"; table: string }
		| { do: "mark-dirty" | "mark-clean"; frame: string }
		| { do: "get" | "put"; frame: string }
		/** pfn_to_page. */
		| { do: "struct-page"; frame: string }
		/** Decides the memory type of a mapping to be. */
		| { do: "map-as"; frame: string; as: "ram" | "device" }
		| { do: "dma-read"; frame: string; line?: number }
		| { do: "dma-write"; frame: string; line?: number; value?: number }
		/** What the kernel says is so, and the oracle holds it to. */
		| { do: "claim"; claim: "released" | "recycled" | "handed-over" | "unmapped" | "balanced"; frame: string }
		| { do: "claim"; claim: "gained"; frame: string; writes?: boolean }
		| { do: "claim"; claim: "flushed"; page: string }
		| { do: "claim"; claim: "up-to-date"; space: string }
	);

/** Something that happens by itself; what enabled() lists. */
export type Happening =
	/** A pending operation is performed: the store buffer drains. `hits`: in a cache that it ought to go round. */
	| { do: "drain"; cpu: number; which: number; hits?: boolean }
	/** An interrupt that is pending is delivered. */
	| { do: "deliver"; cpu: number; nmi: boolean }
	/** The handler goes on by one operation, or leaves it pending. */
	| { do: "handle"; cpu: number; nmi: boolean; defer: boolean; hits?: boolean }
	| { do: "walk"; cpu: number; page: string }
	| { do: "tlb-evict"; cpu: number; page: string }
	| { do: "walk-cache-evict"; cpu: number; table: string }
	/** A CPU does an invalidation that was posted. */
	| { do: "tlb-drop"; cpu: number; page: string }
	/** A line comes in unasked, through a live translation. */
	| { do: "move-in"; cpu: number; page: string; frame: string; line: number }
	/** `level` counts from the CPU outwards, from 0; a level that all CPUs share is CPU 0's. */
	| { do: "evict" | "write-back"; cpu: number; level: number; colour: number; frame: string; line: number };

/** What a held machine can be told to do: what a CPU does, and what happens unasked. */
export type Action = Doing | Happening;
