import type { SyntaxNode } from "@lezer/common";
import type { Condition, Expression, Operator, Test } from "./ast.ts";
import { problemAt } from "./problem.ts";
import type { Source } from "./source.ts";

/** Nodes of the grammar that are operands. */
export const OPERANDS: ReadonlySet<string> = new Set([
	"Name",
	"Number",
	"Index",
	"Part",
	"Interpolation",
	"Group",
	"Binary",
	"Comparison",
	"And",
	"Or",
	"Not",
	"Conditional",
]);

const MOST = 65_535;

const SKIPPED = new Set(["Comment", "CommentLine", "BlankLine"]);

/** The parts of a node, without what may stand between any of them. */
export function children(node: SyntaxNode): SyntaxNode[] {
	const all: SyntaxNode[] = [];
	for (let child = node.firstChild; child; child = child.nextSibling) if (!SKIPPED.has(child.name)) all.push(child);
	return all;
}

function operandsOf(node: SyntaxNode): SyntaxNode[] {
	return children(node).filter((child) => OPERANDS.has(child.name));
}

export function readNumber(source: Source, node: SyntaxNode): number {
	const value = Number(source.text.slice(node.from, node.to));
	if (value <= MOST) return value;
	throw problemAt(source, node.from, "SCENARIO_LIMIT", `numbers go up to ${MOST}`, undefined, node.to - node.from);
}

export function readExpression(source: Source, node: SyntaxNode): Expression {
	const text = (of: SyntaxNode) => source.text.slice(of.from, of.to);
	const parts = operandsOf(node);
	switch (node.name) {
		case "Name":
			return text(node);
		case "Number":
			return readNumber(source, node);
		case "Index":
			return { of: text(parts[0]!), at: readExpression(source, parts[1]!) };
		case "Part":
			return { of: text(parts[0]!), part: text(parts[1]!) };
		case "Interpolation":
			return { given: readCondition(source, parts[0]!) };
		case "Group":
			return readExpression(source, parts[0]!);
		case "Binary": {
			const [left, right] = parts as [SyntaxNode, SyntaxNode];
			const operator = text(children(node)[1]!) as Operator;
			return { left: readExpression(source, left), operator, right: readExpression(source, right) };
		}
	}
	throw problemAt(source, node.from, "SCENARIO_TYPE", "a condition is no value", undefined, node.to - node.from);
}

export function readTest(source: Source, node: SyntaxNode): { test: Test; right?: Expression } {
	const all = children(node);
	const compare = all.find((child) => child.name === "Compare");
	const last = all.at(-1)!;
	if (compare)
		return {
			test: source.text.slice(compare.from, compare.to) as Test,
			right: readExpression(source, last),
		};
	const word = source.text.slice(last.from, last.to);
	if (word === "odd" || word === "even") return { test: word };
	throw problemAt(source, last.from, "SCENARIO_SYNTAX", "a value is odd or even", "write: is odd", word.length);
}

export function readCondition(source: Source, node: SyntaxNode): Condition {
	const parts = operandsOf(node);
	const inner = (at: number) => readCondition(source, parts[at]!);
	switch (node.name) {
		case "Comparison":
			return { left: readExpression(source, parts[0]!), ...readTest(source, node) };
		case "And":
			return { both: [inner(0), inner(1)] };
		case "Or":
			return { either: [inner(0), inner(1)] };
		case "Not":
			return { not: inner(0) };
		case "Group":
			return inner(0);
		case "Conditional":
			return { if: inner(0), yes: inner(1), no: inner(2) };
	}
	return readExpression(source, node);
}
