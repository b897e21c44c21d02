import { readable } from "../input/readable.ts";
import { type PlaceParser, parseProposition } from "./condition.ts";
import { parseInstruction, parseNumber } from "./instruction.ts";
import { Lexer } from "./lexer.ts";
import type { Architecture, Constant, Litmus, LitmusThread, Place } from "./litmus.ts";
import { registerOf } from "./registers.ts";

const SHAPE = 'A test begins with "X86 name" or "X86_64 name".';
const OTHERS = ["AArch64", "ARM", "ASL", "BPF", "C", "CPP", "JAVA", "LISA", "Bell", "MIPS", "PPC", "PTX", "RISCV"];
/** As many CPUs as a Program has. */
const MAX_THREADS = 8;
const MAX_INSTRUCTIONS = 1000;
const MAX_VARIABLES = 1000;
const FINAL = ["exists", "forall", "final", "locations", "filter", "~", "not", "("];

/** Reads a litmus file of herd's for X86 or X86_64. `file` is its name in errors. */
export function parseLitmus(given: string, options: { file?: string } = {}): Litmus {
	const { text, file } = readable(given, options);
	const source = { text: text.replace(/^\uFEFF/, ""), file };
	return new Parser(new Lexer(source), source).parse();
}

class Parser implements PlaceParser {
	readonly #lexer: Lexer;
	readonly #litmus: Litmus;

	constructor(lexer: Lexer, source: { text: string; file: string | undefined }) {
		this.#lexer = lexer;
		this.#litmus = {
			...source,
			architecture: "X86",
			name: "",
			info: undefined,
			keys: new Map(),
			variables: new Map(),
			threads: [],
			locations: [],
			filter: undefined,
			quantifier: "forall",
			condition: { is: "constant", value: true },
		};
	}

	parse(): Litmus {
		this.#header();
		const late = this.#initialState();
		this.#code();
		for (const check of late) check();
		this.#final();
		return this.#litmus;
	}

	#header(): void {
		const lexer = this.#lexer;
		const architecture = lexer.word();
		if (architecture.text !== "X86" && architecture.text !== "X86_64") {
			const { text, at } = architecture;
			const found = text === "" ? "the end of the file" : JSON.stringify(text.slice(0, 20));
			const what = OTHERS.includes(text)
				? `tests for ${text} are not read, only those for X86 and X86_64`
				: `expected X86 or X86_64; found ${found}`;
			throw lexer.error("LITMUS_ARCHITECTURE", at, what, SHAPE);
		}
		this.#litmus.architecture = architecture.text;
		const name = lexer.word();
		if (!/^[^{"]+$/.test(name.text)) throw lexer.error("LITMUS_SYNTAX", name.at, "expected the test's name", SHAPE);
		this.#litmus.name = name.text;
		while (!lexer.take("{")) {
			const token = lexer.peek();
			if (token.kind === "string") {
				lexer.next();
				this.#litmus.info ??= token.text.slice(1, -1);
			} else {
				const hint = 'Before it come a quoted line and lines "Key=value".';
				const key = lexer.name('"{" and the initial state', hint).text;
				lexer.expect("=", hint);
				this.#litmus.keys.set(key, lexer.line());
			}
		}
	}

	/** Up to "}". Returns what can be checked only when the threads are known. */
	#initialState(): (() => void)[] {
		const late: (() => void)[] = [];
		while (!this.#lexer.take("}")) {
			if (this.#lexer.take(";")) continue;
			late.push(this.#binding());
			if (!this.#lexer.is("}")) this.#lexer.expect(";");
		}
		return late;
	}

	/** `x=1`, `uint64_t x`, `int 0:rax = 2`, `0:RDI=x`, `int *p = &x`. */
	#binding(): () => void {
		const lexer = this.#lexer;
		const types: string[] = [];
		let at = lexer.peek().at;
		let place: { thread: number; register: string } | { variable: string } | undefined;
		while (!place) {
			const token = lexer.peek();
			at = token.at;
			if (lexer.take("*")) continue;
			if (token.kind === "number") place = this.#register();
			else if (lexer.take("[")) {
				place = { variable: lexer.name("a variable").text };
				lexer.expect("]");
			} else {
				const { text } = lexer.name("a variable, a register like 0:EAX, or a type");
				if (lexer.take(":")) place = this.#registerOf(text, at);
				else if (lexer.is("=", ";", "}", "[")) place = { variable: text };
				else types.push(text);
			}
		}
		if (lexer.is("[") && "variable" in place) {
			throw lexer.error("LITMUS_OPERAND", at, `${place.variable} is an array`, "Each variable is one whole value.");
		}
		const initial = lexer.take("=") ? this.#constant() : 0n;
		const type = types.at(-1);
		if ("variable" in place) {
			this.#variable(place.variable);
			this.#litmus.variables.set(place.variable, { initial, type });
			return () => {};
		}
		const { thread, register } = place;
		return () => {
			const found = this.#thread(thread, at);
			found.initial.set(register, initial);
			if (type !== undefined) found.types.set(register, type);
		};
	}

	/** " P0 | P1 ;", then rows of as many cells. */
	#code(): void {
		const lexer = this.#lexer;
		const { threads, architecture } = this.#litmus;
		lexer.take(";");
		do {
			const { text, at } = lexer.name("P0", 'After the initial state come the columns: "P0 | P1 ;".');
			const number = /^P\d{1,4}$/.test(text) ? Number(text.slice(1)) : undefined;
			if (number === undefined || threads.some((other) => other.number === number)) {
				throw lexer.error("LITMUS_SYNTAX", at, `expected a thread like P${threads.length}; found ${text}`);
			}
			if (threads.length === MAX_THREADS) {
				throw lexer.error("LITMUS_TOO_LARGE", at, `more than ${MAX_THREADS} threads`);
			}
			threads.push({ number, initial: new Map(), types: new Map(), code: [], labels: new Map() });
		} while (lexer.take("|"));
		lexer.expect(";", 'Every row ends with ";".');
		const around = { architecture, variable: (name: string) => this.#variable(name) };
		while (lexer.peek().kind !== "end" && !lexer.is(...FINAL)) {
			for (const [column, thread] of threads.entries()) {
				if (column > 0) lexer.expect("|", `Every row has a cell for each of the ${threads.length} threads.`);
				this.#cell(thread, around);
			}
			lexer.expect(";", 'Every row ends with ";", every cell with "|".');
		}
		for (const thread of threads) {
			for (const instruction of thread.code) {
				if (instruction.op === "jump" && !thread.labels.has(instruction.label)) {
					const what = `P${thread.number} has no label ${instruction.label}`;
					throw lexer.error("LITMUS_NAME", instruction.at, what);
				}
			}
		}
	}

	#cell(thread: LitmusThread, around: { architecture: Architecture; variable(name: string): void }): void {
		const lexer = this.#lexer;
		while (!lexer.is("|", ";")) {
			const before = lexer.peek();
			const instruction = this.#label(thread) ?? parseInstruction(lexer, around);
			if (instruction === "label") continue;
			if (thread.code.length === MAX_INSTRUCTIONS) {
				throw lexer.error("LITMUS_TOO_LARGE", before.at, `more than ${MAX_INSTRUCTIONS} instructions in a thread`);
			}
			thread.code.push(instruction);
			if (!lexer.is("|", ";")) {
				throw lexer.unexpected('";" or "|"', `After ${lexer.since(before.at).trim().slice(0, 40)} the cell ends.`);
			}
		}
	}

	/** A label, if one comes next. */
	#label(thread: LitmusThread): "label" | undefined {
		const lexer = this.#lexer;
		const { kind, text, at } = lexer.peek();
		if (kind !== "name" || !lexer.follows(":")) return undefined;
		lexer.next();
		lexer.next();
		if (thread.labels.has(text)) throw lexer.error("LITMUS_NAME", at, `P${thread.number} has two labels ${text}`);
		thread.labels.set(text, thread.code.length);
		return "label";
	}

	#final(): void {
		const lexer = this.#lexer;
		if (lexer.take("locations")) {
			lexer.expect("[");
			while (!lexer.take("]")) {
				this.#litmus.locations.push(this.place());
				// A type, as herd allows.
				while (lexer.peek().kind === "name" || lexer.is("*")) lexer.next();
				if (!lexer.is("]")) lexer.expect(";");
			}
		}
		if (lexer.take("filter")) this.#litmus.filter = parseProposition(lexer, this);
		if (lexer.peek().kind !== "end") {
			if (lexer.take("~", "not")) {
				lexer.expect("exists");
				this.#litmus.quantifier = "~exists";
			} else if (lexer.take("forall")) this.#litmus.quantifier = "forall";
			else if (lexer.take("exists", "final") || lexer.is("(")) this.#litmus.quantifier = "exists";
			else throw lexer.unexpected("exists, ~exists or forall");
			this.#litmus.condition = parseProposition(lexer, this);
			lexer.take(";");
		}
		if (lexer.peek().kind !== "end") {
			throw lexer.unexpected("the end of the file", "A condition joins its parts with /\\ (and) and \\/ (or).");
		}
	}

	place(): Place {
		const lexer = this.#lexer;
		const { kind, text, at } = lexer.peek();
		if (kind === "number") return this.#checked(this.#register(), at);
		if (lexer.take("[")) {
			const variable = lexer.name("a variable").text;
			lexer.expect("]");
			this.#variable(variable);
			return { variable };
		}
		lexer.take("*");
		lexer.name("a place: 0:EAX, x or [x]");
		if (lexer.take(":")) return this.#checked(this.#registerOf(text, at), at);
		this.#variable(text);
		return { variable: text };
	}

	value(): Place | Constant {
		const lexer = this.#lexer;
		if (lexer.is("[", "*")) return this.place();
		if (lexer.peek().kind === "number" && lexer.follows(":")) return this.place();
		if (/^P\d+$/.test(lexer.peek().text) && lexer.follows(":")) return this.place();
		return this.#constant();
	}

	#constant(): Constant {
		const lexer = this.#lexer;
		lexer.take("$", "&");
		if (lexer.peek().kind !== "name") return parseNumber(lexer);
		const { text } = lexer.next();
		this.#variable(text);
		return text;
	}

	/** `0:EAX`, from its number on. */
	#register(): { thread: number; register: string } {
		const { text, at } = this.#lexer.next();
		this.#lexer.expect(":");
		return this.#registerOf(`P${text}`, at);
	}

	#registerOf(thread: string, at: number): { thread: number; register: string } {
		const lexer = this.#lexer;
		if (!/^P\d{1,4}$/.test(thread)) {
			throw lexer.error("LITMUS_SYNTAX", at, "expected a thread, as in 0:EAX or P0:EAX");
		}
		lexer.take("%");
		const name = lexer.name("a register");
		const register = registerOf(name.text, this.#litmus.architecture);
		if (!register) {
			const what = `${name.text} is no register of ${this.#litmus.architecture}`;
			throw lexer.error("LITMUS_OPERAND", name.at, what);
		}
		return { thread: Number(thread.slice(1)), register: register.name };
	}

	#checked(place: { thread: number; register: string }, at: number): Place {
		this.#thread(place.thread, at);
		return place;
	}

	#thread(number: number, at: number): LitmusThread {
		const found = this.#litmus.threads.find((thread) => thread.number === number);
		if (!found) throw this.#lexer.error("LITMUS_NAME", at, `there is no thread P${number}`);
		return found;
	}

	#variable(name: string): void {
		const { variables } = this.#litmus;
		if (variables.has(name)) return;
		if (variables.size === MAX_VARIABLES) {
			throw this.#lexer.error("LITMUS_TOO_LARGE", this.#lexer.peek().at, `more than ${MAX_VARIABLES} variables`);
		}
		variables.set(name, { initial: 0n, type: undefined });
	}
}
