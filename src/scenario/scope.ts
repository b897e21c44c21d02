import type { Expression } from "./ast.ts";

/** What the names of one stretch of code stand for, beside the declarations: a macro has a scope of its own. */
export interface Scope {
	/** Arguments of the macro, in the scope of its caller. */
	args: ReadonlyMap<string, { expression: Expression; scope: Scope }>;
	/** Names of loops over CPUs. */
	loops: ReadonlySet<string>;
	/** Before the names of registers: two macros have different ones. */
	prefix: string;
	labels: Labels;
	/** Macros that are being written out, outermost first. */
	inside: readonly string[];
}

/** Labels of a stretch of code and of what it stands in. */
export interface Labels {
	known: Map<string, number>;
	outer: Labels | undefined;
}

export function outerScope(): Scope {
	return { args: new Map(), loops: new Set(), prefix: "", labels: { known: new Map(), outer: undefined }, inside: [] };
}
