import { type LitmusCode, litmusError, type Position, type Text } from "./problem.ts";

export interface Token {
	kind: "name" | "number" | "string" | "mark" | "end";
	text: string;
	/** Offset in the text. */
	at: number;
}

const BLANK = /\s+/y;
// "/" belongs to names, but not where it begins "/\".
const NAME = /[A-Za-z_.](?:[\w.-]|\/(?!\\))*/y;
const NUMBER = /-?(?:0[xX][0-9a-fA-F]+|\d+)/y;
const STRING = /"[^"]*"/y;
const MARK = /\/\\|\\\/|=>|==|!=|<>|[{}()[\];:,|=~$%&*+]/y;
const MARK_AFTER = /\s*(.)/y;
const LINE = /[^\n]*/y;
const WORD = /\S+/y;

/** Cuts a litmus file into tokens, on demand: the header is read by words and lines, the rest by tokens. */
export class Lexer {
	readonly #source: Text;
	readonly #lines: number[] = [0];
	#offset = 0;
	#end = 0;
	#ahead: Token | undefined;

	constructor(source: Text) {
		this.#source = source;
		const { text } = source;
		for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) this.#lines.push(i + 1);
	}

	/** The next token, which stays. */
	peek(): Token {
		this.#ahead ??= this.#read();
		return this.#ahead;
	}

	next(): Token {
		const token = this.peek();
		this.#ahead = undefined;
		if (token.kind !== "end") {
			this.#offset = token.at + token.text.length;
			this.#end = this.#offset;
		}
		return token;
	}

	/** Whether a mark or a word comes next. */
	is(...texts: string[]): boolean {
		const token = this.peek();
		return (token.kind === "mark" || token.kind === "name") && texts.includes(token.text);
	}

	/** Takes a mark or a word if it comes next. */
	take(...texts: string[]): boolean {
		const found = this.is(...texts);
		if (found) this.next();
		return found;
	}

	/** Whether the mark comes right after the next token. */
	follows(mark: string): boolean {
		const { at, text } = this.peek();
		MARK_AFTER.lastIndex = at + text.length;
		return MARK_AFTER.exec(this.#source.text)?.[1] === mark;
	}

	expect(text: string, hint?: string): Token {
		if (!this.is(text)) throw this.unexpected(`"${text}"`, hint);
		return this.next();
	}

	name(what: string, hint?: string): Token {
		if (this.peek().kind !== "name") throw this.unexpected(what, hint);
		return this.next();
	}

	/** A word of the header, up to a blank. */
	word(): { text: string; at: number } {
		this.#skip();
		return { at: this.#offset, text: this.#raw(WORD) };
	}

	/** What is left of the line. */
	line(): string {
		return this.#raw(LINE).trim();
	}

	/** The text from there to the end of the last token taken. */
	since(at: number): string {
		return this.#source.text.slice(at, this.#end);
	}

	position(at: number): Position {
		let low = 0;
		let high = this.#lines.length;
		while (high - low > 1) {
			const middle = (low + high) >> 1;
			if (this.#lines[middle]! <= at) low = middle;
			else high = middle;
		}
		return { line: low + 1, column: at - this.#lines[low]! + 1 };
	}

	error(code: LitmusCode, at: number | Position, what: string, hint?: string) {
		return litmusError(code, this.#source, typeof at === "number" ? this.position(at) : at, what, hint);
	}

	unexpected(wanted: string, hint?: string) {
		const { kind, text, at } = this.peek();
		const found = kind === "end" ? "the end of the file" : kind === "string" ? "a string" : text;
		return this.error("LITMUS_SYNTAX", at, `expected ${wanted}; found ${found}`, hint);
	}

	#read(): Token {
		this.#skip();
		const at = this.#offset;
		if (at >= this.#source.text.length) return { kind: "end", text: "", at };
		for (const [kind, shape] of SHAPES) {
			const text = this.#match(shape);
			if (text !== "") return { kind, text, at };
		}
		const found = String.fromCodePoint(this.#source.text.codePointAt(at)!);
		throw this.error("LITMUS_SYNTAX", at, `${JSON.stringify(found)} has no meaning here`);
	}

	/** Blanks and comments, which nest. */
	#skip(): void {
		const { text } = this.#source;
		for (;;) {
			this.#raw(BLANK);
			if (!text.startsWith("(*", this.#offset)) return;
			const start = this.#offset;
			let depth = 0;
			do {
				if (text.startsWith("(*", this.#offset)) {
					depth++;
					this.#offset += 2;
				} else if (text.startsWith("*)", this.#offset)) {
					depth--;
					this.#offset += 2;
				} else if (this.#offset >= text.length) {
					throw this.error("LITMUS_SYNTAX", start, "this comment has no end", 'Comments are "(* ... *)" and nest.');
				} else this.#offset++;
			} while (depth > 0);
		}
	}

	#match(shape: RegExp): string {
		shape.lastIndex = this.#offset;
		return shape.exec(this.#source.text)?.[0] ?? "";
	}

	#raw(shape: RegExp): string {
		const text = this.#match(shape);
		this.#offset += text.length;
		this.#ahead = undefined;
		return text;
	}
}

const SHAPES = [
	["name", NAME],
	["number", NUMBER],
	["string", STRING],
	["mark", MARK],
] as const;
