import type { SyntaxNode } from "@lezer/common";
import { quote, suggestion } from "../profiles/nearest.ts";
import type { Expression } from "./ast.ts";
import { problemAt } from "./problem.ts";
import { children, OPERANDS, readExpression } from "./read-expression.ts";
import type { Source } from "./source.ts";

/** The words behind a declaration, in any order: `user colour 1 via T`. Each is taken once; what is left over is wrong. */
export class Words {
	readonly kind: string;
	readonly #source: Source;
	#left: SyntaxNode[];
	readonly #known: string[] = [];

	constructor(source: Source, kind: string, node: SyntaxNode) {
		this.#source = source;
		this.kind = kind;
		// What stands before is the name of the thing, and what it is on.
		const all = children(node);
		const head = all.findLastIndex((child) => ["Where", "Onto", "Initial"].includes(child.name));
		const start = head >= 0 ? head : all.findIndex((child) => child.name === "Name");
		this.#left = all.slice(start + 1).filter((child) => OPERANDS.has(child.name));
	}

	/** The one of some words that is there. */
	oneOf<T extends string>(words: readonly T[]): T | undefined {
		this.#known.push(...words);
		const at = this.#left.findIndex((node) => (words as readonly string[]).includes(this.#text(node)));
		return at < 0 ? undefined : (this.#text(this.#left.splice(at, 1)[0]!) as T);
	}

	/** Two words that mean something only together. */
	pair(first: string, second: string): true | undefined {
		this.#known.push(first);
		const value = this.#after(first);
		if (!value) return undefined;
		if (this.#text(value) !== second)
			throw problemAt(this.#source, value.from, "SCENARIO_SYNTAX", `expected ${first} ${second}`);
		return true;
	}

	/** The name after a word. */
	name(word: string): string | undefined {
		this.#known.push(word);
		const value = this.#after(word);
		if (!value) return undefined;
		if (value.name !== "Name")
			throw problemAt(
				this.#source,
				value.from,
				"SCENARIO_TYPE",
				`${word} needs a name`,
				undefined,
				value.to - value.from,
			);
		return this.#text(value);
	}

	/** The numbers after words. */
	numbers<T extends string>(...words: T[]): { [K in T]?: Expression } {
		this.#known.push(...words);
		const found: { [K in T]?: Expression } = {};
		for (const word of words) {
			const value = this.#after(word);
			if (value) found[word] = readExpression(this.#source, value);
		}
		return found;
	}

	/** Words that are there or not; asked for last. */
	flags<T extends string>(fields: Record<string, T>): { [K in T]?: true } {
		this.#known.push(...Object.keys(fields));
		const found: { [K in T]?: true } = {};
		for (const node of this.#left) {
			const word = this.#text(node);
			const field = Object.hasOwn(fields, word) ? fields[word] : undefined;
			if (field === undefined || found[field]) {
				const message = field ? `${word} is said twice` : `${this.kind} does not know ${quote(word)}`;
				const hint = this.#known.length > 0 && !field ? suggestion(word, this.#known) : undefined;
				throw problemAt(this.#source, node.from, "SCENARIO_SYNTAX", message, hint, node.to - node.from);
			}
			found[field] = true;
		}
		return found;
	}

	#after(word: string): SyntaxNode | undefined {
		const at = this.#left.findIndex((node) => this.#text(node) === word);
		if (at < 0) return undefined;
		const [node, value] = this.#left.splice(at, 2);
		if (!value)
			throw problemAt(
				this.#source,
				node!.from,
				"SCENARIO_SYNTAX",
				`${word} needs something after it`,
				undefined,
				word.length,
			);
		return value;
	}

	#text(node: SyntaxNode): string {
		return this.#source.text.slice(node.from, node.to);
	}
}
