import type { SyntaxNode } from "@lezer/common";
import { quote, suggestion } from "../input/words.ts";
import type { Expression } from "./ast.ts";
import { problemAt } from "./problem.ts";
import { children, OPERANDS, readExpression } from "./read-expression.ts";
import type { Source } from "./source.ts";

/** The words behind a declaration, in any order: `user colour 1 via T`. Each is taken once; what is left over is wrong. */
export class Words<V extends string> {
	readonly kind: string;
	readonly #source: Source;
	/** What stands behind the words that have something behind them. */
	readonly #values = new Map<string, SyntaxNode>();
	readonly #single: SyntaxNode[] = [];
	readonly #known: string[];

	/** `valued`: words that something stands behind. */
	constructor(source: Source, kind: string, node: SyntaxNode, valued: readonly V[]) {
		this.#source = source;
		this.kind = kind;
		this.#known = [...valued];
		// What stands before is the name of the thing, and what it is on.
		const all = children(node);
		const head = all.findLastIndex((child) => ["Where", "Onto", "Initial"].includes(child.name));
		const start = head >= 0 ? head : all.findIndex((child) => child.name === "Name");
		const words = all.slice(start + 1).filter((child) => OPERANDS.has(child.name));
		for (let i = 0; i < words.length; i++) {
			const word = this.#text(words[i]!);
			if (!(valued as readonly string[]).includes(word)) this.#single.push(words[i]!);
			else if (this.#values.has(word)) throw this.#fail(words[i]!, `${word} is said twice`);
			else if (i + 1 === words.length) throw this.#fail(words[i]!, `${word} needs something behind it`);
			else this.#values.set(word, words[++i]!);
		}
	}

	/** The one of some words that is there. */
	oneOf<T extends string>(words: readonly T[]): T | undefined {
		this.#known.push(...words);
		const at = this.#single.findIndex((node) => (words as readonly string[]).includes(this.#text(node)));
		return at < 0 ? undefined : (this.#text(this.#single.splice(at, 1)[0]!) as T);
	}

	/** Whether a word is there, with the one word behind it that it can have. */
	pair(first: V, second: string): true | undefined {
		const value = this.#values.get(first);
		if (value && this.#text(value) !== second) throw this.#fail(value, `expected ${first} ${second}`);
		return value && true;
	}

	/** The name behind a word. */
	name(word: V): string | undefined {
		const value = this.#values.get(word);
		if (value && value.name !== "Name")
			throw problemAt(
				this.#source,
				value.from,
				"SCENARIO_TYPE",
				`${word} needs a name`,
				undefined,
				value.to - value.from,
			);
		return value && this.#text(value);
	}

	/** The number behind a word. */
	number(word: V): Expression | undefined {
		const value = this.#values.get(word);
		return value && readExpression(this.#source, value);
	}

	/** Words that are there or not; asked for last. */
	flags<T extends string>(fields: Record<string, T>): { [K in T]?: true } {
		this.#known.push(...Object.keys(fields));
		const found: { [K in T]?: true } = {};
		for (const node of this.#single) {
			const word = this.#text(node);
			const field = Object.hasOwn(fields, word) ? fields[word] : undefined;
			if (field === undefined) {
				const hint = this.#known.length > 0 ? suggestion(word, this.#known) : undefined;
				throw this.#fail(node, `${this.kind} does not know ${quote(word)}`, hint);
			}
			if (found[field]) throw this.#fail(node, `${word} is said twice`);
			found[field] = true;
		}
		return found;
	}

	#text(node: SyntaxNode): string {
		return this.#source.text.slice(node.from, node.to);
	}

	#fail(node: SyntaxNode, message: string, hint?: string) {
		return problemAt(this.#source, node.from, "SCENARIO_SYNTAX", message, hint, node.to - node.from);
	}
}
