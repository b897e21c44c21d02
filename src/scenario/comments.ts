import type { SyntaxNode } from "@lezer/common";
import { type Comments, placeIn, type Source, setComments, spanOf } from "./source.ts";

/** Keeps the comments of a text, each with the part of the scenario that it stands behind, or else the next one under it. */
export function keepComments(top: SyntaxNode, source: Source, parts: readonly object[]): void {
	const rows = new Map<number, object>();
	for (const part of parts) {
		// What holds others comes after them, and is what is printed as a line.
		rows.set(placeIn(source, spanOf(part)!.from).line, part);
	}
	const kept = new Map<object, Comments>();
	const of = (part: object) => {
		let found = kept.get(part);
		if (!found) {
			found = { above: [] };
			kept.set(part, found);
		}
		return found;
	};
	const waiting: string[] = [];
	const comments: { line: number; text: string; alone: boolean }[] = [];
	top.cursor().iterate(({ name, from, to }) => {
		if (name !== "Comment" && name !== "CommentLine") return;
		const text = source.text.slice(from, to).trim();
		comments.push({ line: placeIn(source, from).line, text, alone: name === "CommentLine" });
	});
	const order = [...rows].sort(([a], [b]) => a - b);
	let next = 0;
	for (const [line, part] of order) {
		for (; next < comments.length && comments[next]!.line < line; next++) waiting.push(comments[next]!.text);
		if (waiting.length > 0) of(part).above.push(...waiting.splice(0));
		const own = comments[next];
		if (own?.line === line && !own.alone) {
			of(part).behind = own.text;
			next++;
		}
	}
	// After the last part: behind it all the same, so that nothing is lost.
	const last = order.at(-1);
	const left = comments.slice(next).map(({ text }) => text);
	if (last && left.length > 0) of(last[1]).after = left;
	for (const [part, found] of kept) setComments(part, found);
}
