// What a scenario may hold. Beyond, nothing is explored in a lifetime; refusing early keeps a wrong file from taking long.

export const LIMITS = {
	/** Characters of a file. */
	text: 1_000_000,
	/** Characters of a line. */
	line: 1000,
	/** Columns of indentation. */
	indentation: 128,
	/** More than a search takes (MOST_SEARCHED): machines of this size are priced. */
	cpus: 64,
	/** Actors, after `on each cpu` is written out. */
	actors: 64,
	/** Instructions of a program. */
	instructions: 4096,
	pages: 15,
	/** Lines of a page. */
	lines: 16,
	maps: 32,
	tables: 8,
	mms: 8,
	vars: 64,
	/** Registers of an actor. */
	registers: 32,
	params: 16,
	/** Values of a parameter. */
	values: 256,
	/** Combinations of all parameters. */
	combinations: 100_000,
	macros: 256,
	expects: 1024,
	/** Statements and declarations of a file. */
	statements: 20_000,
	/** Statements and expressions in each other. */
	nesting: 200,
	/** Macros in macros. */
	depth: 32,
	/** Characters of a name. */
	name: 64,
} as const;
