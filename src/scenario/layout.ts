import { ContextTracker, ExternalTokenizer, type InputStream } from "@lezer/lr";
import { BlankLine, CommentLine, dedent, indent, newline } from "./generated/grammar.terms.ts";

// Lines and their indentation as tokens. Lines that are blank or hold only a comment are skipped wherever they stand.

const TAB = 9;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const HASH = 35;
const TAB_WIDTH = 8;

function isBreak(character: number): boolean {
	return character === LINE_FEED || character === CARRIAGE_RETURN;
}

function atLineStart(input: InputStream): boolean {
	const before = input.peek(-1);
	return before < 0 || isBreak(before);
}

/** Columns of white space from here, and how many characters they are. */
function measure(input: InputStream): { columns: number; characters: number } {
	let columns = 0;
	let characters = 0;
	for (;;) {
		const next = input.peek(characters);
		if (next === SPACE) columns++;
		else if (next === TAB) columns += TAB_WIDTH - (columns % TAB_WIDTH);
		else return { columns, characters };
		characters++;
	}
}

/** Goes over one line break, which may be two characters. */
function overBreak(input: InputStream): void {
	if (input.next === CARRIAGE_RETURN && input.peek(1) === LINE_FEED) input.advance();
	if (input.next >= 0) input.advance();
}

export const blankLines = new ExternalTokenizer((input) => {
	if (!atLineStart(input) || input.next < 0) return;
	const { characters } = measure(input);
	const first = input.peek(characters);
	if (first !== HASH && !isBreak(first)) return;
	for (let i = 0; i < characters; i++) input.advance();
	while (input.next >= 0 && !isBreak(input.next)) input.advance();
	overBreak(input);
	input.acceptToken(first === HASH ? CommentLine : BlankLine);
});

export const lines = new ExternalTokenizer((input) => {
	if (!isBreak(input.next)) return;
	overBreak(input);
	input.acceptToken(newline);
});

/** The columns that open blocks begin at, innermost first. */
class Indentation {
	readonly outer: Indentation | null;
	readonly columns: number;
	readonly hash: number;

	constructor(outer: Indentation | null, columns: number) {
		this.outer = outer;
		this.columns = columns;
		this.hash = ((outer ? (outer.hash * 33) | 0 : 0) + columns) | 0;
	}
}

const OUTERMOST = new Indentation(null, 0);

export const indentation = new ExternalTokenizer(
	(input, stack) => {
		if (!atLineStart(input)) return;
		const { columns, characters } = measure(input);
		const { columns: open } = stack.context as Indentation;
		if (columns < open) input.acceptToken(dedent);
		else if (columns > open) {
			for (let i = 0; i < characters; i++) input.advance();
			input.acceptToken(indent);
		}
	},
	{ contextual: true },
);

export const layout = new ContextTracker<Indentation>({
	start: OUTERMOST,
	shift(context, term, _stack, input) {
		if (term === dedent) return context.outer ?? OUTERMOST;
		// The input stands at the start of the token.
		return term === indent ? new Indentation(context, measure(input).columns) : context;
	},
	hash: (context) => context.hash,
});
