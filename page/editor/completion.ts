// What may stand where the cursor is.

import type { Completion, CompletionContext, CompletionResult, CompletionSource } from "@codemirror/autocomplete";
import type { Vocabulary } from "../check/types.ts";

/** Words that begin a declaration. */
const HEADERS =
	"story basis row contrast profile model use param page table mm map var macro actor handler device expect";

export function completionsOf(vocabulary: Vocabulary): CompletionSource {
	const { verbs, macros, libraries, profiles, models, outcomes } = vocabulary;
	const words = (list: readonly string[], type: string): Completion[] => list.map((label) => ({ label, type }));
	const statements: Completion[] = [
		...verbs.map((verb) => ({ ...verb, type: "function" })),
		...macros.map((macro) => ({ ...macro, type: "method" })),
		...words(["if", "else", "while", "repeat", "each other cpu"], "keyword"),
	];
	const machines: Completion[] = profiles.map(({ id, title }) => ({ label: id, detail: title, type: "class" }));
	const headers = words(HEADERS.split(" "), "keyword");
	const verdicts = words(outcomes, "constant");
	return (context: CompletionContext): CompletionResult | null => {
		const word = context.matchBefore(/[\w.-]+/);
		if (!word && !context.explicit) return null;
		const { text, from } = context.state.doc.lineAt(context.pos);
		const before = text.slice(0, (word?.from ?? context.pos) - from);
		const inBlock = /^(\t| {3,})/.test(text);
		const options = () => {
			if (before.includes("#") || /"[^"]*$/.test(before)) return [];
			const [, first = ""] = /^\s*(\w+)\s/.exec(before) ?? [];
			if (first === "profile") return machines;
			if (first === "model") return words(models, "constant");
			if (first === "use") return words(libraries, "namespace");
			if (first === "expect") return [...verdicts, ...machines, ...words(models, "constant")];
			if (/^\s*$/.test(before) || /[:;]\s*$/.test(before)) return inBlock ? statements : headers;
			return words(namesIn(context.state.doc.toString()), "variable");
		};
		return { from: word?.from ?? context.pos, options: options(), validFor: /^[\w.-]*$/ };
	};
}

/** Names that a text declares. */
function namesIn(text: string): string[] {
	const found = text.matchAll(/^\s*(?:page|table|mm|map|var|param|actor|device)\s+([\w-]+)/gm);
	return [...new Set([...found].map(([, name]) => name!))];
}
