// Programs as data: what actors do, each line one atomic step, on a machine that the profile describes. The scenario
// language, litmus files and the typed builder all come down to this; bindings/assemble.ts writes it to the core.
//
// Everything is by number: `va: 2` is the third entry of `vas`. Names are for people (hazards, counterexamples).

/** A register of the actor, or a constant 0..255. Registers and variables hold 0..255; arithmetic wraps. */
export type Value = { reg: number } | { constant: number };

/** How two values are compared; odd and even look at the first alone. */
export type Compare = "==" | "!=" | "<" | "<=" | ">" | ">=" | "odd" | "even";

/** Arithmetic on values; clamp bounds the first by the second. */
export type Operator = "+" | "-" | "&" | "|" | "^" | "clamp";

/** Memory that loads, stores and read-modify-writes reach. */
export type Location =
	/** A variable; `of` says whose copy of a per-CPU one ("target": of the CPU that an `each` loop stands at). */
	| { in: "var"; var: number; of?: "self" | "target" }
	/** A line of a page, through a mapping: translated, cached, with versions. `index`: a register added to `line`. */
	| { in: "page"; va: number; line: number; index?: number }
	/** The entry of a mapping in its page table: PTE_* bits of layout/program.ts. */
	| { in: "pte"; va: number }
	/** The entry that links a table page into the level above it: 1 linked, 0 not. */
	| { in: "table"; table: number };

/** Which operations a fence keeps in order. */
export type Fence =
	| "full"
	| "store"
	| "load"
	| "acquire"
	| "release"
	/** Holds the compiler only. */
	| "compiler"
	/** lfence: nothing later executes, not even transiently, before everything earlier has. */
	| "speculation";

/** What an actor says is so from here on: the machine raises a hazard where it is not. */
export type Claim =
	/** The owner was told that nobody touches the page any more: from here on a load is UAI, a store CORRUPT. */
	| { claim: "released"; frame: number }
	/** The page belongs to somebody else now: from here on an access through an old translation is TLB. */
	| { claim: "recycled"; frame: number }
	/** A flush of this mapping has returned: from here on an access through a translation older than its PTE is TLB. */
	| { claim: "flushed"; va: number }
	/** I1: no line of the page is left in a virtually indexed cache under a kernel mapping. */
	| { claim: "handed-over"; frame: number }
	/** I2: no dirty line of the page is left under a user mapping; none at all if it will be written. */
	| { claim: "gained"; frame: number; writes: boolean }
	/** The CPU's translations of an address space are those of its page table: else MISS. */
	| { claim: "up-to-date"; mm: number; of: "self" | "target" }
	/** The page has lost its last mapping: what was written must have been marked dirty. Else DIRTY or LATEDIRTY. */
	| { claim: "unmapped"; frame: number }
	/** References are as they were at the start: else REFLEAK. */
	| { claim: "balanced"; frame: number };

/** What an actor can do in one step. */
export type Operation =
	| { op: "load"; to?: number; at: Location; order: "plain" | "acquire" }
	| { op: "store"; at: Location; value: Value; order: "plain" | "release" }
	/** Atomic. `to` takes the old value. "cas" stores `value` only over `expected`. */
	| {
			op: "rmw";
			kind: "swap" | "add" | "sub" | "and" | "or" | "xor" | "cas";
			to?: number;
			at: Location;
			value: Value;
			expected?: Value;
			order: "plain" | "acquire" | "release" | "full";
	  }
	/** Loads again and again until the value compares; as one step, the last of these loads. */
	| { op: "await"; to?: number; at: Location; test: Compare; value: Value; order: "plain" | "acquire" }
	/** Waits until the variable is 0 and atomically sets it to the actor's number + 1. A cycle of waiting actors is a deadlock. */
	| { op: "lock"; at: Location; class?: "lock" | "reclaim" }
	/** Waits for another actor to reach its end, or (if that is itself) for ever: SELF. */
	| { op: "join"; actor: number; class?: "lock" | "reclaim" }
	| { op: "fence"; kind: Fence }
	| { op: "set"; to: number; left: Value; operator: Operator; right: Value }
	/** Goes to `target` unless left test right holds. `speculates`: the processor may run ahead on the wrong side. */
	| { op: "unless"; left: Value; test: Compare; right: Value; target: number; speculates?: boolean }
	| { op: "jump"; target: number }
	/** A loop over all other CPUs that have actors, in any order, each once: the body is up to the matching "next". */
	| { op: "each"; loop: number; target: number }
	| { op: "next"; loop: number; target: number }
	/** Drops translations: of one mapping, of one address space, or all; global ones too or not; here or everywhere. */
	| {
			op: "tlb-flush";
			va?: number;
			mm?: number;
			keepGlobal?: boolean;
			scope: "local" | "broadcast";
			/** Each CPU does it when it likes, until somebody waits for that. */
			posted?: boolean;
	  }
	/** Waits until all that was posted is done (tlbsync, DSB). */
	| { op: "tlb-sync" }
	/** Software refill: puts the mapping's PTE into the TLB. */
	| { op: "tlb-insert"; va: number }
	/** Software writes the entry itself, whatever the page table says (tlbwe): PTE_* of layout/program.ts, 0: none. */
	| { op: "tlb-write"; va: number; entry: Value }
	/** Software looks for the entry that an access would use (tlbsx, tlbre); 0: there is none. */
	| { op: "tlb-read"; to?: number; va: number }
	/** An instruction is fetched. (`pageLine`: as below.) */
	| { op: "fetch"; to?: number; va: number; pageLine: number }
	/** A line of a mapping, or everything, leaves the instruction cache (icbi): of this CPU, or of all. */
	| { op: "fetch-flush"; va?: number; pageLine?: number; scope: "local" | "broadcast" }
	/** Loads an address space; `flush`: drops its translations that are not global. */
	| { op: "switch"; mm: number; flush: boolean }
	/**
	 * A line of a mapping: write back and remove | write back | remove; in so many levels from the CPU on, or up to where
	 * instructions and data meet (default: all).
	 * (`line` is that of the source.)
	 */
	| { op: "cache"; kind: "flush" | "clean" | "purge"; va: number; pageLine: number; levels?: number | "unification" }
	| { op: "cache-all"; kind: "flush" }
	/** Marks an interrupt pending. Waits for the CPU's own stores to be visible first. */
	| { op: "interrupt"; handler: "irq" | "nmi"; to: "target" | "others" | { cpu: number } }
	/** irq: interrupts wait. preempt: other threads of the CPU do not run. */
	| { op: "mask"; what: "irq" | "preempt"; on: boolean }
	| { op: "table-free"; table: number }
	/** set_page_dirty; write-back that cleans. */
	| { op: "page"; kind: "mark-dirty" | "clean"; frame: number }
	| { op: "ref"; kind: "get" | "put"; frame: number }
	/** pfn_to_page: BADPFN where the frame has no struct page. */
	| { op: "struct-page"; frame: number }
	/** Decides the attributes of a mapping to be: MEMTYPE where RAM is mapped as a device or a device as RAM. */
	| { op: "map-as"; frame: number; as: "ram" | "device" }
	/** A device reads or writes a line of a page in memory. */
	| { op: "dma"; kind: "read" | "write"; frame: number; pageLine: number; to?: number; value?: Value }
	/** Takes time and does nothing else: a cost of the profile by its name, or one given with the question. No step. */
	| { op: "work"; what: string; times: Value }
	| ({ op: "claim" } & Claim);

/** One operation of an actor, and where in the source it stands. */
export type Instruction = Operation & {
	/** Line of the source file, from 1; 0: none. */
	line: number;
	/** What the source says there. */
	text: string;
	/** Runs in one step with the instruction before it. May not wait. */
	joined?: boolean;
};

/** All kinds of page frames. */
export const FRAME_KINDS = [
	"ram",
	/** A hole in RAM that has a struct page. */
	"hole",
	"no-struct-page",
	"driver-reserved",
	"zero",
	"zone-device",
	"tail",
	"compound-head",
	"compound-tail",
] as const;
/** What a page frame is: memory, or something that is treated otherwise. */
export type FrameKind = (typeof FRAME_KINDS)[number];

/**
 * A program for the core, everything by number: actors with their code, pages, tables, frames, variables.
 * compileScenario makes it.
 */
export interface Program {
	name: string;
	/** CPUs, at most 8. */
	cpus: number;
	/** `perCpu`: a copy for each CPU. Holds 0..255. `lock`: values are owners (actor + 1). */
	vars: { name: string; initial: number; perCpu: boolean; lock?: boolean }[];
	/** Pages of physical memory, at most 15; `lines` of them matter. */
	frames: { name: string; kind: FrameKind; lines: number; references: number; dirty?: boolean }[];
	/** Table pages. */
	tables: { name: string; linked: boolean }[];
	/** Address spaces. */
	mms: { name: string }[];
	/** Virtual pages. */
	vas: {
		name: string;
		/** Frame mapped at the start, or null: not present. */
		frame: number | null;
		writable: boolean;
		/** The PTE's accessed and dirty bits at the start. */
		accessed?: boolean;
		dirty?: boolean;
		half: "user" | "kernel";
		/** Address space; null: in all of them (global). */
		mm: number | null;
		/** Cache colour of virtually indexed caches. Mappings of the same colour share lines. */
		colour: number;
		/** Table page that holds the PTE; null: one that is always there. */
		table: number | null;
		/** Mapping whose PTE this one shares (the other half's copy of it, another address space's); its own number: none. */
		pte: number;
		/** Never entered by speculation (a temporary alias that forbids move-in). */
		noMoveIn?: boolean;
		/** Bypasses the caches. */
		uncached?: boolean;
		/** Writes go to memory, too, and leave the line clean. */
		writeThrough?: boolean;
		/** Accesses through it do not ask the caches of other CPUs (M = 0). */
		incoherent?: boolean;
		/** Its translations do not leave by themselves (TLB1 of the e500). */
		pinned?: boolean;
		/** Nor does an invalidation remove them (IPROT): software overwrites them. */
		protected?: boolean;
		/**
		 * The large page that it lies in. That one maps as many frames, from its own on, as pages lie in it, in the order of
		 * their numbers; where its entry is present, those of the pages in it are not reached.
		 */
		within?: number;
		/** Lines beyond which an access through this mapping is out of bounds (OVERMAP; transiently: SPEC). Default: the frame's. */
		bound?: number;
	}[];
	actors: {
		name: string;
		/** Where it runs; null: a device, on no CPU. */
		cpu: number | null;
		/** A handler runs when its interrupt is delivered, from the start, and may run again after its end. */
		kind: "thread" | "irq" | "nmi" | "device";
		/** nmi: how many of them may come by themselves (an `interrupt` may send more). */
		spontaneous?: number;
		registers: string[];
		/** Values at the start, in the order of `registers`; 0 where left out. */
		initial?: number[];
		/** Ends where it runs over its last instruction. Targets are indexes into it (its length: the end). */
		code: Instruction[];
		/** Address space loaded at the start (of a thread). */
		mm?: number | null;
	}[];
	/** Groups of CPUs that run identical programs and start alike: what may be permuted. */
	symmetric: number[][];
	/** Registers and variables whose values at the end tell final states apart (litmus tests). */
	observed?: ({ actor: number; reg: number } | { var: number })[];
}
