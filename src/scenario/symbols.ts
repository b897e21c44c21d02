import type { Program } from "../../bindings/program.ts";
import type { Actor } from "./ast.ts";
import type { ResolvedParams } from "./params.ts";
import type { Source } from "./source.ts";

export type SymbolKind = "page" | "table" | "mm" | "map" | "var";

/** What the declarations of a scenario come to, for one choice of parameters. */
export interface Symbols {
	source: Source;
	params: ResolvedParams;
	names: Map<string, { kind: SymbolKind; index: number }>;
	program: Program;
	/** An actor for each CPU that it is on, in the order of the program's. */
	instances: { actor: Actor; cpu: number | null }[];
	/** CPUs that `on each cpu` and `on each other cpu` put actors on, and no `on cpu N`. */
	unpinned: number[];
}
