/** Longer words are cut before they are compared: input comes from outside. */
const LONGEST = 64;

/** Insertions, deletions and replacements of one letter, and exchanges of two, that make one word from the other. */
function distance(a: string, b: string): number {
	let above: number[] = [];
	let row = Array.from({ length: b.length + 1 }, (_, j) => j);
	for (let i = 1; i <= a.length; i++) {
		const before = above;
		above = row;
		row = [i];
		for (let j = 1; j <= b.length; j++) {
			const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
			const exchanged = a[i - 2] === b[j - 1] && a[i - 1] === b[j - 2] ? before[j - 2]! + 1 : replaced;
			row.push(Math.min(replaced, exchanged, above[j]! + 1, row[j - 1]! + 1));
		}
	}
	return row[b.length]!;
}

function isPart(word: string, of: string): boolean {
	return word.length > 2 && of.includes(word);
}

/** The word of a list that is nearest to one mistyped; the case of letters does not matter. */
export function nearest(word: string, words: Iterable<string>): string | undefined {
	const wanted = word.slice(0, LONGEST).toLowerCase();
	let best: string | undefined;
	let least = Number.POSITIVE_INFINITY;
	for (const candidate of words) {
		const other = candidate.slice(0, LONGEST).toLowerCase();
		// A part of a word is nearer than one of as few letters.
		const d = isPart(wanted, other) ? 0 : distance(wanted, other);
		if (d < least) {
			least = d;
			best = candidate;
		}
	}
	return best;
}

/** The word of a list that this one is a part of, or is but for a slip of the fingers or, in a long one, a few. */
export function near(word: string, words: Iterable<string>): string | undefined {
	const best = nearest(word, words);
	if (best === undefined) return undefined;
	const [wanted, other] = [word.slice(0, LONGEST).toLowerCase(), best.toLowerCase()];
	return isPart(wanted, other) || distance(wanted, other) <= Math.max(1, wanted.length / 3) ? best : undefined;
}

/** `did you mean "x"? There are …` where a word of the list is near, else `there are …`. */
export function choice(word: string, words: readonly string[]): string {
	const best = near(word, words);
	const meant = best === undefined ? "t" : `did you mean ${quote(best)}? T`;
	return `${meant}here are ${words.join(", ")}`;
}

/** Of what there is to choose from, so many are told. */
const MOST_TOLD = 12;

/** `did you mean "x"?`, or what there is to choose from where nothing is near. */
export function suggestion(word: string, words: Iterable<string>): string {
	const all = [...words];
	if (all.length === 0) return "there is none to choose from";
	const best = near(word, all);
	if (best !== undefined) return `did you mean ${quote(best)}?`;
	return `there is ${all.slice(0, MOST_TOLD).join(", ")}${all.length > MOST_TOLD ? ", …" : ""}`;
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
