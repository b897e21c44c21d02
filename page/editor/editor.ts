// The editor of scenarios: CodeMirror with the language's own grammar. It lives in a shadow tree, where its styles are adopted
// sheets: a page that allows no inline style can have it.

import { autocompletion, closeBrackets, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import {
	Decoration,
	type DecorationSet,
	drawSelection,
	EditorView,
	highlightActiveLine,
	keymap,
	lineNumbers,
} from "@codemirror/view";
import type { Vocabulary } from "../check/types.ts";
import { completionsOf } from "./completion.ts";
import { colours, scenarioLanguage } from "./language.ts";

export interface EditorProblem {
	message: string;
	line?: number;
	column?: number;
}

export interface Editor {
	/** Another text; `anew`: of another scenario, so that undoing ends there. */
	set(text: string, anew: boolean): void;
	/** Marks what is wrong. */
	problem(problem: EditorProblem | null): void;
	/** Lights the line of the step that is shown; 0: none. */
	light(line: number): void;
	focus(): void;
}

const lightLine = StateEffect.define<number>();

const lit = StateField.define<DecorationSet>({
	create: () => Decoration.none,
	update(marks, transaction) {
		for (const effect of transaction.effects) {
			if (!effect.is(lightLine)) continue;
			const { doc } = transaction.state;
			if (effect.value < 1 || effect.value > doc.lines) return Decoration.none;
			const mark = Decoration.line({ class: "cm-step" });
			return Decoration.set([mark.range(doc.line(effect.value).from)]);
		}
		return marks.map(transaction.changes);
	},
	provide: (field) => EditorView.decorations.from(field),
});

export function editor(
	parent: HTMLElement,
	vocabulary: Vocabulary,
	text: string,
	typed: (text: string) => void,
): Editor {
	const root = parent.attachShadow({ mode: "open" });
	let silent = false;
	const stateOf = (doc: string) =>
		EditorState.create({
			doc,
			extensions: [
				lineNumbers(),
				history(),
				drawSelection(),
				highlightActiveLine(),
				bracketMatching(),
				closeBrackets(),
				indentUnit.of("  "),
				EditorState.tabSize.of(2),
				scenarioLanguage,
				syntaxHighlighting(colours),
				autocompletion({ override: [completionsOf(vocabulary)] }),
				lintGutter(),
				lit,
				// Tab indents, and Escape then Tab leaves: as CodeMirror's own keymap has it.
				keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab]),
				EditorView.contentAttributes.of({
					tabindex: "0",
					"aria-label": "Text of the scenario; Escape, then Tab leaves the editor",
				}),
				EditorView.updateListener.of(({ docChanged, state }) => {
					if (docChanged && !silent) typed(state.doc.toString());
				}),
				look,
			],
		});
	const view = new EditorView({ root, parent: root, state: stateOf(text) });
	return {
		set(next, anew) {
			if (anew) return view.setState(stateOf(next));
			const now = view.state.doc.toString();
			if (now === next) return;
			silent = true;
			view.dispatch({ changes: { from: 0, to: now.length, insert: next } });
			silent = false;
		},
		problem(problem) {
			const found: Diagnostic[] = [];
			if (problem) {
				const { doc } = view.state;
				const line = doc.line(Math.min(doc.lines, Math.max(1, problem.line ?? 1)));
				const from = Math.min(line.to, line.from + (problem.column ?? 1) - 1);
				const word = /^[\w.-]+/.exec(doc.sliceString(from, line.to))?.[0].length ?? 1;
				found.push({ from, to: Math.min(line.to, from + word), severity: "error", message: problem.message });
			}
			view.dispatch(setDiagnostics(view.state, found));
		},
		light(line) {
			view.dispatch({ effects: lightLine.of(line) });
		},
		focus() {
			view.focus();
		},
	};
}

const look = EditorView.theme({
	"&": { height: "100%", fontSize: "inherit", backgroundColor: "var(--field)", color: "var(--ink)" },
	"&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-2px" },
	".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5" },
	".cm-content": { caretColor: "var(--ink)" },
	".cm-cursor": { borderLeftColor: "var(--ink)" },
	".cm-gutters": { backgroundColor: "var(--field)", color: "var(--dim)", border: "none" },
	".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--active-line)" },
	".cm-step": { backgroundColor: "var(--lit)", boxShadow: "inset 3px 0 var(--accent)" },
	".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
		background: "var(--selection)",
	},
	".cm-tooltip": { backgroundColor: "var(--panel)", color: "var(--ink)", border: "1px solid var(--edge)" },
	".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
	".cm-tooltip.cm-completionInfo": { padding: "6px 10px", maxWidth: "24em" },
	".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
	".cm-matchingBracket": { backgroundColor: "var(--lit)" },
});
