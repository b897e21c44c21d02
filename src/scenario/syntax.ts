import type { SyntaxNode, Tree } from "@lezer/common";
import { quote } from "../input/words.ts";
import { parser } from "./generated/grammar.ts";
import { LIMITS } from "./limits.ts";
import { problemAt } from "./problem.ts";
import { placeIn, type Source } from "./source.ts";

const strict = /* @__PURE__ */ parser.configure({ strict: true });

/** The syntax tree of a text that is a sentence of the language; else an error that says where it stops being one. */
export function parseTree(source: Source): SyntaxNode {
	checkSize(source);
	try {
		const tree = strict.parse(source.text);
		checkDepth(tree, source);
		return tree.topNode;
	} catch (error) {
		const stopped = error instanceof SyntaxError ? /^No parse at (\d+)$/.exec(error.message) : null;
		if (!stopped) throw error;
		throw explain(source, Number(stopped[1]));
	}
}

/** Refuses what would take long, before anything is done with it. */
function checkSize(source: Source): void {
	const { text } = source;
	if (text.length > LIMITS.text)
		throw problemAt(source, 0, "SCENARIO_LIMIT", `the text is longer than ${LIMITS.text} characters`);
	for (let start = 0; start < text.length; ) {
		const end = text.indexOf("\n", start);
		if (end - start > LIMITS.line)
			throw problemAt(source, start, "SCENARIO_LIMIT", `the line is longer than ${LIMITS.line} characters`);
		let columns = 0;
		while (text[start + columns] === " " || text[start + columns] === "\t") columns++;
		if (columns > LIMITS.indentation && start + columns < end)
			throw problemAt(source, start, "SCENARIO_LIMIT", `the line is indented by more than ${LIMITS.indentation}`);
		start = end + 1;
	}
	const name = new RegExp(`[\\w-]{${LIMITS.name + 1}}`).exec(
		text.replace(/#.*|"[^"\n]*"/g, (found) => " ".repeat(found.length)),
	);
	if (name) throw problemAt(source, name.index, "SCENARIO_LIMIT", `the name is longer than ${LIMITS.name} characters`);
}

function checkDepth(tree: Tree, source: Source): void {
	let depth = 0;
	tree.cursor().iterate(
		({ from }) => {
			if (++depth > LIMITS.nesting)
				throw problemAt(source, from, "SCENARIO_LIMIT", `nested more than ${LIMITS.nesting} deep`);
		},
		() => {
			depth--;
		},
	);
}

/** What the lines of a file look like, by their first word. */
const FORMS: Record<string, string> = {
	scenario: "scenario NAME",
	library: "library NAME",
	story: 'story "TEXT"',
	basis: "basis S0, derived",
	redundant: 'redundant "ACTION", "ACTION": "REASON"',
	profile: "profile NAME",
	model: "model sc | tso | arm8 | rcpc",
	use: "use LIBRARY",
	param: "param NAME = VALUE | VALUE, or param NAME = 2..8",
	page: "page NAME [lines N] [refs N] [owner NAME]",
	table: "table NAME [unlinked]",
	mm: "mm NAME",
	map: "map NAME -> PAGE [user | kernel] [colour N] [via TABLE] ...",
	var: "var NAME = NUMBER [per cpu] [lock]",
	macro: "macro NAME PARAMETER ..., then an indented block",
	actor: "actor NAME on cpu N, or actor NAME on each other cpu",
	handler: "handler irq on each other cpu, or handler nmi on cpu N",
	device: "device NAME",
	expect: "expect [PARAM=VALUE ...:] [PROFILE] [MODEL] VERDICT, ...",
	if: "if CONDITION: STATEMENT, or an indented block after the colon",
	else: "else: STATEMENT, under its if",
	while: "while CONDITION: STATEMENT",
	repeat: "repeat N: STATEMENT",
	each: "each other cpu NAME: STATEMENT",
};

function explain(source: Source, stopped: number) {
	const { text } = source;
	// At the end of a token the parser may stand before white space.
	let at = Math.min(stopped, text.length - 1);
	while (text[at] === " " || text[at] === "\t") at++;
	const { text: line, column } = placeIn(source, at);
	const before = line.slice(0, column - 1);
	const rest = line.slice(column - 1);
	const token = /^(?:[\w-]+|"[^"]*"|<-|->|[=!<>]=|\.\.|\S)/.exec(rest)?.[0];
	const first = /^\s*([\w-]+)/.exec(line)?.[1] ?? "";
	const form = Object.hasOwn(FORMS, first) ? `such a line is written: ${FORMS[first]}` : undefined;
	if (token === undefined || token === "#") {
		if (before.trim() === "" && at >= text.trimEnd().length)
			return problemAt(source, at, "SCENARIO_SYNTAX", "the file ends too early", "a file is one scenario or library");
		return problemAt(source, at, "SCENARIO_SYNTAX", "the line ends too early", form);
	}
	if (before.trim() === "") {
		const hint = form ?? "a scenario has declarations under it, an actor has statements, each level indented further";
		return problemAt(source, at, "SCENARIO_SYNTAX", `${quote(token)} cannot begin a line here`, hint, token.length);
	}
	return problemAt(source, at, "SCENARIO_SYNTAX", `${quote(token)} was not expected here`, form, token.length);
}
