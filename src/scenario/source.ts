// Where the parts of a scenario stand in its text. Kept beside the data, so that the data is the same however it was made.

export interface Source {
	file: string | undefined;
	text: string;
}

export interface Span {
	/** A scenario's parts may come from libraries. */
	source: Source;
	from: number;
	to: number;
}

/** Comments that go with a part: on lines of their own above it, and at the end of its line. */
export interface Comments {
	above: string[];
	behind?: string;
	/** Under the last part of a text. */
	after?: string[];
}

const sources = new WeakMap<object, Source>();
const spans = new WeakMap<object, Span>();
const comments = new WeakMap<object, Comments>();

export function setSource(scenario: object, source: Source): void {
	sources.set(scenario, source);
}

export function sourceOf(scenario: object): Source | undefined {
	return sources.get(scenario);
}

export function setSpan(part: object, span: Span): void {
	spans.set(part, span);
}

export function spanOf(part: object): Span | undefined {
	return spans.get(part);
}

export function setComments(part: object, found: Comments): void {
	comments.set(part, found);
}

export function commentsOf(part: object): Comments | undefined {
	return comments.get(part);
}

const starts = new WeakMap<Source, number[]>();

/** Offsets at which the lines of a text begin. */
function lineStarts(source: Source): number[] {
	let known = starts.get(source);
	if (!known) {
		known = [0];
		for (let end = source.text.indexOf("\n"); end >= 0; end = source.text.indexOf("\n", end + 1)) known.push(end + 1);
		starts.set(source, known);
	}
	return known;
}

/** Line from 1, column from 1 and the line's text, of an offset. */
export function placeIn(source: Source, offset: number): { line: number; column: number; text: string } {
	const all = lineStarts(source);
	let low = 0;
	for (let high = all.length; high - low > 1; ) {
		const middle = (low + high) >> 1;
		if (all[middle]! <= offset) low = middle;
		else high = middle;
	}
	const start = all[low]!;
	const text = source.text.slice(start, all[low + 1] ?? source.text.length).replace(/\r?\n$/, "");
	return { line: low + 1, column: Math.min(offset - start, text.length) + 1, text };
}
