import type { SyntaxNode } from "@lezer/common";
import { type Comments, placeIn, type Source, setComments } from "./source.ts";

/** Keeps the comments of a text, each with the line that it stands behind or above. */
export function readComments(top: SyntaxNode, source: Source): void {
	// filled below
	void top;
	void source;
	void placeIn;
	void setComments;
	void ({} as Comments);
}
