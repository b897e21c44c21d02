// The language's grammar with what its parts look like.

import { HighlightStyle, indentService, LanguageSupport, LRLanguage } from "@codemirror/language";
import type { Text } from "@codemirror/state";
import { styleTags, tags as t } from "@lezer/highlight";
import { parser } from "../../src/scenario/generated/grammar.ts";

const header =
	"scenario library story basis row contrast profile model use param page table mm map var macro actor handler irq nmi device on cpu other expect predict fault";
const control = "if else while repeat each is and or not clamp";

export const scenarioLanguage = new LanguageSupport(
	LRLanguage.define({
		name: "scenario",
		parser: parser.configure({
			props: [
				styleTags({
					[header]: t.definitionKeyword,
					[control]: t.controlKeyword,
					"Verb/Name": t.function(t.name),
					"Code/Name": t.constant(t.name),
					"Target/Name": t.className,
					"Scenario/Name Library/Name Actor/Name Macro/Verb": t.definition(t.name),
					Name: t.variableName,
					Number: t.number,
					String: t.string,
					"Comment CommentLine": t.lineComment,
					"Compare Bits": t.operator,
				}),
			],
		}),
		languageData: { commentTokens: { line: "#" } },
	}),
	// A line stands under the one before; one level further in, where that begins a block.
	indentService.of((context, at) => {
		const { doc } = context.state;
		// Of a line that is about to be broken, what stands before the break.
		let line = context.simulatedBreak === null ? before(doc, at) : context.lineAt(at, -1);
		for (; line; line = before(doc, line.from)) {
			const [, space = "", rest = ""] = /^(\s*)([^#]*)/.exec(line.text) ?? [];
			if (rest.trim() === "") continue;
			const opens = /:\s*$/.test(rest) || /^(scenario|library|actor|handler|device|macro)\b/.test(rest);
			return space.length + (opens ? context.unit : 0);
		}
		return 0;
	}),
);

function before(doc: Text, at: number): { from: number; text: string } | null {
	const { from } = doc.lineAt(at);
	return from > 0 ? doc.lineAt(from - 1) : null;
}

export const colours = HighlightStyle.define([
	{ tag: t.definitionKeyword, color: "var(--syntax-keyword)", fontWeight: "600" },
	{ tag: t.controlKeyword, color: "var(--syntax-control)", fontWeight: "600" },
	{ tag: t.function(t.name), color: "var(--syntax-verb)" },
	{ tag: t.constant(t.name), color: "var(--syntax-code)", fontWeight: "600" },
	{ tag: t.className, color: "var(--syntax-profile)" },
	{ tag: t.definition(t.name), fontWeight: "600" },
	{ tag: [t.number, t.string], color: "var(--syntax-literal)" },
	{ tag: t.lineComment, color: "var(--dim)", fontStyle: "italic" },
]);
