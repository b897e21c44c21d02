/** Longer words are cut before they are compared: input comes from outside. */
const LONGEST = 64;

/** Insertions, deletions and replacements of one letter that make one word from the other. */
function distance(a: string, b: string): number {
	let row = Array.from({ length: b.length + 1 }, (_, j) => j);
	for (let i = 1; i <= a.length; i++) {
		const above = row;
		row = [i];
		for (let j = 1; j <= b.length; j++) {
			const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
			row.push(Math.min(replaced, above[j]! + 1, row[j - 1]! + 1));
		}
	}
	return row[b.length]!;
}

/** The word of a list that is nearest to one mistyped; the case of letters does not matter. */
export function nearest(word: string, words: Iterable<string>): string | undefined {
	const wanted = word.slice(0, LONGEST).toLowerCase();
	let best: string | undefined;
	let least = Number.POSITIVE_INFINITY;
	for (const candidate of words) {
		const other = candidate.slice(0, LONGEST).toLowerCase();
		// A word that was not written to its end is nearer than one of as few letters.
		const d = wanted.length > 2 && other.startsWith(wanted) ? 0 : distance(wanted, other);
		if (d < least) {
			least = d;
			best = candidate;
		}
	}
	return best;
}

/** The word of a list that this one is, but for a slip or two of the fingers. */
export function near(word: string, words: Iterable<string>): string | undefined {
	const best = nearest(word, words);
	return best !== undefined && word.length > 2 && distance(word, best) <= 2 ? best : undefined;
}

/** `did you mean "x"?`, or what there is to choose from when there is nothing. */
export function suggestion(word: string, words: Iterable<string>): string {
	const best = nearest(word, words);
	return best === undefined ? "there is none to choose from" : `did you mean ${quote(best)}?`;
}

/** A value from outside, whatever it is, short enough for a message. */
export function quote(value: unknown): string {
	const text = textOf(value);
	return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function textOf(value: unknown): string {
	// These look like null in JSON.
	if (typeof value === "number") return String(value);
	try {
		return JSON.stringify(value) ?? String(value);
	} catch {
		// Cycles and bigints have no JSON, and not every object is a string.
		return typeof value === "bigint" ? String(value) : `a ${typeof value} that cannot be shown`;
	}
}
